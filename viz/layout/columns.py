"""How far apart columns stand: as close as boxes, labels and frames allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from viz.layout.frames import FRAME
from viz.layout.glyphs import label_size
from viz.layout.rows import Link, Rows
from viz.layout.slopes import CLEAR, Shelves, slopes
from viz.scene.scene import Scene, Vertex
from viz.style.theme import Theme

__all__ = ["Sizes", "columns"]

_GAP = 28.0  # least between boxes of one row: an arrow
_PITCH = 46.0  # least between the centres of columns
_APART = 12.0  # least between frames
_BESIDE = 16.0  # least between a label and a box
_SLOPE = 24.0  # least for changing rows
_BENDS = 60.0  # what an edge takes that leaves its ends' row for one column only

Sizes = Mapping[str, tuple[float, float]]
Need = tuple[float, float, float]  # left column, right column, least distance of their centres


def columns(
    scene: Scene,
    joined: Sequence[Link],
    row: Rows,
    sizes: Sizes,
    shelves: Mapping[str, Shelves],
    theme: Theme,
) -> dict[float, float]:
    """Find the x of each column, from left to right.

    Parameters
    ----------
    scene : Scene
    joined : sequence of Link
    row : Rows
    sizes : mapping of str to (width, height)
    shelves : mapping of str to Shelves
        By the kind of the edges among their vertices.
    theme : Theme
    """
    needs: defaultdict[float, list[tuple[float, float]]] = defaultdict(list)
    for left, right, distance in (
        *_of_boxes(scene, row, sizes),
        *_of_frames(scene, sizes),
        *_of_edges(joined, row, sizes, theme),
        *_of_slopes(joined, row, sizes, shelves),
    ):
        if left < right:
            needs[right].append((left, distance))
    found: dict[float, float] = {}
    last = 0.0
    standing = {v.column for v in scene.vertices}
    between = {left for found in needs.values() for left, _ in found}
    for column in sorted(standing | between):
        pitch = _PITCH if found and column == int(column) else 0.0
        found[column] = max(last + pitch, *(found[left] + least for left, least in needs[column]), 0.0)
        if column in standing:
            last = found[column]
    return found


def _apart(a: Vertex, b: Vertex, sizes: Sizes, room: float) -> Need:
    return a.column, b.column, (sizes[a.id][0] + sizes[b.id][0]) / 2 + room


def _of_boxes(scene: Scene, row: Rows, sizes: Sizes) -> Iterator[Need]:
    """Keep the vertices of a row apart."""
    lines: defaultdict[tuple[bool, int], list[Vertex]] = defaultdict(list)
    for v in sorted(scene.vertices, key=lambda v: v.column):
        lines[v.of is None, row.vertices[v.id]].append(v)
    for line in lines.values():
        for a, b in pairwise(line):
            yield _apart(a, b, sizes, _GAP)


def _of_frames(scene: Scene, sizes: Sizes) -> Iterator[Need]:
    """Leave room for the frames of layers between columns side by side."""
    layers = {c.id for c in scene.clusters if c.kind == "layer"}
    widest: defaultdict[float, dict[str | None, float]] = defaultdict(dict)
    for v in scene.vertices:
        column = widest[v.column]
        column[v.cluster] = max(column.get(v.cluster, 0.0), sizes[v.id][0])
    for left, right in pairwise(sorted(widest)):
        for a, width in widest[left].items():
            for b, other in widest[right].items():
                if a != b:
                    frames = len({a, b} & layers)
                    room = _APART + FRAME * frames if frames else 0.0
                    yield left, right, (width + other) / 2 + room


def _of_edges(joined: Sequence[Link], row: Rows, sizes: Sizes, theme: Theme) -> Iterator[Need]:
    """Leave room for arrows, and for labels along the level part of an edge."""
    for link in joined:
        left, right = link.left, link.right
        room = label_size(link.edge, theme)[0] + _BESIDE if link.edge.label else 0.0
        if link.passed:
            yield _along(link, row, sizes, room)
        elif row.vertices[left.id] == row.vertices[right.id]:
            frame = FRAME if room and left.cluster != right.cluster else 0.0
            yield _apart(left, right, sizes, max(_GAP, room + frame))
        else:  # the label lies beside the slope, half of it below the box on the right
            yield _apart(left, right, sizes, max(_GAP, room / 2))


def _of_slopes(
    joined: Sequence[Link], row: Rows, sizes: Sizes, shelves: Mapping[str, Shelves]
) -> Iterator[Need]:
    """Leave room for slopes between the boxes of all rows that they cross."""
    wide: dict[tuple[float, float], float] = {}
    for link in joined:
        for slope in filter(None, slopes(link, row)):
            before, behind = shelves[link.edge.kind].beside(slope)
            there = [*before, *behind]
            if not {v.id for v in there} <= {link.left.id, link.right.id}:
                for v in there:
                    at = slope.gutter, v.column
                    wide[at] = max(wide.get(at, 0.0), sizes[v.id][0] / 2 + CLEAR)
    for (gutter, column), half in wide.items():
        yield (column, gutter, half) if column < gutter else (gutter, column, half + _SLOPE)


def _along(link: Link, row: Rows, sizes: Sizes, room: float) -> Need:
    """Make the level part of an edge over columns as long as its label."""
    at = row.edges[link.edge.id]
    start, end, taken = link.passed[0], link.passed[-1], 0.0
    if row.vertices[link.left.id] == at:
        start, taken = link.left.column, sizes[link.left.id][0] / 2
    if row.vertices[link.right.id] == at:
        end, taken = link.right.column, taken + sizes[link.right.id][0] / 2
    if start < end:
        return start, end, taken + room
    return _apart(link.left, link.right, sizes, room + _BENDS)
