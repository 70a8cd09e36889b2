"""Operations that run along an axis: sums and products so far, differences, and the area below."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.graph.dispatch import as_factor
from autograd_core.graph.primitive import as_operand, linear, primitive
from autograd_core.ops.entrywise.arithmetic import multiply
from autograd_core.ops.entrywise.selection import not_equal
from autograd_core.ops.shaping.axes import axes_of, axis_of
from autograd_core.ops.shaping.indexing import along, lined_up, scatter_add
from autograd_core.ops.shaping.joining import concatenate
from autograd_core.ops.shaping.rearranging import flip
from autograd_core.ops.shaping.shape import broadcast_to, moveaxis, ravel, reshape
from autograd_core.wording.arguments import truth, whole
from autograd_core.wording.errors import OptionError, ShapeError, describe
from autograd_core.wording.notation import applied

__all__ = ["cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "diff", "trapezoid"]


@linear(lambda ct, _x, axis: flip(_cumsum(flip(ct, axis), axis=axis), axis), applied("cumsum"))
def _cumsum(x: Any, *, axis: int) -> Any:
    return np.cumsum(x, axis)


def cumsum(x: Any, axis: int | None = None) -> Any:
    """Add up the entries so far along an axis, or of the raveled array: y_i = Σ_{j ≤ i} x_j.

    Its adjoint adds up from the other end.

    Raises
    ------
    ShapeError
        There is no such axis.

    Examples
    --------
    >>> cumsum(np.array([1.0, 2.0, 3.0]))
    array([1., 3., 6.])
    """
    x, axis = lined_up("cumsum", x, axis)
    return _cumsum(x, axis=axis)


def _doublings(x: Any) -> list[tuple[int, Any]]:
    """Products of the last s entries up to each place, for s = 1, 2, 4, ... along the last axis."""
    levels, s = [], 1
    while s < x.shape[-1]:
        levels.append((s, x))
        x = concatenate((x[..., :s], x[..., s:] * x[..., :-s]), axis=-1)
        s *= 2
    return levels


def _cumprod_jvp(t: Any, _out: Any, x: Any, *, axis: int) -> Any:
    """Carry the tangent through every doubling by the product rule."""
    t = moveaxis(t, axis, -1)
    for s, y in _doublings(moveaxis(x, axis, -1)):
        t = concatenate((t[..., :s], t[..., s:] * y[..., :-s] + y[..., s:] * t[..., :-s]), axis=-1)
    return moveaxis(t, -1, axis)


def _cumprod_vjp(ct: Any, _out: Any, x: Any, *, axis: int) -> Any:
    """Take the doublings back, the last one first."""
    ct = moveaxis(ct, axis, -1)
    for s, y in reversed(_doublings(moveaxis(x, axis, -1))):
        late = ct[..., s:]
        early = scatter_add(late * y[..., s:], (..., slice(None, -s)), ct.shape)
        ct = concatenate((ct[..., :s], late * y[..., :-s]), axis=-1) + early
    return moveaxis(ct, -1, axis)


@primitive(vjps=(_cumprod_vjp,), jvps=(_cumprod_jvp,), notation=applied("cumprod"))
def _cumprod(x: Any, *, axis: int) -> Any:
    return np.cumprod(x, axis)


def cumprod(x: Any, axis: int | None = None) -> Any:
    """Multiply the entries so far along an axis, or of the raveled array: y_i = Π_{j ≤ i} x_j.

    Raises
    ------
    ShapeError
        There is no such axis.

    Notes
    -----
    The derivatives never divide by an entry, so they are exact at zeros. They follow the parallel scan of
    Hillis and Steele, "Data parallel algorithms", 1986, in log2(n) steps, each of which multiplies two
    products of neighbouring stretches.

    Examples
    --------
    >>> cumprod(np.array([1.0, 2.0, 3.0]))
    array([1., 2., 6.])
    """
    x, axis = lined_up("cumprod", x, axis)
    return _cumprod(x, axis=axis)


def cumulative_sum(x: Any, *, axis: int | None = None, include_initial: bool = False) -> Any:
    """`cumsum` as the array API standard has it: the axis is optional in one dimension only.

    With `include_initial` the result begins with 0 and is one entry longer.

    Raises
    ------
    ShapeError
        There is no such axis, or none is named and `x` has several.

    Examples
    --------
    >>> cumulative_sum(np.array([1.0, 2.0]), include_initial=True)
    array([0., 1., 3.])
    """
    return _from_the_start(
        _cumsum, x, axis, 0.0 if truth(include_initial, "cumulative_sum: include_initial") else None
    )


def cumulative_prod(x: Any, *, axis: int | None = None, include_initial: bool = False) -> Any:
    """`cumprod` as the array API standard has it; see `cumulative_sum`. The initial value is 1.

    Raises
    ------
    ShapeError
        There is no such axis, or none is named and `x` has several.

    Examples
    --------
    >>> cumulative_prod(np.array([2.0, 3.0]), include_initial=True)
    array([1., 2., 6.])
    """
    return _from_the_start(
        _cumprod, x, axis, 1.0 if truth(include_initial, "cumulative_prod: include_initial") else None
    )


def _from_the_start(operation: Any, x: Any, axis: int | None, initial: float | None) -> Any:
    name = "cumulative" + operation.__name__.replace("_cum", "_")
    x = as_operand(x)
    x = x if x.ndim else ravel(x)
    axes = axes_of(name, x, axis if axis is not None or x.ndim > 1 else 0)
    if axes is None or len(axes) != 1:
        raise ShapeError(f"{name}: axis={axis} for {describe(x)}, which has {x.ndim} axes; name one")
    (axis,) = axes
    so_far = operation(x, axis=axis)
    if initial is None:
        return so_far
    edge = [1 if i == axis else n for i, n in enumerate(x.shape)]
    return concatenate((np.full(edge, initial, x.dtype), so_far), axis)


def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Subtract from each entry along an axis the one before it, n times over.

    Parameters
    ----------
    x : array or Tensor
    n : int
    axis : int
    prepend, append : array, Tensor or number, optional
        What to join in front and behind first.

    Raises
    ------
    ShapeError
        There is no such axis.
    OptionError
        n is negative.

    Examples
    --------
    >>> diff(np.array([1.0, 4.0, 9.0]))
    array([3., 5.])
    """
    x, n = as_operand(x), whole(n, "diff: n", "how often to subtract", truth=True)
    if n < 0:
        raise OptionError(f"diff: n is {n}, wanted how often to subtract, which cannot be negative")
    if n == 0:
        return x
    at = axis_of("diff", x, axis, truth=True)
    parts = [part for part in (prepend, x, append) if part is not None]
    if len(parts) > 1:
        x = concatenate([_entries(part, x, at) for part in parts], at)
    for _ in range(min(n, x.shape[at])):  # then nothing is left
        later, earlier = x[along(at, slice(1, None))], x[along(at, slice(None, -1))]
        x = not_equal(later, earlier) if x.dtype == bool else later - earlier
    return x


def _entries(part: Any, x: Any, axis: int) -> Any:
    """What is joined to x: a number stands for one entry of each line."""
    part = as_operand(part)
    return part if part.ndim else broadcast_to(part, (*x.shape[:axis], 1, *x.shape[axis + 1 :]))


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Integrate along an axis by the trapezoidal rule: Σ_i (x_(i+1) - x_i) (y_i + y_(i+1)) / 2.

    Derivatives flow to `y`, to `x` and to `dx`.

    Parameters
    ----------
    y : array or Tensor
    x : array or Tensor, optional
        Where the entries of `y` stand: a row for its axis, or in its shape.
    dx : number, array or Tensor
        How far apart they stand, if `x` is not given.
    axis : int

    Raises
    ------
    ShapeError
        There is no such axis, or `x` does not fit.

    Examples
    --------
    >>> float(trapezoid(np.array([0.0, 1.0, 4.0]), x=np.array([0.0, 1.0, 2.0])))
    3.0
    """
    y = as_operand(y)
    at = axis_of("trapezoid", y, axis)
    if x is not None:
        x = as_operand(x)
        dx = diff(x, axis=-1 if x.ndim == 1 else axis)
        if x.ndim == 1:
            dx = reshape(dx, [dx.size if i == at else 1 for i in range(y.ndim)])
    pairs = y[along(at, slice(1, None))] + y[along(at, slice(None, -1))]
    return (multiply(as_factor(dx), pairs) / 2.0).sum(axis=axis)  # dx may have more axes than y
