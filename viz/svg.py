"""A laid-out scene as SVG that looks the same everywhere.

Every piece of text has its own absolute place and every element its own attributes: no style sheet,
script, marker, identifier or reference, so a picture can stand in any page and any converter reads
it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from viz.curves import hung
from viz.markup import plain, runs, width
from viz.places import Box, Layout, Place, Route
from viz.scene import Cluster, Edge, Scene, Vertex
from viz.theme import Theme
from viz.typeface import FAMILY, typeface

__all__ = ["svg"]

Ink = dict[str, str | float]

_CAPTION = 26.0
_BASE = 0.36  # from the middle of a line of text down to its base line, in ems
_TIP = 3.6  # half the breadth of an arrow's tip


def svg(scene: Scene, layout: Layout, theme: Theme) -> str:
    """Draw a scene.

    Parameters
    ----------
    scene : Scene
    layout : Layout
    theme : Theme

    Returns
    -------
    str
        One SVG element.
    """
    caption = plain(scene.caption)
    room = width(caption, theme.detail_size) if caption else 0.0
    bounds = layout.bounds
    across = max(bounds.width, room)
    high = bounds.height + (_CAPTION if caption else 0.0)
    ground = Box(bounds.left + across / 2, bounds.top + high / 2, across, high)
    body = "\n".join(_Pen(scene, layout, theme).drawn(ground))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(across)}" height="{_n(high)}" '
        f'viewBox="{_n(ground.left)} {_n(ground.top)} {_n(across)} {_n(high)}" role="img">\n'
        f"<title>{escape(plain(scene.title))}</title>\n<desc>{escape(scene.description)}</desc>\n"
        f"{body}\n</svg>\n"
    )


class _Pen:
    """Draws the parts of one scene, from the ground up."""

    def __init__(self, scene: Scene, layout: Layout, theme: Theme) -> None:
        self.scene, self.layout, self.theme = scene, layout, theme

    def drawn(self, ground: Box) -> Iterator[str]:
        theme, scene = self.theme, self.scene
        yield _rect(ground, 0, fill=theme.ground)
        for cluster in sorted(scene.clusters, key=lambda c: c.parent is not None):
            if cluster.id in self.layout.clusters:
                yield from self._frame(cluster, self.layout.clusters[cluster.id])
        routes = {e.id: self._route(e) for e in scene.edges}
        for kind in ("cache", "forward", "backward"):
            for e in scene.edges:
                if e.kind == kind:
                    yield from self._arrow(e, routes[e.id])
        for v in scene.vertices:
            yield f"<g><title>{escape(v.tooltip)}</title>"
            yield from self._vertex(v, self.layout.vertices[v.id])
            yield "</g>"
        for e in scene.edges:
            if e.label:
                yield from self._label(e, routes[e.id])
        if scene.caption:
            at = Place(ground.left + 12, ground.bottom - _CAPTION / 2)
            yield from _text(scene.caption, at, theme.detail_size, theme.muted, centred=False)

    def _frame(self, cluster: Cluster, box: Box) -> Iterator[str]:
        look = self.theme.frames[cluster.kind]
        yield _rect(box, 10, fill=look.fill, stroke=look.stroke)
        at = Place(box.left + 12, box.top + 15)
        if cluster.kind == "backward":  # below, clear of the caches
            at = Place(box.left + 12, box.bottom - 15)
        size = self.theme.title_size
        yield from _text(cluster.title, at, size, look.text, bold=look.bold, centred=False)

    def _vertex(self, v: Vertex, box: Box) -> Iterator[str]:
        theme = self.theme
        look = theme.looks[v.role]
        ink: Ink = {"fill": look.fill, "stroke": look.stroke, "stroke-width": look.width}
        if look.dash:
            ink["stroke-dasharray"] = look.dash
        if look.shape == "double":
            yield _circle(box, 0, **ink)
            yield _circle(box, 4, **{**ink, "fill": "none"})
        else:
            corner = {"box": 0.0, "rounded": 10.0, "pill": box.height / 2}[look.shape]
            yield _rect(box, corner, **ink)
        high = 17.5 + 15 * (len(v.details) - 1) if v.details else 0.0
        y = box.y - high / 2
        yield from _text(v.label, Place(box.x, y), theme.label_size, theme.ink)
        for i, line in enumerate(v.details):
            at = Place(box.x, y + 17.5 + 15 * i)
            yield from _text(line, at, theme.detail_size, theme.muted)

    def _route(self, e: Edge) -> Route:
        if e.kind != "cache":
            return self.layout.edges[e.id]
        return hung(self.layout.vertices[e.tail], self.layout.vertices[e.head])

    def _arrow(self, e: Edge, route: Route) -> Iterator[str]:
        line = self.theme.lines[e.kind]
        ink: Ink = {"fill": "none", "stroke": line.stroke, "stroke-width": line.width}
        if line.dash:
            ink["stroke-dasharray"] = line.dash
        first, *rest = route.curve
        bows = " ".join(
            "C" + " ".join(f"{_n(p.x)} {_n(p.y)}" for p in rest[i : i + 3]) for i in range(0, len(rest), 3)
        )
        yield _tag("path", d=f"M{_n(first.x)} {_n(first.y)} {bows}", **ink)
        fill = self.theme.ground if line.open_tip else line.stroke
        yield _tip(route.curve[-1], route.tip, fill, line.stroke)

    def _label(self, e: Edge, route: Route) -> Iterator[str]:
        """Write beside an edge; where caches cross, on a scrap of the ground."""
        theme = self.theme
        at = route.label
        across = width(e.label, theme.edge_size)
        if any(other.kind == "cache" for other in self.scene.edges):
            scrap = Box(at.x, at.y, across + 4, theme.edge_size + 3)
            yield _rect(scrap, 3, fill=theme.ground)
        yield from _text(e.label, at, theme.edge_size, theme.lines[e.kind].text)


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
