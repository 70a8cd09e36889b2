"""``autograd-core check``: gradients of a network, or those that a file claims, held against the engine's."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from autograd_core.commands import claims, gradients, networks
from autograd_core.commands.examples import read_asked
from autograd_core.commands.options import add_data, add_network, add_parser, add_seed, at_least, say
from autograd_core.wording.errors import OptionError
from autograd_core.wording.identifiers import printable

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
        say(comparison)
        return 0 if comparison.ok else 1
    found = networks.saved(options) if options.model else networks.fresh(options, read_asked(options))
    net, cost = found.net, found.cost
    X, Y = found.X[:, : options.examples], found.Y[:, : options.examples]
    say(f"{printable(options.data)}: {X.shape[1]} examples; cost {cost}\n\n{net.summary()}\n")
    checks = gradients.checks(net, X, Y, cost, options.seed)
    say(gradients.table(checks))
    say(f"\n{gradients.verdict(checks)}")
    return 0 if all(check.ok for check in checks) else 1
