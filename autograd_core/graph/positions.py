"""Positions that were computed from values: plain arrays, of which it is remembered where they came from.

A position carries no derivative, so argsort, argmax and a mask give plain arrays to those who call them. What
is recorded with such an index holds for these values alone, unless the index can be computed again.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from autograd_core.graph.node import Node

__all__ = ["Origin", "Position", "leaves_behind", "origin_of", "traced"]

Origin = Callable[[], Node | None]

_origins: dict[int, tuple[weakref.ref[Any], Origin]] = {}  # by the identity of arrays that still exist


class Position(np.intp):
    """One position that was computed, a number like any other."""

    origin: Origin

    def __repr__(self) -> str:
        return repr(np.intp(self))


def traced(positions: Any, origin: Origin) -> Any:
    """Remember where positions were computed, so that equations and programs can compute them again.

    Parameters
    ----------
    positions : array of whole numbers or of truths, or one such number
    origin : function
        Gives a recorded result that they are the value of; None if that is known no longer.

    Returns
    -------
    array or number
        The same.
    """
    if isinstance(positions, np.intp):
        positions = Position(positions)
        positions.origin = origin
    elif isinstance(positions, np.ndarray):
        place = id(positions)
        _origins[place] = weakref.ref(positions, lambda _: _origins.pop(place, None)), origin
    return positions


def origin_of(positions: Any) -> Origin | None:
    """Tell where positions were computed; None if they were not, but given.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x = ag.tensor([1.0, 3.0], requires_grad=True)
    >>> origin_of(ag.argsort(x))().primitive.name
    'argsort'
    >>> origin_of(np.array([0, 1])) is None
    True
    """
    if isinstance(positions, Position):
        return positions.origin
    if not isinstance(positions, np.ndarray):
        return None
    if id(positions) in _origins:
        return _origins[id(positions)][1]
    return None if origin_of(positions.base) is None else lambda: None  # how the view was made is not known


def leaves_behind(graph: Iterable[Node]) -> list[Node]:
    """List the leaves from which a graph has positions, and no more than that.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x, y = (ag.tensor([1.0, 3.0], requires_grad=True, name=name) for name in "xy")
    >>> [leaf.name for leaf in leaves_behind([y, y[ag.argsort(x)]])]
    ['x']
    """
    waiting = [*graph]
    seen = {x.order for x in waiting}
    found = []
    while waiting:
        x = waiting.pop()
        for y in (*x.operands(), *_positions_of(x)):
            if y.order not in seen:
                seen.add(y.order)
                waiting.append(y)
                if y.primitive is None:
                    found.append(y)
    return found


def _positions_of(x: Node) -> Iterator[Node]:
    """What the positions in the index of a pick were computed as."""
    index = x.params.get("index", ()) if x.primitive is not None else ()
    for part in index if isinstance(index, tuple) else (index,):
        origin = origin_of(part)
        node = None if origin is None else origin()
        if node is not None:
            yield node
