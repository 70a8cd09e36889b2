"""Special functions, entry by entry, exact where the textbook formula would overflow or cancel."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.graph.primitive import as_operand, pointwise
from autograd_core.graph.stated import stated
from autograd_core.ops.entrywise.elementary import absolute, exp, log, log1p, square
from autograd_core.ops.entrywise.floating import doubled, floating, least, mended, most, widened
from autograd_core.ops.entrywise.selection import clip, equal, where
from autograd_core.ops.shaping.shape import astype
from autograd_core.wording.notation import ATOM, PRODUCT, Notation, applied, infix

__all__ = ["erf", "erfc", "logaddexp", "logaddexp2", "logit", "sigmoid", "xdivy", "xlogy"]


@pointwise(
    lambda _out, _x, y: xdivy(1.0, y),
    lambda out, _x, y: -xdivy(out, y),
    notation=infix("/", PRODUCT, associative=False),
)
def xdivy(x: Any, y: Any) -> Any:
    """Divide, x / y, with 0 where x is 0, even at y = 0.

    Examples
    --------
    >>> xdivy(np.array([0.0, 1.0]), np.array([0.0, 2.0]))
    array([0. , 0.5])
    """
    return np.divide(x, _one_where_zero(x, y))


@pointwise(
    lambda _out, _x, y: log(y),
    lambda _out, x, y: xdivy(x, y),
    notation=Notation(
        "·log", "{0} ⊙ log({1})", r"{0} \odot \log({1})", "xlogy({0}, {1})", PRODUCT, (PRODUCT, 0)
    ),
    flops=2,
)
def xlogy(x: Any, y: Any) -> Any:
    """Take x log(y), with 0 where x is 0, even at y = 0: the limit that an entropy needs.

    Examples
    --------
    >>> xlogy(np.array([0.0, 2.0]), np.array([0.0, 1.0]))
    array([0., 0.])
    """
    with np.errstate(divide="ignore"):
        return np.multiply(x, np.log(_one_where_zero(x, y)))


def _one_where_zero(x: Any, y: Any) -> Any:
    """Replace entries of y that will be multiplied by 0, whatever they are, in the dtype of the result."""
    chosen, dtype = np.where(np.equal(x, 0), 1, y), np.result_type(x, y)
    return chosen if chosen.dtype == dtype else chosen.astype(dtype)


@stated(lambda y, _x: 1.0 - 2.0 * y, -2.0, None)
def _sigmoid_lead(_y: Any, x: Any) -> Any:
    """-tanh(x / 2), which 1 - 2 y is only to the rounding of 1."""
    return -np.tanh(0.5 * x)


@stated(
    lambda y, _x: y * (1.0 - y),
    lambda _s, y, x: _sigmoid_lead(y, x),
    None,
    notation=Notation(
        "·(1 − ·)", "{0} ⊙ (1 − {0})", r"{0} \odot (1 - {0})", "{0} * (1 - {0})", PRODUCT, (ATOM,)
    ),
    fused=True,
)
def _sigmoid_slope(y: Any, x: Any) -> Any:
    """Y (1 - y), or σ(x) σ(-x) where y is so near 1 that 1 - y has lost more than its last four bits."""
    slope = y * (1.0 - y)
    return slope if most(y) < 15 / 16 else mended(slope, np.greater_equal(y, 15 / 16), _sigmoid_tail, x)


def _sigmoid_tail(x: Any) -> Any:
    share = np.exp(-x)
    return share / (1.0 + share) / (1.0 + share)


_LARGEST_EXPONENT = 88.0  # whose exponential is a float32


@pointwise(
    _sigmoid_slope,
    notation=applied("sigmoid", symbol="σ", latex=r"\sigma", numpy="sigmoid"),
    flops=3,
)
def sigmoid(x: Any) -> Any:
    """Logistic function y = 1 / (1 + exp(-x)), with derivative y (1 - y).

    Far left it is exp(x), so that both ends are right without an overflow.

    Examples
    --------
    >>> sigmoid(np.array([-1e4, 0.0, 1e4])).round(12)
    array([0. , 0.5, 1. ])
    """
    return _sigmoid(floating(x))


@widened
def _sigmoid(x: Any) -> Any:
    if least(x) > -_LARGEST_EXPONENT:
        return 1 / (1 + np.exp(-x))
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(np.copysign(x, -1.0)))


@stated(lambda p: 1.0 / p + 1.0 / (1.0 - p), lambda s, p: (2.0 * p - 1.0) * s * s)
def _logit_slope(p: Any) -> Any:
    return 1 / (p * (1 - p))


@stated(lambda a, b, _p: a - b, None, None, lambda _y, _a, _b, p: _logit_slope(p))
def _logit(a: Any, b: Any, p: Any) -> Any:
    """The difference of log(p) and log(1 - p); near one half, where they cancel, 2 artanh(2 p - 1)."""
    near = np.less(np.abs(p - 0.5), 0.25)
    return np.where(near, 2 * np.arctanh(np.where(near, 2 * p - 1, 0)), a - b)


def logit(p: Any) -> Any:
    """Inverse of `sigmoid`: the log of the odds, log(p) - log(1 - p).

    Examples
    --------
    >>> logit(np.array([0.5, 0.75])).round(4)
    array([0.    , 1.0986])
    """
    p = as_operand(p)
    p = p if p.dtype.kind == "f" else astype(p, float)
    return _logit(log(p), log1p(-p), p)


def _lead(a: Any, b: Any) -> Any:
    """The difference a - b, taken as 0 between equal infinities."""
    same = equal(a, b) * equal(absolute(a), math.inf)
    return where(same, 0.0, a) - where(same, 0.0, b)


def _shared(a: Any, b: Any, base: float) -> Any:
    """1 / (1 + base ** (b - a)), with what rounding took from the exponent put back."""
    same = np.logical_and(np.equal(a, b), np.equal(np.abs(a), math.inf))
    a, b = np.where(same, 0, a), np.where(same, 0, b)
    lead = a - b
    finite = np.less(np.abs(lead), math.inf)
    c, a, b = (np.where(finite, z, 0) for z in (lead, a, b))
    back = c - a
    lost = (a - (c - back)) - (b + back)
    small = (np.exp2 if base == 2 else np.exp)(np.copysign(lead, -1.0))
    behind = np.less(lead, 0)
    share, other = (np.where(test, small, 1) / (1 + small) for test in (behind, np.logical_not(behind)))
    return share + share * (other * (math.log(base) * lost))


@stated(
    lambda a, b: sigmoid(_lead(a, b)),
    lambda s, a, b: s * _share(b, a),
    lambda s, a, b: -(s * _share(b, a)),
)
def _share(a: Any, b: Any) -> Any:
    return _shared(a, b, math.e)


@pointwise(
    lambda _out, a, b: _share(a, b),
    lambda _out, a, b: _share(b, a),
    notation=applied("logaddexp", latex=r"\operatorname{logaddexp}"),
    flops=5,
    ufunc=np.logaddexp,
)
def logaddexp(a: Any, b: Any) -> Any:
    """Take log(exp(a) + exp(b)) without overflow; the derivatives are σ(a - b) and σ(b - a).

    Equal infinities share the derivative equally.

    Examples
    --------
    >>> logaddexp(np.array([1e4, -np.inf]), np.array([1e4, -np.inf])).round(4)
    array([10000.6931,      -inf])
    """


@stated(
    lambda a, b: sigmoid(math.log(2) * _lead(a, b)),
    lambda s, a, b: math.log(2) * (s * _share2(b, a)),
    lambda s, a, b: -(math.log(2) * (s * _share2(b, a))),
)
def _share2(a: Any, b: Any) -> Any:
    return _shared(a, b, 2)


@pointwise(
    lambda _out, a, b: _share2(a, b),
    lambda _out, a, b: _share2(b, a),
    notation=applied("logaddexp2", latex=r"\operatorname{logaddexp2}"),
    flops=5,
    ufunc=np.logaddexp2,
)
def logaddexp2(a: Any, b: Any) -> Any:
    """Take log2(2 ** a + 2 ** b) without overflow; equal infinities share the derivative equally.

    Examples
    --------
    >>> logaddexp2(np.array([3.0, 1e4]), np.array([3.0, 1e4]))
    array([4.0000e+00, 1.0001e+04])
    """


_EDGE = 30.0  # exp(-x²) is 0 long before, and further out x² would overflow


def _gaussian(x: Any, half: bool = False) -> Any:
    """exp(-x²), or its root; x² is taken of a few digits of x, where it is exact, and the rest added."""
    x = np.minimum(np.maximum(x, -2 * _EDGE), 2 * _EDGE)
    coarse = np.rint(x * 2.0**20) / 2.0**20
    scale = 0.5 if half else 1.0
    return np.exp(-scale * (coarse * coarse)) * np.exp(scale * ((coarse - x) * (coarse + x)))


@stated(
    lambda x: 2 / math.sqrt(math.pi) * exp(-square(clip(x, -_EDGE, _EDGE))),
    lambda s, x: -2.0 * clip(x, -_EDGE, _EDGE) * s,
)
@doubled
def _bell(x: Any) -> Any:
    """2 / √π exp(-x²), the derivative of erf."""
    return 2 / math.sqrt(math.pi) * _gaussian(x)


def _entrywise(f: Callable[[float], float], x: Any) -> Any:
    """Apply a function of Python numbers to every entry, in the floating dtype of x."""
    x = floating(x)
    return np.fromiter(map(f, x.ravel().tolist()), x.dtype, x.size).reshape(x.shape)


@pointwise(lambda _y, x: _bell(x), notation=applied("erf", latex=r"\operatorname{erf}", numpy="erf"))
def erf(x: Any) -> Any:
    """Error function, 2 / √π times the integral of exp(-t²) from 0 to x.

    Examples
    --------
    >>> erf(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.8427])
    """
    return _entrywise(math.erf, x)


@pointwise(lambda _y, x: -_bell(x), notation=applied("erfc", latex=r"\operatorname{erfc}", numpy="erfc"))
def erfc(x: Any) -> Any:
    """Complement of the error function, 1 - erf(x), exact where erf(x) is near 1.

    Examples
    --------
    >>> erfc(np.array([0.0, 10.0]))
    array([1.00000000e+00, 2.08848758e-45])
    """
    return _entrywise(math.erfc, x)


@stated(
    lambda x: 0.5 * (math.sqrt(0.5) * _bell(-math.sqrt(0.5) * x)),
    lambda s, x: -clip(x, -2 * _EDGE, 2 * _EDGE) * s,
)
@doubled
def _normal_density(x: Any) -> Any:
    """φ(x) = exp(-x² / 2) / √(2π)."""
    return _gaussian(x, half=True) / math.sqrt(2 * math.pi)


_ROOT = math.sqrt(0.5)
_ROOT_REST = -4.833646656726457e-17  # √½ less its nearest number


@stated(
    lambda x: 0.5 * erfc(-_ROOT * x),
    lambda _y, x: _normal_density(x),
    notation=applied("Φ", latex=r"\Phi"),
)
@doubled
def normal(x: Any) -> Any:
    """Φ(x) = erfc(-x / √2) / 2, the normal distribution function; what x / √2 lost by rounding is put back.

    Examples
    --------
    >>> normal(np.array([0.0, -10.0]))
    array([5.00000000e-01, 7.61985302e-24])
    """
    x = np.minimum(np.maximum(x, -2 * _EDGE), 2 * _EDGE)
    product = x * _ROOT
    lost = _rounded_off(x, _ROOT, product) + x * _ROOT_REST
    return 0.5 * (erfc(-product) + lost * (2 / math.sqrt(math.pi) * np.exp(-product * product)))


def _rounded_off(a: Any, b: float, product: Any) -> Any:
    """A b less its rounded value, by halves of 26 digits whose products are exact."""
    high, low = _halves(a)
    top, rest = _halves(b)
    return ((high * top - product) + high * rest + low * top) + low * rest


def _halves(a: Any) -> tuple[Any, Any]:
    carried = 134217729.0 * a
    high = carried - (carried - a)
    return high, a - high
