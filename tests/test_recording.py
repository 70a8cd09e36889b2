"""The state of a context: entered and left in any order, by generators, coroutines and threads."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import threading

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import OptionError, Tensor
from autograd_core.graph.recording import Observer, observers, observing, state

x = Tensor(np.ones(3), requires_grad=True)


def records():
    return (x * 2).requires_grad


@pytest.fixture(autouse=True)
def nothing_left():
    """Whatever a test does, the state is the usual one before and after it."""
    assert records()
    assert state() is True
    yield
    assert records()
    assert state() is True


def numbers(scope):
    with scope:
        for _ in range(3):
            yield records()


def test_a_generator_that_waits_inside_no_grad_leaves_its_caller_alone():
    waiting = numbers(ag.no_grad())
    assert next(waiting) is False
    assert records()
    assert next(waiting) is False
    assert records()
    waiting.close()


def test_a_generator_that_is_never_finished_leaves_nothing():
    waiting = numbers(ag.no_grad())
    next(waiting)
    del waiting
    gc.collect()
    assert records()


def test_a_generator_closed_inside_another_block_ends_its_own_alone():
    waiting = numbers(ag.no_grad())
    next(waiting)
    with ag.no_grad():
        waiting.close()
        assert not records()
    assert records()


def test_blocks_may_end_in_any_order():
    first, second = ag.no_grad(), ag.detect_anomaly()
    stack, other = contextlib.ExitStack(), contextlib.ExitStack()
    stack.enter_context(first)
    other.enter_context(second)
    stack.close()
    assert records()
    assert len(observers()) == 1
    other.close()


def test_two_generators_in_turns_with_one_object():
    scope = ag.no_grad()
    a, b = numbers(scope), numbers(scope)
    assert [next(a), next(b), next(a), next(b)] == [False] * 4
    a.close()
    assert records()
    assert next(b) is False
    b.close()


def test_a_context_manager_written_as_a_generator_holds_for_its_block():
    @contextlib.contextmanager
    def evaluating():
        with ag.no_grad():
            yield

    with evaluating():
        assert not records()
        with evaluating():
            assert not records()
        assert not records()


def test_one_object_is_entered_again_and_inside_itself():
    scope = ag.no_grad()
    for _ in range(2):
        with scope:
            with scope:
                assert not records()
            assert not records()
        assert records()


def test_a_guard_of_one_object_is_made_anew_each_time():
    scope, X = ag.guard(), np.ones((2, 2))
    for _ in range(2):
        with scope:
            J = (Tensor(np.ones((1, 2)), requires_grad=True) @ X).sum()
            with pytest.raises(ValueError, match="read-only"):
                X += 1.0
        X += 1.0
        assert J.requires_grad


def test_what_is_decorated_does_not_record_whatever_kind_of_function_it_is():
    @ag.no_grad()
    def plain():
        return records()

    @ag.no_grad()
    def generator():
        answer = yield records()
        yield answer
        return 7

    @ag.no_grad()
    async def coroutine():
        first = records()
        await asyncio.sleep(0)
        return first or records()

    assert plain() is False
    running = generator()
    assert next(running) is False
    assert records()
    assert running.send("sent") == "sent"
    with pytest.raises(StopIteration) as stop:
        next(running)
    assert stop.value.value == 7
    assert asyncio.run(coroutine()) is False
    assert plain.__name__ == "plain"


def test_an_asynchronous_generator_is_refused_with_the_way_out():
    with pytest.raises(OptionError, match=r"asynchronous generator; write `with no_grad\(\):` inside"):

        @ag.no_grad()
        async def stream():
            yield 1


def test_coroutines_that_take_turns_each_have_their_own_state():
    seen = []

    async def off():
        with ag.no_grad():
            for _ in range(3):
                seen.append(("off", records()))
                await asyncio.sleep(0)

    async def on():
        for _ in range(3):
            seen.append(("on", records()))
            await asyncio.sleep(0)

    async def both():
        await asyncio.gather(off(), on())

    asyncio.run(both())
    assert set(seen) == {("off", False), ("on", True)}


def test_a_coroutine_that_is_driven_by_hand_leaves_its_driver_alone():
    class Pause:
        def __await__(self):
            yield

    async def off():
        with ag.no_grad():
            await Pause()
            return records()

    running = off()
    running.send(None)
    assert records()
    with pytest.raises(StopIteration) as stop:
        running.send(None)
    assert stop.value.value is False


def test_an_exception_passes_through_and_ends_the_block():
    with pytest.raises(ZeroDivisionError), ag.no_grad():
        1 / 0  # noqa: B018


def test_a_transform_differentiates_inside_no_grad_and_leaves_it_as_it_was():
    with ag.no_grad():
        assert ag.grad(lambda v: v * v)(3.0) == 6.0
        assert not records()

    def f(v):
        with ag.no_grad():
            c = v * 2
        return c * v

    assert ag.grad(f)(3.0) == 6.0


def test_an_observer_is_told_while_its_block_is_run_and_no_longer():
    class Counting(Observer):
        def __init__(self):
            self.count = 0

        def recorded(self, node, operation, inputs):
            self.count += 1

    counting = Counting()

    def generator():
        with observing(counting):
            records()
            yield
            records()

    running = generator()
    next(running)
    records()
    assert counting.count == 1
    list(running)
    records()
    assert counting.count == 2


# Threads

RUNS, THREADS = 100, 8


def in_threads(work):
    """Run a function in several threads at once; return what each raised."""
    raised = []
    start = threading.Barrier(THREADS)

    def run():
        start.wait()
        try:
            work()
        except BaseException as error:  # whatever it is, the test shows it
            raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.fixture
def often_switched():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("often_switched")
def test_gradients_of_a_shared_leaf_are_added_up_whatever_thread_they_come_from():
    for _ in range(RUNS):
        W, b = (Tensor(np.ones(n), requires_grad=True) for n in (50, 1))

        def work(W=W, b=b):
            for _ in range(5):
                (W * 2.0 + b).sum().backward()

        assert in_threads(work) == []
        np.testing.assert_array_equal(W.grad, np.full(50, 2.0 * 5 * THREADS))
        np.testing.assert_array_equal(b.grad, [50.0 * 5 * THREADS])


@pytest.mark.usefixtures("often_switched")
def test_two_guards_lock_an_array_until_the_last_has_released_it():
    X = np.ones((2, 2))
    W = Tensor(np.ones((1, 2)), requires_grad=True)
    with ag.guard():
        J = (W @ X).sum()
        with ag.guard():
            K = (W @ X).mean()
        assert not X.flags.writeable
        assert J.requires_grad
        assert K.requires_grad
    assert X.flags.writeable

    def work():
        for _ in range(50):
            with ag.guard():
                J = (W @ X).sum()
                assert not X.flags.writeable
                assert J.requires_grad

    assert in_threads(work) == []
    assert X.flags.writeable
    assert W.data.flags.writeable


@pytest.mark.usefixtures("often_switched")
def test_each_thread_has_its_own_state():
    def work():
        for _ in range(200):
            assert records()
            with ag.no_grad():
                assert not records()
            assert ag.grad(lambda v: v * v)(2.0) == 4.0

    assert in_threads(work) == []
