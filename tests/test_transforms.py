"""Functions of arrays that return derivatives: their forms, their nesting, and what they refuse."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import DtypeError, GraphError, OptionError, ShapeError, Tensor


def cubes(x):
    return (x**3).sum()


def bump(x, y):
    """A scalar of two arrays with every mixed derivative different from 0."""
    return (ag.tanh(x) * ag.exp(-y) * x + x * y * y).sum()


@pytest.fixture
def xy(rng):
    return rng.standard_normal((2, 3)), rng.standard_normal((2, 3))


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
        lambda x: (x > 0).sum(),
        lambda x: x.sum() * 0,
    ],
    ids=["float", "np.float64", "array", "Tensor", "other", "detached", "comparison", "times 0"],
)
def test_where_nothing_depends_on_the_argument_every_derivative_is_zero(f):
    x = np.ones(3)
    gradient = ag.grad(f)(x)
    np.testing.assert_array_equal(gradient, np.zeros(3), strict=True)
    np.testing.assert_array_equal(ag.vjp(f, x)[1](np.array(1.0))[0], np.zeros(3), strict=True)
    slope = ag.jvp(f, [x], [x])[1]
    assert (type(slope), slope.shape, slope.item()) == (np.ndarray, (), 0.0)


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


# Nesting


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


# Containers


class Affine(NamedTuple):
    W: object
    b: object


W, B, C = np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([0.3, -0.7]), 2.0
CONTAINERS = {
    "list": (lambda W, b, c: [W, b, c], lambda p: p),
    "tuple": (lambda W, b, c: (W, b, c), lambda p: p),
    "dict": (lambda W, b, c: {"W": W, "b": b, "c": c}, lambda p: p.values()),
    "named tuple": (lambda W, b, c: [Affine(W, b), c], lambda p: (p[0].W, p[0].b, p[1])),
    "nested": (
        lambda W, b, c: {"deep": [(W, {"b": b})], "none": [], "c": c},
        lambda p: (p["deep"][0][0], p["deep"][0][1]["b"], p["c"]),
    ),
}
in_containers = pytest.mark.parametrize(("pack", "unpack"), CONTAINERS.values(), ids=CONTAINERS)


def quadratic(W, b, c):
    """A scalar of three arrays with every mixed derivative different from 0."""
    return ag.tanh(W @ b * c).sum() + (b * b).sum() * c


def kinds(tree):
    """The containers of a container."""
    if isinstance(tree, dict):
        return {key: kinds(part) for key, part in tree.items()}
    return (type(tree), [kinds(part) for part in tree]) if isinstance(tree, list | tuple) else None


@in_containers
def test_a_gradient_is_arranged_as_its_argument(pack, unpack):
    params = pack(W, B, C)
    value, gradient = ag.value_and_grad(lambda p: quadratic(*unpack(p)))(params)
    wanted = ag.grad(quadratic, (0, 1, 2))(W, B, C)
    assert kinds(gradient) == kinds(params)
    assert value == quadratic(W, B, C)
    for found, array in zip(unpack(gradient), wanted, strict=True):
        np.testing.assert_array_equal(found, array, strict=True)


@in_containers
def test_jvp_and_vjp_take_and_give_containers(pack, unpack, rng):
    """Primals, tangents, results and cotangents; held together by the adjoint identity."""

    def f(p, x):
        W, b, c = unpack(p)
        return pack(W * c * x, ag.tanh(b) * W.sum(), c * x)

    params, x = pack(W, B, C), np.array(1.5)
    direction, t = pack(rng.normal(size=(2, 2)), rng.normal(size=2), 0.4), np.array(-0.8)
    out, slope = ag.jvp(f, [params, x], [direction, t])
    again, pullback = ag.vjp(f, params, x)
    ct = pack(rng.normal(size=(2, 2)), rng.normal(size=2), 1.3)
    moved, rest = pullback(ct)
    assert kinds(out) == kinds(slope) == kinds(again) == kinds(moved) == kinds(params)
    for a, b in zip(unpack(out), unpack(again), strict=True):
        np.testing.assert_array_equal(a, b)

    def dot(a, b):
        return sum(np.vdot(x, y) for x, y in zip(unpack(a), unpack(b), strict=True))

    np.testing.assert_allclose(dot(ct, slope), dot(moved, direction) + rest * t, rtol=1e-13)


@in_containers
def test_second_derivatives_pass_through_containers(pack, unpack):
    params, direction = pack(W, B, C), pack(W[::-1].copy(), B[::-1].copy(), -0.4)
    gradient = ag.grad(lambda p: quadratic(*unpack(p)))
    forward = ag.jvp(gradient, [params], [direction])[1]

    def along(p):
        pairs = zip(unpack(gradient(p)), unpack(direction), strict=True)
        return sum((ag.sum(g * t) for g, t in pairs), 0.0)

    backward = ag.grad(along)(params)
    assert kinds(forward) == kinds(backward) == kinds(params)
    for a, b in zip(unpack(forward), unpack(backward), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_a_list_of_numbers_has_a_list_of_gradients():
    gradient = ag.grad(lambda x: x[0] * x[1] ** 2)([2, 3.0])
    assert type(gradient) is list
    assert gradient == [9.0, 12.0]
    assert {g.dtype for g in gradient} == {np.dtype(np.float64)}


def test_several_arguments_and_containers_mix():
    gradients = ag.grad(lambda p, x: p["a"] * x * x, (1, 0))({"a": 2.0}, 3.0)
    assert gradients == (12.0, {"a": 9.0})


def test_a_container_that_is_not_differentiated_by_passes_through():
    def f(x, options):
        assert options == {"power": 3, "name": ["cube"], "nothing": None}
        return x ** options["power"]

    assert ag.grad(f)(2.0, {"power": 3, "name": ["cube"], "nothing": None}) == 12.0


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"W": [1.0, None]}, r'^params\["W"\]\[1\] is None, which is no array'),
        ({"W": ["text"]}, r"^params\[\"W\"\]\[0\] is 'text', which is no array"),
        (Affine(1.0, np.arange(3)), r"^params\.b: .* dtype int64.*float64"),
        ([1.0, True], r"^params\[1\]: .* dtype bool"),
        ([1.0, (2.0, 1j)], r"^params\[1\]\[1\]: .* dtype complex128"),
        (None, r"^params is None, which is no array"),
        (np.arange(3), r"^params: .*dtype int64"),
    ],
    ids=str,
)
def test_what_cannot_be_differentiated_by_is_refused_by_its_path(params, message):
    def f(x, params):
        raise AssertionError

    for act in (
        lambda: ag.grad(f, 1)(0.0, params),
        lambda: ag.grad(f, (0, -1))(0.0, params),
        lambda: ag.vjp(f, 0.0, params),
        lambda: ag.jvp(f, [0.0, params], [0.0, params]),
    ):
        with pytest.raises(DtypeError, match=message):
            act()


def test_an_argument_without_a_name_is_called_by_its_place():
    with pytest.raises(DtypeError, match=r"^args\[1\]\[0\] is None"):
        ag.grad(lambda *args: args[0], (0, 1))(1.0, [None])
    with pytest.raises(DtypeError, match=r"^args\[0\] is None"):
        ag.grad(max)(None)


@pytest.mark.parametrize(
    ("tangents", "error", "message"),
    [
        ([{"W": 1.0}], ShapeError, r"tangents\[0\] is a dict with the keys 'W', but .* 'W', 'b' is wanted"),
        ([{"W": 1.0, "b": 1.0}], ShapeError, r'tangents\[0\]\["b"\] is one float, but a list of 1'),
        ([{"W": 1.0, "b": [[1.0]]}], ShapeError, r'tangents\[0\]\["b"\]\[0\] is a list of 1, but one array'),
        (
            [{"W": 1.0, "b": [B]}],
            ShapeError,
            r'tangent .*\(2,\) for a primal that is b\[0\] of shape \(\), at tangents\[0\]\["b"\]\[0\]',
        ),
        ([{"W": 1.0, "b": [None]}], DtypeError, r'tangents\[0\]\["b"\]\[0\] is None, which is no array'),
    ],
    ids=str,
)
def test_tangents_arranged_otherwise_are_refused_by_the_first_path_that_differs(tangents, error, message):
    params = {"W": 1.0, "b": [2.0]}
    with pytest.raises(error, match=message):
        ag.jvp(lambda p: p["W"] * p["b"][0], [params], tangents)


def test_a_cotangent_arranged_otherwise_is_refused():
    _, pullback = ag.vjp(lambda x: {"y": x, "z": [x]}, B)
    for ct, message in [
        (B, r"cotangent is one ndarray, but a dict with the keys 'y', 'z'"),
        ({"y": B, "z": B}, r'cotangent\["z"\] is one ndarray, but a list of 1'),
        ({"y": B, "z": [C]}, r'cotangent .*\(\) for a result .*\(2,\), at cotangent\["z"\]\[0\]'),
    ]:
        with pytest.raises(ShapeError, match=message):
            pullback(ct)
    with pytest.raises(ShapeError, match=r"cotangent is a list of 2, but one array is wanted; np\.array"):
        ag.vjp(ag.tanh, B)[1]([1.0, 1.0])
    with pytest.raises(DtypeError, match="cotangent is None"):
        ag.vjp(lambda x: x, 1.0)[1](None)


def test_the_keys_of_a_tangent_may_come_in_another_order():
    def f(p):
        return p["x"] * p["y"]

    assert ag.jvp(f, [{"x": 2.0, "y": 3.0}], [{"y": 1.0, "x": 0.0}])[1] == 2.0


def test_a_result_returned_twice_and_a_variable_returned_get_the_sum_of_their_cotangents():
    def f(x):
        y = x * x
        return y, [y, x], 3.0 * y

    assert ag.vjp(f, 2.0)[1]((1.0, [10.0, 100.0], 1000.0))[0] == 11 * 4 + 100 + 3000 * 4
    out, slope = ag.jvp(f, [2.0], [1.0])
    assert (out, slope) == ((4.0, [4.0, 2.0], 12.0), (4.0, [4.0, 1.0], 12.0))


def test_constants_among_the_results_have_derivative_zero():
    out, slope = ag.jvp(lambda x: {"x": x, "two": 2.0, "three": np.full(2, 3.0)}, [1.0], [1.0])
    assert (out["two"], slope["two"], slope["x"]) == (2.0, 0.0, 1.0)
    np.testing.assert_array_equal(slope["three"], np.zeros(2))
    assert ag.vjp(lambda x: [x, 2.0], 1.0)[1]([1.0, 5.0])[0] == 1.0


@pytest.mark.parametrize("out", [None, "text", [1.0, None], {"a": {1}}], ids=str)
def test_a_result_that_is_no_array_is_refused(out):
    for act in (lambda f: ag.vjp(f, 1.0), lambda f: ag.jvp(f, [1.0], [1.0]), lambda f: ag.grad(f)(1.0)):
        with pytest.raises(DtypeError, match=r"returned result.* = .*no array of real numbers.*has_aux"):
            act(lambda x: out)


def test_the_gradient_of_a_container_is_refused():
    with pytest.raises(ShapeError, match=r"a tuple of 2; a gradient is that of one scalar.*has_aux"):
        ag.grad(lambda x: (x, x))(1.0)


def test_errors_call_the_variables_by_their_keys():
    params = {"W": np.ones((2, 3)), "first": Affine(np.ones((2, 3)), B)}
    with pytest.raises(ShapeError, match=r"W of shape \(2, 3\) and first\.W of shape \(2, 3\)"):
        ag.grad(lambda p: (p["W"] @ p["first"].W).sum())(params)
    named = ag.tensor(np.ones((2, 3)), name="Θ")
    with pytest.raises(ShapeError, match=r"Θ of shape \(2, 3\)"):
        ag.grad(lambda x: (x @ x).sum())(named)


def test_primals_that_are_one_array_are_refused_with_the_remedy():
    for primals, tangents in ((B, B), ([B], B), (B, [B]), ({"x": B}, {"x": B}), (1.0, 1.0)):
        with pytest.raises(OptionError, match=r"jvp\(f, \[x\], \[t\]\)"):
            ag.jvp(ag.tanh, primals, tangents)


def test_a_container_of_tensors_that_record_is_recorded():
    w = ag.tensor(B, requires_grad=True)
    value, gradient = ag.value_and_grad(lambda p: (p["w"][0] ** 3).sum())({"w": [w]})
    (gradient["w"][0].sum() + value).backward()
    np.testing.assert_allclose(w.grad, 6 * B + 3 * B**2)
    for data in ([w], {"w": w}):
        found = ag.grad(lambda x, data: (x * sum(data.values() if isinstance(data, dict) else data)).sum())(
            B, data
        )
        assert type(found) is Tensor


def test_a_slope_along_a_tangent_that_records_is_recorded():
    t = ag.tensor(B, requires_grad=True)
    _, slope = ag.jvp(lambda p: p["x"] ** 2, [{"x": B}], [{"x": t}])
    slope.sum().backward()
    np.testing.assert_allclose(t.grad, 2 * B)


# A second result that is not differentiated


def with_aux(x):
    y = x * x
    return y.sum(), {"y": y, "x": x, "text": "aux", "nothing": None, "array": B}


def test_the_second_result_comes_back_as_plain_values():
    x = np.array([1.0, 2.0])
    plain = ag.grad(lambda x: with_aux(x)[0])(x)
    (value, aux), gradient = ag.value_and_grad(with_aux, has_aux=True)(x)
    only, aux_of_grad = ag.grad(with_aux, has_aux=True)(x)
    out, pullback, aux_of_vjp = ag.vjp(with_aux, x, has_aux=True)
    out_of_jvp, slope, aux_of_jvp = ag.jvp(with_aux, [x], [x], has_aux=True)
    assert value == out == out_of_jvp == 5.0
    assert slope == 10.0
    for found in (gradient, only, pullback(1.0)[0]):
        np.testing.assert_array_equal(found, plain, strict=True)
    for found in (aux, aux_of_grad, aux_of_vjp, aux_of_jvp):
        assert (found["text"], found["nothing"]) == ("aux", None)
        assert found["array"] is B
        np.testing.assert_array_equal(found["y"], x * x, strict=True)
        np.testing.assert_array_equal(found["x"], x, strict=True)
        assert not np.shares_memory(found["x"], x)


def test_the_second_result_may_be_anything():
    for aux in (None, "text", (), object(), {1, 2}):
        assert ag.grad(lambda x, aux=aux: (x * x, aux), has_aux=True)(3.0) == (6.0, aux)


def test_the_second_result_is_differentiated_from_outside():
    """d/dx (x² + 3 x² + d/dx x³) where 3 x² comes out as the second result."""

    def inner(x):
        return x**3, 3.0 * x * x

    def outer(x):
        gradient, aux = ag.grad(inner, has_aux=True)(x)
        return x * x + aux + gradient

    assert ag.grad(outer)(2.0) == 4.0 + 12.0 + 12.0

    def by_jvp(x):
        _, slope, aux = ag.jvp(inner, [x], [1.0], has_aux=True)
        return slope * aux

    assert ag.grad(by_jvp)(2.0) == 4 * 9 * 2.0**3


@pytest.mark.parametrize("out", [lambda x: x, lambda x: (x,), lambda x: (x, x, x), lambda x: [x, x]])
def test_a_result_that_is_no_pair_is_refused(out):
    for act in (
        lambda: ag.grad(out, has_aux=True)(1.0),
        lambda: ag.vjp(out, 1.0, has_aux=True),
        lambda: ag.jvp(out, [1.0], [1.0], has_aux=True),
    ):
        with pytest.raises(OptionError, match=r"has_aux=True: .*tuple of two, \(value, aux\)"):
            act()


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
