"""Search the small edits of a right formula for those that give the claimed numbers, likely ones first.

The effort is counted in parts of formulas that are computed or made again, never in seconds, so that the
answer does not depend on the machine; there is an end to it, and what was not looked at is said.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from autograd_core.comparisons.search.edits import Edit, Grammar
from autograd_core.comparisons.search.effort import Effort
from autograd_core.comparisons.search.fit import Claim, Constants, fits
from autograd_core.comparisons.search.pairs import pairs
from autograd_core.comparisons.search.places import Places
from autograd_core.derivations.algebra.points import Point
from autograd_core.derivations.algebra.terms import Term
from autograd_core.graph.node import Array

__all__ = ["DEAREST", "ENOUGH", "RIVAL", "Found", "Searching"]

DEAREST = 4.0  # what costs more is a guess
_FURTHER = 0.5  # how much dearer an edit of what a symbol stands for is than one of the formula itself
RIVAL = 0.8  # how much dearer than the best an edit may be and still be looked for
_SECOND = 0.4  # a slip of the same kind again costs so much of its price: it tends to be repeated
_NESTED = 2_000  # candidates with two edits, one inside the other
_LARGE = 1_000  # entries; beyond, fewer candidates are tried in proportion
_NOTHING: Mapping[Term, Term] = MappingProxyType({})
ENOUGH = 50  # hits: numbers that so many explain are explained by more
_BITS = 10.0  # how much the numbers must say beyond what the tries could have hit by chance


class Found(NamedTuple):
    """What a search found.

    Attributes
    ----------
    hits : tuple of Edit
        Edited formulas that give the claimed numbers, likeliest first.
    tried : int
        Number of candidates.
    whole : bool
        Whether everything was looked at that is likelier than what was found.
    """

    hits: tuple[Edit, ...]
    tried: int
    whole: bool = True

    @property
    def best(self) -> float:
        """The cost of the likeliest hit."""
        return min((hit.cost for hit in self.hits), default=math.inf)


class Slip(NamedTuple):
    """An edit of a part of a long formula, wherever the part occurs, that is not made yet.

    Attributes
    ----------
    cost : float
    kind : str
    old, new : Term
        The part, before and after.
    places : Places
        The formula.
    """

    cost: float
    kind: str
    old: Term
    new: Term
    places: Places

    def value(self, point: Point) -> Array | None:
        """Compute the formula with the part changed."""
        new = point.value(self.new)
        return None if new is None else self.places.value(point, self.old, new)

    def edit(self) -> Edit | None:
        """Make it; None where the shapes do not fit."""
        whole = self.places.put({self.old: self.new})
        return None if whole is None else Edit(self.cost, self.kind, self.old, self.new, whole)


class Searching:
    """A search for the edit that explains one claim.

    Parameters
    ----------
    grammar : Grammar
    constants : Constants
    claim : Claim
    chain : sequence of Edit
        What may be done wrong with the chain rule as a whole.
    effort : Effort, optional
        How much may be done.
    """

    def __init__(
        self,
        grammar: Grammar,
        constants: Constants,
        claim: Claim,
        chain: Sequence[Edit],
        effort: Effort | None = None,
    ) -> None:
        self.grammar, self.constants, self.claim, self.chain = grammar, constants, claim, chain
        self.effort = effort or Effort()
        self.tried = 0
        self.hits: list[Edit] = []

    def run(
        self,
        forms: Sequence[Term],
        points: Sequence[Point],
        deep: bool = True,
        behind: Mapping[Term, Term] = _NOTHING,
    ) -> Found:
        """Search every form of the right formula at every point, such as one fed with the other claims.

        Parameters
        ----------
        forms : sequence of Term
        points : sequence of Point
            Those after the first are dearer.
        deep : bool
            Whether to try two edits at once where one does not do.
        behind : mapping of Term to Term
            What symbols are equal to: slips may be made there, where none in the forms explains the claim.
        """
        for place, point in enumerate(points):
            if place and self.hits and self.best <= 1.3:
                break
            extra = 0.2 * place
            for form in forms:
                self._take(self._fits(form, point), extra)
            self._singles(forms, point, extra)
        if not self.hits:
            for place, point in enumerate(points):
                self._behind(forms[0], behind, point, _FURTHER + 0.2 * place)
        if not self.hits:
            for place, point in enumerate(points):
                short = [form for form in forms if self.grammar.is_short(form)]
                self._wherever(short, point, _FURTHER + 0.2 * place)
        if deep and not self.hits:
            for place, point in enumerate(points):
                self._twice(forms, point, 0.2 * place)
        return self.found

    @property
    def found(self) -> Found:
        """What was found so far."""
        hits = sorted(self.hits, key=lambda hit: hit.cost)
        return Found(tuple(hits), self.tried, not self.effort.is_spent)

    @property
    def best(self) -> float:
        """The cost of the likeliest hit."""
        return min((hit.cost for hit in self.hits), default=math.inf)

    def _take(self, edits: Iterable[Edit], extra: float) -> None:
        self.hits += [edit._replace(cost=edit.cost + extra) for edit in edits if self._evident()]

    def _fits(self, form: Term, point: Point) -> Iterator[Edit]:
        self.tried += len(form.args) + 3
        grammar = self.grammar
        return fits(grammar.algebra, form, point, self.claim, self.constants, grammar.pool, self.effort)

    def _singles(self, forms: Sequence[Term], point: Point, extra: float) -> None:
        for edit in self.ordered(forms):
            if edit.cost + extra > self.best + RIVAL or self.effort.is_spent:
                break
            self._try(edit, point, extra)
        self._wherever([form for form in forms if not self.grammar.is_short(form)], point, extra)

    def _wherever(self, forms: Sequence[Term], point: Point, extra: float) -> None:
        """Try the single edits that change a part in all places where it occurs."""
        for slip, value in self.slips(forms, point):
            if self.effort.is_spent or len(self.hits) > ENOUGH:
                break
            if slip.cost + extra > self.best + RIVAL:
                continue
            self.tried += 1
            if self.is_near(value()) and (edit := slip.edit()) is not None:
                self._try(edit, point, extra)

    def slips(self, forms: Sequence[Term], point: Point) -> Iterator[tuple[Slip, Callable[[], Array | None]]]:
        """List the edits that change a part in all places where it occurs, and how to compute the whole."""
        every = [Places(self.grammar.algebra, form, self.effort) for form in forms]
        for partials in (False, True):
            found: list[Slip] = []
            for places in every:
                for part in reversed(places.parts):
                    if not self.effort.is_spent:
                        own = [Slip(*edit, places) for edit in self.grammar.wherever(part, partials)]
                        found += [*(() if partials else self._left_out(part, places)), *own]
                        self.effort.left -= len(own)
            for slip in sorted(found, key=lambda slip: slip.cost):
                yield slip, functools.partial(slip.value, point)

    def _left_out(self, part: Term, places: Places) -> Iterator[Slip]:
        """Leave out a factor of products, or an addend of sums."""
        for head, kind, neutral in (("multiply", "factor missing", 1.0), ("add", "term missing", 0.0)):
            if part.shape and part.head != "symbol" and places.is_in(part, head):
                nothing = self.grammar.algebra.broadcast(self.grammar.algebra.number(neutral), part.shape)
                yield Slip(1.5, kind, part, nothing, places)

    def is_near(self, value: Array | None) -> bool:
        """Whether numbers are the claim, or a multiple of it."""
        fitted = self.claim.fitted(value)
        return fitted is not None and (self.claim.equals(fitted) or self.claim.factor(fitted) is not None)

    def _behind(self, form: Term, behind: Mapping[Term, Term], point: Point, extra: float) -> None:
        """Try the edits of what one symbol in a formula is equal to."""
        short = {symbol: term for symbol, term in behind.items() if self.grammar.is_short(term)}
        inner = [(edit, symbol) for symbol, term in short.items() for edit in self.grammar.edits(term)]
        places = Places(self.grammar.algebra, form, self.effort)
        for edit, symbol in sorted(inner, key=lambda pair: pair[0].cost):
            if edit.cost + extra > self.best + RIVAL or self.effort.is_spent:
                break
            value = point.value(edit.term)
            if value is None or not self.is_near(places.value(point, symbol, value)):
                self.tried += 1
            elif (whole := places.put({symbol: edit.term})) is not None:
                self._try(edit._replace(term=whole), point, extra)

    def ordered(self, forms: Sequence[Term]) -> list[Edit]:
        """List the single edits of all short forms, each formula once, the likeliest first."""
        edits = [*self.chain]
        for form in forms:
            if self.grammar.is_short(form):
                edits += [_renamed(edit, form) for edit in self.grammar.edits(form)]
                edits += self.grammar.everywhere(form)
            edits += self.grammar.at_root(form)
        edits.sort(key=lambda edit: edit.cost)
        first: dict[Term, Edit] = {}
        for edit in edits:
            first.setdefault(edit.term, edit)
        known = set(forms)
        return [edit for edit in first.values() if edit.term not in known]

    def _try(self, edit: Edit, point: Point, extra: float = 0.0) -> None:
        self._take(self.tested(edit, point), extra)

    def tested(self, edit: Edit, point: Point) -> Iterator[Edit]:
        """Give an edit back if it gives the claim, up to a constant that means something."""
        self.tried += 1
        before = point.work
        value = self.claim.fitted(point.value(edit.term))
        self.effort.left -= 1 + point.work - before
        if value is None:
            return
        if self.claim.equals(value):
            yield edit
            return
        c = self.claim.factor(value)
        known = None if c is None else self.constants.recognise(c, 2 * self.claim.tolerance)
        if known is None:
            return
        cost = edit.cost + known.cost + (1.5 if self.claim.distinct < 4 else 0.0)
        scaled = self.grammar.algebra.multiply(known.term, edit.term)
        hit = edit._replace(cost=cost, term=scaled, times=known.term)
        yield hit if edit.kind else hit._replace(kind=known.kind, new=known.term)

    def _twice(self, forms: Sequence[Term], point: Point, extra: float) -> None:
        forms = [form for form in forms if self.grammar.is_short(form)]
        for form in forms:
            if self.effort.is_spent:
                return
            found = [*pairs(self.grammar, form, point, self.claim, self.effort)]
            self.tried += 2 * len(self.grammar.edits(form))
            for one, other, term in found:
                self._try(_both(one, other)._replace(term=term), point, extra)
        if self.hits:
            return
        last = self.tried + int(_NESTED / (1 + self.claim.array.size / _LARGE))
        for one in self.ordered(forms):
            inner = self.grammar.edits(one.term) if self.grammar.is_short(one.term) else ()
            for other in sorted(inner, key=lambda edit: edit.cost):
                if other.cost > 2.0 or self.tried > last or self.effort.is_spent:
                    break
                self._try(_both(one, other)._replace(term=other.term), point, extra)
            if self.tried > last or self.best < one.cost or self.effort.is_spent:
                return

    def _evident(self) -> bool:
        """Whether the claim has numbers enough to tell a hit from chance."""
        bits = self.claim.distinct * math.log2(1 / self.claim.tolerance)
        return bits > math.log2(1 + self.tried) + _BITS or self.claim.largest <= self.claim.floor


def _both(one: Edit, other: Edit) -> Edit:
    dear, cheap = (one, other) if one.cost >= other.cost else (other, one)
    return dear._replace(cost=dear.cost + cheap.cost * (_SECOND if one.kind == other.kind else 1.0))


def _renamed(edit: Edit, form: Term) -> Edit:
    """A sum that is left out of a map from an array to one of the same shape leaves the diagonal."""
    left_out = edit.old.head == "sum" and edit.new is edit.old.args[0]
    if left_out and edit.term.shape == form.shape and form is not edit.old:
        return edit._replace(cost=1.2, kind="diagonal only")
    return edit
