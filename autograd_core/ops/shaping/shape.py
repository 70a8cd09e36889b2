"""Operations that move or repeat entries. Each is linear; most are one another's adjoint."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.graph.dispatch import REAL
from autograd_core.graph.node import Node
from autograd_core.graph.primitive import as_operand, linear
from autograd_core.ops.shaping.axes import Axis, Shape, axes_of, axis_of, shape_of, sizes_of, some_axes_of
from autograd_core.wording.errors import DtypeError, OptionError, ShapeError, describe
from autograd_core.wording.notation import ATOM, Notation, applied, reduction

__all__ = [
    "astype",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_to",
    "expand_dims",
    "matrix_transpose",
    "moveaxis",
    "ravel",
    "reshape",
    "squeeze",
    "sum_to",
    "swapaxes",
    "transpose",
]

_add_over: Any = np.add.reduce


@linear(lambda ct, x, shape: _reshape(ct, shape=x.shape), applied("reshape"))
def _reshape(x: Any, *, shape: Shape) -> Any:
    return x.reshape(shape)


def reshape(x: Any, shape: int | Sequence[int], order: str = "C") -> Any:
    """Give the entries a new shape; one size may be -1.

    Parameters
    ----------
    x : array or Tensor, any shape
    shape : int or sequence of int
    order : {"C", "F"}
        Read and write the entries with the last axis running fastest, or with the first.

    Raises
    ------
    ShapeError
        The sizes do not multiply to the number of entries.
    OptionError
        The order is another one.

    Examples
    --------
    >>> reshape(np.arange(6.0), (2, -1)).shape
    (2, 3)
    """
    x = as_operand(x)
    sizes = sizes_of("reshape", shape)
    if not isinstance(order, str) or order not in ("C", "F"):
        raise OptionError(f"reshape: order {order!r:.60} is neither 'C' nor 'F'")
    if order == "C":
        return _reshape(x, shape=sizes)
    return transpose(_reshape(transpose(x), shape=sizes[::-1]))


def ravel(x: Any, order: str = "C") -> Any:
    """Put the entries in one row, as `reshape` to one axis reads them.

    Examples
    --------
    >>> ravel(np.array([[1.0, 2.0], [3.0, 4.0]]), order="F")
    array([1., 3., 2., 4.])
    """
    x = as_operand(x)
    return reshape(x, x.size, order)


def expand_dims(x: Any, axis: int | Sequence[int]) -> Any:
    """Insert axes of size 1 at the given places of the result.

    Raises
    ------
    ShapeError
        There is no such place.

    Examples
    --------
    >>> expand_dims(np.zeros(3), 1).shape
    (3, 1)
    """
    x = as_operand(x)
    given = axis if isinstance(axis, tuple | list) else (axis,)
    ndim = x.ndim + len(given)
    axes = some_axes_of("expand_dims", x, given, ndim)
    sizes = iter(x.shape)
    return _reshape(x, shape=tuple(1 if i in axes else next(sizes) for i in range(ndim)))


def squeeze(x: Any, axis: Axis = None) -> Any:
    """Leave out axes of size 1: all of them, or those named.

    Raises
    ------
    ShapeError
        There is no such axis, or its size is not 1.

    Examples
    --------
    >>> squeeze(np.zeros((1, 3, 1)), axis=0).shape
    (3, 1)
    """
    x = as_operand(x)
    ones = tuple(i for i, n in enumerate(x.shape) if n == 1)
    axes = ones if axis is None else axes_of("squeeze", x, axis, number=True)
    if not set(axes) <= set(ones):
        raise ShapeError(f"squeeze: only axes of size 1 can be left out, not axis {axis} of {describe(x)}")
    return _reshape(x, shape=tuple(n for i, n in enumerate(x.shape) if i not in axes))


def atleast_1d(*arrays: Any) -> Any:
    """Make numbers arrays of one entry and leave the others as they are; a tuple of several.

    Examples
    --------
    >>> atleast_1d(3.0)
    array([3.])
    """
    return _each(lambda x: x if x.ndim else _reshape(x, shape=(1,)), arrays)


def atleast_2d(*arrays: Any) -> Any:
    """Put axes of size 1 in front until there are two; a tuple of several.

    Examples
    --------
    >>> atleast_2d(np.zeros(3)).shape
    (1, 3)
    """
    return _each(lambda x: x if x.ndim >= 2 else _reshape(x, shape=(1,) * (2 - x.ndim) + x.shape), arrays)


def atleast_3d(*arrays: Any) -> Any:
    """Make a vector (n,) of shape (1, n, 1) and a matrix (m, n) of shape (m, n, 1); a tuple of several.

    Examples
    --------
    >>> atleast_3d(np.zeros(3)).shape, atleast_3d(np.zeros((2, 3))).shape
    ((1, 3, 1), (2, 3, 1))
    """
    return _each(
        lambda x: x if x.ndim >= 3 else _reshape(x, shape=((1,) * (2 - x.ndim) + (*x.shape, 1))), arrays
    )


def _each(f: Callable[[Any], Any], arrays: tuple[Any, ...]) -> Any:
    """The result for one array, a tuple of them for several, as NumPy has it."""
    results = tuple(f(as_operand(x)) for x in arrays)
    return results[0] if len(results) == 1 else results


@linear(
    lambda ct, x, axes: _transpose(ct, axes=None if axes is None else tuple(np.argsort(axes).tolist())),
    Notation(
        "ᵀ",
        lambda x, axes=None: f"{x}ᵀ" if axes is None else f"transpose({x}, {axes})",
        lambda x, axes=None: rf"{x}^{{\top}}" if axes is None else rf"\mathrm{{transpose}}({x}, {axes})",
        lambda x, axes="None": f"{x}.T" if axes == "None" else f"{x}.transpose({axes})",
        ATOM,
        (ATOM,),
    ),
)
def _transpose(x: Any, *, axes: Shape | None) -> Any:
    return x.transpose(axes)


def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """Reorder the axes; reverse them by default, which is the matrix transpose in two dimensions.

    Raises
    ------
    ShapeError
        Not every axis is named, and just once.

    Examples
    --------
    >>> transpose(np.zeros((2, 3))).shape
    (3, 2)
    """
    x = as_operand(x)
    if axes is None:
        return _transpose(x, axes=None)
    order = tuple([axis_of("transpose", x, a, what="axes") for a in sizes_of("transpose", axes, "axes")])
    if sorted(order) != list(range(x.ndim)):
        raise ShapeError(f"transpose: axes {axes} do not name every axis of {describe(x)} once")
    return _transpose(x, axes=order)


def matrix_transpose(x: Any) -> Any:
    """Transpose the last two axes, those of a matrix in a stack of matrices.

    Raises
    ------
    ShapeError
        There are fewer than two axes.

    Examples
    --------
    >>> matrix_transpose(np.zeros((4, 2, 3))).shape
    (4, 3, 2)
    """
    x = as_operand(x)
    if x.ndim < 2:
        raise ShapeError(f"matrix_transpose: {describe(x)} is no matrix, which has two axes")
    return swapaxes(x, -2, -1)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Exchange two axes.

    Raises
    ------
    ShapeError
        There is no such axis.

    Examples
    --------
    >>> swapaxes(np.zeros((2, 3, 4)), 0, 2).shape
    (4, 3, 2)
    """
    x = as_operand(x)
    first, second = (axis_of("swapaxes", x, axis, truth=True) for axis in (axis1, axis2))
    order = list(range(x.ndim))
    order[first], order[second] = second, first
    return _transpose(x, axes=None if x.ndim == 2 and first != second else tuple(order))


def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Any:
    """Move axes to other places; the rest keep their order.

    Raises
    ------
    ShapeError
        There is no such axis, one is named twice, or not as many places as axes are named.

    Examples
    --------
    >>> moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    x = as_operand(x)
    sources = some_axes_of("moveaxis", x, source, what="source")
    places = some_axes_of("moveaxis", x, destination, what="destination")
    if len(sources) != len(places):
        raise ShapeError(f"moveaxis: axes {source} cannot go to places {destination}; name as many of each")
    order = [i for i in range(x.ndim) if i not in sources]
    for place, axis in sorted(zip(places, sources)):
        order.insert(place, axis)
    return _transpose(x, axes=tuple(order))


@linear(
    lambda ct, x, shape: sum_to(ct, x.shape),
    Notation(
        "broadcast",
        "broadcast({0})",
        r"\mathrm{{broadcast}}\left({0}\right)",
        "np.broadcast_to({0}, {shape})",
    ),
)
def _broadcast_to(x: Any, *, shape: Shape) -> Any:
    if not np.ndim(x):  # what NumPy's own function comes to, at a fifth of its cost
        number = np.asarray(x)[()]
        return np.ndarray(shape, number.dtype, number, strides=(0,) * len(shape))
    return np.broadcast_to(x, shape)


def broadcast_to(x: Any, shape: int | Sequence[int]) -> Any:
    """Repeat entries along new axes and axes of size 1, as NumPy's broadcasting does.

    The result of an array is a read-only view.

    Raises
    ------
    ShapeError
        `x` does not broadcast to `shape`.

    Examples
    --------
    >>> broadcast_to(np.array([[1.0], [2.0]]), (2, 3))
    array([[1., 1., 1.],
           [2., 2., 2.]])
    """
    return _broadcast_to(x, shape=shape_of("broadcast_to", shape))


def broadcast_arrays(*arrays: Any) -> tuple[Any, ...]:
    """Repeat entries until all arrays have the shape that NumPy's broadcasting gives them together.

    Raises
    ------
    ShapeError
        There is no such shape.

    Examples
    --------
    >>> [x.shape for x in broadcast_arrays(np.zeros((2, 1)), np.zeros(3))]
    [(2, 3), (2, 3)]
    """
    operands = [as_operand(x) for x in arrays]
    try:
        shape = np.broadcast_shapes(*(x.shape for x in operands))
    except ValueError:
        found = " and ".join(map(describe, operands))
        raise ShapeError(f"broadcast_arrays: {found} have no common shape") from None
    return tuple(broadcast_to(x, shape) for x in operands)


@linear(
    lambda ct, x, axis, shape: _broadcast_to(ct, shape=x.shape),
    reduction("Σ", latex=r"\sum", numpy="np.sum")._replace(
        numpy="np.sum({0}, axis={axis}, keepdims=True).reshape({shape})"
    ),
)
def _sum_to(x: Any, *, axis: Shape, shape: Shape) -> Any:
    return _total(x, axis, shape)


def _total(x: Any, axis: Shape, shape: Shape) -> Any:
    total = _add_over(x, axis=axis, keepdims=True)
    return total if x.ndim == len(shape) else total.reshape(shape)


def sum_to(x: Any, shape: Sequence[int]) -> Any:
    """Undo a broadcast: add up the entries that `broadcast_to` would fill from one.

    This is the adjoint of broadcasting: the cotangent of a column b (n, 1) that was added to (n, m) is
    summed over axis 1.

    Parameters
    ----------
    x : array or Tensor
    shape : sequence of int
        A shape that broadcasts to that of `x`.

    Raises
    ------
    ShapeError
        `shape` does not broadcast to the shape of `x`.

    Examples
    --------
    >>> sum_to(np.array([[1.0, 2.0], [3.0, 4.0]]), (2, 1))
    array([[3.],
           [7.]])
    """
    return summed_to(as_operand(x), shape_of("sum_to", shape))


def summed_to(x: Any, shape: Shape) -> Any:
    """Do it for an array or a Tensor and a shape: a hot call, for each bias of each backward pass."""
    axis = _summed_axes(x.shape, shape)
    if not axis:
        return x
    return _sum_to(x, axis=axis, shape=shape) if isinstance(x, Node) else _total(x, axis, shape)


@functools.lru_cache(maxsize=4096)
def _summed_axes(found: Shape, wanted: Shape) -> Shape:
    """Which axes were made or stretched when `wanted` was broadcast to `found`."""
    new = len(found) - len(wanted)
    axis = (*range(new), *(i for i, n in enumerate(wanted, new) if new >= 0 and n != found[i]))
    if new < 0 or any(wanted[i - new] != 1 for i in axis if i >= new):
        raise ShapeError(f"sum_to: shape {wanted} does not broadcast to {found}")
    return axis


@linear(lambda ct, _x, dtype: ct, Notation("astype", "{0}", "{0}", "{0}.astype({dtype})", ATOM, (ATOM,)))
def _astype(x: Any, *, dtype: np.dtype[Any]) -> Any:
    return x.astype(dtype)


def astype(x: Any, dtype: Any) -> Any:
    """Convert to another floating dtype; the cotangent comes back in the dtype of `x`.

    Raises
    ------
    DtypeError
        A derivative flows through `x`, and `dtype` is not a floating one; or it is none of real numbers.

    Examples
    --------
    >>> astype(np.zeros(2), np.float32).dtype
    dtype('float32')
    """
    try:
        wanted = None if isinstance(dtype, Node | np.ndarray) else np.dtype(dtype)
    except (TypeError, ValueError):
        wanted = None
    if wanted is None:
        raise DtypeError(f"astype: {dtype!r:.60} is no dtype")
    if wanted.kind not in REAL:
        raise DtypeError(f"astype: dtype {wanted}, where one of real numbers is wanted")
    if wanted.kind != "f" and isinstance(x, Node) and x.requires_grad:
        raise DtypeError(f"astype: no derivative flows through {wanted} numbers; {describe(x)} requires one")
    return _astype(as_operand(x), dtype=wanted)
