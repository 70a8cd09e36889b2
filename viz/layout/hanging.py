"""The way of an edge from one box down to another: past the boxes of the rows between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from viz.layout.places import Box, Place, Route

__all__ = ["hung"]

_TIP = 9.0  # length of an arrow's tip
_BESIDE = 12.0  # from a box to a line beside it: clear of an arrow's tip
_BEND = 30.0  # how much longer a way may be that bends less often
_LOW = 20.0  # a gap of that height between rows makes a way through it twice as long
_HALVINGS = 20

Leg = tuple[Place, Place, Place, Place]


def hung(above: Box, below: Box, others: Iterable[Box] = ()) -> Route:
    """Hang a line from one box down to another, upright where it leaves and arrives.

    Where others are in its way it falls between the boxes of each row, the shortest way there is.

    Examples
    --------
    >>> above, below, wall = Box(0, 0, 20, 20), Box(0, 100, 20, 20), Box(0, 50, 40, 20)
    >>> hung(above, below).curve[-1], max(abs(p.x) for p in hung(above, below, [wall]).curve)
    (Place(x=0, y=81.0), 32.0)
    """
    start, tip = Place(above.x, above.bottom), Place(below.x, below.top)
    end = Place(tip.x, tip.y - _TIP)
    bands = list(_bands(b for b in others if b.bottom > start.y and b.top < end.y))
    leg = _falling(start, end)
    if not any(band.is_hit(_across(leg, band.top), _across(leg, band.bottom)) for band in bands):
        return Route(leg, tip, end)
    bands.append(_Band(end.y, end.y, []))
    curve = [start]
    for x, band in zip(_shortest(start, end, bands), bands, strict=True):
        for y in (band.top, min(band.bottom, end.y)):
            if (x, y) != curve[-1] and y >= curve[-1].y:
                curve += _falling(curve[-1], Place(x, y))[1:]
    return Route(tuple(curve), tip, end)


class _Band(NamedTuple):
    """What stands side by side."""

    top: float
    bottom: float
    boxes: list[Box]

    def is_hit(self, x: float, other: float) -> bool:
        """Whether a line runs into a box on its way from one place above to another below."""
        left, right = sorted((x, other))
        return any(left < b.right and b.left < right for b in self.boxes)

    def openings(self, x: float) -> Iterator[float]:
        """Find the places nearest to one, itself if it is free, at which a line can fall through."""
        left = right = x
        for b in sorted(self.boxes, key=lambda b: b.right, reverse=True):
            if b.left - _BESIDE < left < b.right + _BESIDE:
                left = b.left - _BESIDE
        for b in sorted(self.boxes, key=lambda b: b.left):
            if b.left - _BESIDE < right < b.right + _BESIDE:
                right = b.right + _BESIDE
        yield from {left: None, right: None}


def _bands(boxes: Iterable[Box]) -> Iterator[_Band]:
    """Take boxes that overlap in height together, from above down."""
    waiting: list[Box] = []
    low = 0.0
    for b in sorted(boxes, key=lambda b: b.top):
        if waiting and b.top >= low:
            yield _Band(waiting[0].top, low, waiting)
            waiting = []
        low = max(low, b.bottom) if waiting else b.bottom
        waiting.append(b)
    if waiting:
        yield _Band(waiting[0].top, low, waiting)


def _shortest(start: Place, end: Place, bands: Sequence[_Band]) -> list[float]:
    """Choose where to fall through each band so that the line moves little sideways, and where there is room.

    Beside its own ends it stays upright.
    """
    ways: dict[float, tuple[float, list[float]]] = {start.x: (0.0, [])}
    y = start.y
    for band in bands:
        if band.top < start.y:
            openings = [start.x]
        elif band.bottom >= end.y:
            openings = [end.x]
        else:
            openings = [x for at in dict.fromkeys((*ways, end.x)) for x in band.openings(at)]
        steep = 1 + _LOW / max(band.top - y, 1.0)
        ways = {
            x: min(
                (length + abs(x - last) * steep + _BEND * (x != last), [*way, x])
                for last, (length, way) in ways.items()
            )
            for x in dict.fromkeys(openings)
        }
        y = band.bottom
    return ways[end.x][1]


def _falling(a: Place, b: Place) -> Leg:
    """Join two places by a curve that is upright at both."""
    half = (b.y - a.y) / 2
    return a, Place(a.x, a.y + half), Place(b.x, b.y - half), b


def _across(leg: Leg, y: float) -> float:
    """Find where a falling curve is at a height, its ends beyond them."""
    a, _, _, b = leg
    share = (y - a.y) / (b.y - a.y)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        t = (low + high) / 2
        if 1.5 * t * (1 - t) + t**3 < share:
            low = t
        else:
            high = t
    return a.x + (b.x - a.x) * (3 - 2 * low) * low * low
