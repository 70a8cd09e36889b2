"""What a compiled function is called with, what it gives back, and whose memory that is."""

import functools
import warnings
from collections import namedtuple
from contextlib import nullcontext

import numpy as np
import pytest
from compile_case import check, same

import autograd_core as ag
from autograd_core.compilation.entry import MISS, Form, entry
from autograd_core.compilation.program import Built
from autograd_core.differentiation.tree import flatten
from autograd_core.wording.errors import OptionError

X = np.arange(1.0, 4.0)
Pair = namedtuple("Pair", "W b")


@pytest.fixture
def counted():
    """A function that is compiled, and how often it was recorded."""
    calls = []

    @ag.compile
    def f(x, k=1.0, **others):
        calls.append(1)
        return x * k + sum(others.values())

    return f, lambda: len(calls) // 2  # each recording calls it twice


def test_containers_of_every_kind_come_and_go():
    def f(pair, tree):
        return {1: pair.W * 2, (2, "k"): [pair.b], "it's": tree[None], "pair": Pair(pair.b, (pair.W,))}

    check(f, (Pair(X, X[:2]), {None: X}))


def test_keywords_defaults_and_any_number_of_arguments():
    f = ag.compile(lambda x, y=None, *more, z=2.0: (x if y is None else x * y) * z + sum(more))
    for _ in range(2):
        assert same(f(X, y=X), X * X * 2)
        assert same(f(X), X * 2)
        assert same(f(X, X + 1), X * (X + 1) * 2)
        assert same(f(y=X, x=X), X * X * 2)
        assert same(f(X, X, X, X, z=3.0), X * X * 3 + X + X)
        assert same(f(X, z=np.array(0.5)), X / 2)


def test_a_default_that_is_an_array_is_read_at_each_run():
    default = X.copy()

    def f(x, c=default):
        return x * c

    compiled = ag.compile(f)
    assert same(compiled(X), X * X)
    default[:] = 5
    assert same(compiled(X), X * 5)


def test_numbers_are_part_of_the_program_and_arrays_are_not(counted):
    f, recordings = counted
    for k in (1.0, 2.0, 1, True, 0.0, -0.0, float("nan"), "text"[:0] or 1.0):
        f(X, k)
        f(X, k)
    assert recordings() == 7
    for k in (np.array(1.0), np.float64(2.0), np.array(3.0)):
        assert same(f(X, k), X * k)
    assert recordings() == 8
    assert np.signbit(ag.compile(ag.copysign)(X, -0.0)).all()


def test_a_warning_says_which_number_keeps_changing(counted):
    f, _ = counted
    for i in range(16):
        f(X, float(i))
    with pytest.warns(UserWarning, match=r"f was recorded .* number k"):
        f(X, 16.0)
    for i in range(17, 20):
        f(X, float(i))


def test_arrays_of_other_classes_count_as_arrays(counted):
    f, recordings = counted
    plain = np.array([[1.0, 2.0]])
    for x in (plain.view(np.recarray), plain, plain.view(np.memmap)):
        for _ in range(2):
            found = f(x)
            assert type(found) is np.ndarray
            assert found.shape == (1, 2)
    assert recordings() == 1


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_what_is_more_than_its_entries_is_refused(counted):
    f, recordings = counted
    for special in (np.ma.array([[1.0, 2.0]], mask=[[0, 1]]), np.matrix([[1.0, 2.0]])):
        with pytest.raises(ag.DtypeError, match=r"masked array|np\.matrix"):
            f(special)
    assert recordings() == 0


def test_each_shape_and_dtype_has_its_program(counted):
    f, recordings = counted
    for _ in range(3):
        for x in (X, X[:2], X.astype("f4"), X.reshape(1, 3), np.arange(3)):
            assert same(f(x), x * 1.0)
    assert recordings() == 5


def test_a_callable_without_a_name_is_compiled():
    class Scale:
        def __call__(self, x, k):
            return x * k

    f = ag.compile(Scale())
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        for i in range(20):
            assert same(f(X, float(i)), X * i)
    assert "Scale" in repr(f)
    assert "partial" in repr(ag.compile(functools.partial(lambda a, x: a * x, 2.0)))


def test_results_that_are_no_arrays_are_given_back_as_they_are():
    f = ag.compile(lambda x: (x * 2, 1.5, None, "text", True, np.float32(2), np.arange(3), ag.Tensor(2.0)))
    for _ in range(3):
        found = f(X)
        assert found[1:5] == (1.5, None, "text", True)
        assert isinstance(found[5], np.float32)
        assert same(found[6:], (np.arange(3), np.array(2.0)))


# Memory


def overwritten(f, *args):
    """Call f three times; write over every result and argument in between, and hold it to copies."""
    kept = [x.copy() for x in args]
    wanted = f(*kept)
    for _ in range(3):
        given = [x.copy() for x in kept]
        found = f(*given)
        assert same(found, wanted)
        arrays = [*flatten(found)[0], *given]
        for i, x in enumerate(arrays):
            assert not any(np.shares_memory(x, y) for y in arrays[:i])
        for x in arrays:
            x[...] = -7


def test_results_share_no_memory_with_arguments_programs_or_one_another():
    captured = X.copy()

    def f(x, y):
        z = x + y
        return x, x, x.T, x[1:], z, z, z.reshape(3, 1), z[::-1], captured, ag.exp(z), (x @ y) * z, +x, z.sum()

    overwritten(ag.compile(f, fuse=False), X, X + 1)
    overwritten(ag.compile(f), X, X + 1)
    assert (captured == X).all()


def test_donated_arrays_are_the_very_ones_that_come_back():
    def f(params, x):
        return x.sum(), {"W": params["W"] - x, "b": params["b"], "c": params["c"].T}

    step = ag.compile(f, donate="params")
    params = {"W": X.copy(), "b": X * 2, "c": np.outer(X, X + 1)}
    for x in (X, X + 1, X):
        wanted = f({key: x.copy() for key, x in params.items()}, x)
        value, new = step(params, x)
        assert all(new[key] is params[key] for key in params)
        assert same((value, new), wanted)


SWAPS = {
    "swapped": lambda a, b: (b, a),
    "swapped and copied": lambda a, b: (b * 1.0, a),
    "swapped and turned": lambda a, b: (b.T, a.T),
    "one of them twice": lambda a, b: (a + b, a + b),
    "returned beside its new value": lambda a, b: (a * 2, b, a, a.T),
    "read after it is replaced": lambda a, b: (a * 2, (a @ b).sum(axis=0, keepdims=True) + b, a.T + 1),
    "constant": lambda a, b: (a * 0.0 + b, np.ones((3, 3))),
}


@pytest.mark.parametrize("name", SWAPS)
def test_donated_arrays_are_not_written_before_they_are_read(name):
    a, b = np.outer(X, X + 1), np.outer(X - 2, X)
    for fuse in (True, False):
        step = ag.compile(SWAPS[name], donate=(0, 1), fuse=fuse)
        for _ in range(3):
            given = a.copy(), b.copy()
            found = step(*given)
            assert same(found, SWAPS[name](a, b))
            assert not any(np.shares_memory(x, y) for i, x in enumerate(found) for y in found[:i])


@pytest.mark.parametrize("call", ["first", "later"])
def test_donating_what_is_read_only_or_seen_elsewhere_is_an_error_before_anything_is_written(call):
    captured = X.copy()
    step = ag.compile(lambda x, y: (x - y, y * captured), donate="x")
    if call == "later":
        step(X.copy(), X)
    locked, large = X.copy(), np.arange(6.0)
    locked.flags.writeable = False
    cases = [(locked, X), (large[:3], large[1:4]), (large[:3], large[::-1][2:5]), (captured, X)]
    x = X.copy()
    cases += [(x, x), (x, x[:])]
    for args in cases:
        before = [y.copy() for y in args]
        with pytest.raises(OptionError, match="donate names x"):
            step(*args)
        assert same(list(args), before)
    with pytest.raises(OptionError, match="donate names x"):
        step(y=large[1:4], x=large[:3])
    fresh, apart = large[:3], large[3:]
    assert step(fresh, apart)[0] is fresh


def test_arguments_are_donated_by_name_number_and_keyword():
    for donate in ("x", 0, ("x",), [0]):
        step = ag.compile(lambda x, y: x - y, donate=donate)
        for args, kwargs in (((X.copy(), X), {}), ((X.copy(),), {"y": X}), ((), {"y": X, "x": X.copy()})):
            x = args[0] if args else kwargs["x"]
            assert step(*args, **kwargs) is x
            assert (x == 0).all()
    x = X.copy()
    assert ag.compile(lambda *all: all[1] * 2, donate=1)(X, x) is x


# Captured arrays and tensors


def test_what_is_captured_is_read_at_each_run():
    t, k, c = ag.tensor(X, requires_grad=True, name="t"), np.array(2.0), X.copy()

    def f(x):
        return x * t + k + c, x * np.float64(2.0), x * k

    compiled = ag.compile(f, fuse=False)
    assert same(compiled(X), f(X))
    t.data = X * 4
    assert same(compiled(X), f(X))
    t.data -= 1
    k[...] = 3
    c[:] = 9
    assert same(compiled(X), f(X))


# The generated code alone


def test_the_way_in_takes_what_it_was_made_for_and_nothing_else():
    leaves, arguments = flatten(({"a": X}, [X, 2.0]))
    form = Form(arguments, leaves, flatten((0, 0))[1], constants={1: "same"}, donated=frozenset({0}))
    program = Built(lambda a, b: (a + b,), "", 0.0, 0, 0)
    made = entry(form, program, (), list, print, nullcontext())
    good = ({"a": X.copy()}, [X, 2.0])
    assert same(made.enter(*good)[0], 2 * X)
    assert made.enter(*good)[1] == "same"
    locked = X.copy()
    locked.flags.writeable = False
    for bad in (
        (),
        good[:1],
        (*good, 1),
        ({"a": X}, [X, 2.0]),
        ({"a": locked}, [X, 2.0]),
        ({"b": X.copy()}, [X, 2.0]),
        ({"a": X.copy(), "b": X}, [X, 2.0]),
        ({"a": X.copy()}, (X, 2.0)),
        ({"a": X.copy()}, [X]),
        ({"a": X.copy()}, [X, 2]),
        ({"a": X.copy()}, [X, 3.0]),
        ({"a": X.astype("f4")}, [X, 2.0]),
        ({"a": X[:2].copy()}, [X, 2.0]),
        ({"a": [1.0, 2.0, 3.0]}, [X, 2.0]),
        ({"a": good[0]["a"][:]}, [X, 2.0]),
        (None, [X, 2.0]),
    ):
        assert made.enter(*bad) is MISS
