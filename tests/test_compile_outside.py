"""What a compiled function reads from outside, and what it is given: as NumPy has it, at every call."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import autograd_core as ag

X = np.arange(1.0, 5.0)


def array(values):
    """An array, and how others are written into it."""
    made = np.array(values)
    return made, lambda new: made.__setitem__(..., new)


def tensor(values):
    """A tensor, and how it is given other data."""
    made = ag.tensor(np.array(values))
    return made, lambda new: setattr(made, "data", np.array(new))


def tensor_in_place(values):
    """A tensor, and how its data is written to."""
    made = ag.tensor(np.array(values))

    def write(new):
        made.data += np.array(new) - made.data

    return made, write


BY_ARRAY = [array]
BY_ANY = [array, tensor, tensor_in_place]
MASK, INDEX = ([True, False, True, False], [True, False, False, False]), ([0, 1], [2, 3])
NUMBERS = ([0.5, 1.0, 2.0, 3.0], [0.25, 7.0, 1.0, 1.0])
CASES = {
    "a mask": (BY_ARRAY, *MASK, lambda x, c: ag.sum(x[c] ** 2)),
    "as many entries by another mask": (
        BY_ARRAY,
        [True, False, True, False],
        [False, True, True, False],
        lambda x, c: x[c] ** 2,
    ),
    "a mask, as a tensor": ([tensor], *MASK, lambda x, c: ag.sum(x[c] ** 2)),
    "an index": (BY_ANY, *INDEX, lambda x, c: ag.sum(x[c] ** 2)),
    "an index, differentiated": (BY_ANY, *INDEX, lambda x, c: ag.grad(lambda x: ag.sum(x[c] ** 2))(x)),
    "an index among others": (BY_ANY, *INDEX, lambda x, c: ag.reshape(x, (2, 2))[c[:1] % 2, :]),
    "take": (BY_ANY, *INDEX, lambda x, c: ag.take(x, c) ** 2),
    "take_along_axis": (BY_ANY, *INDEX, lambda x, c: ag.take_along_axis(x, c) ** 2),
    "compress": (BY_ARRAY, [1, 0, 1, 0], [0, 0, 1, 0], lambda x, c: ag.sum(ag.compress(c, x) ** 2)),
    "repeat": (BY_ARRAY, [1, 2, 3, 0], [5, 0, 0, 1], lambda x, c: ag.sum(ag.repeat(x, c) ** 2)),
    "split": (BY_ARRAY, [1, 2], [3, 3], lambda x, c: ag.sum(ag.split(x, c)[0])),
    "quantile": (BY_ARRAY, [0.2, 0.5], [0.9, 0.1], lambda x, c: ag.quantile(x, c)),
    "where": ([array, tensor], *MASK, lambda x, c: ag.where(c, x, 0.0)),
    "numbers": (BY_ANY, *NUMBERS, lambda x, c: x - c * x),
    "a number": (BY_ANY, 0.5, 0.25, lambda x, c: x - c * x),
    "one entry": (BY_ANY, [0.5], [0.25], lambda x, c: x - c * x),
    "an exponent": (BY_ANY, [2.0], [3.0], lambda x, c: x**c),
    "a bound": (BY_ANY, [2.0], [3.0], lambda x, c: ag.clip(x, 0, c)),
    "a matrix to solve with": (
        BY_ANY,
        [[1.0, 2.0], [3.0, 4.0]],
        [[2.0, 0.0], [0.0, 2.0]],
        lambda x, c: ag.solve(c, x[:2]),
    ),
    "what the engine computes from it alone": (BY_ARRAY, *NUMBERS, lambda x, c: x * ag.softmax(c)),
    "a branch by the engine's own comparison": (
        BY_ARRAY,
        [1.0, 2.0],
        [1.0, -2.0],
        lambda x, c: x * (2.0 if ag.all(ag.greater(c, 0.0)) else 3.0),
    ),
    "a result": (BY_ARRAY, *NUMBERS, lambda x, c: (x, c)),
}


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize(
    ("make", "before", "after", "f"),
    [
        pytest.param(make, *rest, id=f"{name}, {make.__name__}")
        for name, (makes, *rest) in CASES.items()
        for make in makes
    ],
)
def test_what_is_changed_outside_is_seen_at_the_next_call(make, before, after, f, backend):
    if backend == "numba":
        pytest.importorskip("numba")
    outside, change = make(before)
    compiled = ag.compile(lambda x: f(x, outside), backend=backend)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what numba does not take runs as NumPy
        for _ in range(2):
            np.testing.assert_allclose(compiled(X), f(X, np.array(before)))
        change(after)
        for _ in range(2):
            np.testing.assert_allclose(compiled(X), f(X, np.array(after)))
        change(before)
        np.testing.assert_allclose(compiled(X), f(X, np.array(before)))


class Model:
    def __init__(self):
        self.W, self.rate, self.layers, self.names = np.eye(2), 0.5, [np.ones(2)], {"b": np.zeros(2)}

    @ag.compile
    def step(self, x):
        """Take a step."""
        return self.rate * (self.W @ x) + self.layers[0] + self.names["b"]


@pytest.mark.parametrize(
    "change",
    [
        lambda model: setattr(model, "W", 2 * model.W),
        lambda model: model.W.__setitem__((0, 0), 10.0),
        lambda model: setattr(model, "rate", 1.0),
        lambda model: model.layers.__setitem__(0, np.zeros(2)),
        lambda model: model.names.update(b=np.ones(2)),
        lambda model: model.layers.append(0),
    ],
)
def test_a_method_sees_what_its_object_holds(change):
    model, other, x = Model(), Model(), np.ones(2)
    plain = Model.step.__wrapped__
    for _ in range(2):
        np.testing.assert_array_equal(model.step(x), plain(model, x))
    change(model)
    for _ in range(2):
        np.testing.assert_array_equal(model.step(x), plain(model, x))
        np.testing.assert_array_equal(other.step(x), plain(other, x))
    assert Model.step.__doc__ == "Take a step."


def test_input_in_another_byte_order_or_out_of_line_is_taken():
    odd = np.zeros(33, np.uint8)[1:].view("f8")
    odd[...] = X[:4]
    for given in (X.astype(">f8"), odd, X.astype(">f4"), np.arange(4, dtype=">i4")):
        for backend in ("numpy", "numba"):
            compiled = ag.compile(lambda x: x * 2 + 1, backend=backend)
            for _ in range(2):
                np.testing.assert_array_equal(compiled(given), given * 2 + 1)


def test_what_a_function_says_of_errors_holds_whatever_holds_outside():
    @ag.compile
    def f(x):
        with np.errstate(divide="ignore"):
            return ag.where(x > 0, ag.log(x), 0.0)

    @ag.compile
    def loud(x):
        return ag.log(x)

    for _ in range(2):
        with np.errstate(all="raise"):
            np.testing.assert_array_equal(f(np.array([0.0, 1.0])), [0.0, 0.0])
            with pytest.raises(FloatingPointError):
                loud(np.array([0.0]))


@pytest.mark.parametrize("fuse", [True, False])
def test_long_sums_of_numba_are_as_exact_as_numpys(fuse):
    pytest.importorskip("numba")
    rng = np.random.default_rng(0)
    for shape, axis in [
        ((2, 1_000_003), 1),
        ((1_000_000,), 0),
        ((3, 70_001), None),
        ((5, 1024), 1),
        ((2, 1025), 1),
    ]:
        f = ag.compile(lambda x, axis=axis: ag.sum(x, axis=axis), backend="numba", fuse=fuse)
        for entries in (np.full(shape, 0.1), rng.normal(size=shape) + 1):
            for dtype, tolerance in (("f4", 3e-7), ("f8", 2e-15)):
                exact = entries.astype(dtype).astype(np.longdouble).sum(axis=axis)
                assert np.abs(f(entries.astype(dtype)) / exact - 1).max() < tolerance


@pytest.mark.parametrize("dtype", ["i4", "i8", "?", "f4"])
@pytest.mark.parametrize(
    "f", [ag.max, ag.min, lambda x: ag.maximum(x, x[::-1]), lambda x: ag.minimum(x, x * x)]
)
def test_extremes_of_whole_numbers_and_truths_are_numpys(f, dtype):
    pytest.importorskip("numba")
    x = np.array([3, 0, -2, 5]).astype(dtype)
    compiled = ag.compile(f, backend="numba")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = compiled(x)
    assert np.asarray(found).dtype == np.asarray(f(x)).dtype
    np.testing.assert_array_equal(found, f(x))


@pytest.mark.parametrize("exponent", [-2, -1, -3.0, -0.5, 0, 2, 3, 0.5, 7])
def test_powers_of_numba_are_numpys_at_zeros_too(exponent):
    pytest.importorskip("numba")
    x = np.array([0.0, -0.0, 2.0, -2.0, np.inf, -np.inf, np.nan])
    compiled = ag.compile(lambda x: x**exponent, backend="numba")
    with np.errstate(all="ignore"):
        found, wanted = compiled(x), x ** float(exponent)
    np.testing.assert_allclose(found, wanted, rtol=1e-15)
    np.testing.assert_array_equal(np.signbit(found)[:6], np.signbit(wanted)[:6])
