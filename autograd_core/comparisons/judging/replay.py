"""The equations of a graph at fresh numbers."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from autograd_core.derivations.algebra.points import Point
from autograd_core.derivations.algebra.terms import Term, computed, walk
from autograd_core.derivations.derivation import Derivation
from autograd_core.graph.node import Array

__all__ = ["Far", "drawn", "magnitude", "redrawn"]

Far = Collection[str]

_FEW = 4  # an array of so few different numbers holds classes


def redrawn(
    derivation: Derivation, rng: np.random.Generator, kept: Collection[str] = (), far: Far = ()
) -> Point | None:
    """The same graph, in the same sizes, at fresh numbers.

    Of classes and of whole numbers, the columns are shuffled; what is called by one of the names `kept`
    stays. Everything else gets another size, and what `far` says. None where the graph cannot be computed at
    these numbers.
    """
    equations = (*derivation.forward, *derivation.backward)
    follow = {equation.symbol for equation in equations}
    free = {x.params["name"] for x in derivation.given} & {e.name.removeprefix("d") for e in equations}
    given = {}
    for symbol, value in derivation.given.items():
        if symbol not in follow:
            name = symbol.params["name"]
            given[symbol] = value if name in kept else _fresh(np.asarray(value), name in free, rng, far)
    point = Point(given)
    for equation in equations:
        value = point.value(equation.steps[0].term)
        if value is None or not np.isfinite(value).all():
            return None
        point.define(equation.symbol, value)
    return point


def _fresh(value: Array, varies: bool, rng: np.random.Generator, far: Far) -> Array:
    if not varies and value.ndim and value.size and len(np.unique(value)) <= _FEW:
        return value[..., rng.permutation(value.shape[-1])]
    return drawn(value, value.shape, varies, rng, far)


def drawn(
    value: Array, shape: tuple[int, ...], varies: bool, rng: np.random.Generator, far: Far = ()
) -> Array:
    """Draw an array like another, perhaps in another shape.

    Parameters
    ----------
    value : array
    shape : tuple of int
    varies : bool
        Whether it may be any numbers; otherwise few different ones are classes, and 1 in each column stays.
    rng : Generator
    far : collection of {"signs", "places"}
        What changes where the numbers may be any: half of the signs, and which of them is the largest.

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
    if shares and not varies:
        return np.asarray(fresh / fresh.sum(axis=0))
    fresh = np.roll(fresh, 1) if "places" in far else fresh
    return np.where(rng.random(shape) < 0.5, -fresh, fresh) if "signs" in far else fresh


def magnitude(point: Point, term: Term) -> Array:
    """How large the parts are that a formula adds up: what its rounding is relative to.

    Examples
    --------
    >>> from autograd_core.derivations.algebra.terms import Algebra
    >>> algebra = Algebra()
    >>> x, y = algebra.symbol("x", ()), algebra.symbol("y", ())
    >>> float(magnitude(Point({x: 2.0, y: 3.0}), algebra.add(x, algebra.negative(y))))
    5.0
    """
    sizes: dict[Term, Array] = {}
    for part in walk(term, through=lambda part: part.head in _ADDING):
        if part.head in _ADDING:
            sizes[part] = np.asarray(computed(part, [sizes[arg] for arg in part.args]))
        else:
            sizes[part] = np.asarray(np.abs(np.asarray(point.value(part), float)))
    return sizes[term]


_ADDING = ("add", "multiply", "matmul", "broadcast_to", "transpose", "sum")
