"""Squashing functions, entry by entry; the derivative of relu at 0 is taken as 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.notation import applied
from autograd_core.ops.selection import greater
from autograd_core.primitive import pointwise

__all__ = ["relu", "sigmoid"]


@pointwise(
    lambda y, _x: y * (1 - y),
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
    if getattr(x, "dtype", None) not in _LARGEST_EXPONENT:
        x = np.asarray(x, np.result_type(x, 0.0))
    return 1 / (1 + np.exp(np.minimum(-x, _LARGEST_EXPONENT[x.dtype])))


_LARGEST_EXPONENT = {
    np.dtype(t): float(np.log(np.finfo(t).max)) - 1
    for t in (np.float16, np.float32, np.float64, np.longdouble)
}


@pointwise(
    lambda y, _x: greater(y, 0),
    notation=applied("relu", latex=r"\mathrm{relu}", numpy="relu"),
)
def relu(x: Any) -> Any:
    """Rectifier, max(0, x).

    Examples
    --------
    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(x, 0)
