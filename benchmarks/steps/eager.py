"""Our engine, eager: the network and the cost of `nn`, recorded anew in every step."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import autograd_core as ag
import nn

from .problem import Links, Problem


def network(problem: Problem, last: str = "identity") -> Any:
    """Make the network, on the arrays of the problem themselves."""
    widths = [len(problem.X), *(len(W) for W, _ in problem.weights)]
    activations = ["tanh"] * (len(widths) - 2) + [last]
    layers = [nn.Dense(*sizes, g, dtype=problem.dtype) for sizes, g in zip(pairwise(widths), activations)]
    for layer, (W, b) in zip(layers, problem.weights):
        layer.W.data, layer.b.data = W, b
    return nn.Sequential(*layers)


def training_step(problem: Problem) -> Callable[[], float]:
    """Forward, backward and gradient descent."""
    net, X, Y, rate = network(problem), problem.X, problem.Y, problem.rate

    def step() -> float:
        J = nn.costs.softmax_cross_entropy(net(X), Y)
        J.backward()
        for parameter in net.parameters():
            parameter.data -= rate * parameter.grad
            parameter.zero_grad()
        return float(J)

    return step


def gradient(problem: Problem) -> Callable[[], float]:
    """Forward and backward."""
    net, X, Y = network(problem), problem.X, problem.Y

    def step() -> float:
        J = nn.costs.softmax_cross_entropy(net(X), Y)
        J.backward()
        for parameter in net.parameters():
            parameter.zero_grad()
        return float(J)

    return step


def prediction(problem: Problem) -> Callable[[], float]:
    """The probabilities of all classes."""
    net, X = network(problem, "softmax"), problem.X
    return lambda: float(net.predict(X)[0, 0])


def chain(links: Links) -> Callable[[], float]:
    """The gradient of the chain by x, w and b."""
    leaves = [ag.Tensor(array, requires_grad=True) for array in links.arrays]

    def step() -> float:
        links.run(ag, *leaves).backward()
        slope = float(leaves[0].grad.sum())
        for leaf in leaves:
            leaf.zero_grad()
        return slope

    return step
