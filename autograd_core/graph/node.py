"""The DAG: a node holds a value and how it was computed; nothing points forward.

A leaf has no primitive. Whatever was computed from a leaf that requires a gradient or has a name keeps
its operands, so memory is freed by reference counts as soon as the last result is dropped. Every node,
and every change of an array, takes a stamp from one clock: sorting by stamp is a topological order, and a
change later than the operation that read the array is how a stale graph is noticed.
"""

from __future__ import annotations

import functools
import itertools
import weakref
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.wording.errors import OptionError
from autograd_core.wording.identifiers import name_of, printable, text_of

if TYPE_CHECKING:
    from autograd_core.graph.operation import Primitive

__all__ = [
    "NO_PARAMS",
    "Array",
    "Node",
    "ancestors",
    "arrays_in",
    "changed_at",
    "depends",
    "first_nan",
    "last_change",
    "mark_changed",
    "now",
    "topological_order",
]

Array = np.ndarray[tuple[Any, ...], np.dtype[Any]]

NO_PARAMS: Mapping[str, Any] = MappingProxyType({})

now = itertools.count(1).__next__

_last_change = 0
_changes: dict[int, int] = {}  # by what owns the memory
_owners: dict[int, Any] = {}  # references to those, which take their entry out of both when they are freed


def last_change() -> int:
    """When any node was last given another value."""
    return _last_change


def mark_changed(written: Array | None) -> None:
    """Note that an array was written to, with whatever shares its memory, or that a leaf got another."""
    global _last_change
    _last_change = now()
    if written is not None:
        owner = written if written.base is None else _owner(written)
        key = id(owner)
        if key not in _owners:
            _owners[key] = _reference(owner, key)
        _changes[key] = _last_change


def changed_at(value: Any) -> int:
    """When an array, or what it shares memory with, was last marked; 0 if never."""
    return _changes.get(id(_owner(value)), 0) if isinstance(value, np.ndarray) else 0


def _owner(value: Any) -> Any:
    """What holds the memory of an array: itself, another one, a file, or what np.frombuffer was given."""
    base = value
    while base is not None:
        value = base
        base = value.base if isinstance(value, np.ndarray) else getattr(value, "obj", None)
    return value


def _reference(owner: Any, key: int) -> Any:
    """Have a mark forgotten with what it belongs to; one that stays is older than what is recorded later."""
    try:
        return weakref.ref(owner, functools.partial(_forget, key))
    except TypeError:  # bytes
        return None


def _forget(key: int, _: Any) -> None:
    _owners.pop(key, None)
    _changes.pop(key, None)


class Node:
    """A value in the DAG and, unless it is a leaf, the operation and operands it came from.

    Attributes
    ----------
    value : ndarray
    requires_grad : bool
        Whether a derivative may flow back to this node.
    name : str or None
        Text and nothing else; a subclass of str is taken for its characters.
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
        "_name",
        "grad",
        "inputs",
        "order",
        "params",
        "primitive",
        "requires_grad",
        "value",
        "values",
    )

    value: Array
    requires_grad: bool
    _name: str | None  # what creates nodes sets it directly
    grad: Any
    primitive: Primitive | None
    inputs: tuple[Any, ...]
    values: tuple[Any, ...]
    params: Mapping[str, Any]
    order: int

    @property
    def name(self) -> str | None:
        """What messages, pictures and equations call it.

        Raises
        ------
        OptionError
            Something else than text or None is assigned.
        """
        return self._name

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name if name is None or type(name) is str else _text(name)

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


def arrays_in(params: Any) -> Iterator[Array]:
    """The arrays among an operation's parameters, in tuples too."""
    for x in params:
        if isinstance(x, np.ndarray):
            yield x
        elif isinstance(x, tuple):
            yield from arrays_in(x)


def _text(name: Any) -> str:
    if not isinstance(name, str):
        found = name_of(type(name))
        raise OptionError(f"name={name!r:.60}: found {found}, wanted text such as 'W[1]', or None")
    return text_of(name)


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


def depends(node: Node, on: frozenset[int]) -> bool:
    """Whether a node was computed from one of those with these stamps."""
    earliest = min(on, default=node.order + 1)
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        x = waiting.pop()
        if x.order in on:
            return True
        if x.order > earliest and x.order not in seen:
            seen.add(x.order)
            waiting.extend(x.operands())
    return False


def first_nan(root: Node) -> str:
    """Say which of the values behind a result was the first to hold a NaN, and what made it."""
    for node in topological_order([root]):
        if np.isnan(node.value).any():
            where = tuple(np.argwhere(np.isnan(node.value))[0].tolist())
            called = printable(node.name or "an unnamed result")
            made = "was given" if node.primitive is None else f"came out of {node.primitive.name}"
            return f"the first NaN is in {called} of shape {node.shape}, at index {where}; it {made}"
    return "no recorded value holds one"
