"""The cotangent of an array whose parts are picked one by one: right for any, and at their cost."""

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import Tensor
from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.graph.node import topological_order

X = np.random.default_rng(0).normal(size=(5, 4))
KINDS = {
    "numbers": lambda i: (i % 5, -1 - i % 4),
    "rows": lambda i: i % 5,
    "slices": lambda i: (slice(i % 3, None, 2), slice(None)),
    "dots and new axes": lambda i: (..., None, i % 4),
    "arrays": lambda i: np.array([i % 5, i % 5, 0]),
    "lists": lambda i: ([i % 5, 1, 1], slice(1, 3)),
    "masks": lambda i: X - i / 10 > 0,
    "nothing": lambda i: slice(0, 0),
    "all": lambda i: ...,
}


def dense(x, indices, weights):
    """The gradient of a sum of parts, each of which is weighted by a number."""
    total = np.zeros_like(x)
    for index, w in zip(indices, weights):
        np.add.at(total, tuple(index) if isinstance(index, tuple) else index, w)
    return total


def weighted(indices, weights):
    return lambda x: sum((ag.sum(x[index]) * w for index, w in zip(indices, weights)), ag.sum(x) * 0.5)


@pytest.mark.parametrize("many", [1, 7, 300])
@pytest.mark.parametrize("kind", KINDS)
def test_parts_of_a_leaf_and_of_a_result_add_up(kind, many):
    indices = [KINDS[kind](i) for i in range(many)]
    weights = np.random.default_rng(1).normal(size=many)
    f = weighted(indices, weights)
    wanted = dense(X, indices, weights) + 0.5
    assert np.allclose(ag.grad(f)(X), wanted)
    assert np.allclose(ag.grad(lambda x: f(3.0 * x))(X), 3.0 * wanted)
    assert np.allclose(ag.compile(ag.grad(f))(X), wanted)
    assert np.allclose(ag.jvp(ag.grad(lambda x: f(x * x)), [X], [X])[1], 2.0 * wanted * X)


def test_all_kinds_at_once():
    indices = [KINDS[kind](i) for i in range(60) for kind in KINDS]
    weights = np.random.default_rng(2).normal(size=len(indices))
    assert np.allclose(ag.grad(weighted(indices, weights))(X), dense(X, indices, weights) + 0.5)


def test_positions_that_are_arguments_of_a_compiled_function_are_looked_at_in_each_run():
    def f(x, positions):
        return sum((ag.sum(x[positions] * i) for i in range(40)), 0.0)

    compiled = ag.compile(ag.grad(f))
    for positions in ([0, 1], [3, 3], [4, 0]):
        positions = np.array(positions)
        assert np.allclose(compiled(X, positions), dense(X, 40 * [positions], range(40)))


def test_a_cotangent_that_is_kept_or_watched_has_all_parts():
    x = Tensor(np.arange(3.0), requires_grad=True)
    y = 2.0 * x
    J = y[0] * 5.0 + y[1:].sum() + y.sum()
    with ag.detect_anomaly(), ag.guard():
        J.backward(retain_grads=True)
    assert np.array_equal(y.grad, [6.0, 2.0, 2.0])
    assert np.array_equal(x.grad, [12.0, 4.0, 4.0])


def test_where_parts_overflow_together_is_found():
    x = Tensor(np.ones(2), requires_grad=True, name="x")
    y = x * 0.5
    J = y[0] * 1e308 + y[0] * 1e308
    with np.errstate(over="ignore"), pytest.raises(ag.NonFiniteError, match="y"), ag.detect_anomaly():
        J.backward()


def work(n):
    """Entries of all that the recorded gradient of a loop over n entries computes."""
    x = Tensor(np.ones(n), requires_grad=True)
    J = sum((x[i] * x[i] for i in range(n)), 0.0)
    [(_, gradient)] = reverse_sweep({J: Tensor(1.0)}, create_graph=True).items()
    return sum(node.size for node in topological_order([gradient]))


def test_a_loop_over_entries_costs_as_much_as_there_are():
    assert work(2000) < 2.2 * work(1000)


@pytest.mark.parametrize("many", [1, 100])
def test_there_may_be_nothing_to_pick_from(many):
    x = np.zeros((0, 3))
    gradient = ag.grad(lambda x: sum((ag.sum(x[:, i % 3]) for i in range(many)), ag.sum(x)))(x)
    assert gradient.shape == (0, 3)
