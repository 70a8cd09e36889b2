"""The program as one compiled function: loops that vectorise, products by BLAS, one call from Python."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograd_core import files
from autograd_core.compilation.entries import code
from autograd_core.compilation.grouping import grouped, recomputed
from autograd_core.compilation.loop_source import written
from autograd_core.compilation.nests import Plan, Refused
from autograd_core.compilation.ordering import ordered
from autograd_core.compilation.placing import Placement, placed
from autograd_core.compilation.program import Built, Program, Value
from autograd_core.compilation.steps import Steps
from autograd_core.extras import required

__all__ = ["Mismatch", "Refused", "built", "planned", "source_of"]


class Mismatch(Exception):
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
        The program has an operation without a loop, or arrays of dtypes that are not compiled.
    OptionError
        Numba or SciPy is not installed.
    """
    started = time.perf_counter()
    required("numba", "fast", "a compiled function")
    required("scipy", "fast", "a compiled function")
    plan = planned(program)
    placement = placed(plan)
    source = "\n".join(source_of(program, plan, placement)) + "\n"
    module = _loaded(source)
    run = _bound(program, plan, placement, module)
    return Built(run, source, time.perf_counter() - started, placement.buffers, placement.bytes)


def _new(plan: Plan) -> list[Value]:
    """The results that are written into new arrays, in order."""
    return [x for x in plan.fresh if x not in plan.given]


def source_of(program: Program, plan: Plan, placement: Placement) -> Iterator[str]:
    """Write the module that is compiled."""
    new = _new(plan)
    arguments = {x: f"a{k}" for k, x in enumerate(program.inputs)} | {x: f"r{k}" for k, x in enumerate(new)}
    pointers = {x: f"{name}_" for x, name in arguments.items()}
    shapes = {x: x.shape for x in program.inputs} | {
        x: (y.shape if isinstance(y, Value) else np.shape(y)) for x, y in zip(plan.fresh, program.results)
    }
    text = written(plan, placement, pointers)
    functions = [f"\n\n@loops\ndef {name}{body}" for name, body in text.functions.items()]
    yield from _head("\n".join(functions))
    yield from functions
    kinds = [f'Array(np.dtype("{code(x.dtype)}"), {len(shapes[x])})' for x in arguments]
    yield ""
    yield ""
    yield f"@compiled({', '.join(kinds)})"
    yield f"def kernel({', '.join([*arguments.values(), 'work', 'gemm_f4', 'gemm_f8'])}):"
    for x, name in arguments.items():
        yield f"    # {name}: {x.name or ''} {shapes[x]} {x.dtype}"
    checks = [f"misfits({arguments[x]}, {x.shape})" for x in program.inputs if x.shape]
    if checks:
        yield f"    if {' | '.join(checks)}:"
        yield "        return 1"
    overwritten = [x for x in program.inputs if x in plan.given.values()]
    if overwritten and len(program.inputs) > 1:
        others = [x for x in program.inputs if x not in overwritten]
        starts = ", ".join(f"address({arguments[x]})" for x in overwritten + others)
        sizes = tuple(x.nbytes for x in overwritten + others)
        yield f"    if overlap(({starts}), {sizes}, {len(overwritten)}):"
        yield "        return 2"
    for x, name in arguments.items():
        yield f"    {name}_ = data({name})"
    yield from (f"    {line}" for line in text.calls)
    yield "    return 0"


def _head(functions: str) -> Iterator[str]:
    yield "import math"
    yield ""
    yield "import numpy as np"
    yield ""
    yield "from autograd_core.compilation.fast_math import FUNCTIONS"
    yield "from autograd_core.compilation.pointers import (\n    Array, address, apart, at, compiled, copy, data, gemm, greatest, loops, misfits, overlap, smallest\n)"
    yield ""
    yield "f4, f8, i4, i8, b1, inf, nan = np.float32, np.float64, np.int32, np.int64, np.bool_, np.inf, np.nan"
    for kind in ("f4", "f8"):
        for name in ("exp", "expm1", "log", "log1p", "tanh", "sigmoid"):
            if f"{name}_{kind}(" in functions:
                yield f'{name}_{kind} = FUNCTIONS["{kind}"]["{name}"]'


def _bound(
    program: Program, plan: Plan, placement: Placement, module: ModuleType
) -> Callable[..., tuple[Any, ...]]:
    """Make the function that is called: new arrays for results, and the working memory, are handed over."""
    pointers = importlib.import_module("autograd_core.compilation.pointers")
    new = _new(plan)
    # The start is moved to a full line of the processor's cache.
    memory = np.empty(placement.bytes + 64, np.uint8)
    work = -(-memory.ctypes.data // 64) * 64
    arguments = [f"a{k}" for k in range(len(program.inputs))]
    results, lines = [], []
    scope: dict[str, Any] = {"memory": memory, "empty": np.empty, "kernel": module.kernel, "Mismatch": Mismatch}
    for x, y in zip(plan.fresh, program.results):
        if x in plan.given:
            results.append(f"a{program.inputs.index(plan.given[x])}")
        else:
            k = new.index(x)
            shape = y.shape if isinstance(y, Value) else np.shape(y)
            scope[f"d{k}"] = x.dtype
            lines.append(f"    r{k} = empty({shape}, d{k})")
            results.append(f"r{k}")
    handed = [*arguments, *(f"r{k}" for k in range(len(new))), str(work)]
    handed += [str(pointers.ADDRESSES["f4"]), str(pointers.ADDRESSES["f8"])]
    text = "\n".join(
        [
            f"def run({', '.join(arguments)}):",
            *lines,
            "    try:",
            f"        wrong = kernel({', '.join(handed)})",
            "    except TypeError as error:",
            "        raise Mismatch(str(error)) from None",
            "    if wrong:",
            '        raise Mismatch("shapes" if wrong == 1 else "arrays that share memory")',
            f"    return ({', '.join(results)},)",
        ]
    )
    exec(compile(text, "<run>", "exec"), scope)  # noqa: S102
    run: Callable[..., tuple[Any, ...]] = scope["run"]
    return run


def _loaded(source: str) -> ModuleType:
    """Import the source from a file named after it, next to which Numba keeps what it compiles."""
    pointers = importlib.import_module("autograd_core.compilation.pointers")
    fast_math = importlib.import_module("autograd_core.compilation.fast_math")
    versions = [sys.version, np.__version__, importlib.import_module("numba").__version__]
    texts = [source, inspect.getsource(pointers), inspect.getsource(fast_math), *versions]
    name = "autograd_core_program_" + hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]
    path = _folder() / f"{name}.py"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            files.replace(path, source.encode())
    except OSError:
        module = ModuleType(name)
        exec(compile(source, f"<{name}>", "exec"), module.__dict__)  # noqa: S102
        return module
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # where Numba looks for it
    spec.loader.exec_module(module)
    return module


def _folder() -> Path:
    """Where compiled programs are kept for the next process."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autograd-core"
