r"""Costs: scalars J = f(A, Y) with their 1/m inside, so that dW means dJ/dW.

A and Y are (n, m), one column per example. A cost refuses targets of another shape instead of
broadcasting them. The costs on probabilities take 0 log 0 as 0; those on logits Z take the output's
sigmoid or softmax with them and stay finite however large Z is.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.errors import NonFiniteError, ShapeError, describe
from autograd_core.node import first_nan
from autograd_core.notation import ATOM, COMPARISON, PREFIX, Notation, applied

__all__ = [
    "binary_cross_entropy",
    "cross_entropy",
    "l2",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "squared_error",
]


def binary_cross_entropy(A: Any, Y: Any) -> Any:
    r"""Cost of independent yes/no targets: J = −(1/m) Σ (Y ⊙ log A + (1−Y) ⊙ log(1−A)).

    With one row this is the binary cost, with several the multi-label cost, a sum over labels.

    Parameters
    ----------
    A : Tensor or array (n, m)
        Predicted probabilities.
    Y : array (n, m)
        Targets between 0 and 1.

    Returns
    -------
    scalar
        Exactly 0 for certain and right predictions, +inf for certain and wrong ones. With a sigmoid
        output dZ = (A − Y)/m follows.

    Raises
    ------
    ShapeError
        `Y` has not the shape of `A`, or there is no example.
    NonFiniteError
        The cost is NaN; the message names the first tensor that holds one.

    Examples
    --------
    >>> A, Y = np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])
    >>> float(binary_cross_entropy(A, Y)) == float(np.log(2.0))
    True
    """
    Y, m = _targets("binary_cross_entropy", A, Y)
    losses = ag.xlogy(Y, A) + ag.xlogy(1 - Y, 1 - A)
    return _cost(-ag.sum(losses) / m)


def cross_entropy(A: Any, Y: Any) -> Any:
    r"""Cost of one class out of n: J = −(1/m) Σ Y ⊙ log A.

    Parameters
    ----------
    A : Tensor or array (n, m)
        Predicted probabilities; each column sums to 1.
    Y : array (n, m)
        Targets, one-hot columns or shares.

    Returns
    -------
    scalar
        With a softmax output and columns of Y that sum to 1, dZ = (A − Y)/m follows.

    Raises
    ------
    ShapeError
        `Y` has not the shape of `A`, or there is no example.
    NonFiniteError
        The cost is NaN; the message names the first tensor that holds one.

    Examples
    --------
    >>> A, Y = np.array([[0.5], [0.5]]), np.array([[1.0], [0.0]])
    >>> float(cross_entropy(A, Y)) == float(np.log(2.0))
    True
    """
    Y, m = _targets("cross_entropy", A, Y)
    return _cost(-ag.sum(ag.xlogy(Y, A)) / m)


def squared_error(A: Any, Y: Any) -> Any:
    r"""Half the mean squared distance: J = 1/(2m) Σ (A − Y)²; dA = (A − Y)/m follows.

    Parameters
    ----------
    A, Y : (n, m)

    Raises
    ------
    ShapeError
        `Y` has not the shape of `A`, or there is no example.
    NonFiniteError
        The cost is NaN; the message names the first tensor that holds one.

    Examples
    --------
    >>> float(squared_error(np.array([[1.0, 3.0]]), np.array([[1.0, 1.0]])))
    1.0
    """
    Y, m = _targets("squared_error", A, Y)
    return _cost(ag.sum((A - Y) ** 2) / (2 * m))


@ag.pointwise(
    lambda _out, Z, Y: ag.sigmoid(Z) - Y,
    lambda _out, Z, _Y: -Z,
    notation=applied("logistic_loss", latex=r"\ell_{\sigma}", numpy="logistic_loss"),
    flops=6,
)
def logistic_loss(Z: Any, Y: Any) -> Any:
    """Take −Y log σ(Z) − (1−Y) log(1−σ(Z)) entry by entry, as max(Z, 0) − Z Y + log(1 + exp(−|Z|))."""
    return np.maximum(Z, 0) - Z * Y + np.log1p(np.exp(-np.abs(Z)))


def sigmoid_cross_entropy(Z: Any, Y: Any) -> Any:
    """Binary or multi-label cost on logits: `binary_cross_entropy` of sigmoid(Z), never overflowing.

    dZ = (σ(Z) − Y)/m comes out.

    Parameters
    ----------
    Z : Tensor or array (n, m)
    Y : array (n, m)

    Raises
    ------
    ShapeError
        `Y` has not the shape of `Z`, or there is no example.
    NonFiniteError
        The cost is NaN; the message names the first tensor that holds one.

    Examples
    --------
    >>> float(sigmoid_cross_entropy(np.array([[1e4, -1e4]]), np.array([[1.0, 1.0]])))
    5000.0
    """
    Y, m = _targets("sigmoid_cross_entropy", Z, Y)
    return _cost(ag.sum(logistic_loss(Z, Y)) / m)


@ag.bilinear(
    lambda ct, Y, L: ct * (-1 / Y.shape[1]) * L,
    lambda ct, Y, L: ct * (-1 / Y.shape[1]) * Y,
    notation=Notation(
        "−⟨·,·⟩/m",
        "−⟨{0}, {1}⟩/m",
        r"-\frac{{1}}{{m}} \langle {0}, {1} \rangle",
        "-np.vdot({0}, {1}) / {0}.shape[1]",
        PREFIX,
        numpy_operands=(ATOM, COMPARISON),
    ),
    flops=lambda _out, Y, _L: 2 * Y.size,
)
def mean_surprise(Y: Any, L: Any) -> Any:
    """Take −(1/m) Σ Y ⊙ L for targets Y and log-probabilities L, both (n, m)."""
    return -np.vdot(Y, L) / Y.shape[1]


def softmax_cross_entropy(Z: Any, Y: Any) -> Any:
    """Multiclass cost on logits: `cross_entropy` of softmax(Z), never overflowing.

    dZ = (softmax(Z) ⊙ broadcast(Σ_axis=0 Y) − Y)/m comes out, which is (A − Y)/m when each column of Y
    sums to 1.

    Parameters
    ----------
    Z : Tensor or array (n, m)
    Y : array (n, m)

    Raises
    ------
    ShapeError
        `Y` has not the shape of `Z`, or there is no example.
    NonFiniteError
        The cost is NaN; the message names the first tensor that holds one.

    Examples
    --------
    >>> float(softmax_cross_entropy(np.array([[1e4], [-1e4]]), np.array([[0.0], [1.0]])))
    20000.0
    """
    Y, _ = _targets("softmax_cross_entropy", Z, Y)
    return _cost(mean_surprise(Y, ag.log_softmax(Z, 0)))


def l2(net: Any, lam: float, m: int) -> Any:
    """Weight penalty lam/(2m) Σ_l ‖W[l]‖², to be added to a cost; it adds (lam/m) W to each dW.

    Parameters
    ----------
    net : Sequential
    lam : float
    m : int
        Number of examples.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(2, 1, rng=0))
    >>> bool(np.isclose(l2(net, 1.0, 10).item(), np.sum(net.layers[0].W.data ** 2) / 20))
    True
    """
    total: Any = 0.0
    for layer in net.layers:
        total = total + ag.sum(layer.W**2)
    return total * (lam / (2 * m))


def _targets(cost: str, A: Any, Y: Any) -> tuple[Any, int]:
    """Check that predictions and targets line up; return the targets, named for pictures, and m."""
    shape = A.shape
    if shape != Y.shape or len(shape) != 2 or shape[1] == 0:
        raise _misshapen(cost, A, Y)
    if isinstance(A, ag.Tensor) and not isinstance(Y, ag.Tensor):
        Y = ag.Tensor(Y, name="Y")
    return Y, shape[1]


def _misshapen(cost: str, A: Any, Y: Any) -> ShapeError:
    if A.shape == Y.shape:
        hint = "both must be (classes, m) with m > 0"
    elif A.shape == Y.shape[::-1]:
        hint = "columns are examples: did you mean Y.T?"
    elif A.shape[1:] == Y.shape[1:] and A.ndim == 2:
        hint = f"the predictions have {A.shape[0]} classes (rows), the targets {Y.shape[0]}"
    else:
        hint = "both are (classes, m), one column per example"
    return ShapeError(f"{cost}: predictions are {describe(A)}, targets Y are of shape {Y.shape}; {hint}")


def _cost(J: Any) -> Any:
    """Name a cost, and refuse a NaN at once."""
    recorded = isinstance(J, ag.Tensor)
    if recorded:
        J.name = "J"
    if math.isnan(J.value if recorded else J):
        raise NonFiniteError(f"the cost is NaN{f': {first_nan(J)}' if recorded else ''}")
    return J
