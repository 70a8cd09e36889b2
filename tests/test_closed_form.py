"""The oracle itself: each formula written by hand against differences of the function it belongs to."""

import ast
import itertools
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core.wording.errors import OptionError
from nn import closed_form
from nn.closed_form import ACTIVATIONS, COSTS, Layer

STEP = 1e-5


def slopes(f, x):
    """Central differences of f by each entry of x, stacked along a last axis for each axis of x."""
    columns = []
    for index in np.ndindex(x.shape):
        shift = np.zeros(x.shape)
        shift[index] = STEP
        columns.append((f(x + shift) - f(x - shift)) / (2 * STEP))
    return np.stack(columns, axis=-1)


# Activations


def jacobian_is_right(activation, z):
    wanted = slopes(lambda z: activation.g(z[:, None])[:, 0], z)
    return np.allclose(activation.jacobian(z), wanted, rtol=1e-8, atol=1e-9)


@pytest.fixture
def z():
    return np.array([-2.5, -0.7, -0.1, 0.2, 0.9, 3.0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_jacobian_is_that_of_its_activation(name, z):
    activation = ACTIVATIONS[name]
    assert jacobian_is_right(activation, z)
    wrong = activation._replace(jacobian=lambda z: 1.001 * activation.jacobian(z))
    assert not jacobian_is_right(wrong, z)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_backward_pass_of_all_columns_is_that_of_each(name, rng):
    Z, dA = rng.normal(size=(2, 4, 6))
    A = ACTIVATIONS[name].g(Z)
    np.testing.assert_allclose(A, closed_form.activate_columns(ACTIVATIONS[name].g, Z), rtol=1e-15)
    whole = closed_form.activation_gradient(name, dA, Z, A)
    np.testing.assert_allclose(
        whole, closed_form.activation_gradient_columns(name, dA, Z), rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_engine_has_the_same_activation(name, rng):
    Z = rng.normal(size=(4, 6)) * 3
    np.testing.assert_allclose(nn.activations.named(name)(Z), ACTIVATIONS[name].g(Z), rtol=1e-13, atol=1e-16)


def test_there_is_a_closed_form_for_each_activation_and_cost():
    assert set(ACTIVATIONS) == set(nn.activations.ACTIVATIONS)
    assert set(COSTS) == set(nn.costs.COSTS)


def test_gelu_is_z_times_the_normal_distribution_function(z):
    wanted = [x * NormalDist().cdf(x) for x in z]
    np.testing.assert_allclose(ACTIVATIONS["gelu"].g(z), wanted, rtol=1e-13)


@pytest.mark.parametrize(("name", "slope"), [("relu", 0.0), ("leaky_relu", 0.01), ("elu", 1.0)])
def test_at_a_corner_the_slope_from_the_left_is_taken(name, slope):
    assert ACTIVATIONS[name].jacobian(np.zeros(1)) == slope
    assert ag.grad(lambda Z: ag.sum(nn.activations.named(name)(Z)))(np.zeros((1, 1))) == slope


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_written_by_hand_keeps_float32(name, z):
    Z = z[:, None].astype(np.float32)
    A = ACTIVATIONS[name].g(Z)
    assert A.dtype == ACTIVATIONS[name].backward(A, Z, A).dtype == np.float32


# Costs


def seed_is_right(cost, A, Y):
    wanted = slopes(lambda A: cost.losses(A, Y).sum() / Y.shape[1], A)
    return np.allclose(cost.seed(A, Y), wanted.reshape(A.shape), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", COSTS)
def test_each_seed_is_the_derivative_of_its_cost(name, rng):
    A, Y = rng.uniform(0.1, 0.9, (2, 3, 5))
    cost = COSTS[name]
    assert seed_is_right(cost, A, Y)
    assert not seed_is_right(cost._replace(seed=lambda A, Y: 1.001 * cost.seed(A, Y)), A, Y)


def test_the_seed_of_huber_is_right_beyond_its_corner(rng):
    A, Y = 4 * rng.normal(size=(2, 3, 5))
    assert (np.abs(A - Y) > 1).any()
    assert seed_is_right(COSTS["huber"], A, Y)


# The whole network


@pytest.fixture
def network(rng):
    layers = [
        Layer(rng.normal(size=(4, 3)), rng.normal(size=(4, 1)), "tanh"),
        Layer(rng.normal(size=(2, 4)), rng.normal(size=(2, 1)), "softmax"),
    ]
    return rng.normal(size=(3, 5)), np.eye(2)[:, [0, 1, 1, 0, 1]], layers


def test_difference_quotients_agree_with_the_recurrence_for_every_quantity(network):
    X, Y, layers = network
    gradients = closed_form.backward(closed_form.forward(X, layers), Y, layers, "cross_entropy")
    for name, gradient in gradients.items():
        index = tuple(size - 1 for size in gradient.shape)
        slope = closed_form.difference_quotient(X, Y, layers, "cross_entropy", name[1:], index)
        assert slope == pytest.approx(gradient[index], rel=1e-6, abs=closed_form.RESOLUTION), name


def test_a_difference_quotient_at_a_corner_is_nan():
    layers = [Layer(np.ones((1, 1)), np.zeros((1, 1)), "relu")]
    at_corner = closed_form.difference_quotient(
        np.zeros((1, 1)), np.ones((1, 1)), layers, "squared_error", "Z[1]", (0, 0)
    )
    assert np.isnan(at_corner)


def test_a_weight_penalty_adds_its_part_to_dw_and_to_nothing_else(network):
    X, Y, layers = network
    values = closed_form.forward(X, layers)
    plain = closed_form.backward(values, Y, layers, "cross_entropy")
    penalised = closed_form.backward(values, Y, layers, "cross_entropy", lam=0.7)
    for name, gradient in plain.items():
        added = 0.7 / 5 * layers[int(name[3]) - 1].W if name.startswith("dW") else 0.0
        np.testing.assert_allclose(penalised[name], gradient + added, rtol=1e-14)


def test_a_weight_penalty_is_that_of_the_engine(network):
    X, Y, layers = network
    net = nn.Sequential(nn.Dense(3, 4, "tanh"), nn.Dense(4, 2, "softmax"))
    for layer, (W, b, _) in zip(net.layers, layers, strict=True):
        layer.W.data, layer.b.data = W, b
    J = nn.costs.cross_entropy(net(X), Y) + nn.costs.l2(net, 0.7, 5)
    gradients = closed_form.backward(closed_form.forward(X, layers), Y, layers, "cross_entropy", lam=0.7)
    del gradients["dA[0]"]
    assert ag.compare(J, gradients)


def test_dropout_keeps_the_mean_over_all_masks():
    A, keep = np.array([[1.0, -2.0], [3.0, 0.5]]), 0.7
    mean = np.zeros((2, 2))
    for bits in itertools.product([0.0, 1.0], repeat=4):
        R = np.reshape(bits, (2, 2))
        mean += keep ** R.sum() * (1 - keep) ** (4 - R.sum()) * closed_form.dropout(A, R, keep)
    np.testing.assert_allclose(mean, A, rtol=1e-14)


def test_the_gradient_of_dropout_is_that_of_the_engine(rng):
    A, dA_dropped = rng.normal(size=(2, 4, 5))
    R = (rng.random((4, 5)) < 0.7) * 1.0
    _, pullback = ag.vjp(lambda A: closed_form.dropout(A, R, 0.7), A)
    np.testing.assert_allclose(
        closed_form.dropout_gradient(dA_dropped, R, 0.7), pullback(dA_dropped)[0], rtol=1e-15
    )


def test_unknown_names_are_refused_with_the_nearest(network):
    X, Y, layers = network
    with pytest.raises(OptionError, match=r"unknown activation 'thanh'.*did you mean 'tanh'"):
        closed_form.forward(X, [layers[0]._replace(activation="thanh")])
    with pytest.raises(OptionError, match=r"unknown cost 'cross-entropy'.*did you mean 'cross_entropy'"):
        closed_form.backward(closed_form.forward(X, layers), Y, layers, "cross-entropy")


FILES = sorted(Path(closed_form.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_oracle_imports_nothing_of_the_engine_but_its_errors(path):
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module]
        for module in modules:
            engine = module.split(".")[0] == "autograd_core" or module == "nn"
            assert not engine or module == "autograd_core.wording.errors", module
