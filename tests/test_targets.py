"""Targets as people have them: one-hot columns, shares, class numbers, lists, booleans, tensors."""

import functools
import re

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.wording.errors import DataError, DtypeError, NonFiniteError, ShapeError
from nn import costs
from nn.targets import classifying, targets

ON_CLASSES = [cost for name, cost in costs.COSTS.items() if name not in ("squared_error", "huber")]
classifies = pytest.mark.parametrize("cost", ON_CLASSES, ids=lambda cost: cost.__name__)
each = pytest.mark.parametrize("cost", costs.COSTS.values(), ids=costs.COSTS.keys())
LABELS = np.array([0, 2, 1, 2, 0])
ONE_HOT = np.array([[1.0, 0, 0, 0, 1], [0, 0, 1, 0, 0], [0, 1, 0, 1, 0]])


@pytest.fixture
def A(rng):
    return rng.uniform(0.1, 0.9, (3, 5))


@classifies
@pytest.mark.parametrize(
    "Y",
    [
        LABELS,
        LABELS.astype(np.uint8),
        LABELS[None],
        LABELS.tolist(),
        tuple(LABELS),
        ONE_HOT.astype(int),
        ONE_HOT.astype(bool),
        ONE_HOT.tolist(),
        ag.tensor(ONE_HOT),
        ag.tensor(LABELS),
    ],
    ids=["numbers", "uint8", "row", "list", "tuple", "int", "bool", "lists", "tensor", "tensor of numbers"],
)
def test_a_cost_that_classifies_takes_class_numbers_and_one_hot_columns_alike(cost, Y, A):
    assert cost(A, Y) == cost(A, ONE_HOT)
    recorded = cost(ag.tensor(A, requires_grad=True), Y)
    assert recorded.item() == cost(A, ONE_HOT)
    np.testing.assert_array_equal(targets(cost, Y, 3, 5), ONE_HOT)


@classifies
@pytest.mark.parametrize("Y", [[1, 0, 1], np.array([True, False, True]), [[1, 0, 1]], [[True, False, True]]])
def test_with_one_output_the_classes_are_0_and_1(cost, Y, A):
    wanted = np.array([[1.0, 0.0, 1.0]])
    assert cost(A[:1, :3], Y) == cost(A[:1, :3], wanted)
    np.testing.assert_array_equal(targets(cost, Y, 1, 3), wanted)


@each
def test_targets_may_be_a_tensor_to_differentiate_by(cost, A, rng):
    Y = ag.tensor(rng.uniform(0.1, 0.9, (3, 5)), requires_grad=True, name="T")
    J = cost(A, Y)
    J.backward()
    assert J.name == "J"
    assert Y.grad.shape == (3, 5)


@each
def test_integers_turn_into_the_dtype_of_the_predictions(cost, A):
    for dtype in (np.float32, np.float64):
        assert cost(A.astype(dtype), ONE_HOT.astype(int)).dtype == dtype
        assert targets(cost, ONE_HOT.astype(int), 3, 5, dtype).dtype == dtype


@each
def test_predictions_may_be_a_list(cost, A):
    assert cost(A.tolist(), ONE_HOT.tolist()) == cost(A, ONE_HOT)


def test_targets_are_never_changed(A):
    Y = LABELS.copy()
    costs.cross_entropy(A, Y)
    targets(costs.cross_entropy, Y, 3, 5)
    np.testing.assert_array_equal(Y, LABELS)


# What is refused, by the cost and by the check before training

REFUSED = {
    "a label too large": ([0, 1, 3, 2, 0], DataError, ["class number 3 of example 2", "0 to 2"]),
    "a negative label": ([0, -1, -2, 2, 0], DataError, ["class number -1 of example 1", "and 1 more"]),
    "too few labels": (LABELS[:4], ShapeError, ["(4,)", "4 numbers for 5 examples"]),
    "labels as floats": (LABELS * 1.0, ShapeError, ["(5,)", "(classes, m)", "integers and not float64"]),
    "labels as booleans": (LABELS > 0, ShapeError, ["(5,)", "integers and not bool"]),
    "labels as a column": (LABELS[:, None], ShapeError, ["(5, 1)", "wanted (3, 5)"]),
    "turned": (ONE_HOT.T, ShapeError, ["(5, 3)", "did you mean Y.T"]),
    "a row too few": (ONE_HOT[:2], ShapeError, ["(2, 5)", "3 classes (rows), the targets 2"]),
    "three axes": (ONE_HOT[None], ShapeError, ["(1, 3, 5)", "(classes, m)"]),
    "lists of different lengths": ([[1, 0], [1]], ShapeError, ["no array"]),
    "names": (["a", "b", "a", "c", "a"], DtypeError, ["np.unique(Y, return_inverse=True)"]),
    "nothing": (None, DtypeError, ["object", "real numbers"]),
    "complex numbers": (ONE_HOT * 1j, DtypeError, ["complex128"]),
}


@classifies
@pytest.mark.parametrize("case", REFUSED)
def test_targets_that_fit_nothing_are_refused_by_the_cost_and_before_training(cost, case, A):
    Y, kind, words = REFUSED[case]
    with pytest.raises(kind) as by_cost:
        cost(ag.tensor(A, requires_grad=True, name="A[2]"), Y)
    with pytest.raises(kind) as before:
        targets(cost, Y, 3, 5)
    for word in words:
        assert word in str(by_cost.value)
        assert word in str(before.value)
    assert str(by_cost.value).startswith(f"{cost.__name__}: predictions are A[2] of shape (3, 5)")
    assert str(before.value).startswith("fit: the network has 3 outputs (classes) and X holds 5 examples")


@pytest.mark.parametrize("cost", [costs.squared_error, costs.huber])
@pytest.mark.parametrize(
    ("n", "Y", "hint"),
    [(3, LABELS, "nn.datasets.one_hot(Y, 3)"), (1, LABELS * 0.5, "did you mean Y[None], of shape (1, 5)")],
)
def test_a_cost_of_distances_takes_no_class_numbers_and_spreads_nothing(cost, n, Y, hint, A):
    with pytest.raises(ShapeError, match=re.escape(hint)):
        cost(A[:n], Y)
    with pytest.raises(ShapeError, match=re.escape(hint)):
        targets(cost, Y, n, 5)


def test_with_one_output_any_other_class_is_refused(A):
    with pytest.raises(DataError, match="class number 2 of example 1 in Y is outside the 2 classes 0 to 1"):
        costs.binary_cross_entropy(A[:1], [0, 2, 1, 2, 0])


@each
def test_no_examples_are_refused(cost):
    with pytest.raises(ShapeError, match="no example"):
        cost(np.ones((3, 0)), np.ones((3, 0)))


# Before training only


@each
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_target_that_is_not_finite_is_refused_before_training(cost, bad):
    Y = ONE_HOT.copy()
    Y[1, 3] = bad
    with pytest.raises(NonFiniteError, match=re.escape(f"Y holds {bad} in example (column) 3")):
        targets(cost, Y, 3, 5)


@classifies
@pytest.mark.parametrize("bad", [-0.1, 1.5])
def test_a_cost_that_classifies_wants_targets_from_0_to_1(cost, bad):
    Y = ONE_HOT.copy()
    Y[1, 3] = bad
    with pytest.raises(DataError, match=rf"Y holds {bad} in example \(column\) 3; {cost.__name__} takes"):
        targets(cost, Y, 3, 5)
    assert targets(costs.squared_error, Y, 3, 5) is Y


def test_a_cost_with_options_bound_counts_as_that_cost():
    weighted = functools.partial(costs.cross_entropy, class_weights=[1, 2, 3])
    twice = functools.partial(weighted, reduction="sum")
    np.testing.assert_array_equal(targets(twice, LABELS, 3, 5), ONE_HOT)


def test_a_cost_of_ones_own_takes_class_numbers_if_it_says_so():
    def focal(A, Y):
        return -ag.sum(Y * (1 - A) ** 2 * ag.log(A)) / Y.shape[1]

    with pytest.raises(ShapeError, match="one_hot"):
        targets(focal, LABELS, 3, 5)
    np.testing.assert_array_equal(targets(classifying(focal), LABELS, 3, 5), ONE_HOT)
