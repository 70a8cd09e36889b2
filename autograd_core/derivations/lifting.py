"""From the recorded graph to terms: each value and each gradient as an equation cut at the named ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from autograd_core.derivations.terms import Algebra, Term
from autograd_core.errors import GraphError, describe
from autograd_core.node import Array, Node, topological_order
from autograd_core.primitive import PRIMITIVES, Primitive, Rule
from autograd_core.recording import recording
from autograd_core.stated import written_out
from autograd_core.tensor import Tensor

__all__ = ["Lifting", "applied"]

_LEVEL = 0.37  # where a rule is run to see its formula; inside the domain of every function


class Lifting:
    """Turns nodes into terms of one algebra.

    Parameters
    ----------
    algebra : Algebra
    names : mapping of Node to str
        Where to cut: these become symbols when they stand in the equation of another.

    Attributes
    ----------
    values : dict of Term to array
        What the symbols stand for.
    nodes : dict of Term to Node
        The nodes that they stand for.
    numbers : dict of float to Term
        Numbers that are known to be something else: 7 may be the number m of examples.
    """

    def __init__(self, algebra: Algebra, names: Mapping[Node, str]) -> None:
        self.algebra = algebra
        self.values: dict[Term, Any] = {}
        self.nodes: dict[Term, Node] = {}
        self.numbers: dict[float, Term] = {}
        self._names = dict(names)
        self._cut = frozenset(x.order for x in names)
        self._symbols: dict[int, Term] = {}
        self._arrays: dict[int, Term] = {}
        self._leaves = {_place(x.value): x for x in names if x.primitive is None}
        self._places: dict[tuple[Any, ...], Term] = {}
        taken = set(names.values())
        self._free = (name for i in count(1) if (name := f"C{i}") not in taken)

    def symbol(self, node: Node) -> Term:
        """The symbol of a named node."""
        if node.order not in self._symbols:
            self._symbols[node.order] = self.alias(self._names[node], node)
        return self._symbols[node.order]

    def alias(self, name: str, node: Node) -> Term:
        """Another symbol for a node."""
        symbol = self.called(name, node.value, (name, node.order))
        self.nodes[symbol] = node
        return symbol

    def called(self, name: str, value: Any, key: Any = None) -> Term:
        """A symbol for a value."""
        symbol = self.algebra.symbol(name, np.shape(value), key)
        self.values[symbol] = value
        return symbol

    def equation(self, node: Node, literal: bool = False) -> Term:
        """How a node was computed, in terms of named ones and of constants.

        Parameters
        ----------
        node : Node
        literal : bool
            Operation by operation, not in normal form.

        Raises
        ------
        GraphError
            An operation on the way is none of the registry, whatever its name.
        """
        order = [*topological_order(node.operands(), self._cut), node]
        inner = set() if literal else self._inner_sums(order)
        terms: dict[int, Term] = {}
        for x in order:
            if x.order in inner:
                continue
            if x.order in self._cut and (x is not node or x.primitive is None):
                terms[x.order] = self.symbol(x)
            elif x.primitive is None:
                terms[x.order] = self._constant(x.value)
            else:
                inputs = _addends(x, inner) if inner and x.primitive.name == "add" else x.inputs
                args = [terms[y.order] if isinstance(y, Node) else self._constant(y) for y in inputs]
                make = self.algebra.make if literal else self.algebra.apply
                formula = x.primitive.formula and applied(self.algebra, x.primitive.formula, args, x.params)
                terms[x.order] = formula or make(_known(x, x.primitive), args, dict(x.params), x.shape)
        return terms[node.order]

    def _inner_sums(self, order: Sequence[Node]) -> set[int]:
        """Sums that are only added to others: of a thousand steps one sum is made, not one a step."""
        written_out = [x for x in order if x is order[-1] or x.order not in self._cut]
        uses = Counter(y.order for x in written_out for y in x.operands())
        added = (y for x in written_out if _adds(x) for y in x.operands())
        return {y.order for y in added if _adds(y) and uses[y.order] == 1 and y.order not in self._cut}

    def _constant(self, value: Any) -> Term:
        """A number, or an unnamed array."""
        array = np.asarray(value)
        if array.ndim == 0:
            return self.numbers.get(float(array), self.algebra.number(float(array)))
        first = array.flat[0] if array.size else None
        if first is not None and np.all(array == first):
            return self.algebra.broadcast(self.algebra.number(float(first)), array.shape)
        if array.ndim == 2 and array.shape[0] == array.shape[1] and np.array_equal(array, np.eye(len(array))):
            return self.algebra.identity(len(array))
        if array.ndim == 2 and (turned := self._standing(_place(array.T))):
            return self.algebra.transpose(turned)
        if id(value) not in self._arrays:
            name = next(self._free)
            self._arrays[id(value)] = self._places[_place(array)] = self.called(name, value, id(value))
        return self._arrays[id(value)]

    def _standing(self, place: tuple[Any, ...]) -> Term | None:
        """The symbol of what lies just there in memory."""
        return self.symbol(self._leaves[place]) if place in self._leaves else self._places.get(place)


def _known(x: Node, operation: Primitive) -> str:
    """The name of an operation, which a term may only have if the registry means the same by it."""
    if PRIMITIVES.get(operation.name) is operation and operation.name not in _HEADS:
        return operation.name
    raise GraphError(
        f"derive: {describe(x)} came out of {operation.name}, whose formula is not known: a checkpointed "
        "function, or an operation that has been declared anew since; record it without checkpoint, or again"
    )


_HEADS = ("symbol", "number", "over")  # of terms that are no operations


def _adds(x: Node) -> bool:
    return x.primitive is not None and x.primitive.name == "add"


def _addends(x: Node, inner: Container[int]) -> list[Any]:
    """What a sum adds up, through the sums in it."""
    found: list[Any] = []
    waiting = [*reversed(x.inputs)]
    while waiting:
        y = waiting.pop()
        if isinstance(y, Node) and y.order in inner:
            waiting += reversed(y.inputs)
        else:
            found.append(y)
    return found


def _place(array: Array) -> tuple[Any, ...]:
    """Where the entries of an array lie in memory: a transposed array is a view of the same."""
    return array.__array_interface__["data"][0], array.shape, array.strides


def applied(algebra: Algebra, rule: Rule, args: Sequence[Term], params: Mapping[str, Any]) -> Term | None:
    """Run a rule to see its formula; None if it gives the same for all arguments."""
    with recording(), written_out(), np.errstate(all="ignore"):
        stand_ins = [Tensor(np.full(arg.shape, _LEVEL), name=f"·{i}") for i, arg in enumerate(args)]
        result = rule(*stand_ins, **params)
    if not isinstance(result, Node):
        return None
    lifting = Lifting(algebra, {x: str(x.name) for x in stand_ins})
    term = lifting.equation(result)
    return algebra.rebuilt(term, dict(zip(map(lifting.symbol, stand_ins), args, strict=True)))
