"""Declaring operations: the four kinds, open to users, and what a declaration refuses."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import OptionError, Tensor
from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.graph.primitive import Primitive

pytestmark = pytest.mark.usefixtures("registry")


def declare_cube():
    @ag.pointwise(lambda _y, x: 3.0 * x * x, flops=2)
    def cube(x):
        """Third power."""
        return x * x * x

    return cube


def declare_hypotenuse():
    @ag.pointwise(lambda y, a, _b: a / y, lambda y, _a, b: b / y)
    def hypotenuse(a, b):
        return np.hypot(a, b)

    return hypotenuse


def declare_blend():
    @ag.pointwise(lambda _y, _a, _b, w: w, lambda _y, _a, _b, w: 1 - w, lambda _y, a, b, _w: a - b)
    def blend(a, b, w):
        return w * a + (1 - w) * b

    return blend


def declare_shift():
    @ag.linear(lambda ct, _x, by: shift(ct, by=-by))
    def shift(x, *, by):
        return np.roll(x, by)

    return lambda x: shift(x, by=2)


def declare_vector_product():
    @ag.bilinear(lambda ct, _a, b: moment(b, ct), lambda ct, a, _b: moment(ct, a))
    def moment(a, b):
        return np.cross(a, b)

    return moment


def declare_normalized():
    @ag.primitive(
        vjps=(lambda ct, y, x: (ct - y * ag.sum(ct * y)) / length(x),),
        jvps=(lambda t, y, x: (t - y * ag.sum(t * y)) / length(x),),
    )
    def normalized(x):
        return x / np.sqrt((x * x).sum())

    def length(x):
        return ag.sqrt(ag.sum(x * x))

    return normalized


DECLARATIONS = {
    "pointwise": (declare_cube, 1, (3,)),
    "pointwise, two": (declare_hypotenuse, 2, (3,)),
    "pointwise, three": (declare_blend, 3, (3,)),
    "linear": (declare_shift, 1, (5,)),
    "bilinear": (declare_vector_product, 2, (3,)),
    "general": (declare_normalized, 1, (3,)),
}


@pytest.mark.parametrize(("declare", "inputs", "shape"), DECLARATIONS.values(), ids=DECLARATIONS)
def test_a_users_operation_of_each_kind_has_every_derivative(declare, inputs, shape, rng):
    f = declare()
    xs = [rng.uniform(0.5, 1.5, shape) for _ in range(inputs)]
    ts = [rng.standard_normal(shape) for _ in range(inputs)]
    ct = rng.standard_normal(shape)
    out, pullback = ag.vjp(f, *xs)
    np.testing.assert_array_equal(out, f(*xs))

    def inner(us, vs):
        return sum(np.vdot(u, v) for u, v in zip(us, vs, strict=True))

    def quotient(g):
        h = 1e-5
        ahead = g(*(x + h * t for x, t in zip(xs, ts, strict=True)))
        behind = g(*(x - h * t for x, t in zip(xs, ts, strict=True)))
        return (np.asarray(ahead) - np.asarray(behind)) / (2 * h)

    slope = ag.jvp(f, xs, ts)[1]
    np.testing.assert_allclose(slope, quotient(f), rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(inner(pullback(ct), ts), inner([ct], [slope]), rtol=1e-12)

    every = tuple(range(inputs))
    gradient = ag.grad(lambda *xs: ag.sum(ct * f(*xs)), every)
    curvature = ag.jvp(lambda *xs: ag.concatenate(gradient(*xs)), xs, ts)[1]
    wanted = quotient(lambda *xs: np.concatenate(gradient(*xs)))
    np.testing.assert_allclose(curvature, wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("declare", "inputs", "shape"), DECLARATIONS.values(), ids=DECLARATIONS)
def test_a_users_operation_takes_arrays_without_recording_and_tensors_with(declare, inputs, shape):
    f = declare()
    xs = [np.ones(shape) for _ in range(inputs)]
    assert type(f(*xs)) is np.ndarray
    for i in range(inputs):
        mixed = [Tensor(x, requires_grad=True) if i == j else x for j, x in enumerate(xs)]
        out = f(*mixed)
        assert type(out) is Tensor
        assert out.requires_grad
        np.testing.assert_array_equal(out.data, f(*xs))


def test_declaring_enters_the_registry_under_the_functions_name(registry):
    cube = declare_cube()
    operation = registry["cube"]
    assert type(operation) is Primitive
    assert cube.primitive is operation
    assert (operation.name, operation.kind, operation.differentiable) == ("cube", "pointwise", True)
    assert operation.flops(np.zeros((2, 3)), np.zeros((2, 3))) == 12
    assert repr(operation) == "<primitive cube, pointwise>"


def test_a_declaration_keeps_docstring_name_signature_and_module():
    cube = declare_cube()
    assert (cube.__doc__, cube.__name__, cube.__module__) == ("Third power.", "cube", __name__)
    assert str(inspect.signature(cube)) == "(x)"
    assert inspect.unwrap(cube)(2.0) == 8.0


def test_a_name_that_another_module_has_declared_is_refused_and_the_first_one_stays(registry):
    before = registry["exp"]
    with pytest.raises(OptionError, match=r"'exp' .*autograd_core\.ops\.entrywise\.elementary.*another name"):

        @ag.pointwise(lambda y, _x: y)
        def exp(x):
            return np.exp(x)

    assert registry["exp"] is before


def test_a_name_that_another_function_of_the_same_module_has_declared_is_refused():
    declare_cube()

    with pytest.raises(OptionError, match="'cube'"):

        @ag.pointwise(1)
        def cube(x):
            return x


def test_a_leading_underscore_does_not_make_another_name():
    with pytest.raises(OptionError, match="'exp'"):

        @ag.pointwise(1)
        def _exp(x):
            return x


def test_the_same_function_may_be_declared_again_as_a_notebook_cell_does(registry):
    first = declare_cube()
    second = declare_cube()
    assert first.primitive is not second.primitive
    assert registry["cube"] is second.primitive
    assert ag.grad(first)(2.0) == ag.grad(second)(2.0) == 12.0


def test_an_argument_without_a_rule_is_a_constant():
    @ag.pointwise(lambda _y, _x, scale: scale, None)
    def scaled(x, scale):
        return x * scale

    assert ag.grad(scaled, (0, 1))(3.0, 2.0) == (2.0, 0.0)
    assert ag.jvp(scaled, [3.0, 2.0], [1.0, 1.0])[1] == 2.0


def test_an_operation_without_rules_stops_every_derivative():
    @ag.pointwise(None)
    def rounded(x):
        return np.round(x)

    x = Tensor(1.6, requires_grad=True)
    assert not rounded(x).requires_grad
    assert ag.grad(lambda x: x * rounded(x))(1.6) == 2.0


def test_a_constant_partial_is_a_number():
    @ag.pointwise(2.5)
    def stretched(x):
        return 2.5 * x

    assert ag.grad(stretched)(1.0) == 2.5
    assert ag.grad(ag.grad(stretched))(1.0) == 0.0


def test_a_pointwise_operation_may_take_keyword_parameters():
    @ag.pointwise(lambda _y, x, slope: ag.where(x > 0, 1.0, slope))
    def leaky(x, *, slope=0.1):
        return np.where(x > 0, x, slope * x)

    assert ag.grad(lambda x: leaky(x, slope=0.5))(-2.0) == 0.5
    assert ag.jvp(lambda x: leaky(x, slope=0.5), [-2.0], [1.0])[1] == 0.5


def test_a_constant_partial_may_go_with_keyword_parameters():
    @ag.pointwise(1)
    def offset(x, *, by):
        return x + by

    assert ag.grad(lambda x: offset(x, by=2.0))(1.0) == 1.0


def test_a_rule_need_not_undo_broadcasting_or_care_for_the_dtype():
    hypotenuse = declare_hypotenuse()
    a, b = Tensor(np.full((2, 3), 3.0), requires_grad=True), Tensor(np.float32(4.0), True)
    hypotenuse(a, b).sum().backward()
    np.testing.assert_allclose(a.grad, np.full((2, 3), 0.6))
    np.testing.assert_allclose(b.grad, 6 * 0.8)
    assert b.grad.dtype == np.float32


def test_rules_of_operands_that_need_no_gradient_are_never_called():
    def forbidden(*_):
        raise AssertionError("called for a constant")

    @ag.primitive(vjps=(lambda ct, *_: ct, forbidden), jvps=(lambda t, *_: t, forbidden))
    def first_of(a, b):
        return a + 0 * b

    assert ag.grad(lambda x: first_of(x, 2.0))(1.0) == 1.0
    assert ag.grad(lambda x: first_of(x, Tensor(2.0)))(1.0) == 1.0
    assert ag.jvp(lambda x: first_of(x, 2.0), [1.0], [1.0])[1] == 1.0


def test_the_default_notation_is_the_name_applied():
    notation = declare_cube().primitive.notation
    assert notation.symbol == "cube"
    assert notation.text("A") == "cube(A)"


def test_the_cotangent_of_a_users_operation_can_be_taken_at_any_node():
    cube = declare_cube()
    x = Tensor(2.0, requires_grad=True)
    middle = cube(x)
    out = middle * middle
    assert reverse_sweep({out: np.ones(())}, [middle]) == {middle: 16.0}
