"""Time a training step, its gradient alone and a prediction: this engine, NumPy by hand, and other libraries.

    python benchmarks/compare.py [--quick] [--python OTHER] [--only TEXT] [--json FILE] [--plot FILE.svg]

Each contestant runs in a process of its own, in turns, round after round, so that a slow moment of the
machine hits all of them. A time is the median over rounds; a ratio is the median of each round's. All
contestants must compute the same cost after 20 steps, or the run stops. `--python` names a second
interpreter, for libraries that are not installed beside this engine; a library found nowhere is skipped
with a line that says so.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import plots
from steps.contestants import HAND, MEASURES, everyone
from steps.problem import NETWORKS
from steps.race import Setup, race, say, started, stop

DTYPES = {"f4": "float32", "f8": "float64"}
Times = dict[str, list[float]]  # by contestant, one number a round


def arguments(description: str) -> argparse.ArgumentParser:
    """Make a parser with the options that all these scripts share."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two short rounds, to see that all of it runs")
    parser.add_argument("--rounds", type=int, default=Setup().rounds)
    parser.add_argument("--seconds", type=float, default=Setup().seconds, help="of a contestant's turn")
    parser.add_argument("--threads", type=int, default=Setup().threads)
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="PATH",
        help="an interpreter that has other libraries",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    return parser


@contextmanager
def setup_of(options: argparse.Namespace) -> Iterator[Setup]:
    """Read the shared options; what contestants keep on disk is forgotten at the end."""
    rounds, seconds = (2, 0.02) if options.quick else (options.rounds, options.seconds)
    with tempfile.TemporaryDirectory() as cache:
        yield Setup((sys.executable, *options.python), options.threads, rounds, seconds, cache)


def measured(
    setup: Setup, networks: Iterable[str], measures: Iterable[str], dtype: str, contestants: str = ""
) -> dict[str, dict[str, Times]]:
    """Time what is asked for, by measure and network; each network begins with fresh processes."""
    homes = {name: home for name, home in setup.homes().items() if contestants in name or name == HAND}
    figures: dict[str, dict[str, Times]] = {measure: {} for measure in measures}
    for network in networks:
        say(f"{DTYPES[dtype]}, {network}")
        widths, m = NETWORKS[network]
        workers = started(homes, setup)
        for measure, times in race(workers, setup, figures, widths=widths, m=m, dtype=dtype).items():
            figures[measure][network] = times
        stop(workers)
    return figures


def ratio(times: Times, name: str, to: str = HAND) -> float:
    """Return the median of each round's ratio of two contestants' times."""
    return statistics.median(one / other for one, other in zip(times[name], times[to]))


def duration(seconds: float) -> str:
    """Write a time to three digits."""
    unit, factor = ("us", 1e6) if seconds < 1e-3 else ("ms", 1e3)
    value = seconds * factor
    return f"{value:.{max(0, 2 - len(str(int(value))) + 1)}f} {unit}"


def table(figures: dict[str, Times], head: str) -> str:
    """Write a line a contestant: its time, and in brackets its ratio to NumPy by hand."""
    names = everyone(figures.values())
    lines = [f"| {' | '.join([head, *figures])} |", "|---" * (len(figures) + 1) + "|"]
    for name in names:
        cells = [
            f"{duration(statistics.median(times[name]))} ({ratio(times, name):.2f})" if name in times else ""
            for times in figures.values()
        ]
        lines.append(f"| {' | '.join([name, *cells])} |")
    return "\n".join(lines)


def machine(threads: int) -> str:
    """Say what kind of machine this is."""
    return f"{threads} cores {platform.machine().replace('_', '-')}, Python {platform.python_version()}"


def main() -> int:
    """Measure, and write what was asked for."""
    parser = arguments(__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="networks whose name contains this")
    parser.add_argument(
        "--who", default="", metavar="TEXT", help="contestants whose name contains this, and NumPy by hand"
    )
    parser.add_argument("--measure", choices=MEASURES, action="append")
    parser.add_argument("--dtype", choices=DTYPES, default="f4")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios; needs matplotlib")
    options = parser.parse_args()
    networks = [name for name in NETWORKS if options.only in name]
    with setup_of(options) as setup:
        figures = measured(setup, networks, options.measure or MEASURES[:1], options.dtype, options.who)
    for measure, found in figures.items():
        print(table(found, f"{measure}, {DTYPES[options.dtype]}"), end="\n\n")
    print(machine(setup.threads))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    if options.plot:
        plots.ratios(next(iter(figures.values())), options.plot)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
