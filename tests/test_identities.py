"""What holds for the gradients of any dense network and needs no other gradient to be checked against.

Each identity is a function that says whether it holds; it is held against what the engine finds for seven
networks, and against wrong formulas that it must refuse.
"""

from itertools import pairwise

import numpy as np
import pytest

import autograd_core as ag
import nn


def unsymmetric(Z):
    """A column function whose Jacobian is neither diagonal nor symmetric."""
    return ag.tanh(np.tril(np.ones((len(Z), len(Z)))) @ Z)


def fourth_power(A, Y):
    """A cost that belongs to no output."""
    return ag.sum((A - Y) ** 4) / Y.shape[1]


NETS = {  # widths, hidden and output activation, cost, examples
    "one layer": ((4, 3), "tanh", "softmax", nn.costs.cross_entropy, 5),
    "two layers": ((4, 5, 3), "tanh", "softmax", nn.costs.cross_entropy, 7),
    "deep": ((3, 6, 2, 5, 4), "relu", "softmax", fourth_power, 8),
    "square": ((4, 4, 4), "sigmoid", "softmax", nn.costs.cross_entropy, 4),
    "multi-label": ((4, 6, 3), "tanh", "sigmoid", nn.costs.binary_cross_entropy, 5),
    "regression": ((2, 7, 3), "softplus", "identity", nn.costs.squared_error, 6),
    "columns": ((4, 3, 3), unsymmetric, unsymmetric, fourth_power, 5),
}
every_net = pytest.mark.parametrize("kind", NETS)


def built(kind):
    widths, hidden, output, cost, m = NETS[kind]
    rng = np.random.default_rng(len(kind))
    L = len(widths) - 1
    net = nn.Sequential(
        *(
            nn.Dense(a, b, hidden if l < L else output, rng=rng)
            for l, (a, b) in enumerate(pairwise(widths), 1)
        )
    )
    for layer in net.dense:
        layer.b.data = 0.3 * rng.normal(size=layer.b.shape)
    X, Y = rng.normal(size=(widths[0], m)), np.eye(widths[-1])[:, rng.integers(widths[-1], size=m)]
    return net, X, Y, cost


def traced(kind):
    net, X, Y, cost = built(kind)
    return dict(net.trace(X, Y, cost))


def agree(*values):
    return all(np.allclose(value, values[0], rtol=1e-9, atol=1e-14) for value in values)


# ⟨W, dW⟩ = ⟨Z − b, dZ⟩ = ⟨A[l-1], dA[l-1]⟩


def inner_products_agree(q, l):
    pairs = [
        (q[f"W[{l}]"], q[f"dW[{l}]"]),
        (q[f"Z[{l}]"] - q[f"b[{l}]"], q[f"dZ[{l}]"]),
        (q[f"A[{l - 1}]"], q[f"dA[{l - 1}]"]),
    ]
    return agree(*(np.vdot(value, gradient) for value, gradient in pairs))


@every_net
def test_a_layer_is_bilinear_so_three_inner_products_agree(kind):
    q = traced(kind)
    for l in range(1, len(NETS[kind][0])):
        assert inner_products_agree(q, l)


@every_net
def test_the_inner_products_refuse_a_factor_m_and_a_penalty(kind):
    q = traced(kind)
    m = q["A[0]"].shape[1]
    assert not inner_products_agree({**q, "dW[1]": q["dW[1]"] * m}, 1)
    assert not inner_products_agree({**q, "dZ[1]": q["dZ[1]"] / m}, 1)
    assert not inner_products_agree({**q, "dW[1]": q["dW[1]"] + 0.1 / m * q["W[1]"]}, 1)


def test_the_inner_products_refuse_a_transpose_where_shapes_cannot():
    """In the square network W dZ and dZ A have the right shapes."""
    q = traced("square")
    for l in (1, 2):
        dZ = q[f"dZ[{l}]"]
        assert not inner_products_agree({**q, f"dA[{l - 1}]": q[f"W[{l}]"] @ dZ}, l)
        assert not inner_products_agree({**q, f"dW[{l}]": q[f"A[{l - 1}]"] @ dZ.T}, l)
        assert not inner_products_agree({**q, f"dW[{l}]": dZ @ q[f"A[{l - 1}]"]}, l)


# A gradient has the shape of what it is the derivative by


def shapes_agree(q):
    return all(gradient.shape == q[name[1:]].shape for name, gradient in q.items() if name.startswith("d"))


@every_net
def test_each_gradient_has_the_shape_of_its_quantity(kind):
    assert shapes_agree(traced(kind))


@every_net
def test_the_shapes_refuse_a_sum_without_keepdims_and_one_left_out(kind):
    q = traced(kind)
    assert not shapes_agree({**q, "db[1]": q["dZ[1]"].sum(axis=1)})
    assert not shapes_agree({**q, "db[1]": q["dZ[1]"]})


# Every example twice changes nothing


def factor_of_doubling(cost, kind):
    """How much longer the gradient of W[1] becomes when each example is there twice."""
    net, X, Y, _ = built(kind)
    once = net.trace(X, Y, cost)["dW[1]"]
    twice = net.trace(np.hstack([X, X]), np.hstack([Y, Y]), cost)["dW[1]"]
    scale = np.vdot(twice, once) / np.vdot(once, once)
    assert agree(twice, scale * once)
    return scale


@every_net
def test_each_example_twice_changes_no_gradient_of_a_parameter(kind):
    net, X, Y, cost = built(kind)
    once, twice = net.trace(X, Y, cost), net.trace(np.hstack([X, X]), np.hstack([Y, Y]), cost)
    assert all(agree(twice[f"d{p.name}"], once[f"d{p.name}"]) for p in net.parameters())
    assert factor_of_doubling(cost, kind) == pytest.approx(1, rel=1e-9)


@every_net
def test_the_factor_of_doubling_tells_a_missing_1_over_m_from_one_too_many(kind):
    cost = NETS[kind][3]
    assert factor_of_doubling(lambda A, Y: cost(A, Y) * Y.shape[1], kind) == pytest.approx(2, rel=1e-9)
    assert factor_of_doubling(lambda A, Y: cost(A, Y) / Y.shape[1], kind) == pytest.approx(0.5, rel=1e-9)


def test_with_a_penalty_lambda_must_be_doubled_with_the_examples():
    net, X, Y, cost = built("two layers")

    def gradient(times, lam):
        X_, Y_ = np.hstack([X] * times), np.hstack([Y] * times)
        return net.trace(X_, Y_, lambda A, Y: cost(A, Y) + nn.costs.l2(net, lam, Y.shape[1]))["dW[1]"]

    assert agree(gradient(2, 1.0), gradient(1, 0.5))
    assert agree(gradient(2, 2.0), gradient(1, 1.0))
    assert not agree(gradient(2, 1.0), gradient(1, 1.0))


# The backward pass is linear in what it is seeded with


def swept(net, X, seed):
    net.zero_grad()
    net(X).backward(seed)
    return [p.grad for p in net.parameters()]


def is_linear(net, X):
    rng = np.random.default_rng(0)
    s, t = rng.normal(size=(2, *net(X).shape))
    sums = zip(swept(net, X, s), swept(net, X, t), strict=True)
    return all(agree(2 * a - 3 * b, c) for (a, b), c in zip(sums, swept(net, X, 2 * s - 3 * t), strict=True))


@every_net
def test_backward_is_linear_in_its_seed(kind):
    net, X, _, _ = built(kind)
    assert is_linear(net, X)


def test_linearity_refuses_a_rule_that_is_not(registry):
    @ag.primitive(vjps=[lambda ct, _out, _Z: ct * abs(ct)], jvps=[None])
    def crooked(Z):
        return 1.0 * Z

    assert not is_linear(nn.Sequential(nn.Dense(3, 2, crooked, rng=0)), np.ones((3, 4)))


# Behind a softmax the columns of dZ sum to 0


def columns_cancel(dZ):
    return np.allclose(dZ.sum(axis=0), 0, atol=1e-13)


@pytest.mark.parametrize("cost", [nn.costs.cross_entropy, nn.costs.squared_error, fourth_power])
@pytest.mark.parametrize("kind", ["one layer", "two layers", "deep", "square"])
def test_behind_a_softmax_the_columns_of_dz_sum_to_zero_for_any_cost(kind, cost):
    net, X, Y, _ = built(kind)
    assert columns_cancel(net.trace(X, Y, cost)[f"dZ[{len(net.dense)}]"])


def test_the_columns_refuse_the_diagonal_of_the_jacobian_and_a_seed_for_other_targets():
    net, X, Y, _ = built("one layer")
    q = net.trace(X, Y)
    assert not columns_cancel(q["dA[1]"] * q["A[1]"] * (1 - q["A[1]"]))
    assert not columns_cancel((q["A[1]"] - 0.5 * Y) / Y.shape[1])
    net, X, Y, cost = built("multi-label")
    assert not columns_cancel(net.trace(X, Y, cost)["dZ[2]"]), "a sigmoid output is another matter"


# What is permuted forward is permuted backward


@pytest.mark.parametrize(
    "kind", [kind for kind, net in NETS.items() if len(net[0]) > 2 and net[1] is not unsymmetric]
)
def test_permuting_hidden_units_permutes_their_gradients_and_leaves_the_others(kind):
    net, X, Y, cost = built(kind)
    before = net.trace(X, Y, cost)
    order = np.roll(np.arange(net.widths[1]), 1)
    first, second = net.dense[:2]
    first.W.data, first.b.data, second.W.data = (
        first.W.data[order],
        first.b.data[order],
        second.W.data[:, order],
    )
    after = net.trace(X, Y, cost)
    for name in ("dW[1]", "db[1]", "dZ[1]", "dA[1]"):
        assert agree(after[name], before[name][order])
        assert not agree(after[name], before[name])
    assert agree(after["dW[2]"], before["dW[2]"][:, order])
    for name in ("db[2]", "dZ[2]", "dA[0]"):
        assert agree(after[name], before[name])


def test_units_of_a_function_of_the_whole_column_may_not_be_permuted():
    net, X, Y, cost = built("columns")
    before = net.trace(X, Y, cost)
    first, second = net.dense
    order = [2, 0, 1]
    first.W.data, first.b.data, second.W.data = (
        first.W.data[order],
        first.b.data[order],
        second.W.data[:, order],
    )
    assert not agree(net.trace(X, Y, cost)["dW[1]"], before["dW[1]"][order])


@every_net
def test_permuting_examples_permutes_columns_and_leaves_the_parameters_gradients(kind):
    net, X, Y, cost = built(kind)
    before = net.trace(X, Y, cost)
    order = np.roll(np.arange(X.shape[1]), 2)
    after = net.trace(X[:, order], Y[:, order], cost)
    for name, gradient in before.backward.items():
        wanted = gradient if name[1] in "Wb" else gradient[:, order]
        assert agree(after[name], wanted)
    assert not agree(net.trace(X[:, order], Y, cost)["dW[1]"], before["dW[1]"]), "targets must follow"


# A bias is the weight of an input that is always 1


@every_net
def test_the_gradient_of_a_bias_is_the_column_of_dw_that_belongs_to_a_constant_input(kind):
    net, X, Y, cost = built(kind)
    q = net.trace(X, Y, cost)
    first, *rest = net.dense
    g = NETS[kind][1] if rest else NETS[kind][2]
    wide = nn.Dense(first.n_in + 1, first.n_out, g, bias=False)
    wide.W.data = np.hstack([first.W.data, first.b.data])
    augmented = nn.Sequential(wide, *rest).trace(np.vstack([X, np.ones((1, X.shape[1]))]), Y, cost)
    assert agree(augmented["J"], q["J"])
    assert agree(augmented["dW[1]"], np.hstack([q["dW[1]"], q["db[1]"]]))
    mean = q["dZ[1]"].mean(axis=1, keepdims=True)
    assert not agree(augmented["dW[1]"][:, [-1]], mean)
