"""Special functions, entry by entry, exact where the textbook formula would overflow or cancel."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.notation import PRODUCT, Notation, applied, infix
from autograd_core.ops.elementary import absolute, exp, log, log1p, square
from autograd_core.ops.selection import clip, equal, where
from autograd_core.ops.shape import astype
from autograd_core.primitive import as_operand, pointwise

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


_LARGEST_EXPONENT = {
    np.dtype(t): float(np.log(np.finfo(t).max)) - 1
    for t in (np.float16, np.float32, np.float64, np.longdouble)
}


def floating(x: Any) -> Any:
    """The same numbers as an array of floating dtype, their own if they have one."""
    return x if getattr(x, "dtype", None) in _LARGEST_EXPONENT else np.asarray(x, np.result_type(x, 0.0))


@pointwise(
    lambda y, _x: y * (1.0 - y),
    notation=applied("sigmoid", symbol="σ", latex=r"\sigma", numpy="sigmoid"),
    flops=3,
)
def sigmoid(x: Any) -> Any:
    """Logistic function y = 1 / (1 + exp(-x)), with derivative y (1 - y).

    The exponent is held just below overflow, so that both ends are right to rounding without a warning.

    Examples
    --------
    >>> sigmoid(np.array([-1e4, 0.0, 1e4])).round(12)
    array([0. , 0.5, 1. ])
    """
    x = floating(x)
    return 1 / (1 + np.exp(np.minimum(-x, _LARGEST_EXPONENT[x.dtype])))


def logit(p: Any) -> Any:
    """Inverse of `sigmoid`: the log of the odds, log(p) - log(1 - p).

    Examples
    --------
    >>> logit(np.array([0.5, 0.75])).round(4)
    array([0.    , 1.0986])
    """
    p = as_operand(p)
    p = p if p.dtype.kind == "f" else astype(p, float)
    return log(p) - log1p(-p)


def _lead(a: Any, b: Any) -> Any:
    """The difference a - b, taken as 0 between equal infinities."""
    same = equal(a, b) * equal(absolute(a), math.inf)
    return where(same, 0.0, a) - where(same, 0.0, b)


@pointwise(
    lambda _out, a, b: sigmoid(_lead(a, b)),
    lambda _out, a, b: sigmoid(_lead(b, a)),
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


@pointwise(
    lambda _out, a, b: sigmoid(math.log(2) * _lead(a, b)),
    lambda _out, a, b: sigmoid(math.log(2) * _lead(b, a)),
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


def _bell(x: Any) -> Any:
    """2 / √π exp(-x²), the derivative of erf; long before 30 it is 0, and far out x² would overflow."""
    return 2 / math.sqrt(math.pi) * exp(-square(clip(x, -30.0, 30.0)))


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
