"""Predictions without recording: as a compiled program from the second time on that a shape comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import autograd_core as ag
from autograd_core.graph.node import Array
from nn.activations import Activation
from nn.layers import states
from nn.layers.layer import Layer, Network
from nn.layers.states import Params

__all__ = ["predicted"]

_LARGEST = 100_000  # entries of all layers, beyond which the calls themselves cost nothing


class _Known:
    """What is known of one network: its activations, the shape that came last, and its program."""

    def __init__(self, functions: tuple[Activation, ...]) -> None:
        self.functions = functions
        self.last: Any = None
        self.run: Callable[[Params, Array], Array] | None = None


_known: WeakKeyDictionary[Network, _Known] = WeakKeyDictionary()


def predicted(net: Network, X: Array) -> Array:
    """Compute A[L] (n[L], m) for X (n[0], m), with the same bits either way.

    Examples
    --------
    >>> import nn, numpy as np
    >>> net, X = nn.Sequential(nn.Dense(2, 1, rng=0)), np.ones((2, 3))
    >>> first, second = (predicted(net, X) for _ in range(2))
    >>> bool((first == second).all())
    True
    """
    functions = tuple([layer.g for layer in net.numbered])
    known = _known.get(net)
    if known is None or known.functions != functions:
        known = _known[net] = _Known(functions)
    again, known.last = (X.shape, X.dtype) == known.last, (X.shape, X.dtype)
    if again and X.shape[1] * sum(net.widths) < _LARGEST and all(layer.is_named for layer in net.numbered):
        if known.run is None:
            layers = net.numbered  # not the network itself, which would never be forgotten then
            known.run = ag.compile(lambda params, X: _applied(layers, params, X), fuse=False)
        return known.run(states.params(net.numbered), X)
    with ag.no_grad():
        A: Any = X
        for layer in net.numbered:
            A = layer(A)
        return A.data  # type: ignore[no-any-return]


def _applied(layers: Sequence[Layer], params: Params, X: Any) -> Any:
    """The layers that are not left out of predictions, with the parameters given."""
    for layer, own in zip(layers, params, strict=True):
        X = layer.applied(own, X)
    return X
