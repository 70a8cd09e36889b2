"""Derivatives that stand in books come out as they stand there: their text, and their numbers."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core.derivations.algebra.terms import value

inv, det, norm = np.linalg.inv, np.linalg.det, np.linalg.norm
COOKBOOK = "Petersen and Pedersen, The Matrix Cookbook, 2012, "


class Identity(NamedTuple):
    """What is differentiated, the gradients as they print, and the same in NumPy."""

    name: str
    source: str
    J: Callable[..., Any]
    printed: str
    wanted: dict[str, Callable[..., Any]]


def softmax(x, axis=0):
    shares = np.exp(x - x.max(axis, keepdims=True))
    return shares / shares.sum(axis, keepdims=True)


def given():
    """Tensors that an identity may use; c, D and t are data, the others are differentiated by."""
    rng = np.random.default_rng(6)
    shapes = {"x": 4, "a": 4, "b": 4, "A": (4, 4), "B": (4, 4), "X": (4, 3), "W": (3, 4)}
    values = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    values["S"] = np.eye(4) * 3 + values["A"] @ values["A"].T  # positive definite
    data = {"c": rng.standard_normal(3), "D": rng.standard_normal((20, 4)), "t": rng.random(20)}
    tensors = {name: ag.tensor(v, requires_grad=True, name=name) for name, v in values.items()}
    return tensors | {name: ag.tensor(v, name=name) for name, v in data.items()}


IDENTITIES = [
    Identity("x · a", COOKBOOK + "(69)", lambda x, a: x @ a, "dx = a\nda = x", {"dx": lambda x, a: a}),
    Identity(
        "aᵀ X b",
        COOKBOOK + "(70)",
        lambda a, B, b: a @ B @ b,
        "dB = a bᵀ",
        {"dB": lambda a, B, b: np.outer(a, b)},
    ),
    Identity(
        "aᵀ Xᵀ b",
        COOKBOOK + "(71)",
        lambda a, B, b: a @ B.T @ b,
        "dB = b aᵀ",
        {"dB": lambda a, B, b: np.outer(b, a)},
    ),
    Identity(
        "aᵀ X a", COOKBOOK + "(72)", lambda a, B: a @ B @ a, "dB = a aᵀ", {"dB": lambda a, B: np.outer(a, a)}
    ),
    Identity(
        "bᵀ Xᵀ X c",
        COOKBOOK + "(77)",
        lambda a, B, b: a @ B.T @ B @ b,
        "dB = B (a bᵀ + b aᵀ)",
        {"dB": lambda a, B, b: B @ (np.outer(a, b) + np.outer(b, a))},
    ),
    Identity(
        "quadratic form",
        COOKBOOK + "(81) and (72)",
        lambda x, A: x @ A @ x,
        "dx = (A + Aᵀ) x\ndA = x xᵀ",
        {"dx": lambda x, A: (A + A.T) @ x, "dA": lambda x, A: np.outer(x, x)},
    ),
    Identity(
        "least squares",
        COOKBOOK + "(84) and (88), with W = I",
        lambda A, x, b: ag.sum((A @ x - b) ** 2),
        "dA = 2 (A x − b) xᵀ\ndx = 2 Aᵀ (A x − b)\ndb = −2 (A x − b)",
        {
            "dA": lambda A, x, b: 2 * np.outer(A @ x - b, x),
            "dx": lambda A, x, b: 2 * A.T @ (A @ x - b),
            "db": lambda A, x, b: -2 * (A @ x - b),
        },
    ),
    Identity(
        "tr X", COOKBOOK + "section 2.5.1", lambda A: ag.trace(A), "dA = I", {"dA": lambda A: np.eye(4)}
    ),
    Identity(
        "tr X A",
        COOKBOOK + "section 2.5.1",
        lambda A, B: ag.trace(B @ A),
        "dB = Aᵀ",
        {"dB": lambda A, B: A.T},
    ),
    Identity(
        "tr A X B",
        COOKBOOK + "section 2.5.1",
        lambda A, X, W: ag.trace(A @ X @ W),
        "dX = Aᵀ Wᵀ",
        {"dX": lambda A, X, W: A.T @ W.T},
    ),
    Identity(
        "tr A Xᵀ B",
        COOKBOOK + "section 2.5.1",
        lambda A, B, S: ag.trace(A @ B.T @ S),
        "dB = S A",
        {"dB": lambda A, B, S: S @ A},
    ),
    Identity(
        "tr X²", COOKBOOK + "section 2.5.2", lambda A: ag.trace(A @ A), "dA = 2 Aᵀ", {"dA": lambda A: 2 * A.T}
    ),
    Identity(
        "tr X² B",
        COOKBOOK + "section 2.5.2",
        lambda A, B: ag.trace(A @ A @ B),
        "dA = Bᵀ Aᵀ + Aᵀ Bᵀ",
        {"dA": lambda A, B: (A @ B + B @ A).T},
    ),
    Identity(
        "tr Xᵀ B X",
        COOKBOOK + "section 2.5.2",
        lambda X, B: ag.trace(X.T @ B @ X),
        "dX = (B + Bᵀ) X",
        {"dX": lambda X, B: B @ X + B.T @ X},
    ),
    Identity(
        "tr X³",
        COOKBOOK + "section 2.5.3",
        lambda A: ag.trace(A @ A @ A),
        "dA = 3 Aᵀ Aᵀ",
        {"dA": lambda A: 3 * (A @ A).T},
    ),
    Identity(
        "‖X‖²",
        COOKBOOK + "section 2.7.1",
        lambda X: ag.linalg.norm(X) ** 2,
        "dX = 2 X",
        {"dX": lambda X: 2 * X},
    ),
    Identity(
        "‖X‖",
        "Magnus and Neudecker, Matrix Differential Calculus, 1999, chapter 9",
        lambda X: ag.linalg.norm(X),
        "dX = X / J",
        {"dX": lambda X: X / norm(X)},
    ),
    Identity(
        "‖x − a‖",
        COOKBOOK + "section 2.6.1",
        lambda x, a: ag.linalg.norm(x - a),
        "dx = (x − a) / J",
        {"dx": lambda x, a: (x - a) / norm(x - a)},
    ),
    Identity(
        "aᵀ X⁻¹ b",
        COOKBOOK + "(61)",
        lambda a, S, b: a @ ag.linalg.inv(S) @ b,
        "dS = −S⁻ᵀ a bᵀ S⁻ᵀ",
        {"dS": lambda a, S, b: -inv(S).T @ np.outer(a, b) @ inv(S).T},
    ),
    Identity(
        "aᵀ X⁻¹ b, as a linear system",
        COOKBOOK + "(61)",
        lambda a, S, b: a @ ag.linalg.solve(S, b),
        "da = S⁻¹ b\ndS = −S⁻ᵀ a bᵀ S⁻ᵀ",
        {"dS": lambda a, S, b: -inv(S).T @ np.outer(a, b) @ inv(S).T},
    ),
    Identity(
        "tr X⁻¹",
        COOKBOOK + "(63), with A = B = I",
        lambda S: ag.trace(ag.linalg.inv(S)),
        "dS = −S⁻ᵀ S⁻ᵀ",
        {"dS": lambda S: -(inv(S) @ inv(S)).T},
    ),
    Identity(
        "det X",
        COOKBOOK + "(49)",
        lambda S: ag.linalg.det(S),
        "dS = cof(S)",
        {"dS": lambda S: det(S) * inv(S).T},
    ),
    Identity(
        "log det X",
        COOKBOOK + "section 2.1.4",
        lambda S: ag.log(ag.linalg.det(S)),
        "dS = S⁻ᵀ",
        {"dS": lambda S: inv(S).T},
    ),
    Identity(
        "log |det X|",
        COOKBOOK + "section 2.1.4",
        lambda S: ag.linalg.slogdet(S)[1],
        "dS = S⁻ᵀ",
        {"dS": lambda S: inv(S).T},
    ),
    Identity(
        "log Σ exp x",
        "Boyd and Vandenberghe, Convex Optimization, 2004, section 3.1.5",
        lambda x: ag.logsumexp(x),
        "dx = softmax(x)",
        {"dx": softmax},
    ),
    Identity(
        "Rayleigh quotient",
        "Horn and Johnson, Matrix Analysis, 2013, section 4.2",
        lambda x, A: (x @ A @ x) / (x @ x),
        "dx = ((A + Aᵀ) x − 2 J x) / (xᵀ x)",
        {"dx": lambda x, A: ((A + A.T) @ x - 2 * (x @ A @ x) / (x @ x) * x) / (x @ x)},
    ),
    Identity(
        "logistic regression",
        "Bishop, Pattern Recognition and Machine Learning, 2006, (4.91)",
        lambda D, x, t: ag.mean(ag.softplus(D @ x) - t * (D @ x)),
        "dx = Dᵀ (σ(D x) − t) / m",
        {"dx": lambda D, x, t: D.T @ (1 / (1 + np.exp(-D @ x)) - t) / 20},
    ),
    Identity(
        "ridge regression",
        "Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, (3.43)",
        lambda D, x, t: ag.sum((t - D @ x) ** 2) + 0.1 * x @ x,
        "dx = 0.2 x − 2 Dᵀ (t − D x)",
        {"dx": lambda D, x, t: 2 * D.T @ (D @ x - t) + 0.2 * x},
    ),
    Identity(
        "softmax regression",
        "Bishop 2006, (4.109)",
        lambda W, a, c: -c @ ag.log_softmax(W @ a),
        "dW = ((Σ c) softmax(W a) − c) aᵀ",
        {"dW": lambda W, a, c: np.outer(softmax(W @ a) * c.sum() - c, a)},
    ),
    Identity(
        "Gaussian log-likelihood",
        COOKBOOK + "(61), (86) and section 2.1.4",
        lambda x, a, S: -((x - a) @ ag.linalg.inv(S) @ (x - a)) / 2 - ag.linalg.slogdet(S)[1] / 2,
        "da = (S⁻¹ + S⁻ᵀ) (x − a) / 2",
        {
            "da": lambda x, a, S: inv(S) @ (x - a),
            "dS": lambda x, a, S: (inv(S) @ np.outer(x - a, x - a) @ inv(S) - inv(S)) / 2,
        },
    ),
    Identity(
        "matrix factorisation",
        "Koren, Bell and Volinsky, Matrix Factorization Techniques, 2009",
        lambda X, W, A: ag.sum((X @ W - A) ** 2) / 2,
        "dX = (X W − A) Wᵀ\ndW = Xᵀ (X W − A)",
        {"dX": lambda X, W, A: (X @ W - A) @ W.T, "dW": lambda X, W, A: X.T @ (X @ W - A)},
    ),
    Identity(
        "an index sum",
        COOKBOOK + "(70) and (69)",
        lambda x, A, b: ag.einsum("i,ij,j", x, A, b),
        "dx = A b\ndA = x bᵀ\ndb = Aᵀ x",
        {"dA": lambda x, A, b: np.outer(x, b), "dx": lambda x, A, b: A @ b},
    ),
    Identity(
        "variance",
        "the definition",
        lambda x: ag.var(x),
        "dx = (x − (Σ x) / n) / 2",
        {"dx": lambda x: (x - x.mean()) / 2},
    ),
]


def derived(J, names):
    """The derivation of a function of some of what is given, and the values of those."""
    tensors = given()
    return ag.derive(J(*(tensors[name] for name in names)), notes=nn.NOTES), [
        tensors[name].value for name in names
    ]


def lines(derivation):
    """What is printed, without the padding."""
    return [re.sub(r" +=", " =", line).rstrip() for line in str(derivation).splitlines()]


@pytest.mark.parametrize("case", IDENTITIES, ids=lambda case: case.name)
def test_a_published_derivative_comes_out_in_print_and_in_numbers(case):
    derivation, values = derived(case.J, [*inspect.signature(case.J).parameters])
    assert set(case.printed.splitlines()) <= set(lines(derivation)), f"{case.source}: {derivation}"
    for name, wanted in case.wanted.items():
        found = value(derivation[name].term, derivation.given)
        np.testing.assert_allclose(found, wanted(*values), rtol=1e-10, atol=1e-12, err_msg=case.source)


def named(name, x):
    x.name = name
    return x


def test_a_recurrent_network_adds_up_what_each_step_does_to_tied_weights():
    """Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 10.2.2."""

    def J(A, x, a, b):
        h = ag.reshape(x, (4, 1))
        for i, u in enumerate((a, b), 1):
            h = named(f"h{i}", ag.tanh(A @ h + ag.reshape(u, (4, 1))))
        return ag.sum(h**2) / 2

    derivation, _ = derived(J, ["A", "x", "a", "b"])
    assert lines(derivation)[:3] == [
        "dh2 = h2",
        "db = h2 ⊙ (1 − h2²)",
        "dh1 = Aᵀ (h2 ⊙ (1 − h2²))",
    ]
    assert derivation["dA"].term.head == "add"


def test_attention_is_a_softmax_between_two_products():
    """Source: Vaswani et al., Attention Is All You Need, 2017, equation (1), by the chain rule."""

    def J(A, B, X):
        S = named("S", A @ B.T / np.sqrt(4.0))
        P = named("P", ag.softmax(S, axis=1))
        return ag.sum((P @ X) ** 2) / 2

    derivation, _ = derived(J, ["A", "B", "X"])
    assert lines(derivation) == [
        "dX = Pᵀ P X",
        "dP = P X Xᵀ",
        "dS = P ⊙ (dP − Σ_axis=1 dP ⊙ P)",
        "dA = dS B / 2",
        "dB = dSᵀ A / 2",
    ]


def test_layer_normalisation_takes_out_the_mean_and_what_is_along_the_result():
    """Source: Ba, Kiros and Hinton, Layer Normalization, 2016, equation (4), by the chain rule."""

    def J(X, A):
        centred = X - ag.mean(X, axis=0, keepdims=True)
        N = named("N", centred / ag.sqrt(ag.mean(centred**2, axis=0, keepdims=True) + 1e-5))
        return ag.sum(N * (A @ N))

    derivation, (X, _) = derived(J, ["X", "A"])
    spread = "√((Σ_axis=0 (X − (Σ_axis=0 X) / n)²) / n + 10⁻⁵)"
    assert lines(derivation)[-1] == f"dX = (dN − (Σ_axis=0 dN ⊙ N) ⊙ N / n − (Σ_axis=0 dN) / n) / {spread}"
    assert derivation.given[derivation.algebra.symbol("n", (), "n")] == len(X)
