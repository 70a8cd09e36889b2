"""Formulas as trees: what they are made of, in which order to read them, and what they come to."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.identifiers import printable
from autograd_core.node import Array
from autograd_core.primitive import PRIMITIVES

__all__ = ["Shape", "Term", "computed", "value", "walk"]

Shape = tuple[int, ...]

_UNREAD = frozenset(["add", "broadcast_to", "matmul", "multiply", "power", "reshape", "transpose", "xdivy"])


class Term:
    """A formula; made by an `Algebra`, which makes equal ones only once.

    Attributes
    ----------
    head : str
        ``"symbol"``, ``"number"``, ``"identity"`` for the matrix I, or the name of an operation.
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
            return printable(self.params["name"])
        if self.head == "number":
            return f"{self.params['value']:g}"
        params = "".join(f", {key}={value}" for key, value in self.params.items())
        return f"{self.head}({', '.join(map(repr, self.args))}{params})"


def walk(*terms: Term) -> list[Term]:
    """List the parts of terms, each once, operands before what they are part of."""
    order: list[Term] = []
    seen: set[int] = set()
    waiting = [*reversed(terms)]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        before = [arg for arg in reversed(part.args) if id(arg) not in seen]
        if before:
            waiting += [part, *before]
        else:
            seen.add(id(part))
            order.append(part)
    return order


def value(term: Term, given: Mapping[Term, Any]) -> Array:
    """Compute a term from the values of its symbols.

    Examples
    --------
    >>> from autograd_core.derivations.terms import Algebra
    >>> algebra = Algebra()
    >>> x = algebra.symbol("x", (2,))
    >>> value(algebra.multiply(algebra.number(2.0), x), {x: np.array([1.0, 2.0])})
    array([2., 4.])
    """
    known: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for part in walk(term):
            args = [known[id(arg)] for arg in part.args]
            known[id(part)] = given[part] if part in given else computed(part, args)
    return np.asarray(known[id(term)])


def computed(part: Term, args: Sequence[Any]) -> Any:
    """Compute a term that is no symbol from the values of its parts."""
    match part.head:
        case "number":
            return np.float64(part.params["value"])
        case "identity" if not part.args:
            return np.eye(part.shape[0])
        case "power" if "exponent" in part.params:
            return np.power(_counted(args[0]), part.params["exponent"])
        case "add" | "multiply" | "matmul":
            return functools.reduce(PRIMITIVES[part.head].forward, map(_counted, args))
    return PRIMITIVES[part.head].forward(*args, **part.params)


def _counted(x: Any) -> Any:
    """Truths as 0 and 1, whole numbers as floating ones, so that arithmetic works as for any other."""
    return x if np.asarray(x).dtype.kind == "f" else np.asarray(x, float)
