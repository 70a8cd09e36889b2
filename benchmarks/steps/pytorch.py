"""PyTorch, eager and compiled, as its documentation writes a step: one row an example, fused losses."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from .problem import RATE, Links, Problem

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def _arrays(problem: Problem, requires_grad: bool):
    """Return flat parameters W, b, W, b, ..., the examples in rows, and the number of each one's class."""
    params = [torch.tensor(a if a.shape[1] > 1 else a[:, 0]) for layer in problem.weights for a in layer]
    X = torch.tensor(problem.X.T.copy())
    return [p.requires_grad_(requires_grad) for p in params], X, torch.tensor(problem.Y.argmax(axis=0))


def _logits(params: list[Any], X: Any) -> Any:
    for l in range(0, len(params) - 2, 2):
        X = torch.tanh(functional.linear(X, params[l], params[l + 1]))
    return functional.linear(X, params[-2], params[-1])


def _made(step: Callable[..., Any], compiled: bool) -> Callable[..., Any]:
    return torch.compile(step, fullgraph=True, dynamic=False) if compiled else step


def _cost(params: list[Any], X: Any, labels: Any) -> Any:
    return functional.cross_entropy(_logits(params, X), labels)


def training_step(problem: Problem, compiled: bool) -> Callable[[], float]:
    """Forward, backward and gradient descent; compiled, all three are one graph."""
    if not compiled:
        params, X, labels = _arrays(problem, requires_grad=True)

        def eager() -> float:
            J = _cost(params, X, labels)
            slopes = torch.autograd.grad(J, params)
            with torch.no_grad():
                for p, d in zip(params, slopes):
                    p.sub_(d, alpha=RATE)
            return J.item()

        return eager

    params, X, labels = _arrays(problem, requires_grad=False)
    slopes_and_cost = torch.func.grad_and_value(_cost)

    def descend(params, X, labels):
        slopes, J = slopes_and_cost(params, X, labels)
        for p, d in zip(params, slopes):
            p.sub_(d, alpha=RATE)
        return J

    step = _made(descend, compiled)
    return lambda: step(params, X, labels).item()


def gradient(problem: Problem, compiled: bool) -> Callable[[], float]:
    """Forward and backward."""
    params, X, labels = _arrays(problem, requires_grad=not compiled)
    if compiled:
        step = _made(torch.func.grad_and_value(_cost), compiled)
        return lambda: step(params, X, labels)[1].item()

    def eager() -> float:
        J = _cost(params, X, labels)
        torch.autograd.grad(J, params)
        return J.item()

    return eager


def prediction(problem: Problem, compiled: bool) -> Callable[[], float]:
    """The probabilities of all classes."""
    params, X, _ = _arrays(problem, requires_grad=False)
    step = _made(lambda params, X: torch.softmax(_logits(params, X), dim=1), compiled)

    def predict() -> float:
        with torch.inference_mode():
            return step(params, X)[0, 0].item()

    return predict


def chain(links: Links, compiled: bool) -> Callable[[], float]:
    """The gradient of the chain by x, w and b."""
    if compiled:
        arrays = [torch.tensor(array) for array in links.arrays]
        gradient = _made(torch.func.grad(lambda *xs: links.run(torch, *xs), (0, 1, 2)), compiled)
        return lambda: gradient(*arrays)[0].sum().item()

    leaves = [torch.tensor(array, requires_grad=True) for array in links.arrays]
    return lambda: torch.autograd.grad(links.run(torch, *leaves), leaves)[0].sum().item()
