"""How good predictions are: functions (net, X, Y) -> float, for `nn.fit` and by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.graph.node import Array
from autograd_core.wording.arguments import number
from autograd_core.wording.errors import DataError
from nn.given import network
from nn.targets import classifying, paired

if TYPE_CHECKING:
    from nn.layers.sequential import Sequential

__all__ = ["accuracy", "confusion", "r2"]


@classifying
def accuracy(net: Sequential, X: Any, Y: Any, *, threshold: float = 0.5) -> float:
    """Share of predictions that are right.

    One class out of several: the largest prediction of a column decides. A single row, or several labels
    that are each on or off (columns of Y that do not sum to 1): each entry decides by itself.

    Parameters
    ----------
    X : (n[0], m)
    Y : (n[L], m), or class numbers (m,)
    threshold : float
        Above which an entry that decides by itself says yes: 1/2 for probabilities, 0 for logits, as in
        ``functools.partial(nn.accuracy, threshold=0)``.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(2, 2, rng=0))
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> accuracy(net, X, np.eye(2)[:, net.predict(X).argmax(axis=0)])
    1.0
    """
    threshold = number(threshold, "accuracy: threshold")
    A, Y = _pair(accuracy, net, X, Y)
    if len(A) > 1 and np.allclose(Y.sum(axis=0), 1):
        return float(np.mean(A.argmax(axis=0) == Y.argmax(axis=0)))
    return float(np.mean((threshold < A) == (Y > 0.5)))


@classifying
def confusion(net: Sequential, X: Any, Y: Any) -> Array:
    """Count examples by true class (row) and predicted class (column): integers (classes, classes).

    A network with one output tells class 0 from class 1 at 1/2.

    Raises
    ------
    DataError
        The targets tell no classes apart: a column of Y does not sum to 1, or one entry is outside 0 to 1.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(2, 2, rng=0))
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> int(confusion(net, X, [0, 1]).sum())
    2
    """
    A, Y = _pair(confusion, net, X, Y)
    if len(A) == 1:
        A, Y = np.vstack([1 - A, A]), np.vstack([1 - Y, Y])
    if (Y < 0).any() or not np.allclose(Y.sum(axis=0), 1):
        raise DataError("confusion: a column of Y is no class: it sums to 1, with every entry from 0 to 1")
    counts = np.zeros((len(A), len(A)), int)
    np.add.at(counts, (Y.argmax(axis=0), A.argmax(axis=0)), 1)
    return counts


def r2(net: Sequential, X: Any, Y: Any) -> float:
    """Coefficient of determination, 1 − Σ (Y − A)² / Σ (Y − mean)², the average over the rows of Y.

    A row of Y that is constant counts 1 where it is predicted exactly and 0 otherwise.

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(2, 1, rng=0))
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> r2(net, X, net.predict(X))
    1.0
    """
    A, Y = _pair(r2, net, X, Y)
    missed = ((Y - A) ** 2).sum(axis=1)
    spread = ((Y - Y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    constant = spread == 0
    return float(np.mean(np.where(constant, missed == 0, 1 - missed / np.where(constant, 1, spread))))


def _pair(metric: Callable[..., float | Array], net: Sequential, X: Any, Y: Any) -> tuple[Array, Array]:
    A, Y, _ = paired(metric, network(net, metric.__name__).predict(X), Y)
    return A, Y
