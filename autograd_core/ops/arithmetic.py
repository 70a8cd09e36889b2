"""Arithmetic with NumPy's broadcasting: the operators of a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.notation import PRODUCT, SUM, infix, prefix
from autograd_core.primitive import pointwise

__all__ = ["add", "divide", "multiply", "negative", "positive", "subtract"]


@pointwise(1, 1, notation=infix("+", SUM))
def add(a: Any, b: Any) -> Any:
    """Add, a + b.

    Examples
    --------
    >>> add(np.array([1.0, 2.0]), 1.0)
    array([2., 3.])
    """
    return np.add(a, b)


@pointwise(1, -1, notation=infix("−", SUM, latex="-", numpy="-", associative=False))
def subtract(a: Any, b: Any) -> Any:
    """Subtract, a - b.

    Examples
    --------
    >>> subtract(np.array([1.0, 2.0]), 1.0)
    array([0., 1.])
    """
    return np.subtract(a, b)


@pointwise(
    lambda _out, _a, b: b,
    lambda _out, a, _b: a,
    notation=infix("⊙", PRODUCT, latex=r"\odot", numpy="*"),
)
def multiply(a: Any, b: Any) -> Any:
    """Multiply entry by entry, a * b; the matrix product is `matmul`.

    Examples
    --------
    >>> multiply(np.array([1.0, 2.0]), 3.0)
    array([3., 6.])
    """
    return np.multiply(a, b)


@pointwise(
    lambda _out, _a, b: 1 / b,
    lambda out, _a, b: -out / b,
    notation=infix("/", PRODUCT, associative=False),
)
def divide(a: Any, b: Any) -> Any:
    """Divide entry by entry, a / b.

    Examples
    --------
    >>> divide(np.array([1.0, 2.0]), 2.0)
    array([0.5, 1. ])
    """
    return np.divide(a, b)


@pointwise(-1, notation=prefix("−", latex="-", numpy="-"))
def negative(x: Any) -> Any:
    """Change the sign, -x.

    Examples
    --------
    >>> negative(np.array([1.0, -2.0]))
    array([-1.,  2.])
    """
    return np.negative(x)


@pointwise(1, notation=prefix("+"), flops=0)
def positive(x: Any) -> Any:
    """Return a copy, +x: the same values under a node of their own.

    Examples
    --------
    >>> positive(np.array([1.0, -2.0]))
    array([ 1., -2.])
    """
    return np.positive(x)
