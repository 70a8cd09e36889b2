"""Catch changes of arrays that the engine has recorded and still needs.

A `Tensor` shares the array it is made of, so ``X += 1`` changes what the backward pass will read. What
passes through ``tensor.data = ...`` is noticed always; a write to the array itself only under `guard`.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from autograd_core.errors import GraphError, describe, unknown_option
from autograd_core.node import Array, Node, Observer, observing

if TYPE_CHECKING:
    from autograd_core.primitive import Primitive

__all__ = ["guard"]


@contextmanager
def guard(mode: Literal["lock", "fingerprint"] = "lock") -> Iterator[None]:
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
    if mode not in _MODES:
        raise unknown_option("mode of guard", mode, _MODES)
    keeper = _MODES[mode]()
    with observing(keeper):
        try:
            yield
        finally:
            keeper.release()


class _Lock(Observer):
    """Makes recorded arrays read-only, and counts how many nodes need each."""

    def __init__(self) -> None:
        self.held: dict[int, tuple[Array, int]] = {}
        self.needed: dict[int, list[Array]] = {}

    def recorded(self, node: Node, operation: Primitive, inputs: tuple[Any, ...]) -> None:
        if node.primitive is None:
            return
        arrays = [x for x in _arrays(node) if id(x) in self.held or x.flags.writeable]
        for x in arrays:
            x.flags.writeable = False
            self.held[id(x)] = x, self.held.get(id(x), (x, 0))[1] + 1
        self.needed[node.order] = arrays
        weakref.finalize(node, self.give_back, node.order)

    def visited(self, node: Node) -> None:
        self.give_back(node.order)

    def give_back(self, order: int) -> None:
        for x in self.needed.pop(order, ()):
            _, count = self.held.pop(id(x))
            if count > 1:
                self.held[id(x)] = x, count - 1
            else:
                _unlock(x)

    def release(self) -> None:
        for order in list(self.needed):
            self.give_back(order)


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
        self.taken: dict[int, list[int]] = {}

    def recorded(self, node: Node, operation: Primitive, inputs: tuple[Any, ...]) -> None:
        if node.primitive is None:
            return
        self.taken[node.order] = [_checksum(x) for x in _arrays(node)]
        weakref.finalize(node, self.taken.pop, node.order, None)

    def visited(self, node: Node) -> None:
        taken = self.taken.get(node.order)
        if taken is None:
            return
        for x, before in zip(_arrays(node), taken, strict=True):
            if _checksum(x) != before:
                at = next((i for i, value in enumerate(node.values) if value is x), None)
                what = describe(node if at is None else node.inputs[at])
                raise GraphError(
                    f"{what} was written to after {node.primitive.name} had recorded it, so its "  # type: ignore[union-attr]
                    "derivative is no longer known; write to a copy, or after the backward pass"
                )

    def release(self) -> None:
        self.taken.clear()


_MODES: dict[str, type[_Lock] | type[_Fingerprint]] = {"lock": _Lock, "fingerprint": _Fingerprint}


def _arrays(node: Node) -> list[Array]:
    """The arrays that the rules of a node may read, with those that own their memory."""
    found = []
    for x in (*node.values, node.value):
        while isinstance(x, np.ndarray):
            found.append(x)
            x = x.base
    return found


def _checksum(x: Array) -> int:
    return hash(x.tobytes())
