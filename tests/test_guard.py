"""Writes to recorded arrays behind the engine's back: stopped where they happen, or noticed in the sweep."""

from __future__ import annotations

import contextvars
import gc
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core import GraphError, OptionError, Tensor

both = pytest.mark.parametrize("mode", ["lock", "fingerprint"])


@pytest.fixture
def W():
    return Tensor(np.ones((1, 2)), requires_grad=True, name="W")


@pytest.fixture
def X():
    return np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])


def writeable(*arrays):
    return [x.flags.writeable for x in arrays]


# Lock: NumPy stops the line that writes


def test_a_recorded_array_is_read_only_and_keeps_its_values(W, X):
    before = X.copy()
    with ag.guard():
        J = (W @ X).sum()
        for write in (
            lambda: X.__iadd__(1.0),
            lambda: X.__setitem__(0, 7.0),
            lambda: X.fill(0.0),
            lambda: np.exp(X, out=X),
            lambda: X[0].sort(),
        ):
            with pytest.raises(ValueError, match="read-only"):
                write()
        J.backward()
    np.testing.assert_array_equal(X, before)
    np.testing.assert_array_equal(W.grad, before.sum(axis=1)[None])


def test_lock_is_what_guard_does_by_default(W, X):
    for context in (ag.guard(), ag.guard("lock"), ag.guard(mode="lock")):
        with context:
            J = (W @ X).sum()
            assert writeable(X, J.data) == [False, False]


def test_parameters_intermediates_and_results_are_locked_too(W, X):
    with ag.guard():
        Z = W @ X
        J = (Z * Z).sum()
        assert writeable(W.data, Z.data, J.data) == [False] * 3
        with pytest.raises(ValueError, match="read-only"):
            W.data -= 1.0
    np.testing.assert_array_equal(W.data, np.ones((1, 2)))


def test_the_whole_array_is_locked_where_a_view_of_it_was_recorded(W, X):
    with ag.guard():
        J = (W @ X[:, ::2]).sum()
        with pytest.raises(ValueError, match="read-only"):
            X[0, 0] = 7.0
        later = X[1]
        with pytest.raises(ValueError, match="read-only"):
            later[0] = 7.0
        del J
    assert writeable(X) == [True]


def test_a_view_from_before_stays_writeable_as_documented(W, X):
    before = X[0]
    with ag.guard():
        J = (W @ X).sum()
        before[0] = 7.0
    assert X[0, 0] == 7.0
    assert J.requires_grad


def test_an_array_is_free_again_once_the_sweep_has_used_it(W, X):
    with ag.guard():
        J = (W @ X).sum()
        J.backward()
        X += 1.0
        W.data -= 0.5
        assert writeable(W.grad) == [True]


def test_an_array_is_free_again_once_its_last_result_is_dropped(W, X, no_collector):
    with ag.guard():
        J, K = (W @ X).sum(), (W @ X).mean()
        del J
        assert writeable(X) == [False]
        del K
        assert writeable(X, W.data) == [True, True]


def test_an_array_is_locked_until_the_last_operation_that_reads_it_is_swept(W, X):
    with ag.guard():
        J, K = (W @ X).sum(), (W @ X).mean()
        J.backward()
        assert writeable(X) == [False]
        K.backward()
        assert writeable(X) == [True]


def test_everything_is_free_again_behind_the_context(W, X):
    with ag.guard():
        J = (W @ X[:, 1:]).sum()
    assert writeable(X, W.data, J.data) == [True] * 3
    X[:, 1:] += 1.0


def test_everything_is_free_again_after_an_exception(W, X):
    kept = []

    def fails():
        kept.append((W @ X).sum())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), ag.guard():
        fails()
    assert writeable(X, W.data, kept[0].data) == [True] * 3


def test_dropping_a_result_behind_the_context_leaves_other_locks_alone(W, X):
    with ag.guard():
        J = (W @ X).sum()
    with ag.guard():
        K = (W @ X).sum()
        del J
        gc.collect()
        assert writeable(X) == [False]
        del K


def test_an_array_that_was_read_only_before_stays_so(W, X):
    X.flags.writeable = False
    spread = np.broadcast_to(np.ones(3), (1, 3))
    with ag.guard():
        J = (W @ X * spread).sum()
        J.backward()
        assert writeable(X, spread) == [False, False]
    assert writeable(X, spread) == [False, False]


def test_a_read_only_view_locks_the_array_that_it_looks_at(W):
    row = np.ones(3)
    with ag.guard():
        J = (W @ np.broadcast_to(row, (2, 3))).sum()
        assert writeable(row) == [False]
        del J
    assert writeable(row) == [True]


def test_an_operand_that_is_used_twice_is_freed_once(X):
    x = Tensor(X, requires_grad=True)
    with ag.guard():
        J = (x * x + x[0] * x[0]).sum()
        assert writeable(X) == [False]
        J.backward()
        assert writeable(X) == [True]


def test_freeing_a_view_does_not_free_the_array_that_it_looks_at(W, X):
    view = X[:, 1:]
    with ag.guard():
        J, K = (W @ view).sum(), (W @ X).sum()
        J.backward()
        assert writeable(view, X) == [True, False]
        K.backward()
        assert writeable(view, X) == [True, True]


def test_no_grad_outside_still_holds_inside(W, X):
    with ag.no_grad(), ag.guard():
        assert (W @ X).is_leaf
        assert writeable(X) == [True]


def test_what_is_not_recorded_is_not_locked(W, X):
    with ag.guard(), ag.no_grad():
        J = (W @ X).sum()
        assert writeable(X, W.data, J.data) == [True] * 3
    with ag.guard():
        ag.exp(X)
        assert writeable(X) == [True]


def test_inner_guards_end_without_freeing_what_the_outer_one_holds(W, X):
    with ag.guard():
        with ag.guard():
            J = (W @ X).sum()
        assert writeable(X) == [False]
        with ag.guard():
            K = (W @ X).mean()
        assert writeable(X) == [False]
        J.backward()
        K.backward()
        assert writeable(X) == [True]
    assert writeable(X) == [True]


def test_recorded_before_the_context_is_not_watched(W, X):
    J = (W @ X).sum()
    with ag.guard():
        X += 1.0
    assert J.requires_grad


# Fingerprint: the sweep compares


def test_a_fingerprint_lets_the_write_pass_and_the_sweep_names_array_and_operation(W):
    X = Tensor(np.ones((2, 3)), name="X")
    with ag.guard("fingerprint"):
        J = (W @ X).sum()
        X.numpy()[1, 2] += 1e-12
        with pytest.raises(GraphError, match=r"X of shape \(2, 3\) was written to after matmul"):
            J.backward()
    assert W.grad is None


def test_a_fingerprint_notices_what_a_lock_cannot_a_view_from_before(W, X):
    before = X[0]
    with ag.guard("fingerprint"):
        J = (W @ X).sum()
        before[0] = 7.0
        with pytest.raises(GraphError, match=r"an array of shape \(2, 3\) was written to after matmul"):
            J.backward()


def test_a_fingerprint_notices_a_write_to_the_result(W, X):
    with ag.guard("fingerprint"):
        A = ag.exp(W @ X)
        J = A.sum()
        A.data[0, 0] = 0.0
        with pytest.raises(GraphError, match=r"of shape \(1, 3\) was written to after sum"):
            J.backward()


@pytest.mark.parametrize("shape", [(), (0, 3), (4, 1)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_fingerprint_takes_any_shape_dtype_and_layout(shape, dtype):
    x = Tensor(np.ones(shape, dtype).T, requires_grad=True)
    with ag.guard("fingerprint"):
        J = ag.exp(x).sum()
        J.backward()
    np.testing.assert_allclose(x.grad, ag.exp(x).data, strict=True)


def test_no_fingerprint_no_word_as_long_as_nothing_is_written(W, X):
    with ag.guard("fingerprint"):
        J = (W @ X).sum()
        J.backward()
        X += 1.0
    np.testing.assert_array_equal(W.grad, (X - 1).sum(axis=1)[None])


def test_a_change_and_back_leaves_the_fingerprint_as_it_was(W, X):
    with ag.guard("fingerprint"):
        J = (W @ X).sum()
        X += 1.0
        X -= 1.0
        J.backward()
    np.testing.assert_array_equal(W.grad, X.sum(axis=1)[None])


def test_the_sweep_inside_the_context_is_the_one_that_compares(W, X):
    with ag.guard("fingerprint"):
        J = (W @ X).sum()
    X += 1.0
    J.backward()
    np.testing.assert_array_equal(W.grad, X.sum(axis=1)[None])


def test_forward_sweeps_compare_as_well(X):
    def f(x):
        y = x * X
        X[0] = 7.0
        return y

    with ag.guard("fingerprint"), pytest.raises(GraphError, match="was written to after multiply"):
        ag.jvp(f, [np.ones(3)], [np.ones(3)])


# Both


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


def test_views_of_views_of_a_subclass_are_free_again():
    """NumPy does not shorten such a chain, and frees no link before the one that it looks at."""

    class Marked(np.ndarray):
        pass

    X = np.ones((3, 2))
    part = np.asarray(X.view(Marked)[:2])
    assert part.base.base.base is X
    W = Tensor(2.0, requires_grad=True)
    with ag.guard():
        J = (W * part).sum()
        assert not X.flags.writeable
        J.backward()
        assert X.flags.writeable
        part += 1.0
    assert W.grad == 4.0
