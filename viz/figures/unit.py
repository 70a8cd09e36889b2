"""One unit on its own: what comes in, its z and its a, and what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn import Sequential, units
from nn.layers.sequential import dense
from nn.layers.summary import tabulated
from viz.figures.figure import Drawing
from viz.figures.units import Wire, checked, equations, gap, gaps, left_out, place, role, shown, symbol
from viz.scene.labels import number
from viz.scene.scene import Edge, Vertex
from viz.writers.picture import Picture

__all__ = ["unit"]

_ACROSS, _DOWN, _SIZE, _UNIT, _OUT = 360.0, 80.0, 72.0, 160.0, 180.0
_ALONG = 0.4  # where on its line a label stands: lines lie apart there


def unit(net: Sequential, l: int, j: int, x: Any = None, *, theme: str = "light") -> Picture:
    """Draw unit j of layer l as a circle in two halves: the sum z, and the activation a = g(z).

    On the left stands what comes in, the units of the layer before and 1 for the bias. With an example,
    everything shows its number, and lines are drawn as `neuron` draws them.

    Parameters
    ----------
    net : Sequential
    l : int
        Layer, from 1 to L.
    j : int
        Unit, counted from 1.
    x : (n[0],) or (n[0], 1), optional
        One example.
    theme : {"light", "dark", "paper"}

    Returns
    -------
    Picture

    Raises
    ------
    DtypeError
        `net` is no network.
    OptionError
        There is no such layer, unit or theme.
    ShapeError
        `x` is not one example of the network's sizes.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(2, 1, "sigmoid", rng=0))
    >>> print(unit(net, 1, 1, x=[1.0, 2.0]).text())
    scalar        value
    a[0][1]           1
    W[1][1,1]    0.0889
    a[0][2]           2
    W[1][1,2]  −0.09341
    b[1][1]           0
    z[1][1]    −0.09792
    a[1][1]      0.4755
    """
    net = checked(net, "unit")
    dense(net, "unit")
    l = place("unit", "layer that computes", l, 1, len(net.dense))
    j = place("unit", f"unit of layer {l}", j, 1, net.widths[l])
    values = {} if x is None else {name: number(scalar) for name, scalar in units(net, x).items()}

    drawing = Drawing()
    z, a = f"z[{l}][{j}]", f"a[{l}][{j}]"
    halves = (f"{values[z]}|{values[a]}",) if values else ()
    label = f"{symbol('z', l, j)}|{symbol('a', l, j)}"
    drawing.put(Vertex(a, "split unit", label, halves, tooltip=a), _ACROSS, 0, _UNIT)
    drawing.put(Vertex("out", "words", symbol("a", l, j)), _ACROSS + _OUT, 0)
    drawing.join(Edge("out", a, "out", "forward"), tip=True)
    low = _inputs(drawing, net, l, j, values)
    drawing.put(Vertex("formula", "words", equations(net, l, j)), (_ACROSS + _OUT) / 2, low + _DOWN)

    said = "Lines lead from the units of the layer before to a circle in two halves, z and a."
    caption = left_out({l - 1: shown(net.widths[l - 1])})
    return drawing.figure(f"unit {j} of layer {l}", said, _table(net, l, j, values), theme, caption=caption)


def _inputs(drawing: Drawing, net: Sequential, l: int, j: int, values: Mapping[str, str]) -> float:
    """Draw what comes in, and the lines from there; returns how far down that reaches."""
    layer, column = net.dense[l - 1], shown(net.widths[l - 1])
    largest = np.abs(layer.W.data).max() or 1.0
    top = -(len(column) - (layer.b is None)) * _DOWN / 2

    def line(name: str, tail: str, symbolic: str, value: float) -> Edge:
        if not values:
            return Edge(name, tail, f"a[{l}][{j}]", "forward", symbolic, "strong")
        weight = float(np.clip(value / largest, -1, 1))
        return Edge(name, tail, f"a[{l}][{j}]", "forward", f"{symbolic} = {number(value)}", "strong", weight)

    missing = dict(gaps(column))
    for at, k in enumerate(column):
        y = top + at * _DOWN
        if k is None:
            drawing.put(gap(l - 1, at, missing[at]), 0, y)
            continue
        wire = Wire(l, j, k)
        details = (values[wire.tail],) if values else ()
        label = symbol("a", l - 1, k)
        drawing.put(Vertex(wire.tail, role(l - 1), label, details, tooltip=wire.tail), 0, y, _SIZE)
        value = wire.of(layer.W.data)
        drawing.join(line(wire.parameter, wire.tail, symbol("w", l, j, k), value), along=_ALONG)
    if layer.b is not None:
        drawing.put(Vertex("1", "constant", "1"), 0, top + len(column) * _DOWN)
        bias = float(layer.b.data[j - 1, 0])
        drawing.join(line(f"b[{l}][{j}]", "1", symbol("b", l, j), bias), along=_ALONG)
    return max(-top, _UNIT / 2)


def _table(net: Sequential, l: int, j: int, values: Mapping[str, str]) -> str:
    """List what the figure shows, and what is left out of it."""
    wires = [Wire(l, j, k) for k in range(1, net.widths[l - 1] + 1)]
    names = [name for wire in wires for name in (wire.tail, wire.parameter)]
    if net.dense[l - 1].b is not None:
        names.append(f"b[{l}][{j}]")
    names += [f"z[{l}][{j}]", f"a[{l}][{j}]"]
    rows = [(name, values.get(name, "–")) for name in names]
    return tabulated([("scalar", "value"), *rows], right=(1,))
