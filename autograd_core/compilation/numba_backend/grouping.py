"""Which steps share a loop nest, and what is computed again rather than kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from autograd_core.compilation.numba_backend.nests import REDUCTIONS, Item, Nest, Product, Step
from autograd_core.compilation.numba_backend.views import View
from autograd_core.compilation.program import Value

__all__ = ["grouped", "recomputed"]

_SMALL = 4096
_MOST = 6
_CHEAP = {
    *("positive", "add", "subtract", "multiply", "divide", "negative", "absolute", "sign", "square"),
    *("reciprocal", "relu", "maximum", "minimum", "where", "astype"),
    *("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"),
}


def grouped(items: Iterable[Step | Product]) -> list[Item]:
    """Put each step into the first nest over its domain that comes late enough and shares memory with it.

    What a nest reduces is known when it has ended; what it computes entry by entry at once, to steps that
    read the same entry.
    """
    found: list[Item] = []
    place: dict[Value, int] = {}
    in_loop: set[Value] = set()
    touched: list[set[Value]] = []
    nests: dict[tuple[int, ...], list[int]] = {}
    for item in items:
        if isinstance(item, Product):
            place[item.out] = len(found)
            found.append(item)
            touched.append(set())
            continue
        domain = _domain(item)
        bases = {x.base for x in item.reads}
        earliest = 0
        for x in item.reads:
            if x.base in place:
                at_once = x.base in in_loop and x.plain and x.base.shape == domain
                earliest = max(earliest, place[x.base] + (not at_once))
        size = _size(domain)
        near = (
            i
            for i in nests.setdefault(domain, [])
            if i >= earliest and (size <= _SMALL or not touched[i].isdisjoint(bases))
        )
        i = next(near, None)
        if i is None:
            i = len(found)
            nests[domain].append(i)
            found.append(Nest(domain, []))
            touched.append(set())
        nest = found[i]
        assert isinstance(nest, Nest)
        nest.steps.append(item)
        touched[i] |= {x for x in bases if x.size > 1} | {item.out}
        place[item.out] = i
        if item.name not in REDUCTIONS:
            in_loop.add(item.out)
    return _joined(found)


def _joined(items: list[Item]) -> list[Item]:
    """Move each nest into the first that reads what it computes, if that does so at the same entries."""
    readers: dict[Value, set[int]] = defaultdict(set)
    for i, item in enumerate(items):
        for x in item.reads:
            readers[x.base].add(i)
    gone: set[int] = set()
    for i in reversed(range(len(items))):
        nest = items[i]
        if not isinstance(nest, Nest):
            continue
        first = min((k for out in nest.outs for k in readers[out] if k > i), default=None)
        later = items[first] if first is not None else None
        if first is None or not isinstance(later, Nest) or later.domain != nest.domain:
            continue
        gathered = {step.out for step in nest.steps if step.name in REDUCTIONS}
        read = [x for x in later.reads if x.base in set(nest.outs)]
        if all(_same_entry(x, later) and x.base not in gathered for x in read):
            items[first] = Nest(nest.domain, nest.steps + later.steps)
            gone.add(i)
            for x in nest.reads:
                readers[x.base] = readers[x.base] - {i} | {first}
    return [item for i, item in enumerate(items) if i not in gone]


def recomputed(items: list[Item], kept: set[Value]) -> list[Item]:
    """Compute what is cheap again in each nest that reads it, if that reads no more memory.

    Parameters
    ----------
    items : list of Nest or Product
    kept : set of Value
        What the program returns.
    """
    again = _worth_it(items, kept)
    renewed = [Nest(x.domain, _with_copies(x, again)) if isinstance(x, Nest) else x for x in items]
    return _needed(renewed, kept)


def _domain(step: Step) -> tuple[int, ...]:
    return next((x.shape for x in step.reads), step.out.shape)


def _size(domain: tuple[int, ...]) -> int:
    size = 1
    for n in domain:
        size *= n
    return size


def _worth_it(items: list[Item], kept: set[Value]) -> dict[Value, Step]:
    """Steps that are cheap to do again: few operations on one array, and on smaller ones."""
    memory = set(kept)
    for item in items:
        aligned = isinstance(item, Nest)
        memory.update(x.base for x in item.reads if not (aligned and _same_entry(x, item)))
    again: dict[Value, Step] = {}
    leaves: dict[Value, set[Value]] = {}
    count: dict[Value, int] = {}
    for item in items:
        if isinstance(item, Product):
            continue
        for step in item.steps:
            if step.name not in _CHEAP or step.out in memory:
                continue
            reads = [x.base for x in step.reads]
            below: set[Value] = set().union(*(leaves.get(x, {x}) for x in reads))
            work = 1 + sum(count.get(x, 0) for x in reads)
            large = [x for x in below if x.size >= step.out.size > 1]
            if len(large) <= 1 and work <= _MOST:
                again[step.out], leaves[step.out], count[step.out] = step, below, work
    return again


def _same_entry(x: View, nest: Any) -> bool:
    return x.plain and x.base.shape == nest.domain


def _with_copies(nest: Nest, again: dict[Value, Step]) -> list[Step]:
    """The steps of a nest, each after those that it reads and that are done again here."""
    own = set(nest.outs)
    put: dict[Value, Value] = {}
    steps: list[Step] = []

    def renewed(x: Any) -> Any:
        if not isinstance(x, View) or x.base in own or x.base not in again or not _same_entry(x, nest):
            return x
        if x.base not in put:  # at most _MOST deep
            copy = Value(x.base.shape, x.base.dtype, x.base.name)
            put[x.base] = copy
            source = again[x.base]
            steps.append(source._replace(inputs=tuple(map(renewed, source.inputs)), out=copy))
        return x._replace(base=put[x.base])

    for step in nest.steps:
        inputs = tuple(map(renewed, step.inputs))
        steps.append(step._replace(inputs=inputs))
    return steps


def _needed(items: list[Item], kept: set[Value]) -> list[Item]:
    """Leave out steps whose result nobody reads, and nests without steps."""
    needed = set(kept)
    found: list[Item] = []
    for item in reversed(items):
        if isinstance(item, Nest):
            steps = []
            for step in reversed(item.steps):
                if step.out in needed:
                    steps.append(step)
                    needed.update(x.base for x in step.reads)
            item = Nest(item.domain, steps[::-1])
            if not steps:
                continue
        elif item.out not in needed:
            continue
        else:
            needed.update(x.base for x in item.reads)
        found.append(item)
    return found[::-1]
