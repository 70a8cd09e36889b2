"""Terms in print: Unicode text and LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from autograd_core.derivations.algebra.terms import Term, walk
from autograd_core.derivations.writing.in_latex import Latex
from autograd_core.derivations.writing.in_text import Text

__all__ = ["legible", "written"]

_DIALECTS = {"text": Text, "latex": Latex}


def written(
    term: Term, dialect: Literal["text", "latex"] = "text", names: Mapping[Term, str] | None = None
) -> str:
    r"""Write a term.

    Parameters
    ----------
    term : Term
    dialect : {"text", "latex"}
    names : mapping of Term to str, optional
        What to write for these parts; a symbol bears its own name otherwise.

    Examples
    --------
    >>> from autograd_core.derivations.algebra.terms import Algebra
    >>> algebra = Algebra()
    >>> A, Y, m = algebra.symbol("A[2]", (3, 7)), algebra.symbol("Y", (3, 7)), algebra.symbol("m", ())
    >>> dZ = algebra.multiply(algebra.add(A, algebra.negative(Y)), algebra.power(m, -1))
    >>> print(written(dZ), written(dZ, "latex"), sep="; ")
    (A[2] − Y) / m; \frac{1}{m} \left(A^{[2]} - Y\right)
    """
    printer = _DIALECTS[dialect](names or {})
    for part in walk(term):
        printer.read(part)
    return printer.done[term].text


def legible(term: Term) -> str:
    """Write a term in text; nothing if it is so long that a part of it would be cut to three dots."""
    printer = Text({})
    for part in walk(term):
        printer.read(part)
        if printer.done[part].text == Text.cut:
            return ""
    return printer.done[term].text
