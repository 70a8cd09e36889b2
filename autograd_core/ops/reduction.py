"""Operations over axes: sums, means, largest entries, and the softmax family.

``axis`` is None for all axes, an int or a tuple of ints, negative ones counted from the end; with
``keepdims`` the reduced axes stay, with size 1. Equal largest entries share the derivative equally.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError, describe
from autograd_core.notation import applied, reduction
from autograd_core.ops.elementary import exp
from autograd_core.ops.selection import equal
from autograd_core.ops.shape import Axis, Shape, astype, axes_of, broadcast_to, reshape
from autograd_core.primitive import linear, primitive

__all__ = ["log_softmax", "logsumexp", "max", "mean", "min", "softmax", "sum"]

_add_over: Any = np.add.reduce
_max_over: Any = np.maximum.reduce
_min_over: Any = np.minimum.reduce

Axes = Shape | None


def _kept(y: Any, x: Any, axis: Axes) -> Any:
    """Give a reduced array its axes of size 1 back, so that it lines up with x; a scalar always does."""
    if y.ndim == x.ndim or axis is None:
        return y
    return reshape(y, [1 if i in axis else n for i, n in enumerate(x.shape)])


@linear(
    lambda ct, x, axis, keepdims: broadcast_to(_kept(ct, x, axis), x.shape),
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
    extreme = astype(equal(x, _kept(out, x, axis)), x.dtype)
    return extreme / _sum(extreme, axis=axis, keepdims=True)


def _extreme_vjp(ct: Any, out: Any, x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return _kept(ct, x, axis) * _share(out, x, axis)


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


def _shares(out: Any, x: Any, axis: Axes) -> Any:
    """Softmax written with the logsumexp that is already known."""
    return exp(x - _kept(out, x, axis))


@primitive(
    vjps=(lambda ct, out, x, axis, keepdims: _kept(ct, x, axis) * _shares(out, x, axis),),
    jvps=(lambda t, out, x, axis, keepdims: _sum(t * _shares(out, x, axis), axis=axis, keepdims=keepdims),),
    notation=reduction("logsumexp", latex=r"\operatorname{logsumexp}", numpy="logsumexp"),
    flops=lambda _out, x, **_: 4 * x.size,
)
def _logsumexp(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    largest = _max_over(x, axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0).astype(x.dtype, copy=False)
    with np.errstate(divide="ignore"):
        out = np.log(_add_over(np.exp(x - largest), axis=axis, keepdims=True)) + largest
    return out if keepdims else out.reshape(np.add.reduce(x, axis=axis).shape)


def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Take log(sum(exp(x))) over axes without overflow.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry.

    Examples
    --------
    >>> logsumexp(np.array([1e4, 1e4])).round(4)
    np.float64(10000.6931)
    """
    return _logsumexp(x, axis=axes_of(x, axis), keepdims=keepdims)


def _softmax_rule(d: Any, out: Any, _x: Any, *, axis: Axes) -> Any:
    weighted = d * out
    return weighted - out * weighted.sum(axis=axis, keepdims=True)  # the Jacobian is symmetric


@primitive(
    vjps=(_softmax_rule,),
    jvps=(_softmax_rule,),
    notation=applied("softmax", latex=r"\operatorname{softmax}", numpy="softmax"),
    flops=lambda out, *_, **__: 4 * out.size,
)
def _softmax(x: Any, *, axis: Axes) -> Any:
    shares = np.exp(x - _max_over(x, axis=axis, keepdims=True))
    return shares / _add_over(shares, axis=axis, keepdims=True)


def softmax(x: Any, axis: Axis = None) -> Any:
    """Turn entries into positive shares that sum to 1 over the axes.

    With A = softmax(Z) over axis 0: dZ = A ⊙ (dA − broadcast(Σ_axis=0 dA ⊙ A)).

    Raises
    ------
    ShapeError
        There is no such axis, or no entry.

    Examples
    --------
    >>> softmax(np.array([[0.0, 1e4], [0.0, 0.0]]), axis=0)
    array([[0.5, 1. ],
           [0.5, 0. ]])
    """
    return _softmax(x, axis=axes_of(x, axis))


@primitive(
    vjps=(lambda ct, out, _x, axis: ct - exp(out) * ct.sum(axis=axis, keepdims=True),),
    jvps=(lambda t, out, _x, axis: t - (exp(out) * t).sum(axis=axis, keepdims=True),),
    notation=applied(
        "log_softmax",
        symbol="log softmax",
        latex=r"\log\operatorname{softmax}",
        numpy="log_softmax",
    ),
    flops=lambda out, *_, **__: 5 * out.size,
)
def _log_softmax(x: Any, *, axis: Axes) -> Any:
    below = x - _max_over(x, axis=axis, keepdims=True)
    return below - np.log(_add_over(np.exp(below), axis=axis, keepdims=True))


def log_softmax(x: Any, axis: Axis = None) -> Any:
    """Take log(softmax(x)) over axes: finite where softmax underflows to 0.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry.

    Examples
    --------
    >>> log_softmax(np.array([0.0, -1e4]))
    array([     0., -10000.])
    """
    return _log_softmax(x, axis=axes_of(x, axis))
