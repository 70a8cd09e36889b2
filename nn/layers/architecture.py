"""From a description of layers, in values that JSON knows, back to layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core.wording.errors import DataError, OptionError, unknown_option
from nn import initializers
from nn.activations import ACTIVATIONS, Activation
from nn.layers.dense import Dense
from nn.layers.dropout import Dropout

__all__ = ["Layer", "layers"]

Layer = Dense | Dropout


def layers(config: Any, activations: Mapping[str, Activation] | None) -> list[Layer]:
    """Build the layers of a description, with weights of zeros.

    Raises
    ------
    DataError
        It describes no layers; the message says which is wrong and why.
    OptionError
        `activations` is no mapping of names to functions.
    """
    given = {} if activations is None else activations
    if not isinstance(given, Mapping) or not all(map(callable, given.values())):
        raise OptionError(f"activations={activations!r:.60}, wanted a dict from names to functions")
    if not isinstance(config, list):
        raise DataError(f"a network is described by a list of layers, not by {type(config).__name__}")
    return [_layer(place, layer, given) for place, layer in enumerate(config, start=1)]


def _layer(place: int, config: Any, activations: Mapping[str, Activation]) -> Layer:
    match config:
        case {"kind": "Dropout", "keep": float(keep), **rest} if not rest and 0 < keep <= 1:
            return Dropout(keep)
        case {
            "kind": "Dense",
            "n_in": int(n_in),
            "n_out": int(n_out),
            "activation": str(activation),
            "bias": bool(bias),
            "dtype": "float64" | "float32" as dtype,
            **rest,
        } if not rest and n_in > 0 and n_out > 0:
            g = _activation(place, activation, activations)
            layer = Dense(n_in, n_out, g, bias=bias, init=initializers.zeros(), dtype=dtype)
            layer.activation = activation  # as it was described, whatever the function calls itself
            return layer
    raise DataError(
        f"layer {place} of the description is neither a Dense nor a Dropout layer: {config!r:.200}"
    )


def _activation(place: int, name: str, given: Mapping[str, Activation]) -> str | Activation:
    if name in given:
        return given[name]
    if name in ACTIVATIONS:
        return name
    error = unknown_option("activation", name, ACTIVATIONS)
    raise DataError(
        f"layer {place}: {error}; a function of one's own is passed again: activations={{{name!r}: function}}"
    )
