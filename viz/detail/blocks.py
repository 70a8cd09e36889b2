"""Which operations share a box when a graph is too large to draw each: layers, repetitions, runs.

A box holds operations that were recorded one after another, so the boxes depend on one another in
one direction only, as operations do.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from autograd_core.graph.node import Node
from viz.detail.repeats import repeats
from viz.scene.record import Record

__all__ = ["Block", "blocks"]

_FEW = 12  # units that are drawn one by one, of one copy of what is repeated
_LEAST = 4  # the first, the last, and at least two between
_RUNS = 16  # what a graph without any structure is cut into, about
_SIGNS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Operations that are drawn as one box.

    Attributes
    ----------
    nodes : tuple of Node
        Their results, in the order of recording.
    title : str
    """

    nodes: tuple[Node, ...]
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One operation or several; a block if it has a title.

    Parts with the same token hold the same operations; `pinned` ones are drawn whatever happens.
    """

    nodes: tuple[Node, ...]
    token: Hashable
    layers: tuple[str, ...] = ()
    title: str = ""
    pinned: bool = False

    @property
    def key(self) -> Hashable:
        """The token of something that is never taken together with something else."""
        return self.nodes[0].order


def blocks(
    record: Record, nodes: Sequence[Node], opened: Container[Node], most: int, *, join_layers: bool
) -> list[Block]:
    """Divide operations into boxes; those in none are drawn themselves.

    Parameters
    ----------
    record : Record
    nodes : sequence of Node
        Results of operations, in the order of recording.
    opened : container of Node
        To be drawn themselves, as the result is.
    most : int
        Above this many parts, boxes are joined until there are few.
    join_layers : bool
        Whether layers that do the same share a box too.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from viz.scene.record import read
    >>> y = ag.tensor(1.0, requires_grad=True)
    >>> for _ in range(1000):
    ...     y = ag.exp(-y)
    >>> record = read(y)
    >>> [(len(b.nodes), b.title) for b in blocks(record, record.nodes[1:], (), 40, join_layers=True)]
    [(1996, '− exp × 998')]
    """
    parts = list(_units(record, nodes, opened))
    join_layers = join_layers or len(parts) > most
    for by_name in (True, False):
        parts = list(_repeated(parts, by_name=by_name, join_layers=join_layers))
    return [Block(p.nodes, p.title) for p in _few(parts, most) if p.title]


def _units(record: Record, nodes: Sequence[Node], opened: Container[Node]) -> Iterator[_Part]:
    """Take what lies in one layer together."""

    def place(node: Node) -> tuple[str | None, bool]:
        return record.layers.get(node), node in opened

    for (layer, pinned), group in groupby(nodes, place):
        if layer is None or pinned:
            yield from (_Part((x,), _token(x), pinned=pinned) for x in group)
        else:
            inside = tuple(group)
            yield _Part(inside, tuple(map(_token, inside)), (layer,), f"layer {layer}")


def _token(node: Node) -> Hashable:
    assert node.primitive is not None
    return node.primitive.name, node.shape


def _repeated(parts: list[_Part], by_name: bool, join_layers: bool) -> Iterator[_Part]:
    """Keep the first and the last of what is repeated, and join those between."""

    def token(part: _Part) -> Hashable:
        if part.pinned or (part.layers and not join_layers):
            return part.key
        return (part.token, part.layers) if by_name else part.token

    done = 0
    for start, length, times in repeats([token(part) for part in parts], _LEAST):
        stop = start + length * times
        if sum(len(part.nodes) for part in parts[start:stop]) < _FEW:
            continue
        yield from parts[done:start]
        yield from _copy(parts[start : start + length])
        between = parts[start + length : stop - length]
        yield _joined(between, f"{_called(between if length == 1 else between[:length])} × {times - 2}")
        yield from _copy(parts[stop - length : stop])
        done = stop
    yield from parts[done:]


def _copy(parts: list[_Part]) -> list[_Part]:
    return parts if len(parts) <= _FEW else [_joined(parts)]


def _few(parts: list[_Part], most: int) -> Iterator[_Part]:
    """Join neighbours that hold little, if there are too many parts."""
    if len(parts) <= most:
        yield from parts
        return
    enough = sum(len(part.nodes) for part in parts) / _RUNS
    waiting: list[_Part] = []
    for part in parts:
        if part.pinned or len(part.nodes) >= enough:
            yield from _run(waiting)
            yield part
            waiting = []
        else:
            waiting.append(part)
            if sum(len(x.nodes) for x in waiting) >= enough:
                yield from _run(waiting)
                waiting = []
    yield from _run(waiting)


def _run(parts: list[_Part]) -> list[_Part]:
    return [_joined(parts)] if len(parts) > 1 else parts


def _joined(parts: list[_Part], title: str = "") -> _Part:
    return _Part(
        nodes=tuple(x for part in parts for x in part.nodes),
        token=tuple(part.token for part in parts),
        layers=tuple(dict.fromkeys(name for part in parts for name in part.layers)),
        title=title or _called(parts),
    )


def _called(parts: Sequence[_Part]) -> str:
    """Name what parts hold: the layers from first to last, the signs of few operations, or how many."""
    names = list(dict.fromkeys(name for part in parts for name in part.layers))
    loose = [x for part in parts if not part.layers for x in part.nodes]
    said = []
    if names:
        said.append(f"layer {names[0]}" if len(names) == 1 else f"layers {names[0]}–{names[-1]}")
    if len(loose) > _SIGNS and not _all_alike(loose):
        said.append(f"{len(loose)} operations")
    elif loose:
        signs = [x.primitive.notation.symbol for x in loose if x.primitive]
        said.append(" ".join(signs[:1] if _all_alike(loose) else signs))
    return ", ".join(said)


def _all_alike(nodes: Sequence[Node]) -> bool:
    return len({x.primitive for x in nodes}) == 1
