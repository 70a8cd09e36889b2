"""Networks from options and from files, and what becomes of a network once it is trained."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import nn
from autograd_core.commands.examples import Examples, read
from autograd_core.graph.node import Array
from autograd_core.wording.errors import DataError, OptionError, unknown_option
from autograd_core.wording.identifiers import printable
from nn import storage
from nn.datasets import Scaling
from nn.files import saving
from nn.files.saving import Model

__all__ = [
    "Goal",
    "Prepared",
    "dense_network",
    "fresh",
    "goal",
    "load",
    "read_for",
    "rebuilt",
    "saved",
    "targets",
    "widths",
]

HIDDEN = (32,)

# The output's activation that a cost wants: for classes, and for quantities.
_CLASSES = {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "huber": "softmax",
    "sigmoid_cross_entropy": "identity",
    "softmax_cross_entropy": "identity",
    "squared_error": "softmax",
}
_QUANTITIES = {"huber": "identity", "squared_error": "identity"}
_OF_LOGITS = {"sigmoid_cross_entropy": "sigmoid", "softmax_cross_entropy": "softmax"}
_ONE_FOR_TWO = ("binary_cross_entropy", "sigmoid_cross_entropy")


class Goal(NamedTuple):
    """What a network is trained for.

    Attributes
    ----------
    cost : str
        A name in `nn.costs.COSTS`.
    output : str
        The activation of the last layer that goes with it.
    nodes : int
        Of the last layer.
    predicted : str
        The activation under which the trained network predicts: not logits, but probabilities.
    """

    cost: str
    output: str
    nodes: int
    predicted: str


class Prepared(NamedTuple):
    """A network and what its cost is computed of.

    Attributes
    ----------
    net : Sequential
    X : (n[0], m)
    Y : (n[L], m)
    cost : str
        A name in `nn.costs.COSTS`.
    """

    net: nn.Sequential
    X: Array
    Y: Array
    cost: str


def goal(examples: Examples, cost: str | None) -> Goal:
    """Choose the cost, if none is asked for, and the output that it wants.

    Raises
    ------
    OptionError
        There is no such cost, or it does not suit the targets.
    """
    if cost is not None and cost not in _CLASSES:
        raise unknown_option("cost", cost, _CLASSES)
    cost = cost or ("cross_entropy" if examples.classes else "squared_error")
    outputs = _CLASSES if examples.classes else _QUANTITIES
    if cost not in outputs:
        raise OptionError(
            f"--cost {cost} tells classes apart, but the target holds quantities; take squared_error or "
            "huber, or say --task classify if its numbers name classes"
        )
    k = len(examples.Y)
    nodes = 1 if k == 2 and cost in _ONE_FOR_TWO else k
    return Goal(cost, outputs[cost], nodes, _OF_LOGITS.get(cost, outputs[cost]))


def targets(examples: Examples, nodes: int) -> Array:
    """Take the targets for that many outputs: a single one predicts the second of two classes."""
    return examples.Y[1:] if examples.classes and nodes == 1 else examples.Y


def widths(
    options: argparse.Namespace, n: int, nodes: int, hidden: Sequence[int] = HIDDEN
) -> tuple[int, ...]:
    """Read the widths n[0], ..., n[L] from the options.

    Raises
    ------
    OptionError
        The list does not start and end as the data want it.
    """
    if options.layers is None:
        return (n, *(options.hidden or hidden), nodes)
    found: tuple[int, ...] = options.layers
    if (found[0], found[-1]) != (n, nodes):
        said = ",".join(map(str, found))
        raise OptionError(
            f"--layers {said}: there are {n} features and {nodes} outputs, so the list must start with {n} "
            f"and end with {nodes}; --hidden names the hidden layers alone"
        )
    return found


def dense_network(
    sizes: Sequence[int],
    activation: str | None,
    output: str,
    rng: np.random.Generator,
    *,
    init: str | None = None,
    keep: float = 1.0,
    dtype: str = "float64",
) -> nn.Sequential:
    """Build hidden layers of one activation, each with dropout if a node is not always kept, and an output.

    Raises
    ------
    OptionError
        There is no such activation or initialiser, or `keep` is no probability.
    """
    g = activation or "tanh"
    nn.activations.named(g)  # refuse what is wrong even without a hidden layer
    nn.Dropout(keep)
    layers: list[Any] = []
    *hidden, last = pairwise(sizes)
    for n_in, n_out in hidden:
        layers.append(nn.Dense(n_in, n_out, g, init=init, rng=rng, dtype=dtype))
        if keep < 1:
            layers.append(nn.Dropout(keep, rng=rng))
    return nn.Sequential(*layers, nn.Dense(*last, output, init=init, rng=rng, dtype=dtype))


def fresh(
    options: argparse.Namespace,
    examples: Examples,
    hidden: Sequence[int] = HIDDEN,
    *,
    outputs: int | None = None,
    output: str | None = None,
    keep: float = 1.0,
) -> Prepared:
    """Make an untrained network as the options describe it; standardise the features, and quantities too.

    Parameters
    ----------
    options : Namespace
        From `add_network` and `add_seed`.
    examples : Examples
    hidden : sequence of int
        Widths of the hidden layers, unless the options say them.
    outputs : int, optional
        Nodes of the last layer, by default what suits the cost.
    output : str, optional
        Its activation, by default what suits the cost.
    keep : float
        Share of hidden nodes that dropout keeps.

    Raises
    ------
    OptionError
        An option does not suit the data, or names what there is not.
    """
    wanted = goal(examples, options.cost)
    nodes = wanted.nodes if outputs is None else outputs
    sizes = widths(options, len(examples.X), nodes, hidden)
    rng = np.random.default_rng(options.seed)
    net = dense_network(sizes, options.activation, output or wanted.output, rng, init=options.init, keep=keep)
    X, Y = Scaling.of(examples.X).apply(examples.X), targets(examples, nodes)
    if not examples.classes:
        Y = Scaling.of(Y).apply(Y)
    return Prepared(net, X, Y, wanted.cost)


def saved(options: argparse.Namespace) -> Prepared:
    """Read a network, in float64; with quantities to predict, let it predict them standardised.

    Raises
    ------
    DataError, OSError
        The model or the data cannot be read.
    OptionError
        An option describes what the saved network has already, or does not suit it.
    """
    for name in ("layers", "hidden", "activation", "init", "task", "features"):
        if getattr(options, name) is not None:
            raise OptionError(f"--{name} and --model: the saved network has its own; leave one of them out")
    model = load(options.model)
    examples = read_for(model, options.data, options.target)
    last = model.net.numbered[-1]
    wanted = goal(examples, options.cost or nn.costs.matching(last.activation))
    X = examples.X if model.scaling is None else model.scaling.apply(examples.X)
    Y, back = targets(examples, last.n_out), None
    shifted = isinstance(last, nn.Dense) and last.b is not None
    if not examples.classes and last.activation == "identity" and shifted:
        scaling = Scaling.of(Y)  # differences of losses of order 1 are the ones that tell
        Y, back = scaling.apply(Y), Scaling(-scaling.mean / scaling.spread, 1 / scaling.spread)
    net = rebuilt(model.net, scaling=back, dtype="float64").eval()
    return Prepared(net, X, Y, wanted.cost)


def rebuilt(
    net: nn.Sequential,
    *,
    output: str | None = None,
    scaling: Scaling | None = None,
    dtype: str | None = None,
) -> nn.Sequential:
    """Copy a network, changed in a few ways.

    Parameters
    ----------
    net : Sequential
    output : str, optional
        Another activation of the last layer.
    scaling : Scaling, optional
        Of the targets: Z[L] becomes ``scaling.undo(Z[L])``, by W[L] and b[L].
    dtype : str, optional
        Of the parameters.
    """
    config, state = net.config(), net.state_dict()
    layers = [layer for layer in config if layer["kind"] == "Dense"]
    for layer in layers:
        layer["dtype"] = dtype or layer["dtype"]
    layers[-1]["activation"] = output or layers[-1]["activation"]
    if scaling is not None:
        W, b = (f"{name}[{len(layers)}]" for name in "Wb")
        state[W], state[b] = scaling.spread * state[W], scaling.undo(state[b])
    copy = nn.Sequential.from_config(config)
    copy.load_state_dict({name: state[name].astype(value.dtype) for name, value in copy.state_dict().items()})
    return copy


def load(path: Path) -> Model:
    """Read a finished model.

    Raises
    ------
    DataError
        The file is damaged, or the checkpoint of a training: a network without its scaling and names.
    """
    bundle = storage.read(path)
    if "training" in bundle.about:
        file = printable(path.name)
        raise DataError(
            f"{file}: the checkpoint of a training, and no model; `train --resume` goes on from it"
        )
    with storage.naming(path):
        return saving.unpacked(bundle)


def read_for(model: Model, data: str, target: str | None) -> Examples:
    """Read examples with targets of the kind that a model predicts; raises as `read` does."""
    output = model.net.numbered[-1].activation
    quantities = model.classes is None and nn.costs.matching(output) == "squared_error"
    task = "regress" if quantities else "classify"
    return read(data, target, task, features=model.features, classes=model.classes)
