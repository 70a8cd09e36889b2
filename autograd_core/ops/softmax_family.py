"""The softmax family: shares of a total, without overflow."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.notation import applied, reduction
from autograd_core.ops.elementary import exp
from autograd_core.ops.reduction import Axes, kept, sum
from autograd_core.ops.shape import Axis, axes_of
from autograd_core.primitive import primitive

__all__ = ["log_softmax", "logsumexp", "softmax"]


def _shares(out: Any, x: Any, axis: Axes) -> Any:
    """Softmax written with the logsumexp that is already known."""
    return exp(x - kept(out, x, axis))


@primitive(
    vjps=(lambda ct, out, x, axis, keepdims: kept(ct, x, axis) * _shares(out, x, axis),),
    jvps=(lambda t, out, x, axis, keepdims: sum(t * _shares(out, x, axis), axis=axis, keepdims=keepdims),),
    notation=reduction("logsumexp", latex=r"\operatorname{logsumexp}", numpy="logsumexp"),
    flops=lambda _out, x, **_: 4 * x.size,
)
def _logsumexp(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    largest = np.maximum.reduce(x, axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0).astype(x.dtype, copy=False)
    with np.errstate(divide="ignore"):
        out = np.log(np.add.reduce(np.exp(x - largest), axis=axis, keepdims=True)) + largest
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
    shares = np.exp(x - np.maximum.reduce(x, axis=axis, keepdims=True))
    return shares / np.add.reduce(shares, axis=axis, keepdims=True)


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
    below = x - np.maximum.reduce(x, axis=axis, keepdims=True)
    return below - np.log(np.add.reduce(np.exp(below), axis=axis, keepdims=True))


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
