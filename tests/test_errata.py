"""Slips in the notes' formulas, fed to the checker: each fails just where it is wrong; its correction passes.

There are three notes: a summary with one formula for each quantity of a layer, the series whose numbered
equations the closed forms carry, and a walk through a network of two layers with formulas for one example
and for m.
"""

import re

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.graph.node import topological_order
from autograd_core.wording.errors import OptionError, ShapeError
from nn import closed_form, costs

M = 6
LABELS = np.array([[1.0, 0, 0, 1, 0, 1]])
IS_0 = LABELS == 0


def network(*widths, out="sigmoid", seed=0):
    rng = np.random.default_rng(seed)
    names = ["tanh"] * (len(widths) - 2) + [out]
    return nn.Sequential(
        *(nn.Dense(a, b, g, rng=rng) for a, b, g in zip(widths[:-1], widths[1:], names, strict=True))
    )


def examples(n, m=M):
    return ag.tensor(np.random.default_rng(7).normal(size=(n, m)), requires_grad=True, name="A[0]")


def passed(J):
    """Values and true gradients of a pass, by name."""
    values = {node.name: node.value for node in topological_order([J]) if node.name}
    found = reverse_sweep({J: np.ones(())}, keep=True)
    return values | {f"d{node.name}": gradient for node, gradient in found.items() if node.name}


def verdicts(J, claimed):
    return {row.name: row.verdict for row in ag.compare(J, claimed, notes=nn.NOTES).rows}


def wrong_at(J, name, claim):
    """Which entries of one claim are not the derivative; it fails, or the test does."""
    true = passed(J)[f"d{name}"]
    comparison = ag.compare(J, {name: claim}, notes=nn.NOTES)
    assert comparison.first_wrong.verdict == "differs"
    return np.abs(claim - true) > 1e-12


def right(J, **claims):
    comparison = ag.compare(J, claims, notes=nn.NOTES)
    assert comparison, comparison


@pytest.fixture
def A():
    """Predicted probabilities of the examples in LABELS."""
    return ag.tensor(np.random.default_rng(1).uniform(0.1, 0.9, (1, M)), requires_grad=True, name="A")


# The binary loss and its seed


def misprinted_loss(A):
    return -LABELS * ag.log(A) + (1 - LABELS) * ag.log(1 - A)


def test_a_loss_with_the_sign_of_its_second_term_flipped_rewards_mistakes(A):
    """The summary's binary loss: −y log a + (1 − y) log(1 − a), with one minus sign for both terms."""
    ratio = misprinted_loss(A.data)[0] / costs.binary_cross_entropy(A.data, LABELS, reduction="none")
    np.testing.assert_allclose(ratio, np.where(IS_0[0], -1, 1), rtol=1e-14)
    nearly_1 = np.full((1, M), 1 - 1e-12)
    assert misprinted_loss(nearly_1).sum() < -80, "unbounded below: predicting 1 for everything wins"
    mended = ag.sum(-(LABELS * ag.log(A) + (1 - LABELS) * ag.log(1 - A))) / M
    assert mended.item() == pytest.approx(costs.binary_cross_entropy(A, LABELS).item(), rel=1e-14)


def test_a_seed_with_the_sign_of_its_second_term_flipped_is_wrong_where_y_is_0(A):
    """The summary's dA of the binary loss: −(y/a + (1 − y)/(1 − a)), with one minus sign for both terms."""
    a = A.data
    printed = -(LABELS / a + (1 - LABELS) / (1 - a)) / M
    J = costs.binary_cross_entropy(A, LABELS)
    np.testing.assert_array_equal(wrong_at(J, "A", printed), IS_0)
    true = passed(J)["dA"]
    np.testing.assert_allclose(printed, np.where(IS_0, -true, true), rtol=1e-14)
    right(J, A=(-LABELS / a + (1 - LABELS) / (1 - a)) / M)


def test_two_slips_that_agree_with_one_another_are_both_wrong(A):
    """The summary's dA is the exact derivative of its loss: to agree with autodiff proves no cost right."""
    a = A.data
    printed = -(LABELS / a + (1 - LABELS) / (1 - a)) / M
    right(ag.sum(misprinted_loss(A)) / M, A=printed)
    assert not ag.compare(costs.binary_cross_entropy(A, LABELS), {"A": printed}, notes=nn.NOTES)


def test_examples_of_one_class_alone_hide_a_flipped_sign(A):
    """The summary's dA once more: where every label is 1 the wrong term is 0."""
    right(costs.binary_cross_entropy(A, np.ones((1, M))), A=-(1 / A.data) / M)


# The backward pass of a layer


def test_a_weight_gradient_without_its_transpose_does_not_even_conform():
    """The summary's dW = dZ A_prev, where A_prevᵀ is meant."""
    J = costs.squared_error(network(3, 4, 2, out="identity")(examples(3)), np.ones((2, M)))
    q = passed(J)
    with pytest.raises(ValueError, match="matmul"):
        q["dZ[1]"] @ q["A[0]"]
    right(J, **{"dW[1]": q["dZ[1]"] @ q["A[0]"].T})


def test_a_weight_gradient_without_its_transpose_conforms_and_is_wrong_where_n_is_m():
    """The same with as many inputs as examples."""
    J = costs.squared_error(network(M, 4, out="identity")(examples(M)), np.ones((4, M)))
    q = passed(J)
    assert wrong_at(J, "W[1]", q["dZ[1]"] @ q["A[0]"]).all()
    right(J, **{"dW[1]": q["dZ[1]"] @ q["A[0]"].T})


def test_a_bias_gradient_without_its_sum_has_a_column_for_each_example():
    """The summary's db = dz of one example, under a heading that says a batch."""
    J = costs.squared_error(network(3, 4, 2, out="identity")(examples(3)), np.ones((2, M)))
    dZ = passed(J)["dZ[1]"]
    assert verdicts(J, {"db[1]": dZ}) == {"db[1]": "shape"}
    right(J, **{"db[1]": dZ.sum(axis=1, keepdims=True)})


@pytest.mark.parametrize("n", [4, 2])
def test_a_previous_gradient_without_its_transpose_is_wrong(n):
    """The summary's dA_prev = W dZ, where Wᵀ is meant: it conforms for square W only."""
    J = costs.squared_error(network(3, n, 2, out="identity")(examples(3)), np.ones((2, M)))
    q = passed(J)
    if n == 2:
        assert wrong_at(J, "A[1]", q["W[2]"] @ q["dZ[2]"]).all()
    else:
        with pytest.raises(ValueError, match="matmul"):
            q["W[2]"] @ q["dZ[2]"]
    right(J, **{"dA[1]": q["W[2]"].T @ q["dZ[2]"]})


def test_without_any_1_over_m_every_gradient_is_m_times_too_large():
    """The summary's formulas are of one example's loss, though they are said to be of a batch."""
    net, X = network(3, 4, 1), examples(3)
    layers = [closed_form.Layer(layer.W.data, layer.b.data, layer.activation) for layer in net.layers]
    J = costs.binary_cross_entropy(net(X), LABELS)
    claims = closed_form.backward(closed_form.forward(X.data, layers), LABELS, layers, "binary_cross_entropy")
    right(J, **claims)
    too_large = {name: M * claim for name, claim in claims.items()}
    comparison = ag.compare(J, too_large, notes=nn.NOTES)
    assert [row.verdict for row in comparison.rows] == ["differs"] + ["inherited"] * (len(claims) - 1)
    assert comparison.diagnosis.kind == "scale"
    for row in comparison.rows:
        assert row.largest_relative == pytest.approx(1 - 1 / M, rel=1e-9)


def test_a_deferred_1_over_m_is_a_convention_if_the_parameters_are_right():
    """The notes put 1/m into the cost, into dZ of the last layer, or into dW and db: once is right."""
    J = costs.binary_cross_entropy(network(3, 4, 1)(examples(3)), LABELS)
    q = passed(J)
    dZ = q["A[2]"] - LABELS
    claims = {"dZ[2]": dZ, "dW[2]": dZ @ q["A[1]"].T / M, "db[2]": dZ.sum(axis=1, keepdims=True) / M}
    assert verdicts(J, claims) == {"dZ[2]": "convention", "dW[2]": "agrees", "db[2]": "agrees"}
    assert verdicts(J, {"dZ[2]": dZ}) == {"dZ[2]": "differs"}
    assert verdicts(J, {"dZ[2]": dZ / M, "dW[2]": dZ / M @ q["A[1]"].T / M}) == {
        "dZ[2]": "agrees",
        "dW[2]": "differs",
    }


def test_the_diagonal_of_the_jacobian_is_not_enough_for_softmax():
    """The summary's dZ = dA ⊙ g′(Z) for any g, and the series' remark that only ∂a_j/∂z_j is missing."""
    Y = np.eye(3)[:, np.arange(M) % 3]
    J = costs.cross_entropy(network(4, 3, out="softmax")(examples(4)), Y)
    q = passed(J)
    A, dA = q["A[1]"], q["dA[1]"]
    printed = dA * A * (1 - A)
    off_diagonal = -A * ((dA * A).sum(axis=0) - dA * A)  # −a_p a_j for all p ≠ j
    wrong = wrong_at(J, "Z[1]", printed)
    np.testing.assert_array_equal(wrong, Y == 0)  # where y is 1, dA is 0 for all p ≠ j
    right(J, **{"dZ[1]": printed + off_diagonal})


@pytest.mark.parametrize("out", ["sigmoid", "tanh", "gelu"])
def test_the_diagonal_of_the_jacobian_is_enough_entry_by_entry(out):
    """The same formula for activations that work entry by entry."""
    J = costs.squared_error(network(4, 3, out=out)(examples(4)), np.ones((3, M)))
    q = passed(J)
    slope = np.stack([np.diag(closed_form.ACTIVATIONS[out].jacobian(z)) for z in q["Z[1]"].T], axis=1)
    right(J, **{"dZ[1]": q["dA[1]"] * slope})


# Two layers, one example and many


def test_factors_in_the_wrong_order_conform_for_one_output_node_only():
    """The walk's dz of the hidden layer for one example: (dz₂)(W₂)ᵀ ⊙ χ′, where W₂ᵀ dz₂ is meant."""
    for n in (1, 2):
        J = costs.binary_cross_entropy(network(3, 4, n)(examples(3, m=1)), np.ones((n, 1)))
        q = passed(J)
        slope = 1 - q["A[1]"] ** 2
        right(J, **{"dZ[1]": q["W[2]"].T @ q["dZ[2]"] * slope})
        if n == 1:
            right(J, **{"dZ[1]": q["dZ[2]"] * q["W[2]"].T * slope})  # a number times a column
        else:
            with pytest.raises(ValueError, match="matmul"):
                q["dZ[2]"] @ q["W[2]"].T


@pytest.mark.parametrize("m", [1, 2, 3])
def test_a_product_without_brackets_is_right_for_one_example_only(m):
    """The walk's dW of the hidden layer: (W₂ᵀ dz₂) ⊙ χ′ a₀ᵀ, where the matrix product comes last."""
    J = costs.binary_cross_entropy(network(3, 4, 1)(examples(3, m)), LABELS[:, :m])
    q = passed(J)
    back, slope, A_prev = q["W[2]"].T @ q["dZ[2]"], 1 - q["A[1]"] ** 2, q["A[0]"]
    right(J, **{"dW[1]": (back * slope) @ A_prev.T})
    if m == 1:
        right(J, **{"dW[1]": back * (slope @ A_prev.T)})  # by broadcasting a column
    elif m == A_prev.shape[0]:
        assert wrong_at(J, "W[1]", back * (slope @ A_prev.T)).all()
    else:
        with pytest.raises(ValueError, match="broadcast"):
            back * (slope @ A_prev.T)


def misprinted_cost(A):
    return -ag.sum(LABELS * ag.log(A) + (1 - LABELS) * (1 - ag.log(A))) / M


def test_a_cost_with_log_and_one_minus_exchanged_is_found_where_y_is_0():
    """The walk's cost: 1 − log A where log(1 − A) is meant, beside a right dZ = (A − Y)/m."""
    net, X = network(3, 4, 1), examples(3)
    A = net(X)
    seed = {"dZ[2]": (A.data - LABELS) / M}
    printed = misprinted_cost(A)
    np.testing.assert_array_equal(wrong_at(printed, "Z[2]", seed["dZ[2]"]), IS_0)
    right(printed, **{"dZ[2]": (1 - 2 * LABELS) * (1 - A.data) / M})
    assert misprinted_cost(np.full((1, M), 1e-300)) < 0, "unbounded below"
    right(-ag.sum(LABELS * ag.log(A) + (1 - LABELS) * ag.log(1 - A)) / M, **seed)


@pytest.mark.parametrize("n", [1, 3])
def test_a_cost_as_a_matrix_product_is_a_scalar_for_one_output_only(n):
    """The walk's cost as −(1/m)(log A · Yᵀ + …): n × n numbers, of which the trace is meant."""
    A = ag.tensor(np.random.default_rng(2).uniform(0.1, 0.9, (n, M)), requires_grad=True, name="A")
    Y = (np.random.default_rng(3).random((n, M)) < 0.5) * 1.0
    printed = -(ag.log(A) @ Y.T + ag.log(1 - A) @ (1 - Y).T) / M
    wanted = costs.binary_cross_entropy(A, Y)
    assert ag.trace(printed).item() == pytest.approx(wanted.item(), rel=1e-14)
    assert (ag.sum(printed).item() == pytest.approx(wanted.item(), rel=1e-3)) == (n == 1)
    dA = ((1 - Y) / (1 - A.data) - Y / A.data) / M
    right(ag.trace(printed), A=dA)
    if n > 1:
        with pytest.raises(ShapeError, match=r"shape \(3, 3\) is not a scalar"):
            ag.compare(printed, {"A": dA}, notes=nn.NOTES)
        assert not ag.compare(ag.sum(printed), {"A": dA}, notes=nn.NOTES)


def test_a_bias_gradient_with_a_matrix_of_ones_of_the_wrong_size_repeats_its_column():
    """The walk's db = dZ (1_{n×m})ᵀ for any number of layers, where a single row of ones is meant."""
    J = costs.squared_error(network(3, 4, 2, out="identity")(examples(3)), np.ones((2, M)))
    q = passed(J)
    printed = q["dZ[1]"] @ np.ones((4, M)).T
    row = ag.compare(J, {"db[1]": printed}, notes=nn.NOTES).first_wrong
    assert (row.verdict, row.shape, row.claimed_shape) == ("shape", (4, 1), (4, 4))
    np.testing.assert_allclose(printed, np.repeat(q["db[1]"], 4, axis=1), rtol=1e-12)
    right(J, **{"db[1]": q["dZ[1]"] @ np.ones((1, M)).T})


def test_a_loop_down_to_layer_1_asks_for_a_layer_0_that_is_not_there():
    """The walk's loop ends with dZ₀ = (W₁ᵀ dZ₁) ⊙ χ₀′(Z₀), but the inputs have no activation."""
    J = costs.squared_error(network(3, 4, 2, out="identity")(examples(3)), np.ones((2, M)))
    q = passed(J)
    with pytest.raises(OptionError, match=re.escape("unknown tensor 'dZ[0]'")):
        ag.compare(J, {"dZ[0]": q["dA[0]"]}, notes=nn.NOTES)
    right(J, **{"dA[0]": q["W[1]"].T @ q["dZ[1]"]})


def test_the_seed_of_a_matched_pair_is_wrong_for_any_other_output():
    """The walk's general loop starts from dZ = (A − Y)/m, whatever the last activation is."""
    for out, cost, agrees in [
        ("sigmoid", costs.binary_cross_entropy, True),
        ("tanh", costs.squared_error, False),
    ]:
        J = cost(network(3, 4, 1, out=out)(examples(3)), LABELS)
        q = passed(J)
        dZ = (q["A[2]"] - LABELS) / M
        dA = q["W[2]"].T @ dZ
        claims = {"dZ[2]": dZ, "dW[2]": dZ @ q["A[1]"].T, "dA[1]": dA, "dZ[1]": dA * (1 - q["A[1]"] ** 2)}
        comparison = ag.compare(J, claims, notes=nn.NOTES)
        assert bool(comparison) == agrees
        if not agrees:
            assert comparison.first_wrong.name == "dZ[2]"
            assert not any(row.verdict == "agrees" for row in comparison.rows)
            right(J, **{"dZ[2]": dZ * (1 - q["A[2]"] ** 2)})  # what is missing is tanh′


# The numbered equations


def test_a_cost_takes_two_matrices_and_not_two_columns():
    """Equation (9) as printed is a function of 2 n_L numbers, which is the loss of a single example."""
    rng = np.random.default_rng(4)
    A, Y = nn.activations.softmax(rng.normal(size=(3, M))), np.eye(3)[:, np.arange(M) % 3]
    with pytest.raises(ShapeError, match=re.escape("predictions are an array of shape (3,)")):
        costs.cross_entropy(A[:, 0], Y[:, 0])
    losses = costs.cross_entropy(A, Y, reduction="none")
    for i in range(M):
        assert costs.cross_entropy(A[:, [i]], Y[:, [i]]) == pytest.approx(losses[i], rel=1e-14)
    assert costs.cross_entropy(A, Y) == pytest.approx(losses.mean(), rel=1e-14)


def cumulative(Z):
    """An activation whose Jacobian is not symmetric: each row reads those above it."""
    return ag.tanh(np.tril(np.ones((3, 3))) @ Z)


@pytest.mark.parametrize(
    ("g", "symmetric"), [(ag.tanh, True), (nn.activations.softmax, True), (cumulative, False)]
)
def test_a_jacobian_in_the_other_layout_shows_only_if_it_is_not_symmetric(g, symmetric):
    """Equation (18) as printed, dz = (∂a/∂z) da, has ∂a_p/∂z_j in row j, where usual Jacobians have row p."""
    rng = np.random.default_rng(5)
    Z = ag.tensor(rng.normal(size=(3, M)), requires_grad=True, name="Z")
    dA = rng.normal(size=(3, M))
    J = ag.sum(dA * g(Z))
    jacobians = [ag.jacobian(g)(z[:, None])[:, 0, :, 0] for z in Z.data.T]  # [p, j] = ∂a_p/∂z_j
    usual = np.stack([jacobian @ da for jacobian, da in zip(jacobians, dA.T, strict=True)], axis=1)
    assert bool(ag.compare(J, {"dZ": usual}, notes=nn.NOTES)) == symmetric
    right(J, dZ=np.stack([jacobian.T @ da for jacobian, da in zip(jacobians, dA.T, strict=True)], axis=1))


def test_a_sum_over_axis_1_is_a_column_only_if_its_axis_is_kept():
    """Equation (16) as NumPy reads it: sum(axis=1) has the shape (n,), and b is (n, 1)."""
    J = costs.squared_error(network(3, 4, 2, out="identity")(examples(3)), np.ones((2, M)))
    dZ = passed(J)["dZ[1]"]
    assert verdicts(J, {"db[1]": dZ.sum(axis=1)}) == {"db[1]": "shape"}
    right(J, **{"db[1]": dZ.sum(axis=1, keepdims=True)})


def test_a_flat_bias_goes_along_the_wrong_axis_where_n_is_m():
    """Why it matters: a bias of shape (n,) is refused, except where it is added to the wrong axis."""
    rng = np.random.default_rng(6)
    W, b = rng.normal(size=(4, 3)), ag.tensor(rng.normal(size=4), requires_grad=True, name="b")
    with pytest.raises(ShapeError):
        W @ rng.normal(size=(3, 5)) + b
    X = rng.normal(size=(3, 4))
    Z = W @ X + b
    np.testing.assert_array_equal(Z.data, W @ X + b.data[None, :])
    J = costs.squared_error(Z, np.zeros((4, 4)))
    dZ = Z.data / 4
    assert not ag.compare(J, {"db": dZ.sum(axis=1)}, notes=nn.NOTES)
    right(J, db=dZ.sum(axis=0))


def test_a_weight_penalty_is_a_term_that_dz_times_a_transposed_does_not_hold():
    """Equations (13) and (15) assume that W reaches J through Z alone; with L2 it does not."""
    net, lam = network(3, 4, 1), 0.7
    J = costs.binary_cross_entropy(net(examples(3)), LABELS) + costs.l2(net, lam, M)
    q = passed(J)
    for l in (1, 2):
        W, hand = q[f"W[{l}]"], q[f"dZ[{l}]"] @ q[f"A[{l - 1}]"].T
        assert wrong_at(J, f"W[{l}]", hand).all()
        np.testing.assert_allclose(q[f"dW[{l}]"] - hand, lam / M * W, rtol=1e-10)
        right(
            J,
            **{
                f"dW[{l}]": hand + lam / M * W,
                f"db[{l}]": q[f"dZ[{l}]"].sum(axis=1, keepdims=True),
            },
        )
