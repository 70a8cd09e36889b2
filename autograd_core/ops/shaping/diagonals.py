"""Diagonals of matrices, what stands beside them, and matrices made of one."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.graph.primitive import as_operand, linear
from autograd_core.ops.shaping.axes import axis_of
from autograd_core.ops.shaping.indexing import getitem, scatter_add
from autograd_core.ops.shaping.shape import broadcast_to, moveaxis, ravel, reshape
from autograd_core.wording.arguments import whole
from autograd_core.wording.errors import ShapeError, describe
from autograd_core.wording.notation import applied

__all__ = ["diag", "diagflat", "diagonal", "trace", "tril", "triu"]


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Pick the entries of a diagonal of two axes; they stand along a new last axis.

    Parameters
    ----------
    x : array or Tensor
    offset : int
        How far right of the main diagonal; a negative one lies below it.
    axis1, axis2 : int
        The rows and the columns.

    Raises
    ------
    ShapeError
        There are no two such axes.

    Examples
    --------
    >>> diagonal(np.array([[1.0, 2.0], [3.0, 4.0]]), offset=1)
    array([2.])
    """
    return _diagonal("diagonal", x, offset, axis1, axis2)


def _diagonal(name: str, x: Any, offset: int, axis1: int, axis2: int) -> Any:
    x = as_operand(x)
    axes = tuple([axis_of(name, x, axis, truth=True) for axis in (axis1, axis2)])
    if axes[0] == axes[1]:
        raise ShapeError(
            f"{name}: axis1={axis1} and axis2={axis2} are one axis of {describe(x)}; two are wanted"
        )
    offset = whole(offset, f"{name}: offset", truth=True)
    x = x if axes == (x.ndim - 2, x.ndim - 1) else moveaxis(x, axes, (-2, -1))
    *stack, rows, columns = x.shape
    row = reshape(x, (*stack, rows * columns))
    return getitem(row, (..., _steps(rows, columns, offset)))


def _steps(rows: int, columns: int, offset: int) -> slice:
    """Where the diagonal of a matrix stands among its entries in one row."""
    start = offset if offset >= 0 else -offset * columns
    length = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    return slice(start, start + length * (columns + 1), columns + 1)


def diag(x: Any, k: int = 0) -> Any:
    """Make a matrix with a vector on its k-th diagonal, or pick that diagonal of a matrix.

    Raises
    ------
    ShapeError
        Neither a vector nor a matrix.

    Examples
    --------
    >>> diag(np.array([1.0, 2.0]))
    array([[1., 0.],
           [0., 2.]])
    >>> diag(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([1., 4.])
    """
    x, k = as_operand(x), whole(k, "diag: k", truth=True)
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ShapeError(f"diag: {describe(x)} is neither a vector nor a matrix; see diagonal")
    n = x.size + abs(k)
    return reshape(scatter_add(x, _steps(n, n, k), (n * n,)), (n, n))


def diagflat(x: Any, k: int = 0) -> Any:
    """Make a matrix with the entries of any array on its k-th diagonal.

    Examples
    --------
    >>> diagflat(np.array([[1.0], [2.0]]))
    array([[1., 0.],
           [0., 2.]])
    """
    return diag(ravel(x), k)


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Add up the entries of a diagonal, as `diagonal` picks them.

    Raises
    ------
    ShapeError
        There are no two such axes.

    Examples
    --------
    >>> trace(np.array([[1.0, 2.0], [3.0, 4.0]]))
    np.float64(5.0)
    """
    return _diagonal("trace", x, offset, axis1, axis2).sum(axis=-1)


@linear(lambda ct, _x, k: _tril(ct, k=k), applied("tril"))
def _tril(x: Any, *, k: int) -> Any:
    return np.tril(x, k)


def tril(x: Any, k: int = 0) -> Any:
    """Keep what is on and below the k-th diagonal of the last two axes; zeros above.

    Raises
    ------
    ShapeError
        `x` is a number.

    Examples
    --------
    >>> tril(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[1., 0.],
           [3., 4.]])
    """
    return _tril(_matrices("tril", x), k=whole(k, "tril: k", truth=True))


@linear(lambda ct, _x, k: _triu(ct, k=k), applied("triu"))
def _triu(x: Any, *, k: int) -> Any:
    return np.triu(x, k)


def triu(x: Any, k: int = 0) -> Any:
    """Keep what is on and above the k-th diagonal of the last two axes; zeros below.

    Raises
    ------
    ShapeError
        `x` is a number.

    Examples
    --------
    >>> triu(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[1., 2.],
           [0., 4.]])
    """
    return _triu(_matrices("triu", x), k=whole(k, "triu: k", truth=True))


def _matrices(name: str, x: Any) -> Any:
    """The operand; a vector is each row of a matrix, as in NumPy."""
    x = as_operand(x)
    if x.ndim == 0:
        raise ShapeError(f"{name}: a triangle is wanted of {describe(x)}, which is no matrix")
    return broadcast_to(x, (x.size, x.size)) if x.ndim == 1 else x
