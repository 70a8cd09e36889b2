"""Operations over axes: sums, means, largest and smallest entries.

``axis`` is None for all axes, an int or a tuple of ints, negative ones counted from the end; with
``keepdims`` the reduced axes stay, with size 1. Equal largest entries share the derivative equally.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError, describe
from autograd_core.notation import reduction
from autograd_core.ops.selection import equal
from autograd_core.ops.shape import Axis, Shape, astype, axes_of, broadcast_to, reshape
from autograd_core.primitive import linear, primitive

__all__ = ["max", "mean", "min", "sum"]

_add_over: Any = np.add.reduce
_max_over: Any = np.maximum.reduce
_min_over: Any = np.minimum.reduce

Axes = Shape | None


def kept(y: Any, x: Any, axis: Axes) -> Any:
    """Give a reduced array its axes of size 1 back, so that it lines up with x; a scalar always does."""
    if y.ndim == x.ndim or axis is None:
        return y
    return reshape(y, [1 if i in axis else n for i, n in enumerate(x.shape)])


@linear(
    lambda ct, x, axis, keepdims: broadcast_to(kept(ct, x, axis), x.shape),
    reduction("Σ", latex=r"\sum", numpy="np.sum"),
)
def _sum(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return _add_over(x, axis=axis, keepdims=keepdims)


def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
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
    return _sum(x, axis=axes_of(x, axis), keepdims=keepdims)


def _count(x: Any, axis: Axes) -> int:
    return math.prod(x.shape if axis is None else (x.shape[a] for a in axis))


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
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
    axes = axes_of(x, axis)
    count = _count(x, axes)
    if count == 0:
        raise ShapeError(f"mean: {describe(x)} has no entry to average over axis {axis}")
    return _sum(x, axis=axes, keepdims=keepdims) / count


def _share(out: Any, x: Any, axis: Axes) -> Any:
    """One for the extreme entry of each reduced group, divided among equal ones."""
    extreme = astype(equal(x, kept(out, x, axis)), x.dtype)
    return extreme / _sum(extreme, axis=axis, keepdims=True)


def _extreme_vjp(ct: Any, out: Any, x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return kept(ct, x, axis) * _share(out, x, axis)


def _extreme_jvp(t: Any, out: Any, x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return _sum(t * _share(out, x, axis), axis=axis, keepdims=keepdims)


@primitive(
    vjps=(_extreme_vjp,),
    jvps=(_extreme_jvp,),
    notation=reduction("max", latex=r"\max", numpy="np.max"),
    flops=lambda _out, x, **_: x.size,
)
def _max(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return _max_over(x, axis=axis, keepdims=keepdims)


def max(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
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
    return _max(x, axis=axes_of(x, axis), keepdims=keepdims)


@primitive(
    vjps=(_extreme_vjp,),
    jvps=(_extreme_jvp,),
    notation=reduction("min", latex=r"\min", numpy="np.min"),
    flops=lambda _out, x, **_: x.size,
)
def _min(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return _min_over(x, axis=axis, keepdims=keepdims)


def min(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
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
    return _min(x, axis=axes_of(x, axis), keepdims=keepdims)
