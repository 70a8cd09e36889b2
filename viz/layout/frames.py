"""Frames around layers and lanes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping

from viz.layout.glyphs import title_size
from viz.layout.places import Box
from viz.scene.scene import Cluster, Scene
from viz.style.theme import Theme

__all__ = ["FRAME", "TITLE", "around", "lanes_framed", "layers_framed", "titles"]

FRAME = 12.0  # from what is inside to the frame
TITLE = 20.0  # height of a frame's title
_LANE = 110.0  # least width of a lane, for its title


def layers_framed(scene: Scene, boxes: Mapping[str, Box]) -> dict[str, Box]:
    """Place the frames of layers around the boxes of their vertices.

    One is left out where it would run into another layer or something that is not of the
    layer: a frame that holds a stranger would lie.
    """
    members = _members(scene, boxes)
    layers = {c.id: _titled(around(members[c.id])) for c in scene.clusters if c.kind == "layer"}
    there = [(boxes[v.id], v.cluster) for v in scene.vertices] + [(b, name) for name, b in layers.items()]
    there.sort(key=lambda found: found[0].x)
    across = [box.x for box, _ in there]
    widest = max((box.width for box, _ in there), default=0.0)
    found = {}
    for name, frame in layers.items():
        reach = (frame.width + widest) / 2
        near = there[bisect_left(across, frame.x - reach) : bisect_right(across, frame.x + reach)]
        if not any(frame.touches(other) for other, cluster in near if cluster != name):
            found[name] = frame
    return found


def lanes_framed(
    scene: Scene, boxes: Mapping[str, Box], layers: Mapping[str, Box], edges: Mapping[str, Box]
) -> dict[str, Box]:
    """Place the frames of the two passes around all that is in them, edges and their labels too."""
    members = _members(scene, boxes)
    lanes = [c for c in scene.clusters if c.kind != "layer"]
    return _even({lane.id: _lane(lane, scene, members, layers, edges) for lane in lanes})


def titles(scene: Scene, frames: Mapping[str, Box], theme: Theme) -> list[Box]:
    """Find where the titles of layers stand: in the upper left corner."""
    sizes = {c.id: title_size(c, theme) for c in scene.clusters if c.id in frames}
    return [
        Box(frames[name].left + FRAME + across / 2, frames[name].top + 15, across, high)
        for name, (across, high) in sizes.items()
    ]


def _members(scene: Scene, boxes: Mapping[str, Box]) -> dict[str, list[Box]]:
    members: dict[str, list[Box]] = {c.id: [] for c in scene.clusters}
    for v in scene.vertices:
        if v.cluster is not None:
            members[v.cluster].append(boxes[v.id])
    return members


def around(boxes: Iterable[Box], margin: float = FRAME) -> Box:
    """Find the smallest box around others, and a margin.

    >>> around([Box(0, 0, 2, 2), Box(4, 0, 2, 4)], margin=1)
    Box(x=2.0, y=0.0, width=8.0, height=6.0)
    """
    given = list(boxes)
    left, right = min(b.left for b in given) - margin, max(b.right for b in given) + margin
    top, bottom = min(b.top for b in given) - margin, max(b.bottom for b in given) + margin
    return Box((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def _titled(box: Box, below: bool = False) -> Box:
    shift = TITLE / 2 if below else -TITLE / 2
    return Box(box.x, box.y + shift, box.width, box.height + TITLE)


def _lane(
    lane: Cluster,
    scene: Scene,
    members: Mapping[str, list[Box]],
    layers: Mapping[str, Box],
    edges: Mapping[str, Box],
) -> Box:
    """Frame one pass; the backward one has its title below, clear of the caches."""
    lines = [edges[e.id] for e in scene.edges if e.kind == lane.kind]
    inside = [c.id for c in scene.clusters if c.parent == lane.id]
    boxes = [*members[lane.id], *(b for name in inside for b in members[name]), *lines]
    frames = [layers[name] for name in inside if name in layers]
    return _titled(around([*boxes, *frames]), below=lane.kind == "backward")


def _even(lanes: dict[str, Box]) -> dict[str, Box]:
    """Make lanes equally wide."""
    if not lanes:
        return {}
    whole = around(lanes.values(), 0)
    across = max(whole.width, _LANE)
    return {name: Box(whole.x, b.y, across, b.height) for name, b in lanes.items()}
