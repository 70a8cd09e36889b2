"""Powers, entry by entry, and what their derivatives come to at every corner.

With f = x ** p, the derivatives are f_x = p x ** (p - 1), f_p = x ** p log(x) and f_xp = f_px =
x ** (p - 1) (1 + p log(x)), which is declared once and so is one number by both ways. Where p = 0 the
first is 0, and where x = 0 the second: never 0 · ∞.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.graph.primitive import as_operand, pointwise
from autograd_core.graph.stated import stated
from autograd_core.ops.entrywise.elementary import log
from autograd_core.ops.entrywise.floating import floating, widened
from autograd_core.ops.entrywise.selection import equal, where
from autograd_core.ops.shaping.shape import astype
from autograd_core.wording.notation import ATOM, POWER, Notation

__all__ = ["float_power", "power"]

_PLAIN = 8  # up to here p x ** (p - 1) loses no more than a few of the smallest numbers to underflow


def _by_base(y: Any, x: Any, p: Any) -> Any:
    if isinstance(p, int | float) and abs(p) <= _PLAIN and (p - 1) + 1 == p:
        return p * x ** (p - 1) if p else 0.0
    return _base_slope(x, p, order=1)


def _written_base(x: Any, p: Any, order: int = 1) -> Any:
    """P (p - 1) ... x ** (p - order)."""
    factor, less = p, p - 1
    for _ in range(order - 1):
        factor, less = factor * less, less - 1
    return factor * x ** where(equal(p, 0) * equal(x, 0), 1.0, less)  # never 0 * 0 ** -1


def _base_by_exponent(_s: Any, x: Any, p: Any, order: int) -> Any:
    """Derivative by p of p (p - 1) ... x ** (p - order), which is p times the one before for p - 1."""
    if order == 1:
        return _mixed(x, p)
    return _base_slope(x, p - 1, order=order - 1) + p * _base_by_exponent(_s, x, p - 1, order - 1)


@stated(_written_base, lambda _s, x, p, order: _base_slope(x, p, order=order + 1), _base_by_exponent)
@widened
def _base_slope(x: Any, p: Any, *, order: int) -> Any:
    """P (p - 1) ... x ** (p - order), order factors in front."""
    factor: Any = 1.0
    for k in range(order):
        factor = factor * (p - k)
    return _scaled(factor, x, p, order)


def _scaled(factor: Any, x: Any, p: Any, less: int) -> Any:
    """Compute factor * x ** (p - less), also where the power alone is too large or too small a number.

    What rounding takes from the exponent is put back, and x ** p is made of halves, with the factor between.
    """
    x, factor = floating(x), np.asarray(factor) if not hasattr(factor, "dtype") else factor
    exponent = p - less
    lost = p - (exponent + less)
    size = np.abs(x)
    inside = np.logical_and(np.greater(size, 0), np.less(size, math.inf))
    plain = np.power(x, np.where(np.equal(factor, 0), 0, exponent))  # never 0 * 0 ** -1
    limits = np.finfo(x.dtype)
    safe = np.logical_and(np.greater_equal(np.abs(plain), limits.tiny), np.less(np.abs(plain), math.inf))
    half = np.power(np.where(inside, size, 1), 0.5 * exponent)
    odd = np.equal(np.abs(np.fmod(exponent, 2)), 1)
    turned = np.where(np.logical_and(odd, np.less(x, 0)), -1, 1) * half
    kept = np.logical_or(safe, np.logical_not(np.logical_and(inside, np.equal(plain, plain))))
    value = np.where(kept, factor * plain, factor * half * turned)
    return value * (1 + np.where(inside, lost * np.log(np.where(inside, size, 1)), 0))


@stated(
    lambda y, x, _p: y * where(equal(x, 0), 0.0, log(where(equal(x, 0), 1.0, x))),
    None,
    lambda _s, _y, x, p: _mixed(x, p),
    lambda s, _y, x, _p: s * where(equal(x, 0), 0.0, log(where(equal(x, 0), 1.0, x))),
)
@widened
def _exponent_slope(y: Any, x: Any, p: Any) -> Any:
    """X ** p log(x), by halves where x ** p is too large or too small a number."""
    y = floating(y)
    zero = np.equal(x, 0)
    logarithm = np.where(zero, 0, np.log(np.where(zero, 1, x)))
    size = np.abs(y)
    inside = np.logical_and(np.greater(x, 0), np.less(x, math.inf))
    safe = np.logical_and(np.greater_equal(size, np.finfo(y.dtype).tiny), np.less(size, math.inf))
    half = np.power(np.where(inside, x, 1), 0.5 * p)
    gone = np.logical_and(np.equal(x, math.inf), np.equal(y, 0))
    plain = y * np.where(gone, 0, logarithm)
    return np.where(np.logical_or(safe, np.logical_not(inside)), plain, half * logarithm * half)


@stated(
    lambda x, p: x ** (p - 1) * (1 + p * log(x)),
    lambda _m, x, p: power(x, p - 2) * ((p - 1) * (1 + p * log(x)) + p),
    lambda _m, x, p: power(x, p - 1) * (log(x) * (2 + p * log(x))),
)
@widened
def _mixed(x: Any, p: Any) -> Any:
    """X ** (p - 1) (1 + p log(x)); its limit 0 where p is above 1 and x is 0."""
    x = floating(x)
    flat = np.logical_and(np.equal(x, 0), np.greater(p, 1))
    logarithm = np.log(np.where(flat, 1, x))
    return np.where(flat, 0, _scaled(1 + p * logarithm, x, p, 1))


@pointwise(
    _by_base,
    lambda y, x, p: _exponent_slope(y, x, p),
    notation=Notation("^", "{0}^{1}", "{0}^{{{1}}}", "{0} ** {1}", POWER, (ATOM, ATOM)),
)
def power(x: Any, p: Any) -> Any:
    """Raise to a power, x ** p.

    The derivative by x is 0 where p = 0, the derivative by p is 0 where x = 0; where x is negative, there is
    none by p, and NaN comes out.

    Examples
    --------
    >>> power(np.array([1.0, 3.0]), 2)
    array([1., 9.])
    """
    return x**p if isinstance(x, np.ndarray) else np.power(x, p)


def float_power(x: Any, p: Any) -> Any:
    """Raise to a power as `power` does, in double precision at least: negative powers of integers too.

    Examples
    --------
    >>> float_power(np.array([2, 4]), -1)
    array([0.5 , 0.25])
    """
    x = as_operand(x)
    return power(astype(x, np.result_type(x.dtype, np.float64)), p)
