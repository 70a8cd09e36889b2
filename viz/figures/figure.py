"""Figures: pictures whose parts stand where the figure puts them, joined by straight lines."""

from __future__ import annotations

import math
from dataclasses import replace

from viz.layout.frames import around
from viz.layout.glyphs import label_size, vertex_size
from viz.layout.places import Box, Layout, Place, Route
from viz.scene.scene import Cluster, Edge, Scene, Vertex
from viz.style.markup import width
from viz.style.theme import LIGHT, Theme
from viz.writers.picture import Picture
from viz.writers.svg import LINE
from viz.writers.trace import in_ascii

__all__ = ["Drawing", "Figure"]

_TIP = 9.0  # length of an arrow's tip
_MARGIN = 16.0
_ROUND = {"disc", "split", "double"}


class Figure(Picture):
    """A picture with given places, and a table of what it shows.

    Examples
    --------
    >>> drawing = Drawing()
    >>> drawing.put(Vertex("a", "unit", "a"), 0, 0, 40)
    >>> print(drawing.figure("one unit", "A circle.", "a  1").text())
    a  1
    """

    def __init__(self, scene: Scene, layout: Layout, table: str, theme: str = "light") -> None:
        super().__init__(scene, (), theme)
        self.layout, self.table = layout, table

    def _table(self, ascii: bool) -> str:
        return in_ascii(self.table) if ascii else self.table

    def _placed(self, theme: Theme) -> tuple[Scene, Layout]:
        return self.scene, self.layout


class Drawing:
    """Collects what stands in a figure, and where."""

    def __init__(self) -> None:
        self.vertices: dict[str, Vertex] = {}
        self.edges: list[Edge] = []
        self.clusters: list[Cluster] = []
        self._boxes: dict[str, Box] = {}
        self._routes: dict[str, Route] = {}
        self._columns: dict[str, Box] = {}

    def put(self, vertex: Vertex, x: float, y: float, size: float | None = None) -> None:
        """Put a circle of that diameter, or a shape as large as its text, around a place."""
        across, high = (size, size) if size else vertex_size(vertex, LIGHT)
        self.put_box(vertex, Box(x, y, across, high))

    def put_box(self, vertex: Vertex, box: Box) -> None:
        """Put a shape of a given size; what stands at one x is one column."""
        self.vertices[vertex.id] = replace(vertex, column=box.x)
        self._boxes[vertex.id] = box

    def join(self, edge: Edge, *, tip: bool = False, along: float = 0.5) -> None:
        """Lead a straight line from outline to outline, its label on it.

        Between two boxes it is upright or level where it can be.
        """
        start, end = self._ends(edge)
        length = math.dist(start, end) or 1.0
        base = _between(start, end, max(1 - _TIP / length, 0.0)) if tip else end
        self.edges.append(edge)
        self._routes[edge.id] = Route((start, base), end, _between(start, end, along))

    def head(self, column: Cluster, x: float, top: float, bottom: float) -> None:
        """Write above and below a column, its title and its details."""
        across = max(width(line, LIGHT.title_size) for line in (column.title, *column.details))
        self.clusters.append(column)
        self._columns[column.id] = Box(x, (top + bottom) / 2, across, bottom - top)

    def figure(
        self,
        title: str,
        description: str,
        table: str,
        theme: str = "light",
        *,
        caption: str = "",
        window: Box | None = None,
    ) -> Figure:
        """Finish: everything collected, or what is seen of it through a window."""
        vertices = tuple(self.vertices.values())
        scene = Scene(title, description, vertices, tuple(self.edges), tuple(self.clusters), caption)
        layout = Layout(window or self._bounds(), self._boxes, self._routes, self._columns)
        return Figure(scene, layout, table, theme)

    def _ends(self, edge: Edge) -> tuple[Place, Place]:
        tail, head = self._boxes[edge.tail], self._boxes[edge.head]
        a, b = Place(tail.x, tail.y), Place(head.x, head.y)
        if not (self._round(edge.tail) or self._round(edge.head)):
            if abs(a.x - b.x) * 2 < max(tail.width, head.width):  # one stands above the other
                x = tail.x if tail.width < head.width else head.x
                a, b = Place(x, a.y), Place(x, b.y)
            elif abs(a.y - b.y) * 2 < max(tail.height, head.height):
                y = tail.y if tail.height < head.height else head.y
                a, b = Place(a.x, y), Place(b.x, y)
        return self._outline(edge.tail, a, b), self._outline(edge.head, b, a)

    def _round(self, name: str) -> bool:
        return LIGHT.looks[self.vertices[name].role].shape in _ROUND

    def _outline(self, name: str, start: Place, towards: Place) -> Place:
        """Find where a line from within a shape leaves it."""
        box = self._boxes[name]
        x, y = towards.x - start.x, towards.y - start.y
        if self._round(name):
            return _between(start, towards, box.width / 2 / (math.hypot(x, y) or 1.0))
        across = (box.width / 2 - math.copysign(1, x) * (start.x - box.x)) / abs(x) if x else math.inf
        down = (box.height / 2 - math.copysign(1, y) * (start.y - box.y)) / abs(y) if y else math.inf
        return _between(start, towards, min(across, down, 1.0))

    def _bounds(self) -> Box:
        """Find the box around everything, labels and what stands above and below columns included."""
        labels = [Box(*self._routes[e.id].label, *label_size(e, LIGHT)) for e in self.edges if e.label]
        columns = []
        for column, box in zip(self.clusters, self._columns.values(), strict=True):
            below = len(column.details)
            columns.append(
                box._replace(y=box.y + LINE * (below - 1) / 2, height=box.height + LINE * (below + 1))
            )
        return around([*self._boxes.values(), *labels, *columns], _MARGIN)


def _between(a: Place, b: Place, share: float) -> Place:
    return Place(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share)
