"""From a recorded graph and its recorded backward pass to equations in their shortest form."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.arguments import is_sequence
from autograd_core.backprop import reverse_sweep
from autograd_core.derivations.equation import Equation
from autograd_core.derivations.lifting import Lifting
from autograd_core.derivations.naming import downstream, named
from autograd_core.derivations.points import agree, replayed
from autograd_core.derivations.recognise import numbered
from autograd_core.derivations.rules import powers
from autograd_core.derivations.simplify import Step, shortest
from autograd_core.derivations.sizes import Size, recognised
from autograd_core.derivations.terms import Algebra, Term, value, walk
from autograd_core.derivations.writing import written
from autograd_core.errors import GraphError, OptionError, describe, unknown_option
from autograd_core.node import Array, Node, topological_order
from autograd_core.recording import recording
from autograd_core.stated import written_out
from autograd_core.tensor import Tensor

__all__ = ["Deriving"]


_LONG = 4  # from what size on a value that occurs in a gradient is called by its name


class Deriving:
    """The way from a recorded scalar to the equations of its derivatives.

    Parameters
    ----------
    J : Tensor
    cut : bool
        Whether equations are cut at what has a name, or go back to the leaves.

    Attributes
    ----------
    algebra : Algebra
    lifting : Lifting
    sizes : dict of Term to Size
    forward, backward : list of Equation
    """

    def __init__(self, J: Node, cut: bool = True) -> None:
        self.J, self.cut = J, cut
        self.graph = topological_order([J])
        self.names = named(self.graph, J)
        with recording(), written_out():
            self.seed = Tensor(np.ones(J.shape, J.dtype), name="seed")
            cotangents = reverse_sweep({J: self.seed}, create_graph=True, keep=True)
        self.after = downstream(self.graph, self.names)
        found = {x: cotangents[x] for x in self.names if cotangents.get(x, self.seed) is not self.seed}
        order = sorted(found, key=lambda x: (-self.after[x], not x.is_leaf, x.order))
        self.cotangents = {x: found[x] for x in order if cut or x.is_leaf}
        self.algebra = Algebra()
        self.lifting = Lifting(self.algebra, self._cuts())
        self.one = {self.lifting.symbol(self.seed): self.algebra.number(1.0)}
        self.computed = [x for x in self.names if x.primitive is not None and (cut or x is J)]
        everything = topological_order([J, *self.cotangents.values()])
        self.sizes = self._recognised_sizes(everything)
        leaves = {x for x in self.graph if x.is_leaf and (x.name or x.requires_grad)}
        self.elsewhere = replayed(everything, leaves) or {}
        self.assumed: set[str] = set()
        values = [self._value(x) for x in self.computed]
        self.definitions = {
            base: (e.symbol, e.term) for e in values for base in powers(e.term) if e.term.size >= _LONG
        }
        self.forward, self.backward = numbered(values, self._gradients())

    def _recognised_sizes(self, everything: Sequence[Node]) -> dict[Term, Size]:
        """Find the sizes among the numbers, and let everything lifted from now on speak of them."""
        data = [self.lifting.symbol(x) for x in self.names if x.is_leaf and not x.requires_grad]
        plain = [(self.lifting.symbol(x), self.lifting.equation(x)) for x in self.computed]
        recorded = _numbers(self.graph)
        made = _numbers(everything) - recorded
        self.lifting.numbers, sizes = recognised(self.algebra, plain, data, recorded, made)
        self.algebra.counts = {size.value: symbol for symbol, size in sizes.items() if size.alone}
        self.lifting.values |= {symbol: np.float64(size.value) for symbol, size in sizes.items()}
        return sizes

    def _cuts(self) -> dict[Node, str]:
        """What stands as a symbol in the equations of others."""
        if not self.cut:
            return {x: name for x, name in self.names.items() if x.is_leaf or x is self.J} | {self.seed: "1"}
        cuts = dict(self.names) | {self.seed: "1"}
        for group in self._groups():
            last = [x for x in group if not x.is_leaf] or group
            cuts[self.cotangents[last[-1]]] = f"d{self.names[last[-1]]}"
        return cuts

    def _groups(self) -> list[list[Node]]:
        """Nodes with one and the same derivative, in the order of the way back."""
        groups: dict[Node, list[Node]] = {}
        for x, ct in self.cotangents.items():
            groups.setdefault(ct, []).append(x)
        return [[x for x in group if self._bears_name(x)] or group for group in groups.values()]

    def _bears_name(self, x: Node) -> bool:
        return bool(x.name) or x.is_leaf

    def _value(self, x: Node) -> Equation:
        term = self.lifting.equation(x)
        if not self._holds(term, x):
            term = self.lifting.equation(x, literal=True)
        step = Step(term, "recorded")
        named = self._bears_name(x) or x is self.J
        return Equation(self.names[x], self.lifting.symbol(x), term, (step,), "", named)

    def _gradients(self) -> list[Equation]:
        by_node = {x: group for group in self._groups() for x in group}
        equations: list[Equation] = []
        shortened: dict[Term, Term] = {}
        previous: dict[Node, Term] = {}
        for x, ct in self.cotangents.items():
            if x not in by_node:
                continue
            name = f"d{self.names[x]}"
            own = self.lifting.symbol(ct) if self.cut else None
            symbol = own if own is not None and own.params["name"] == name else self.lifting.alias(name, ct)
            steps = self._derived(ct, previous.get(ct), shortened)
            previous[ct] = symbol
            shortened[symbol] = shortened.get(steps[-1].term, steps[-1].term)
            equations.append(Equation(name, symbol, steps[-1].term, steps, "", self._bears_name(x)))
        return equations

    def _derived(self, ct: Node, handed_on: Term | None, shortened: Mapping[Term, Term]) -> tuple[Step, ...]:
        """Lines of a derivation, each of them held against numbers."""
        term = handed_on or self.algebra.rebuilt(self.lifting.equation(ct), self.one)
        if not self._holds(term, ct):
            return (Step(self.lifting.equation(ct, literal=True), "recorded"),)
        upstream = shortened if self.cut else {}
        steps = shortest(self.algebra, term, upstream, self._known, written)
        assuming = False
        for place, step in enumerate(steps):
            assuming = assuming or step.rule in self.assumed
            if place and not self._holds(step.term, ct, term, everywhere=not assuming):
                return steps[:place]
        return steps

    def _holds(self, term: Term, node: Node, recorded: Term | None = None, everywhere: bool = True) -> bool:
        """Whether a term comes to what a node came to, also at numbers that were not recorded."""
        if not agree(term, self.lifting.values, node.value, recorded):
            return False
        if not everywhere or node.order not in self.elsewhere:
            return True
        given = self._given_elsewhere(term, recorded or term)
        return agree(term, given, self.elsewhere[node.order], recorded)

    def _given_elsewhere(self, *terms: Term) -> Mapping[Term, Any]:
        """The values of the symbols of terms at numbers that were not recorded."""
        nodes = {x: self.lifting.nodes[x].order for x in walk(*terms) if x in self.lifting.nodes}
        moved = {x: self.elsewhere[order] for x, order in nodes.items() if order in self.elsewhere}
        return ChainMap(moved, self.lifting.values)

    def _known(self, part: Term) -> tuple[Term, str] | None:
        """What a part of a gradient is equal to, and why."""
        return self._called(part) or self._one(part)

    def _called(self, part: Term) -> tuple[Term, str] | None:
        """A value that has a name, or a product with one as a factor."""
        factors = powers(part)
        for symbol, definition in (self.definitions.get(base, (None, part)) for base in (part, *factors)):
            own = powers(definition)
            if symbol and all(factors.get(base, 0) * e >= e * e for base, e in own.items()):
                named = self.algebra.multiply(part, self.algebra.power(definition, -1), symbol)
                return self.algebra.broadcast(named, part.shape), f"this is {written(symbol)}"
        return None

    def _one(self, part: Term) -> tuple[Term, str] | None:
        """A sum over one axis that is 1 everywhere, of targets or of where the largest entry stands."""
        if (
            part.head != "sum"
            or part.args[0].head not in ("symbol", "equal")
            or len(part.params["axis"]) != 1
        ):
            return None
        if not _is_one(value(part, self.lifting.values)):
            return None
        axis = part.params["axis"][0] - len(part.args[0].shape)
        what = {-2: "column", -1: "row"}.get(axis, "line") if len(part.args[0].shape) > 1 else "entry"
        rule = f"each {what} of {written(part.args[0])} sums to 1"
        if what == "entry":
            rule = f"the entries of {written(part.args[0])} sum to 1"
        if not self.elsewhere or not _is_one(value(part, self._given_elsewhere(part))):
            self.assumed.add(rule)
        return self.algebra.ones(part.shape), rule

    def wanted(self, wrt: Sequence[Node | str]) -> set[str]:
        """The names of the equations that are asked for."""
        if not is_sequence(wrt):
            raise OptionError(f"derive: wrt is {wrt!r:.60}, wanted a list of tensors or of their names")
        return {self._wanted(x) for x in wrt}

    def _wanted(self, x: Node | str) -> str:
        if not isinstance(x, Node | str):
            raise OptionError(f"derive: wrt holds {x!r:.60}, wanted a tensor or its name")
        names = {self.names[y] for y in self.cotangents}
        name = self.names.get(x, "") if isinstance(x, Node) else x.removeprefix("d") if x not in names else x
        if name in names:
            return f"d{name}"
        if isinstance(x, Node):
            raise GraphError(f"derive: no derivative flows from {describe(self.J)} to {describe(x)}")
        raise unknown_option("tensor", x, names)


def _is_one(x: Array) -> bool:
    """Whether all entries are 1, but for rounding."""
    rounding = np.finfo(x.dtype).eps if x.dtype.kind == "f" else 0.0
    return bool(np.all(np.abs(x - 1.0) <= 100 * rounding))


def _numbers(nodes: Iterable[Node]) -> set[float]:
    """The plain numbers that operations were given."""
    inputs = (y for x in nodes for y in x.inputs if not isinstance(y, Node))
    return {float(y) for y in inputs if np.ndim(y) == 0}
