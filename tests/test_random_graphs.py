"""Graphs that nobody chose: random ones against difference quotients, long ones, shared ones."""

from __future__ import annotations

import weakref
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

import autograd_core as ag
from autograd_core.graph.node import ancestors, topological_order

# These shapes broadcast together, so any operation fits any two values; every value stays small.
SHAPES = ((), (3,), (2, 1), (2, 3), (1, 3))
BINARY = {
    "add": lambda a, b: (a + b) * 0.5,
    "subtract": lambda a, b: (a - b) * 0.5,
    "multiply": lambda a, b: ag.tanh(a * b),
    "divide": lambda a, b: a / (1 + b * b),
    "power": lambda a, b: ag.sigmoid(a) ** ag.sigmoid(b),
    "matmul": lambda a, b: ag.tanh(ag.broadcast_to(a, (2, 3)) @ ag.broadcast_to(b, (2, 3)).T)[:, :1],
    "concatenate": lambda a, b: ag.concatenate([a.reshape(-1), b.reshape(-1)])[-2:].reshape(2, 1),
    "where": lambda a, b: ag.where(np.array([True, False, True]), a, b),
}
UNARY = {
    "tanh": ag.tanh,
    "sigmoid": ag.sigmoid,
    "exp": lambda a: ag.exp(-a * a),
    "log": lambda a: ag.log(1 + a * a),
    "sqrt": lambda a: ag.sqrt(1 + a * a) - 1,
    "softmax": ag.softmax,
    "logsumexp": lambda a: ag.logsumexp(a) * 0.25,
    "mean": lambda a: ag.mean(a, axis=-1, keepdims=True) if a.ndim else a,
    "sum": lambda a: ag.sum(a, keepdims=True) * 0.125,
    "transpose": lambda a: a.T.T,
    "getitem": lambda a: a[..., ::-1] if a.ndim else a[None][0],
}

entry = st.integers(0, 10**6)
step = st.tuples(st.sampled_from([*BINARY, *UNARY]), entry, entry)
programs = st.lists(step, min_size=5, max_size=30)


def run(program, leaves):
    """Apply each step to values made before it; add up the last few. Others are dead branches."""
    values = list(leaves)
    for op, i, j in program:
        a, b = values[i % len(values)], values[j % len(values)]
        values.append(BINARY[op](a, b) if op in BINARY else UNARY[op](a))
    return sum((ag.sum(value) for value in values[-3:]), 0.0)


def leaves(seed):
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1.0, 1.0, shape) for shape in SHAPES]


SQUARES = [("multiply", 0, 0), ("multiply", 5, 5), ("add", 6, 6), ("divide", 7, 7), ("power", 8, 8)]


@settings(max_examples=200)
@given(program=programs, seed=entry)
@example(program=SQUARES, seed=0)
def test_the_gradient_of_a_random_graph_is_its_difference_quotient_and_the_adjoint_of_its_jvp(program, seed):
    def f(*xs):
        return run(program, xs)

    xs, ts = leaves(seed), leaves(seed + 1)
    gradient = ag.grad(f, argnums=tuple(range(len(xs))))(*xs)
    slope = sum(np.vdot(g, t) for g, t in zip(gradient, ts, strict=True))
    _, pushed = ag.jvp(f, xs, ts)

    def along(s):
        return f(*(ag.Tensor(x + s * t) for x, t in zip(xs, ts, strict=True))).item()

    h = 1e-3
    quotient = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h)
    scale = 1 + sum(np.abs(g).sum() for g in gradient)
    assert [g.shape for g in gradient] == list(SHAPES)
    assert abs(slope - pushed) <= 1e-12 * scale, f"reverse {slope!r}, forward {pushed!r}"
    assert abs(slope - quotient) <= 1e-8 * scale, f"reverse {slope!r}, difference {quotient!r}"


@settings(max_examples=50)
@given(program=programs, seed=entry)
@example(program=SQUARES, seed=0)
def test_the_second_derivative_of_a_random_graph_is_the_same_by_three_routes(program, seed):
    def f(*xs):
        return run(program, xs)

    def slope(*xs):
        return ag.jvp(f, xs, ts)[1]

    xs, ts, us = (leaves(seed + i) for i in range(3))
    every = tuple(range(len(xs)))
    gradient = ag.grad(f, every)
    forward_over_reverse = ag.jvp(lambda *xs: inner(gradient(*xs), ts), xs, us)[1]
    reverse_over_reverse = inner(ag.grad(lambda *xs: inner(gradient(*xs), ts), every)(*xs), us)
    reverse_over_forward = inner(ag.grad(slope, every)(*xs), us)
    numbers = np.array([forward_over_reverse, reverse_over_reverse, reverse_over_forward], float)
    assert np.ptp(numbers) <= 1e-11 * (1 + np.abs(numbers).max()), numbers


def inner(us, vs):
    return sum((ag.sum(u * v) for u, v in zip(us, vs, strict=True)), 0.0)


@given(program=programs)
def test_a_graph_is_sorted_operands_first_and_holds_each_node_once(program):
    tensors = [ag.Tensor(x, requires_grad=True) for x in leaves(0)]
    order = topological_order([run(program, tensors)])
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert all(place[x] < place[node] for node in order for x in node.operands())


# Long chains

LONG = 200_000


def chain(x, length=LONG):
    """x + x + ... : a path as long as the graph is large, and a leaf with as many uses."""
    y = x
    for _ in range(length - 1):
        y = y + x
    return y


def test_a_chain_of_200_000_operations_is_recorded_differentiated_and_freed(no_collector):
    x = ag.tensor(1.0, requires_grad=True)
    y = chain(x)
    first = weakref.ref(next(node for node in topological_order([y]) if node.primitive))
    y.backward()
    assert (y.item(), x.grad.item()) == (LONG, LONG)
    assert first() is not None
    del y
    assert first() is None


def test_a_chain_of_200_000_operations_has_a_jvp_and_a_gradient():
    one = np.array(1.0)
    assert ag.grad(chain)(one) == LONG
    assert ag.jvp(chain, [one], [one]) == (LONG, LONG)


def test_a_chain_of_100_000_operations_records_its_backward_pass():
    x = ag.tensor(3.0, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = -y
    y.backward(create_graph=True)
    assert x.grad.item() == 1.0
    assert len(ancestors([x.grad])) >= 100_000


# Memory


def test_a_graph_is_freed_by_reference_counts_with_its_last_result(no_collector):
    x = ag.Tensor(np.ones((3, 3)), requires_grad=True, name="x")
    hidden = ag.softmax(ag.tanh(x @ x.T) * x, axis=0)
    J = (hidden * hidden).sum() + ag.concatenate([hidden, x])[0].max()
    J.backward()
    watched = [weakref.ref(node) for node in ancestors([J]).values() if node.primitive]
    assert len(watched) >= 8
    del hidden, J
    assert [ref() for ref in watched] == [None] * len(watched)


@pytest.mark.parametrize(
    "transform",
    [
        ag.grad,
        lambda f: ag.grad(ag.grad(f)),
        lambda f: lambda x: ag.jvp(ag.grad(f), [x], [x]),
        lambda f: ag.grad(lambda x: ag.jvp(f, [x], [x])[1]),
        lambda f: lambda x: ag.vjp(f, x)[1](1.0),
    ],
    ids=["grad", "grad of grad", "jvp of grad", "grad of jvp", "vjp"],
)
def test_a_transform_frees_what_it_recorded_by_reference_counts(transform, no_collector):
    watched = []

    def f(x):
        y = ag.tanh(x) * x
        watched.append(weakref.ref(y))
        return y

    transform(f)(0.5)
    assert watched
    assert [ref() for ref in watched] == [None] * len(watched)


# Every node once


@pytest.fixture
def counted(registry):
    """An operation that counts how often each of its rules is called."""
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


def test_each_node_is_visited_once_though_paths_double_at_each_step(counted):
    copy, calls = counted

    def ladder(x):
        for _ in range(20):
            x = copy(x)
            x = x + x
        return x

    assert ag.grad(ladder)(1.0) == 2**20
    assert calls == {"forward": 20, "vjp": 20}
    calls.clear()
    assert ag.jvp(ladder, [1.0], [1.0]) == (2**20, 2**20)
    assert calls == {"forward": 20, "jvp": 20}


def test_a_dead_branch_is_not_visited(counted):
    copy, calls = counted

    def f(x):
        copy(x)
        return x * x

    assert ag.grad(f)(3.0) == 6.0
    assert calls == {"forward": 1}


def test_what_lies_behind_the_variables_is_not_visited(counted):
    copy, calls = counted
    w = ag.tensor(2.0, requires_grad=True)
    behind = copy(w)
    assert ag.grad(lambda x: x * x)(behind).item() == 4.0
    assert calls == {"forward": 1}


# Threads


def test_two_threads_at_once_give_the_bits_that_one_gives():
    program = [(op, 7 * i, 11 * i + 3) for i, op in enumerate([*BINARY, *UNARY] * 3)]
    together = Barrier(2)

    def work(seed):
        together.wait()
        gradient = ag.grad(lambda *xs: run(program, xs), tuple(range(len(SHAPES))))
        return [b"".join(g.tobytes() for g in gradient(*leaves(seed + i))) for i in range(20)]

    with ThreadPoolExecutor(2) as pool:
        at_once = list(pool.map(work, (0, 100)))
    together = Barrier(1)
    assert at_once == [work(0), work(100)]


def test_no_grad_in_one_thread_does_not_reach_another():
    x = ag.tensor(1.0, requires_grad=True)
    both_inside = Barrier(2)

    def silent():
        with ag.no_grad():
            both_inside.wait()
            y = x * x
            both_inside.wait()
        return y.requires_grad

    def recording():
        both_inside.wait()
        y = x * x
        both_inside.wait()
        return y.requires_grad

    with ThreadPoolExecutor(2) as pool:
        quiet, loud = pool.submit(silent), pool.submit(recording)
        assert (quiet.result(), loud.result()) == (False, True)
