"""One training run: forward, cost, backward, update, epoch after epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.differentiation.tree import flatten
from autograd_core.graph.node import Array
from autograd_core.wording.errors import NonFiniteError
from nn import costs
from nn.layers import states
from nn.layers.dropout import Dropout
from nn.layers.sequential import Sequential
from nn.layers.states import Params
from nn.optimizers import LBFGS, Optimizer
from nn.training.step import Step

__all__ = ["Run"]

Tick = Callable[[float, int], None]


class Run:
    """A network on its way: parameters, the optimiser's state, and where the chance comes from.

    Parameters, gradients and state are replaced as a whole and never written into, so that what was taken
    out of a run stays as it was.

    Attributes
    ----------
    params : list of dicts
        In the form of `Sequential.params`.
    state : dict
        The optimiser's.
    generators : list of numpy.random.Generator
        Of the order of examples, then of each dropout layer.
    step : function or None
        The step as one compiled program, if it is to be one.
    """

    def __init__(
        self,
        net: Sequential,
        cost: Callable[[Any, Any], Any],
        X: Array,
        Y: Array,
        *,
        batch_size: int | None,
        seed: int,
        lam: float,
    ) -> None:
        self.net, self.cost, self.X, self.Y, self.lam = net, cost, X, Y, lam
        m = X.shape[1]
        self.batch_size = m if batch_size is None else min(batch_size, m)
        self.params = self._last_good = net.params()
        self.state: dict[str, Any] = {}
        dropouts = [layer for layer in net.layers if isinstance(layer, Dropout)]
        self.generators = [np.random.default_rng(seed), *(layer.rng for layer in dropouts)]
        self._draws: list[Any] = []  # where the dropout layers' chance stood before the step
        self.where = "before the first step"
        self.step: Step | None = None
        self._frozen = states.frozen(net.layers)

    def continue_from(self, params: Params, state: dict[str, Any]) -> None:
        """Take over parameters and an optimiser's state."""
        self.params, self._last_good, self.state = params, params, state
        self.net.assign(params)

    @property
    def batches(self) -> int:
        """Number of updates an epoch."""
        return len(range(0, self.X.shape[1], self.batch_size))

    def epoch(self, rule: Optimizer, number: int, tick: Tick) -> tuple[float, Params]:
        """Go through all examples once; return their cost and the parameters that it belongs to.

        These are the last ones, except that a single batch has the cost of those before its update.
        """
        before, total = self.params, 0.0
        self.net.assign(before)  # whatever a callback has done
        if states.frozen(self.net.layers) != self._frozen:  # also that: the compiled step holds others
            self.step = None
        for place, batch in enumerate(self._batches(), start=1):
            self.where = f"epoch {number}, batch {place} of {self.batches}"
            X, Y = self.X[:, batch], self.Y[:, batch]
            value, new, state = (
                self._replayed(self.step, X, Y) if self.step is not None else self._recorded(rule, X, Y)
            )
            self._last_good, self.params, self.state = self.params, new, state
            total += value * X.shape[1]
            tick(value, X.shape[1])
        if self.step is not None:
            self.net.assign(self.params)
        return total / self.X.shape[1], before if self.batches == 1 else self.params

    def _recorded(self, rule: Optimizer, X: Array, Y: Array) -> tuple[float, Params, dict[str, Any]]:
        """Take a step with the network's own tensors."""
        value, gradients = self.measured(X, Y)
        gradients = rule.direction(self.net, X, gradients)
        new, state = rule.update(self.params, gradients, self.state)
        new = states.held(new, self.params, states.frozen(self.net.layers))
        self._refuse_spoilt(new, X, Y)
        self.net.assign(new)
        return value, new, state

    def _replayed(self, step: Step, X: Array, Y: Array) -> tuple[float, Params, dict[str, Any]]:
        """Take a step that is compiled."""
        self._remember_draws()
        try:
            J, squares, new, state = step(self.params, self.state, X, Y)
            value = _finite(J)
        except NonFiniteError as error:
            self.net.assign(self.params)
            self.params = self._last_good
            raise self._spoilt(str(error), X, Y) from None
        if not np.isfinite(squares):  # or only too large for their squares
            self.net.assign(self.params)
            self._refuse_spoilt(new, X, Y)
        return value, new, state

    def minimise(
        self, rule: LBFGS, iterations: int, tick: Tick, after_epoch: Callable[[float, Params], None]
    ) -> None:
        """Let a rule that searches by itself go on for some iterations, each an epoch."""

        def value_and_grad(params: Params) -> tuple[float, Params]:
            self.where = "L-BFGS, on its search"
            self.net.assign(params)
            return self.measured(self.X, self.Y)

        def after(params: Params, value: float) -> None:
            self.params = self._last_good = params
            self.net.assign(params)
            tick(value, self.X.shape[1])
            after_epoch(value, params)

        rule.minimise(value_and_grad, self.params, iterations, after)

    def measured(self, X: Array, Y: Array) -> tuple[float, Params]:
        """Compute the cost of some examples and its gradient by the network's parameters.

        Raises
        ------
        NonFiniteError
            The cost is NaN or infinite; the run is back at the last parameters for which it was finite.
        """
        self._remember_draws()
        try:
            J = self._penalised(X, Y)
            value = _finite(J)
        except NonFiniteError as error:
            self.params = self._last_good
            raise self._spoilt(str(error), X, Y) from None
        self.net.zero_grad()  # of what somebody computed before, or in a callback
        J.backward()
        return value, states.steered(self.net.layers)

    def _remember_draws(self) -> None:
        self._draws = [generator.bit_generator.state for generator in self.generators[1:]]

    def _penalised(self, X: Array, Y: Array) -> Any:
        J = costs.scalar("fit", self.cost(self.net(X), Y))
        return J + costs.l2(self.net, self.lam, self.X.shape[1]) if self.lam else J

    def _batches(self) -> Iterator[Any]:
        """Indices of the examples of each update."""
        m = self.X.shape[1]
        if self.batch_size == m:
            yield slice(None)
            return
        order = self.generators[0].permutation(m)
        for start in range(0, m, self.batch_size):
            yield order[start : start + self.batch_size]

    # What went wrong.

    def _refuse_spoilt(self, new: Params, X: Array, Y: Array) -> None:
        """Stop before parameters that are not finite are taken over."""
        finite = [np.isfinite(value).all() for value in flatten(new)[0]]
        if not all(finite):
            name = [*self.net.named_parameters()][finite.index(False)]
            raise self._spoilt(f"the update makes {name} infinite or NaN", X, Y)

    def _spoilt(self, what: str, X: Array, Y: Array) -> NonFiniteError:
        """Go through the step again, with the same draws, to find the first operation that went wrong."""
        for generator, state in zip(self.generators[1:], self._draws, strict=True):
            generator.bit_generator.state = state
        first = "every operation of the step is finite"
        try:
            with np.errstate(all="ignore"), ag.detect_anomaly():
                self._penalised(X, Y).backward()
        except NonFiniteError as error:
            first = f"first, {error}"
        self.net.zero_grad()
        return NonFiniteError(
            f"{self.where}: {what}; the parameters are those of the last good step; a smaller learning rate "
            f"may help\n{first}"
        )


def _finite(J: Any) -> float:
    """Take the number out of a cost, and refuse one that is not finite."""
    value = float(J)
    if not np.isfinite(value):
        raise NonFiniteError(f"the cost is {value}")
    return value
