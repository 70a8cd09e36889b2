"""Elementary functions, entry by entry.

At a kink one documented choice holds: the derivative of the absolute value is 0 at 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.notation import ATOM, POWER, Notation, applied
from autograd_core.ops.rounding import sign
from autograd_core.ops.selection import equal, where
from autograd_core.primitive import pointwise

__all__ = ["absolute", "exp", "log", "power", "sqrt"]


@pointwise(lambda y, _x: y, notation=applied("exp", latex=r"\exp"))
def exp(x: Any) -> Any:
    """Exponential, e ** x.

    Examples
    --------
    >>> exp(np.array([0.0, 1.0])).round(4)
    array([1.    , 2.7183])
    """
    return np.exp(x)


@pointwise(lambda _y, x: 1 / x, notation=applied("log", latex=r"\log"))
def log(x: Any) -> Any:
    """Natural logarithm.

    Examples
    --------
    >>> log(np.array([1.0, 2.0])).round(4)
    array([0.    , 0.6931])
    """
    return np.log(x)


@pointwise(
    lambda y, _x: 0.5 / y,
    notation=Notation("√", "√({0})", r"\sqrt{{{0}}}", "np.sqrt({0})"),
)
def sqrt(x: Any) -> Any:
    """Square root; its derivative at 0 is infinite.

    Examples
    --------
    >>> sqrt(np.array([4.0, 9.0]))
    array([2., 3.])
    """
    return np.sqrt(x)


@pointwise(
    lambda _y, x: sign(x),
    notation=Notation("|·|", "|{0}|", r"\left|{0}\right|", "np.abs({0})"),
)
def absolute(x: Any) -> Any:
    """Absolute value; its derivative at 0 is taken as 0.

    Examples
    --------
    >>> absolute(np.array([-2.0, 0.0, 3.0]))
    array([2., 0., 3.])
    """
    return np.absolute(x)


def _power_by_base(_y: Any, x: Any, p: Any) -> Any:
    if isinstance(p, int | float):
        return p * x ** (p - 1) if p else x * 0.0
    return p * x ** where(equal(p, 0) * equal(x, 0), 1.0, p - 1)  # never 0 * 0 ** -1


def _power_by_exponent(y: Any, x: Any, _p: Any) -> Any:
    zero = equal(x, 0)
    return y * where(zero, 0.0, log(where(zero, 1.0, x)))


@pointwise(
    _power_by_base,
    _power_by_exponent,
    notation=Notation("^", "{0}^{1}", "{0}^{{{1}}}", "{0} ** {1}", POWER, (ATOM, ATOM)),
)
def power(x: Any, p: Any) -> Any:
    """Raise to a power, x ** p.

    The derivative by x is 0 where p = 0, the derivative by p is 0 where x = 0.

    Examples
    --------
    >>> power(np.array([1.0, 3.0]), 2)
    array([1., 9.])
    """
    return x**p if isinstance(x, np.ndarray) else np.power(x, p)
