"""Recognise what softmax does against overflow, entries less the largest, which NumPy does cheaper in one."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.compilation.passes.rewriting import Rule, Sweep, rewritten
from autograd_core.compilation.program import Instruction, Program
from autograd_core.graph.node import NO_PARAMS
from autograd_core.graph.primitive import Primitive
from autograd_core.wording.notation import applied

__all__ = ["LEVELLED", "level", "levelling"]


def level(x: Any, largest: Any, out: Any = None) -> Any:
    """Subtract the largest entries, and put 0 where an infinite one was taken from itself."""
    with np.errstate(invalid="ignore"):
        out = np.asarray(np.subtract(x, largest, out))
    np.copyto(out, 0.0, where=np.equal(x, largest))
    return out


LEVELLED = Primitive(
    "levelled",
    "general",
    level,
    (None, None),
    (None, None),
    applied("levelled"),
    lambda out, *_, **__: int(out.size),
    (__name__, "level"),
    differentiable=False,
)


def levelling(program: Program) -> Program:
    """Put one instruction, `LEVELLED`, in place of where(x = max x, 0, x - max x); the bits are the same."""
    return rewritten(program, [Rule("where", _recognised, "x - x is 0 unless it is infinite")])


def _recognised(given: Instruction, sweep: Sweep) -> list[Instruction] | None:
    mask, zero, below = given.inputs
    same, less = sweep.maker(mask, "equal"), sweep.maker(below, "subtract")
    if type(zero) is not float or zero or same is None or less is None or same.inputs != less.inputs:
        return None
    x, largest = less.inputs
    most = sweep.maker(largest, "max")
    if most is None or most.inputs[0] is not x or not most.params["keepdims"]:
        return None
    return [Instruction(LEVELLED, (x, largest), NO_PARAMS, given.out)]
