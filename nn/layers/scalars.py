"""A network as its scalars: every weight, bias, input, z and a of one example is a node of its own.

Here the engine sees no matrix. What it records are the products and sums of equation (1), so the graph has
the links that the notes' diagrams of units draw: weights are links, units are pairs of z and a.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

import autograd_core as ag
from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.graph.dispatch import as_operand
from autograd_core.graph.node import Array
from autograd_core.graph.recording import recording
from autograd_core.wording.arguments import function, whole
from autograd_core.wording.errors import GraphError, MissingKeyError, OptionError, ShapeError
from nn import costs
from nn.activations import ACTIVATIONS, softmax
from nn.given import network
from nn.layers.dense import Dense
from nn.layers.sequential import Sequential, dense
from nn.layers.summary import tabulated

__all__ = ["Link", "Path", "Units", "units"]

_ELEMENTWISE = [g for g in ACTIVATIONS.values() if g is not softmax]


class Link(NamedTuple):
    """A line of the diagram: ``W[2][1,3]`` leads from ``a[1][3]`` to ``z[2][1]``, ``b[2][1]`` from ``1``."""

    parameter: str
    tail: str
    head: str


class Path(NamedTuple):
    """One way through the graph by name, and the derivative of each scalar on it by the one before."""

    names: tuple[str, ...]
    factors: tuple[float, ...]

    @property
    def product(self) -> float:
        """What this path adds to the derivative of its end by its start."""
        return math.prod(self.factors)


class Units(Mapping[str, ag.Tensor]):
    """The recorded scalars by name; prints as a table of values and adjoints.

    Names count from 1, as the notes do: ``"a[0][4]"`` is the fourth input, ``"J"`` the loss.

    Attributes
    ----------
    widths : tuple of int
        Number of units n[0], n[1], ..., n[L].
    """

    def __init__(self, widths: tuple[int, ...], scalars: dict[str, ag.Tensor]) -> None:
        self.widths = widths
        self._scalars = scalars

    def __getitem__(self, name: str) -> ag.Tensor:
        if not isinstance(name, str) or name not in self._scalars:
            raise MissingKeyError(
                f"no scalar {name!r} in {self!r}; their names are like W[2][1,3], b[2][1], z[2][1], J"
            )
        return self._scalars[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scalars)

    def __len__(self) -> int:
        return len(self._scalars)

    @cached_property
    def adjoints(self) -> dict[str, float]:
        """The derivative of the loss by every scalar: that by ``"z[l][j]"`` is the notes' δ_j.

        Raises
        ------
        GraphError
            There is no loss, because no target was given.
        """
        if "J" not in self:
            raise GraphError("these units have no loss; record them with a target: units(net, x, y)")
        found = reverse_sweep({self["J"]: np.ones_like(self["J"].data)}, keep=True)
        return {name: float(found.get(scalar, 0.0)) for name, scalar in self.items()}

    @cached_property
    def fan_in(self) -> dict[str, dict[str, float]]:
        """What each scalar is computed from directly: ∂z/∂tail by tail, the terms of equation (1)."""
        names = {scalar: name for name, scalar in self.items()}
        fans: dict[str, dict[str, float]] = {name: {} for name in self}
        for scalar, name in names.items():
            if not scalar.is_leaf:
                seed = np.ones_like(scalar.data)
                found = reverse_sweep({scalar: seed}, wrt=[x for x in names if x is not scalar])
                fans[name] = {tail: float(found[x]) for x, tail in names.items() if x in found}
        return fans

    @cached_property
    def fan_out(self) -> dict[str, dict[str, float]]:
        """What is computed from each scalar directly: ∂head/∂a by head, the terms of equation (21)."""
        fans: dict[str, dict[str, float]] = {name: {} for name in self}
        for head, tails in self.fan_in.items():
            for tail, derivative in tails.items():
                fans[tail][head] = derivative
        return fans

    def links(self, l: int) -> list[Link]:
        """List the lines from layer l - 1 into layer l = 1, ..., L, then those from its bias unit."""
        if not 1 <= whole(l, "links: l") < len(self.widths):
            raise OptionError(f"there is no layer {l!r}; they are numbered 1 to {len(self.widths) - 1}")
        heads = [f"z[{l}][{j}]" for j in range(1, self.widths[l] + 1)]
        tails = [f"a[{l - 1}][{k}]" for k in range(1, self.widths[l - 1] + 1)]
        weights = [
            Link(f"W[{l}][{j},{k}]", tail, head)
            for j, head in enumerate(heads, start=1)
            for k, tail in enumerate(tails, start=1)
        ]
        biases = [Link(f"b[{l}][{j}]", "1", head) for j, head in enumerate(heads, start=1)]
        return weights + [link for link in biases if link.parameter in self]

    def label(self, link: Link) -> float:
        """Multiply δ of a line's head by the activation of its tail: ∂J/∂parameter, (13) and (14)."""
        activation = 1.0 if link.tail == "1" else float(self[link.tail])
        return self.adjoints[link.head] * activation

    def paths(self, start: str, end: str = "J") -> Iterator[Path]:
        """Walk every path from one scalar to another: their products add up to the derivative, as (12) says.

        With one hidden layer and one output a single path leads from ``W[1][k,j]`` to the loss, and its
        product is x_j · g′(z_k) · W[2]_1k · δ.
        """
        for name in (start, end):
            self[name]  # or it is refused
        waiting = [Path((start,), ())]
        while waiting:
            names, factors = waiting.pop()
            if names[-1] == end:
                yield Path(names, factors)
            else:
                steps = reversed(self.fan_out[names[-1]].items())
                waiting += [Path((*names, head), (*factors, slope)) for head, slope in steps]

    def __str__(self) -> str:
        rows = [("name", "value", "adjoint")]
        for name, scalar in self.items():
            adjoint = f"{self.adjoints[name]:.6g}" if "J" in self else ""
            rows.append((name, f"{float(scalar):.6g}", adjoint))
        return tabulated(rows, right=(1, 2))

    def __repr__(self) -> str:
        return f"<Units of {' → '.join(map(str, self.widths))}>"


def units(net: Sequential, x: Any, y: Any = None, cost: Callable[[Any, Any], Any] | None = None) -> Units:
    """Record a network for one example, scalar by scalar.

    An activation that works entry by entry is applied to each z; softmax, and any function of one's own,
    to the column that the z of a layer are stacked to, equation (2). Dropout is left out.

    Parameters
    ----------
    net : Sequential
    x : (n[0],) or (n[0], 1)
        One example.
    y : (n[L],) or (n[L], 1), optional
        Its target; without one there is no loss.
    cost : function (A, Y) -> scalar, optional
        By default the one that belongs to the last activation, as in `Sequential.trace`.

    Returns
    -------
    Units

    Raises
    ------
    OptionError
        A layer of the network is neither dense nor dropout: it has no such scalars.
    ShapeError
        `x` or `y` is not one example of the network's sizes, or the cost is no scalar.
    GraphError
        The cost is not computed from the predictions with operations of the engine.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(4, 6, "tanh", rng=0), nn.Dense(6, 1, "sigmoid", rng=1))
    >>> scalars = units(net, [1.0, 2.0, -1.0, 0.5], [1.0])
    >>> list(scalars.fan_in["a[2][1]"]), list(scalars.fan_out["a[1][3]"])
    (['z[2][1]'], ['z[2][1]'])
    >>> [path] = scalars.paths("W[1][3,4]")
    >>> path.names
    ('W[1][3,4]', 'z[1][3]', 'a[1][3]', 'z[2][1]', 'a[2][1]', 'J')
    >>> bool(np.isclose(path.product, scalars.adjoints["W[1][3,4]"]))
    True
    """
    x = _example("x", x, network(net, "units").widths[0], net.dtype)
    if cost is not None:
        function(cost, "units: cost", "a function of predictions and targets")
    with recording():
        scalars: dict[str, ag.Tensor] = {}
        column = _leaves(scalars, "a[0]", x)
        for l, layer in enumerate(dense(net, "units"), start=1):
            column = _layer(scalars, l, layer, column)
        if y is not None:
            cost = cost or getattr(costs, costs.matching(net.dense[-1].activation))
            Y = _example("y", y, net.widths[-1], column[0].dtype)
            scalars["J"] = costs.scalar("units", cost(ag.stack(column)[:, None], Y[:, None]))
            scalars["J"].name = "J"
    return Units(net.widths, scalars)


def _layer(scalars: dict[str, ag.Tensor], l: int, layer: Dense, before: list[ag.Tensor]) -> list[ag.Tensor]:
    """Record z_j = Σ_k w_jk a_k + b_j for every unit, equation (1), then a = g(z), equation (2)."""
    W = _leaves(scalars, f"W[{l}]", layer.W.data)
    b = [] if layer.b is None else _leaves(scalars, f"b[{l}]", layer.b.data[:, 0])
    Z = []
    for j in range(layer.n_out):
        row = W[j * layer.n_in : (j + 1) * layer.n_in]
        z = row[0] * before[0]
        for w, a in zip(row[1:], before[1:], strict=True):
            z = z + w * a
        Z.append(z + b[j] if b else z)
    g = layer.g
    A = [g(z) for z in Z] if g in _ELEMENTWISE else list(g(ag.stack(Z)[:, None])[:, 0])
    for name, column in (("z", Z), ("a", A)):
        for j, scalar in enumerate(column, start=1):
            scalar.name = f"{name}[{l}][{j}]"
            scalars[scalar.name] = scalar
    return A


def _leaves(scalars: dict[str, ag.Tensor], name: str, values: Array) -> list[ag.Tensor]:
    """Make a leaf of each entry, named by its place counted from 1."""
    leaves = []
    for index, value in np.ndenumerate(values):
        place = ",".join(str(i + 1) for i in index)
        leaf = ag.Tensor(np.asarray(value), requires_grad=True, name=f"{name}[{place}]")
        scalars[str(leaf.name)] = leaf
        leaves.append(leaf)
    return leaves


def _example(name: str, values: Any, n: int, dtype: Any) -> Array:
    """Take one example in as a vector of n numbers."""
    values = values.data if isinstance(values, ag.Tensor) else as_operand(values)
    if values.shape not in ((n,), (n, 1)):
        raise ShapeError(
            f"units: {name} has shape {values.shape}, but one example of {n} numbers is wanted, "
            f"({n},) or ({n}, 1); of many, pass one column: {name.upper()}[:, 0]"
        )
    return np.array(values.reshape(n), dtype)
