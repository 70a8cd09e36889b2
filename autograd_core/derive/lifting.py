"""From the recorded graph to terms: each value and each gradient as an equation cut at the named ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_core.derive.terms import Algebra, Term
from autograd_core.node import Node, topological_order

__all__ = ["Lifting"]


class Lifting:
    """Turns nodes into terms of one algebra.

    Parameters
    ----------
    algebra : Algebra
    names : mapping of Node to str
        Where to cut: these become symbols when they stand in the equation of another.
    sizes : mapping of str to int
        Numbers to recognise, such as m = 150: they become symbols too.

    Attributes
    ----------
    values : dict of Term to array
        What the symbols stand for.
    """

    def __init__(self, algebra: Algebra, names: Mapping[Node, str], sizes: Mapping[str, int]) -> None:
        self.algebra = algebra
        self.values: dict[Term, Any] = {}
        self._names = dict(names)
        self._symbols: dict[int, Term] = {}
        self._sizes = {name: self._symbol(name, np.float64(size), name) for name, size in sizes.items()}

    def symbol(self, node: Node) -> Term:
        """The symbol of a named node."""
        if node.order not in self._symbols:
            self._symbols[node.order] = self._symbol(self._names[node], node.value, node.order)
        return self._symbols[node.order]

    def alias(self, name: str, node: Node) -> Term:
        """Another symbol for a node that has one."""
        return self._symbol(name, node.value, name)

    def equation(self, node: Node) -> Term:
        """How a node was computed, in terms of named ones and of constants."""
        cut = frozenset(x.order for x in self._names if x is not node)
        terms: dict[int, Term] = {}
        for x in topological_order([node], cut):
            if x.order in cut or (x is node and x.primitive is None and x in self._names):
                terms[x.order] = self.symbol(x)
            elif x.primitive is None:
                terms[x.order] = self._constant(x.value)
            else:
                args = [terms[y.order] if isinstance(y, Node) else self._constant(y) for y in x.inputs]
                terms[x.order] = self.algebra.apply(x.primitive.name, args, x.params, x.shape)
        return terms[node.order]

    def _constant(self, value: Any) -> Term:
        """A number, recognised if it is a size or a part of one; or an unnamed array."""
        if np.ndim(value) == 0:
            return self._number(float(value))
        return self._symbol("×".join(map(str, np.shape(value))).join("[]"), value, id(value))

    def _number(self, number: float) -> Term:
        plain = self.algebra.number(number)
        if _short(number):
            for size in self._sizes.values():
                if number == self.values[size] and number > 2:
                    return size
                if number == 2 * self.values[size] and number > 4:
                    return self.algebra.multiply(self.algebra.number(2.0), size)
            return plain
        for symbol in self._sizes.values():
            for times in (1, 2):
                whole = number * times * float(self.values[symbol])
                if _short(whole):
                    number_ = self.algebra.number(round(whole, 9) / times)
                    return self.algebra.multiply(number_, self.algebra.power(symbol, -1))
        return plain

    def _symbol(self, name: str, value: Any, key: Any) -> Term:
        symbol = self.algebra.symbol(name, np.shape(value), key)
        self.values[symbol] = value
        return symbol


def _short(number: float) -> bool:
    """Whether a number is written with a few digits: a person chose it."""
    return abs(number - round(number, 6)) <= 1e-12 * abs(number) or number == 0
