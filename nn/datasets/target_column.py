"""The target column of a table: whether its cells name classes or are quantities, and the rows of Y."""

from __future__ import annotations

import difflib
from array import array
from collections.abc import Sequence

import numpy as np

from autograd_core.graph.node import Array
from autograd_core.wording.errors import DataError
from nn.datasets.cells import number, read_text
from nn.datasets.examples import one_hot
from nn.datasets.records import Records, listed

__all__ = ["TargetColumn"]

MOST_CLASSES = 20  # a numeric target with more values than that is a quantity


class TargetColumn:
    """The cells of one column, each different one kept once.

    Parameters
    ----------
    records : Records
        The table, for messages.
    position : int
        Which column.
    """

    def __init__(self, records: Records, position: int) -> None:
        self._records, self._position = records, position
        self._where = f"column {records.header[position]!r}"
        self._numbers: dict[str, int] = {}  # each different cell, counted as it appears
        self._lines: list[int] = []  # where it appears first
        self._examples = array("q")

    def add(self, line: int, cells: Sequence[str]) -> None:
        """Take the next example in."""
        i = self._numbers.setdefault(read_text(cells[self._position]), len(self._lines))
        if i == len(self._lines):
            self._lines.append(line)
        self._examples.append(i)

    def resolved(self, task: str, classes: Sequence[str] | None) -> tuple[Array, tuple[str, ...] | None]:
        """Y (k, m), and the names of the k classes or None; the task is "auto" or "classify".

        Raises
        ------
        DataError
            A cell is empty or foreign to the classes, or the column is no target of that kind.
        """
        cells, examples = list(self._numbers), np.asarray(self._examples)
        for line, cell in zip(self._lines, cells, strict=True):
            self._records.filled(line, cell, self._position)
        values = np.array([number(cell) for cell in cells])
        if task == "auto" and self._are_quantities(cells, values):
            return values[None, examples], None
        names = self._classes(cells, values) if classes is None else tuple(classes)
        rows = {name: row for row, name in enumerate(names)}
        foreign = [i for i, cell in enumerate(cells) if cell not in rows]
        if foreign:
            near = difflib.get_close_matches(cells[foreign[0]], names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise DataError(f"{self._told(foreign[0])} is none of the classes {listed(names)}{hint}")
        return one_hot(np.array([rows[cell] for cell in cells])[examples], len(names)), names

    def _are_quantities(self, cells: list[str], values: Array) -> bool:
        """Whether the cells are numbers, and not numbers of classes."""
        numeric = np.isfinite(values)
        if len(cells) > MOST_CLASSES and numeric.any() and not numeric.all():
            raise DataError(
                f"{self._told(int(np.argmin(numeric)))} is not a number, but others are; mend it, or say "
                "task='classify' if all of them name classes"
            )
        return bool(numeric.all() and (len(cells) > MOST_CLASSES or (values % 1 != 0).any()))

    def _classes(self, cells: list[str], values: Array) -> tuple[str, ...]:
        """The names in their order; refused if they cannot be classes."""
        k, m = len(cells), len(self._examples)
        if k == 1:
            raise DataError(f"{self._told(0)} is the only class of the table; there is nothing to tell apart")
        if k > max(MOST_CLASSES, m / 2):
            raise DataError(
                f"{self._records.file}: {self._where} holds {k} different values in {m} examples, too many "
                "for classes; name the target column, or say task='regress' if it holds numbers"
            )
        if np.isfinite(values).all():
            return tuple(cells[i] for i in np.argsort(values, kind="stable"))
        return tuple(sorted(cells))

    def _told(self, i: int) -> str:
        """Name the first cell of the i-th kind, for a message."""
        cell = list(self._numbers)[i]
        return f"{self._records.file}, line {self._lines[i]}: {cell[:40]!r} in {self._where}"
