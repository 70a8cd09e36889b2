"""``autograd-core derive``: the equations of a network's gradients, as they come out of one recorded pass."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from autograd_core.commands import networks
from autograd_core.commands.examples import Examples, read_asked
from autograd_core.commands.options import add_data, add_keep, add_network, add_parser, say
from autograd_core.derivations.derivation import Derivation, derive
from autograd_core.wording.errors import OptionError

__all__ = ["add_to"]

HIDDEN = 5
INVENTED = 7  # examples
IRIS = (4, 3)  # features and classes
ONE_FOR_TWO = ("binary_cross_entropy", "sigmoid_cross_entropy")  # one output tells two classes apart

FORMS: dict[str, tuple[str, Callable[[Derivation], str]]] = {
    "text": ("plain text, the default", str),
    "latex": ("LaTeX", Derivation.latex),
    "numpy": ("a NumPy function that needs nothing else", Derivation.source),
    "mathml": ("MathML", Derivation.mathml),
}


def add_to(commands: Any) -> None:
    """Add this command and its options to the parser."""
    parser = add_parser(
        commands,
        "derive",
        help="print the equations of a network's gradients",
        description="""Records one pass of a dense network and prints the closed form of every gradient, with
the notes' numbers. Nothing is trained; of the examples it matters only whether each column
of Y sums to 1, which makes some equations shorter.""",
        epilog="""Without --data these are Iris, or invented ones if --layers asks for other sizes.

exit code: 0 when derived, 2 when an option or the data are bad

examples:
  autograd-core derive
  autograd-core derive --layers 64,32,10 --activation relu --latex
  autograd-core derive --layers 4,5,3 --cost softmax_cross_entropy --steps "Z[2]"
  autograd-core derive --hidden 8,8 --lam 0.1 --numpy > gradients.py
""",
    )
    add_data(parser, required=False)
    add_network(parser, str(HIDDEN))
    parser.add_argument(
        "--output", metavar="NAME", help="activation of the last layer; by default what suits the cost"
    )
    parser.add_argument("--lam", type=float, default=0.0, metavar="X", help="weight penalty; 0 by default")
    add_keep(parser)
    forms = parser.add_mutually_exclusive_group()
    for form, (what, _) in FORMS.items():
        forms.add_argument(f"--{form}", dest="form", action="store_const", const=form, help=f"print {what}")
    forms.add_argument(
        "--steps",
        metavar="NAME",
        help="print how one gradient is derived, line by line, such as that by Z[2]",
    )
    parser.set_defaults(run=run, form="text", seed=0)


def run(options: argparse.Namespace) -> int:
    """Record, derive and print; return 0."""
    derivation = derive(_cost(options), notes=nn.NOTES)
    if options.steps is not None:
        say(derivation.steps(options.steps))
    else:
        say(FORMS[options.form][1](derivation).rstrip("\n"))
    return 0


def _cost(options: argparse.Namespace) -> Any:
    """Record the cost of an untrained network as the options describe it."""
    examples = _examples(options)
    outputs = None if options.data else options.layers[-1]
    net, X, Y, cost = networks.fresh(
        options, examples, (HIDDEN,), outputs=outputs, output=options.output, keep=options.keep
    )
    J = nn.costs.COSTS[cost](net(X), Y)
    if options.lam:
        J.name = None  # a part of the whole, which is J
        J = J + nn.costs.l2(net, options.lam, X.shape[1])
        J.name = "J"
    return J


def _examples(options: argparse.Namespace) -> Examples:
    """Read the examples asked for, or Iris; invent some for a network of other sizes."""
    ends = IRIS if options.layers is None else (options.layers[0], options.layers[-1])
    if options.data is None and ends == IRIS:
        options.data = "iris"
    if options.data is not None:
        return read_asked(options)
    for name in ("target", "features", "task"):
        if getattr(options, name) is not None:
            raise OptionError(f"--{name} says what to read, but no --data says from where")
    rng = np.random.default_rng(options.seed)
    X = rng.normal(size=(ends[0], INVENTED))
    if ends[1] == 1 and options.cost not in ONE_FOR_TWO:
        return Examples(X, rng.normal(size=(1, INVENTED)), None, None)
    k = max(ends[1], 2)
    return Examples(X, np.eye(k)[:, np.arange(INVENTED) % k], None, tuple(map(str, range(k))))
