"""A test for each numbered equation of the notes: what the engine derives against what is written by hand."""

from itertools import pairwise

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.graph.node import topological_order
from nn import closed_form as by_hand

WIDTHS, M = (4, 5, 3), 7


@pytest.fixture
def net():
    return nn.Sequential(nn.Dense(4, 5, "tanh", rng=1), nn.Dense(5, 3, "softmax", rng=2))


@pytest.fixture
def X():
    return np.random.default_rng(3).normal(size=(WIDTHS[0], M))


@pytest.fixture
def Y():
    return np.eye(WIDTHS[-1])[:, np.arange(M) % WIDTHS[-1]]


@pytest.fixture
def layers(net):
    for layer in net.layers:
        layer.b.data = np.random.default_rng(layer.index).normal(size=layer.b.shape)
    return [by_hand.Layer(layer.W.data, layer.b.data, layer.activation) for layer in net.layers]


def recorded(J):
    """Values and gradients of one pass by name, as the engine has them."""
    J.backward(retain_grads=True)
    nodes = {node.name: node for node in topological_order([J]) if node.name}
    return {name: node.data for name, node in nodes.items()}, {
        f"d{name}": node.grad for name, node in nodes.items() if node.grad is not None
    }


@pytest.fixture
def engine(net, layers, X, Y):
    X = ag.tensor(X, requires_grad=True, name="A[0]")
    return recorded(nn.costs.cross_entropy(net(X), Y))


@pytest.fixture
def values(engine):
    return engine[0]


@pytest.fixture
def gradients(engine):
    return engine[1]


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-15)


both_layers = pytest.mark.parametrize("l", [1, 2])


@both_layers
def test_equation_1_a_node_sums_its_weighted_inputs(values, layers, l):
    close(values[f"Z[{l}]"], by_hand.linear_loops(layers[l - 1].W, values[f"A[{l - 1}]"], layers[l - 1].b))


@both_layers
def test_equation_2_an_activation_reads_its_column_and_no_other(values, layers, l):
    g = by_hand.ACTIVATIONS[layers[l - 1].activation].g
    close(values[f"A[{l}]"], by_hand.activate_columns(g, values[f"Z[{l}]"]))
    Z = ag.tensor(values[f"Z[{l}]"], requires_grad=True)
    seed = np.zeros(Z.shape)
    seed[:, 0] = np.arange(len(seed))  # not all the same: softmax would give 0
    nn.activations.named(layers[l - 1].activation)(Z * Z).backward(seed)
    assert np.abs(Z.grad[:, 0]).max() > 0
    assert not Z.grad[:, 1:].any(), "examples mix"


@both_layers
def test_equation_3_one_example_at_a_time(values, layers, l):
    close(values[f"Z[{l}]"], by_hand.linear_columns(layers[l - 1].W, values[f"A[{l - 1}]"], layers[l - 1].b))


@both_layers
def test_equation_4_the_activation_of_a_vector(net, values, l):
    layer = net.layers[l - 1]
    before = values[f"A[{l - 1}]"]
    for i in range(M):
        close(layer(before[:, [i]]).data[:, 0], values[f"A[{l}]"][:, i])


@both_layers
def test_equation_5_all_nodes_and_examples_with_a_broadcast_bias(values, layers, l):
    close(values[f"Z[{l}]"], by_hand.linear(layers[l - 1].W, values[f"A[{l - 1}]"], layers[l - 1].b))


@both_layers
def test_equation_6_the_activation_of_all_columns(values, layers, l):
    close(values[f"A[{l}]"], by_hand.ACTIVATIONS[layers[l - 1].activation].g(values[f"Z[{l}]"]))


def test_equation_7_the_network_starts_from_the_inputs(values, X):
    np.testing.assert_array_equal(values["A[0]"], X)


def test_equation_8_the_last_activation_is_the_prediction(net, layers, values, X):
    np.testing.assert_array_equal(net(X).data, values["A[2]"])


def test_equation_9_any_function_of_predictions_and_targets_is_a_cost(net, layers, X, Y):
    def f(A, Y):
        return ag.mean((A - Y) ** 4) + ag.max(A)

    J = f(net(X), Y)
    assert J.shape == ()
    report = ag.gradcheck(lambda X: f(net(X), Y), X)
    assert report, report


def test_equations_10_11_and_12_the_chain_rule_sums_over_all_paths():
    """Over u_i = g_i(x), y_k = f_k(u): the engine's Jacobian is the product of the two stages'."""
    A, B = np.random.default_rng(4).normal(size=(2, 3, 3))

    def g(x):
        return ag.tanh(A @ x)

    def f(u):
        return (B @ u) * u

    def jacobian(function, x):
        out, pullback = ag.vjp(function, x)
        return np.stack([pullback(e)[0] for e in np.eye(len(out))])

    x = np.array([0.3, -1.2, 0.7])
    close(jacobian(lambda x: f(g(x)), x), jacobian(f, g(x)) @ jacobian(g, x))


def test_equation_12_a_variable_used_twice_receives_both_paths():
    x = ag.tensor(3.0, requires_grad=True)
    (x * x + x).backward()
    assert x.grad == 7.0


def test_equation_12_each_node_is_visited_once_after_all_its_readers(net, layers, X, Y):
    J = nn.costs.cross_entropy(net(X), Y)
    visited = [node for node in reverse_sweep({J: np.ones(())}, keep=True) if node.primitive]
    assert len(visited) == len(set(visited))
    position = {node: i for i, node in enumerate(visited)}
    for node in visited:
        for x in node.operands():
            assert x not in position or position[x] > position[node]


@both_layers
def test_equation_13_the_weight_gradient_entry_by_entry(values, gradients, l):
    close(gradients[f"dW[{l}]"], by_hand.weight_gradient_loops(gradients[f"dZ[{l}]"], values[f"A[{l - 1}]"]))


@both_layers
def test_equation_14_the_bias_gradient_entry_by_entry(gradients, l):
    close(gradients[f"db[{l}]"], by_hand.bias_gradient_loops(gradients[f"dZ[{l}]"]))


@both_layers
def test_equation_15_the_weight_gradient_is_a_matrix_product(values, gradients, l):
    dZ, A = gradients[f"dZ[{l}]"], values[f"A[{l - 1}]"]
    close(gradients[f"dW[{l}]"], by_hand.weight_gradient(dZ, A))
    close(gradients[f"dW[{l}]"], sum(np.outer(dz, a) for dz, a in zip(dZ.T, A.T, strict=True)))


@both_layers
def test_equation_16_the_bias_gradient_is_a_sum_over_axis_1_and_a_column(gradients, layers, l):
    close(gradients[f"db[{l}]"], by_hand.bias_gradient(gradients[f"dZ[{l}]"]))
    assert gradients[f"db[{l}]"].shape == layers[l - 1].b.shape


def test_equation_16_holds_where_a_wrong_axis_would_fit():
    """With n = m a sum over the wrong axis, or without keepdims, has a shape that broadcasts."""
    b = ag.tensor(np.zeros((4, 1)), requires_grad=True)
    dZ = np.random.default_rng(5).normal(size=(4, 4))
    (np.zeros((4, 4)) + b).backward(dZ)
    close(b.grad, dZ.sum(axis=1, keepdims=True))


def unsymmetric(Z):
    """A vector activation whose Jacobian is neither diagonal nor symmetric."""
    return ag.tanh(np.tril(np.ones((3, 3))) @ Z)


@pytest.mark.parametrize("g", [unsymmetric, ag.tanh, nn.activations.softmax], ids=lambda g: g.__name__)
def test_equations_17_and_18_back_through_an_activation_with_any_jacobian(g):
    rng = np.random.default_rng(6)
    Z, dA = ag.tensor(rng.normal(size=(3, M)), requires_grad=True), rng.normal(size=(3, M))
    g(Z).backward(dA)
    for i in range(M):
        z = Z.data[:, [i]]
        pullback = ag.vjp(g, z)[1]
        jacobian = np.stack([pullback(e[:, None])[0][:, 0] for e in np.eye(3)])  # [p, j] = ∂a_p/∂z_j
        loops = [sum(dA[p, i] * jacobian[p, j] for p in range(3)) for j in range(3)]
        close(Z.grad[:, i], loops)
        close(Z.grad[:, i], jacobian.T @ dA[:, i])


@both_layers
def test_equations_17_and_18_in_the_network(values, gradients, layers, l):
    dA, Z, A = gradients[f"dA[{l}]"], values[f"Z[{l}]"], values[f"A[{l}]"]
    name = layers[l - 1].activation
    close(gradients[f"dZ[{l}]"], by_hand.activation_gradient(name, dA, Z, A))
    close(gradients[f"dZ[{l}]"], by_hand.activation_gradient_columns(name, dA, Z))


@pytest.mark.parametrize("name", ["Z[1]", "Z[2]", "A[1]", "A[2]"])
def test_equations_19_and_20_the_columns_of_a_gradient_are_those_of_its_examples(
    net, layers, X, Y, gradients, name
):
    """Without their 1/m, gradients of one example are the columns of those of all."""
    for i in range(M):
        _, alone = recorded(nn.costs.cross_entropy(net(X[:, [i]]), Y[:, [i]]))
        close(gradients[f"d{name}"][:, [i]], alone[f"d{name}"] / M)


@both_layers
def test_equation_21_the_gradient_of_the_layer_before_entry_by_entry(gradients, layers, l):
    wanted = by_hand.previous_gradient_loops(layers[l - 1].W, gradients[f"dZ[{l}]"])
    close(gradients[f"dA[{l - 1}]"], wanted)


@both_layers
def test_equation_22_the_gradient_of_the_layer_before_is_a_matrix_product(gradients, layers, l):
    close(gradients[f"dA[{l - 1}]"], by_hand.previous_gradient(layers[l - 1].W, gradients[f"dZ[{l}]"]))


def test_the_recurrence_as_a_whole(layers, X, Y, gradients):
    wanted = by_hand.backward(by_hand.forward(X, layers), Y, layers, "cross_entropy")
    assert set(wanted) == set(gradients) - {"dJ"}
    for name, gradient in wanted.items():
        close(gradients[name], gradient)


def test_backward_seeded_at_the_prediction_gives_the_same_parameters(net, layers, X, Y, gradients):
    net.zero_grad()
    A = net(X)
    A.backward(by_hand.COSTS["cross_entropy"].seed(A.data, Y))
    for parameter in net.parameters():
        close(parameter.grad, gradients[f"d{parameter.name}"])


OUTPUTS = {cost: [*by_hand.ACTIVATIONS] for cost in by_hand.COSTS} | {
    "binary_cross_entropy": ["sigmoid", "softmax"],  # the two that take probabilities
    "cross_entropy": ["softmax", "sigmoid"],
}
PAIRS = [
    (hidden, out, cost) for cost, outs in OUTPUTS.items() for out in outs for hidden in by_hand.ACTIVATIONS
]


@pytest.mark.parametrize("data", ["iris", "digits"])
@pytest.mark.parametrize("m", [1, 150])
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-11), (np.float32, 1e-4)], ids=["f8", "f4"])
def test_every_gradient_of_every_pair_agrees_with_the_closed_form(data, m, depth, dtype, tolerance):
    X, Y = getattr(nn.datasets, data)()
    X = nn.datasets.standardized(X, like=X)
    chosen = np.random.default_rng(depth).permutation(X.shape[1])[:m]
    X, Y = X[:, chosen].astype(dtype), Y[:, chosen].astype(dtype)
    widths = (X.shape[0], *(6, 5, 7, 4)[: depth - 1], Y.shape[0])
    for hidden, out, cost in PAIRS:
        rng = np.random.default_rng(7)
        names = [*[hidden] * (depth - 1), out]
        net = nn.Sequential(
            *(
                nn.Dense(a, b, g, rng=rng, dtype=dtype)
                for (a, b), g in zip(pairwise(widths), names, strict=True)
            )
        )
        layers = [by_hand.Layer(layer.W.data, layer.b.data, layer.activation) for layer in net.layers]
        wanted = by_hand.backward(by_hand.forward(X, layers), Y, layers, cost)
        _, found = recorded(getattr(nn.costs, cost)(net(ag.tensor(X, True, "A[0]")), Y))
        for name, gradient in wanted.items():
            assert found[name].dtype == dtype, (name, found[name].dtype)
            scale = max(np.abs(gradient).max(), np.finfo(dtype).tiny)
            if name.startswith("db"):  # a sum of terms that may cancel: held to the size of the terms
                scale = max(scale, np.abs(wanted[name.replace("b", "Z", 1)]).sum(axis=1).max())
            error = np.abs(found[name] - gradient).max() / scale
            assert error <= tolerance, f"{hidden}, {out}, {cost}: {name} is off by {error:.1e}"
