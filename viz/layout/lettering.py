"""Where the labels of edges go that would lie on a box or on one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from viz.layout.curves import along
from viz.layout.glyphs import label_size
from viz.layout.places import Box, Place, Route
from viz.scene.scene import Edge
from viz.style.theme import Theme

__all__ = ["lettered"]

_CELL = 100.0
_WHERE = 0.5, 0.35, 0.65, 0.2, 0.8  # along a leg
_ABOVE, _BELOW, _ASIDE = 10.0, 12.0, 8.0


def lettered(
    edges: Iterable[Edge], routes: Mapping[str, Route], boxes: Iterable[Box], theme: Theme
) -> dict[str, Route]:
    """Move each label that lies on something else to a free place at its edge, if there is one.

    Parameters
    ----------
    edges : iterable of Edge
    routes : mapping of str to Route
    boxes : iterable of Box
        Of the vertices.
    theme : Theme

    Examples
    --------
    >>> from viz.style.theme import LIGHT
    >>> curve = Place(0, 0), Place(30, 0), Place(60, 0), Place(90, 0)
    >>> route, e = Route(curve, curve[-1], Place(45, -10)), Edge("b0", "d1", "d0", "backward", "=")
    >>> lettered([e], {"b0": route}, [Box(45, -20, 20, 20)], LIGHT)["b0"].label
    Place(x=45.0, y=12.0)
    """
    taken = _Taken(boxes)
    found = dict(routes)
    for e in edges:
        if e.label and e.id in found:
            across, high = label_size(e, theme)
            for place in _places(found[e.id], across - 10):
                box = Box(*place, across - 6, high - 5)
                if taken.is_free(box):
                    found[e.id] = found[e.id]._replace(label=place)
                    break
            taken.add(Box(*found[e.id].label, across - 6, high - 5))
    return found


def _places(route: Route, across: float) -> Iterator[Place]:
    """List where a label may stand, the best first: above or below a level leg, beside a slope."""
    yield route.label
    legs = [route.curve[i : i + 4] for i in range(0, len(route.curve) - 1, 3)]
    for leg in sorted(legs, key=lambda leg: -abs(leg[0].x - leg[-1].x) - abs(leg[0].y - leg[-1].y)):
        for p in (along(leg, t) for t in _WHERE):
            if abs(leg[0].y - leg[-1].y) < 1:
                yield from (Place(p.x, p.y - _ABOVE), Place(p.x, p.y + _BELOW))
            else:
                yield from (Place(p.x + side * (across / 2 + _ASIDE), p.y) for side in (1, -1))


class _Taken:
    """Boxes, found by where they are."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._cells: defaultdict[tuple[int, int], list[Box]] = defaultdict(list)
        for box in boxes:
            self.add(box)

    def add(self, box: Box) -> None:
        for cell in self._of(box):
            self._cells[cell].append(box)

    def is_free(self, box: Box) -> bool:
        return not any(box.touches(other) for cell in self._of(box) for other in self._cells.get(cell, ()))

    @staticmethod
    def _of(box: Box) -> Iterator[tuple[int, int]]:
        for i in range(int(box.left // _CELL), int(box.right // _CELL) + 1):
            for j in range(int(box.top // _CELL), int(box.bottom // _CELL) + 1):
                yield i, j
