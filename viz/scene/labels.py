"""How tensors, shapes and numbers are written in a picture."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from autograd_core.wording.identifiers import printable, text_of

__all__ = [
    "HOLE",
    "LONGEST",
    "index",
    "length",
    "norm",
    "number",
    "shape",
    "shortened",
    "spelled",
    "summary",
    "table",
]

HOLE = "·"  # stands for what an operation or a factor is applied to
LONGEST = 24

_INDEXED = re.compile(r"(?P<stem>.+)\[(?P<index>\w{1,8})\]\Z")
_NUMBERED = re.compile(r"(?P<stem>[^\W\d_]+)_(?P<number>\d+)\Z")


def shortened(text: str, longest: int = LONGEST) -> str:
    r"""Bring any text onto one short line that every format can hold.

    >>> print(shortened("two\nlines"), shortened("\u202eW"), shortened("x" * 10_000), sep=", ")
    two lines, \u202eW, xxxxxxxxxxxxxxxx…xxxxxxx
    """
    clean = printable(" ".join(text_of(text).split())) or "?"
    tail = longest // 3 - 1
    return clean if len(clean) <= longest else f"{clean[: longest - 1 - tail]}…{clean[-tail:]}"


def spelled(name: str) -> str:
    """Write a tensor's name in markup: ``W[1]`` is raised, ``x_1`` lowered.

    >>> spelled("W[1]"), spelled("x_1"), spelled("two words")
    ('W^{[1]}', 'x_{1}', 'two words')
    """
    short = shortened(name)
    if found := _INDEXED.match(short):
        return f"{found['stem']}^{{[{found['index']}]}}"
    if found := _NUMBERED.match(short):
        return f"{found['stem']}_{{{found['number']}}}"
    return short


def index(name: str | None) -> str | None:
    """Take the index in brackets out of a name, which says the layer.

    >>> index("W[1]"), index("J"), index(None)
    ('1', None, None)
    """
    found = _INDEXED.match(name or "")
    return found["index"] if found else None


def number(x: Any) -> str:
    """Write a number with four significant digits and a proper minus.

    >>> number(-0.69314718), number(-0.0), number(1e-12)
    ('−0.6931', '0', '1e−12')
    """
    return f"{float(x) + 0.0:.4g}".replace("-", "−")


def shape(x: Any) -> str:
    """Write a shape: ``(5, 7)``."""
    return str(tuple(np.shape(x)))


def norm(x: Any) -> str:
    """Write the Euclidean norm of all entries; a scalar as it is."""
    if np.ndim(x) == 0:
        return number(x)
    return f"‖·‖ {length(x)}"


def length(x: Any) -> str:
    """Write the Euclidean norm of all entries, which overflows only if it is too large itself.

    >>> length(-2.0), length(np.array([3e200, 4e200])), length([])
    ('2', '5e+200', '0')
    """
    entries = np.abs(np.asarray(x, dtype=float))
    most = float(entries.max(initial=0.0))
    if most == 0 or not math.isfinite(most):
        return number(most)
    return number(most * math.sqrt(float(np.sum(np.square(entries / most)))))


def summary(x: Any) -> str:
    """Write a scalar as it is, an array as its smallest, mean and largest entry.

    >>> summary(2.0), summary(np.array([1.0, 2.0, 6.0])), summary(np.zeros((0, 3)))
    ('2', '1 / 3 / 6', 'empty')
    """
    if np.ndim(x) == 0:
        return number(x)
    if np.size(x) == 0:
        return "empty"
    with np.errstate(all="ignore"):
        return " / ".join(map(number, (np.min(x), np.mean(x, dtype=float), np.max(x))))


def table(x: Any) -> tuple[str, ...]:
    """Write the entries of an array of at most 3 x 4, row by row; nothing for a larger one.

    >>> table(np.array([[1.0, 2.0], [3.0, 4.5]]))
    ('1  2', '3  4.5')
    """
    rows = np.atleast_2d(x)
    if rows.ndim > 2 or rows.shape[0] > 3 or rows.shape[1] > 4 or rows.size == 0:
        return ()
    return tuple("  ".join(map(number, row)) for row in rows)
