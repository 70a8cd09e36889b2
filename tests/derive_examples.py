"""Things to derive that are no networks, and all of those in print."""

from __future__ import annotations

import numpy as np
from derive_golden import HIDDEN, PAIRS, derivation

import autograd_core as ag
import nn
from autograd_core.derivations.derivation import derive

rng = np.random.default_rng(0)


def leaf(name, *shape, positive=False):
    values = rng.normal(size=shape)
    return ag.tensor(np.exp(values) if positive else values, requires_grad=True, name=name)


def called(name, x):
    x.name = name
    return x


def quadratic_form():
    x, A = leaf("x", 3), leaf("A", 3, 3)
    return x @ A @ x


def log_determinant():
    return ag.linalg.slogdet(leaf("S", 3, 3, positive=True))[1]


def attention():
    """One head, tokens in rows."""
    Q, K, V = leaf("Q", 4, 3), leaf("K", 4, 3), leaf("V", 4, 2)
    S = called("S", Q @ K.T / np.sqrt(3))
    P = called("P", ag.softmax(S, axis=1))
    O = called("O", P @ V)
    return ag.sum(ag.tanh(O))


def layer_normalisation():
    X, g = leaf("X", 4, 5), leaf("gamma", 4, 1)
    centred = called("C", X - X.mean(axis=0, keepdims=True))
    scale = called("s", ag.sqrt((centred**2).mean(axis=0, keepdims=True) + 1e-5))
    return ag.sum((g * centred / scale) ** 3)


def recurrence(steps=2):
    """A network unrolled with tied weights."""
    W, U, h = leaf("W", 3, 3), leaf("U", 3, 2), leaf("h0", 3, 5)
    for t in range(1, steps + 1):
        h = called(f"h{t}", ag.tanh(W @ h + U @ rng.normal(size=(2, 5))))
    return ag.sum(h**2)


def many_steps():
    """Sums that nobody reads to the end."""
    return recurrence(20)


def least_squares():
    """Examples in rows."""
    X, w = ag.tensor(rng.normal(size=(6, 3)), name="X"), leaf("w", 3)
    return ag.sum((X @ w - rng.normal(size=6)) ** 2) / 12


def hostile_names():
    x, y = leaf("50% of {x}_1 & <b>", 3), leaf("learning rate", 3)
    return ag.sum(x * y / leaf("λ", positive=True) + leaf("loss", 3))


def many_functions():
    x, y = leaf("x", 3, 4, positive=True), leaf("y", 3, 4, positive=True)
    z = ag.maximum(ag.log1p(x), y) ** 1.5 + ag.logsumexp(x, axis=1, keepdims=True) + ag.erf(x / 7)
    return ag.mean(ag.where(ag.greater(x, y), z, ag.sqrt(x * y)) / ag.arctan2(x, y)) + 1e-7 * ag.sum(x)


EXAMPLES = [
    quadratic_form,
    log_determinant,
    attention,
    layer_normalisation,
    recurrence,
    many_steps,
    least_squares,
    hostile_names,
    many_functions,
]


def derivations():
    """Networks of every activation and cost, and the examples, by matrices and entry by entry."""
    for options in ({}, {"detail": "full"}, {"detail": "scalar"}):
        for g in HIDDEN:
            yield derivation([g, "sigmoid"], "binary_cross_entropy", **options)
        for output, cost in PAIRS:
            yield derivation([output], cost, **options)
        for example in EXAMPLES:
            yield derive(example(), **options, notes=nn.NOTES)
