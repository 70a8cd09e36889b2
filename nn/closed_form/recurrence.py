"""The whole network: the recurrences forward from A[0] = X and backward from dA[L]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from autograd_core.wording.errors import OptionError, ShapeError
from nn.closed_form import activations, costs
from nn.closed_form.formulas import (
    Array,
    bias_gradient,
    linear,
    penalty_gradient,
    previous_gradient,
    weight_gradient,
)
from nn.closed_form.sizes import matrix

__all__ = ["Layer", "backward", "forward", "layers_of"]


class Layer(NamedTuple):
    """Parameters and activation of one layer."""

    W: Array
    b: Array
    activation: str


def layers_of(caller: str, layers: Any) -> list[Layer]:
    """Take the parameters of each layer.

    Raises
    ------
    OptionError
        No sequence of layers, or one that lacks a part.
    """
    if not isinstance(layers, Sequence) or not all(isinstance(x, tuple) and len(x) == 3 for x in layers):
        raise OptionError(f"{caller}: layers is {layers!r:.60}, wanted a list of Layer(W, b, activation)")
    return [Layer(*layer) for layer in layers]


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
    given = {} if given is None else given
    if not isinstance(given, Mapping):
        raise OptionError(f"forward: given is {given!r:.60}, wanted a dict of values")
    values = {"A[0]": matrix(given.get("A[0]", X), "forward: X")}
    for l, (W, b, activation) in enumerate(layers_of("forward", layers), start=1):
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
    if not isinstance(values, Mapping):
        raise OptionError(f"backward: values is {values!r:.60}, wanted what forward returned")
    layers = layers_of("backward", layers)
    L, Y = len(layers), matrix(Y, "backward: Y")
    m = Y.shape[1]
    for name in ("A[0]", *[f"{x}[{l}]" for l in range(1, L + 1) for x in "ZA"]):
        if name not in values:
            raise OptionError(f"backward: values lack {name}; pass what forward returned for these layers")
    if values[f"A[{L}]"].shape != Y.shape:
        raise ShapeError(f"backward: Y has shape {Y.shape}, and A[{L}] is {values[f'A[{L}]'].shape}")
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
