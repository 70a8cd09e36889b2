"""A plan as the text of a Python module that Numba compiles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd_core.compilation.numba_backend.entries import code
from autograd_core.compilation.numba_backend.loop_source import written
from autograd_core.compilation.numba_backend.nests import Plan
from autograd_core.compilation.numba_backend.placing import Placement
from autograd_core.compilation.program import Program, Value
from autograd_core.wording.identifiers import comment

__all__ = ["new_arrays", "source_of"]

_HEAD = """\
import math

import numpy as np

from autograd_core.compilation.numba_backend.fast_math import FUNCTIONS
from autograd_core.compilation.numba_backend.pointers import (
    Array, address, apart, at, compiled, copy, data, exact_loops, gemm, greatest, loops, misfits, overlap,
    plus, power, smallest
)

f4, f8, i4, i8, u1, b1 = np.float32, np.float64, np.int32, np.int64, np.uint8, np.bool_
inf, nan = np.inf, np.nan"""


def new_arrays(program: Program, plan: Plan) -> dict[Value, tuple[int, ...]]:
    """The results that are written into new arrays, with the shapes of those."""
    shapes = [x.shape if isinstance(x, Value) else np.shape(x) for x in program.results]
    return {x: shape for x, shape in zip(plan.fresh, shapes) if x not in plan.given}


def source_of(program: Program, plan: Plan, placement: Placement, fuse: bool) -> Iterator[str]:
    """Write the module, whose function `kernel` takes the inputs, the new arrays and an address.

    That is where its working memory begins; just before stand the addresses of BLAS's products. It returns 0,
    or, with nothing done, 1 for arrays of other shapes and 2 for arrays that share memory.
    """
    shapes = {x: x.shape for x in program.inputs} | new_arrays(program, plan)
    names = {x: f"{'x' if x in program.inputs else 'y'}{k}" for k, x in enumerate(shapes)}
    text = written(plan, placement, {x: f"{name}_" for x, name in names.items()})
    decorator = "loops" if fuse else "exact_loops"
    functions = "".join(f"\n\n\n@{decorator}\ndef {name}{body}" for name, body in text.functions.items())
    yield _HEAD
    for kind in ("f4", "f8"):
        for name in ("exp", "expm1", "log", "log1p", "tanh", "sigmoid"):
            if f"{name}_{kind}(" in functions:
                yield f'{name}_{kind} = FUNCTIONS["{kind}"]["{name}"]'
    kinds = [f'Array(np.dtype("{code(x.dtype)}"), {len(shape)})' for x, shape in shapes.items()]
    yield f"{functions}\n\n\n@compiled({', '.join([*kinds, f'exact={not fuse}'])})"
    yield f"def kernel({', '.join([*names.values(), 'work'])}):"
    yield from (f"    # {names[x]}: {comment(x.name or '')} {shape} {x.dtype}" for x, shape in shapes.items())
    yield from (f"    {line}" for line in _checks(program, plan, names))
    yield from (f"    {name}_ = data({name})" for name in names.values())
    for place, gemm in ((16, "gemm_f4"), (8, "gemm_f8")):
        if any(gemm in line for line in text.calls):
            yield f"    {gemm} = at(work - {place}, i8)[0]"
    yield from (f"    {line}" for line in text.calls)
    yield "    return 0"


def _checks(program: Program, plan: Plan, names: dict[Value, str]) -> Iterator[str]:
    """Return before anything is written if the arrays do not fit."""
    wrong = [f"misfits({names[x]}, {x.shape})" for x in program.inputs if x.shape]
    if wrong:
        yield f"if {' | '.join(wrong)}:"
        yield "    return 1"
    overwritten = [x for x in program.inputs if x in plan.given.values()]
    if overwritten and len(program.inputs) > 1:
        every = overwritten + [x for x in program.inputs if x not in overwritten]
        starts = ", ".join(f"address({names[x]})" for x in every)
        yield f"if overlap(({starts}), {tuple(x.nbytes for x in every)}, {len(overwritten)}):"
        yield "    return 2"
