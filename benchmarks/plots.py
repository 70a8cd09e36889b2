"""Plots of what the other scripts measured; they need matplotlib, the extra `plot`."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from steps.contestants import HAND, OURS, PRODUCTS, everyone

ACCENT, GREY, DARK = "#b3401f", "#8c8c8c", "#262626"
MARKS = "o^sD"
STYLE = {
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "svg.hashsalt": "speed",
}


def _saved(draw: Any, panels: int, size: tuple[float, float], path: Path, **options: Any) -> None:
    """Draw on as many panels and write the file, the same bytes for the same figures."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure, figure.subplots(1, panels, squeeze=False, **options)[0])
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def ratios(times: dict[str, dict[str, list[float]]], path: Path) -> None:
    """Draw the time of each contestant over that of NumPy by hand: a panel a network, a line a contestant."""
    names = everyone(times.values())[::-1]

    def draw(_figure: Any, panels: Any) -> None:
        for axes, (network, found) in zip(panels, times.items()):
            axes.axvline(1, color=DARK, linewidth=0.8)
            for y, name in enumerate(names):
                if name not in found:
                    continue
                each = [one / hand for one, hand in zip(found[name], found[HAND])]
                colour = ACCENT if name in OURS else DARK if name in (HAND, PRODUCTS) else GREY
                axes.plot(statistics.median(each), y, "o", color=colour, markersize=5)
                axes.annotate(
                    f"{statistics.median(each):.2f}",
                    (statistics.median(each), y),
                    (0, 6),
                    textcoords="offset points",
                    ha="center",
                    fontsize=7.5,
                    color=colour if colour != GREY else "#595959",
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
                )
            axes.set(xscale="log", title=network)
            axes.set_ylim(-0.6, len(names) - 0.2)
            axes.set_yticks(range(len(names)), names)
            axes.margins(x=0.12)
            axes.title.set_fontsize(9)
            _plain_ticks(axes.xaxis)
        panels[len(panels) // 2].set_xlabel("time over that of hand-written NumPy")

    _saved(
        draw, len(times), (3.2 + 2.0 * len(times), 0.6 + 0.36 * len(names)), path, sharex=True, sharey=True
    )


def scaling(sweeps: dict[str, dict[str, Any]], path: Path) -> None:
    """Draw the time of a step over width, depth and number of examples: a panel each, logarithmic axes."""

    def draw(figure: Any, panels: Any) -> None:
        for axes, (what, sweep) in zip(panels, sweeps.items()):
            others = iter(MARKS)
            for name in everyone(sweep.values()):
                points = [
                    (float(x), statistics.median(found[name])) for x, found in sweep.items() if name in found
                ]
                if name in OURS:
                    look = {"color": ACCENT, "linestyle": ["-", "--", ":"][OURS.index(name)]}
                elif name in (HAND, PRODUCTS):
                    look = {"color": DARK, "linestyle": "-" if name == HAND else ":"}
                else:
                    look = {"color": GREY, "marker": next(others), "markersize": 3.5}
                axes.plot(*zip(*points), label=name, linewidth=1.4, **look)
            axes.set(xscale="log", yscale="log", xlabel=what)
            axes.xaxis.set_major_locator(_powers())
            _plain_ticks(axes.xaxis)
        panels[0].set_ylabel("seconds a training step")
        lines = {line.get_label(): line for axes in panels for line in axes.lines}
        figure.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=4, frameon=False)

    _saved(draw, len(sweeps), (1.0 + 3.4 * len(sweeps), 4.0), path)


def _powers() -> Any:
    from matplotlib.ticker import LogLocator

    return LogLocator(base=4)


def _plain_ticks(axis: Any) -> None:
    """Write 0.1, 1, 10 instead of powers of ten, and nothing between."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axis.set_minor_locator(NullLocator())
