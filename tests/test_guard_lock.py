"""Writes to recorded arrays behind the engine's back: stopped by NumPy where they happen."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from guard_case import data, parameter, writeable

import autograd_core as ag
from autograd_core import Tensor

W = pytest.fixture(parameter)
X = pytest.fixture(data)


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
