"""Activations by name. Any function of a Tensor that keeps its shape and its columns apart will do.

Equation (2) of the notes lets a node's activation depend on the whole column, as softmax does.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import autograd_core as ag
from autograd_core.wording.arguments import function
from autograd_core.wording.errors import unknown_option
from autograd_core.wording.notation import ATOM, Notation

__all__ = ["ACTIVATIONS", "Activation", "columnwise", "named"]

Activation = Callable[[Any], Any]


@ag.pointwise(1, notation=Notation("id", "{0}", "{0}", "{0}", ATOM, (ATOM,)), flops=0)
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
    "elu": ag.elu,
    "gelu": ag.gelu,
    "identity": identity,
    "leaky_relu": ag.leaky_relu,
    "relu": ag.relu,
    "sigmoid": ag.sigmoid,
    "silu": ag.silu,
    "softmax": softmax,
    "softplus": ag.softplus,
    "tanh": ag.tanh,
}


def columnwise(g: Callable[[Any], Any]) -> Activation:
    """Make an activation of a function of one column, z (n,) -> a (n,): equation (2) as it stands.

    It is called once for each example, so a function of the whole of Z is faster, if there is one.

    Examples
    --------
    >>> import numpy as np
    >>> running_mean = columnwise(lambda z: ag.cumsum(z) / np.arange(1, len(z) + 1))
    >>> running_mean(np.array([[2.0, 4.0], [4.0, 8.0]]))
    array([[2., 4.],
           [3., 6.]])
    """

    @functools.wraps(function(g, "columnwise: g", "a function of a column"))
    def activation(Z: Any) -> Any:
        return ag.stack([g(Z[:, i]) for i in range(Z.shape[1])], axis=1)

    return activation


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
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise unknown_option("activation", activation, ACTIVATIONS)
    return ACTIVATIONS[activation]
