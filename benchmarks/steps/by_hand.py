"""NumPy as a careful person writes it: no product twice, each A kept for the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .problem import Links, Problem


def forward(problem: Problem) -> list[Any]:
    """Return X and the activations of each layer, the last ones probabilities."""
    A = [problem.X]
    for W, b in problem.weights[:-1]:
        A.append(np.tanh(W @ A[-1] + b))
    W, b = problem.weights[-1]
    Z = W @ A[-1] + b
    E = np.exp(Z - Z.max(axis=0, keepdims=True))
    A.append(E / E.sum(axis=0, keepdims=True))
    return A


def backward(problem: Problem, A: list[Any]):
    """Yield the layer's number, dW and db, the last layer first; W is read before they are handed out."""
    dZ = (A[-1] - problem.Y) / problem.m
    for l in range(len(problem.weights) - 1, -1, -1):
        dW, db = dZ @ A[l].T, dZ.sum(axis=1, keepdims=True)
        if l:
            dZ = (problem.weights[l][0].T @ dZ) * (1 - A[l] * A[l])
        yield l, dW, db


def cost(problem: Problem, P: Any) -> float:
    """J, the cross-entropy of the probabilities P."""
    return float(-(problem.Y * np.log(P)).sum() / problem.m)


def training_step(problem: Problem) -> Callable[[], float]:
    """Forward, backward and gradient descent."""
    rate = problem.rate

    def step() -> float:
        A = forward(problem)
        J = cost(problem, A[-1])
        for l, dW, db in backward(problem, A):
            W, b = problem.weights[l]
            W -= rate * dW
            b -= rate * db
        return J

    return step


def gradient(problem: Problem) -> Callable[[], float]:
    """Forward and backward; every dW and db is kept until the end."""

    def step() -> float:
        A = forward(problem)
        J = cost(problem, A[-1])
        list(backward(problem, A))
        return J

    return step


def prediction(problem: Problem) -> Callable[[], float]:
    """The probabilities of all classes."""
    return lambda: float(forward(problem)[-1][0, 0])


def chain(links: Links) -> Callable[[], float]:
    """The gradient of the chain by x, w and b, as the chain rule is written out."""
    x, w, b = links.arrays

    def step() -> float:
        y, kept = x, []
        for _ in range(links.count):
            t = np.tanh(y)
            u = t * w + b
            kept.append((t, u))
            y = np.sin(u)
        dy, dw, db = np.ones_like(y), np.zeros_like(w), np.zeros_like(b)
        for t, u in reversed(kept):
            du = dy * np.cos(u)
            dw += du * t
            db += du
            dy = du * w * (1 - t * t)
        return float(dy.sum())

    return step
