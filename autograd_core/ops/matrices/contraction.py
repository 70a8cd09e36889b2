"""Contractions: products of arrays added up over pairs of axes, or over indices that are spelt out."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.graph.node import Array
from autograd_core.graph.primitive import Each, as_operand, bilinear, primitive
from autograd_core.ops.entrywise.selection import where
from autograd_core.ops.matrices.products import matmul, vectors
from autograd_core.ops.shaping.axes import Shape, some_axes_of
from autograd_core.ops.shaping.shape import broadcast_to, reshape, sum_to, transpose
from autograd_core.wording.arguments import is_sequence, whole
from autograd_core.wording.errors import OptionError, ShapeError, describe
from autograd_core.wording.notation import ATOM, Notation, applied

__all__ = ["dot", "einsum", "inner", "tensordot", "vecdot"]


def _rank(order: Sequence[int]) -> list[int]:
    """Which of the numbers is the smallest, the next and so on."""
    return sorted(range(len(order)), key=order.__getitem__)


def _in_order(x: Any, axes: Sequence[int]) -> Any:
    """Reorder axes that carry these numbers, so that the numbers rise."""
    order = _rank(axes)
    return x if order == list(range(x.ndim)) else transpose(x, order)


def _free(x: Any, axes: Sequence[int]) -> Shape:
    """The axes that are not contracted."""
    return tuple(i for i in range(x.ndim) if i not in axes)


def _tensordot_left(ct: Any, a: Any, b: Any, axes: tuple[Shape, Shape]) -> Any:
    """Contract the cotangent with the axes that b has brought, and put a's axes back in order."""
    left, right = axes
    free = _free(b, right)
    found = _tensordot(ct, b, axes=(tuple(range(ct.ndim - len(free), ct.ndim)), free))
    return _in_order(found, (*_free(a, left), *(left[k] for k in _rank(right))))


def _tensordot_right(ct: Any, a: Any, b: Any, axes: tuple[Shape, Shape]) -> Any:
    """The same with the axes that a has brought."""
    left, right = axes
    free = _free(a, left)
    found = _tensordot(a, ct, axes=(free, tuple(range(len(free)))))
    return _in_order(found, (*(right[k] for k in _rank(left)), *_free(b, right)))


@bilinear(
    _tensordot_left,
    _tensordot_right,
    notation=applied("tensordot"),
    flops=lambda out, a, _b, axes: 2 * out.size * math.prod(a.shape[i] for i in axes[0]),
)
def _tensordot(a: Any, b: Any, *, axes: tuple[Shape, Shape]) -> Any:
    return np.tensordot(a, b, axes)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Multiply and add up over pairs of axes; the others stand in order, those of `a` first.

    Parameters
    ----------
    a, b : array or Tensor
    axes : int, or pair of ints or of sequences of int
        How many last axes of `a` meet as many first ones of `b`; or those of `a` and those of `b`.

    Raises
    ------
    ShapeError
        There is no such axis, one is named twice, or the sizes of a pair differ.

    Examples
    --------
    >>> tensordot(np.ones((2, 3, 4)), np.ones((4, 3)), axes=([1, 2], [1, 0]))
    array([12., 12.])
    """
    a, b = as_operand(a), as_operand(b)
    if not is_sequence(axes):
        count = whole(
            axes, "tensordot: axes", "a whole number, or one or several axes for each operand", truth=True
        )
        if not 0 <= count <= min(a.ndim, b.ndim):
            raise ShapeError(f"tensordot: {describe(a)} and {describe(b)} have no {count} axes to meet")
        axes = range(a.ndim - count, a.ndim), range(count)
    if len(axes) != 2:
        raise ShapeError(
            f"tensordot: axes is {axes!r:.60}, wanted those of one operand and those of the other"
        )
    pairs = [some_axes_of("tensordot", x, given, what="axes") for x, given in zip((a, b), axes)]
    return _tensordot(a, b, axes=tuple(pairs))


def dot(a: Any, b: Any) -> Any:
    """Multiply as np.dot does: Σ_k a[..., k] b[..., k, :], with `matmul` for matrices and vectors.

    A number multiplies entry by entry. All axes of `a` come before those of `b`; stacks do not broadcast.

    Raises
    ------
    ShapeError
        The last size of `a` is not the last but one of `b`, or the only one.

    Examples
    --------
    >>> dot(np.array([[1.0, 2.0]]), np.array([3.0, 4.0]))
    array([11.])
    """
    a, b = as_operand(a), as_operand(b)
    if not a.ndim or not b.ndim:
        return a * b
    return matmul(a, b) if b.ndim <= 2 else tensordot(a, b, axes=(-1, -2))


def inner(a: Any, b: Any) -> Any:
    """Multiply and add up over the last axis of both: Σ_k a[..., k] b[..., k], for every pair of rows.

    A number multiplies entry by entry.

    Raises
    ------
    ShapeError
        The last sizes differ.

    Examples
    --------
    >>> inner(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 1.0]))
    array([3., 7.])
    """
    a, b = as_operand(a), as_operand(b)
    if not a.ndim or not b.ndim:
        return a * b
    return matmul(a, b) if b.ndim == 1 else tensordot(a, b, axes=(-1, -1))


def vecdot(a: Any, b: Any, *, axis: int = -1) -> Any:
    """Multiply vectors along an axis, Σ_k a[..., k] b[..., k]; stacks of vectors broadcast.

    Raises
    ------
    ShapeError
        There is no such axis, or the vectors differ in length.

    Examples
    --------
    >>> vecdot(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 10.0]))
    array([21., 43.])
    """
    a, b = vectors("vecdot", a, b, axis)
    return einsum("...i,...i->...", a, b)


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@functools.lru_cache(maxsize=4096)
def _terms(subscripts: str) -> tuple[tuple[str, ...], str]:
    """The indices of every operand, and those of the result."""
    operands, _, output = subscripts.partition("->")
    return tuple(operands.split(",")), output


@functools.lru_cache(maxsize=4096)
def _solved_for(i: int, subscripts: str) -> tuple[str, str]:
    """The subscripts with operand i and the result exchanged, and the indices of i that others have too."""
    inputs, output = _terms(subscripts)
    others = ",".join((*inputs[:i], output, *inputs[i + 1 :]))
    known = "".join(c for c in dict.fromkeys(inputs[i]) if c in others)
    return f"{others}->{known}", known


def _einsum_vjp(i: int, ct: Any, _out: Any, *args: Any, subscripts: str, optimize: Any) -> Any:
    solved, known = _solved_for(i, subscripts)
    found = _einsum(*args[:i], ct, *args[i + 1 :], subscripts=solved, optimize=optimize)
    return _laid_out(found, known, _terms(subscripts)[0][i], args[i].shape)


def _laid_out(ct: Any, known: str, own: str, shape: Shape) -> Any:
    """Give a cotangent, whose axes are the indices `known`, the axes `own` of its operand.

    It is summed where the operand was broadcast, repeated over an index that occurs nowhere else, and
    stands on the diagonal of one that the operand has twice.
    """
    if known == own and ct.shape == shape:
        return ct
    size = dict(zip(own, shape))
    ct = sum_to(ct, [1 if size[c] == 1 else n for c, n in zip(known, ct.shape)])
    left = dict(zip(known, ct.shape))
    ct = reshape(ct, [left.pop(c, 1) for c in own])
    return broadcast_to(ct, shape) if len(size) == len(own) else where(_diagonal(own, shape), ct, 0.0)


def _diagonal(own: str, shape: Shape) -> Array:
    """Whether the positions along axes of the same index agree."""
    places = np.indices(shape, sparse=True)
    agree = [place == places[own.index(c)] for c, place in zip(own, places)]
    return functools.reduce(np.logical_and, agree)


def _einsum_jvp(i: int, t: Any, _out: Any, *args: Any, subscripts: str, optimize: Any) -> Any:
    return _einsum(*args[:i], t, *args[i + 1 :], subscripts=subscripts, optimize=optimize)


def _sum_of_products(sigma: str, entry: str, left: str, right: str) -> Callable[..., str]:
    """How to write the sum in a dialect, given its sum sign, an entry of an operand, and brackets."""

    def written(*operands: str, subscripts: str, optimize: Any) -> str:
        inputs, output = _terms(subscripts)
        summed = "".join(dict.fromkeys(c for c in "".join(inputs) if c not in output))
        factors = [entry.format(x, own) if own else x for x, own in zip(operands, inputs)]
        total = left + " ".join([sigma.format(summed), *factors] if summed else factors) + right
        return entry.format(total, output) if output else total

    return written


def _einsum_source(*operands: str, subscripts: str, optimize: str) -> str:
    return f"np.einsum({', '.join([subscripts, *operands])}, optimize={optimize})"


def _einsum_flops(_out: Any, *args: Any, subscripts: str, optimize: Any) -> int:
    """Of the sum as it is written, whatever order `optimize` finds."""
    size = {c: n for x, own in zip(args, _terms(subscripts)[0]) for n, c in zip(x.shape, own) if n != 1}
    return len(args) * int(math.prod(size.values()))


@primitive(
    vjps=Each(_einsum_vjp),
    jvps=Each(_einsum_jvp),
    notation=Notation(
        "einsum",
        _sum_of_products("Σ_{}", "{}_{}", "[", "]"),
        _sum_of_products(r"\sum_{{{}}}", "{{{}}}_{{{}}}", r"\left[", r"\right]"),
        _einsum_source,
        operands=(ATOM,),
    ),
    flops=_einsum_flops,
)
def _einsum(*operands: Any, subscripts: str, optimize: Any) -> Any:
    return np.einsum(subscripts, *operands, optimize=optimize)


def einsum(subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    """Multiply entries and add up over indices, in the summation convention: ``einsum("ij,jk->ik", A, B)``.

    Takes what NumPy takes: an ellipsis for axes that broadcast, an index twice in one operand for its
    diagonal, indices that occur once in alphabetical order for a missing result, and the alternating
    form ``einsum(A, [0, 1], B, [1, 2], [0, 2])``.

    Parameters
    ----------
    subscripts : str
    *operands : arrays or Tensors
    optimize : bool, str or sequence
        Passed on to NumPy, also in the derivative: in which order to multiply several operands.

    Raises
    ------
    OptionError
        The subscripts do not name as many operands, or their axes, or `optimize` is something else.
    ShapeError
        Sizes along an index differ.

    Notes
    -----
    The cotangent of an operand is the einsum of that of the result, standing in its place, with the other
    operands. It is repeated over an index that occurs nowhere else, and lies on the diagonal of one that
    the operand has twice.

    Examples
    --------
    >>> A = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> einsum("ij,j", A, [1.0, 10.0])
    array([21., 43.])
    >>> float(einsum("ii", A))
    5.0
    """
    if not isinstance(subscripts, str):
        subscripts, operands = _in_letters((subscripts, *operands))
    arrays = [as_operand(x) for x in operands]
    explicit = _explicit(subscripts, tuple(x.ndim for x in arrays))
    if not (optimize is None or isinstance(optimize, bool | str) or is_sequence(optimize)):
        raise OptionError(f"einsum: optimize is {optimize!r:.60}, wanted {_ORDERS}")
    return _einsum(*arrays, subscripts=explicit, optimize=optimize)


_ORDERS = "True, False, 'greedy', 'optimal' or a path from np.einsum_path"


def _in_letters(args: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """Bring the alternating form, an operand and its indices as numbers, to that with letters."""
    operands, indices = args[: len(args) // 2 * 2 : 2], args[1::2]

    def spelt(numbers: Any) -> str:
        if not is_sequence(numbers) or not all(k is ... or _numbers_a_letter(k) for k in numbers):
            raise OptionError(
                f"einsum: indices {numbers!r:.60} are not all ... or from 0 to {len(_LETTERS) - 1}; "
                'subscripts are a text, as in "ij,jk->ik"'
            )
        return "".join("..." if k is ... else _LETTERS[k] for k in numbers)

    result = f"->{spelt(args[-1])}" if len(args) % 2 else ""
    return ",".join(map(spelt, indices)) + result, operands


def _numbers_a_letter(k: Any) -> bool:
    return isinstance(k, int | np.integer) and 0 <= int(k) < len(_LETTERS)


@functools.lru_cache(maxsize=4096)
def _explicit(subscripts: str, ndims: Shape) -> str:
    """Write the result out, and letters in the place of ellipses."""
    given, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = given.split(",")
    if len(terms) != len(ndims):
        raise OptionError(f"einsum: {subscripts!r} names {len(terms)} operands, and {len(ndims)} are given")
    if not arrow:
        output = "..." + "".join(c for c in sorted(set(given) - {",", "."}) if given.count(c) == 1)
    covered = [ndim - len(term) + 3 if "..." in term else 0 for ndim, term in zip(ndims, terms)]
    most = max(covered, default=0)
    if min(covered, default=0) < 0 or (most and "..." not in output):
        axes = ", ".join(map(str, ndims))
        raise OptionError(
            f"einsum: {subscripts!r} for operands of {axes} axes; an ellipsis stands for those without a "
            "letter, in the result too"
        )
    fresh = "".join(c for c in reversed(_LETTERS) if c not in subscripts)[:most][::-1]
    terms = [term.replace("...", fresh[most - n :]) for term, n in zip(terms, covered)]
    return f"{','.join(terms)}->{output.replace('...', fresh)}"
