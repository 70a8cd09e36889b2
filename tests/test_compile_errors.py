"""Nothing is frozen: what reads a value is refused, and what computes elsewhere is found out."""

import copy
import itertools
import math
import pickle
import random
from pathlib import Path

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.wording.errors import DtypeError, GraphError, OptionError

X = np.array([1.0, 2.0, 3.0])

READERS = {
    "bool": bool,
    "branch": lambda y: 1 if y > 0 else 2,
    "and": lambda y: y and y,
    "float": float,
    "int": int,
    "math": math.sin,
    "item": lambda y: y.item(),
    "numpy": lambda y: y.numpy(),
    "tolist": lambda y: y.tolist(),
    "data": lambda y: y.data,
    "asarray": np.asarray,
    "array": lambda y: np.array([y, y]),
    "isnan": np.isnan,
    "allclose": lambda y: np.allclose(y, 1.0),
    "range": range,
    "slice": lambda y: X[:y],
    "index": lambda y: X[y],
    "pickle": pickle.dumps,
    "Tensor": ag.Tensor,
    "tensor": ag.tensor,
    "largest": lambda y: max([y, y * 2]),
    "order": lambda y: sorted([y, y * 2]),
    "all": lambda y: ag.all(y > 0),
    "rank": lambda y: ag.matrix_rank(y.reshape(1, 1)),
    "count": lambda y: ag.repeat(X, y),
    "compress": lambda y: ag.compress((y > X), X),
    "extract": lambda y: ag.extract((y > X), X),
    "mask": lambda y: ag.positive(X * y)[y > X],
    "share": lambda y: ag.quantile(X, y),
    "assignment": lambda y: setattr(y, "data", 1.0),
    "setitem": lambda y: y.__setitem__(0, 1.0),
    "backward": lambda y: y.backward(),
}


@pytest.mark.parametrize("name", READERS)
def test_reading_a_value_is_an_error_that_names_the_line(name):
    def f(x):
        y = x.sum()
        READERS[name](y)
        return y

    with pytest.raises((GraphError, DtypeError)) as caught:
        ag.compile(f)(X)
    reader = getattr(READERS[name], "__code__", None)
    line = f.__code__.co_firstlineno + 2 if reader is None else reader.co_firstlineno
    assert name == "setitem" or f"{Path(__file__).name}:{line} in" in str(caught.value)


@pytest.mark.parametrize(
    "argument", [np.array([2, 0]), np.array([True, False, True])], ids=["integers", "truths"]
)
def test_integers_and_truths_are_not_read_either(argument):
    with pytest.raises(GraphError, match="bool"):
        ag.compile(lambda i: 1.0 if i[0] > 0 else 2.0)(argument)


def test_a_mask_is_refused_as_an_index_since_a_shape_depends_on_it_and_where_is_not():
    for f, args in ((lambda x: x[x > 1], (X,)), (lambda x, m: x[m], (X, X > 1))):
        with pytest.raises(GraphError, match="mask"):
            ag.compile(f)(*args)
    assert ag.compile(lambda x, m: ag.where(m, x, 0.0).sum())(X, X > 1) == 5.0


def test_what_shows_no_value_is_allowed():
    def f(x):
        told = f"{x} {x!r} {len(x)} {x.shape} {x.dtype} {x.ndim} {x.size}"
        assert "being compiled" in told
        return (copy.copy(x) + copy.deepcopy(x) + np.zeros_like(x)) * np.size(x)

    assert (ag.compile(f)(X) == 6 * X).all()


# What the engine does not see


def test_random_numbers_from_outside_are_found_out():
    rng = np.random.default_rng(0)
    for f in (
        lambda x: x * rng.random(3),
        lambda x: x * random.random(),
        lambda x: ag.concatenate([x] * 9)[rng.permutation(27)],
        lambda x: ag.Tensor(rng.random(3)) * x,
        lambda x: (x * 2, random.random()),
        lambda x: (x * 2, rng.random(3)),
    ):
        with pytest.raises(OptionError, match=r"drawn"):
            ag.compile(f)(X)


def test_a_counter_is_found_out():
    count = itertools.count()
    with pytest.raises(OptionError, match="argument"):
        ag.compile(lambda x: x * next(count))(X)


@pytest.mark.parametrize(
    "choose",
    [
        lambda k, x, y: x - y if k else y - x,
        lambda k, x, y: x if k else y,
        lambda k, x, y: ag.exp(x) if k else ag.tanh(x),
        lambda k, x, y: [x] if k else [x, x],
        lambda k, x, y: x.sum(axis=0) if k else x.sum(),
    ],
    ids=["operands", "argument", "operation", "arrangement", "parameter"],
)
def test_a_function_that_does_something_else_each_time_is_found_out(choose):
    turns = itertools.cycle([True, False])
    with pytest.raises(OptionError, match="compile: "):
        ag.compile(lambda x, y: choose(next(turns), x, y))(X, X + 1)


def test_what_is_drawn_is_fresh_at_each_call_and_not_read_either():
    rng, twin = np.random.default_rng(3), np.random.default_rng(3)
    noisy = ag.compile(lambda x: x + ag.drawn(lambda: rng.normal(size=3)))
    for _ in range(4):
        assert (noisy(X) == X + twin.normal(size=3)).all()
    with pytest.raises(GraphError, match="float"):
        ag.compile(lambda x: x * float(ag.drawn(lambda: rng.random())))(X)


def test_what_is_drawn_keeps_its_shape_and_dtype():
    sizes = iter([3, 3, 1])
    noisy = ag.compile(lambda x: x + ag.drawn(lambda: np.ones(next(sizes)), name="R"))
    noisy(X)
    noisy(X)
    with pytest.raises(OptionError, match=r"R .*\(1,\).*\(3,\)"):
        noisy(X)


# Arguments and results of the wrong kind


@pytest.mark.parametrize("bad", [{1, 2}, bytearray(b"x")], ids=["set", "bytearray"])
def test_an_argument_that_may_change_without_notice_is_refused(bad):
    with pytest.raises(OptionError, match=r"compile: k is a"):
        ag.compile(lambda x, k: x)(X, bad)


def test_complex_numbers_are_refused_by_name():
    with pytest.raises(DtypeError, match="real"):
        ag.compile(lambda x: x)(X * 1j)
    with pytest.raises(DtypeError, match=r"result\[1\]"):
        ag.compile(lambda x: (x, X * 1j))(X)
    with pytest.raises(DtypeError, match=r'result\["k"\]'):
        ag.compile(lambda x: {"k": {x}})(X)


def test_options_are_checked_at_once():
    with pytest.raises(OptionError, match="backend"):
        ag.compile(lambda x: x, backend="fortran")
    for donate in (1, -1, "y", 0.5, [["x"]]):
        with pytest.raises(OptionError, match="donate"):
            ag.compile(lambda x: x, donate=donate)


def test_before_the_first_call_there_is_no_program():
    f = ag.compile(lambda x: x)
    for name in ("source", "stats", "program"):
        with pytest.raises(GraphError, match="not been called"):
            getattr(f, name)


def test_a_call_that_fails_changes_nothing():
    def f(x, y):
        z = x - y
        if x.shape == (2,):
            bool(z[0])
        return z @ z, z

    step = ag.compile(f, donate="x")
    x = X.copy()
    with pytest.raises(ValueError, match="fit"):
        step(x, np.ones(2))
    assert (x == X).all()
    with pytest.raises(GraphError):
        step(x[:2].copy(), np.ones(2))
    assert step(x, np.ones(3))[1] is x
    with pytest.raises(ValueError, match="fit"):
        step(x, np.ones(2))
    assert (x == X - 1).all()
    assert step(x, np.ones(3))[0] == 2.0
