"""The table of a comparison."""

import re

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core.graph.node import topological_order


@pytest.fixture
def net():
    return nn.Sequential(nn.Dense(3, 4, "tanh", rng=0), nn.Dense(4, 2, "softmax", rng=1))


@pytest.fixture
def J(net):
    X = np.random.default_rng(2).normal(size=(3, 5))
    return nn.costs.cross_entropy(net(X), np.eye(2)[:, [0, 1, 1, 0, 1]])


@pytest.fixture
def claimed(net, J):
    layers = [nn.closed_form.Layer(l.W.data, l.b.data, l.activation) for l in net.layers]
    nodes = {node.name: node.value for node in topological_order([J]) if node.name}
    gradients = nn.closed_form.backward(
        nn.closed_form.forward(nodes["X"], layers), nodes["Y"], layers, "cross_entropy"
    )
    del gradients["dA[0]"]
    return gradients


def test_right_gradients_agree_in_backward_order(J, claimed):
    comparison = ag.compare(J, dict(reversed(claimed.items())))
    assert comparison
    assert comparison.ok
    assert comparison.first_wrong is None
    names = [row.name for row in comparison.rows]
    assert names == ["dA[2]", "dZ[2]", "db[2]", "dA[1]", "dW[2]", "dZ[1]", "db[1]", "dW[1]"] or set(
        names
    ) == set(claimed)
    assert names.index("dZ[2]") < names.index("dW[2]") < names.index("dZ[1]") < names.index("dW[1]")
    assert max(row.largest_relative for row in comparison.rows) < 1e-13
    comparison.raise_if_wrong()


def test_keys_may_be_tensors_or_names_with_and_without_d(J, net, claimed):
    for key in (net.layers[0].W, "W[1]", "dW[1]"):
        comparison = ag.compare(J, {key: claimed["dW[1]"]})
        assert comparison.ok
        assert comparison.rows[0].name == "dW[1]"


def test_a_wrong_entry_is_found_with_its_place(J, claimed):
    claimed["dW[1]"] = claimed["dW[1]"].copy()
    claimed["dW[1]"][2, 1] += 0.5
    comparison = ag.compare(J, claimed)
    assert not comparison
    row = comparison.first_wrong
    assert (row.name, row.worst, row.verdict) == ("dW[1]", (2, 1), "differs")
    assert row.largest_absolute == pytest.approx(0.5)
    assert re.search(r"dW\[1\].*5\.00e-01.*\[2, 1\].*differs", str(comparison))
    with pytest.raises(AssertionError, match="differs"):
        comparison.raise_if_wrong()


def test_a_factor_of_a_thousandth_is_noticed(J, claimed):
    for name in claimed:
        assert not ag.compare(J, {name: claimed[name] * 1.001}).ok, name


def test_the_first_wrong_one_in_backward_order_comes_first(J, claimed):
    wrong = {name: 2 * gradient for name, gradient in claimed.items() if name not in ("dA[2]", "dZ[2]")}
    assert ag.compare(J, claimed | wrong).first_wrong.name in ("dW[2]", "db[2]", "dA[1]")


def test_a_wrong_shape_is_said(J, claimed):
    row = ag.compare(J, {"dW[1]": claimed["dW[1]"].T}).first_wrong
    assert (row.verdict, row.shape, row.claimed_shape) == ("shape", (4, 3), (3, 4))
    assert "wrong shape: (3, 4)" in str(ag.compare(J, {"dW[1]": claimed["dW[1]"].T}))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_claim_that_is_not_finite_never_agrees(J, claimed, bad):
    claimed["db[1]"] = claimed["db[1]"].copy()
    claimed["db[1]"][0, 0] = bad
    with np.errstate(invalid="ignore"):
        assert not ag.compare(J, {"db[1]": claimed["db[1]"]}).ok


def test_float32_claims_are_held_to_float32(J, claimed):
    assert ag.compare(J, {"dW[1]": claimed["dW[1]"].astype(np.float32)}).ok


def test_comparing_changes_no_gradient(J, net, claimed):
    ag.compare(J, claimed)
    assert all(p.grad is None for p in net.parameters())


def test_a_name_that_is_not_there_is_an_error_with_the_nearest(J):
    with pytest.raises(ag.OptionError, match=re.escape("unknown tensor 'dW[3]'")):
        ag.compare(J, {"dW[3]": np.ones((2, 2))})


def test_no_derivative_by_a_constant(J):
    with pytest.raises(ag.GraphError, match=r"no derivative flows.*X"):
        ag.compare(J, {"dX": np.ones((3, 5))})


def test_only_scalars_are_compared(net):
    with pytest.raises(ag.ShapeError, match="is not a scalar"):
        ag.compare(net(np.ones((3, 2))), {})
    with pytest.raises(ag.GraphError, match="requires_grad"):
        ag.compare(ag.tensor(1.0), {})
