"""What a diagnosis works with: the equations of a graph, the points to try them at, and what is about."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Collection, Iterator, Mapping

import numpy as np

from autograd_core.backprop import forward_sweep
from autograd_core.comparisons.edits import Edit, Grammar
from autograd_core.comparisons.fit import Constants
from autograd_core.comparisons.pool import Operand, Pool
from autograd_core.comparisons.replay import Point, redrawn
from autograd_core.comparisons.resizing import Resizing, Retrace
from autograd_core.derivations.derivation import Derivation, Equation, derive
from autograd_core.derivations.lifting import Lifting
from autograd_core.derivations.naming import named
from autograd_core.derivations.simplify import expanded
from autograd_core.derivations.terms import Term, walk
from autograd_core.node import Array, Node, topological_order
from autograd_core.recording import recording
from autograd_core.stated import written_out
from autograd_core.tensor import Tensor

__all__ = ["Setting"]


class Setting:
    """The equations behind a recorded result, ready to be searched.

    Parameters
    ----------
    J : Tensor
    retrace : function, optional
        Computes the result anew from named leaves.

    Attributes
    ----------
    derivation : Derivation
    names : dict of Node to str
    truth : Point
        The values that were recorded.
    counts : dict of float to Term
        Sizes that have a symbol.
    """

    def __init__(self, J: Node, retrace: Retrace | None = None) -> None:
        self._J, self._retrace = J, retrace
        graph = topological_order([J])
        self.names = named(graph, J)
        self.nodes = {name: node for node, name in self.names.items()}
        self.derivation: Derivation = derive(J)
        self.algebra = self.derivation.algebra
        self.truth = Point(self.derivation.given)
        self.counts = {float(size.value): symbol for symbol, size in self.derivation.sizes.items()}
        self.backward = {equation.name: equation for equation in self.derivation.backward}
        self._rank = {equation.symbol: i for i, equation in enumerate(self.derivation.backward)}

    @functools.cached_property
    def redraws(self) -> tuple[Point, ...]:
        """Two points of fresh numbers."""
        return self.drawn(2)

    def drawn(self, count: int) -> tuple[Point, ...]:
        """Draw points of fresh numbers, fewer where the graph refuses some."""
        rngs = (np.random.default_rng(seed) for seed in range(1, 1 + 2 * count))
        points = (redrawn(self.derivation, rng, self._constants) for rng in rngs)
        return tuple(itertools.islice((point for point in points if point is not None), count))

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
            found = None if J is None else Setting(J)
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
        return [part for part in walk(self.backward[name].steps[0].term) if part in self._rank]

    def claimed(self, claims: Mapping[str, Array]) -> Point:
        """The point at which every gradient is what is claimed, or follows from what is."""
        given, moved = {}, set[Term]()
        point = self.truth
        for equation in self.derivation.backward:
            if equation.name in claims and claims[equation.name].shape == equation.symbol.shape:
                value = claims[equation.name]
            elif moved & set(walk(equation.steps[0].term)):
                found = point.value(equation.steps[0].term)
                if found is None:
                    continue
                value = found
            else:
                continue
            given[equation.symbol] = value
            moved.add(equation.symbol)
            point = self.truth.fed(given)
        return point

    def grammar(self, name: str) -> Grammar:
        """Make the edits that fit an equation: everything recorded, and the gradients found before it."""
        return Grammar(self.algebra, self._pool(self._rank.get(self.derivation[name].symbol, 0)))

    def constants(self, name: str) -> Constants:
        """Make the constants that an equation may be multiplied by."""
        equation = self.derivation[name]
        sizes = dict(self.counts)
        parts = [equation.symbol, *walk(equation.steps[0].term)]
        for part in parts:
            for n in part.shape:
                if n > 1:
                    sizes.setdefault(float(n), self.algebra.number(n))
        whole = [x.symbol for x in self.derivation.forward if not x.symbol.shape]
        terms = [x.term for x in self.derivation.forward if x.symbol in whole] + [equation.steps[0].term]
        numbers = {p.params["value"] for term in terms for p in walk(term) if p.head == "number"}
        return Constants(self.algebra, sizes.values(), self.truth, sorted(abs(x) for x in numbers if x))

    def chain(self, name: str) -> list[Edit]:
        """List what may be done wrong with the chain rule as a whole."""
        return [edit for edit in self._chain(name) if edit.term is not self.backward[name].steps[0].term]

    def _chain(self, name: str) -> Iterator[Edit]:
        form = self.backward[name].steps[0].term
        for ct in self.upstream(name):
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

    def _pool(self, rank: int) -> Pool:
        forward = self.derivation.forward
        definitions = {equation.symbol: equation.term for equation in forward}
        places = self._places()
        operands = {
            symbol: Operand(symbol, places.get(symbol, 0.0), symbol in self._rank, True)
            for symbol in self.truth.given
            if self._rank.get(symbol, -1) < rank
        }
        for i, equation in enumerate(forward):
            for part in walk(equation.term)[:-1]:
                if part.shape and part.head != "broadcast_to":
                    operands.setdefault(part, Operand(part, i, False, False))
        sizes = {size.value: symbol for symbol, size in self.derivation.sizes.items()}
        gradients = {self._value_symbol(e): e.symbol for e in self.derivation.backward}
        pool = Pool(
            self.algebra, operands.values(), definitions, sizes, {k: v for k, v in gradients.items() if k}
        )
        for partial in pool.partials:
            whole = self.algebra.multiply(*partial.factors)
            pool.operands.setdefault(whole, Operand(whole, places.get(partial.y, 0.0), False, False))
        return pool

    def _value_symbol(self, equation: Equation) -> Term | None:
        return self._by_name.get(equation.name.removeprefix("d"))

    @functools.cached_property
    def _by_name(self) -> dict[str, Term]:
        return {symbol.params["name"]: symbol for symbol in self.truth.given}

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
