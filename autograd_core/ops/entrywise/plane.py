"""Distance and angle of a point of the plane, entry by entry.

At the origin, where there is no direction, the derivatives are taken as 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.graph.primitive import pointwise
from autograd_core.graph.stated import stated
from autograd_core.ops.entrywise.floating import floating
from autograd_core.ops.entrywise.selection import equal, greater, where
from autograd_core.wording.notation import ATOM, SUM, Notation, applied

__all__ = ["arctan2", "hypot"]


def _per(x: Any, r: Any) -> Any:
    """Divide, x / r, with 0 where r is 0, and derivatives of 0 there."""
    origin = equal(r, 0)
    return where(origin, 0.0, x) / where(origin, 1.0, r)


@stated(
    lambda r, x, _y: _per(x, r),
    None,
    lambda _c, r, x, y: _per(_cosine(r, y, x) * _cosine(r, y, x), r),
    lambda c, r, x, y: -_per(c * _cosine(r, y, x), r),
)
def _cosine(r: Any, x: Any, y: Any) -> Any:
    """X / r, whose derivatives are y² / r³ and -x y / r³; also where r is too large or too small a number."""
    r = floating(r)
    safe = np.logical_and(np.greater_equal(r, np.finfo(r.dtype).tiny), np.less(r, math.inf))
    if isinstance(safe, np.ndarray | np.generic) and safe.all():
        return x / r
    return np.where(safe, x / np.where(safe, r, 1), _direction(x, y))


def _direction(x: Any, y: Any) -> Any:
    """X / r by the larger coordinate; infinite ones prevail over others, and are equal."""
    size = np.maximum(np.abs(x), np.abs(y))
    far, origin = np.equal(size, math.inf), np.equal(size, 0)
    size = np.where(np.logical_or(far, origin), 1, size)
    u, v = (
        np.where(far, np.where(np.equal(np.abs(z), math.inf), np.sign(z), 0), np.where(far, 0, z) / size)
        for z in (x, y)
    )
    return u / np.where(origin, 1, np.hypot(u, v))


@pointwise(
    lambda r, x, y: _cosine(r, x, y),
    lambda r, x, y: _cosine(r, y, x),
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


def _turn_by_y(_turn: Any, y: Any, x: Any) -> Any:
    """-2 x y / r⁴."""
    r = hypot(x, y)
    return -2.0 * _per(_per(_cosine(r, x, y) * _cosine(r, y, x), r), r)


def _turn_by_x(_turn: Any, y: Any, x: Any) -> Any:
    """(y² - x²) / r⁴, by factors that are exact where both are nearly equal."""
    r = hypot(x, y)
    half = where(greater(r, 1.0), 0.5, 1.0)  # a sum may overflow
    x, y, size = half * x, half * y, half * r
    return _per(_per(_per(y - x, size) * _per(y + x, size), r), r)


@stated(lambda y, x: _per(_per(x, hypot(x, y)), hypot(x, y)), _turn_by_y, _turn_by_x)
def _turn(y: Any, x: Any) -> Any:
    """X / r²: how fast the angle grows with y."""
    r = np.hypot(x, y)
    return _cosine(r, x, y) / np.where(np.equal(r, 0), 1, r)


@pointwise(
    lambda _angle, y, x: _turn(y, x),
    lambda _angle, y, x: -_turn(x, y),
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
