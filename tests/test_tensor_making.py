"""What a tensor may be made of, and what is refused with its dtype."""

from __future__ import annotations

import numpy as np
import pytest
from tensor_case import matrix
from wording import says

from autograd_core import DtypeError, Tensor

W = pytest.fixture(matrix)


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1.5, np.float64),
        ([1.0, 2.0], np.float64),
        (np.float32(1.5), np.float32),
        (np.ones(2, np.float32), np.float32),
        (np.ones(2, np.float16), np.float16),
    ],
    ids=repr,
)
def test_python_floats_become_float64_and_arrays_keep_their_dtype(data, dtype):
    t = Tensor(data, requires_grad=True)
    assert (type(t.data), t.dtype, t.shape) == (np.ndarray, dtype, np.shape(data))


def test_an_array_is_shared_and_not_copied():
    data = np.ones(3)
    assert Tensor(data).data is data
    assert Tensor(data).numpy() is data


@pytest.mark.parametrize("data", [1, [1, 2], True, np.arange(3), np.ones(2, bool)], ids=repr)
def test_integers_and_booleans_are_welcome_unless_a_gradient_is_wanted(data):
    assert Tensor(data).dtype.kind in "iub"
    with pytest.raises(
        DtypeError, match=says("n with requires_grad=True", "dtype int64", "float64")
    ) as caught:
        Tensor(np.asarray(data).astype(int), requires_grad=True, name="n")
    assert isinstance(caught.value, TypeError)
    with pytest.raises(DtypeError, match="floating"):
        Tensor(data, requires_grad=True)


@pytest.mark.parametrize(
    "data", [1j, np.ones(2, complex), "one", ["a"], None, [object()], np.array([1, None])]
)
def test_what_is_no_real_number_is_refused_with_its_dtype(data):
    with pytest.raises(DtypeError, match=says("X has dtype", str(np.asarray(data).dtype))):
        Tensor(data, name="X")


def test_no_integer_tensor_ever_requires_a_gradient(W):
    """Rounding has no derivative worth passing on: it is refused, or nothing flows."""
    try:
        rounded = W.astype(int)
    except DtypeError:
        return
    assert not rounded.requires_grad
