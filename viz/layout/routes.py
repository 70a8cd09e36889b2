"""Which way each edge goes: level over the columns that it passes, sloped only beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from viz.layout.curves import led
from viz.layout.glyphs import SHADOW, label_size
from viz.layout.places import Box, Place, Route
from viz.layout.rows import Link, Rows
from viz.layout.slopes import CLEAR, Shelves, Slope, slopes
from viz.scene.scene import Vertex
from viz.style.theme import Theme

__all__ = ["routes"]

_BOW = 22.0, 38.0  # between parallel edges, without and with a label


def routes(
    joined: Sequence[Link],
    boxes: Mapping[str, Box],
    x: Mapping[float, float],
    heights: Mapping[str, float],
    row: Rows,
    shelves: Mapping[str, Shelves],
    theme: Theme,
) -> dict[str, Route]:
    """Lead every edge.

    Parameters
    ----------
    joined : sequence of Link
    boxes : mapping of str to Box
        Of the vertices.
    x : mapping of float to float
        Of the columns.
    heights : mapping of str to float
        The y at which an edge over columns runs level.
    row : Rows
    shelves : mapping of str to Shelves
        By the kind of the edges among their vertices.
    theme : Theme
    """
    parallel: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for link in joined:
        if not link.passed:
            parallel[link.edge.tail, link.edge.head].append(link.edge.id)
    found = {}
    for link in joined:
        e = link.edge
        level = heights.get(e.id)
        bow = 0.0
        if not link.passed:
            same = parallel[e.tail, e.head]
            bow = _BOW[bool(e.label)] * (same.index(e.id) - (len(same) - 1) / 2)
        via = list(_turns(link, boxes, x, level, slopes(link, row), shelves[e.kind]))
        tail, head = link.left, link.right
        if e.kind == "backward":
            tail, head = head, tail
            via.reverse()
        found[e.id] = led(
            _outline(tail, boxes, theme),
            _outline(head, boxes, theme),
            round_ends=(_is_round(tail, theme), _is_round(head, theme)),
            via=via,
            level=level,
            bow=bow,
            rising=head.role == "sum",
            label_width=label_size(e, theme)[0] if e.label else 0.0,
        )
    return found


def _turns(
    link: Link,
    boxes: Mapping[str, Box],
    x: Mapping[float, float],
    level: float | None,
    ways: tuple[Slope | None, Slope | None],
    shelf: Shelves,
) -> Iterator[Place]:
    """Find where the slopes of an edge begin and end, from left to right, as far as something is in the way.

    A slope begins and ends in the middle of a column, or beside the boxes in its way.
    """
    left, right = boxes[link.left.id], boxes[link.right.id]
    first, last = ways
    stop = right.x
    if level is None:
        if first:
            start, stop = _room(first, left.x, right.x, link, boxes, shelf)
            if start > left.x:
                yield Place(start, left.y)
    else:
        begin, end = x[link.passed[0]], x[link.passed[-1]]
        if first:
            start, begin = _room(first, left.x, begin, link, boxes, shelf)
            if start > left.x:
                yield Place(start, left.y)
        yield Place(begin, level)
        if last:
            end, stop = _room(last, end, right.x, link, boxes, shelf)
        yield Place(end, level)
    if stop < right.x:
        yield Place(stop, right.y)


def _room(
    slope: Slope, start: float, end: float, link: Link, boxes: Mapping[str, Box], shelf: Shelves
) -> tuple[float, float]:
    """Find the room of a slope between two places, clear of what stands there besides its own ends."""
    before, behind = shelf.beside(slope)
    others = {v.id for v in (*before, *behind)} - {link.left.id, link.right.id}
    if any(boxes[v.id].right + CLEAR > start for v in before if v.id in others):
        start = max(boxes[v.id].right for v in before) + CLEAR
    if any(boxes[v.id].left - CLEAR < end for v in behind if v.id in others):
        end = min(boxes[v.id].left for v in behind) - CLEAR
    middle = (start + end) / 2
    return min(start, middle), max(end, middle)


def _outline(v: Vertex, boxes: Mapping[str, Box], theme: Theme) -> Box:
    """Find what an edge ends at: of a box that holds others, also what is repeated behind it on the right."""
    box = boxes[v.id]
    if theme.looks[v.role].shape != "stack":
        return box
    return box._replace(x=box.x + SHADOW / 2, width=box.width + SHADOW)


def _is_round(v: Vertex, theme: Theme) -> bool:
    return theme.looks[v.role].shape in {"pill", "double"}
