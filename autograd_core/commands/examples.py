"""Examples by the name that a person gives: a table, an archive, or a data set that ships."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import nn
from autograd_core.graph.node import Array
from autograd_core.wording.errors import DataError, OptionError, unknown_option
from autograd_core.wording.identifiers import printable
from nn.datasets.examples import floats
from nn.datasets.records import Records, listed
from nn.storage import read_npz_arrays

__all__ = ["Examples", "read", "read_asked", "read_features"]

SHIPPED = ("digits", "iris")
MOST_CLASSES = 20  # as for the columns of a table


@dataclass(frozen=True, eq=False)
class Examples:
    """Examples in columns, with names where there are some.

    Attributes
    ----------
    X : (n, m)
    Y : (k, m)
        One-hot columns for k classes, or k quantities.
    features : tuple of str or None
    classes : tuple of str or None
        None if Y holds quantities.
    """

    X: Array
    Y: Array
    features: tuple[str, ...] | None
    classes: tuple[str, ...] | None

    def __str__(self) -> str:
        n, m = self.X.shape
        wanted = f"{len(self.Y)} classes" if self.classes else _counted(len(self.Y), "target")
        return f"{_counted(n, 'feature')}, {wanted}, {_counted(m, 'example')}"


def read(
    data: str,
    target: str | None = None,
    task: str = "auto",
    *,
    features: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> Examples:
    """Read examples with their targets.

    Parameters
    ----------
    data : str
        The path of a .csv or .npz file, or one of `SHIPPED`.
    target : str, optional
        A column of the table; an archive has its Y.
    task : {"auto", "classify", "regress"}
    features, classes : names, optional
        As a model has them; an archive has no names of features, and its rows are taken in order.

    Raises
    ------
    DataError, ShapeError
        The file is not what it should be.
    OptionError
        There is no such data set, or the options contradict one another.
    OSError
        The file cannot be read.

    Examples
    --------
    >>> print(read("iris"))
    4 features, 3 classes, 150 examples
    """
    path = _located(data)
    file = printable(path.name)
    if path.suffix.lower() != ".npz":
        table = nn.datasets.read_csv(path, target, features=features, classes=classes, task=task)
        return Examples(table.X, table.Y, table.features, table.classes)
    if target not in (None, "Y"):
        raise OptionError(
            f"--target {printable(target)}: {file} has no columns with names; its targets are Y"
        )
    X, Y = nn.datasets.read_npz(path)
    if task != "regress":
        Y, classes = _classified(file, Y, classes, task == "classify")
    return Examples(X, Y, None, None if classes is None else tuple(classes))


def read_asked(options: argparse.Namespace) -> Examples:
    """Read the examples that the options from `add_data` ask for; raises as `read` does."""
    if options.features and _located(options.data).suffix.lower() == ".npz":
        raise OptionError(f"--features: {printable(options.data)} has no columns with names; leave it out")
    return read(options.data, options.target, options.task or "auto", features=options.features)


def read_features(data: str, features: Sequence[str] | None) -> Array:
    """Read X (n, m) alone, as examples to predict; raises as `read` does.

    Parameters
    ----------
    data : str
        As for `read`; an archive need not have a Y.
    features : names of columns, or None
        None for all columns in their order.
    """
    path = _located(data)
    if path.suffix.lower() != ".npz":
        return nn.datasets.read_features(path, _header(path) if features is None else features)
    file, arrays = printable(path.name), read_npz_arrays(path)
    if "X" not in arrays:
        raise DataError(f"{file}: no array named X; the file holds {', '.join(arrays) or 'none'}")
    return floats(arrays["X"], f"{file}: X")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _located(data: str) -> Path:
    """Find the file that a name stands for."""
    if data in SHIPPED:
        return Path(nn.__file__).with_name("data") / f"{data}.csv"
    path = Path(data)
    if not path.suffix and not path.exists():
        raise unknown_option("file or data set", data, SHIPPED)
    return path


def _header(path: Path) -> list[str]:
    with closing(Records(path)) as records:
        return records.header


def _classified(
    file: str, Y: Array, classes: Sequence[str] | None, sure: bool
) -> tuple[Array, Sequence[str] | None]:
    """Tell classes from quantities in Y, by the rule for the column of a table; return one-hot columns."""
    values, places = np.unique(Y, return_inverse=True)
    if len(Y) > 1 and set(values) == {0, 1} and (Y.sum(axis=0) == 1).all():
        names = classes or [str(number) for number in range(len(Y))]
        if len(names) != len(Y):
            raise DataError(f"{file}: Y has {len(Y)} rows for the {len(names)} classes {listed(names)}")
        return Y, names
    if len(Y) == 1 and (values % 1 == 0).all() and (sure or len(values) <= MOST_CLASSES):
        cells = [f"{value:.0f}" for value in values]
        names = classes or cells
        if foreign := [cell for cell in cells if cell not in names]:
            raise DataError(f"{file}: {foreign[0]!r} in Y is none of the classes {listed(names)}")
        if len(names) == 1:
            raise DataError(f"{file}: Y holds one class only, {cells[0]}; there is nothing to tell apart")
        numbers = np.array([names.index(cell) for cell in cells])
        return nn.datasets.one_hot(numbers[places.ravel()], len(names)), names
    if sure:
        raise DataError(
            f"{file}: Y is neither one-hot columns nor a row of whole numbers, one for each class"
        )
    return Y, None
