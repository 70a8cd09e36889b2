"""Layers one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

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
        for l, (before, after) in enumerate(zip(layers, layers[1:], strict=False), start=1):
            if before.n_out != after.n_in:
                raise OptionError(
                    f"layer {l} has {before.n_out} nodes, but layer {l + 1} takes {after.n_in} in"
                )
        self.layers = layers
        for l, layer in enumerate(layers, start=1):
            layer.number(l)

    def __call__(self, X: Any) -> ag.Tensor:
        """Compute the predictions A[L] (n[L], m) for X (n[0], m), one column per example.

        Raises
        ------
        ShapeError
            X has not n[0] rows, or no column.
        NonFiniteError
            X holds a NaN or infinity.
        """
        A = self.checked(X)
        for layer in self.layers:
            A = layer(A)
        return A

    def checked(self, X: Any) -> ag.Tensor:
        """Take examples in as a tensor named X, or say what is wrong with them."""
        X = X if isinstance(X, ag.Tensor) else ag.Tensor(X)
        if X.name is None:
            X.name = "X"
        n = self.layers[0].n_in
        if X.ndim != 2 or X.shape[0] != n:
            turned = X.ndim == 2 and X.shape[1] == n
            raise ShapeError(
                f"matmul: W[1] of shape {self.layers[0].W.shape} cannot take {describe(X)}: the network has "
                f"{n} inputs, so X must be ({n}, m), one column per example"
                + (f"; did you mean {X.name}.T, of shape {X.shape[::-1]}?" if turned else "")
            )
        if X.shape[1] == 0:
            raise ShapeError(f"{describe(X)} holds no example (m = 0)")
        entries = X.value.ravel("K")
        if not np.isfinite(entries @ entries):  # one pass; overflow is told from infinity below
            bad = np.argwhere(~np.isfinite(X.value))
            if len(bad):
                row, column = bad[0].tolist()
                raise NonFiniteError(
                    f"{describe(X)} holds {X.value[row, column]} at row {row} of example (column) {column}"
                    + (f", and {len(bad) - 1} more that are not finite" if len(bad) > 1 else "")
                )
        return X

    def parameters(self) -> list[ag.Tensor]:
        """List W[1], b[1], W[2], ..."""
        return [parameter for layer in self.layers for parameter in layer.parameters()]

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
