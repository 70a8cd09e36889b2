"""Where each value of a program is kept: how long it is needed, and whose memory it may take over.

A block is memory that lives as long as the program. A value takes the block of an operand that is read
for the last time where its operation works entry by entry, else one that has become free, else a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from autograd_core.compilation.program import Instruction, Program, Storage, Value, values_in

__all__ = ["Style", "lifetimes", "stored", "writing_last"]

Style = Literal["entrywise", "separate", "view", "own"]
"""How an instruction makes its value: into an array that may be an operand's, into one that is not, as
another look at its operand, or in an array of its own making, which may share an operand's memory."""


def lifetimes(program: Program, style: Callable[[Instruction], Style]) -> dict[Value, int]:
    """Say which instruction is the last to read each value's memory; for results their number.

    What looks at a value reads its memory when it is read itself.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x, y, z = (Value((2,), "f8", name) for name in "xyz")
    >>> twice = [Instruction(ag.negative.primitive, (a,), {}, b) for a, b in ((x, y), (y, z))]
    >>> list(lifetimes(Program((x,), tuple(twice), (z,)), lambda step: "entrywise").values())
    [2, 1, 0]
    """
    end = len(program.instructions)
    until = dict.fromkeys(values_in(program.results), end)
    for i in reversed(range(end)):
        step = program.instructions[i]
        looks = style(step) in ("view", "own")
        for x in step.reads:
            until[x] = max(until.get(x, i), until.get(step.out, i) if looks else i)
    return until


def writing_last(
    program: Program, style: Callable[[Instruction], Style], able: Callable[[Instruction], bool]
) -> tuple[Program, frozenset[Value]]:
    """Move what is written into donated inputs to the end, where it can be; say which values those are.

    Parameters
    ----------
    program : Program
    style : function
    able : function
        Whether an instruction can write into an array that it is given.
    """
    read = {x for step in program.instructions for x in step.reads}
    last = {
        step.out
        for step in program.instructions
        if step.out in program.donated and step.out not in read and style(step) == "entrywise" and able(step)
    }
    while True:
        instructions = sorted(program.instructions, key=lambda step: step.out in last)
        moved = program._replace(instructions=tuple(instructions))
        until = lifetimes(moved, style)
        early = {
            step.out
            for i, step in enumerate(instructions)
            if step.out in last and not _into_given(moved, step, i, "entrywise", until)
        }
        if not early:
            return moved, frozenset(last)
        last -= early


def stored(program: Program, style: Callable[[Instruction], Style]) -> Storage:
    """Find a place for every value but views, what makes its own array, and results."""
    until = lifetimes(program, style)
    results = set(values_in(program.results))
    found = Storage([], {}, {})
    free: list[int] = []
    for i, step in enumerate(program.instructions):
        out, how = step.out, style(step)
        if how in ("entrywise", "separate"):
            if _into_given(program, step, i, how, until):
                found.given[out] = program.donated[out]
            elif out not in results:
                block = _taken_over(step, i, how, until, found)
                if block is None:
                    block = _fitting(out.nbytes, free, found.blocks)
                found.block[out] = block
        ended = {x for x in step.reads if until[x] <= i and x in found.block}
        free += [found.block[x] for x in ended if found.block[x] != found.block.get(out)]
        if out in found.block and until.get(out, -1) <= i:
            free.append(found.block[out])
    return found


def _into_given(program: Program, step: Instruction, i: int, how: Style, until: dict[Value, int]) -> bool:
    """Whether a result may be written into its donated input: nobody reads that later, nor half-written."""
    given = program.donated.get(step.out)
    if given is None or (given.shape, given.dtype) != (step.out.shape, step.out.dtype):
        return False
    last = until.get(given, -1)
    return last < i or (last == i and how == "entrywise" and any(x is given for x in step.inputs))


def _taken_over(step: Instruction, i: int, how: Style, until: dict[Value, int], found: Storage) -> int | None:
    """The block of an operand that is read here for the last time."""
    if how == "entrywise":
        for x in values_in(step.inputs):
            block = found.block.get(x)
            shared = [y for y in step.reads if y is not x and found.block.get(y) == block]
            alike = (x.shape, x.dtype) == (step.out.shape, step.out.dtype)
            if block is not None and until[x] <= i and alike and not shared:
                return block
    return None


def _fitting(nbytes: int, free: list[int], blocks: list[int]) -> int:
    """Take the smallest free block that is large enough, and not much too large, or make one."""
    fits = [k for k in free if nbytes <= blocks[k] <= max(4 * nbytes, 4096)]
    if fits:
        best = min(reversed(fits), key=blocks.__getitem__)  # the last one freed is still in the cache
        free.remove(best)
        return best
    blocks.append(nbytes)
    return len(blocks) - 1
