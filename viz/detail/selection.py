"""Which part of a recorded graph is asked for: values by name, what is around one, what lies between two."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from autograd_core.graph.node import Node, ancestors
from autograd_core.wording.arguments import is_sequence
from autograd_core.wording.errors import OptionError, describe
from autograd_core.wording.identifiers import printable
from viz.scene.record import Record
from viz.style.markup import plain

__all__ = ["around", "between", "named", "opened"]

_LISTED = 8


def named(record: Record, wanted: Any) -> list[Node]:
    """Find the values that are meant by a tensor, a name, or a step of the table such as ``"v7"``.

    Several values may have the same name, as those of an unrolled loop do.

    Raises
    ------
    OptionError
        There is no such value behind the result.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from viz.scene.record import read
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> record = read(x * x)
    >>> [record.ids[node] for wanted in (x, "x", "v1", "J") for node in named(record, wanted)]
    ['v0', 'v0', 'v1', 'v1']
    """
    if isinstance(wanted, Node):
        if wanted not in record.ids:
            raise OptionError(
                f"{describe(wanted)} is not part of this graph: {plain(record.name)} was not computed from it"
            )
        return [wanted]
    return _found(_names(record), wanted)


def opened(record: Record, wanted: Iterable[Any]) -> set[Node]:
    """Find the values that are to be drawn themselves; ``"layer 2"`` means all of a layer.

    Raises
    ------
    OptionError
        There is no such layer or value.
    """
    known: dict[str, list[Node]] = {}
    for node, layer in record.layers.items():
        known.setdefault(f"layer {layer}", []).append(node)
    names = {**_names(record), **known}
    single = [wanted] if isinstance(wanted, (str, Node)) else wanted
    if not (is_sequence(single) or isinstance(single, set | frozenset)):
        raise OptionError(f"expand is {wanted!r:.60}, wanted a name, a tensor, or a list of them")
    return {
        node
        for one in single
        for node in (named(record, one) if isinstance(one, Node) else _found(names, one))
    }


def _names(record: Record) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for node in record.nodes:
        called = {node.name or "", plain(record.labels.get(node, "")), record.ids[node]}
        for name in called - {""}:
            found.setdefault(name, []).append(node)
    return found


def _found(known: Mapping[str, list[Node]], wanted: Any) -> list[Node]:
    if isinstance(wanted, str) and wanted in known:
        return known[wanted]
    near = difflib.get_close_matches(str(wanted), known, n=3)
    listed = near or [name for name, nodes in known.items() if nodes[0].name == name][:_LISTED]
    raise OptionError(
        f"this graph has no value called {wanted!r:.60}; "
        + (
            f"did you mean {' or '.join(map(repr, listed))}? "
            if near
            else f"there are {', '.join(map(printable, listed))}; "
        )
        + "the tensor itself and a step of .text(), such as 'v7', are understood too"
    )


def around(record: Record, nodes: Iterable[Node], hops: int) -> set[Node]:
    """Find what leads to some values, or they lead to, in at most so many operations."""
    users = _users(record)
    found = front = set(nodes)
    for _ in range(hops):
        front = {y for x in front for y in (*x.operands(), *users[x])} - found
        found = found | front
    return found


def between(record: Record, starts: list[Node], ends: list[Node]) -> set[Node]:
    """Find what lies on the paths from some values to others, these included.

    Raises
    ------
    OptionError
        No path leads from the ones to the others.
    """
    users = _users(record)
    there = set(ancestors(ends).values())
    found: set[Node] = set()
    front = [x for x in starts if x in there]
    while front:
        node = front.pop()
        if node not in found:
            found.add(node)
            front.extend(y for y in users[node] if y in there)
    if not found:
        start, end = (plain(record.labels.get(x[0], record.ids[x[0]])) for x in (starts, ends))
        turned = ancestors(starts).keys() & {x.order for x in ends}
        hint = f"; from {end} to {start} one does: turn them round" if turned else ""
        raise OptionError(f"no path leads from {start} to {end}{hint}")
    return found


def _users(record: Record) -> dict[Node, list[Node]]:
    found: dict[Node, list[Node]] = {node: [] for node in record.nodes}
    for node in record.nodes:
        for x in node.operands():
            found[x].append(node)
    return found
