"""Writes to recorded arrays behind the engine's back: noticed by the sweep, which compares."""

from __future__ import annotations

import numpy as np
import pytest
from guard_case import data, parameter

import autograd_core as ag
from autograd_core import GraphError, Tensor

W = pytest.fixture(parameter)
X = pytest.fixture(data)


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
