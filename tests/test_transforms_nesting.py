"""Transforms of transforms: second derivatives by every route, and no perturbation confused."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from transform_case import bump, two_arrays

import autograd_core as ag

xy = pytest.fixture(two_arrays)


def test_every_nesting_of_two_transforms_gives_the_second_derivative():
    x = 0.7
    wanted = -2 * np.tanh(x) * (1 - np.tanh(x) ** 2)

    def by_jvp(f):
        return lambda x: ag.jvp(f, [x], [1.0])[1]

    def by_vjp(f):
        return lambda x: ag.vjp(f, x)[1](1.0)[0]

    for outer, inner in itertools.product((ag.grad, by_jvp, by_vjp), repeat=2):
        found = outer(inner(ag.tanh))(x)
        assert type(found) is np.ndarray
        np.testing.assert_allclose(found, wanted, rtol=1e-14)


def test_derivatives_nest_to_any_depth():
    f, derivatives = (lambda x: x**5), []
    for _ in range(7):
        derivatives.append(float(f(2.0)))
        f = ag.grad(f)
    assert derivatives == [32.0, 80.0, 160.0, 240.0, 240.0, 120.0, 0.0]


def test_the_jvp_of_the_gradient_is_the_gradient_of_the_jvp(xy):
    """The Hessian times a vector, by two routes, and as a difference quotient."""
    x, t = xy
    y = np.full_like(x, 0.3)

    def f(x):
        return bump(x, y)

    forward = ag.jvp(ag.grad(f), [x], [t])[1]
    backward = ag.grad(lambda x: ag.jvp(f, [x], [t])[1])(x)
    h = 1e-5
    quotient = (ag.grad(f)(x + h * t) - ag.grad(f)(x - h * t)) / (2 * h)
    np.testing.assert_allclose(forward, backward, rtol=1e-12)
    np.testing.assert_allclose(forward, quotient, rtol=1e-7)


def test_mixed_second_derivatives_are_symmetric(xy):
    x, y = xy
    d_xy = ag.grad(lambda y: ag.grad(bump, 0)(x, y).sum())(y)
    d_yx = ag.grad(lambda x: ag.grad(bump, 1)(x, y).sum())(x)
    np.testing.assert_allclose(d_xy, d_yx, rtol=1e-12)


@pytest.mark.parametrize("x", [2.0, np.array(2.0)], ids=["number", "array"])
def test_perturbations_of_two_variables_are_not_confused(x):
    """d/dx [x d/dy (x y)] = d/dx x² = 2 x: x's perturbation is not y's."""

    def by_grad(x):
        return x * ag.grad(lambda y: x * y)(1.0)

    def by_jvp(x):
        return x * ag.jvp(lambda y: x * y, [1.0], [1.0])[1]

    def by_vjp(x):
        return x * ag.vjp(lambda y: x * y, 1.0)[1](1.0)[0]

    for f in (by_grad, by_jvp, by_vjp):
        assert ag.grad(f)(x) == 4.0
        assert ag.jvp(f, [x], [1.0])[1] == 4.0
        assert ag.vjp(f, x)[1](1.0)[0] == 4.0


def test_the_classical_confusion_of_a_sum_is_avoided():
    """d/dx [x d/dy (x + y)] at 1 is 1, not 2."""
    assert ag.jvp(lambda x: x * ag.jvp(lambda y: x + y, [1.0], [1.0])[1], [1.0], [1.0])[1] == 1.0


def test_a_pullback_is_a_function_that_can_be_differentiated(xy):
    x, y = xy
    _, pullback = ag.vjp(ag.tanh, x)
    slope = ag.grad(lambda ct: (pullback(ct)[0] * y).sum())(np.ones((2, 3)))
    np.testing.assert_allclose(slope, y * (1 - np.tanh(x) ** 2), rtol=1e-14)


def test_a_step_of_gradient_descent_can_be_differentiated_by_its_rate():
    def after_two_steps(rate):
        w = ag.tensor(1.0)
        for _ in range(2):
            w = w - rate * ag.grad(lambda w: w**2)(w)
        return w

    assert ag.grad(after_two_steps)(0.25) == 2 * (1 - 2 * 0.25) * -2
