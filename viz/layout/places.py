"""What a layout is: boxes, and curves between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Box", "Layout", "Place", "Route"]


class Place(NamedTuple):
    """A point; y grows downwards."""

    x: float
    y: float


class Box(NamedTuple):
    """A rectangle by its centre and size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """The x of its left side."""
        return self.x - self.width / 2

    @property
    def top(self) -> float:
        """The y of its upper side."""
        return self.y - self.height / 2

    @property
    def right(self) -> float:
        """The x of its right side."""
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        """The y of its lower side."""
        return self.y + self.height / 2

    def touches(self, other: Box) -> bool:
        """Whether two boxes share any place.

        >>> Box(0, 0, 2, 2).touches(Box(1.5, 0, 2, 2)), Box(0, 0, 2, 2).touches(Box(3, 0, 2, 2))
        (True, False)
        """
        return (
            abs(self.x - other.x) * 2 < self.width + other.width
            and abs(self.y - other.y) * 2 < self.height + other.height
        )


class Route(NamedTuple):
    """The way of an edge: a chain of cubic Bézier curves, its tip, the centre of its label."""

    curve: tuple[Place, ...]
    tip: Place
    label: Place


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is, by identifier.

    Attributes
    ----------
    bounds : Box
    vertices, clusters : mapping of str to Box
    edges : mapping of str to Route
    """

    bounds: Box
    vertices: Mapping[str, Box]
    edges: Mapping[str, Route]
    clusters: Mapping[str, Box]
