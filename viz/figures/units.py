"""Units in columns: which of a wide layer are drawn, what they are called, which lines join them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from autograd_core.wording.errors import DtypeError, OptionError
from nn import Dense, Sequential
from nn.activations import ACTIVATIONS
from viz.figures.figure import Drawing
from viz.scene.labels import shortened
from viz.scene.scene import Cluster, Vertex
from viz.style.roles import Role

__all__ = [
    "MOST",
    "Shown",
    "Wire",
    "checked",
    "entrywise",
    "equations",
    "gap",
    "gaps",
    "heading",
    "left_out",
    "place",
    "role",
    "shares",
    "shown",
    "stack",
    "symbol",
    "wires",
]

MOST = 12  # units drawn of a layer, and layers of a network
_FIRST, _LAST = 5, 2

Shown = Sequence[int | None]


class Wire(NamedTuple):
    """The line to unit j of layer l from unit k of the layer before, by the names of `nn.units`.

    >>> Wire(2, 1, 3).parameter, Wire(2, 1, 3).tail, Wire(2, 1, 3).head
    ('W[2][1,3]', 'a[1][3]', 'a[2][1]')
    """

    l: int
    j: int
    k: int

    @property
    def parameter(self) -> str:
        """The weight that the line stands for."""
        return f"W[{self.l}][{self.j},{self.k}]"

    @property
    def tail(self) -> str:
        """The unit it leaves."""
        return f"a[{self.l - 1}][{self.k}]"

    @property
    def head(self) -> str:
        """The unit it arrives at."""
        return f"a[{self.l}][{self.j}]"

    def of(self, W: Any) -> float:
        """Take the line's entry of a matrix of layer l."""
        return float(W[self.j - 1, self.k - 1])


def checked(net: Any, name: str) -> Sequential:
    """Take a network in.

    Raises
    ------
    DtypeError
        It is something else.
    """
    if not isinstance(net, Sequential):
        raise DtypeError(f"{name}: found a {type(net).__name__}, wanted a network, an nn.Sequential")
    return net


def place(name: str, what: str, found: Any, first: int, last: int) -> int:
    """Take the number of a layer or unit in.

    Raises
    ------
    OptionError
        There is none of that number.
    """
    if not isinstance(found, int | np.integer) or not first <= found <= last:
        raise OptionError(f"{name}: there is no {what} {found!r}; they are counted from {first} to {last}")
    return int(found)


def shown(n: int, always: Sequence[int] = (), first: int = 1) -> list[int | None]:
    """Choose which of n to draw, counted from `first`; None stands for those between that are not.

    Examples
    --------
    >>> shown(3)
    [1, 2, 3]
    >>> shown(100, always=[40])
    [1, 2, 3, 4, 5, None, 40, None, 99, 100]
    """
    last = first + n - 1
    if n <= MOST:
        return [*range(first, last + 1)]
    chosen = sorted({*range(first, first + _FIRST), *always, *range(last - _LAST + 1, last + 1)})
    listed: list[int | None] = [chosen[0]]
    for before, number in pairwise(chosen):
        listed += [number] if number == before + 1 else [None, number]
    return listed


def gaps(column: Shown) -> Iterator[tuple[int, int]]:
    """Pair the place of each gap in a column with how many are missing there."""
    for i, number in enumerate(column):
        if number is None:
            before, after = column[i - 1], column[i + 1]
            assert before is not None
            assert after is not None
            yield i, after - before - 1


def left_out(columns: dict[int, Shown]) -> str:
    """Say what is not drawn.

    >>> left_out({0: shown(3), 1: shown(100)})
    'not drawn: 93 units of layer 1'
    """
    said = []
    for l, column in columns.items():
        missing = sum(count for _, count in gaps(column))
        if missing:
            said.append(f"{missing:,} units of layer {l}")
    return f"not drawn: {', '.join(said)}" if said else ""


def stack(
    drawing: Drawing,
    l: int,
    column: Shown,
    x: float,
    pitch: float,
    unit: Callable[[int], tuple[Vertex, float]],
) -> None:
    """Put what is drawn of layer l in a column around y = 0; `unit` gives each unit and its diameter."""
    missing = dict(gaps(column))
    for at, j in enumerate(column):
        y = (at - (len(column) - 1) / 2) * pitch
        if j is None:
            drawing.put(gap(l, at, missing[at]), x, y)
        else:
            vertex, size = unit(j)
            drawing.put(vertex, x, y, size)


def wires(l: int, before: Shown, column: Shown) -> list[Wire]:
    """List the lines between what is drawn of layers l - 1 and l, as `nn.Units.links` lists all of them."""
    heads, tails = ([unit for unit in units if unit is not None] for units in (column, before))
    return [Wire(l, j, k) for j in heads for k in tails]


def symbol(letter: str, l: int, *indices: int | str) -> str:
    """Write a scalar with its layer above and its indices below.

    >>> symbol("w", 2, 1, 3)
    'w^{[2]}_{1,3}'
    """
    return f"{letter}^{{[{l}]}}_{{{','.join(map(str, indices))}}}"


def role(l: int) -> Role:
    """Tell the inputs from the units that compute."""
    return "unit" if l else "input unit"


def entrywise(layer: Dense) -> bool:
    """Whether each a depends on its own z only; equation (2) allows more, as softmax shows."""
    return layer.activation in ACTIVATIONS and layer.activation != "softmax"


def equations(net: Sequential, l: int, j: int) -> str:
    """Write equations (1) and (2) for unit j of layer l, in markup."""
    layer = net.dense[l - 1]
    z, a = symbol("z", l, j), symbol("a", l, j)
    bias = f" + {symbol('b', l, j)}" if layer.b is not None else ""
    g = shortened(layer.activation, 16)
    activated = f"{g}({z})" if entrywise(layer) else f"{g}_{{{j}}}(z^{{[{l}]}})"
    return f"{z} = Σ_{{k}} {symbol('w', l, j, 'k')} {symbol('a', l - 1, 'k')}{bias},    {a} = {activated}"


def heading(net: Sequential, l: int) -> Cluster:
    """Word what stands above and below the units of a layer."""
    title = f"n^{{[{l}]}} = {net.widths[l]:,}"
    if l == 0:
        return Cluster("layer0", title, "column", details=("X = A^{[0]}",))
    layer = net.numbered[l - 1]
    parameters = ", ".join(f"{name}^{{[{l}]}}" for name in layer.named_parameters())
    values = f"Z^{{[{l}]}}, A^{{[{l}]}}" if isinstance(layer, Dense) else f"A^{{[{l}]}}"
    details = (values, parameters, shortened(layer.title, 16))
    return Cluster(f"layer{l}", title, "column", details=details)


def shares(W: Any) -> Any:
    """Divide weights by the largest of their absolute values, so that widths can be compared."""
    return W / (np.abs(W).max() or 1.0)


def gap(l: int, at: int, count: int) -> Vertex:
    """Stand in for units that are not drawn."""
    return Vertex(f"gap[{l}][{at}]", "words", "⋮", (f"{count:,} more",), tooltip=f"{count:,} units more")
