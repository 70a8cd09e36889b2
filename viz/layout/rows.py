"""Which row of its lane everything stands on, as the branches of a version history are drawn.

Row 0 is the main path, and rows are counted away from it: up in the forward lane, down in the
backward lane. A side vertex, a branch, and every edge that passes over columns take the nearest row
that is free all along, so no line runs through a box.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from viz.scene.scene import Edge, Scene, Vertex

__all__ = ["Link", "Rows", "links", "rows"]

_TRIED = 200  # rows that are looked at before something gets one of its own
_HALF = 0.25  # half the room, in columns, that a vertex takes in its row


class Link(NamedTuple):
    """An edge by its left and right end, whichever way it points, and the first and last column it passes."""

    edge: Edge
    left: Vertex
    right: Vertex
    passed: tuple[float, ...] = ()


@dataclass(slots=True)
class Rows:
    """The row of each vertex, and of each edge that passes over columns, by identifier."""

    vertices: dict[str, int] = field(default_factory=dict)
    edges: dict[str, int] = field(default_factory=dict)


def links(scene: Scene) -> list[Link]:
    """List the edges that are laid out, all but caches."""
    by_id = {v.id: v for v in scene.vertices}
    columns = sorted({v.column for v in scene.vertices if v.role != "sum"})
    found = []
    for e in scene.edges:
        if e.kind != "cache":
            left, right = by_id[e.tail], by_id[e.head]
            if e.kind == "backward":
                left, right = right, left
            first, stop = bisect_right(columns, left.column), bisect_left(columns, right.column)
            passed = (columns[first], columns[stop - 1]) if first < stop else ()
            found.append(Link(e, left, right, passed))
    return found


def rows(vertices: Iterable[Vertex], joined: Iterable[Link]) -> Rows:
    """Choose rows for one lane.

    Parameters
    ----------
    vertices : iterable of Vertex
    joined : iterable of Link
        The edges among them.

    Examples
    --------
    >>> x = Vertex("v0", "input", "x", column=0, track="spine")
    >>> y = Vertex("v2", "cost", "y", column=2, track="spine")
    >>> h = Vertex("v1", "operation", "exp", column=1, track="spine")
    >>> skip = Link(Edge("f0", "v0", "v2", "forward"), x, y, (1,))
    >>> rows([x, h, y], [skip]).edges
    {'f0': 1}
    """
    lane = _Lane(list(vertices), list(joined))
    lane.place_main_path()
    lane.place_passing(main=True)
    lane.place_branches()
    lane.place_passing(main=False)
    return lane.found


def _around(column: float) -> tuple[float, float]:
    return column - _HALF, column + _HALF


class _Lane:
    def __init__(self, vertices: list[Vertex], joined: list[Link]) -> None:
        self.vertices, self.links = vertices, joined
        self.found = Rows()
        self.last = 0
        self.taken: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
        self.lefts: defaultdict[str, list[Link]] = defaultdict(list)
        self.rights: defaultdict[str, list[Link]] = defaultdict(list)
        for link in joined:
            self.rights[link.left.id].append(link)
            self.lefts[link.right.id].append(link)
        self.sides = {self._fed(v).id: v for v in vertices if v.track == "side" and v.of is None}

    def _fed(self, side: Vertex) -> Vertex:
        """Find the operation that a leaf joins from the side, one of its own."""
        return min(self.rights[side.id], key=lambda link: link.right.column).right

    def take(self, left: float, right: float, nearest: int, beside: Collection[float] = ()) -> int:
        """Take the nearest row that is free between two columns; if many are not, one of its own.

        What stands `beside` it, at those columns, is in the row behind, which has to be free there too.
        """
        row = nearest
        while not (self.free(left, right, row) and all(self.free(*_around(x), row + 1) for x in beside)):
            row = row + 1 if row < nearest + _TRIED else max(self.last + 1, row + 1)
        insort(self.taken[row], (left, right))
        for x in beside:
            insort(self.taken[row + 1], _around(x))
        self.last = max(self.last, row + bool(beside))
        return row

    def free(self, left: float, right: float, row: int) -> bool:
        """Whether nothing in a row stands between two columns; what does is in order and apart."""
        taken = self.taken[row]
        at = bisect_left(taken, (right,))
        return at == 0 or taken[at - 1][1] <= left

    def place_main_path(self) -> None:
        for v in self.vertices:
            if v.track == "spine":
                self.found.vertices[v.id] = 0
                insort(self.taken[0], _around(v.column))
                if v.id in self.sides:
                    self.found.vertices[self.sides[v.id].id] = 1
                    insort(self.taken[1], _around(v.column))

    def place_branches(self) -> None:
        """Give each run of vertices off the main path one row, with the edges at its ends."""
        chains = []
        seen = set(self.found.vertices)
        for v in sorted(self.vertices, key=lambda v: -v.column):
            if self._free(v, seen):
                chain = self._chain(v, seen)
                out = min(self.rights[v.id], key=lambda link: link.right.column, default=None)
                before = [x for x in self.lefts[chain[-1].id] if x.left.column < x.right.column]
                into = max(before, key=lambda link: link.left.column, default=None)
                chains.append((chain, into, out))
        for chain, into, out in sorted(chains, key=lambda found: found[0][-1].column):
            left = into.left.column + _HALF if into else chain[-1].column - _HALF
            right = out.right.column - _HALF if out else chain[0].column + _HALF
            beside = {v.column: self.sides[v.id] for v in chain if v.id in self.sides}
            row = self.take(left, right, 1, beside)
            self.found.vertices |= {v.id: row for v in chain} | {v.id: row + 1 for v in beside.values()}
            steps = {(a.id, b.id) for b, a in pairwise(chain)}
            inside = {(v.id, x.right.id): x for v in chain for x in reversed(self.rights[v.id])}
            within = (x for ends, x in inside.items() if ends in steps)
            for link in (*within, into, out):
                if link and link.passed:
                    self.found.edges[link.edge.id] = row

    def _chain(self, last: Vertex, seen: set[str]) -> list[Vertex]:
        """Follow unplaced vertices to the left."""
        chain = [last]
        seen.add(last.id)
        while onward := [x.left for x in self.lefts[chain[-1].id] if self._free(x.left, seen)]:
            chain.append(max(onward, key=lambda v: v.column))
            seen.add(chain[-1].id)
        return chain

    @staticmethod
    def _free(v: Vertex, seen: set[str]) -> bool:
        """Whether a vertex may be part of a branch: a side stands above what it feeds instead."""
        return v.id not in seen and (v.track != "side" or v.of is not None)

    def place_passing(self, main: bool) -> None:
        """Give edges over columns rows of their own, short ones nearest.

        With `main`, only those that run along the main path: its own edges, and others between the
        same ends.
        """
        waiting = [x for x in self.links if x.passed and x.edge.id not in self.found.edges]
        along: set[tuple[str, str]] = set()
        for link in sorted(waiting, key=lambda x: x.right.column - x.left.column):
            spans = link.left.column + _HALF, link.right.column - _HALF
            ends = link.left.id, link.right.id
            on_main = link.left.track == link.right.track == "spine"
            if on_main and self.free(*spans, 0):
                along.add(ends)
            if not main or ends in along:
                self.found.edges[link.edge.id] = self.take(*spans, 0 if on_main else 1)
