"""The package `autograd`: NumPy wrapped, recorded anew in every step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
from autograd import grad, value_and_grad

from .problem import Links, Problem


def _logits(weights: Any, X: Any) -> Any:
    for W, b in weights[:-1]:
        X = anp.tanh(anp.dot(W, X) + b)
    W, b = weights[-1]
    return anp.dot(W, X) + b


def _cost_and_gradient(problem: Problem) -> Callable[[], Any]:
    X, Y, m = problem.X, problem.Y, problem.m

    def cost(weights):
        Z = _logits(weights, X)
        Z = Z - anp.max(Z, axis=0, keepdims=True)
        return -anp.sum(Y * (Z - anp.log(anp.sum(anp.exp(Z), axis=0, keepdims=True)))) / m

    compute = value_and_grad(cost)
    return lambda: compute(problem.weights)


def training_step(problem: Problem) -> Callable[[], float]:
    """Forward, backward and gradient descent."""
    compute, rate = _cost_and_gradient(problem), problem.rate

    def step() -> float:
        J, slopes = compute()
        for (W, b), (dW, db) in zip(problem.weights, slopes):
            W -= rate * dW
            b -= rate * db
        return float(J)

    return step


def gradient(problem: Problem) -> Callable[[], float]:
    """Forward and backward."""
    compute = _cost_and_gradient(problem)
    return lambda: float(compute()[0])


def prediction(problem: Problem) -> Callable[[], float]:
    """The probabilities of all classes."""

    def predict() -> float:
        Z = _logits(problem.weights, problem.X)
        E = anp.exp(Z - anp.max(Z, axis=0, keepdims=True))
        return float((E / anp.sum(E, axis=0, keepdims=True))[0, 0])

    return predict


def chain(links: Links) -> Callable[[], float]:
    """The gradient of the chain by x, w and b."""
    gradient = grad(lambda *xs: links.run(anp, *xs), (0, 1, 2))
    return lambda: float(gradient(*links.arrays)[0].sum())
