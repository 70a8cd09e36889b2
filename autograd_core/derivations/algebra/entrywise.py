"""Sums, products, powers and broadcasting in normal form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd_core.derivations.algebra.term import Shape, Term, remembered
from autograd_core.graph.primitive import PRIMITIVES, Primitive
from autograd_core.wording.notation import source

__all__ = [
    "MOST",
    "Entrywise",
    "base_and_exponent",
    "broadcast_shape",
    "scalar_factors",
    "without_broadcasts",
]


_EXACT = 4 * np.finfo(float).eps  # how far apart two results of the same arithmetic may be, relatively
MOST = 40  # parts of a sum, product or chain that is taken apart to be joined with others
_OURS = __name__.partition(".")[0]
_NO_OPERATION = ("symbol", "number", "identity", "over")


class Entrywise:
    """Makes terms of what works entry by entry, each in normal form.

    Attributes
    ----------
    done : dict of function to dict
        What the functions that remember have done, each by its arguments.
    counts : mapping of int to Term
        What to write for a number of equal addends.
    partial, positive : set of Term
        Symbols of what need not come to a number, as a logarithm does not; and of what is greater than 0.
    """

    def __init__(self) -> None:
        self._made: dict[Any, Term] = {}
        self._numbers: dict[float, Term] = {}
        self._foreign: dict[str, Primitive] = {}
        self._heads: dict[int, str] = {}
        self.done: defaultdict[Callable[..., Any], dict[Any, Any]] = defaultdict(dict)
        self.counts: Mapping[int, Term] = {}
        self.partial: set[Term] = set()
        self.positive: set[Term] = set()

    def count(self, counts: Mapping[int, Term]) -> None:
        """Write symbols for numbers of equal addends from now on."""
        self.counts = counts
        self.done.clear()

    def head(self, operation: Primitive) -> str:
        """What terms of an operation have for a head.

        The name says which it is only where the operation is the very object that the engine has declared
        under it; of any other, nothing is known but what it declares itself, whatever it is called.
        """
        name = operation.name
        if PRIMITIVES.get(name) is operation and operation.home[0].partition(".")[0] == _OURS:
            return name
        if id(operation) not in self._heads:
            head = self._heads[id(operation)] = f"{name}@{len(self._heads) + 1}"
            self._foreign[head] = operation
        return self._heads[id(operation)]

    def make(
        self, head: str, args: Iterable[Term], params: Mapping[str, Any], shape: Shape, key: Any = None
    ) -> Term:
        """Make a term as it is, once."""
        args = tuple(args)
        places = tuple(sorted(map(id, args))) if head in ("add", "multiply") else args
        key = (head, places, _hashable(params) if params else None, shape, key)
        found = self._made.get(key)
        if found is None:
            operation = None if head in _NO_OPERATION else self._foreign.get(head) or PRIMITIVES[head]
            found = self._made[key] = Term(head, args, dict(params), shape, operation)
        return found

    def symbol(self, name: str, shape: Shape, key: Any = None) -> Term:
        """Make a named array or number; `key` tells symbols of one name apart."""
        return self.make("symbol", (), {"name": name}, shape, key)

    def number(self, value: float) -> Term:
        """Make a number; 0.5 of what rounding has made 0.5000000000000001."""
        found = self._numbers.get(value)
        if found is None:
            exact, short = float(value), float(f"{value:.12g}")
            exact = short if abs(exact - short) <= _EXACT * abs(short) else exact
            found = self._numbers[value] = self.make("number", (), {"value": exact}, ())
        return found

    def identity(self, n: int) -> Term:
        """Make the matrix I."""
        return self.make("identity", (), {}, (n, n))

    def ones(self, shape: Shape) -> Term:
        """Make an array of ones."""
        return self.broadcast(self.number(1.0), shape)

    @remembered
    def add(self, *terms: Term) -> Term:
        """Add; like terms are gathered."""
        shape = broadcast_shape(terms)
        counts: dict[Term, float] = {}
        constant = 0.0
        for term in terms:
            for part in term.args if term.head == "add" and len(term.args) <= MOST else (term,):
                factor, rest = self._factor(part)
                if rest is None:
                    constant += factor
                else:
                    counts[rest] = counts.get(rest, 0.0) + factor
        parts = [self.multiply(self.number(factor), rest) for rest, factor in counts.items() if factor]
        if constant or not parts:
            parts.append(self.number(constant))
        return self._joined("add", parts, shape)

    def _joined(self, head: str, parts: list[Term], shape: Shape) -> Term:
        """Make a sum or a product of two or more; what cancelled may have brought the shape with it."""
        bare = without_broadcasts(parts, shape)
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

    @remembered
    def multiply(self, *factors: Term) -> Term:
        """Multiply entry by entry; powers of the same base are gathered, numbers stand in front."""
        shape = broadcast_shape(factors)
        number, powers = 1.0, dict[Term, float]()
        for factor in _flattened(factors):
            if factor.head == "number":
                number *= factor.params["value"]
                continue
            base, exponent = base_and_exponent(factor)
            powers[base] = powers.get(base, 0) + exponent
        if cancelled := self._cancelled(number, powers):
            return self.broadcast(self.multiply(*cancelled), shape)
        parts = [self.power(base, exponent) for base, exponent in powers.items() if exponent]
        if not number:
            return self.broadcast(self.number(0.0), shape)
        if number != 1.0 or not parts:
            parts.insert(0, self.number(number))
        return self._joined("multiply", parts, shape)

    def _cancelled(self, number: float, powers: Mapping[Term, float]) -> list[Term] | None:
        """The factors with a plain quotient for one that is 0 where what is divided is: y · (x / y) = x.

        So for (x / y) / y = x / y², which is no number at y = 0 anyway.
        """
        for quotient, times in powers.items():
            if quotient.head != "xdivy" or times != 1:
                continue
            x, y = quotient.args
            below = dict(map(base_and_exponent, _flattened([y])))
            pairs = [(e, powers.get(base, 0)) for base, e in below.items() if base.head != "number"]
            if all(found >= e > 0 for e, found in pairs) or all(found * e < 0 for e, found in pairs):
                rest = [x if base is quotient else self.power(base, e) for base, e in powers.items() if e]
                return [self.number(number), *rest, self.power(y, -1)]
        return None

    def negative(self, x: Term) -> Term:
        """Change the sign."""
        return self.multiply(self.number(-1.0), x)

    @remembered
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
        if base.head == "multiply" and len(base.args) <= MOST and exponent == int(exponent):
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


def base_and_exponent(factor: Term) -> tuple[Term, float]:
    """Split a factor into what is raised to a power and the power; x is x¹."""
    return (factor.args[0], factor.params["exponent"]) if "exponent" in factor.params else (factor, 1)


def broadcast_shape(terms: Iterable[Term]) -> Shape:
    """The shape that terms have together."""
    shapes = {term.shape for term in terms}
    shapes.discard(())
    return np.broadcast_shapes(*shapes) if len(shapes) > 1 else shapes.pop() if shapes else ()


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
        flat += bare.args if bare.head == "multiply" and len(bare.args) <= MOST else [bare]
    return flat


def without_broadcasts(parts: list[Term], shape: Shape) -> list[Term]:
    """Leave broadcasting to the others, where they bring the shape with them."""
    for i, part in enumerate(parts):
        if part.head == "broadcast_to":
            inner = part.args[0]
            if broadcast_shape([*parts[:i], inner, *parts[i + 1 :]]) == shape:
                parts = [*parts[:i], inner, *parts[i + 1 :]]
    return parts


def _is_defined(base: float, exponent: float) -> bool:
    return base > 0 or (base != 0 and exponent == int(exponent))


def _hashable(value: Any) -> Any:
    """What tells parameters apart: their types too, for True is 1, and the numbers in an array."""
    if isinstance(value, Mapping):
        return tuple([(name, _hashable(inner)) for name, inner in value.items()])
    if isinstance(value, tuple):
        return tuple(map(_hashable, value))
    if isinstance(value, slice):
        return slice, value.start, value.stop, value.step
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    return type(value), value if isinstance(value, Hashable) else source(value)
