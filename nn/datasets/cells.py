"""Text in the cells of a table, which no spreadsheet is to take for a formula.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or the end of a line is computed, or sent somewhere,
by the program that opens the table. Such text gets an apostrophe in front when it is written, and loses it
when it is read; numbers stay as they are.
"""

from __future__ import annotations

import math
import re

__all__ = ["number", "read_text", "written_text"]

_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")  # also as wide as a Chinese character


def written_text(text: str) -> str:
    """Write text as a cell.

    >>> written_text("=1+1"), written_text("-1"), written_text("cat"), read_text(written_text("'=x"))
    ("'=1+1", '-1', 'cat', "'=x")
    """
    return f"'{text}" if _FORMULA.match(text) and math.isnan(number(text)) else text


def read_text(cell: str) -> str:
    """Read the text of a cell that `written_text` or anybody else wrote."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def number(cell: str) -> float:
    """Read the finite number that a cell holds, else NaN."""
    try:
        value = float(cell)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) and "_" not in cell else math.nan
