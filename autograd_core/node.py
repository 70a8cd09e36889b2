"""The DAG: a node holds a value and how it was computed; nothing points forward.

A leaf has no primitive. Whatever was computed from a leaf that requires a gradient or has a name keeps
its operands, so memory is freed by reference counts as soon as the last result is dropped. Every node,
and every change of an array, takes a stamp from one clock: sorting by stamp is a topological order, and a
change later than the operation that read the array is how a stale graph is noticed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from autograd_core.primitive import Primitive

__all__ = [
    "NO_PARAMS",
    "Array",
    "Node",
    "Observer",
    "ancestors",
    "changed_at",
    "first_nan",
    "is_recording",
    "last_change",
    "mark_changed",
    "no_grad",
    "now",
    "observers",
    "observing",
    "recording",
    "replayed",
    "topological_order",
]

Array = np.ndarray[tuple[Any, ...], np.dtype[Any]]

NO_PARAMS: Mapping[str, Any] = MappingProxyType({})

now = itertools.count(1).__next__

_last_change = 0
_changes: dict[int, int] = {}  # by buffer; one that was freed has no operation left that reads it


def last_change() -> int:
    """When any node was last given another value."""
    return _last_change


def mark_changed(written: Array | None) -> None:
    """Note that an array was written to, with whatever shares its memory, or that a leaf got another."""
    global _last_change
    _last_change = now()
    if written is not None:
        _changes[id(written if written.base is None else _buffer(written))] = _last_change


def changed_at(value: Any) -> int:
    """When an array, or what it shares memory with, was last marked; 0 if never."""
    return _changes.get(id(_buffer(value)), 0) if isinstance(value, np.ndarray) else 0


def _buffer(value: Array) -> Array:
    while isinstance(value.base, np.ndarray):
        value = value.base
    return value


class Observer:
    """What is told of each step of the engine in the context that it watches; see `observing`.

    Attributes
    ----------
    replays : bool
        Whether what is recorded will be computed again from other values, so that nothing may be left out.
    """

    replays = False

    def recorded(self, node: Node, operation: Primitive, inputs: tuple[Any, ...]) -> None:
        """Take note of a result that was just computed."""

    def visited(self, node: Node) -> None:
        """Take note that a sweep is about to apply the rules of a node."""

    def propagated(self, node: Node, to: Node, derivative: Any) -> None:
        """Take note of the cotangent of an operand, with what a node just added, or of its own tangent."""

    def drawn(self, draw: Callable[[], Any], name: str) -> Node | None:
        """Give a leaf whose value is drawn afresh each time; None leaves that to others."""
        return None

    def without_gradient(self) -> Observer | None:
        """What watches in its place where no derivative may flow out; by default nothing does."""
        return None


_observers: ContextVar[tuple[Observer, ...]] = ContextVar("autograd_core.observers", default=())
_recording: ContextVar[bool | tuple[Observer, ...]] = ContextVar("autograd_core.recording", default=True)
observers = _observers.get
is_recording = _recording.get  # True, the observers if there are any, or False


def replayed(watching: bool | tuple[Observer, ...]) -> bool:
    """Whether somebody watches who computes what is recorded again, from other values."""
    return watching is not True and watching is not False and any(x.replays for x in watching)


class Node:
    """A value in the DAG and, unless it is a leaf, the operation and operands it came from.

    Attributes
    ----------
    value : ndarray
    requires_grad : bool
        Whether a derivative may flow back to this node.
    name : str or None
    grad : ndarray, Node or None
        Derivative of the last differentiated cost, in the shape of ``value``.
    primitive : Primitive or None
        The operation; None for a leaf.
    inputs : tuple
        Its operands in order, nodes and plain arrays alike; ``x * x`` has the same node twice.
    values : tuple
        What `inputs` held when it was recorded: plain arrays and numbers, for the backward pass.
    params : mapping
        Its keyword arguments: axes, shapes.
    order : int
        When it was recorded; operands always have a smaller one.
    """

    __slots__ = (
        "__weakref__",
        "grad",
        "inputs",
        "name",
        "order",
        "params",
        "primitive",
        "requires_grad",
        "value",
        "values",
    )

    value: Array
    requires_grad: bool
    name: str | None
    grad: Any
    primitive: Primitive | None
    inputs: tuple[Any, ...]
    values: tuple[Any, ...]
    params: Mapping[str, Any]
    order: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Size along each axis."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.value.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """Kind of number."""
        return self.value.dtype

    @property
    def is_leaf(self) -> bool:
        """Whether this node was given rather than computed."""
        return self.primitive is None

    def operands(self) -> Iterator[Node]:
        """Those inputs that are nodes, in order, repeated ones repeated."""
        return (x for x in self.inputs if isinstance(x, Node))


def ancestors(roots: Iterable[Node], stop: frozenset[int] = frozenset()) -> dict[int, Node]:
    """Collect every node that the roots were computed from, themselves included, by order stamp.

    Nodes whose stamp is in `stop` are collected, but not what lies behind them.
    """
    found: dict[int, Node] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node.order not in found:
            found[node.order] = node
            if node.order not in stop:
                stack.extend(node.operands())
    return found


def topological_order(roots: Iterable[Node], stop: frozenset[int] = frozenset()) -> list[Node]:
    """Every node behind the roots, operands before results."""
    found = ancestors(roots, stop)
    return [found[order] for order in sorted(found)]


def first_nan(root: Node) -> str:
    """Say which of the values behind a result was the first to hold a NaN, and what made it."""
    for node in topological_order([root]):
        if np.isnan(node.value).any():
            where = tuple(np.argwhere(np.isnan(node.value))[0].tolist())
            called = node.name or "an unnamed result"
            made = "was given" if node.primitive is None else f"came out of {node.primitive.name}"
            return f"the first NaN is in {called} of shape {node.shape}, at index {where}; it {made}"
    return "no recorded value holds one"


@contextmanager
def recording(on: bool = True) -> Iterator[None]:
    """Record, or not, in this thread and context only."""
    watching = observers()
    silent = tuple([o for o in (x.without_gradient() for x in watching) if o]) if watching else ()
    token = _recording.set((watching or True) if on else (silent or False))
    try:
        yield
    finally:
        _recording.reset(token)


@contextmanager
def observing(observer: Observer) -> Iterator[None]:
    """Tell an observer of everything in this thread and context that is recorded or swept."""
    token = _observers.set((*observers(), observer))
    try:
        with recording(bool(is_recording())):
            yield
    finally:
        _observers.reset(token)


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording, in this thread and context only; also a decorator.

    Functions made by `grad` and the other transforms still differentiate inside it.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
    >>> with ag.no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """
    with recording(False):
        yield
