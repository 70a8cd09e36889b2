"""Numbers that are sizes: 1/7 is 1/n where 7 entries are averaged over."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from autograd_core.derivations.algebra.axes import Axes
from autograd_core.derivations.algebra.equation import Notes, Size
from autograd_core.derivations.algebra.terms import Algebra, Term, walk

__all__ = ["recognised"]

_LEAST = 3  # a 2 is a 2, whatever has two entries
_LETTERS = "nkpqdh"


def recognised(
    algebra: Algebra,
    equations: Iterable[tuple[Term, Term]],
    data: Iterable[Term],
    written: Collection[float] = (),
    made: Iterable[float] = (),
    notes: Notes | None = None,
) -> tuple[dict[float, Term], dict[Term, Size]]:
    """Find the numbers that stand for sizes.

    A number is taken for a size if it divides a sum, or the result of one, and is the number of the entries
    that are summed, or twice that; or if it multiplies anything, has many digits, and a few after it is
    multiplied by the columns of the data. The 0.1 before a sum of ten entries is 0.1. A number that has
    another part somewhere as well remains a number. Of the numbers that no person has written, but the rule
    of a derivative has made of the shape of its operands, 1/n and 2/n are taken for that, the latter where
    there is a variance.

    Parameters
    ----------
    algebra : Algebra
    equations : pairs of Term
        Symbols of values, and what they are equal to.
    data : iterable of Term
        The symbols that nothing is differentiated by. An axis of none but those counts the columns of data.
    written : collection of float
        The numbers that were recorded.
    made : iterable of float
        Numbers that stand in derivatives alone.
    notes : Notes, optional
        What sizes are called; letters otherwise.

    Returns
    -------
    numbers : dict of float to Term
        What to write for a number.
    sizes : dict of Term to Size
        The symbols in it.

    Examples
    --------
    >>> algebra = Algebra()
    >>> w, J = algebra.symbol("w", (7,)), algebra.symbol("J", ())
    >>> mean = algebra.multiply(algebra.number(1 / 7), algebra.sum(w, (0,), False))
    >>> numbers, sizes = recognised(algebra, [(J, mean)], [], [7.0])
    >>> numbers[7.0], [size.value for size in sizes.values()]
    (n, [7])
    """
    return _Recognition(algebra, [*equations], {*data}, written, notes).found(made)


class _Recognition:
    """The equations with their axes, on the way to sizes."""

    def __init__(
        self,
        algebra: Algebra,
        equations: list[tuple[Term, Term]],
        data: set[Term],
        written: Collection[float],
        notes: Notes | None,
    ) -> None:
        self.algebra, self.written, self.notes = algebra, written, notes
        self.terms = [term for _, term in equations]
        self.definitions = dict(equations)
        self.axes = Axes(equations)
        symbols = [*self.definitions, *(x for x in walk(*self.terms) if x.head == "symbol")]
        self.places: dict[tuple[int, int], list[tuple[Term, int]]] = {}
        for x in dict.fromkeys(symbols):
            for axis, n in enumerate(x.shape):
                if n >= _LEAST:
                    self.places.setdefault(self.axes.root(x, axis), []).append((x, axis))
        given = {x for x in symbols if x not in self.definitions}
        self.of_data = {
            root
            for root, places in self.places.items()
            if {x for x, _ in places} & given <= data and any(x in data for x, _ in places)
        }
        self._data_sizes = self._by_size(root for root in self.places if root in self.of_data)
        self._counts = Counter(map(self._size, self.places))
        self._fresh = itertools.count(1)
        self.taken = {str(x.params["name"]) for x in symbols}
        self.symbols: dict[tuple[int, int], Term] = {}
        self.sizes: dict[Term, Size] = {}

    def found(self, made: Iterable[float]) -> tuple[dict[float, Term], dict[Term, Size]]:
        numbers: dict[float, Term] = {}
        in_other_parts: set[float] = set()
        for part in walk(*self.terms):
            if part.head == "multiply" and part.args[0].head == "number":
                value = part.args[0].params["value"]
                if meaning := self._meaning(value, part):
                    numbers |= {abs(value): meaning, 1 / abs(value): self.algebra.power(meaning, -1)}
                    continue
                in_other_parts.add(abs(value))
            in_other_parts.add(abs(part.params.get("exponent", 0)))
            in_other_parts.update(arg.params["value"] for arg in part.args[1:] if arg.head == "number")
        numbers |= self._made(made)
        numbers = {value: term for value, term in numbers.items() if value not in in_other_parts}
        used = {x for term in numbers.values() for x in walk(term)}
        return numbers, {symbol: size for symbol, size in self.sizes.items() if symbol in used}

    def _meaning(self, value: float, product: Term) -> Term | None:
        """What a number in front of a product stands for."""
        value = abs(value)
        for roots in self._counted(product):
            n = math.prod(self._size(root) for root in roots)
            for times in (1, 2):
                told = not _is_short(value) or times * n in self.written
                if n >= _LEAST and told and _same(value * times * n, 1):
                    whole = self.algebra.multiply(*map(self._symbol, roots), self.algebra.number(times))
                    return self.algebra.power(whole, -1)
            if len(roots) == 1 and not _is_short(value) and _same(value * math.sqrt(n), 1):
                return self.algebra.power(self._symbol(roots[0]), -0.5)
        for n, root in self._data_sizes.items() if not _is_short(value) else ():
            for times in (1, 2):
                if _is_short(value * n * times):
                    number = self.algebra.number(round(value * n * times, 9) / times)
                    return self.algebra.multiply(number, self.algebra.power(self._symbol(root), -1))
        return None

    def _made(self, made: Iterable[float]) -> dict[float, Term]:
        """What the numbers stand for that rules have made."""
        spreads = [x for x in walk(*self.terms) if x.head in ("var", "std") and not x.params["ddof"]]
        spread = self._by_size(root for x in spreads for root in self._over(x) if root in self.places)
        averaged = [(root, 2) for root in spread.values()]
        numbers: dict[float, Term] = {}
        for value in made:
            for root, times in [*((root, 1) for root in self._data_sizes.values()), *averaged]:
                if value in (0.5, 2, 3) or value in numbers:
                    continue
                if times == 2 and value == self._size(root):
                    numbers[value] = self._symbol(root)
                if _same(abs(value) * self._size(root), times):
                    sign = self.algebra.number(math.copysign(times, value))
                    numbers[value] = self.algebra.multiply(sign, self.algebra.power(self._symbol(root), -1))
        return numbers

    def _over(self, reduced: Term) -> list[tuple[int, int]]:
        """The axes that a reduction is over."""
        x, axis = reduced.args[0], reduced.params["axis"]
        return [self.axes.root(x, a) for a in (range(len(x.shape)) if axis is None else axis)]

    def _size(self, root: tuple[int, int]) -> int:
        term, axis = self.places[root][0]
        return term.shape[axis]

    def _by_size(self, roots: Iterable[tuple[int, int]]) -> dict[int, tuple[int, int]]:
        """The first of each size."""
        first: dict[int, tuple[int, int]] = {}
        for root in roots:
            first.setdefault(self._size(root), root)
        return first

    def _counted(self, product: Term) -> Iterator[list[tuple[int, int]]]:
        """The axes that the other factors have summed over: each alone, those of data first, and all."""
        for factor in product.args[1:]:
            roots = [root for root in dict.fromkeys(self._summed(factor, set())) if root in self.places]
            yield from ([root] for root in sorted(roots, key=lambda root: root not in self.of_data))
            if len(roots) > 1:
                yield roots

    def _summed(self, term: Term, seen: set[object], depth: int = 4) -> Iterator[tuple[int, int]]:
        if depth == 0 or (term, depth) in seen:
            return
        seen.add((term, depth))
        match term.head:
            case "sum":
                yield from self._over(term)
            case "vdot":
                for axis in range(len(term.args[0].shape)):
                    yield self.axes.root(term.args[0], axis)
            case "matmul":
                for arg in term.args[:-1]:
                    yield self.axes.root(arg, len(arg.shape) - 1)
                return
            case "symbol" if term in self.definitions and not term.shape:
                yield from self._summed(self.definitions[term], seen, depth - 1)
            case "broadcast_to" | "reshape" | "sum" | "add" | "multiply" | "transpose":
                pass
            case _:
                return
        for arg in term.args:
            yield from self._summed(arg, seen, depth - 1)

    def _symbol(self, root: tuple[int, int]) -> Term:
        """The symbol of the size of an axis, under a name that is free."""
        if root not in self.symbols:
            name = next(name for name in self._names(root) if name not in self.taken)
            self.taken.add(name)
            term, axis = min(self.places[root], key=lambda place: place[0] in self.definitions)
            n = term.shape[axis]
            self.symbols[root] = symbol = self.algebra.symbol(name, (), name)
            self.sizes[symbol] = Size(name, n, term, axis, self._counts[n] == 1)
        return self.symbols[root]

    def _names(self, root: tuple[int, int]) -> Iterator[str]:
        """Offer what the notes call it, and any letter else."""
        if self.notes is not None:
            if root in self.of_data:
                yield self.notes.shared_size
            for x, axis in self.places[root]:
                if name := self.notes.size_of(str(x.params["name"]), len(x.shape), axis):
                    yield name
        yield from _LETTERS
        yield from (f"n{i}" for i in self._fresh)


def _same(x: float, y: float) -> bool:
    return math.isclose(x, y, rel_tol=1e-12)


def _is_short(number: float) -> bool:
    """Whether a number is written with a few digits: a person chose it."""
    return _same(number, round(number, 6))
