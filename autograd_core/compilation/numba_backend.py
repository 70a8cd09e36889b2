"""The program as one compiled function: loops that vectorise, products by BLAS, one call from Python."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from autograd_core.compilation.grouping import grouped, recomputed
from autograd_core.compilation.nests import Plan, Refused
from autograd_core.compilation.numba_cache import loaded
from autograd_core.compilation.numba_source import new_arrays, source_of
from autograd_core.compilation.ordering import ordered
from autograd_core.compilation.placing import Placement, placed
from autograd_core.compilation.program import Built, Program
from autograd_core.compilation.steps import Steps
from autograd_core.extras import required

__all__ = ["Mismatch", "Refused", "built", "planned"]

_LINE = 64  # bytes that a processor fetches together
_LONGEST = 1500  # lines


class Mismatch(Exception):  # noqa: N818
    """Arrays of other shapes, dtypes or layouts than the program is compiled for, or that share memory."""


def planned(program: Program) -> Plan:
    """Say which loops and products a program becomes.

    Raises
    ------
    Refused
        An operation has no loop.
    """
    steps = Steps(program)
    items = recomputed(grouped(steps.items), set(steps.fresh))
    return ordered(Plan(items, steps.fresh, steps.given))


def built(program: Program) -> Built:
    """Compile a program.

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
    plan = planned(program)
    placement = placed(plan)
    source = "\n".join(source_of(program, plan, placement)) + "\n"
    lines = source.count("\n")
    if lines > _LONGEST:
        raise Refused(f"it has {lines} lines, which would take minutes to compile")
    try:
        module = loaded(source)
    except numba.core.errors.NumbaError as error:
        raise Refused(str(error).strip().partition("\n")[0]) from error
    run = _bound(program, plan, placement, module)
    return Built(run, source, time.perf_counter() - started, placement.buffers, placement.bytes)


def _bound(program: Program, plan: Plan, placement: Placement, module: ModuleType) -> Callable[..., Any]:
    """Make the function that is called: it hands over new arrays for results, and the working memory."""
    new = new_arrays(program, plan)
    memory = np.empty(placement.bytes + _LINE, np.uint8)
    work = -(-memory.ctypes.data // _LINE) * _LINE
    addresses = importlib.import_module("autograd_core.compilation.pointers").ADDRESSES
    given = [f"x{k}" for k in range(len(program.inputs))]
    called = {x: given[program.inputs.index(target)] for x, target in plan.given.items()}
    called |= {x: f"y{k}" for k, x in enumerate(new)}
    handed = [*given, *(called[x] for x in new), str(work), str(addresses["f4"]), str(addresses["f8"])]
    known = {"memory": memory, "empty": np.empty, "kernel": module.kernel, "Mismatch": Mismatch}
    known |= {f"dtype_{called[x]}": x.dtype for x in new}
    text = [
        f"def run({', '.join(given)}):",
        *(f"    {called[x]} = empty({shape}, dtype_{called[x]})" for x, shape in new.items()),
        "    try:",
        f"        wrong = kernel({', '.join(handed)})",
        "    except TypeError as error:",
        "        raise Mismatch(str(error)) from None",
        "    if wrong:",
        '        raise Mismatch("other shapes" if wrong == 1 else "arrays that share memory")',
        f"    return ({', '.join(called[x] for x in plan.fresh)},)",
    ]
    exec(compile("\n".join(text), "<call of a compiled program>", "exec"), known)
    run: Callable[..., Any] = known["run"]
    return run
