"""Numbers that formulas are held against: those that were recorded, and others, of other signs and sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_core.derivations.algebra.term import Term, computed, walk
from autograd_core.graph.node import Array
from autograd_core.system.quiet import quietly

__all__ = ["Point", "agree", "elsewhere"]

Meaning = Callable[[Term], Any]

_ENTRIES, _PRODUCTS = 10_000, 300_000  # that are computed while Python goes on to the next operation


class Point:
    """What the symbols stand for, and with them every formula; each is computed once.

    Parameters
    ----------
    given : mapping of Term to array
    meaning : function, optional
        What other symbols are, when they are first met: an array, or a term that comes to it; None if that
        is not known.

    Attributes
    ----------
    given : dict of Term to array
        The symbols that were met.
    work : float
        How many parts of formulas were computed; large ones count for more.

    Examples
    --------
    >>> from autograd_core.derivations.algebra.terms import Algebra
    >>> algebra = Algebra()
    >>> x, y = algebra.symbol("x", ()), algebra.symbol("y", ())
    >>> point = Point({x: 2.0}, {y: algebra.power(x, 2)}.get)
    >>> float(point.value(algebra.multiply(x, y)))
    8.0
    """

    def __init__(self, given: Mapping[Term, Any], meaning: Meaning | None = None) -> None:
        self.given, self.meaning = dict(given), meaning
        self._parts: dict[Term, Any] = {}
        self._bounds: dict[Term, float] = {}
        self.work = 0.0

    def define(self, symbol: Term, value: Any) -> None:
        """Give a symbol a value that nothing was computed from yet."""
        self.given[symbol] = value

    def forget(self) -> None:
        """Keep the values of symbols alone."""
        self._parts.clear()
        self._bounds.clear()

    def value(self, term: Term) -> Array | None:
        """Compute a formula; None where shapes do not fit or a symbol has no value."""
        if term not in self.given and term not in self._parts:
            quietly(self._compute, term)
        found = self._of(term)
        return None if found is None else np.asarray(found)

    def _compute(self, term: Term) -> None:
        given, parts = self.given, self._parts
        waiting = [term]
        while waiting:
            part = waiting[-1]
            if part in parts or part in given:
                waiting.pop()
                continue
            meaning = self._meaning(part) if part.head == "symbol" else None
            before = (meaning,) if isinstance(meaning, Term) else part.args
            if missing := [arg for arg in before if arg not in parts and arg not in given]:
                waiting += missing
            elif part.head == "symbol":
                self.define(waiting.pop(), self._of(meaning) if isinstance(meaning, Term) else meaning)
            else:
                parts[waiting.pop()] = self._computed(part)

    def _of(self, part: Term) -> Any:
        return self.given[part] if part in self.given else self._parts[part]

    def _meaning(self, symbol: Term) -> Any:
        return None if self.meaning is None else self.meaning(symbol)

    def _computed(self, part: Term) -> Any:
        args = [self._of(arg) for arg in part.args]
        inner = part.args[0].shape[-1:] if part.head == "matmul" else ()
        self.work += 1 + math.prod(part.shape) * math.prod(inner) / (_PRODUCTS if inner else _ENTRIES)
        if any(arg is None for arg in args):
            return None
        try:
            return computed(part, args)
        except Exception:  # whatever an operation of somebody else's refuses, this is no value
            return None

    def bound(self, term: Term) -> float:
        """How large the numbers are that are added up on the way: what rounding is relative to."""
        for part in walk(term, known=self._bounds):
            self._bounds[part] = _bound(part, self.value(part), [self._bounds[arg] for arg in part.args])
        return self._bounds[term]


def _bound(part: Term, value: Array | None, args: list[float]) -> float:
    match part.head:
        case "add":
            return sum(args)
        case "sum":
            axis = part.params["axis"]
            sizes = part.args[0].shape if axis is None else [part.args[0].shape[a] for a in axis]
            return args[0] * float(math.prod(sizes))
        case "matmul":
            return math.prod(args) * float(math.prod(arg.shape[-1] for arg in part.args[:-1]))
        case "multiply":
            return float(math.prod(args))
    return float(np.max(np.abs(np.asarray(value, float)), initial=0.0))


def agree(term: Term, point: Point, wanted: Array, recorded: Term | None = None) -> bool:
    """Whether a term comes to the numbers wanted, as far as rounding lets one tell.

    Parameters
    ----------
    term : Term
    point : Point
    wanted : array
    recorded : Term, optional
        How the numbers were computed: what cancelled there has left its rounding in them.

    Examples
    --------
    >>> from autograd_core.derivations.algebra.terms import Algebra
    >>> algebra = Algebra()
    >>> x = algebra.symbol("x", ())
    >>> point = Point({x: np.float64(0.1)})
    >>> agree(algebra.multiply(algebra.number(3.0), x), point, np.float64(0.3))
    True
    >>> agree(algebra.multiply(algebra.number(3.0), x), point, np.float64(0.3001))
    False
    """
    found = point.value(term)
    if found is None or found.shape != wanted.shape:
        return False
    rounding = float(np.finfo(wanted.dtype).eps) if wanted.dtype.kind == "f" else 2.0**-52
    most, largest = quietly(_misses, found, wanted)
    allowed = rounding**0.55 * largest
    if most <= allowed:
        return True
    added_up = quietly(lambda: max(point.bound(term), point.bound(recorded or term)))
    return bool(most <= allowed + 100 * rounding * added_up)


def _misses(found: Array, wanted: Array) -> tuple[float, float]:
    """By how much numbers miss those wanted at most, and how large these are."""
    excused = (found == wanted) | ~np.isfinite(wanted)
    misses = np.where(excused, 0.0, np.abs(np.subtract(found, wanted, dtype=float)))
    largest = np.max(np.abs(wanted), initial=0.0, where=np.isfinite(wanted))
    return float(np.max(misses, initial=0.0)), float(largest)


def elsewhere(value: Array, rng: np.random.Generator, spread: float, signs: bool) -> Array:
    """Draw other numbers in the place of an array, in float64; whole numbers and truths change places.

    Parameters
    ----------
    value : array
    rng : Generator
    spread : float
        How far the numbers lie from those that were there, in powers of e.
    signs : bool
        Whether half of them have the other sign.

    Examples
    --------
    >>> numbers = elsewhere(np.full(100, 2.0), np.random.default_rng(0), 0.5, True)
    >>> bool(numbers.min() < -2), bool(numbers.max() > 2)
    (True, True)
    """
    if value.dtype.kind != "f":
        return rng.permuted(value) if value.ndim else value
    noise = rng.normal(size=value.shape)
    sign = np.where(rng.random(value.shape) < 0.5, -1.0, 1.0) if signs else 1.0
    nothing = spread * (noise if signs or np.any(value < 0) else np.abs(noise))
    return np.where(value == 0, nothing, sign * value * np.exp(spread * noise))
