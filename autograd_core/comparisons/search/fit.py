"""Constants are solved for, not tried: of a formula, of its terms, of a term too many."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from autograd_core.comparisons.search.edits import Edit
from autograd_core.comparisons.search.effort import Effort
from autograd_core.comparisons.search.places import Places
from autograd_core.comparisons.search.pool import Pool
from autograd_core.derivations.algebra.points import Point
from autograd_core.derivations.algebra.terms import Algebra, Term
from autograd_core.graph.node import Array

__all__ = ["Claim", "Constant", "Constants", "class_signs", "fits"]

_FEW = 4  # an array of so few different numbers holds classes
_UNRECOGNISED = 4.5  # too dear to be named
_FREE = 4  # different numbers that a claim must have for a constant to be solved for
_CHOSEN = 2.2  # a number of two digits, which nothing here is equal to
_FINE = 1e-5  # to coarser tolerances any number is close to one of two digits


class Constant(NamedTuple):
    """A number that a person may have multiplied by.

    Attributes
    ----------
    cost : float
    kind : {"", "sign", "scale"}
        Nothing for 1.
    term : Term
    """

    cost: float
    kind: str
    term: Term


class Constants:
    """Numbers that mean something here: 1, −1, 2, the sizes, the numbers in the graph, and their inverses.

    Parameters
    ----------
    algebra : Algebra
    sizes : iterable of Term
        Those that have a symbol or not, the likeliest first.
    point : Point
        What the symbols among them are worth.
    recorded : iterable of float
        Numbers that stand in the graph.
    """

    def __init__(
        self, algebra: Algebra, sizes: Iterable[Term], point: Point, recorded: Iterable[float]
    ) -> None:
        self.algebra = algebra
        self._known: list[tuple[float, Constant]] = [(1.0, Constant(0.0, "", algebra.number(1.0)))]
        two, sizes = algebra.number(2.0), list(sizes)
        for n in sizes:
            for cost, term in ((0.9, n), (1.4, algebra.multiply(two, n)), (1.6, algebra.power(n, 2))):
                self._enter(cost, term, float(np.asarray(point.value(term))))
        for n, k in itertools.combinations(sizes, 2):
            ratio = algebra.multiply(n, algebra.power(k, -1))
            self._enter(1.5, ratio, float(np.asarray(point.value(ratio))))
        self._enter(1.1, two, 2.0)
        self._enter(1.5, algebra.number(4.0), 4.0)
        for number in recorded:
            self._enter(1.3, algebra.number(number), number)

    def _enter(self, cost: float, term: Term, value: float) -> None:
        for x, one in ((value, term), (1 / value if value else np.inf, self.algebra.power(term, -1))):
            if np.isfinite(x) and not any(abs(x - known) <= 1e-12 * abs(x) for known, _ in self._known):
                self._known.append((x, Constant(cost, "scale", one)))

    def recognise(self, c: float, tolerance: float) -> Constant | None:
        """Recognise a number, within a relative tolerance."""
        for value, constant in self._known:
            if abs(abs(c) - abs(value)) <= tolerance * abs(value):
                if c * value > 0:
                    return constant
                kind, cost = ("scale", constant.cost + 0.5) if constant.kind else ("sign", 1.0)
                return Constant(cost, kind, self.algebra.negative(constant.term))
        chosen = float(f"{c:.2g}")
        if tolerance < _FINE and abs(c - chosen) <= tolerance * abs(c):
            return Constant(_CHOSEN, "scale", self.algebra.number(chosen))
        return None


class Claim:
    """Claimed numbers, and when others are the same.

    Parameters
    ----------
    array : array
    tolerance : float
        Relative to the largest entry.
    floor : float
        Below this everything is rounding.
    """

    def __init__(self, array: Array, tolerance: float, floor: float = 0.0) -> None:
        self.array = np.squeeze(np.asarray(array, float))
        self.tolerance, self.floor = tolerance, floor
        self.largest = float(np.abs(self.array).max(initial=0.0))
        self.distinct = len(np.unique(self.array[np.abs(self.array) > floor]))

    def fitted(self, value: Array | None) -> Array | None:
        """The value in the shape of the claim, or None."""
        if value is None:
            return None
        value = np.squeeze(value)
        if value.shape != self.array.shape or value.dtype.kind not in "fiub":
            return None
        return value.astype(float) if np.isfinite(value).all() else None

    def equals(self, value: Array) -> bool:
        """Whether a fitted value is what is claimed."""
        allowed = self.tolerance * self.largest + self.floor
        return bool(np.abs(value - self.array).max(initial=0.0) <= allowed)

    def factor(self, value: Array) -> float | None:
        """The constant that turns a fitted value into the claim, if there is one."""
        squared = float(np.vdot(value, value))
        if squared == 0 or self.largest <= self.floor:
            return None
        c = float(np.vdot(value, self.array)) / squared
        return c if c and self.equals(c * value) else None


def fits(
    algebra: Algebra,
    form: Term,
    point: Point,
    claim: Claim,
    constants: Constants,
    pool: Pool,
    effort: Effort,
) -> Iterator[Edit]:
    """Find what is multiplied, added or lost by solving for numbers.

    Parameters
    ----------
    algebra : Algebra
    form : Term
        The right formula, in one of its forms.
    point : Point
        Where it is evaluated.
    claim : Claim
    constants : Constants
    pool : Pool
    effort : Effort
        What steps down gradients may take.
    """
    right = claim.fitted(point.value(form))
    if right is None:
        return
    yield from _whole(algebra, form, right, claim, constants)
    yield from _terms(algebra, form, point, claim, constants)
    yield from _classes(algebra, form, right, point, claim, pool)
    yield from _extra(algebra, form, right, point, claim, constants, pool)
    yield from _steps(algebra, form, right, point, claim, pool, effort)


def _whole(algebra: Algebra, form: Term, right: Array, claim: Claim, constants: Constants) -> Iterator[Edit]:
    c = claim.factor(right)
    if c is None:
        return
    known = constants.recognise(c, 2 * claim.tolerance)
    if known is None and claim.distinct >= _FREE:
        known = Constant(_UNRECOGNISED, "scale", algebra.number(float(f"{c:.12g}")))
    if known is not None and known.kind:
        yield Edit(known.cost, known.kind, form, known.term, algebra.multiply(known.term, form))


def _terms(algebra: Algebra, form: Term, point: Point, claim: Claim, constants: Constants) -> Iterator[Edit]:
    """The coefficient of each term of a sum, by least squares."""
    if form.head != "add":
        return
    values = [claim.fitted(point.value(algebra.broadcast(part, form.shape))) for part in form.args]
    columns = [np.ravel(v) for v in values if v is not None]
    if len(columns) < len(form.args) or claim.array.size < len(columns) + 3:
        return
    scales = [np.linalg.norm(column) or 1.0 for column in columns]
    matrix = np.stack([column / scale for column, scale in zip(columns, scales)], axis=1)
    solution, _, rank, _ = np.linalg.lstsq(matrix, np.ravel(claim.array), rcond=1e-10)
    if rank < len(columns) or not claim.equals((matrix @ solution).reshape(claim.array.shape)):
        return
    cost, parts, changed = 0.0, list[Term](), list[tuple[str, Term, Term]]()
    for part, c in zip(form.args, solution / scales):
        if abs(c) <= 1e2 * claim.tolerance:
            cost += 1.5
            changed.append(("term missing", part, algebra.number(0.0)))
            continue
        known = constants.recognise(float(c), 1e3 * claim.tolerance)
        if known is None:
            return
        parts.append(algebra.multiply(known.term, part))
        if known.kind:
            cost += known.cost + 0.2
            changed.append((known.kind, part, parts[-1]))
    if changed and parts:
        kind, old, new = changed[0]
        yield Edit(cost, kind, old, new, algebra.broadcast(algebra.add(*parts), form.shape))


def class_signs(algebra: Algebra, form: Term, point: Point, pool: Pool) -> Iterator[Edit]:
    """List the formulas with another sign where a recorded array has one of its few values."""
    for x, levels in _levels(form, point, pool):
        for wrong in levels:
            signs = _interpolated(algebra, x, levels, [-1.0 if level == wrong else 1.0 for level in levels])
            yield Edit(1.0, "sign on a class", x, signs, algebra.multiply(signs, form))


def _levels(form: Term, point: Point, pool: Pool) -> Iterator[tuple[Term, list[float]]]:
    """Find the arrays of a formula's shape that hold only a few numbers."""
    for operand in pool.near(form.shape):
        if operand.rank < 0 and operand.term.head == "symbol":
            levels = np.unique(np.asarray(point.value(operand.term)))
            if 2 <= len(levels) <= _FEW:
                yield operand.term, [float(x) for x in levels]


def _classes(
    algebra: Algebra, form: Term, right: Array, point: Point, claim: Claim, pool: Pool
) -> Iterator[Edit]:
    """A sign on the entries where a recorded array has one of its few values."""
    for x, levels in _levels(form, point, pool):
        classes = claim.fitted(point.value(x))
        if classes is None:
            continue
        parts = [classes == level for level in levels]
        factors = [Claim(claim.array[part], claim.tolerance).factor(right[part]) for part in parts]
        signs = [0.0 if c is None else float(round(c)) for c in factors]
        exact = all(c is not None and abs(c - s) <= 1e3 * claim.tolerance for c, s in zip(factors, signs))
        if exact and sorted(set(signs)) == [-1, 1]:
            weights = _interpolated(algebra, x, levels, signs)
            yield Edit(1.0, "sign on a class", x, weights, algebra.multiply(weights, form))


def _interpolated(algebra: Algebra, x: Term, at: Sequence[float], values: Sequence[float]) -> Term:
    """The polynomial of x that takes given values at given places, by Lagrange."""
    terms = []
    for i, value in enumerate(values):
        product = [algebra.number(value)]
        for j, other in enumerate(at):
            if j != i:
                product.append(
                    algebra.multiply(
                        algebra.add(x, algebra.number(-other)), algebra.number(1 / (at[i] - other))
                    )
                )
        terms.append(algebra.multiply(*product))
    return algebra.add(*terms)


def _extra(
    algebra: Algebra, form: Term, right: Array, point: Point, claim: Claim, constants: Constants, pool: Pool
) -> Iterator[Edit]:
    """A term too many, c times something recorded."""
    rest = Claim(claim.array - right, 1e2 * claim.tolerance, claim.floor)
    for cost, term in pool.of_shape(form.shape, None):
        value = claim.fitted(point.value(term))
        c = None if value is None else rest.factor(value)
        known = None if c is None else constants.recognise(c, 1e3 * claim.tolerance)
        if known is not None:
            extra = algebra.multiply(known.term, term)
            yield Edit(cost + 1.1 + 0.3 * known.cost, "term extra", form, extra, algebra.add(form, extra))


def _steps(
    algebra: Algebra, form: Term, right: Array, point: Point, claim: Claim, pool: Pool, effort: Effort
) -> Iterator[Edit]:
    """An operand after one step down its own gradient."""
    if claim.distinct < _FREE:
        return
    rest = Claim(claim.array - right, 1e2 * claim.tolerance, claim.floor)
    places = Places(algebra, form, effort)
    for symbol in [part for part in places.parts if part in pool.gradients]:
        if effort.is_spent:
            return
        gradient = pool.gradients[symbol]
        at = point.value(gradient)
        value = None if at is None else claim.fitted(places.value(point, symbol, at))
        c = None if value is None else rest.factor(value)
        if c is not None and c < 0:
            step = algebra.add(symbol, algebra.multiply(algebra.number(float(f"{c:.9g}")), gradient))
            yield Edit(1.9, "operand", symbol, step, algebra.rebuilt(form, {symbol: step}))
