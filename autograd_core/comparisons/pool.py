"""What a part of a formula may be taken for: everything recorded, and the derivative of every function."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from autograd_core.derivations.lifting import applied
from autograd_core.derivations.terms import Algebra, Term, walk
from autograd_core.primitive import PRIMITIVES, Primitive

__all__ = ["Operand", "Partial", "Pool", "functions"]

_FAR = 0.6  # what the most distant operand costs more than the nearest
_INDEXED = re.compile(r"(?P<series>\w+)\[(?P<index>\d+)\]")


class Operand(NamedTuple):
    """Something that was recorded.

    Attributes
    ----------
    term : Term
    place : float
        When it was computed, or first used.
    gradient, named : bool
    """

    term: Term
    place: float
    gradient: bool
    named: bool


class Partial(NamedTuple):
    """The derivative of a pointwise function where it was applied.

    Attributes
    ----------
    factors : frozenset of Term
        What it is the product of.
    of : str
        The name of the function.
    x, y : Term
        Its argument and its value.
    """

    factors: frozenset[Term]
    of: str
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
    >>> pool = Pool(algebra, [Operand(Z, 0, False, True)], {A: algebra.apply("tanh", [Z], {}, (2, 3))})
    >>> list(pool.instead_of(A))
    [(1.6, 'argument', Z)]
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
        self.operands = {operand.term: operand for operand in operands}
        heads = {part.head for term in definitions.values() for part in walk(term)}
        self.functions = sorted(name for name in heads if _is_function(name))

    def size(self, n: int) -> Term:
        """The symbol of a size, or the number."""
        return self.sizes.get(n, self.algebra.number(n))

    def of_shape(self, shape: tuple[int, ...], near: Term | None) -> Iterator[tuple[float, Term]]:
        """List the operands of a shape and what they cost, next to one of them or anywhere."""
        at = self.operands.get(near) if near is not None else None
        for operand in self.operands.values():
            if operand.term.shape == shape and operand.term is not near:
                yield 1.6 + self._distance(operand, at), operand.term

    def matrices(self, near: Term) -> Iterator[tuple[float, Term]]:
        """List the matrices of any shape and what they cost in the place of one of them."""
        at = self.operands.get(near)
        for operand in self.operands.values():
            if len(operand.term.shape) == 2 and operand.term is not near:
                yield 1.7 + self._distance(operand, at), operand.term

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
                if part.head == "symbol" and part.shape == symbol.shape and _elementwise(definition):
                    yield self.algebra.rebuilt(definition, {part: symbol})

    def shifted(self, symbols: Sequence[Term]) -> Iterator[dict[Term, Term]]:
        """Put the next or the previous one of a series for all of its members: h[t] for h[t-1]."""
        series = {m["series"] for x in symbols if (m := _INDEXED.fullmatch(x.params["name"]))}
        names = {x.params["name"]: x for x in self.operands if x.head == "symbol"}
        for one, step in itertools.product(sorted(series), (1, -1)):
            put = {}
            for x in symbols:
                m = _INDEXED.fullmatch(x.params["name"])
                if m is not None and m["series"] == one:
                    put[x] = names.get(f"{one}[{int(m['index']) + step}]")
            if len(put) > 1 and all(new is not None and new.shape == x.shape for x, new in put.items()):
                yield {x: new for x, new in put.items() if new is not None}

    @functools.cached_property
    def partials(self) -> tuple[Partial, ...]:
        """The derivatives of the pointwise functions of one argument, where they were applied."""
        found = []
        for symbol, definition in self.definitions.items():
            for part in walk(definition):
                if _is_function(part.head):
                    x, y = part.args[0], symbol if part is definition else part
                    if (term := self._partial(part.head, x, y)) is not None:
                        found.append(Partial(_factors(term), part.head, x, y))
        return tuple(found)

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
        for name in functions():
            cost = 1.8 if name in self.functions else 2.1
            for extra, out in ((0.0, self.algebra.apply(name, [x], {}, x.shape)), (0.0, y), (0.6, x)):
                if name != partial.of and (term := self._partial(name, x, out)) is not None:
                    yield cost + extra, "function", term

    def _partial(self, name: str, x: Term, y: Term) -> Term | None:
        """The derivative of a function as a formula of its argument and its value; None if constant."""
        rule = PRIMITIVES[name].partials[0]
        return applied(self.algebra, rule, (y, x), {}) if callable(rule) else None

    def _distance(self, operand: Operand, at: Operand | None) -> float:
        extra = 0.0 if operand.named else 0.3
        if at is None:
            return extra
        return (
            extra + min(_FAR, 0.1 * abs(operand.place - at.place)) + 0.2 * (operand.gradient != at.gradient)
        )

    def _pointwise_of(self, symbol: Term, x: Term) -> bool:
        """Whether a symbol was computed entry by entry from x."""
        definition = self.definitions.get(symbol)
        return definition is not None and _elementwise(definition) and x in walk(definition)


def _is_function(name: str) -> bool:
    primitive: Primitive | None = PRIMITIVES.get(name)
    return (
        primitive is not None
        and primitive.kind == "pointwise"
        and len(primitive.partials) == 1
        and callable(primitive.partials[0])
    )


def functions() -> list[str]:
    """List the differentiable functions of one entry that are declared."""
    return [name for name in PRIMITIVES if _is_function(name)]


def _elementwise(term: Term) -> bool:
    """Whether a formula works entry by entry."""
    pointwise = ("symbol", "number", "add", "multiply", "power", "xlogy", "xdivy", "where")
    return all(part.head in pointwise or _is_function(part.head) for part in walk(term))


def _factors(term: Term) -> frozenset[Term]:
    return frozenset(term.args if term.head == "multiply" else (term,))
