"""Operations that compare, choose and pick entries.

At a tie or a kink one documented choice holds everywhere: equal operands of a maximum or minimum share
the derivative equally. Comparisons are recorded, but no derivative flows through them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.node import Node
from autograd_core.notation import ATOM, COMPARISON, Notation, applied, infix
from autograd_core.ops.shape import astype, axes_of
from autograd_core.primitive import Each, linear, pointwise, primitive

__all__ = [
    "concatenate",
    "equal",
    "getitem",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "maximum",
    "minimum",
    "not_equal",
    "scatter_add",
    "where",
]


def _comparison(symbol: str, latex: str, numpy: str) -> Notation:
    return infix(symbol, COMPARISON, latex=latex, numpy=numpy, associative=False)


@pointwise(None, None, notation=_comparison(">", ">", ">"))
def greater(a: Any, b: Any) -> Any:
    """Compare, a > b.

    Examples
    --------
    >>> greater(np.array([1.0, 3.0]), 2.0)
    array([False,  True])
    """
    return np.greater(a, b)


@pointwise(None, None, notation=_comparison("≥", r"\ge", ">="))
def greater_equal(a: Any, b: Any) -> Any:
    """Compare, a >= b.

    Examples
    --------
    >>> greater_equal(np.array([1.0, 2.0]), 2.0)
    array([False,  True])
    """
    return np.greater_equal(a, b)


@pointwise(None, None, notation=_comparison("<", "<", "<"))
def less(a: Any, b: Any) -> Any:
    """Compare, a < b.

    Examples
    --------
    >>> less(np.array([1.0, 3.0]), 2.0)
    array([ True, False])
    """
    return np.less(a, b)


@pointwise(None, None, notation=_comparison("≤", r"\le", "<="))
def less_equal(a: Any, b: Any) -> Any:
    """Compare, a <= b.

    Examples
    --------
    >>> less_equal(np.array([1.0, 2.0]), 2.0)
    array([ True,  True])
    """
    return np.less_equal(a, b)


@pointwise(None, None, notation=_comparison("=", "=", "=="))
def equal(a: Any, b: Any) -> Any:
    """Compare, a == b.

    Examples
    --------
    >>> equal(np.array([1.0, 2.0]), 2.0)
    array([False,  True])
    """
    return np.equal(a, b)


@pointwise(None, None, notation=_comparison("≠", r"\ne", "!="))
def not_equal(a: Any, b: Any) -> Any:
    """Compare, a != b.

    Examples
    --------
    >>> not_equal(np.array([1.0, 2.0]), 2.0)
    array([ True, False])
    """
    return np.not_equal(a, b)


@primitive(
    vjps=(
        None,
        lambda ct, _out, condition, _a, _b: where(condition, ct, 0.0),
        lambda ct, _out, condition, _a, _b: where(condition, 0.0, ct),
    ),
    jvps=(
        None,
        lambda t, _out, condition, _a, _b: where(condition, t, 0.0),
        lambda t, _out, condition, _a, _b: where(condition, 0.0, t),
    ),
    notation=applied("where"),
)
def where(condition: Any, a: Any, b: Any) -> Any:
    """Choose entry by entry: a where the condition holds, else b.

    The branch not chosen gets a cotangent of exactly 0. If computing it made a NaN or infinity, its own
    derivative may still turn that 0 into NaN: choose a harmless operand before such an operation.

    Examples
    --------
    >>> where(np.array([True, False]), 1.0, np.array([5.0, 6.0]))
    array([1., 6.])
    """
    return np.where(condition, a, b)


def _larger(out: Any, a: Any, b: Any) -> Any:
    return astype(greater(a, b), out.dtype) + 0.5 * astype(equal(a, b), out.dtype)


@pointwise(_larger, lambda out, a, b: _larger(out, b, a), notation=applied("max", numpy="np.maximum"))
def maximum(a: Any, b: Any) -> Any:
    """Take the larger of two entries; a tie shares the derivative equally.

    Examples
    --------
    >>> maximum(np.array([1.0, 3.0]), 2.0)
    array([2., 3.])
    """
    return np.maximum(a, b)


@pointwise(lambda out, a, b: _larger(out, b, a), _larger, notation=applied("min", numpy="np.minimum"))
def minimum(a: Any, b: Any) -> Any:
    """Take the smaller of two entries; a tie shares the derivative equally.

    Examples
    --------
    >>> minimum(np.array([1.0, 3.0]), 2.0)
    array([1., 2.])
    """
    return np.minimum(a, b)


@linear(
    lambda ct, x, index: scatter_add(ct, index, x.shape),
    Notation("[·]", "{0}[{index}]", "{0}_{{{index}}}", "{0}[{index}]", ATOM, (ATOM,)),
)
def _getitem(x: Any, *, index: Any) -> Any:
    return x[index]


def getitem(x: Any, index: Any) -> Any:
    """Pick entries, ``x[index]``: slices, integers, masks and integer arrays, as in NumPy.

    An entry that is picked twice receives both cotangents.

    Raises
    ------
    IndexError
        The index lies outside `x`.

    Examples
    --------
    >>> getitem(np.array([1.0, 2.0, 3.0]), [0, 0, 2])
    array([1., 1., 3.])
    """
    return _getitem(x, index=_plain(index))


def _plain(index: Any) -> Any:
    """Unwrap tensors used as an index: positions carry no derivative."""
    if isinstance(index, Node):
        return index.value
    return tuple(map(_plain, index)) if isinstance(index, tuple) else index


@linear(lambda ct, _x, index, shape: getitem(ct, index), applied("scatter_add", numpy="scatter_add"))
def _scatter_add(x: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, x.dtype)
    if _picks_once(index):
        out[index] = x
    else:
        np.add.at(out, index, x)
    return out


def scatter_add(x: Any, index: Any, shape: Sequence[int]) -> Any:
    """Place entries into zeros of the given shape, adding those that fall on the same place.

    The adjoint of `getitem`.

    Examples
    --------
    >>> scatter_add(np.array([1.0, 2.0, 4.0]), [0, 0, 2], (3,))
    array([3., 0., 4.])
    """
    return _scatter_add(x, index=_plain(index), shape=tuple(shape))


def _picks_once(index: Any) -> bool:
    """Whether no entry can be picked twice: only integer arrays can repeat a position."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None
        or part is Ellipsis
        or isinstance(part, slice | int | np.integer)
        or np.asarray(part).dtype == bool
        for part in parts
    )


def _place(args: tuple[Any, ...], i: int, axis: int) -> tuple[slice, ...]:
    """Where the i-th of the joined arrays stands in the result."""
    start = sum(x.shape[axis] for x in args[:i])
    return (*(slice(None),) * axis, slice(start, start + args[i].shape[axis]))


@primitive(
    vjps=Each(lambda i, ct, _out, *args, axis: getitem(ct, _place(args, i, axis))),
    jvps=Each(lambda i, t, out, *args, axis: scatter_add(t, _place(args, i, axis), out.shape)),
    notation=applied("concatenate")._replace(
        numpy=lambda *arrays, axis: f"np.concatenate(({', '.join(arrays)},), axis={axis})",
    ),
    flops=lambda *_, **__: 0,
)
def _concatenate(*arrays: Any, axis: int) -> Any:
    return np.concatenate(arrays, axis=axis)


def concatenate(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Join arrays along an existing axis.

    Raises
    ------
    ShapeError
        The other axes differ in size, there is no such axis, or there is nothing to join.

    Examples
    --------
    >>> concatenate([np.zeros((2, 1)), np.ones((2, 2))], axis=1)
    array([[0., 1., 1.],
           [0., 1., 1.]])
    """
    if len(arrays) == 0:
        raise ShapeError("concatenate: there is no array to join")
    first = arrays[0] if isinstance(arrays[0], Node) else np.asarray(arrays[0])
    return _concatenate(*arrays, axis=axes_of(first, axis)[0])
