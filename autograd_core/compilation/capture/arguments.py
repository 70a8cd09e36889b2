"""What a compiled function is called with: arrays, and what else decides on its program."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from autograd_core.differentiation.recorded import parameter
from autograd_core.differentiation.tree import Structure
from autograd_core.graph.node import Node
from autograd_core.wording.errors import OptionError
from autograd_core.wording.identifiers import printable

__all__ = ["as_leaf", "held_by", "kind_of", "paths", "same"]


def as_leaf(x: Any) -> Any:
    """Make a plain array of whatever is one, in the byte order of this machine; leave anything else alone."""
    if type(x) is not np.ndarray:
        if not hasattr(x, "__array__"):
            return x
        x = np.asarray(x)
    plain = x.dtype.isnative and x.flags.aligned
    return x if plain else np.array(x, x.dtype.newbyteorder("="))


def kind_of(x: Any, path: str) -> Any:
    """What a program depends on of one leaf: shape and dtype of an array, anything else as it is.

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
    if type(x) is float:
        return float, x.hex()  # tells 0.0 from -0.0, and one NaN is like another
    try:
        hash(x)
    except TypeError:
        raise OptionError(
            f"compile: {path} is a {type(x).__name__}, which may change without notice; give arrays, in "
            "lists, tuples and dicts, or numbers and text"
        ) from None
    return type(x), x


def held_by(things: Iterable[Any]) -> list[Any]:
    """List what objects hold in their attributes, and in containers and objects there.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> model = SimpleNamespace(rate=0.5, parts=[SimpleNamespace(W="W")])
    >>> held_by([model])
    [0.5, 'W']
    """
    found: list[Any] = []
    seen: set[int] = set()
    waiting = [*things]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            inside = [*part.values()]
        elif isinstance(part, list | tuple | set | frozenset):
            inside = [*part]
        elif hasattr(part, "__dict__") and not isinstance(part, _WHOLE):
            inside = [*vars(part).values()]
        else:
            found.append(part)
            continue
        if id(part) not in seen:
            seen.add(id(part))
            waiting += reversed(inside)
    return found


_WHOLE = (Node, np.ndarray, type, ModuleType, FunctionType)


def same(now: list[Any], before: list[Any]) -> bool:
    """Whether objects hold the same arrays as before, whatever their entries, and equal numbers and texts."""
    return len(now) == len(before) and all(
        x is y or (type(x) is type(y) and isinstance(x, int | float | str) and x == y)
        for x, y in zip(now, before)
    )


def paths(f: Callable[..., Any], structure: Structure) -> list[str]:
    """What each leaf of the arguments is called."""
    positional, named = structure.parts
    found = [path for i, part in enumerate(positional.parts) for path in part.paths(parameter(f, i))]
    return found + [path for key, part in zip(named.keys, named.parts) for path in part.paths(printable(key))]
