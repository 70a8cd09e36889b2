"""Where along the program each vertex stands: its column, and whether it is on the main path.

Columns are counted backwards from the result, so that every step stands just before what it leads
to. A leaf that joins an operation which has another operand, or with which a branch begins, stands
beside that operation, not before it: the main path then reads as one line, with the parameters
hanging off it. An adjoint stands in the column of its value, and the sum that makes it half a
column on.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace

from viz.scene.scene import Edge, Track, Vertex

__all__ = ["arranged"]


def arranged(vertices: Iterable[Vertex], edges: Iterable[Edge]) -> list[Vertex]:
    """Give every vertex its column and track.

    Parameters
    ----------
    vertices : iterable of Vertex
        Operands before results; adjoints in any order.
    edges : iterable of Edge

    Examples
    --------
    >>> W, x = Vertex("v0", "parameter", "W"), Vertex("v1", "input", "x")
    >>> at = Vertex("v2", "operation", "@")
    >>> edges = [Edge("f0", "v0", "v2", "forward"), Edge("f1", "v1", "v2", "forward")]
    >>> [(v.label, v.column, v.track) for v in arranged([W, x, at], edges)]
    [('W', 1, 'side'), ('x', 0, 'spine'), ('@', 1, 'spine')]
    """
    given = list(vertices)
    flow = _Flow([v for v in given if v.of is None], [e for e in edges if e.kind == "forward"])
    beside = flow.joining(flow.columns({}))
    columns = flow.columns(beside)
    spine = flow.spine(columns, beside)
    beside = flow.beginning(columns, spine, set(beside.values())) | beside
    columns = flow.columns(beside)
    first = min(columns.values(), default=0)

    def track(name: str) -> Track:
        return "spine" if name in spine else "side" if name in beside else "branch"

    return [
        replace(
            v,
            column=columns[v.of or v.id] - first + (0.5 if v.role == "sum" else 0),
            track=track(v.of or v.id),
        )
        for v in given
    ]


class _Flow:
    """The forward edges as neighbours."""

    def __init__(self, vertices: list[Vertex], edges: list[Edge]) -> None:
        self.vertices = {v.id: v for v in vertices}
        self.before: dict[str, list[str]] = {name: [] for name in self.vertices}
        self.behind: dict[str, list[str]] = {name: [] for name in self.vertices}
        for e in edges:
            if e.tail not in self.before[e.head]:  # x * x has one neighbour
                self.before[e.head].append(e.tail)
                self.behind[e.tail].append(e.head)

    def columns(self, beside: Mapping[str, str]) -> dict[str, int]:
        """Count columns backwards from 0, the result; what stands beside another shares its."""
        found: dict[str, int] = {}
        for name in reversed(self.vertices):
            if name not in beside:
                found[name] = min((found[h] - 1 for h in self.behind[name]), default=0)
        known = found | {name: found[at] for name, at in beside.items()}
        for name, before in list(self.before.items())[:-1]:
            if before and not self.behind[name]:  # it leads nowhere, so it stays close
                found[name] = 1 + max(known[t] for t in before)
        return found | {name: found[at] for name, at in beside.items()}

    def joining(self, columns: Mapping[str, int]) -> dict[str, str]:
        """Find the leaves that join a line at an operation, and where; one for an operation."""
        found: dict[str, str] = {}
        for name, at in self._first_uses(columns):
            if self._through(at) != name:
                found.setdefault(at, name)
        return {name: at for at, name in found.items()}

    def beginning(
        self, columns: Mapping[str, int], spine: Container[str], occupied: Container[str]
    ) -> dict[str, str]:
        """Find the leaves that begin a branch at an operation beside which nothing stands yet."""
        found: dict[str, str] = {}
        for name, at in self._first_uses(columns):
            if name not in spine and at not in spine and at not in occupied:
                found.setdefault(at, name)
        return {name: at for at, name in found.items()}

    def _first_uses(self, columns: Mapping[str, int]) -> Iterator[tuple[str, str]]:
        """Pair each leaf with the first operation that uses it, unless that is a box or one of several."""
        for name, before in self.before.items():
            if not before and self.behind[name]:
                at, *others = sorted(self.behind[name], key=lambda h: columns[h])
                alone = not others or columns[others[0]] > columns[at]  # else lines run through one another
                if alone and self.vertices[at].role == "operation":
                    yield name, at

    def _through(self, operation: str) -> str:
        """Choose the operand that leads the line in: one computed, else given, else most used."""

        def preference(name: str) -> tuple[bool, bool, int]:
            given = self.vertices[name].role in {"input", "words"}
            return bool(self.before[name]), given, len(self.behind[name])

        return max(self.before[operation], key=preference)

    def spine(self, columns: Mapping[str, int], beside: Mapping[str, str]) -> set[str]:
        """Follow the longest way from the result back to the first column."""
        depth: dict[str, int] = {}
        for name, before in self.before.items():
            depth[name] = 1 + max((depth[t] for t in before if t not in beside), default=0)
        at = next(reversed(self.vertices), None)
        found = set()
        while at is not None:
            found.add(at)
            onward = [t for t in self.before[at] if t not in beside]
            at = max(onward, key=lambda t: (depth[t], -columns[t]), default=None)
        return found
