"""Only the matrix products of the step, into memory that is there: no NumPy program can be much faster."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .problem import Problem

COMPUTES_THE_COST = False


def _products(problem: Problem, backward: bool) -> Callable[[], float]:
    """List every product of the pass, then run through the list."""
    weights = [W for W, _ in problem.weights]
    A = [problem.X, *(np.ones((len(W), problem.m), problem.dtype) for W in weights)]
    calls = [(W, A[l], A[l + 1].copy()) for l, W in enumerate(weights)]
    if backward:
        calls += [(A[l + 1], A[l].T, np.empty_like(W)) for l, W in enumerate(weights)]
        calls += [(W.T, A[l + 2], A[l + 1].copy()) for l, W in enumerate(weights[1:])]
    dot = np.dot

    def step() -> float:
        for left, right, out in calls:
            dot(left, right, out)
        return 0.0

    return step


def training_step(problem: Problem) -> Callable[[], float]:
    """W A, dZ Aᵀ and Wᵀ dZ of every layer; no gradient for X."""
    return _products(problem, backward=True)


def gradient(problem: Problem) -> Callable[[], float]:
    """The same products: an update has none."""
    return _products(problem, backward=True)


def prediction(problem: Problem) -> Callable[[], float]:
    """W A of every layer."""
    return _products(problem, backward=False)
