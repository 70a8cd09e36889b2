"""A recorded result at other sizes, so that those differ that could be taken for one another."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_core.comparisons.judging.replay import drawn
from autograd_core.derivations.algebra.axes import Axes
from autograd_core.derivations.algebra.terms import Algebra, Term, value, walk
from autograd_core.derivations.deriving.sizes import recognised
from autograd_core.differentiation.tensor import Tensor
from autograd_core.graph.dispatch import dispatched
from autograd_core.graph.node import Array, Node, topological_order
from autograd_core.graph.recording import recording
from autograd_core.system.quiet import quietly

__all__ = ["Resizing", "Retrace"]

Retrace = Callable[[Mapping[str, Array]], Node]
Root = tuple[int, int]

_PRIMES = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)
_COLUMNS = 5  # in the place of one
_SELECTING = ("getitem", "scatter_add", "pad", "concatenate", "stack", "convolve", "order_statistic")
_ALIGNED = ("symbol", "number", "identity", "where", "matmul", "transpose", "reshape", "broadcast_to")


class Resizing:
    """The axes of a recorded graph, and the same graph in other sizes.

    Axes that operations line up have one size. Where an operation is not known to be indifferent, as a
    determinant is not, its axes of one size stay of one size; where entries are picked, sizes stay.

    Parameters
    ----------
    J : Tensor
    retrace : function, optional
        Computes the result anew from named leaves; otherwise the recorded operations are repeated.

    Examples
    --------
    >>> W, X = Tensor(np.ones((4, 4)), requires_grad=True, name="W"), Tensor(np.ones((4, 4)), name="X")
    >>> resized = Resizing((W @ X).sum()).resized()
    >>> [x.shape for x in topological_order([resized]) if x.name]
    [(3, 7), (7, 5)]
    """

    def __init__(self, J: Node, retrace: Retrace | None = None) -> None:
        self.J, self.retrace = J, retrace
        self.graph = topological_order([J])
        self.data = [x for x in self.graph if x.is_leaf and x.name and not x.requires_grad]
        self._algebra = Algebra()
        self._symbols: dict[int, Term] = {}
        self._tied: dict[Root, Root] = {}
        self._pinned: set[Root] = set()
        self._fixed: list[Term] = []
        equations = [(self._symbol(x), self._term(x)) for x in self.graph if not x.is_leaf]
        self._axes = Axes(equations)
        for part in walk(*(term for _, term in equations)):
            self._restrict(part)
        for fixed in self._fixed:
            self._pin(fixed)
        for x in self.graph:
            if x.is_leaf and not ((x.name or x.requires_grad) and x.dtype.kind == "f"):
                self._pin(self._symbol(x))
        plain = [y for x in self.graph for y in x.inputs if not isinstance(y, Node)]
        written = {float(y) for y in plain if np.ndim(y) == 0}
        symbols = [self._symbol(x) for x in self.data]
        self._numbers, self._counts = recognised(self._algebra, equations, symbols, written)

    @functools.cached_property
    def single(self) -> list[Node]:
        """The data that have one column, of which there may be more."""
        found = [x for x in self.data if x.ndim == 2 and x.shape[1] == 1 and x.dtype.kind == "f"]
        return found if self._are_examples({x.order for x in found}) else []

    @property
    def coincides(self) -> bool:
        """Whether these sizes or data could hide a slip that others would show."""
        sizes = [n for n, _ in self._free()]
        uniform = any(x.size > 1 and _is_uniform(x.value) for x in self.data)
        return len(set(sizes)) < len(sizes) or bool(self.single) or uniform

    @property
    def only_shapes_tell(self) -> bool:
        """Whether a factor 1, which may be the number of columns, would have to be told from others."""
        return bool(self.single) and self.retrace is None

    def resized(self, split: bool = True) -> Node | None:
        """Record the result at other sizes.

        Parameters
        ----------
        split : bool
            Whether sizes that are equal become different, and single columns several.

        Returns
        -------
        Tensor or None
            None where no such sizes can be computed with.
        """
        for seed, ties in itertools.product((0, 1), (1, -1)):
            sizes = self._sizes(split, ties)
            try:
                if split and self.single and not self._separate(sizes):
                    return None
                found = self._recorded(self._leaves(sizes, np.random.default_rng(seed), split), sizes)
            except (ArithmeticError, ValueError, TypeError, LookupError):
                continue
            if found.size == 1 and np.isfinite(found.value).all():
                return found
        return None

    # Axes.

    def _symbol(self, x: Node) -> Term:
        if x.order not in self._symbols:
            self._symbols[x.order] = self._algebra.symbol(f"v{x.order}", x.shape)
        return self._symbols[x.order]

    def _term(self, x: Node) -> Term:
        assert x.primitive is not None
        args = [
            self._symbol(y) if isinstance(y, Node) else self._constant(x, i, y)
            for i, y in enumerate(x.inputs)
        ]
        return self._algebra.apply(x.primitive, args, dict(x.params), x.shape)

    def _constant(self, x: Node, i: int, y: Any) -> Term:
        if np.ndim(y) == 0:
            return self._algebra.number(float(y))
        symbol = self._algebra.symbol(f"c{x.order}.{i}", np.shape(y))
        self._symbols[-x.order * 8 - i] = symbol
        if not _is_uniform(np.asarray(y)):
            self._fixed.append(symbol)
        return symbol

    def _restrict(self, part: Term) -> None:
        """Keep together, or as they are, the axes of what is not known to be indifferent to sizes."""
        kind = "" if part.operation is None else part.operation.kind
        merged = part.head == "reshape" and _longer(part.shape) != _longer(part.args[0].shape)
        if part.head in _SELECTING or merged:
            for x in (part, *part.args):
                self._pin(x)
        elif kind != "pointwise" and part.head not in _ALIGNED and "axis" not in part.params:
            first: dict[int, Root] = {}
            for x in (part, *part.args):
                for axis, n in enumerate(x.shape):
                    root = self._root(x, axis)
                    if (other := first.setdefault(n, root)) != root:
                        self._tied[root] = other

    def _pin(self, x: Term) -> None:
        self._pinned |= {self._root(x, axis) for axis in range(len(x.shape))}

    def _root(self, x: Term, axis: int) -> Root:
        return self._followed(self._axes.root(x, axis))

    def _followed(self, root: Root) -> Root:
        while root in self._tied:
            root = self._tied[root]
        return root

    def _free(self) -> list[tuple[int, Root]]:
        """The sizes that can be varied, with their axes."""
        found = {}
        pinned = {self._followed(root) for root in self._pinned}
        for x in self._symbols.values():
            for axis, n in enumerate(x.shape):
                root = self._root(x, axis)
                if n > 1 and root not in pinned:
                    found[root] = n
        return [(n, root) for root, n in found.items()]

    def _sizes(self, split: bool, ties: int) -> dict[Root, int]:
        """Other sizes in the same order: primes, as many as there are axes, or as there are sizes."""
        free = self._free()
        known = {n for x in self._symbols.values() for n in x.shape}
        primes = iter(n for n in _PRIMES if n not in known)
        if not split:
            new = dict(zip(sorted({n for n, _ in free}), primes))
            return {root: new[n] for n, root in free}
        ordered = sorted(range(len(free)), key=lambda i: (free[i][0], ties * i))
        return {free[i][1]: n for i, n in zip(ordered, primes, strict=False)}

    # Another recording.

    def _shape(self, x: Term, sizes: Mapping[Root, int]) -> tuple[int, ...]:
        return tuple(n if n == 1 else sizes.get(self._root(x, a), n) for a, n in enumerate(x.shape))

    def _leaves(
        self, sizes: Mapping[Root, int], rng: np.random.Generator, split: bool, columns: int = _COLUMNS
    ) -> dict[int, Array]:
        single = {x.order for x in self.single}
        leaves = {}
        for x in self.graph:
            if x.is_leaf:
                shape = self._shape(self._symbol(x), sizes)
                if split and x.order in single:
                    shape = (shape[0], columns)
                if not (x.name or x.requires_grad):
                    leaves[x.order] = x.value
                elif not split and not x.requires_grad and x.size and _is_uniform(x.value):
                    leaves[x.order] = np.full(shape, x.value.flat[0])
                else:
                    leaves[x.order] = drawn(x.value, shape, x.requires_grad, rng)
        return leaves

    def _recorded(self, leaves: Mapping[int, Array], sizes: Mapping[Root, int]) -> Node:
        if self.retrace is not None:
            return self.retrace({x.name: leaves[x.order] for x in self.graph if x.is_leaf and x.name})
        with recording():
            return quietly(self._replayed, leaves, sizes)

    def _replayed(self, leaves: Mapping[int, Array], sizes: Mapping[Root, int]) -> Node:
        new: dict[int, Node] = {}
        worth = {s: np.float64(self._count(size.term, size.axis, sizes)) for s, size in self._counts.items()}
        for x in self.graph:
            if x.primitive is None:
                new[x.order] = Tensor(leaves[x.order], requires_grad=x.requires_grad, name=x.name)
                continue
            inputs = [
                new[y.order] if isinstance(y, Node) else self._as_sized(x, i, y, sizes, worth)
                for i, y in enumerate(x.inputs)
            ]
            params = dict(x.params)
            if params.get("shape") == x.shape:
                params["shape"] = self._shape(self._symbol(x), sizes)
            new[x.order] = dispatched(x.primitive, True)(*inputs, **params)
            new[x.order].name = x.name
        return new[self.J.order]

    def _count(self, x: Term, axis: int, sizes: Mapping[Root, int]) -> int:
        return sizes.get(self._root(x, axis), x.shape[axis])

    def _as_sized(self, x: Node, i: int, y: Any, sizes: Mapping[Root, int], worth: Mapping[Term, Any]) -> Any:
        """A number or an array without a node, as it would be at other sizes."""
        if np.ndim(y) == 0:
            meaning = self._numbers.get(float(y))
            return y if meaning is None else float(value(meaning, worth))
        shape = self._shape(self._symbols[-x.order * 8 - i], sizes)
        return y if shape == np.shape(y) else np.full(shape, y.flat[0], y.dtype)

    def _are_examples(self, columns: set[int]) -> bool:
        """Whether columns are fed to a matrix, and meet no single column that was computed without them."""
        fed = False
        for x in self.graph:
            operands = [*x.operands()]
            if not columns & {y.order for y in operands}:
                continue
            assert x.primitive is not None
            if self._algebra.head(x.primitive) == "matmul":
                fed = fed or (operands[-1].is_leaf and operands[-1].order in columns)
            elif any(y.order not in columns and not y.is_leaf and y.shape[1:] == (1,) for y in operands):
                return False
            if x.shape[1:] == (1,):
                columns.add(x.order)
        return fed

    def _separate(self, sizes: Mapping[Root, int]) -> bool:
        """Whether the result adds up what each column makes of itself, as a cost over examples does."""
        a, b = (self._leaves(sizes, np.random.default_rng(seed), True, 2) for seed in (0, 1))
        single = {x.order for x in self.single}

        def at(first: Mapping[int, Array], second: Mapping[int, Array]) -> float:
            mixed = {k: np.stack([first[k][:, 0], second[k][:, 1]], axis=1) for k in single}
            return float(self._recorded({**a, **mixed}, sizes).value)

        values = [at(*pair) for pair in itertools.product((a, b), (a, b))]
        mixed = values[0] - values[1] - values[2] + values[3]
        return abs(mixed) <= 1e-9 * max(map(abs, values))


def _longer(shape: tuple[int, ...]) -> list[int]:
    """The sizes that are not 1."""
    return [n for n in shape if n != 1]


def _is_uniform(array: Array) -> bool:
    return bool(np.all(array == array.flat[0])) if array.size else False
