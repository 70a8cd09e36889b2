"""Measure everything that docs/speed.md tells, and write its tables and plots.

    python benchmarks/speed.py [--quick] [--python OTHER] [--write docs/speed.md] [--json FILE] [--from FILE]

Steps, gradients and predictions in float32, steps in float64, chains, growth, memory, and what comes before
the first step. `--json` is written after each of these; what `--from` reads from such a file is not measured
again. Leave the machine alone meanwhile: all cores are used, and two threads wait for the slower one.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import chain
import memory
import plots
import scaling
import start_up
from compare import DTYPES, arguments, machine, measured, ratio, setup_of, table
from steps.contestants import MEASURES, OURS, PRODUCTS, everyone
from steps.problem import NETWORKS
from steps.race import Setup

Figures = dict[str, Any]


def stages(setup: Setup, quick: bool) -> dict[str, Callable[[], Any]]:
    """List the measurements, by the name of their figures."""
    networks = list(NETWORKS)[:3] if quick else list(NETWORKS)
    few = setup._replace(rounds=min(setup.rounds, 5), seconds=setup.seconds / 2)
    fewer = few._replace(rounds=min(setup.rounds, 3))
    return {
        "f4": lambda: measured(setup, networks, MEASURES, "f4"),
        "f8": lambda: measured(few, networks, MEASURES[:1], "f8"),
        "chain": lambda: chain.measured(few, quick),
        "scaling": lambda: scaling.measured(fewer, quick),
        "memory": lambda: memory.measured(setup, "f4", memory.SMALL if quick else memory.LARGE),
        "start-up": lambda: start_up.measured(fewer),
        "machine": lambda: f"{machine(setup.threads)}, NumPy {version('numpy')}.",
    }


def behind(figures: Figures) -> str:
    """List where another contestant is faster than the fastest compiled program of this engine."""
    lines = []
    for dtype in ("f4", "f8"):
        for measure, networks in figures[dtype].items():
            for network, times in networks.items():
                ours = [name for name in OURS[1:] if name in times]
                if not ours:
                    continue
                best = min(ours, key=lambda name: statistics.median(times[name]))
                faster = {name: ratio(times, best, name) for name in times if name not in (*OURS, PRODUCTS)}
                told = [f"{name} ({found:.2f})" for name, found in faster.items() if found > 1]
                if told:
                    lines.append(f"- {measure}, {DTYPES[dtype]}, {network}: {', '.join(told)}")
    return "\n".join(lines) or "Nowhere in the tables above."


def beside_the_products(figures: Figures) -> str:
    """Write the ratio of a step to its matrix products alone."""
    found = figures["f4"][MEASURES[0]]
    names = [name for name in everyone(found.values()) if name != PRODUCTS]
    lines = [f"| {' | '.join(['step / matrix products alone', *found])} |", "|---" * (len(found) + 1) + "|"]
    for name in names:
        cells = [f"{ratio(times, name, PRODUCTS):.2f}" if name in times else "" for times in found.values()]
        lines.append(f"| {' | '.join([name, *cells])} |")
    return "\n".join(lines)


def tables(figures: Figures) -> dict[str, str]:
    """Write every table, by the name of its place in the page."""
    steps = {measure: table(found, f"{measure}, {DTYPES['f4']}") for measure, found in figures["f4"].items()}
    doubles = figures["f8"][MEASURES[0]]
    return steps | {
        "machine": figures["machine"],
        "double": table(doubles, f"{MEASURES[0]}, {DTYPES['f8']}"),
        "products": beside_the_products(figures),
        "chain": table(figures["chain"], chain.HEAD),
        "scaling": scaling.tables(figures["scaling"]),
        "memory": memory.table(figures["memory"], "float32"),
        "start-up": start_up.table(figures["start-up"]),
        "behind": behind(figures),
    }


def written(page: str, parts: dict[str, str]) -> str:
    """Put each part between its two marks in a page."""
    for name, text in parts.items():
        block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        page, count = block.subn(lambda found, text=text: f"{found[1]}{text}\n{found[2]}", page)
        if count != 1:
            raise SystemExit(
                f"the page needs <!-- {name} --> and <!-- end of {name} --> once, has them {count} times"
            )
    return page


def main() -> int:
    """Measure, print the tables, and write what was asked for."""
    parser = arguments(__doc__)
    parser.add_argument(
        "--write", type=Path, metavar="PAGE", help="replace tables there, draw plots beside it"
    )
    parser.add_argument(
        "--from", type=Path, dest="source", metavar="FILE", help="figures that are there already"
    )
    options = parser.parse_args()
    figures: Figures = json.loads(options.source.read_text()) if options.source else {}
    with setup_of(options) as setup:
        for stage, measure in stages(setup, options.quick).items():
            if stage not in figures:
                figures[stage] = measure()
                if options.json:
                    options.json.write_text(json.dumps(figures, indent=1))
    parts = tables(figures)
    print(*(f"{name}\n\n{text}\n" for name, text in parts.items()), sep="\n")
    if options.write:
        page = written(options.write.read_text(encoding="utf-8"), parts)
        options.write.write_text(page, encoding="utf-8")
        folder = options.write.parent / options.write.stem
        plots.ratios(figures["f4"][MEASURES[0]], folder / "steps.svg")
        plots.scaling(figures["scaling"], folder / "scaling.svg")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
