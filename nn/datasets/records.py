"""The records of a csv file, each with the line it starts in, and its cells as finite numbers."""

from __future__ import annotations

import csv
import difflib
import math
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NoReturn, TextIO

from autograd_core.wording.arguments import is_sequence, whole
from autograd_core.wording.errors import DataError, OptionError
from autograd_core.wording.identifiers import printable
from nn.datasets.cells import number, read_text

__all__ = ["Records", "listed"]

DELIMITERS = ",;\t"

_NO_TEXT = re.compile("[\0\udc80-\udcff]")  # a NUL, or a byte that is not UTF-8 as "surrogateescape" has it
_MISSING = re.compile("|[+-]?(nan|inf|infinity)", re.IGNORECASE)


class Records:
    """The header and, iterated over, the (line, cells) of each record below it; blank lines are left out.

    Parameters
    ----------
    path : Path of a UTF-8 text file
    delimiter : str or None
        What parts the cells; None for the one of `DELIMITERS` that the first line holds most.

    Attributes
    ----------
    file : str
        The file's name, for messages.
    header : list of str
        The names of the columns.

    Raises
    ------
    DataError
        Here or while iterating: the file is no such table.
    OptionError
        The delimiter is not one character.
    """

    def __init__(self, path: Path, delimiter: str | None = None) -> None:
        if delimiter is not None and (
            not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n'
        ):
            raise OptionError(f"delimiter={delimiter!r:.60}; wanted one character, such as ',' or '\\t'")
        self.file = printable(path.name)
        self._records = _records(path, delimiter)
        _, header = next(self._records, (1, []))
        self.header = [read_text(name) for name in header]
        if not header:
            raise DataError(f"{self.file}: no header line, and no example below it")
        values = [number(name) for name in self.header]
        if all(map(math.isfinite, values)) or any(value % 1 > 0 for value in values):
            raise DataError(
                f"{self.file}, line 1: {listed(self.header)} look like data; put a header line above "
                "that names the columns, such as x1,x2,kind"
            )

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        for line, cells in self._records:
            if len(cells) != len(self.header):
                raise DataError(
                    f"{self.file}, line {line}: {len(cells)} fields, wanted {len(self.header)} as in the "
                    "header; is the file truncated?"
                )
            yield line, cells

    def close(self) -> None:
        """Close the file."""
        self._records.close()

    def positions(self, columns: Iterable[str | int]) -> list[int]:
        """Find columns by name or position; each must have a name that no other has."""
        if not is_sequence(columns):
            raise OptionError(f"columns are {columns!r:.60}; wanted a list of their names or positions")
        columns = [
            name if isinstance(name, str) else whole(name, "the position of a column") for name in columns
        ]
        missing = [name for name in columns if isinstance(name, str) and name not in self.header]
        if missing:
            near = difflib.get_close_matches(missing[0], self.header, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise DataError(
                f"{self.file}: no column {listed(missing)}; there are {listed(self.header)}{hint}"
            )
        found = [self.header.index(c) if isinstance(c, str) else self._counted(c) for c in columns]
        times = Counter(self.header)
        for i in found:
            if not self.header[i]:
                raise DataError(f"{self.file}: column {i + 1} has no name in the header line; give it one")
            if times[self.header[i]] > 1:
                raise DataError(f"{self.file}: {times[self.header[i]]} columns are named {self.header[i]!r}")
        return found

    def _counted(self, position: int) -> int:
        """Position from the left, of one that may count from the right."""
        n = len(self.header)
        if not -n <= position < n:
            raise DataError(
                f"{self.file}: no column at position {position}; there are {n}, from 0 to {n - 1}"
            )
        return int(position) % n

    def numbers(self, line: int, cells: Sequence[str], positions: Sequence[int]) -> list[float]:
        """Read some cells of a record as finite numbers."""
        values = [number(cells[i]) for i in positions]
        if not all(map(math.isfinite, values)):
            bad = next(i for i, value in zip(positions, values) if not math.isfinite(value))
            self._refuse(line, cells[bad], bad)
        return values

    def filled(self, line: int, cell: str, position: int) -> None:
        """Refuse a cell that is empty, or says that there is no value."""
        if _MISSING.fullmatch(cell.strip()):
            raise DataError(
                f"{self.file}, line {line}: {cell[:40]!r} in column {self.header[position]!r}; "
                "every cell must hold a value: fill it in, or leave the line out"
            )

    def _refuse(self, line: int, cell: str, position: int) -> NoReturn:
        """Say why a cell is no finite number, and what may help."""
        self.filled(line, cell, position)
        pointed = cell.strip().replace(",", ".")
        hint = f"; a decimal point is wanted, {pointed}" if math.isfinite(number(pointed)) else ""
        raise DataError(
            f"{self.file}, line {line}: {cell[:40]!r} is not a number "
            f"(column {self.header[position]!r}){hint}"
        )


def _records(path: Path, delimiter: str | None) -> Generator[tuple[int, list[str]]]:
    """Each record that is not blank, with the line of the file it starts in."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        start, lines = 1, _lines(file, printable(path.name))
        first = next(lines, "")
        try:
            # of as many cells, max takes the first delimiter
            part = delimiter or max(DELIMITERS, key=lambda d: len(next(csv.reader([first], delimiter=d))))
            reader = csv.reader(chain([first], lines), delimiter=part, strict=True)
            for cells in reader:
                if cells:
                    yield start, cells
                start = reader.line_num + 1
        except csv.Error as error:
            raise DataError(f"{printable(path.name)}, line {start}: {error}") from None


def _lines(file: TextIO, name: str) -> Iterator[str]:
    """The lines of a file, as long as they are text."""
    for line, text in enumerate(file, start=1):
        if _NO_TEXT.search(text):
            raise DataError(f"{name}, line {line}: not a UTF-8 text file; save it as plain text in UTF-8")
        yield text


def listed(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return ", ".join(repr(name[:40]) for name in names[:20]) + more
