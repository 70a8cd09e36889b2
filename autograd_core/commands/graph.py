"""``autograd-core graph``: one pass of a network in pictures, or as a page to step through."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nn
import viz
from autograd_core.commands import networks
from autograd_core.commands.examples import read_asked
from autograd_core.commands.options import add_data, add_network, add_parser, add_seed, refuse_same, say
from autograd_core.wording.errors import OptionError
from autograd_core.wording.identifiers import printable
from viz.style.theme import THEMES

__all__ = ["add_to"]

HIDDEN = 5

VIEWS: dict[str, Callable[..., viz.Picture]] = {
    "forward": viz.forward,
    "backward": viz.backward,
    "both": viz.both,
}

_OF_A_PASS = ("detail", "expand", "focus", "hops", "between", "values", "norms", "statistics")


def add_to(commands: Any) -> None:
    """Add this command and its options to the parser."""
    parser = add_parser(
        commands,
        "graph",
        help="draw a network, or its forward and backward pass",
        description="""Records one pass of a dense network on a table and draws it: the forward pass, the
backward pass, or both; or the network; or writes a page to step through. The table is Iris
by default, and the network untrained unless there is a --model.""",
        epilog="""views:
  forward   every operation, in layers
  backward  the derivative of J by every named value, and the factors between them
  both      one above the other, with what is kept between: the default
  network   units and the lines between them
  page      both, step by step, in an .html file for a browser: the default for one

exit code: 0 when drawn, 2 when an option or the data are bad

examples:
  autograd-core graph -o ladder.svg
  autograd-core graph --data digits --hidden 32,16 --activation relu --view backward -o digits.pdf
  autograd-core graph --view network --layers 4,6,3 --theme dark -o network.png
  autograd-core graph --data flats.csv --target rent -o steps.html
  autograd-core graph --layers 4,8,8,8,8,3 --detail layers -o deep.svg
  autograd-core graph --focus "Z[1]" --statistics -o close.svg
  autograd-core graph --model digits.npz --view network -o digits.svg
""",
    )
    add_data(parser, required=False)
    add_network(parser, str(HIDDEN))
    parser.add_argument(
        "--model", type=Path, metavar="MODEL", help="draw this saved network in place of a fresh one"
    )
    parser.add_argument("--view", choices=(*VIEWS, "network", "page"), help="what to draw; see below")
    parser.add_argument(
        "--detail", choices=("auto", "operations", "layers"), help="of a pass; auto, by its size, by default"
    )
    parser.add_argument("--expand", metavar="NAME", help="draw this, such as 'layer 2', outside of any box")
    parser.add_argument("--focus", metavar="NAME", help="draw of a pass what is around a value, such as Z[1]")
    parser.add_argument("--hops", type=int, metavar="N", help="how many operations around; 2 by default")
    parser.add_argument(
        "--between", nargs=2, metavar=("FROM", "TO"), help="draw of a pass the paths from a value to another"
    )
    parser.add_argument("--values", action="store_true", help="write the entries of small arrays")
    parser.add_argument("--norms", action="store_true", help="write the norm of each gradient")
    parser.add_argument(
        "--statistics", action="store_true", help="write least and largest entry, mean and deviation"
    )
    parser.add_argument(
        "--theme", choices=tuple(THEMES), help="of a picture, light by default; a page has two"
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="the file to write: .svg, .png, .pdf, .html, .dot or .txt",
    )
    add_seed(parser, "weights")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Draw and write; return 0."""
    read = {"--data": options.data, "--model": options.model}
    refuse_same("--out", options.out, {name: path for name, path in read.items() if path})
    is_html = options.out.suffix.lower() == ".html"
    given = {name: getattr(options, name) for name in _OF_A_PASS}
    asked = {name: value for name, value in given.items() if value is not None and value is not False}
    view = options.view or ("page" if is_html and not asked else "both")
    if view == "page" and not is_html:
        raise OptionError(f"--view page and --out {options.out}: a page is an .html file")
    if asked and view not in VIEWS:
        raise OptionError(f"--{next(iter(asked))} is for the views {', '.join(VIEWS)}, not for {view}")
    if view == "network" and options.model and not options.data:
        viz.network(networks.load(options.model).net).save(options.out, theme=options.theme)
    else:
        _draw(view, options, asked)
    say(f"wrote {printable(options.out)}")
    return 0


def _draw(view: str, options: argparse.Namespace, asked: dict[str, Any]) -> None:
    """Record one pass, and draw it or its network."""
    net, X, Y, cost = _prepared(options)
    if view == "network":
        viz.network(net).save(options.out, theme=options.theme)
        return
    J = nn.costs.COSTS[cost](net(X), Y)
    if view == "page":
        viz.page(J, options.out)
    else:
        VIEWS[view](J, **asked).save(options.out, theme=options.theme)


def _prepared(options: argparse.Namespace) -> networks.Prepared:
    """Read the network that is asked for, or make one."""
    if not options.model:
        options.data = options.data or "iris"
        return networks.fresh(options, read_asked(options), (HIDDEN,))
    if not options.data:
        raise OptionError(
            "--model: give --data too, the examples to send through it; only its network needs none"
        )
    return networks.saved(options)
