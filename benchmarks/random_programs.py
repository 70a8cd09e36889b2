"""Run random programs of array operations here and in PyTorch and JAX; every value and gradient must agree.

    python benchmarks/random_programs.py [--programs 10000] [--seed 0] [--peers torch jax] [--processes 2]

A difference prints the program, by itself enough to see it again, and the two numbers; the exit status is 1.
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import time
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from programs.libraries import LIBRARIES, Arrays, run
from programs.program import Program, draw_program
from programs.table import TABLE, Operation

TOLERANCE = 1e-12


class Difference(NamedTuple):
    """Where two libraries differ most, and by what part of the largest entry."""

    error: float
    what: str
    ours: Any
    theirs: Any

    def __str__(self) -> str:
        return (
            f"{self.what} is {self.ours!r} here, {self.theirs!r} there: {self.error:.1e} of the largest entry"
        )


NONE = Difference(0.0, "", None, None)


def difference(ours: tuple[Arrays, Arrays], theirs: tuple[Arrays, Arrays]) -> tuple[Difference, Difference]:
    """Find the largest difference of values, and that of gradients.

    A difference is measured by the largest entry of the value or, for gradients, of all gradients of the
    program, and by 1 where that is smaller. Rounding errors of sums are of that size: what cancels
    leaves them behind. NaN and infinity, another shape and another dtype differ infinitely.
    """
    scale = _largest(*ours[1], *theirs[1])
    values = [_differ(f"v{i}", a, b, _largest(a, b)) for i, (a, b) in enumerate(zip(ours[0], theirs[0]))]
    slopes = [
        _differ(f"the gradient of v{i}", a, b, scale) for i, (a, b) in enumerate(zip(ours[1], theirs[1]))
    ]
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
    with np.errstate(invalid="ignore"):
        gaps = np.nan_to_num(np.abs(a - b) / scale, nan=np.inf)
    at = np.unravel_index(gaps.argmax(), gaps.shape)
    place = f"{what} at {tuple(map(int, at))}" if at else what
    return Difference(float(gaps[at]), place, float(a[at]), float(b[at]))


def compare(
    drawn: Program, peer: str, table: Mapping[str, Operation] = TABLE
) -> tuple[Difference, Difference]:
    """Run a program here and in a peer, and find the largest differences of values and of gradients."""
    return difference(*(run(drawn, LIBRARIES[name](), table) for name in ("ours", peer)))


class Outcome(NamedTuple):
    """What one program showed: which operations it ran, and the differences by peer."""

    counts: Counter[str]
    differences: dict[str, tuple[Difference, Difference]]
    failures: list[str]


def examine(seed: int, peers: Sequence[str]) -> Outcome:
    """Draw a program and compare what it gives here and in each peer; whatever is raised is a failure."""
    try:
        drawn = draw_program(seed)
        found = {peer: compare(drawn, peer) for peer in peers}
        failures = [failure(drawn, peer) for peer in peers if max(found[peer], key=_error).error > TOLERANCE]
        return Outcome(Counter(step.name for step in drawn.steps), found, failures)
    except Exception:
        return Outcome(Counter(), {}, [f"seed {seed}: {traceback.format_exc()}"])


def failure(drawn: Program, peer: str) -> str:
    """Cut a program after the first step that shows a difference, and write it out."""
    for length in range(1, len(drawn.steps) + 1):
        cut = drawn._replace(steps=drawn.steps[:length])
        found = max(compare(cut, peer), key=_error)
        if found.error > TOLERANCE:
            break
    return f"seed {drawn.seed}, {peer}: {found}\n{cut}"


def main() -> int:
    """Examine programs in several processes; print failures, counts and the largest differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0, help="of the first program; the others follow")
    parser.add_argument(
        "--peers", nargs="+", default=["torch", "jax"], choices=sorted({*LIBRARIES} - {"ours"})
    )
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()

    start = time.perf_counter()
    counts = Counter(dict.fromkeys(TABLE, 0))
    largest = dict.fromkeys(options.peers, (NONE, NONE))
    failed = 0
    work = functools.partial(examine, peers=options.peers)
    seeds = range(options.seed, options.seed + options.programs)
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for outcome in pool.imap_unordered(work, seeds, chunksize=10):
            counts.update(outcome.counts)
            failed += bool(outcome.failures)
            for text in outcome.failures:
                print(text, flush=True)
            for peer, found in outcome.differences.items():
                largest[peer] = tuple(max(pair, key=_error) for pair in zip(largest[peer], found))

    print("steps of each operation:", ", ".join(f"{name} {count}" for name, count in counts.most_common()))
    for peer, (values, gradients) in largest.items():
        print(f"{peer}: values differ by {values.error:.1e} at most, gradients by {gradients.error:.1e}")
    steps = f"{counts.total()} steps of {len(TABLE)} operations"
    print(f"{options.programs} programs from seed {options.seed}, {steps}")
    print(f"{failed} of them differ by more than {TOLERANCE:.0e}")
    print(f"{time.perf_counter() - start:.0f} s with {options.processes} processes")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
