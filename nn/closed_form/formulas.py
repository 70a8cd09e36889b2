"""The equations of a layer but for its activation: entry by entry, by columns, and as matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.closed_form.sizes import sized

__all__ = [
    "Array",
    "bias_gradient",
    "bias_gradient_loops",
    "dropout",
    "dropout_gradient",
    "linear",
    "linear_columns",
    "linear_loops",
    "penalty_gradient",
    "previous_gradient",
    "previous_gradient_loops",
    "weight_gradient",
    "weight_gradient_loops",
]

Array = NDArray[Any]


# Forward.


@sized(W="n n_prev", A_prev="n_prev m", b="n 1")
def linear_loops(W: Array, A_prev: Array, b: Array) -> Array:
    """Equation (1), one node and one example at a time: z_ji = Σ_k w_jk a_ki + b_j."""
    (n, n_prev), m = W.shape, A_prev.shape[1]
    Z = np.empty((n, m), np.result_type(W, A_prev, b))
    for i in range(m):
        for j in range(n):
            Z[j, i] = sum((W[j, k] * A_prev[k, i] for k in range(n_prev)), start=b[j, 0])
    return Z


@sized(W="n n_prev", A_prev="n_prev m", b="n 1")
def linear_columns(W: Array, A_prev: Array, b: Array) -> Array:
    """Equation (3), one example at a time: z_i = W a_i + b."""
    return np.stack([W @ a + b[:, 0] for a in A_prev.T], axis=1)


@sized(W="n n_prev", A_prev="n_prev m", b="n 1?")
def linear(W: Array, A_prev: Array, b: Array) -> Array:
    """Equation (5): Z = W A_prev + broadcast(b)."""
    return W @ A_prev + b


# Backward.


@sized(dZ="n m", A_prev="n_prev m")
def weight_gradient_loops(dZ: Array, A_prev: Array) -> Array:
    """Equation (13): ∂J/∂w_jk = Σ_i ∂J/∂z_ji a_ki."""
    (n, m), n_prev = dZ.shape, A_prev.shape[0]
    dW = np.empty((n, n_prev), np.result_type(dZ, A_prev))
    for j in range(n):
        for k in range(n_prev):
            dW[j, k] = sum(dZ[j, i] * A_prev[k, i] for i in range(m))
    return dW


@sized(dZ="n m", A_prev="n_prev m")
def weight_gradient(dZ: Array, A_prev: Array) -> Array:
    """Equation (15): dW = dZ A_prevᵀ."""
    return dZ @ A_prev.T


@sized(dZ="n m")
def bias_gradient_loops(dZ: Array) -> Array:
    """Equation (14): ∂J/∂b_j = Σ_i ∂J/∂z_ji."""
    n, m = dZ.shape
    db = np.empty((n, 1), dZ.dtype)
    for j in range(n):
        db[j, 0] = sum(dZ[j, i] for i in range(m))
    return db


@sized(dZ="n m")
def bias_gradient(dZ: Array) -> Array:
    """Equation (16): db = Σ_axis=1 dZ, a column."""
    return np.asarray(dZ.sum(axis=1, keepdims=True))


@sized(W="n n_prev", dZ="n m")
def previous_gradient_loops(W: Array, dZ: Array) -> Array:
    """Equation (21): ∂J/∂a_ki = Σ_j ∂J/∂z_ji w_jk."""
    (n, n_prev), m = W.shape, dZ.shape[1]
    dA_prev = np.empty((n_prev, m), np.result_type(W, dZ))
    for k in range(n_prev):
        for i in range(m):
            dA_prev[k, i] = sum(dZ[j, i] * W[j, k] for j in range(n))
    return dA_prev


@sized(W="n n_prev", dZ="n m")
def previous_gradient(W: Array, dZ: Array) -> Array:
    """Equation (22): dA_prev = Wᵀ dZ."""
    return W.T @ dZ


# What may be added to a layer.


@sized(W="n n_prev", lam="", m="")
def penalty_gradient(W: Array, lam: float, m: int) -> Array:
    """What the penalty lam/(2m) ‖W‖² adds to dW: (lam/m) W."""
    return lam / m * W


@sized(A="n m", R="n m", keep="")
def dropout(A: Array, R: Array, keep: float) -> Array:
    """Inverted dropout, Ã = (1/keep) R ⊙ A, for R (n, m) of ones and, where a node is silent, zeros."""
    return R * A / keep


@sized(dA_dropped="n m", R="n m", keep="")
def dropout_gradient(dA_dropped: Array, R: Array, keep: float) -> Array:
    """Back through inverted dropout: dA = (1/keep) R ⊙ dÃ."""
    return R * dA_dropped / keep
