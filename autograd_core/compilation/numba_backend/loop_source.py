"""A plan written out in Python, as loops that a compiler turns into vector instructions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from autograd_core.compilation.numba_backend.entries import code, expression, gathering, literal
from autograd_core.compilation.numba_backend.nests import REDUCTIONS, Item, Nest, Plan, Product, Step
from autograd_core.compilation.numba_backend.placing import Placement
from autograd_core.compilation.numba_backend.views import View, compact
from autograd_core.compilation.program import Value
from autograd_core.wording.identifiers import comment

__all__ = ["Written", "written"]

_FEW = 512  # multiplications that a loop does before a BLAS has begun
_BLOCK, _BLOCKS = (
    512,
    32,
)  # entries, and sums of those, that are added up before they meet others: less rounding


class Written(NamedTuple):
    """The text of a plan.

    Attributes
    ----------
    functions : dict of str to str
        Parameters and bodies of loops, by name; loops that are alike are written once.
    calls : list of str
        What is called in turn.
    """

    functions: dict[str, str]
    calls: list[str]


def written(plan: Plan, placement: Placement, pointers: Mapping[Value, str]) -> Written:
    """Write a plan.

    Parameters
    ----------
    plan : Plan
    placement : Placement
    pointers : mapping of Value to str
        What points at each input and at each new array.

    Raises
    ------
    Refused
        An operation has no loop.
    """
    names: dict[str, str] = {}
    calls: list[str] = []
    memory = _Memory(placement, pointers)
    for item in plan.items:
        if isinstance(item, Product) and item.multiplications > _FEW:
            calls += _blas_call(item, memory)
            continue
        loops = _Loops(memory)
        body = [*(loops.product(item) if isinstance(item, Product) else loops.nest(item))]
        text = "\n".join(
            [f"({', '.join(loops.parameters.values())}):", "    apart()", *(f"    {x}" for x in body)]
        )
        name = names.setdefault(text, f"loops_{len(names)}")
        given = ", ".join(memory.pointer(home, kind) for home, kind in loops.parameters)
        calls += [f"# {comment(_told(item))}", f"{name}({given})"]
    return Written({name: text for text, name in names.items()}, calls)


class _Memory:
    """What points at each value."""

    def __init__(self, placement: Placement, pointers: Mapping[Value, str]) -> None:
        self.placement, self.pointers = placement, pointers

    def pointer(self, x: Value, kind: str) -> str:
        """The first entry of a value."""
        home = self.placement.home(x)
        return self.pointers.get(home) or f"at(work + {self.placement.work[home]}, {kind})"

    def holds(self, x: Value) -> bool:
        """Whether a value has a place in memory."""
        home = self.placement.home(x)
        return home in self.pointers or home in self.placement.work


def _told(item: Item) -> str:
    """What an item computes, for people."""
    if isinstance(item, Product):
        return f"{item.out.name or 'product'}: {item.a.shape} by {item.b.shape}"
    outs = ", ".join(f"{step.name} {step.out.name or ''}".strip() for step in item.steps)
    return f"{outs}: {item.domain}"


def _blas_call(p: Product, memory: _Memory) -> Iterator[str]:
    """A matrix product by BLAS, which takes matrices columns first: so B^T A^T is what A B is here."""
    (m, k), n = p.a.shape, p.b.shape[1]
    kind = code(p.out.dtype)
    a, b, c = (memory.pointer(x, kind) for x in (p.a.base, p.b.base, p.out))
    yield f"# {comment(_told(p))}"
    if p.onto is not None and c != memory.pointer(p.onto.base, kind):
        yield f"copy({c}, {memory.pointer(p.onto.base, kind)}, {m * n})"
    alpha = f"{kind}({p.alpha!r})"
    flag_a, lead_a = _leading(p.a)
    flag_b, lead_b = _leading(p.b)
    sizes = f"{flag_b}, {flag_a}, {n}, {m}, {k}"
    yield f"gemm(gemm_{kind}, {sizes}, {alpha}, {b}, {lead_b}, {a}, {lead_a}, {kind}({p.beta!r}), {c}, {n})"


class _Loops:
    """Writes one function: what it reads and writes in memory are its parameters."""

    def __init__(self, memory: _Memory) -> None:
        self.memory = memory
        self.parameters: dict[tuple[Value, str], str] = {}
        self.numbers = itertools.count()

    def entry(self, x: Value, strides: tuple[int, ...]) -> str:
        """An entry in memory, by the indices of the loops."""
        terms = [f"{n} * i{k}" if n != 1 else f"i{k}" for k, n in enumerate(strides) if n]
        key = self.memory.placement.home(x), code(x.dtype)
        pointer = self.parameters.setdefault(key, f"p{len(self.parameters)}")
        return f"{pointer}[{' + '.join(terms) or 0}]"

    def loaded(self, x: Value, strides: tuple[int, ...]) -> str:
        """What an entry in memory holds; truth is kept in bytes."""
        entry = self.entry(x, strides)
        return f"{entry} != 0" if x.dtype == bool else entry

    def nest(self, nest: Nest) -> Iterator[str]:
        """Write loops: what each level loads before the loop inside it, and what it stores behind."""
        dims, seen = _coalesced(nest, [step for step in nest.steps if self.memory.holds(step.out)])
        depth = len(dims)
        before: list[list[str]] = [[] for _ in range(depth + 1)]
        after: list[list[str]] = [[] for _ in range(depth + 1)]
        local: dict[Any, str] = {}
        body: list[str] = []
        stores: list[str] = []
        own = {step.out: f"t{next(self.numbers)}" for step in nest.steps}
        gathered = {step.out for step in nest.steps if step.name in REDUCTIONS}

        def operand(x: Any) -> tuple[str, Any]:
            if not isinstance(x, View):
                return literal(x), None
            if x.base in own and x.base not in gathered:
                return own[x.base], x.base.dtype
            strides = seen[x.strides]
            key = self.memory.placement.home(x.base), strides, x.base.dtype
            if key not in local:
                local[key] = f"x{next(self.numbers)}"
                before[_level(strides)].append(f"{local[key]} = {self.loaded(x.base, strides)}")
            return local[key], x.base.dtype

        for step in nest.steps:
            name = own[step.out]
            operands = [operand(x) for x in step.inputs]
            if step.name in REDUCTIONS:
                strides = seen[step.strides]
                self._gather(step, name, operands[0], strides, before, after, body)
            else:
                body.append(f"{name} = {expression(step, operands)}")
                if self.memory.holds(step.out):
                    value = f"u1({name})" if step.out.dtype == bool else name
                    stores.append(f"{self.entry(step.out, seen[step.strides])} = {value}")
        after[depth] = body + stores + after[depth]
        for level in range(depth + 1):
            yield from (("    " * level) + line for line in before[level])
            if level < depth:
                yield f"{'    ' * level}for i{level} in range({dims[level]}):"
        for level in reversed(range(depth + 1)):
            yield from (("    " * level) + line for line in after[level])

    def _gather(
        self,
        step: Step,
        name: str,
        operand: tuple[str, Any],
        strides: tuple[int, ...],
        before: list[list[str]],
        after: list[list[str]],
        body: list[str],
    ) -> None:
        """Add up in local numbers along the innermost axes, one for each loop, and in memory along others."""
        kind = code(step.out.dtype)
        first, gather = gathering(step.name, step.out.dtype)
        start = f"{kind}({first})"
        value = operand[0] if operand[1] == step.out.dtype else f"{kind}({operand[0]})"
        level, depth = _level(strides), len(strides)
        place = self.entry(step.out, strides)
        in_memory = any(n == 0 for n in strides[:level])
        if in_memory:
            flat = self.entry(step.out, (1,)).replace("i0", "i")
            before[0] += [f"for i in range({step.out.size}):", f"    {flat} = {start}"]
        if level < depth:
            names = [name, *(f"{name}_{k}" for k in range(level + 1, depth))]
            for k, own in zip(range(level, depth), names):
                wide = "f8" if step.name == "sum" and kind == "f4" and k < depth - 1 else kind
                before[k].append(f"{own} = {wide}({first})")
            for k, outer, own in zip(range(level + 1, depth), names, names[1:]):
                wide = f"f8({own})" if kind == "f4" and step.name == "sum" else own
                after[k].append(f"{outer} = {gather.format(outer, wide)}")
            body.append(f"{names[-1]} = {gather.format(names[-1], value)}")
            value = f"{kind}({name})" if len(names) > 1 else name
        after[level].append(f"{place} = {gather.format(place, value) if in_memory else value}")

    def product(self, p: Product) -> Iterator[str]:
        """Write a small matrix product."""
        (m, k), n = p.a.shape, p.b.shape[1]
        (row_a, column_a), (row_b, column_b) = p.a.strides, p.b.strides
        a, b = self.entry(p.a.base, (row_a, 0, column_a)), self.entry(p.b.base, (0, column_b, row_b))
        out, kind = self.entry(p.out, compact((m, n))), code(p.out.dtype)
        total = "t" if p.alpha == 1 else f"{kind}({p.alpha!r}) * t"
        if p.onto is not None:
            onto = self.entry(p.onto.base, compact((m, n)))
            total = f"{onto if p.beta == 1 else f'{kind}({p.beta!r}) * {onto}'} + {total}"
        yield f"for i0 in range({m}):"
        yield f"    for i1 in range({n}):"
        yield f"        t = {kind}(0)"
        yield f"        for i2 in range({k}):"
        yield f"            t += {a} * {b}"
        yield f"        {out} = {total}"


def _leading(x: View) -> tuple[int, int]:
    """For BLAS: whether a matrix lies by columns, and how far apart those, or else its rows, are."""
    (m, n), (row, column) = x.shape, x.strides
    if (n == 1 or column == 1) and (m == 1 or row >= n):
        return 0, row if m > 1 else n
    return 1, column if n > 1 else m


def _level(strides: tuple[int, ...]) -> int:
    """How many loops must have begun before an index is known."""
    return max((k + 1 for k, n in enumerate(strides) if n), default=0)


def _coalesced(nest: Nest, stored: list[Step]) -> tuple[list[Any], dict[tuple[int, ...], tuple[int, ...]]]:
    """Loops over as few axes as the strides allow, and long sums in blocks; the new strides by the old."""
    reduced = [step.strides for step in nest.steps if step.name in REDUCTIONS]
    every = list(dict.fromkeys([*(x.strides for x in nest.reads), *(x.strides for x in stored), *reduced]))
    dims: list[int] = []
    new: list[list[int]] = [[] for _ in every]
    for k, n in enumerate(nest.domain):
        if n == 1:
            continue
        if dims and all(own[-1] == old[k] * n for own, old in zip(new, every)):
            dims[-1] *= n
            for own, old in zip(new, every):
                own[-1] = old[k]
        else:
            dims.append(n)
            for own, old in zip(new, every):
                own.append(old[k])
    bounds: list[Any] = [*dims]
    if any(own[-1:] == [0] for own, old in zip(new, every) if old in reduced):
        blocks = _blocks(dims[-1])
        bounds[-1:] = _bounds(dims[-1], blocks, len(dims) - 1)
        for own in new:
            own[-1:] = [own[-1] * block for block in blocks]
    return bounds, {old: tuple(own) for old, own in zip(every, new)}


def _blocks(n: int) -> list[int]:
    """How many entries a step goes on, in each of the loops that together run over n entries.

    Examples
    --------
    >>> _blocks(1000), _blocks(5000)
    ([1], [512, 1])
    """
    blocks, size = [1], _BLOCK
    while n > 2 * size:
        blocks.insert(0, size)
        size *= _BLOCKS
    return blocks


def _bounds(n: int, blocks: list[int], level: int) -> Iterator[Any]:
    """Steps of each of these loops, the first of which is at a level; the last block may be shorter."""
    yield -(-n // blocks[0])
    for k, (block, part) in enumerate(itertools.pairwise(blocks), level):
        done = " + ".join(f"{b} * i{i}" for i, b in enumerate(blocks[: k - level + 1], level))
        left = f"({n} - ({done}) + {part - 1}) // {part}"
        yield block // part if n % block == 0 else f"min({block // part}, {left})"
