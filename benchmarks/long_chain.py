"""Time a chain of a million operations beside one of 200, eager: recorded, differentiated and freed.

    python benchmarks/long_chain.py [--rounds 7] [--json FILE]

Also the memory that one recorded operation takes. Each measurement runs in a process of its own, on one
thread.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

from steps.problem import Links, draw_links

import autograd_core as ag

SHORT, MILLION = 200, 1_000_000
SHAPES = {"10 entries": (10,), "scalars": ()}


def leaves_of(links: Links) -> list[Any]:
    """Make tensors of x, w and b."""
    return [ag.Tensor(array, requires_grad=True) for array in links.arrays]


def phases(length: int, repeats: int) -> dict[str, float]:
    """Return the median seconds an operation takes to be recorded, differentiated and freed."""
    links = draw_links((10,), length // 4, "f8")
    leaves = leaves_of(links)
    times: dict[str, list[float]] = {"record": [], "backward": [], "free": [], "together": []}
    for _ in range(repeats):
        marks = [time.perf_counter()]
        y = links.run(ag, *leaves)
        marks.append(time.perf_counter())
        y.backward()
        marks.append(time.perf_counter())
        del y
        marks.append(time.perf_counter())
        for phase, begin, end in zip(times, [*marks[:3], marks[0]], [*marks[1:], marks[3]]):
            times[phase].append((end - begin) / length)
        for leaf in leaves:
            leaf.zero_grad()
    return {phase: statistics.median(found) for phase, found in times.items()}


def memory(shape: tuple[int, ...], length: int = 20_000) -> dict[str, float]:
    """Return the bytes that an operation recorded here takes, with its result."""
    links = draw_links(shape, length // 4, "f8")
    leaves = leaves_of(links)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    y = links.run(ag, *leaves)
    bytes_each = (tracemalloc.get_traced_memory()[0] - before) / length
    return {"bytes": bytes_each, "entries": float(leaves[0].data.nbytes), "end": float(y.value)}


def child(*words: str) -> dict[str, float]:
    """Measure in a process of its own."""
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    command = [sys.executable, __file__, "--child", *words]
    answer = subprocess.run(command, env=os.environ | threads, capture_output=True, check=True)
    return json.loads(answer.stdout)


def beside_a_million(rounds: int) -> dict[str, list[dict[str, float]]]:
    """Print what an operation costs in a short chain and in one of a million."""
    times: dict[str, list[dict[str, float]]] = {str(length): [] for length in (SHORT, MILLION)}
    for _ in range(rounds):
        for length, found in times.items():
            found.append(child("phases", length))
    short, long = times.values()
    print(f"{'10 entries, us an operation':28}{f'{SHORT}':>10}{f'{MILLION}':>10}{'ratio':>8}")
    for phase in short[0]:
        ratio = statistics.median(b[phase] / a[phase] for a, b in zip(short, long))
        columns = [statistics.median(found[phase] for found in each) * 1e6 for each in (short, long)]
        print(f"{phase:28}{columns[0]:10.2f}{columns[1]:10.2f}{ratio:8.2f}", flush=True)
    return times


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", metavar="FILE", help="also write every figure there")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        kind, what = options.child
        found = (
            memory(SHAPES[what]) if kind == "memory" else phases(int(what), 1 if int(what) > SHORT else 2000)
        )
        print(json.dumps(found))
        return 0

    figures: dict[str, Any] = {"million": beside_a_million(options.rounds)}
    figures["memory"] = {what: child("memory", what) for what in SHAPES}
    for what, found in figures["memory"].items():
        print(f"{what}: {found['bytes']:.0f} bytes an operation, {found['entries']:.0f} of them entries")
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
