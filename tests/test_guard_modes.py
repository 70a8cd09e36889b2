"""What holds under both kinds of guard, and of one beside the other."""

from __future__ import annotations

import contextvars
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from guard_case import data, parameter, writeable

import autograd_core as ag
import nn
from autograd_core import GraphError, OptionError, Tensor

W = pytest.fixture(parameter)
X = pytest.fixture(data)

both = pytest.mark.parametrize("mode", ["lock", "fingerprint"])


@both
def test_without_the_context_the_same_write_goes_unnoticed(mode, W, X):
    """What the guard is for: this derivative is that of no value there ever was."""
    with ag.guard(mode):
        pass
    J = (W @ X).sum()
    X += 1.0
    J.backward()
    np.testing.assert_array_equal(W.grad, X.sum(axis=1)[None])


@both
def test_a_training_loop_that_steps_in_place_runs_under_guard(mode, X):
    W, c = Tensor(np.ones((1, 2)), requires_grad=True), Tensor(np.ones((1, 1)), requires_grad=True)
    costs = []
    with ag.guard(mode):
        for _ in range(3):
            J = ((W @ X + c) ** 2).mean()
            J.backward()
            costs.append(float(J))
            del J
            for p in (W, c):
                p.data -= 0.01 * p.grad
                p.zero_grad()
            X *= 1.0
    assert costs[0] > costs[1] > costs[2]
    assert writeable(W.data, c.data, X) == [True] * 3


@both
def test_networks_train_under_guard_to_the_same_bits(mode):
    def trained():
        net = nn.Sequential(nn.Dense(4, 3, "tanh", rng=0), nn.Dense(3, 3, "softmax", rng=1))
        nn.fit(net, nn.costs.cross_entropy, nn.datasets.iris(), epochs=2, batch_size=50, progress=False)
        return [p.data.tobytes() for p in net.parameters()]

    alone = trained()
    with ag.guard(mode):
        assert trained() == alone


@both
def test_it_guards_what_a_transform_records_and_ends_with_it(mode, X):
    def f(x):
        y = x * X
        X[0] = 7.0
        return y.sum()

    expected = ValueError if mode == "lock" else GraphError
    with ag.guard(mode), pytest.raises(expected):
        ag.grad(f)(np.ones(3))
    with ag.guard(mode):
        found = ag.grad(lambda x: (x * X).sum())(np.ones(3))
        X += 1.0
    np.testing.assert_array_equal(found, (X - 1).sum(axis=0))


@both
def test_a_guard_inside_a_transformed_function_covers_what_it_records(mode, X):
    def f(x):
        with ag.guard(mode):
            y = x * X
            was = writeable(X)
        return y.sum(), was

    gradient, was = ag.grad(f, has_aux=True)(np.ones(3))
    np.testing.assert_array_equal(gradient, X.sum(axis=0))
    assert was == [mode != "lock"]
    assert writeable(X) == [True]


@both
def test_derivatives_of_any_order_are_the_same_under_guard(mode):
    def f(x):
        return (ag.tanh(x) * x).sum()

    x = np.array([0.3, -1.2])
    third = ag.grad(lambda x: ag.grad(lambda x: ag.grad(f)(x) @ x)(x) @ x)
    alone = third(x)
    with ag.guard(mode):
        np.testing.assert_array_equal(third(x), alone)
    assert writeable(x) == [True]


@both
def test_assigning_data_is_still_noticed_by_name(mode, W, X):
    with ag.guard(mode):
        J = (W @ X).sum()
        W.data = W.data - 1.0
        with pytest.raises(GraphError, match=r"W of shape \(1, 2\) was changed after matmul"):
            J.backward()


def test_the_modes_may_be_nested_in_one_another(W, X):
    for outer, inner in (("lock", "fingerprint"), ("fingerprint", "lock")):
        with ag.guard(outer), ag.guard(inner):
            J = (W @ X).sum()
            assert writeable(X) == [False]
            J.backward()
            del J
            assert writeable(X) == [True]


def test_it_goes_with_detect_anomaly(W, X):
    with ag.guard(), ag.detect_anomaly(), np.errstate(divide="ignore"):
        J = (W @ X).sum()
        assert writeable(X) == [False]
        with pytest.raises(ag.NonFiniteError, match="log made -inf"):
            ag.log(W - 1.0)
        J.backward()
    assert writeable(X, W.data) == [True, True]


def test_an_unknown_mode_is_refused_with_the_nearest():
    with (
        pytest.raises(
            OptionError, match=re.escape("'locked': there are fingerprint, lock; did you mean 'lock'?")
        ),
        ag.guard("locked"),
    ):
        pass


@both
def test_a_guard_in_one_thread_does_not_reach_another(mode, X):
    inside = Barrier(2)
    other = X.copy()

    def guarded():
        with ag.guard(mode):
            J = (Tensor(np.ones(3), requires_grad=True) * X).sum()
            inside.wait()
            inside.wait()
        return J

    def unguarded():
        inside.wait()
        w = Tensor(np.ones(3), requires_grad=True)
        J = (w * other).sum()
        other[0] = 7.0
        J.backward()
        inside.wait()
        return w.grad

    with ThreadPoolExecutor(2) as pool:
        kept, grad = pool.submit(guarded), pool.submit(unguarded)
        np.testing.assert_array_equal(grad.result(), other.sum(axis=0))
        assert kept.result().requires_grad


@both
def test_a_guard_in_one_context_does_not_reach_another(mode, W, X):
    def recorded_and_written():
        J = (W @ X).sum()
        X[0] = 7.0
        J.backward()

    elsewhere = contextvars.copy_context()
    with ag.guard(mode):
        elsewhere.run(recorded_and_written)
    np.testing.assert_array_equal(W.grad, X.sum(axis=1)[None])
