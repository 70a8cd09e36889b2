"""Elementary functions, entry by entry: squares, roots, exponentials and logarithms.

At a kink one documented choice holds: the derivative of the absolute value is 0 at 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.graph.primitive import pointwise
from autograd_core.graph.stated import stated
from autograd_core.ops.entrywise.rounding import sign
from autograd_core.wording.notation import ATOM, POWER, PRODUCT, SUM, Notation, applied

__all__ = [
    "absolute",
    "cbrt",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "reciprocal",
    "sqrt",
    "square",
]


@pointwise(lambda y, _x: y, notation=applied("exp", latex=r"\exp"), ufunc=np.exp)
def exp(x: Any) -> Any:
    """Exponential, e ** x.

    Examples
    --------
    >>> exp(np.array([0.0, 1.0])).round(4)
    array([1.    , 2.7183])
    """


@stated(
    lambda y, _x, order=1: math.log(2) ** order * y,
    None,
    lambda _s, y, x, order: _exp2_slope(y, x, order=order + 1),
)
def _exp2_slope(_y: Any, x: Any, *, order: int) -> Any:
    """Derivative of 2 ** x of an order, by halves: it is still a number where 2 ** x is none any more."""
    half = np.exp2(0.5 * x)
    return math.log(2) ** order * half * half


@pointwise(
    lambda y, x: _exp2_slope(y, x, order=1),
    notation=Notation("2^·", "2^{0}", "2^{{{0}}}", "np.exp2({0})", POWER, (ATOM,), (SUM,)),
    ufunc=np.exp2,
)
def exp2(x: Any) -> Any:
    """Power of two, 2 ** x.

    Examples
    --------
    >>> exp2(np.array([0.0, 3.0]))
    array([1., 8.])
    """


@pointwise(lambda _y, x: exp(x), notation=applied("expm1", latex=r"\operatorname{expm1}"), ufunc=np.expm1)
def expm1(x: Any) -> Any:
    """Exponential minus one, e ** x - 1, exact near 0.

    Examples
    --------
    >>> expm1(np.array([1e-20, 1.0])).round(25)
    array([1.00000000e-20, 1.71828183e+00])
    """


@pointwise(lambda _y, x: 1 / x, notation=applied("log", latex=r"\log"), ufunc=np.log)
def log(x: Any) -> Any:
    """Natural logarithm.

    Examples
    --------
    >>> log(np.array([1.0, 2.0])).round(4)
    array([0.    , 0.6931])
    """


@pointwise(
    lambda _y, x: math.log2(math.e) / x,
    notation=applied("log2", symbol="log₂", latex=r"\log_{2}"),
    ufunc=np.log2,
)
def log2(x: Any) -> Any:
    """Logarithm to base 2.

    Examples
    --------
    >>> log2(np.array([1.0, 8.0]))
    array([0., 3.])
    """


@pointwise(
    lambda _y, x: math.log10(math.e) / x,
    notation=applied("log10", symbol="log₁₀", latex=r"\log_{10}"),
    ufunc=np.log10,
)
def log10(x: Any) -> Any:
    """Logarithm to base 10.

    Examples
    --------
    >>> log10(np.array([1.0, 1000.0]))
    array([0., 3.])
    """


@pointwise(
    lambda _y, x: 1 / (1 + x), notation=applied("log1p", latex=r"\operatorname{log1p}"), ufunc=np.log1p
)
def log1p(x: Any) -> Any:
    """Logarithm of one more, log(1 + x), exact near 0.

    Examples
    --------
    >>> log1p(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.6931])
    """


@pointwise(
    lambda y, _x: 0.5 / y,
    notation=Notation("√", "√({0})", r"\sqrt{{{0}}}", "np.sqrt({0})"),
    ufunc=np.sqrt,
)
def sqrt(x: Any) -> Any:
    """Square root; its derivative at 0 is infinite.

    Examples
    --------
    >>> sqrt(np.array([4.0, 9.0]))
    array([2., 3.])
    """


@pointwise(
    lambda y, _x: 1 / (3 * square(y)),
    notation=Notation("∛", "∛({0})", r"\sqrt[3]{{{0}}}", "np.cbrt({0})"),
    ufunc=np.cbrt,
)
def cbrt(x: Any) -> Any:
    """Cube root, of negative numbers too; its derivative at 0 is infinite.

    Examples
    --------
    >>> cbrt(np.array([-8.0, 27.0]))
    array([-2.,  3.])
    """


@pointwise(
    lambda _y, x: 2 * x,
    notation=Notation("²", "{0}²", "{0}^{{2}}", "np.square({0})", POWER, (ATOM,), (SUM,)),
    ufunc=np.square,
)
def square(x: Any) -> Any:
    """Square, x ** 2.

    Examples
    --------
    >>> square(np.array([-1.0, 3.0]))
    array([1., 9.])
    """


@pointwise(
    lambda y, _x: -square(y),
    notation=Notation("1/·", "1 / {0}", "1 / {0}", "np.reciprocal({0})", PRODUCT, (POWER,), (SUM,)),
    ufunc=np.reciprocal,
)
def reciprocal(x: Any) -> Any:
    """One divided by each entry, 1 / x.

    Examples
    --------
    >>> reciprocal(np.array([-2.0, 4.0]))
    array([-0.5 ,  0.25])
    """


@pointwise(
    lambda _y, x: sign(x),
    notation=Notation("|·|", "|{0}|", r"\left|{0}\right|", "np.abs({0})"),
    ufunc=np.absolute,
)
def absolute(x: Any) -> Any:
    """Absolute value; its derivative at 0 is taken as 0.

    Examples
    --------
    >>> absolute(np.array([-2.0, 0.0, 3.0]))
    array([2., 0., 3.])
    """
