"""Time what comes before the first step: the import, and compiling, for the first time and again.

    python benchmarks/start_up.py [--quick] [--python OTHER] [--json FILE]

`import` is that of a contestant's packages in a fresh process. The other two are the seconds from the drawn
parameters to the end of the third training step: in a process that finds nothing on disk from runs before,
and in a process after that.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile

from compare import arguments, setup_of
from steps.contestants import CONTESTANTS, PRODUCTS
from steps.problem import NETWORKS
from steps.race import Setup, attempt, say, started, stop

NETWORK = "784-128-10, m=128"
CODE = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"
Figures = dict[str, dict[str, float]]


def import_seconds(name: str, python: str, times: int) -> float:
    """Return the median seconds that the packages of a contestant take."""
    command = [python, "-W", "ignore", "-c", CODE.format(", ".join(CONTESTANTS[name].packages))]
    found = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(times)]
    return statistics.median(float(text.split()[-1]) for text in found)


def measured(setup: Setup) -> Figures:
    """Return the three times of every contestant, in seconds."""
    widths, m = NETWORKS[NETWORK]
    request = {"do": "make", "measure": "training step", "widths": widths, "m": m, "dtype": "f4"}
    figures: Figures = {}
    for name, home in setup.homes().items():
        if name == PRODUCTS:
            continue
        say(f"start-up: {name}")
        with tempfile.TemporaryDirectory() as cache:
            ready = []
            for _ in range(2):
                workers = started({name: home}, setup._replace(cache=cache))
                if workers and (answer := attempt(workers, name, **request)):
                    ready.append(answer["ready"])
                stop(workers)
        if len(ready) == 2:
            imported = import_seconds(name, home, setup.rounds)
            figures[name] = {"import": imported, "first": ready[0], "again": ready[1]}
    return figures


def table(figures: Figures) -> str:
    """Write a line a contestant."""
    lines = [f"| {NETWORK}, seconds | import | first three steps | again |", "|---|---|---|---|"]
    for name, found in figures.items():
        cells = " | ".join(f"{seconds:.3f}" for seconds in found.values())
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


def main() -> int:
    """Measure every contestant and print the table."""
    options = arguments(__doc__).parse_args()
    with setup_of(options) as setup:
        figures = measured(setup)
    print(table(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
