"""Targets: what people have, turned into the columns that a cost holds against the predictions.

Y is (n, m), a column for each example: a single 1 for its class, shares that sum to 1, or an entry for each
label. A cost that classifies takes class numbers too, m integers from 0 to n - 1.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autograd_core import Tensor
from autograd_core.graph.dispatch import as_operand, plain_array
from autograd_core.graph.node import Array
from autograd_core.wording.arguments import whole
from autograd_core.wording.errors import DataError, DtypeError, NonFiniteError, ShapeError, describe
from autograd_core.wording.identifiers import name_of

__all__ = ["classifying", "paired", "targets"]

Cost = Callable[..., Any]
C = TypeVar("C", bound=Cost)

_classifying: list[Cost] = []


def classifying(cost: C) -> C:
    """Mark a cost, perhaps your own, whose targets are classes: class numbers will do, and it wants 0 to 1.

    Examples
    --------
    >>> @classifying
    ... def hit_rate_lost(A, Y):
    ...     A, Y, m = paired(hit_rate_lost, A, Y)
    ...     return 1 - (A * Y).sum() / m
    >>> float(hit_rate_lost([[0.75, 0.5], [0.25, 0.5]], [0, 1]))
    0.375
    """
    _classifying.append(cost)
    return cost


def paired(cost: Cost, A: Any, Y: Any) -> tuple[Any, Any, int]:
    """Line targets up with predictions, for a cost to begin with.

    Parameters
    ----------
    cost : function
        Named in messages.
    A : Tensor or array (n, m)
    Y : Tensor or array (n, m), or, for a cost that is `classifying`, m integers
        With one row, n = 1, the integers are 0 and 1 and may be booleans. Integers turn into the dtype of A.

    Returns
    -------
    A, Y : (n, m)
        Y is a tensor of that name if A is one.
    m : int

    Raises
    ------
    ShapeError
        Y has not the shape of A, or there is no example; nothing is broadcast.
    DtypeError
        Y holds no real numbers.
    DataError
        A class number is not one of the n classes.

    Examples
    --------
    >>> import nn
    >>> paired(nn.costs.cross_entropy, np.full((2, 3), 0.5), [0, 1, 1])[1]
    array([[1., 0., 0.],
           [0., 1., 1.]])
    """
    recorded = isinstance(A, Tensor)
    if not recorded:
        A = as_operand(A)
    shape = A.shape
    array = type(Y) is np.ndarray or isinstance(Y, Tensor)
    if not array or Y.shape != shape or len(shape) != 2 or shape[1] == 0 or Y.dtype.kind != "f":
        Y = _converted(cost, A, Y)
    if recorded and not isinstance(Y, Tensor):
        Y = Tensor(Y, name="Y")
    return A, Y, shape[1]


def _converted(cost: Cost, A: Any, Y: Any) -> Array:
    """Do what takes longer: targets that are not simply floats in the shape of the predictions."""
    said = f"{name_of(cost)}: predictions are {describe(A)}"
    if A.ndim != 2:
        found = _array(said, Y).shape
        raise ShapeError(f"{said}, targets Y of shape {found}; both are (classes, m), one column per example")
    dtype = A.dtype if A.dtype.kind == "f" else np.dtype(float)
    return _columns(said, Y, A.shape, dtype, _classifies(cost))


def _classifies(cost: Any) -> bool:
    """Whether the targets of a cost are classes."""
    return any(cost is known for known in _classifying)


def targets(cost: Cost, Y: Any, n: int, m: int, dtype: Any = np.float64) -> Array:
    """Check the targets of a whole training, and turn them into columns, before anything is changed.

    Parameters
    ----------
    cost : function
        One of `nn.costs` or any other; a `functools.partial` counts as what it calls.
    Y : array (n, m), or, for a cost that is `classifying`, m integers
    n, m : int
        Outputs of the network and examples.
    dtype : float64 or float32
        What they turn into.

    Returns
    -------
    (n, m)

    Raises
    ------
    ShapeError, DtypeError
        As in `paired`.
    NonFiniteError
        Y holds a NaN or infinity.
    DataError
        A class number is not one of the n classes, or a target of a cost that is `classifying` lies
        outside 0 to 1.

    Examples
    --------
    >>> import nn
    >>> targets(nn.costs.binary_cross_entropy, [True, False], 1, 2)
    array([[1., 0.]])
    """
    while isinstance(cost, functools.partial):
        cost = cost.func
    classes = _classifies(cost)
    n, m = whole(n, "targets: n"), whole(m, "targets: m")
    try:
        dtype = np.dtype(dtype)
    except TypeError:
        raise DtypeError(f"targets: {dtype!r:.60} is no dtype") from None
    said = f"fit: the network has {n} outputs (classes) and X holds {m} examples"
    columns = _columns(said, Y, (n, m), dtype, classes).astype(dtype, copy=False)
    bad = np.argwhere(~np.isfinite(columns))
    if len(bad):
        raise NonFiniteError(f"fit: Y holds {columns[tuple(bad[0])]} in example (column) {bad[0][1]}")
    outside = np.argwhere((columns < 0) | (columns > 1))
    if classes and len(outside):
        raise DataError(
            f"fit: Y holds {columns[tuple(outside[0])]} in example (column) {outside[0][1]}; "
            f"{name_of(cost)} takes targets from 0 to 1; nn.datasets.one_hot turns class numbers into columns"
        )
    return columns


def _columns(said: str, Y: Any, shape: tuple[int, ...], dtype: np.dtype[Any], classes: bool) -> Array:
    """Make targets (n, m) of what was given, or refuse it."""
    array = _array(said, Y)
    n, m = shape
    numbers = array.dtype.kind in ("iu" if n > 1 else "iub")
    if classes and numbers and m and (array.shape == (m,) or (array.shape == (1, m) and n > 1)):
        return _one_hot(said, array.ravel(), n).astype(dtype)
    if array.shape != shape or m == 0:
        hint = _hint(array, n, m, classes)
        raise ShapeError(f"{said}; targets Y are of shape {array.shape}, wanted {shape}; {hint}")
    return array if array.dtype.kind == "f" else array.astype(dtype)


def _array(said: str, Y: Any) -> Array:
    """Make an array of real numbers of what was given."""
    try:
        array: Array = Y.value if isinstance(Y, Tensor) else plain_array(Y)
    except (ShapeError, DtypeError) as error:  # lists of different lengths, a mask
        raise type(error)(f"{said}; targets Y are no array: {error}") from None
    if array.dtype.kind not in "fiub":
        raise DtypeError(
            f"{said}; targets Y are {array.dtype}, wanted real numbers; "
            "np.unique(Y, return_inverse=True)[1] numbers classes that have names"
        )
    return array


def _one_hot(said: str, numbers: Array, n: int) -> Array:
    """Put a 1 in the row of its class for each example; with one row, the numbers themselves."""
    classes = max(n, 2)
    outside = np.flatnonzero((numbers < 0) | (numbers >= classes))
    if len(outside):
        more = f", and {len(outside) - 1} more" if len(outside) > 1 else ""
        raise DataError(
            f"{said}; class number {numbers[outside[0]]} of example {outside[0]} in Y is outside "
            f"the {classes} classes 0 to {classes - 1}{more}"
        )
    columns: Array = numbers[None] if n == 1 else np.arange(n)[:, None] == numbers
    return columns


def _hint(Y: Array, n: int, m: int, classes: bool) -> str:
    """Say what is most likely wrong with the shape of targets."""
    if m == 0:
        return "there is no example (m = 0)"
    if Y.shape == (m, n):
        return "columns are examples: did you mean Y.T?"
    if Y.ndim == 2 and Y.shape[1] == m:
        return f"the predictions have {n} classes (rows), the targets {Y.shape[0]}"
    if classes and Y.ndim == 1 and len(Y) != m:
        return f"Y is (classes, m) or m class numbers, not {len(Y)} numbers for {m} examples"
    if Y.shape == (m,) and n == 1:
        return f"Y is (classes, m): did you mean Y[None], of shape (1, {m})?"
    if Y.shape == (m,) and classes:
        return f"Y is (classes, m), or class numbers, which are integers and not {Y.dtype}: Y.astype(int)?"
    if Y.shape == (m,) and Y.dtype.kind in "iu":
        return f"Y is (classes, m): nn.datasets.one_hot(Y, {n}) turns class numbers into columns"
    return "both are (classes, m), one column per example"
