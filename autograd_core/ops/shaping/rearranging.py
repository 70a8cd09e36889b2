"""Operations that repeat, roll, turn and pad. Each is linear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.graph.dispatch import plain_array, values_of
from autograd_core.graph.operands import without_derivative
from autograd_core.graph.primitive import as_operand, linear
from autograd_core.ops.shaping.axes import Axis, Shape, axis_of, several, shape_of, sizes_of, some_axes_of
from autograd_core.ops.shaping.indexing import along, getitem, lined_up, scatter_add
from autograd_core.ops.shaping.shape import (
    astype,
    broadcast_arrays,
    broadcast_to,
    expand_dims,
    ravel,
    reshape,
    swapaxes,
)
from autograd_core.wording.arguments import truth, whole
from autograd_core.wording.errors import DtypeError, OptionError, ShapeError, SizeError, describe, one_of
from autograd_core.wording.notation import applied

__all__ = ["flip", "fliplr", "flipud", "meshgrid", "pad", "repeat", "roll", "rot90", "tile"]


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Repeat each entry along an axis; by default in the raveled array.

    Parameters
    ----------
    x : array or Tensor
    repeats : int or sequence of int
        How often, for all entries or for each position along the axis.
    axis : int, optional

    Raises
    ------
    ShapeError
        There is no such axis, `repeats` has another length, or is negative.

    Examples
    --------
    >>> repeat(np.array([1.0, 2.0]), 2)
    array([1., 1., 2., 2.])
    >>> repeat(np.array([1.0, 2.0]), [1, 3])
    array([1., 2., 2., 2.])
    """
    x, at = lined_up("repeat", x, axis)
    before, n, behind = x.shape[:at], x.shape[at], x.shape[at + 1 :]
    times = _counts("repeat", repeats)
    if times.ndim > 1 or times.size not in (1, n) or (times < 0).any():
        raise ShapeError(
            f"repeat: {repeats} times along axis {at} of {describe(x)}; give one count, or {n}, none negative"
        )
    if times.size != 1:
        try:
            return getitem(x, along(at, np.repeat(np.arange(n), times)))
        except MemoryError as error:
            raise SizeError(f"repeat: {repeats!r:.60} times: {error}") from None
    each = broadcast_to(expand_dims(x, at + 1), (*before, n, times.item(), *behind))
    return reshape(each, (*before, n * times.item(), *behind))


def _counts(name: str, repeats: Any) -> Any:
    """How often, as an array of whole numbers."""
    times = plain_array(values_of(repeats))
    if times.ndim > 1:
        raise ShapeError(f"{name}: repeats has shape {times.shape}, wanted a number or a row of them")
    if not times.size:
        return np.zeros(0, np.intp)
    if times.dtype.kind not in "iub":
        raise DtypeError(
            f"{name}: repeats is {repeats!r:.60}, wanted a whole number or one for each position"
        )
    return times.astype(np.intp)


def tile(x: Any, reps: int | Sequence[int]) -> Any:
    """Repeat the whole array along each axis; new axes stand in front.

    Raises
    ------
    DtypeError
        `reps` is neither a whole number nor a sequence of them.
    ShapeError
        One is negative.

    Examples
    --------
    >>> tile(np.array([1.0, 2.0]), (2, 2))
    array([[1., 2., 1., 2.],
           [1., 2., 1., 2.]])
    """
    x = as_operand(x)
    times = shape_of("tile", reps, "reps", truth=True)
    sizes = (1,) * (len(times) - x.ndim) + x.shape
    times = (1,) * (x.ndim - len(times)) + times
    each = reshape(x, [m for n in sizes for m in (1, n)])
    repeated = broadcast_to(each, [m for pair in zip(times, sizes) for m in pair])
    return reshape(repeated, [t * n for t, n in zip(times, sizes)])


def meshgrid(*arrays: Any, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    """Make of the coordinates along each axis those of every point of their grid.

    Parameters
    ----------
    *arrays : rows of coordinates
    sparse : bool
        Leave axes of size 1 where a coordinate does not change.
    indexing : {"xy", "ij"}
        The first coordinate runs along the second axis and the second along the first, or each along its own.

    Raises
    ------
    ShapeError
        An operand has more than one axis.
    OptionError
        The indexing is another one.

    Examples
    --------
    >>> x, y = meshgrid(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    >>> x
    array([[1., 2.],
           [1., 2.]])
    """
    one_of("indexing of meshgrid", indexing, ("xy", "ij"))
    rows = [as_operand(x) for x in arrays]
    for x in rows:
        if x.ndim > 1:
            raise ShapeError(f"meshgrid: {describe(x)}; a row of coordinates is wanted")
    places = list(range(len(rows)))
    if indexing == "xy" and len(rows) > 1:
        places[:2] = 1, 0
    grid = tuple(
        reshape(x, [x.size if i == place else 1 for i in range(len(rows))]) for x, place in zip(rows, places)
    )
    return tuple(
        astype(x, x.dtype) for x in (grid if truth(sparse, "meshgrid: sparse") else broadcast_arrays(*grid))
    )


@linear(
    lambda ct, _x, shift, axis: _roll(ct, shift=tuple(-s for s in shift), axis=axis),
    applied("roll"),
)
def _roll(x: Any, *, shift: Shape, axis: Shape) -> Any:
    return np.roll(x, shift, axis)


def roll(x: Any, shift: int | Sequence[int], axis: Axis = None) -> Any:
    """Move entries along axes, those that leave at one end coming back at the other.

    Without an axis the raveled array is rolled.

    Raises
    ------
    ShapeError
        There is no such axis, or another number of shifts than of axes.

    Examples
    --------
    >>> roll(np.array([1.0, 2.0, 3.0]), 1)
    array([3., 1., 2.])
    """
    x = as_operand(x)
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), x.shape)
    shifts = sizes_of("roll", shift, "shift", truth=True)
    axes = tuple([axis_of("roll", x, a, truth=True) for a in several(axis)])
    if len(shifts) != len(axes) and 1 not in (len(shifts), len(axes)):
        raise ShapeError(f"roll: shifts {shift} along axes {axis}; give one for each axis")
    many = max(len(shifts), len(axes)) if shifts and axes else 0
    shifts, axes = (many * x if len(x) == 1 else x for x in (shifts, axes))
    return _roll(x, shift=shifts, axis=axes)


@linear(lambda ct, _x, axis: _flip(ct, axis=axis), applied("flip"))
def _flip(x: Any, *, axis: Shape) -> Any:
    return np.flip(x, axis)


def flip(x: Any, axis: Axis = None) -> Any:
    """Reverse the order of the entries along axes, all of them by default.

    Raises
    ------
    ShapeError
        There is no such axis.

    Examples
    --------
    >>> flip(np.array([1.0, 2.0, 3.0]))
    array([3., 2., 1.])
    """
    x = as_operand(x)
    return _flip(x, axis=some_axes_of("flip", x, range(x.ndim) if axis is None else axis))


def fliplr(x: Any) -> Any:
    """Exchange left and right: reverse the second axis.

    Examples
    --------
    >>> fliplr(np.array([[1.0, 2.0]]))
    array([[2., 1.]])
    """
    return flip(x, 1)


def flipud(x: Any) -> Any:
    """Exchange up and down: reverse the first axis.

    Examples
    --------
    >>> flipud(np.array([[1.0], [2.0]]))
    array([[2.],
           [1.]])
    """
    return flip(x, 0)


def rot90(x: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    """Turn an array k times by a right angle, from the first of two axes towards the second.

    Raises
    ------
    ShapeError
        There are no two such axes.

    Examples
    --------
    >>> rot90(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[2., 4.],
           [1., 3.]])
    """
    x = as_operand(x)
    places = some_axes_of("rot90", x, axes, what="axes")
    if len(places) != 2:
        raise ShapeError(f"rot90: axes is {axes!r:.60}, wanted two")
    first, second = places
    turns = whole(k, "rot90: k", truth=True) % 4
    if turns % 2 == 0:
        return flip(x, (first, second) if turns else ())
    turned = swapaxes(x, first, second)
    return flip(turned, first if turns == 1 else second)


Width = tuple[int, int]


def _unpad(ct: Any, x: Any, pad_width: tuple[Width, ...], mode: str) -> Any:
    """The adjoint of padding: each entry collects what stands at its copies, axis by axis."""
    if mode == "constant":
        return getitem(ct, _inside(x, pad_width))
    for axis, (n, width) in enumerate(zip(x.shape, pad_width)):
        if any(width):
            sources = np.pad(np.arange(n), width, mode)  # type: ignore[call-overload]
            ct = scatter_add(ct, along(axis, sources), (*x.shape[: axis + 1], *ct.shape[axis + 1 :]))
    return ct


def _inside(x: Any, pad_width: tuple[Width, ...]) -> tuple[slice, ...]:
    """Where the array stands in the padded one."""
    return tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, pad_width))


@linear(_unpad, applied("pad"))
def _pad(x: Any, *, pad_width: tuple[Width, ...], mode: Any) -> Any:
    return np.pad(x, pad_width, mode)


_MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


def pad(x: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Any:
    """Put a margin around an array.

    Parameters
    ----------
    x : array or Tensor
    pad_width : int, (before, after), one such pair for each axis, or {axis: int or pair}
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}
        The margin holds `constant_values`; the outermost entry; the entries mirrored at the outermost
        one, or at the edge behind it; the entries from the other end.
    constant_values : number, or as `pad_width`
        No derivative flows to them.

    Raises
    ------
    OptionError
        The mode is another one; it has no use for the `constant_values`.
    ShapeError
        The widths do not fit the axes, or are negative.

    Examples
    --------
    >>> pad(np.array([1.0, 2.0, 3.0]), (1, 2), "reflect")
    array([2., 1., 2., 3., 2., 1.])
    """
    x = as_operand(x)
    one_of("mode of pad", mode, _MODES)
    widths = _widths(x, pad_width)
    fill = without_derivative(constant_values, "constant_values of pad")
    try:
        np.broadcast_to(fill, (x.ndim, 2))
    except ValueError:
        raise ShapeError(
            f"pad: constant_values is {constant_values!r:.60}, wanted as many as pad_width has, or one"
        ) from None
    if mode != "constant" and np.any(fill):
        raise OptionError(f"pad: constant_values are for mode 'constant', found mode {mode!r}")
    if not widths:  # a number has no side for a margin
        return astype(x, x.dtype)
    padded = _pad(x, pad_width=widths, mode=mode)
    if not np.any(fill):
        return padded
    margin = np.full(x.shape, -0.0, x.dtype)  # to which nothing is added: 0.0 would make 0.0 of -0.0
    return padded + np.pad(margin, widths, constant_values=fill)


def _widths(x: Any, pad_width: Any) -> tuple[Width, ...]:
    """The margin before and behind each axis, out of NumPy's ways to say it."""
    if isinstance(pad_width, Mapping):
        named = {axis_of("pad", x, axis): width for axis, width in pad_width.items()}
        pad_width = [named.get(i, 0) for i in range(x.ndim)]
        pad_width = [(width, width) if np.ndim(width) == 0 else width for width in pad_width]
    try:
        given = np.asarray(pad_width)
        widths = np.broadcast_to(given, (x.ndim, 2))
    except ValueError:
        given = widths = np.array([[-1]])
    if given.dtype.kind not in "iu" or (given < 0).any():
        raise ShapeError(f"pad: widths {pad_width} for {describe(x)}: a pair (before, after) for each axis")
    return tuple((before, after) for before, after in widths.tolist())
