"""Real data that ships with the package, and what it takes to bring data into columns.

Iris (R. A. Fisher, 1936; 150 flowers, 4 measurements in cm, 3 species) and Optical Recognition of
Handwritten Digits (E. Alpaydin and C. Kaynak, 1998; the test set: 1797 images of 8 x 8 pixels with grey
levels 0 to 16, 10 digits). Both come from the UCI Machine Learning Repository under the licence
CC BY 4.0; see ``nn/data/README.md``.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_core.errors import DataError

__all__ = ["Dataset", "digits", "iris", "one_hot", "read_csv", "split", "standardized"]

Array = NDArray[Any]

_DATA = Path(__file__).parent / "data"


class Dataset(NamedTuple):
    """Examples and targets in columns.

    Attributes
    ----------
    X : (n, m) float64
    Y : (classes, m) float64
        One-hot columns.
    """

    X: Array
    Y: Array


def iris() -> Dataset:
    """Load Iris: X (4, 150) in cm, Y (3, 150) for setosa, versicolor, virginica.

    Raises
    ------
    DataError
        The data file is damaged.

    Examples
    --------
    >>> X, Y = iris()
    >>> X.shape, Y.shape, Y.sum(axis=1)
    ((4, 150), (3, 150), array([50., 50., 50.]))
    """
    return _complete(read_csv(_DATA / "iris.csv"), "iris.csv", (4, 150), 3)


def digits() -> Dataset:
    """Load the handwritten digits: X (64, 1797) with grey levels 0 to 16, Y (10, 1797).

    Raises
    ------
    DataError
        The data file is damaged.

    Examples
    --------
    >>> X, Y = digits()
    >>> X.shape, Y.shape, X.max()
    ((64, 1797), (10, 1797), np.float64(16.0))
    """
    return _complete(read_csv(_DATA / "digits.csv"), "digits.csv", (64, 1797), 10)


def _complete(data: Dataset, name: str, shape: tuple[int, int], classes: int) -> Dataset:
    if (data.X.shape, data.Y.shape[0]) != (shape, classes):
        (n, m), (wanted_n, wanted_m) = data.X.shape, shape
        raise DataError(
            f"{name}: {m} examples of {n} features in {data.Y.shape[0]} classes, "
            f"wanted {wanted_m} of {wanted_n} in {classes}; the file is truncated or changed, "
            "so install the package again"
        )
    return data


def read_csv(path: str | Path) -> Dataset:
    r"""Read a table with a header line, one example a row, numbers first and the class last.

    Parameters
    ----------
    path : path of a UTF-8 text file

    Returns
    -------
    Dataset
        Turned into columns; classes are numbered in the order of their first appearance, numbers in
        numerical order.

    Raises
    ------
    DataError
        A row is too short, too long or not numeric, or there is none; the message gives the line.
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "table.csv"
    ...     _ = path.write_text("height,width,kind\n1.0,2.0,cat\n3.0,4.0,dog\n")
    ...     read_csv(path).X
    array([[1., 3.],
           [2., 4.]])
    """
    path = Path(path)
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name}: not a UTF-8 text file ({error.reason} at byte {error.start})"
        ) from None
    if len(rows) < 2:
        raise DataError(f"{path.name}: no example below the header line")
    columns = len(rows[0])
    features, labels = [], []
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != columns:
            raise DataError(
                f"{path.name}, line {line}: {len(row)} fields, wanted {columns} as in the header; "
                "is the file truncated?"
            )
        features.append([_number(text, path.name, line) for text in row[:-1]])
        labels.append(row[-1].strip())
    classes = list(dict.fromkeys(labels))
    if all(name.isdecimal() for name in classes):
        classes.sort(key=int)
    numbers = [classes.index(label) for label in labels]
    return Dataset(np.array(features).T, one_hot(numbers, len(classes)))


def _number(text: str, name: str, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        raise DataError(f"{name}, line {line}: {text!r} is not a number") from None


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

    Examples
    --------
    >>> one_hot([0, 2], 3)
    array([[1., 0.],
           [0., 0.],
           [0., 1.]])
    """
    numbers = np.asarray(labels)
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
    return np.eye(classes)[:, numbers]


def split(X: Array, Y: Array, held_back: float = 1 / 3, seed: int = 0) -> tuple[Dataset, Dataset]:
    """Shuffle the examples and hold some back: (for training, held back).

    Parameters
    ----------
    X, Y : (n, m), (classes, m)
    held_back : float
        Share of the examples to hold back.
    seed : int

    Raises
    ------
    DataError
        X and Y have different numbers of examples, or one of the two parts would be empty.

    Examples
    --------
    >>> train, test = split(*iris())
    >>> train.X.shape, test.X.shape
    ((4, 100), (4, 50))
    """
    m = X.shape[1]
    if Y.shape[1] != m:
        raise DataError(f"split: X holds {m} examples, Y {Y.shape[1]}")
    kept = m - round(m * held_back)
    if not 0 < kept < m:
        raise DataError(f"split: {m} examples with held_back={held_back} leave one part empty")
    order = np.random.default_rng(seed).permutation(m)
    first, rest = order[:kept], order[kept:]
    return Dataset(X[:, first], Y[:, first]), Dataset(X[:, rest], Y[:, rest])


def standardized(X: Array, like: Array) -> Array:
    """Shift and scale each feature so that it has mean 0 and variance 1 over the columns of `like`.

    Constant features are only shifted.

    Examples
    --------
    >>> X = np.array([[1.0, 3.0], [5.0, 5.0]])
    >>> standardized(X, like=X)
    array([[-1.,  1.],
           [ 0.,  0.]])
    """
    spread = like.std(axis=1, keepdims=True)
    return (X - like.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)  # type: ignore[no-any-return]
