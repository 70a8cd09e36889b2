"""Formulas as trees in a normal form, in which equal formulas are the same object.

A term is a symbol, a number, or an operation of the registry on other terms. Sums and products take any
number of terms; a difference is a sum with a factor −1, a quotient a product with a power −1, and transposes
stand at the leaves. Broadcasting is implicit, as in NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd_core.node import Array
from autograd_core.notation import source
from autograd_core.primitive import PRIMITIVES

__all__ = ["Algebra", "Term", "value", "walk"]

Shape = tuple[int, ...]

_UNREAD = ("add", "multiply", "power", "matmul", "transpose", "broadcast_to")


class Term:
    """A formula; made by an `Algebra`, which makes equal ones only once.

    Attributes
    ----------
    head : str
        ``"symbol"``, ``"number"`` or the name of an operation.
    args : tuple of Term
    params : dict
        Of an operation; ``"name"`` of a symbol, ``"value"`` of a number, ``"exponent"`` of a power.
    shape : tuple of int
    size : int
        Number of symbols, numbers and functions in it: what a reader has to read.
    """

    __slots__ = ("args", "head", "params", "shape", "size")

    def __init__(self, head: str, args: tuple[Term, ...], params: dict[str, Any], shape: Shape) -> None:
        self.head, self.args, self.params, self.shape = head, args, params, shape
        own = head not in _UNREAD and not (head == "number" and abs(params["value"]) == 1)
        self.size: int = own + sum(arg.size for arg in args)

    def __repr__(self) -> str:
        if self.head == "symbol":
            return str(self.params["name"])
        if self.head == "number":
            return f"{self.params['value']:g}"
        params = "".join(f", {key}={value}" for key, value in self.params.items())
        return f"{self.head}({', '.join(map(repr, self.args))}{params})"


class Algebra:
    """Makes terms, each in normal form.

    Examples
    --------
    >>> algebra = Algebra()
    >>> A, B = algebra.symbol("A", (2, 3)), algebra.symbol("B", (2, 3))
    >>> algebra.add(A, B) is algebra.add(B, A)
    True
    >>> algebra.multiply(A, B, algebra.power(A, -1)) is B
    True
    >>> algebra.transpose(algebra.matmul(A, algebra.transpose(B)))
    matmul(B, transpose(A, axes=None))
    """

    def __init__(self) -> None:
        self._made: dict[Any, Term] = {}

    def _make(
        self, head: str, args: Iterable[Term], params: dict[str, Any], shape: Shape, key: Any = None
    ) -> Term:
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
        return self._make("symbol", (), {"name": name}, shape, key)

    def number(self, value: float) -> Term:
        """Make a number."""
        return self._make("number", (), {"value": float(value)}, ())

    def add(self, *terms: Term) -> Term:
        """Add; like terms are gathered."""
        shape = _broadcast(terms)
        counts: dict[int, list[Any]] = {}
        constant = 0.0
        for term in terms:
            for part in term.args if term.head == "add" else (term,):
                factor, rest = _factor(self, part)
                if rest is None:
                    constant += factor
                else:
                    counts.setdefault(id(rest), [0.0, rest])[0] += factor
        parts = [self.multiply(self.number(factor), rest) for factor, rest in counts.values() if factor]
        if constant or not parts:
            parts.append(self.number(constant))
        if len(parts) == 1:
            return self.broadcast(parts[0], shape)
        bare = _without_broadcasts(parts, shape)
        return self._make("add", parts, {}, shape) if bare == parts else self.add(*bare)

    def multiply(self, *factors: Term) -> Term:
        """Multiply entry by entry; powers of the same base are gathered, numbers stand in front."""
        shape = _broadcast(factors)
        number, powers = 1.0, dict[int, list[Any]]()
        for factor in _flattened(factors):
            if factor.head == "number":
                number *= factor.params["value"]
                continue
            base, exponent = (
                (factor.args[0], factor.params["exponent"]) if factor.head == "power" else (factor, 1)
            )
            powers.setdefault(id(base), [base, 0])[1] += exponent
        parts = [self.power(base, exponent) for base, exponent in powers.values() if exponent]
        if not number:
            return self.broadcast(self.number(0.0), shape)
        if number != 1.0 or not parts:
            parts.insert(0, self.number(number))
        if len(parts) == 1:
            return self.broadcast(parts[0], shape)
        bare = _without_broadcasts(parts, shape)
        return self._make("multiply", bare, {}, shape) if bare == parts else self.multiply(*bare)

    def negative(self, x: Term) -> Term:
        """Change the sign."""
        return self.multiply(self.number(-1.0), x)

    def power(self, base: Term, exponent: float) -> Term:
        """Raise to a constant power."""
        if exponent == 1:
            return base
        if exponent == 0:
            return self.broadcast(self.number(1.0), base.shape)
        if (
            base.head == "number"
            and (base.params["value"] > 0 or exponent == int(exponent))
            and base.params["value"]
        ):
            return self.number(base.params["value"] ** exponent)
        if base.head == "power" and exponent == int(exponent):
            return self.power(base.args[0], base.params["exponent"] * exponent)
        if base.head == "multiply" and exponent == int(exponent):
            return self.multiply(*(self.power(x, exponent) for x in base.args))
        return self._make("power", (base,), {"exponent": exponent}, base.shape)

    def matmul(self, *factors: Term) -> Term:
        """Multiply matrices; scalars are pulled out in front."""
        scalars: list[Term] = []
        chain: list[Term] = []
        for factor in factors:
            outer, inner = _scalars(self, factor)
            scalars += outer
            chain += (
                inner.args
                if inner.head == "matmul" and _matrices(inner.args) and _matrices(factors)
                else [inner]
            )
        product = chain[0] if len(chain) == 1 else self._make("matmul", chain, {}, _matmul_shape(chain))
        return self.multiply(*scalars, product) if scalars else product

    def transpose(self, x: Term) -> Term:
        """Exchange the last two axes; goes through to the leaves."""
        if x.head == "transpose" and x.params == {"axes": None}:
            return x.args[0]
        if x.head == "matmul" and _matrices(x.args):
            return self.matmul(*(self.transpose(arg) for arg in reversed(x.args)))
        if x.head in ("add", "multiply", "power") and all(len(arg.shape) in (0, 2) for arg in x.args):
            args = [self.transpose(arg) if arg.shape else arg for arg in x.args]
            if x.head == "power":
                return self.power(args[0], x.params["exponent"])
            return self.add(*args) if x.head == "add" else self.multiply(*args)
        return self._make("transpose", (x,), {"axes": None}, x.shape[::-1])

    def sum(self, x: Term, axis: tuple[int, ...], keepdims: bool) -> Term:
        """Sum over axes; scalars are pulled out, and what does not change along an axis is counted."""
        axis = tuple(a for a in axis if not (keepdims and x.shape[a] == 1))
        if not axis:
            return x
        outer, inner = self._outside(x, axis, keepdims)
        if inner.head == "add":
            parts = [self.sum(self.broadcast(part, inner.shape), axis, keepdims) for part in inner.args]
            total = self.add(*parts)
        elif inner.head in ("number", "broadcast_to") and (count := self._counted(inner, axis, keepdims)):
            total = count
        else:
            shape = tuple(
                1 if a in axis else n for a, n in enumerate(inner.shape) if keepdims or a not in axis
            )
            total = self._make("sum", (inner,), {"axis": axis, "keepdims": keepdims}, shape)
        return self.multiply(*outer, total) if outer else total

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

    def _counted(self, x: Term, axis: tuple[int, ...], keepdims: bool) -> Term | None:
        """The sum of what was repeated along all of the axes: so many times the one."""
        if x.head != "broadcast_to":
            return None
        alone = _padded(x.args[0].shape, len(x.shape))
        if (not keepdims and x.args[0].shape) or any(alone[a] != 1 for a in axis):
            return None
        times = self.number(math.prod(x.shape[a] for a in axis))
        kept = tuple(1 if a in axis else n for a, n in enumerate(x.shape) if keepdims or a not in axis)
        return self.multiply(times, self.broadcast(x.args[0], kept))

    def broadcast(self, x: Term, shape: Shape) -> Term:
        """Repeat up to a shape, unless it is that already."""
        if x.shape == shape:
            return x
        if x.head == "broadcast_to":
            x = x.args[0]
        return self._make("broadcast_to", (x,), {"shape": shape}, shape)

    def apply(self, name: str, args: Iterable[Term], params: Mapping[str, Any], shape: Shape) -> Term:
        """Apply an operation of the registry, in normal form."""
        args = [*args]
        match name:
            case "add":
                return self.add(*args)
            case "subtract":
                return self.add(args[0], self.negative(args[1]))
            case "negative":
                return self.negative(args[0])
            case "positive" | "astype":
                return args[0]
            case "multiply":
                return self.multiply(*args)
            case "divide":
                return self.multiply(args[0], self.power(args[1], -1))
            case "reciprocal":
                return self.power(args[0], -1)
            case "exp" if args[0].head == "log_softmax":
                return self._make("softmax", args[0].args, args[0].params, shape)
            case "square":
                return self.power(args[0], 2)
            case "power" if args[1].head == "number":
                return self.power(args[0], _whole(args[1].params["value"]))
            case "matmul":
                return self.matmul(*args)
            case "transpose" if len(shape) == 2:
                return self.transpose(args[0])
            case "broadcast_to":
                return self.broadcast(args[0], shape)
            case "sum":
                axis = params["axis"]
                axis = tuple(range(len(args[0].shape))) if axis is None else axis
                return self.sum(args[0], axis, params.get("keepdims", False))
            case "sum_to":
                return self._sum_to(args[0], shape)
        return self._make(name, args, dict(params), shape)

    def _sum_to(self, x: Term, shape: Shape) -> Term:
        extra = len(x.shape) - len(shape)
        if extra == 0:
            return self.sum(x, tuple(a for a, n in enumerate(shape) if n == 1 and x.shape[a] != 1), True)
        if not any(n == 1 and x.shape[a + extra] != 1 for a, n in enumerate(shape)):
            return self.sum(x, tuple(range(extra)), False)
        return self._make("sum_to", (x,), {"shape": shape}, shape)

    def rebuilt(self, term: Term, given: Mapping[Term, Term]) -> Term:
        """Put terms in the place of others, and bring the whole to normal form again."""
        new: dict[int, Term] = {id(old): put for old, put in given.items()}
        for part in walk(term):
            if id(part) not in new:
                new[id(part)] = self.again(part, [new[id(arg)] for arg in part.args]) if part.args else part
        return new[id(term)]

    def again(self, part: Term, args: list[Term]) -> Term:
        """Make a term like another, of other parts."""
        match part.head:
            case "power":
                return self.power(args[0], part.params["exponent"])
            case "transpose" if part.params == {"axes": None}:
                return self.transpose(args[0])
            case _:
                return self.apply(part.head, args, part.params, part.shape)


def value(term: Term, given: Mapping[Term, Any]) -> Array:
    """Compute a term from the values of its symbols."""
    known: dict[int, Any] = {id(symbol): array for symbol, array in given.items()}
    for part in walk(term):
        if id(part) in known:
            continue
        args = [known[id(arg)] for arg in part.args]
        if part.head == "number":
            known[id(part)] = part.params["value"]
        elif part.head == "power":
            known[id(part)] = np.power(args[0], part.params["exponent"])
        else:
            forward = PRIMITIVES[part.head].forward
            result = args[0]
            if part.head in ("add", "multiply", "matmul"):
                for arg in args[1:]:
                    result = forward(result, arg)
            else:
                result = forward(*args, **part.params)
            known[id(part)] = result
    return np.asarray(known[id(term)])


def walk(term: Term) -> list[Term]:
    """List the parts of a term, each once, operands before what they are part of."""
    order: list[Term] = []
    seen: set[int] = set()
    waiting = [(term, False)]
    while waiting:
        part, ready = waiting.pop()
        if ready:
            order.append(part)
        elif id(part) not in seen:
            seen.add(id(part))
            waiting.append((part, True))
            waiting += [(arg, False) for arg in reversed(part.args)]
    return order


def _flattened(factors: Iterable[Term]) -> list[Term]:
    flat: list[Term] = []
    for factor in factors:
        flat += _flattened(factor.args) if factor.head == "multiply" else [factor]
    return flat


def _factor(algebra: Algebra, term: Term) -> tuple[float, Term | None]:
    """Split a term into a number and the rest."""
    if term.head == "number":
        return term.params["value"], None
    if term.head == "multiply" and term.args[0].head == "number":
        return term.args[0].params["value"], algebra.multiply(*term.args[1:])
    return 1.0, term


def _scalars(algebra: Algebra, term: Term) -> tuple[list[Term], Term]:
    """Split a product into its factors without axes and the rest."""
    if term.head != "multiply" or not term.shape:
        return [], term
    outer = [arg for arg in term.args if not arg.shape]
    inner = [arg for arg in term.args if arg.shape]
    if not outer or not inner:
        return [], term
    return outer, algebra.broadcast(algebra.multiply(*inner), term.shape)


def _without_broadcasts(parts: list[Term], shape: Shape) -> list[Term]:
    """Leave broadcasting to the others, where they bring the shape with them."""
    for i, part in enumerate(parts):
        if part.head == "broadcast_to":
            inner = part.args[0]
            if _broadcast([*parts[:i], inner, *parts[i + 1 :]]) == shape:
                parts = [*parts[:i], inner, *parts[i + 1 :]]
    return parts


def _broadcast(terms: Iterable[Term]) -> Shape:
    return np.broadcast_shapes(*(term.shape for term in terms))


def _padded(shape: Shape, ndim: int) -> Shape:
    return (1,) * (ndim - len(shape)) + shape


def _matrices(terms: Iterable[Term]) -> bool:
    return all(len(term.shape) == 2 for term in terms)


def _matmul_shape(chain: list[Term]) -> Shape:
    result = np.empty(chain[0].shape, np.void)
    shape = result.shape
    for term in chain[1:]:
        left = shape if len(shape) > 1 else (1, *shape)
        right = term.shape if len(term.shape) > 1 else (*term.shape, 1)
        batch = np.broadcast_shapes(left[:-2], right[:-2])
        rows = left[-2:-1] if len(shape) > 1 else ()
        columns = right[-1:] if len(term.shape) > 1 else ()
        shape = (*batch, *rows, *columns)
    return shape


def _whole(x: float) -> float:
    return int(x) if x == int(x) else x
