"""The passes in their order: first those that keep every bit, then, if it is allowed, those that do not."""

from __future__ import annotations

from autograd_core.compilation.passes.algebra import algebra
from autograd_core.compilation.passes.common import common
from autograd_core.compilation.passes.dead_code import dead_code
from autograd_core.compilation.passes.folding import folding
from autograd_core.compilation.passes.scaling import scaling
from autograd_core.compilation.program import Program

__all__ = ["simplified"]


def simplified(program: Program, fuse: bool) -> Program:
    """Make a program that computes the same with fewer instructions.

    Parameters
    ----------
    program : Program
    fuse : bool
        Whether results may differ by rounding.
    """
    for one in _EXACT:
        program = one(program)
    if fuse:
        fused = scaling(program)
        if fused.instructions != program.instructions:  # which are equal if they are the same objects
            for one in _EXACT:
                fused = one(fused)
        program = fused
    return program


_EXACT = (folding, algebra, common, dead_code)
