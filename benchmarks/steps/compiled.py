"""Our engine, compiled: the same network and cost, replayed as a straight-line program."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import autograd_core as ag
import nn

from .eager import network
from .problem import Links, Problem


def _cost_and_gradient(net: Any) -> Callable[..., Any]:
    """Make the function of parameters and examples that gives J and the gradients."""

    def value_and_grad(params, X, Y):
        return ag.value_and_grad(lambda p: nn.costs.softmax_cross_entropy(net.apply(p, X), Y))(params)

    return value_and_grad


def _compiled(f: Callable[..., Any], backend: str, *examples: Any, **options: Any) -> Any:
    """Compile f for the examples; a backend that another one stands in for is an error here."""
    compiled = ag.compile(f, backend=backend, fuse=True, **options)
    compiled(*examples)
    if compiled.stats.backend != backend:
        raise RuntimeError(f"the {compiled.stats.backend} backend stood in for {backend}")
    return compiled


def training_step(problem: Problem, backend: str) -> Callable[[], float]:
    """Forward, backward and gradient descent, into the parameters themselves: W[1], b[1], W[2], ..."""
    net, rate = network(problem), problem.rate
    value_and_grad = _cost_and_gradient(net)

    def descend(params, X, Y):
        layers = [{"W": W, "b": b} for W, b in zip(params[::2], params[1::2])]
        J, slopes = value_and_grad(layers, X, Y)
        gradients = [slope[key] for slope in slopes for key in "Wb"]
        return J, tuple(p - rate * d for p, d in zip(params, gradients))

    params, X, Y = tuple(p[key] for p in net.params() for key in "Wb"), problem.X, problem.Y
    compiled = _compiled(descend, backend, copy.deepcopy(params), X, Y, donate=("params",))

    def step() -> float:
        nonlocal params
        J, params = compiled(params, X, Y)
        return float(J)

    return step


def gradient(problem: Problem, backend: str) -> Callable[[], float]:
    """Forward and backward; the gradients are fresh arrays."""
    net = network(problem)
    params, X, Y = net.params(), problem.X, problem.Y
    compiled = _compiled(_cost_and_gradient(net), backend, params, X, Y)
    return lambda: float(compiled(params, X, Y)[0])


def prediction(problem: Problem, backend: str) -> Callable[[], float]:
    """The probabilities of all classes, a fresh array."""
    net = network(problem, "softmax")
    params, X = net.params(), problem.X
    compiled = _compiled(net.apply, backend, params, X)
    return lambda: float(compiled(params, X)[0, 0])


def chain(links: Links, backend: str) -> Callable[[], float]:
    """The gradient of the chain by x, w and b."""
    gradient = ag.grad(lambda *xs: links.run(ag, *xs), (0, 1, 2))
    compiled = _compiled(gradient, backend, *links.arrays)
    return lambda: float(compiled(*links.arrays)[0].sum())
