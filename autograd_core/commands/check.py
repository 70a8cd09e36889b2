"""``autograd-core check``: gradients of a network, or those that a file claims, held against the engine's."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

import nn
from autograd_core.commands import claims, gradients, networks
from autograd_core.commands.examples import read_asked
from autograd_core.commands.options import add_data, add_network, add_parser, add_seed, at_least
from autograd_core.errors import OptionError
from autograd_core.node import Array
from nn.datasets import Scaling

__all__ = ["add_to"]


def add_to(commands: Any) -> None:
    """Add this command and its options to the parser."""
    parser = add_parser(
        commands,
        "check",
        help="compare a network's gradients with the notes' formulas and finite differences",
        description="""Computes every gradient dA, dZ, dW and db of a network on a table: by autodiff, by the
notes' formulas and by finite differences. Prints how far they are apart. Of a FILE.py, compares the gradients
that it claims with autodiff and says what is wrong with them.""",
        epilog=f"""{gradients.READING}

{claims.FORM}

exit code: 0 when every gradient agrees, 1 when one does not, 2 when an option or the data are bad

examples:
  autograd-core check my_gradients.py
  autograd-core check --data iris --layers 4,5,3
  autograd-core check --data flats.csv --target rent --hidden 16,8 --activation gelu --cost huber
  autograd-core check --data iris --model iris.safetensors --examples 20
""",
    )
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE.py", help="a file that claims gradients")
    add_data(parser, required=False)
    add_network(parser)
    parser.add_argument(
        "--model", type=Path, metavar="MODEL", help="check this saved network in place of a fresh one"
    )
    parser.add_argument(
        "--examples",
        type=at_least(1),
        metavar="N",
        help="take the first N examples alone; all by default, which may take long",
    )
    add_seed(parser, "weights, and of the entries held against finite differences")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare and print; return 0 if every gradient agrees, else 1."""
    if (options.file is None) == (options.data is None):
        raise OptionError("check: give either FILE.py, which claims gradients, or --data; see --help")
    if options.file is not None:
        comparison = claims.compared(options.file)
        print(comparison)
        return 0 if comparison.ok else 1
    net, X, Y, cost = _fresh(options) if options.model is None else _saved(options)
    print(f"{options.data}: {X.shape[1]} examples; cost {cost}\n\n{net.summary()}\n")
    found = gradients.checks(net, X, Y, cost, options.seed)
    print(gradients.table(found))
    print(f"\n{gradients.verdict(found)}")
    return 0 if all(check.ok for check in found) else 1


def _fresh(options: argparse.Namespace) -> tuple[nn.Sequential, Array, Array, str]:
    """Make an untrained network as the options describe it; standardise the features, and quantities too."""
    examples = read_asked(options)
    goal = networks.goal(examples, options.cost)
    sizes = networks.widths(options, len(examples.X), goal.nodes)
    rng = np.random.default_rng(options.seed)
    net = networks.dense_network(sizes, options.activation, goal.output, rng, init=options.init)
    X, Y = Scaling.of(examples.X).apply(examples.X), networks.targets(examples, goal.nodes)
    if not examples.classes:
        Y = Scaling.of(Y).apply(Y)
    return net, X[:, : options.examples], Y[:, : options.examples], goal.cost


def _saved(options: argparse.Namespace) -> tuple[nn.Sequential, Array, Array, str]:
    """Read a network, in float64; with quantities to predict, let it predict them standardised."""
    for name in ("layers", "hidden", "activation", "init", "task", "features"):
        if getattr(options, name) is not None:
            raise OptionError(f"--{name} and --model: the saved network has its own; leave one of them out")
    model = networks.load(options.model)
    examples = networks.read_for(model, options.data, options.target)
    last = model.net.dense[-1]
    goal = networks.goal(examples, options.cost or nn.costs.matching(last.activation))
    X = examples.X if model.scaling is None else model.scaling.apply(examples.X)
    Y, back = networks.targets(examples, last.n_out), None
    if not examples.classes and last.activation == "identity" and last.b is not None:
        scaling = Scaling.of(Y)  # differences of losses of order 1 are the ones that tell
        Y, back = scaling.apply(Y), Scaling(-scaling.mean / scaling.spread, 1 / scaling.spread)
    net = networks.rebuilt(model.net, scaling=back, dtype="float64").eval()
    return net, X[:, : options.examples], Y[:, : options.examples], goal.cost
