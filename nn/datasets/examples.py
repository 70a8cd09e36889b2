"""Examples in columns: from rows and back, classes as one-hot columns, a part held back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_core.graph.dispatch import as_operand, plain_array
from autograd_core.graph.node import Array
from autograd_core.wording.arguments import number, whole
from autograd_core.wording.errors import DataError, DtypeError, ShapeError, describe
from nn.given import empty, generator

__all__ = ["Dataset", "columns", "floats", "labels", "one_hot", "rows", "split"]


class Dataset(NamedTuple):
    """Examples and targets in columns.

    Attributes
    ----------
    X : (n, m)
        Floating, n features of m examples.
    Y : (k, m)
        Floating: one-hot columns for k classes, or k outputs.
    """

    X: Array
    Y: Array


def columns(X: Any) -> Array:
    """Turn examples that are rows into columns: (m, n) -> (n, m), and (m,) -> (1, m).

    Parameters
    ----------
    X : array, nested lists, or anything that NumPy takes for an array, such as a pandas frame
        NaN and infinity are left for training to refuse.

    Returns
    -------
    (n, m) or (1, m)
        A contiguous copy; float32 stays float32, other real numbers become float64.

    Raises
    ------
    DtypeError
        Texts, objects or complex numbers.
    ShapeError
        Neither one nor two axes, or rows of different lengths.

    Examples
    --------
    >>> columns([[1, 2], [3, 4], [5, 6]])
    array([[1., 3., 5.],
           [2., 4., 6.]])
    """
    X = floats(X, "columns")
    if X.ndim not in (1, 2):
        raise ShapeError(
            f"columns: an array of shape {X.shape}; wanted (m, n), one row per example, or (m,)"
            + ("; X.reshape(len(X), -1) makes one row of each" if X.ndim > 2 else "")
        )
    return np.array(np.atleast_2d(X.T), order="C")


def rows(X: Any) -> Array:
    """Turn examples that are columns into rows: (n, m) -> (m, n), a contiguous copy of the same dtype.

    Raises
    ------
    ShapeError
        Not two axes.

    Examples
    --------
    >>> rows([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]])
    array([[1., 2.],
           [3., 4.],
           [5., 6.]])
    """
    return np.array(_matrix(X, "rows").T, order="C")


def one_hot(labels: Sequence[int] | Array, classes: int) -> Array:
    """Turn class numbers into columns with a single 1.

    Parameters
    ----------
    labels : m integers from 0 to classes - 1
    classes : int

    Returns
    -------
    (classes, m) float64

    Raises
    ------
    DataError
        A label is not one of the classes.
    SizeError
        More classes than there is memory for.

    Examples
    --------
    >>> one_hot([0, 2], 3)
    array([[1., 0.],
           [0., 0.],
           [0., 1.]])
    """
    classes = whole(classes, "one_hot: classes")
    numbers = plain_array(labels)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise DataError(
            f"one_hot: labels are {numbers.dtype} of shape {numbers.shape}; wanted m integers, one an example"
        )
    outside = np.flatnonzero((numbers < 0) | (numbers >= classes))
    if len(outside):
        raise DataError(
            f"one_hot: label {numbers[outside[0]]} of example {outside[0]} is outside the {classes} classes "
            f"0 to {classes - 1}" + (f", and {len(outside) - 1} more" if len(outside) > 1 else "")
        )
    Y = empty((classes, len(numbers)), "one_hot")
    Y[...] = 0.0
    Y[numbers, np.arange(len(numbers))] = 1.0
    return Y


def labels(Y: Any) -> Array:
    """Turn one-hot columns, or predicted probabilities, into class numbers: the largest entry of each column.

    Parameters
    ----------
    Y : (classes, m)
        A single row holds the probability of class 1 beside class 0.

    Returns
    -------
    (m,) int64

    Raises
    ------
    ShapeError
        Not two axes, or no class.

    Examples
    --------
    >>> labels([[0.9, 0.2], [0.1, 0.8]]), labels([[0.1, 0.8]])
    (array([0, 1]), array([0, 1]))
    """
    Y = _matrix(Y, "labels")
    if not len(Y):
        raise ShapeError(f"labels: Y is {describe(Y)}, without a row for a class")
    return np.asarray(Y.argmax(axis=0) if len(Y) > 1 else Y[0] > 0.5, np.int64)


def split(
    X: Array, Y: Array, held_back: float = 1 / 3, seed: int | np.random.Generator = 0
) -> tuple[Dataset, Dataset]:
    """Shuffle the examples and hold some back: (for training, held back).

    Parameters
    ----------
    X, Y : (n, m), (k, m)
    held_back : float
        Share of the examples to hold back.
    seed : int or numpy.random.Generator

    Raises
    ------
    DataError
        X and Y have different numbers of examples, or one of the two parts would be empty.
    ShapeError
        X or Y has not two axes.

    Examples
    --------
    >>> train, test = split(np.zeros((4, 150)), np.zeros((3, 150)))
    >>> train.X.shape, test.X.shape
    ((4, 100), (4, 50))
    """
    X, Y = _matrix(X, "split"), _matrix(Y, "split")
    m = X.shape[1]
    if Y.shape[1] != m:
        raise DataError(f"split: X holds {m} examples, Y {Y.shape[1]}")
    held_back = number(held_back, "split: held_back")
    kept = m - round(m * held_back) if 0 < held_back < 1 else 0
    if not 0 < kept < m:
        raise DataError(f"split: {m} examples with held_back={held_back} leave one part empty")
    order = generator(seed, "split").permutation(m)
    first, rest = order[:kept], order[kept:]
    return Dataset(X[:, first], Y[:, first]), Dataset(X[:, rest], Y[:, rest])


def floats(values: Any, what: str) -> Array:
    """Take real numbers in, float32 as they are and others as float64; `what` starts a message."""
    try:
        X: Array = plain_array(values)
    except DtypeError as error:
        raise DtypeError(f"{what}: {error}") from None
    except ShapeError as error:
        raise ShapeError(
            f"{what}: no array can be made of it, are the rows of one length? ({error})"
        ) from None
    if X.dtype.kind not in "buif":
        raise DtypeError(
            f"{what}: dtype {X.dtype}, but real numbers are wanted; turn texts into numbers or leave their "
            "columns out, and convert objects that are numbers with .astype(float)"
        )
    return X.astype(np.float32 if X.dtype.kind == "f" and X.dtype.itemsize == 4 else np.float64, copy=False)


def _matrix(X: Any, what: str) -> Array:
    """An array of two axes."""
    matrix: Array = np.asarray(as_operand(X))
    if matrix.ndim != 2:
        raise ShapeError(f"{what}: an array of shape {matrix.shape}; wanted two axes, one column per example")
    return matrix
