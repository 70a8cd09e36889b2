"""Where a part of a graph was cut out: dots, so that nobody thinks it begins or ends there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from viz.scene.scene import Edge, Vertex

__all__ = ["OUTSIDE", "with_stubs"]

OUTSIDE = ""  # an end of an edge that is not drawn


def with_stubs(vertices: Sequence[Vertex], edges: Sequence[Edge]) -> tuple[list[Vertex], list[Edge]]:
    """Give each edge that leads `OUTSIDE` a stub to end at, one on each side of a vertex.

    An adjoint's edge ends below the nearest stub of the forward pass on the same path.

    Examples
    --------
    >>> y = Vertex("v1", "operation", "+")
    >>> vertices, edges = with_stubs([y], [Edge("f0", OUTSIDE, "v1", "forward")])
    >>> [(v.id, v.label) for v in vertices], edges[0].tail
    ([('v1in', '…'), ('v1', '+')], 'v1in')
    """
    onward = [e for e in edges if e.kind == "forward"]
    ways = {"out": _neighbours(onward, ahead=True), "in": _neighbours(onward, ahead=False)}
    place = {v.id: v.of or v.id for v in vertices}
    there: dict[str, None] = {}
    back: dict[str, str] = {}  # an adjoint's stub, and the one it stands below
    led: list[Edge] = []
    for e in edges:
        if OUTSIDE not in {e.tail, e.head}:
            led.append(e)
            continue
        at = e.head or e.tail
        side = "out" if (e.tail == at) == (e.kind == "forward") else "in"
        stub = f"{at}{side}"
        if e.kind == "forward":
            there[stub] = None
        else:
            rim = _rim(place[at], ways[side])
            if e.kind == "cache" or rim is None:
                continue
            stub = f"d{rim[1:]}{side}"
            back[stub] = f"{rim}{side}"
        led.append(replace(e, tail=e.tail or stub, head=e.head or stub))

    placed = [x for v in vertices for x in (*_stubs(there, f"{v.id}in"), v, *_stubs(there, f"{v.id}out"))]
    return [*placed, *_stubs(back, *back)], led


def _stubs(known: Mapping[str, str | None], *names: str) -> list[Vertex]:
    said = "the graph goes on here"
    return [Vertex(x, "words", "…", tooltip=said, of=known[x]) for x in names if x in known]


def _neighbours(edges: Iterable[Edge], ahead: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for e in edges:
        at, to = (e.tail, e.head) if ahead else (e.head, e.tail)
        found.setdefault(at, []).append(to)
    return found


def _rim(start: str, ways: Mapping[str, list[str]]) -> str | None:
    """Find the nearest vertex, from one on, from which an edge leads outside."""
    front, seen = [start], {start}
    while front:
        onward: dict[str, None] = {}
        for at in front:
            if OUTSIDE in ways.get(at, ()):
                return at
            onward |= dict.fromkeys(x for x in ways.get(at, ()) if x not in seen)
        seen |= onward.keys()
        front = list(onward)
    return None
