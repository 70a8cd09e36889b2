"""The softmax family: shares of a total, without overflow.

Entries of -inf have no share. Where the largest entry is itself infinite, those equal to it share
equally; so does a group of -inf alone. A number has the whole share of axis 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.graph.primitive import Rule, as_operand, primitive
from autograd_core.graph.stated import stated
from autograd_core.ops.entrywise.elementary import exp
from autograd_core.ops.entrywise.floating import least, most, widened
from autograd_core.ops.reducing.reduction import Axes, reducing
from autograd_core.ops.shaping.axes import Axis, axes_of
from autograd_core.wording.notation import applied, reduction

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


def _log_total(below: Any, axis: Axes) -> Any:
    """log(sum(exp(below))), where one entry of each group is 0, the largest.

    Where that has more than half of the total, the others are added up without it: log(1 + what they are).
    """
    shares = np.exp(below)
    total = np.add.reduce(shares, axis=axis, keepdims=True)
    if least(total) >= 2:
        return np.log(total)
    others = np.add.reduce(np.where(np.equal(below, 0), 0, shares), axis=axis, keepdims=True)
    leading = np.less(total, 2)
    return np.where(leading, np.log1p(np.where(leading, others, 0)), np.log(total))


def _plain_total(below: Any, axis: Axes) -> Any:
    return np.log(np.add.reduce(np.exp(below), axis=axis, keepdims=True))


def _logsumexp_by(log_total: Rule) -> Rule:
    def forward(x: Any, *, axis: Axes, keepdims: bool) -> Any:
        largest, below = _levelled(x, axis)
        out = largest + log_total(below, axis)
        return out if keepdims else np.squeeze(out, axis)

    return forward


@reducing(
    lambda _out, x, axis: _softmax(x, axis=axis),
    reduction("logsumexp", latex=r"\operatorname{logsumexp}", numpy="logsumexp"),
    flops=4,
    fused=_logsumexp_by(_plain_total),
)
@widened
def _logsumexp(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return _logsumexp_by(_log_total)(x, axis=axis, keepdims=keepdims)


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


def _sum(x: Any, axis: Axes) -> Any:
    return x.sum(axis=axis, keepdims=True)


def _written_tilt(d: Any, p: Any, axis: Axes) -> Any:
    weighted = d * p
    return weighted - p * _sum(weighted, axis)


@stated(
    _written_tilt,
    fused=True,
    vjps=(
        lambda ct, _out, _d, p, axis: _tilt(ct, p, axis=axis),
        lambda ct, _out, d, p, axis: ct * (d - _sum(p * d, axis)) - d * _sum(ct * p, axis),
    ),
    jvps=(
        lambda t, _out, _d, p, axis: _tilt(t, p, axis=axis),
        lambda t, _out, d, p, axis: t * (d - _sum(p * d, axis)) - p * _sum(t * d, axis),
    ),
)
@widened
def _tilt(d: Any, p: Any, *, axis: Axes) -> Any:
    """P (d - Σ p d) for shares p: what a change d of the logits does to them, and its own adjoint.

    A second mean, of what a first has left of d, keeps its digits where one share is nearly 1.
    """
    if most(p) < 15 / 16:
        return _written_tilt(d, p, axis)
    rest = d - _sum(p * d, axis)
    return p * (rest - _sum(p * rest, axis))


def _softmax_rule(d: Any, out: Any, _x: Any, *, axis: Axes) -> Any:
    return _tilt(d, out, axis=axis)


@primitive(
    vjps=(_softmax_rule,),
    jvps=(_softmax_rule,),
    notation=applied("softmax", latex=r"\operatorname{softmax}", numpy="softmax"),
    flops=lambda out, *_, **__: 4 * out.size,
)
@widened
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


_NEAR_ONE = -1 / 16  # a share above 15 / 16, by its logarithm


@stated(
    lambda t, out, axis: t - _sum(exp(out) * t, axis),
    fused=True,
    vjps=(
        lambda ct, _less, _t, out, axis: _without_share(ct, out, axis=axis),
        lambda ct, _less, t, out, axis: -exp(out) * t * _sum(ct, axis),
    ),
    jvps=(
        lambda s, _less, _t, out, axis: _without_mean(s, out, axis=axis),
        lambda s, _less, t, out, axis: -_sum(s * exp(out) * t, axis),
    ),
)
@widened
def _without_mean(t: Any, out: Any, *, axis: Axes) -> Any:
    """T - Σ p t for shares p = exp(out), whose digits a second mean keeps where one is nearly 1."""
    p = np.exp(out)
    rest = t - _sum(p * t, axis)
    return rest if most(out) < _NEAR_ONE else rest - _sum(p * rest, axis)


@stated(
    lambda ct, out, axis: ct - exp(out) * _sum(ct, axis),
    fused=True,
    vjps=(
        lambda g, _less, _ct, out, axis: _without_mean(g, out, axis=axis),
        lambda g, _less, ct, out, axis: -g * exp(out) * _sum(ct, axis),
    ),
    jvps=(
        lambda s, _less, _ct, out, axis: _without_share(s, out, axis=axis),
        lambda s, _less, ct, out, axis: -s * exp(out) * _sum(ct, axis),
    ),
)
@widened
def _without_share(ct: Any, out: Any, *, axis: Axes) -> Any:
    """Ct - p Σ ct for shares p = exp(out); where p is nearly 1, 1 - p is what is left of the others."""
    total = _sum(ct, axis)
    if most(out) < _NEAR_ONE:
        return ct - np.exp(out) * total
    return np.where(np.greater(out, _NEAR_ONE), ct - total - np.expm1(out) * total, ct - np.exp(out) * total)


def _log_softmax_by(log_total: Rule) -> Rule:
    def forward(x: Any, *, axis: Axes) -> Any:
        below = _levelled(x, axis)[1]
        return below - log_total(below, axis)

    return forward


@primitive(
    vjps=(lambda ct, out, _x, axis: _without_share(ct, out, axis=axis),),
    jvps=(lambda t, out, _x, axis: _without_mean(t, out, axis=axis),),
    notation=applied(
        "log_softmax",
        symbol="log softmax",
        latex=r"\log\operatorname{softmax}",
        numpy="log_softmax",
    ),
    flops=lambda out, *_, **__: 5 * out.size,
    fused=_log_softmax_by(_plain_total),
)
@widened
def _log_softmax(x: Any, *, axis: Axes) -> Any:
    return _log_softmax_by(_log_total)(x, axis=axis)


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
