"""Programs compiled by Numba: the same numbers, nothing written if something does not fit, kept on disk."""

import sys

import numpy as np
import pytest
from program_case import Writing, random_program, run

from autograd_core.compilation.numba_backend.backend import Mismatch, Refused, built
from autograd_core.compilation.passes.pipeline import simplified
from autograd_core.wording.errors import OptionError

pytest.importorskip("numba")
pytest.importorskip("scipy")


@pytest.fixture(autouse=True, scope="module")
def kept(tmp_path_factory):
    """Keep what is compiled apart from what the user has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("kept")))
        yield


def descent(dtype="f8", n=6, k=40, m=30):
    """One step down for mean((tanh(W X + b) - Y) ** 2), with W and b donated; and arrays for it."""
    w = Writing()
    W, b, X, Y = (
        w.given(s, dtype, name) for s, name in [((n, k), "W"), ((n, 1), "b"), ((k, m), "X"), ((n, m), "Y")]
    )
    A = w("tanh", w("add", w("matmul", W, X), b))
    E = w("subtract", A, Y)
    J = w("multiply", w("vdot", E, E), 1 / (n * m))
    D = w("multiply", w("multiply", E, 2 / (n * m)), w("subtract", 1.0, w("multiply", A, A)))
    dW = w("matmul", D, w("transpose", X, axes=None))
    new_W = w("subtract", W, w("multiply", 0.1, dW))
    new_b = w("subtract", b, w("multiply", 0.1, w("sum_to", D, axis=(1,), shape=(n, 1))))
    program = w.program(J, new_W, new_b)._replace(donated={new_W: W, new_b: b})
    rng = np.random.default_rng(0)
    return program, [rng.normal(size=x.shape).astype(dtype) for x in program.inputs]


@pytest.fixture(scope="module")
def step():
    program, arrays = descent()
    return program, arrays, built(program)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_a_step_gives_what_its_operations_give(dtype):
    program, arrays = descent(dtype)
    wanted = run(program, *arrays)
    close = 2e-6 if dtype == "f4" else 1e-13
    for found, true in zip(built(program).run(*arrays), wanted, strict=True):
        assert found.dtype == true.dtype
        np.testing.assert_allclose(found, true, close, close)


def test_donated_inputs_are_the_results_and_others_are_new(step):
    _, arrays, made = step
    given = [x.copy() for x in arrays]
    J, W, b = made.run(*given)
    assert W is given[0]
    assert b is given[1]
    assert J is not made.run(*given)[0]
    assert np.array_equal(given[2], arrays[2])
    assert np.array_equal(given[3], arrays[3])


def test_the_source_tells_shapes_and_is_what_is_compiled(step):
    _, _, made = step
    assert "# x0: W (6, 40) float64" in made.source
    assert "def kernel(x0, x1, x2, x3, y4, work):" in made.source
    assert made.bytes > 0
    assert made.buffers >= 1


WRONG = {
    "another dtype": lambda W, b, X, Y: (W.astype("f4"), b, X, Y),
    "columns first": lambda W, b, X, Y: (np.asfortranarray(W), b, X, Y),
    "a part": lambda W, b, X, Y: (W, b, np.repeat(X, 2, axis=1)[:, ::2], Y),
    "another shape": lambda W, b, X, Y: (W, b, X[:, :-1].copy(), Y),
    "another number of axes": lambda W, b, X, Y: (W, b[:, 0].copy(), X, Y),
    "a list": lambda W, b, X, Y: (W.tolist(), b, X, Y),
    "memory that is shared": lambda W, b, X, Y: (W, W.reshape(-1)[3:9].reshape(6, 1), X, Y),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_fit_is_noticed_and_nothing_is_written(step, what):
    _, arrays, made = step
    given = [x.copy() for x in arrays]
    wrong = WRONG[what](*given)
    with pytest.raises(Mismatch):
        made.run(*wrong)
    assert all(np.array_equal(x, y) for x, y in zip(given, arrays))


def test_arrays_that_are_only_read_may_share_memory():
    w = Writing()
    program = w.program(w("add", w.given(), w.given()))
    x = np.ones((2, 3))
    assert np.array_equal(built(program).run(x, x)[0], 2 * x)


@pytest.mark.parametrize("seed", range(4))
def test_random_programs_give_what_they_give_uncompiled(seed):
    program, arrays = random_program(seed, "f8", length=20)
    with np.errstate(all="ignore"):
        for found, true in zip(built(simplified(program, True)).run(*arrays), run(program, *arrays)):
            np.testing.assert_allclose(found, true, 1e-11, 1e-11)


def test_what_is_not_finite_stays_so():
    w = Writing()
    x = w.given((3, 100), "f4")
    results = [w("max", x, axis=(1,), keepdims=False), w("sum", x, axis=(1,), keepdims=False)]
    results += [
        w("maximum", x, 0.0),
        w("where", w("equal", x, x), x, 0.0),
        w("divide", x, w("subtract", x, x)),
    ]
    program = w.program(*results)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3, 100)).astype("f4")
    X[0, 3], X[1, 5], X[2, 7], X[2, 8] = np.nan, np.inf, -np.inf, np.nan
    for found, true in zip(built(program).run(X), run(program, X), strict=True):
        np.testing.assert_allclose(found, true, 1e-5, 1e-5)


def test_long_sums_in_single_precision_round_little():
    w = Writing()
    x = w.given((1_000_000,), "f4")
    X = np.random.default_rng(0).random(1_000_000, "f4")
    [found] = built(w.program(w("sum", x, axis=None, keepdims=False))).run(X)
    assert abs(found / X.sum(dtype="f8") - 1) < 1e-6


def every_operation():
    """One program of each operation that has a loop, entry by entry."""
    w = Writing()
    x, y = w.given((7,), name="x"), w.given((7,), name="y")
    ones = ["exp", "expm1", "log", "log1p", "tanh", "sigmoid", "sqrt", "square", "reciprocal", "absolute"]
    ones += ["sign", "floor", "ceil", "rint", "trunc", "exp2", "log2", "log10", "cbrt", "sin", "cos", "tan"]
    ones += ["arctan", "sinh", "cosh", "arcsinh", "relu", "erf", "erfc", "negative"]
    twos = ["add", "subtract", "multiply", "divide", "maximum", "minimum", "arctan2", "hypot", "copysign"]
    twos += ["fmax", "fmin", "logaddexp", "logaddexp2", "power", "greater", "less_equal", "not_equal"]
    made = [w(name, x) for name in ones] + [w(name, x, y) for name in twos]
    made += [w("power", x, p) for p in (2, 3, 0.5, -1, 2.5)]
    made += [w("where", w("less", x, y), x, 0.0), w("astype", x, dtype=np.dtype("f4"))]
    return w.program(*made)


def test_every_operation_with_a_loop_gives_what_numpy_gives():
    rng = np.random.default_rng(0)
    program = every_operation()
    arrays = rng.random(7) + 0.5, rng.random(7) + 0.5
    for step, found, true in zip(
        program.instructions[-len(program.results) :], built(program).run(*arrays), run(program, *arrays)
    ):
        np.testing.assert_allclose(found, true, 1e-13, err_msg=step.operation.name)


def test_an_operation_without_a_loop_is_refused():
    w = Writing()
    with pytest.raises(Refused, match="sort has no loop"):
        built(w.program(w("sort", w.given(), axis=1)))


def test_without_numba_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    w = Writing()
    with pytest.raises(OptionError, match=r"autograd-core\[fast\]"):
        built(w.program(w("exp", w.given())))


def test_where_nothing_can_be_kept_it_compiles_all_the_same(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    w = Writing()
    program = w.program(w("exp", w.given()))
    assert np.allclose(built(program).run(np.zeros((2, 3)))[0], 1)


def test_a_program_that_would_take_minutes_to_compile_is_refused():
    w = Writing()
    x = w.given()
    for i in range(2000):
        x = w("multiply", x, float(i + 2))
    with pytest.raises(Refused, match="minutes"):
        built(w.program(x))
