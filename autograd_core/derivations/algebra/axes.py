"""Which axes are the same axis: what a program may give one name, or read off a shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from autograd_core.derivations.algebra.equation import Notes
from autograd_core.derivations.algebra.terms import Term, walk

__all__ = ["Axes"]

_ALIGNED = ("add", "multiply", "power", "where", "broadcast_to")
_REARRANGING = ("getitem", "scatter_add")


class Axes:
    """Axes joined to one where operations line them up.

    Parameters
    ----------
    equal : iterable of pairs of Term
        Terms of one shape, axis by axis the same: the two sides of an equation, a value and its gradient.

    Examples
    --------
    >>> from autograd_core.derivations.algebra.terms import Algebra
    >>> algebra = Algebra()
    >>> W, X, Z = (algebra.symbol(n, s) for n, s in [("W[1]", (2, 3)), ("X", (3, 5)), ("Z", (2, 5))])
    >>> axes = Axes([(Z, algebra.matmul(W, X))])
    >>> axes.comment(Z)
    '(2, 5)'
    >>> axes.call(X, 1, "k")
    >>> axes.comment(Z)
    '(2, k)'
    >>> axes.held(X, "X"), axes.held(W, "W1")
    (None, None)
    >>> axes.code(Z)
    '(W1.shape[0], X.shape[1])'
    """

    def __init__(self, equal: Iterable[tuple[Term, Term]]) -> None:
        self._parent: dict[tuple[int, int], tuple[int, int]] = {}
        self._labels: dict[tuple[int, int], str] = {}
        self._taken: set[str] = set()
        self._shapes: dict[tuple[tuple[int, int], ...], str] = {}
        self._sizes: dict[tuple[int, int], str] = {}
        equal = [*equal]
        for left, right in equal:
            self._line_up(left, right)
        for part in walk(*(right for _, right in equal)):
            self._join(part)

    def label(self, given: Sequence[Term], notes: Notes) -> None:
        """Name the axes of symbols as notes do."""
        for term in given:
            for axis in reversed(range(len(term.shape))):
                if name := notes.size_in_comments(term.params["name"], len(term.shape), axis):
                    self.call(term, axis, re.sub(r"\W", "", name))

    def comment(self, term: Term) -> str:
        """Write a shape for a reader, sizes by their names: ``(2, k)``."""
        return _tuple([label or str(n) for label, n in zip(self.labels(term), term.shape)])

    def labels(self, term: Term) -> list[str]:
        """Name each axis, where it has a name."""
        return [self._labels.get(self.root(term, axis), "") for axis in range(len(term.shape))]

    def held(self, term: Term, variable: str) -> None:
        """Take note that a variable holds a term from now on, so that sizes can be read off its shape."""
        roots = self._roots(term)
        if roots:
            self._shapes.setdefault(roots, f"{variable}.shape")
        for axis, root in enumerate(roots):
            self._sizes.setdefault(root, f"{variable}.shape[{axis}]")

    def code(self, term: Term) -> str:
        """Write a shape as source that reads it off what is held, as far as it stands there."""
        found = self._shapes.get(self._roots(term))
        return found or _tuple([self.size(term, axis) for axis in range(len(term.shape))])

    def size(self, term: Term, axis: int) -> str:
        """Write the size of an axis as source."""
        n = term.shape[axis]
        return str(n) if n == 1 else self._sizes.get(self.root(term, axis), str(n))

    def call(self, term: Term, axis: int, label: str) -> None:
        """Name an axis, unless it has a name or the name is taken."""
        root = self.root(term, axis)
        if term.shape[axis] != 1 and label not in self._taken and root not in self._labels:
            self._labels[root] = label
            self._taken.add(label)

    def root(self, term: Term, axis: int) -> tuple[int, int]:
        """Tell which axis it is, as one of all that are the same."""
        place = (id(term), axis)
        while (above := self._parent.get(place, place)) != place:
            self._parent[place] = self._parent.get(above, above)
            place = above
        return place

    def _roots(self, term: Term) -> tuple[tuple[int, int], ...]:
        """The axes of a term; those of size 1 are all the same."""
        return tuple([(0, 0) if n == 1 else self.root(term, axis) for axis, n in enumerate(term.shape)])

    def _same(self, one: Term, axis: int, other: Term, at: int) -> None:
        axis, at = axis % len(one.shape), at % len(other.shape)
        if one.shape[axis] == other.shape[at] != 1:
            self._parent[self.root(one, axis)] = self.root(other, at)

    def _line_up(self, one: Term, other: Term) -> None:
        """Line axes up from the last one, as broadcasting does."""
        for axis in range(-1, -1 - min(len(one.shape), len(other.shape)), -1):
            self._same(one, axis, other, axis)

    def _join(self, part: Term) -> None:
        """Join the axes of an operation with those of its operands."""
        operation = part.operation
        if part.head == "matmul":
            self._join_product(part)
        elif part.head == "transpose":
            order = part.params["axes"] or range(len(part.shape))[::-1]
            for axis, at in enumerate(order):
                self._same(part, axis, part.args[0], at)
        elif "keepdims" in part.params and "axis" in part.params:
            self._join_reduced(part)
        elif part.head == "reshape":
            self._join_squeezed(part)
        elif part.head in _ALIGNED or (operation and operation.kind == "pointwise"):
            for arg in part.args:
                self._line_up(arg, part)
        elif operation and operation.kind == "bilinear" and not part.shape:  # an inner product
            self._line_up(*part.args)
        elif len(part.args) == 1 and part.args[0].shape == part.shape and part.head not in _REARRANGING:
            self._line_up(part.args[0], part)

    def _join_product(self, part: Term) -> None:
        for left, right in zip(part.args, part.args[1:]):
            self._same(left, -1, right, -2 if len(right.shape) > 1 else -1)
        first, last = part.args[0], part.args[-1]
        if len(first.shape) > 1 and len(last.shape) > 1:
            self._same(part, -1, last, -1)
            self._same(part, -2, first, -2)
        elif part.shape:
            self._same(part, -1, *((first, -2) if len(first.shape) > 1 else (last, -1)))

    def _join_reduced(self, part: Term) -> None:
        arg, axis = part.args[0], part.params["axis"]
        over = (axis,) if isinstance(axis, int) else axis
        kept = [a for a in range(len(arg.shape)) if over is not None and a not in over]
        for at, a in enumerate(kept):
            self._same(arg, a, part, a if part.params["keepdims"] else at)

    def _join_squeezed(self, part: Term) -> None:
        """Axes of size 1 put in or left out."""
        before = [a for a, n in enumerate(part.args[0].shape) if n != 1]
        after = [a for a, n in enumerate(part.shape) if n != 1]
        if [part.args[0].shape[a] for a in before] == [part.shape[a] for a in after]:
            for a, b in zip(before, after):
                self._same(part.args[0], a, part, b)


def _tuple(sizes: Sequence[str]) -> str:
    return f"({', '.join(sizes)}{',' * (len(sizes) == 1)})"
