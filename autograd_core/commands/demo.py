"""``autograd-core demo``: checked and drawn gradients of a dense network on real data.

Builds the network, runs it forward and backward, holds each layer's gradients by autodiff against the
notes' formulas and against finite differences, draws both passes, trains, and writes a report.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import nn
import viz
from autograd_core.errors import OptionError, unknown_option
from autograd_core.node import Array, topological_order
from nn import closed_form
from viz.report import Report

__all__ = ["Check", "add_to", "checks"]

CLOSED_FORM_TOLERANCE = 1e-11
DIFFERENCE_TOLERANCE = 1e-6
SAMPLED = 24  # entries of each quantity that are held against finite differences


@dataclass(frozen=True)
class Task:
    """A data set, and how to train on it."""

    load: Callable[[], nn.datasets.Dataset]
    hidden: tuple[int, ...]
    classes: tuple[str, ...]
    epochs: int
    batch_size: int | None
    learning_rate: float


TASKS = {
    "iris": Task(nn.datasets.iris, (5,), ("setosa", "versicolor", "virginica"), 300, None, 0.5),
    "digits": Task(nn.datasets.digits, (32,), tuple("0123456789"), 30, 32, 0.3),
}


@dataclass(frozen=True)
class Check:
    """One gradient by three roads.

    Attributes
    ----------
    name : str
        ``dW[1]``.
    equation : str
        The notes' number of the formula.
    formula : str
    shape : tuple of int
    closed_form : float
        Largest difference of autodiff and closed form, relative to the largest entry.
    difference : float
        The same for autodiff and finite differences, over the entries sampled that are no kinks, less
        what a difference can resolve.
    """

    name: str
    equation: str
    formula: str
    shape: tuple[int, ...]
    closed_form: float
    difference: float

    @property
    def ok(self) -> bool:
        """Whether all three agree."""
        return self.closed_form <= CLOSED_FORM_TOLERANCE and self.difference <= DIFFERENCE_TOLERANCE


def add_to(commands: Any) -> None:
    """Add this command and its options to the parser."""
    parser = commands.add_parser(
        "demo",
        help="checked and drawn gradients of a dense network on real data",
        description="Builds a dense network on real data, holds every gradient against the notes' formulas "
        "and finite differences, draws both passes, trains, and writes report.html.",
        epilog="Exit code: 0 when every gradient agrees, 1 when one does not, 2 when an option is bad.",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write the report")
    parser.add_argument("--data", default="iris", metavar="NAME", help="iris (default) or digits")
    parser.add_argument(
        "--layers",
        type=_widths,
        metavar="N,N,...",
        help="nodes of each layer, inputs first and classes last, such as 64,32,10",
    )
    parser.add_argument(
        "--activation", default="tanh", metavar="NAME", help="of the hidden layers; tanh by default"
    )
    parser.add_argument("--seed", type=_at_least(0), default=0, metavar="N", help="of weights and shuffling")
    parser.add_argument("--epochs", type=_at_least(1), metavar="N", help="how long to train")
    parser.set_defaults(run=run)


def _widths(text: str) -> tuple[int, ...]:
    try:
        widths = tuple(int(part) for part in text.split(","))
    except ValueError:
        widths = ()
    if len(widths) < 2 or min(widths) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of two or more sizes such as 4,5,3")
    return widths


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} up")
        return int(text)

    return number


def run(options: argparse.Namespace) -> int:
    """Do it all; return 0 if every gradient agrees, else 1."""
    if options.data not in TASKS:
        raise unknown_option("data set", options.data, TASKS)
    task = TASKS[options.data]
    train, test = nn.datasets.split(*task.load(), seed=options.seed)
    test = test._replace(X=nn.datasets.standardized(test.X, like=train.X))
    train = train._replace(X=nn.datasets.standardized(train.X, like=train.X))
    net = _network(task, train, options)
    options.out.mkdir(parents=True, exist_ok=True)

    print(f"{options.data}: {train.X.shape[1]} examples to train on, {test.X.shape[1]} held back; {net}")
    table = checks(net, *train, cost="cross_entropy", seed=options.seed)
    print(_text(table))
    J = nn.costs.cross_entropy(net(train.X), train.Y)
    pictures = {"forward": viz.forward(J), "backward": viz.backward(J), "both": viz.both(J)}
    for name, picture in pictures.items():
        for suffix in ("svg", "png", "pdf", "dot"):
            picture.save(options.out / f"{name}.{suffix}")
    trace = pictures["both"].text()

    history = nn.fit(
        net,
        nn.costs.cross_entropy,
        train,
        nn.optimizers.GradientDescent(task.learning_rate),
        epochs=task.epochs if options.epochs is None else options.epochs,
        batch_size=task.batch_size,
        seed=options.seed,
    )
    result = (
        f"cost {history.costs[0]:.4f} -> {history.costs[-1]:.4f} in {len(history.costs)} epochs, "
        f"{history.seconds:.1f} s; accuracy {nn.accuracy(net, *train):.1%} on the training examples, "
        f"{nn.accuracy(net, *test):.1%} on the {test.X.shape[1]} held back"
    )
    print(result)

    report = Report(f"Checked gradients: {options.data}", f"{net}, m = {train.X.shape[1]}")
    report.picture("Forward and backward pass", pictures["both"])
    report.table(
        "Closed form, autodiff and finite differences",
        (
            "gradient",
            "equation",
            "formula",
            "shape",
            "closed form",
            "finite differences",
            "verdict",
        ),
        [_cells(check) for check in table],
        f"Largest difference from autodiff, relative to the largest entry; at most {CLOSED_FORM_TOLERANCE:g} "
        f"and {DIFFERENCE_TOLERANCE:g} pass. Finite differences of up to {SAMPLED} entries each.",
    )
    report.equations("The notes' equations")
    report.picture("Forward pass", pictures["forward"])
    report.picture("Backward pass", pictures["backward"])
    report.text("Evaluation trace", trace)
    report.paragraph("Training", result)
    page = report.save(options.out / "report.html")
    wrong = [check.name for check in table if not check.ok]
    print(f"wrote {page} and the pictures beside it")
    print(f"DISAGREES: {', '.join(wrong)}" if wrong else f"all {len(table)} gradients agree")
    return 1 if wrong else 0


def _network(task: Task, train: nn.datasets.Dataset, options: argparse.Namespace) -> nn.Sequential:
    """Build hidden layers of the activation asked for, and a softmax output."""
    n, classes = train.X.shape[0], train.Y.shape[0]
    widths = options.layers or (n, *task.hidden, classes)
    if (widths[0], widths[-1]) != (n, classes):
        raise OptionError(
            f"--layers {','.join(map(str, widths))}: {options.data} has {n} features and {classes} classes, "
            f"so the list must start with {n} and end with {classes}"
        )
    rng = np.random.default_rng(options.seed)
    activations = [options.activation] * (len(widths) - 2) + ["softmax"]
    nn.activations.named(options.activation)  # refuse a misspelt name even without a hidden layer
    return nn.Sequential(
        *(
            nn.Dense(n_in, n_out, g, rng=rng)
            for (n_in, n_out), g in zip(pairwise(widths), activations, strict=True)
        )
    )


def checks(net: nn.Sequential, X: Array, Y: Array, cost: str, seed: int = 0) -> list[Check]:
    """Hold every gradient of one pass against the closed form and finite differences.

    Parameters
    ----------
    net : Sequential
        With activations that `nn.closed_form` knows, and biases.
    X, Y : (n[0], m), (n[L], m)
    cost : str
        A name in `nn.closed_form.COSTS`, which is also that of the function in `nn.costs`.
    seed : int
        Which entries are held against finite differences.

    Returns
    -------
    list of Check
        From the last layer to the first, in each dA, dZ, dW, db.

    Examples
    --------
    >>> net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, 1, "sigmoid", rng=1))
    >>> X, Y = np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[1.0, 0.0]])
    >>> [check.name for check in checks(net, X, Y, "binary_cross_entropy") if check.ok]
    ['dA[2]', 'dZ[2]', 'dW[2]', 'db[2]', 'dA[1]', 'dZ[1]', 'dW[1]', 'db[1]']
    """
    layers = [
        closed_form.Layer(layer.W.data, layer.b.data, layer.activation)
        for layer in net.layers
        if layer.b is not None
    ]
    by_hand = closed_form.backward(closed_form.forward(X, layers), Y, layers, cost)
    del by_hand["dA[0]"]  # the gradient by the data, usually ignored
    J = getattr(nn.costs, cost)(net(X), Y)
    J.backward(retain_grads=True)
    by_autodiff = {f"d{node.name}": node.grad for node in topological_order([J]) if node.name}
    net.zero_grad()
    rng = np.random.default_rng(seed)
    result = []
    for name, claimed in by_hand.items():
        found = by_autodiff[name]
        scale = max(float(np.abs(found).max()), np.finfo(float).tiny)
        positions = rng.choice(found.size, min(SAMPLED, found.size), replace=False)
        worst = 0.0
        for flat in positions:
            index = tuple(int(i) for i in np.unravel_index(flat, found.shape))
            slope = closed_form.difference_quotient(X, Y, layers, cost, name[1:], index)
            if not np.isnan(slope):  # at a kink there is nothing to compare with
                off = abs(slope - float(found[index]))
                worst = max(worst, max(0.0, off - 2 * closed_form.RESOLUTION) / scale)
        l = int(name[3:-1])
        equation, formula = _equation(name[1], l, len(layers))
        closed = float(np.abs(found - claimed).max()) / scale
        result.append(Check(name, equation, formula, found.shape, closed, worst))
    return result


def _equation(kind: str, l: int, last: int) -> tuple[str, str]:
    """Number and text of the formula behind a gradient of layer l."""
    if kind == "W":
        return "(15)", f"dZ[{l}] A[{l - 1}]ᵀ"
    if kind == "b":
        return "(16)", f"Σ_axis=1 dZ[{l}]"
    if kind == "Z":
        return "(17)", f"Jacobian of A[{l}] by Z[{l}], times dA[{l}]"
    return ("(9)", "seed: f′(A, Y)") if l == last else ("(22)", f"W[{l + 1}]ᵀ dZ[{l + 1}]")


def _cells(check: Check) -> tuple[str, ...]:
    return (
        check.name,
        check.equation,
        check.formula,
        str(check.shape),
        f"{check.closed_form:.1e}",
        f"{check.difference:.1e}",
        "agrees" if check.ok else "DISAGREES",
    )


def _text(table: Sequence[Check]) -> str:
    head = ("gradient", "equation", "formula", "shape", "closed form", "differences", "verdict")
    lines = [head, *map(_cells, table)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
