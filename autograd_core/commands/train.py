"""``autograd-core train``: a network trained on a table, in a file with all that predictions need.

Features are standardised by the examples trained on, and so are quantities to predict; the scaling of the
features stands in the file, that of the targets goes into W[L] and b[L].
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import nn
import viz
from autograd_core.commands import networks
from autograd_core.commands.examples import Examples, read_asked
from autograd_core.commands.networks import Goal
from autograd_core.commands.options import (
    add_data,
    add_keep,
    add_network,
    add_parser,
    add_seed,
    at_least,
    refuse_same,
    say,
)
from autograd_core.commands.scores import confusion, score
from autograd_core.graph.node import Array
from autograd_core.wording.errors import unknown_option
from autograd_core.wording.identifiers import printable
from nn.datasets import Scaling
from nn.files.saving import Model
from nn.layers.summary import tabulated
from nn.optimizers import Optimizer
from viz.figures.training_curves import empty_figure

__all__ = ["add_to"]

PARTS = ("trained on", "held back")

OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "adagrad": nn.optimizers.Adagrad,
    "adam": nn.optimizers.Adam,
    "adamw": nn.optimizers.AdamW,
    "gradient_descent": nn.optimizers.GradientDescent,
    "momentum": nn.optimizers.Momentum,
    "nesterov": nn.optimizers.Nesterov,
    "rmsprop": nn.optimizers.RMSProp,
}


def add_to(commands: Any) -> None:
    """Add this command and its options to the parser."""
    parser = add_parser(
        commands,
        "train",
        help="train a network on a table and save it",
        description="""Trains a dense network on a table: holds a part back, standardises the features (and
quantities to predict) by the rest, trains, saves the model, and tells how well it predicts.""",
        epilog="""The model is written at the end. A checkpoint beside it (for model.npz, model.training.npz)
is written after every epoch, with all that --resume needs to go on as if there had been no
break. Ctrl-C ends the training and saves the weights of the best epoch.

exit code: 0 when trained, 130 after Ctrl-C, 2 when an option or the data are bad

examples:
  autograd-core train --data iris --save iris.safetensors
  autograd-core train --data flats.csv --target rent --hidden 64,32 --patience 20 --save rent.npz
  autograd-core train --data digits --layers 64,32,10 --optimizer momentum --learning-rate 0.1 \\
      --epochs 50 --save digits.safetensors --plot digits.png
  autograd-core train --data iris --save iris.safetensors --epochs 400 --resume
""",
    )
    add_data(parser)
    parser.add_argument(
        "--save",
        type=Path,
        required=True,
        metavar="MODEL",
        help="the file to write, .safetensors or .npz; `predict` reads it, and so does nn.load",
    )
    add_network(parser)
    add_keep(parser)
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64", help="of the weights")
    parser.add_argument(
        "--optimizer", default="adam", metavar="NAME", help=f"one of {', '.join(OPTIMIZERS)}; adam by default"
    )
    parser.add_argument(
        "--learning-rate", type=float, metavar="X", help="by default what suits the optimizer, 0.001 for adam"
    )
    parser.add_argument("--lam", type=float, default=0.0, metavar="X", help="weight penalty; 0 by default")
    parser.add_argument(
        "--batch-size", type=at_least(1), default=32, metavar="N", help="examples an update; 32 by default"
    )
    parser.add_argument("--epochs", type=at_least(1), default=200, metavar="N", help="200 by default")
    parser.add_argument(
        "--held-back",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="of the examples, to judge by; 0.2 by default, 0 for none",
    )
    parser.add_argument(
        "--patience",
        type=at_least(1),
        metavar="N",
        help="stop when the cost held back has not fallen for N epochs, and keep the best weights",
    )
    add_seed(parser, "the part held back, weights, dropout and shuffling")
    parser.add_argument(
        "--resume", action="store_true", help="go on where the last training stood, if it did"
    )
    parser.add_argument(
        "--plot",
        type=Path,
        metavar="FILE",
        help="draw the costs and, for two features, the classes predicted, to a .png, .svg or .pdf file",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Train, save and tell; return 0, or 130 after Ctrl-C."""
    tell = (lambda *_: None) if options.quiet else say
    refuse_same("--save", options.save, {"--data": options.data})
    if options.plot is not None:
        empty_figure(options.plot)  # refuse a format before the training, not after it
    rule = _optimizer(options)
    examples = read_asked(options)
    goal = networks.goal(examples, options.cost)
    net = networks.dense_network(
        networks.widths(options, len(examples.X), goal.nodes),
        options.activation,
        goal.output,
        np.random.default_rng(options.seed),
        init=options.init,
        keep=options.keep,
        dtype=options.dtype,
    )
    parts = _parts(examples, options)
    scaling = Scaling.of(parts[0].X)
    of_targets = None if examples.classes else Scaling.of(parts[0].Y)
    data = [_prepared(part, goal, scaling, of_targets, options.dtype) for part in parts]
    tell(f"{printable(options.data)}: {examples}\n\n{net.summary()}\n")
    history = _fitted(net, goal, rule, data, options)

    names = {"features": examples.features, "classes": examples.classes}
    model = Model(networks.rebuilt(net, output=goal.predicted, scaling=of_targets), scaling, **names)
    nn.save(model.net, options.save, scaling=scaling, **names)
    if options.plot is not None:
        plane = bool(examples.classes) and len(examples.X) == 2
        viz.training(history, options.plot, *((model.net, data[0]) if plane else ()))
    tell(_told(history))
    tell(_scores(model, parts, [_cost(net, goal, part) for part in data]))
    if examples.classes:
        tell(f"\n{PARTS[len(parts) - 1]}, class by class:\n{confusion(model, parts[-1])}")
    tell(f"\nwrote {printable(options.save)}")
    if history.stopped != "interrupted":
        return 0
    kept = f"the weights of epoch {history.best_epoch} are in {printable(options.save)}"
    say(f"autograd-core train: stopped; {kept}; --resume goes on", sys.stderr)
    return 130


def _fitted(
    net: nn.Sequential,
    goal: Goal,
    rule: Optimizer,
    data: Sequence[tuple[Array, Array]],
    options: argparse.Namespace,
) -> nn.History:
    """Train; Ctrl-C before the end of the first epoch is passed on, for it leaves nothing worth keeping."""
    with np.errstate(all="ignore"):  # a NaN or infinity is found by the cost, which names it
        history = nn.fit(
            net,
            nn.costs.COSTS[goal.cost],
            data[0],
            rule,
            epochs=options.epochs,
            batch_size=options.batch_size,
            seed=options.seed,
            lam=options.lam,
            validation=data[1] if len(data) > 1 else None,
            patience=options.patience,
            checkpoint=options.save.with_name(f"{options.save.stem}.training{options.save.suffix}"),
            resume=options.resume,
            progress=not options.quiet,
        )
    if not history.costs:
        raise KeyboardInterrupt
    return history


def _optimizer(options: argparse.Namespace) -> Optimizer:
    """Make the update rule that is asked for."""
    if options.optimizer not in OPTIMIZERS:
        raise unknown_option("optimizer", options.optimizer, OPTIMIZERS)
    rule = OPTIMIZERS[options.optimizer]
    return rule() if options.learning_rate is None else rule(options.learning_rate)


def _parts(examples: Examples, options: argparse.Namespace) -> list[Examples]:
    """Part the examples: those to train on and, if any are to be, those held back."""
    if options.held_back == 0:
        return [examples]
    parts = nn.datasets.split(examples.X, examples.Y, options.held_back, options.seed)
    return [replace(examples, X=X, Y=Y) for X, Y in parts]


def _prepared(
    part: Examples, goal: Goal, scaling: Scaling, of_targets: Scaling | None, dtype: str
) -> tuple[Array, Array]:
    """Bring X and Y into the form in which they are trained on."""
    Y = networks.targets(part, goal.nodes)
    if of_targets is not None:
        Y = of_targets.apply(Y)
    return scaling.apply(part.X).astype(dtype), Y.astype(dtype)


def _cost(net: nn.Sequential, goal: Goal, data: tuple[Array, Array]) -> float:
    """Compute the cost without penalty and dropout."""
    X, Y = data
    return float(nn.costs.COSTS[goal.cost](net.predict(X), Y))


def _told(history: nn.History) -> str:
    """Say in a line how the training went."""
    epochs, best = len(history.costs), f"the weights of epoch {history.best_epoch} are kept"
    ended = {
        "epochs": f"{epochs} epochs",
        "interrupted": f"stopped after {epochs} epochs: {best}",
        "patience": f"{epochs} epochs, the last of them no better: {best}",
    }
    return f"{ended[history.stopped]}; {history.seconds:.1f} s"


def _scores(model: Model, parts: Sequence[Examples], costs: Sequence[float]) -> str:
    """Tabulate how well the parts are predicted."""
    rows = []
    for name, part, cost in zip(PARTS, parts, costs):
        what, value = score(model, part)
        rows.append((name, str(part.X.shape[1]), f"{cost:.4g}", value))
    return tabulated([("", "examples", "cost", what), *rows], right=(1, 2, 3))
