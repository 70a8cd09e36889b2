"""The notes on forward and backward propagation for m examples, and for any number of layers."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expit

import autograd_core as ag
import nn
from nn import closed_form as by_hand
from nn.layers.scalars import units

N0, N1, M = 4, 6, 5


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-15)


@pytest.fixture
def net():
    net = nn.Sequential(nn.Dense(N0, N1, "tanh", rng=1), nn.Dense(N1, 1, "sigmoid", rng=2))
    for layer in net.dense:
        layer.b.data = np.random.default_rng(layer.n_in).normal(size=layer.b.shape)
    return net


@pytest.fixture
def X():
    return np.random.default_rng(5).normal(size=(N0, M))


@pytest.fixture
def Y():
    return np.array([[0.0, 1.0, 1.0, 0.0, 1.0]])


def test_all_examples_are_the_columns_of_one_matrix(net, X, Y):
    """X has a column, and Y an entry, for each example; what comes out does as well."""
    together = net.predict(X)
    for i in range(M):
        close(together[:, [i]], net.predict(X[:, [i]]))
    assert (X.shape, Y.shape, together.shape) == ((N0, M), (1, M), (1, M))


def test_forward_in_four_steps(net, X, Y):
    """Z[1] = W[1] X + b[1], A[1] = χ(Z[1]), Z[2] = W[2] A[1] + b[2], A[2] = σ(Z[2]), with their sizes."""
    trace = net.trace(X, Y)
    W1, b1, W2, b2 = (p.data for p in net.parameters())
    Z1 = W1 @ X + b1
    Z2 = W2 @ np.tanh(Z1) + b2
    for name, wanted in {"Z[1]": Z1, "A[1]": np.tanh(Z1), "Z[2]": Z2, "A[2]": expit(Z2)}.items():
        close(trace[name], wanted)
        assert trace[name].shape == (N1 if "1" in name else 1, M)


def test_the_cost_is_the_average_of_the_losses_and_a_matrix_product_in_closed_form(net, X, Y):
    """−(1/m) [log A Yᵀ + log(1 − A) (1 − Y)ᵀ]; for several outputs its trace, not the sum of its entries."""
    losses = [units(net, X[:, i], Y[:, i])["J"].item() for i in range(M)]
    A = net.predict(X)
    J = float(nn.costs.binary_cross_entropy(A, Y))
    close(J, sum(losses) / M)
    close(J, (-(np.log(A) @ Y.T + np.log(1 - A) @ (1 - Y).T) / M).item())
    A, Y = np.random.default_rng(6).uniform(0.1, 0.9, (2, 3, M))
    matrix = -(np.log(A) @ Y.T + np.log(1 - A) @ (1 - Y).T) / M
    close(float(nn.costs.binary_cross_entropy(A, Y)), np.trace(matrix))
    assert abs(matrix.sum() - np.trace(matrix)) > 1


def test_backward_with_m_examples_in_closed_form(net, X, Y):
    """1/m stands in ∇_Z[2] once; biases take the product with a column of ones, a sum over examples."""
    trace = net.trace(X, Y)
    dZ2 = (trace["A[2]"] - Y) / M
    dZ1 = (trace["W[2]"].T @ dZ2) * (1 - np.tanh(trace["Z[1]"]) ** 2)
    ones = np.ones((1, M))
    wanted = {
        "dZ[2]": dZ2, "dW[2]": dZ2 @ trace["A[1]"].T, "db[2]": dZ2 @ ones.T,
        "dZ[1]": dZ1, "dW[1]": dZ1 @ trace["A[0]"].T, "db[1]": dZ1 @ ones.T,
    }  # fmt: skip
    for name, gradient in wanted.items():
        close(trace[name], gradient)
    close(dZ1 @ ones.T, dZ1.sum(axis=1, keepdims=True))
    assert ag.compare(nn.costs.binary_cross_entropy(net(X), Y), wanted)
    late = {**wanted, "dW[1]": wanted["dW[1]"] / M}
    assert ag.compare(nn.costs.binary_cross_entropy(net(X), Y), late).first_wrong.name == "dW[1]"


@pytest.mark.parametrize("L", [1, 2, 3, 5])
@pytest.mark.parametrize(
    ("output", "cost"), [("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")]
)
def test_forward_and_backward_with_any_number_of_layers(L, output, cost):
    """The loops from 1 to L and from L to 1; the way back ends at dA[0], there is no Z[0] to go on with."""
    widths = (*(4, 3, 6, 2, 5)[:L], 3)
    rng = np.random.default_rng(L)
    net = nn.Sequential(
        *(
            nn.Dense(a, b, "tanh" if l < L else output, rng=rng)
            for l, (a, b) in enumerate(pairwise(widths), 1)
        )
    )
    X, Y = rng.normal(size=(4, 7)), np.eye(3)[:, rng.integers(3, size=7)]
    W = [p.data for p in net.weights()]
    A = [X]
    for l in range(1, L + 1):
        Z = W[l - 1] @ A[l - 1] + net.dense[l - 1].b.data
        A.append(np.tanh(Z) if l < L else by_hand.ACTIVATIONS[output].g(Z))
    dZ, claimed = (A[L] - Y) / 7, {}
    for l in range(L, 0, -1):
        claimed |= {f"dZ[{l}]": dZ, f"dW[{l}]": dZ @ A[l - 1].T, f"db[{l}]": dZ @ np.ones((1, 7)).T}
        if l > 1:
            dZ = (W[l - 1].T @ dZ) * (1 - A[l - 1] ** 2)
    trace = net.trace(X, Y, getattr(nn.costs, cost))
    for name, gradient in claimed.items():
        close(trace[name], gradient)
    close(trace["dA[0]"], W[0].T @ dZ)
    assert "Z[0]" not in trace


# Three kinds of products


def test_three_kinds_of_products_are_told_apart():
    """Matrix product, entry by entry, broadcasting: each has its sign, and none passes for another."""
    rng = np.random.default_rng(8)
    n = m = 4  # square, so that the shapes betray nothing
    W, A, b = (
        ag.tensor(rng.normal(size=s), True, name) for s, name in [((n, n), "W"), ((n, m), "A"), ((n, 1), "b")]
    )
    results = {"@": W @ A, "⊙": W * A, "+": A + b}
    assert [out.primitive.notation.symbol for out in results.values()] == list(results)
    dZ = rng.normal(size=(n, m))
    J = ag.sum(dZ * (W @ A + b))
    right = {"dA": W.data.T @ dZ, "db": dZ.sum(axis=1, keepdims=True)}
    assert ag.compare(J, right)
    assert not ag.compare(J, right | {"dA": W.data.T * dZ})
    assert not ag.compare(J, right | {"db": dZ.sum(axis=0, keepdims=True).T})
