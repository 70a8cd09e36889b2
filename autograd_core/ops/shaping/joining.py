"""Operations that join arrays and cut them apart. Each is linear."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.graph.dispatch import values_of
from autograd_core.graph.node import Node
from autograd_core.graph.primitive import Each, Joint, as_operand, primitive
from autograd_core.ops.shaping.axes import axis_of
from autograd_core.ops.shaping.indexing import along, getitem, scatter_add
from autograd_core.ops.shaping.shape import atleast_1d, atleast_2d, atleast_3d, ravel, reshape
from autograd_core.wording.arguments import is_sequence, whole
from autograd_core.wording.errors import DtypeError, ShapeError, describe
from autograd_core.wording.notation import Notation, applied

__all__ = [
    "append",
    "array_split",
    "column_stack",
    "concatenate",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "split",
    "stack",
    "unstack",
    "vsplit",
    "vstack",
]


def _joined(name: str) -> Notation:
    """Written as a function of its operands; NumPy takes them as one tuple."""
    return applied(name)._replace(
        numpy=lambda *arrays, axis: f"np.{name}(({', '.join(arrays)},), axis={axis})"
    )


def _place(args: tuple[Any, ...], i: int, axis: int) -> tuple[slice, ...]:
    """Where the i-th of the joined arrays stands in the result."""
    start = sum(x.shape[axis] for x in args[:i])
    return along(axis, slice(start, start + args[i].shape[axis]))


@primitive(
    vjps=Each(lambda i, ct, _out, *args, axis: getitem(ct, _place(args, i, axis))),
    jvps=Joint(
        lambda i, t, out, *args, axis: scatter_add(t, _place(args, i, axis), out.shape),
        lambda *ts, axis: _concatenate(*ts, axis=axis),
    ),
    notation=_joined("concatenate"),
    flops=lambda *_, **__: 0,
)
def _concatenate(*arrays: Any, axis: int) -> Any:
    return np.concatenate(arrays, axis=axis)


@primitive(
    vjps=Each(lambda i, ct, _out, *_args, axis: getitem(ct, along(axis, i))),
    jvps=Joint(
        lambda i, t, out, *_args, axis: scatter_add(t, along(axis, i), out.shape),
        lambda *ts, axis: _stack(*ts, axis=axis),
    ),
    notation=_joined("stack"),
    flops=lambda *_, **__: 0,
)
def _stack(*arrays: Any, axis: int) -> Any:
    return np.stack(arrays, axis=axis)


_TOGETHER = 32  # each rule is handed all operands, so many are joined group by group


def _joined_in_groups(join: Callable[..., Any], arrays: list[Any], axis: int) -> Any:
    """Join any number of arrays: what was joined in groups is concatenated."""
    while len(arrays) > _TOGETHER:
        arrays = [join(*arrays[i : i + _TOGETHER], axis=axis) for i in range(0, len(arrays), _TOGETHER)]
        join = _concatenate
    return join(*arrays, axis=axis)


def _some(arrays: Any, name: str, prepare: Callable[[Any], Any] = as_operand) -> list[Any]:
    """The operands, of which there must be one."""
    if not (is_sequence(arrays) or (isinstance(arrays, Node) and arrays.ndim)):
        raise DtypeError(f"{name}: found {arrays!r:.60}, wanted a list or tuple of arrays")
    operands = [prepare(x) for x in arrays]
    if not operands:
        raise ShapeError(f"{name}: there is no array to join")
    return operands


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """Join arrays along an existing axis, or in one row if the axis is None.

    Raises
    ------
    ShapeError
        The other axes differ in size, there is no such axis, or there is nothing to join.

    Examples
    --------
    >>> concatenate([np.zeros((2, 1)), np.ones((2, 2))], axis=1)
    array([[0., 1., 1.],
           [0., 1., 1.]])
    """
    operands = _some(arrays, "concatenate", as_operand if axis is not None else ravel)
    if not operands[0].ndim:
        raise ShapeError(f"concatenate: {describe(operands[0])} has no axis to join along; see stack")
    at = 0 if axis is None else axis_of("concatenate", operands[0], axis)
    return _joined_in_groups(_concatenate, operands, at)


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Join arrays of one shape along a new axis, whose place in the result is given.

    Raises
    ------
    ShapeError
        The shapes differ, there is no such place, or there is nothing to join.

    Examples
    --------
    >>> stack([np.zeros(2), np.ones(2)], axis=1)
    array([[0., 1.],
           [0., 1.]])
    """
    operands = _some(arrays, "stack")
    at = axis_of("stack", operands[0], axis, operands[0].ndim + 1, truth=True)
    return _joined_in_groups(_stack, operands, at)


def vstack(arrays: Sequence[Any]) -> Any:
    """Join arrays one below the other; a vector is a row.

    Examples
    --------
    >>> vstack([np.zeros(2), np.ones((1, 2))])
    array([[0., 0.],
           [1., 1.]])
    """
    return concatenate(_some(arrays, "vstack", atleast_2d), axis=0)


def hstack(arrays: Sequence[Any]) -> Any:
    """Join arrays side by side: vectors end to end, all others along their second axis.

    Examples
    --------
    >>> hstack([np.zeros((2, 1)), np.ones((2, 1))])
    array([[0., 1.],
           [0., 1.]])
    """
    operands = _some(arrays, "hstack", atleast_1d)
    return concatenate(operands, axis=0 if operands[0].ndim == 1 else 1)


def dstack(arrays: Sequence[Any]) -> Any:
    """Join arrays along their third axis, which `atleast_3d` supplies.

    Examples
    --------
    >>> dstack([np.zeros(2), np.ones(2)]).shape
    (1, 2, 2)
    """
    return concatenate(_some(arrays, "dstack", atleast_3d), axis=2)


def column_stack(arrays: Sequence[Any]) -> Any:
    """Join arrays side by side; a vector is a column.

    Examples
    --------
    >>> column_stack([np.zeros(2), np.ones((2, 1))])
    array([[0., 1.],
           [0., 1.]])
    """
    return concatenate(_some(arrays, "column_stack", _as_column), axis=1)


def _as_column(x: Any) -> Any:
    """A vector as a matrix of one column; others as they are."""
    x = as_operand(x)
    return x if x.ndim >= 2 else reshape(x, (x.size, 1))


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Cut an array along an axis: into so many equal parts, or before the positions given.

    Raises
    ------
    ShapeError
        There is no such axis, or its size cannot be divided so; see `array_split`.

    Examples
    --------
    >>> split(np.array([1.0, 2.0, 3.0, 4.0]), 2)
    [array([1., 2.]), array([3., 4.])]
    """
    return _cut("split", x, indices_or_sections, axis, equal=True)


def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Cut an array along an axis into parts, of which the first ones are longer by one if they must.

    Parameters
    ----------
    x : array or Tensor
    indices_or_sections : int or sequence of int
        How many parts, or before which positions to cut.
    axis : int

    Raises
    ------
    ShapeError
        There is no such axis, or fewer than one part is asked for.

    Examples
    --------
    >>> array_split(np.array([1.0, 2.0, 3.0]), 2)
    [array([1., 2.]), array([3.])]
    """
    return _cut("array_split", x, indices_or_sections, axis)


def _cut(name: str, x: Any, where: Any, axis: Any, *, equal: bool = False) -> list[Any]:
    """The parts between the places where an array is to be cut."""
    x, where = as_operand(x), values_of(where)
    at = axis_of(name, x, axis, truth=True)
    n = x.shape[at]
    if is_sequence(where):
        cuts = [whole(i, f"{name}: a position in indices_or_sections", truth=True) for i in where]
    else:
        parts = whole(where, f"{name}: indices_or_sections", _SECTIONS, truth=True)
        if not 1 <= parts <= max(n, _MOST_PARTS):
            raise ShapeError(
                f"{name}: {describe(x)} cannot be cut into {parts} parts, wanted 1 or more, and not millions "
                "without an entry"
            )
        if equal and n % parts:
            raise ShapeError(
                f"{name}: axis {axis} of {describe(x)} does not divide into {parts} equal parts; array_split "
                "makes some of them longer"
            )
        cuts = [i * (n // parts) + min(i, n % parts) for i in range(1, parts)]
    return [getitem(x, along(at, slice(*ends))) for ends in itertools.pairwise([0, *cuts, n])]


_MOST_PARTS = 1_000_000
_SECTIONS = "how many parts, or a list of the positions to cut before"


def hsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Cut an array into parts that stand side by side, along its second axis or that of a row; see `split`.

    Examples
    --------
    >>> hsplit(np.array([[1.0, 2.0]]), 2)
    [array([[1.]]), array([[2.]])]
    """
    x = _with_axes(x, "hsplit", 1)
    return _cut("hsplit", x, indices_or_sections, 0 if x.ndim == 1 else 1, equal=True)


def vsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Cut an array of two axes or more into parts that stand one below the other; see `split`.

    Examples
    --------
    >>> vsplit(np.array([[1.0], [2.0]]), 2)
    [array([[1.]]), array([[2.]])]
    """
    return _cut("vsplit", _with_axes(x, "vsplit", 2), indices_or_sections, 0, equal=True)


def dsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Cut an array of three axes or more along the third; see `split`.

    Examples
    --------
    >>> [part.shape for part in dsplit(np.zeros((2, 3, 4)), 2)]
    [(2, 3, 2), (2, 3, 2)]
    """
    return _cut("dsplit", _with_axes(x, "dsplit", 3), indices_or_sections, 2, equal=True)


def _with_axes(x: Any, name: str, ndim: int) -> Any:
    """The operand, which has at least so many axes."""
    x = as_operand(x)
    if x.ndim < ndim:
        raise ShapeError(f"{name}: {describe(x)} has {x.ndim} axes; at least {ndim} are wanted")
    return x


def append(x: Any, values: Any, axis: int | None = None) -> Any:
    """Join values behind an array along an axis; by default both are put in one row.

    Raises
    ------
    ShapeError
        The other axes differ in size, or there is no such axis.

    Examples
    --------
    >>> append(np.array([1.0, 2.0]), 3.0)
    array([1., 2., 3.])
    """
    at = None if axis is None else axis_of("append", as_operand(x), axis)
    return concatenate((x, values), at)


def unstack(x: Any, *, axis: int = 0) -> tuple[Any, ...]:
    """Cut an array into its slices along an axis, which they no longer have; undoes `stack`.

    Raises
    ------
    ShapeError
        There is no such axis.

    Examples
    --------
    >>> unstack(np.array([[1.0, 2.0], [3.0, 4.0]]))
    (array([1., 2.]), array([3., 4.]))
    """
    x = as_operand(x)
    at = axis_of("unstack", x, axis, truth=True)
    return tuple(getitem(x, along(at, i)) for i in range(x.shape[at]))
