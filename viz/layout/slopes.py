"""Where an edge changes its row: between two columns, clear of the boxes in all rows that it crosses."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from viz.layout.rows import Link, Rows
from viz.scene.scene import Vertex

__all__ = ["CLEAR", "Shelves", "Slope", "slopes"]

CLEAR = 10.0  # from a box to a slope beside it: an arrow's tip fits


class Slope(NamedTuple):
    """The part of an edge at one of its ends, or between both, that leads from row to row.

    Attributes
    ----------
    gutter : float
        Where it lies, between the columns before and behind.
    rows : range
        Those it leaves, crosses and reaches.
    """

    gutter: float
    rows: range


def slopes(link: Link, row: Rows) -> tuple[Slope | None, Slope | None]:
    """Find the slopes at the left and at the right end of an edge; one between both is the left one.

    Examples
    --------
    >>> x, y = Vertex("v0", "input", "x", column=0), Vertex("v2", "cost", "y", column=2)
    >>> from viz.scene.scene import Edge
    >>> skip = Link(Edge("f0", "v0", "v2", "forward"), x, y, (1, 1))
    >>> [slope.gutter for slope in slopes(skip, Rows({"v0": 0, "v2": 0}, {"f0": 1})) if slope]
    [0.75, 1.75]
    """
    left, right = row.vertices[link.left.id], row.vertices[link.right.id]
    if link.left.column == link.right.column:
        return None, None
    if not link.passed:
        return _slope(link.left.column, left, right), None
    level = row.edges[link.edge.id]
    return _slope(link.left.column, left, level), _slope(link.passed[-1], level, right)


def _slope(column: float, a: int, b: int) -> Slope | None:
    if a == b:
        return None
    return Slope(math.floor(column) + 0.75, range(min(a, b), max(a, b) + 1))


class Shelves:
    """The vertices of one lane by their rows, from left to right.

    Examples
    --------
    >>> x, y = Vertex("v0", "input", "x", column=0), Vertex("v1", "cost", "y", column=1)
    >>> shelves = Shelves([x, y], Rows({"v0": 0, "v1": 0}))
    >>> [[v.label for v in side] for side in shelves.beside(Slope(0.75, range(2)))]
    [['x'], ['y']]
    """

    def __init__(self, lane: Iterable[Vertex], row: Rows) -> None:
        self._rows: defaultdict[int, list[Vertex]] = defaultdict(list)
        for v in sorted(lane, key=lambda v: v.column):
            self._rows[row.vertices[v.id]].append(v)

    def beside(self, slope: Slope) -> tuple[list[Vertex], list[Vertex]]:
        """List what stands next to a slope in each of its rows, on the left and on the right."""
        pairs = [self._around(slope.gutter, self._rows[i]) for i in slope.rows if i in self._rows]
        return [v for left, _ in pairs for v in left], [v for _, right in pairs for v in right]

    @staticmethod
    def _around(gutter: float, line: list[Vertex]) -> tuple[list[Vertex], list[Vertex]]:
        at = bisect_left(line, gutter, key=lambda v: v.column)
        return line[max(at - 1, 0) : at], line[at : at + 1]
