"""Bad input gets one clear error that names the operation, the tensors and shapes, and changes nothing."""

import re
from dataclasses import dataclass

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core.wording.errors import (
    AutogradError,
    DataError,
    DtypeError,
    GraphError,
    NonFiniteError,
    OptionError,
    ShapeError,
)


@pytest.fixture
def net():
    return nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 3, "softmax", rng=1))


@pytest.fixture
def data():
    return nn.datasets.iris()


def with_entry(X, value, index=(2, 7)):
    X = X.copy()
    X[index] = value
    return X


FIT = {
    "X as rows": (
        lambda X, Y: (X.T, Y),
        ShapeError,
        ["matmul", "W[1] of shape (5, 4)", "X of shape (150, 4)", "did you mean X.T", "(4, 150)"],
    ),
    "too many features": (
        lambda X, Y: (X[[0, 1, 2, 3, 0]], Y),
        ShapeError,
        ["X of shape (5, 150)", "(4, m)"],
    ),
    "X is a vector": (lambda X, Y: (X[:, 0], Y), ShapeError, ["X of shape (4,)", "(4, m)"]),
    "no examples": (lambda X, Y: (X[:, :0], Y[:, :0]), ShapeError, ["X of shape (4, 0)", "m = 0"]),
    "Y as rows": (lambda X, Y: (X, Y.T), ShapeError, ["(150, 3)", "(3, 150)", "did you mean Y.T"]),
    "too few classes": (lambda X, Y: (X, Y[:2]), ShapeError, ["(2, 150)", "3 outputs (classes)", "(3, 150)"]),
    "too few targets": (lambda X, Y: (X, Y[:, :9]), ShapeError, ["(3, 9)", "150 examples"]),
    "NaN in X": (
        lambda X, Y: (with_entry(X, np.nan), Y),
        NonFiniteError,
        ["X of shape (4, 150)", "nan", "row 2", "(column) 7"],
    ),
    "infinity in X": (lambda X, Y: (with_entry(X, -np.inf), Y), NonFiniteError, ["-inf", "row 2"]),
    "NaN in Y": (lambda X, Y: (X, with_entry(Y, np.nan)), NonFiniteError, ["Y", "nan", "(column) 7"]),
    "labels outside": (
        lambda X, Y: (X, with_entry(Y, 2.0)),
        DataError,
        ["Y holds 2.0", "(column) 7", "one_hot"],
    ),
}


@pytest.mark.parametrize("case", FIT)
def test_fit_refuses_bad_data_and_changes_no_parameter(case, net, data):
    spoil, kind, words = FIT[case]
    before = [p.data.copy() for p in net.parameters()]
    with pytest.raises(kind) as caught:
        nn.fit(net, nn.costs.cross_entropy, spoil(*data), epochs=3, progress=False)
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in: {caught.value}"
    for parameter, old in zip(net.parameters(), before, strict=True):
        np.testing.assert_array_equal(parameter.data, old)
        assert parameter.grad is None


@pytest.mark.parametrize("case", ["X as rows", "no examples", "NaN in X"])
def test_a_prediction_refuses_them_too(case, net, data):
    spoil, kind, words = FIT[case]
    with pytest.raises(kind, match=re.escape(words[0])):
        net.predict(spoil(*data)[0])


@pytest.mark.parametrize("case", ["X as rows", "too many features", "X is a vector", "no examples"])
def test_a_recorded_pass_refuses_examples_of_another_shape(case, net, data):
    spoil, kind, words = FIT[case]
    with pytest.raises(kind, match=re.escape(words[0])):
        net(spoil(*data)[0])


def test_the_cost_of_a_recorded_pass_names_a_nan_in_the_data(net, data):
    X, Y = data
    with pytest.raises(
        NonFiniteError, match=re.escape("the first NaN is in X of shape (4, 150), at index (2, 7)")
    ):
        nn.costs.cross_entropy(net(with_entry(X, np.nan)), Y)


def test_large_finite_data_are_no_infinity(net):
    assert np.isfinite(net.predict(np.full((4, 2), 1e200))).all()


@pytest.mark.parametrize("cost", nn.costs.COSTS)
def test_a_cost_refuses_targets_of_another_shape_instead_of_broadcasting(cost):
    cost = getattr(nn.costs, cost)
    A = ag.tensor(np.full((3, 6), 0.5), requires_grad=True, name="A[2]")
    for Y, hint in [
        (np.ones((6, 3)), "did you mean Y.T"),
        (np.ones((2, 6)), "3 classes (rows), the targets 2"),
        (np.ones((3, 1)), "(classes, m)"),
        (np.ones(6), "(classes, m)"),
    ]:
        with pytest.raises(ShapeError, match=re.escape(hint)) as caught:
            cost(A, Y)
        assert "A[2] of shape (3, 6)" in str(caught.value)
        assert str(Y.shape) in str(caught.value)
        assert cost.__name__ in str(caught.value)


def test_a_cost_that_is_nan_names_the_first_nan():
    W = ag.tensor(np.full((2, 2), np.nan), requires_grad=True, name="W[1]")
    with pytest.raises(NonFiniteError, match=re.escape("W[1] of shape (2, 2)")):
        nn.costs.squared_error(W @ np.ones((2, 3)), np.zeros((2, 3)))


def test_an_activation_that_is_misspelt_is_named_with_the_nearest():
    with pytest.raises(OptionError, match=r"unknown activation 'thanh'.*did you mean 'tanh'"):
        nn.Dense(2, 3, "thanh")


def test_an_activation_that_forgets_z_is_refused(data):
    net = nn.Sequential(nn.Dense(4, 3, lambda Z: np.tanh(Z.data), rng=0))
    with pytest.raises(GraphError, match=r"Z\[1\].*bare ndarray.*not with Z.data"):
        net(data[0])


def test_an_activation_that_changes_the_shape_is_refused():
    layer = nn.Dense(2, 3, lambda Z: ag.sum(Z, 0))
    with pytest.raises(ShapeError, match="must keep the shape"):
        layer(ag.tensor(np.ones((2, 4))))


@pytest.mark.parametrize("sizes", [(0, 3), (3, -1), (2.5, 3)])
def test_a_layer_needs_positive_sizes(sizes):
    with pytest.raises(OptionError, match="positive numbers of nodes"):
        nn.Dense(*sizes)


def test_layers_must_fit_one_another():
    with pytest.raises(OptionError, match="layer 1 has 3 nodes, but layer 2 takes 4 in"):
        nn.Sequential(nn.Dense(2, 3), nn.Dense(4, 1))
    with pytest.raises(OptionError, match="at least one layer"):
        nn.Sequential()


@pytest.mark.parametrize("data", [[1, 2], np.array([True])])
def test_integers_cannot_require_a_gradient(data):
    with pytest.raises(DtypeError, match=r"W with requires_grad=True.*floating"):
        ag.tensor(data, requires_grad=True, name="W")


def test_backward_on_a_non_scalar_names_its_shape():
    A = ag.tensor(np.ones((2, 3)), requires_grad=True, name="A")
    with pytest.raises(ShapeError, match=r"shape \(2, 3\) is not a scalar"):
        (A * 2).backward()


def test_every_error_is_also_the_builtin_that_a_caller_expects():
    for kind, builtin in [(ShapeError, ValueError), (DtypeError, TypeError), (DataError, ValueError)]:
        assert issubclass(kind, builtin)
        assert issubclass(kind, AutogradError)


# Data files


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 3], "label 3 of example 1 is outside the 3 classes 0 to 2"),
        ([-1, 0], "label -1 of example 0"),
        ([0.5], "wanted m integers"),
        ([[0]], "shape (1, 1)"),
    ],
)
def test_labels_outside_the_classes_are_refused(labels, words):
    with pytest.raises(DataError, match=re.escape(words)):
        nn.datasets.one_hot(labels, 3)


SETTINGS = {
    "no epoch": ({"epochs": 0}, "epochs=0.*at least 1"),
    "an empty batch": ({"batch_size": 0}, "batch_size=0.*at least 1"),
    "a cost by name": ({"cost": "huber"}, "cost='huber'; wanted a function"),
    "a generator as seed": ({"seed": np.random.default_rng(0)}, "seed=.*whole number"),
    "a penalty in words": ({"lam": "much"}, "lam='much'"),
    "a metric without a list": ({"metrics": nn.accuracy}, r"in metrics=\[nn.accuracy\]"),
    "a metric that is none": ({"metrics": {"hits": 1}}, "metrics: 1 is no function"),
    "metrics of one name": (
        {"metrics": [lambda *_: 1.0, lambda *_: 2.0]},
        "2 of them have 1 names, <lambda>",
    ),
    "a metric that is no number": ({"metrics": [nn.confusion]}, "confusion returned array"),
    "a callback without a list": ({"callbacks": print}, r"in callbacks=\[function\]"),
    "a callback that is none": ({"callbacks": [1]}, "callbacks: 1 is no function"),
    "data alone": ({"data": np.ones((4, 2))}, "ndarray for the data.*pair"),
    "data in three": ({"data": (1, 2, 3)}, "3 parts for the data.*pair"),
    "batches for a rule that takes all": (
        {"optimizer": nn.optimizers.LBFGS(), "batch_size": 7},
        "neither batch_size nor checkpoint",
    ),
}


@pytest.mark.parametrize(("option", "match"), SETTINGS.values(), ids=SETTINGS)
def test_fit_refuses_settings_that_make_no_sense(option, match, net, data):
    settings = {"cost": nn.costs.cross_entropy, "data": data, "epochs": 1, "progress": False}
    with pytest.raises(OptionError, match=match):
        nn.fit(net, **settings | option)


def test_a_search_along_a_line_and_dropout_do_not_go_together(data):
    net = nn.Sequential(nn.Dense(4, 5, rng=0), nn.Dropout(0.5), nn.Dense(5, 3, "softmax", rng=1))
    with pytest.raises(OptionError, match="dropout makes another cost of each"):
        nn.fit(net, nn.costs.cross_entropy, data, nn.optimizers.LBFGS(), progress=False)


def test_a_metric_is_called_before_it_is_one():
    with pytest.raises(OptionError, match=r"Fisher\(\) one of the network"):
        nn.optimizers.GradientFlow(0.1, nn.optimizers.Fisher)


COSTS = {
    "losses": (lambda A, Y: nn.costs.squared_error(A, Y, reduction="none"), ShapeError, "scalar: take .mean"),
    "a matrix": (lambda A, Y: ((A - Y) ** 2).sum(keepdims=True), ShapeError, "scalar"),
    "a bare number": (lambda A, Y: float((A.data - Y).sum()), GraphError, "bare number.*not from A.data"),
}


@pytest.mark.parametrize(("cost", "error", "match"), COSTS.values(), ids=COSTS)
def test_fit_refuses_a_cost_without_a_way_back_and_changes_nothing(cost, error, match, net, data):
    before = net.state_dict()
    with pytest.raises(error, match=f"fit: the cost is .*{match}"):
        nn.fit(net, cost, data, progress=False)
    assert all(np.array_equal(net.state_dict()[name], before[name]) for name in before)


def test_a_rule_that_changes_a_shape_is_refused_and_changes_nothing(net, data):
    @dataclass(frozen=True)
    class Shrinking(nn.optimizers.Optimizer):
        def step(self, W, dW):
            return (W.sum(keepdims=True),)

    before = net.eval().state_dict()
    with pytest.raises(ShapeError, match=r"assign: a value of shape \(1, 1\) for W\[1\]"):
        nn.fit(net, nn.costs.cross_entropy, data, Shrinking(), progress=False)
    assert all(np.array_equal(net.state_dict()[name], before[name]) for name in before)
    assert not net.training


def test_a_table_of_hits_and_misses_refuses_targets_that_are_no_classes(net, data):
    with pytest.raises(DataError, match="confusion: a column of Y is no class"):
        nn.confusion(net, data[0], np.ones((3, 150)))


def test_a_cost_that_becomes_infinite_keeps_the_last_good_parameters(data):
    net = nn.Sequential(nn.Dense(4, 3, rng=0))
    with pytest.raises((NonFiniteError, RuntimeWarning)) as caught, np.errstate(over="ignore"):
        nn.fit(net, nn.costs.squared_error, data, nn.optimizers.GradientDescent(1e60), progress=False)
    assert caught.type is NonFiniteError
    assert all(np.isfinite(p.data).all() for p in net.parameters())


def test_a_learning_rate_must_be_positive():
    for rate in (0.0, -1.0, float("nan")):
        with pytest.raises(OptionError, match="positive"):
            nn.optimizers.GradientDescent(rate)
