"""Layers one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

import autograd_core as ag
from autograd_core.graph.dispatch import as_operand
from autograd_core.wording.arguments import whole
from autograd_core.wording.errors import (
    DataError,
    IndexingError,
    NonFiniteError,
    OptionError,
    ShapeError,
    describe,
)
from autograd_core.wording.identifiers import printable
from nn.activations import Activation
from nn.layers import architecture, states
from nn.layers.dense import Dense
from nn.layers.layer import Layer
from nn.layers.prediction import predicted
from nn.layers.states import Params
from nn.layers.summary import summary
from nn.layers.trace import Trace, traced

__all__ = ["Sequential", "dense"]


class Sequential:
    """A network of layers, A[0] = X to A[L]; equations (7) and (8).

    Parameters
    ----------
    *layers : Dense, LayerNorm, Dropout, or any Layer
        The number of nodes of each layer must be what the next takes in. They are numbered 1 to L, and
        their parameters named ``W[1]``, ``b[1]``, ...; a dropout layer goes by the number of the layer that
        it follows.

    Attributes
    ----------
    layers : tuple of Layer
        Also ``net[0]``, ``net[1]``, ..., ``len(net)``, ``for layer in net``.
    numbered : tuple of Layer
        Those that bear the numbers 1 to L: all but dropout layers.
    dense : tuple of Dense
        The dense ones among them.
    training : bool
        Whether dropout layers are at work; see `train` and `eval`.

    Raises
    ------
    OptionError
        There is no layer with nodes, one is used twice, or two that follow one another do not fit.

    Examples
    --------
    >>> net = Sequential(Dense(4, 5, "tanh", rng=0), Dense(5, 3, "softmax", rng=1))
    >>> net(np.zeros((4, 7))).shape
    (3, 7)

    The same network as a function of its parameters:

    >>> params, X = net.params(), np.ones((4, 7))
    >>> gradients = ag.grad(lambda params: (net.apply(params, X) ** 2).sum())(params)
    >>> gradients[0]["W"].shape
    (5, 4)
    """

    def __init__(self, *layers: Layer) -> None:
        self.layers = layers
        self.dense = tuple(layer for layer in layers if isinstance(layer, Dense))
        self.training = True
        _kinds(layers)
        self.numbered = tuple(layer for layer in layers if layer.numbered)
        _fitting(self.numbered)
        self._number()

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, place: int) -> Layer:
        place = whole(place, "a layer's place, net[i]")
        if not -len(self.layers) <= place < len(self.layers):
            raise IndexingError(f"net[{place}], but there are {len(self.layers)} layers, counted from 0")
        return self.layers[place]

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    # From X to A[L].

    def __call__(self, X: Any) -> ag.Tensor:
        """Compute the predictions A[L] (n[L], m) for X (n[0], m), one column per example.

        A NaN in X is found by the cost, which names it; `predict` and `nn.fit` look for it first.

        Raises
        ------
        ShapeError
            X has not n[0] rows, or no column.
        """
        A = self.examples(X)
        for layer in self.layers if self.training else self.numbered:
            A = layer(A)
        return A

    def apply(self, params: Params, X: Any) -> Any:
        """Compute the predictions with other parameters: the network as a function f(params, X).

        Parameters
        ----------
        params : sequence of dicts
            One for each layer, as `params` returns them: arrays, or tensors to differentiate by.
        X : (n[0], m)

        Returns
        -------
        Tensor or array (n[L], m)
            An array if all that went in were arrays.

        Raises
        ------
        ShapeError
            There is not a dict for each layer, with its parameters by name, or X has not n[0] rows.
        """
        states.check_form("apply", self.layers, params)
        self.examples(X)
        A = as_operand(X)
        for layer, own in zip(self.layers, params, strict=True):
            if self.training or layer.numbered:
                A = layer.applied(own, A)
        return A

    def predict(self, X: Any) -> NDArray[Any]:
        """Compute the predictions as an array, recording nothing and dropping no node.

        Raises
        ------
        ShapeError
            X has not n[0] rows, or no column.
        NonFiniteError
            X holds a NaN or infinity.
        """
        return predicted(self, self.finite(X).data)

    def trace(self, X: Any, Y: Any, cost: Any = None) -> Trace:
        """Run one pass forward and backward and return every value and every gradient by name.

        Parameters
        ----------
        X, Y : (n[0], m), (n[L], m)
            Y may also hold class numbers (m,).
        cost : function (A, Y) -> scalar, optional
            By default the one that belongs to the last activation: `cross_entropy` for softmax,
            `binary_cross_entropy` for sigmoid, `squared_error` for any other.

        Returns
        -------
        Trace
            A mapping from ``"A[0]"``, ``"Z[1]"``, ``"A[1]"``, ..., ``"J"``, ``"dA[L]"``, ``"dZ[L]"``,
            ``"dW[L]"``, ``"db[L]"``, ..., ``"dA[0]"`` to arrays, that prints as a table. The gradients that
            the parameters hold stay as they were.

        Examples
        --------
        >>> net = Sequential(Dense(2, 3, "tanh", rng=0), Dense(3, 1, "sigmoid", rng=1))
        >>> trace = net.trace(np.ones((2, 4)), np.ones((1, 4)))
        >>> bool(np.allclose(trace["dW[2]"], trace["dZ[2]"] @ trace["A[1]"].T))
        True
        """
        self._number()
        return traced(self, X, Y, cost)

    # What goes in.

    def examples(self, X: Any) -> ag.Tensor:
        """Take X (n[0], m) in as a tensor of that name; raises as a call does."""
        X = X if isinstance(X, ag.Tensor) else ag.Tensor(X, name="X")
        shape = X.value.shape
        if len(shape) != 2 or shape[0] != self.numbered[0].n_in or shape[1] == 0:
            raise self._misshapen(X)
        return X  # type: ignore[no-any-return]

    def finite(self, X: Any) -> ag.Tensor:
        """Take X in, and refuse a NaN or infinity; raises as `predict` does."""
        taken = self.examples(X)
        finite = np.isfinite(taken.data)
        if not finite.all():
            bad = np.argwhere(~finite)
            row, column = bad[0].tolist()
            more = f", and {len(bad) - 1} more that are not finite" if len(bad) > 1 else ""
            raise NonFiniteError(
                f"{describe(taken)} holds {taken.data[row, column]} at row {row} "
                f"of example (column) {column}{more}"
            )
        return taken

    def _misshapen(self, X: ag.Tensor) -> ShapeError:
        n, name = self.widths[0], printable(X.name or "X")
        if X.ndim == 2 and X.shape[0] == n:
            return ShapeError(f"{describe(X)} holds no example (m = 0)")
        turned = X.ndim == 2 and X.shape[1] == n
        first = self.numbered[0]
        taking = f"matmul: {describe(first.W)}" if isinstance(first, Dense) else str(first)
        return ShapeError(
            f"{taking} cannot take {describe(X)}: the network has {n} inputs, so "
            f"{name} must be ({n}, m), one column per example"
            + (f"; did you mean {name}.T, of shape {X.shape[::-1]}?" if turned else "")
        )

    # Training or not.

    def train(self) -> Self:
        """Put dropout layers to work, as they are from the start."""
        self.training = True
        return self

    def eval(self) -> Self:
        """Leave dropout layers out, as `predict` always does."""
        self.training = False
        return self

    # Parameters.

    def parameters(self) -> list[ag.Tensor]:
        """List W[1], b[1], W[2], ..."""
        return [parameter for layer in self.layers for parameter in layer.parameters()]

    def named_parameters(self) -> dict[str, ag.Tensor]:
        """Map ``W[1]``, ``b[1]``, ... to the parameters, by their place in this network.

        A layer that was put into another network afterwards bears the names of its place there.
        """
        return {
            f"{name}[{l}]": parameter
            for l, layer in enumerate(self.numbered, start=1)
            for name, parameter in layer.named_parameters().items()
        }

    def weights(self) -> list[ag.Tensor]:
        """List W[1], W[2], ...: the parameters that a weight penalty is on."""
        return states.penalised(self.layers, [layer.named_parameters() for layer in self.layers])

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def params(self) -> Params:
        """Take the arrays of all parameters out: one dict ``{"W": ..., "b": ...}`` for each layer."""
        return states.params(self.layers)

    def gradients(self) -> Params:
        """Take the gradients out, in the form of `params`.

        Raises
        ------
        GraphError
            A parameter has none: there was no backward pass, or it did not reach it.
        """
        return states.gradients(self.layers)

    def assign(self, params: Params) -> None:
        """Give all parameters new values, in the form of `params`."""
        states.assign(self.layers, params)

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Copy all parameters out by name: ``W[1]``, ``b[1]``, ..."""
        return {name: p.data.copy() for name, p in self.named_parameters().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Give all parameters the values of `state_dict`; nothing is changed unless everything fits.

        Raises
        ------
        DataError
            A name is missing or foreign, a shape or dtype differs, or a value is not finite.

        Examples
        --------
        >>> net, other = Sequential(Dense(2, 1, rng=0)), Sequential(Dense(2, 1, rng=1))
        >>> other.load_state_dict(net.state_dict())
        >>> bool((other.dense[0].W.data == net.dense[0].W.data).all())
        True
        """
        states.load(self.named_parameters(), state)

    # What it is.

    def _number(self) -> None:
        """Name layers after their place here; another network may have named them since."""
        l = 0
        for layer in self.layers:
            l += layer.numbered
            layer.number(l)

    @property
    def widths(self) -> tuple[int, ...]:
        """Number of nodes n[0], n[1], ..., n[L]."""
        return (self.numbered[0].n_in, *(layer.n_out for layer in self.numbered))

    @property
    def dtype(self) -> np.dtype[Any]:
        """What the network computes in: the dtype of its first parameter."""
        parameters = self.parameters()
        return parameters[0].dtype if parameters else np.dtype(np.float64)

    def config(self) -> list[dict[str, Any]]:
        """Describe the layers without their weights, in values that JSON knows."""
        return [layer.config() for layer in self.layers]

    @classmethod
    def from_config(
        cls,
        config: Any,
        activations: Mapping[str, Activation] | None = None,
        layers: Mapping[str, type[Layer]] | None = None,
    ) -> Self:
        """Build the network that `config` described, with weights of zeros.

        Parameters
        ----------
        config : list of dicts
        activations : mapping, optional
            Functions for the names that are not in `nn.activations.ACTIVATIONS`.
        layers : mapping, optional
            Classes for the kinds of layers that `nn` does not have, by name.

        Raises
        ------
        DataError
            It describes no network.

        Examples
        --------
        >>> import nn
        >>> net = nn.Sequential(nn.Dense(4, 5, "tanh"), nn.Dropout(0.5), nn.Dense(5, 3, "softmax"))
        >>> Sequential.from_config(net.config())
        Sequential(Dense(4, 5, 'tanh'), Dropout(0.5), Dense(5, 3, 'softmax'))
        """
        built = architecture.layers(config, activations, layers)
        try:
            return cls(*built)
        except OptionError as error:
            raise DataError(f"the layers described make no network: {error}") from None

    def summary(self) -> str:
        """Tabulate the layers with their shapes and numbers of parameters.

        Examples
        --------
        >>> print(Sequential(Dense(4, 5, "tanh"), Dense(5, 3, "softmax")).summary())
        layer  activation  A        W       b       parameters
        1      tanh        (5, m)   (5, 4)  (5, 1)          25
        2      softmax     (3, m)   (3, 5)  (3, 1)          18
        4 inputs, 3 outputs, 43 parameters of float64
        """
        return summary(self.layers)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"


def dense(net: Sequential, caller: str) -> tuple[Dense, ...]:
    """List the layers of a network for a view of single units, weights and sums, equations (1) and (2).

    Raises
    ------
    OptionError
        One is not dense: it has no such sums.

    Examples
    --------
    >>> dense(Sequential(Dense(2, 1, "tanh")), "units")
    (Dense(2, 1, 'tanh'),)
    """
    for l, layer in enumerate(net.numbered, start=1):
        if not isinstance(layer, Dense):
            raise OptionError(
                f"{caller}: layer {l}, {layer}, has no units with a weighted sum each; only networks of "
                "dense layers have (net.trace, viz.layer, viz.network and viz.both show any)"
            )
    return net.dense


def _kinds(layers: Sequence[Any]) -> None:
    """Refuse what is no layer, or a layer twice."""
    for place, layer in enumerate(layers, start=1):
        if not isinstance(layer, Layer):
            raise OptionError(
                f"Sequential: layer {place} is a {type(layer).__name__}; wanted Dense, LayerNorm, "
                "Dropout, or a class derived from nn.Layer"
            )
        if any(layer is before for before in layers[: place - 1]):
            raise OptionError(f"Sequential: layer {place}, {layer}, is in the network twice")


def _fitting(layers: Sequence[Layer]) -> None:
    """Refuse numbered layers that make no network."""
    if not layers:
        raise OptionError("Sequential() needs at least one layer with nodes: a Dense")
    for layer in layers:
        sizes = [getattr(layer, name, None) for name in ("n_in", "n_out")]
        if not all(isinstance(n, int | np.integer) and n > 0 for n in sizes):
            raise OptionError(
                f"Sequential: {type(layer).__name__} has n_in, n_out = {sizes}; wanted the numbers of "
                "nodes of what comes in and goes out, set in __init__"
            )
    for l, (before, after) in enumerate(pairwise(layers), start=1):
        if before.n_out != after.n_in:
            raise OptionError(f"layer {l} has {before.n_out} nodes, but layer {l + 1} takes {after.n_in} in")
