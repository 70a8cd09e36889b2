"""Catch changes of arrays that the engine has recorded and still needs.

A `Tensor` shares the array it is made of, so ``X += 1`` changes what the backward pass will read. What
passes through ``tensor.data = ...`` is noticed always; a write to the array itself only under `guard`.
"""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from autograd_core.graph.node import Array, Node, arrays_in
from autograd_core.graph.recording import Observer, Scope
from autograd_core.system.interrupts import callback
from autograd_core.system.locks import reentrant_lock, under
from autograd_core.wording.errors import GraphError, describe, one_of

if TYPE_CHECKING:
    from autograd_core.graph.operation import Primitive

__all__ = ["guard"]


def guard(mode: Literal["lock", "fingerprint"] = "lock") -> Scope:
    """Catch writes to recorded arrays behind the engine's back, in this thread and context.

    Parameters
    ----------
    mode : {"lock", "fingerprint"}
        With "lock" a recorded array is read-only until a sweep has used it, its result is dropped or the
        context ends, so NumPy stops the very line that would write. A view of it that existed before stays
        writable. With "fingerprint" a checksum is taken when an array is recorded and compared when the
        backward pass needs it, whatever wrote to it; that costs a pass over every array, twice.

    Raises
    ------
    ValueError
        "lock": NumPy's word that the array is read-only, from the line that writes.
    GraphError
        "fingerprint": from the sweep, naming the array and the operation that had recorded it.
    OptionError
        There is no such mode.

    Examples
    --------
    >>> import autograd_core as ag
    >>> X = np.ones((2, 3))
    >>> W = ag.tensor(np.ones((1, 2)), requires_grad=True, name="W")
    >>> with guard():
    ...     J = (W @ X).sum()
    ...     X += 1.0
    Traceback (most recent call last):
        ...
    ValueError: output array is read-only
    """
    one_of("mode of guard", mode, _MODES)
    return Scope(observer=_MODES[mode])


class _Lock(Observer):
    """Makes recorded arrays read-only, each for as long as a node needs it."""

    def __init__(self) -> None:
        self.needed: dict[int, tuple[list[Array], Any]] = {}

    def recorded(self, node: Node, operation: Primitive, inputs: tuple[Any, ...]) -> None:
        if node.primitive is None:
            return
        order = node.order
        arrays = [x for x in _arrays(node) if x.flags.writeable or id(x) in _held]
        dropped = callback(functools.partial(self.give_back, order))
        self.needed[order] = arrays, weakref.ref(node, dropped)
        for x in arrays:
            under(_changing, _hold, x, (id(self), order))

    def visited(self, node: Node) -> None:
        self.give_back(node.order)

    def give_back(self, order: int) -> None:
        arrays, _ = self.needed.get(order, ((), None))
        for x in arrays:
            under(_changing, _release, x, (id(self), order))
        self.needed.pop(order, None)

    def ended(self) -> None:
        for order in list(self.needed):
            self.give_back(order)


_held: dict[int, tuple[Array, set[tuple[int, int]]]] = {}  # arrays of all guards, with what needs each
_changing = reentrant_lock()


def _hold(x: Array, needed_by: tuple[int, int]) -> None:
    """Make an array read-only until all that need it have released it."""
    while True:  # until what was just entered is still there: a freed node may have released the last
        holders = _held.setdefault(id(x), (x, set()))[1]
        holders.add(needed_by)
        if id(x) in _held and _held[id(x)][1] is holders:
            break
    x.flags.writeable = False


def _release(x: Array, needed_by: tuple[int, int]) -> None:
    """Make an array writable again if nothing else needs it."""
    if id(x) in _held:
        holders = _held[id(x)][1]
        holders.discard(needed_by)
        if not holders:
            _unlock(x)
            _held.pop(id(x), None)


def _unlock(x: Array) -> None:
    """Make an array writable again; a view can be made so only while what it looks at is."""
    locked = []
    owner = x.base
    while isinstance(owner, np.ndarray):
        if not owner.flags.writeable:
            locked.append(owner)
        owner = owner.base
    for y in (*reversed(locked), x):
        y.flags.writeable = True
    for y in locked:
        y.flags.writeable = False


class _Fingerprint(Observer):
    """Takes a checksum of each recorded array, and compares it before a rule reads the array."""

    def __init__(self) -> None:
        self.taken: dict[int, tuple[list[int], Any]] = {}

    def recorded(self, node: Node, operation: Primitive, inputs: tuple[Any, ...]) -> None:
        if node.primitive is None:
            return
        forget = functools.partial(self.taken.pop, node.order)  # called with the reference, as a default
        self.taken[node.order] = [_checksum(x) for x in _arrays(node)], weakref.ref(node, forget)

    def visited(self, node: Node) -> None:
        taken, _ = self.taken.get(node.order, ((), None))
        for x, before in zip(_arrays(node), taken):
            if _checksum(x) != before:
                assert node.primitive is not None
                raise GraphError(
                    f"{_owner_of(x, node)} was written to after {node.primitive.name} had recorded it, so "
                    "its derivative is no longer known; write to a copy, or after the backward pass"
                )

    def ended(self) -> None:
        self.taken.clear()


_MODES: dict[str, type[_Lock] | type[_Fingerprint]] = {"lock": _Lock, "fingerprint": _Fingerprint}


def _arrays(node: Node) -> list[Array]:
    """The arrays that the rules of a node may read, positions among them, and what those are views of."""
    found = []
    for x in (*node.values, *arrays_in(node.params.values()), node.value):
        while isinstance(x, np.ndarray):
            found.append(x)
            x = x.base
    return found


def _owner_of(x: Array, node: Node) -> str:
    """Name the operand that an array is, or that is a view of it."""
    for operand, value in zip(node.inputs, node.values):
        if value is x:
            return describe(operand)
    return describe(x if any(x is y for y in arrays_in(node.params.values())) else node)


def _checksum(x: Array) -> int:
    return hash(x.tobytes())
