"""Values and seeds of the costs, at the ends of their domains too; reductions and weights of classes."""

import re

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core.wording.errors import NonFiniteError, OptionError
from nn import closed_form, costs
from nn.activations import softmax

EACH = pytest.mark.parametrize("name", costs.COSTS)
CLASSIFYING = ("binary_cross_entropy", "cross_entropy", "sigmoid_cross_entropy", "softmax_cross_entropy")
ON_ROWS = ("cross_entropy", "softmax_cross_entropy")  # a weight for each row; the others, one for 0 and for 1


def value_and_seed(cost, A, Y, **options):
    A = ag.tensor(A, requires_grad=True)
    J = cost(A, np.asarray(Y), **options)
    ag.sum(J).backward()
    return J.data, A.grad


def drawn(rng, n=3, m=5):
    """Predictions and targets strictly between 0 and 1, which every cost takes."""
    return rng.uniform(0.1, 0.9, (n, m)), rng.uniform(0.1, 0.9, (n, m))


# Certain predictions


def test_the_loss_is_exactly_zero_or_infinite_at_certain_predictions():
    assert costs.binary_cross_entropy(np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]])) == 0.0
    assert costs.binary_cross_entropy(np.array([[0.0]]), np.array([[1.0]])) == np.inf
    assert costs.cross_entropy(np.array([[1.0], [0.0]]), np.array([[1.0], [0.0]])) == 0.0
    assert costs.cross_entropy(np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]])) == np.inf


def test_only_the_losses_of_the_wrong_examples_are_infinite():
    A, Y = np.array([[1.0, 0.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 0.0, 1.0]])
    losses = costs.binary_cross_entropy(A, Y, reduction="none")
    np.testing.assert_array_equal(losses, [0.0, 0.0, np.inf, np.inf])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_certain_and_right_prediction_has_finite_derivatives_of_both_orders(dtype):
    A = np.array([[1.0, 0.0]], dtype)
    _, dA = value_and_seed(costs.binary_cross_entropy, A, A)
    np.testing.assert_array_equal(dA, [[-0.5, 0.5]])
    assert np.isfinite(ag.hessian(lambda A: costs.binary_cross_entropy(A, [1, 0]))(A)).all()
    A = np.array([[1.0, 0.0], [0.0, 1.0]], dtype)
    _, dA = value_and_seed(costs.cross_entropy, A, A)
    np.testing.assert_array_equal(dA, [[-0.5, 0.0], [0.0, -0.5]])
    assert np.isfinite(ag.hessian(lambda A: costs.cross_entropy(A, [0, 1]))(A)).all()


def test_a_class_of_no_weight_costs_nothing_however_wrong_it_is():
    A = np.array([[0.0, 0.5], [1.0, 0.5]])
    J, dA = value_and_seed(costs.cross_entropy, A, [0, 1], class_weights=[0, 1])
    assert pytest.approx(np.log(2.0) / 2, rel=1e-15) == J
    assert np.isfinite(dA).all()
    J, dA = value_and_seed(costs.binary_cross_entropy, A[:1], [1, 0], class_weights=(1, 0))
    assert pytest.approx(np.log(2.0) / 2, rel=1e-15) == J
    assert np.isfinite(dA).all()


# Logits


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("z", [1e4, -1e4, 800.0, 40.0, 0.0])
def test_costs_on_logits_never_overflow(z, dtype):
    rtol, atol = 10 * np.finfo(dtype).eps, np.finfo(dtype).eps
    J, dZ = value_and_seed(costs.sigmoid_cross_entropy, np.array([[z, z]], dtype), [1, 0])
    np.testing.assert_allclose(J, abs(z) / 2 + np.log1p(np.exp(-abs(z))), rtol=rtol)
    share = 1 / (1 + np.exp(-abs(z)))
    wanted = np.array([[share - 1, share] if z > 0 else [-share, 1 - share]]) / 2
    np.testing.assert_allclose(dZ, wanted, rtol=rtol, atol=atol)
    J, dZ = value_and_seed(costs.softmax_cross_entropy, np.array([[z], [0.0]], dtype), [0])
    np.testing.assert_allclose(J, max(-z, 0) + np.log1p(np.exp(-abs(z))), rtol=rtol, atol=atol)
    np.testing.assert_allclose(dZ, 2 * wanted[:, [0]] * [[1.0], [-1.0]], rtol=rtol, atol=atol)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("options", [{}, {"class_weights": [2, 3]}, {"reduction": "none"}], ids=str)
@pytest.mark.parametrize("name", ["sigmoid_cross_entropy", "softmax_cross_entropy"])
def test_costs_on_logits_have_finite_derivatives_of_both_orders(name, options, dtype):
    Z = np.array([[1e4, -1e4, 1e4], [-1e4, 1e4, 1e4]], dtype)

    def J(Z):
        return ag.sum(costs.COSTS[name](Z, [0, 0, 1], **options))

    assert J(Z).dtype == dtype
    for derivative in (J(Z), ag.grad(J)(Z), ag.hessian(J)(Z)):
        assert np.isfinite(derivative).all()


def test_probabilities_that_round_to_1_lose_what_logits_keep():
    """Why the costs on logits exist: sigmoid(800) is 1, and the logarithm of the rest is lost."""
    Z = np.array([[800.0]])
    assert costs.binary_cross_entropy(ag.sigmoid(Z), [0]) == np.inf
    assert costs.sigmoid_cross_entropy(Z, [0]) == 800.0


@pytest.mark.parametrize(
    ("cost", "activation", "on_logits"),
    [
        (costs.binary_cross_entropy, ag.sigmoid, costs.sigmoid_cross_entropy),
        (costs.cross_entropy, softmax, costs.softmax_cross_entropy),
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
    A = softmax(Z)
    _, dZ = value_and_seed(costs.softmax_cross_entropy, Z, Y)
    np.testing.assert_allclose(dZ, (A * Y.sum(axis=0) - Y) / 4, rtol=1e-12, atol=1e-16)
    assert np.abs(dZ - (A - Y) / 4).max() > 1e-3


@pytest.mark.parametrize(
    ("activation", "name"),
    [("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy"), ("gelu", "squared_error")],
)
def test_the_cost_that_belongs_to_an_activation_is_in_the_table(activation, name):
    assert costs.matching(activation) == name
    assert costs.COSTS[name].__name__ == name


# Distances


def test_squared_error_is_half_the_mean_squared_distance():
    A, Y = np.array([[1.0, 4.0], [0.0, 2.0]]), np.array([[0.0, 2.0], [0.0, 0.0]])
    J, dA = value_and_seed(costs.squared_error, A, Y)
    assert J == (1 + 4 + 4) / 4
    np.testing.assert_array_equal(dA, (A - Y) / 2)


@pytest.mark.parametrize("delta", [0.5, 1.0, 3.0])
def test_huber_is_squared_error_near_and_a_straight_line_far(delta):
    near, far = np.array([[-0.4, 0.1]]), np.array([[5.0, -7.0]])
    Y = np.zeros((1, 2))
    assert costs.huber(near, Y, delta) == pytest.approx(costs.squared_error(near, Y), rel=1e-15)
    further = far + np.sign(far)
    assert costs.huber(further, Y, delta) - costs.huber(far, Y, delta) == pytest.approx(delta, rel=1e-14)
    _, dA = value_and_seed(lambda A, Y: costs.huber(A, Y, delta), far, Y)
    np.testing.assert_allclose(dA, [[delta / 2, -delta / 2]], rtol=1e-15)


def test_huber_has_one_slope_where_its_two_pieces_meet():
    for e in (1.0, -1.0):
        J, dA = value_and_seed(costs.huber, np.array([[e]]), [[0.0]])
        assert (J, dA) == (0.5, e)


def test_huber_with_a_huge_delta_is_squared_error_and_a_tiny_one_does_not_overflow():
    A, Y = np.array([[1e150, -3.0]]), np.zeros((1, 2))
    assert costs.huber(A, Y, np.inf) == costs.squared_error(A, Y)
    assert costs.huber(np.array([[1e300]]), [[0.0]], 1e-3) == 1e297


@pytest.mark.parametrize("delta", [0.0, -1.0, np.nan])
def test_huber_needs_a_positive_delta(delta):
    with pytest.raises(OptionError, match=r"delta=.*positive"):
        costs.huber(np.ones((1, 2)), np.ones((1, 2)), delta)


# Reductions


@EACH
def test_the_mean_is_the_sum_over_m_and_the_sum_that_of_the_losses(name, rng):
    A, Y = drawn(rng)
    J, total, losses = (costs.COSTS[name](A, Y, reduction=r) for r in ("mean", "sum", "none"))
    assert losses.shape == (5,)
    assert total == pytest.approx(losses.sum(), rel=1e-14)
    assert total / 5 == pytest.approx(J, rel=1e-14)


@EACH
def test_the_losses_are_those_of_the_closed_form_and_of_each_example_alone(name, rng):
    A, Y = drawn(rng)
    losses = costs.COSTS[name](A, Y, reduction="none")
    np.testing.assert_allclose(losses, closed_form.COSTS[name].losses(A, Y), rtol=1e-13)
    alone = [costs.COSTS[name](A[:, [i]], Y[:, [i]]) for i in range(5)]
    np.testing.assert_allclose(losses, alone, rtol=1e-14)


@EACH
def test_the_seed_of_a_sum_is_m_times_that_of_the_mean(name, rng):
    A, Y = drawn(rng)
    _, of_mean = value_and_seed(costs.COSTS[name], A, Y)
    for reduction in ("sum", "none"):
        _, of_sum = value_and_seed(costs.COSTS[name], A, Y, reduction=reduction)
        np.testing.assert_allclose(of_sum, 5 * of_mean, rtol=1e-13)


@EACH
def test_a_scalar_is_named_j_and_the_losses_are_not(name, rng):
    A, Y = drawn(rng)
    A = ag.tensor(A, requires_grad=True, name="A")
    assert [costs.COSTS[name](A, Y, reduction=r).name for r in ("mean", "sum", "none")] == ["J", "J", None]


@EACH
def test_a_misspelt_reduction_is_named_with_the_nearest(name, rng):
    with pytest.raises(OptionError, match=r"unknown reduction 'means'.*did you mean 'mean'"):
        costs.COSTS[name](*drawn(rng), reduction="means")


@EACH
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_a_nan_is_refused_and_the_first_that_holds_one_is_named(name, reduction, rng):
    A, Y = drawn(rng)
    A[1, 2] = np.nan
    with pytest.raises(NonFiniteError, match=re.escape("A[1] of shape (3, 5), at index (1, 2)")):
        costs.COSTS[name](ag.tensor(A, requires_grad=True, name="A[1]"), Y, reduction=reduction)


# Weights of classes


def weights_for(name):
    return [0.5, 3.0, 2.0] if name in ON_ROWS else (0.5, 3.0)


@pytest.mark.parametrize("name", CLASSIFYING)
def test_the_loss_of_an_example_is_multiplied_by_the_weight_of_its_class(name, rng):
    n = 3 if name in ON_ROWS else 1
    A, labels = rng.uniform(0.1, 0.9, (n, 6)), rng.integers(0, max(n, 2), 6)
    plain, weighted = (
        costs.COSTS[name](A, labels, reduction="none", class_weights=w) for w in (None, weights_for(name))
    )
    np.testing.assert_allclose(weighted, np.take(weights_for(name), labels) * plain, rtol=1e-14)


@pytest.mark.parametrize("name", CLASSIFYING)
def test_weights_of_one_change_nothing(name, rng):
    A, Y = drawn(rng)
    ones = np.ones(3) if name in ON_ROWS else (1, np.ones((3, 1)))
    for reduction in ("mean", "sum"):
        J, dA = value_and_seed(costs.COSTS[name], A, Y, reduction=reduction)
        weighted, weighted_dA = value_and_seed(
            costs.COSTS[name], A, Y, reduction=reduction, class_weights=ones
        )
        assert weighted == pytest.approx(J, rel=1e-14)
        np.testing.assert_allclose(weighted_dA, dA, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("name", CLASSIFYING)
def test_weighted_gradients_of_mini_batches_add_up_to_that_of_all_examples(name, rng):
    """Dividing by the sum of the weights instead of m would break this."""
    A, Y = drawn(rng, m=7)
    weights = weights_for(name)
    _, whole = value_and_seed(costs.COSTS[name], A, Y, class_weights=weights)
    parts = [
        value_and_seed(costs.COSTS[name], A[:, batch], Y[:, batch], class_weights=weights)[1] * size / 7
        for batch, size in ((slice(0, 2), 2), (slice(2, 7), 5))
    ]
    np.testing.assert_allclose(np.hstack(parts), whole, rtol=1e-13)


def test_each_label_may_have_weights_of_its_own(rng):
    A, Y = drawn(rng)
    of_1 = np.array([[1.0], [4.0], [0.0]])
    J = costs.binary_cross_entropy(A, Y, class_weights=(2, of_1))
    wanted = -(of_1 * Y * np.log(A) + 2 * (1 - Y) * np.log(1 - A)).sum() / 5
    assert pytest.approx(wanted, rel=1e-14) == J
    Z = np.log(A) - np.log(1 - A)
    assert costs.sigmoid_cross_entropy(Z, Y, class_weights=(2, of_1)) == pytest.approx(J, rel=1e-13)


@pytest.mark.parametrize("name", ON_ROWS)
@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1, 2], "wanted 3 numbers"),
        (2.0, "wanted 3 numbers"),
        ([1, -1, 1], "0 or positive"),
        ([1, np.inf, 1], "finite"),
        ([1, np.nan, 1], "finite"),
        ({0: 1, 1: 2, 2: 3}, "not a number or a sequence"),
        (["a", "b", "c"], "not a number or a sequence"),
    ],
)
def test_weights_that_make_no_sense_for_classes_are_refused(name, weights, words, rng):
    with pytest.raises(OptionError, match=f"class_weights.*{words}"):
        costs.COSTS[name](*drawn(rng), class_weights=weights)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "sigmoid_cross_entropy"])
@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1, 2, 3], "wanted a pair"),
        (2.0, "wanted a pair"),
        ({0: 1, 1: 2}, "wanted a pair"),
        ((1, np.ones(3)), r"column of shape \(3, 1\)"),
        ((1, -2), "0 or positive"),
    ],
)
def test_weights_that_make_no_sense_for_labels_are_refused(name, weights, words, rng):
    with pytest.raises(OptionError, match=f"class_weights.*{words}"):
        costs.COSTS[name](*drawn(rng), class_weights=weights)


# All of them


@EACH
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_each_cost_passes_gradcheck_to_second_order(name, reduction, rng):
    A, Y = drawn(rng, m=4)
    report = ag.gradcheck(lambda A, Y: costs.COSTS[name](A, Y, reduction=reduction), [A, Y], order=2)
    assert report, report


@pytest.mark.parametrize("name", CLASSIFYING)
def test_each_weighted_cost_passes_gradcheck_to_second_order(name, rng):
    weights = weights_for(name)
    cost = costs.COSTS[name]
    report = ag.gradcheck(lambda A, Y: cost(A, Y, class_weights=weights), [*drawn(rng, m=4)], order=2)
    assert report, report


def test_huber_passes_gradcheck_to_second_order_beyond_delta(rng):
    A, Y = drawn(rng, m=4)
    report = ag.gradcheck(lambda A, Y: costs.huber(A, Y, 0.3), [A, Y], order=2)
    assert report, report
    assert (np.abs(A - Y) > 0.3).any()


@EACH
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_float32_stays_float32(name, reduction, rng):
    A, Y = (x.astype(np.float32) for x in drawn(rng))
    options = {"class_weights": weights_for(name)} if name in CLASSIFYING else {}
    for chosen in ({}, options):
        J, dA = value_and_seed(costs.COSTS[name], A, Y, reduction=reduction, **chosen)
        assert J.dtype == dA.dtype == np.float32


# The weight penalty


def test_l2_adds_lambda_over_m_times_w_to_each_weight_gradient():
    net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, 1, rng=1))
    costs.l2(net, 0.7, 10).backward()
    for layer in net.layers:
        np.testing.assert_allclose(layer.W.grad, 0.07 * layer.W.data, rtol=1e-14)
        assert layer.b.grad is None


def test_l2_passes_gradcheck_to_second_order():
    net = nn.Sequential(nn.Dense(2, 3, rng=0))

    def penalty(W):
        net.layers[0].W = W
        return costs.l2(net, 0.3, 4)

    report = ag.gradcheck(penalty, np.ones((3, 2)), order=2)
    assert report, report


@pytest.mark.parametrize(("lam", "m"), [(-0.1, 5), (np.nan, 5), (np.inf, 5), (0.1, 0)])
def test_l2_refuses_what_makes_no_sense(lam, m):
    with pytest.raises(OptionError, match="lam is 0 or positive"):
        costs.l2(nn.Sequential(nn.Dense(2, 1)), lam, m)


def test_numbers_of_numpy_widen_no_float32():
    A = ag.tensor(np.ones((2, 3), np.float32), requires_grad=True)
    assert nn.costs.huber(A, A.data / 2, np.float64(0.1)).dtype == np.float32
    net = nn.Sequential(nn.Dense(2, 1, rng=0, dtype=np.float32))
    assert nn.costs.l2(net, np.float64(0.1), np.int64(3)).dtype == np.float32


@pytest.mark.parametrize("delta", [0.0, -1.0, np.nan, "1", None])
def test_the_bend_of_huber_is_a_positive_number(delta):
    with pytest.raises(OptionError, match=r"delta=.*positive number"):
        nn.costs.huber(np.ones((1, 1)), np.ones((1, 1)), delta)
