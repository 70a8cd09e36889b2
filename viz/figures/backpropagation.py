"""One example's way back through the units: what each carries, and one path from the loss to an input."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.wording.arguments import is_sequence
from autograd_core.wording.errors import OptionError
from nn import Sequential, units
from nn.layers.scalars import Units
from nn.layers.summary import tabulated
from viz.figures.figure import Drawing
from viz.figures.units import (
    Shown,
    Wire,
    checked,
    left_out,
    place,
    role,
    shown,
    stack,
    symbol,
    wires,
)
from viz.scene.labels import number, shortened
from viz.scene.scene import Cluster, Edge, Emphasis, Vertex
from viz.writers.picture import Picture

__all__ = ["backpropagation"]

_ACROSS, _DOWN, _SIZE = 290.0, 98.0, 88.0
_HEAD = 8.0  # from units to what stands above and below them
_FORMULA = 34.0  # from line to line of the formula below


def backpropagation(
    net: Sequential,
    x: Any,
    y: Any,
    path: Sequence[int] | None = None,
    *,
    cost: Callable[[Any, Any], Any] | None = None,
    theme: str = "light",
) -> Picture:
    """Draw how the derivative of the loss is carried back, from the loss on the left to the inputs.

    Each unit shows its δ = ∂J/∂z and its activation. One path stands out; its lines show δ of the unit they
    leave times the activation of the unit they lead to, which is ∂J/∂w of their weight, equation (13). Below
    stands the path's product, its term of the sum over all paths in equation (12).

    Parameters
    ----------
    net : Sequential
    x : (n[0],) or (n[0], 1)
        One example.
    y : (n[L],) or (n[L], 1)
        Its target.
    path : sequence of int, optional
        Numbers of one unit in each layer, from layer L to the inputs. By default the unit with the largest
        δ of each layer in absolute value, and the largest input.
    cost : function (A, Y) -> scalar, optional
        By default the one that belongs to the last activation.
    theme : {"light", "dark", "paper"}

    Returns
    -------
    Picture

    Raises
    ------
    DtypeError
        `net` is no network.
    OptionError
        There is no such path or theme.
    ShapeError
        `x` or `y` is not one example of the network's sizes.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(2, 2, "tanh", rng=0), nn.Dense(2, 1, "sigmoid", rng=1))
    >>> print(backpropagation(net, [1.0, -1.0], [1.0], path=(1, 2, 1)).text())
    factor                  value
    a[0][1]                     1
    ∂a[1][2]/∂z[1][2]      0.8693
    W[2][1,2]               0.581
    ∂J/∂z[2][1]           −0.4368
    product               −0.2206
    ∂J/∂W[1][2,1]         −0.2206
    """
    net = checked(net, "backpropagation")
    scalars = units(net, x, y, cost)
    chosen = _strongest(net, scalars) if path is None else _checked(net, path)
    return _WayBack(net, scalars, chosen).drawn(theme)


def _checked(net: Sequential, path: Sequence[int]) -> list[int]:
    """Take a path in; gives its units from layer 0 to layer L."""
    widths = net.widths
    if not is_sequence(path):
        raise OptionError(f"backpropagation: path is {path!r:.60}, wanted the number of a unit of each layer")
    if len(path) != len(widths):
        raise OptionError(
            f"backpropagation: the path {tuple(path)!r} names {len(path)} units; wanted is one of "
            f"each of the {len(widths)} layers, from the outputs to the inputs"
        )
    back = enumerate(reversed(path))
    return [place("backpropagation", f"unit of layer {l}", j, 1, widths[l]) for l, j in back]


def _strongest(net: Sequential, scalars: Units) -> list[int]:
    """Choose the largest input, and of each layer the unit that carries most."""
    carried = [[abs(float(scalars[f"a[0][{k}]"])) for k in range(1, net.widths[0] + 1)]]
    for l, n in enumerate(net.widths[1:], start=1):
        carried.append([abs(scalars.adjoints[f"z[{l}][{j}]"]) for j in range(1, n + 1)])
    return [column.index(max(column)) + 1 for column in carried]


class _WayBack:
    """The units mirrored, as the derivatives flow, and the path through them."""

    def __init__(self, net: Sequential, scalars: Units, path: list[int]) -> None:
        self.net, self.scalars, self.path = net, scalars, path
        self.last = len(net.dense)
        self.columns: dict[int, Shown] = {l: shown(n, [path[l]]) for l, n in enumerate(net.widths)}
        self.on_path = [Wire(l, j, k) for l, (k, j) in enumerate(pairwise(path), start=1)]

    def drawn(self, theme: str) -> Picture:
        drawing = Drawing()
        half = (max(map(len, self.columns.values())) - 1) * _DOWN / 2 + _SIZE / 2 + _HEAD
        cost = Vertex("J", "cost", "J", (number(self.scalars["J"]),), tooltip="J")
        drawing.put(cost, self._x(self.last + 1), 0)
        for l in self.columns:
            stack(drawing, l, self.columns[l], self._x(l), _DOWN, partial(self._unit, l))
            title = f"layer {l}: n^{{[{l}]}} = {self.net.widths[l]:,}"
            drawing.head(Cluster(f"layer{l}", title, "column"), self._x(l), -half, half)
        for j in self.columns[self.last]:
            if j is not None:
                strength: Emphasis = "strong" if j == self.path[-1] else "faint"
                edge = Edge(f"J to {j}", "J", f"a[{self.last}][{j}]", "backward", emphasis=strength)
                drawing.join(edge, tip=True)
        for l in range(self.last, 0, -1):
            self._lines(drawing, l)
        middle = self._x(self.last + 1) / 2
        for i, line in enumerate(self._formula()):
            drawing.put(Vertex(f"formula{i}", "words", line), middle, half + (i + 1.4) * _FORMULA)
        title = f"the way back to {self.on_path[0].parameter} along one path"
        said = "From the loss on the left to the inputs on the right; the lines of one path stand out."
        return drawing.figure(title, said, self._table(), theme, caption=left_out(self.columns))

    def _x(self, l: int) -> float:
        return -l * _ACROSS

    def _unit(self, l: int, j: int) -> tuple[Vertex, float]:
        name, a = f"a[{l}][{j}]", number(self.scalars[f"a[{l}][{j}]"])
        label, details = symbol("a", l, j), [a]
        if l:
            delta = number(self.scalars.adjoints[f"z[{l}][{j}]"])
            label, details = symbol("δ", l, j), [delta, f"a {a}"]
        emphasis: Emphasis = "strong" if self.path[l] == j else "plain"
        return Vertex(name, role(l), label, tuple(details), f"layer{l}", name, emphasis=emphasis), _SIZE

    def _lines(self, drawing: Drawing, l: int) -> None:
        for wire in wires(l, self.columns[l - 1], self.columns[l]):
            delta, a = self.scalars.adjoints[f"z[{l}][{wire.j}]"], float(self.scalars[wire.tail])
            told = f"∂J/∂{wire.parameter} = {number(delta * a)}"
            edge = Edge(wire.parameter, wire.head, wire.tail, "backward", emphasis="faint", tooltip=told)
            if wire in self.on_path:
                label = f"{symbol('δ', l, wire.j)} {symbol('a', l - 1, wire.k)} = {number(delta * a)}"
                edge = Edge(wire.parameter, wire.head, wire.tail, "backward", label, "strong", tooltip=told)
            drawing.join(edge, tip=wire in self.on_path)

    def _factors(self) -> list[tuple[str, str, float]]:
        """List the derivatives along the path from the input on: in markup, by name, as numbers."""
        path, scalars = self.path, self.scalars
        found = [(symbol("a", 0, path[0]), f"a[0][{path[0]}]", float(scalars[f"a[0][{path[0]}]"]))]
        for wire in self.on_path[1:]:
            l = wire.l - 1
            z, a = scalars[f"z[{l}][{wire.k}]"], scalars[wire.tail]
            slope = reverse_sweep({a: np.ones_like(a.data)}, wrt=[z])[z]
            g = shortened(self.net.dense[l - 1].activation, 16)
            found.append((f"{g}′({symbol('z', l, wire.k)})", f"∂{a.name}/∂{z.name}", float(slope)))
            found.append((symbol("w", *wire), wire.parameter, float(scalars[wire.parameter])))
        end = f"z[{self.last}][{path[-1]}]"
        return [*found, (symbol("δ", self.last, path[-1]), f"∂J/∂{end}", scalars.adjoints[end])]

    def _formula(self) -> list[str]:
        """Write the path's product, its numbers, and the sum that it is a term of."""
        first, factors = self.on_path[0], self._factors()
        product = number(math.prod(value for *_, value in factors))
        names = " · ".join(name for name, *_ in factors)
        numbers = [number(value) for *_, value in factors]
        values = " · ".join(text if text[0] != "−" else f"({text})" for text in numbers)
        paths = math.prod(self.net.widths[2:])
        w = symbol("w", *first)
        if paths == 1:
            return [f"∂J/∂{w} = {names}", f"= {values} = {product}"]
        return [
            f"this path's part of ∂J/∂{w}:  {names}",
            f"= {values} = {product}",
            f"∂J/∂{w} = {self._whole()}, the sum over all {paths:,} paths",
        ]

    def _table(self) -> str:
        factors = self._factors()
        rows = [("factor", "value"), *((name, number(value)) for _, name, value in factors)]
        rows.append(("product", number(math.prod(value for *_, value in factors))))
        return tabulated([*rows, (f"∂J/∂{self.on_path[0].parameter}", self._whole())], right=(1,))

    def _whole(self) -> str:
        return number(self.scalars.adjoints[self.on_path[0].parameter])
