"""Which way each edge goes: level over the columns that it passes, sloped only beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from viz.curves import led
from viz.glyphs import label_size
from viz.places import Box, Place, Route
from viz.rows import Link
from viz.scene import Vertex
from viz.theme import Theme

__all__ = ["routes"]

_BOW = 22.0, 38.0  # between parallel edges, without and with a label


def routes(
    joined: Sequence[Link],
    boxes: Mapping[str, Box],
    x: Mapping[float, float],
    heights: Mapping[str, float],
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
    theme : Theme
    """
    columns: defaultdict[float, dict[str, Box]] = defaultdict(dict)
    parallel: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for link in joined:
        for v in (link.left, link.right):
            columns[v.column][v.id] = boxes[v.id]
        if not link.passed:
            parallel[link.edge.tail, link.edge.head].append(link.edge.id)
    found = {}
    for link in joined:
        e = link.edge
        via: list[Place] = []
        bow = 0.0
        tail, head = link.left, link.right
        if link.passed:
            at = heights[e.id]
            for column, end in ((link.passed[0], link.left), (link.passed[-1], link.right)):
                via.append(_turn(x[column], columns[column].values(), boxes[end.id], at))
        else:
            same = parallel[e.tail, e.head]
            bow = _BOW[bool(e.label)] * (same.index(e.id) - (len(same) - 1) / 2)
        if e.kind == "backward":
            tail, head = head, tail
            via.reverse()
        found[e.id] = led(
            boxes[e.tail],
            boxes[e.head],
            round_ends=(_is_round(tail, theme), _is_round(head, theme)),
            via=via,
            bow=bow,
            rising=head.role == "sum",
            label_width=label_size(e, theme)[0] if e.label else 0.0,
        )
    return found


def _turn(x: float, column: Iterable[Box], end: Box, height: float) -> Place:
    """Find where the slope from one end becomes level: in the column, or beside boxes in its way."""
    low, high = sorted((end.y, height))
    reach = max((box.width / 2 for box in column if low < box.y < high), default=0.0)
    middle = (end.x + x) / 2
    return Place(min(x + reach, middle) if end.x > x else max(x - reach, middle), height)


def _is_round(v: Vertex, theme: Theme) -> bool:
    return theme.looks[v.role].shape in {"pill", "double"}
