"""Operations that move or repeat entries. Each is linear; most are one another's adjoint."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.errors import DtypeError, ShapeError, describe
from autograd_core.node import Node
from autograd_core.notation import ATOM, Notation, applied, reduction
from autograd_core.primitive import as_operand, linear

__all__ = ["astype", "broadcast_to", "expand_dims", "reshape", "sum_to", "transpose"]

_add_over: Any = np.add.reduce

Shape = tuple[int, ...]
Axis = int | Sequence[int] | None


def axes_of(x: Any, axis: Axis, ndim: int | None = None) -> Any:
    """Bring an axis argument to one form: None, or a tuple of distinct axes counted from the front."""
    if axis is None:
        return None
    ndim = x.ndim if ndim is None else ndim
    if type(axis) is int and 0 <= axis < ndim:
        return (axis,)
    given = (axis,) if isinstance(axis, int | np.integer) else tuple(axis)
    axes = tuple(int(a) + ndim * (a < 0) for a in given)
    if any(not 0 <= a < ndim for a in axes) or len(set(axes)) < len(axes):
        raise ShapeError(f"axis {axis} is not among the {ndim} axes for {describe(x)}, or is given twice")
    return axes


@linear(lambda ct, x, shape: _reshape(ct, shape=x.shape), applied("reshape"))
def _reshape(x: Any, *, shape: Shape) -> Any:
    return x.reshape(shape)


def reshape(x: Any, shape: int | Sequence[int]) -> Any:
    """Give the entries a new shape, in C order; one size may be -1.

    Parameters
    ----------
    x : array or Tensor, any shape
    shape : int or sequence of int

    Raises
    ------
    ShapeError
        The sizes do not multiply to the number of entries.

    Examples
    --------
    >>> reshape(np.arange(6.0), (2, -1)).shape
    (2, 3)
    """
    x = as_operand(x)
    return _reshape(x, shape=(shape,) if isinstance(shape, int) else tuple(shape))


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
    ndim = x.ndim + (1 if isinstance(axis, int) else len(axis))
    axes = axes_of(x, axis, ndim)
    sizes = iter(x.shape)
    return _reshape(x, shape=tuple(1 if i in axes else next(sizes) for i in range(ndim)))


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
    order = axes_of(x, axes)
    if order is not None and len(order) != x.ndim:
        raise ShapeError(f"transpose: axes {axes} do not name every axis of {describe(x)}")
    return _transpose(x, axes=order)


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
    return np.broadcast_to(x, shape)


def broadcast_to(x: Any, shape: Sequence[int]) -> Any:
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
    return _broadcast_to(x, shape=tuple(shape))


@linear(
    lambda ct, x, axis, shape: broadcast_to(ct, x.shape),
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

    This is the adjoint of broadcasting, and where equation (16) of the notes comes from: the
    cotangent of a column b (n, 1) that was added to (n, m) is summed over axis 1.

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
    shape = tuple(shape)
    axis = _summed_axes(x.shape, shape)
    if not axis:
        return x
    if isinstance(x, Node):
        return _sum_to(x, axis=axis, shape=shape)
    return _total(x, axis, shape)  # a hot call: each bias of each backward pass


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
        A derivative flows through `x`, and `dtype` is not a floating one.

    Examples
    --------
    >>> astype(np.zeros(2), np.float32).dtype
    dtype('float32')
    """
    wanted = np.dtype(dtype)
    if wanted.kind != "f" and isinstance(x, Node) and x.requires_grad:
        raise DtypeError(f"astype: no derivative flows through {wanted} numbers; {describe(x)} requires one")
    return _astype(as_operand(x), dtype=wanted)
