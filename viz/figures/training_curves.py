"""How a training went: its costs and metrics over the epochs and, for two inputs, what it came to."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from autograd_core.graph.dispatch import as_operand
from autograd_core.graph.node import Array
from autograd_core.system.extras import required
from autograd_core.system.files import as_path, replace
from autograd_core.wording.arguments import instance
from autograd_core.wording.errors import OptionError, ShapeError, unknown_option
from nn import History, Sequential
from nn.datasets import labels
from nn.given import network
from nn.training.history import as_label

__all__ = ["empty_figure", "training"]

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")  # Okabe and Ito's
_MARKERS = "os^Dv*P"
_HELD_BACK = "validation "  # before the name of a curve
_ACROSS = 200  # points of the grid along an axis
_MARGIN = 0.08  # around the examples, of their range


def training(
    history: History,
    path: str | os.PathLike[str],
    net: Sequential | None = None,
    examples: tuple[Any, Any] | None = None,
) -> Path:
    """Draw the curves of a training into a file and, beside them, the regions that a network tells apart.

    Needs matplotlib: ``pip install "autograd-core[plot]"``.

    Parameters
    ----------
    history : History
    path : path
        Its suffix says the format: .png, .svg, .pdf or another that matplotlib writes.
    net : Sequential, optional
        Of two inputs; the classes are told apart by its largest output, or by its only one at 1/2 (at 0
        for logits).
    examples : (X (2, m), Y), optional
        To draw over the regions. Y holds one-hot columns (k, m), a row (1, m), or class numbers (m,).

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    OptionError
        matplotlib is not installed, there is no such format, or only one of `net` and `examples` is given.
    ShapeError
        The network or X has not two inputs, or Y not a class for each example.
    OSError
        The file cannot be written; one that was there before stays.

    Examples
    --------
    >>> import nn, tempfile
    >>> X, Y = nn.datasets.moons(40, seed=0)
    >>> net = nn.Sequential(nn.Dense(2, 4, "tanh", rng=0), nn.Dense(4, 2, "softmax", rng=1))
    >>> rule = nn.optimizers.Adam()
    >>> history = nn.fit(net, nn.costs.cross_entropy, (X, Y), rule, epochs=3, metrics=[nn.accuracy])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     training(history, f"{folder}/moons.svg", net, (X, Y)).name
    'moons.svg'
    """
    to = as_path(path, "training")
    if (net is None) is not (examples is None):
        raise OptionError(
            "the regions of a network are drawn below examples: give net and examples, or neither"
        )
    instance(history, History, "training: history", "what nn.fit returns")
    if examples is not None and not (isinstance(examples, tuple | list) and len(examples) == 2):
        raise OptionError(f"training: examples is {examples!r:.60}, wanted a pair (X, Y)")
    panels = 1 + bool(history.metrics) + (net is not None)
    figure = empty_figure(to, panels)
    axes = iter(figure.subplots(1, panels, squeeze=False)[0])
    held_back = {f"{_HELD_BACK}cost": history.validation_costs} if history.validation_costs else {}
    _curves(next(axes), {"cost": history.costs, **held_back})
    if history.metrics:
        _curves(next(axes), history.metrics)
    if net is not None and examples is not None:
        _regions(next(axes), net, *_checked(net, *examples))
    image = io.BytesIO()
    figure.savefig(image, format=to.suffix[1:].lower(), dpi=150)
    return replace(to, image.getvalue())


def empty_figure(path: Path, panels: int = 1) -> Any:
    """Make matplotlib's figure for a file, or refuse its format with the `OptionError` of `training`."""
    figure = required("matplotlib.figure", "plot", "a picture of a training").Figure(
        figsize=(5.6 * panels, 4.2), layout="constrained"
    )
    known = figure.canvas.get_supported_filetypes()
    if path.suffix[1:].lower() not in known:
        raise unknown_option("format", path.suffix, [f".{name}" for name in known])
    return figure


def _checked(net: Sequential, X: Any, Y: Any) -> tuple[Array, Array]:
    """Return X (2, m) and the class of each example (m,)."""
    X, Y = np.asarray(as_operand(X)), np.asarray(as_operand(Y))
    for what, count in (
        ("the network", network(net, "training").widths[0]),
        ("X", len(X) if X.ndim == 2 else X.shape),
    ):
        if count != 2:
            raise ShapeError(
                f"regions are drawn over two inputs, and {what} has {count}; leave net and examples out"
            )
    classes = Y if Y.ndim == 1 else labels(Y)
    if not 0 < X.shape[1] == len(classes):
        raise ShapeError(
            f"X holds {X.shape[1]} examples and Y {len(classes)} classes; they must be as many, and not none"
        )
    return X, classes


def _curves(axes: Any, curves: Mapping[str, Sequence[float]]) -> None:
    """Draw curves over the epochs; one of examples held back is dashed, in the colour of its other half."""
    halves = {f"{_HELD_BACK}{name}" for name in curves}
    whole = [name for name in curves if name not in halves]
    colours = dict(zip(whole, cycle(_COLOURS)))
    for name, values in curves.items():
        line = "-" if name in colours else "--"
        colour = colours[name.removeprefix(_HELD_BACK)]
        axes.plot(range(1, len(values) + 1), values, line, color=colour, label=as_label(name))
    axes.set(xlabel="epoch", ylabel=", ".join(map(as_label, whole)))
    axes.legend()


def _regions(axes: Any, net: Sequential, X: Array, classes: Array) -> None:
    """Colour the plane by the class predicted, and draw the examples over it."""
    least, most = X.min(axis=1), X.max(axis=1)
    margin = _MARGIN * np.where(most > least, most - least, 1.0)
    x, y = (np.linspace(a, b, _ACROSS) for a, b in zip(least - margin, most + margin, strict=True))
    A = net.predict(np.stack([c.ravel() for c in np.meshgrid(x, y)]).astype(net.parameters()[0].dtype))
    if len(A) == 1:
        A = np.vstack([np.full_like(A, 0 if net.numbered[-1].activation == "identity" else 0.5), A])
    for k, colour in zip(range(len(A)), cycle(_COLOURS)):
        lead = (A[k] - np.delete(A, k, axis=0).max(axis=0)).reshape(_ACROSS, _ACROSS)
        if (lead > 0).any():
            axes.contourf(x, y, lead, levels=[0, np.inf], colors=[colour], alpha=0.2)
        if lead.min() < 0 < lead.max():
            axes.contour(x, y, lead, levels=[0], colors="#444444", linewidths=1)
    for k, colour, marker in zip(range(int(classes.max()) + 1), cycle(_COLOURS), cycle(_MARKERS)):
        look = {"c": colour, "marker": marker, "edgecolors": "white", "linewidths": 0.5, "zorder": 3}
        axes.scatter(*X[:, classes == k], s=22, label=f"class {k}", **look)
    axes.set(xlabel="$x_1$", ylabel="$x_2$", title="classes predicted, and examples")
    axes.legend()
