"""NumPy with every result written into memory that is there before the first step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .problem import Problem


class Buffers:
    """What the forward and the backward pass write into.

    One array a layer for Z and then A, one for dZ, one for dW and one for db.
    """

    def __init__(self, problem: Problem) -> None:
        m, dtype = problem.m, problem.dtype
        self.A = [np.empty((len(W), m), dtype) for W, _ in problem.weights]
        self.dZ = [np.empty_like(A) for A in self.A]
        self.dW = [np.empty_like(W) for W, _ in problem.weights]
        self.db = [np.empty_like(b) for _, b in problem.weights]
        self.log = np.empty_like(self.A[-1])
        self.row = np.empty((1, m), dtype)


def forward(problem: Problem, to: Buffers) -> None:
    """Fill A; the last is the probabilities."""
    below = problem.X
    for (W, b), A in zip(problem.weights, to.A):
        np.dot(W, below, out=A)
        np.add(A, b, out=A)
        if A is not to.A[-1]:
            np.tanh(A, out=A)
        below = A
    P, row = to.A[-1], to.row
    np.max(P, axis=0, keepdims=True, out=row)
    np.subtract(P, row, out=P)
    np.exp(P, out=P)
    np.sum(P, axis=0, keepdims=True, out=row)
    np.divide(P, row, out=P)


def cost(problem: Problem, to: Buffers) -> float:
    """J, the cross-entropy of the probabilities."""
    np.log(to.A[-1], out=to.log)
    np.multiply(problem.Y, to.log, out=to.log)
    return float(-to.log.sum() / problem.m)


def backward(problem: Problem, to: Buffers) -> None:
    """Fill dZ, dW and db; A is overwritten."""
    np.subtract(to.A[-1], problem.Y, out=to.dZ[-1])
    np.divide(to.dZ[-1], problem.m, out=to.dZ[-1])
    for l in range(len(to.A) - 1, -1, -1):
        below = to.A[l - 1] if l else problem.X
        np.dot(to.dZ[l], below.T, out=to.dW[l])
        np.sum(to.dZ[l], axis=1, keepdims=True, out=to.db[l])
        if l:
            np.dot(problem.weights[l][0].T, to.dZ[l], out=to.dZ[l - 1])
            np.multiply(below, below, out=below)
            np.subtract(1, below, out=below)
            np.multiply(to.dZ[l - 1], below, out=to.dZ[l - 1])


def training_step(problem: Problem) -> Callable[[], float]:
    """Forward, backward and gradient descent, in place."""
    to, rate = Buffers(problem), problem.rate

    def step() -> float:
        forward(problem, to)
        J = cost(problem, to)
        backward(problem, to)
        for (W, b), dW, db in zip(problem.weights, to.dW, to.db):
            np.multiply(dW, rate, out=dW)
            np.subtract(W, dW, out=W)
            np.multiply(db, rate, out=db)
            np.subtract(b, db, out=b)
        return J

    return step


def gradient(problem: Problem) -> Callable[[], float]:
    """Forward and backward."""
    to = Buffers(problem)

    def step() -> float:
        forward(problem, to)
        J = cost(problem, to)
        backward(problem, to)
        return J

    return step


def prediction(problem: Problem) -> Callable[[], float]:
    """The probabilities of all classes."""
    to = Buffers(problem)

    def predict() -> float:
        forward(problem, to)
        return float(to.A[-1][0, 0])

    return predict
