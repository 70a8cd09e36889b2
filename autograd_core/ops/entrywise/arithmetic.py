"""Arithmetic with NumPy's broadcasting: the operators of a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.graph.primitive import pointwise, primitive
from autograd_core.wording.notation import ATOM, POWER, PRODUCT, SUM, Notation, applied, infix, prefix

__all__ = [
    "add",
    "divide",
    "floor_divide",
    "multiply",
    "negative",
    "positive",
    "remainder",
    "stop_gradient",
    "subtract",
]


@pointwise(1, 1, notation=infix("+", SUM), ufunc=np.add)
def add(a: Any, b: Any) -> Any:
    """Add, a + b.

    Examples
    --------
    >>> add(np.array([1.0, 2.0]), 1.0)
    array([2., 3.])
    """


@pointwise(1, -1, notation=infix("−", SUM, latex="-", numpy="-", associative=False), ufunc=np.subtract)
def subtract(a: Any, b: Any) -> Any:
    """Subtract, a - b.

    Examples
    --------
    >>> subtract(np.array([1.0, 2.0]), 1.0)
    array([0., 1.])
    """


@pointwise(
    lambda _out, _a, b: b,
    lambda _out, a, _b: a,
    notation=infix("⊙", PRODUCT, latex=r"\odot", numpy="*"),
    ufunc=np.multiply,
)
def multiply(a: Any, b: Any) -> Any:
    """Multiply entry by entry, a * b; the matrix product is `matmul`.

    Examples
    --------
    >>> multiply(np.array([1.0, 2.0]), 3.0)
    array([3., 6.])
    """


_by_quotient = (
    lambda d, _out, _a, b: d / b,  # not d * (1 / b), which rounds twice
    lambda d, out, _a, b: -(d * out / b),
)


@primitive(vjps=_by_quotient, jvps=_by_quotient, notation=infix("/", PRODUCT, associative=False))
def divide(a: Any, b: Any) -> Any:
    """Divide entry by entry, a / b.

    Examples
    --------
    >>> divide(np.array([1.0, 2.0]), 2.0)
    array([0.5, 1. ])
    """
    return np.divide(a, b)


@pointwise(
    None,
    None,
    notation=Notation(
        "⌊/⌋",
        "⌊{0} / {1}⌋",
        r"\left\lfloor {0} / {1} \right\rfloor",
        "np.floor_divide({0}, {1})",
        ATOM,
        (PRODUCT, POWER),
        (SUM,),
    ),
    ufunc=np.floor_divide,
)
def floor_divide(a: Any, b: Any) -> Any:
    """Divide and round down, floor(a / b). No derivative flows through it.

    Examples
    --------
    >>> floor_divide(np.array([7.0, -7.0]), 2.0)
    array([ 3., -4.])
    """


@pointwise(
    1,
    lambda _out, a, b: -floor_divide(a, b),
    notation=infix("mod", PRODUCT, latex=r"\bmod", numpy="%", associative=False),
    ufunc=np.remainder,
)
def remainder(a: Any, b: Any) -> Any:
    """Take what is left of a division, a - b floor(a / b), with the sign of b; also called `mod`.

    The derivatives are 1 and -floor(a / b), at a jump too.

    Examples
    --------
    >>> remainder(np.array([7.0, -7.0]), 2.0)
    array([1., 1.])
    """


@pointwise(-1, notation=prefix("−", latex="-", numpy="-"), ufunc=np.negative)
def negative(x: Any) -> Any:
    """Change the sign, -x.

    Examples
    --------
    >>> negative(np.array([1.0, -2.0]))
    array([-1.,  2.])
    """


@pointwise(1, notation=prefix("+"), flops=0, ufunc=np.positive)
def positive(x: Any) -> Any:
    """Return a copy, +x: the same values under a node of their own.

    Examples
    --------
    >>> positive(np.array([1.0, -2.0]))
    array([ 1., -2.])
    """


@primitive(
    vjps=(None,),
    jvps=(None,),
    notation=applied("stop_gradient", numpy="np.array"),
    flops=lambda *_, **__: 0,
)
def stop_gradient(x: Any) -> Any:
    """Return a copy through which no derivative flows.

    Examples
    --------
    >>> import autograd_core as ag
    >>> ag.grad(lambda x: x * stop_gradient(x))(3.0)
    array(3.)
    """
    return np.array(x)
