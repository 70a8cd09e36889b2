"""Trigonometric and hyperbolic functions and their inverses, entry by entry; angles in radians.

At the origin, where the plane has no direction, the derivatives of `hypot` and `arctan2` are taken as 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.errors import OptionError
from autograd_core.notation import ATOM, SUM, Notation, applied
from autograd_core.ops.elementary import sqrt
from autograd_core.ops.selection import equal, where
from autograd_core.primitive import pointwise

__all__ = [
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cos",
    "cosh",
    "deg2rad",
    "hypot",
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


@pointwise(
    lambda _y, x: 1 / sqrt((1 - x) * (1 + x)), notation=applied("arcsin", latex=r"\arcsin"), ufunc=np.arcsin
)
def arcsin(x: Any) -> Any:
    """Inverse sine, between -π/2 and π/2; its derivative at -1 and 1 is infinite.

    Examples
    --------
    >>> arcsin(np.array([0.0, 1.0])).round(4)
    array([0.    , 1.5708])
    """


@pointwise(
    lambda _y, x: -1 / sqrt((1 - x) * (1 + x)), notation=applied("arccos", latex=r"\arccos"), ufunc=np.arccos
)
def arccos(x: Any) -> Any:
    """Inverse cosine, between 0 and π; its derivative at -1 and 1 is infinite.

    Examples
    --------
    >>> arccos(np.array([0.0, 1.0])).round(4)
    array([1.5708, 0.    ])
    """


@pointwise(lambda _y, x: 1 / (1 + x * x), notation=applied("arctan", latex=r"\arctan"), ufunc=np.arctan)
def arctan(x: Any) -> Any:
    """Inverse tangent, between -π/2 and π/2.

    Examples
    --------
    >>> arctan(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.7854])
    """


def _per(x: Any, r: Any) -> Any:
    """Divide, x / r, with 0 where r is 0, and derivatives of 0 there."""
    origin = equal(r, 0)
    return where(origin, 0.0, x) / where(origin, 1.0, r)


@pointwise(
    lambda r, x, _y: _per(x, r),
    lambda r, _x, y: _per(y, r),
    notation=Notation(
        "√²+²",
        "√({0}² + {1}²)",
        r"\sqrt{{{0}^{{2}} + {1}^{{2}}}}",
        "np.hypot({0}, {1})",
        ATOM,
        (ATOM,),
        (SUM,),
    ),
    flops=4,
    ufunc=np.hypot,
)
def hypot(x: Any, y: Any) -> Any:
    """Distance from the origin, r = sqrt(x ** 2 + y ** 2), without overflow; derivatives x / r and y / r.

    At the origin the derivatives are taken as 0.

    Examples
    --------
    >>> hypot(np.array([3.0, 0.0]), np.array([4.0, 0.0]))
    array([5., 0.])
    """


def _turn(_angle: Any, y: Any, x: Any) -> Any:
    """How fast the angle grows with y: x / r²."""
    r = hypot(x, y)
    return _per(_per(x, r), r)


@pointwise(
    _turn,
    lambda angle, y, x: -_turn(angle, x, y),
    notation=applied("arctan2", latex=r"\operatorname{arctan2}"),
    ufunc=np.arctan2,
)
def arctan2(y: Any, x: Any) -> Any:
    """Angle of the point (x, y), between -π and π; with r = hypot(x, y) the derivatives are x / r², -y / r².

    At the origin the derivatives are taken as 0.

    Examples
    --------
    >>> arctan2(np.array([1.0, 0.0]), np.array([1.0, -1.0])).round(4)
    array([0.7854, 3.1416])
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


@pointwise(lambda y, _x: 1.0 - y * y, notation=applied("tanh", latex=r"\tanh"), ufunc=np.tanh)
def tanh(x: Any) -> Any:
    """Hyperbolic tangent; with y = tanh(x) the derivative is 1 - y ** 2.

    Examples
    --------
    >>> tanh(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.7616])
    """


@pointwise(
    lambda _y, x: 1 / sqrt(1 + x * x),
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


@pointwise(
    lambda _y, x: 1 / ((1 - x) * (1 + x)),
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


@pointwise(
    lambda _y, x, order=0: -(math.pi**2) * x * sinc(x, order=order + 1),
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
    10.53 for the series.

    Examples
    --------
    >>> sinc(np.array([0.0, 0.5, 1.0])).round(4)
    array([1.    , 0.6366, 0.    ])
    """
    if not isinstance(order, int) or not 0 <= order <= _HIGHEST:
        raise OptionError(f"sinc: order={order!r:.60}; a whole number from 0 to {_HIGHEST} is meant")
    if order == 0:
        return np.sinc(x)
    z = np.multiply(math.pi, x)
    near = np.abs(z) < order + 2
    return np.where(
        near, _bessel_near(np.where(near, z, 0.0), order), _bessel_far(np.where(near, 1.0, z), order)
    )


_HIGHEST = 149  # of the next one the series has a factor beyond the range of float64


def _bessel_near(z: Any, order: int) -> Any:
    """g_n by its series, Σ_k (-z²/2)ᵏ / (k! (2n+2k+1)!!), from the inside out."""
    half_square, total = z * z / 2, 1.0
    for k in range(order + 20, 0, -1):
        total = 1.0 - half_square / (k * (2 * order + 2 * k + 1)) * total
    return total / math.prod(range(1, 2 * order + 2, 2))


def _bessel_far(z: Any, order: int) -> Any:
    """g_n by its recurrence, g_{k+1} = ((2k+1) g_k - g_{k-1}) / z²."""
    before, here = np.cos(z), np.sin(z) / z
    for k in range(order):
        before, here = here, ((2 * k + 1) * here - before) / z / z
    return here


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
