"""The methods of NumPy's ufuncs called on tensors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy_case import BINARY_UFUNCS, assert_alike, assert_values, by_function, rows
from wording import says

import autograd_core as ag
from autograd_core import Tensor
from autograd_core.differentiation.protocols import RECORDED

t = pytest.fixture(rows)


@pytest.mark.parametrize(
    "options", [{}, {"axis": 1}, {"axis": None}, {"keepdims": True}, {"axis": -1}], ids=str
)
@pytest.mark.parametrize(
    ("ufunc", "operation"),
    [
        (np.add, ag.sum),
        (np.multiply, ag.prod),
        (np.maximum, ag.max),
        (np.minimum, ag.min),
        (np.logaddexp, ag.logsumexp),
    ],
)
def test_reduce_is_the_reduction_and_its_axis_is_0_by_default(ufunc, operation, options, t):
    twin = Tensor(t.data, requires_grad=True)
    found = ufunc.reduce(t, **options)
    assert_alike((found, [t]), (operation(twin, **{"axis": 0} | options), [twin]))
    assert_values(found, ufunc.reduce(t.data, **options))
    if "axis" in options:
        rest = {key: value for key, value in options.items() if key != "axis"}
        np.testing.assert_array_equal(ufunc.reduce(t, options["axis"], **rest).data, found.data)


@pytest.mark.parametrize("options", [{}, {"axis": 1}], ids=str)
@pytest.mark.parametrize(("ufunc", "operation"), [(np.add, ag.cumsum), (np.multiply, ag.cumprod)])
def test_accumulate_is_the_running_one_and_its_axis_is_0_by_default(ufunc, operation, options, t):
    twin = Tensor(t.data, requires_grad=True)
    found = ufunc.accumulate(t, **options)
    assert_alike((found, [t]), (operation(twin, **{"axis": 0} | options), [twin]))
    assert_values(found, ufunc.accumulate(t.data, **options))


@pytest.mark.parametrize("ufunc", BINARY_UFUNCS, **by_function)
def test_outer_pairs_every_entry_of_one_with_every_entry_of_the_other(ufunc, t):
    v = Tensor([0.5, 1.5, 2.5, 3.5], requires_grad=True)
    t_twin, v_twin = Tensor(t.data, requires_grad=True), Tensor(v.data, requires_grad=True)
    found = ufunc.outer(t, v)
    wanted = RECORDED[ufunc](t_twin[..., None], v_twin)
    assert_alike((found, [t, v]), (wanted, [t_twin, v_twin]))
    assert_values(found, ufunc.outer(t.data, v.data))
    for a, b in ((t, v.data), (t.data, v), (t, 2.0), ([1.0, 2.0], v)):
        plain = [x.data if isinstance(x, Tensor) else x for x in (a, b)]
        assert_values(ufunc.outer(a, b), ufunc.outer(*plain))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda t: np.subtract.reduce(t), ["np.subtract.reduce", "autograd_core.subtract", ".detach()"]),
        (lambda t: np.divide.accumulate(t), ["np.divide.accumulate", "a loop of autograd_core.divide"]),
        (lambda t: np.add.reduceat(t, [0, 1]), ["np.add.reduceat", "autograd_core.add"]),
        (lambda t: np.add.at(np.zeros(3), [0, 1, 2], t[0]), ["np.add.at", "autograd_core.add"]),
        (lambda t: np.add.at(t, [0], 1.0), ["np.add.at", "autograd_core.add"]),
        (lambda t: np.fmod.outer(t, t), ["np.fmod.outer", ".detach()"]),
        (lambda t: np.multiply.outer(t, t, dtype=float), ["np.multiply.outer", ".detach()"]),
    ],
    ids=lambda x: x[0] if isinstance(x, list) else "",
)
def test_a_method_that_does_not_record_is_refused_by_name(call, words, t):
    with pytest.raises(TypeError, match=says(*words)):
        call(t)
