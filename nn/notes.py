"""The notes that equations of networks are printed beside: their sizes, and their numbered formulas.

A formula is recognized by its structure alone. What is recognized hangs together: Z = W A + b is formula (5)
if W is a parameter, A = g(Z) is (6) if Z comes from there and g works on columns, and then dW = dZ Aᵀ is
(15). The same product elsewhere has no number.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from autograd_core.derivations.algebra.equation import Equation, Notes
from autograd_core.derivations.algebra.terms import Term, walk

__all__ = ["NOTES"]

_INDEXED = re.compile(r"[^\W\d_]+\[(\d+)\]\Z")  # a letter or word with an index, as W[2] is
_STEPS = 20  # intermediate results without a name in an activation; nobody writes a longer one


class _Affine(NamedTuple):
    """The parts of Z = W A + b, or of Z = W A."""

    W: Term
    A: Term
    b: Term | None


def _size_of(name: str, axes: int, axis: int) -> str:
    """Name the rows of a matrix with an index: W[l] has n[l]."""
    found = _INDEXED.match(name)
    return f"n[{found[1]}]" if found and axes == 2 and axis == 0 else ""


def _size_in_comments(name: str, axes: int, axis: int) -> str:
    """Name rows of all that has an index, and both sizes of the data, whose name says what they are."""
    if axes == 2 and name in ("X", "Y", "A[0]"):
        return "m" if axis else "n[0]" if name != "Y" else ""
    found = _INDEXED.match(name)
    return f"n[{found[1]}]" if found and axis == 0 else ""


def _numbered(
    forward: Sequence[Equation], backward: Sequence[Equation]
) -> tuple[list[Equation], list[Equation]]:
    """Give each equation its number in the notes, or none.

    Parameters
    ----------
    forward, backward : sequences of Equation
        Values, the result last, and gradients: that of ``W`` under the name ``dW``.

    Returns
    -------
    tuple of two lists of Equation
        The same ones with their numbers.
    """
    formulas = _Formulas(forward, backward)
    return (
        [e._replace(number=formulas.of_value(e)) for e in forward],
        [e._replace(number=formulas.of_gradient(e)) for e in backward],
    )


class _Formulas:
    """Which values are affine maps and activations, and what the result is computed from."""

    def __init__(self, forward: Sequence[Equation], backward: Sequence[Equation]) -> None:
        terms = {e.symbol: e.term for e in forward}
        values = [part for part in walk(*terms, *terms.values()) if part.head == "symbol"]
        self.value_of = {f"d{part.params['name']}": part for part in values}
        self.last = _handed_on(backward)
        differentiated = [(self.value_of.get(e.name), e.symbol) for e in backward]
        self.gradients = {x: self.last[symbol] for x, symbol in differentiated if x is not None}
        found = {symbol: _affine(term, terms) for symbol, term in terms.items()}
        self.affine = {Z: parts for Z, parts in found.items() if parts and parts.W in self.gradients}
        self.uses: dict[Term, list[Term]] = {}  # of W, A or b in formula (5)
        for Z, parts in self.affine.items():
            for part in filter(None, parts):
                self.uses.setdefault(part, []).append(Z)
        unnamed = {e.symbol: e.term for e in forward if not e.named}
        activated = ((symbol, _activated(term, self.affine, unnamed)) for symbol, term in terms.items())
        self.activated = {symbol: Z for symbol, Z in activated if Z}
        self.into_activations = {*self.activated.values()}
        self.result = forward[-1].symbol if forward else None
        behind = _symbols([forward[-1].term], unnamed) if forward else []
        self.outputs = {part for part in behind if part in self.affine or part in self.activated}

    def of_value(self, equation: Equation) -> str:
        """The number of the formula that a value is computed by."""
        if equation.symbol in self.affine:
            return "(5)" if self.affine[equation.symbol].b else ""
        if equation.symbol in self.activated:
            return "(6)" if equation.named else ""
        return "(9)" if equation.symbol is self.result and self.outputs else ""

    def of_gradient(self, equation: Equation) -> str:
        """The number of the formula that a gradient is computed by."""
        x = self.value_of.get(equation.name)
        product = self._product(equation.term, x)
        for Z in self.uses.get(x, ()) if x else ():
            (W, A, b), dZ = self.affine[Z], self.gradients.get(Z)
            if dZ is None:
                continue
            if x is W and product and self._is(product[0], dZ) and _is_turned(product[1], A):
                return "(15)"
            if x is b and self._is_total(equation.term, dZ):
                return "(16)"
            if x is A and self._is_handed_back(equation.term, dZ, W):
                return "(22)"
        if x in self.into_activations:
            return "(17)"
        return "(9)" if x in self.outputs else ""

    def _is(self, part: Term, gradient: Term) -> bool:
        return self.last.get(part, part) is gradient

    def _product(self, term: Term, W: Term | None) -> tuple[Term, ...]:
        """The two factors of a product of matrices, to which a penalty on W may be added; else nothing."""
        addends = term.args if term.head == "add" else (term,)
        main = [part for part in addends if part.head == "matmul"]
        if W not in self.uses or len(main) != 1 or len(main[0].args) != 2:
            return ()
        rest = _symbols([part for part in addends if part is not main[0]], {})
        return () if any(part is not W and part.shape for part in rest) else main[0].args

    def _is_total(self, term: Term, dZ: Term) -> bool:
        columns = term.head == "sum" and term.params == {"axis": (1,), "keepdims": True}
        return columns and self._is(term.args[0], dZ)

    def _is_handed_back(self, term: Term, dZ: Term, W: Term) -> bool:
        match term.head, term.args:
            case "matmul", (Term(head="transpose", args=(left,)), right):
                return left is W and self._is(right, dZ)
        return False


def _is_turned(part: Term, A: Term) -> bool:
    """Whether a factor is Aᵀ."""
    return part.shape == A.shape[::-1] if A.args else part.head == "transpose" and part.args[0] is A


def _handed_on(backward: Iterable[Equation]) -> dict[Term, Term]:
    """From each gradient to the one that it was handed on from as it is."""
    last: dict[Term, Term] = {}
    for e in backward:
        last[e.symbol] = last.get(e.term, e.symbol)
    return last


def _affine(term: Term, computed: Collection[Term]) -> _Affine | None:
    """The parts of W A + b with parameters W and b, one for each row."""
    parts = term.args if term.head == "add" else (term,)
    products = [part for part in parts if part.head == "matmul" and len(part.args) == 2]
    columns = [part for part in parts if part.head == "symbol" and part.shape == (*term.shape[:1], 1)]
    if len(term.shape) != 2 or len(products) != 1 or len(products) + len(columns) != len(parts):
        return None
    (W, A), b = products[0].args, columns[0] if columns else None
    if len(columns) > 1 or W.head != "symbol" or W in computed or b in computed:
        return None
    return _Affine(W, A, b)


def _activated(term: Term, affine: Collection[Term], unnamed: Mapping[Term, Term]) -> Term | None:
    """The Z in g(Z), where g works on each column by itself and Z comes from formula (5)."""
    if not affine:
        return None
    symbols = _symbols([term], unnamed, at_most=_STEPS)
    found = [part for part in symbols if part.shape and part not in unnamed]
    if len(found) != 1 or found[0] not in affine or found[0].shape != term.shape:
        return None
    parts = walk(term, *(unnamed[part] for part in symbols if part in unnamed))
    return found[0] if all(map(_by_column, parts)) else None


def _symbols(terms: Iterable[Term], unnamed: Mapping[Term, Term], at_most: int = sys.maxsize) -> list[Term]:
    """The symbols in terms, and in what those without a name of their own stand for."""
    found = dict.fromkeys(part for part in walk(*terms) if part.head == "symbol")
    waiting = [part for part in found if part in unnamed]
    while waiting and len(found) <= at_most:
        new = [part for part in walk(unnamed[waiting.pop()]) if part.head == "symbol" and part not in found]
        found |= dict.fromkeys(new)
        waiting += [part for part in new if part in unnamed]
    return [*found]


def _by_column(part: Term) -> bool:
    """Whether each column of the result is made of one column of the operands."""
    if part.head in ("symbol", "number", "add", "multiply", "power", "broadcast_to", "where"):
        return True
    if part.operation is None:
        return False
    return part.operation.kind == "pointwise" or part.params.get("axis") in (0, (0,))


NOTES = Notes(
    title="Feedforward Neural Networks in Depth, Part 1: Forward and Backward Propagations (2021)",
    shared_size="m",
    size_of=_size_of,
    size_in_comments=_size_in_comments,
    numbered=_numbered,
    of_entries={"(5)": "(1)", "(6)": "(2)", "(15)": "(13)", "(16)": "(14)", "(22)": "(21)"},
    free_indices={"(15)": "jk", "(22)": "ki"},
    summed_indices={"(17)": "p"},
)
"""Formulas (1) to (22) for dense networks, one example a column."""
