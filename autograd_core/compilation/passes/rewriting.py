"""One sweep that applies a table of rules: each instruction is looked at when its operands are settled."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_core.compilation.program import Instruction, Program, Value, values_in
from autograd_core.graph.node import NO_PARAMS
from autograd_core.graph.primitive import PRIMITIVES

__all__ = ["Rule", "Sweep", "is_number", "rewritten", "step"]

Rewriting = Callable[[Instruction, "Sweep"], Any]


class Rule(NamedTuple):
    """A rewriting, the operations it looks at, and why it is right.

    Attributes
    ----------
    operations : str
        Names with blanks between; none for every operation.
    rewriting : function
        ``rewriting(instruction, sweep)`` gives None where it does not apply; or what stands in place of the
        result, a `Value` or a number; or a list of instructions, whose last one makes the same value.
    reason : str
    """

    operations: str
    rewriting: Rewriting
    reason: str


class Sweep:
    """What is known when an instruction is looked at: how each value before it is made, and who reads it."""

    def __init__(self, program: Program) -> None:
        self.made: dict[Value, Instruction] = {}
        self.readers = Counter(values_in(program.results))
        for step in program.instructions:
            self.readers.update(step.reads)

    def maker(self, x: Any, *names: str) -> Instruction | None:
        """The instruction that made an operand, if it is one of the operations named."""
        step = self.made.get(x) if type(x) is Value else None
        return step if step is not None and step.operation.name in names else None

    def operand(self, x: Any, name: str) -> Any:
        """What x was made from by an operation of one operand; None if it was not."""
        step = self.maker(x, name)
        return None if step is None else step.inputs[0]

    def once(self, x: Value) -> bool:
        """Whether nothing else reads a value, so that it need not be computed once its reader does not."""
        return self.readers[x] <= 1


def is_number(x: Any) -> bool:
    """Tell a number written in the program; an array of one entry is none, for it may be written to."""
    return isinstance(x, int | float | np.number) and not isinstance(x, bool)


def step(name: str, inputs: Sequence[Any], out: Value, **params: Any) -> Instruction:
    """Make an instruction of an operation by its name."""
    return Instruction(PRIMITIVES[name], tuple(inputs), params or NO_PARAMS, out)


def rewritten(program: Program, rules: Sequence[Rule]) -> Program:
    """Apply rules until none applies, in one sweep.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x, y, z = Value((3,), "f8", "x"), Value((3,), "f8"), Value((3,), "f8")
    >>> steps = [Instruction(ag.negative.primitive, (x,), {}, y), Instruction(ag.cos.primitive, (y,), {}, z)]
    >>> even = Rule(
    ...     "cos",
    ...     lambda s, sweep: (x := sweep.operand(s.inputs[0], "negative")) and [s.changed(inputs=(x,))],
    ...     "cos(-x) = cos(x)",
    ... )
    >>> print(rewritten(Program((x,), tuple(steps), (z,)), [even]))
    x: (3,) float64
    t0 = negative(x): (3,) float64
    t1 = cos(x): (3,) float64
    -> t1
    """
    by_name: defaultdict[str, list[Rewriting]] = defaultdict(list)
    for rule in rules:
        for name in rule.operations.split() or [""]:
            by_name[name].append(rule.rewriting)
    for_any = by_name.pop("", [])
    sweep = Sweep(program)
    put: dict[Value, Any] = {}
    to_do = list(reversed(program.instructions))
    while to_do:
        given = to_do.pop().fed(put)
        for rewriting in itertools.chain(by_name.get(given.operation.name, ()), for_any):
            found = rewriting(given, sweep)
            if isinstance(found, list):
                to_do.extend(reversed(found))
                break
            if found is not None:
                put[given.out] = found
                if isinstance(found, Value):
                    sweep.readers[found] += sweep.readers[given.out]
                break
        else:
            sweep.made[given.out] = given
    return program.rebuilt(sweep.made.values(), put)
