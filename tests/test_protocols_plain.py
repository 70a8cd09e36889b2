"""NumPy's own functions called on tensors: those that answer plainly, as for the values."""

from __future__ import annotations

import numpy as np
import pytest
from numpy_case import NUMPY, X, by_function, leaves, rows

from autograd_core import Tensor
from autograd_core.differentiation.protocols import PLAIN, RECORDED

t = pytest.fixture(rows)

PLAIN_CALLS = {
    np.allclose: lambda f, x: f(x, x),
    np.argpartition: lambda f, x: f(x, 1),
    np.array_equal: lambda f, x: f(x, x),
    np.array_equiv: lambda f, x: f(x, x[:1]),
    np.can_cast: lambda f, x: f(x, np.float32),
    np.digitize: lambda f, x: f(x, [1.0, 3.0]),
    np.empty_like: lambda f, x: f(x).shape,
    np.isclose: lambda f, x: f(x, 4.0),
    np.isin: lambda f, x: f(x, [4.0]),
    np.lexsort: lambda f, x: f((x[0], x[1])),
    np.may_share_memory: lambda f, x: f(x, x),
    np.result_type: lambda f, x: f(x, np.float32),
    np.searchsorted: lambda f, x: f([1.0, 3.0], x),
    np.shares_memory: lambda f, x: f(x, x),
}


@pytest.mark.parametrize("function", sorted(PLAIN, key=NUMPY.get), **by_function)
def test_a_plain_function_answers_as_numpy_does_for_the_values(function):
    call = PLAIN_CALLS.get(function, lambda f, x: f(x))
    x = Tensor(X, requires_grad=True, name="x")
    found, wanted = call(function, x), call(function, X)
    assert not any(isinstance(part, Tensor) for part in leaves(found))
    assert type(found) is type(wanted)
    np.testing.assert_equal(found, wanted)


def test_a_plain_function_finds_tensors_among_its_options_and_in_lists(t):
    np.testing.assert_array_equal(np.zeros_like(t, shape=(2,)), np.zeros(2))
    np.testing.assert_array_equal(np.lexsort(keys=(t[0], t[1])), [0, 1, 2])


def test_what_is_called_with_more_than_one_operand_above_is_plain_indeed():
    assert set(PLAIN_CALLS) <= PLAIN


def test_no_function_is_both_recorded_and_plain():
    assert not PLAIN & set(RECORDED)
