"""Measure the peak memory of training steps beyond parameters and data, contestant by contestant.

    python benchmarks/memory.py [--quick] [--python OTHER] [--dtype f8] [--json FILE]

A training step of 1024-2048-2048-10 with 512 examples; --quick takes a small one. Two figures. `arrays` is
the peak that NumPy reports to tracemalloc, exact and the same each time, but blind to memory that other
libraries allocate. `resident` is the peak of what the operating system has given to the process: it sees
everything, and varies by some MB. Both are peaks of three steps, beyond what there was when parameters
and data were drawn, after a few steps of a small network; what making the step needed for a moment is not
counted.
"""

from __future__ import annotations

import json
from typing import Any

from compare import DTYPES, arguments, setup_of
from steps.contestants import HAND, PRODUCTS
from steps.problem import NETWORKS
from steps.race import Setup, attempt, say, started, stop

BUFFERS = "hand-written with buffers"
NUMPY_ONLY = (HAND, BUFFERS, "engine, eager", "engine, compiled")
LARGE, SMALL = list(NETWORKS)[-1], list(NETWORKS)[2]
Peaks = dict[str, dict[str, float]]


def measured(setup: Setup, dtype: str, network: str = LARGE) -> Peaks:
    """Return the peaks of each contestant in bytes; one process after the other."""
    widths, m = NETWORKS[network]
    found: Peaks = {}
    for name, home in setup.homes().items():
        if name == PRODUCTS:
            continue
        say(f"memory: {name}")
        workers = started({name: home}, setup)
        if workers and (peaks := attempt(workers, name, do="memory", widths=widths, m=m, dtype=dtype)):
            found[name] = peaks
        stop(workers)
    return found


def table(found: Peaks, head: str) -> str:
    """Write a line a contestant, with the ratio to NumPy by hand with buffers."""

    def cell(name: str, which: str) -> str:
        if which == "arrays" and name not in NUMPY_ONLY:
            return ""
        value, base = found[name][which], found[BUFFERS][which]
        return f"{value / 1e6:.1f} ({value / max(base, 1):.2f})"

    lines = [f"| {head}, peak in MB | NumPy's arrays | resident |", "|---|---|---|"]
    lines += [f"| {name} | {cell(name, 'arrays')} | {cell(name, 'resident')} |" for name in found]
    return "\n".join(lines)


def main() -> int:
    """Measure every contestant and print the table."""
    parser = arguments(__doc__)
    parser.add_argument("--dtype", choices=DTYPES, default="f4")
    options = parser.parse_args()
    network = SMALL if options.quick else LARGE
    with setup_of(options) as setup:
        found: dict[str, Any] = measured(setup, options.dtype, network)
    print(table(found, f"{network}, {DTYPES[options.dtype]}"))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
