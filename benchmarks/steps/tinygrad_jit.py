"""tinygrad on the CPU, the whole step jitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad import Tensor, TinyJit

from .problem import RATE, Problem


def _arrays(problem: Problem):
    params = [Tensor(a).realize() for layer in problem.weights for a in layer]
    return params, Tensor(problem.X).realize(), Tensor(problem.Y).realize()


def _logits(params: list[Any], X: Any) -> Any:
    for l in range(0, len(params) - 2, 2):
        X = (params[l] @ X + params[l + 1]).tanh()
    return params[-2] @ X + params[-1]


def _cost(params: list[Any], X: Any, Y: Any) -> Any:
    return -(Y * _logits(params, X).log_softmax(axis=0)).sum() / X.shape[1]


def training_step(problem: Problem) -> Callable[[], float]:
    """Forward, backward and gradient descent."""
    params, X, Y = _arrays(problem)

    @TinyJit
    def step():
        J = _cost(params, X, Y)
        slopes = J.gradient(*params)
        return J.realize(*(p.assign(p - RATE * d) for p, d in zip(params, slopes)))

    return lambda: float(step().item())


def gradient(problem: Problem) -> Callable[[], float]:
    """Forward and backward."""
    params, X, Y = _arrays(problem)

    @TinyJit
    def step():
        J = _cost(params, X, Y)
        slopes = J.gradient(*params)
        Tensor.realize(J, *slopes)
        return J, *slopes

    return lambda: float(step()[0].item())


def prediction(problem: Problem) -> Callable[[], float]:
    """The probabilities of all classes."""
    params, X, _ = _arrays(problem)

    @TinyJit
    def predict():
        return _logits(params, X).softmax(axis=0).realize()

    return lambda: float(predict()[0, 0].item())
