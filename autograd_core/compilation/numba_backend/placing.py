"""Where in one piece of working memory each value of a plan lies, and for how long."""

from __future__ import annotations

from typing import NamedTuple

from autograd_core.compilation.numba_backend.nests import REDUCTIONS, Item, Plan, Product
from autograd_core.compilation.program import Value

__all__ = ["Placement", "placed"]

_LINE = 64  # bytes that a processor fetches together


class Placement(NamedTuple):
    """Places of values.

    Attributes
    ----------
    work : dict of Value to int
        Bytes from the start of the working memory.
    owner : dict of Value to Value
        Whose memory a value has that is written over an input, or that a product is added to.
    bytes : int
        Of the working memory.
    buffers : int
        How many values have a place of their own in it.
    """

    work: dict[Value, int]
    owner: dict[Value, Value]
    bytes: int
    buffers: int

    def home(self, x: Value) -> Value:
        """The value whose memory x has."""
        while x in self.owner:
            x = self.owner[x]
        return x


def placed(plan: Plan) -> Placement:
    """Find a place for each value that is neither a new array nor local to one loop."""
    until = {x.base: i for i, item in enumerate(plan.items) for x in item.reads}
    owner = dict(plan.given)
    outside = set(plan.fresh) - set(owner)
    work: dict[Value, int] = {}
    live: list[tuple[int, int, int]] = []  # start, end, last item that needs it
    total = buffers = 0
    for i, item in enumerate(plan.items):
        live = [block for block in live if block[2] >= i]
        for out in _stored(item, until):
            if out in outside or out in owner:
                continue
            taken = _taken_over(item, out, i, until, work)
            if taken is not None:
                owner[out] = taken
                start = work.pop(taken)
                work[taken] = work[out] = start
                until[taken] = -1
                live = [
                    (a, b, max(last, until.get(out, i))) if a == start else (a, b, last)
                    for a, b, last in live
                ]
                continue
            start = _gap(live, out.nbytes)
            work[out] = start
            live.append((start, start + out.nbytes, until.get(out, i)))
            total, buffers = max(total, start + out.nbytes), buffers + 1
    return Placement(work, owner, total, buffers)


def _stored(item: Item, until: dict[Value, int]) -> list[Value]:
    """What an item computes that outlives it, or is gathered over its loops."""
    if isinstance(item, Product):
        return [item.out]
    return [step.out for step in item.steps if step.out in until or step.name in REDUCTIONS]


def _taken_over(
    item: Item, out: Value, i: int, until: dict[Value, int], work: dict[Value, int]
) -> Value | None:
    """An operand that is read for the last time, at the same entries as out is written."""
    if isinstance(item, Product):
        onto = item.onto.base if item.onto else None
        free = onto in work and until.get(onto) == i and onto not in item.factors
        return onto if free else None
    [step] = [step for step in item.steps if step.out is out]
    if step.name in REDUCTIONS:
        return None
    for x in item.reads:
        alike = until.get(x.base) == i and x.base in work and x.base.dtype == out.dtype
        if alike and all(y.plain and y.base.shape == item.domain for y in item.reads if y.base is x.base):
            return x.base
    return None


def _gap(live: list[tuple[int, int, int]], size: int) -> int:
    """The first place between what is there that is long enough."""
    start = 0
    for a, b, _ in sorted(live):
        if start + size <= a:
            break
        start = max(start, -(-b // _LINE) * _LINE)
    return start
