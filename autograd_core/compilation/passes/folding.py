"""Compute once what depends on nothing but numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_core.compilation.program import Instruction, Program, Value, replaced, values_in
from autograd_core.graph.node import arrays_in

__all__ = ["folding"]

LARGEST = 10**6  # entries of a value that is computed beforehand


def folding(program: Program) -> Program:
    """Replace each number that is computed from numbers alone by that number, in its dtype.

    Arrays are left alone: they may be written to between two calls. What is computed from numbers and has
    several entries, such as a number broadcast, is looked through, and itself stays an instruction.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from autograd_core.compilation.program import Instruction, Value
    >>> x, c, y = Value((3,), "f8", "x"), Value((), "f8"), Value((3,), "f8")
    >>> log = Instruction(ag.log.primitive, (np.float64(1.0),), {}, c)
    >>> add = Instruction(ag.add.primitive, (x, c), {}, y)
    >>> print(folding(Program((x,), (log, add), (y,))))
    x: (3,) float64
    t0 = add(x, 0.0): (3,) float64
    -> t0
    """
    known: dict[Value, Any] = {}
    numbers: dict[Value, Any] = {}
    kept = []
    for step in program.instructions:
        if _is_known(step, known) and step.out.size <= LARGEST:
            inputs = replaced(step.inputs, known)
            with np.errstate(all="ignore"):
                value = np.asarray(step.operation.forward(*inputs, **step.params))
            if (value.shape, value.dtype) == (step.out.shape, step.out.dtype):
                known[step.out] = value
                if not value.shape:
                    numbers[step.out] = value[()]
                    continue
        kept.append(step.fed(numbers))
    return program.rebuilt(kept, numbers)


def _is_known(step: Instruction, known: Mapping[Value, Any]) -> bool:
    """Whether an instruction reads nothing but numbers, and what is computed from them."""
    params = step.params.values()
    if not step.inputs or [*values_in(params), *arrays_in(params)]:
        return False
    return all(
        x in known if isinstance(x, Value) else isinstance(x, int | float | np.generic) for x in step.inputs
    )
