"""A claim that is a function is computed at several sizes: right where two are equal may be wrong."""

import numpy as np
import pytest
from mistake_case import drawn

import autograd_core as ag
import nn
from autograd_core.comparisons import compare_functions

RNG = np.random.default_rng(0)


def one_example(activation="softmax"):
    net = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 3, activation, rng=1))
    cost = nn.costs.cross_entropy if activation == "softmax" else nn.costs.binary_cross_entropy
    return cost(net(RNG.normal(size=(4, 1))), np.eye(3)[:, [1]])


def named(diagnosis):
    return diagnosis.name, diagnosis.kind, diagnosis.confidence


def test_a_product_that_is_transposed_on_a_square_net_is_named_without_a_rival():
    net = drawn("Q", 0, 4)
    comparison = ag.compare(net.J, {"dA[2]": lambda v: v["W[3]"] @ v["dZ[3]"]}, notes=nn.NOTES)
    assert named(comparison.diagnosis) == ("dA[2]", "transpose", "certain")
    assert comparison.limits == ()


def test_a_product_that_is_right_of_a_symmetric_matrix_alone_is_found():
    W = RNG.normal(size=(4, 4))
    W, x = ag.tensor(W + W.T, name="W"), ag.tensor(RNG.normal(size=(4, 4)), requires_grad=True, name="x")
    J = ((W @ x) ** 2).sum() / 2
    assert ag.compare(J, {"x": (W @ W @ x).data}, notes=nn.NOTES).ok
    assert ag.compare(J, {"x": lambda v: v["W"].T @ v["W"] @ v["x"]}, notes=nn.NOTES).ok
    assert not ag.compare(J, {"x": lambda v: v["W"] @ v["W"] @ v["x"]}, notes=nn.NOTES).ok


def test_a_sum_that_is_forgotten_at_one_example_is_found():
    J = one_example()
    comparison = ag.compare(J, {"db[1]": lambda v: v["dZ[1]"]}, notes=nn.NOTES)
    assert not comparison.ok
    assert named(comparison.diagnosis) == ("db[1]", "reduction", "certain")
    assert "at the recorded sizes, some of which are equal, both are the same" in str(comparison)
    assert not any("sum over columns" in limit for limit in comparison.limits)
    assert ag.compare(J, {"db[1]": lambda v: v["dZ[1]"].sum(axis=1, keepdims=True)}, notes=nn.NOTES).ok


def test_at_one_example_a_factor_of_1_may_be_the_number_of_examples():
    """Only a cost that can be called anew tells."""
    J = one_example()
    for claim in (lambda v: v["A[2]"] - v["Y"], lambda v: (v["A[2]"] - v["Y"]) / v["Y"].shape[1]):
        comparison = ag.compare(J, {"dZ[2]": claim}, notes=nn.NOTES)
        assert comparison.ok
        assert "X has one column: their number as a factor cannot be seen" in comparison.limits


def test_what_mixes_its_columns_is_given_no_more_of_them():
    x, A = ag.tensor(RNG.normal(size=(4, 1)), name="x"), ag.tensor(np.eye(4), requires_grad=True, name="A")
    assert ag.compare((x.T @ A @ x).sum(), {"A": lambda v: v["x"] @ v["x"].T}, notes=nn.NOTES).ok


@pytest.mark.parametrize(("n", "ok"), [(0, False), (1, True)])
def test_the_size_of_another_axis_in_the_place_of_m_is_found_where_both_are_equal(n, ok):
    net = drawn("Q", 0, 4)
    comparison = ag.compare(
        net.J, {"dZ[3]": lambda v: (v["A[3]"] - v["Y"]) / v["X"].shape[n]}, notes=nn.NOTES
    )
    assert comparison.ok is ok
    if not ok:
        assert named(comparison.diagnosis) == ("dZ[3]", "scale", "certain")
        assert "times m / W[1].shape[1]" in comparison.diagnosis.sentence


def mean_square(W, X, Y):
    return ((W @ X - Y) ** 2).sum() / X.shape[1]


@pytest.mark.parametrize(("n", "ok"), [(0, False), (1, True)])
def test_a_function_is_called_again_at_other_sizes(n, ok):
    square = [RNG.normal(size=(5, 5)) for _ in range(3)]
    comparison = compare_functions(mean_square, lambda W, X, Y: 2 * (W @ X - Y) @ X.T / X.shape[n], *square)
    assert comparison.ok is ok
    assert ok or comparison.diagnosis.kind == "scale"
    assert comparison.limits == ()


def test_a_size_that_is_written_as_a_number_is_no_mistake_and_that_is_said():
    square = [RNG.normal(size=(5, 5)) for _ in range(3)]
    comparison = compare_functions(mean_square, lambda W, X, Y: 2 * (W @ X - Y) @ X.T / 5, *square)
    assert comparison.ok
    assert comparison.limits == ("dW may hold sizes as numbers: only the recorded ones were tried",)


def test_a_function_that_refuses_other_sizes_is_not_asked_again():
    def stubborn(W, X):
        assert W.shape == (5, 5)
        if X.shape != (5, 5):
            raise ValueError("five by five, please")
        return (W @ X).sum()

    comparison = compare_functions(
        stubborn, lambda W, X: np.ones((5, 5)) @ X.T, *[RNG.normal(size=(5, 5)) for _ in range(2)]
    )
    assert comparison.ok
    assert comparison.limits == ("sizes could not be varied: equal ones may stand for one another",)


@pytest.mark.parametrize(
    ("f", "gradient"),
    [
        (ag.linalg.det, lambda A: np.linalg.det(A) * np.linalg.inv(A).T),
        (ag.trace, lambda A: np.eye(len(A))),
        (
            lambda A: ag.linalg.inv(A).sum(),
            lambda A: -(np.linalg.inv(A) @ np.ones(A.shape) @ np.linalg.inv(A)).T,
        ),
        (lambda A: (A * A.T).sum(), lambda A: 2 * A.T),
    ],
)
def test_what_must_be_square_stays_square(f, gradient):
    assert compare_functions(f, gradient, RNG.normal(size=(4, 4)) + 4 * np.eye(4)).ok


def test_examples_of_one_class_are_told_from_others():
    W, X = ag.tensor([[0.3, -0.2, 0.5]], requires_grad=True, name="W"), RNG.normal(size=(3, 6))
    A = ag.sigmoid(W @ ag.tensor(X, name="X"))
    A.name = "A"
    J = nn.costs.binary_cross_entropy(A, np.ones((1, 6)))
    wrong = {"dA": lambda v: -1 / v["A"] / v["A"].shape[1]}
    right = {"dA": lambda v: (-v["Y"] / v["A"] + (1 - v["Y"]) / (1 - v["A"])) / v["A"].shape[1]}
    assert (
        ag.compare(J, {"dA": wrong["dA"]({"A": A.data})}, notes=nn.NOTES)
        .limits[0]
        .startswith("Y is 1 everywhere")
    )
    assert ag.compare(J, right, notes=nn.NOTES).ok
    assert not ag.compare(J, wrong, notes=nn.NOTES).ok


def test_sizes_that_differ_are_not_varied():
    net = drawn("B", 0)
    comparison = ag.compare(net.J, net.formulas, notes=nn.NOTES)
    assert comparison.ok
    assert comparison.limits == ()
