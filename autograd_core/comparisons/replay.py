"""The equations of a graph at a point: as recorded, fed something else, or at fresh numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from autograd_core.derivations.derivation import Derivation
from autograd_core.derivations.terms import Term, computed
from autograd_core.node import Array

__all__ = ["Point", "drawn", "magnitude", "redrawn"]

_FEW = 4  # an array of so few different numbers holds classes


class Point:
    """What the symbols stand for, and with them every formula; each is computed once.

    Parameters
    ----------
    given : mapping of Term to array

    Examples
    --------
    >>> from autograd_core.derivations.terms import Algebra
    >>> algebra = Algebra()
    >>> x, y = algebra.symbol("x", ()), algebra.symbol("y", ())
    >>> point = Point({x: 2.0, y: 3.0})
    >>> float(point.value(algebra.multiply(x, y))), float(point.fed({x: 5.0}).value(algebra.multiply(x, y)))
    (6.0, 15.0)
    """

    def __init__(self, given: Mapping[Term, Any]) -> None:
        self.given = dict(given)
        self._known: dict[Term, Any] = dict(given)

    def fed(self, given: Mapping[Term, Any]) -> Point:
        """The same point with other values for some symbols."""
        return Point({**self.given, **given})

    def define(self, symbol: Term, value: Any) -> None:
        """Give a symbol a value that nothing was computed from yet."""
        self.given[symbol] = self._known[symbol] = value

    def value(self, term: Term) -> Array | None:
        """Compute a formula; None where shapes do not fit or a symbol has no value."""
        waiting = [term]
        while waiting:
            part = waiting[-1]
            if part in self._known:
                waiting.pop()
            elif missing := [arg for arg in part.args if arg not in self._known]:
                waiting += missing
            else:
                self._known[waiting.pop()] = self._computed(part)
        found = self._known[term]
        return None if found is None else np.asarray(found)

    def _computed(self, part: Term) -> Any:
        args = [self._known[arg] for arg in part.args]
        if part.head == "symbol" or any(arg is None for arg in args):
            return None
        try:
            with np.errstate(all="ignore"):
                return computed(part, args)
        except (ValueError, TypeError, ArithmeticError):
            return None


def redrawn(derivation: Derivation, rng: np.random.Generator, kept: Collection[str] = ()) -> Point | None:
    """The same graph, in the same sizes, at fresh numbers.

    What is differentiated by and what varies keeps its signs and gets another size; of classes and of whole
    numbers, the columns are shuffled; what is called by one of the names `kept` stays. None where the graph
    cannot be computed at these numbers.
    """
    equations = (*derivation.forward, *derivation.backward)
    follow = {equation.symbol for equation in equations}
    free = {x.params["name"] for x in derivation.given} & {e.name.removeprefix("d") for e in equations}
    given = {}
    for symbol, value in derivation.given.items():
        if symbol not in follow:
            name = symbol.params["name"]
            given[symbol] = value if name in kept else _fresh(np.asarray(value), name in free, rng)
    point = Point(given)
    for equation in equations:
        value = point.value(equation.steps[0].term)
        if value is None or not np.isfinite(value).all():
            return None
        point.define(equation.symbol, value)
    return point


def _fresh(value: Array, varies: bool, rng: np.random.Generator) -> Array:
    if not varies and value.ndim and value.size and len(np.unique(value)) <= _FEW:
        return value[..., rng.permutation(value.shape[-1])]
    return drawn(value, value.shape, varies, rng)


def drawn(value: Array, shape: tuple[int, ...], varies: bool, rng: np.random.Generator) -> Array:
    """Draw an array like another, perhaps in another shape.

    Parameters
    ----------
    value : array
    shape : tuple of int
    varies : bool
        Whether it may be any numbers; otherwise few different ones are classes, and 1 in each column stays.
    rng : Generator

    Examples
    --------
    >>> drawn(np.eye(2), (3, 4), False, np.random.default_rng(0)).sum(axis=0)
    array([1., 1., 1., 1.])
    """
    if value.dtype.kind != "f" or value.size == 0 or (value.ndim == 0 and not varies):
        return value
    levels = np.unique(value)
    several = value.ndim == 2 and len(value) > 1
    shares = several and (value >= 0).all() and np.allclose(value.sum(axis=0), 1)
    if not varies and len(levels) <= _FEW and shape != value.shape:
        if shares and set(levels) <= {0.0, 1.0}:
            return np.asarray(np.eye(shape[0])[:, rng.integers(0, shape[0], shape[1])], value.dtype)
        both = np.array([0.0, 1.0]) if set(levels) <= {0.0, 1.0} else levels
        return np.asarray(rng.permuted(np.resize(both, shape)), value.dtype)
    if shape != value.shape:
        value = rng.choice(value.ravel(), shape)
    noise = rng.normal(size=shape)
    nothing = 0.3 * np.abs(noise) if (value >= 0).all() else 0.3 * noise
    fresh = np.asarray(np.where(value == 0, nothing, value * np.exp(0.4 * noise)))
    return fresh / fresh.sum(axis=0) if shares and not varies else fresh


def magnitude(point: Point, term: Term) -> Array:
    """How large the parts are that a formula adds up: what its rounding is relative to.

    Examples
    --------
    >>> from autograd_core.derivations.terms import Algebra
    >>> algebra = Algebra()
    >>> x, y = algebra.symbol("x", ()), algebra.symbol("y", ())
    >>> float(magnitude(Point({x: 2.0, y: 3.0}), algebra.add(x, algebra.negative(y))))
    5.0
    """
    match term.head:
        case "add" | "multiply" | "matmul" | "broadcast_to" | "transpose":
            args = [magnitude(point, arg) for arg in term.args]
            return np.asarray(computed(term, args))
        case "sum":
            return np.asarray(computed(term, [magnitude(point, term.args[0])]))
    return np.asarray(np.abs(np.asarray(point.value(term))))
