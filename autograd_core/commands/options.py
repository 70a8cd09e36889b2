"""Options that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from autograd_core.wording.errors import OptionError
from autograd_core.wording.identifiers import printable, printable_lines

__all__ = [
    "add_data",
    "add_keep",
    "add_layers",
    "add_network",
    "add_parser",
    "add_seed",
    "at_least",
    "refuse_same",
    "say",
]

MOST_NODES = 10**7  # of a layer; more is a slip


def say(text: object, to: TextIO | None = None) -> None:
    """Print, to the standard output by default, and nothing that a terminal obeys."""
    print(printable_lines(str(text)), file=to)


def add_parser(commands: Any, name: str, help: str, description: str, epilog: str) -> argparse.ArgumentParser:
    """Add a command whose help ends with exit codes and examples, line by line."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def add_data(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Add the options that say which examples, and what they are for."""
    parser.add_argument(
        "--data",
        required=required,
        metavar="FILE",
        help="a .csv file with a header line, an .npz file with X and Y in columns, or: iris, digits",
    )
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict; the last by default")
    parser.add_argument(
        "--features",
        type=lambda text: text.split(","),
        metavar="COLUMN,...",
        help="the columns to predict from; all but the target by default",
    )
    parser.add_argument(
        "--task",
        choices=("classify", "regress"),
        help="what the target holds, classes or quantities; by default classes, unless there are fractions "
        "or more than 20 different numbers",
    )


def add_layers(parser: argparse.ArgumentParser, hidden: str) -> None:
    """Add the two ways to say how wide the layers are."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--layers",
        type=_widths(2),
        metavar="N,N,...",
        help="nodes of each layer, inputs first and outputs last, such as 64,32,10",
    )
    group.add_argument(
        "--hidden",
        type=_widths(1),
        metavar="N,...",
        help=f"nodes of the hidden layers alone, such as 32 or 64,32; {hidden} by default",
    )


def add_network(parser: argparse.ArgumentParser, hidden: str = "32") -> None:
    """Add the options that describe a network and its cost."""
    add_layers(parser, hidden)
    parser.add_argument("--activation", metavar="NAME", help="of the hidden layers; tanh by default")
    parser.add_argument(
        "--init", metavar="NAME", help="first weights, such as xavier; by default what suits the activation"
    )
    parser.add_argument(
        "--cost",
        metavar="NAME",
        help="cross_entropy by default, and squared_error for quantities; for classes also "
        "binary_cross_entropy (with two of them: one output), softmax_cross_entropy and "
        "sigmoid_cross_entropy (on logits, which never overflow), squared_error and huber",
    )


def add_keep(parser: argparse.ArgumentParser) -> None:
    """Add how much dropout leaves."""
    parser.add_argument(
        "--keep",
        type=float,
        default=1.0,
        metavar="P",
        help="dropout: share of hidden nodes kept; 1 by default",
    )


def add_seed(parser: argparse.ArgumentParser, what: str) -> None:
    """Add where chance starts from."""
    parser.add_argument("--seed", type=at_least(0), default=0, metavar="N", help=f"of {what}; 0 by default")


def at_least(least: int) -> Callable[[str], int]:
    """Make the type of an option: whole numbers from `least` up."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} up")
        return int(text)

    return number


def _widths(fewest: int) -> Callable[[str], tuple[int, ...]]:
    wanted = {1: "one or more sizes such as 64,32", 2: "two or more sizes such as 4,5,3"}[fewest]

    def widths(text: str) -> tuple[int, ...]:
        parts = text.split(",")
        if len(parts) < fewest or not all(part.isdecimal() and 0 < int(part) <= MOST_NODES for part in parts):
            raise argparse.ArgumentTypeError(f"{text!r} is not a list of {wanted}")
        return tuple(map(int, parts))

    return widths


def refuse_same(option: str, path: Path, others: dict[str, str | Path]) -> None:
    """Refuse to write over what was read.

    Raises
    ------
    OptionError
        `path` is one of the other files.
    """
    for name, other in others.items():
        if path.resolve() == Path(other).resolve():
            raise OptionError(
                f"{option} {printable(path)}: {name} is the same file, and would be overwritten"
            )
