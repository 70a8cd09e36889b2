"""The whole network: the recurrences forward from A[0] = X and backward from dA[L]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nn.closed_form import activations, costs
from nn.closed_form.formulas import (
    Array,
    bias_gradient,
    linear,
    penalty_gradient,
    previous_gradient,
    weight_gradient,
)

__all__ = ["Layer", "backward", "forward"]


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

    Raises
    ------
    OptionError
        There is no such activation.

    Examples
    --------
    >>> import numpy as np
    >>> list(forward(np.ones((2, 3)), [Layer(np.ones((1, 2)), np.zeros((1, 1)), "identity")]))
    ['A[0]', 'Z[1]', 'A[1]']
    """
    given = given or {}
    values = {"A[0]": given.get("A[0]", X)}
    for l, (W, b, activation) in enumerate(layers, start=1):
        Z, A = f"Z[{l}]", f"A[{l}]"
        values[Z] = given[Z] if Z in given else linear(W, values[f"A[{l - 1}]"], b)
        values[A] = given[A] if A in given else activations.named(activation).g(values[Z])
    return values


def backward(
    values: Mapping[str, Array], Y: Array, layers: Sequence[Layer], cost: str, lam: float = 0.0
) -> dict[str, Array]:
    """Evaluate the recurrence of (18), (15), (16) and (22) from the seed dA[L] down to dA[0] = dX.

    Parameters
    ----------
    values : mapping
        What `forward` returned.
    Y : (n[L], m)
    layers : sequence of Layer
    cost : str
        One of `COSTS`.
    lam : float
        With the weight penalty lam/(2m) Σ_l ‖W[l]‖² added to the cost.

    Returns
    -------
    dict
        ``"dA[L]"``, ``"dZ[L]"``, ``"dW[L]"``, ``"db[L]"``, ``"dA[L-1]"``, ... in that order.

    Raises
    ------
    OptionError
        There is no such cost.
    """
    L, m = len(layers), Y.shape[1]
    gradients = {f"dA[{L}]": costs.named(cost).seed(values[f"A[{L}]"], Y)}
    for l in range(L, 0, -1):
        W, _, activation = layers[l - 1]
        Z, A, A_prev = values[f"Z[{l}]"], values[f"A[{l}]"], values[f"A[{l - 1}]"]
        dZ = activations.activation_gradient(activation, gradients[f"dA[{l}]"], Z, A)
        gradients[f"dZ[{l}]"] = dZ
        gradients[f"dW[{l}]"] = weight_gradient(dZ, A_prev) + penalty_gradient(W, lam, m)
        gradients[f"db[{l}]"] = bias_gradient(dZ)
        gradients[f"dA[{l - 1}]"] = previous_gradient(W, dZ)
    return gradients
