"""Trigonometric and hyperbolic functions and their inverses, entry by entry; angles in radians."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.graph.primitive import pointwise
from autograd_core.graph.stated import stated
from autograd_core.ops.entrywise.elementary import sqrt
from autograd_core.ops.entrywise.floating import floating, mended, most, widened
from autograd_core.wording.errors import OptionError
from autograd_core.wording.notation import POWER, SUM, Notation, applied

__all__ = [
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctanh",
    "cos",
    "cosh",
    "deg2rad",
    "rad2deg",
    "sin",
    "sinc",
    "sinh",
    "tan",
    "tanh",
]


@pointwise(lambda _y, x: cos(x), notation=applied("sin", latex=r"\sin"), ufunc=np.sin)
def sin(x: Any) -> Any:
    """Sine.

    Examples
    --------
    >>> sin(np.array([0.0, np.pi / 2]))
    array([0., 1.])
    """


@pointwise(lambda _y, x: -sin(x), notation=applied("cos", latex=r"\cos"), ufunc=np.cos)
def cos(x: Any) -> Any:
    """Cosine.

    Examples
    --------
    >>> cos(np.array([0.0, np.pi]))
    array([ 1., -1.])
    """


@pointwise(lambda y, _x: 1 + y * y, notation=applied("tan", latex=r"\tan"), ufunc=np.tan)
def tan(x: Any) -> Any:
    """Tangent; with y = tan(x) the derivative is 1 + y ** 2.

    Examples
    --------
    >>> tan(np.array([0.0, np.pi / 4])).round(4)
    array([0., 1.])
    """


@stated(lambda x: 1 / sqrt((1 - x) * (1 + x)), lambda s, x: x * _arctanh_slope(x) * s)
def _arcsin_slope(x: Any) -> Any:
    return 1 / np.sqrt((1 - x) * (1 + x))


@pointwise(lambda _y, x: _arcsin_slope(x), notation=applied("arcsin", latex=r"\arcsin"), ufunc=np.arcsin)
def arcsin(x: Any) -> Any:
    """Inverse sine, between -π/2 and π/2; its derivative at -1 and 1 is infinite.

    Examples
    --------
    >>> arcsin(np.array([0.0, 1.0])).round(4)
    array([0.    , 1.5708])
    """


@pointwise(lambda _y, x: -_arcsin_slope(x), notation=applied("arccos", latex=r"\arccos"), ufunc=np.arccos)
def arccos(x: Any) -> Any:
    """Inverse cosine, between 0 and π; its derivative at -1 and 1 is infinite.

    Examples
    --------
    >>> arccos(np.array([0.0, 1.0])).round(4)
    array([1.5708, 0.    ])
    """


@stated(lambda x: 1 / (1 + x * x), lambda s, x: -2.0 * (x * s) * s)
def _arctan_slope(x: Any) -> Any:
    """1 / x² where 1 is nothing beside x², which would overflow long before its inverse is 0."""
    x = floating(x)
    sizes, limit = np.abs(x), 4 * np.finfo(x.dtype).eps ** -0.5
    if most(sizes) < limit:
        return 1 / (1 + x * x)
    far = np.greater(sizes, limit)
    inverse, near = 1 / np.where(far, x, 1), np.where(far, 0, x)
    return np.where(far, inverse * inverse, 1 / (1 + near * near))


@pointwise(lambda _y, x: _arctan_slope(x), notation=applied("arctan", latex=r"\arctan"), ufunc=np.arctan)
def arctan(x: Any) -> Any:
    """Inverse tangent, between -π/2 and π/2.

    Examples
    --------
    >>> arctan(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.7854])
    """


@pointwise(lambda _y, x: cosh(x), notation=applied("sinh", latex=r"\sinh"), ufunc=np.sinh)
def sinh(x: Any) -> Any:
    """Hyperbolic sine.

    Examples
    --------
    >>> sinh(np.array([0.0, 1.0])).round(4)
    array([0.    , 1.1752])
    """


@pointwise(lambda _y, x: sinh(x), notation=applied("cosh", latex=r"\cosh"), ufunc=np.cosh)
def cosh(x: Any) -> Any:
    """Hyperbolic cosine.

    Examples
    --------
    >>> cosh(np.array([0.0, 1.0])).round(4)
    array([1.    , 1.5431])
    """


@stated(
    lambda y, _x: 1.0 - y * y,
    lambda _s, y, _x: -2.0 * y,
    None,
    notation=Notation("1 − ·²", "1 − {0}²", "1 - {0}^{{2}}", "1 - {0}**2", SUM, (POWER,)),
    fused=True,
)
def _tanh_slope(y: Any, x: Any) -> Any:
    """1 - y², or 1 / cosh²(x) where y is so near 1 that 1 - y² has lost more than its last four bits."""
    slope = 1.0 - y * y
    if slope.size == 0 or slope.item(slope.argmin()) > 1 / 8:  # as `least` does, and one call less
        return slope
    return mended(slope, np.less_equal(slope, 1 / 8), _tanh_tail, x)


def _tanh_tail(x: Any) -> Any:
    """1 / cosh²(x) = 4 s / (1 + s)² with s = exp(-2 |x|)."""
    share = np.exp(-2.0 * np.abs(x))
    return 4.0 * share / (1.0 + share) / (1.0 + share)


@pointwise(_tanh_slope, notation=applied("tanh", latex=r"\tanh"), ufunc=np.tanh)
def tanh(x: Any) -> Any:
    """Hyperbolic tangent; with y = tanh(x) the derivative is 1 - y ** 2.

    Examples
    --------
    >>> tanh(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.7616])
    """


@stated(lambda x: 1 / sqrt(1 + x * x), lambda s, x: -(x * _arctan_slope(x)) * s)
def _arcsinh_slope(x: Any) -> Any:
    return 1 / np.hypot(1.0, x)


@pointwise(
    lambda _y, x: _arcsinh_slope(x),
    notation=applied("arcsinh", latex=r"\operatorname{arsinh}"),
    ufunc=np.arcsinh,
)
def arcsinh(x: Any) -> Any:
    """Inverse hyperbolic sine.

    Examples
    --------
    >>> arcsinh(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.8814])
    """


@pointwise(
    lambda _y, x: 1 / (sqrt(x - 1) * sqrt(x + 1)),
    notation=applied("arccosh", latex=r"\operatorname{arcosh}"),
    ufunc=np.arccosh,
)
def arccosh(x: Any) -> Any:
    """Inverse hyperbolic cosine, of x at least 1; its derivative at 1 is infinite.

    Examples
    --------
    >>> arccosh(np.array([1.0, 2.0])).round(4)
    array([0.   , 1.317])
    """


@stated(lambda x: 1 / ((1 - x) * (1 + x)), lambda s, x: 2.0 * x * s * s)
def _arctanh_slope(x: Any) -> Any:
    return 1 / ((1 - x) * (1 + x))


@pointwise(
    lambda _y, x: _arctanh_slope(x),
    notation=applied("arctanh", latex=r"\operatorname{artanh}"),
    ufunc=np.arctanh,
)
def arctanh(x: Any) -> Any:
    """Inverse hyperbolic tangent, of x between -1 and 1.

    Examples
    --------
    >>> arctanh(np.array([0.0, 0.5])).round(4)
    array([0.    , 0.5493])
    """


@stated(
    lambda x, order: -(math.pi**2) * x * sinc(x, order=order + 1),
    lambda _s, x, order: -(math.pi**2) * (sinc(x, order=order) - 2 * (order + 1) * sinc(x, order=order + 1)),
)
@widened
def _sinc_slope(x: Any, *, order: int) -> Any:
    """-π z g_{n+1}(z), where z² g_{n+1} of the recurrence may be nothing any more."""
    near = np.less(np.abs(x), (order + 3) / math.pi)
    small = np.where(near, x, 0)
    before, here = _bessel_far(np.where(near, 1, x), order)
    x = np.where(near, 1, x)
    far = (before - (2 * order + 1) * here) / x
    return np.where(near, -(math.pi**2) * small * _bessel_near(small, order + 1), far)


@pointwise(
    lambda _y, x, order=0: _sinc_slope(x, order=order),
    notation=applied("sinc", latex=r"\operatorname{sinc}")._replace(
        numpy=lambda x, order="0": f"np.sinc({x})" if order == "0" else f"sinc({x}, order={order})"
    ),
    flops=3,
)
def sinc(x: Any, *, order: int = 0) -> Any:
    """Cardinal sine, sin(z) / z with z = πx, and 1 at 0.

    It is the first of a family whose members are one another's derivatives, exact near 0 as well: with
    g_n(z) = j_n(z) / zⁿ for the spherical Bessel function j_n, d g_n / dz = -z g_{n+1}.

    Parameters
    ----------
    x : array or Tensor
    order : int
        Which member: 0 for NumPy's sinc, n for g_n(πx).

    Raises
    ------
    OptionError
        `order` is negative, no whole number or beyond 149.

    Notes
    -----
    Source: NIST Digital Library of Mathematical Functions, 10.51 for the derivative and the recurrence,
    10.53 for the series. From the first derivative on, sine and cosine are taken of what x has beside the
    nearest whole number.

    Examples
    --------
    >>> sinc(np.array([0.0, 0.5, 1.0])).round(4)
    array([1.    , 0.6366, 0.    ])
    """
    if not isinstance(order, int) or not 0 <= order <= _HIGHEST:
        raise OptionError(f"sinc: order={order!r:.60}; a whole number from 0 to {_HIGHEST} is meant")
    return _bessel(floating(x), order=order) if order else _sinc(floating(x))


@widened
def _sinc(x: Any) -> Any:
    """NumPy's, and 0 where πx would overflow: those are whole numbers."""
    if np.vdot(x, x) < math.inf:
        return np.sinc(x)
    far = np.greater(np.abs(x), 0.25 * np.finfo(x.dtype).max)
    return np.where(far, 0, np.sinc(np.where(far, 0, x)))


_HIGHEST = 149  # of the next one the series has a factor beyond the range of float64


@widened
def _bessel(x: Any, *, order: int) -> Any:
    """g_n(πx): the series near 0, the recurrence elsewhere."""
    near = np.less(np.abs(x), (order + 2) / math.pi)
    small, large = np.where(near, x, 0), np.where(near, 1, x)
    return np.where(near, _bessel_near(small, order), _bessel_far(large, order)[1])


def _bessel_near(x: Any, order: int) -> Any:
    """g_n by its series, Σ_k (-z²/2)ᵏ / (k! (2n+2k+1)!!), from the inside out."""
    z = math.pi * x
    half_square, total = z * z / 2, 1.0
    for k in range(order + 20, 0, -1):
        total = 1.0 - half_square / (k * (2 * order + 2 * k + 1)) * total
    return total / math.prod(range(1, 2 * order + 2, 2))


def _bessel_far(x: Any, order: int) -> tuple[Any, Any]:
    """g_{n-1} and g_n by the recurrence g_{k+1} = ((2k+1) g_k - g_{k-1}) / z², from g_{-1} = cos(z)."""
    whole = np.rint(x)
    turned = 1 - 2 * np.abs(np.fmod(whole, 2))
    rest = math.pi * (x - whole)
    before, here = turned * np.cos(rest), turned * np.sin(rest) / x / math.pi
    for k in range(order):
        before, here = here, ((2 * k + 1) * here - before) / x / x / math.pi**2
    return before, here


@pointwise(math.pi / 180, notation=applied("deg2rad", latex=r"\operatorname{deg2rad}"), ufunc=np.deg2rad)
def deg2rad(x: Any) -> Any:
    """Turn degrees into radians.

    Examples
    --------
    >>> deg2rad(np.array([0.0, 180.0])).round(4)
    array([0.    , 3.1416])
    """


@pointwise(180 / math.pi, notation=applied("rad2deg", latex=r"\operatorname{rad2deg}"), ufunc=np.rad2deg)
def rad2deg(x: Any) -> Any:
    """Turn radians into degrees.

    Examples
    --------
    >>> rad2deg(np.array([0.0, np.pi]))
    array([  0., 180.])
    """
