"""What is looked at after each epoch: costs, metrics, the best weights, and whether to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import autograd_core as ag
from autograd_core.errors import OptionError
from nn.history import History
from nn.network import Sequential
from nn.states import Params

__all__ = ["Callback", "Metric", "Monitor", "Stop"]

Cost = Callable[[Any, Any], Any]
Data = tuple[Any, Any]
Metric = Callable[[Sequential, Any, Any], float]
Callback = Callable[[Sequential, History], Any]


class Stop(Exception):  # noqa: N818 - no error, but the end of a training
    """The training is to end; the argument says why."""


class Monitor:
    """Keeps the history, and the weights of the epoch with the lowest cost.

    Parameters
    ----------
    net : Sequential
    cost : function (A, Y) -> scalar
    train, held_back : (X, Y), (X, Y) or None
    metrics : functions (net, X, Y) -> float, or a mapping of names to them
    patience : int or None
    callbacks : functions (net, history) -> bool or None

    Attributes
    ----------
    history : History
    best : list of dicts or None
        The parameters of the best epoch, once there was one.
    patience : int or None
    """

    def __init__(
        self,
        net: Sequential,
        cost: Cost,
        train: Data,
        held_back: Data | None,
        metrics: Iterable[Metric] | Mapping[str, Metric],
        patience: int | None,
        callbacks: Sequence[Callback],
    ) -> None:
        self._net, self._cost, self._train, self._held_back = net, cost, train, held_back
        self.patience, self._callbacks = patience, callbacks
        named = metrics.items() if isinstance(metrics, Mapping) else [(_called(f), f) for f in metrics]
        self._metrics = dict(named)
        self.history = History()
        self.best: Params | None = None

    def after_epoch(self, cost: float, params: Params) -> None:
        """Note an epoch's cost and the parameters that it belongs to, and judge the network as it is now."""
        history = self.history
        history.costs.append(cost)
        if self._held_back is not None:
            history.validation_costs.append(self._validation_cost(*self._held_back))
            params = self._net.params()
        for name, metric in self._metrics.items():
            history.metrics.setdefault(name, []).append(float(metric(self._net, *self._train)))
            if self._held_back is not None:
                value = float(metric(self._net, *self._held_back))
                history.metrics.setdefault(f"validation {name}", []).append(value)
        latest = history.monitored[-1]
        if history.best_epoch is None or latest < history.monitored[history.best_epoch - 1]:
            history.best_epoch, self.best = len(history.costs), params

    def decide(self) -> None:
        """Ask whether to go on.

        Raises
        ------
        Stop
            A callback says no, or the cost has not fallen for too long.
        """
        history = self.history
        if sum(callback(self._net, history) is True for callback in self._callbacks):
            raise Stop("callback")
        self.out_of_patience()

    def out_of_patience(self) -> None:
        """Stop if the cost has not fallen for too long."""
        waited = len(self.history.costs) - (self.history.best_epoch or 0)
        if self.patience is not None and waited >= self.patience:
            raise Stop("patience")

    def _validation_cost(self, X: Any, Y: Any) -> float:
        training, self._net.training = self._net.training, False
        try:
            with ag.no_grad():
                return float(self._cost(self._net(X), Y))
        finally:
            self._net.training = training


def _called(metric: Metric) -> str:
    if not callable(metric):
        raise OptionError(f"metrics: {metric!r} is no function (net, X, Y), such as nn.accuracy")
    return getattr(metric, "__name__", type(metric).__name__)
