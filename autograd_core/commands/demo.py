"""``autograd-core demo``: checked and drawn gradients of a dense network on real data.

Builds the network, runs it forward and backward, holds each layer's gradients by autodiff against the
notes' formulas and against finite differences, draws both passes, trains, and writes a report.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import nn
import viz
from autograd_core.commands import gradients, networks
from autograd_core.commands.options import add_layers, add_parser, add_seed, at_least, say
from autograd_core.wording.errors import unknown_option
from autograd_core.wording.identifiers import printable
from viz.stepper.report import Report

__all__ = ["add_to"]


@dataclass(frozen=True)
class Task:
    """A data set, and how to train on it."""

    load: Callable[[], nn.datasets.Dataset]
    hidden: tuple[int, ...]
    epochs: int
    batch_size: int | None
    learning_rate: float


TASKS = {
    "iris": Task(nn.datasets.iris, (5,), 300, None, 0.5),
    "digits": Task(nn.datasets.digits, (32,), 30, 32, 0.3),
}


def add_to(commands: Any) -> None:
    """Add this command and its options to the parser."""
    parser = add_parser(
        commands,
        "demo",
        help="checked and drawn gradients of a dense network on real data",
        description="Builds a dense network on real data, holds every gradient against the notes' formulas "
        "and finite differences, draws both passes, trains, and writes report.html.",
        epilog="""exit code: 0 when every gradient agrees, 1 when one does not, 2 when an option is bad

examples:
  autograd-core demo --out demo
  autograd-core demo --out demo --data digits --layers 64,16,10 --activation relu
""",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write the report")
    parser.add_argument("--data", default="iris", metavar="NAME", help="iris (default) or digits")
    add_layers(parser, "5 for iris and 32 for digits")
    parser.add_argument(
        "--activation", default="tanh", metavar="NAME", help="of the hidden layers; tanh by default"
    )
    add_seed(parser, "weights and shuffling")
    parser.add_argument("--epochs", type=at_least(1), metavar="N", help="how long to train")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do it all; return 0 if every gradient agrees, else 1."""
    if options.data not in TASKS:
        raise unknown_option("data set", options.data, TASKS)
    task = TASKS[options.data]
    train, test = nn.datasets.split(*task.load(), seed=options.seed)
    test = test._replace(X=nn.datasets.standardized(test.X, like=train.X))
    train = train._replace(X=nn.datasets.standardized(train.X, like=train.X))
    sizes = networks.widths(options, len(train.X), len(train.Y), task.hidden)
    net = networks.dense_network(sizes, options.activation, "softmax", np.random.default_rng(options.seed))
    options.out.mkdir(parents=True, exist_ok=True)

    say(f"{options.data}: {train.X.shape[1]} examples to train on, {test.X.shape[1]} held back; {net}")
    found = gradients.checks(net, *train, cost="cross_entropy", seed=options.seed)
    say(gradients.table(found))
    J = nn.costs.cross_entropy(net(train.X), train.Y)
    pictures = {"forward": viz.forward(J), "backward": viz.backward(J), "both": viz.both(J)}
    for name, picture in pictures.items():
        for suffix in ("svg", "png", "pdf", "dot"):
            picture.save(options.out / f"{name}.{suffix}")
    trace = pictures["both"].text(ascii=False)

    history = nn.fit(
        net,
        nn.costs.cross_entropy,
        train,
        nn.optimizers.GradientDescent(task.learning_rate),
        epochs=task.epochs if options.epochs is None else options.epochs,
        batch_size=task.batch_size,
        seed=options.seed,
    )
    if history.stopped == "interrupted":
        raise KeyboardInterrupt
    result = (
        f"cost {history.costs[0]:.4f} -> {history.costs[-1]:.4f} in {len(history.costs)} epochs, "
        f"{history.seconds:.1f} s; accuracy {nn.accuracy(net, *train):.1%} on the training examples, "
        f"{nn.accuracy(net, *test):.1%} on the {test.X.shape[1]} held back"
    )
    say(result)

    report = Report(f"Checked gradients: {options.data}", f"{net}, m = {train.X.shape[1]}")
    report.picture("Forward and backward pass", pictures["both"])
    report.table(
        "Closed form, autodiff and finite differences",
        gradients.HEAD,
        [gradients.cells(check) for check in found],
        gradients.READING,
    )
    report.equations("The notes' equations")
    report.picture("Forward pass", pictures["forward"])
    report.picture("Backward pass", pictures["backward"])
    report.text("Evaluation trace", trace)
    report.paragraph("Training", result)
    page = report.save(options.out / "report.html")
    say(f"wrote {printable(page)} and the pictures beside it")
    say(gradients.verdict(found))
    return 0 if all(check.ok for check in found) else 1
