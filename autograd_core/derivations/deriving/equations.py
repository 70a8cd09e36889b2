"""From a recorded graph and its recorded backward pass to equations in their shortest form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.derivations.algebra.equation import Equation, Notes, Size
from autograd_core.derivations.algebra.points import Point, agree, elsewhere
from autograd_core.derivations.algebra.rules import RULES, finite, powers, rewritten
from autograd_core.derivations.algebra.simplify import Step, shortest
from autograd_core.derivations.algebra.terms import Algebra, Term, walk
from autograd_core.derivations.deriving.lifting import Lifting
from autograd_core.derivations.deriving.naming import downstream, named
from autograd_core.derivations.deriving.sizes import recognised
from autograd_core.derivations.writing.dialects import written
from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.differentiation.tensor import Tensor
from autograd_core.graph.node import Array, Node, topological_order
from autograd_core.graph.positions import leaves_behind
from autograd_core.graph.recording import recording
from autograd_core.graph.stated import written_out
from autograd_core.wording.arguments import is_sequence
from autograd_core.wording.errors import GraphError, OptionError, describe, unknown_option

__all__ = ["Deriving"]


_LONG = 4  # from what size on a value that occurs in a gradient is called by its name
_EVERYWHERE = [identity for identity in RULES if identity.everywhere]


class Deriving:
    """The way from a recorded scalar to the equations of its derivatives.

    Parameters
    ----------
    J : Tensor
    cut : bool
        Whether equations are cut at what has a name, or go back to the leaves.
    notes : Notes, optional
        Number the equations and name the sizes.

    Attributes
    ----------
    algebra : Algebra
    lifting : Lifting
    sizes : dict of Term to Size
    forward, backward : sequence of Equation
    assumed : dict of str to Term
        What is taken for true of the data, and the term that is 1 everywhere where it is.
    """

    def __init__(self, J: Node, cut: bool = True, notes: Notes | None = None) -> None:
        self.J, self.cut, self.notes = J, cut, notes
        graph = topological_order([J])
        self.graph = [*leaves_behind(graph), *graph]
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
            self.computed = [x for x in self.names if x.primitive is not None and (cut or x is J)]
            self.sizes = self._recognised_sizes(topological_order([J, *self.cotangents.values()]))
            self.points = [Point({}, self.lifting.values.get), *self._elsewhere()]
            self.assumed: dict[str, Term] = {}
            self._facts: dict[Term, tuple[Term, str] | None] = {}
            self._nearly: set[str] = {identity.words for identity in RULES if not identity.everywhere}
            values = [self._value(x) for x in self.computed]
            self.definitions = {
                base: (e.symbol, e.term) for e in values for base in powers(e.term) if e.term.size >= _LONG
            }
            self.forward: Sequence[Equation] = values
            self.backward: Sequence[Equation] = self._gradients()
            if notes is not None:
                self.forward, self.backward = notes.numbered(self.forward, self.backward)

    def _recognised_sizes(self, everything: Sequence[Node]) -> dict[Term, Size]:
        """Find the sizes among the numbers, and let everything lifted from now on speak of them."""
        data = [self.lifting.symbol(x) for x in self.names if x.is_leaf and not x.requires_grad]
        plain = [(self.lifting.symbol(x), self.lifting.equation(x)) for x in self.computed]
        recorded = _numbers(self.graph)
        made = _numbers(everything) - recorded
        numbers, sizes = recognised(self.algebra, plain, data, recorded, made, self.notes)
        self.lifting.read_as(numbers)
        self.algebra.positive |= {*sizes}
        self.algebra.count({size.value: symbol for symbol, size in sizes.items() if size.alone})
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
        named = self._bears_name(x) or x is self.J
        return self._equation(self.names[x], self.lifting.symbol(x), (Step(term, "recorded"),), term, named)

    def _equation(
        self, name: str, symbol: Term, steps: tuple[Step, ...], everywhere: Term, named: bool
    ) -> Equation:
        if finite(self.algebra, everywhere):
            self.algebra.partial.discard(symbol)
        for point in self.points if self.cut else ():
            point.forget()
        return Equation(name, symbol, steps[-1].term, steps, "", named, everywhere)

    def _gradients(self) -> list[Equation]:
        by_node = {x: group for group in self._groups() for x in group}
        equations: list[Equation] = []
        shortened: dict[Term, Term] = {}
        everywhere: dict[Term, Term] = {}
        previous: dict[Node, Term] = {}
        for x, ct in self.cotangents.items():
            if x not in by_node:
                continue
            name = f"d{self.names[x]}"
            own = self.lifting.symbol(ct) if self.cut else None
            symbol = own if own is not None and own.params["name"] == name else self.lifting.alias(name, ct)
            term = previous.get(ct) or rewritten(self.algebra, self.lifting.equation(ct), self._without_seed)
            steps = self._derived(ct, term, shortened)
            exact = steps[-1].term
            if self._fails_somewhere(term, steps, shortened, everywhere):
                exact = self._derived(ct, term, everywhere, exact=True)[-1].term
            previous[ct] = symbol
            shortened[symbol] = shortened.get(steps[-1].term, steps[-1].term)
            everywhere[symbol] = everywhere.get(exact, exact)
            equations.append(self._equation(name, symbol, steps, exact, self._bears_name(x)))
        return equations

    def _derived(
        self, ct: Node, term: Term, shortened: Mapping[Term, Term], exact: bool = False
    ) -> tuple[Step, ...]:
        """Lines of a derivation, each of them held against numbers."""
        if not self._holds(term, ct):
            return (Step(self.lifting.equation(ct, literal=True), "recorded"),)
        upstream = shortened if self.cut else {}
        rules, known = (_EVERYWHERE, self._surely) if exact else (RULES, self._known)
        try:
            steps = shortest(self.algebra, term, upstream, known, written, rules)
        except Exception:  # a shorter form is not worth an error: the chain rule stands as it is
            return (Step(term, "chain rule"),)
        assuming = False
        for place, step in enumerate(steps):
            assuming = assuming or any(fact in self.assumed for fact in step.facts)
            if place and not self._holds(step.term, ct, term, everywhere=not assuming):
                return steps[:place]
        return steps

    def _fails_somewhere(
        self,
        term: Term,
        steps: Sequence[Step],
        shortened: Mapping[Term, Term],
        everywhere: Mapping[Term, Term],
    ) -> bool:
        """Whether a derivation rests on what fails where two numbers are equal or something is 0."""
        if any(fact in self._nearly for step in steps for fact in step.facts):
            return True
        return self.cut and any(x in shortened and shortened[x] is not everywhere[x] for x in walk(term))

    def _without_seed(self, algebra: Algebra, part: Term) -> Term:
        """The derivative of the result by itself is 1."""
        return algebra.number(1.0) if part is self.lifting.symbol(self.seed) else part

    # Numbers to hold equations against

    def _elsewhere(self) -> list[Point]:
        """Other values of the data: near by; and far away, of either sign if the result is a number there."""
        near = self._moved(0, 0.15, False)
        far = self._moved(1, 0.6, True) or self._moved(2, 0.6, False)
        return [point for point in (near, far) if point is not None]

    def _moved(self, seed: int, spread: float, signs: bool) -> Point | None:
        """A point at which what is not computed has other values, if the result is a number there."""
        rng = np.random.default_rng(seed)

        def meaning(symbol: Term) -> Any:
            node, value = self.lifting.nodes.get(symbol), self.lifting.values[symbol]
            if node is not None and node.primitive is not None:
                return self.lifting.equation(node, literal=True)
            if symbol in self.sizes or node is self.seed:
                return value
            return elsewhere(np.asarray(value), rng, spread, signs)

        point = Point({}, meaning)
        result = point.value(self.lifting.symbol(self.J))
        point.forget()
        return point if result is not None and np.isfinite(result).all() else None

    def _holds(self, term: Term, node: Node, recorded: Term | None = None, everywhere: bool = True) -> bool:
        """Whether a term comes to what a node came to, also at numbers that were not recorded."""
        literal = self.lifting.equation(node, literal=True)
        if term is literal:
            return True
        here, *others = self.points
        if not agree(term, here, node.value, recorded):
            return False
        for point in others if everywhere else ():
            wanted = point.value(literal)
            if wanted is None or not agree(term, point, wanted, recorded):
                return False
        return True

    # What is known of parts

    def _known(self, part: Term) -> tuple[Term, str] | None:
        """What a part of a gradient is equal to, and why."""
        if part not in self._facts:
            self._facts[part] = self._called(part) or self._one(part)
        return self._facts[part]

    def _surely(self, part: Term) -> tuple[Term, str] | None:
        """The same, but for what fails where two numbers are equal."""
        found = self._known(part)
        return None if found is None or found[1] in self._nearly else found

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
        x = part.args[0] if part.head == "sum" else part
        if x is part or x.head not in ("symbol", "equal") or len(part.params["axis"]) != 1:
            return None
        if not _is_one(self.points[0].value(part)):
            return None
        axis = part.params["axis"][0] - len(x.shape)
        what = {-2: "column", -1: "row"}.get(axis, "line") if len(x.shape) > 1 else "entry"
        rule = f"each {what} of {written(x)} sums to 1"
        if what == "entry":
            rule = f"the entries of {written(x)} sum to 1"
        if x.head == "equal":
            self._nearly.add(rule)
        elif not self._holds_by_itself(x, part):
            if not self._is_data(x):
                return None
            self.assumed[rule] = part
        return self.algebra.ones(part.shape), rule

    def _holds_by_itself(self, symbol: Term, total: Term) -> bool:
        """Whether what was computed sums to 1 at other data as well."""
        node, others = self.lifting.nodes.get(symbol), self.points[1:]
        computed = node is not None and node.primitive is not None
        return computed and bool(others) and all(_is_one(point.value(total)) for point in others)

    def _is_data(self, symbol: Term) -> bool:
        """Whether this is neither computed nor something to learn, which is another after each step."""
        node = self.lifting.nodes.get(symbol)
        return node is None or (node.primitive is None and not node.requires_grad)

    def wanted(self, wrt: Sequence[Node | str]) -> set[str]:
        """The names of the equations that are asked for."""
        if not is_sequence(wrt):
            raise OptionError(f"derive: wrt is {wrt!r:.60}, wanted a list of tensors or of their names")
        names = {self.names[y] for y in self.cotangents}
        return {self._wanted(x, names) for x in wrt}

    def _wanted(self, x: Node | str, names: set[str]) -> str:
        if not isinstance(x, Node | str):
            raise OptionError(f"derive: wrt holds {x!r:.60}, wanted a tensor or its name")
        name = self.names.get(x, "") if isinstance(x, Node) else x.removeprefix("d") if x not in names else x
        if name in names:
            return f"d{name}"
        if isinstance(x, Node):
            raise GraphError(f"derive: no derivative flows from {describe(self.J)} to {describe(x)}")
        raise unknown_option("tensor", x, names)


def _is_one(x: Array | None) -> bool:
    """Whether all entries are 1, but for rounding."""
    if x is None:
        return False
    rounding = np.finfo(x.dtype).eps if x.dtype.kind == "f" else 0.0
    return bool(np.all(np.abs(x - 1.0) <= 100 * rounding))


def _numbers(nodes: Iterable[Node]) -> set[float]:
    """The plain numbers that operations were given."""
    inputs = (y for x in nodes for y in x.inputs if not isinstance(y, Node))
    return {float(y) for y in inputs if np.ndim(y) == 0}
