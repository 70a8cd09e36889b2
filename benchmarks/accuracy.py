"""Accuracy on held-back examples: `nn.fit` beside scikit-learn's MLPClassifier, from the same first weights.

    python benchmarks/accuracy.py [--seeds 21] [--write docs/accuracy.md]

A seed decides which examples are held back, the first weights and the order of the examples.
"""

from __future__ import annotations

import argparse
import platform
import re
import warnings
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

import nn

ALPHA = 1e-4  # scikit-learn's default weight penalty


class Setting(NamedTuple):
    """What both sides are told."""

    data: str
    held_back: int
    hidden: tuple[int, ...]
    rule: str
    learning_rate: float
    epochs: int
    batch_size: int | None  # None for all
    activation: str = "relu"

    def __str__(self) -> str:
        batches = "all at once" if self.batch_size is None else f"batches of {self.batch_size}"
        return f"{self.data}, {self.rule} {self.learning_rate:g}, {batches}, {self.epochs} epochs"


SETTINGS = [
    Setting("iris", 50, (10,), "Adam", 0.01, 100, 20),
    Setting("iris", 50, (10,), "Momentum", 0.05, 100, 20),
    Setting("iris", 50, (10,), "Momentum", 0.1, 300, None),
    Setting("digits", 600, (100,), "Adam", 0.001, 50, 63),
    Setting("digits", 600, (100,), "Momentum", 0.05, 50, 63),
    Setting("digits", 600, (100,), "Momentum", 0.2, 200, None),
]


def examples(setting: Setting, seed: int):
    """Hold some examples back, and standardise all features as the others want it: (train, test)."""
    X, Y = getattr(nn.datasets, setting.data)()
    train, test = nn.datasets.split(X, Y, setting.held_back / X.shape[1], seed)
    scaling = nn.datasets.Scaling.of(train.X)
    return [part._replace(X=scaling.apply(part.X)) for part in (train, test)]


def network(setting: Setting, n_in: int, n_out: int, seed: int) -> nn.Sequential:
    """Draw first weights as scikit-learn does, and biases of 0."""
    rng, widths = np.random.default_rng(seed), (n_in, *setting.hidden, n_out)
    activations = [*[setting.activation] * len(setting.hidden), "softmax"]
    return nn.Sequential(
        *(
            nn.Dense(*pair, g, init="xavier_uniform", rng=rng)
            for pair, g in zip(pairwise(widths), activations, strict=True)
        )
    )


class SameOrder(np.random.RandomState):
    """Shuffles the order of the last epoch so that the order in which `nn.fit` goes comes out."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._rng, self._before = np.random.default_rng(seed), None

    def shuffle(self, x):
        """Overwrite 0, 1, ... with places in the order of the last epoch."""
        order = self._rng.permutation(len(x))
        x[:] = order if self._before is None else np.argsort(self._before)[order]
        self._before = order


def train_theirs(setting: Setting, net: nn.Sequential, train: nn.datasets.Dataset, order):
    """Train an MLPClassifier from the weights of a network, in the order of a seed or a `SameOrder`."""
    rows, labels = train.X.T, nn.datasets.labels(train.Y)
    rule = {"solver": "adam"}
    if setting.rule != "Adam":
        rule = {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": setting.rule == "Nesterov"}
    classifier = MLPClassifier(
        setting.hidden,
        setting.activation,
        **rule,
        alpha=ALPHA,
        batch_size=setting.batch_size or len(rows),
        learning_rate_init=setting.learning_rate,
        max_iter=1,
        n_iter_no_change=np.inf,
        random_state=0,
        warm_start=True,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier.fit(rows, labels)  # makes the arrays that a warm start begins with
        classifier.coefs_ = [layer.W.data.T.copy() for layer in net.dense]
        classifier.intercepts_ = [layer.b.data[:, 0].copy() for layer in net.dense]
        return classifier.set_params(max_iter=setting.epochs, random_state=order).fit(rows, labels)


def train_ours(setting: Setting, net: nn.Sequential, train: nn.datasets.Dataset, seed: int) -> None:
    """Train the network itself."""
    # Theirs divides the penalty of a batch by its size, here it is divided by the number of all examples.
    share = 1 if setting.batch_size is None else train.X.shape[1] / setting.batch_size
    rule = getattr(nn.optimizers, setting.rule)(setting.learning_rate)
    options = {"epochs": setting.epochs, "batch_size": setting.batch_size, "seed": seed}
    nn.fit(net, nn.costs.cross_entropy, train, rule, lam=ALPHA * share, progress=False, **options)


def predictions(setting: Setting, seed: int, same_order: bool):
    """Train on both sides and predict the class of each held-back example: theirs, ours, and the truth."""
    train, test = examples(setting, seed)
    net = network(setting, len(train.X), len(train.Y), seed)
    order = SameOrder(seed) if same_order else seed
    theirs = train_theirs(setting, net, train, order).predict(test.X.T)
    train_ours(setting, net, train, seed)
    return theirs, nn.datasets.labels(net.predict(test.X)), nn.datasets.labels(test.Y)


def row(setting: Setting, seeds: int, same_order: bool) -> str:
    """Measure a row of a table."""
    found = np.array([predictions(setting, seed, same_order) for seed in range(seeds)])
    theirs, ours, truth = found.swapaxes(0, 1)  # each (seeds, held back)
    shares = [100 * np.mean(side == truth, axis=1) for side in (theirs, ours)]
    gaps = shares[1] - shares[0]
    cells = [
        str(setting),
        *(f"{np.median(share):.2f} ({share.min():.1f} to {share.max():.1f})" for share in shares),
        f"{gaps.mean():+.2f} ± {gaps.std(ddof=1) / np.sqrt(seeds):.2f}",
        f"{np.sum(theirs != ours)} of {truth.size}",
    ]
    return f"| {' | '.join(cells)} |"


def table(settings: list[Setting], seeds: int, same_order: bool) -> str:
    """Measure a table."""
    orders = "The same order of examples" if same_order else "Each side in an order of its own"
    head = [orders, "MLPClassifier, %", "`nn.fit`, %", "difference", "predicted otherwise"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    lines += [row(setting, seeds, same_order) for setting in settings]
    return "\n".join(lines)


def main() -> int:
    """Print both tables and put them into a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=21)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="replace the figures in this page")
    options = parser.parse_args()
    shuffled = [setting for setting in SETTINGS if setting.batch_size]
    tables = [table(SETTINGS, options.seeds, True), table(shuffled, options.seeds, False)]
    made = f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}, Python {platform.python_version()}"
    figures = "\n\n".join([*tables, f"{options.seeds} seeds; {made}."])
    print(figures)
    if options.write:
        block = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->)", re.DOTALL)
        page, found = block.subn(rf"\1{figures}\n\2", options.write.read_text(encoding="utf-8"))
        if not found:
            parser.error(f"{options.write} has no lines <!-- figures --> and <!-- end of figures -->")
        options.write.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
