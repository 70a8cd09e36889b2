"""What users of autodiff engines trip over, where no other test is about it; see docs/pitfalls.md."""

from __future__ import annotations

import operator
import sys
import weakref
from collections import Counter

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core import NonFiniteError, ShapeError, Tensor
from autograd_core.graph.node import ancestors

# Losing or doubling a derivative


def test_a_running_sum_by_augmented_assignment_keeps_every_gradient(rng):
    xs = [Tensor(rng.standard_normal(3), requires_grad=True) for _ in range(4)]
    total = Tensor(np.zeros(3))
    partial = []
    for i, x in enumerate(xs):
        total += x * (i + 1.0)
        partial.append(total)
    (total * total).sum().backward()
    for i, x in enumerate(xs):
        np.testing.assert_allclose(x.grad, 2 * total.data * (i + 1), rtol=1e-15)
    assert len({id(t) for t in partial}) == 4  # each step has bound the name to another tensor


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "pow", "matmul"])
def test_an_augmented_assignment_differentiates_what_the_plain_one_does(name, rng):
    augmented, plain = getattr(operator, f"i{name}"), getattr(operator, name)
    a, b = rng.uniform(1, 2, (2, 3, 3))
    found, wanted = (
        ag.grad(lambda a, b, op=op: (op(a, b) * a).sum(), (0, 1))(a, b) for op in (augmented, plain)
    )
    np.testing.assert_array_equal(found, wanted)


def test_a_second_sweep_through_a_shared_part_counts_nothing_twice(rng):
    """Two costs of one hidden tensor, one after the other, and both at once."""
    W, data = Tensor(rng.standard_normal((3, 3)), requires_grad=True), rng.standard_normal(3)
    hidden = ag.tanh(W @ data)
    first, second = (hidden * hidden).sum(), hidden.sum()
    first.backward()
    second.backward()
    apart = W.grad
    W.zero_grad()
    (first + second).backward()
    np.testing.assert_allclose(apart, W.grad, rtol=1e-12)


def test_a_node_reached_by_a_long_way_and_a_short_way_is_finished_before_it_is_passed_on():
    """Where a recursion without order would pass a part of the derivative on, and then the whole."""
    x = Tensor(2.0, requires_grad=True)
    a = x * 3.0
    long = ag.exp(a * 0.0) * a * a
    (a + long).backward()
    assert x.grad == 3.0 * (1.0 + 2.0 * 6.0)


def test_an_entry_that_is_picked_often_receives_every_cotangent(rng):
    x, weights = np.arange(4.0), rng.standard_normal(6)
    positions = np.array([0, 2, 2, 2, -1, 0])
    found = ag.grad(lambda x: (x[positions] * weights).sum())(x)
    wanted = np.bincount(positions % 4, weights, minlength=4)
    np.testing.assert_allclose(found, wanted, rtol=1e-15)
    np.testing.assert_array_equal(ag.grad(lambda x: np.take(x, positions) @ weights)(x), found)


def test_the_gradient_of_a_sum_of_shares_is_0_and_of_the_shares_an_error():
    """They sum to 1 whatever x is; what was meant is the gradient of one share, or the Jacobian."""
    x = np.array([0.1, 0.7, -0.4])
    A = ag.softmax(x)
    np.testing.assert_allclose(ag.grad(lambda x: ag.softmax(x).sum())(x), 0.0, atol=1e-15)
    np.testing.assert_allclose(ag.jacobian(ag.softmax)(x), np.diag(A) - np.outer(A, A), atol=1e-15)
    with pytest.raises(ShapeError, match="a gradient is that of a scalar"):
        ag.grad(ag.softmax)(x)


# Costs of other shapes than were meant


@pytest.mark.parametrize("cost", nn.costs.COSTS)
@pytest.mark.parametrize(
    ("predicted", "targets"),
    [((1, 5), (5,)), ((1, 5), (5, 1)), ((5,), (5, 1)), ((5, 1), (5,)), ((3, 5), (1, 5))],
)
def test_a_cost_never_spreads_targets_over_predictions(cost, predicted, targets):
    A = Tensor(np.full(predicted, 0.5), requires_grad=True, name="A")
    with pytest.raises(ShapeError) as error:
        getattr(nn.costs, cost)(A, np.zeros(targets))
    assert str(predicted) in str(error.value)
    assert str(targets) in str(error.value)


def test_what_would_have_been_spread_is_another_cost():
    """Why that matters: the same numbers, spread, are 25 differences rather than 5."""
    A, Y = np.linspace(0.0, 1.0, 5).reshape(5, 1), np.linspace(0.0, 1.0, 5)
    assert ((A - Y) ** 2).mean() > 0.1
    assert ag.sum((A.T - Y[None]) ** 2) == 0.0


# Formulas that are right for one size only


@pytest.mark.parametrize("m", [1, 2, 5])
def test_a_claim_without_its_1_over_m_agrees_for_one_example_only(m, rng):
    W = Tensor(rng.standard_normal((2, 3)), requires_grad=True, name="W")
    X, Y = rng.standard_normal((3, m)), rng.standard_normal((2, m))
    J = nn.costs.squared_error(W @ X, Y)
    dZ = W.data @ X - Y
    assert ag.compare(J, {"dW": dZ @ X.T / m})
    assert bool(ag.compare(J, {"dW": dZ @ X.T})) == (m == 1)


@pytest.mark.parametrize(("n", "agrees"), [(1, True), (4, False)])
def test_a_claim_with_a_transpose_too_many_agrees_for_one_node_only(n, agrees, rng):
    W = Tensor(rng.standard_normal((n, n)), requires_grad=True, name="W")
    X = rng.standard_normal((n, 6))
    J = (ag.tanh(W @ X)).sum()
    dZ = 1 - np.tanh(W.data @ X) ** 2
    assert ag.compare(J, {"dW": dZ @ X.T})
    assert bool(ag.compare(J, {"dW": (dZ @ X.T).T})) == agrees


# NaN through where


def test_a_nan_through_the_branch_of_where_not_chosen_is_found_and_avoided():
    def naive(x):
        return ag.where(x > 0, ag.sqrt(x), 0.0).sum()

    def safe(x):
        inside = x > 0
        return ag.where(inside, ag.sqrt(ag.where(inside, x, 1.0)), 0.0).sum()

    x = np.array([4.0, 0.0])
    with np.errstate(all="ignore"):
        assert np.isnan(ag.grad(naive)(x)).tolist() == [False, True]
        with (
            ag.detect_anomaly(),
            pytest.raises(NonFiniteError, match=r"derivative of sqrt made nan at \(1,\)"),
        ):
            ag.grad(naive)(x)
    with ag.detect_anomaly():
        np.testing.assert_array_equal(ag.grad(safe)(x), [0.25, 0.0])


# Memory and speed


def test_costs_kept_as_numbers_keep_no_graph(rng, no_collector):
    """A list of float(J) grows by a number a step; a list of J keeps every graph."""
    W, X = Tensor(rng.standard_normal((3, 3)), requires_grad=True, name="W"), rng.standard_normal((3, 4))
    numbers, costs, alive = [], [], weakref.WeakSet()
    for step in range(6):
        J = (ag.tanh(W @ X) ** 2).mean()
        J.backward()
        alive.update(node for node in ancestors([J]).values() if node.primitive)
        one_graph = len(alive) // (len(costs) + 1)
        if step < 3:
            numbers.append(float(J))
        else:
            costs.append(J)
        del J
        assert len(alive) == one_graph * len(costs)
        W.data -= 0.1 * W.grad
        W.zero_grad()
    assert one_graph >= 4
    costs.clear()
    assert len(alive) == 0
    assert all(type(number) is float for number in numbers)


def test_a_history_of_training_holds_numbers():
    net = nn.Sequential(nn.Dense(4, 3, "softmax", rng=0))
    history = nn.fit(net, nn.costs.cross_entropy, nn.datasets.iris(), epochs=3, progress=False)
    assert [type(J) for J in history.costs] == [float] * 3


def calls_of(f):
    """How often each Python function is called while f runs."""
    counted = Counter()

    def count(frame, event, _arg):
        if event == "call":
            counted[frame.f_code] += 1

    sys.setprofile(count)
    try:
        f()
    finally:
        sys.setprofile(None)
    return counted.total()


def test_an_operation_costs_a_handful_of_python_calls_in_either_pass():
    """What small arrays pay for is calls; benchmarks/ has the times."""
    x = Tensor(np.ones((2, 2)), requires_grad=True, name="x")

    def chain(length):
        y = x
        for _ in range(length):
            y = ag.tanh(y * x + 1.0)  # three operations
        return y.sum()

    short, long = chain(10), chain(60)
    recorded = calls_of(lambda: chain(60)) - calls_of(lambda: chain(10))
    swept = calls_of(long.backward) - calls_of(short.backward)
    assert recorded / 150 <= 3
    assert swept / 150 <= 4
