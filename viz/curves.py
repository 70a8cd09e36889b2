"""The way of an edge from one shape to another: smooth, level at both ends, cut at the outlines."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

from viz.places import Box, Place, Route

__all__ = ["hung", "led"]

Leg = tuple[Place, Place, Place, Place]
Inside = Callable[[Place], bool]

_TIP = 9.0  # length of an arrow's tip
_STEPS = 200
_SAMPLES = 24
_BOWS = 0.0, 30.0, -30.0, 60.0, -60.0, 120.0, -120.0  # how far a hung line bends; towards its end first
_RAISED = 10.0  # how far a label's middle lies above a level line


def led(
    tail: Box,
    head: Box,
    *,
    round_ends: tuple[bool, bool] = (False, False),
    via: Sequence[Place] = (),
    bow: float = 0.0,
    rising: bool = False,
    label_width: float = 0.0,
) -> Route:
    """Lead an edge from one shape to another.

    Parameters
    ----------
    tail, head : Box
    round_ends : pair of bool
        Whether the tail and the head have round sides, as a circle or a pill has.
    via : sequence of Place
        Where it passes columns, all at one height.
    bow : float
        How far it bends to one side, to keep parallel edges apart.
    rising : bool
        Whether to arrive upright, round a corner.
    label_width : float

    Examples
    --------
    >>> route = led(Box(0, 0, 20, 20), Box(100, 0, 20, 20))
    >>> round(route.curve[0].x), round(route.tip.x), route.label.y
    (10, 90, -10.0)
    """
    stops = [Place(tail.x, tail.y), *via, Place(head.x, head.y)]
    legs = [_leg(a, b, bow) for a, b in pairwise(stops)]
    if rising and via:
        legs[-1] = _corner(*stops[-2:])
    legs[0] = _later(legs[0], _first(legs[0], _outside(tail, round_ends[0])))
    last = _reversed(legs[-1])
    touch = _first(last, _outside(head, round_ends[1]))
    tip = _at(last, touch)
    base = _first(last, lambda p: math.dist(p, tip) >= _TIP, touch)
    legs[-1] = _reversed(_later(last, base))
    curve = (legs[0][0], *(p for leg in legs for p in leg[1:]))
    return Route(curve, tip, _label(stops, legs[0], tip, bow, label_width))


def hung(above: Box, below: Box, others: Sequence[Box] = ()) -> Route:
    """Hang a line from one box down to another, upright where it leaves and arrives if it can.

    Where others are in the way it bends beside them, or past the most of them.
    """
    tip = Place(below.x, below.top)
    low, high = min((b.left for b in others), default=0.0), max((b.right for b in others), default=0.0)
    between = [b for b in others if b.bottom > above.bottom and b.top < below.top]
    towards = math.copysign(1, below.x - above.x)
    best, fewest = _hanging(above, tip, 0), math.inf
    for bow in _BOWS:
        curve = _hanging(above, tip, bow * towards)
        places = [_at(curve, i / _SAMPLES) for i in range(1, _SAMPLES)]
        hits = sum(any(_inside(b, place) for place in places) for b in between)
        if hits < fewest and (bow == 0 or all(low < place.x < high for place in places)):
            best, fewest = curve, hits
        if hits == 0:
            break
    return Route(best, tip, best[-1])


def _inside(box: Box, place: Place) -> bool:
    return box.left < place.x < box.right and box.top < place.y < box.bottom


def _hanging(above: Box, tip: Place, bow: float) -> Leg:
    start, end = Place(above.x, above.bottom), Place(tip.x, tip.y - _TIP)
    half = (end.y - start.y) / 2
    return start, Place(start.x + bow, start.y + half), Place(end.x + bow, end.y - half), end


def _leg(a: Place, b: Place, bow: float) -> Leg:
    """Join two places by a curve that is level at both, or upright if one is above the other."""
    if abs(a.x - b.x) < 1:
        y = (b.y - a.y) / 3
        return a, Place(a.x + bow, a.y + y), Place(b.x + bow, b.y - y), b
    x = (b.x - a.x) / 2
    return a, Place(a.x + x, a.y + bow), Place(b.x - x, b.y + bow), b


def _corner(a: Place, b: Place) -> Leg:
    """Go level, then upright."""
    if abs(a.y - b.y) < 1:
        return _leg(a, b, 0)
    corner = Place(b.x, a.y)
    return a, corner, corner, b


def _label(stops: Sequence[Place], first: Leg, tip: Place, bow: float, across: float) -> Place:
    """Place a label above a level stretch, below one too short for it, or else beside the slope."""
    start, *via, end = stops
    if via:
        height = via[0].y
        level = [p.x for p in (first[0], *via, tip) if abs(p.y - height) < 1]
        fits = max(level) - min(level) >= across
        drop = -_RAISED if fits else _RAISED + 2
        return Place((min(level) + max(level)) / 2, height + drop)
    middle = Place((first[0].x + tip.x) / 2, (first[0].y + tip.y) / 2)
    if abs(start.y - end.y) < 1:
        drop = _RAISED + 2 if bow > 0 else -_RAISED
        return Place(middle.x, _at(first, 0.5).y + drop)
    return Place(middle.x + across / 2 + 8, middle.y + math.copysign(8, tip.y - start.y))


def _outside(box: Box, round_: bool) -> Inside:
    """Tell whether a place is outside a rectangle, or one whose short sides are half circles."""
    if not round_:
        return lambda p: abs(p.x - box.x) > box.width / 2 or abs(p.y - box.y) > box.height / 2
    straight, radius = (box.width - box.height) / 2, box.height / 2
    return lambda p: math.hypot(max(abs(p.x - box.x) - straight, 0), p.y - box.y) > radius


def _first(leg: Leg, holds: Inside, start: float = 0.0) -> float:
    """Find from where on something holds along a leg; its end if it never does."""
    steps = range(int(start * _STEPS), _STEPS)
    found = bisect_left(steps, True, key=lambda i: holds(_at(leg, i / _STEPS)))
    return (steps.start + found) / _STEPS


def _at(leg: Leg, t: float) -> Place:
    return _later(leg, t)[0]


def _later(leg: Leg, t: float) -> Leg:
    """Cut off the part of a leg before t, by de Casteljau's construction."""
    a, b, c, d = leg
    bc, cd, ab = _mix(b, c, t), _mix(c, d, t), _mix(a, b, t)
    abc, bcd = _mix(ab, bc, t), _mix(bc, cd, t)
    return _mix(abc, bcd, t), bcd, cd, d


def _mix(a: Place, b: Place, t: float) -> Place:
    return Place(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)


def _reversed(leg: Leg) -> Leg:
    a, b, c, d = leg
    return d, c, b, a
