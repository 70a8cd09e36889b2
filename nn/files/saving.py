"""A network in a file: what its layers are, and their weights by name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd_core.graph.node import Array
from autograd_core.wording.errors import DataError, DtypeError, OptionError, ShapeError
from autograd_core.wording.identifiers import text_of
from nn import storage
from nn.activations import ACTIVATIONS, Activation
from nn.datasets.scaling import Scaling
from nn.layers.architecture import KINDS
from nn.layers.layer import Layer
from nn.layers.sequential import Sequential
from nn.storage import Bundle

__all__ = ["Model", "load", "load_model", "packed", "save", "unpacked"]

_FORMAT, _VERSION = "autograd-core", 1
_MEAN, _SPREAD = "scaling/mean", "scaling/spread"
_TRAINING = "training/"  # arrays that a checkpoint keeps in the same file


@dataclass(frozen=True, eq=False)
class Model:
    """A network with what it takes to use it on a table.

    Parameters
    ----------
    net : Sequential
    scaling : nn.datasets.Scaling, optional
        What is done to the features first, n[0] of them.
    features : n[0] names, optional
    classes : n[L] names, optional
        Two names if there is one output that tells two classes apart.

    Raises
    ------
    DataError
        One of them does not suit the network.

    Examples
    --------
    >>> import nn
    >>> model = Model(nn.Sequential(nn.Dense(2, 1, "sigmoid", rng=0)), classes=["no", "yes"])
    >>> model.predict([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).shape
    (1, 3)
    """

    net: Sequential
    scaling: Scaling | None = None
    features: Sequence[str] | None = None
    classes: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.net, Sequential):
            hint = "; a fitted estimator holds one in net_" if hasattr(self.net, "get_params") else ""
            raise OptionError(f"wanted a Sequential, found a {type(self.net).__name__}{hint}")
        n, k = self.net.widths[0], self.net.widths[-1]
        if not isinstance(self.scaling, Scaling | None):
            raise DataError(f"scaling is {self.scaling!r:.60}, wanted a Scaling, as Scaling.of(X) makes it")
        if self.scaling is not None and len(self.scaling.mean) != n:
            raise DataError(f"a scaling of {len(self.scaling.mean)} features for a network of {n} inputs")
        object.__setattr__(self, "features", _names("features", self.features, (n,)))
        object.__setattr__(self, "classes", _names("classes", self.classes, (1, 2) if k == 1 else (k,)))

    def predict(self, X: Array) -> Array:
        """Compute the predictions A[L] (n[L], m) for features X (n[0], m) as they were measured."""
        return self.net.predict(X if self.scaling is None else self.scaling.apply(X))


def save(
    net: Sequential,
    path: str | os.PathLike[str],
    *,
    scaling: Scaling | None = None,
    features: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> Path:
    """Write a network to a file, in the format that its suffix says: .safetensors or .npz.

    The weights stand in it under their names, ``W[1]``, ``b[1]``, ..., bit by bit. The file appears whole or
    not at all; one that was there before stays until then.

    Parameters
    ----------
    net : Sequential
    path : path of the file
    scaling, features, classes : optional
        What `load_model` brings back; see `Model`.

    Raises
    ------
    OptionError
        There is no such format, the package for it is not installed, or an activation is a function under a
        name that means another one here; so do two functions of one name.
    DataError
        `scaling`, `features` or `classes` do not suit the network.
    OSError
        The file cannot be written there.

    Examples
    --------
    >>> import tempfile, nn
    >>> net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, 1, rng=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(save(net, Path(folder) / "net.npz"))
    Sequential(Dense(2, 3, 'tanh'), Dense(3, 1, 'identity'))
    """
    return storage.write(path, *packed(Model(net, scaling, features, classes)))


def load(
    path: str | os.PathLike[str],
    activations: Mapping[str, Activation] | None = None,
    layers: Mapping[str, type[Layer]] | None = None,
) -> Sequential:
    """Read a network that `save` wrote; a checkpoint of its training will do as well.

    Parameters
    ----------
    path : path of the file
    activations : mapping, optional
        The functions for names that are not in `nn.activations.ACTIVATIONS`: a file holds no code.
    layers : mapping, optional
        The classes of layers of one's own by name, ``{"Scale": Scale}``, for the same reason.

    Raises
    ------
    DataError
        The file is damaged, or holds no network of this version; the message says what was found.
    OptionError
        There is no such format, or the package for it is not installed.
    OSError
        There is no such file, or it cannot be read.

    Examples
    --------
    >>> import tempfile, nn, numpy as np
    >>> net = nn.Sequential(nn.Dense(2, 1, np.sin, rng=0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(save(net, Path(folder) / "net.npz"), {"sin": np.sin})
    Sequential(Dense(2, 1, 'sin'))
    """
    return load_model(path, activations, layers).net


def load_model(
    path: str | os.PathLike[str],
    activations: Mapping[str, Activation] | None = None,
    layers: Mapping[str, type[Layer]] | None = None,
) -> Model:
    """Read a network with the scaling and the names that were saved beside it; raises as `load` does.

    Examples
    --------
    >>> import tempfile, nn
    >>> net, (X, Y) = nn.Sequential(nn.Dense(4, 3, "softmax", rng=0)), nn.datasets.iris()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(net, Path(folder) / "iris.npz", scaling=Scaling.of(X), classes=list("svg"))
    ...     model = load_model(path)
    >>> model.classes, model.predict(X).shape
    (('s', 'v', 'g'), (3, 150))
    """
    bundle = storage.read(path)
    with storage.naming(path):
        return unpacked(bundle, activations, layers)


def packed(model: Model) -> Bundle:
    """Lay a model out as arrays and words for `nn.storage.write`.

    Raises
    ------
    OptionError
        An activation is a function, or a layer of a class, under a name that means another one here.

    Examples
    --------
    >>> import nn
    >>> arrays, about = packed(Model(nn.Sequential(nn.Dense(2, 1))))
    >>> list(arrays), list(about)
    (['W[1]', 'b[1]'], ['format', 'version', 'layers'])
    """
    functions = dict(ACTIVATIONS)
    for l, layer in enumerate(model.net.numbered, start=1):
        if layer.g is not functions.setdefault(layer.activation, layer.g):
            other, fix = "the one of a layer before", "give them different names"
            if layer.activation in ACTIVATIONS:
                other, fix = (
                    "nn's own",
                    f"pass the name {layer.activation!r} if that is meant, or call it otherwise",
                )
            raise OptionError(
                f"the activation of W[{l}] is a function called {layer.activation!r}, which would be read as "
                f"{other}: {fix}"
            )
    for layer in model.net:
        _own_kind(layer)
    about = {"format": _FORMAT, "version": _VERSION, "layers": model.net.config()}
    names = {"features": model.features, "classes": model.classes}
    scaling = {} if model.scaling is None else {_MEAN: model.scaling.mean, _SPREAD: model.scaling.spread}
    return Bundle(
        model.net.state_dict() | scaling,
        about | {key: list(value) for key, value in names.items() if value is not None},
    )


def _own_kind(layer: Layer) -> None:
    """Refuse a layer that would be read as another: its kind is the key to its class."""
    kind = layer.config().get("kind")
    if not isinstance(kind, str) or (kind in KINDS and type(layer) is not KINDS[kind]):
        raise OptionError(
            f"{layer} of class {type(layer).__name__} describes itself with the kind {kind!r:.60}, "
            'wanted a name of its own, not one of nn\'s: its config() returns {"kind": ..., ...}'
        )


def unpacked(
    bundle: Bundle,
    activations: Mapping[str, Activation] | None = None,
    layers: Mapping[str, type[Layer]] | None = None,
) -> Model:
    """Build the model again that `packed` laid out; arrays called ``training/...`` are left alone.

    Raises
    ------
    DataError
        They are not of such a model.

    Examples
    --------
    >>> import nn
    >>> unpacked(packed(Model(nn.Sequential(nn.Dense(2, 1))))).net
    Sequential(Dense(2, 1, 'identity'))
    """
    arrays, about = bundle
    if about.get("format") != _FORMAT:
        raise DataError("holds no network that nn.save wrote; nn.load_torch reads weights from PyTorch")
    if about.get("version") != _VERSION:
        raise DataError(
            f"version {about.get('version')!r} of the format, but only {_VERSION} is known here; "
            "was it written by a newer autograd-core?"
        )
    state = {name: array for name, array in arrays.items() if not name.startswith(_TRAINING)}
    try:
        scaling = Scaling(state.pop(_MEAN), state.pop(_SPREAD)) if _MEAN in state else None
        _sized(about.get("layers"), state)
        net = Sequential.from_config(about.get("layers"), activations, layers)
        net.load_state_dict(state)
        return Model(net, scaling, about.get("features"), about.get("classes"))
    except KeyError as error:
        raise DataError(f"{error} is missing") from None
    except (ShapeError, DtypeError) as error:
        raise DataError(str(error)) from None


def _sized(config: Any, state: Mapping[str, Array]) -> None:
    """Refuse layers of other sizes than the weights, before anything of that size is made."""
    told = config if isinstance(config, list) else []
    numbered = [layer for layer in told if isinstance(layer, dict) and layer.get("kind") != "Dropout"]
    for l, layer in enumerate(numbered, start=1):
        kinds = {
            "Dense": ("W", (layer.get("n_out"), layer.get("n_in"))),
            "LayerNorm": ("gamma", (layer.get("n"), 1)),
        }
        if str(layer.get("kind")) in kinds:
            letter, wanted = kinds[layer["kind"]]
            name, found = f"{letter}[{l}]", state.get(f"{letter}[{l}]")
            if found is None or found.shape != wanted:
                what = "is missing" if found is None else f"has the shape {found.shape}"
                raise DataError(f"{name} {what}, but its layer is described with {wanted}")


def _names(what: str, names: Any, wanted: tuple[int, ...]) -> tuple[str, ...] | None:
    if names is None:
        return None
    fits = isinstance(names, Sequence) and not isinstance(names, str)
    if not fits or not all(isinstance(name, str) for name in names) or len(names) not in wanted:
        raise DataError(f"{what}: wanted {' or '.join(map(str, wanted))} names, found {names!r:.200}")
    return tuple(map(text_of, names))
