"""A process that is forked while its parent computes goes on: no lock stays shut behind it."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.system.locks import lock, reentrant_lock

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
    pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning"),
]
FORKS = 50


def in_child(work):
    """Do something in a forked process; return whether it came to its end in time."""
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("make", [lock, reentrant_lock])
def test_a_lock_that_another_thread_holds_is_open_in_a_forked_process(make):
    made, held, done = make(), threading.Event(), threading.Event()

    def hold():
        with made:
            held.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    try:
        assert in_child(lambda: made.acquire(timeout=10) or os._exit(1))
        assert not made.acquire(blocking=False)
    finally:
        done.set()
        thread.join()


def test_no_child_hangs_that_is_forked_while_threads_compute():
    X = np.random.default_rng(0).normal(size=(100, 100))
    W = ag.tensor(X.copy(), requires_grad=True)
    step = ag.compile(lambda w, x: ag.sum(ag.tanh(w @ x) ** 2))
    wanted = step(X, X)
    stopped = threading.Event()

    def compute():
        while not stopped.is_set():
            step(X, X)
            with ag.guard():
                ag.sum(W * 2.0).backward()

    def work():
        assert step(X, X) == wanted
        assert ag.compile(lambda x: x + 1)(1.0) == 2.0
        ag.sum(W * 2.0).backward()

    threads = [threading.Thread(target=compute) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(FORKS):
            time.sleep(0.002)
            assert in_child(work)
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
