"""Places for a scene: columns from left to right, rows up and down from the main path, frames.

Nothing here depends on a program or a font outside this package, so a scene has the same places on
every machine.
"""

from __future__ import annotations

from collections.abc import Iterable

from viz.layout.columns import Sizes, columns
from viz.layout.frames import FRAME, TITLE, around, lanes_framed, layers_framed, titles
from viz.layout.glyphs import label_size, vertex_size
from viz.layout.lettering import lettered
from viz.layout.places import Box, Layout, Route
from viz.layout.routes import routes
from viz.layout.rows import Rows, links, rows
from viz.layout.slopes import Shelves
from viz.scene.scene import Edge, Scene, Vertex
from viz.style.theme import Theme

__all__ = ["laid_out"]

_RISE = 24.0  # least between rows of boxes
_LINE = 24.0  # height of a row that holds lines and labels only
_LINES = 4.0, 12.0  # least before such a row, behind another and behind boxes
_LANES = 66.0  # between the main paths of two lanes


def laid_out(scene: Scene, theme: Theme) -> Layout:
    """Find a place for everything in a scene but its caches.

    Parameters
    ----------
    scene : Scene
        Arranged.
    theme : Theme
        Its sizes of text decide how large boxes are.

    Examples
    --------
    >>> from viz.style.theme import LIGHT
    >>> x = Vertex("v0", "input", "x", track="spine")
    >>> y = Vertex("v1", "cost", "y", column=1, track="spine")
    >>> boxes = laid_out(Scene("", "", (x, y), ()), LIGHT).vertices
    >>> boxes["v0"].right < boxes["v1"].left, boxes["v0"].y == boxes["v1"].y
    (True, True)
    """
    sizes = {v.id: vertex_size(v, theme) for v in scene.vertices}
    joined = links(scene)
    there = [v for v in scene.vertices if v.of is None]
    back = [v for v in scene.vertices if v.of is not None]
    up = rows(there, [link for link in joined if link.edge.kind == "forward"])
    down = rows(back, [link for link in joined if link.edge.kind == "backward"])
    row = Rows(up.vertices | down.vertices, up.edges | down.edges)

    rise = _heights(there, up, sizes, titled=_highest_framed(scene, up))
    fall = _heights(back, down, sizes)
    lane = _depth(there, up, sizes) + _LANES + _depth(back, down, sizes) if there else 0.0
    y = {(True, at): -height for at, height in rise.items()}
    y |= {(False, at): lane + height for at, height in fall.items()}
    shelves = {"forward": Shelves(there, row), "backward": Shelves(back, row)}
    x = columns(scene, joined, row, sizes, shelves, theme)

    boxes = {
        v.id: Box(x[v.column], y[v.of is None, row.vertices[v.id]], *sizes[v.id]) for v in scene.vertices
    }
    passing = {
        link.edge.id: y[link.edge.kind == "forward", row.edges[link.edge.id]]
        for link in joined
        if link.passed
    }
    ways = routes(joined, boxes, x, passing, row, shelves, theme)
    layers = layers_framed(scene, boxes)
    ways = lettered(scene.edges, ways, [*boxes.values(), *titles(scene, layers, theme)], theme)
    drawn = {e.id: _extent(e, ways[e.id], theme) for e in scene.edges if e.id in ways}
    frames = layers | lanes_framed(scene, boxes, layers, drawn)
    bounds = around([*boxes.values(), *frames.values(), *drawn.values()])
    return Layout(bounds, boxes, ways, frames)


def _highest_framed(scene: Scene, row: Rows) -> int | None:
    """Find the row above which the titles of layers stand."""
    layers = {c.id for c in scene.clusters if c.kind == "layer"}
    framed_rows = (row.vertices[v.id] for v in scene.vertices if v.of is None and v.cluster in layers)
    return max(framed_rows, default=None)


def _depth(lane: Iterable[Vertex], row: Rows, sizes: Sizes) -> float:
    """Half the height of a lane's main path."""
    return max((sizes[v.id][1] / 2 for v in lane if row.vertices[v.id] == 0), default=0.0)


def _heights(lane: Iterable[Vertex], row: Rows, sizes: Sizes, titled: int | None = None) -> dict[int, float]:
    """Measure how far each row lies from the main path; behind the row `titled` is a title."""
    tall: dict[int, float] = {}
    for v in lane:
        at = row.vertices[v.id]
        tall[at] = max(tall.get(at, 0.0), sizes[v.id][1])
    found = {0: 0.0}
    for at in range(1, max([0, *row.vertices.values(), *row.edges.values()]) + 1):
        halves = (tall.get(at - 1, _LINE) + tall.get(at, _LINE)) / 2
        free = _RISE if at in tall else _LINES[at - 1 in tall]
        title = TITLE + FRAME if at - 1 == titled else 0.0
        found[at] = found[at - 1] + halves + title + free
    return found


def _extent(edge: Edge, route: Route, theme: Theme) -> Box:
    """Find the box around an edge and its label."""
    label = [Box(*route.label, *label_size(edge, theme))] if edge.label else []
    return around([*(Box(*place, 0, 0) for place in route.curve), *label], 0)
