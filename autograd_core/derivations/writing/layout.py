"""Equations one below the other: text, LaTeX, MathML and a page."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import NamedTuple

from autograd_core.system.extras import required
from autograd_core.wording.latex import text_in

__all__ = ["Line", "aligned", "document", "mathml", "page", "table"]


class Line(NamedTuple):
    """An equation in print, with its number or nothing."""

    left: str
    right: str
    number: str


def table(lines: Sequence[Line]) -> str:
    """Align equations in text.

    >>> print(table([Line("dW[2]", "dZ[2] A[1]ᵀ", "(15)"), Line("dX", "Y", "")]))
    dW[2] = dZ[2] A[1]ᵀ   (15)
    dX    = Y
    """
    lefts = max((len(line.left) for line in lines), default=0)
    rights = max((len(line.right) for line in lines), default=0)
    return "\n".join(f"{x.left:{lefts}} = {x.right:{rights}}   {x.number}".rstrip() for x in lines)


def aligned(lines: Sequence[Line], environment: str = "align*") -> str:
    r"""Align equations in LaTeX.

    >>> print(aligned([Line("dW", "dZ X^{\\top}", "(15)")]))
    \begin{align*}
    dW &= dZ X^{\top} && \text{(15)}
    \end{align*}
    """
    rows = [f"{x.left} &= {x.right}" + (rf" && \text{{{x.number}}}" if x.number else "") for x in lines]
    return f"\\begin{{{environment}}}\n" + " \\\\\n".join(rows) + f"\n\\end{{{environment}}}"


def document(lines: Sequence[Line]) -> str:
    """Write a LaTeX document of its own."""
    return (
        f"\\documentclass{{article}}\n\\usepackage[fleqn]{{amsmath}}\n\\allowdisplaybreaks\n\\begin{{document}}\n"
        f"{aligned(lines)}\n\\end{{document}}\n"
    )


_CELL = '<mtd style="text-align: {}; padding: 0.4em 0.3em">{}</mtd>'


def mathml(lines: Sequence[Line]) -> str:
    """Write LaTeX lines as one MathML element, in the part of MathML that browsers draw.

    Raises
    ------
    OptionError
        The package that converts LaTeX is not installed.

    Examples
    --------
    >>> mathml([Line("dX", "Y", "")])[:6]
    '<math '
    """
    rows = []
    for line in lines:
        number = f"<mtext>{html.escape(line.number)}</mtext>" if line.number else ""
        cells = [("right", _converted(line.left)), ("center", "<mo>=</mo>"), ("left", _converted(line.right))]
        cells.append(("left", number))
        rows.append(f"<mtr>{''.join(_CELL.format(side, cell) for side, cell in cells)}</mtr>")
    return (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'
        f'<mtable displaystyle="true">{"".join(rows)}</mtable></math>'
    )


def _converted(latex: str) -> str:
    """The inside of a formula in MathML Core, to which the converter comes close."""
    convert = required("latex2mathml.converter", "mathml", "MathML").convert
    texts: list[str] = []

    def hidden(match: re.Match[str]) -> str:
        """Put text out of the converter's sight, which would take parts of it for commands."""
        stands = chr(_PRIVATE + len(texts))
        texts.append(text_in(match["inside"] or match[0]).replace(" ", "\N{NO-BREAK SPACE}"))
        return rf"\text{{{stands}}}" if match["inside"] else stands

    found = convert(_TEXT.sub(hidden, latex), display="block")
    for wrong, right in _CORE.items():
        found = re.sub(wrong, right, found)
    return re.sub("[\ue000-\uf8ff]", lambda match: html.escape(texts[ord(match[0]) - _PRIVATE]), found)


_TEXT = re.compile(r"\\text\{(?P<inside>(?:[^{}\\]|\\text[a-z]+\{\}|\\.)+)\}|\\[#$%&_]")
_PRIVATE = 0xE000  # characters that no name has
_CORE = {
    r"\A<math[^>]*>|</math>\Z": "",
    r"<mo>(?!mod<)([A-Za-z]{2,}\d*)</mo>": r"<mi>\1</mi>",  # a function, with no space after it
    "<mo>&#x00049;</mo>|<mo>I</mo>": '<mi mathvariant="normal">I</mi>',
    '<mn mathvariant="bold">1</mn>': "<mn>𝟏</mn>",
    ' mathvariant="(?!normal)[^"]*"': "",
    'columnalign="([a-z]*)"': r'style="text-align: \1"',
}

_STYLE = "body {margin: 2em; font-size: 110%} math {width: fit-content; margin: 0}"


def page(lines: Sequence[Line]) -> str:
    """Write LaTeX lines as a page that needs nothing else.

    Raises
    ------
    OptionError
        The package that converts LaTeX is not installed.
    """
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Gradients</title>'
        f"<style>{_STYLE}</style></head>\n<body>{mathml(lines)}</body></html>\n"
    )
