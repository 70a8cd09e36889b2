"""Tensors in and around a transformed function, and whose memory the results are."""

from __future__ import annotations

import numpy as np
import pytest
from transform_case import cubes, two_arrays

import autograd_core as ag
from autograd_core import GraphError, Tensor

xy = pytest.fixture(two_arrays)


# Tensors in and around the function


def test_a_closure_over_a_tensor_treats_it_as_a_constant(xy):
    x, y = xy
    W = Tensor(y, requires_grad=True, name="W")
    gradient = ag.grad(lambda x: (W * x * x).sum())(x)
    np.testing.assert_allclose(gradient, 2 * y * x, rtol=1e-15)
    assert type(gradient) is np.ndarray
    assert W.grad is None


def test_a_transform_of_a_tensor_that_records_is_recorded(xy):
    x, y = xy
    t = Tensor(x, requires_grad=True)
    gradient = ag.grad(cubes)(t)
    assert type(gradient) is Tensor
    (gradient * y).sum().backward()
    np.testing.assert_allclose(t.grad, 6 * x * y, rtol=1e-14)


def test_a_transform_of_a_tensor_that_does_not_record_gives_arrays(xy):
    assert type(ag.grad(cubes)(Tensor(xy[0]))) is np.ndarray


def test_transforms_ignore_the_no_grad_outside_and_heed_the_one_inside():
    def partly(x):
        with ag.no_grad():
            constant = x * x
        return constant * x

    assert ag.grad(partly)(2.0) == 4.0
    with ag.no_grad():
        assert ag.grad(lambda x: x * x)(3.0) == 6.0
        assert ag.jvp(lambda x: x * x, [3.0], [1.0])[1] == 6.0
        assert ag.vjp(lambda x: x * x, 3.0)[1](1.0)[0] == 6.0


@pytest.mark.parametrize("computed", [False, True], ids=["leaf", "computed"])
def test_under_no_grad_a_tensor_that_records_is_differentiated_by_as_an_array_is(computed):
    x = Tensor(3.0, requires_grad=True)
    x = x * 1.0 if computed else x
    with ag.no_grad():
        found = [
            ag.grad(lambda x: x * x)(x),
            ag.jvp(lambda x: x * x, [x], [1.0])[1],
            ag.vjp(lambda x: x * x, x)[1](1.0)[0],
            ag.jacobian(lambda x: x * x)(x),
        ]
    assert found == [6.0] * 4
    assert {type(y) for y in found} == {np.ndarray}


@pytest.mark.parametrize(
    "transform", [ag.grad, lambda f: lambda x: ag.jvp(f, [x], [x])[1]], ids=["grad", "jvp"]
)
def test_a_change_is_no_matter_where_no_derivative_flows(transform):
    W = Tensor(2.0, requires_grad=True)
    square = W * W
    W.data = np.array(5.0)
    assert transform(lambda x: square * x)(1.0) == 4.0


@pytest.mark.parametrize("nested", [False, True], ids=["alone", "nested"])
def test_a_direction_of_another_dtype_is_converted(nested):
    x, t = np.ones(2, np.float32), Tensor(np.ones(2), requires_grad=nested)
    assert ag.vjp(lambda x: x, x)[1](t)[0].dtype == np.float32
    assert ag.jvp(lambda x: x, [x], [t])[1].dtype == np.float32


@pytest.mark.parametrize("transform", [ag.grad, lambda f: lambda x: ag.jvp(f, [x], [x])], ids=["grad", "jvp"])
def test_a_value_changed_after_it_was_recorded_is_refused_by_both_sweeps(transform):
    W = Tensor(2.0, name="W")

    def f(x):
        y = W * x
        W.data = np.array(3.0)
        return y

    with pytest.raises(GraphError, match=r"W of shape \(\) was changed after multiply"):
        transform(f)(1.0)


def test_an_error_in_the_function_leaves_the_transforms_usable():
    with pytest.raises(ZeroDivisionError):
        ag.grad(lambda x: x * (1 // 0))(1.0)
    assert type(ag.grad(lambda x: x * x)(1.0)) is np.ndarray


# What is returned is the caller's

FUNCTIONS = {
    "itself": lambda x: x,
    "copy": lambda x: +x,
    "transpose": lambda x: x.T,
    "reshape": lambda x: x.reshape(-1),
    "part": lambda x: x[0],
    "broadcast": lambda x: ag.broadcast_to(x, (4, 2, 2)),
    "sum": lambda x: x.sum(),
    "constant": lambda x: CONSTANT,
}
CONSTANT = np.ones((2, 2))


@pytest.mark.filterwarnings("ignore:the function returned:UserWarning")  # the constant
@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_results_are_arrays_that_the_caller_may_write_to(f):
    """Nothing returned shares memory with an argument, another result or a constant of f."""
    x, t = np.arange(4.0).reshape(2, 2), np.ones((2, 2))
    out, pullback = ag.vjp(f, x)
    ct = np.ones(np.shape(out))
    given = [x, t, ct, CONSTANT]
    returned = [out, *pullback(ct), *pullback(ct), *ag.jvp(f, [x], [t])]
    returned += ag.value_and_grad(lambda x: ag.sum(f(x)))(x)
    for i, array in enumerate(returned):
        assert type(array) is np.ndarray, i
        assert array.flags.writeable, f"result {i} is read-only"
        for j, other in enumerate(given + returned[:i]):
            assert not np.shares_memory(array, other), f"result {i} shares memory with {j}"
