"""The softmax family: shares of a total, without overflow.

Entries of -inf have no share. Where the largest entry is itself infinite, those equal to it share
equally; so does a group of -inf alone. A number has the whole share of axis 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.notation import applied, reduction
from autograd_core.ops.axes import Axis, axes_of
from autograd_core.ops.elementary import exp
from autograd_core.ops.reduction import Axes, reducing
from autograd_core.primitive import as_operand, primitive

__all__ = ["log_softmax", "logsumexp", "softmax"]


def _levelled(x: Any, axis: Axes) -> tuple[Any, Any]:
    """The largest entry, and every entry less it, so that exp cannot overflow and its sum is at least 1."""
    if x.dtype.kind != "f":
        x = x.astype(np.float64)
    largest = np.maximum.reduce(x, axis=axis, keepdims=True)
    if isinstance(x, np.ndarray) and np.vdot(largest, largest) < np.inf:
        return largest, x - largest  # all finite, at a third of the price of isfinite and all
    with np.errstate(invalid="ignore"):  # infinity less itself
        return largest, np.where(np.equal(x, largest), 0.0, x - largest)


@reducing(
    lambda _out, x, axis: _softmax(x, axis=axis),
    reduction("logsumexp", latex=r"\operatorname{logsumexp}", numpy="logsumexp"),
    flops=4,
)
def _logsumexp(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    largest, below = _levelled(x, axis)
    out = largest + np.log(np.add.reduce(np.exp(below), axis=axis, keepdims=True))
    return out if keepdims else np.squeeze(out, axis)


def logsumexp(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Take log(sum(exp(x))) over axes without overflow; -inf where every entry is.

    Its derivative is `softmax`.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry.

    Examples
    --------
    >>> logsumexp(np.array([1e4, 1e4])).round(4)
    np.float64(10000.6931)
    """
    x = as_operand(x)
    return _logsumexp(x, axis=axes_of("logsumexp", x, axis, number=True), keepdims=keepdims)


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
    shares = np.exp(_levelled(x, axis)[1])
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
    x = as_operand(x)
    return _softmax(x, axis=axes_of("softmax", x, axis, number=True))


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
    below = _levelled(x, axis)[1]
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
    x = as_operand(x)
    return _log_softmax(x, axis=axes_of("log_softmax", x, axis, number=True))
