"""The notes' formulas, written by hand in plain NumPy: the oracle that the engine is held against.

Nothing here uses the engine. Numbers in parentheses are those of the notes' equations; the sizes are
W (n, n_prev), b (n, 1), A_prev (n_prev, m), Z, A, dZ, dA (n, m), one column per example.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_core.errors import unknown_option

__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "RESOLUTION",
    "Activation",
    "Cost",
    "Layer",
    "activate_columns",
    "activation_gradient",
    "activation_gradient_columns",
    "backward",
    "bias_gradient",
    "bias_gradient_loops",
    "difference_quotient",
    "forward",
    "linear",
    "linear_columns",
    "linear_loops",
    "previous_gradient",
    "previous_gradient_loops",
    "weight_gradient",
    "weight_gradient_loops",
]

Array = NDArray[Any]

RESOLUTION = 1e-9  # what a difference quotient of losses of order 1 can tell from 0, in float64


# Forward.


def linear_loops(W: Array, A_prev: Array, b: Array) -> Array:
    """Equation (1), one node and one example at a time: z_ji = Σ_k w_jk a_ki + b_j."""
    (n, n_prev), m = W.shape, A_prev.shape[1]
    Z = np.empty((n, m), np.result_type(W, A_prev, b))
    for i in range(m):
        for j in range(n):
            Z[j, i] = sum((W[j, k] * A_prev[k, i] for k in range(n_prev)), start=b[j, 0])
    return Z


def linear_columns(W: Array, A_prev: Array, b: Array) -> Array:
    """Equation (3), one example at a time: z_i = W a_i + b."""
    return np.stack([W @ a + b[:, 0] for a in A_prev.T], axis=1)


def linear(W: Array, A_prev: Array, b: Array) -> Array:
    """Equation (5): Z = W A_prev + broadcast(b)."""
    return W @ A_prev + b


def activate_columns(g: Callable[[Array], Array], Z: Array) -> Array:
    """Equations (2) and (4), one example at a time: a_i = g(z_i), z_i a column (n, 1)."""
    return np.concatenate([g(Z[:, [i]]) for i in range(Z.shape[1])], axis=1)


class Activation(NamedTuple):
    """An activation g and its part of the backward pass.

    Attributes
    ----------
    g : function
        Equations (2), (4) and (6): A = g(Z).
    backward : function
        Equations (17) and (18) over all columns: dZ = backward(dA, Z, A).
    jacobian : function
        The matrix of one column, ``jacobian(z)[p, j]`` = ∂a_p/∂z_j, (n, n).
    """

    g: Callable[[Array], Array]
    backward: Callable[[Array, Array, Array], Array]
    jacobian: Callable[[Array], Array]


def _sigmoid(Z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-Z)))


def _softmax(Z: Array) -> Array:
    E = np.exp(Z - Z.max(axis=0, keepdims=True))
    return np.asarray(E / E.sum(axis=0, keepdims=True))


def _softmax_jacobian(z: Array) -> Array:
    a = _softmax(z[:, None])[:, 0]
    jacobian: Array = np.diag(a) - np.outer(a, a)
    return jacobian


ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation(lambda Z: Z, lambda dA, Z, A: dA, lambda z: np.eye(z.size)),
    "relu": Activation(
        lambda Z: np.maximum(Z, 0),
        lambda dA, Z, A: dA * (Z > 0),
        lambda z: np.diag((z > 0) * 1.0),
    ),
    "sigmoid": Activation(
        _sigmoid,
        lambda dA, Z, A: dA * A * (1 - A),
        lambda z: np.diag(_sigmoid(z) * (1 - _sigmoid(z))),
    ),
    "tanh": Activation(
        np.tanh,
        lambda dA, Z, A: dA * (1 - A * A),
        lambda z: np.diag(1 - np.tanh(z) ** 2),
    ),
    "softmax": Activation(
        _softmax,
        lambda dA, Z, A: A * (dA - (dA * A).sum(axis=0, keepdims=True)),
        _softmax_jacobian,
    ),
}


# Backward.


def weight_gradient_loops(dZ: Array, A_prev: Array) -> Array:
    """Equation (13): ∂J/∂w_jk = Σ_i ∂J/∂z_ji a_ki."""
    (n, m), n_prev = dZ.shape, A_prev.shape[0]
    dW = np.empty((n, n_prev), np.result_type(dZ, A_prev))
    for j in range(n):
        for k in range(n_prev):
            dW[j, k] = sum(dZ[j, i] * A_prev[k, i] for i in range(m))
    return dW


def weight_gradient(dZ: Array, A_prev: Array) -> Array:
    """Equation (15): dW = dZ A_prevᵀ."""
    return dZ @ A_prev.T


def bias_gradient_loops(dZ: Array) -> Array:
    """Equation (14): ∂J/∂b_j = Σ_i ∂J/∂z_ji."""
    n, m = dZ.shape
    db = np.empty((n, 1), dZ.dtype)
    for j in range(n):
        db[j, 0] = sum(dZ[j, i] for i in range(m))
    return db


def bias_gradient(dZ: Array) -> Array:
    """Equation (16): db = Σ_axis=1 dZ, a column."""
    return np.asarray(dZ.sum(axis=1, keepdims=True))


def activation_gradient_columns(activation: str, dA: Array, Z: Array) -> Array:
    """Equations (17) and (18), one example at a time: ∂J/∂z_ji = Σ_p ∂J/∂a_pi ∂a_pi/∂z_ji."""
    jacobian = _activation(activation).jacobian
    return np.stack([jacobian(z).T @ da for z, da in zip(Z.T, dA.T, strict=True)], axis=1)


def activation_gradient(activation: str, dA: Array, Z: Array, A: Array) -> Array:
    """Equations (17) and (18), vectorised: dZ from dA."""
    return _activation(activation).backward(dA, Z, A)


def previous_gradient_loops(W: Array, dZ: Array) -> Array:
    """Equation (21): ∂J/∂a_ki = Σ_j ∂J/∂z_ji w_jk."""
    (n, n_prev), m = W.shape, dZ.shape[1]
    dA_prev = np.empty((n_prev, m), np.result_type(W, dZ))
    for k in range(n_prev):
        for i in range(m):
            dA_prev[k, i] = sum(dZ[j, i] * W[j, k] for j in range(n))
    return dA_prev


def previous_gradient(W: Array, dZ: Array) -> Array:
    """Equation (22): dA_prev = Wᵀ dZ."""
    return W.T @ dZ


# Costs, and the seeds of the backward pass.


class Cost(NamedTuple):
    """A cost, equation (9), as the losses of its examples, and the seed of the backward pass.

    Attributes
    ----------
    losses : function
        ``losses(A, Y)``, (m,), one for each column: J is their sum divided by m.
    seed : function
        ``seed(A, Y)``, the derivative dA (n, m) of J.
    """

    losses: Callable[[Array, Array], Array]
    seed: Callable[[Array, Array], Array]


COSTS: dict[str, Cost] = {
    "binary_cross_entropy": Cost(
        lambda A, Y: -(Y * np.log(A) + (1 - Y) * np.log(1 - A)).sum(axis=0),
        lambda A, Y: ((1 - Y) / (1 - A) - Y / A) / Y.shape[1],
    ),
    "cross_entropy": Cost(
        lambda A, Y: -(Y * np.log(A)).sum(axis=0),
        lambda A, Y: -Y / A / Y.shape[1],
    ),
    "squared_error": Cost(
        lambda A, Y: ((A - Y) ** 2).sum(axis=0) / 2,
        lambda A, Y: (A - Y) / Y.shape[1],
    ),
    "sigmoid_cross_entropy": Cost(
        lambda Z, Y: (np.logaddexp(0, Z) - Y * Z).sum(axis=0),
        lambda Z, Y: (_sigmoid(Z) - Y) / Y.shape[1],
    ),
    "softmax_cross_entropy": Cost(
        lambda Z, Y: -(Y * np.log(_softmax(Z))).sum(axis=0),
        lambda Z, Y: (_softmax(Z) * Y.sum(axis=0, keepdims=True) - Y) / Y.shape[1],
    ),
}


# The whole network.


class Layer(NamedTuple):
    """Parameters and activation of one layer."""

    W: Array
    b: Array
    activation: str


def forward(X: Array, layers: Sequence[Layer], given: Mapping[str, Array] | None = None) -> dict[str, Array]:
    """Evaluate the recurrence of (5) and (6) from A[0] = X, (7), to A[L], (8).

    Parameters
    ----------
    X : (n[0], m)
    layers : sequence of Layer
    given : mapping, optional
        Values to use instead of computing them, such as a Z[2] that was moved a little.

    Returns
    -------
    dict
        ``"A[0]"``, ``"Z[1]"``, ``"A[1]"``, ... in that order.

    Examples
    --------
    >>> list(forward(np.ones((2, 3)), [Layer(np.ones((1, 2)), np.zeros((1, 1)), "identity")]))
    ['A[0]', 'Z[1]', 'A[1]']
    """
    given = given or {}
    values = {"A[0]": given.get("A[0]", X)}
    for l, (W, b, activation) in enumerate(layers, start=1):
        Z, A = f"Z[{l}]", f"A[{l}]"
        values[Z] = given[Z] if Z in given else linear(W, values[f"A[{l - 1}]"], b)
        values[A] = given[A] if A in given else _activation(activation).g(values[Z])
    return values


def backward(values: Mapping[str, Array], Y: Array, layers: Sequence[Layer], cost: str) -> dict[str, Array]:
    """Evaluate the recurrence of (18), (15), (16) and (22) from the seed dA[L] down to dA[0] = dX.

    Parameters
    ----------
    values : mapping
        What `forward` returned.
    Y : (n[L], m)
    layers : sequence of Layer
    cost : str
        One of `COSTS`.

    Returns
    -------
    dict
        ``"dA[L]"``, ``"dZ[L]"``, ``"dW[L]"``, ``"db[L]"``, ``"dA[L-1]"``, ... in that order.
    """
    L = len(layers)
    gradients = {f"dA[{L}]": _cost(cost).seed(values[f"A[{L}]"], Y)}
    for l in range(L, 0, -1):
        W, _, activation = layers[l - 1]
        Z, A, A_prev = values[f"Z[{l}]"], values[f"A[{l}]"], values[f"A[{l - 1}]"]
        dZ = activation_gradient(activation, gradients[f"dA[{l}]"], Z, A)
        gradients[f"dZ[{l}]"] = dZ
        gradients[f"dW[{l}]"] = weight_gradient(dZ, A_prev)
        gradients[f"db[{l}]"] = bias_gradient(dZ)
        gradients[f"dA[{l - 1}]"] = previous_gradient(W, dZ)
    return gradients


def difference_quotient(
    X: Array, Y: Array, layers: Sequence[Layer], cost: str, name: str, index: tuple[int, ...]
) -> float:
    """Take the derivative of J by one entry from two evaluations of the forward pass.

    The central difference is taken of each example's loss, so that only what moves is subtracted, and
    for three steps; of these the two that agree best decide, which avoids rounding as well as kinks.

    Parameters
    ----------
    X, Y, layers, cost
        As above, in float64.
    name : str
        ``"W[1]"``, ``"b[1]"``, ``"Z[1]"``, ``"A[1]"``, ...
    index : tuple of int
        Which entry of it.

    Returns
    -------
    float
        NaN at a kink, where the slopes from the left and from the right differ and no derivative exists.

    Examples
    --------
    >>> layers = [Layer(np.array([[2.0]]), np.zeros((1, 1)), "identity")]
    >>> X, Y = np.array([[3.0]]), np.array([[5.0]])
    >>> round(difference_quotient(X, Y, layers, "squared_error", "W[1]", (0, 0)), 6)
    3.0
    """
    values = forward(X, layers)
    l = int(name[2:-1])
    L = len(layers)

    def losses(shift: float) -> Array:
        if name[0] in "Wb":
            layer = layers[l - 1]
            if name[0] == "W":
                layer = layer._replace(W=_moved(layer.W, index, shift))
            else:
                layer = layer._replace(b=_moved(layer.b, index, shift))
            moved = forward(X, [*layers[: l - 1], layer, *layers[l:]], _before(values, l))
        else:
            known = _before(values, l) | {name: _moved(values[name], index, shift)}
            moved = forward(X, layers, known)
        return _cost(cost).losses(moved[f"A[{L}]"], Y)

    here = losses(0.0)

    def slopes(step: float) -> tuple[float, float]:
        above, below = losses(step) - here, here - losses(-step)
        return float(above.sum() / step / Y.shape[1]), float(below.sum() / step / Y.shape[1])

    right, left = slopes(1e-7)
    if abs(right - left) > 1e-6 * max(abs(right), abs(left)) + RESOLUTION:
        return float("nan")
    coarse, middle, fine = (sum(slopes(step)) / 2 for step in (1e-5, 1e-6, 1e-7))
    return (coarse + middle) / 2 if abs(coarse - middle) < abs(middle - fine) else (middle + fine) / 2


def _before(values: Mapping[str, Array], l: int) -> dict[str, Array]:
    """The values that do not depend on layer l."""
    return {name: value for name, value in values.items() if int(name[2:-1]) < l}


def _moved(value: Array, index: tuple[int, ...], shift: float) -> Array:
    moved = value.copy()
    moved[index] += shift
    return moved


def _cost(name: str) -> Cost:
    if name not in COSTS:
        raise unknown_option("cost", name, COSTS)
    return COSTS[name]


def _activation(name: str) -> Activation:
    if name not in ACTIVATIONS:
        raise unknown_option("activation", name, ACTIVATIONS)
    return ACTIVATIONS[name]
