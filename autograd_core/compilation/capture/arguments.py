"""What a compiled function is called with: arrays, and what else decides on its program."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from types import BuiltinFunctionType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd_core.differentiation.recorded import parameter
from autograd_core.differentiation.tree import Structure
from autograd_core.graph.node import Node
from autograd_core.graph.operands import plain_array
from autograd_core.system.wrapping import Wrapper
from autograd_core.wording.errors import OptionError
from autograd_core.wording.identifiers import printable

__all__ = ["VALUES", "Held", "as_leaf", "kind_of", "paths"]


def as_leaf(x: Any) -> Any:
    """Make a plain array of whatever is one, in the byte order of this machine; leave anything else alone.

    Raises
    ------
    DtypeError
        A masked array or a matrix, which is more than its entries.
    """
    if type(x) is not np.ndarray:
        if not hasattr(x, "__array__"):
            return x
        x = plain_array(x)
    plain = x.dtype.isnative and x.flags.aligned
    return x if plain else np.array(x, x.dtype.newbyteorder("="))


def kind_of(x: Any, path: str) -> Any:
    """What a program depends on of one leaf: shape and dtype of an array, what an object holds, or a value.

    Raises
    ------
    OptionError
        It is something that cannot be told from another by its hash.

    Examples
    --------
    >>> kind_of(0.0, "x") == kind_of(-0.0, "x")
    False
    """
    if isinstance(x, np.ndarray):
        return x.shape, x.dtype
    if type(x) in VALUES:
        return type(x), _told_apart(x)
    try:
        hash(x)
    except TypeError:
        if not _is_open(x):
            raise OptionError(
                f"compile: {path} is a {type(x).__name__}, which may change without notice; give arrays, in "
                "lists, tuples and dicts, or numbers and text"
            ) from None
    return object, Held([x])


VALUES = (int, float, complex, bool, str, bytes, type(None))
"""Types of what is its value and nothing else."""


def _told_apart(x: Any) -> Any:
    """A value that is equal to another if no program can tell them apart: 0.0 and -0.0 are not."""
    return x.hex() if type(x) is float else repr(x) if type(x) is complex else x


class Held:
    """What objects hold now: in attributes, those of their classes too, and in what stands there.

    Two of them are equal if they hold the same arrays and objects without attributes, whatever stands in
    these, and equal numbers and texts, in the same places.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> model = SimpleNamespace(rate=0.5, parts=[SimpleNamespace(W="W")])
    >>> before = Held([model])
    >>> before == Held([model])
    True
    >>> model.parts[0].W = "V"
    >>> before == Held([model])
    False
    """

    __slots__ = ("parts",)

    def __init__(self, things: Iterable[Any]) -> None:
        self.parts: list[Any] = []
        seen: dict[int, int] = {}
        waiting = [*things]
        while waiting:
            part = waiting.pop()
            if type(part) in VALUES:
                self.parts += (type(part), _told_apart(part))
            elif id(part) in seen:
                self.parts += (Held, seen[id(part)])
            elif (inside := _inside(part)) is None:
                self.parts.append(part)
            else:
                seen[id(part)] = len(seen)
                self.parts += (part if isinstance(part, type) else type(part), len(inside))
                waiting += reversed(inside)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Held) or len(self.parts) != len(other.parts):
            return False
        return all(
            x is y or (type(x) is type(y) and type(x) in VALUES and x == y)
            for x, y in zip(self.parts, other.parts)
        )

    def __hash__(self) -> int:
        return hash(tuple([x for x in self.parts if type(x) in VALUES]))


def _inside(x: Any) -> list[Any] | None:
    """What stands in a container, or what an object looks up; None of what is taken for one thing."""
    if isinstance(x, dict):
        return [part for pair in x.items() for part in pair]
    if isinstance(x, list | tuple | set | frozenset | deque):
        return [*x]
    if isinstance(x, bytearray):
        return [bytes(x)]
    if isinstance(x, MethodType):
        return [x.__self__, x.__func__]
    if isinstance(x, type):
        return [*_of_class(x), *x.__bases__] if _is_written(x) else None
    return [*_of_object(x)] if _is_open(x) else None


def _of_object(x: Any) -> Iterator[Any]:
    """The names and values of an object's own attributes, and its class."""
    yield from itertools.chain.from_iterable(getattr(x, "__dict__", {}).items())
    for c in filter(_is_written, type(x).__mro__):
        for name, value in vars(c).items():
            if isinstance(value, MemberDescriptorType):  # a slot
                yield from (name, getattr(x, name, _EMPTY))
    yield type(x)


def _of_class(c: type) -> Iterator[Any]:
    """The names and values of what stands in a class."""
    for name, value in vars(c).items():
        if not name.startswith("__"):
            yield from (name, value)


def _is_open(x: Any) -> bool:
    """Whether an object has attributes that somebody may set."""
    return not isinstance(x, _WHOLE) and (hasattr(x, "__dict__") or any(map(_is_written, type(x).__mro__)))


def _is_written(c: type) -> bool:
    """Whether a class was made by a class statement, and not in C."""
    return bool(c.__flags__ & _HEAP_TYPE)


_WHOLE = (
    Node,
    np.ndarray,
    np.generic,
    np.dtype,
    Wrapper,
    ModuleType,
    FunctionType,
    BuiltinFunctionType,
    Enum,
)
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE
_EMPTY = object()


def paths(f: Callable[..., Any], structure: Structure) -> list[str]:
    """What each leaf of the arguments is called."""
    positional, named = structure.parts
    found = [path for i, part in enumerate(positional.parts) for path in part.paths(parameter(f, i))]
    return found + [path for key, part in zip(named.keys, named.parts) for path in part.paths(printable(key))]
