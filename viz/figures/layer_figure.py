"""What goes into each layer and out of it: its forward box, the cache, and its backward box."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd_core.wording.errors import OptionError
from nn import Dense, Sequential, Trace
from nn.layers.summary import tabulated
from viz.figures.figure import Drawing
from viz.figures.units import checked, entrywise, gaps, place, shown
from viz.layout.glyphs import vertex_size
from viz.layout.places import Box
from viz.scene.labels import norm, number, shape, shortened, spelled
from viz.scene.scene import Edge, Vertex
from viz.style.theme import LIGHT
from viz.writers.picture import Picture

__all__ = ["layer"]

_BETWEEN = 200.0  # from box to box: room for what is handed on
_HIGH, _RISE, _BELOW = 96.0, 104.0, 190.0  # of a box; from its middle to parameters; to the box below
_MOST_ALONG, _LINE = 4, 480.0  # layers in a line; from one line to the next
_AGAIN = " again"  # of what the line before handed on
_APART = 52.0  # from the middle of a box to W and to b


def layer(
    net: Sequential, l: int | None = None, trace: Trace | None = None, *, theme: str = "light"
) -> Picture:
    """Draw what goes into layer l and out of it, forward and backward, or the chain of all layers.

    The forward box takes A[l-1], W[l] and b[l] in and gives A[l]; what it keeps, the cache, goes down to the
    backward box, which takes dA[l] in and gives dW[l], db[l] and dA[l-1]. dQ is the derivative of the cost
    by Q. More than four layers stand in lines below one another, as text does; what one line hands on stands
    at its end and again where the next begins.

    Parameters
    ----------
    net : Sequential
    l : int, optional
        Layer, from 1 to L; without it, all of them.
    trace : Trace, optional
        Of one pass, as ``net.trace(X, Y)`` gives it: everything then shows its norm.
    theme : {"light", "dark", "paper"}

    Returns
    -------
    Picture

    Raises
    ------
    DtypeError
        `net` is no network.
    OptionError
        There is no such layer or theme.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 3, "softmax", rng=1))
    >>> print(layer(net, 2).text())
    name   shape
    A[1]   (5, m)
    W[2]   (3, 5)
    b[2]   (3, 1)
    Z[2]   (3, m)
    A[2]   (3, m)
    dA[2]  (3, m)
    dZ[2]  (3, m)
    dW[2]  (3, 5)
    db[2]  (3, 1)
    dA[1]  (5, m)
    """
    net = checked(net, "layer")
    if not isinstance(trace, Trace | None):
        raise OptionError(f"layer: trace is {trace!r:.60}, wanted what net.trace(X, Y) returns")
    last = len(net.numbered)
    chosen = shown(last) if l is None else [place("layer", "layer", l, 1, last)]
    return _Boxes(net, trace).drawn(chosen, theme)


class _Boxes:
    """The boxes of some layers from left to right, and what is handed on between them."""

    def __init__(self, net: Sequential, trace: Trace | None) -> None:
        self.net, self.trace = net, trace
        self.drawing = Drawing()
        dropped = [layer.index for layer in net.layers if not layer.numbered]
        self.dropped = {l for l in dropped if (net.training if trace is None else f"Ã[{l}]" in trace)}

    def drawn(self, chosen: Sequence[int | None], theme: str) -> Picture:
        layers = [l for l in chosen if l is not None]
        across = max(
            vertex_size(box, LIGHT)[0] for l in layers for box in (self._forward(l), self._backward(l))
        )
        pitch = math.ceil(across + _BETWEEN)
        missing = sum(count for _, count in gaps(chosen))
        along = math.ceil(len(chosen) / math.ceil(len(chosen) / _MOST_ALONG))
        x = y = 0.0
        for at, l in enumerate(chosen):
            line, place = divmod(at, along)
            x, y = place * pitch, line * _LINE
            if l is None:
                more = (f"{missing:,} layers more",)
                self.drawing.put(Vertex(f"gap[{at}]", "words", "⋯", more), x, y + _BELOW / 2)
                continue
            follows = at > 0 and chosen[at - 1] is not None
            again = _AGAIN if follows and place == 0 else ""
            if again or not follows:
                self._handed_on(l - 1, x - pitch / 2, y, chosen, again)
            self._handed_on(l, x + pitch / 2, y, chosen)
            self._layer(l, x, y, across, again)
        if len(chosen) == len(shown(len(self.net.numbered))) > 1:
            self._cost(x + pitch / 2 + _BETWEEN * 0.7, y)
        caption = f"not drawn: {missing:,} of the {len(self.net.numbered):,} layers" if missing else ""
        which = f"layer {layers[0]}" if len(layers) == 1 else "each layer"
        title = f"what goes into {which} and out of it"
        said = "Above the boxes of the forward pass, below those of the backward pass, dotted what is cached."
        return self.drawing.figure(title, said, self._table(layers), theme, caption=caption)

    def _before(self, l: int) -> str:
        """Name what layer l takes in."""
        return f"Ã[{l - 1}]" if l - 1 in self.dropped else f"A[{l - 1}]"

    def _handed_on(self, l: int, x: float, y: float, chosen: Sequence[int | None], again: str = "") -> None:
        """Put what leaves layer l, and below what comes back; dropout turns it into something else."""
        A, after = f"A[{l}]", self._before(l + 1)
        label, back = spelled(A), spelled(f"d{A}")
        if after != A and l + 1 in chosen:
            label, back = f"{label} → {spelled(after)}", f"{back} ← {spelled(f'd{after}')}"
        if l == 0:
            label = f"{label} = X"
        self.drawing.put(Vertex(f"{A}{again}", "words", label, self._details(A)), x, y)
        self.drawing.put(Vertex(f"d{A}{again}", "words", back, self._details(f"d{A}")), x, y + _BELOW)

    def _layer(self, l: int, x: float, y: float, across: float, again: str) -> None:
        """Put the two boxes of a layer with its parameters above and their gradients below."""
        drawing = self.drawing
        ahead, back = self._forward(l), self._backward(l)
        drawing.put_box(ahead, Box(x, y, across, _HIGH))
        drawing.put_box(back, Box(x, y + _BELOW, across, _HIGH))
        before = f"A[{l - 1}]{again}"
        drawing.join(Edge(f"to {ahead.id}", before, ahead.id, "forward"), tip=True)
        drawing.join(Edge(f"from {ahead.id}", ahead.id, f"A[{l}]", "forward"), tip=True)
        drawing.join(Edge(f"cache[{l}]", ahead.id, back.id, "cache", spelled(f"cache[{l}]")), tip=True)
        drawing.join(Edge(f"to {back.id}", f"dA[{l}]", back.id, "backward"), tip=True)
        drawing.join(Edge(f"from {back.id}", back.id, f"d{before}", "backward"), tip=True)
        parameters = self._parameters(l)
        for i, name in enumerate(parameters):
            beside = x + (2 * i - len(parameters) + 1) * _APART
            drawing.put(Vertex(name, "words", spelled(name), self._details(name)), beside, y - _RISE)
            drawing.join(Edge(f"of {name}", name, ahead.id, "forward"), tip=True)
            gradient = f"d{name}"
            below = Vertex(gradient, "words", spelled(gradient), self._details(gradient))
            drawing.put(below, beside, y + _BELOW + _RISE)
            drawing.join(Edge(f"of {gradient}", back.id, gradient, "backward"), tip=True)

    def _cost(self, x: float, y: float) -> None:
        last = len(self.net.numbered)
        value = (number(self.trace["J"]),) if self.trace else ()
        self.drawing.put(Vertex("J", "cost", "J", value), x, y + _BELOW / 2)
        self.drawing.join(Edge("to J", f"A[{last}]", "J", "forward"), tip=True)
        self.drawing.join(Edge("from J", "J", f"dA[{last}]", "backward"), tip=True)

    def _parameters(self, l: int) -> list[str]:
        return [f"{name}[{l}]" for name in self.net.numbered[l - 1].named_parameters()]

    def _results(self, l: int) -> list[str]:
        return [f"Z[{l}]", f"A[{l}]"] if isinstance(self.net.numbered[l - 1], Dense) else [f"A[{l}]"]

    def _forward(self, l: int) -> Vertex:
        """Write equations (5) and (6) into a box; of another layer, what it is a function of."""
        layer = self.net.numbered[l - 1]
        if not isinstance(layer, Dense):
            taken = ", ".join(spelled(name) for name in (self._before(l), *self._parameters(l)))
            written = f"{spelled(f'A[{l}]')} = {shortened(layer.title, 16)}({taken})"
            return Vertex(f"forward[{l}]", "intermediate", written)
        Z, W, A, b, before = (
            spelled(name) for name in (f"Z[{l}]", f"W[{l}]", f"A[{l}]", f"b[{l}]", self._before(l))
        )
        bias = f" + {b}" if layer.b is not None else ""
        activated = f"{A} = {shortened(layer.activation, 16)}({Z})"
        return Vertex(f"forward[{l}]", "intermediate", f"{Z} = {W} {before}{bias}", (activated,))

    def _backward(self, l: int) -> Vertex:
        """Write equations (15), (16), (18) and (22) into a box; of another layer, the chain rule."""
        layer = self.net.numbered[l - 1]
        if not isinstance(layer, Dense):
            A, dA = spelled(f"A[{l}]"), spelled(f"dA[{l}]")
            lines = [
                f"{spelled(f'd{name}')} = (∂{A}/∂{spelled(name)})^{{T}} {dA}"
                for name in (*self._parameters(l), self._before(l))
            ]
            return Vertex(f"backward[{l}]", "adjoint", lines[0], tuple(lines[1:]))
        g, before = shortened(layer.activation, 16), self._before(l)
        Z, dZ, dA, dW, db = (spelled(f"{name}[{l}]") for name in ("Z", "dZ", "dA", "dW", "db"))
        carried = f"{dZ} = {dA} ⊙ {g}′({Z})"
        if not entrywise(layer):
            carried = f"{dZ}: dz_{{i}} = {g}′(z_{{i}})^{{T}} da_{{i}}"
        lines = [f"{dW} = {dZ} {spelled(before)[:-1]}T}}", f"{db} = Σ_{{axis=1}} {dZ}"]
        lines = lines[: len(layer.parameters())]
        lines.append(f"{spelled(f'd{before}')} = W^{{[{l}]T}} {dZ}")
        return Vertex(f"backward[{l}]", "adjoint", carried, tuple(lines))

    def _details(self, name: str) -> tuple[str, ...]:
        """Give the shape of a value and, of one that was traced, its norm."""
        if self.trace is None:
            return (self._shape(name),)
        return shape(self.trace[name]), norm(self.trace[name])

    def _shape(self, name: str) -> str:
        parameters = self.net.named_parameters()
        for value in (name, name.removeprefix("d")):
            if value in parameters:
                return str(parameters[value].shape)
        return f"({self.net.widths[int(name.partition('[')[2][:-1])]}, m)"

    def _table(self, layers: Sequence[int]) -> str:
        ahead, back = [], []
        for l in layers:
            ahead += [self._before(l), *self._parameters(l), *self._results(l)]
        for l in reversed(layers):
            into = [f"d{name}" for name in (*reversed(self._results(l)), *self._parameters(l))]
            back += [*into, f"d{self._before(l)}"]
        rows = [(name, *self._details(name)) for name in dict.fromkeys([*ahead, *back])]
        return tabulated([("name", "shape", "norm")[: len(rows[0])], *rows])
