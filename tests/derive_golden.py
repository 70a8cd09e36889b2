"""The networks whose equations are kept in tests/golden; run as a script, it writes the files anew."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

import nn
from autograd_core.derivations.derivation import derive

GOLDEN = Path(__file__).parent / "golden"
WIDTHS = (4, 5, 6, 3, 2)
HIDDEN = [*nn.activations.ACTIVATIONS]
PAIRS = [
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "binary_cross_entropy"),
    ("sigmoid", "cross_entropy"),
    ("softmax", "cross_entropy"),
    ("identity", "sigmoid_cross_entropy"),
    ("identity", "softmax_cross_entropy"),
    *((output, cost) for cost in ("squared_error", "huber") for output in HIDDEN),
]


def network(activations, m=7):
    """A network with these activations, input and one-hot targets whose classes all occur."""
    widths = WIDTHS[: len(activations) + 1]
    layers = zip(widths, widths[1:], activations)
    net = nn.Sequential(*(nn.Dense(n, k, g, rng=l) for l, (n, k, g) in enumerate(layers)))
    X = np.random.default_rng(0).normal(size=(widths[0], m))
    return net, X, np.eye(widths[-1])[:, np.arange(m) % widths[-1]]


def derivation(activations, cost, **options):
    """The equations of a network with a cost."""
    net, X, Y = network(activations)
    return derive(getattr(nn.costs, cost)(net(X), Y), **{"notes": nn.NOTES, **options})


def lines(found, wanted):
    """Some equations as text and as LaTeX."""
    text, latex = str(found).splitlines(), found.latex().splitlines()[1:-1]
    kept = [place for place, line in enumerate(text) if line.split(" ")[0] in wanted]
    in_text = [re.sub(" {3,}", "   ", text[place]) for place in kept]
    return [*in_text, *(latex[place].removesuffix(r" \\") for place in kept)]


def activations():
    """What each activation does on the way back, in a layer that is not the last."""
    for g in HIDDEN:
        yield g, lines(derivation([g, "sigmoid"], "binary_cross_entropy"), ["dZ[1]"])


def outputs():
    """Where the way back begins, for each cost and what may stand before it."""
    for output, cost in PAIRS:
        yield f"{output}, {cost}", lines(derivation([output], cost), ["dA[1]", "dZ[1]"])


def networks():
    """Whole networks of one to four layers, as text, as LaTeX and entry by entry."""
    for depth in range(1, 5):
        chosen = [*["tanh", "relu", "sigmoid"][: depth - 1], "softmax"]
        found = derivation(chosen, "cross_entropy")
        scalar = derivation(chosen, "cross_entropy", detail="scalar")
        yield (
            " ".join(chosen),
            [str(found), found.latex(), found.latex("partial"), str(scalar), scalar.latex()],
        )


FILES = {
    "derive_activations.txt": activations,
    "derive_outputs.txt": outputs,
    "derive_networks.txt": networks,
}


def spelt(entries):
    """The text of a golden file: a title, and what belongs to it."""
    return "\n".join(f"# {title}\n" + "\n".join(parts) + "\n" for title, parts in entries())


if __name__ == "__main__":
    for name, entries in FILES.items():
        (GOLDEN / name).write_text(spelt(entries))
