"""Arguments, results and memory as numba has them: given in any layout, captured, donated or drawn."""

import sys
import warnings

import numpy as np
import pytest
from compile_case import close

import autograd_core as ag
from autograd_core.wording.errors import OptionError

pytest.importorskip("numba")
A = np.random.default_rng(0).normal(size=(4, 5))


def compiled(f, **options):
    return ag.compile(f, backend="numba", **options)


def test_arrays_of_every_layout_are_taken():
    def f(x, y):
        return (x * 2 + y).sum(axis=0) + (x @ y.T).sum()

    step = compiled(f)
    locked = A.copy()
    locked.flags.writeable = False
    for x in (A, np.asfortranarray(A), A[:, ::-1], A[::-1], locked):
        for y in (A, np.asfortranarray(A), np.broadcast_to(A[0], (4, 5)), x):
            assert close(step(x, y), f(x, y))
    assert step.stats.backend == "numba"


def test_a_captured_tensor_may_lie_as_it_likes_and_change():
    t = ag.tensor(np.asfortranarray(A))
    step = compiled(lambda x: x * t + 1)
    for data in (np.asfortranarray(A), A[::-1], A):
        t.data = data
        assert close(step(A), A * data + 1)


def test_donated_arrays_come_back_and_are_refused_where_they_are_shared():
    step = compiled(lambda p, x: (p - x, (p * x).sum()), donate="p")
    for _ in range(3):
        p = A.copy()
        assert step(p, A * 2)[0] is p
        assert close(p, -A)
    for other in (p, p[:], p[::-1]):
        before = p.copy()
        with pytest.raises(OptionError, match="donate names p"):
            step(p, other)
        assert (p == before).all()
    assert close(step(x=A * 2, p=A.copy())[0], -A)


@pytest.mark.parametrize(
    "f",
    [lambda a, b: (b * 1.0, a + 0.5), lambda a, b: (b, a), lambda a, b: (a * 2, a, a.T, b)],
    ids=["new values swapped", "swapped", "old and new"],
)
def test_donated_arrays_are_not_written_before_they_are_read(f):
    step = compiled(f, donate=(0, 1))
    for _ in range(2):
        assert close(step(A.copy(), A + 1), f(A, A + 1))


def test_what_is_drawn_is_fresh_at_each_run():
    rng, twin = np.random.default_rng(1), np.random.default_rng(1)
    noisy = compiled(lambda x: x + ag.drawn(lambda: rng.normal(size=(4, 5))))
    for _ in range(3):
        assert close(noisy(A), A + twin.normal(size=(4, 5)))


def test_what_numba_refuses_runs_as_numpy_after_one_warning():
    step = compiled(lambda x: ag.sort(x) * 2)
    with pytest.warns(UserWarning, match="runs as NumPy, since") as caught:
        step(A)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in (A, np.asfortranarray(A), A[:2]):
            assert close(step(x), np.sort(x) * 2)
    assert step.stats.backend == "numpy"


def test_without_numba_a_function_runs_as_numpy_and_says_what_numba_would_gain(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    step = ag.compile(lambda x: x * 2, backend="numba")
    with pytest.warns(UserWarning, match=r"(?s)ten times as fast.*autograd-core\[fast\]"):
        assert close(step(A), A * 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert close(step(A), A * 2)
    assert step.stats.backend == "numpy"
