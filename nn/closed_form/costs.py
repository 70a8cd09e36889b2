"""Costs, equation (9), and the seeds of the backward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autograd_core.wording.errors import one_of
from nn.closed_form.activations import sigmoid, softmax
from nn.closed_form.formulas import Array

__all__ = ["COSTS", "Cost", "named"]


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


def _huber(E: Array) -> Array:
    """ℓ(e) = e²/2 where |e| ≤ 1, else |e| − 1/2."""
    return np.where(np.abs(E) <= 1, E * E / 2, np.abs(E) - 0.5)


COSTS: dict[str, Cost] = {
    "binary_cross_entropy": Cost(
        lambda A, Y: -(Y * np.log(A) + (1 - Y) * np.log(1 - A)).sum(axis=0),
        lambda A, Y: ((1 - Y) / (1 - A) - Y / A) / Y.shape[1],
    ),
    "cross_entropy": Cost(
        lambda A, Y: -(Y * np.log(A)).sum(axis=0),
        lambda A, Y: -Y / A / Y.shape[1],
    ),
    "huber": Cost(
        lambda A, Y: _huber(A - Y).sum(axis=0),
        lambda A, Y: np.clip(A - Y, -1, 1) / Y.shape[1],
    ),
    "sigmoid_cross_entropy": Cost(
        lambda Z, Y: (np.logaddexp(0, Z) - Y * Z).sum(axis=0),
        lambda Z, Y: (sigmoid(Z) - Y) / Y.shape[1],
    ),
    "softmax_cross_entropy": Cost(
        lambda Z, Y: -(Y * np.log(softmax(Z))).sum(axis=0),
        lambda Z, Y: (softmax(Z) * Y.sum(axis=0, keepdims=True) - Y) / Y.shape[1],
    ),
    "squared_error": Cost(
        lambda A, Y: ((A - Y) ** 2).sum(axis=0) / 2,
        lambda A, Y: (A - Y) / Y.shape[1],
    ),
}


def named(name: str) -> Cost:
    """Look a cost up."""
    one_of("cost", name, COSTS)
    return COSTS[name]
