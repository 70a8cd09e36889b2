"""Positions, masks and whatever else an operation is told: later writes change nothing, or are refused."""

from __future__ import annotations

import contextlib
import mmap
import re

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import GraphError, Tensor
from autograd_core.graph.node import _changes, _owners, changed_at, mark_changed

MASK, INDEX = np.array([True, True, False, False]), np.array([0, 1])
# By operation: what it is told, what is written there later, and the operation.
TOLD = {
    "index": (INDEX, [2, 3], lambda x, c: x[c]),
    "index of a list": (INDEX.tolist(), [2, 3], lambda x, c: x[c]),
    "index among others": (INDEX, [2, 3], lambda x, c: x[None, c]),
    "mask": (MASK, [False, False, True, True], lambda x, c: x[c]),
    "mask as where": (MASK, [False, False, True, True], lambda x, c: ag.where(c, x, 0.0)[:2]),
    "take": (INDEX, [2, 3], ag.take),
    "take of a list": (INDEX.tolist(), [2, 3], ag.take),
    "take_along_axis": (INDEX, [2, 3], ag.take_along_axis),
    "compress": (MASK, [False, False, True, True], lambda x, c: ag.compress(c, x)),
    "extract": (MASK, [False, False, True, True], lambda x, c: ag.extract(c, x)),
    "scatter_add": (np.array([0, 1, 1, 0]), [2, 3, 3, 2], lambda x, c: ag.scatter_add(x, c, (4,))[:2]),
    "scatter_along_axis": (
        np.array([0, 1, 1, 0]),
        [2, 3, 3, 2],
        lambda x, c: ag.scatter_along_axis(x, c, (4,))[:2],
    ),
    "repeat": (np.array([1, 1, 0, 0]), [0, 0, 1, 1], ag.repeat),
    "split": (np.array([2]), [3], lambda x, c: ag.split(x, c)[0]),
    "quantile": (np.array([0.1, 0.2]), [0.8, 0.9], ag.quantile),
    "pad": (np.array([1, 1]), [0, 2], lambda x, c: ag.pad(x, c)[1:3]),
    "roll": (np.array([1]), [2], lambda x, c: ag.roll(x, c)[1:3]),
    "tensordot": ([0], [1], lambda x, c: ag.tensordot(ag.reshape(x, (2, 2)), np.eye(2), (c, c))[0]),
    "transpose": ([1, 0], [0, 1], lambda x, c: ag.transpose(ag.reshape(x, (2, 2)), c)[0]),
    "sum": ([0], [1], lambda x, c: ag.sum(ag.reshape(x, (2, 2)), tuple(c))),
    "clip": (np.array([1.0, 2.5, 9.0, 9.0]), [0.0] * 4, lambda x, c: ag.clip(x, -c, c)[:2]),
    "convolve": (np.array([1.0, 2.0]), [0.0, 0.0], lambda x, c: ag.convolve(x, c, "valid")[:2]),
    "einsum": (np.array([1.0, 2.0, 0.0, 0.0]), [0.0] * 4, lambda x, c: ag.einsum("i,i->i", x, c)[:2]),
}


def writing(told):
    """A copy of what an operation is told, to write to."""
    return list(told) if isinstance(told, list) else told.copy()


def gradient(name, change=None, context=None):
    """The gradient of an operation on x, what it is told being changed before the backward pass."""
    told, other, f = TOLD[name]
    told = writing(told)
    x = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    J = ag.sum(f(x, told) * np.array([10.0, 20.0]))
    if change is not None:
        change(told, other)
    J.backward()
    return x.grad


def write(told, other):
    told[:] = other


OPERANDS = ("clip", "convolve", "einsum", "mask as where")  # arrays among the operands, which guard watches


@pytest.mark.parametrize("name", [name for name in TOLD if name not in OPERANDS])
def test_what_is_written_later_changes_no_gradient(name):
    np.testing.assert_array_equal(gradient(name, write), gradient(name))
    for mode in ("lock", "fingerprint"):
        with ag.guard(mode):
            np.testing.assert_array_equal(gradient(name, write), gradient(name))


@pytest.mark.parametrize("mode", ["lock", "fingerprint"])
@pytest.mark.parametrize("name", OPERANDS)
def test_what_is_an_operand_is_guarded(name, mode):
    with ag.guard(mode), pytest.raises((GraphError, ValueError), match=r"read-only|was written to"):
        gradient(name, write)


def in_place(positions, other):
    positions.data += np.array(other) - positions.data


def behind_the_back(positions, other):
    positions.data[:] = other


def another_array(positions, other):
    positions.data = np.array(other)


@pytest.mark.parametrize(
    ("change", "mode"),
    [(in_place, None), (another_array, None), (behind_the_back, "lock"), (behind_the_back, "fingerprint")],
)
@pytest.mark.parametrize("name", ["index", "take", "take_along_axis", "scatter_add"])
def test_positions_in_a_tensor_are_watched_as_operands_are_unless_they_were_copied(name, change, mode):
    told, other, f = TOLD[name]
    x, positions = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True), Tensor(told.copy(), name="i")
    try:
        with ag.guard(mode) if mode else contextlib.nullcontext():
            J = ag.sum(f(x, positions) * np.array([10.0, 20.0]))
            change(positions, other)
            J.backward()
    except (GraphError, ValueError) as error:
        assert re.search("changed after|read-only|was written to", str(error))  # noqa: PT017 - or it is right
    else:
        np.testing.assert_array_equal(x.grad, gradient(name))


# Changes of memory that arrays share


def shared_memory():
    """Two arrays that look at the same memory, in every way there is."""
    whole = np.zeros(8)
    yield "views", whole[2:], whole[::2]
    text = bytearray(64)
    yield "frombuffer", np.frombuffer(text), np.frombuffer(text)
    yield "memoryview", np.frombuffer(memoryview(text)), np.asarray(memoryview(text).cast("d"))
    yield "a part of it", np.frombuffer(memoryview(text)[8:]), np.frombuffer(text)
    yield "a view of it", np.frombuffer(text)[1:], np.frombuffer(text)[:3]
    pages = mmap.mmap(-1, 64)
    yield "mmap", np.frombuffer(pages), np.frombuffer(pages)
    exported = np.zeros(4)
    yield "an exported array", np.frombuffer(memoryview(exported)), exported


SHARED = {name: (a, b) for name, a, b in shared_memory()}


@pytest.mark.parametrize("name", SHARED)
def test_a_change_is_seen_by_every_array_with_that_memory(name):
    a, b = SHARED[name]
    W, X = Tensor(a, requires_grad=True, name="W"), Tensor(b, requires_grad=True)
    J = ag.sum(X * X)
    W.data += 1.0
    with pytest.raises(GraphError, match="changed after multiply had recorded it"):
        J.backward()
    ag.sum(X * X).backward()
    assert changed_at(a) == changed_at(b) > 0
    assert changed_at(np.zeros(3)) == 0


def test_marks_go_with_what_they_belong_to():
    before = len(_changes), len(_owners)
    for i in range(100):
        array = np.zeros(i + 1)
        mark_changed(array)
        mark_changed(array[:1])
        mark_changed(np.frombuffer(mmap.mmap(-1, 64)))
    del array
    assert (len(_changes), len(_owners)) == before
