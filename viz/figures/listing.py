"""A compiled program line by line, and the memory that each line reads and writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_core.compilation.numba_backend.backend import planned
from autograd_core.compilation.numba_backend.nests import Nest, Product
from autograd_core.compilation.numba_backend.placing import placed
from autograd_core.compilation.numba_backend.views import View, compact, whole
from autograd_core.compilation.numpy_backend.backend import style
from autograd_core.compilation.program import Instruction, Program, Storage, Value, replaced
from autograd_core.wording.notation import ATOM, SUM, Written, write
from viz.scene.labels import number, shortened

__all__ = ["Line", "Listing", "Slot", "Wire", "Write", "listed"]

_LONGEST = 44
_NAMED = 4  # operations and results of a loop nest that are named
_RETURNED = 6  # results that are


class Slot(NamedTuple):
    """A piece of memory: an argument, a buffer that the program keeps, or an array made at each run."""

    kind: Literal["input", "buffer", "new"]
    number: int


class Write(NamedTuple):
    """What a line puts into a slot, or, as a view, only looks at there."""

    slot: Slot
    name: str
    view: bool = False


class Line(NamedTuple):
    """One instruction, loop nest or product; the last line returns.

    Attributes
    ----------
    equation, shape : str
    memory : str
        Where its value goes if that needs saying: over an operand, into an argument, into a new array.
    reads : tuple of Slot
    writes : tuple of Write
    """

    equation: str
    shape: str
    memory: str
    reads: tuple[Slot, ...]
    writes: tuple[Write, ...]

    @property
    def text(self) -> tuple[str, str, str]:
        """What is written of it."""
        return self.equation, self.shape, self.memory

    @property
    def touches(self) -> list[Slot]:
        """What it reads or writes, each once."""
        return list(dict.fromkeys((*self.reads, *(made.slot for made in self.writes))))


class Wire(NamedTuple):
    """A value that stays in a slot from one line to another; line -1 is the call."""

    slot: Slot
    start: int
    end: int


class Listing(NamedTuple):
    """A whole program.

    Attributes
    ----------
    slots : dict of Slot to tuple of str
        What stands above the column of each.
    lines : list of Line
    dtype : str
        Of everything that does not say its own.
    """

    slots: dict[Slot, tuple[str, ...]]
    lines: list[Line]
    dtype: str

    def wires(self) -> list[Wire]:
        """How long values stay: from each line that touches a slot to the next one that reads it."""
        found = []
        last = dict.fromkeys(self.slots, -1)
        for i, line in enumerate(self.lines):
            found += [Wire(slot, last[slot], i) for slot in dict.fromkeys(line.reads)]
            last |= dict.fromkeys(line.touches, i)
        return found


def listed(program: Program, storage: Storage | None) -> Listing:
    """List a program as it is run: call by call where its values have places, else loop nest by loop nest."""
    return _Nests(program).listing() if storage is None else _Calls(program, storage).listing()


class _Calls:
    """NumPy's calls, one a line."""

    def __init__(self, program: Program, storage: Storage) -> None:
        self.program, self.names, self.dtype = program, _names(program), _usual(program)
        self.storage = storage
        self.slot = {x: Slot("input", i) for i, x in enumerate(program.inputs)}
        self.views: dict[Value, View] = {}
        self.lines: list[Line] = []

    def listing(self) -> Listing:
        for step in self.program.instructions:
            self.line(step)
        copied = {y: x for y, x in self.program.donated.items() if y not in self.storage.given}
        self.lines.append(_returned(self.program.results, self.slot, self.names, copied))
        blocks = [_bytes(nbytes) for nbytes in self.storage.blocks]
        return _listing(self.program, [(f"buffer {k}", told) for k, told in enumerate(blocks)], self.lines)

    def line(self, step: Instruction) -> None:
        """Find the slot of what an instruction makes, and say where that is."""
        out, names = step.out, self.names
        reads = tuple(self.slot[x] for x in step.reads)
        memory, view = "", False
        if out in self.storage.block:
            slot = Slot("buffer", self.storage.block[out])
            over = [names[x] for x in step.reads if self.slot[x] == slot]
            memory = f"over {over[0]}" if over else ""
        elif out in self.storage.given:
            given = self.storage.given[out]
            slot, memory = self.slot[given], f"into {names[given]}"
        elif seen := self.seen(step):
            self.views[out] = seen
            base = step.inputs[0]
            slot, memory, view = self.slot[base], f"view of {names[base]}", True
        else:
            slot, memory = Slot("new", len(self.lines)), "new"
        self.slot[out] = slot
        equation = f"{names[out]} = {_equation(step, names)}"
        shape, made = _shape(out, self.dtype), Write(slot, names[out], view)
        self.lines.append(Line(equation, shape, memory, reads, (made,)))

    def seen(self, step: Instruction) -> View | None:
        """The operand as an instruction looks at it; None if it does something else, or NumPy copies."""
        [x, *_] = step.inputs or [None]
        if style(step) != "view" or not isinstance(x, Value):
            return None
        view, name = self.views.get(x, whole(x)), step.operation.name
        if name == "transpose":
            return view.transposed(step.params["axes"])
        if name == "broadcast_to":
            return view.broadcast(step.out.shape)
        if name == "reshape":
            return view.reshaped(step.out.shape)
        picked = [part for p in step.params.values() for part in (p if isinstance(p, tuple) else (p,))]
        return None if any(isinstance(part, Value | np.ndarray) for part in picked) else whole(step.out)


class _Nests:
    """Numba's loop nests and products, one a line."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.plan = planned(program)
        self.placement = placed(self.plan)
        results = zip(self.plan.fresh, program.results)
        names = _names(program)
        called = {x: names[y] for x, y in results if isinstance(y, Value)}
        self.names = called | names
        starts = sorted(set(self.placement.work.values()))
        self.buffers = {start: Slot("buffer", k) for k, start in enumerate(starts)}

    def listing(self) -> Listing:
        lines = [self.line(item) for item in self.plan.items]
        slots = {x: slot for x in self.plan.fresh if (slot := self.slot(x))}
        lines.append(_returned(self.plan.fresh, slots, self.names, {}))
        heads = [("work", f"+ {start}") for start in self.buffers]
        return _listing(self.program, heads, lines)

    def slot(self, x: Value) -> Slot | None:
        """Where a value lies; None of what stays in its loop."""
        home = self.placement.home(x)
        if home in self.program.inputs:
            return Slot("input", self.program.inputs.index(home))
        if home in self.placement.work:
            return self.buffers[self.placement.work[home]]
        return Slot("new", self.plan.fresh.index(home)) if home in self.plan.fresh else None

    def line(self, item: Nest | Product) -> Line:
        """Say what a nest or a product does, and what of it is kept."""
        reads = tuple(slot for x in item.reads if (slot := self.slot(x.base)))
        kept = {x: slot for x in item.outs if (slot := self.slot(x))}
        if isinstance(item, Product):
            doing, shape = self.product(item), f"({item.a.shape[0]}, {item.b.shape[1]})"
        else:
            doing, shape = _operations([step.name for step in item.steps]), str(item.domain)
        made = _first([self.called(x) for x in kept], _NAMED)
        writes = tuple(Write(slot, self.called(x)) for x, slot in kept.items())
        return Line(f"{made} = {doing}", shape, self.memory(kept), reads, writes)

    def memory(self, kept: Mapping[Value, Slot]) -> str:
        """Say what is written over something else, into an argument or into a new array."""
        owner, told = self.placement.owner, []
        for x, slot in kept.items():
            if x in owner:
                told.append(f"{'into' if slot.kind == 'input' else 'over'} {self.called(owner[x])}")
            elif slot.kind == "new":
                told.append("new")
        return _first(told, 1)

    def product(self, item: Product) -> str:
        """Write a product with what it is scaled by and added to."""
        product = f"{self.factor(item.a)} @ {self.factor(item.b)}"
        scale = "" if abs(item.alpha) == 1 else f"{number(abs(item.alpha))} "
        sign = "−" if item.alpha < 0 else "+"
        if item.onto is None:
            return f"{sign if item.alpha < 0 else ''}{scale}{product}"
        times = "" if item.beta == 1 else f"{number(item.beta)} "
        return f"{times}{self.called(item.onto.base)} {sign} {scale}{product}"

    def factor(self, x: View) -> str:
        """Write a factor: its name, transposed if its rows are columns."""
        turned = x.strides != compact(x.shape) and x.transposed(None).strides == compact(x.shape[::-1])
        return f"{self.called(x.base)}{'ᵀ' if turned else ''}"

    def called(self, x: Value) -> str:
        return self.names.get(x) or (shortened(x.name) if x.name else "·")


def _returned(
    results: Iterable[Any],
    slot: Mapping[Value, Slot],
    names: Mapping[Value, str],
    copied: Mapping[Any, Value],
) -> Line:
    """List what is returned, and what is copied into a donated argument before."""
    returned = [x for x in results if isinstance(x, Value)]
    into = {x: copied[x] for x in returned if x in copied}
    told = _first([names.get(x) or shortened(x.name or "·") for x in returned], _RETURNED)
    memory = _first([f"{names[x]} into {names[y]}" for x, y in into.items()], 1)
    writes = tuple(Write(slot[y], names[x]) for x, y in into.items())
    reads = tuple(slot[x] for x in returned if x in slot)
    return Line(f"return {told}", "", memory, reads, writes)


def _listing(program: Program, buffers: Sequence[tuple[str, ...]], lines: list[Line]) -> Listing:
    """Put slots above their columns; arrays made at each run share columns, one after the other."""
    names = _names(program)
    dtype = _usual(program)
    slots: dict[Slot, tuple[str, ...]]
    slots = {Slot("input", i): (names[x], _shape(x, dtype)) for i, x in enumerate(program.inputs)}
    slots |= {Slot("buffer", k): told for k, told in enumerate(buffers)}
    until = {slot: i for i, line in enumerate(lines) for slot in line.reads}
    ends: list[int] = []
    shared: dict[Slot, Slot] = {}
    for i, line in enumerate(lines):
        for made in line.writes:
            if made.slot.kind == "new" and made.slot not in shared:
                column = next((k for k, end in enumerate(ends) if end < i), len(ends))
                ends[column : column + 1] = [until.get(made.slot, i)]
                shared[made.slot] = Slot("new", column)
    slots |= {Slot("new", k): ("new",) for k in range(len(ends))}
    return Listing(slots, [_moved(line, shared) for line in lines], str(dtype))


def _names(program: Program) -> dict[Value, str]:
    """What the values are called, each on a short line."""
    return {x: shortened(name) for x, name in program.names().items()}


def _moved(line: Line, put: Mapping[Slot, Slot]) -> Line:
    writes = tuple(made._replace(slot=put.get(made.slot, made.slot)) for made in line.writes)
    return line._replace(reads=tuple(put.get(slot, slot) for slot in line.reads), writes=writes)


def _equation(step: Instruction, names: Mapping[Value, str]) -> str:
    """Write an operation on named values."""
    params = {key: replaced(x, names) for key, x in step.params.items()}
    operands = [_operand(x, names) for x in step.inputs]
    if step.operation.notation.symbol == "@":
        return shortened(" @ ".join(x.text for x in operands), _LONGEST)
    return shortened(write(step.operation.notation, "text", operands, params).text, _LONGEST)


def _operand(x: Any, names: Mapping[Value, str]) -> Written:
    if isinstance(x, Value):
        return Written(names[x])
    if np.ndim(x):
        return Written(f"[{'×'.join(map(str, np.shape(x)))}]")
    text = number(x)
    return Written(text, SUM if text.startswith("−") else ATOM)


def _operations(names: Sequence[str]) -> str:
    """Name the operations of a loop nest.

    >>> _operations(["add", "tanh"]), _operations(["exp", "add", "log", "where", "sum"])
    ('add, tanh', 'exp, …, sum (5 operations)')
    """
    if len(names) <= _NAMED:
        return ", ".join(names)
    return f"{names[0]}, …, {names[-1]} ({len(names)} operations)"


def _first(words: Sequence[str], most: int) -> str:
    """List the first few, and how many more there are."""
    more = [f"and {len(words) - most} more"] if len(words) > most else []
    return ", ".join([*words[:most], *more])


def _usual(program: Program) -> np.dtype[Any]:
    """The dtype that most values have."""
    made = (step.out for step in program.instructions)
    found = Counter[np.dtype[Any]](x.dtype for x in (*program.inputs, *made))
    return max(found, key=found.__getitem__, default=np.dtype(float))


def _shape(x: Value, usual: np.dtype[Any]) -> str:
    """Write a shape, and a dtype that is not the usual one."""
    return f"{x.shape}" if x.dtype == usual else f"{x.shape} {x.dtype}"


def _bytes(n: int) -> str:
    """Write a number of bytes.

    >>> _bytes(256), _bytes(3_200_000)
    ('256 bytes', '3.2 MB')
    """
    return f"{n} bytes" if n < 1000 else f"{n / 1e3:.3g} kB" if n < 1e6 else f"{n / 1e6:.3g} MB"
