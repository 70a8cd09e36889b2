"""Operations that compare and choose, entry by entry.

At a tie or a kink one documented choice holds everywhere: equal operands of a maximum or minimum share
the derivative equally. Comparisons are recorded, but no derivative flows through them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.notation import COMPARISON, Notation, applied, infix
from autograd_core.ops.shape import astype
from autograd_core.primitive import pointwise, primitive

__all__ = [
    "equal",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "maximum",
    "minimum",
    "not_equal",
    "where",
]


def _comparison(symbol: str, latex: str, numpy: str) -> Notation:
    return infix(symbol, COMPARISON, latex=latex, numpy=numpy, associative=False)


@pointwise(None, None, notation=_comparison(">", ">", ">"))
def greater(a: Any, b: Any) -> Any:
    """Compare, a > b.

    Examples
    --------
    >>> greater(np.array([1.0, 3.0]), 2.0)
    array([False,  True])
    """
    return np.greater(a, b)


@pointwise(None, None, notation=_comparison("≥", r"\ge", ">="))
def greater_equal(a: Any, b: Any) -> Any:
    """Compare, a >= b.

    Examples
    --------
    >>> greater_equal(np.array([1.0, 2.0]), 2.0)
    array([False,  True])
    """
    return np.greater_equal(a, b)


@pointwise(None, None, notation=_comparison("<", "<", "<"))
def less(a: Any, b: Any) -> Any:
    """Compare, a < b.

    Examples
    --------
    >>> less(np.array([1.0, 3.0]), 2.0)
    array([ True, False])
    """
    return np.less(a, b)


@pointwise(None, None, notation=_comparison("≤", r"\le", "<="))
def less_equal(a: Any, b: Any) -> Any:
    """Compare, a <= b.

    Examples
    --------
    >>> less_equal(np.array([1.0, 2.0]), 2.0)
    array([ True,  True])
    """
    return np.less_equal(a, b)


@pointwise(None, None, notation=_comparison("=", "=", "=="))
def equal(a: Any, b: Any) -> Any:
    """Compare, a == b.

    Examples
    --------
    >>> equal(np.array([1.0, 2.0]), 2.0)
    array([False,  True])
    """
    return np.equal(a, b)


@pointwise(None, None, notation=_comparison("≠", r"\ne", "!="))
def not_equal(a: Any, b: Any) -> Any:
    """Compare, a != b.

    Examples
    --------
    >>> not_equal(np.array([1.0, 2.0]), 2.0)
    array([ True, False])
    """
    return np.not_equal(a, b)


@primitive(
    vjps=(
        None,
        lambda ct, _out, condition, _a, _b: where(condition, ct, 0.0),
        lambda ct, _out, condition, _a, _b: where(condition, 0.0, ct),
    ),
    jvps=(
        None,
        lambda t, _out, condition, _a, _b: where(condition, t, 0.0),
        lambda t, _out, condition, _a, _b: where(condition, 0.0, t),
    ),
    notation=applied("where"),
)
def where(condition: Any, a: Any, b: Any) -> Any:
    """Choose entry by entry: a where the condition holds, else b.

    The branch not chosen gets a cotangent of exactly 0. If computing it made a NaN or infinity, its own
    derivative may still turn that 0 into NaN: choose a harmless operand before such an operation.

    Examples
    --------
    >>> where(np.array([True, False]), 1.0, np.array([5.0, 6.0]))
    array([1., 6.])
    """
    return np.where(condition, a, b)


def _larger(out: Any, a: Any, b: Any) -> Any:
    return astype(greater(a, b), out.dtype) + 0.5 * astype(equal(a, b), out.dtype)


@pointwise(_larger, lambda out, a, b: _larger(out, b, a), notation=applied("max", numpy="np.maximum"))
def maximum(a: Any, b: Any) -> Any:
    """Take the larger of two entries; a tie shares the derivative equally.

    Examples
    --------
    >>> maximum(np.array([1.0, 3.0]), 2.0)
    array([2., 3.])
    """
    return np.maximum(a, b)


@pointwise(lambda out, a, b: _larger(out, b, a), _larger, notation=applied("min", numpy="np.minimum"))
def minimum(a: Any, b: Any) -> Any:
    """Take the smaller of two entries; a tie shares the derivative equally.

    Examples
    --------
    >>> minimum(np.array([1.0, 3.0]), 2.0)
    array([1., 2.])
    """
    return np.minimum(a, b)
