"""One unit among its neighbours: what it is computed from, or what is computed from it."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from autograd_core.wording.errors import OptionError, one_of
from nn import Sequential, units
from nn.layers.scalars import Units
from nn.layers.sequential import dense
from nn.layers.summary import tabulated
from viz.figures.figure import Drawing
from viz.figures.units import (
    Shown,
    Wire,
    checked,
    equations,
    left_out,
    place,
    role,
    shares,
    shown,
    stack,
    symbol,
    wires,
)
from viz.layout.places import Box
from viz.scene.labels import number
from viz.scene.scene import Cluster, Edge, Emphasis, Vertex
from viz.style.roles import Kind
from viz.writers.picture import Picture

__all__ = ["neuron"]

_ACROSS, _DOWN, _SIZE, _FOCUS = 340.0, 98.0, 78.0, 88.0
_HEAD = 8.0  # from units to what stands above and below them
_FORMULA = 48.0  # from there down to the formula
_WINDOW = 90.0  # seen of the lines to the layers around


def neuron(
    net: Sequential,
    l: int,
    j: int,
    fan: Literal["in", "out"] = "in",
    x: Any = None,
    y: Any = None,
    *,
    theme: str = "light",
) -> Picture:
    """Draw unit j of layer l with the lines into it, or with those out of it.

    The lines in are the terms of equation (1), the lines out those of equation (21). With an example the
    units show their activations and the lines their weights: as wide as the weight is large, dashed if it is
    below 0. With a target, too, the lines out carry the derivatives of the loss back.

    Parameters
    ----------
    net : Sequential
    l : int
        Layer, from 0, the inputs, to L; those have no lines in, and the last layer none out.
    j : int
        Unit, counted from 1.
    fan : {"in", "out"}
    x : (n[0],) or (n[0], 1), optional
        One example.
    y : (n[L],) or (n[L], 1), optional
        Its target.
    theme : {"light", "dark", "paper"}

    Returns
    -------
    Picture

    Raises
    ------
    DtypeError
        `net` is no network.
    OptionError
        There is no such layer, unit, fan or theme, or a target without an example.
    ShapeError
        `x` or `y` is not one example of the network's sizes.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, 1, "sigmoid", rng=1))
    >>> print(neuron(net, 1, 3, x=[1.0, -1.0]).text())
    line       from      weight  value  product
    W[1][3,1]  a[0][1]  −0.3788      1  −0.3788
    W[1][3,2]  a[0][2]   0.2557     −1  −0.2557
    """
    net = checked(net, "neuron")
    dense(net, "neuron")
    one_of("fan", fan, ["in", "out"])
    first, last = (1, len(net.dense)) if fan == "in" else (0, len(net.dense) - 1)
    l = place("neuron", f"layer with a fan {fan}", l, first, last)
    j = place("neuron", f"unit of layer {l}", j, 1, net.widths[l])
    if x is None and y is not None:
        raise OptionError("neuron: a target y needs its example x")
    return _Fan(net, l, j, fan == "in", None if x is None else units(net, x, y)).drawn(theme)


class _Fan:
    """The lines between two layers, those of one unit before all others."""

    def __init__(self, net: Sequential, l: int, j: int, into: bool, scalars: Units | None) -> None:
        self.net, self.l, self.j, self.into, self.scalars = net, l, j, into, scalars
        self.head = l if into else l + 1  # the layer whose weights they are
        self.adjoints = scalars.adjoints if scalars is not None and "J" in scalars and not into else {}
        others = range(1, net.widths[l - 1 if into else l + 1] + 1)
        self.wires = [Wire(l, j, k) if into else Wire(l + 1, k, j) for k in others]
        self.columns: dict[int, Shown] = {
            i: shown(n, always=[j] if i == l else ())
            for i, n in enumerate(net.widths)
            if self.head - 2 <= i <= self.head + 1
        }

    def drawn(self, theme: str) -> Picture:
        drawing = Drawing()
        for i in self.columns:
            stack(drawing, i, self.columns[i], i * _ACROSS, _DOWN, partial(self._unit, i))
        for i in self.columns:
            if i - 1 in self.columns:
                self._lines(drawing, i)
        tallest = max(len(self.columns[i]) for i in (self.head - 1, self.head))
        half = (tallest - 1) * _DOWN / 2 + _FOCUS / 2 + _HEAD
        for i in (self.head - 1, self.head):
            x, title = i * _ACROSS, f"layer {i}: n^{{[{i}]}} = {self.net.widths[i]:,}"
            drawing.head(Cluster(f"layer{i}", title, "column"), x, -half, half)
        drawing.put(Vertex("formula", "words", self._formula()), (self.head - 0.5) * _ACROSS, half + _FORMULA)
        high = 2 * half + _FORMULA + 70
        window = Box((self.head - 0.5) * _ACROSS, high / 2 - half - 40, _ACROSS + _FOCUS + 2 * _WINDOW, high)
        seen = {i: self.columns[i] for i in (self.head - 1, self.head)}
        way = "into" if self.into else "out of"
        title = f"the lines {way} unit {self.j} of layer {self.l}"
        said = f"Two layers of units; the lines {way} one unit stand out."
        return drawing.figure(title, said, self._table(), theme, caption=left_out(seen), window=window)

    def _unit(self, i: int, j: int) -> tuple[Vertex, float]:
        """Word a unit: what it is called and, with an example, what it holds."""
        focus = (i, j) == (self.l, self.j)
        emphasis: Emphasis = "strong" if focus else "faint" if i == self.l else "plain"
        name = f"a[{i}][{j}]"
        details: list[str] = []
        if self.scalars is not None:
            if self.adjoints and i == self.head:
                details.append(f"δ {number(self.adjoints[f'z[{i}][{j}]'])}")
            details.append(number(self.scalars[name]))
            if focus and self.into:
                details.append(f"z {number(self.scalars[f'z[{i}][{j}]'])}")
        cluster = f"layer{i}" if i in (self.head - 1, self.head) else None
        label = symbol("a", i, j)
        unit = Vertex(name, role(i), label, tuple(details), cluster, tooltip=name, emphasis=emphasis)
        return unit, _FOCUS if focus else _SIZE

    def _lines(self, drawing: Drawing, i: int) -> None:
        """Lead all lines into layer i; those of the unit last, with their labels."""
        W = self.net.dense[i - 1].W.data
        share, focus = shares(W), f"a[{self.l}][{self.j}]"
        for wire in wires(i, self.columns[i - 1], self.columns[i]):
            if i != self.head or focus not in (wire.tail, wire.head):
                drawing.join(Edge(wire.parameter, wire.tail, wire.head, "forward", emphasis="faint"))
                continue
            label, weight = symbol("w", *wire), None
            if self.scalars is not None:
                label, weight = f"{label} = {number(wire.of(W))}", wire.of(share)
            ends: tuple[str, str, Kind] = (wire.tail, wire.head, "forward")
            if self.adjoints:
                ends = wire.head, wire.tail, "backward"
            along = 0.36 if self.into or self.adjoints else 0.64  # where the lines lie apart
            drawing.join(Edge(wire.parameter, *ends, label, "strong", weight), tip=True, along=along)

    def _formula(self) -> str:
        """Write the sum that the lines are the terms of."""
        l, j, head = self.l, self.j, self.head
        if self.into:
            return equations(self.net, l, j)
        a, w, z = symbol("a", l, j), symbol("w", head, "j", j), symbol("z", head, "j")
        known = f" = {number(self.adjoints[f'a[{l}][{j}]'])}" if self.adjoints else ""
        return f"∂J/∂{a} = Σ_{{j}} {w} ∂J/∂{z}{known}"

    def _table(self) -> str:
        """Tabulate the terms of that sum."""
        W = self.net.dense[self.head - 1].W.data
        rows = [["line", "from" if self.into else "to", "weight"]]
        rows += [[w.parameter, w.tail if self.into else w.head, number(w.of(W))] for w in self.wires]
        if self.scalars is not None and self.into:
            values = [float(self.scalars[w.tail]) for w in self.wires]
            self._extend(rows, "value", values, W)
        if self.adjoints:
            self._extend(rows, "∂J/∂z", [self.adjoints[f"z[{w.l}][{w.j}]"] for w in self.wires], W)
        return tabulated(rows, right=(2, 3, 4))

    def _extend(self, rows: list[list[str]], name: str, factors: list[float], W: Any) -> None:
        """Add what each weight is multiplied by, and the product."""
        rows[0] += [name, "product"]
        for row, wire, factor in zip(rows[1:], self.wires, factors, strict=True):
            row += [number(factor), number(factor * wire.of(W))]
