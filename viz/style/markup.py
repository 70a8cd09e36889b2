r"""Small math markup: ``W^{[2]T}`` raises, ``x_{i}`` lowers, everything else is plain text.

A raised and a lowered piece behind the same base are stacked. A lone ``^`` or ``_`` stands for
itself, so no text is wrong markup.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from viz.style.typeface import typeface

__all__ = ["Run", "plain", "runs", "typeset", "width"]

_PIECE = re.compile(r"(?P<mark>[\^_])\{(?P<inner>[^{}]*)\}|[^\^_]+|[\^_]")
_TURNED_INDEX = re.compile(r"\^\{([^{}]*)\}ᵀ")
_EXPONENT = re.compile(r"\^([\w.]+)")
_AXIS = re.compile(r"_axis=([\d,]+)")
_SMALL = 0.72
_SHIFT = {"^": -0.36, "_": 0.18}  # of the base size, downwards
_APART = {"^": -0.44, "_": 0.3}  # the same for two that are stacked


class Run(NamedTuple):
    """A piece of text in one size, placed from the left end of the base line."""

    x: float
    y: float
    size: float
    text: str
    width: float


def runs(markup: str, size: float, bold: bool = False) -> list[Run]:
    """Place the pieces of a label.

    Parameters
    ----------
    markup : str
    size : float
        Of the base text; places and widths are in its unit.

    Examples
    --------
    >>> [(run.text, run.y < 0) for run in runs("W^{[1]} X", 14)]
    [('W', False), ('[1]', True), (' X', False)]
    """
    face = typeface(bold)
    placed: list[Run] = []
    end = stack = 0.0
    pieces = list(_pieces(markup))
    marks = ["", *(mark for mark, _ in pieces), ""]
    for (mark, text), before, behind in zip(pieces, marks, marks[2:]):
        small = size * _SMALL if mark else size
        if not (mark and before and mark != before):
            stack = end
        stacked = mark and {before, behind} & (_SHIFT.keys() - {mark})
        drop = size * (_APART if stacked else _SHIFT).get(mark, 0.0)
        run = Run(stack, drop, small, text, face.width(text, small))
        placed.append(run)
        end = max(end, run.x + run.width)
    return placed


def width(markup: str, size: float, bold: bool = False) -> float:
    """Measure a label, in the unit of `size`."""
    return max((run.x + run.width for run in runs(markup, size, bold)), default=0.0)


@functools.lru_cache(maxsize=4096)  # the labels of a large graph repeat
def plain(markup: str) -> str:
    """Write a label on one line: an index stays in its brackets, a transpose becomes a sign.

    >>> plain("W^{[2]T} ·"), plain("Σ_{axis=1}"), plain("x^{2}"), plain("v_{3}"), plain("a^{[1]}_{3}")
    ('W[2]ᵀ ·', 'Σ_axis=1', 'x^2', 'v3', 'a[1]_3')
    """
    pieces = [("", ""), *_pieces(markup)]
    return "".join(_flat(mark, text, stacked=bool(before)) for (before, _), (mark, text) in pairwise(pieces))


@functools.lru_cache(maxsize=4096)
def typeset(formula: str) -> str:
    """Turn a formula in plain text, whose names may be markup already, into markup.

    >>> typeset("W^{[2]}ᵀ ·"), typeset("Xᵀ"), typeset("Σ_axis=1 ·"), typeset("· ⊙ x^2")
    ('W^{[2]T} ·', 'X^{T}', 'Σ_{axis=1} ·', '· ⊙ x^{2}')
    """
    text = _TURNED_INDEX.sub(r"^{\1T}", formula).replace("ᵀ", "^{T}")
    return _AXIS.sub(r"_{axis=\1}", _EXPONENT.sub(r"^{\1}", text))


def _flat(mark: str, text: str, stacked: bool) -> str:
    if not mark or (mark == "_" and text.isdigit() and not stacked):
        return text
    if mark == "^" and text.endswith("T"):
        return f"{text[:-1]}ᵀ"
    return text if text.startswith("[") else mark + text


def _pieces(markup: str) -> Iterator[tuple[str, str]]:
    """Pairs of a mark, ``^``, ``_`` or nothing, and the text it governs."""
    for piece in _PIECE.finditer(markup):
        mark = piece["mark"] or ""
        yield mark, piece["inner"] if mark else piece[0]
