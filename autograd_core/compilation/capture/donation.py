"""Arguments that may be written to: which, whether they can be, and which result goes where."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.compilation.capture.tracing import Trace, told_name
from autograd_core.differentiation.tree import LEAF, Structure
from autograd_core.graph.node import Array, Node
from autograd_core.wording.errors import OptionError, unknown_option

__all__ = ["donated_leaves", "donated_places", "paired", "refuse_donated"]


def donated_places(f: Callable[..., Any], donate: int | str | Sequence[int | str]) -> frozenset[int | str]:
    """The arguments that are donated, by number and by name.

    Raises
    ------
    OptionError
        There is no such argument.
    """
    wanted = tuple(donate) if isinstance(donate, list | tuple | set | frozenset) else (donate,)
    if not wanted:
        return frozenset()
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        raise OptionError(
            f"compile: {told_name(f)} does not say what its arguments are; wrap it in a lambda"
        ) from None
    names = [p.name for p in parameters]
    several = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    found: set[int | str] = set()
    for x in wanted:
        if isinstance(x, str) and x in names:
            found |= {x, names.index(x)}
        elif type(x) is int and x >= 0 and (x < len(names) or several):
            found |= {x, *names[x : x + 1]}
        else:
            raise unknown_option(f"argument of {told_name(f)} to donate", str(x), names)
    return frozenset(found)


def donated_leaves(structure: Structure, places: Collection[int | str]) -> frozenset[int]:
    """The numbers of the leaves that may be written to."""
    positional, named = structure.parts
    found: list[int] = []
    at = 0
    for place, part in [*enumerate(positional.parts), *zip(named.keys, named.parts)]:
        if place in places:
            found += range(at, at + part.size)
        at += part.size
    return frozenset(found)


def refuse_donated(
    leaves: Sequence[Any], donated: Iterable[int], captured: Iterable[Array], names: Sequence[str]
) -> None:
    """See that what may be written to can be, and that nothing else looks at it.

    Raises
    ------
    OptionError
        A donated array is read-only, or shares memory with itself or another one, or with one that the
        function reads.
    """
    arrays = [(name, x) for name, x in zip(names, leaves) if isinstance(x, np.ndarray)]
    arrays += [("an array that the function reads from outside", x) for x in captured]
    for i in donated:
        x = leaves[i]
        if not isinstance(x, np.ndarray):
            continue
        if not x.flags.writeable:
            raise OptionError(f"compile: donate names {names[i]}, which is read-only; give a copy")
        if _overlaps_itself(x):
            raise OptionError(
                f"compile: donate names {names[i]}, whose entries overlap in memory; give a copy"
            )
        for other, y in arrays:
            if other != names[i] and np.may_share_memory(x, y) and np.shares_memory(x, y):
                raise OptionError(
                    f"compile: donate names {names[i]}, which shares its memory with {other}; give a copy"
                )


def _overlaps_itself(x: Array) -> bool:
    """Whether two entries of an array, such as a view with strides of its own, may lie in the same place."""
    reach = x.itemsize
    for stride, n in sorted((abs(stride), n) for stride, n in zip(x.strides, x.shape) if n > 1):
        if stride < reach:
            return x.size > 0
        reach += stride * (n - 1)
    return False


def paired(traced: Trace, structure: Structure, donated: Mapping[int, int]) -> dict[int, int]:
    """Give results, by number, the donated arguments that they may be written into.

    An argument that is returned is given itself; a container of results the one that is arranged alike; what
    is left goes to the first result of its shape and dtype.

    Parameters
    ----------
    traced : Trace
    structure : Structure
        Of all arguments.
    donated : mapping of int to int
        The numbers of leaves that are donated, and which of the traced arguments each is.
    """
    pairs: dict[int, int] = {}
    seen: set[int] = set()
    left = set(donated)

    def fits(i: int, leaf: int) -> bool:
        x, y = traced.arguments[donated[leaf]], traced.results[i]
        free = isinstance(y, Node) and i not in pairs and y.order not in seen
        return free and (y.shape, y.dtype) == (x.shape, x.dtype)

    def give(i: int, leaf: int) -> None:
        pairs[i] = donated[leaf]
        seen.add(traced.results[i].order)
        left.remove(leaf)

    for leaf in donated:
        for i, y in enumerate(traced.results):
            if y is traced.arguments[donated[leaf]] and fits(i, leaf):
                give(i, leaf)
    for part, at in _subtrees(structure):
        for like, i in _subtrees(traced.arrangement):
            leaves = [leaf for leaf in range(at, at + part.size) if leaf in left]
            if part == like != LEAF and leaves and all(fits(i + leaf - at, leaf) for leaf in leaves):
                for leaf in leaves:
                    if fits(i + leaf - at, leaf):  # not if the result has come before
                        give(i + leaf - at, leaf)
    for leaf in sorted(left):
        found = next((i for i in range(len(traced.results)) if fits(i, leaf)), None)
        if found is not None:
            give(found, leaf)
    return pairs


def _subtrees(structure: Structure, at: int = 0) -> Iterator[tuple[Structure, int]]:
    """Every part of a container, with the number of its first leaf, large ones first."""
    yield structure, at
    for part in structure.parts:
        yield from _subtrees(part, at)
        at += part.size
