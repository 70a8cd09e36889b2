"""Equations as they come out: text, LaTeX, MathML, a page, SymPy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, Literal

from autograd_core.derivations.algebra.equation import Equation, Equations
from autograd_core.derivations.algebra.rules import is_comparison
from autograd_core.derivations.algebra.terms import Term, walk
from autograd_core.derivations.writing.dialects import written
from autograd_core.derivations.writing.indices import in_indices
from autograd_core.derivations.writing.layout import Line, aligned, document, mathml, page, table
from autograd_core.derivations.writing.sharing import abridged, shortened
from autograd_core.derivations.writing.symbolic import as_sympy
from autograd_core.wording.arguments import text
from autograd_core.wording.errors import OptionError, one_of, unknown_option
from autograd_core.wording.identifiers import printable
from autograd_core.wording.latex import latex_name

__all__ = ["Printed", "Style"]

Style = Literal["d", "partial"]


class Printed(Equations):
    """What a derivation writes, from its equations."""

    @property
    def shown(self) -> tuple[Equation, ...]:
        """What is written of them."""
        raise NotImplementedError

    def steps(self, name: str) -> str:
        """Write how a gradient is derived, line by line, with what was done at each.

        Parameters
        ----------
        name : str
            ``"Z[2]"`` or ``"dZ[2]"``.

        Raises
        ------
        OptionError
            There is no such gradient.
        """
        found = {e.name: e for e in self.backward}
        full = name if text(name, "steps: name", "that of a gradient") in found else f"d{name}"
        if full not in found:
            raise unknown_option("gradient", name, found)
        lines = [(written(abridged(self.algebra, step.term)), step.rule) for step in found[full].steps]
        width = max(len(text) for text, _ in lines)
        left = printable(full)
        lefts = [left, *[" " * len(left)] * len(lines)]
        return "\n".join(f"{left} = {text:{width}}   {rule}" for left, (text, rule) in zip(lefts, lines))

    def latex(self, style: Style = "d") -> str:
        r"""Write the gradients as a LaTeX ``align*`` environment (amsmath).

        Parameters
        ----------
        style : {"d", "partial"}
            A gradient as dW, or as ∂J/∂W with bold letters for arrays.

        Raises
        ------
        OptionError
            The style is another one.

        Examples
        --------
        >>> import autograd_core as ag
        >>> from autograd_core.derivations.derivation import derive
        >>> W, X = ag.tensor([[1.0, 2.0]], requires_grad=True, name="W"), ag.tensor([[3.0], [4.0]], name="X")
        >>> print(derive(ag.sum((W @ X) ** 2)).latex())
        \begin{align*}
        dW &= 2 W \, X \, X^{\top}
        \end{align*}
        """
        return aligned(self._latex_lines(style))

    def document(self, style: Style = "d") -> str:
        """Write the gradients as a LaTeX document of its own; `style` as in `latex`."""
        return document(self._latex_lines(style))

    def mathml(self, style: Style = "d") -> str:
        """Write the gradients as one MathML element; `style` as in `latex`.

        Raises
        ------
        OptionError
            The style is another one, or the package latex2mathml is not installed.
        """
        return mathml(self._latex_lines(style))

    def html(self, style: Style = "d") -> str:
        """Write the gradients as a page that needs nothing else; `style` as in `latex`.

        Raises
        ------
        OptionError
            The style is another one, or the package latex2mathml is not installed.
        """
        return page(self._latex_lines(style))

    def to_sympy(self) -> dict[str, Any]:
        """Write every equation as a SymPy expression, by name; vectors are matrices of one column.

        What long ones have more than once stands before them, under T1, T2, ..., as it does in print.

        Raises
        ------
        OptionError
            SymPy is not installed, or an equation has an operation that SymPy cannot write.

        Examples
        --------
        >>> import autograd_core as ag
        >>> from autograd_core.derivations.derivation import derive
        >>> x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
        >>> A = ag.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="A")
        >>> derive(x @ A @ x).to_sympy()["dA"]
        x*x.T
        """
        equations = [*self.forward, *self.backward]
        taken = {x.params["name"] for x in self.given}
        terms: dict[str, Term] = {}
        for e, found in zip(
            equations, shortened(self.algebra, [e.term for e in equations], taken, whole=True)
        ):
            terms |= {x.params["name"]: part for x, part in found[0]} | {e.name: found[1]}
        return dict(zip(terms, as_sympy(*terms.values())))

    def __str__(self) -> str:
        return table(self._lines())

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        return f"$${aligned(self._latex_lines('d'), 'aligned')}$$"

    def _repr_html_(self) -> str:
        try:
            return self.mathml()
        except OptionError:  # without the package, as text
            return f"<pre>{escape(str(self))}</pre>"

    def _lines(self) -> list[Line]:
        if self.detail == "scalar":
            return self._entries("text")
        return [Line(written(x), _right_side(term), number) for x, term, number in self._rows()]

    def _latex_lines(self, style: Style) -> list[Line]:
        one_of("style", style, ("d", "partial"))
        if self.detail == "scalar":
            return self._entries("latex")
        rows = [*self._rows()]
        names = self._partial_names(part for row in rows for part in row[:2]) if style == "partial" else {}
        return [
            Line(written(x, "latex", names), _right_side(term, "latex", names), number)
            for x, term, number in rows
        ]

    def _rows(self) -> Iterator[tuple[Term, Term, str]]:
        """Both sides of each equation and its number; first what it needs to fit on a line."""
        shown = self.shown
        taken = {x.params["name"] for x in self.given}
        for e, (before, term) in zip(shown, shortened(self.algebra, [e.term for e in shown], taken)):
            yield from ((x, part, "") for x, part in before)
            yield e.symbol, term, e.number

    def _entries(self, dialect: Literal["text", "latex"]) -> list[Line]:
        gradients = [e.symbol for e in self.backward]
        numbers = {} if self.notes is None else self.notes.of_entries
        return [
            Line(*in_indices(x, term, number, gradients, dialect, self.notes), numbers.get(number, number))
            for x, term, number in self._rows()
        ]

    def _partial_names(self, terms: Iterable[Term]) -> dict[Term, str]:
        """Arrays in bold, and derivatives as fractions."""
        gradients = {e.symbol: e.name.removeprefix("d") for e in self.backward}
        symbols = [part for part in walk(*terms) if part.head == "symbol"]
        names = {part: _bold(part.params["name"]) for part in symbols if part.shape}
        return names | {
            symbol: rf"\frac{{\partial J}}{{\partial {_bold(name) if symbol.shape else latex_name(name)}}}"
            for symbol, name in gradients.items()
        }


def _right_side(
    term: Term, dialect: Literal["text", "latex"] = "text", names: Mapping[Term, str] | None = None
) -> str:
    """A term behind an equals sign; a comparison stands in brackets there."""
    text = written(term, dialect, names)
    return f"({text})" if is_comparison(term) else text


def _bold(name: str) -> str:
    return re.sub(r"\A([A-Za-z])(?![A-Za-z])", r"\\mathbf{\1}", latex_name(name))
