"""The dense layer, in the notes' notation: Z = W A + b, A = g(Z)."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.errors import OptionError, ShapeError, describe
from nn.activations import Activation, named

__all__ = ["Dense"]


class Dense:
    """A fully connected layer: Z[l] = W[l] A[l-1] + b[l], A[l] = g(Z[l]); equations (5) and (6).

    Parameters
    ----------
    n_in, n_out : int
        Number of nodes in the previous layer and in this one.
    activation : str or function of a Tensor
        One of `nn.activations.ACTIVATIONS`, or any function Z (n_out, m) -> A (n_out, m).
    bias : bool
        Whether to add b.
    rng : int or numpy.random.Generator, optional
        Where the first weights come from: a seed, or a generator that several layers share.
    dtype : float64 or float32

    Attributes
    ----------
    W : Tensor (n_out, n_in)
        Normal, with variance 2/n_in for relu and 1/n_in otherwise.
    b : Tensor (n_out, 1) or None
        Zeros.

    Raises
    ------
    OptionError
        A size is not a positive integer, or there is no such activation.

    Examples
    --------
    >>> layer = Dense(2, 3, "tanh", rng=0)
    >>> layer(ag.tensor(np.zeros((2, 5)))).shape
    (3, 5)
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        activation: str | Activation = "identity",
        *,
        bias: bool = True,
        rng: int | np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        if not all(isinstance(n, int | np.integer) and n > 0 for n in (n_in, n_out)):
            raise OptionError(f"Dense({n_in!r}, {n_out!r}): a layer needs two positive numbers of nodes")
        self.n_in, self.n_out = int(n_in), int(n_out)
        self.activation = activation if isinstance(activation, str) else activation.__name__
        self._g, self._unknown = named(activation), callable(activation)
        scale = np.sqrt((2.0 if self.activation == "relu" else 1.0) / n_in)
        W = np.random.default_rng(rng).normal(0.0, scale, (n_out, n_in))
        self.W = ag.Tensor(W.astype(dtype), requires_grad=True)
        self.b = ag.Tensor(np.zeros((n_out, 1), dtype), requires_grad=True) if bias else None
        self.number(None)

    def number(self, index: int | None) -> None:
        """Name the parameters and results after the layer's place in a network."""
        place = "" if index is None else f"[{index}]"
        self.index = index
        self._Z, self._A = f"Z{place}", f"A{place}"
        self.W.name = f"W{place}"
        if self.b is not None:
            self.b.name = f"b{place}"

    def parameters(self) -> list[ag.Tensor]:
        """List W and, if there is one, b."""
        return [self.W] if self.b is None else [self.W, self.b]

    def __call__(self, A: Any) -> ag.Tensor:
        """Compute g(W A + b) for A (n_in, m)."""
        Z = self.W @ A
        if self.b is not None:
            Z = Z + self.b
        Z.name = self._Z
        A = self._g(Z)
        if self._unknown and A.shape != Z.shape:
            raise ShapeError(
                f"activation {self.activation!r} turned {describe(Z)} into shape {A.shape}; "
                "it must keep the shape"
            )
        A.name = self._A
        return A  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"Dense({self.n_in}, {self.n_out}, {self.activation!r})"
