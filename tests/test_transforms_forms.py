"""Functions of arrays that return derivatives: their forms, and what they refuse."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from transform_case import bump, cubes, two_arrays

import autograd_core as ag
from autograd_core import DtypeError, OptionError, ShapeError, Tensor

xy = pytest.fixture(two_arrays)


# grad and value_and_grad


def test_a_gradient_is_an_array_in_the_shape_and_dtype_of_the_argument(rng):
    for dtype, shape in itertools.product((np.float32, np.float64), ((), (1,), (2, 3), (0, 3))):
        x = np.asarray(rng.standard_normal(shape), dtype)
        gradient = ag.grad(cubes)(x)
        assert (type(gradient), gradient.shape, gradient.dtype) == (np.ndarray, shape, dtype)
        np.testing.assert_allclose(gradient, 3 * x**2, rtol=1e-6)


def test_value_and_grad_gives_both_in_the_order_that_scipy_takes(xy):
    value, gradient = ag.value_and_grad(cubes)(xy[0])
    np.testing.assert_allclose(value, (xy[0] ** 3).sum(), rtol=1e-14)
    np.testing.assert_allclose(gradient, ag.grad(cubes)(xy[0]), rtol=0)
    assert type(value) is np.ndarray


def test_argnums_chooses_one_argument_or_several_in_the_order_asked(xy):
    x, y = xy
    both = ag.grad(bump, argnums=(0, 1))(x, y)
    assert type(both) is tuple
    for argnums, wanted in [
        (1, both[1]),
        (-1, both[1]),
        (-2, both[0]),
        ((1,), both[1:]),
        ((1, 0), both[::-1]),
        ([0, 1], both),
    ]:
        found = ag.grad(bump, argnums)(x, y)
        assert type(found) is type(wanted), argnums
        np.testing.assert_array_equal(found, wanted, err_msg=f"argnums={argnums}")


@pytest.mark.parametrize("argnums", [2, -3, (0, 2)], ids=str)
def test_an_argument_that_does_not_exist_is_refused_by_number(argnums, xy):
    with pytest.raises(OptionError, match="2 positional arguments"):
        ag.grad(bump, argnums)(*xy)


@pytest.mark.parametrize("argnums", [(0, 0), (1, -1)], ids=str)
def test_an_argument_asked_for_twice_is_refused_or_answered_twice(argnums, xy):
    try:
        found = ag.grad(bump, argnums)(*xy)
    except OptionError:
        return
    np.testing.assert_array_equal(found[0], found[1])


def test_keyword_arguments_and_constants_pass_through():
    def f(x, power, *, scale):
        assert type(power) is int
        return scale * x**power

    assert ag.grad(f)(2.0, 3, scale=10.0) == 120.0


def test_the_derivative_keeps_the_functions_name_and_docstring():
    for made in (ag.grad(bump), ag.value_and_grad(bump)):
        assert (made.__name__, made.__doc__) == (bump.__name__, bump.__doc__)


def test_python_numbers_are_taken_for_float64():
    for two in (2, 2.0):
        assert ag.grad(lambda x: x**3)(two) == 12.0
    assert ag.grad(lambda x: x**3)(2).dtype == np.float64


@pytest.mark.parametrize("x", [np.arange(3), True, np.bool_(True), 1j], ids=repr)
def test_integers_booleans_and_complex_numbers_are_refused(x):
    with pytest.raises(DtypeError, match="dtype"):
        ag.grad(lambda x: (x * 1.0).sum())(x)


def test_the_gradient_of_a_vector_is_refused_with_its_shape():
    with pytest.raises(ShapeError, match=r"\(3,\).*scalar"):
        ag.grad(lambda x: x * x)(np.ones(3))


@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_a_result_with_one_entry_is_a_scalar_whatever_its_shape(shape):
    gradient = ag.grad(lambda x: (x * x).sum().reshape(shape))(np.ones(3))
    np.testing.assert_array_equal(gradient, np.full(3, 2.0))


# vjp and jvp


def test_vjp_gives_the_value_and_pulls_any_number_of_cotangents_back(xy):
    x, y = xy
    out, pullback = ag.vjp(lambda x, y: ag.tanh(x) * y, x, y)
    np.testing.assert_array_equal(out, np.tanh(x) * y)
    for ct in (np.ones((2, 3)), y, np.ones((2, 3))):
        found = pullback(ct)
        np.testing.assert_allclose(found, [ct * y * (1 - np.tanh(x) ** 2), ct * np.tanh(x)], 1e-14)


def test_jvp_gives_the_value_and_the_slope_along_a_direction(xy):
    x, y = xy
    out, slope = ag.jvp(ag.tanh, [x], [y])
    np.testing.assert_array_equal(out, np.tanh(x))
    np.testing.assert_allclose(slope, y * (1 - np.tanh(x) ** 2), rtol=1e-14)


def test_vjp_and_jvp_refuse_other_shapes_even_if_they_would_broadcast():
    x = np.ones((2, 3))
    with pytest.raises(ShapeError, match=r"cotangent .*\(3,\).*\(2, 3\)"):
        ag.vjp(ag.tanh, x)[1](np.ones(3))
    with pytest.raises(ShapeError, match=r"tangent .*\(3,\).*\(2, 3\)"):
        ag.jvp(ag.tanh, [x], [np.ones(3)])
    with pytest.raises(ShapeError, match=r"1 primals.* 2 tangents"):
        ag.jvp(ag.tanh, [x], [x, x])


def test_float32_stays_float32_through_every_transform():
    x = np.ones(3, np.float32)
    t = np.ones(3)
    out, slope = ag.jvp(ag.tanh, [x], [t])
    value, pullback = ag.vjp(ag.tanh, x)
    loss, gradient = ag.value_and_grad(cubes)(x)
    kinds = {a.dtype for a in (out, slope, value, *pullback(t), loss, gradient)}
    assert kinds == {np.dtype(np.float32)}


# Independence


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 2.0,
        lambda x: np.float64(2.0),
        lambda x: np.array(2.0),
        lambda x: Tensor(2.0),
        lambda x: Tensor(2.0, requires_grad=True) ** 2,
        lambda x: x.detach().sum(),
        lambda x: float(x.data.sum()),
    ],
    ids=["float", "np.float64", "array", "Tensor", "other", "detached", "read"],
)
def test_where_nothing_depends_on_the_argument_every_derivative_is_zero_and_one_warning_says_so(f):
    x = np.ones(3)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        gradient = ag.grad(f)(x)
        _, pullback = ag.vjp(f, x)
        cotangents = [pullback(np.array(1.0))[0], pullback(np.array(1.0))[0]]
        slope = ag.jvp(f, [x], [x])[1]
    for found in (gradient, *cotangents):
        np.testing.assert_array_equal(found, np.zeros(3), strict=True)
    assert (type(slope), slope.shape, slope.item()) == (np.ndarray, (), 0.0)
    assert len(heard) == 3
    assert all("does not depend on what it is differentiated by" in str(warning.message) for warning in heard)
    assert {warning.filename for warning in heard} == {__file__}


@pytest.mark.parametrize("f", [lambda x: (x > 0).sum(), lambda x: x.sum() * 0, lambda x: ag.floor(x).sum()])
def test_a_derivative_that_is_zero_of_what_does_depend_on_the_argument_is_no_matter_for_a_warning(f):
    x = np.ones(3)
    np.testing.assert_array_equal(ag.grad(f)(x), np.zeros(3), strict=True)
    np.testing.assert_array_equal(ag.jvp(f, [x], [x])[1], 0.0)


def test_nor_is_a_derivative_that_is_constant():
    x, c = np.ones(3), np.arange(3.0)
    np.testing.assert_array_equal(ag.hessian(lambda x: c @ x)(x), np.zeros((3, 3)))
    np.testing.assert_array_equal(ag.jacobian(lambda x: ag.grad(lambda x: c @ x)(x))(x), np.zeros((3, 3)))
    np.testing.assert_array_equal(ag.hvp(lambda x: c @ x, [x], [x])[0], np.zeros(3))


def test_an_argument_that_is_not_used_has_a_gradient_of_zeros(xy):
    x, y = xy
    gradients = ag.grad(lambda x, y: x.sum(), (0, 1))(x, y)
    np.testing.assert_array_equal(gradients, [np.ones((2, 3)), np.zeros((2, 3))])


def test_the_identity_has_derivative_one():
    assert ag.grad(lambda x: x)(3.0) == 1.0
    assert ag.jvp(lambda x: x, [3.0], [2.0]) == (3.0, 2.0)
    assert ag.grad(ag.grad(lambda x: x))(3.0) == 0.0
    assert ag.grad(lambda x: x * ag.grad(lambda y: y)(x))(3.0) == 1.0


def test_the_same_array_twice_is_two_arguments():
    x = np.array(3.0)
    assert ag.grad(lambda a, b: a * a * b, (0, 1))(x, x) == (18.0, 9.0)
    assert ag.jvp(lambda a, b: a * a * b, [x, x], [1.0, 0.0])[1] == 18.0


# SciPy


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B"])
def test_scipy_minimises_with_value_and_grad_as_it_is(method):
    optimize = pytest.importorskip("scipy.optimize")
    f = ag.value_and_grad(lambda x: ag.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))
    found = optimize.minimize(f, np.array([-1.2, 1.0, 0.5]), jac=True, method=method, tol=1e-10)
    np.testing.assert_allclose(found.x, np.ones(3), atol=1e-6)
    value, gradient = f(found.x)
    assert float(value) == pytest.approx(0.0, abs=1e-10)
    assert (gradient.dtype, gradient.shape) == (np.float64, (3,))
