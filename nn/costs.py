r"""Costs: scalars J = f(A, Y) with their 1/m inside, so that dW means dJ/dW.

A is (n, m), one column per example; so is Y, or it holds class numbers where they are said to do. A cost
refuses targets of another shape instead of broadcasting them. The costs on probabilities take 0 log 0 as 0;
those on logits Z take the output's sigmoid or softmax with them and stay finite however large Z is.

``reduction`` says what becomes of the losses of the m examples: ``"mean"`` is their sum divided by m,
``"sum"`` their sum, ``"none"`` the losses (m,) themselves, each summed over the rows of its column.

``class_weights`` multiply what a class adds to the loss. The mean still divides by m and never by the sum of
the weights, so that gradients of mini-batches, weighted by size, add up to that of all examples.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, Literal

import numpy as np

import autograd_core as ag
from autograd_core.graph.node import first_nan
from autograd_core.wording.arguments import is_sequence, number, text, whole
from autograd_core.wording.errors import GraphError, NonFiniteError, OptionError, ShapeError, describe, one_of
from nn.class_weights import for_classes, for_labels
from nn.given import network
from nn.logits import logistic_loss, mean_surprise
from nn.targets import classifying, paired

__all__ = [
    "COSTS",
    "binary_cross_entropy",
    "cross_entropy",
    "huber",
    "l2",
    "matching",
    "penalty",
    "scalar",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "squared_error",
]

Reduction = Literal["mean", "sum", "none"]


@classifying
def binary_cross_entropy(A: Any, Y: Any, *, reduction: Reduction = "mean", class_weights: Any = None) -> Any:
    r"""Cost of independent yes/no targets: J = −(1/m) Σ (Y ⊙ log A + (1−Y) ⊙ log(1−A)).

    With one row this is the binary cost, with several the multi-label cost, a sum over labels.

    Parameters
    ----------
    A : Tensor or array (n, m)
        Predicted probabilities.
    Y : array (n, m), or m integers
        Targets between 0 and 1; or class numbers, which are 0 and 1 where n is 1.
    reduction : {"mean", "sum", "none"}
        Divide the sum of losses by m, or not, or give the loss of each example, (m,).
    class_weights : pair, optional
        (weight of 0, weight of 1), each a number or a column (n, 1); J is divided by m all the same.

    Returns
    -------
    scalar
        Exactly 0 for certain and right predictions, +inf for certain and wrong ones. With a sigmoid
        output dZ = (A − Y)/m follows.

    Raises
    ------
    ShapeError, DtypeError, DataError
        `Y` has not the shape of `A` or holds no classes, or there is no example.
    OptionError
        `reduction` or `class_weights` make no sense.
    NonFiniteError
        The cost is NaN; the message names the first tensor that holds one.

    Examples
    --------
    >>> A, Y = np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])
    >>> float(binary_cross_entropy(A, Y)) == float(np.log(2.0))
    True
    >>> binary_cross_entropy(A, [1, 0], reduction="none", class_weights=(1, 10)).round(2)
    array([6.93, 0.69])
    """
    A, Y, m = paired(binary_cross_entropy, A, Y)
    yes, no = Y, 1 - Y
    if class_weights is not None:
        weight_of_0, weight_of_1 = for_labels(class_weights, A)
        yes, no = weight_of_1 * yes, weight_of_0 * no
    gains = ag.xlogy(yes, A) + ag.xlogy(no, 1 - A)
    return _cost(-_total(gains, reduction), reduction, m)


@classifying
def cross_entropy(A: Any, Y: Any, *, reduction: Reduction = "mean", class_weights: Any = None) -> Any:
    r"""Cost of one class out of n: J = −(1/m) Σ Y ⊙ log A.

    Parameters
    ----------
    A : Tensor or array (n, m)
        Predicted probabilities; each column sums to 1.
    Y : array (n, m), or m integers
        Targets, one-hot columns or shares; or class numbers from 0 to n - 1.
    reduction : {"mean", "sum", "none"}
        Divide the sum of losses by m, or not, or give the loss of each example, (m,).
    class_weights : n numbers, optional
        What row c of Y is multiplied by; J is divided by m all the same.

    Returns
    -------
    scalar
        With a softmax output and columns of Y that sum to 1, dZ = (A − Y)/m follows.

    Raises
    ------
    ShapeError, DtypeError, DataError
        `Y` has not the shape of `A` or holds no classes, or there is no example.
    OptionError
        `reduction` or `class_weights` make no sense.
    NonFiniteError
        The cost is NaN; the message names the first tensor that holds one.

    Examples
    --------
    >>> A, Y = np.array([[0.5], [0.5]]), np.array([[1.0], [0.0]])
    >>> float(cross_entropy(A, Y)) == float(np.log(2.0))
    True
    >>> float(cross_entropy(A, [0], class_weights=[2, 1])) == 2 * float(cross_entropy(A, [0]))
    True
    """
    A, Y, m = paired(cross_entropy, A, Y)
    if class_weights is not None:
        Y = for_classes(class_weights, A) * Y
    return _cost(-_total(ag.xlogy(Y, A), reduction), reduction, m)


def squared_error(A: Any, Y: Any, *, reduction: Reduction = "mean") -> Any:
    r"""Half the mean squared distance: J = 1/(2m) Σ (A − Y)²; dA = (A − Y)/m follows.

    Parameters
    ----------
    A, Y : (n, m)
    reduction : {"mean", "sum", "none"}
        Divide the sum of losses by m, or not, or give the loss of each example, (m,).

    Raises
    ------
    ShapeError, DtypeError
        `Y` has not the shape of `A` or holds no numbers, or there is no example.
    OptionError
        There is no such reduction.
    NonFiniteError
        The cost is NaN; the message names the first tensor that holds one.

    Examples
    --------
    >>> float(squared_error(np.array([[1.0, 3.0]]), np.array([[1.0, 1.0]])))
    1.0
    """
    A, Y, m = paired(squared_error, A, Y)
    return _cost(_total((A - Y) ** 2, reduction), reduction, m, 2)


def huber(A: Any, Y: Any, delta: float = 1.0, *, reduction: Reduction = "mean") -> Any:
    r"""Squared error that grows only linearly beyond delta, for targets with outliers: J = (1/m) Σ ℓ(A − Y).

    ℓ(e) = e²/2 where |e| ≤ δ, else δ (|e| − δ/2); with c = clip(e, −δ, δ) that is c (e − c/2), and its slope
    is c. Source: P. J. Huber, "Robust estimation of a location parameter", 1964.

    Parameters
    ----------
    A, Y : (n, m)
    delta : float
        Up to which distance the error is squared.
    reduction : {"mean", "sum", "none"}
        Divide the sum of losses by m, or not, or give the loss of each example, (m,).

    Raises
    ------
    ShapeError, DtypeError
        `Y` has not the shape of `A` or holds no numbers, or there is no example.
    OptionError
        `delta` is not positive, or there is no such reduction.
    NonFiniteError
        The cost is NaN; the message names the first tensor that holds one.

    Examples
    --------
    >>> huber(np.array([[0.5, 3.0]]), np.zeros((1, 2)), reduction="none")
    array([0.125, 2.5  ])
    """
    if not (isinstance(delta, Real) and delta > 0):
        raise OptionError(f"huber: delta={delta!r}; it must be a positive number")
    delta = float(delta)  # NumPy's own would widen float32
    A, Y, m = paired(huber, A, Y)
    E = A - Y
    C = ag.clip(E, -delta, delta)
    return _cost(_total(C * (E - C / 2), reduction), reduction, m)


@classifying
def sigmoid_cross_entropy(Z: Any, Y: Any, *, reduction: Reduction = "mean", class_weights: Any = None) -> Any:
    """Binary or multi-label cost on logits: `binary_cross_entropy` of sigmoid(Z), never overflowing.

    dZ = (σ(Z) − Y)/m comes out.

    Parameters
    ----------
    Z : Tensor or array (n, m)
    Y, reduction, class_weights
        As for `binary_cross_entropy`, and so are the errors raised.

    Examples
    --------
    >>> float(sigmoid_cross_entropy(np.array([[1e4, -1e4]]), np.array([[1.0, 1.0]])))
    5000.0
    """
    Z, Y, m = paired(sigmoid_cross_entropy, Z, Y)
    if class_weights is None:
        losses = logistic_loss(Z, Y)
    else:
        weight_of_0, weight_of_1 = for_labels(class_weights, Z)
        # −log σ(Z) = softplus(−Z) and −log(1 − σ(Z)) = softplus(Z)
        losses = weight_of_1 * Y * ag.softplus(-Z) + weight_of_0 * (1 - Y) * ag.softplus(Z)
    return _cost(_total(losses, reduction), reduction, m)


@classifying
def softmax_cross_entropy(Z: Any, Y: Any, *, reduction: Reduction = "mean", class_weights: Any = None) -> Any:
    """Multiclass cost on logits: `cross_entropy` of softmax(Z), never overflowing.

    dZ = (softmax(Z) ⊙ broadcast(Σ_axis=0 Y) − Y)/m comes out, which is (A − Y)/m when each column of Y
    sums to 1. With weights, w ⊙ Y stands for Y.

    Parameters
    ----------
    Z : Tensor or array (n, m)
    Y, reduction, class_weights
        As for `cross_entropy`, and so are the errors raised.

    Examples
    --------
    >>> float(softmax_cross_entropy(np.array([[1e4], [-1e4]]), np.array([[0.0], [1.0]])))
    20000.0
    """
    Z, Y, m = paired(softmax_cross_entropy, Z, Y)
    if class_weights is not None:
        Y = for_classes(class_weights, Z) * Y
    L = ag.log_softmax(Z, 0)
    one_of("reduction", reduction, _AXES)
    if reduction == "mean":
        return _checked(mean_surprise(Y, L))
    return _cost(-_total(Y * L, reduction), reduction, m)


COSTS: dict[str, Callable[..., Any]] = {
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
    "huber": huber,
    "sigmoid_cross_entropy": sigmoid_cross_entropy,
    "softmax_cross_entropy": softmax_cross_entropy,
    "squared_error": squared_error,
}


def matching(activation: str) -> str:
    """Name the cost that belongs to an output activation.

    Examples
    --------
    >>> [matching(g) for g in ("softmax", "sigmoid", "identity")]
    ['cross_entropy', 'binary_cross_entropy', 'squared_error']
    """
    known = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy"}
    return known.get(text(activation, "matching: activation", "the name of one"), "squared_error")


def l2(net: Any, lam: float, m: int) -> Any:
    """Weight penalty lam/(2m) Σ_l ‖W[l]‖², to be added to a cost; it adds (lam/m) W to each dW.

    Parameters
    ----------
    net : Sequential
    lam : float
    m : int
        Number of examples.

    Raises
    ------
    OptionError
        `lam` is negative or not finite, or `m` is below 1.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(2, 1, rng=0))
    >>> bool(np.isclose(l2(net, 1.0, 10).item(), np.sum(net.layers[0].W.data ** 2) / 20))
    True
    """
    _share("l2", lam, m)
    return penalty(network(net, "l2").weights(), lam, m)


def penalty(weights: Sequence[Any], lam: float, m: int) -> Any:
    """Compute lam/(2m) Σ_l ‖W[l]‖² of the weights themselves.

    Raises
    ------
    OptionError
        `weights` is no list of arrays, or as in `l2`.

    Examples
    --------
    >>> penalty([np.ones((2, 3))], 1.0, 4)
    np.float64(0.75)
    """
    if not is_sequence(weights) or isinstance(weights, np.ndarray) or not len(weights):
        raise OptionError(f"penalty: weights is {weights!r:.60}, wanted a list of arrays")
    share = _share("penalty", lam, m)
    return functools.reduce(operator.add, [ag.sum(ag.power(W, 2)) for W in weights]) * share


def _share(caller: str, lam: Any, m: Any) -> float:
    """Divide lam by 2m, as a Python number: NumPy's own would widen float32."""
    whole_m = whole(m, f"{caller}: m")
    if not (0 <= number(lam, f"{caller}: lam") < math.inf and whole_m >= 1):
        raise OptionError(f"{caller}: lam={lam!r:.60}, m={m}; lam is 0 or positive, and finite, m at least 1")
    return float(lam) / (2 * whole_m)


def scalar(caller: str, J: Any) -> Any:
    """Refuse a cost from which no pass back can start.

    Raises
    ------
    ShapeError
        It is not a scalar.
    GraphError
        It is not recorded: it was not computed from the predictions with operations of the engine.

    Examples
    --------
    >>> scalar("fit", np.ones(3))
    Traceback (most recent call last):
    autograd_core.ShapeError: fit: the cost is an array of shape (3,); a pass back starts from a
    scalar: take .mean(), or reduction="mean"
    """
    if isinstance(J, ag.Tensor | np.ndarray) and J.shape != ():
        raise ShapeError(
            f"{caller}: the cost is {describe(J)}; a pass back starts from a scalar: take .mean(), or "
            'reduction="mean"'
        )
    if not isinstance(J, ag.Tensor):
        raise GraphError(
            f"{caller}: the cost is the bare number {J!r:.60}, which remembers nothing of the predictions; "
            "compute it from A itself, not from A.data"
        )
    return J


_AXES = {"mean": None, "sum": None, "none": 0}


def _total(losses: Any, reduction: Reduction) -> Any:
    """Add up the losses of all entries, or those of each column."""
    one_of("reduction", reduction, _AXES)
    return ag.sum(losses, _AXES[reduction])


def _cost(total: Any, reduction: Reduction, m: int, divisor: int = 1) -> Any:
    """Divide a total, by the number of examples too if their mean is wanted."""
    if reduction == "mean":
        divisor *= m
    return _checked(total if divisor == 1 else total / divisor, reduction)


def _checked(J: Any, reduction: Reduction = "mean") -> Any:
    """Name a cost, and refuse a NaN at once."""
    recorded = isinstance(J, ag.Tensor)
    value = J.value if recorded else J
    if reduction == "none":
        nan = bool(np.isnan(value).any())
    else:
        nan = math.isnan(value)
        if recorded:
            J.name = "J"
    if nan:
        raise NonFiniteError(f"the cost is NaN{f': {first_nan(J)}' if recorded else ''}")
    return J
