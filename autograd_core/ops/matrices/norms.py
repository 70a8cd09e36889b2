"""Norms of vectors and matrices, and what follows from singular values: condition and rank.

The norm of zero has derivative 0, and so has each zero entry or singular value that a norm adds up or
compares by its size; equal largest ones share the derivative equally.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from autograd_core.graph.dispatch import values_of
from autograd_core.graph.primitive import as_operand
from autograd_core.graph.stated import stated
from autograd_core.ops.entrywise.elementary import absolute, sqrt
from autograd_core.ops.entrywise.floating import least, most, widened
from autograd_core.ops.entrywise.logic import logical_and
from autograd_core.ops.entrywise.powers import power
from autograd_core.ops.entrywise.rounding import sign
from autograd_core.ops.entrywise.selection import equal, greater, less, not_equal, where
from autograd_core.ops.matrices.linalg import inv, matrices
from autograd_core.ops.matrices.spectra import svdvals
from autograd_core.ops.reducing.reduction import Axes, kept, max, min, reducing, sum
from autograd_core.ops.shaping.axes import Axis, axes_of
from autograd_core.ops.shaping.shape import astype, expand_dims, moveaxis, squeeze
from autograd_core.system.quiet import unwarned
from autograd_core.wording.arguments import number, truth
from autograd_core.wording.errors import OptionError, ShapeError, describe
from autograd_core.wording.notation import Notation

__all__ = ["cond", "matrix_norm", "matrix_rank", "norm", "vector_norm"]

_add_over: Any = np.add.reduce
_length: Any = np.linalg.norm

Order = float | str | None


def _written_direction(size: Any, x: Any, axis: Axes, ord: float) -> Any:
    size = where(equal(size, 0), math.inf, size)
    if ord == 2:
        return x / size
    if ord < 0:
        x = where(equal(size, math.inf), 0.0, x)
    return sign(x) * power(where(equal(x, 0), 1.0, absolute(x) / size), ord - 1)


def _direction_by_size(u: Any, size: Any, _x: Any, *, axis: Axes, ord: float) -> Any:
    return (1 - ord) * u / where(equal(size, 0), math.inf, size)


def _direction_by_entry(u: Any, size: Any, x: Any, *, axis: Axes, ord: float) -> Any:
    """Derivative of sign(x) (|x| / ‖x‖)ᵖ⁻¹ by the x that is written there, taken as 0 where that is 0."""
    if ord == 2:
        return 1 / where(equal(size, 0), math.inf, size)
    zero = equal(x, 0)
    return (ord - 1) * where(zero, 0.0, u / where(zero, 1.0, x))


@stated(_written_direction, _direction_by_size, _direction_by_entry)
@widened
def _direction(size: Any, x: Any, *, axis: Axes, ord: float) -> Any:
    """Derivative of the norm: x / ‖x‖ for the Euclidean one, sign(x) (|x| / ‖x‖)ᵖ⁻¹ for others; 0 at 0."""
    if x.size == 0 or _is_safe(size, ord):
        return _written_direction(size, x, axis=axis, ord=ord)
    shares, _, rules = _shares(x, axis, ord)
    total = unwarned(_total, shares, axis, ord, True)
    gone = np.logical_or(np.equal(x, 0), np.equal(rules, 0))
    shares = np.where(gone, 1, shares / np.where(np.equal(total, 0), 1, total))
    return np.where(gone, 0, np.sign(x) * (shares if ord == 2 else np.power(shares, ord - 1)))


def _slope(out: Any, x: Any, *, axis: Axes, ord: float) -> Any:
    return _direction(kept(out, x, axis), x, axis=axis, ord=ord)


def _indices(ord: float, axis: Axes) -> str:
    """Say in a subscript what is not the plain norm of everything."""
    axes = [] if axis is None else [f"axis={','.join(map(str, axis))}"]
    return ", ".join([str(ord)] * (ord != 2) + axes)


def _norm_text(x: str, ord: float, axis: Axes, **_: Any) -> str:
    below = _indices(ord, axis)
    return f"‖{x}‖_({below})" if below else f"‖{x}‖"


def _norm_latex(x: str, ord: float, axis: Axes, **_: Any) -> str:
    below = _indices(ord, axis)
    return rf"\left\|{x}\right\|_{{\text{{{below}}}}}" if below else rf"\left\|{x}\right\|"


@reducing(
    _slope,
    Notation(
        "‖·‖",
        _norm_text,
        _norm_latex,
        "np.linalg.vector_norm({0}, ord={ord}, axis={axis}, keepdims={keepdims})",
    ),
    flops=2,
    fused=lambda x, *, ord, axis, keepdims: _norm_by_ruling(x, ord, axis, keepdims),
)
@widened
def _norm(x: Any, *, ord: float, axis: Axes, keepdims: bool) -> Any:
    x = np.asarray(x)
    if x.size == 0:
        return _total(x, axis, ord, keepdims)
    plain = unwarned(_total, x, axis, ord, keepdims)
    if _is_safe(plain, ord):
        return plain
    shares, scale, rules = _shares(x, axis, ord)
    size = scale * np.where(np.equal(rules, 0), 0, unwarned(_total, shares, axis, ord, True))
    return (size if keepdims else np.squeeze(size, axis))[()]


def _norm_by_ruling(x: Any, ord: float, axis: Axes, keepdims: bool) -> Any:
    """The same with no look at the data: over the size that rules, no power is too large or too small."""
    sizes = absolute(x)
    rules = (max if ord > 0 else min)(sizes, axis, keepdims=True)
    unit = where(logical_and(greater(rules, 0), less(rules, math.inf)), rules, 1.0)
    shares = sizes / unit
    total = sum(shares * shares if ord == 2 else power(shares, ord), axis, keepdims=True)
    size = unit * (sqrt(total) if ord == 2 else power(total, 1 / ord))
    return size if keepdims else squeeze(size, axis)


def _total(x: Any, axis: Axes, ord: float, keepdims: bool) -> Any:
    """(Σ |x|ᵖ)^(1/p)."""
    if ord == 2:
        if axis is None:
            return _length(x, keepdims=keepdims)
        return np.sqrt(_add_over(x * x, axis=axis, keepdims=keepdims))
    return _add_over(np.abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1 / ord)


def _is_safe(size: Any, ord: float) -> bool:
    """Whether no power that matters can have become too large or too small a number."""
    low, high = _safe_sizes(size.dtype, ord)
    return low < least(size) and most(size) < high


@functools.lru_cache(maxsize=64)
def _safe_sizes(dtype: np.dtype[Any], ord: float) -> tuple[float, float]:
    """Between which sizes a power is a number with all its digits."""
    limits = np.finfo(dtype)
    ends = [
        math.exp(np.clip(math.log(end) / ord, -700, 700))
        for end in (float(limits.tiny / limits.eps), float(limits.max))
    ]
    return (ends[0], ends[1]) if ord > 0 else (ends[1], ends[0])


def _shares(x: Any, axis: Axes, ord: float) -> tuple[Any, Any, Any]:
    """The sizes over a power of two, that power, and what it is made of: the size that rules the norm.

    That is the largest, and for negative orders the smallest.
    """
    sizes = np.abs(x)
    rules = (np.maximum if ord > 0 else np.minimum).reduce(sizes, axis=axis, keepdims=True)
    limit = np.finfo(x.dtype).maxexp
    scale = np.ldexp(x.dtype.type(1), np.clip(np.frexp(rules)[1], 8 - limit, limit - 2))
    return sizes / scale, scale, rules


def _vector(x: Any, ord: Any, axis: Axes, keepdims: bool) -> Any:
    """Norm of the vectors along the axes, which are taken as one."""
    if isinstance(ord, str | None):
        raise OptionError(f"norm: ord={ord!r} for vectors, wanted a number, infinity included")
    ord = number(ord, "norm: ord", "a number or the name of a norm")
    if ord == 0:
        return sum(astype(not_equal(x, 0), x.dtype), axis=axis, keepdims=keepdims)
    if ord == 1 or math.isinf(ord):
        reduce = sum if ord == 1 else max if ord > 0 else min
        return reduce(absolute(x), axis=axis, keepdims=keepdims)
    return _norm(x, ord=ord, axis=axis, keepdims=keepdims)


def _matrix(x: Any, ord: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """Norm of the matrices along two axes."""
    row, column = axis
    ord = ord if isinstance(ord, str | None) else number(ord, "norm: ord", "a number or the name of a norm")
    if ord in (None, "fro", "f"):
        return _norm(x, ord=2, axis=None if x.ndim == 2 else axis, keepdims=keepdims)
    if ord in (2, -2, "nuc"):
        values = absolute(svdvals(moveaxis(x, axis, (-2, -1))))
        found = {2: max, -2: min, "nuc": sum}[ord](values, axis=-1)
        return expand_dims(found, axis) if truth(keepdims, "norm: keepdims") else found
    if ord in (1, -1, math.inf, -math.inf):
        sums = sum(absolute(x), axis=row if abs(ord) == 1 else column, keepdims=True)
        return (max if ord > 0 else min)(sums, axis=axis, keepdims=keepdims)
    raise OptionError(f"norm: ord={ord!r} for matrices, wanted 'fro', 'nuc', 1, -1, 2, -2, inf or -inf")


def _floating(x: Any) -> Any:
    """Take whole numbers for floating ones, as NumPy does."""
    x = as_operand(x)
    return x if x.dtype.kind == "f" else astype(x, float)


def norm(x: Any, ord: Order = None, axis: Axis = None, keepdims: bool = False) -> Any:
    """Take the norm of vectors or matrices; the Euclidean one of all entries by default.

    Parameters
    ----------
    x : array or Tensor
        A vector or a matrix if `ord` is given and `axis` is not.
    ord : number or {"fro", "nuc"}, optional
        For vectors: p for (Σ |x|ᵖ)^(1/p), inf and -inf for the largest and smallest size, 0 for how many
        entries are not 0. For matrices: "fro" for the Euclidean norm, "nuc" for the sum of the singular
        values, 2 and -2 for the largest and smallest of them, 1 and -1 for the largest and smallest sum of
        sizes down a column, inf and -inf along a row.
    axis : int or pair of int, optional
        One axis for vectors, two for matrices.

    Raises
    ------
    ShapeError
        There is no such axis, or neither one nor two.
    OptionError
        There is no such norm.

    Notes
    -----
    The norm of 0 has derivative 0, in every order; elsewhere that of the Euclidean norm is x / ‖x‖.

    Examples
    --------
    >>> norm(np.array([[3.0, 4.0], [0.0, 5.0]]), axis=1)
    array([5., 5.])
    >>> norm(np.array([[3.0, 4.0], [0.0, 5.0]]), 1)
    np.float64(9.0)
    """
    x = _floating(x)
    if axis is None and (ord is None or x.ndim == 1):
        return _vector(x, 2 if ord is None else ord, None, keepdims)
    axes = tuple(range(x.ndim)) if axis is None else axes_of("norm", x, axis)
    if len(axes) == 1:
        return _vector(x, 2 if ord is None else ord, axes, keepdims)
    if len(axes) == 2:
        return _matrix(x, ord, axes, keepdims)
    raise ShapeError(
        f"norm: ord={ord!r} over {len(axes)} axes of {describe(x)}; "
        "give one axis for vectors, two for matrices"
    )


def vector_norm(x: Any, *, axis: Axis = None, keepdims: bool = False, ord: float = 2) -> Any:
    """Take the norm of vectors, whose entries lie along any number of axes; all of them by default.

    See `norm` for `ord`.

    Raises
    ------
    ShapeError
        There is no such axis.
    OptionError
        There is no such norm.

    Examples
    --------
    >>> vector_norm(np.array([[3.0, 0.0], [0.0, 4.0]]))
    np.float64(5.0)
    """
    x = _floating(x)
    return _vector(x, ord, axes_of("vector_norm", x, axis), keepdims)


def matrix_norm(x: Any, *, keepdims: bool = False, ord: Order = "fro") -> Any:
    """Take the norm of matrices, which are the last two axes; see `norm` for `ord`.

    Raises
    ------
    ShapeError
        `x` has fewer than two axes.
    OptionError
        There is no such norm.

    Examples
    --------
    >>> matrix_norm(np.array([[3.0, 0.0], [0.0, 4.0]]), ord="nuc")
    np.float64(7.0)
    """
    x = matrices(_floating(x))
    return _matrix(x, ord, (x.ndim - 2, x.ndim - 1), keepdims)


def cond(x: Any, p: Order = None) -> Any:
    """Take the condition of matrices, ‖A‖ ‖A⁻¹‖: the largest singular value by the smallest, by default.

    Parameters
    ----------
    x : (..., m, n)
        Square, unless `p` is None, 2 or -2.
    p : as `ord` for the norm of matrices, optional

    Raises
    ------
    ShapeError
        `x` has fewer than two axes, or is not square where it must be.
    OptionError
        There is no such norm.
    LinAlgError
        `x` has no entry, or is singular; that has condition inf and derivative 0 if `p` is None or 2.

    Examples
    --------
    >>> cond(np.array([[4.0, 0.0], [0.0, 2.0]]))
    array(2.)
    """
    x = matrices(_floating(x))
    if 0 in x.shape[-2:]:
        raise np.linalg.LinAlgError(f"cond: {describe(x)} has no entry")
    p = p if isinstance(p, str | None) else number(p, "cond: p", "a number or the name of a norm")
    return _or_infinite(_condition(x, p), x)


def _condition(x: Any, p: Order) -> Any:
    if p not in (None, 2, -2):
        return matrix_norm(x, ord=p) * matrix_norm(inv(x), ord=p)
    values = svdvals(x)
    large, small = values[..., 0], values[..., -1]
    if p == -2:
        return small / large
    singular = equal(small, 0)
    return where(singular, math.inf, large / where(singular, 1.0, small))


def _or_infinite(condition: Any, x: Any) -> Any:
    """What is NaN though no entry is, an infinite one being among them, counts as infinite, as in NumPy."""
    given = sum(astype(not_equal(x, x), x.dtype), axis=(-2, -1))
    return where(logical_and(not_equal(condition, condition), equal(given, 0)), math.inf, condition)


def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """Count the singular values that are not 0 to rounding: whole numbers, not recorded.

    Parameters are those of NumPy.

    Examples
    --------
    >>> int(matrix_rank(np.array([[1.0, 2.0], [2.0, 4.0]])))
    1
    """
    return np.linalg.matrix_rank(values_of(A), tol, hermitian, rtol=rtol)
