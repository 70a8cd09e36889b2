"""Tables of comma-separated values: a header line with the names of the columns, and one example a line."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograd_core.graph.node import Array
from autograd_core.system.files import as_path
from autograd_core.wording.arguments import is_sequence
from autograd_core.wording.errors import DataError, OptionError, one_of
from nn.datasets.examples import columns
from nn.datasets.records import Records, listed
from nn.datasets.target_column import TargetColumn

__all__ = ["Table", "read_csv", "read_features"]

TASKS = ("auto", "classify", "regress")


@dataclass(frozen=True, eq=False)
class Table:
    """A table in columns. Unpacked it is a data set: ``X, Y = table``.

    Attributes
    ----------
    X : (n, m) float64
    Y : (k, m) float64
        One-hot columns for k classes, or k targets.
    features : tuple of str
        The names of the columns in X.
    target : str or tuple of str
        The name of the column in Y; a tuple if several were asked for.
    classes : tuple of str or None
        The names of the classes; None if Y holds numbers.
    """

    X: Array
    Y: Array
    features: tuple[str, ...]
    target: str | tuple[str, ...]
    classes: tuple[str, ...] | None

    def __iter__(self) -> Iterator[Array]:
        return iter((self.X, self.Y))


def read_csv(
    path: str | Path,
    target: str | int | Sequence[str | int] | None = None,
    *,
    features: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    task: str = "auto",
    delimiter: str | None = None,
) -> Table:
    r"""Read a table of examples: features that are numbers, and a target.

    The first line names the columns; one of nothing but numbers, or with a fraction, is taken for data and
    refused. Every cell must be filled and every number finite. Blank lines are skipped.

    Parameters
    ----------
    path : path of a UTF-8 text file
    target : name or position of a column, optional
        The last column by default; a list of columns holds several targets for regression.
    features : names of columns, optional
        What X holds, in this order; by default every column that is no target.
    classes : names of classes, optional
        What Y's rows stand for, such as ``table.classes`` of the examples trained on; by default numbers in
        numerical order, other names in alphabetical order.
    task : {"auto", "classify", "regress"}
        Whether the target names classes or is a quantity. By default it names classes unless all of it are
        numbers, with a fraction among them or more than 20 different ones.
    delimiter : str, optional
        What parts the cells; by default the one of comma, semicolon and tab that the first line holds most.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        The file is not such a table; the message gives the line and the column.
    OptionError
        There is no such task, or the settings contradict one another.
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "table.csv"
    ...     _ = path.write_text("height,width,kind\n1.0,2.0,cat\n3.0,4.0,dog\n")
    ...     table = read_csv(path)
    >>> X, Y = table
    >>> X
    array([[1., 3.],
           [2., 4.]])
    >>> table.features, table.target, table.classes
    (('height', 'width'), 'kind', ('cat', 'dog'))
    """
    wanted = [-1] if target is None else [target] if isinstance(target, str | int | np.integer) else target
    if not is_sequence(wanted):
        raise OptionError(
            f"target={target!r:.60}; wanted the name or position of a column, or a list of them"
        )
    if classes is not None and not (is_sequence(classes) and all(isinstance(name, str) for name in classes)):
        raise OptionError(f"classes={classes!r:.60}; wanted a list of names")
    several = wanted is target
    task = _task(task, several, classes)
    names = None
    with closing(Records(as_path(path, "read_csv"), delimiter)) as records:
        outputs = records.positions(wanted)
        rest = [i for i in range(len(records.header)) if i not in outputs]
        inputs = records.positions(rest if features is None else features)
        _check(records, inputs, outputs)
        if task == "regress":
            X, Y = np.split(_read(records, inputs + outputs), [len(inputs)])
        else:
            targets = TargetColumn(records, outputs[0])
            X = _read(records, inputs, targets)
            Y, names = targets.resolved(task, classes)
        used, told = (tuple(records.header[i] for i in part) for part in (inputs, outputs))
    return Table(X, Y, used, told if several else told[0], names)


def read_features(path: str | Path, features: Sequence[str], *, delimiter: str | None = None) -> Array:
    r"""Read some columns of a table, as examples to predict.

    Parameters
    ----------
    path : path of a UTF-8 text file
    features : names of columns
        In the order wanted, such as ``table.features`` of the examples trained on; others are ignored.
    delimiter : str, optional
        As in `read_csv`.

    Returns
    -------
    X : (n, m) float64

    Raises
    ------
    DataError
        A column is missing, or the file is no table of numbers; the message gives the line and the column.
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "table.csv"
    ...     _ = path.write_text("name;width;height\nTom;2.0;1.0\nRex;4.0;3.0\n")
    ...     read_features(path, ["height", "width"])
    array([[1., 3.],
           [2., 4.]])
    """
    with closing(Records(as_path(path, "read_features"), delimiter)) as records:
        inputs = records.positions(features)
        _check(records, inputs, [])
        return _read(records, inputs)


def _task(task: str, several: bool, classes: Sequence[str] | None) -> str:
    """The task that the settings together ask for."""
    one_of("task", task, TASKS)
    if several and task == "classify":
        raise OptionError("task='classify' with a list of targets; name one column that holds the classes")
    if classes is not None and (several or task == "regress"):
        raise OptionError("classes are given, but the target is read as numbers; leave them out")
    if several:
        return "regress"
    return task if classes is None else "classify"


def _check(records: Records, inputs: list[int], targets: list[int]) -> None:
    """Refuse columns that are used twice, and a table without a feature."""
    used = Counter(records.header[i] for i in inputs + targets)
    if twice := [name for name, times in used.items() if times > 1]:
        raise OptionError(f"{records.file}: {listed(twice)} is asked for twice as a feature or target")
    if not inputs:
        raise DataError(
            f"{records.file}: no column is left for a feature; the header line holds "
            f"{listed(records.header)}; is the delimiter another? delimiter='|' sets it"
        )


def _read(records: Records, positions: list[int], targets: TargetColumn | None = None) -> Array:
    """Read columns as numbers (n, m), and another one as it is."""
    numbers = array("d")
    for line, cells in records:
        numbers.extend(records.numbers(line, cells, positions))
        if targets is not None:
            targets.add(line, cells)
    if not numbers:
        raise DataError(f"{records.file}: no example below the header line")
    return columns(np.frombuffer(numbers).reshape(-1, len(positions)))
