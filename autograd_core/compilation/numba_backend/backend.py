"""The program as one compiled function: loops that vectorise, products by BLAS, one call from Python."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from autograd_core.compilation.numba_backend.cache import loaded
from autograd_core.compilation.numba_backend.grouping import grouped, recomputed
from autograd_core.compilation.numba_backend.nests import Plan, Refused
from autograd_core.compilation.numba_backend.ordering import ordered
from autograd_core.compilation.numba_backend.placing import Placement, placed
from autograd_core.compilation.numba_backend.source import new_arrays, source_of
from autograd_core.compilation.numba_backend.steps import Steps
from autograd_core.compilation.program import Built, Inline, Program
from autograd_core.system.extras import required

__all__ = ["Mismatch", "Refused", "built", "planned"]

_LINE = 64  # bytes that a processor fetches together
_LONGEST = 1500  # lines


class Mismatch(Exception):  # noqa: N818
    """Arrays of other shapes, dtypes or layouts than the program is compiled for, or that share memory."""


def planned(program: Program, fuse: bool = True) -> Plan:
    """Say which loops and products a program becomes, and whether products may scale and add by themselves.

    Raises
    ------
    Refused
        An operation has no loop.
    """
    steps = Steps(program, fuse)
    items = recomputed(grouped(steps.items), set(steps.fresh))
    return ordered(Plan(items, steps.fresh, steps.given))


def built(program: Program, fuse: bool = True) -> Built:
    """Compile a program.

    Parameters
    ----------
    program : Program
    fuse : bool
        Whether several operations may be rounded once. Exponentials, and the order of sums, are this
        backend's own either way.

    Raises
    ------
    Refused
        The program has an operation without a loop, arrays of dtypes that are not compiled, or so many
        instructions that compiling takes minutes.
    OptionError
        Numba or SciPy is not installed.
    """
    started = time.perf_counter()
    numba = required("numba", "fast", "a compiled function")
    required("scipy", "fast", "a compiled function")
    if numba.config.DISABLE_JIT:
        raise Refused("NUMBA_DISABLE_JIT is set")
    plan = planned(program, fuse)
    placement = placed(plan)
    source = "\n".join(source_of(program, plan, placement, fuse)) + "\n"
    lines = source.count("\n")
    if lines > _LONGEST:
        raise Refused(f"it has {lines} lines, which would take minutes to compile")
    try:
        module = loaded(source)
    except Exception as error:  # numba's own, and what LLVM says
        raise Refused(str(error).strip().partition("\n")[0]) from error
    inline = _bound(program, plan, placement, module)
    seconds = time.perf_counter() - started
    run = _function(inline, len(program.inputs))
    return Built(run, source, seconds, placement.buffers, placement.bytes, inline=inline)


def _bound(program: Program, plan: Plan, placement: Placement, module: ModuleType) -> Inline:
    """Write the call: it hands over new arrays for results, and the working memory."""
    new = new_arrays(program, plan)
    memory = np.empty(placement.bytes + 2 * _LINE, np.uint8)
    work = -(-memory.ctypes.data // _LINE) * _LINE + _LINE
    before = work - memory.ctypes.data - 16
    addresses = importlib.import_module("autograd_core.compilation.numba_backend.pointers").ADDRESSES
    memory[before : before + 16].view(np.int64)[:] = addresses["f4"], addresses["f8"]
    given = [f"x{k}" for k in range(len(program.inputs))]
    called = {x: given[program.inputs.index(target)] for x, target in plan.given.items()}
    called |= {x: f"y{k}" for k, x in enumerate(new)}
    handed = [*given, *(called[x] for x in new), str(work)]
    known = {"memory": memory, "empty": np.empty, "kernel": module.kernel}
    known |= {f"dtype_{called[x]}": x.dtype for x in new}
    lines = (
        *(f"{called[x]} = empty({shape}, dtype_{called[x]})" for x, shape in new.items()),
        "try:",
        f"    if kernel({', '.join(handed)}): return MISS",
        "except TypeError:",
        "    return MISS",
    )
    return Inline(lines, tuple(called[x] for x in plan.fresh), known)


def _function(inline: Inline, inputs: int) -> Callable[..., Any]:
    """Make a function of the call that says so if arrays do not fit."""
    known = {**inline.known, "MISS": None}
    text = [
        f"def attempt({', '.join(f'x{k}' for k in range(inputs))}):",
        *(f"    {line}" for line in inline.lines),
        f"    return ({', '.join([*inline.results, ''])})" if inline.results else "    return ()",
    ]
    exec(compile("\n".join(text), "<call of a compiled program>", "exec"), known)
    attempt: Callable[..., Any] = known["attempt"]

    def run(*arrays: Any) -> Any:
        results = attempt(*arrays)
        if results is None:
            raise Mismatch("arrays of other shapes, dtypes or layouts, or that share memory")
        return results

    return run
