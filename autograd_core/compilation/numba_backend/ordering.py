"""In which order nests and products run, so that results can be written over the inputs that they replace."""

from __future__ import annotations

import heapq
from collections import defaultdict

from autograd_core.compilation.numba_backend.nests import REDUCTIONS, Item, Nest, Plan, Product, Step
from autograd_core.compilation.numba_backend.views import whole
from autograd_core.compilation.program import Value

__all__ = ["ordered"]


def ordered(plan: Plan) -> Plan:
    """Move what overwrites an input behind all else that reads it, and products that do so right there.

    Where that cannot be, the result is copied into the input at the end.
    """
    items = _sorted(plan)
    given = dict(plan.given)
    copies: list[Item] = []
    fresh = list(plan.fresh)
    for out, target in plan.given.items():
        if not _may_overwrite(items, out, target):
            copy = Value(out.shape, out.dtype, out.name)
            copies.append(Nest(out.shape, [Step("positive", (whole(out),), copy, whole(out).strides)]))
            del given[out]
            given[copy] = target
            fresh[fresh.index(out)] = copy
    return Plan(items + copies, fresh, given)


def _sorted(plan: Plan) -> list[Item]:
    """Sort by what must come before what; ties by the order that was."""
    items = plan.items
    maker = {out: i for i, item in enumerate(items) for out in item.outs}
    before: list[set[int]] = [set() for _ in items]
    readers: dict[Value, set[int]] = defaultdict(set)
    for i, item in enumerate(items):
        for x in item.reads:
            readers[x.base].add(i)
            if x.base in maker:
                before[i].add(maker[x.base])
    bound = [set(x) for x in before]
    for out, target in plan.given.items():
        bound[maker[out]] |= readers[target] - {maker[out]}
    return _topological(items, bound) or _topological(items, before) or items


def _topological(items: list[Item], before: list[set[int]]) -> list[Item] | None:
    """Items after those that they need, products onto an array as soon as they can be; None on a circle."""
    after: dict[int, list[int]] = defaultdict(list)
    for i, earlier in enumerate(before):
        for k in earlier:
            after[k].append(i)
    missing = [len(x) for x in before]

    def rank(i: int) -> tuple[bool, int]:
        item = items[i]
        return not (isinstance(item, Product) and item.onto is not None), i

    ready = [rank(i) for i, n in enumerate(missing) if n == 0]
    heapq.heapify(ready)
    found = []
    while ready:
        _, i = heapq.heappop(ready)
        found.append(items[i])
        for k in after[i]:
            missing[k] -= 1
            if missing[k] == 0:
                heapq.heappush(ready, rank(k))
    return found if len(found) == len(items) else None


def _may_overwrite(items: list[Item], out: Value, target: Value) -> bool:
    """Whether nothing reads the input after its entries are overwritten."""
    written = next(i for i, item in enumerate(items) if out in item.outs)
    if any(x.base is target for item in items[written + 1 :] for x in item.reads):
        return False
    item = items[written]
    reads = [x for x in item.reads if x.base is target]
    if isinstance(item, Product):
        return target not in item.factors
    [step] = [step for step in item.steps if step.out is out]
    aligned = all(x.plain and x.base.shape == item.domain for x in reads)
    return not reads or (aligned and step.name not in REDUCTIONS)
