"""The closed form of every gradient: what the recorded backward pass computes, as equations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_core.backprop import reverse_sweep
from autograd_core.derive.lifting import Lifting
from autograd_core.derive.naming import downstream, named
from autograd_core.derive.recognise import number_of_gradient, number_of_value
from autograd_core.derive.simplify import Step, shortest
from autograd_core.derive.terms import Algebra, Term, value, walk
from autograd_core.derive.writing import written
from autograd_core.errors import GraphError, ShapeError, describe, unknown_option
from autograd_core.node import Array, Node, recording, topological_order
from autograd_core.tensor import Tensor

__all__ = ["Derivation", "Equation", "derive"]

_ROUNDING = 1e-9  # how far two forms of one formula may lie apart, relative to the largest entry


class Equation(NamedTuple):
    """A value or a gradient, and what it is equal to.

    Attributes
    ----------
    name : str
        ``"Z[1]"``, or ``"dW[1]"`` for the derivative by W[1].
    symbol : Term
        What stands for it in other equations.
    term : Term
        Its shortest form.
    steps : tuple of Step
        How one gets there from what was recorded.
    number : str
        The notes' number of the formula, such as ``"(15)"``, or nothing.
    """

    name: str
    symbol: Term
    term: Term
    steps: tuple[Step, ...]
    number: str


class Derivation(Mapping[str, Equation]):
    """Equations by name: values in the order of the forward pass, gradients in that of the way back.

    Attributes
    ----------
    forward, backward : tuple of Equation
    algebra : Algebra
        Made the terms.
    given : dict of Term to array
        What each symbol stood for when it was recorded.
    """

    def __init__(
        self,
        forward: Iterable[Equation],
        backward: Iterable[Equation],
        algebra: Algebra,
        given: dict[Term, Any],
    ) -> None:
        self.forward, self.backward = tuple(forward), tuple(backward)
        self.algebra, self.given = algebra, given
        self._by_name = {equation.name: equation for equation in (*self.forward, *self.backward)}

    def __getitem__(self, name: str) -> Equation:
        if name not in self._by_name:
            raise KeyError(str(unknown_option("equation", name, self._by_name)))
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def steps(self, name: str) -> str:
        """Write how a gradient is derived, line by line, with what was done at each.

        Parameters
        ----------
        name : str
            ``"Z[2]"`` or ``"dZ[2]"``.
        """
        equation = self[name if name.startswith("d") else f"d{name}"]
        lines = [(written(step.term), step.rule) for step in equation.steps]
        width = max(len(text) for text, _ in lines)
        indent = " " * len(equation.name)
        return "\n".join(
            f"{equation.name if place == 0 else indent} = {text:{width}}   {rule}"
            for place, (text, rule) in enumerate(lines)
        )

    def latex(self) -> str:
        """Write the gradients as a LaTeX ``align*`` environment."""
        lines = [
            f"{written(e.symbol, 'latex')} &= {written(e.term, 'latex')}"
            + (rf" && \text{{{e.number}}}" if e.number else "")
            for e in self.backward
        ]
        return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"

    def _repr_latex_(self) -> str:
        return f"$${self.latex().replace('align*', 'aligned')}$$"

    def __str__(self) -> str:
        rows = [(e.name, written(e.term), e.number) for e in self.backward]
        names, terms = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:2])
        return "\n".join(
            f"{name:{names}} = {text:{terms}}   {number}".rstrip() for name, text, number in rows
        )

    __repr__ = __str__


def derive(J: Node, wrt: Sequence[Node | str] | None = None) -> Derivation:
    """Derive the closed form of every gradient from the recorded graph.

    The equations are those that the backward pass computes, cut at the tensors with a name and brought to
    their shortest form; each form is held against the recorded numbers before it is taken.

    Parameters
    ----------
    J : Tensor
        A recorded scalar.
    wrt : tensors or their names, optional
        Whose gradients are wanted, with those that they need; all named ones by default.

    Returns
    -------
    Derivation
        Print it for the equations.

    Raises
    ------
    ShapeError
        `J` is not a scalar.
    GraphError
        `J` was not computed from anything that requires a gradient, or no derivative flows to what is wanted.
    OptionError
        No tensor behind `J` has that name.

    Examples
    --------
    >>> import autograd_core as ag
    >>> W = ag.tensor(np.ones((2, 3)), requires_grad=True, name="W")
    >>> b = ag.tensor(np.zeros((2, 1)), requires_grad=True, name="b")
    >>> X, Y = ag.tensor(np.eye(3), name="X"), ag.tensor(np.ones((2, 3)), name="Y")
    >>> Z = W @ X + b
    >>> Z.name = "Z"
    >>> print(derive(((Z - Y) ** 2).sum() / 6))
    dZ = (Z − Y) / m     (9)
    dW = dZ Xᵀ           (15)
    db = Σ_axis=1 dZ     (16)
    """
    if J.size != 1:
        raise ShapeError(f"derive: {describe(J)} is not a scalar")
    if not J.requires_grad:
        raise GraphError(f"derive: {describe(J)} was not computed from anything with requires_grad=True")
    return _Deriving(J).derivation(wrt)


class _Deriving:
    """The recorded graph of a result with its recorded backward pass, on the way to equations."""

    def __init__(self, J: Node) -> None:
        self.J = J
        self.graph = topological_order([J])
        self.names = named(self.graph, J)
        with recording():
            seed = Tensor(np.ones(J.shape, J.dtype), name="seed")
            self.cotangents = reverse_sweep({J: seed}, create_graph=True, keep=True)
        after = downstream(self.graph, self.names)
        self.after = after
        found = [x for x in self.names if x in self.cotangents and x is not J]
        self.differentiated = sorted(found, key=lambda x: (-after[x], not x.is_leaf, x.order))
        cuts = dict(self.names) | {seed: "seed"}
        for x in reversed(self.differentiated):  # of several with one cotangent, the first on the way back
            cuts[self.cotangents[x]] = f"d{self.names[x]}"
        self.algebra = Algebra()
        self.lifting = Lifting(self.algebra, cuts, _sizes(self.names))
        self.one = {self.lifting.symbol(seed): self.algebra.number(1.0)}

    def derivation(self, wrt: Sequence[Node | str] | None) -> Derivation:
        """Derive everything, and keep what is wanted."""
        forward = [self._value(x) for x in self.names if x.primitive is not None]
        backward = self._gradients({e.symbol for e in forward if e.number == "(6)"})
        if wrt is not None:
            backward = _needed(backward, {self._wanted(x) for x in wrt})
        return Derivation(forward, backward, self.algebra, self.lifting.values)

    def _value(self, x: Node) -> Equation:
        term = self.lifting.equation(x)
        step = Step(term, "recorded")
        return Equation(self.names[x], self.lifting.symbol(x), term, (step,), number_of_value(term))

    def _gradients(self, activations: set[Term]) -> list[Equation]:
        equations: list[Equation] = []
        shortened: dict[Term, Term] = {}
        for x in self.differentiated:
            name, ct = f"d{self.names[x]}", self.cotangents[x]
            symbol = self.lifting.symbol(ct)
            if symbol in shortened:  # handed on as it is
                term, symbol = symbol, self.lifting.alias(name, ct)
            else:
                term = self.algebra.rebuilt(self.lifting.equation(ct), self.one)
            steps = self._verified(shortest(self.algebra, term, shortened, self._known, written), ct.value)
            shortened[symbol] = steps[-1].term
            number = number_of_gradient(
                steps[-1].term,
                shortened,
                activates=self._result_after(x) in activations,
                last=self.after[x] == self.J.order,
            )
            equations.append(Equation(name, symbol, steps[-1].term, steps, number))
        return equations

    def _result_after(self, x: Node) -> Term | None:
        """The symbol of the first named result that x goes into."""
        order = self.after[x]
        return next((self.lifting.symbol(y) for y in self.names if y.order == order), None)

    def _known(self, part: Term) -> tuple[Term, str] | None:
        """A sum over one axis of something recorded that is 1 everywhere, such as one of targets."""
        if part.head != "sum" or part.args[0].head != "symbol" or len(part.params["axis"]) != 1:
            return None
        if not np.allclose(value(part, self.lifting.values), 1.0, rtol=0, atol=1e-12):
            return None
        what = {0: "column", 1: "row"}.get(part.params["axis"][0], "line")
        ones = self.algebra.broadcast(self.algebra.number(1.0), part.shape)
        return ones, f"each {what} of {written(part.args[0])} sums to 1"

    def _verified(self, steps: tuple[Step, ...], recorded: Array) -> tuple[Step, ...]:
        """Keep the lines of a derivation up to the first that does not give the recorded numbers."""
        for place, step in enumerate(steps):
            with np.errstate(all="ignore"):
                found = value(step.term, self.lifting.values)
            scale = max(np.abs(recorded).max(initial=0.0), 1e-300)
            if not np.all(np.abs(found - recorded) <= _ROUNDING * scale) and place:
                return steps[:place]
        return steps

    def _wanted(self, x: Node | str) -> str:
        names = {self.names[y]: y for y in self.differentiated}
        name = self.names.get(x, "") if isinstance(x, Node) else x.removeprefix("d") if x not in names else x
        if name in names:
            return f"d{name}"
        if isinstance(x, Node):
            raise GraphError(f"derive: no derivative flows from {describe(self.J)} to {describe(x)}")
        raise unknown_option("tensor", x, names)


def _sizes(names: Mapping[Node, str]) -> dict[str, int]:
    """The number m of examples, where something bears the name of examples or targets."""
    columns = {x.shape[1] for x, name in names.items() if name in ("X", "Y", "A[0]") and x.ndim == 2}
    return {"m": columns.pop()} if len(columns) == 1 else {}


def _needed(equations: Sequence[Equation], wanted: set[str]) -> list[Equation]:
    """The equations wanted, and those of the gradients that stand in them."""
    kept: list[Equation] = []
    needed: set[Term] = set()
    for equation in reversed(equations):
        if equation.name in wanted or equation.symbol in needed:
            needed.update(walk(equation.term))
            kept.insert(0, equation)
    return kept
