"""How well a model predicts examples with known targets."""

from __future__ import annotations

import nn
from autograd_core.commands.examples import Examples
from autograd_core.graph.node import Array
from nn.datasets import labels
from nn.files.saving import Model
from nn.layers.summary import tabulated

__all__ = ["confusion", "score"]


def score(model: Model, examples: Examples) -> tuple[str, str]:
    """Name and value of what tells how good predictions are: the accuracy for classes, r2 for quantities."""
    if examples.classes:
        return "accuracy", f"{nn.accuracy(model.net, _scaled(model, examples), labels(examples.Y)):.1%}"
    return "r2", f"{nn.r2(model.net, _scaled(model, examples), examples.Y):.4f}"


def confusion(model: Model, examples: Examples) -> str:
    """Tabulate how many examples of each class, a row, are predicted as each class, a column."""
    names = examples.classes or ()
    counts = nn.confusion(model.net, _scaled(model, examples), labels(examples.Y))
    rows = [(name, *map(str, row)) for name, row in zip(names, counts.tolist(), strict=True)]
    return tabulated([("class \\ predicted", *names), *rows], right=range(1, len(names) + 1))


def _scaled(model: Model, examples: Examples) -> Array:
    return examples.X if model.scaling is None else model.scaling.apply(examples.X)
