"""Variance and standard deviation over axes."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from autograd_core.graph.primitive import Rule, as_operand
from autograd_core.graph.stated import stated
from autograd_core.ops.entrywise.floating import floating, least, most, unit, widened
from autograd_core.ops.entrywise.selection import equal, where
from autograd_core.ops.reducing.reduction import Axes, count_over, groups, kept, max, mean, min, reducing
from autograd_core.ops.shaping.axes import Axis
from autograd_core.system.quiet import unwarned
from autograd_core.wording.arguments import number
from autograd_core.wording.errors import OptionError
from autograd_core.wording.notation import applied

__all__ = ["std", "var"]

_add_over: Any = np.add.reduce


def _centred(x: Any, axis: Axes) -> Any:
    """What entries differ from their mean by; a second mean takes what the first has lost by rounding."""
    over, n = {"axis": axis, "keepdims": True}, count_over(x, axis)
    parts = x - unwarned(functools.partial(_add_over, x, **over)) / n
    if not np.isfinite(parts).all() and np.isfinite(x).all():  # the sum alone is no number
        parts = x - _add_over(x / n, **over)
    return parts - _add_over(parts, **over) / n


def _deviations(x: Any, axis: Axes, ddof: float) -> tuple[Any, Any, Any]:
    """What entries differ from their mean by, its variance, and the power of two that both are over."""
    parts = _centred(x, axis)
    scale = unit(np.maximum.reduce(np.abs(parts), axis=axis, keepdims=True))
    parts = parts / scale
    variance = _add_over(parts * parts, axis=axis, keepdims=True) / (count_over(x, axis) - ddof)
    return parts, variance, scale


def _level(x: Any, axis: Axes) -> Any:
    """Whether all entries of a group are equal."""
    return equal(max(x, axis, keepdims=True), min(x, axis, keepdims=True))


def _mended(numpys: Rule, x: Any, axis: Axes, ddof: float, keepdims: bool) -> Any:
    """NumPy's variance or deviation, but where squares, or the mean, have lost its digits."""
    x = floating(x)
    if count_over(x, axis) <= ddof:
        return numpys(x, axis=axis, ddof=ddof, keepdims=keepdims)
    found = unwarned(functools.partial(numpys, x, axis=axis, ddof=ddof, keepdims=keepdims))
    of_squares = numpys is np.var
    limits, sizes = np.finfo(x.dtype), np.abs(x)
    share, tiny = limits.eps**0.5, limits.tiny**0.5 / limits.eps
    smallest = math.sqrt(least(found)) if of_squares else least(found)
    if smallest > tiny and smallest > share * most(sizes) and most(found) < math.inf:
        return found
    found = unwarned(functools.partial(numpys, x, axis=axis, ddof=ddof, keepdims=True))
    enough = np.maximum(np.maximum.reduce(sizes, axis=axis, keepdims=True) * share, tiny)
    safe = ((np.sqrt(found) if of_squares else found) > enough) & (found < math.inf)
    if not safe.all():
        _, variance, scale = _deviations(x, axis, ddof)
        exact = variance * scale * scale if of_squares else np.sqrt(variance) * scale
        found = np.where(safe | (_level(x, axis) & np.isfinite(found)), found, exact)
    return (found if keepdims else np.squeeze(found, axis))[()]


def _over_freedom(x: Any, axis: Axes, ddof: float) -> float:
    free = count_over(x, axis) - ddof
    return 2 / free if free > 0 else math.nan


def _same_again(d: Any, _slope: Any, x: Any, *, axis: Axes, ddof: float) -> Any:
    """The slope of a variance is linear in x, and its own adjoint."""
    return _var_slope(d, axis=axis, ddof=ddof)


@stated(
    lambda x, axis, ddof: (x - mean(x, axis, keepdims=True)) * _over_freedom(x, axis, ddof),
    vjps=(_same_again,),
    jvps=(_same_again,),
    fused=True,
)
@widened
def _var_slope(x: Any, *, axis: Axes, ddof: float) -> Any:
    return _centred(floating(x), axis) * _over_freedom(x, axis, ddof)


def _written_std_slope(out: Any, x: Any, axis: Axes, ddof: float) -> Any:
    """Half the slope of the variance, divided by the deviation; 0 where all entries are equal."""
    level = _level(x, axis)
    by_variance = (x - mean(x, axis, keepdims=True)) * _over_freedom(x, axis, ddof)
    at_level = 0.0 if count_over(x, axis) > ddof else math.nan
    return where(level, at_level, by_variance / where(level, 1.0, 2 * kept(out, x, axis)))


def _std_curve(d: Any, slope: Any, out: Any, x: Any, *, axis: Axes, ddof: float) -> Any:
    """(half the slope of the variance on d - slope · Σ slope d) / deviation, which is symmetric."""
    level = _level(x, axis)
    across = 0.5 * _var_slope(d, axis=axis, ddof=ddof) - slope * (slope * d).sum(axis=axis, keepdims=True)
    return where(level, 0.0, across / where(level, 1.0, kept(out, x, axis)))


@stated(_written_std_slope, vjps=(None, _std_curve), jvps=(None, _std_curve), fused=True)
@widened
def _std_slope(out: Any, x: Any, *, axis: Axes, ddof: float) -> Any:
    x, limits = floating(x), np.finfo(out.dtype)
    if count_over(x, axis) <= ddof:
        return np.full_like(x, math.nan)
    if limits.tiny / limits.eps < least(out) and most(out) < math.inf:
        return _centred(x, axis) / (count_over(x, axis) - ddof) / kept(out, x, axis)
    parts, variance, _ = _deviations(x, axis, ddof)
    level = _level(x, axis)
    size = np.sqrt(np.where(level, 1, variance)) * (count_over(x, axis) - ddof)
    return np.where(level, 0, parts / size)


@reducing(
    lambda _out, x, axis, ddof: _var_slope(x, axis=axis, ddof=ddof),
    applied("var", latex=r"\operatorname{var}"),
    flops=4,
)
@widened
def _var(x: Any, *, axis: Axes, ddof: float, keepdims: bool) -> Any:
    return _mended(np.var, x, axis, ddof, keepdims)


def var(
    x: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False, correction: float | None = None
) -> Any:
    """Take the variance over axes: Σ (x - mean(x)) ** 2 / (n - ddof), of n entries.

    `correction` is another name of `ddof`; 1 makes the variance of a sample. Of `ddof` entries or fewer it is
    NaN or infinite, with NumPy's warning, and its derivative NaN.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry to average.
    DtypeError
        `ddof` is no number.
    OptionError
        Both `ddof` and `correction` are given.

    Examples
    --------
    >>> var(np.array([1.0, 3.0]), correction=1)
    np.float64(2.0)
    """
    return _spread(_var, x, axis, ddof, correction, keepdims)


@reducing(
    lambda out, x, axis, ddof: _std_slope(out, x, axis=axis, ddof=ddof),
    applied("std", latex=r"\operatorname{std}"),
    flops=4,
)
@widened
def _std(x: Any, *, axis: Axes, ddof: float, keepdims: bool) -> Any:
    return _mended(np.std, x, axis, ddof, keepdims)


def std(
    x: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False, correction: float | None = None
) -> Any:
    """Take the standard deviation over axes, the root of `var`.

    Where all entries are equal its derivative is taken as 0.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry to average.
    DtypeError
        `ddof` is no number.
    OptionError
        Both `ddof` and `correction` are given.

    Examples
    --------
    >>> std(np.array([[1.0, 3.0], [2.0, 2.0]]), axis=1)
    array([1., 0.])
    """
    return _spread(_std, x, axis, ddof, correction, keepdims)


def _spread(operation: Rule, x: Any, axis: Axis, ddof: Any, correction: float | None, keepdims: bool) -> Any:
    """Bring the parameters of a variance to one form."""
    name = operation.__name__.lstrip("_")
    if correction is not None:
        if type(ddof) not in (int, float) or ddof != 0:
            raise OptionError(f"{name}: ddof and correction name the same number; pass one of them")
        ddof = correction
    x = as_operand(x)
    axes = groups(name, x, axis)
    ddof = number(ddof, f"{name}: ddof")
    if not x.size:  # of no result there is none, whatever ddof; NumPy would warn
        return mean(x, axes, keepdims=keepdims)
    return operation(x, axis=axes, ddof=ddof, keepdims=keepdims)
