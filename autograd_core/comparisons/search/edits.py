"""Small edits of a formula: the slips that a person makes, one table row for each sort of term.

Each edit has a price: the likelier the slip, the cheaper. Nothing here knows what a formula is for.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_core.comparisons.search.pool import Pool, functions
from autograd_core.derivations.algebra.term import deep, remembered
from autograd_core.derivations.algebra.terms import Algebra, Term, walk

__all__ = ["Edit", "Grammar"]

_FEW = 6  # factors that are told apart
_PLACES = 300  # where the parts of a formula occur; in a longer one a part is edited wherever it occurs

Own = Iterator[tuple[float, str, Term]]
Local = tuple[float, str, Term, Term]


class Edit(NamedTuple):
    """A formula that differs from the right one in one place.

    Attributes
    ----------
    cost : float
        The lower, the likelier.
    kind : str
        What was done, such as ``"transpose"``.
    old, new : Term
        The part that was edited, before and after.
    term : Term
        The whole, edited.
    times : Term, optional
        A constant in the whole that was solved for.
    """

    cost: float
    kind: str
    old: Term
    new: Term
    term: Term
    times: Term | None = None


class Grammar:
    """All single edits of formulas.

    Parameters
    ----------
    algebra : Algebra
    pool : Pool
        What an operand may be taken for.

    Examples
    --------
    >>> algebra = Algebra()
    >>> W, dZ = algebra.symbol("W", (4, 4)), algebra.symbol("dZ", (4, 4))
    >>> edits = Grammar(algebra, Pool(algebra, (), {})).edits(algebra.matmul(algebra.transpose(W), dZ))
    >>> [edit.term for edit in edits if edit.kind == "transpose"][0]
    matmul(W, dZ)
    """

    def __init__(self, algebra: Algebra, pool: Pool) -> None:
        self.algebra, self.pool = algebra, pool
        self.done: defaultdict[Any, dict[Any, Any]] = defaultdict(dict)

    def is_short(self, term: Term) -> bool:
        """Whether the parts of a formula occur in so few places that each place may be edited by itself."""
        places = self.done["places"]
        for part in walk(term, known=places):
            places[part] = min(1 + sum(places[arg] for arg in part.args), _PLACES + 1)
        return bool(places[term] <= _PLACES)

    @deep
    def edits(self, term: Term) -> Generator[list[tuple[Term]], list[Sequence[Edit]], Sequence[Edit]]:
        """List the edits of every part of a short formula in each of its places, those of the whole first."""
        found = [Edit(*edit, edit[-1]) for edit in self.own(term)]
        for i, inside in enumerate((yield [(arg,) for arg in term.args])):
            for edit in inside:
                args = [*term.args]
                args[i] = edit.term
                if (whole := self.again(term, args)) is not None:
                    found.append(edit._replace(term=whole))
        return found

    @remembered
    def own(self, term: Term) -> list[Local]:
        """List the edits of one part by itself: cost, kind, the part, and what it becomes."""
        return [*self._made(term, self._rules(term))]

    @remembered
    def wherever(self, part: Term, partials: bool) -> list[Local]:
        """List the edits of a part that may occur in many places: of functions' derivatives, or all others.

        What may be done to one of many factors is done to the factor itself.
        """
        if part.head == "multiply" and len(part.args) > _FEW:
            return []
        return [*self._made(part, [r for r in self._rules(part) if (r is Grammar._partials) is partials])]

    def _made(self, term: Term, rules: Sequence[Callable[[Grammar, Term], Own]]) -> Iterator[Local]:
        for rule in rules:
            try:
                for cost, kind, new in rule(self, term):
                    if new is not term:
                        yield cost, kind, term, new
            except (ValueError, IndexError):  # the shapes do not fit
                continue

    def everywhere(self, term: Term) -> Iterator[Edit]:
        """List the edits of a short formula that put something else for a symbol wherever it stands."""
        for symbol in [part for part in walk(term) if part.head == "symbol"]:
            for cost, kind, _, new in self.own(symbol):
                if (put := self.put(term, {symbol: new})) is not None:
                    yield Edit(cost, kind, symbol, new, put)
        for given in self.pool.shifted([part for part in walk(term) if part.head == "symbol"]):
            if (put := self.put(term, given)) is not None:
                old, new = next(iter(given.items()))
                yield Edit(1.7, "operand", old, new, put)

    def at_root(self, term: Term) -> Iterator[Edit]:
        """List the edits of the whole: transposed, or multiplied or divided by something of its shape."""
        if len(term.shape) == 2 and term.head != "matmul":
            turned = self.algebra.transpose(term)
            yield Edit(1.4, "transpose", term, turned, turned)
        for cost, new in self.pool.of_shape(term.shape, None):
            for kind, factor in (("factor extra", new), ("factor missing", self.algebra.power(new, -1))):
                yield Edit(cost + 1.0, kind, term, new, self.algebra.multiply(term, factor))

    def again(self, term: Term, args: list[Term]) -> Term | None:
        """Make a term like another of other parts; None where the shapes do not fit."""
        try:
            return self.algebra.again(term, args)
        except (ValueError, IndexError):  # the shapes do not fit
            return None

    def put(self, term: Term, given: Mapping[Term, Term]) -> Term | None:
        """Put terms in the place of others; None where the shapes do not fit."""
        try:
            return self.algebra.rebuilt(term, given)
        except (ValueError, IndexError):
            return None

    def _rules(self, term: Term) -> Sequence[Callable[[Grammar, Term], Own]]:
        if term.head in _RULES:
            return _RULES[term.head]
        return _BY_KIND[term.operation.kind] if term.operation is not None else ()

    # Leaves.

    def _leaf(self, term: Term) -> Own:
        for cost, kind, new in self.pool.instead_of(term):
            yield cost, kind, new
        for new in self.pool.applied_again(term):
            yield 1.5, "argument", new
        for f in self.pool.functions:
            yield 2.2, "function", self.algebra.apply(f, [term], {}, term.shape)
        if len(term.shape) == 2 and term.shape[0] == term.shape[1]:
            yield 1.4, "transpose", self.algebra.transpose(term)
        for axis in range(len(term.shape)):
            if term.shape[axis] > 1:
                yield 2.2, "reduction", self._total(term, (axis,), True)
                yield 2.3, "reduction", self._mean(term, (axis,), True)

    def _constant(self, term: Term) -> Own:
        x = term.params["value"]
        yield 1.4, "sign", self.algebra.number(-x)
        yield 1.7, "scale", self.algebra.number(2 * x)
        yield 1.7, "scale", self.algebra.number(x / 2)

    # Products and sums of any number of parts.

    def _factors(self, term: Term) -> Own:
        for i, factor in enumerate(term.args):
            others = [*term.args[:i], *term.args[i + 1 :]]
            rest = self.algebra.multiply(*others)
            if factor.head == "number":
                yield 1.7, "factor missing", self.algebra.broadcast(rest, term.shape)
                continue
            if factor.head == "sum":
                yield from self._other_means(factor, others)
            yield 1.5, "factor missing", self.algebra.broadcast(rest, term.shape)
            yield 2.0, "factor extra", self.algebra.multiply(rest, factor, factor)
            yield 2.3, "product kind", self.algebra.multiply(rest, self.algebra.power(factor, -1))
            yield 2.3, "function", self.algebra.multiply(rest, self.algebra.power(factor, 0.5))
        arrays = [factor for factor in term.args if factor.shape]
        scalars = [factor for factor in term.args if not factor.shape]
        for a, b in itertools.combinations(arrays, 2):
            rest_ = [x for x in arrays if x is not a and x is not b]
            yield 2.5, "product kind", self.algebra.multiply(*scalars, *rest_, self.algebra.add(a, b))
            for x, y in ((a, b), (b, a)):
                if y.head == "power" and y.params.get("exponent") == -1:
                    difference = self.algebra.add(x, self.algebra.negative(y.args[0]))
                    yield 2.5, "product kind", self.algebra.multiply(*scalars, *rest_, difference)
            for product in self._matrix_products(a, b):
                if all(_broadcasts(product.shape, x.shape) for x in rest_):
                    yield 1.9, "product kind", self.algebra.multiply(*scalars, *rest_, product)

    def _partials(self, term: Term) -> Own:
        """The derivative of a pointwise function among the factors, taken for something else."""
        factors = set(term.args if term.head == "multiply" else (term,))
        for partial in self.pool.partials_in(factors):
            rest = [x for x in term.args if x not in partial.factors] if term.head == "multiply" else []
            if len(partial.factors) > 1:
                product = self.algebra.multiply(self.algebra.number(1.0), *rest)
                yield 1.5, "factor missing", self.algebra.broadcast(product, term.shape)
            for cost, kind, new in self.pool.instead_of_partial(partial):
                yield cost, kind, self.algebra.multiply(*rest, new)

    def _addends(self, term: Term) -> Own:
        for i, part in enumerate(term.args):
            rest = self.algebra.add(*term.args[:i], *term.args[i + 1 :])
            yield 1.5, "term missing", self.algebra.broadcast(rest, term.shape)
            yield 1.2, "sign", self.algebra.add(rest, self.algebra.negative(part))
            yield 2.2, "term extra", self.algebra.add(rest, part, part)
        if len(term.args) == 2:
            yield 2.5, "product kind", self.algebra.multiply(*term.args)
            yield from self._exchanged_back(term)

    def _exchanged_back(self, term: Term) -> Own:
        """Take c − f(x) for f(c − x)."""
        for c, part in (term.args, term.args[::-1]):
            factors = part.args if part.head == "multiply" else (part,)
            f = factors[-1]
            signed = len(factors) == 2 and factors[0] is self.algebra.number(-1.0)
            known = f.operation is not None and f.operation in self.pool.functions
            if c.head == "number" and known and (signed or f is part):
                x = self.algebra.negative(f.args[0]) if signed else f.args[0]
                yield 1.7, "order", self.algebra.apply(f.head, [self.algebra.add(c, x)], {}, f.shape)

    def _power(self, term: Term) -> Own:
        base, exponent = term.args[0], term.params.get("exponent", 0)
        for other in (
            {1, -exponent, exponent + 1, exponent - 1, exponent / 2} - {0, exponent} if exponent else ()
        ):
            yield 2.0, "function", self.algebra.power(base, other)

    # Matrix products.

    def _matrices(self, term: Term) -> Own:
        if not all(len(arg.shape) == 2 for arg in term.args):
            return
        T = self.algebra.transpose
        for i, arg in enumerate(term.args):
            for cost, kind, new in ((1.4, "transpose", T(arg)), *self._unfitting(arg)):
                chain = [*term.args[:i], new, *term.args[i + 1 :]]
                if _conform(chain):
                    yield cost, kind, self.algebra.matmul(*chain)
            if arg.shape[0] == arg.shape[1]:
                lower = self.algebra.apply("tril", [arg], {"k": 0}, arg.shape)
                diagonal = self.algebra.apply("triu", [lower], {"k": 0}, arg.shape)
                chain = [*term.args[:i], diagonal, *term.args[i + 1 :]]
                yield 1.6, "diagonal only", self.algebra.matmul(*chain)
            others = [*term.args[:i], *term.args[i + 1 :]]
            yield 1.8, "factor missing", self.algebra.matmul(*others)
        yield 1.4, "transpose", T(term)
        if len(term.args) == 2:
            a, b = term.args
            for product in self._matrix_products(a, b):
                yield 1.6, "order", product
            for x, y in ((a, b), (T(a), b), (a, T(b))):
                if _broadcasts(x.shape, y.shape):
                    yield 1.9, "product kind", self.algebra.multiply(x, y)

    def _unfitting(self, arg: Term) -> Own:
        """Other matrices in a matrix product, whatever their shape, and their transposes."""
        plain = arg.args[0] if arg.head == "transpose" else arg
        for cost, new in self.pool.matrices(plain):
            if new.shape != plain.shape:
                yield cost, "operand", self.algebra.transpose(new) if arg.head == "transpose" else new

    def _matrix_products(self, a: Term, b: Term) -> Iterator[Term]:
        """The matrix products of two, in either order, with either transposed."""
        if len(a.shape) != 2 or len(b.shape) != 2:
            return
        T = self.algebra.transpose
        for x, y in itertools.product((a, T(a)), (b, T(b))):
            for chain in ((x, y), (y, x)):
                if _conform(chain):
                    yield self.algebra.matmul(*chain)

    # Sums over axes, and functions.

    def _reductions(self, term: Term) -> Own:
        x, axis, keepdims = term.args[0], term.params["axis"], term.params["keepdims"]
        yield 0.8, "reduction", self._mean(x, axis, keepdims)
        yield 1.4, "reduction", x
        every = tuple(range(len(x.shape)))
        for other in [*((a,) for a in every), every]:
            if other != axis:
                yield 1.4, "reduction", self._total(x, other, keepdims)
                yield 1.6, "reduction", self._mean(x, other, keepdims)
        yield 1.45, "reduction", self._total(x, every, False)
        yield 1.9, "reduction", self.algebra.apply("max", [x], term.params, term.shape)

    def _total(self, x: Term, axis: Sequence[int], keepdims: bool) -> Term:
        return self.algebra.sum(x, tuple(axis), keepdims)

    def _other_means(self, total: Term, others: Sequence[Term]) -> Own:
        """Take a mean over one axis for one over another."""
        x, axis, keepdims = total.args[0], total.params["axis"], total.params["keepdims"]
        count = self.algebra.power(self.pool.size(int(np.prod([x.shape[a] for a in axis]))), -1)
        if count in others:
            rest = [factor for factor in others if factor is not count]
            for other in [(a,) for a in range(len(x.shape)) if (a,) != axis]:
                yield 1.5, "reduction", self.algebra.multiply(*rest, self._mean(x, other, keepdims))

    def _mean(self, x: Term, axis: Sequence[int], keepdims: bool) -> Term:
        count = self.pool.size(int(np.prod([x.shape[a] for a in axis])))
        return self.algebra.multiply(self.algebra.power(count, -1), self._total(x, axis, keepdims))

    def _exchanged(self, term: Term) -> Own:
        """Take f(c − x) for c − f(x), also inside of x log y."""
        inner = term.args[-1] if term.args else term
        if inner.head != "add" or len(inner.args) != 2:
            return
        constants = [x for x in inner.args if x.head == "number"]
        if not constants:
            return
        [x] = [x for x in inner.args if x.head != "number"]
        sign = -1.0 if x.head == "multiply" and x.args[0].head == "number" else 1.0
        bare = self.algebra.multiply(self.algebra.number(sign), x)
        name = {"xlogy": "log"}.get(term.head, term.head)
        f = self.algebra.apply(name, [bare], {}, bare.shape)
        outside = self.algebra.add(constants[0], self.algebra.multiply(self.algebra.number(sign), f))
        yield 1.7, "order", self.algebra.multiply(*term.args[:-1], outside) if term.args[:-1] else outside

    def _function(self, term: Term) -> Own:
        if (
            term.operation is not None and not term.operation.differentiable
        ):  # a comparison, the other way round
            yield 1.8, "function", self.algebra.add(self.algebra.number(1.0), self.algebra.negative(term))
        if len(term.args) == 1:
            yield 2.0, "function", term.args[0]
            for f in self.pool.functions:
                if f is not term.operation:
                    yield 1.8, "function", self.algebra.apply(f, term.args, {}, term.shape)
            yield from self._entry_by_entry(term)
        if len(term.args) == 2:
            a, b = term.args
            if a.shape == b.shape:
                yield 1.8, "order", self.algebra.apply(term.head, [b, a], term.params, term.shape)
            if term.head == "xdivy":
                yield 2.3, "product kind", self.algebra.multiply(a, b)
                yield 2.5, "product kind", self.algebra.add(a, self.algebra.negative(b))
            for one in (a, b):
                yield 1.9, "factor missing", self.algebra.broadcast(one, term.shape)

    def _entry_by_entry(self, term: Term) -> Own:
        """Take a function along an axis for one along another, or of each entry."""
        x, axis = term.args[0], term.params.get("axis")
        if x.shape != term.shape or axis is None:
            return
        for other in range(len(x.shape)):
            along = (other,) if isinstance(axis, tuple) else other
            if along != axis:
                params = {**term.params, "axis": along}
                yield 1.5, "reduction", self.algebra.apply(term.head, [x], params, x.shape)
        for f in functions():
            yield 2.1, "function", self.algebra.apply(f, [x], {}, x.shape)

    def _map(self, term: Term) -> Own:
        if term.args and term.args[0].shape == term.shape:
            yield 1.45, "factor missing", term.args[0]


_RULES: Mapping[str, Sequence[Callable[[Grammar, Term], Own]]] = {
    "symbol": (Grammar._leaf,),
    "number": (Grammar._constant,),
    "multiply": (Grammar._factors, Grammar._partials),
    "add": (Grammar._addends, Grammar._partials),
    "power": (Grammar._power, Grammar._partials),
    "matmul": (Grammar._matrices,),
    "sum": (Grammar._reductions,),
}
_BY_KIND: Mapping[str, Sequence[Callable[[Grammar, Term], Own]]] = {
    "pointwise": (Grammar._function, Grammar._partials, Grammar._exchanged),
    "linear": (Grammar._map,),
    "bilinear": (Grammar._function,),
    "general": (Grammar._function, Grammar._map),
}


def _broadcasts(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        return False
    return True


def _conform(chain: Sequence[Term]) -> bool:
    return all(a.shape[-1] == b.shape[0] for a, b in itertools.pairwise(chain))
