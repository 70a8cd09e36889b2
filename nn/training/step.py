"""A whole training step, from the cost to the new parameters, as one compiled program."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

import autograd_core as ag
from autograd_core.differentiation.tree import flatten
from autograd_core.wording.errors import OptionError
from nn import costs
from nn.layers import states
from nn.layers.sequential import Sequential
from nn.optimizers import LBFGS, Clipped, Optimizer

__all__ = ["Compile", "Step", "looks_on", "step"]

Compile = bool | Literal["numba"] | None
Step = Callable[..., Any]

_WORTH_IT = 50  # steps, from which on the time to record is made good


def step(
    net: Sequential,
    cost: Callable[[Any, Any], Any],
    rule: Optimizer | LBFGS,
    lam: float,
    m: int,
    compiled: Compile,
    steps: int,
) -> Step | None:
    """Compile a step (params, state, X, Y) -> (J, Σ ‖W‖², params, state), if that is wanted.

    Parameters
    ----------
    net, cost, rule, lam
        As `nn.fit` takes them.
    m : int
        Number of all examples, which the penalty is divided by.
    compiled : bool, "numba" or None
        None: if the step is made of what `nn` offers, which is known to depend on shapes only, and there are
        enough steps; the numbers are then those of the uncompiled step, to the last bit. True and "numba" may
        differ by rounding.
    steps : int
        How many are to come.

    Raises
    ------
    OptionError
        `compiled` is something else, or the rule cannot be compiled.
    """
    if not (compiled is None or isinstance(compiled, bool | str)) or compiled not in (
        True,
        False,
        None,
        "numba",
    ):
        raise OptionError(f"fit: compile={compiled!r:.60}; wanted True, False, None or 'numba'")
    if compiled is False or (compiled is None and (steps < _WORTH_IT or not _known(net, cost, rule))):
        return None
    if isinstance(rule, LBFGS) or looks_on(rule):
        raise OptionError(
            f"fit: compile={compiled!r}, but {type(rule).__name__} looks at the network as it goes; leave "
            "compile out, or take another rule"
        )
    training_step = _step(net, cost, rule, lam, m)
    if compiled == "numba":
        return ag.compile(training_step, backend="numba")  # type: ignore[no-any-return]
    return ag.compile(training_step, fuse=compiled is not None)  # type: ignore[no-any-return]


def _step(net: Sequential, cost: Callable[[Any, Any], Any], rule: Optimizer, lam: float, m: int) -> Step:
    fixed = states.frozen(net.layers)
    zeros = [{name: np.zeros_like(value) for name, value in own.items()} for own in net.params()]

    def training_step(params: Any, state: Any, X: Any, Y: Any) -> Any:
        def J(params: Any) -> Any:
            found = costs.scalar("fit", cost(net.apply(params, X), Y))
            return found + costs.penalty(states.penalised(net.layers, params), lam, m) if lam else found

        value, gradients = ag.value_and_grad(J)(params)
        new, state = rule.update(params, states.held(gradients, zeros, fixed), state)
        new = states.held(new, params, fixed)
        squares = [ag.vdot(W, W) for W in flatten(new)[0]]
        return value, functools.reduce(ag.add, squares), new, state

    return training_step


def _known(net: Sequential, cost: Any, rule: Any) -> bool:
    """Whether nothing of the step is written by somebody else, who may have meant it to change."""
    while isinstance(cost, functools.partial):
        cost = cost.func
    inner = _innermost(rule)
    rate = getattr(inner, "learning_rate", 0.0)
    own = [inner, rate] if callable(rate) else [inner]
    return (
        cost in costs.COSTS.values()
        and all(layer.is_named for layer in net.layers)
        and all(type(x).__module__.startswith("nn.") for x in own)
        and not isinstance(rule, LBFGS)
        and not looks_on(rule)
    )


def looks_on(rule: Optimizer) -> bool:
    """Whether a rule turns gradients by what it sees of the network and the examples."""
    return type(_innermost(rule)).direction is not Optimizer.direction


def _innermost(rule: Any) -> Any:
    while isinstance(rule, Clipped):
        rule = rule.rule
    return rule
