"""Jacobians, Hessians, their products with vectors, and a gradient for each example."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import DtypeError, OptionError, ShapeError, Tensor
from autograd_core.differentiation.derivatives import hessian, hvp, jacobian, per_example_grad

MODES = ("auto", "forward", "reverse")
in_every_mode = pytest.mark.parametrize("mode", MODES)


def difference(f, x, h=1e-6):
    """The Jacobian as central differences; one column for each entry of x."""
    columns = []
    for i in range(x.size):
        step = np.zeros(x.shape)
        step.flat[i] = h
        columns.append((np.asarray(f(x + step)) - np.asarray(f(x - step))) / (2 * h))
    return np.stack(columns, -1).reshape(np.shape(f(x)) + x.shape)


def mixing(x):
    """From any shape to (2, 3), every entry depending on every entry."""
    y = ag.sum(ag.tanh(x) * x) * np.arange(1.0, 7.0).reshape(2, 3)
    return ag.exp(-0.1 * y) * ag.mean(x * x * x)


def rosenbrock(x):
    return ag.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_hessian(x):
    n = len(x)
    H = np.zeros((n, n))
    for i in range(n - 1):
        H[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        H[i + 1, i + 1] += 200
        H[i, i + 1] = H[i + 1, i] = -400 * x[i]
    return H


# jacobian


@in_every_mode
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (4, 2)], ids=str)
def test_a_jacobian_is_its_difference_quotient_in_the_shape_of_the_result_and_the_argument(mode, shape, rng):
    x = rng.uniform(0.5, 1.5, shape)
    found = jacobian(mixing, mode=mode)(x)
    assert (type(found), found.dtype, found.flags.writeable) == (np.ndarray, np.float64, True)
    np.testing.assert_allclose(found, difference(mixing, x), rtol=1e-7, atol=1e-9, strict=True)


@in_every_mode
def test_the_jacobian_of_a_matrix_product(mode, rng):
    """d (A X)[i, j] / d X[k, l] = A[i, k] δ[j, l], and d / d A[k, l] = δ[i, k] X[l, j]."""
    A, X = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    by_A, by_X = jacobian(lambda A, X: A @ X, (0, 1), mode)(A, X)
    np.testing.assert_allclose(by_A, np.einsum("ik,lj->ijkl", np.eye(2), X), strict=True)
    np.testing.assert_allclose(by_X, np.einsum("ik,jl->ijkl", A, np.eye(4)), strict=True)


@in_every_mode
def test_the_jacobian_of_a_scalar_is_its_gradient(mode):
    x = np.array([0.5, -1.0, 2.0])
    np.testing.assert_array_equal(jacobian(rosenbrock, mode=mode)(x), ag.grad(rosenbrock)(x), strict=True)


def test_argnums_mean_what_they_mean_for_a_gradient():
    def f(a, b):
        return a * b

    both = jacobian(f, (0, 1))(2.0, 3.0)
    assert (type(both), both) == (tuple, (3.0, 2.0))
    assert jacobian(f, -1)(2.0, 3.0) == 2.0
    assert jacobian(f, [1])(2.0, 3.0) == (2.0,)
    assert jacobian(lambda x, *, k: k * x)(2.0, k=5.0) == 5.0
    for argnums in (2, (0, 0), -3):
        with pytest.raises(OptionError, match="2 positional arguments"):
            jacobian(f, argnums)(2.0, 3.0)


@in_every_mode
def test_containers_on_both_sides(mode):
    def f(p):
        return {"y": p["W"] @ p["b"][0], "z": [p["b"][0] * 2.0]}

    W, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0])
    J = jacobian(f, mode=mode)({"W": W, "b": [b]})
    np.testing.assert_allclose(J["y"]["b"][0], W, strict=True)
    np.testing.assert_allclose(J["y"]["W"], np.einsum("ik,l->ikl", np.eye(2), b), strict=True)
    np.testing.assert_allclose(J["z"][0]["W"], np.zeros((2, 2, 2)), strict=True)
    np.testing.assert_allclose(J["z"][0]["b"][0], 2 * np.eye(2), strict=True)


@in_every_mode
@pytest.mark.parametrize(
    "f",
    [lambda x: 2.0, lambda x: np.ones(4), lambda x: Tensor(np.ones((1, 4)))],
    ids=range(3),
)
def test_where_nothing_depends_on_the_argument_the_block_is_zero(mode, f):
    x = np.ones((2, 2))
    with pytest.warns(UserWarning, match="does not depend"):
        found = jacobian(f, mode=mode)(x)
    shape = np.shape(f(x)) if not isinstance(f(x), Tensor) else f(x).shape
    np.testing.assert_array_equal(found, np.zeros((*shape, 2, 2)), strict=True)


@in_every_mode
def test_an_empty_argument_or_result_has_an_empty_jacobian(mode):
    assert jacobian(lambda x: x.sum() * np.ones(3), mode=mode)(np.ones((0, 2))).shape == (3, 0, 2)
    assert jacobian(lambda x: x[:0], mode=mode)(np.ones((3, 2))).shape == (0, 2, 3, 2)


@in_every_mode
def test_blocks_have_the_dtype_of_their_argument(mode):
    x, y = np.ones(3, np.float32), np.ones(2)
    by_x, by_y = jacobian(lambda x, y: x.sum() * y, (0, 1), mode)(x, y)
    assert (by_x.dtype, by_y.dtype) == (np.float32, np.float64)
    down = jacobian(lambda y: ag.astype(y, np.float32) * 2, mode=mode)(y)
    assert down.dtype == np.float64


@pytest.fixture
def counted(registry):
    """An operation that counts its calls and those of its rules."""
    calls = Counter()

    def rule(name):
        def count(d, *_):
            calls[name] += 1
            return d

        return count

    @ag.primitive(vjps=(rule("reverse"),), jvps=(rule("forward"),))
    def counted_copy(x):
        calls["call"] += 1
        return x + 0.0

    return counted_copy, calls


@pytest.mark.parametrize(
    ("n", "m", "mode", "sweeps"),
    [
        (2, 5, "auto", {"forward": 2}),
        (5, 2, "auto", {"reverse": 2}),
        (3, 3, "auto", {"reverse": 3}),
        (5, 2, "forward", {"forward": 5}),
        (2, 5, "reverse", {"reverse": 5}),
    ],
)
def test_the_function_is_called_once_and_swept_once_for_each_entry_of_the_smaller_side(
    counted, n, m, mode, sweeps
):
    copy, calls = counted
    M = np.arange(1.0, 1 + n * m).reshape(m, n)
    np.testing.assert_allclose(jacobian(lambda x: copy(M @ x), mode=mode)(np.ones(n)), M)
    assert calls == {"call": 1, **sweeps}


def test_an_unknown_mode_is_refused_before_anything_runs():
    with pytest.raises(OptionError, match=r"unknown mode 'foward'.*'forward'"):
        jacobian(mixing, mode="foward")


@in_every_mode
def test_a_jacobian_can_be_differentiated(mode, rng):
    """J(x) = diag(3 x²) of x³, so d |J|² / dx = 36 x³, and the Jacobian of J is diag(6 x)."""
    x = rng.normal(size=3)
    J = jacobian(lambda x: x**3, mode=mode)
    np.testing.assert_allclose(ag.grad(lambda x: ag.sum(J(x) ** 2))(x), 36 * x**3, rtol=1e-13)
    for outer in MODES:
        third = jacobian(J, mode=outer)(x)
        np.testing.assert_allclose(third, np.einsum("ij,jk,j->ijk", np.eye(3), np.eye(3), 6 * x), atol=1e-13)
    slope = ag.jvp(J, [x], [np.ones(3)])[1]
    np.testing.assert_allclose(slope, np.diag(6 * x), atol=1e-13)


@in_every_mode
def test_a_jacobian_of_a_tensor_that_records_is_recorded(mode):
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    J = jacobian(lambda x: x * x, mode=mode)(x)
    assert type(J) is Tensor
    (J * J).sum().backward()
    np.testing.assert_allclose(x.grad, 8 * x.data)
    assert type(jacobian(lambda x: x * x, mode=mode)(x.data)) is np.ndarray


@in_every_mode
def test_what_a_function_takes_from_outside_is_differentiated_from_outside(mode):
    """d/dw of the Jacobian of w x² by x."""

    def slope(w):
        return ag.sum(jacobian(lambda x: w * x * x, mode=mode)(np.array([1.0, 2.0])))

    assert ag.grad(slope)(5.0) == 6.0


def test_no_grad_outside_changes_nothing():
    with ag.no_grad():
        np.testing.assert_array_equal(jacobian(lambda x: x * x)(np.ones(2)), 2 * np.eye(2))
        np.testing.assert_array_equal(hessian(lambda x: (x * x).sum())(np.ones(2)), 2 * np.eye(2))
        assert hvp(lambda x: x * x, [3.0], [1.0]) == (2.0,)


# hessian


def test_the_hessian_of_rosenbrocks_function(rng):
    x = rng.normal(size=4)
    H = hessian(rosenbrock)(x)
    np.testing.assert_allclose(H, rosenbrock_hessian(x), rtol=1e-12, atol=1e-9, strict=True)
    np.testing.assert_allclose(H, difference(ag.grad(rosenbrock), x), rtol=1e-6, atol=1e-4)


def test_the_hessian_of_a_logistic_regression(rng):
    """J = Σ log(1 + exp(-y wᵀx)) has the Hessian X diag(p (1 - p)) Xᵀ."""
    X, y, w = rng.normal(size=(3, 8)), np.sign(rng.normal(size=8)), rng.normal(size=3)

    def J(w):
        return -ag.sum(ag.log(ag.sigmoid(y * (w @ X))))

    p = 1 / (1 + np.exp(-(w @ X)))
    wanted = (X * (p * (1 - p))) @ X.T
    np.testing.assert_allclose(hessian(J)(w), wanted, rtol=1e-12)
    v = rng.normal(size=3)
    np.testing.assert_allclose(hvp(J, [w], [v])[0], wanted @ v, rtol=1e-12)


def test_blocks_of_a_hessian_are_arranged_as_the_arguments():
    A, x = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0])

    def f(A, x):
        return x @ A @ x

    (AA, Ax), (xA, xx) = hessian(f, (0, 1))(A, x)
    np.testing.assert_array_equal(AA, np.zeros((2, 2, 2, 2)), strict=True)
    np.testing.assert_allclose(xx, A + A.T, strict=True)
    wanted = np.einsum("ik,j->ijk", np.eye(2), x) + np.einsum("jk,i->ijk", np.eye(2), x)
    np.testing.assert_allclose(Ax, wanted, strict=True)
    np.testing.assert_allclose(xA, np.moveaxis(wanted, 2, 0), strict=True)
    in_dict = hessian(lambda p: f(p["A"], p["x"]))({"A": A, "x": x})
    np.testing.assert_array_equal(in_dict["A"]["x"], Ax)
    np.testing.assert_array_equal(in_dict["x"]["x"], xx)


def test_a_hessian_is_recorded_once_and_swept_forward(counted):
    copy, calls = counted
    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(hessian(lambda x: (copy(x) ** 3).sum())(x), np.diag(6 * x))
    assert calls == {"call": 1, "reverse": 1, "forward": 3}


def test_the_hessian_of_a_matrix_argument_has_its_shape_twice(rng):
    X = rng.normal(size=(2, 3))
    H = hessian(lambda X: (X**4).sum())(X)
    np.testing.assert_allclose(H.reshape(6, 6), np.diag(12 * X.ravel() ** 2), strict=True)
    assert hessian(lambda x: x**4)(2.0) == 48.0


def test_third_derivatives(rng):
    x = rng.normal(size=3)
    third = jacobian(hessian(lambda x: x[0] * x[1] * x[2] + (x**3).sum()))(x)
    wanted = np.zeros((3, 3, 3))
    for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        wanted[i, j, k] = 1.0
    wanted[range(3), range(3), range(3)] = 6.0
    np.testing.assert_allclose(third, wanted, atol=1e-13)
    trace = ag.grad(lambda x: ag.sum(hessian(rosenbrock)(x) * np.eye(3)))(x)
    np.testing.assert_allclose(trace, [2400 * x[0], 2400 * x[1] - 400, -400.0], rtol=1e-12)


# hvp


def test_hvp_is_the_hessian_times_the_vector_without_forming_it(rng):
    x, v = rng.normal(size=5), rng.normal(size=5)
    (product,) = hvp(rosenbrock, [x], [v])
    np.testing.assert_allclose(product, rosenbrock_hessian(x) @ v, rtol=1e-11, strict=True)
    h = 1e-5
    gradient = ag.grad(rosenbrock)
    quotient = (gradient(x + h * v) - gradient(x - h * v)) / (2 * h)
    np.testing.assert_allclose(product, quotient, rtol=1e-5, atol=1e-4)


def test_hvp_couples_all_the_primals(rng):
    def f(p, x):
        return ag.sum(ag.tanh(p["W"] @ x) * p["b"])

    def shifted(s):
        moved = ({key: p[key] + s * t[key] for key in p}, x + s * u)
        return ag.grad(f, (0, 1))(*moved)

    p, t = ({"W": rng.normal(size=(2, 3)), "b": rng.normal(size=2)} for _ in range(2))
    x, u = rng.normal(size=3), rng.normal(size=3)
    by_p, by_x = hvp(f, [p, x], [t, u])
    (above, above_x), (below, below_x) = shifted(1e-5), shifted(-1e-5)
    for key in ("W", "b"):
        np.testing.assert_allclose(by_p[key], (above[key] - below[key]) / 2e-5, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(by_x, (above_x - below_x) / 2e-5, rtol=1e-6, atol=1e-8)


def test_hvp_nests():
    """f = x⁵: hvp = 20 x³ v; its gradient 60 x² v, its own hvp 120 x v."""

    def product(x):
        return hvp(lambda x: x**5, [x], [3.0])[0]

    assert product(2.0) == 20 * 8 * 3
    assert ag.grad(product)(2.0) == 60 * 4 * 3
    assert ag.jvp(product, [2.0], [1.0])[1] == 60 * 4 * 3
    assert hvp(product, [2.0], [1.0])[0] == 120 * 2 * 3
    assert ag.grad(lambda v: hvp(lambda x: x**5, [2.0], [v])[0])(3.0) == 160


def test_hvp_refuses_what_has_no_hessian_or_does_not_fit():
    x = np.ones(3)
    with pytest.raises(ShapeError, match=r"\(3,\).*scalar"):
        hvp(lambda x: x * x, [x], [x])
    with pytest.raises(ShapeError, match=r"\(3,\).*scalar"):
        hessian(lambda x: x * x)(x)
    with pytest.raises(ShapeError, match=r"tangent .*\(2,\).*\(3,\)"):
        hvp(rosenbrock, [x], [x[:2]])
    with pytest.raises(ShapeError, match=r"1 primals.* 2 tangents"):
        hvp(rosenbrock, [x], [x, x])
    with pytest.raises(OptionError, match="two lists or tuples"):
        hvp(rosenbrock, x, x)
    with pytest.raises(OptionError, match="two lists or tuples"):
        hvp(rosenbrock, 1.0, 1.0)
    with pytest.raises(DtypeError, match=r'^p\["W"\] is None'):
        hvp(lambda p: p["W"], [{"W": None}], [{"W": None}])


# per_example_grad


def squares(W, b, X, Y):
    return ag.sum((ag.tanh(W @ X + b) - Y) ** 2)


@pytest.fixture
def problem(rng):
    return rng.normal(size=(2, 3)), rng.normal(size=(2, 1)), rng.normal(size=(3, 5)), rng.normal(size=(2, 5))


def test_the_gradients_of_the_examples_are_those_of_single_columns_and_add_up(problem):
    W, b, X, Y = problem
    found = per_example_grad(squares, (0, 1))(W, b, X, Y)
    assert [g.shape for g in found] == [(5, 2, 3), (5, 2, 1)]
    for i in range(5):
        one = ag.grad(squares, (0, 1))(W, b, X[:, i : i + 1], Y[:, i : i + 1])
        for g, wanted in zip(found, one, strict=True):
            np.testing.assert_array_equal(g[i], wanted)
    for g, wanted in zip(found, ag.grad(squares, (0, 1))(W, b, X, Y), strict=True):
        np.testing.assert_allclose(g.sum(axis=0), wanted, rtol=1e-12)


def test_each_gradient_is_the_outer_product_of_the_equations(problem):
    """dW of one example is dz xᵀ."""
    W, b, X, Y = problem
    A = np.tanh(W @ X + b)
    dZ = 2 * (A - Y) * (1 - A * A)
    found = per_example_grad(squares, 0, (2, 3))(W, b, X, Y)
    np.testing.assert_allclose(found, np.einsum("im,jm->mij", dZ, X), rtol=1e-12)


def test_of_a_mean_the_mean_of_the_gradients_is_the_gradient(problem):
    W, b, X, Y = problem

    def mean(W, b, X, Y):
        return squares(W, b, X, Y) / X.shape[-1]

    found = per_example_grad(mean, 0, (-2, -1))(W, b, X, Y)
    np.testing.assert_allclose(found.mean(axis=0), ag.grad(mean)(W, b, X, Y), rtol=1e-12)


def test_examples_and_parameters_in_containers(problem):
    W, b, X, Y = problem

    def cost(p, data, scale=1.0):
        return squares(p["W"], p["b"], data["X"], data["Y"][0]) * scale

    found = per_example_grad(cost)({"W": W, "b": b}, {"X": X, "Y": [Y]})
    wanted = per_example_grad(squares, (0, 1))(W, b, X, Y)
    np.testing.assert_array_equal(found["W"], wanted[0])
    np.testing.assert_array_equal(found["b"], wanted[1])
    twice = per_example_grad(cost, columns=1)({"W": W, "b": b}, {"X": X, "Y": [Y]}, 2.0)
    np.testing.assert_allclose(twice["W"], 2 * found["W"])


def test_examples_have_their_last_axis_whatever_comes_before():
    x, images = np.array(2.0), np.arange(12.0).reshape(2, 2, 3)
    found = per_example_grad(lambda x, labels, images: (x * labels * images).sum())(x, np.arange(3.0), images)
    np.testing.assert_allclose(found, np.arange(3.0) * images.sum(axis=(0, 1)), strict=True)


def test_per_example_gradients_can_be_differentiated(problem):
    """The gradient of the sum of squared norms, against differences; data given as tensors too."""
    W, b, X, Y = problem

    def norms(W):
        return ag.sum(per_example_grad(squares, 0, (2, 3))(W, b, X, Tensor(Y)) ** 2)

    np.testing.assert_allclose(ag.grad(norms)(W), difference(norms, W), rtol=1e-6)


def test_what_holds_no_examples_is_refused(problem):
    W, b, X, Y = problem
    for args, options, error, message in [
        ((W, b, X, Y[:, :4]), {"argnums": (0, 1)}, ShapeError, r"X 5, Y 4; wanted the same number"),
        ((W, b, X[:, :0], Y[:, :0]), {"argnums": (0, 1)}, ShapeError, r"X 0, Y 0; .*one at least"),
        ((W, b, X, Y), {}, ShapeError, r"b 1, X 5, Y 5"),
        ((W, 1.0, X, Y), {}, ShapeError, r"b has no axis.*columns="),
        ((W, b, [X, None], Y), {"argnums": (0, 1)}, ShapeError, r"X\[1\] has no axis"),
        ((W, b, X, Y), {"argnums": (0, 1, 2, 3)}, OptionError, "no argument holds examples"),
        ((W, b, X, Y), {"columns": (0, 2)}, OptionError, r"argument 0 is among argnums and among columns"),
        ((W, b, X, Y), {"columns": 7}, OptionError, r"columns=\(7,\).*4 positional"),
        ((W, b, X, Y), {"argnums": 7}, OptionError, r"argnums=\(7,\).*4 positional"),
    ]:
        with pytest.raises(error, match=message):
            per_example_grad(squares, **options)(*args)
    with pytest.raises(ShapeError, match="scalar"):
        per_example_grad(lambda W, X: W @ X)(W, X)
