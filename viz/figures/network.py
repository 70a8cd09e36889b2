"""A network as its units and the lines between them, or as one dot for each layer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

from autograd_core.wording.arguments import truth
from autograd_core.wording.errors import one_of
from nn import Dense, Layer, Sequential
from nn.layers.summary import tabulated
from viz.figures.figure import Drawing
from viz.figures.units import Shown, checked, gaps, heading, left_out, role, shares, shown, stack, wires
from viz.scene.labels import number, shortened
from viz.scene.scene import Cluster, Edge, Vertex
from viz.writers.picture import Picture

__all__ = ["network"]

_ACROSS, _DOWN, _SIZE = 150.0, 42.0, 26.0


def network(
    net: Sequential,
    detail: Literal["units", "layers"] = "units",
    *,
    cost: bool = False,
    weights: bool = False,
    theme: str = "light",
) -> Picture:
    """Draw a network from its inputs on the left to its predictions on the right.

    Every unit is a circle and every weight a line; of a layer with more than 12 units the first five and
    the last two are drawn. Or every layer is one dot.

    Parameters
    ----------
    net : Sequential
    detail : {"units", "layers"}
    cost : bool
        Add the cost J behind the predictions.
    weights : bool
        Draw a line as wide as its weight is large among those of its layer, dashed if it is below 0.
    theme : {"light", "dark", "paper"}

    Returns
    -------
    Picture

    Raises
    ------
    DtypeError
        `net` is no network.
    OptionError
        There is no such detail or theme.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(2, 1, "sigmoid", rng=0))
    >>> print(network(net).scene)
    network of 2 → 1
    layer0 column: n^{[0]} = 2
    layer1 column: n^{[1]} = 1
    a[0][1] input unit:  in layer0
    a[0][2] input unit:  in layer0
    a[1][1] unit:  in layer1
    W[1][1,1] forward: a[0][1] -> a[1][1]
    W[1][1,2] forward: a[0][2] -> a[1][1]
    """
    net = checked(net, "network")
    cost, weights = truth(cost, "network: cost"), truth(weights, "network: weights")
    one_of("detail", detail, ["units", "layers"])
    if detail == "layers":
        return _layers(net, cost, theme)
    return _units(net, cost, weights, theme)


def _title(net: Sequential) -> str:
    widths = [f"{net.widths[l]:,}" if l is not None else "…" for l in shown(len(net.widths), first=0)]
    return f"network of {' → '.join(widths)}"


def _table(net: Sequential) -> str:
    rows = [("layer", "units", "activation", "parameters"), ("0", f"{net.widths[0]:,}", "", "")]
    for l, layer in enumerate(net.numbered, start=1):
        parameters = ", ".join(f"{shortened(p.name or '')} {p.shape}" for p in layer.parameters())
        rows.append((str(l), f"{layer.n_out:,}", shortened(layer.title), parameters))
    return tabulated(rows, right=(1,))


def _units(net: Sequential, cost: bool, weights: bool, theme: str) -> Picture:
    drawing = Drawing()
    layers = shown(len(net.widths), first=0)
    columns: dict[int, Shown] = {l: shown(net.widths[l]) for l in layers if l is not None}
    half = (max(map(len, columns.values())) - 1) * _DOWN / 2 + _SIZE
    missing = dict(gaps(layers))
    for at, l in enumerate(layers):
        x = at * _ACROSS
        if l is None:
            drawing.put(_gap(at, missing[at]), x, 0)
            continue
        stack(drawing, l, columns[l], x, _DOWN, partial(_unit, l))
        drawing.head(heading(net, l), x, -half, half)
        if l - 1 in columns:
            _lines(drawing, net.numbered[l - 1], l, columns, weights)
    if cost:
        last = len(net.numbered)
        predictions = [f"a[{last}][{j}]" for j in columns[last] if j is not None]
        _cost(drawing, predictions, len(layers) * _ACROSS, half)
    said = "Circles are units, one column a layer; every unit is joined to all units of the next layer."
    return drawing.figure(_title(net), said, _table(net), theme, caption=left_out(columns))


def _unit(l: int, j: int) -> tuple[Vertex, float]:
    return Vertex(f"a[{l}][{j}]", role(l), "", cluster=f"layer{l}", tooltip=f"a[{l}][{j}]"), _SIZE


def _lines(drawing: Drawing, layer: Layer, l: int, columns: dict[int, Shown], weights: bool) -> None:
    """Join every unit to every unit before: by its weight, or plainly where a layer has no such matrix."""
    if not isinstance(layer, Dense):
        for wire in wires(l, columns[l - 1], columns[l]):
            drawing.join(Edge(f"{wire.tail} to {wire.head}", wire.tail, wire.head, "forward"))
        return
    W = layer.W.data
    share = shares(W)
    for wire in wires(l, columns[l - 1], columns[l]):
        weight = wire.of(share) if weights else None
        tooltip = f"{wire.parameter} = {number(wire.of(W))}" if weights else ""
        drawing.join(Edge(wire.parameter, wire.tail, wire.head, "forward", weight=weight, tooltip=tooltip))


def _layers(net: Sequential, cost: bool, theme: str) -> Picture:
    drawing = Drawing()
    layers = shown(len(net.widths), first=0)
    missing = dict(gaps(layers))
    before = ""
    for at, l in enumerate(layers):
        dot = _gap(at, missing[at]) if l is None else Vertex(f"A[{l}]", role(l), "", cluster=f"layer{l}")
        drawing.put(dot, at * _ACROSS, 0, None if l is None else _SIZE)
        if l is not None:
            full = heading(net, l)
            A = full.details[0].rpartition(", ")[2]  # without Z
            drawing.head(replace(full, details=(A, *full.details[2:])), at * _ACROSS, -_SIZE, _SIZE)
        if before:
            drawing.join(Edge(f"to {dot.id}", before, dot.id, "forward"), tip=True)
        before = dot.id
    if cost:
        _cost(drawing, [before], len(layers) * _ACROSS, _SIZE)
    said = "One dot a layer; arrows lead from the inputs to the predictions."
    return drawing.figure(_title(net), said, _table(net), theme)


def _cost(drawing: Drawing, predictions: list[str], x: float, half: float) -> None:
    drawing.put(Vertex("J", "cost", "", cluster="cost", tooltip="J, the cost"), x, 0, _SIZE)
    for name in predictions:
        drawing.join(Edge(f"J of {name}", name, "J", "forward", emphasis="strong"))
    drawing.head(Cluster("cost", "", "column", details=("J",)), x, -half, half)


def _gap(at: int, count: int) -> Vertex:
    """Stand in for layers that are not drawn."""
    return Vertex(f"gap[{at}]", "words", "⋯", (f"{count:,} layers more",))
