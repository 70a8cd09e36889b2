"""What is looked at after each epoch: costs, metrics, the best weights, and whether to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import autograd_core as ag
from autograd_core.wording.errors import OptionError
from autograd_core.wording.identifiers import name_of, printable
from nn.layers.sequential import Sequential
from nn.layers.states import Params
from nn.training.history import History

__all__ = ["Callback", "Metric", "Monitor", "Stop"]

Cost = Callable[[Any, Any], Any]
Data = tuple[Any, Any]
Metric = Callable[[Sequential, Any, Any], float]
Callback = Callable[[Sequential, History], Any]


class Stop(Exception):  # noqa: N818 - no error, but the end of a training
    """The training is to end; the argument says why."""


class _Epoch(NamedTuple):
    """What is known of an epoch that is to be noted."""

    number: int
    cost: float
    validation_costs: list[float]
    metrics: dict[str, float]
    params: Params


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
    metrics : dict of str to function
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
        self.patience, self._callbacks, self.metrics = patience, _called(callbacks), _named(metrics)
        self.history = History()
        self.best: Params | None = None
        self._latest: _Epoch | None = None

    def after_epoch(self, cost: float, params: Params) -> None:
        """Note an epoch's cost and the parameters that it belongs to, and judge the network as it is now."""
        history, net = self.history, self._net
        training, net.training = net.training, False
        try:
            values, validation_costs = self._values(), self._validation_costs()
        finally:
            net.training = training
        # Nothing is noted before all is known, so that an interruption leaves no half of an epoch.
        params = net.params() if validation_costs else params
        self._latest = _Epoch(len(history.costs) + 1, cost, validation_costs, values, params)
        self.settle()

    def settle(self) -> None:
        """Note the latest epoch; once more if that was broken off, which changes nothing else."""
        history, latest = self.history, self._latest
        if latest is None:
            return
        at = latest.number - 1
        history.costs[at:] = [latest.cost]
        history.validation_costs[at:] = latest.validation_costs
        for name, value in latest.metrics.items():
            history.metrics.setdefault(name, [])[at:] = [value]
        lowest = None if history.best_epoch is None else history.monitored[history.best_epoch - 1]
        if lowest is None or history.monitored[at] < lowest:
            history.best_epoch, self.best = latest.number, latest.params
        self._latest = None

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

    def _values(self) -> dict[str, float]:
        """Evaluate every metric, on the examples held back too."""
        values = {}
        for name, metric in self.metrics.items():
            values[name] = _number(name, metric(self._net, *self._train))
            if self._held_back is not None:
                values[f"validation {name}"] = _number(name, metric(self._net, *self._held_back))
        return values

    def _validation_costs(self) -> list[float]:
        """Compute the cost of the examples held back, if there are any."""
        if self._held_back is None:
            return []
        X, Y = self._held_back
        with ag.no_grad():
            return [float(self._cost(self._net(X), Y))]


def _named(metrics: Iterable[Metric] | Mapping[str, Metric]) -> dict[str, Metric]:
    """Give each metric its name, and refuse what is none."""
    if not isinstance(metrics, Iterable):
        raise OptionError(f"metrics={metrics!r:.60}: wanted a list of them, as in metrics=[nn.accuracy]")
    functions = [*metrics.values()] if isinstance(metrics, Mapping) else [*metrics]
    for metric in functions:
        if not callable(metric):
            raise OptionError(f"metrics: {metric!r} is no function (net, X, Y), such as nn.accuracy")
    if isinstance(metrics, Mapping):
        return dict(metrics)
    named = {name_of(metric): metric for metric in functions}
    if len(named) < len(functions):
        raise OptionError(
            f"metrics: {len(functions)} of them have {len(named)} names, {', '.join(named)}; tell them "
            "apart, as in metrics={'hits': function}"
        )
    return named


def _called(callbacks: Sequence[Callback]) -> list[Callback]:
    """Refuse callbacks that cannot be called."""
    if not isinstance(callbacks, Iterable):
        raise OptionError(f"callbacks={callbacks!r:.60}: wanted a list of them, as in callbacks=[function]")
    functions = [*callbacks]
    for callback in functions:
        if not callable(callback):
            raise OptionError(f"callbacks: {callback!r} is no function (net, history)")
    return functions


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise OptionError(f"metrics: {printable(name)} returned {value!r:.60}; wanted a number") from None
