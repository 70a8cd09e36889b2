"""Activations by name. Any function of a Tensor that keeps its shape and its columns apart will do.

Equation (2) of the notes lets a node's activation depend on the whole column, as softmax does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd_core as ag
from autograd_core.errors import unknown_option
from autograd_core.notation import Notation

__all__ = ["ACTIVATIONS", "Activation", "named"]

Activation = Callable[[Any], Any]


@ag.pointwise(1, notation=Notation("id", "{0}", "{0}", "{0}"), flops=0)
def identity(Z: Any) -> Any:
    """The linear activation, A = Z: the same values under a node and a name of their own.

    Examples
    --------
    >>> identity(3.0)
    3.0
    """
    return Z


def softmax(Z: Any) -> Any:
    """Shares of each column, positive and summing to 1: Z (n, m) -> A (n, m).

    Examples
    --------
    >>> import numpy as np
    >>> softmax(np.zeros((2, 1)))
    array([[0.5],
           [0.5]])
    """
    return ag.softmax(Z, axis=0)


ACTIVATIONS: dict[str, Activation] = {
    "identity": identity,
    "relu": ag.relu,
    "sigmoid": ag.sigmoid,
    "softmax": softmax,
    "tanh": ag.tanh,
}


def named(activation: str | Activation) -> Activation:
    """Look an activation up by name; a function is taken as it is.

    Raises
    ------
    OptionError
        There is no activation of that name.

    Examples
    --------
    >>> named("tanh") is ag.tanh
    True
    """
    if callable(activation):
        return activation
    try:
        return ACTIVATIONS[activation]
    except KeyError:
        raise unknown_option("activation", activation, ACTIVATIONS) from None
