"""Scalars that are no networks: a function and, for each of its arguments, how to draw it."""

import numpy as np

import autograd_core as ag


def _recurrent(W, U, x1, x2, x3):
    h = ag.tanh(U @ x1)
    h = ag.tanh(W @ h + U @ x2)
    return ag.sum(ag.tanh(W @ h + U @ x3) ** 2)


def _normalised(X, g, b):
    centred = X - ag.mean(X, axis=0, keepdims=True)
    spread = ag.sqrt(ag.mean(centred**2, axis=0, keepdims=True) + 1e-5)
    return ag.sum(ag.tanh(g * centred / spread + b))


def _attention(Q, K, V):
    return ag.sum((V @ ag.softmax(K.T @ Q / np.sqrt(3.0), axis=0)) ** 2)


def _tall(rng):
    return rng.normal(size=(5, 3))


def _square(rng):
    return rng.normal(size=(3, 3))


def _definite(rng):
    A = _square(rng)
    return A @ A.T + 3 * np.eye(3)


def _vector(rng):
    return rng.normal(size=3)


def _column(rng):
    return rng.normal(size=(3, 1))


def _positive(rng):
    return rng.uniform(0.5, 2.0, 3)


EXPRESSIONS = {
    "quadratic form": (lambda x, A: x @ A @ x, _vector, _square),
    "quadratic form of columns": (lambda x, A: ag.sum(x.T @ A @ x), _column, _square),
    "linear form": (lambda x, y: x @ y, _vector, _vector),
    "trace of a product": (lambda A, X: ag.trace(A @ X), _square, _square),
    "trace of three": (lambda A, X, B: ag.trace(A @ X @ B), _square, _square, _square),
    "least squares": (lambda A, x: ag.sum((A @ x - 1.0) ** 2) / 2, _tall, _vector),
    "log determinant": (lambda X: ag.log(ag.linalg.det(X)), _definite),
    "determinant": (ag.linalg.det, _square),
    "inverse": (lambda X, a, b: a @ ag.linalg.inv(X) @ b, _definite, _vector, _vector),
    "linear system": (lambda A, b: ag.sum(ag.linalg.solve(A, b) ** 2), _definite, _vector),
    "Cholesky": (lambda A: ag.sum(ag.log(ag.diagonal(ag.linalg.cholesky(A)))), _definite),
    "Frobenius norm": (lambda A: ag.sqrt(ag.sum(A * A)), _tall),
    "logsumexp": (ag.logsumexp, _vector),
    "softmax regression": (
        lambda W, X: -ag.sum(ag.log_softmax(W @ X, axis=0)[0]) / 3,
        _square,
        _square,
    ),
    "logistic regression": (lambda w, X: ag.sum(ag.softplus(-(w @ X))), _vector, _square),
    "entropy": (lambda p: -ag.sum(ag.xlogy(p, p)), _positive),
    "Gaussian": (lambda x, s: ag.sum((x / s) ** 2 / 2 + ag.log(s)), _vector, _positive),
    "cosine": (lambda x, y: x @ y / (ag.linalg.norm(x) * ag.linalg.norm(y)), _vector, _vector),
    "Rosenbrock": (lambda x: ag.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), _vector),
    "hinge": (lambda w, X: ag.sum(ag.maximum(0.0, 1 - w @ X)), _vector, _square),
    "running sums": (lambda x: ag.sum(ag.cumsum(x) ** 2), _vector),
    "product": (ag.prod, _vector),
    "kernel": (lambda x, y: ag.exp(-ag.sum((x - y) ** 2) / 2), _vector, _vector),
    "recurrent": (_recurrent, _square, _square, _column, _column, _column),
    "layer normalisation": (_normalised, _square, _column, _column),
    "attention": (_attention, _square, _square, _square),
    "matrix power": (lambda A: ag.trace(A @ A @ A), _square),
    "largest": (lambda x: ag.max(x) - ag.min(x), _vector),
}
