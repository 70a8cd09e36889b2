"""Operations that pick entries by position, and their adjoints, which place and add.

Positions are arrays, lists, tensors or slices; no derivative flows through them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.graph.dispatch import plain_array, values_of
from autograd_core.graph.node import Array, Node
from autograd_core.graph.positions import Position, origin_of, traced
from autograd_core.graph.primitive import as_operand, linear
from autograd_core.graph.recording import is_recording, observers, replayed
from autograd_core.ops.shaping.axes import Shape, axis_of, shape_of
from autograd_core.ops.shaping.shape import ravel
from autograd_core.wording.errors import IndexingError, ShapeError
from autograd_core.wording.notation import ATOM, Notation, applied

__all__ = [
    "compress",
    "extract",
    "getitem",
    "scatter_add",
    "scatter_along_axis",
    "take",
    "take_along_axis",
]

_SHOWN = 8  # positions; more of them are written as three dots
_DOTS = r"\dots"


def _written(index: Any, dots: str = "…") -> str:
    """Write an index as it stands between brackets: ``1:3, 0``; long arrays in short."""
    if isinstance(index, tuple):
        return ", ".join(_written(part, dots) for part in index) or "()"
    if isinstance(index, slice):
        start, stop, step = ("" if end is None else str(end) for end in (index.start, index.stop, index.step))
        return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
    if index is Ellipsis:
        return dots
    positions = np.asarray(index)
    return f"[{dots}]" if positions.size > _SHOWN else str(positions.tolist())


@linear(
    lambda ct, x, index: scatter_add(ct, index, x.shape),
    Notation(
        "[·]",
        lambda x, index: f"{x}[{_written(index)}]",
        lambda x, index: rf"{x}_{{{_written(index, _DOTS)}}}",
        "{0}[{index}]",
        ATOM,
        (ATOM,),
    ),
)
def _getitem(x: Any, *, index: Any) -> Any:
    return x[index]


def getitem(x: Any, index: Any) -> Any:
    """Pick entries, ``x[index]``: slices, integers, masks and integer arrays, as in NumPy.

    An entry that is picked twice receives both cotangents.

    Raises
    ------
    IndexingError
        The index lies outside `x`, or is none.

    Examples
    --------
    >>> getitem(np.array([1.0, 2.0, 3.0]), [0, 0, 2])
    array([1., 1., 3.])
    """
    return _getitem(x, index=plain(index))


def lined_up(name: str, x: Any, axis: Any, *, number: bool = True, truth: bool = False) -> tuple[Any, int]:
    """The operand and an axis counted from the front; without one the entries are put in one row.

    A number is a row of one entry too, unless it says otherwise.
    """
    x = as_operand(x)
    if axis is not None and (x.ndim or not number):
        return x, axis_of(name, x, axis, truth=truth)
    row = ravel(x)
    return row, 0 if axis is None else axis_of(name, row, axis, truth=truth)


def along(axis: int, part: Any) -> tuple[Any, ...]:
    """The index that picks a part of one axis, and all of the others."""
    return (*(slice(None),) * axis, part)


def plain(index: Any) -> Any:
    """Take positions, which carry no derivative, out of tensors, and copy what may be written to later.

    A function that is being compiled looks at them at each run, so it keeps the arrays themselves.
    """
    if isinstance(index, tuple):
        return tuple(map(plain, index))
    if isinstance(index, list):
        return plain_array(index) if index else np.zeros(0, np.intp)
    if not isinstance(index, Node | np.ndarray):
        return index
    if replayed(is_recording()):
        for observer in observers():
            observer.picked(index)
        return index.value if isinstance(index, Node) else index
    if isinstance(index, Node):
        return traced(index.value.view(), lambda: index)
    index = plain_array(index)
    if index.base is None and not index.flags.writeable:
        return index
    origin = origin_of(index)
    return _fixed(index) if origin is None else traced(_fixed(index), origin)


def _fixed(positions: Array) -> Array:
    """Copy positions into an array that stays as it is, and so need not be copied again."""
    copy = positions.copy()
    copy.flags.writeable = False
    return copy


@linear(
    lambda ct, _x, index, shape: getitem(ct, index),
    applied("scatter_add", numpy="scatter_add")._replace(
        text=lambda x, index, shape: f"scatter_add({x}, [{_written(index)}], {shape})",
        latex=lambda x, index, shape: rf"\mathrm{{scatter\_add}}({x}, [{_written(index, _DOTS)}], {shape})",
    ),
)
def _scatter_add(x: Any, *, index: Any, shape: Shape) -> Any:
    out = np.zeros(shape, x.dtype)
    if _picks_once(index):
        out[index] = x
    elif _MANY * x.size < out.size:
        np.add.at(out, index, x)
    else:  # in one row NumPy adds much faster
        places = np.arange(out.size).reshape(shape)[index]
        np.add.at(out.reshape(-1), places.reshape(-1), np.broadcast_to(x, places.shape).reshape(-1))
    return out


_MANY = 8  # to number every place pays off if this share of them is hit


def scatter_add(x: Any, index: Any, shape: Sequence[int]) -> Any:
    """Place entries into zeros of the given shape, adding those that fall on the same place.

    The adjoint of `getitem`.

    Examples
    --------
    >>> scatter_add(np.array([1.0, 2.0, 4.0]), [0, 0, 2], (3,))
    array([3., 0., 4.])
    """
    return _scatter_add(as_operand(x), index=plain(index), shape=shape_of("scatter_add", shape))


def _picks_once(index: Any) -> bool:
    """Whether no entry can be picked twice: only integer arrays can repeat a position."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None
        or part is Ellipsis
        or isinstance(part, slice | int | np.integer)
        or np.asarray(part).dtype == bool
        for part in parts
    )


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Pick slices along an axis by their positions, or entries of the raveled array by default.

    Raises
    ------
    ShapeError
        There is no such axis.
    IndexingError
        A position lies outside, or is no whole number.

    Examples
    --------
    >>> take(np.array([[1.0, 2.0, 3.0]]), [2, 0], axis=1)
    array([[3., 1.]])
    """
    return _taken("take", x, indices, axis)


def _taken(name: str, x: Any, indices: Any, axis: int | None) -> Any:
    x, at = lined_up(name, x, axis)
    indices = plain(indices)
    try:
        return getitem(x, along(at, indices if type(indices) is int else _positions(indices)))
    except IndexingError as error:
        raise IndexingError(f"{name}: {error}") from None


def _positions(indices: Any) -> Any:
    """Positions as NumPy's take reads them: truths are 1 and 0, not a mask, and nothing picks nothing."""
    if isinstance(indices, Position):
        return indices
    positions = plain_array(indices)
    if positions.dtype == bool or (not positions.size and not isinstance(indices, np.ndarray)):
        return positions.astype(np.intp)
    if positions.dtype.kind not in "iu":
        raise IndexingError(f"indices are {positions.dtype}, wanted whole numbers")
    return positions


def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Any:
    """Pick for every line along an axis the positions that `indices` has there, as after `argsort`.

    Parameters
    ----------
    x : array or Tensor
    indices : array_like of int
        As many axes as `x`; those other than `axis` broadcast against it.
    axis : int or None
        None for the raveled array.

    Raises
    ------
    ShapeError
        There is no such axis, or `indices` has another number of axes.
    IndexingError
        A position lies outside, or is no whole number.

    Examples
    --------
    >>> x = np.array([[3.0, 1.0], [2.0, 4.0]])
    >>> take_along_axis(x, np.argsort(x))
    array([[1., 3.],
           [2., 4.]])
    """
    x, axis = lined_up("take_along_axis", x, axis, number=False, truth=True)
    return getitem(x, _lines("take_along_axis", indices, x.shape, axis))


def scatter_along_axis(x: Any, indices: Any, shape: Sequence[int], axis: int = -1) -> Any:
    """Place entries along an axis into zeros of the given shape, adding those on the same place.

    The adjoint of `take_along_axis`.

    Raises
    ------
    ShapeError
        There is no such axis, or `indices` has another number of axes than `shape`.

    Examples
    --------
    >>> scatter_along_axis(np.array([[1.0, 2.0, 4.0]]), [[0, 2, 0]], (1, 3))
    array([[5., 0., 2.]])
    """
    name, shape = "scatter_along_axis", shape_of("scatter_along_axis", shape)
    x = as_operand(x)
    return scatter_add(x, _lines(name, indices, shape, axis_of(name, x, axis, len(shape))), shape)


def _lines(name: str, indices: Any, shape: Shape, axis: int) -> tuple[Array, ...]:
    """The index that has `indices` at one axis and runs over all others."""
    positions = plain_array(plain(indices))
    if positions.dtype.kind not in "iu":
        raise IndexingError(f"{name}: indices along axis {axis} are {positions.dtype}, wanted whole numbers")
    if positions.ndim != len(shape):
        raise ShapeError(
            f"{name}: indices of shape {positions.shape} along axis {axis} of {shape}, wanted as many axes"
        )
    running = np.ix_(*map(np.arange, shape))
    return (*running[:axis], positions, *running[axis + 1 :])


def compress(condition: Any, x: Any, axis: int | None = None) -> Any:
    """Pick the slices along an axis for which the condition holds; entries of the raveled array by default.

    Raises
    ------
    ShapeError
        The condition is not a row, or there is no such axis.

    Examples
    --------
    >>> compress([True, False, True], np.array([1.0, 2.0, 3.0]))
    array([1., 3.])
    """
    chosen = plain_array(values_of(condition))
    if chosen.ndim != 1:
        raise ShapeError(f"compress: the condition has shape {chosen.shape}; a row of truths is wanted")
    if isinstance(condition, Node) and chosen.dtype == bool:
        x, at = lined_up("compress", x, axis)
        return getitem(x[along(at, slice(len(chosen)))], along(at, condition))
    return _taken("compress", x, np.flatnonzero(chosen), axis)


def extract(condition: Any, x: Any) -> Any:
    """Pick the entries for which the condition holds, in one row.

    Examples
    --------
    >>> x = np.array([[1.0, -2.0], [3.0, 4.0]])
    >>> extract(x > 0, x)
    array([1., 3., 4.])
    """
    return compress(ravel(condition), x)
