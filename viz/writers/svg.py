"""A laid-out scene as SVG that looks the same everywhere.

Every piece of text has its own absolute place and every element its own attributes: no style sheet,
script, marker, identifier or reference, so a picture can stand in any page and any converter reads
it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from viz.layout.glyphs import SHADOW
from viz.layout.hanging import hung
from viz.layout.places import Box, Layout, Place, Route
from viz.scene.scene import Cluster, Edge, Scene, Vertex
from viz.style.markup import plain, runs, width
from viz.style.theme import STRONG, Line, Theme
from viz.style.typeface import FAMILY, typeface

__all__ = ["LINE", "route", "svg"]

Ink = dict[str, str | float]

LINE = 20.0  # height of a line of text above or below a column of units

_CAPTION = 26.0
_ABOVE = {"faint": 0, "plain": 1, "strong": 2}  # what is drawn over what
_BASE = 0.36  # from the middle of a line of text down to its base line, in ems
_AROUND = 600  # vertices up to which caches are led around them: it takes time for each pair
_TIP = 3.6  # half the breadth of an arrow's tip


def svg(scene: Scene, layout: Layout, theme: Theme, *, marked: bool = False) -> str:
    """Draw a scene.

    Parameters
    ----------
    scene : Scene
    layout : Layout
    theme : Theme
    marked : bool
        Group what belongs to a vertex, an edge or a frame, with its identifier as ``data-id`` and its
        role or kind as ``data-role``, for a page that lights it up.

    Returns
    -------
    str
        One SVG element.
    """
    below = _below(scene)
    room = max((width(line, theme.detail_size) + 24 for line in below), default=0.0)
    bounds = layout.bounds
    across = max(bounds.width, room)
    high = bounds.height + _CAPTION * len(below)
    ground = Box(bounds.left + across / 2, bounds.top + high / 2, across, high)
    body = "\n".join(_Pen(scene, layout, theme, marked).drawn(ground))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(across)}" height="{_n(high)}" '
        f'viewBox="{_n(ground.left)} {_n(ground.top)} {_n(across)} {_n(high)}" role="img">\n'
        f"<title>{escape(plain(scene.title))}</title>\n<desc>{escape(scene.description)}</desc>\n"
        f"{body}\n</svg>\n"
    )


def route(e: Edge, layout: Layout) -> Route:
    """Find the way of an edge: that of the layout, or for a cache past the boxes that stand between."""
    if e.id in layout.edges:
        return layout.edges[e.id]
    boxes = layout.vertices
    others = [box for name, box in boxes.items() if name not in {e.tail, e.head}]
    return hung(boxes[e.tail], boxes[e.head], others if len(boxes) <= _AROUND else ())


def _below(scene: Scene) -> list[str]:
    """List the lines that stand below a picture."""
    return [line for line in (scene.caption, scene.warning) if line]


class _Pen:
    """Draws the parts of one scene, from the ground up."""

    def __init__(self, scene: Scene, layout: Layout, theme: Theme, marked: bool) -> None:
        self.scene, self.layout, self.theme, self.marked = scene, layout, theme, marked

    def drawn(self, ground: Box) -> Iterator[str]:
        theme, scene = self.theme, self.scene
        yield _rect(ground, 0, fill=theme.ground)
        for cluster in sorted(scene.clusters, key=lambda c: c.parent is not None):
            if cluster.id in self.layout.clusters:
                yield from self._group(cluster, self._frame(cluster, self.layout.clusters[cluster.id]))
        routes = {e.id: route(e, self.layout) for e in scene.edges}
        for kind in ("cache", "forward", "backward"):
            for e in sorted(scene.edges, key=lambda e: _ABOVE[e.emphasis]):
                if e.kind == kind:
                    yield from self._group(e, self._arrow(e, routes[e.id]))
        for v in scene.vertices:
            yield f"<g{self._marks(v)}><title>{escape(v.tooltip)}</title>"
            yield from self._vertex(v, self.layout.vertices[v.id])
            yield "</g>"
        for e in scene.edges:
            if e.label:
                yield from self._group(e, self._label(e, routes[e.id]))
        for i, line in enumerate(reversed(_below(scene))):
            at = Place(ground.left + 12, ground.bottom - _CAPTION * (i + 0.5))
            yield from _text(line, at, theme.detail_size, theme.ink, centred=False)

    def _group(self, part: Edge | Cluster, drawn: Iterator[str]) -> Iterator[str]:
        if not self.marked:
            yield from drawn
            return
        yield f"<g{self._marks(part)}>"
        yield from drawn
        yield "</g>"

    def _marks(self, part: Vertex | Edge | Cluster) -> str:
        if not self.marked:
            return ""
        role: str = part.role if isinstance(part, Vertex) else part.kind
        if isinstance(part, Cluster):
            role += " frame"
        return _attributes({"data-id": part.id, "data-role": role})

    def _frame(self, cluster: Cluster, box: Box) -> Iterator[str]:
        look = self.theme.frames[cluster.kind]
        if cluster.kind == "column":
            yield from self._headed(cluster, box)
            return
        yield _rect(box, 10, fill=look.fill, stroke=look.stroke)
        at = Place(box.left + 12, box.top + 15)
        if cluster.kind == "backward":  # below, clear of the caches
            at = Place(box.left + 12, box.bottom - 15)
        size = self.theme.title_size
        yield from _text(cluster.title, at, size, look.text, bold=look.bold, centred=False)

    def _headed(self, column: Cluster, box: Box) -> Iterator[str]:
        """Write above and below a column of units."""
        theme, look = self.theme, self.theme.frames[column.kind]
        yield from _text(column.title, Place(box.x, box.top - LINE / 2), theme.title_size, look.text)
        for i, line in enumerate(column.details):
            at = Place(box.x, box.bottom + LINE * (i + 0.5))
            yield from _text(line, at, theme.title_size, look.text)

    def _outline(self, v: Vertex, box: Box) -> Iterator[str]:
        look = self.theme.looks[v.role]
        if look.shape == "bare":
            yield _rect(box, 0, fill=look.fill)
            return
        ink: Ink = {"fill": look.fill, "stroke": look.stroke, "stroke-width": look.width}
        if v.emphasis == "faint":
            ink |= {"fill": self.theme.ground, "stroke": self.theme.faint}
        if v.emphasis == "strong":
            ink["stroke-width"] = STRONG
        if look.dash:
            ink["stroke-dasharray"] = look.dash
        if look.shape == "stack":
            yield _rect(box._replace(x=box.x + SHADOW, y=box.y + SHADOW), 0, **ink)
        if look.shape in {"disc", "split", "double"}:
            yield _circle(box, 0, **ink)
        else:
            corner = {"rounded": 10.0, "pill": 15.0}.get(look.shape, 0.0)
            yield _rect(box, corner, **ink)
        if look.shape == "double":
            yield _circle(box, 4, **{**ink, "fill": "none"})
        if look.shape == "split":
            yield _line((Place(box.x, box.top), Place(box.x, box.bottom)), **ink)

    def _vertex(self, v: Vertex, box: Box) -> Iterator[str]:
        theme = self.theme
        yield from self._outline(v, box)
        high = 17.5 + 15 * (len(v.details) - 1) if v.details else 0.0
        y = box.y - high / 2
        ink = theme.muted if v.emphasis == "faint" else theme.ink
        yield from self._across(v, v.label, box, y, theme.label_size, ink)
        for i, line in enumerate(v.details):
            yield from self._across(v, line, box, y + 17.5 + 15 * i, theme.detail_size, theme.muted)

    def _across(self, v: Vertex, line: str, box: Box, y: float, size: float, ink: str) -> Iterator[str]:
        """Write a line in the middle of a shape; of a split one, each half in its own."""
        halves = line.split("|") if self.theme.looks[v.role].shape == "split" else [line]
        for i, half in enumerate(halves):
            x = box.left + box.width * (i + 0.5) / len(halves)
            yield from _text(half, Place(x, y), size, ink)

    def _arrow(self, e: Edge, route: Route) -> Iterator[str]:
        line = self._stroke(e)
        ink: Ink = {"fill": "none", "stroke": line.stroke, "stroke-width": line.width}
        if line.dash:
            ink["stroke-dasharray"] = line.dash
        if e.tooltip:
            yield f"<g><title>{escape(e.tooltip)}</title>"
        yield _line(route.curve, **ink)
        if route.tip != route.curve[-1]:
            fill = self.theme.ground if line.open_tip else line.stroke
            yield _tip(route.curve[-1], route.tip, fill, line.stroke)
        if e.tooltip:
            yield "</g>"

    def _stroke(self, e: Edge) -> Line:
        """Choose how an edge is drawn: by its kind, by what it is to the picture, by its number."""
        theme, line = self.theme, self.theme.lines[e.kind]
        if e.emphasis == "faint":
            return replace(line, stroke=theme.faint, width=0.8, dash="")
        if e.emphasis == "strong":
            stroke = theme.accent if e.kind == "forward" else line.stroke
            line = replace(line, stroke=stroke, width=STRONG)
        if e.weight is not None:
            stroke, dash = (theme.negative, "7 4") if e.weight < 0 else (theme.accent, "")
            line = replace(line, stroke=stroke, dash=dash, width=0.6 + 4.4 * abs(e.weight))
        return line

    def _label(self, e: Edge, route: Route) -> Iterator[str]:
        """Write beside an edge, or on it, on a scrap of the ground, for other lines may cross."""
        theme = self.theme
        at = route.label
        across = width(e.label, theme.edge_size)
        upon = e.emphasis == "strong" or e.kind == "cache"  # on its own line, which is broken there
        scrap = Box(at.x, at.y, across + 4, theme.edge_size + (8 if upon else 3))
        yield _rect(scrap, 3, fill=self._ground(at))
        yield from _text(e.label, at, theme.edge_size, theme.lines[e.kind].text)

    def _ground(self, at: Place) -> str:
        """Find what colour is behind a place: that of a layer's frame, or the picture's."""
        layers = (c for c in self.scene.clusters if c.kind == "layer" and c.id in self.layout.clusters)
        here = Box(at.x, at.y, 0, 0)
        inside = any(here.touches(self.layout.clusters[c.id]) for c in layers)
        fill = self.theme.frames["layer"].fill
        return fill if inside and fill != "none" else self.theme.ground


def _text(
    markup: str, at: Place, size: float, fill: str, *, bold: bool = False, centred: bool = True
) -> Iterator[str]:
    """Write a label around or after a place, each piece where the font's widths put it."""
    left = at.x - width(markup, size, bold) / 2 if centred else at.x
    for run in runs(markup, size, bold):
        text = run.text.strip(" ").replace("  ", "\N{NO-BREAK SPACE} ")
        if not text:
            continue
        face = typeface(bold)
        space = face.width(run.text[: len(run.text) - len(run.text.lstrip(" "))], run.size)
        attributes: Ink = {
            "x": left + run.x + space,
            "y": at.y + size * _BASE + run.y,
            "font-family": f"{FAMILY}, Verdana, sans-serif",
            "font-size": run.size,
            "fill": fill,
            "textLength": face.width(text, run.size),
            "lengthAdjust": "spacingAndGlyphs",
        }
        if bold:
            attributes["font-weight"] = "bold"
        yield f"<text{_attributes(attributes)}>{escape(text)}</text>"


def _tip(base: Place, tip: Place, fill: str, stroke: str) -> str:
    x, y = tip.x - base.x, tip.y - base.y
    k = _TIP / (math.hypot(x, y) or 1.0)
    corners = (tip, Place(base.x - y * k, base.y + x * k), Place(base.x + y * k, base.y - x * k))
    points = " ".join(f"{_n(p.x)},{_n(p.y)}" for p in corners)
    return _tag("polygon", points=points, fill=fill, stroke=stroke)


def _line(curve: Sequence[Place], **ink: str | float) -> str:
    """Draw a chain of cubic curves, or a straight line between two places."""
    first, *rest = curve
    if len(rest) == 1:
        onward = f"L{_n(rest[0].x)} {_n(rest[0].y)}"
    else:
        onward = " ".join(
            "C" + " ".join(f"{_n(p.x)} {_n(p.y)}" for p in rest[i : i + 3]) for i in range(0, len(rest), 3)
        )
    return _tag("path", d=f"M{_n(first.x)} {_n(first.y)} {onward}", **ink)


def _rect(box: Box, corner: float, **ink: str | float) -> str:
    size = {"x": box.left, "y": box.top, "width": box.width, "height": box.height}
    return _tag("rect", **size, **({"rx": corner} if corner else {}), **ink)


def _circle(box: Box, inset: float, **ink: str | float) -> str:
    return _tag("circle", cx=box.x, cy=box.y, r=box.width / 2 - inset, **ink)


def _tag(name: str, **attributes: str | float) -> str:
    return f"<{name}{_attributes(attributes)}/>"


def _attributes(attributes: Ink) -> str:
    return "".join(
        f" {key}={quoteattr(value) if isinstance(value, str) else quoteattr(_n(value))}"
        for key, value in attributes.items()
    )


def _n(x: float) -> str:
    """Write a number with two decimals at most.

    >>> _n(2.0), _n(-0.001), _n(1.256)
    ('2', '0', '1.26')
    """
    text = f"{x:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
