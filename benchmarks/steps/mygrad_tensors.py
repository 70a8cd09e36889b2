"""MyGrad: NumPy wrapped, recorded anew in every step, with its own fused loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mygrad as mg
from mygrad.nnet.activations import softmax
from mygrad.nnet.losses import softmax_crossentropy

from .problem import Links, Problem

mg.turn_memory_guarding_off()


def _params(problem: Problem) -> list[Any]:
    """Return W and b of each layer, on the arrays of the problem themselves."""
    return [mg.tensor(a, copy=False) for layer in problem.weights for a in layer]


def _logits(params: list[Any], X: Any) -> Any:
    for l in range(0, len(params) - 2, 2):
        X = mg.tanh(params[l] @ X + params[l + 1])
    return params[-2] @ X + params[-1]


def _pass(problem: Problem, params: list[Any]) -> Callable[[], float]:
    """Make the function that fills in the gradients and returns J."""
    labels = problem.Y.argmax(axis=0)

    def run() -> float:
        J = softmax_crossentropy(_logits(params, problem.X).T, labels)
        J.backward()
        return float(J)

    return run


def training_step(problem: Problem) -> Callable[[], float]:
    """Forward, backward and gradient descent."""
    params, rate = _params(problem), problem.rate
    run = _pass(problem, params)

    def step() -> float:
        J = run()
        for p in params:
            p.data -= rate * p.grad
            p.null_grad()
        return J

    return step


def gradient(problem: Problem) -> Callable[[], float]:
    """Forward and backward."""
    params = _params(problem)
    run = _pass(problem, params)

    def step() -> float:
        J = run()
        for p in params:
            p.null_grad()
        return J

    return step


def prediction(problem: Problem) -> Callable[[], float]:
    """The probabilities of all classes."""
    params = _params(problem)

    def predict() -> float:
        with mg.no_autodiff:
            return float(softmax(_logits(params, problem.X), axis=0)[0, 0])

    return predict


def chain(links: Links) -> Callable[[], float]:
    """The gradient of the chain by x, w and b."""
    leaves = [mg.tensor(array) for array in links.arrays]

    def step() -> float:
        links.run(mg, *leaves).backward()
        slope = float(leaves[0].grad.sum())
        for leaf in leaves:
            leaf.null_grad()
        return slope

    return step
