"""``autograd-core predict``: what a saved model makes of a table."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nn
from autograd_core.commands import networks
from autograd_core.commands.examples import read_features
from autograd_core.commands.options import add_parser, refuse_same, say
from autograd_core.commands.scores import score
from autograd_core.graph.node import Array
from autograd_core.system import files
from autograd_core.wording.identifiers import printable, text_of
from nn.datasets.cells import written_text
from nn.files.saving import Model

__all__ = ["add_to"]


def add_to(commands: Any) -> None:
    """Add this command and its options to the parser."""
    parser = add_parser(
        commands,
        "predict",
        help="predict a table with a saved model",
        description="""Writes a .csv table with a line for each example of a table: the class predicted
and the probability of each class, or the quantities predicted.""",
        epilog="""The columns that the model knows by name are picked from the table; others may
stand beside them. A model or a file without names takes all features in their order.

A class whose name a spreadsheet would take for a formula, such as =x, +x, -x or @x, stands in the
table with an apostrophe in front, '=x, which is taken off again where a table is read. On a
terminal, characters that cannot be seen are written out, as \\x1b; a file has them as they are.

exit code: 0 when predicted, 2 when an option, the model or the data are bad

examples:
  autograd-core predict iris.safetensors --data new.csv
  autograd-core predict iris.safetensors --data new.csv --out predictions.csv
  autograd-core predict iris.safetensors --data iris --target species | head
""",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="a file that `train` or nn.save wrote")
    parser.add_argument(
        "--data",
        required=True,
        metavar="FILE",
        help="a .csv file with a header line, an .npz file with X in columns, or: iris, digits",
    )
    parser.add_argument(
        "--target", metavar="COLUMN", help="a column with the truth (Y in an .npz file): say how good it is"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write; the screen by default")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Predict, write, and tell how well if the truth is known."""
    if options.out is not None:
        refuse_same("--out", options.out, {"MODEL": options.model, "--data": options.data})
    model = networks.load(options.model)
    if options.target is None:
        X, told = read_features(options.data, model.features), None
    else:
        examples = networks.read_for(model, options.data, options.target)
        X, told = examples.X, "{} {} on {} examples".format(*score(model, examples), examples.X.shape[1])
    A = model.predict(X)
    if options.out is None:
        sys.stdout.write(_table(model, A, printable if sys.stdout.isatty() else text_of))
    else:
        files.replace(options.out, _table(model, A, text_of).encode(errors="backslashreplace"))
    if told is not None:
        say(told, sys.stderr)
    return 0


def _table(model: Model, A: Array, spelt: Callable[[str], str]) -> str:
    """Write predictions A (n[L], m) as a table, one line for each example."""
    if model.classes:
        classes = [written_text(spelt(name)) for name in model.classes]
        head = ["prediction", *classes]
        shares = A if len(A) > 1 else np.vstack([1 - A, A])
        first = [[classes[number] for number in nn.datasets.labels(A)]]
    else:
        head = ["prediction"] if len(A) == 1 else [f"prediction {row}" for row in range(1, len(A) + 1)]
        first, shares = [], A
    text = io.StringIO()
    every = any("\r" in cell for cell in head)  # the end of a line to readers, but not to this writer
    table = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL)
    table.writerow(head)
    table.writerows(zip(*first, *(map(str, row) for row in shares), strict=True))
    return text.getvalue()
