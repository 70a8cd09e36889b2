"""What a diagnosis works with: the equations of a graph, the points to try them at, and what is about."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping

import numpy as np

from autograd_core.comparisons.judging.replay import Far, redrawn
from autograd_core.comparisons.judging.resizing import Resizing, Retrace
from autograd_core.comparisons.search.edits import Edit, Grammar
from autograd_core.comparisons.search.fit import Constants
from autograd_core.comparisons.search.pool import Operand, Pool
from autograd_core.derivations.algebra.points import Point
from autograd_core.derivations.algebra.simplify import expanded
from autograd_core.derivations.algebra.terms import Term, walk
from autograd_core.derivations.derivation import Derivation, Equation, Notes, derive
from autograd_core.derivations.deriving.lifting import Lifting
from autograd_core.derivations.deriving.naming import named
from autograd_core.differentiation.backprop import forward_sweep
from autograd_core.differentiation.tensor import Tensor
from autograd_core.graph.node import Array, Node, topological_order
from autograd_core.graph.recording import recording
from autograd_core.graph.stated import written_out

__all__ = ["Setting"]

_NEAR: tuple[Far, ...] = ((),)
_FAR: tuple[Far, ...] = (("signs", "places"), ("places",), ())

_SOURCES = 16  # gradients in a formula for which slips with the chain rule as a whole are looked for


class Setting:
    """The equations behind a recorded result, ready to be searched.

    Parameters
    ----------
    J : Tensor
    retrace : function, optional
        Computes the result anew from named leaves.
    notes : Notes, optional
        What sizes are called, as in `derive`.

    Attributes
    ----------
    derivation : Derivation
    names : dict of Node to str
    truth : Point
        The values that were recorded.
    counts : dict of float to Term
        Sizes that have a symbol.
    """

    def __init__(self, J: Node, retrace: Retrace | None = None, notes: Notes | None = None) -> None:
        self._J, self._retrace, self.notes = J, retrace, notes
        graph = topological_order([J])
        self.names = named(graph, J)
        self.nodes = {name: node for node, name in self.names.items()}
        self.derivation: Derivation = derive(J, notes=notes)
        self.algebra = self.derivation.algebra
        self.truth = Point(self.derivation.given)
        self.counts = {float(size.value): symbol for symbol, size in self.derivation.sizes.items()}
        self.backward = {equation.name: equation for equation in self.derivation.backward}
        self._grammars: dict[str, Grammar] = {}
        self._rank = {equation.symbol: i for i, equation in enumerate(self.derivation.backward)}

    @functools.cached_property
    def redraws(self) -> tuple[Point, ...]:
        """Two points of fresh numbers, the second of other signs and another order if the graph allows it."""
        return self.drawn(2)

    def drawn(self, count: int) -> tuple[Point, ...]:
        """Draw points of fresh numbers, near and far in turn; fewer where the graph cannot be computed."""
        points: list[Point] = []
        for seed in range(1, 1 + 2 * count):
            for far in _FAR if len(points) % 2 else _NEAR:
                rng = np.random.default_rng(seed)
                point = redrawn(self.derivation, rng, self._constants, far)
                if point is not None and len(points) < count:
                    points.append(point)
                    break
        return tuple(points)

    @functools.cached_property
    def _constants(self) -> set[str]:
        """The data without a name: a function that somebody claims can only know them as they are."""
        known = {name for name, x in self.nodes.items() if x.name or x.requires_grad or not x.is_leaf}
        return {x.params["name"] for x in self.truth.given} - known - set(self.backward)

    @functools.cached_property
    def resizing(self) -> Resizing:
        """The sizes, and what else they could be."""
        return Resizing(self._J, self._retrace)

    @functools.cached_property
    def elsewhere(self) -> Setting | None:
        """The same result at sizes that differ; None if they do here, or it cannot be computed there."""
        return self._resized(True) if self.resizing.coincides else None

    @functools.cached_property
    def scaled(self) -> Setting | None:
        """The same result at other sizes, those that are equal here equal there."""
        return self._resized(False)

    def _resized(self, split: bool) -> Setting | None:
        try:
            J = self.resizing.resized(split)
            found = None if J is None else Setting(J, notes=self.notes)
            if found is not None:
                found._count_axes()
        except Exception:  # whatever somebody else's function does
            return None
        complete = found is not None and self.backward.keys() <= found.backward.keys()
        return found if complete else None

    def _count_axes(self) -> None:
        """Make a symbol of every size, where no two are equal."""
        for node in (x for x in self.nodes.values() if x.is_leaf and x.name):
            for axis, n in enumerate(node.shape):
                if n > 1 and float(n) not in self.counts:
                    symbol = self.algebra.symbol(f"{node.name}.shape[{axis}]", ())
                    self.counts[float(n)] = symbol
                    self.derivation.given[symbol] = np.float64(n)
                    self.truth.define(symbol, np.float64(n))

    def gradient(self, name: str) -> Array | None:
        """What a gradient is where the graph was recorded."""
        return self.truth.value(self.backward[name].symbol) if name in self.backward else None

    def rank(self, name: str) -> int:
        """When a gradient is found on the way back."""
        return self._rank[self.backward[name].symbol]

    def forms(self, name: str) -> list[Term]:
        """List the right formulas of a gradient: each line of its derivation, multiplied out as well."""
        lines = [step.term for step in self.backward[name].steps]
        return [*dict.fromkeys([*lines, *(expanded(self.algebra, line) for line in lines)])]

    def behind(self, name: str, claims: Collection[str]) -> dict[Term, Term]:
        """What the symbols in the right formula are equal to, unless that is claimed."""
        known = {e.symbol: e.term for e in self.derivation.forward}
        known |= {e.symbol: e.steps[0].term for e in self.derivation.backward if e.name not in claims}
        return {x: known[x] for x in walk(self.backward[name].steps[0].term) if x in known and x.shape}

    def upstream(self, name: str) -> list[Term]:
        """List the gradients that stand in the first form of a gradient."""
        return self._upstream[name]

    @functools.cached_property
    def _upstream(self) -> dict[str, list[Term]]:
        return {
            name: [part for part in walk(e.steps[0].term) if part in self._rank]
            for name, e in self.backward.items()
        }

    @functools.cached_property
    def readers(self) -> dict[Term, list[str]]:
        """The gradients in whose first form a gradient stands."""
        found: dict[Term, list[str]] = {}
        for name, symbols in self._upstream.items():
            for symbol in symbols:
                found.setdefault(symbol, []).append(name)
        return found

    def claimed(self, claims: Mapping[str, Array]) -> Point:
        """The point at which every gradient is what is claimed, or follows from what is."""
        point = Point(self.truth.given, self.truth.meaning)
        moved: set[Term] = set()
        for name, e in self.backward.items():
            if name in claims and claims[name].shape == e.symbol.shape:
                point.define(e.symbol, claims[name])
                moved.add(e.symbol)
            elif not moved.isdisjoint(self._upstream[name]):
                found = point.value(e.steps[0].term)
                if found is not None:
                    point.define(e.symbol, found)
                    moved.add(e.symbol)
        return point

    def grammar(self, name: str) -> Grammar:
        """Make the edits that fit an equation: everything recorded, and the gradients found before it."""
        if name not in self._grammars:
            symbol = self.derivation[name].symbol
            known = self._pool.before(self._rank.get(symbol, 0), self._places.get(symbol, 0.0))
            self._grammars[name] = Grammar(self.algebra, known)
        return self._grammars[name]

    def constants(self, name: str) -> Constants:
        """Make the constants that an equation may be multiplied by."""
        equation = self.derivation[name]
        sizes = dict(self.counts)
        parts = [equation.symbol, *walk(equation.steps[0].term)]
        for part in parts:
            for n in part.shape:
                if n > 1:
                    sizes.setdefault(float(n), self.algebra.number(n))
        numbers = self._numbers | {abs(part.params["value"]) for part in parts if part.head == "number"}
        return Constants(self.algebra, sizes.values(), self.truth, sorted(x for x in numbers if x))

    @functools.cached_property
    def _numbers(self) -> set[float]:
        """The numbers in what is computed without axes, as the result is."""
        terms = [e.term for e in self.derivation.forward if not e.symbol.shape]
        return {abs(part.params["value"]) for part in walk(*terms) if part.head == "number"}

    def chain(self, name: str) -> list[Edit]:
        """List what may be done wrong with the chain rule as a whole."""
        return [edit for edit in self._chain(name) if edit.term is not self.backward[name].steps[0].term]

    def _chain(self, name: str) -> Iterator[Edit]:
        form = self.backward[name].steps[0].term
        for ct in self.upstream(name)[:_SOURCES]:
            ones = self.algebra.broadcast(self.algebra.number(1.0), ct.shape)
            yield Edit(1.55, "factor missing", ct, ones, self.algebra.rebuilt(form, {ct: ones}))
            if ct.shape == form.shape:
                yield Edit(1.45, "factor missing", form, ct, ct)
                yield Edit(1.9, "factor extra", ct, form, self.algebra.rebuilt(form, {ct: form}))
                turned = self._transposed(name, ct)
                if turned is not None:
                    yield Edit(1.5, "transpose", form, turned, turned)

    def _transposed(self, name: str, ct: Term) -> Term | None:
        """The Jacobian on the cotangent, where its transpose is right."""
        x, y = (self.nodes.get(n.removeprefix("d")) for n in (name, ct.params["name"]))
        if x is None or y is None or x is y:
            return None
        with recording(), written_out():
            t = Tensor(self.truth.given[ct], name="t")
            [moved] = forward_sweep([y], {x: t}, create_graph=True)
        if not isinstance(moved, Node):
            return None
        lifting = Lifting(self.algebra, {**self.names, t: "t"})
        term = lifting.equation(moved)
        put = {lifting.symbol(t): ct}
        for symbol in self.truth.given:
            node = self.nodes.get(symbol.params["name"])
            if node is not None:
                put[lifting.symbol(node)] = symbol
        term = self.algebra.rebuilt(term, put)
        return term if all(p in self.truth.given for p in walk(term) if p.head == "symbol") else None

    @functools.cached_property
    def _pool(self) -> Pool:
        forward = self.derivation.forward
        places = self._places
        operands = {
            symbol: Operand(symbol, places.get(symbol, 0.0), self._rank.get(symbol, -1), True)
            for symbol in self.truth.given
        }
        for i, equation in enumerate(forward):
            for part in walk(equation.term)[:-1]:
                if part.shape and part.head != "broadcast_to":
                    operands.setdefault(part, Operand(part, i, -1, False))
        gradients = {value: e.symbol for e in self.derivation.backward if (value := self._value_symbol(e))}
        definitions = {equation.symbol: equation.term for equation in forward}
        sizes = {size.value: symbol for symbol, size in self.derivation.sizes.items()}
        return Pool(self.algebra, operands.values(), definitions, sizes, gradients)

    def _value_symbol(self, equation: Equation) -> Term | None:
        return self._by_name.get(equation.name.removeprefix("d"))

    @functools.cached_property
    def _by_name(self) -> dict[str, Term]:
        return {symbol.params["name"]: symbol for symbol in self.truth.given}

    @functools.cached_property
    def _places(self) -> dict[Term, float]:
        """When each value was computed or first used; a gradient stands where its value does."""
        places: dict[Term, float] = {}
        for i, equation in enumerate(self.derivation.forward):
            places[equation.symbol] = i
            for part in walk(equation.term):
                if part in self.truth.given and part.shape:
                    places.setdefault(part, i)
        for equation in self.derivation.backward:
            value = self._value_symbol(equation)
            places[equation.symbol] = places.get(value, 0.0) if value else 0.0
        return places
