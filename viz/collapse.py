"""Smaller pictures of large graphs: steps without a name are left out, and the picture says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from viz.arrange import arranged
from viz.errors import RenderError
from viz.markup import plain
from viz.scene import Edge, Scene, Vertex

__all__ = ["LIMIT", "readable_part"]

LIMIT = 150


def readable_part(scene: Scene) -> Scene:
    """Keep a scene small enough to be read.

    Returns
    -------
    Scene
        The same, if it has at most `LIMIT` vertices; else without its operations and constants.

    Raises
    ------
    RenderError
        There are more named values than that.
    """
    count = len(scene.vertices)
    if count <= LIMIT:
        return scene
    kept = [v for v in scene.vertices if v.role not in {"operation", "constant"}]
    if len(kept) > LIMIT:
        raise RenderError(
            f"the {plain(scene.title)} has {count} parts, {len(kept)} of them named values or "
            f"sums; more than {LIMIT} cannot be read in one picture. .text() lists every step and "
            ".dot holds the whole graph; or draw a result further back"
        )
    edges = _bridged(scene, {v.id for v in kept})
    caption = f"{count - len(kept)} steps without a name are left out; the table lists every one"
    around = {v.cluster for v in kept}
    around |= {c.parent for c in scene.clusters if c.id in around}
    return replace(
        scene,
        vertices=tuple(arranged(kept, edges)),
        edges=tuple(edges),
        clusters=tuple(c for c in scene.clusters if c.id in around),
        caption=caption,
    )


def _bridged(scene: Scene, kept: set[str]) -> list[Edge]:
    """Lead forward edges over what was left out, and drop the others that start or end there."""
    incoming: dict[str, list[str]] = {v.id: [] for v in scene.vertices}
    for e in scene.edges:
        if e.kind == "forward":
            incoming[e.head].append(e.tail)
    sources: dict[str, dict[str, None]] = {}
    bridges: list[Edge] = []
    for v in _forward(scene.vertices):
        found: dict[str, None] = {}
        for tail in incoming[v.id]:
            found |= {tail: None} if tail in kept else sources[tail]
        sources[v.id] = found
        if v.id in kept:
            bridges += (Edge(f"f{len(bridges) + i}", t, v.id, "forward") for i, t in enumerate(found))
    others = (e for e in scene.edges if e.kind != "forward" and {e.tail, e.head} <= kept)
    return [*bridges, *others]


def _forward(vertices: Iterable[Vertex]) -> Iterable[Vertex]:
    return (v for v in vertices if v.of is None)
