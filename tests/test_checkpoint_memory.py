"""How often a checkpointed function is computed, and how much memory that saves."""

from __future__ import annotations

import tracemalloc
import weakref
from collections import Counter

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.differentiation.checkpoint import checkpoint


@pytest.fixture
def counted(registry):
    """An operation that counts its calls and those of its rules."""
    calls = Counter()

    def rule(name):
        def count(d, *_):
            calls[name] += 1
            return d

        return count

    @ag.primitive(vjps=(rule("vjp"),), jvps=(rule("jvp"),))
    def counted_copy(x):
        calls["forward"] += 1
        return x + 0.0

    return counted_copy, calls


def test_a_sweep_computes_once_more_whatever_the_number_of_inputs(counted):
    copy, calls = counted
    a, b, c = (ag.tensor(float(i), requires_grad=True) for i in (2, 3, 4))
    y = checkpoint(lambda a, b: copy(a * b * c))(a, b)
    assert calls == {"forward": 1}
    for _ in range(2):
        calls.clear()
        y.backward()
        assert calls == {"forward": 1, "vjp": 1}
    assert (a.grad, b.grad, c.grad) == (24.0, 16.0, 12.0)
    calls.clear()
    slope = ag.jvp(lambda a, b: checkpoint(lambda a, b: copy(a * b * c))(a, b), [2.0, 3.0], [1.0, 1.0])[1]
    assert (slope, calls["forward"]) == (20.0, 2)


def test_checkpoints_in_checkpoints(counted):
    copy, calls = counted
    w = ag.tensor(2.0, requires_grad=True)
    x = ag.tensor(3.0, requires_grad=True)
    inner = checkpoint(lambda y: copy(y * w))
    outer = checkpoint(lambda x: inner(inner(x)) * x)
    outer(x).backward()
    assert (x.grad, w.grad) == (2 * 3 * 4.0, 9 * 2 * 2.0)
    assert calls == {"forward": 2 + 2 + 2, "vjp": 2}
    assert ag.grad(ag.grad(outer))(3.0) == 8.0
    assert ag.jvp(outer, [3.0], [1.0])[1] == 24.0


def peak(act):
    tracemalloc.start()
    act()
    _, high = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return high


def test_the_memory_of_a_chain_is_at_most_half():
    def segment(x):
        for _ in range(10):
            x = ag.tanh(x) + x
        return x

    def run(part):
        y = x
        for _ in range(20):
            y = part(y)
        y.sum().backward()
        return x.grad

    x = ag.tensor(np.linspace(-1.0, 1.0, 20_000), requires_grad=True)
    run(segment)
    assert peak(lambda: run(checkpoint(segment))) <= peak(lambda: run(segment)) / 2


@pytest.mark.parametrize("sweep", ["forward", "backward"])
def test_what_lies_between_is_freed_by_reference_counts(sweep, no_collector):
    watched = []

    def f(x):
        y = ag.tanh(x)
        watched.append(weakref.ref(y))
        return y * x

    if sweep == "forward":
        assert ag.jvp(checkpoint(f), [0.5], [1.0])[0] == np.tanh(0.5) * 0.5
    else:
        x = ag.tensor(0.5, requires_grad=True)
        out = checkpoint(f)(x)
        assert [ref() for ref in watched] == [None]
        out.backward()
        result = weakref.ref(out)
        del out
        assert result() is None
    assert len(watched) == 2
    assert [ref() for ref in watched] == [None, None]


def test_what_a_call_takes_is_that_of_its_operations():
    x = ag.tensor(np.ones((2, 3)), requires_grad=True)
    y = checkpoint(lambda x: x * x + x)(x / 2)
    assert y.primitive.flops(y.value, *y.values) == 12
