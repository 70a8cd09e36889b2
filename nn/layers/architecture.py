"""From a description of layers, in values that JSON knows, back to layers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from autograd_core.wording.errors import AutogradError, DataError, OptionError, unknown_option
from nn.activations import ACTIVATIONS, Activation
from nn.layers.dense import Dense
from nn.layers.dropout import Dropout
from nn.layers.layer import Layer
from nn.layers.layer_norm import LayerNorm

__all__ = ["KINDS", "layers"]

KINDS: dict[str, type[Layer]] = {kind.__name__: kind for kind in (Dense, Dropout, LayerNorm)}


def layers(
    config: Any,
    activations: Mapping[str, Activation] | None,
    kinds: Mapping[str, type[Layer]] | None = None,
) -> list[Layer]:
    """Build the layers of a description; dense ones with weights of zeros.

    Raises
    ------
    DataError
        It describes no layers; the message says which is wrong and why.
    OptionError
        `activations` is no mapping of names to functions, or `kinds` none of names to classes of layers.
    """
    given = {} if activations is None else activations
    own = {} if kinds is None else kinds
    if not isinstance(given, Mapping) or not all(map(callable, given.values())):
        raise OptionError(f"activations={activations!r:.60}, wanted a dict from names to functions")
    if not isinstance(own, Mapping) or not all(
        isinstance(x, type) and issubclass(x, Layer) for x in own.values()
    ):
        raise OptionError(f"layers={kinds!r:.60}, wanted a dict from names to classes derived from nn.Layer")
    if not isinstance(config, list):
        raise DataError(f"a network is described by a list of layers, not by {type(config).__name__}")
    return [_layer(place, layer, given, {**own, **KINDS}) for place, layer in enumerate(config, start=1)]


def _layer(
    place: int, config: Any, activations: Mapping[str, Activation], kinds: Mapping[str, type[Layer]]
) -> Layer:
    if not isinstance(config, dict) or not isinstance(kind := config.get("kind"), str):
        raise DataError(f"layer {place} of the description names no kind of layer: {config!r:.200}")
    if kind == "Dense":
        dense = Dense.described(config, partial(_activation, place, activations))
        if dense is not None:
            return dense
    elif kind not in kinds:
        raise DataError(
            f"layer {place} of the description is a {kind!r:.60}, which nn does not have; "
            f"a class of one's own is passed again: layers={{{kind!r:.60}: Class}}"
        )
    else:
        try:
            return kinds[kind](**{name: value for name, value in config.items() if name != "kind"})
        except (AutogradError, TypeError, ValueError) as error:
            raise DataError(f"layer {place} of the description, {config!r:.200}: {error}") from None
    raise DataError(f"layer {place} of the description is no Dense layer: {config!r:.200}")


def _activation(place: int, given: Mapping[str, Activation], name: str) -> str | Activation:
    if name in given:
        return given[name]
    if name in ACTIVATIONS:
        return name
    error = unknown_option("activation", name, ACTIVATIONS)
    raise DataError(
        f"layer {place}: {error}; a function of one's own is passed again: activations={{{name!r}: function}}"
    )
