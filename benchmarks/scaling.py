"""Time a training step of growing networks: how its cost grows with width, depth and the number of examples.

    python benchmarks/scaling.py [--quick] [--python OTHER] [--json FILE] [--csv FILE] [--plot FILE.svg]

float32. Each contestant runs in one process of its own for all sizes, in turns, round after round.
"""

from __future__ import annotations

import csv
import json
import math
import statistics
from pathlib import Path
from typing import Any

import plots
from compare import Times, arguments, duration, machine, setup_of
from steps.contestants import HAND, MEASURES, OURS, PRODUCTS, everyone
from steps.race import Setup, race, say, started, stop

SHOWN = (PRODUCTS, HAND, *OURS, "PyTorch", "JAX, jitted")
SWEEPS: dict[str, dict[int, tuple[tuple[int, ...], int]]] = {
    "width n of n-n-n-10, 64 examples": {n: ((n, n, n, 10), 64) for n in (4, 16, 64, 256, 1024)},
    "hidden layers of 32, 64 examples": {d: ((32, *[32] * d, 10), 64) for d in (1, 4, 16, 64)},
    "examples m, 64-32-10": {m: ((64, 32, 10), m) for m in (1, 16, 256, 4096, 65536)},
}
Sweeps = dict[str, dict[str, Times]]


def measured(setup: Setup, quick: bool = False) -> Sweeps:
    """Time every size; a quick run leaves out the largest of each sweep."""
    workers = started({name: home for name, home in setup.homes().items() if name in SHOWN}, setup)
    figures: Sweeps = {}
    for what, sizes in SWEEPS.items():
        figures[what] = {}
        for size, (widths, m) in list(sizes.items())[: -1 if quick else None]:
            say(f"{what}: {size}")
            times = race(workers, setup, MEASURES[:1], widths=widths, m=m, dtype="f4")
            figures[what][str(size)] = times[MEASURES[0]]
    stop(workers)
    return figures


def rows(figures: Sweeps) -> list[list[Any]]:
    """List sweep, size, contestant and median seconds."""
    return [
        [what, size, name, statistics.median(each)]
        for what, sizes in figures.items()
        for size, times in sizes.items()
        for name, each in times.items()
    ]


def exponent(sizes: dict[str, Times], name: str) -> float:
    """Return p where the time grows as size ** p between the two largest sizes."""
    (small, before), (large, after) = list(sizes.items())[-2:]
    growth = statistics.median(after[name]) / statistics.median(before[name])
    return math.log(growth) / math.log(int(large) / int(small))


def tables(figures: Sweeps) -> str:
    """Write a table a sweep: the time at each size, and the exponent of the growth at its end."""
    made = []
    for what, sizes in figures.items():
        names = everyone(sizes.values())
        lines = [f"| {' | '.join([what, *sizes, 'grows as'])} |", "|---" * (len(sizes) + 2) + "|"]
        for name in [name for name in names if all(name in times for times in sizes.values())]:
            cells = [duration(statistics.median(times[name])) for times in sizes.values()]
            lines.append(f"| {' | '.join([name, *cells, f'size^{exponent(sizes, name):.2f}'])} |")
        made.append("\n".join(lines))
    return "\n\n".join(made)


def main() -> int:
    """Measure, and write what was asked for."""
    parser = arguments(__doc__)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the medians there")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the curves; needs matplotlib")
    options = parser.parse_args()
    with setup_of(options) as setup:
        figures = measured(setup, options.quick)
    print(tables(figures), machine(setup.threads), sep="\n\n")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    if options.csv:
        with options.csv.open("w", newline="") as file:
            csv.writer(file).writerows([["sweep", "size", "contestant", "seconds"], *rows(figures)])
    if options.plot:
        plots.scaling(figures, options.plot)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
