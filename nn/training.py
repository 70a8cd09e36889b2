"""Fit a network to examples: forward, cost, backward, update, again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np

from autograd_core.errors import DataError, NonFiniteError, OptionError, ShapeError
from autograd_core.node import Array
from nn import costs
from nn.network import Sequential
from nn.optimizers import GradientDescent

__all__ = ["History", "accuracy", "fit"]


@dataclass
class History:
    """What happened while fitting.

    Attributes
    ----------
    costs : list of float
        The cost of each epoch, before its updates; averaged over mini-batches by their size.
    seconds : float
        How long it took.
    """

    costs: list[float] = field(default_factory=list)
    seconds: float = 0.0


def accuracy(net: Sequential, X: Array, Y: Array) -> float:
    """Share of examples whose largest prediction is the right class.

    Parameters
    ----------
    X, Y : (n[0], m), (n[L], m)

    Examples
    --------
    >>> import nn
    >>> net = nn.Sequential(nn.Dense(2, 2, rng=0))
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> accuracy(net, X, net.predict(X))
    1.0
    """
    return float(np.mean(net.predict(X).argmax(axis=0) == np.asarray(Y).argmax(axis=0)))


def fit(
    net: Sequential,
    cost: Callable[[Any, Any], Any],
    data: tuple[Array, Array],
    optimizer: GradientDescent | None = None,
    *,
    epochs: int = 100,
    batch_size: int | None = None,
    seed: int = 0,
    progress: bool = True,
) -> History:
    """Train a network in place.

    Parameters
    ----------
    net : Sequential
    cost : function (A, Y) -> scalar
        One of `nn.costs`, or any function written with tensors.
    data : (X, Y)
        (n[0], m) and (n[L], m), one column per example.
    optimizer : GradientDescent, optional
    epochs : int
        How often to go through the examples.
    batch_size : int, optional
        Examples an update, drawn without replacement; all by default. The last batch may be smaller.
    seed : int
        For the order of the examples.
    progress : bool
        Show a bar, if tqdm is installed.

    Returns
    -------
    History

    Raises
    ------
    ShapeError, DataError, NonFiniteError, OptionError
        The data do not suit the network or one another, hold a NaN or infinity, or a setting makes no
        sense: nothing was changed. A cost that turns NaN later stops with the parameters of the last
        good step.

    Examples
    --------
    >>> import nn
    >>> X, Y = nn.datasets.iris()
    >>> net = nn.Sequential(nn.Dense(4, 3, "softmax", rng=0))
    >>> history = fit(net, nn.costs.cross_entropy, (X, Y), epochs=20, progress=False)
    >>> history.costs[-1] < history.costs[0]
    True
    """
    X, Y = _checked(net, cost, *data)
    if epochs < 1 or (batch_size is not None and batch_size < 1):
        raise OptionError(f"epochs={epochs}, batch_size={batch_size}: both must be at least 1")
    rule = optimizer or GradientDescent()
    rng = np.random.default_rng(seed)
    history, start = History(), time.perf_counter()
    bar = _bar(epochs, progress)
    for _ in range(epochs):
        total = 0.0
        for batch in _batches(X.shape[1], batch_size, rng):
            J = cost(net(X[:, batch]), Y[:, batch])
            value = float(J)
            if not np.isfinite(value):
                raise NonFiniteError(
                    f"the cost became {value} in epoch {len(history.costs) + 1}; the parameters are those of "
                    "the last good step; a smaller learning rate may help"
                )
            J.backward()
            for parameter in net.parameters():
                parameter.data = rule.update(parameter.data, parameter.grad)
                parameter.zero_grad()
            total += value * len(range(X.shape[1])[batch] if isinstance(batch, slice) else batch)
        history.costs.append(total / X.shape[1])
        bar(history.costs[-1])
    history.seconds = time.perf_counter() - start
    return history


def _checked(net: Sequential, cost: Callable[[Any, Any], Any], X: Any, Y: Any) -> tuple[Array, Array]:
    """Refuse data that do not fit, before anything is changed."""
    X = net.finite(np.asarray(X)).data
    Y = np.asarray(Y)
    classes, m = net.widths[-1], X.shape[1]
    if Y.shape != (classes, m):
        turned = "; did you mean Y.T?" if Y.shape == (m, classes) else ""
        raise ShapeError(
            f"fit: targets Y are of shape {Y.shape}; the network has {classes} outputs (classes) and X holds "
            f"{m} examples, so Y must be ({classes}, {m}){turned}"
        )
    bad = np.argwhere(~np.isfinite(Y))
    if len(bad):
        raise NonFiniteError(f"fit: Y holds {Y[tuple(bad[0])]} in example (column) {bad[0][1]}")
    if cost in _CLASSIFYING:
        outside = np.argwhere((Y < 0) | (Y > 1))
        if len(outside):
            raise DataError(
                f"fit: Y holds {Y[tuple(outside[0])]} in example (column) {outside[0][1]}; a cross-entropy "
                "takes targets from 0 to 1; nn.datasets.one_hot turns class numbers into columns"
            )
    return X, Y


_CLASSIFYING = (
    costs.binary_cross_entropy,
    costs.cross_entropy,
    costs.sigmoid_cross_entropy,
    costs.softmax_cross_entropy,
)


def _batches(m: int, size: int | None, rng: np.random.Generator) -> Iterator[Any]:
    """Indices of the examples of each update."""
    if size is None or size >= m:
        yield slice(None)
        return
    order = rng.permutation(m)
    for start in range(0, m, size):
        yield order[start : start + size]


def _bar(epochs: int, wanted: bool) -> Callable[[float], None]:
    """Make the function that shows an epoch's cost; without tqdm, one that does nothing."""
    if not wanted or find_spec("tqdm") is None:
        return lambda _cost: None
    from tqdm import tqdm  # an optional extra

    shown = tqdm(total=epochs, desc="fit", unit=" epochs", dynamic_ncols=True)

    def show(value: float) -> None:
        shown.set_postfix_str(f"J = {value:.4f}", refresh=False)
        shown.update()
        if shown.n == epochs:
            shown.close()

    return show
