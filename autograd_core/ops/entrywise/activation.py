"""Squashing and rectifying functions, entry by entry; at a kink each takes the slope that it documents."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.graph.dispatch import as_factor
from autograd_core.graph.primitive import as_operand, pointwise
from autograd_core.ops.entrywise.arithmetic import multiply
from autograd_core.ops.entrywise.elementary import expm1
from autograd_core.ops.entrywise.floating import floating
from autograd_core.ops.entrywise.selection import greater, where
from autograd_core.ops.entrywise.special import normal, sigmoid
from autograd_core.wording.notation import applied

__all__ = ["elu", "gelu", "leaky_relu", "relu", "silu", "softplus"]


@pointwise(
    lambda y, _x: greater(y, 0),
    notation=applied("relu", latex=r"\mathrm{relu}", numpy="relu"),
)
def relu(x: Any) -> Any:
    """Rectifier, max(0, x); its derivative at 0 is taken as 0.

    Examples
    --------
    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(x, 0)


@pointwise(
    lambda _y, x: sigmoid(x),
    notation=applied("softplus", latex=r"\mathrm{softplus}", numpy="softplus"),
    flops=4,
)
def softplus(x: Any) -> Any:
    """Smooth rectifier, log(1 + exp(x)), without overflow; its derivative is `sigmoid`.

    Examples
    --------
    >>> softplus(np.array([-1e4, 0.0, 30.0])).round(4)
    array([ 0.    ,  0.6931, 30.    ])
    """
    x = floating(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def leaky_relu(x: Any, negative_slope: Any = 0.01) -> Any:
    """Rectifier that lets a little through: x where it is positive, else negative_slope * x.

    Its derivative at 0 is `negative_slope`, which may itself be a tensor.

    Examples
    --------
    >>> leaky_relu(np.array([-1.0, 0.0, 2.0]))
    array([-0.01,  0.  ,  2.  ])
    """
    x = as_operand(x)
    return where(greater(x, 0), x, multiply(as_factor(negative_slope), x))


def elu(x: Any, alpha: Any = 1.0) -> Any:
    """Exponential linear unit: x where it is positive, else alpha * (exp(x) - 1).

    Its derivative at 0 is that from the left, `alpha`, which may itself be a tensor.

    Examples
    --------
    >>> elu(np.array([-1e4, 0.0, 2.0]))
    array([-1.,  0.,  2.])
    """
    x = as_operand(x)
    above = greater(x, 0)
    return where(above, x, multiply(as_factor(alpha), expm1(where(above, 0.0, x))))


def gelu(x: Any) -> Any:
    """Gaussian error linear unit, x Φ(x), with the normal distribution function Φ(x) = erfc(-x / √2) / 2.

    Examples
    --------
    >>> gelu(np.array([-1e4, 0.0, 1.0])).round(4)
    array([-0.    ,  0.    ,  0.8413])
    """
    x = as_operand(x)
    return x * normal(x)


def silu(x: Any) -> Any:
    """Sigmoid linear unit, x σ(x).

    Examples
    --------
    >>> silu(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.2689,  0.    ,  0.7311])
    """
    x = as_operand(x)
    return x * sigmoid(x)
