"""Arguments, tangents and results in containers: lists, tuples, dicts and what they nest."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import DtypeError, OptionError, ShapeError, Tensor


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
