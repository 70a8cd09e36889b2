"""PyTensor, compiled by Numba, with shared variables that its function updates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytensor
import pytensor.tensor as pt

from .problem import Links, Problem


def _graph(problem: Problem):
    """Return the shared parameters, the symbolic logits and the cost."""
    params = [pytensor.shared(a, shape=a.shape, borrow=True) for layer in problem.weights for a in layer]
    X, Y = (pytensor.shared(a, shape=a.shape, borrow=True) for a in (problem.X, problem.Y))
    A = X
    for l in range(0, len(params), 2):
        Z = params[l] @ A + params[l + 1]
        A = pt.tanh(Z)
    return params, Z, -(Y * pt.special.log_softmax(Z, axis=0)).sum() / problem.dtype.type(problem.m)


def _function(results: Any, **options: Any) -> Any:
    function = pytensor.function([], results, mode="NUMBA", **options)
    function.trust_input = True
    return function


def training_step(problem: Problem) -> Callable[[], float]:
    """Forward, backward and gradient descent."""
    params, _, J = _graph(problem)
    updates = [(p, p - problem.rate * d) for p, d in zip(params, pytensor.grad(J, params))]
    step = _function(J, updates=updates)
    return lambda: float(step())


def gradient(problem: Problem) -> Callable[[], float]:
    """Forward and backward."""
    params, _, J = _graph(problem)
    step = _function([J, *pytensor.grad(J, params)])
    return lambda: float(step()[0])


def prediction(problem: Problem) -> Callable[[], float]:
    """The probabilities of all classes."""
    _, Z, _ = _graph(problem)
    predict = _function(pt.special.softmax(Z, axis=0))
    return lambda: float(predict()[0, 0])


def chain(links: Links) -> Callable[[], float]:
    """The gradient of the chain by x, w and b."""
    xs = [pytensor.shared(array, shape=array.shape, borrow=True) for array in links.arrays]
    gradient = _function(pytensor.grad(links.run(pt, *xs), xs))
    return lambda: float(gradient()[0].sum())
