"""Values and seeds of the costs, at the ends of their domains too."""

import numpy as np
import pytest

import autograd_core as ag
import nn
from nn import costs


def value_and_seed(cost, A, Y):
    A = ag.tensor(A, requires_grad=True)
    J = cost(A, np.asarray(Y))
    J.backward()
    return J.item(), A.grad


def test_the_loss_is_exactly_zero_or_infinite_at_certain_predictions():
    assert costs.binary_cross_entropy(np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]])) == 0.0
    assert costs.binary_cross_entropy(np.array([[0.0]]), np.array([[1.0]])) == np.inf
    assert costs.cross_entropy(np.array([[1.0], [0.0]]), np.array([[1.0], [0.0]])) == 0.0
    assert costs.cross_entropy(np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]])) == np.inf


def test_a_certain_and_right_prediction_has_a_finite_gradient():
    _, dA = value_and_seed(costs.binary_cross_entropy, np.array([[1.0, 0.0]]), [[1.0, 0.0]])
    np.testing.assert_array_equal(dA, [[-0.5, 0.5]])


@pytest.mark.parametrize("z", [1e4, -1e4, 800.0, 40.0, 0.0])
def test_costs_on_logits_never_overflow(z):
    J, dZ = value_and_seed(costs.sigmoid_cross_entropy, np.array([[z, z]]), [[1.0, 0.0]])
    assert np.isfinite(J)
    assert pytest.approx((max(-z, 0) + max(z, 0)) / 2 + np.log1p(np.exp(-abs(z))), rel=1e-12) == J
    np.testing.assert_allclose(dZ, (ag.sigmoid(np.array([[z, z]])) - [[1.0, 0.0]]) / 2)
    J, dZ = value_and_seed(costs.softmax_cross_entropy, np.array([[z], [0.0]]), [[1.0], [0.0]])
    assert pytest.approx(max(-z, 0) + np.log1p(np.exp(-abs(z))), rel=1e-12) == J
    assert np.isfinite(dZ).all()


@pytest.mark.parametrize(
    ("cost", "activation", "on_logits"),
    [
        (costs.binary_cross_entropy, ag.sigmoid, costs.sigmoid_cross_entropy),
        (costs.cross_entropy, nn.activations.softmax, costs.softmax_cross_entropy),
    ],
)
def test_a_matched_output_and_cost_give_the_seed_a_minus_y_over_m(cost, activation, on_logits):
    rng = np.random.default_rng(0)
    Z, Y = rng.normal(size=(3, 5)), np.eye(3)[:, [0, 1, 2, 0, 1]]
    wanted = (activation(Z) - Y) / 5
    J, dZ = value_and_seed(lambda Z, Y: cost(activation(Z), Y), Z, Y)
    fused, dZ_fused = value_and_seed(on_logits, Z, Y)
    assert pytest.approx(fused, rel=1e-13) == J
    np.testing.assert_allclose(dZ, wanted, rtol=1e-12, atol=1e-16)
    np.testing.assert_allclose(dZ_fused, wanted, rtol=1e-12, atol=1e-16)


def test_softmax_with_targets_that_do_not_sum_to_one_has_the_general_seed():
    rng = np.random.default_rng(1)
    Z, Y = rng.normal(size=(3, 4)), rng.uniform(size=(3, 4))
    A = nn.activations.softmax(Z)
    _, dZ = value_and_seed(costs.softmax_cross_entropy, Z, Y)
    np.testing.assert_allclose(dZ, (A * Y.sum(axis=0) - Y) / 4, rtol=1e-12, atol=1e-16)
    assert np.abs(dZ - (A - Y) / 4).max() > 1e-3


def test_squared_error_is_half_the_mean_squared_distance():
    A, Y = np.array([[1.0, 4.0], [0.0, 2.0]]), np.array([[0.0, 2.0], [0.0, 0.0]])
    J, dA = value_and_seed(costs.squared_error, A, Y)
    assert J == (1 + 4 + 4) / 4
    np.testing.assert_array_equal(dA, (A - Y) / 2)


def test_l2_adds_lambda_over_m_times_w_to_each_weight_gradient():
    net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, 1, rng=1))
    costs.l2(net, 0.7, 10).backward()
    for layer in net.layers:
        np.testing.assert_allclose(layer.W.grad, 0.07 * layer.W.data, rtol=1e-14)
        assert layer.b.grad is None


@pytest.mark.parametrize("name", nn.costs.__all__)
def test_each_cost_passes_gradcheck_to_second_order(name):
    if name == "l2":
        net = nn.Sequential(nn.Dense(2, 3, rng=0))

        def cost(W):
            net.layers[0].W = W
            return costs.l2(net, 0.3, 4)

        report = ag.gradcheck(cost, np.ones((3, 2)), order=2)
    else:
        rng = np.random.default_rng(2)
        A, Y = rng.uniform(0.1, 0.9, (3, 4)), rng.uniform(0.1, 0.9, (3, 4))
        report = ag.gradcheck(getattr(costs, name), [A, Y], order=2)
    assert report, report
