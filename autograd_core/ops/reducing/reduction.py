"""Operations over axes: sums, products, means, largest and smallest entries.

``axis`` is None for all axes, an int or a tuple of ints, negative ones counted from the end; with
``keepdims`` the reduced axes stay, with size 1. A number is its own sum along axis 0, as in NumPy, and so its
own largest entry; it has no mean there. Equal largest entries share the derivative equally.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.graph.dispatch import values_of
from autograd_core.graph.node import Node
from autograd_core.graph.positions import traced
from autograd_core.graph.primitive import Rule, as_operand, linear, primitive
from autograd_core.ops.entrywise.selection import equal
from autograd_core.ops.shaping.axes import Axis, Shape, axes_of, some_axes_of
from autograd_core.ops.shaping.joining import concatenate
from autograd_core.ops.shaping.shape import _broadcast_to, astype, reshape, transpose
from autograd_core.wording.arguments import truth
from autograd_core.wording.errors import ShapeError, describe
from autograd_core.wording.notation import Notation, reduction

__all__ = [
    "all",
    "any",
    "average",
    "count_nonzero",
    "max",
    "mean",
    "min",
    "prod",
    "ptp",
    "sum",
]

_add_over: Any = np.add.reduce
_multiply_over: Any = np.multiply.reduce
_max_over: Any = np.maximum.reduce
_min_over: Any = np.minimum.reduce

Axes = Shape | None


def kept(y: Any, x: Any, axis: Axes) -> Any:
    """Give a reduced array its axes of size 1 back, so that it lines up with x; a scalar always does."""
    if y.ndim == x.ndim or axis is None:
        return y
    return reshape(y, [1 if i in axis else n for i, n in enumerate(x.shape)])


def reducing(
    slope: Rule, notation: Notation, flops: int = 1, fused: Rule | None = None
) -> Callable[[Rule], Rule]:
    """Declare a reduction by its slope: the derivative of each result by each entry that goes into it.

    ``slope(out, x, axis=axis, **params)`` has the shape of x; `flops` counts for each entry of x.
    """

    def vjp(ct: Any, out: Any, x: Any, *, axis: Axes, keepdims: bool, **params: Any) -> Any:
        return kept(ct, x, axis) * slope(out, x, axis=axis, **params)

    def jvp(t: Any, out: Any, x: Any, *, axis: Axes, keepdims: bool, **params: Any) -> Any:
        return _sum(t * slope(out, x, axis=axis, **params), axis=axis, keepdims=keepdims)

    return primitive(
        vjps=(vjp,),
        jvps=(jvp,),
        notation=notation,
        flops=lambda _out, x, **_: flops * int(x.size),
        fused=fused,
    )


@linear(
    lambda ct, x, axis, keepdims: _broadcast_to(kept(ct, x, axis), shape=x.shape),
    reduction("Σ", latex=r"\sum", numpy="np.sum"),
)
def _sum(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return _add_over(x, axis=axis, keepdims=keepdims)


def sum(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Add up entries over axes.

    Raises
    ------
    ShapeError
        There is no such axis.

    Examples
    --------
    >>> sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1, keepdims=True)
    array([[3.],
           [7.]])
    """
    x = as_operand(x)
    return _sum(x, axis=axes_of("sum", x, axis, number=True), keepdims=keepdims)


def _others(_out: Any, x: Any, *, axis: Axes) -> Any:
    """The product of all entries of a group but one, for each one in turn."""
    over = tuple(range(x.ndim)) if axis is None else axis
    order = [i for i in range(x.ndim) if i not in over] + list(over)
    moved = transpose(x, order)
    lines = reshape(moved, (*moved.shape[: x.ndim - len(over)], count_over(x, axis)))
    return transpose(reshape(_all_but_one(lines), moved.shape), np.argsort(order).tolist())


def _all_but_one(x: Any) -> Any:
    """The same along the last axis: multiply in pairs, and hand each of a pair the other on the way back.

    Nothing is divided, so any number of zeros will do, and the work grows with the number of entries.
    """
    n = x.shape[-1]
    if n < 2:
        return np.ones(x.shape, x.dtype)
    half = n // 2
    a, b, odd = x[..., :half], x[..., half : 2 * half], x[..., 2 * half :]
    others = _all_but_one(concatenate([a * b, odd], axis=-1))
    beside = others[..., :half]
    return concatenate([beside * b, beside * a, others[..., half:]], axis=-1)


@reducing(_others, reduction("∏", latex=r"\prod", numpy="np.prod"))
def _prod(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return _multiply_over(x, axis=axis, keepdims=keepdims)


def prod(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Multiply entries over axes.

    The derivative by an entry is the product of the others. Nothing is divided by an entry, so it is
    right where some are 0, and so are higher derivatives.

    Raises
    ------
    ShapeError
        There is no such axis.

    Examples
    --------
    >>> prod(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    array([ 2., 12.])
    """
    x = as_operand(x)
    return _prod(x, axis=axes_of("prod", x, axis, number=True), keepdims=keepdims)


def count_over(x: Any, axis: Axes) -> int:
    """How many entries go into each result."""
    return math.prod(x.shape if axis is None else (x.shape[a] for a in axis))


def mean(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Average entries over axes: `sum` divided by how many there are.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry to average.

    Examples
    --------
    >>> mean(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    array([1.5, 3.5])
    """
    x = as_operand(x)
    axes = groups("mean", x, axis)
    dtype = x.dtype
    if dtype.kind != "f":  # whole numbers and halves are added up in a wider dtype, as NumPy does
        x = astype(x, np.float64)
    elif dtype.itemsize == 2:
        return astype(mean(astype(x, np.float32), axes, keepdims=keepdims), dtype)
    return _sum(x, axis=axes, keepdims=keepdims) / (count_over(x, axes) or 1)


def groups(name: str, x: Any, axis: Axis) -> Any:
    """The axes to average over; where a result is asked for, it must have entries to be the average of."""
    axes = axes_of(name, x, axis)
    left = math.prod(n for i, n in enumerate(x.shape) if axes is not None and i not in axes)
    if left and count_over(x, axes) == 0:
        raise ShapeError(f"{name}: {describe(x)} has no entry to average over axis {axis}")
    return axes


def average(x: Any, axis: Axis = None, weights: Any = None, *, keepdims: bool = False) -> Any:
    """Average entries over axes, each counted as often as `weights` says: Σ w x / Σ w.

    Derivatives flow to both. A total of 0 gives what NumPy's division does.

    Parameters
    ----------
    x : array or Tensor
    axis : int, tuple of int or None
    weights : array, Tensor or None
        In the shape of `x`, or of its reduced axes; without them it is `mean`.

    Raises
    ------
    ShapeError
        There is no such axis, or the weights have another shape.

    Examples
    --------
    >>> average(np.array([1.0, 5.0]), weights=[3.0, 1.0])
    np.float64(2.0)
    """
    x = as_operand(x)
    axes = None if axis is None else some_axes_of("average", x, axis)
    if weights is None:
        return mean(x, axes, keepdims=keepdims)
    w = as_operand(weights)
    dtype = np.result_type(x.dtype, w.dtype)
    if dtype == np.float16:  # as for `mean`
        wide = average(astype(x, np.float32), axes, astype(w, np.float32), keepdims=keepdims)
        return astype(wide, dtype)
    if w.shape != x.shape:
        w = _beside(w, x, axes)
    return sum(x * w, axes, keepdims=keepdims) / sum(w, axes, keepdims=keepdims)


def _beside(w: Any, x: Any, axes: Axes) -> Any:
    """Line weights of the reduced axes, in the order in which these were named, up with x."""
    wanted = None if axes is None else tuple(x.shape[a] for a in axes)
    if axes is None or w.shape != wanted:
        shapes = x.shape if wanted is None else f"{x.shape} or {wanted}"
        raise ShapeError(f"average: the weights are {describe(w)}; for {describe(x)} pass shape {shapes}")
    return reshape(
        transpose(w, np.argsort(axes).tolist()), [n if i in axes else 1 for i, n in enumerate(x.shape)]
    )


def _share(out: Any, x: Any, *, axis: Axes) -> Any:
    """One for the extreme entry of each reduced group, divided among equal ones."""
    wide = np.promote_types(x.dtype, np.float32)  # there may be more than half precision counts
    extreme = astype(equal(x, kept(out, x, axis)), wide)
    return extreme / _sum(extreme, axis=axis, keepdims=True)


@reducing(_share, reduction("max", latex=r"\max", numpy="np.max"))
def _max(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return _max_over(x, axis=axis, keepdims=keepdims)


def max(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Take the largest entry over axes; equal ones share the derivative equally.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry.

    Examples
    --------
    >>> max(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1)
    array([2., 4.])
    """
    x = as_operand(x)
    return _max(x, axis=axes_of("max", x, axis, number=True), keepdims=keepdims)


@reducing(_share, reduction("min", latex=r"\min", numpy="np.min"))
def _min(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return _min_over(x, axis=axis, keepdims=keepdims)


def min(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Take the smallest entry over axes; equal ones share the derivative equally.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry.

    Examples
    --------
    >>> min(np.array([[1.0, 2.0], [4.0, 3.0]]), axis=1)
    array([1., 3.])
    """
    x = as_operand(x)
    return _min(x, axis=axes_of("min", x, axis, number=True), keepdims=keepdims)


def ptp(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Take the range of values over axes, from peak to peak: `max` less `min`.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry.

    Examples
    --------
    >>> ptp(np.array([[1.0, 2.0], [4.0, 1.0]]), axis=1)
    array([1., 3.])
    """
    x = as_operand(x)
    axes = axes_of("ptp", x, axis, number=True)
    return _max(x, axis=axes, keepdims=keepdims) - _min(x, axis=axes, keepdims=keepdims)


def _told(test: Callable[..., Any], x: Any, axis: Axis, keepdims: bool) -> Any:
    """Ask NumPy about the values of an operand."""
    x = as_operand(x)
    name = test.__name__
    axes, kept = axes_of(name, x, axis, number=True), truth(keepdims, f"{name}: keepdims")
    told = test(values_of(x), axis=axes, keepdims=kept)
    return traced(told, lambda: None) if isinstance(x, Node) else told


def all(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Tell whether no entry is 0, over axes. The answer is a plain array, and no derivative flows.

    Raises
    ------
    ShapeError
        There is no such axis.

    Examples
    --------
    >>> all(np.array([[1.0, 0.0], [2.0, 3.0]]), axis=1)
    array([False,  True])
    """
    return _told(np.all, x, axis, keepdims)


def any(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Tell whether some entry is not 0, over axes. The answer is a plain array, and no derivative flows.

    Raises
    ------
    ShapeError
        There is no such axis.

    Examples
    --------
    >>> any(np.array([[1.0, 0.0], [0.0, 0.0]]), axis=1)
    array([ True, False])
    """
    return _told(np.any, x, axis, keepdims)


def count_nonzero(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Count the entries that are not 0, over axes. The count is a plain array, and no derivative flows.

    Raises
    ------
    ShapeError
        There is no such axis.

    Examples
    --------
    >>> count_nonzero(np.array([[1.0, 0.0], [2.0, 3.0]]), axis=1)
    array([1, 2])
    """
    return _told(np.count_nonzero, x, axis, keepdims)
