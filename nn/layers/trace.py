"""Every value and every gradient of one pass by name: what a layer takes in, keeps and hands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

import autograd_core as ag
from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.graph.dispatch import plain_array
from autograd_core.graph.node import Array, topological_order
from autograd_core.graph.recording import recording
from autograd_core.wording.arguments import function, whole
from autograd_core.wording.errors import MissingKeyError, unknown_key
from nn import costs
from nn.layers.layer import RESULTS, Network
from nn.layers.summary import tabulated

__all__ = ["LayerTrace", "Trace", "traced"]


_ADDED = ("b", "beta")  # not needed for the gradients of anything else


def letters(name: str) -> str:
    """Take the number of the layer off a name.

    >>> letters("gamma[2]")
    'gamma'
    """
    return name.partition("[")[0]


class LayerTrace(NamedTuple):
    """What goes through the two boxes of a layer, forward and backward, by name.

    Attributes
    ----------
    forward_in : dict
        A[l-1], W[l] and b[l].
    forward_out : dict
        A[l].
    cache : dict
        What is kept for the way back: A[l-1], W[l], Z[l] and A[l]; b[l] is only added.
    backward_in : dict
        dA[l]; the cache comes in, too.
    backward_out : dict
        dW[l], db[l] and dA[l-1].
    """

    forward_in: dict[str, Array]
    forward_out: dict[str, Array]
    cache: dict[str, Array]
    backward_in: dict[str, Array]
    backward_out: dict[str, Array]


class Trace(Mapping[str, Array]):
    """Arrays by name, in the order of the pass; prints as a table.

    Attributes
    ----------
    forward : dict
        ``"A[0]"``, then ``"W[l]"``, ``"b[l]"``, ``"Z[l]"``, ``"A[l]"`` for each layer, then ``"J"``.
    backward : dict
        ``"dA[l]"``, ``"dZ[l]"``, ``"dW[l]"``, ``"db[l]"`` from the last layer to the first, then ``"dA[0]"``.
    """

    def __init__(self, forward: dict[str, Array], backward: dict[str, Array]) -> None:
        self.forward, self.backward = forward, backward

    def __getitem__(self, name: str) -> Array:
        for quantities in (self.forward, self.backward):
            if isinstance(name, str) and name in quantities:
                return quantities[name]
        raise unknown_key("quantity", name, [*self])

    def __iter__(self) -> Iterator[str]:
        yield from self.forward
        yield from self.backward

    def __len__(self) -> int:
        return len(self.forward) + len(self.backward)

    def layer(self, l: int) -> LayerTrace:
        """Gather what goes in and out of layer l = 1, ..., L.

        Raises
        ------
        MissingKeyError
            There is no such layer.

        Examples
        --------
        >>> import nn
        >>> net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, 1, "sigmoid", rng=1))
        >>> layer = net.trace(np.ones((2, 4)), np.ones((1, 4))).layer(2)
        >>> [*layer.forward_in], [*layer.backward_out]
        (['A[1]', 'W[2]', 'b[2]'], ['dW[2]', 'db[2]', 'dA[1]'])
        """
        l = whole(l, "layer: l")
        if l < 1 or f"A[{l}]" not in self:
            L = sum(name.startswith("A[") for name in self.forward) - 1
            raise MissingKeyError(f"there is no layer {l!r}; they are numbered 1 to {L}")
        before = f"Ã[{l - 1}]" if f"Ã[{l - 1}]" in self else f"A[{l - 1}]"
        Z, A = f"Z[{l}]", f"A[{l}]"
        own = [name for name in self.forward if name.endswith(f"[{l}]")]
        parameters = [name for name in own if letters(name) not in RESULTS]
        multiplied = [name for name in parameters if letters(name) not in _ADDED]

        def chosen(*names: str) -> dict[str, Array]:
            return {name: self[name] for name in names}

        return LayerTrace(
            forward_in=chosen(before, *parameters),
            forward_out=chosen(A),
            cache=chosen(before, *multiplied, *(name for name in (Z, A) if name in self)),
            backward_in=chosen(f"d{A}"),
            backward_out=chosen(*(f"d{name}" for name in (*parameters, before))),
        )

    def __str__(self) -> str:
        rows: list[tuple[str, ...]] = [("name", "shape", "smallest", "largest", "norm")]
        for name, value in self.items():
            numbers = (value.min(), value.max(), np.linalg.norm(value))
            rows.append((name, str(value.shape), *(f"{number:.6g}" for number in numbers)))
        return tabulated(rows, right=(2, 3, 4))

    def __repr__(self) -> str:
        return f"<Trace of {', '.join(self)}>"


def traced(net: Network, X: Any, Y: Any, cost: Callable[[Any, Any], Any] | None) -> Trace:
    """Run one pass; see `Sequential.trace`."""
    if cost is not None:
        function(cost, "trace: cost", "a function of predictions and targets")
    else:
        cost = getattr(costs, costs.matching(net.numbered[-1].activation))
    with recording():
        J = costs.scalar("trace", cost(net(_inputs(net, X)), Y))
    cotangents = reverse_sweep({J: np.ones_like(J.data)}, keep=True)
    named = {node.name: node for node in topological_order([J]) if node.name}
    forward = [name for name in _order(net) if name in named]
    return Trace(
        {name: named[name].value for name in forward} | {"J": J.value},
        {f"d{name}": cotangents[named[name]] for name in _backward(forward) if named[name] in cotangents},
    )


def _inputs(net: Network, X: Any) -> ag.Tensor:
    """Take X in as A[0], to differentiate by it."""
    values = X.data if isinstance(X, ag.Tensor) else plain_array(X)
    if values.dtype.kind in "iub":
        values = values.astype(net.dtype)
    return ag.Tensor(values, requires_grad=True, name="A[0]")


def _order(net: Network) -> list[str]:
    """Names of the values of a pass, from A[0] to A[L]."""
    names = ["A[0]"]
    for layer in net.layers:
        l = layer.index
        own = [*layer.named_parameters(), "Z", "A"] if layer.numbered else ["R", "Ã"]
        names += [f"{name}[{l}]" for name in own]
    return names


def _backward(forward: list[str]) -> list[str]:
    """The same names as gradients follow one another: A[l], Z[l], W[l], b[l], from L to 1, then A[0]."""
    rank = {"Ã": 0, "A": 1, "Z": 2, "R": 4}  # and parameters between, in their order

    def place(name: str) -> tuple[int, int]:
        return -int(name.partition("[")[2][:-1]), rank.get(letters(name), 3)

    return sorted(forward, key=place)
