"""What NumPy never asks about: arrays made of a tensor's values, or numbers of a single entry."""

from __future__ import annotations

import io
import math
import operator

import numpy as np
import pytest
from numpy_case import NUMPY, by_function, dispatches, leaves, rows
from wording import says

from autograd_core import DtypeError, Tensor

t = pytest.fixture(rows)

CONVERSIONS = {
    "np.asarray": np.asarray,
    "np.array": np.array,
    "np.array of a list": lambda t: np.array([t, t]),
    "np.array of objects": lambda t: np.array(t, dtype=object),
    "np.array of numbers in a list": lambda t: np.array([t[0, 0], t[0, 1]]),
    "np.ascontiguousarray": np.ascontiguousarray,
    "np.broadcast": lambda t: np.broadcast(t, t),
    "np.full": lambda t: np.full(2, t[0, 0]),
    "np.arange": lambda t: np.arange(t[0, 0]),
    "np.float64": np.float64,
    "np.r_": lambda t: np.r_[t, t],
    "np.vectorize": np.vectorize(math.exp),
    "np.ma.array": np.ma.array,
    "array.dot": lambda t: np.ones((2, 2)).dot(t),
    "array[...] = t": lambda t: operator.setitem(np.zeros((2, 3)), ..., t),
    "array[:] = [number]": lambda t: operator.setitem(np.zeros(2), slice(None), [t[0, 0], t[0, 1]]),
    "rng.normal": lambda t: np.random.default_rng(0).normal(t),
    "np.testing": lambda t: np.testing.assert_allclose(t, t),
}


@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_an_array_is_never_made_of_a_tensor_that_a_derivative_flows_through(conversion, t):
    with pytest.raises(DtypeError, match=says("its derivative would be lost", ".data or .detach()")):
        CONVERSIONS[conversion](t)


@pytest.mark.parametrize("conversion", sorted(set(CONVERSIONS) - {"np.arange", "np.vectorize"}))
def test_of_a_constant_it_is(conversion, t):
    result = CONVERSIONS[conversion](t.detach())
    if isinstance(result, np.ndarray) and "objects" not in conversion:
        assert result.dtype == np.float64


ACTS = ("set", "show", "test", "info", "get_include")  # these change or print something instead
SIZES = ("tri", "tril_indices", "triu_indices")  # a number of rows, not a value
UNASKED = [
    function
    for function, name in NUMPY.items()
    if not (dispatches(function) or name.split(".")[-1].startswith(ACTS) or name.split(".")[-1] in SIZES)
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("function", UNASKED, **by_function)
def test_what_does_not_ask_makes_no_array_of_a_tensor_either(function):
    v = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    for args in ((v,), (v[0],), ([v, v],), ([v[0], v[1]],)):
        try:
            result = function(*args)
        except (TypeError, ValueError, AttributeError, KeyError):
            continue
        made = [part for part in leaves(result) if isinstance(part, np.ndarray | np.generic)]
        assert not made, f"{NUMPY[function]} gave {made}"


def test_a_single_entry_is_a_python_number_and_so_a_constant():
    """The documented exceptions: what asks for a number gets one, as `float` does."""
    s = Tensor(2.0, requires_grad=True)
    assert (float(s), int(s), bool(s), complex(s), s.item()) == (2.0, 2, True, 2 + 0j, 2.0)
    assert (math.exp(s), np.float64(s)) == (math.exp(2.0), 2.0)
    array = np.zeros(3)
    array[0] = s
    array[1:].fill(s)
    np.testing.assert_array_equal(array, [2.0, 2.0, 2.0])
    np.testing.assert_array_equal(np.fromiter(Tensor([1.0, 2.0], requires_grad=True), float), [1.0, 2.0])


def test_asarray_of_a_constant_shares_its_memory_and_array_copies():
    constant = Tensor([1.0, 2.0])
    assert np.asarray(constant) is constant.data
    assert not np.shares_memory(np.array(constant), constant.data)
    assert np.asarray(constant, np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="copy"):
        np.array(constant, np.float32, copy=False)


def test_a_file_gets_no_tensor_that_records(t):
    for save in (np.save, np.savez, np.savetxt):
        with pytest.raises(DtypeError, match=says(f"np.{save.__name__}", ".data or .detach()")):
            save(io.BytesIO(), t)
