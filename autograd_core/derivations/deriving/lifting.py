"""From the recorded graph to terms: each value and each gradient as an equation cut at the named ones."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from autograd_core.derivations.algebra.term import Shape
from autograd_core.derivations.algebra.terms import Algebra, Term
from autograd_core.differentiation.tensor import Tensor
from autograd_core.graph.node import NO_PARAMS, Array, Node
from autograd_core.graph.positions import origin_of
from autograd_core.graph.primitive import PRIMITIVES, Rule
from autograd_core.graph.recording import recording
from autograd_core.graph.stated import written_out
from autograd_core.system.quiet import quietly
from autograd_core.wording.errors import GraphError, describe

__all__ = ["Lifting", "formula_of"]

_LEVEL = 0.37  # where a rule is run to see its formula; inside the domain of every function


class Lifting:
    """Turns nodes into terms of one algebra, each node once.

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
    lost : list of Node
        Results of what was computed from values, such as positions to pick from, nobody knows any longer how.
    """

    def __init__(self, algebra: Algebra, names: Mapping[Node, str]) -> None:
        self.algebra = algebra
        self.values: dict[Term, Any] = {}
        self.nodes: dict[Term, Node] = {}
        self.lost: list[Node] = []
        self._numbers: Mapping[float, Term] = {}
        self._names = {x.order: (x, name) for x, name in names.items()}
        self._symbols: dict[int, Term] = {}
        self._constants: dict[int, tuple[Any, Term]] = {}
        self._lifted: dict[bool, dict[int, Term]] = {True: {}, False: {}}
        self._literal: dict[int, Term] = {}
        self._picked: dict[int, tuple[Mapping[str, Any], list[Node]]] = {}
        self._leaves = {_place(x.value): x for x in names if x.primitive is None}
        self._places: dict[tuple[Any, ...], Term] = {}
        taken = set(names.values())
        self._free = (name for i in count(1) if (name := f"C{i}") not in taken)

    def read_as(self, numbers: Mapping[float, Term]) -> None:
        """Take numbers for something else from now on: 7 may be the size n of an axis."""
        self._numbers = numbers
        self._lifted[False].clear()

    def symbol(self, node: Node) -> Term:
        """The symbol of a named node."""
        if node.order not in self._symbols:
            self._symbols[node.order] = self.alias(self._names[node.order][1], node)
        return self._symbols[node.order]

    def alias(self, name: str, node: Node) -> Term:
        """Another symbol for a node."""
        symbol = self.called(name, node.value, (name, node.order))
        self.nodes[symbol] = node
        if node.primitive is not None:
            self.algebra.partial.add(symbol)
        return symbol

    def called(self, name: str, value: Any, key: Any = None) -> Term:
        """A symbol for a value."""
        symbol = self.algebra.symbol(name, np.shape(value), key)
        self.values[symbol] = value
        if not np.isfinite(value).all():
            self.algebra.partial.add(symbol)
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
            What was computed on the way would be written like another operation, of the same name.
        """
        if literal and node.order in self._literal:
            return self._literal[node.order]
        terms = self._lifted[literal]
        order = self._behind(node, terms)
        inner = set() if literal else self._inner_sums([*order, node]) - terms.keys()
        for x in order:
            if x.order in self._names or x.primitive is None:
                terms[x.order] = self._given(x)
            elif x.order not in inner:
                terms[x.order] = self._applied(x, inner, literal)
        found = self._given(node) if node.primitive is None else self._applied(node, inner, literal)
        if literal:
            self._literal[node.order] = found
        return found

    def _given(self, x: Node) -> Term:
        return self.symbol(x) if x.order in self._names else self._constant(x.value)

    def _applied(self, x: Node, inner: Container[int], literal: bool) -> Term:
        assert x.primitive is not None
        terms = self._lifted[literal]
        params, positions = self._picks(x)
        inputs = self._addends(x, inner) if inner and self._adds(x) else x.inputs
        args = [terms[y.order] if isinstance(y, Node) else self._constant(y) for y in (*inputs, *positions)]
        if x.primitive.formula is not None:
            found = formula_of(self.algebra, x.primitive.formula, [arg.shape for arg in args], params)
            if found is not None:
                return self.algebra.rebuilt(found[0], dict(zip(found[1], args, strict=True)))
        _refuse_namesake(x)
        if any(origin_of(y) is not None for y in inputs):
            self.lost.append(x)
        if literal:
            return self.algebra.make(self.algebra.head(x.primitive), args, params, x.shape)
        return self.algebra.apply(x.primitive, args, params, x.shape)

    def _behind(self, root: Node, known: Container[int]) -> list[Node]:
        """The nodes behind one that are not lifted yet, operands first, up to where equations are cut."""
        places: dict[Node, float] = {}
        waiting = [root]
        while waiting:
            x = waiting.pop()
            if x is not root and x.order in self._names:
                continue
            before = dict.fromkeys(self._picks(x)[1], x.order - 0.5) | {y: y.order for y in x.operands()}
            new = {y: place for y, place in before.items() if not (y in places or y.order in known)}
            places |= new
            waiting += new
        return sorted(places, key=places.__getitem__)

    def _picks(self, x: Node) -> tuple[Mapping[str, Any], list[Node]]:
        """The parameters of a node, with places in its index for positions that were computed, and these."""
        if "index" not in x.params or x.primitive is None:
            return x.params, []
        if x.order not in self._picked and self.algebra.head(x.primitive) in ("getitem", "scatter_add"):
            found: list[Node] = []

            def placed(part: Any) -> Any:
                if isinstance(part, tuple):
                    return tuple(map(placed, part))
                if (origin := origin_of(part)) is None:
                    return part
                node = origin()
                if node is None or not np.array_equal(node.value, part):  # or they were written to since
                    self.lost.append(x)
                    return part
                if node.primitive is None:
                    return part
                found.append(node)
                return f"{'mask' if node.dtype == bool else 'at'} {len(found) - 1}"

            self._picked[x.order] = {**x.params, "index": placed(x.params["index"])}, found
        return self._picked.get(x.order, (x.params, []))

    def _inner_sums(self, order: Sequence[Node]) -> set[int]:
        """Sums that are only added to others: of a thousand steps one sum is made, not one a step."""
        written_out = [x for x in order if x is order[-1] or x.order not in self._names]
        uses = Counter(y.order for x in written_out for y in x.operands())
        added = (y for x in written_out if self._adds(x) for y in x.operands())
        return {y.order for y in added if self._adds(y) and uses[y.order] == 1 and y.order not in self._names}

    def _adds(self, x: Node) -> bool:
        return x.primitive is not None and self.algebra.head(x.primitive) == "add"

    def _addends(self, x: Node, inner: Container[int]) -> list[Any]:
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

    def _constant(self, value: Any) -> Term:
        """A number, or an unnamed array."""
        if np.ndim(value) == 0:
            return self._numbers.get(float(value), self.algebra.number(float(value)))
        if id(value) not in self._constants:
            self._constants[id(value)] = value, self._array(np.asarray(value))
        return self._constants[id(value)][1]

    def _array(self, array: Array) -> Term:
        first = array.flat[0] if array.size and array.dtype != bool else None  # truths were told from values
        if first is not None and np.all(array == first):
            return self.algebra.broadcast(self.algebra.number(float(first)), array.shape)
        if array.ndim == 2 and array.shape[0] == array.shape[1] and np.array_equal(array, np.eye(len(array))):
            return self.algebra.identity(len(array))
        if array.ndim == 2 and (turned := self._standing(_place(array.T))):
            return self.algebra.transpose(turned)
        name = next(self._free)
        self._places[_place(array)] = symbol = self.called(name, array, id(array))
        return symbol

    def _standing(self, place: tuple[Any, ...]) -> Term | None:
        """The symbol of what lies just there in memory."""
        return self.symbol(self._leaves[place]) if place in self._leaves else self._places.get(place)


def _refuse_namesake(x: Node) -> None:
    operation = x.primitive
    if operation is not None and PRIMITIVES.get(operation.name, operation) is not operation:
        raise GraphError(
            f"derive: {describe(x)} came out of {operation.name}, which is not the operation of that name: a "
            "checkpointed function, or one that has been declared anew since; rename it, or record again"
        )


def _place(array: Array) -> tuple[Any, ...]:
    """Where the entries of an array lie in memory: a transposed array is a view of the same."""
    return array.__array_interface__["data"][0], array.shape, array.strides


def formula_of(
    algebra: Algebra, rule: Rule, shapes: Sequence[Shape], params: Mapping[str, Any] = NO_PARAMS
) -> tuple[Term, list[Term]] | None:
    """Run a rule to see its formula, with the symbols of its arguments; None if it is one for all of them."""
    stand_ins = [Tensor(np.full(shape, _LEVEL), name=f"·{i}") for i, shape in enumerate(shapes)]
    with recording(), written_out():
        result = quietly(functools.partial(rule, **params), *stand_ins)
    if not isinstance(result, Node):
        return None
    lifting = Lifting(algebra, {x: str(x.name) for x in stand_ins})
    return lifting.equation(result), [lifting.symbol(x) for x in stand_ins]
