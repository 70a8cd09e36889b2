"""Keep the instructions that the results need."""

from __future__ import annotations

from autograd_core.compilation.program import Program, values_in

__all__ = ["dead_code"]


def dead_code(program: Program) -> Program:
    """Leave out each instruction whose value no result is computed from.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from autograd_core.compilation.program import Instruction, Value
    >>> x, y, unread = Value((3,), "f8", "x"), Value((3,), "f8"), Value((3,), "f8")
    >>> steps = [Instruction(f.primitive, (x,), {}, out) for f, out in ((ag.exp, y), (ag.log, unread))]
    >>> print(dead_code(Program((x,), tuple(steps), (y,))))
    x: (3,) float64
    t0 = exp(x): (3,) float64
    -> t0
    """
    needed = set(values_in(program.results))
    kept = []
    for step in reversed(program.instructions):
        if step.out in needed:
            needed.update(step.reads)
            kept.append(step)
    return program._replace(instructions=tuple(reversed(kept)))
