"""Weights to PyTorch and back, under the names that its `Sequential` gives them; PyTorch is not needed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd_core.graph.dispatch import plain_array
from autograd_core.graph.node import Array
from autograd_core.wording.arguments import is_sequence
from autograd_core.wording.errors import DataError, OptionError
from nn import initializers, storage
from nn.activations import Activation
from nn.given import network
from nn.layers.dense import Dense
from nn.layers.layer import Layer
from nn.layers.layer_norm import LayerNorm
from nn.layers.sequential import Sequential

__all__ = ["from_torch", "load_torch", "save_torch", "to_torch"]


def to_torch(net: Sequential) -> dict[str, Array]:
    """Name the weights as the same network built from PyTorch's modules does.

    Every dense layer is a ``Linear``, followed by a module for its activation unless that is ``identity``;
    dropout is a module too. ``Linear`` keeps W (n_out, n_in) as it is and b as (n_out,). PyTorch's examples
    are rows: ``module(torch.tensor(X.T))`` is what ``net.predict(X).T`` is. Its modules: ``ReLU``,
    ``LeakyReLU``, ``ELU``, ``GELU``, ``SiLU``, ``Softplus``, ``Sigmoid``, ``Tanh``, ``Softmax(dim=1)``,
    ``Dropout(1 - keep)``, and ``LayerNorm(n, eps)``, which keeps γ and β as (n,).

    Raises
    ------
    OptionError
        A layer is of one's own.

    Returns
    -------
    dict of str to array
        Copies: ``0.weight``, ``0.bias``, ``2.weight``, ...

    Examples
    --------
    >>> net = Sequential(Dense(4, 5, "tanh"), Dense(5, 3))
    >>> {name: array.shape for name, array in to_torch(net).items()}
    {'0.weight': (5, 4), '0.bias': (5,), '2.weight': (3, 5), '2.bias': (3,)}
    """
    state, place = {}, 0
    for layer in network(net, "to_torch").layers:
        if isinstance(layer, Dense):
            state[f"{place}.weight"] = layer.W.data.copy()
            if layer.b is not None:
                state[f"{place}.bias"] = layer.b.data[:, 0].copy()
            place += layer.activation != "identity"
        elif isinstance(layer, LayerNorm):
            state[f"{place}.weight"] = layer.gamma.data[:, 0].copy()
            state[f"{place}.bias"] = layer.beta.data[:, 0].copy()
        elif layer.numbered:
            raise OptionError(
                f"to_torch: {layer} is of a class that PyTorch does not have; net.state_dict() has its "
                "parameters"
            )
        place += 1
    return state


def from_torch(
    state: Mapping[str, Any],
    activations: Sequence[str | Activation | LayerNorm],
    *,
    layers: Sequence[str] | None = None,
) -> Sequential:
    """Build a network from the state of PyTorch's ``Linear`` and ``LayerNorm`` layers.

    Parameters
    ----------
    state : mapping of names to arrays or CPU tensors
        ``module.state_dict()``, or what a .safetensors file holds: for each layer NAME.weight (n_out, n_in)
        and, if it has one, NAME.bias (n_out,), float32 or float64.
    activations : sequence
        One for each layer, as a state does not hold them: names or functions, as `Dense` takes them, or an
        `nn.LayerNorm` of the right eps where a ``LayerNorm`` stands.
    layers : sequence of str, optional
        The layers' names from the first to the last. Not needed if they differ by their numbers only,
        like ``0`` and ``2`` or ``fc1`` and ``fc2``.

    Raises
    ------
    DataError
        The state holds something else than such layers, or they make no network.
    OptionError
        The activations are not as many as the layers, or one does not exist.

    Examples
    --------
    >>> state = {"fc1.weight": np.ones((5, 4)), "fc1.bias": np.ones(5), "fc2.weight": np.ones((3, 5))}
    >>> from_torch(state, ["tanh", "softmax"])
    Sequential(Dense(4, 5, 'tanh'), Dense(5, 3, 'softmax', bias=False))
    """
    if not isinstance(state, Mapping):
        raise OptionError(f"from_torch: state is {state!r:.60}, wanted a dict of names and arrays")
    if not is_sequence(activations) or isinstance(activations, np.ndarray):
        raise OptionError(
            f"from_torch: activations is {activations!r:.60}, wanted a list, one for each layer"
        )
    found = _linear(state)
    order = _ordered(found, layers)
    told = ", ".join(f"{name!r} {_weight(found[name]).shape}" for name in order)
    if len(activations) != len(order):
        raise OptionError(f"{len(activations)} activations for {len(order)} layers: {told}")
    built = [_layer(name, found[name], given) for name, given in zip(order, activations)]
    try:
        net = Sequential(*built)
    except OptionError as error:
        raise DataError(f"{error}; found {told or 'no layer'}") from None
    net.load_state_dict(
        {f"{key}[{l}]": array for l, name in enumerate(order, start=1) for key, array in found[name].items()}
    )
    return net


def save_torch(net: Sequential, path: str | os.PathLike[str]) -> Path:
    """Write the weights of `to_torch` to a .safetensors file.

    In PyTorch: ``module.load_state_dict(safetensors.torch.load_file(path))``.

    Raises
    ------
    OptionError
        There is no such format, or safetensors is not installed.
    OSError
        The file cannot be written there.

    Examples
    --------
    >>> import tempfile
    >>> net = Sequential(Dense(4, 5, "tanh", rng=0), Dense(5, 3, rng=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load_torch(save_torch(net, Path(folder) / "net.safetensors"), ["tanh", "identity"])
    Sequential(Dense(4, 5, 'tanh'), Dense(5, 3, 'identity'))
    """
    return storage.write(path, to_torch(net))


def load_torch(
    path: str | os.PathLike[str],
    activations: Sequence[str | Activation | LayerNorm],
    *,
    layers: Sequence[str] | None = None,
) -> Sequential:
    """Build a network from a .safetensors file with the state of PyTorch's ``Linear`` layers.

    In PyTorch: ``safetensors.torch.save_file(module.state_dict(), path)``. See `from_torch`.

    Raises
    ------
    DataError
        The file is damaged, or holds something else; see `from_torch`.
    OptionError
        The activations do not fit, there is no such format, or safetensors is not installed.
    OSError
        There is no such file, or it cannot be read.
    """
    state = storage.read(path).arrays
    with storage.naming(path):
        return from_torch(state, activations, layers=layers)


def _linear(state: Mapping[str, Any]) -> dict[str, dict[str, Array]]:
    """Sort a state by layers: W (n_out, n_in) and, perhaps, b (n_out, 1) of each."""
    found: dict[str, dict[str, Array]] = {}
    for name, value in state.items():
        layer, _, kind = str(name).rpartition(".")
        array = _array(name, value)
        if (kind, array.ndim) == ("weight", 2) and array.size:
            found.setdefault(layer, {})["W"] = array
        elif (kind, array.ndim) == ("weight", 1) and array.size:
            found.setdefault(layer, {})["gamma"] = array[:, None]
        elif (kind, array.ndim) == ("bias", 1):
            found.setdefault(layer, {})["b"] = array[:, None]
        else:
            raise DataError(
                f"{name!r} of shape {array.shape} is neither the weight (n_out, n_in) nor the bias (n_out,) "
                "of a Linear layer, nor the weight or bias (n,) of a LayerNorm"
            )
    for layer, own in found.items():
        if not own.keys() & {"W", "gamma"}:
            raise DataError(f"{layer!r} has a bias, but no weight")
        if "gamma" in own:
            own["beta"] = own.pop("b", np.zeros_like(own["gamma"]))  # as LayerNorm(n, bias=False) computes
    return found


def _array(name: str, value: Any) -> Array:
    try:
        array: Array = np.asarray(plain_array(value))
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(f"{name!r} cannot become an array: {error}") from None
    if array.dtype not in (np.float32, np.float64):
        raise DataError(f"{name!r} is {array.dtype}; wanted float32 or float64, as module.float() makes it")
    return array


def _dense(activation: str | Activation, W: Array, b: Array | None = None) -> Dense:
    n_out, n_in = W.shape
    return Dense(n_in, n_out, activation, bias=b is not None, init=initializers.zeros(), dtype=W.dtype)


def _weight(own: Mapping[str, Array]) -> Array:
    return own["W"] if "W" in own else own["gamma"]


def _layer(name: str, own: Mapping[str, Array], given: str | Activation | LayerNorm) -> Layer:
    """Build a layer as the caller says: a state does not tell one normalisation from another."""
    if isinstance(given, LayerNorm) and "gamma" in own:
        return LayerNorm(len(own["gamma"]), eps=given.eps, dtype=own["gamma"].dtype)
    if isinstance(given, LayerNorm) or "gamma" in own:
        shape = _weight(own).shape
        what = f"a weight ({shape[0]},), as normalisations have" if "gamma" in own else f"a weight {shape}"
        wanted = "wanted an nn.LayerNorm of its eps" if "gamma" in own else "wanted an activation"
        raise DataError(f"{name!r} has {what}; {wanted} in its place in activations, found {given!r:.60}")
    return _dense(given, **own)


def _ordered(found: Iterable[str], layers: Sequence[str] | None) -> list[str]:
    """Put the names of the layers in the order in which they compute."""
    names = sorted(found, key=lambda name: [int(n) for n in _NUMBER.findall(name)])
    if layers is not None:
        if not is_sequence(layers) or not all(isinstance(name, str) for name in layers):
            raise OptionError(f"from_torch: layers is {layers!r:.60}, wanted a list of names")
        if sorted(layers) != sorted(names):
            raise DataError(f"the state has the layers {names}, but layers={list(layers)}")
        return list(layers)
    if len({_NUMBER.sub("#", name) for name in names}) > 1:
        raise DataError(
            f"which of the layers {', '.join(map(repr, names))} comes first is not clear from their names: "
            "pass layers=[...], the names from the first to the last"
        )
    return names


_NUMBER = re.compile(r"\d{1,9}")
