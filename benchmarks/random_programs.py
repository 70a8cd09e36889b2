"""Run random programs of array operations here and in PyTorch and JAX; every value and gradient must agree.

    python benchmarks/random_programs.py [--programs 10000] [--seed 0] [--peers torch jax] [--processes 2]

A difference prints the program, by itself enough to see it again, and the two numbers; the exit status is 1.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from programs.libraries import LIBRARIES, Arrays, Library, run
from programs.program import Program, draw_program
from programs.table import TABLE, Operation

TOLERANCE = 1e-11


class Difference(NamedTuple):
    """Where two libraries differ most, and by what part of the largest entry."""

    error: float
    what: str
    ours: Any
    theirs: Any

    def __str__(self) -> str:
        return f"{self.what} is {self.ours!r} here, {self.theirs!r} there: {self.error:.1e} of the largest entry"


NONE = Difference(0.0, "", None, None)


def difference(ours: tuple[Arrays, Arrays], theirs: tuple[Arrays, Arrays]) -> tuple[Difference, Difference]:
    """Find the largest difference of values, and that of gradients.

    A difference is measured by the largest entry of the value or, for gradients, of all gradients of the
    program, and by 1 where that is smaller. Rounding errors of sums are of that size: what cancels
    leaves them behind. NaN and infinity, another shape and another dtype differ infinitely.
    """
    scale = _largest(*ours[1], *theirs[1])
    values = [_differ(f"v{i}", a, b, _largest(a, b)) for i, (a, b) in enumerate(zip(ours[0], theirs[0]))]
    slopes = [_differ(f"the gradient of v{i}", a, b, scale) for i, (a, b) in enumerate(zip(ours[1], theirs[1]))]
    return max(values, key=_error), max(slopes, key=_error)


def _error(found: Difference) -> float:
    return found.error


def _largest(*arrays: np.ndarray) -> float:
    return max(1.0, *(float(np.abs(x).max(initial=0.0)) for x in arrays))


def _differ(what: str, a: np.ndarray, b: np.ndarray, scale: float) -> Difference:
    if a.shape != b.shape or a.dtype != b.dtype:
        return Difference(np.inf, f"shape and dtype of {what}", (a.shape, a.dtype), (b.shape, b.dtype))
    if not a.size:
        return NONE
    gaps = np.nan_to_num(np.abs(a - b), nan=np.inf)
    at = np.unravel_index(gaps.argmax(), gaps.shape)
    place = f"{what} at {tuple(map(int, at))}" if at else what
    return Difference(float(gaps[at] / scale), place, float(a[at]), float(b[at]))


def first_step(drawn: Program, peer: Library, table: Mapping[str, Operation], tolerance: float) -> Program:
    """Cut a program after the first step whose value, or whose gradient, differs."""
    for length in range(1, len(drawn.steps)):
        cut = drawn._replace(steps=drawn.steps[:length])
        if max(map(_error, difference(run(cut, LIBRARIES["ours"](), table), run(cut, peer, table)))) > tolerance:
            return cut
    return drawn


class Outcome(NamedTuple):
    """What one program showed: operations run, those a derivative flowed through, differences by peer."""

    run: Counter[str]
    differentiated: Counter[str]
    differences: dict[str, tuple[Difference, Difference]]
    failures: list[str]


def examine(
    seed: int, peers: Sequence[str], table: Mapping[str, Operation] = TABLE, tolerance: float = TOLERANCE
) -> Outcome:
    """Draw a program and compare what it gives here and in each peer."""
    drawn = draw_program(seed, table)
    ours = run(drawn, LIBRARIES["ours"](), table)
    alive = drawn.behind(len(ours[0]) - 1) if any(g.any() for g in ours[1]) else set()
    names = [step.name for step in drawn.steps]
    reached = [name for i, name in enumerate(names, len(drawn.leaves)) if i in alive]
    differences, failures = {}, []
    for peer in peers:
        library = LIBRARIES[peer]()
        differences[peer] = difference(ours, run(drawn, library, table))
        if max(map(_error, differences[peer])) > tolerance:
            cut = first_step(drawn, library, table, tolerance)
            found = max(difference(run(cut, LIBRARIES["ours"](), table), run(cut, library, table)), key=_error)
            failures.append(f"seed {seed}, {peer}: {found}\n{cut}")
    return Outcome(Counter(names), Counter(reached), differences, failures)


def examined(seed: int, peers: Sequence[str]) -> Outcome:
    """Examine in a process of a pool: whatever is raised is a failure of the program."""
    try:
        return examine(seed, peers)
    except Exception:
        return Outcome(Counter(), Counter(), {}, [f"seed {seed}: {traceback.format_exc()}"])


def main() -> int:
    """Examine programs in several processes; print failures, counts and the largest differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0, help="of the first program; the others follow")
    parser.add_argument("--peers", nargs="+", default=["torch", "jax"], choices=sorted({*LIBRARIES} - {"ours"}))
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()

    start = time.perf_counter()
    ran, differentiated = Counter(dict.fromkeys(TABLE, 0)), Counter()
    largest = {peer: (NONE, NONE) for peer in options.peers}
    failed = 0
    seeds = range(options.seed, options.seed + options.programs)
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for outcome in pool.imap_unordered(functools.partial(examined, peers=options.peers), seeds, chunksize=10):
            ran += outcome.run
            ...
