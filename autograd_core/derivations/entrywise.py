"""Sums, products, powers and broadcasting in normal form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.derivations.term import Shape, Term
from autograd_core.notation import source

__all__ = ["Entrywise", "base_and_exponent", "broadcast_shape", "scalar_factors"]


_EXACT = 4 * np.finfo(float).eps  # how far apart two results of the same arithmetic may be, relatively


class Entrywise:
    """Makes terms of what works entry by entry, each in normal form."""

    def __init__(self) -> None:
        self._made: dict[Any, Term] = {}
        self.counts: dict[int, Term] = {}  # what to write for a number of equal addends

    def make(
        self, head: str, args: Iterable[Term], params: dict[str, Any], shape: Shape, key: Any = None
    ) -> Term:
        """Make a term as it is, once."""
        args = tuple(args)
        places = tuple(map(id, args))
        if head in ("add", "multiply"):
            places = tuple(sorted(places))
        key = (head, places, tuple((name, source(value)) for name, value in params.items()), shape, key)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Term(head, args, params, shape)
        return found

    def symbol(self, name: str, shape: Shape, key: Any = None) -> Term:
        """Make a named array or number; `key` tells symbols of one name apart."""
        return self.make("symbol", (), {"name": name}, shape, key)

    def number(self, value: float) -> Term:
        """Make a number; 0.5 of what rounding has made 0.5000000000000001."""
        value, short = float(value), float(f"{value:.12g}")
        value = short if abs(value - short) <= _EXACT * abs(short) else value
        return self.make("number", (), {"value": value}, ())

    def identity(self, n: int) -> Term:
        """Make the matrix I."""
        return self.make("identity", (), {}, (n, n))

    def ones(self, shape: Shape) -> Term:
        """Make an array of ones."""
        return self.broadcast(self.number(1.0), shape)

    def add(self, *terms: Term) -> Term:
        """Add; like terms are gathered."""
        shape = broadcast_shape(terms)
        counts: dict[int, list[Any]] = {}
        constant = 0.0
        for term in terms:
            for part in term.args if term.head == "add" else (term,):
                factor, rest = self._factor(part)
                if rest is None:
                    constant += factor
                else:
                    counts.setdefault(id(rest), [0.0, rest])[0] += factor
        parts = [self.multiply(self.number(factor), rest) for factor, rest in counts.values() if factor]
        if constant or not parts:
            parts.append(self.number(constant))
        return self._joined("add", parts, shape)

    def _joined(self, head: str, parts: list[Term], shape: Shape) -> Term:
        """Make a sum or a product of two or more; what cancelled may have brought the shape with it."""
        bare = _without_broadcasts(parts, shape)
        if bare != parts:
            return self.broadcast(self.add(*bare) if head == "add" else self.multiply(*bare), shape)
        own = broadcast_shape(parts)
        return self.broadcast(self.make(head, parts, {}, own) if len(parts) > 1 else parts[0], shape)

    def _factor(self, term: Term) -> tuple[float, Term | None]:
        """Split a term into a number and the rest."""
        if term.head == "broadcast_to" and term.args[0].head == "number":
            return term.args[0].params["value"], self.ones(term.shape)
        if term.head == "number":
            return term.params["value"], None
        if term.head == "multiply" and term.args[0].head == "number":
            return term.args[0].params["value"], self.multiply(*term.args[1:])
        return 1.0, term

    def multiply(self, *factors: Term) -> Term:
        """Multiply entry by entry; powers of the same base are gathered, numbers stand in front."""
        shape = broadcast_shape(factors)
        number, powers = 1.0, dict[int, list[Any]]()
        for factor in _flattened(factors):
            if factor.head == "number":
                number *= factor.params["value"]
                continue
            base, exponent = base_and_exponent(factor)
            powers.setdefault(id(base), [base, 0])[1] += exponent
        parts = [self.power(base, exponent) for base, exponent in powers.values() if exponent]
        if not number:
            return self.broadcast(self.number(0.0), shape)
        if number != 1.0 or not parts:
            parts.insert(0, self.number(number))
        return self._joined("multiply", parts, shape)

    def negative(self, x: Term) -> Term:
        """Change the sign."""
        return self.multiply(self.number(-1.0), x)

    def power(self, base: Term, exponent: float) -> Term:
        """Raise to a constant power."""
        if exponent == 1:
            return base
        if exponent == 0:
            return self.ones(base.shape)
        if base.head == "number" and _is_defined(base.params["value"], exponent):
            return self.number(base.params["value"] ** exponent)
        if base.head == "broadcast_to":
            return self.broadcast(self.power(base.args[0], exponent), base.shape)
        if "exponent" in base.params and exponent == int(exponent):
            return self.power(base.args[0], base.params["exponent"] * exponent)
        if base.head == "multiply" and exponent == int(exponent):
            return self.multiply(*(self.power(x, exponent) for x in base.args))
        exponent = int(exponent) if exponent == int(exponent) else exponent
        return self.make("power", (base,), {"exponent": exponent}, base.shape)

    def broadcast(self, x: Term, shape: Shape) -> Term:
        """Repeat up to a shape, unless it is that already."""
        if x.shape == shape:
            return x
        if x.head == "broadcast_to" and x.args[0].shape == ():
            x = x.args[0]
        return self.make("broadcast_to", (x,), {"shape": shape}, shape)

    def sum(self, x: Term, axis: tuple[int, ...], keepdims: bool) -> Term:
        """Sum over axes; scalars are pulled out, and what does not change along an axis is counted."""
        axis = tuple(a for a in axis if not (keepdims and x.shape[a] == 1))
        if not axis:
            return x
        if keepdims and len(x.shape) == 1:
            return self.broadcast(self.sum(x, axis, False), (1,))
        outer, inner = self._outside(x, axis, keepdims)
        if outer:
            return self.multiply(*outer, self.sum(inner, axis, keepdims))
        shape = _reduced(x.shape, axis, keepdims)
        if x.head == "add":
            return self.add(*(self.sum(self.broadcast(part, x.shape), axis, keepdims) for part in x.args))
        if x.head == "softmax" and _axes(x) == axis:  # shares of a total
            return self.ones(shape)
        if x.head == "broadcast_to" and (count := self._count(x, axis, keepdims)):
            return count
        return self.make("sum", (x,), {"axis": axis, "keepdims": keepdims}, shape)

    def _outside(self, x: Term, axis: tuple[int, ...], keepdims: bool) -> tuple[list[Term], Term]:
        """Split a product into the factors that do not vary along the axes of a sum, and the rest."""
        if x.head != "multiply":
            return [], x
        ndim = len(x.shape)

        def constant(arg: Term) -> bool:
            return not arg.shape or (keepdims and all(_padded(arg.shape, ndim)[a] == 1 for a in axis))

        outer = [arg for arg in x.args if constant(arg)]
        inner = [arg for arg in x.args if not constant(arg)]
        return outer, self.broadcast(self.multiply(*inner) if inner else self.number(1.0), x.shape)

    def _count(self, x: Term, axis: tuple[int, ...], keepdims: bool) -> Term | None:
        """The sum of what was repeated along all of the axes: so many times the one."""
        alone = _padded(x.args[0].shape, len(x.shape))
        if (not keepdims and x.args[0].shape) or any(alone[a] != 1 for a in axis):
            return None
        times = [self.counts.get(x.shape[a], self.number(x.shape[a])) for a in axis]
        return self.multiply(*times, self.broadcast(x.args[0], _reduced(x.shape, axis, keepdims)))


def base_and_exponent(factor: Term) -> tuple[Term, float]:
    """Split a factor into what is raised to a power and the power; x is x¹."""
    return (factor.args[0], factor.params["exponent"]) if "exponent" in factor.params else (factor, 1)


def broadcast_shape(terms: Iterable[Term]) -> Shape:
    """The shape that terms have together."""
    shapes = {term.shape for term in terms}
    return shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)


def scalar_factors(algebra: Entrywise, term: Term) -> tuple[list[Term], Term]:
    """Split a product into its factors without axes and the rest."""
    if term.head == "broadcast_to" and not term.args[0].shape and term.args[0] is not algebra.number(1.0):
        return [term.args[0]], algebra.ones(term.shape)
    if term.head != "multiply" or not term.shape:
        return [], term
    outer = [arg for arg in term.args if not arg.shape]
    inner = [arg for arg in term.args if arg.shape]
    if not outer or not inner:
        return [], term
    return outer, algebra.broadcast(algebra.multiply(*inner), term.shape)


def _flattened(factors: Iterable[Term]) -> list[Term]:
    """The factors of products; what was made of one number counts as the number."""
    flat: list[Term] = []
    for factor in factors:
        bare = factor.args[0] if factor.head == "broadcast_to" and not factor.args[0].shape else factor
        flat += bare.args if bare.head == "multiply" else [bare]
    return flat


def _without_broadcasts(parts: list[Term], shape: Shape) -> list[Term]:
    """Leave broadcasting to the others, where they bring the shape with them."""
    for i, part in enumerate(parts):
        if part.head == "broadcast_to":
            inner = part.args[0]
            if broadcast_shape([*parts[:i], inner, *parts[i + 1 :]]) == shape:
                parts = [*parts[:i], inner, *parts[i + 1 :]]
    return parts


def _is_defined(base: float, exponent: float) -> bool:
    return base > 0 or (base != 0 and exponent == int(exponent))


def _reduced(shape: Shape, axis: tuple[int, ...], keepdims: bool) -> Shape:
    return tuple(1 if a in axis else n for a, n in enumerate(shape) if keepdims or a not in axis)


def _axes(part: Term) -> tuple[int, ...]:
    axis: tuple[int, ...] | None = part.params["axis"]
    return tuple(range(len(part.shape))) if axis is None else axis


def _padded(shape: Shape, ndim: int) -> Shape:
    return (1,) * (ndim - len(shape)) + shape
