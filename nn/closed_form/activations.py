"""Activations with their Jacobians: equations (2), (4), (6), (17) and (18)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autograd_core.wording.errors import OptionError, one_of
from nn.closed_form.formulas import Array
from nn.closed_form.sizes import sized

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "activate_columns",
    "activation_gradient",
    "activation_gradient_columns",
    "named",
    "sigmoid",
    "softmax",
]


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


@sized(Z="n m")
def activate_columns(g: Callable[[Array], Array], Z: Array) -> Array:
    """Equations (2) and (4), one example at a time: a_i = g(z_i), z_i a column (n, 1)."""
    if not callable(g):
        raise OptionError(f"activate_columns: g is {g!r:.60}, wanted a function")
    return np.concatenate([g(Z[:, [i]]) for i in range(Z.shape[1])], axis=1)


@sized(dA="n m", Z="n m")
def activation_gradient_columns(activation: str, dA: Array, Z: Array) -> Array:
    """Equations (17) and (18), one example at a time: ∂J/∂z_ji = Σ_p ∂J/∂a_pi ∂a_pi/∂z_ji."""
    jacobian = named(activation).jacobian
    return np.stack([jacobian(z).T @ da for z, da in zip(Z.T, dA.T, strict=True)], axis=1)


@sized(dA="n m", Z="n m", A="n m")
def activation_gradient(activation: str, dA: Array, Z: Array, A: Array) -> Array:
    """Equations (17) and (18), vectorised: dZ from dA."""
    return named(activation).backward(dA, Z, A)


def _entrywise(g: Callable[[Array], Array], slope: Callable[[Array, Array], Array]) -> Activation:
    """Make the activation whose Jacobian is diagonal: ∂a_j/∂z_j = slope(z_j, a_j)."""
    return Activation(
        g,
        lambda dA, Z, A: dA * slope(Z, A),
        lambda z: np.diag(slope(z, g(z))),
    )


def sigmoid(Z: Array) -> Array:
    """σ(Z) = 1 / (1 + exp(−Z))."""
    return np.asarray(1 / (1 + np.exp(-Z)))


def softmax(Z: Array) -> Array:
    """exp(Z) / broadcast(Σ_axis=0 exp(Z)), each column shifted so that its largest entry is 0."""
    E = np.exp(Z - Z.max(axis=0, keepdims=True))
    return np.asarray(E / E.sum(axis=0, keepdims=True))


def _softmax_jacobian(z: Array) -> Array:
    a = softmax(z[:, None])[:, 0]
    jacobian: Array = np.diag(a) - np.outer(a, a)
    return jacobian


def _normal_cdf(Z: Array) -> Array:
    """Φ(z), the normal distribution function, as erfc(−z/√2) / 2."""
    return np.asarray(np.vectorize(lambda z: math.erfc(-z / math.sqrt(2)) / 2, otypes=[Z.dtype])(Z))


def _normal_density(Z: Array) -> Array:
    """φ(z) = exp(−z²/2) / √(2π)."""
    return np.asarray(np.exp(-Z * Z / 2) / math.sqrt(2 * math.pi))


ACTIVATIONS: dict[str, Activation] = {
    "elu": _entrywise(
        lambda Z: np.where(Z > 0, Z, np.expm1(np.minimum(Z, 0))),
        lambda Z, A: np.where(Z > 0, 1, A + 1),
    ),
    "gelu": _entrywise(
        lambda Z: Z * _normal_cdf(Z),
        lambda Z, A: _normal_cdf(Z) + Z * _normal_density(Z),
    ),
    "identity": _entrywise(lambda Z: Z, lambda Z, A: np.ones_like(Z)),
    "leaky_relu": _entrywise(
        lambda Z: np.where(Z > 0, Z, 0.01 * Z),
        lambda Z, A: np.where(Z > 0, np.ones_like(Z), 0.01),
    ),
    "relu": _entrywise(
        lambda Z: np.maximum(Z, 0),
        lambda Z, A: (Z > 0).astype(Z.dtype),
    ),
    "sigmoid": _entrywise(sigmoid, lambda Z, A: A * (1 - A)),
    "silu": _entrywise(
        lambda Z: Z * sigmoid(Z),
        lambda Z, A: sigmoid(Z) + A * (1 - sigmoid(Z)),
    ),
    "softmax": Activation(
        softmax,
        lambda dA, Z, A: A * (dA - (dA * A).sum(axis=0, keepdims=True)),
        _softmax_jacobian,
    ),
    "softplus": _entrywise(lambda Z: np.logaddexp(0, Z), lambda Z, A: sigmoid(Z)),
    "tanh": _entrywise(np.tanh, lambda Z, A: 1 - A * A),
}


def named(name: str) -> Activation:
    """Look an activation up."""
    one_of("activation", name, ACTIVATIONS)
    return ACTIVATIONS[name]
