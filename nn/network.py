"""Layers one after the other."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd_core as ag
from autograd_core.errors import NonFiniteError, OptionError, ShapeError, describe
from nn.layers import Dense

__all__ = ["Sequential"]


class Sequential:
    """A network of dense layers, A[0] = X to A[L]; equations (7) and (8).

    Parameters
    ----------
    *layers : Dense
        The number of nodes of each must be what the next takes in. They are numbered 1 to L, and their
        parameters named ``W[1]``, ``b[1]``, ...

    Raises
    ------
    OptionError
        There is no layer, or two that follow one another do not fit.

    Examples
    --------
    >>> net = Sequential(Dense(4, 5, "tanh", rng=0), Dense(5, 3, "softmax", rng=1))
    >>> net(np.zeros((4, 7))).shape
    (3, 7)
    """

    def __init__(self, *layers: Dense) -> None:
        if not layers:
            raise OptionError("Sequential() needs at least one layer")
        for l, (before, after) in enumerate(pairwise(layers), start=1):
            if before.n_out != after.n_in:
                raise OptionError(
                    f"layer {l} has {before.n_out} nodes, but layer {l + 1} takes {after.n_in} in"
                )
        self.layers = layers
        for l, layer in enumerate(layers, start=1):
            layer.number(l)
        self._parameters = [p for layer in layers for p in layer.parameters()]

    def __call__(self, X: Any) -> ag.Tensor:
        """Compute the predictions A[L] (n[L], m) for X (n[0], m), one column per example.

        A NaN in X is found by the cost, which names it; `predict` and `nn.fit` look for it first.

        Raises
        ------
        ShapeError
            X has not n[0] rows, or no column.
        """
        A = self.examples(X)
        for layer in self.layers:
            A = layer(A)
        return A

    def predict(self, X: Any) -> NDArray[Any]:
        """Compute the predictions as an array, recording nothing.

        Raises
        ------
        ShapeError
            X has not n[0] rows, or no column.
        NonFiniteError
            X holds a NaN or infinity.
        """
        with ag.no_grad():
            return self(self.finite(X)).data

    def examples(self, X: Any) -> ag.Tensor:
        """Take X (n[0], m) in as a tensor of that name; raises as a call does."""
        X = X if isinstance(X, ag.Tensor) else ag.Tensor(X, name="X")
        shape = X.value.shape
        if len(shape) != 2 or shape[0] != self.layers[0].n_in or shape[1] == 0:
            raise self._misshapen(X)
        return X  # type: ignore[no-any-return]

    def finite(self, X: Any) -> ag.Tensor:
        """Take X in, and refuse a NaN or infinity; raises as `predict` does."""
        taken = self.examples(X)
        bad = np.argwhere(~np.isfinite(taken.data))
        if len(bad):
            row, column = bad[0].tolist()
            more = f", and {len(bad) - 1} more that are not finite" if len(bad) > 1 else ""
            raise NonFiniteError(
                f"{describe(taken)} holds {taken.data[row, column]} at row {row} "
                f"of example (column) {column}{more}"
            )
        return taken

    def _misshapen(self, X: ag.Tensor) -> ShapeError:
        W, name = self.layers[0].W, X.name or "X"
        if X.ndim == 2 and X.shape[0] == W.shape[1]:
            return ShapeError(f"{describe(X)} holds no example (m = 0)")
        turned = X.ndim == 2 and X.shape[1] == W.shape[1]
        return ShapeError(
            f"matmul: {describe(W)} cannot take {describe(X)}: the network has {W.shape[1]} inputs, so "
            f"{name} must be ({W.shape[1]}, m), one column per example"
            + (f"; did you mean {name}.T, of shape {X.shape[::-1]}?" if turned else "")
        )

    def parameters(self) -> list[ag.Tensor]:
        """List W[1], b[1], W[2], ..."""
        return [*self._parameters]

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter."""
        for parameter in self.parameters():
            parameter.zero_grad()

    @property
    def widths(self) -> tuple[int, ...]:
        """Number of nodes n[0], n[1], ..., n[L]."""
        return (self.layers[0].n_in, *(layer.n_out for layer in self.layers))

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"
