"""Layer normalisation: the features of each example brought to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.wording.arguments import number, whole
from autograd_core.wording.errors import OptionError
from nn.given import empty, precision
from nn.layers.layer import Layer

__all__ = ["LayerNorm"]


class LayerNorm(Layer):
    """A[l] = γ ⊙ (A[l-1] - μ) / √(σ² + ε) + β, with μ and σ² of the n features of each example.

    The variance is that of the features themselves, divided by n. Every example is normalised by itself, so
    predictions do as training does. Source: Ba et al., "Layer normalization", 2016.

    Parameters
    ----------
    n : int
        Number of features, of what comes in and of what goes out.
    eps : float
        ε, above 0.
    dtype : float64 or float32

    Attributes
    ----------
    gamma, beta : Tensor (n, 1)
        Ones and zeros at first.

    Raises
    ------
    OptionError
        `n` is no positive whole number, or `eps` not above 0.
    SizeError
        So many features do not fit into memory.
    DtypeError
        `dtype` is neither float64 nor float32.

    Examples
    --------
    >>> A = LayerNorm(4)(np.array([[1.0], [2.0], [3.0], [4.0]]))
    >>> A.shape, bool(np.isclose(A.data.mean(), 0)), bool(np.isclose(A.data.var(), 1, atol=1e-4))
    ((4, 1), True, True)
    """

    def __init__(self, n: int, *, eps: float = 1e-5, dtype: Any = np.float64) -> None:
        if whole(n, "LayerNorm: n") < 1:
            raise OptionError(f"LayerNorm({n}): the number of features is at least 1")
        if not 0 < number(eps, "LayerNorm: eps") < np.inf:
            raise OptionError(f"LayerNorm: eps={eps}, wanted a number above 0")
        dtype = precision(dtype, "LayerNorm")
        self.n_in = self.n_out = int(n)
        self._eps = float(eps)
        gamma, beta = empty((self.n_in, 1), "LayerNorm"), empty((self.n_in, 1), "LayerNorm")
        gamma[...], beta[...] = 1.0, 0.0
        self.gamma = ag.Tensor(gamma.astype(dtype), requires_grad=True)
        self.beta = ag.Tensor(beta.astype(dtype), requires_grad=True)
        self.number(None)

    @property
    def eps(self) -> float:
        """What is added to the variance; it stays as it is, for compiled predictions hold it."""
        return self._eps

    def apply(self, params: Mapping[str, Any], A: Any) -> Any:
        """Normalise each column of A (n, m), then scale and shift each row."""
        centred = A - ag.mean(A, axis=0, keepdims=True)
        variance = ag.mean(centred * centred, axis=0, keepdims=True)
        return params["gamma"] * (centred / ag.sqrt(variance + self.eps)) + params["beta"]

    def config(self) -> dict[str, Any]:
        """Describe the layer without its parameters, in values that JSON knows."""
        dtype = str(self.gamma.dtype)
        return {"kind": "LayerNorm", "n": self.n_in, "eps": self.eps, "dtype": dtype}

    def __repr__(self) -> str:
        return f"LayerNorm({self.n_in})"
