"""Formulas as graphs: what they are made of, in which order to go through them, and what they come to.

A formula is a `Term`. Its parts are terms, and a part that occurs many times is one object, so that a
formula is no larger than the computation that it stands for, however long it would be if it were written out.
All that is done with formulas goes through those objects, each of them once: `walk` lists them, `deep` makes
a function of one term remember what it did and go to any depth without recursion.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Container, Generator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

from autograd_core.graph.node import Array
from autograd_core.graph.primitive import Primitive
from autograd_core.system.quiet import quietly
from autograd_core.wording.identifiers import printable

__all__ = ["Shape", "Term", "computed", "deep", "filled", "remembered", "value", "walk"]

Shape = tuple[int, ...]
P = ParamSpec("P")
R = TypeVar("R")

_UNREAD = frozenset(["add", "broadcast_to", "matmul", "multiply", "power", "reshape", "transpose", "xdivy"])
_VAST = 1 << 512  # symbols that nobody counts any more


class Term:
    """A formula; made by an `Algebra`, which makes equal ones only once: two terms are equal if they are one.

    Attributes
    ----------
    head : str
        What the algebra knows it as: ``"symbol"``, ``"number"``, ``"identity"`` for the matrix I, or an
        operation, under its name if it is one of the engine's own.
    args : tuple of Term
        The operands. Behind those of ``"getitem"`` and ``"scatter_add"`` stand positions that were computed.
    params : dict
        Of an operation; ``"name"`` of a symbol, ``"value"`` of a number, ``"exponent"`` of a power.
    shape : tuple of int
    operation : Primitive or None
        How it is computed and written; None for what is no operation.
    size : int
        Number of symbols, numbers and functions in it: what a reader has to read.
    """

    __slots__ = ("args", "head", "operation", "params", "shape", "size")

    def __init__(
        self,
        head: str,
        args: tuple[Term, ...],
        params: dict[str, Any],
        shape: Shape,
        operation: Primitive | None = None,
    ) -> None:
        self.head, self.args, self.params, self.shape = head, args, params, shape
        self.operation = operation
        own = head not in _UNREAD and not (head == "number" and abs(params["value"]) == 1)
        self.size: int = min(own + sum([arg.size for arg in args]), _VAST)

    def __repr__(self) -> str:
        written: dict[Term, str] = {}
        for part in walk(self):
            params = "".join(f", {key}={value}" for key, value in part.params.items())
            match part.head:
                case "symbol":
                    text = printable(part.params["name"])
                case "number":
                    text = f"{part.params['value']:g}"
                case head:
                    text = f"{head}({', '.join(written[arg] for arg in part.args)}{params})"
            written[part] = text if len(text) < _SHOWN else f"{part.head}(…)"
        return written[self]


_SHOWN = 2000  # characters of a part; of shared parts there may be very many


def walk(
    *terms: Term,
    known: Container[Term] = (),
    through: Callable[[Term], bool] | None = None,
    most: int = sys.maxsize,
) -> list[Term]:
    """List the parts of terms, each once, operands before what they are part of.

    Parameters
    ----------
    *terms : Term
    known : container of Term
        Parts that are left out, with all that stands in them alone.
    through : function, optional
        Whether to go on into the operands of a part; into all of them by default.
    most : int
        About how many are listed, or it is given up, and a longer list returned.
    """
    order: list[Term] = []
    seen: set[Term] = set()
    waiting = [*reversed(terms)]
    while waiting:
        if len(order) + len(waiting) > most:
            return [*order, *waiting]
        part = waiting.pop()
        if part in seen or part in known:
            continue
        args = part.args if through is None or through(part) else ()
        before = [arg for arg in reversed(args) if arg not in seen and arg not in known]
        if before:
            waiting += [part, *before]
        else:
            seen.add(part)
            order.append(part)
    return order


def remembered(method: Callable[P, R]) -> Callable[P, R]:
    """Make a method that is called with the same terms again return what it did then.

    What it belongs to has a dict `done` of dicts.
    """
    made: Callable[..., R] = method

    @functools.wraps(method)
    def recalling(self: Any, *args: Any) -> Any:
        done = self.done[method]
        found = done.get(args)
        if found is None:
            found = done[args] = made(self, *args)
        return found

    return cast("Callable[P, R]", recalling)


def deep(rule: Callable[P, Generator[list[Any], Any, R]]) -> Callable[P, R]:
    """Make a method of a generator: it goes to any depth without recursion, and does nothing twice.

    The generator yields lists of tuples, the arguments for which it needs its own results; it is sent these,
    and returns the result. What it belongs to has a dict `done` of dicts.

    Examples
    --------
    >>> from collections import defaultdict
    >>> class Depth:
    ...     done = defaultdict(dict)
    ...     @deep
    ...     def of(self, nested):
    ...         inside = yield [(x,) for x in nested]
    ...         return 1 + max(inside, default=0)
    >>> nested = ()
    >>> for _ in range(2):
    ...     nested = (nested, nested)
    >>> Depth().of(nested)
    3
    """
    begun: Callable[..., Generator[list[Any], Any, R]] = rule

    @functools.wraps(rule)
    def method(self: Any, *args: Any) -> Any:
        done = self.done[rule]
        frames: list[list[Any]] = [] if args in done else [[args, None, None]]
        while frames:
            key, steps, wanted = frame = frames[-1]
            if key in done:  # asked for twice, and found meanwhile
                frames.pop()
                continue
            if steps is None:
                frame[1] = steps = begun(self, *key)
            elif missing := [one for one in wanted if one not in done]:
                frames += [[one, None, None] for one in reversed(missing)]
                continue
            try:
                frame[2] = steps.send(None if wanted is None else [done[one] for one in wanted])
            except StopIteration as end:
                done[key] = end.value
                frames.pop()
        return done[args]

    return cast("Callable[P, R]", method)


def value(term: Term, given: Mapping[Term, Any]) -> Array:
    """Compute a term from the values of its symbols.

    Examples
    --------
    >>> from autograd_core.derivations.algebra.terms import Algebra
    >>> algebra = Algebra()
    >>> x = algebra.symbol("x", (2,))
    >>> value(algebra.multiply(algebra.number(2.0), x), {x: np.array([1.0, 2.0])})
    array([2., 4.])
    """
    return quietly(_value, term, given)


def _value(term: Term, given: Mapping[Term, Any]) -> Array:
    found: dict[Term, Any] = {}
    for part in walk(term):
        found[part] = given[part] if part in given else computed(part, [found[arg] for arg in part.args])
    return np.asarray(found[term])


def computed(part: Term, args: Sequence[Any]) -> Any:
    """Compute a term that is no symbol from the values of its parts."""
    match part.head:
        case "number":
            return np.float64(part.params["value"])
        case "identity":
            return np.eye(part.shape[0])
        case "power" if part.params:
            return np.power(_counted(args[0]), part.params["exponent"])
        case "add" | "multiply" | "matmul":
            assert part.operation is not None
            return functools.reduce(part.operation.forward, map(_counted, args))
        case "getitem" | "scatter_add" if len(args) > 1:
            params = {**part.params, "index": filled(part.params["index"], args[1:], _POSITIONS)}
            args = args[:1]
        case _:
            params = part.params
    if part.operation is None:
        raise ValueError(f"{part!r} has no value of its own")
    return part.operation.forward(*args, **params)


def filled(
    index: Any, positions: Sequence[Any], made: Mapping[str, Callable[[Any], Any]] = MappingProxyType({})
) -> Any:
    """Put positions into an index, in the places of what stands for them.

    That is a string: ``"mask 0"`` for truths and ``"at 1"`` for whole numbers, with the place of the position
    among the operands; `made` says what to make of either.

    >>> filled((slice(None), "at 0"), [np.array([2, 1])])
    (slice(None, None, None), array([2, 1]))
    """
    if isinstance(index, tuple):
        return tuple(filled(part, positions, made) for part in index)
    if not isinstance(index, str):
        return index
    kind, place = index.split()
    return made.get(kind, lambda x: x)(positions[int(place)])


_POSITIONS = {"mask": lambda x: np.asarray(x, bool), "at": lambda x: np.asarray(x, np.intp)}


def _counted(x: Any) -> Any:
    """Truths as 0 and 1, whole numbers as floating ones, so that arithmetic works as for any other."""
    return x if np.asarray(x).dtype.kind == "f" else np.asarray(x, float)
