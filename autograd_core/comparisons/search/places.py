"""A long formula, in which parts occur in many places: what it comes to if one of them is another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_core.comparisons.search.effort import Effort
from autograd_core.derivations.algebra.points import Point
from autograd_core.derivations.algebra.terms import Algebra, Term, computed, walk
from autograd_core.graph.node import Array
from autograd_core.system.quiet import quietly

__all__ = ["Places"]

_JOINED = 8  # addends or factors that take as long as one more part


class Places:
    """The parts of a formula, and what each of them is part of.

    Parameters
    ----------
    algebra : Algebra
    term : Term
    effort : Effort
        What is spent on computing it again.

    Examples
    --------
    >>> algebra = Algebra()
    >>> x, y = algebra.symbol("x", ()), algebra.symbol("y", ())
    >>> inner = algebra.apply("tanh", [x], {}, ())
    >>> places = Places(algebra, algebra.multiply(y, algebra.add(y, inner)), Effort())
    >>> places.put({inner: x})
    multiply(y, add(y, x))
    >>> float(places.value(Point({x: 1.0, y: 2.0}), inner, np.float64(5.0)))
    14.0
    """

    def __init__(self, algebra: Algebra, term: Term, effort: Effort) -> None:
        self.algebra, self.term, self.effort = algebra, term, effort
        self.parts = walk(term)
        self._order = {part: i for i, part in enumerate(self.parts)}
        self._whole_of: dict[Term, list[Term]] = {}
        for part in self.parts:
            for arg in dict.fromkeys(part.args):
                self._whole_of.setdefault(arg, []).append(part)
        self._above: dict[Term, list[Term]] = {}

    def is_in(self, part: Term, head: str) -> bool:
        """Whether a part is an operand of an operation."""
        return any(whole.head == head for whole in self._whole_of.get(part, ()))

    def above(self, part: Term) -> list[Term]:
        """List what a part is part of, in the order in which it is computed."""
        if part not in self._above:
            found: set[Term] = set()
            waiting = [part]
            while waiting:
                new = [x for x in self._whole_of.get(waiting.pop(), ()) if x not in found]
                found.update(new)
                waiting += new
            self._above[part] = sorted(found, key=self._order.__getitem__)
        return self._above[part]

    def put(self, given: Mapping[Term, Term]) -> Term | None:
        """Put terms in the place of parts; None where the shapes do not fit."""
        self.effort.left -= len(self.parts)
        try:
            return self.algebra.rebuilt(self.term, given)
        except (ValueError, IndexError):
            return None

    def value(self, point: Point, part: Term, value: Any) -> Array | None:
        """Compute the formula with another value for a part, wherever it occurs; None where it cannot be."""
        try:
            found = quietly(self._changed, point, part, value).get(self.term)
        except Exception:  # whatever an operation refuses
            return None
        return None if found is None else np.asarray(found)

    def _changed(self, point: Point, part: Term, value: Any) -> dict[Term, Any]:
        changed: dict[Term, Any] = {part: value}
        for whole in self.above(part):
            args = [changed[arg] if arg in changed else point.value(arg) for arg in whole.args]
            self.effort.left -= 1 + len(args) / _JOINED
            changed[whole] = computed(whole, args)
        return changed
