"""What the NumPy program computes is what the function computes, to the last bit."""

import numpy as np
import pytest
from compile_case import check, same

import autograd_core as ag

RNG = np.random.default_rng(7)
X, Y = RNG.normal(size=(2, 4, 5))
V, W = RNG.normal(size=(2, 6))
I, K = np.array([0, 3, 1]), np.array([2, 2, 5])
A, B = (M @ M.T + np.eye(4) for M in (X, Y))

UNARY = {
    "sort": ag.sort,
    "sort of rows": lambda x: ag.sort(x, axis=0),
    "argsort": lambda x: ag.take_along_axis(x, ag.argsort(x, axis=1), 1) * x,
    "argmax": lambda x: x[:, ag.argmax(x[0])],
    "argmin of rows": lambda x: x[np.arange(4), ag.argmin(x, axis=1)],
    "median": lambda x: ag.median(x, axis=0),
    "quantile": lambda x: ag.quantile(x, 0.3, axis=1),
    "max": lambda x: ag.max(x, axis=0),
    "min": ag.min,
    "prod": lambda x: ag.prod(x, axis=0),
    "cumsum": lambda x: ag.cumsum(x, axis=1),
    "cumprod": lambda x: ag.cumprod(x, axis=1),
    "where": lambda x: ag.where(x > 0, x, x * 2),
    "clip": lambda x: ag.clip(x, -0.5, 0.5),
    "maximum": lambda x: ag.maximum(x, 0.1),
    "gelu": ag.gelu,
    "softmax": lambda x: ag.softmax(x, axis=0),
    "log_softmax": lambda x: ag.log_softmax(x, axis=1),
    "logsumexp": lambda x: ag.logsumexp(x, axis=1),
    "softplus": ag.softplus,
    "layer norm": lambda x: (x - ag.mean(x, axis=0)) / ag.sqrt(ag.var(x, axis=0) + 1e-5),
    "attention": lambda x: ag.softmax(x @ x.T / 2.0, axis=1) @ x,
    "svdvals": ag.svdvals,
    "pinv": ag.pinv,
    "norm": lambda x: ag.norm(x, 2, axis=0),
    "einsum": lambda x: ag.einsum("ij,kj->ik", x, x),
    "kron": lambda x: ag.kron(x, x),
    "pad": lambda x: ag.pad(x, 1),
    "diff": ag.diff,
    "split": lambda x: ag.split(x, 5, axis=1)[1] * x,
    "select": lambda x: ag.select([x > 1, x > 0], [x, x * 2], x * 3),
    "remainder": lambda x: x % 0.3 + x // 0.3,
    "stacked products": lambda x: (x[None] * np.arange(1.0, 3.0)[:, None, None]) @ x.T,
    "every operator": lambda x: -(x + 1) * 2 - x / 3 + 2 / (x * x + 1) - (1 - x) ** 3,
}
SQUARE = {
    "solve": lambda x: ag.solve(x, x @ x),
    "inv": ag.inv,
    "cholesky": ag.cholesky,
    "det": ag.det,
    "eigh": lambda x: ag.eigh(x)[0],
    "matrix_power": lambda x: ag.matrix_power(x, -3),
}


@pytest.mark.parametrize("name", UNARY | SQUARE)
def test_values_and_gradients_have_the_same_bits_on_other_numbers_too(name):
    f = (UNARY | SQUARE)[name]
    calls = ((A,), (B,)) if name in SQUARE else ((X,), (Y,))
    check(f, *calls)
    check(ag.grad(lambda x: (f(x) ** 2).sum()), *calls)


POSITIONS = {
    "getitem": lambda v, i: v[i] * 2,
    "getitem, negative": lambda v, i: v[-i] * v[i],
    "take": lambda v, i: ag.take(v, -i),
    "scatter_add": lambda v, i: ag.scatter_add(v[:3], i, (7,)),
    "take_along_axis": lambda v, i: ag.take_along_axis(v, i, 0),
    "one-hot columns": lambda v, i: ag.equal(np.arange(7), i[:, None]) * v[0],
}


@pytest.mark.parametrize("name", POSITIONS)
def test_positions_among_the_arguments_are_read_at_each_run(name):
    f = POSITIONS[name]
    check(f, (V, I), (W, K))
    check(ag.grad(lambda v, i: (f(v, i) ** 2).sum()), (V, I), (W, K))


TRANSFORMS = {
    "jacobian": lambda v: ag.jacobian(lambda v: ag.sort(v) ** 2)(v),
    "hessian": lambda v: ag.hessian(lambda v: (ag.tanh(v) ** 3).sum())(v),
    "hvp": lambda v: ag.hvp(lambda v: (ag.tanh(v) ** 3).sum(), [v], [v]),
    "jvp": lambda v: ag.jvp(lambda v: ag.sort(v) * v, [v], [v]),
    "vjp": lambda v: ag.vjp(lambda v: ag.sort(v) * v, v)[1](v),
    "checkpoint": ag.grad(lambda v: ag.checkpoint(lambda v: ag.tanh(v * v))(v).sum()),
    "gradient of a gradient": ag.grad(lambda v: (ag.grad(lambda v: (v**3).sum())(v) ** 2).sum()),
    "detach": ag.grad(lambda v: (v * v.detach()).sum()),
    "stop_gradient": ag.grad(lambda v: (v * ag.stop_gradient(v)).sum()),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_are_compiled_with_what_they_transform(name):
    check(TRANSFORMS[name], (V,), (W,))


def test_no_gradient_flows_out_of_no_grad_and_what_is_computed_there_is_computed_again():
    def f(v):
        with ag.no_grad():
            y = v * 2
        return (y * v).sum()

    check(f, (V,), (W,))
    check(ag.grad(f), (V,), (W,))
    with ag.no_grad():
        check(ag.grad(f), (V,), (W,))


def test_gradients_of_each_example_are_compiled():
    each = ag.per_example_grad(lambda M, x: (ag.tanh(M @ x) ** 2).sum())
    check(each, (A, X), (B, Y))


@pytest.fixture
def black_box(registry):
    """An operation that NumPy's functions on tensors could not run."""

    @ag.primitive(
        vjps=[lambda ct, y, x: ct * ag.where(x > 0, 1.0, 0.5)],
        jvps=[lambda t, y, x: t * ag.where(x > 0, 1.0, 0.5)],
    )
    def leaky(x):
        out = x.copy()
        out[x < 0] *= 0.5
        return out

    return leaky


def test_a_declared_operation_whose_forward_needs_arrays_stays_whole(black_box):
    exact = check(lambda x: black_box(x) * 2, (X,), (Y,))
    check(ag.grad(lambda x: black_box(x).sum()), (X,), (Y,))
    assert "leaky" in exact.source


# Arrays of every kind


def _kinds():
    base = RNG.normal(size=(40, 60))
    read_only = base.copy()
    read_only.flags.writeable = False
    yield "compact", base
    yield "by columns", np.asfortranarray(base)
    yield "every other column", base[:, ::2]
    yield "backwards", base[::-1]
    yield "by columns, with gaps", np.asfortranarray(base)[::2]
    yield "backwards, with gaps", base[:, ::-1][::3]
    yield "read-only", read_only
    yield "repeated", np.broadcast_to(base[0], (40, 60))
    yield "one entry", base[:1, :1]
    yield "float32", base.astype("f4")


KINDS = dict(_kinds())


@pytest.mark.parametrize("kind", KINDS)
def test_the_layout_of_an_array_leaves_the_bits_as_they_are(kind):
    def f(x):
        turned = ag.tanh(x.T)
        sums = [(x * 2).sum(axis=0), (x.T * 3).sum(axis=0), (x + x).sum(), turned.sum(axis=1)]
        return [*sums, x @ x.T, turned @ x, ag.mean(x.T * x.T), ag.grad(lambda x: ag.tanh(x @ x.T).sum())(x)]

    check(f, (KINDS[kind],), (KINDS[kind],))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(
    "sizes", [(1, 3, 1), (3, 1, 3), (1, 1, 1), (1, 5, 5), (5, 5, 1), (1, 300, 1), (300, 300, 1), (3, 300, 3)]
)
def test_products_of_every_shape_have_the_same_bits(sizes, dtype):
    m, k, n = sizes
    P, Q = RNG.normal(size=(m, k)).astype(dtype), RNG.normal(size=(k, n)).astype(dtype)
    check(lambda P, Q: (P @ Q, ag.tanh(P) @ ag.tanh(Q), ag.tanh(P.T).T @ ag.tanh(Q.T).T), (P, Q))


NUMBERS = {
    "integers": lambda x, y: (
        x * y,
        x + y,
        x == y,
        x * 2,
        x * 1.5,
        x / y,
        x // y,
        x % y,
        x * x,
        x - 1,
        x > 0.5,
    ),
    "truths": lambda x, y: (x > 2) * (y > 2),
    "squared truths": lambda x, y: (x > 2) * (x > 2),
    "mixed": lambda x, y: (
        x * np.float32(0.5),
        y * np.float64(0.5),
        x.astype("f4") * np.float32(0.5),
        x * 0.5,
    ),
    "sums of few": lambda x, y: x.sum() + y.sum(),
}


@pytest.mark.parametrize("dtype", ["f4", "f8", "i1", "i8", "u1"])
@pytest.mark.parametrize("name", NUMBERS)
def test_dtypes_mix_as_they_do_outside(name, dtype):
    x, y = np.array([3, 4, 5], dtype), np.array([2, 4, 1])
    check(NUMBERS[name], (x, y), (y.astype(dtype), y))


def test_numbers_that_do_not_fit_are_left_to_numpy():
    check(lambda x: (x == 300, x < 300, x > -1), (np.array([3, 4], "u1"),))
    check(lambda x: (ag.float_power(x, 0.1), ag.power(x, 0.1), x < 0.1), (np.array([0.1, 2.0], "f4"),))


def test_single_numbers_wrap_around_without_a_warning_as_arrays_do():
    check(lambda x: x + x, (np.array(2**62),))


def test_arrays_without_axes_and_without_entries_are_computed_with():
    check(
        lambda x: (x * 2, x / 0.5, -x, x - 1, ag.exp(x), x**2, ag.where(x > 0, x, -x), 1 - x),
        (np.array(0.3),),
    )
    check(lambda x: (x * 2, x.sum(), x.sum(axis=0), x @ x.T, ag.tanh(x)), (np.zeros((0, 3)),))
    check(lambda x: (x @ x.T, x.T @ x, -x), (np.zeros((3, 0)),))


def test_zeros_keep_their_signs():
    check(lambda x: (x * -1.0, x * 0.0, x - 0.0, x + 0.0, -x, x @ x.T), (np.array([[0.0, -0.0]]),))


def test_infinite_logits_do_not_warn_where_they_did_not():
    x = np.array([[np.inf, 1.0], [np.inf, 2.0]])
    f = ag.compile(lambda x: ag.softmax(x, axis=0), fuse=False)
    assert same(f(np.ones((2, 2))), ag.softmax(np.ones((2, 2)), axis=0))
    assert same(f(x), ag.softmax(x, axis=0))


def test_names_of_arguments_may_be_those_of_functions_numbers_and_keywords():
    def f(tanh, r0, inf, c2_0):
        return ag.tanh(tanh * 2.0) + ag.minimum(r0, np.inf) + inf - c2_0

    check(f, (X, Y, X, Y))
    check(lambda p: p["for"] * p["x y"] + p["1"] + p["σ"], ({"for": X, "x y": Y, "1": X, "σ": Y},))
