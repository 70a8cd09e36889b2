"""``autograd-core graph``: one pass of a network in pictures, or as a page to step through."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nn
import viz
from autograd_core.commands import networks
from autograd_core.commands.examples import read_asked
from autograd_core.commands.options import add_data, add_network, add_parser, add_seed, refuse_same
from autograd_core.errors import OptionError
from nn.datasets import Scaling

__all__ = ["add_to"]

HIDDEN = 5

VIEWS: dict[str, Callable[..., viz.Picture]] = {
    "forward": viz.forward,
    "backward": viz.backward,
    "both": viz.both,
}


def add_to(commands: Any) -> None:
    """Add this command and its options to the parser."""
    parser = add_parser(
        commands,
        "graph",
        help="draw a network, or its forward and backward pass",
        description="""Records one pass of an untrained dense network on a table, Iris by default, and draws
it: the forward pass, the backward pass, or both; or the network; or writes a page to step through.""",
        epilog="""views:
  forward   every operation, in layers
  backward  the derivative of J by every named value, and the factors between them
  both      one above the other, with what is kept between: the default
  network   units and the lines between them
  page      both, step by step, in a browser: the default for an .html file

exit code: 0 when drawn, 2 when an option or the data are bad

examples:
  autograd-core graph -o ladder.svg
  autograd-core graph --data digits --hidden 32,16 --activation relu --view backward -o digits.pdf
  autograd-core graph --view network --layers 4,6,3 --theme dark -o network.png
  autograd-core graph --data flats.csv --target rent -o steps.html
""",
    )
    add_data(parser, required=False)
    parser.set_defaults(data="iris")
    add_network(parser, str(HIDDEN))
    parser.add_argument("--view", choices=(*VIEWS, "network", "page"), help="what to draw; see below")
    parser.add_argument(
        "--theme", choices=("light", "dark", "paper"), default="light", help="of a picture; a page has two"
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="the file to write: .svg, .png, .pdf, .dot or .txt; .html for a page",
    )
    add_seed(parser, "weights")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Draw and write; return 0."""
    refuse_same("--out", options.out, {"--data": options.data})
    is_html = options.out.suffix.lower() == ".html"
    view = options.view or ("page" if is_html else "both")
    if (view == "page") is not is_html:
        raise OptionError(
            f"--view {view} and --out {options.out}: a page is an .html file, and a picture is none"
        )
    net, J = _recorded(options)
    if view == "page":
        viz.page(J, options.out)
    else:
        picture = viz.network(net) if view == "network" else VIEWS[view](J)
        picture.save(options.out, theme=options.theme)
    print(f"wrote {options.out}")
    return 0


def _recorded(options: argparse.Namespace) -> tuple[nn.Sequential, Any]:
    """Make an untrained network as the options describe it, and record its cost on standardised examples."""
    examples = read_asked(options)
    goal = networks.goal(examples, options.cost)
    sizes = networks.widths(options, len(examples.X), goal.nodes, hidden=(HIDDEN,))
    rng = np.random.default_rng(options.seed)
    net = networks.dense_network(sizes, options.activation, goal.output, rng, init=options.init)
    X, Y = Scaling.of(examples.X).apply(examples.X), networks.targets(examples, goal.nodes)
    if not examples.classes:
        Y = Scaling.of(Y).apply(Y)
    return net, nn.costs.COSTS[goal.cost](net(X), Y)
