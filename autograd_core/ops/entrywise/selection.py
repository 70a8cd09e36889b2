"""Operations that compare and choose, entry by entry.

At a tie or a kink one documented choice holds everywhere: equal operands of a maximum or minimum share
the derivative equally. Comparisons are recorded, but no derivative flows through them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.graph.primitive import as_operand, pointwise, primitive
from autograd_core.ops.entrywise.arithmetic import positive
from autograd_core.ops.shaping.shape import astype
from autograd_core.wording.arguments import is_sequence
from autograd_core.wording.errors import DtypeError, OptionError, ShapeError, describe
from autograd_core.wording.notation import COMPARISON, SUM, Notation, applied, infix

__all__ = [
    "clip",
    "equal",
    "fmax",
    "fmin",
    "greater",
    "greater_equal",
    "heaviside",
    "less",
    "less_equal",
    "maximum",
    "minimum",
    "nan_to_num",
    "not_equal",
    "select",
    "where",
]


def _comparison(symbol: str, latex: str, numpy: str) -> Notation:
    between = infix(symbol, COMPARISON, latex=latex, numpy=numpy)
    return between._replace(operands=(SUM,), numpy_operands=(SUM,))  # no chain: a > b > c means another thing


@pointwise(None, None, notation=_comparison(">", ">", ">"), ufunc=np.greater)
def greater(a: Any, b: Any) -> Any:
    """Compare, a > b.

    Examples
    --------
    >>> greater(np.array([1.0, 3.0]), 2.0)
    array([False,  True])
    """


@pointwise(None, None, notation=_comparison("≥", r"\ge", ">="), ufunc=np.greater_equal)
def greater_equal(a: Any, b: Any) -> Any:
    """Compare, a >= b.

    Examples
    --------
    >>> greater_equal(np.array([1.0, 2.0]), 2.0)
    array([False,  True])
    """


@pointwise(None, None, notation=_comparison("<", "<", "<"), ufunc=np.less)
def less(a: Any, b: Any) -> Any:
    """Compare, a < b.

    Examples
    --------
    >>> less(np.array([1.0, 3.0]), 2.0)
    array([ True, False])
    """


@pointwise(None, None, notation=_comparison("≤", r"\le", "<="), ufunc=np.less_equal)
def less_equal(a: Any, b: Any) -> Any:
    """Compare, a <= b.

    Examples
    --------
    >>> less_equal(np.array([1.0, 2.0]), 2.0)
    array([ True,  True])
    """


@pointwise(None, None, notation=_comparison("=", "=", "=="), ufunc=np.equal)
def equal(a: Any, b: Any) -> Any:
    """Compare, a == b.

    Examples
    --------
    >>> equal(np.array([1.0, 2.0]), 2.0)
    array([False,  True])
    """


@pointwise(None, None, notation=_comparison("≠", r"\ne", "!="), ufunc=np.not_equal)
def not_equal(a: Any, b: Any) -> Any:
    """Compare, a != b.

    Examples
    --------
    >>> not_equal(np.array([1.0, 2.0]), 2.0)
    array([ True, False])
    """


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


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """Choose entry by entry from several arrays: from that of the first condition that holds.

    Parameters
    ----------
    condlist : sequence of arrays of truths
    choicelist : sequence of arrays or Tensors
        One for each condition; all broadcast.
    default : number, array or Tensor
        Where no condition holds.

    Raises
    ------
    ShapeError
        There is no condition, or not one for each choice.
    DtypeError
        A condition does not consist of truths.

    Examples
    --------
    >>> x = np.array([-1.0, 0.5, 3.0])
    >>> select([x < 0, x < 1], [0.0, x], 1.0)
    array([0. , 0.5, 1. ])
    """
    for given in (condlist, choicelist):
        if not is_sequence(given):
            raise DtypeError(f"select: found {given!r:.60}, wanted a list of conditions and one of choices")
    if not len(condlist) or len(condlist) != len(choicelist):
        raise ShapeError(
            f"select: {len(condlist)} conditions for {len(choicelist)} choices; give one for each"
        )
    conditions = [as_operand(condition) for condition in condlist]
    for condition in conditions:
        if condition.dtype != bool:
            raise DtypeError(f"select: a condition has dtype {condition.dtype}, where truths are wanted")
    chosen = default
    for condition, choice in zip(conditions[::-1], choicelist[::-1]):
        chosen = where(condition, choice, chosen)
    return chosen


def _larger(out: Any, a: Any, b: Any) -> Any:
    """One where a is larger, one half where both are equal."""
    return astype(greater(a, b), out.dtype) + 0.5 * astype(equal(a, b), out.dtype)


@pointwise(
    _larger,
    lambda out, a, b: _larger(out, b, a),
    notation=applied("max", latex=r"\max", numpy="np.maximum"),
    ufunc=np.maximum,
)
def maximum(a: Any, b: Any) -> Any:
    """Take the larger of two entries; a tie shares the derivative equally.

    Examples
    --------
    >>> maximum(np.array([1.0, 3.0]), 2.0)
    array([2., 3.])
    """


@pointwise(
    lambda out, a, b: _larger(out, b, a),
    _larger,
    notation=applied("min", latex=r"\min", numpy="np.minimum"),
    ufunc=np.minimum,
)
def minimum(a: Any, b: Any) -> Any:
    """Take the smaller of two entries; a tie shares the derivative equally.

    Examples
    --------
    >>> minimum(np.array([1.0, 3.0]), 2.0)
    array([1., 2.])
    """


def _chosen(out: Any, a: Any, b: Any) -> Any:
    """One where a is the result, one half where b is too, 0 where a is NaN."""
    return astype(equal(a, out), out.dtype) - 0.5 * astype(equal(a, b), out.dtype)


@pointwise(_chosen, lambda out, a, b: _chosen(out, b, a), notation=applied("fmax"), ufunc=np.fmax)
def fmax(a: Any, b: Any) -> Any:
    """Take the larger of two entries, or the only one that is a number; a tie shares the derivative equally.

    Examples
    --------
    >>> fmax(np.array([1.0, np.nan]), 2.0)
    array([2., 2.])
    """


@pointwise(_chosen, lambda out, a, b: _chosen(out, b, a), notation=applied("fmin"), ufunc=np.fmin)
def fmin(a: Any, b: Any) -> Any:
    """Take the smaller of two entries, or the only one that is a number; a tie shares the derivative equally.

    Examples
    --------
    >>> fmin(np.array([1.0, np.nan]), 2.0)
    array([1., 2.])
    """


def clip(x: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """Hold entries between two bounds, min(max(x, a_min), a_max); None is no bound.

    At a bound x and the bound share the derivative equally. The bounds may also be given as `min` and `max`.

    Raises
    ------
    OptionError
        A bound is given under both of its names.

    Examples
    --------
    >>> clip(np.array([-1.0, 0.5, 3.0]), 0.0, 1.0)
    array([0. , 0.5, 1. ])
    """
    low, high = _either("min", a_min, min), _either("max", a_max, max)
    if low is not None:
        x = maximum(x, low)
    if high is not None:
        x = minimum(x, high)
    return positive(x) if low is None and high is None else x


def _either(name: str, old: Any, new: Any) -> Any:
    if old is not None and new is not None:
        raise OptionError(f"clip: a_{name} and {name} are the same bound; give one of them")
    return new if old is None else old


def nan_to_num(x: Any, *, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """Replace NaN and the infinities, by 0 and the largest numbers unless others are given.

    The derivative is 0 where an entry is replaced.

    Examples
    --------
    >>> nan_to_num(np.array([1.0, np.nan, -np.inf]), neginf=-9.0)
    array([ 1.,  0., -9.])
    """
    x = as_operand(x)
    if x.dtype.kind != "f":
        return astype(x, x.dtype)
    most = np.finfo(x.dtype).max
    high, low, none = (
        _fill(value, x)
        for value in (most if posinf is None else posinf, -most if neginf is None else neginf, nan)
    )
    return where(equal(x, np.inf), high, where(equal(x, -np.inf), low, where(not_equal(x, x), none, x)))


def _fill(value: Any, x: Any) -> Any:
    """What stands in place of an entry of x."""
    fill = as_operand(value)
    if fill.ndim > x.ndim or any(n not in (1, m) for n, m in zip(fill.shape[::-1], x.shape[::-1])):
        raise ShapeError(f"nan_to_num: found {describe(fill)} to replace entries of {describe(x)}")
    return astype(fill, x.dtype)


@pointwise(
    None,
    lambda _out, x, _h: equal(x, 0),
    notation=applied("heaviside", symbol="H", latex="H", numpy="np.heaviside"),
    ufunc=np.heaviside,
)
def heaviside(x: Any, h: Any) -> Any:
    """Step function: 0 where x is negative, 1 where it is positive, h where it is 0.

    No derivative flows to x; that by h is 1 where x is 0.

    Examples
    --------
    >>> heaviside(np.array([-1.0, 0.0, 2.0]), 0.5)
    array([0. , 0.5, 1. ])
    """
