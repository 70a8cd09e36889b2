"""JAX, the whole step jitted, with the parameters donated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from .problem import RATE, Links, Problem


def _arrays(problem: Problem):
    jax.config.update("jax_enable_x64", problem.dtype == "f8")
    return jax.tree.map(jnp.asarray, (problem.weights, problem.X, problem.Y))


def _logits(params: Any, X: Any) -> Any:
    for W, b in params[:-1]:
        X = jnp.tanh(W @ X + b)
    W, b = params[-1]
    return W @ X + b


def _cost(params: Any, X: Any, Y: Any) -> Any:
    return -jnp.sum(Y * jax.nn.log_softmax(_logits(params, X), axis=0)) / X.shape[1]


def training_step(problem: Problem) -> Callable[[], float]:
    """Forward, backward and gradient descent."""

    def descend(params, X, Y):
        J, slopes = jax.value_and_grad(_cost)(params, X, Y)
        return J, jax.tree.map(lambda p, d: p - RATE * d, params, slopes)

    compiled = jax.jit(descend, donate_argnums=0)
    params, X, Y = _arrays(problem)

    def step() -> float:
        nonlocal params
        J, params = compiled(params, X, Y)
        return float(J)

    return step


def gradient(problem: Problem) -> Callable[[], float]:
    """Forward and backward."""
    params, X, Y = _arrays(problem)
    compiled = jax.jit(jax.value_and_grad(_cost))
    return lambda: float(compiled(params, X, Y)[0])


def prediction(problem: Problem) -> Callable[[], float]:
    """The probabilities of all classes."""
    params, X, _ = _arrays(problem)
    compiled = jax.jit(lambda params, X: jax.nn.softmax(_logits(params, X), axis=0))

    def predict() -> float:
        return float(compiled(params, X).block_until_ready()[0, 0])

    return predict


def chain(links: Links) -> Callable[[], float]:
    """The gradient of the chain by x, w and b."""
    jax.config.update("jax_enable_x64", True)
    arrays = [jnp.asarray(array) for array in links.arrays]
    gradient = jax.jit(jax.grad(lambda *xs: links.run(jnp, *xs), (0, 1, 2)))
    return lambda: float(gradient(*arrays)[0].sum())
