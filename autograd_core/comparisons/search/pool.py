"""What a part of a formula may be taken for: everything recorded, and the derivative of every function."""

from __future__ import annotations

import bisect
import copy
import functools
import itertools
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from autograd_core.derivations.algebra.term import Shape
from autograd_core.derivations.algebra.terms import Algebra, Term, walk
from autograd_core.derivations.deriving.lifting import formula_of
from autograd_core.graph.primitive import PRIMITIVES, Primitive

__all__ = ["Operand", "Partial", "Pool", "functions"]

_FAR = 0.6  # what the most distant operand costs more than the nearest
_MANY = 64  # operands of one shape to either side; of more, the nearest are tried
_INDEXED = re.compile(r"(?P<series>\w+)\[(?P<index>\d+)\]")


class Operand(NamedTuple):
    """Something that was recorded.

    Attributes
    ----------
    term : Term
    place : float
        When it was computed, or first used.
    rank : int
        When a gradient is found on the way back; -1 of a value.
    named : bool
    """

    term: Term
    place: float
    rank: int
    named: bool


class Partial(NamedTuple):
    """The derivative of a pointwise function where it was applied.

    Attributes
    ----------
    factors : frozenset of Term
        What it is the product of.
    of : Primitive
        The function.
    x, y : Term
        Its argument and its value.
    """

    factors: frozenset[Term]
    of: Primitive
    x: Term
    y: Term


class Pool:
    """Everything that an operand, or the derivative of a function, may be taken for.

    Parameters
    ----------
    algebra : Algebra
    operands : iterable of Operand
    definitions : mapping of Term to Term
        What each computed symbol is equal to.
    sizes : mapping of int to Term
        Sizes that have a symbol.
    gradients : mapping of Term to Term
        The gradient of a symbol.

    Examples
    --------
    >>> algebra = Algebra()
    >>> Z, A = algebra.symbol("Z", (2, 3)), algebra.symbol("A", (2, 3))
    >>> pool = Pool(algebra, [Operand(Z, 0, -1, True)], {A: algebra.apply("tanh", [Z], {}, (2, 3))})
    >>> [(kind, term) for _, kind, term in pool.instead_of(A)]
    [('argument', Z), ('operand', add(multiply(-1, power(A, exponent=2)), 1))]
    >>> [partial.factors for partial in pool.partials]
    [frozenset({add(multiply(-1, power(A, exponent=2)), 1)})]
    """

    def __init__(
        self,
        algebra: Algebra,
        operands: Iterable[Operand],
        definitions: Mapping[Term, Term],
        sizes: Mapping[int, Term] | None = None,
        gradients: Mapping[Term, Term] | None = None,
    ) -> None:
        self.algebra, self.definitions = algebra, definitions
        self.sizes, self.gradients = dict(sizes or {}), dict(gradients or {})
        self.rank, self.place = sys.maxsize, 0.0
        self.operands = {operand.term: operand for operand in operands}
        self._rules: dict[tuple[int, Shape], tuple[Term, list[Term]] | None] = {}
        applied = [part.operation for part in walk(*definitions.values())]
        found = {f.name: f for f in applied if f is not None and _is_function(f)}
        self.functions = [found[name] for name in sorted(found)]
        for partial in self.partials:
            whole = algebra.multiply(*partial.factors)
            near = self.operands.get(partial.y) if partial.y.head == "symbol" else None
            self.operands.setdefault(whole, Operand(whole, near.place if near else 0.0, -1, False))
        self._by_name = {x.term.params["name"]: x for x in self.operands.values() if x.term.head == "symbol"}
        self._shelves: dict[object, tuple[list[float], list[tuple[int, Operand]]]] = {}
        for place, i, operand in sorted((x.place, i, x) for i, x in enumerate(self.operands.values())):
            for key in (operand.term.shape, len(operand.term.shape)):
                places, shelf = self._shelves.setdefault(key, ([], []))
                places.append(place)
                shelf.append((i, operand))

    def before(self, rank: int, place: float) -> Pool:
        """The same, at a place where only those gradients are known that were found before a rank."""
        pool = copy.copy(self)
        pool.rank, pool.place = rank, place
        return pool

    def size(self, n: int) -> Term:
        """The symbol of a size, or the number."""
        return self.sizes.get(n, self.algebra.number(n))

    def of_shape(self, shape: Shape, near: Term | None) -> Iterator[tuple[float, Term]]:
        """List the operands of a shape and what they cost, next to one of them or anywhere."""
        at = self.operands.get(near) if near is not None else None
        for operand in self._nearest(shape, at):
            if operand.term is not near:
                yield 1.6 + self._distance(operand, at), operand.term

    def near(self, shape: Shape) -> Iterator[Operand]:
        """List the operands of a shape, of very many the nearest."""
        return self._nearest(shape, None)

    def matrices(self, near: Term) -> Iterator[tuple[float, Term]]:
        """List the matrices of any shape and what they cost in the place of one of them."""
        at = self.operands.get(near)
        for operand in self._nearest(2, at):
            if operand.term is not near:
                yield 1.7 + self._distance(operand, at), operand.term

    def _nearest(self, key: object, at: Operand | None) -> Iterator[Operand]:
        places, shelf = self._shelves.get(key, ([], []))
        middle = bisect.bisect(places, self.place if at is None else at.place)
        found = sorted(shelf[max(0, middle - _MANY) : middle + _MANY], key=lambda entry: entry[0])
        return (operand for _, operand in found if operand.rank < self.rank)

    def instead_of(self, symbol: Term) -> Iterator[tuple[float, str, Term]]:
        """List what a symbol may be taken for, with cost and kind."""
        for cost, term in self.of_shape(symbol.shape, symbol):
            joined = self._pointwise_of(symbol, term) or self._pointwise_of(term, symbol)
            yield cost, "argument" if joined else "operand", term

    def applied_again(self, symbol: Term) -> Iterator[Term]:
        """Feed what a symbol is defined by with the symbol itself: f(f(x)) for f(x)."""
        definition = self.definitions.get(symbol)
        if definition is not None:
            for part in walk(definition):
                if part.head == "symbol" and part.shape == symbol.shape and self._elementwise(definition):
                    yield self.algebra.rebuilt(definition, {part: symbol})

    def shifted(self, symbols: Sequence[Term]) -> Iterator[dict[Term, Term]]:
        """Put the next or the previous one of a series for all of its members: h[t] for h[t-1]."""
        series: dict[str, list[tuple[Term, int]]] = {}
        for x in symbols:
            if m := _INDEXED.fullmatch(x.params["name"]):
                series.setdefault(m["series"], []).append((x, int(m["index"])))
        for one, step in itertools.product(sorted(series), (1, -1)):
            put = {x: self._named(f"{one}[{i + step}]") for x, i in series[one]}
            if len(put) > 1 and all(new is not None and new.shape == x.shape for x, new in put.items()):
                yield {x: new for x, new in put.items() if new is not None}

    def _named(self, name: str) -> Term | None:
        found = self._by_name.get(name)
        return found.term if found is not None and found.rank < self.rank else None

    @functools.cached_property
    def partials(self) -> tuple[Partial, ...]:
        """The derivatives of the pointwise functions of one argument, where they were applied."""
        found = []
        for symbol, definition in self.definitions.items():
            for part in walk(definition):
                if part.operation is not None and _is_function(part.operation):
                    x, y = part.args[0], symbol if part is definition else part
                    if (term := self._partial(part.operation, x, y)) is not None:
                        found.append(Partial(_factors(term), part.operation, x, y))
        return tuple(found)

    def partials_in(self, factors: Collection[Term]) -> list[Partial]:
        """List the derivatives of functions that are made of some of the factors of a product."""
        candidates = {place for factor in factors for place in self._partials_with.get(factor, ())}
        found = (self.partials[place] for place in sorted(candidates))
        return [partial for partial in found if partial.factors <= set(factors)]

    @functools.cached_property
    def _partials_with(self) -> dict[Term, list[int]]:
        places: dict[Term, list[int]] = {}
        for place, partial in enumerate(self.partials):
            for factor in partial.factors:
                places.setdefault(factor, []).append(place)
        return places

    def instead_of_partial(self, partial: Partial) -> Iterator[tuple[float, str, Term]]:
        """List what the derivative of a function may be taken for, with cost and kind."""
        x, y = partial.x, partial.y
        yield 2.0, "function", y
        yield 2.0, "function", x
        yield 2.3, "product kind", self.algebra.power(self.algebra.multiply(*partial.factors), -1)
        for cost, at in ((1.5, y), *((c + 0.4, t) for c, t in self.of_shape(x.shape, x))):
            for out in (self.algebra.apply(partial.of, [at], {}, x.shape), at):
                if (term := self._partial(partial.of, at, out)) is not None:
                    yield cost, "argument", term
        for f in functions():
            cost = 1.8 if f in self.functions else 2.1
            for extra, out in ((0.0, self.algebra.apply(f, [x], {}, x.shape)), (0.0, y), (0.6, x)):
                if f is not partial.of and (term := self._partial(f, x, out)) is not None:
                    yield cost + extra, "function", term

    def _partial(self, f: Primitive, x: Term, y: Term) -> Term | None:
        """The derivative of a function as a formula of its argument and its value; None if constant."""
        rule = f.partials[0]
        if not callable(rule):
            return None
        if (key := (id(f), x.shape)) not in self._rules:
            self._rules[key] = formula_of(self.algebra, rule, [x.shape, x.shape])
        formula = self._rules[key]
        return formula and self.algebra.rebuilt(formula[0], dict(zip(formula[1], (y, x), strict=True)))

    def _distance(self, operand: Operand, at: Operand | None) -> float:
        extra = 0.0 if operand.named else 0.3
        if at is None:
            return extra
        other = (operand.rank < 0) != (at.rank < 0)
        return extra + min(_FAR, 0.1 * abs(operand.place - at.place)) + 0.2 * other

    def _pointwise_of(self, symbol: Term, x: Term) -> bool:
        """Whether a symbol was computed entry by entry from x."""
        definition = self.definitions.get(symbol)
        return definition is not None and self._elementwise(definition) and x in self._parts(definition)

    def _parts(self, definition: Term) -> frozenset[Term]:
        known = self.algebra.done[Pool._parts]
        if definition not in known:
            known[definition] = frozenset(walk(definition))
        found: frozenset[Term] = known[definition]
        return found

    def _elementwise(self, term: Term) -> bool:
        """Whether a formula works entry by entry."""
        known = self.algebra.done[Pool._elementwise]
        for part in walk(term, known=known):
            own = part.head in _POINTWISE or (part.operation is not None and _is_function(part.operation))
            known[part] = own and all(known[arg] for arg in part.args)
        return bool(known[term])


_POINTWISE = ("symbol", "number", "add", "multiply", "power", "xlogy", "xdivy", "where")


def _is_function(f: Primitive) -> bool:
    return f.kind == "pointwise" and len(f.partials) == 1 and callable(f.partials[0])


def functions() -> list[Primitive]:
    """List the differentiable functions of one entry that are declared."""
    return [f for f in PRIMITIVES.values() if _is_function(f)]


def _factors(term: Term) -> frozenset[Term]:
    return frozenset(term.args if term.head == "multiply" else (term,))
