"""Ctrl-C at every line of the engine: it arrives, and nothing is left as it was in between."""

from __future__ import annotations

import gc
import random
import signal
import time

import numpy as np
import pytest
from interruption import Outcome, code_of, interrupted_at_every_line

import autograd_core as ag
from autograd_core import Tensor
from autograd_core.comparisons import compare
from autograd_core.derivations.derivation import derive
from autograd_core.graph.recording import state, transforms
from autograd_core.system import interrupts, quiet
from autograd_core.system.locks import _locks

_ENGINE, _INTERRUPTS = code_of(ag), code_of(interrupts)


def LINES(file):
    """The engine's files. That of callbacks, in which Python drops what is raised, is tried by signals."""
    return _ENGINE(file) and not _INTERRUPTS(file)


ERRORS = np.geterr()


def held(lock):
    """Whether a lock is taken; of one that a thread may take again, by this one."""
    return lock._is_owned() if hasattr(lock, "_is_owned") else lock.locked()


@pytest.fixture(autouse=True)
def alone():
    """Keep out what others have the collector call: Python drops a Ctrl-C that comes in it."""
    gc.collect()
    gc.freeze()
    called = [*gc.callbacks]
    gc.callbacks[:] = [f for f in called if isinstance(getattr(f, "__self__", None), interrupts._Called)]
    yield
    gc.callbacks[:] = called
    gc.unfreeze()


class Places:
    """Tensors and arrays that calls work on, made anew for each."""

    def __init__(self):
        self.X = np.arange(6.0).reshape(2, 3)
        self.W = Tensor(np.array([[0.5, -1.0]]), requires_grad=True, name="W")
        self.b = Tensor(np.array([[0.25]]), requires_grad=True, name="b")
        self.params = [np.ones((1, 2)), np.zeros((1, 1)), np.ones(3)]

    def cost(self):
        return ag.sum(ag.tanh(self.W @ self.X + self.b) ** 2)

    def check(self, outcome):
        """See that all is as it was, whatever happened."""
        if outcome.where:
            assert isinstance(outcome.raised, KeyboardInterrupt), outcome
        else:
            assert outcome.raised is None, outcome
        assert state() is True or not any(entry.inside for entry in state()), outcome
        assert transforms() == (), outcome
        assert np.geterr() == ERRORS, outcome
        assert not any(held(known()) for known in [*_locks] if known()), outcome
        assert all(x.flags.writeable for x in (self.X, self.W.data, self.b.data)), outcome
        assert (self.W.grad is None) == (self.b.grad is None), outcome
        y = self.W * 2.0
        assert type(y) is Tensor
        assert y.requires_grad, outcome
        gradient = ag.grad(lambda v: v * v)(3.0)
        assert type(gradient) is np.ndarray
        assert gradient == 6.0, outcome


def f(x):
    return ag.sum(ag.tanh(x) * x)


def no_grad(at):
    with ag.no_grad():
        at.cost()


def guarded(mode):
    def call(at):
        with ag.guard(mode):
            J = at.cost()
            J.backward()
            at.cost()  # dropped

    return call


def anomaly(at):
    with ag.detect_anomaly():
        at.cost().backward()


def nested(at):
    with ag.no_grad(), ag.guard(), ag.detect_anomaly():
        ag.grad(lambda x: ag.sum(ag.grad(f)(x)))(at.X)


def generator(at):
    @ag.no_grad()
    def numbers():
        yield at.cost()
        yield at.cost()

    for _ in numbers():
        at.cost()


def collected(at):
    at.cost()
    gc.collect()


def reading(at):
    with pytest.raises(ag.GraphError):
        ag.grad(float)(2.0)


CALLS = {
    "no_grad": no_grad,
    "guard": guarded("lock"),
    "guard by fingerprint": guarded("fingerprint"),
    "detect_anomaly": anomaly,
    "one in another": nested,
    "a generator": generator,
    "a collection": collected,
    "backward": lambda at: at.cost().backward(),
    "backward, again": lambda at: [at.cost().backward(), at.cost().backward()],
    "backward, recorded": lambda at: at.cost().backward(create_graph=True, retain_grads=True),
    "grad": lambda at: ag.grad(f)(at.X),
    "value_and_grad of containers": lambda at: ag.value_and_grad(lambda p: f(p["x"][0]))({"x": [at.X]}),
    "jvp": lambda at: ag.jvp(f, [at.X], [at.X]),
    "vjp": lambda at: ag.vjp(ag.tanh, at.X)[1](at.X),
    "jacobian": lambda at: ag.jacobian(ag.tanh)(at.X[0, :2]),
    "hessian": lambda at: ag.hessian(f)(at.X[0, :2]),
    "per_example_grad": lambda at: ag.per_example_grad(lambda w, X: ag.sum(w @ X))(at.W.data, at.X),
    "checkpoint": lambda at: ag.checkpoint(lambda w: ag.sum(ag.tanh(w @ at.X) * at.b))(at.W).backward(),
    "a value that is read": reading,
    "derive": lambda at: derive(at.cost()).source(),
    "compare": lambda at: compare(at.cost(), {at.W: at.W.data}),
}
STRIDES = {"one in another": 3, "backward, recorded": 2, "hessian": 5, "per_example_grad": 5, "guard": 2}
STRIDES |= {"derive": 301, "compare": 1009}


def broken_off(work, every=1, then=lambda at: None, counts=LINES):
    """Break a call off at every line, on new places each time; how often that was."""
    at = Places()

    def check(outcome):
        nonlocal at
        at.check(outcome)
        then(at)
        at = Places()

    return interrupted_at_every_line(lambda: work(at), check, counts, every=every)


@pytest.mark.parametrize("name", CALLS)
def test_an_interrupted_call_leaves_everything_as_it_was(name):
    assert broken_off(CALLS[name], STRIDES.get(name, 1)) > 20


@pytest.mark.parametrize("name", ["derive", "compare"])
def test_what_numpy_does_about_infinities_is_as_it_was(name):
    """At each line of what sets it: of all lines of so long a call, only some are tried."""
    assert broken_off(CALLS[name], counts=code_of(quiet)) > 100


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer")
def test_signals_at_any_moment_arrive_and_leave_nothing():
    def raised(*_):
        raise KeyboardInterrupt

    rng = random.Random(0)
    before = signal.signal(signal.SIGALRM, raised)
    arrived = 0
    try:
        for name in 30 * [*CALLS]:
            at, moment = Places(), rng.uniform(1e-6, 4e-4)
            try:
                try:
                    signal.setitimer(signal.ITIMER_REAL, moment)
                    CALLS[name](at)
                    time.sleep(0.1)  # it may come late
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                arrived += 1
            at.check(Outcome("", None))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert arrived == 30 * len(CALLS)


def step(params, x):
    def cost(params):
        W, b, c = params
        return ag.sum(ag.tanh(W @ x + b) * c)

    J, gradients = ag.value_and_grad(cost)(params)
    return J, [p - 0.1 * g for p, g in zip(params, gradients)]


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_a_step_updates_all_donated_arrays_or_none(backend):
    """Broken off in the call, in the program, and where a program is looked for."""
    if backend == "numba":
        pytest.importorskip("numba")
    compiled = ag.compile(step, donate="params", backend=backend)
    x = np.arange(6.0).reshape(2, 3)
    at = Places()
    before = [p.copy() for p in at.params]
    wanted = step([p.copy() for p in at.params], x)[1]
    compiled([p.copy() for p in at.params], x)

    def call():
        for p, old in zip(at.params, before):
            p[...] = old
        return compiled(at.params, x)

    def check(outcome):
        at.check(outcome)
        ways = [[np.allclose(p, other) for p, other in zip(at.params, others)] for others in (before, wanted)]
        assert all(ways[0]) or all(ways[1]), outcome

    def generated(file):
        return LINES(file) or file.startswith("<")

    assert interrupted_at_every_line(call, check, generated) > 5
    call()


def test_recording_that_is_broken_off_goes_on_as_if_nothing_had_been():
    compiled = []

    def work(at):
        compiled[:] = [ag.compile(step)]
        compiled[0](at.params, at.X)

    def then(at):
        if compiled:
            (J, new), (true, wanted) = compiled[0](at.params, at.X), step(at.params, at.X)
            assert np.allclose(J, true)
            assert all(np.allclose(a, b) for a, b in zip(new, wanted))

    assert broken_off(work, every=97, then=then) > 40
