"""The way of an edge from one shape to another: smooth, level at both ends, cut at the outlines."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

from viz.layout.places import Box, Place, Route

__all__ = ["along", "led"]

Leg = Sequence[Place]  # the four points of a cubic curve
Inside = Callable[[Place], bool]

_TIP = 9.0  # length of an arrow's tip
_STEPS = 200
_RAISED = 10.0  # how far a label's middle lies above a level line


def led(
    tail: Box,
    head: Box,
    *,
    round_ends: tuple[bool, bool] = (False, False),
    via: Sequence[Place] = (),
    level: float | None = None,
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
        Where its slopes begin and end.
    level : float, optional
        The height at which it passes columns.
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
    if rising and via and via[-1].y != head.y:
        legs[-1] = _corner(*stops[-2:])
    legs[0] = _later(legs[0], _first(legs[0], _outside(tail, round_ends[0])))
    last = _reversed(legs[-1])
    touch = _first(last, _outside(head, round_ends[1]))
    tip = along(last, touch)
    base = _first(last, lambda p: math.dist(p, tip) >= _TIP, touch)
    legs[-1] = _reversed(_later(last, base))
    curve = (legs[0][0], *(p for leg in legs for p in leg[1:]))
    return Route(curve, tip, _label(stops, level, legs[0], tip, bow, label_width))


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


def _label(
    stops: Sequence[Place], level: float | None, first: Leg, tip: Place, bow: float, across: float
) -> Place:
    """Place a label above a level stretch, below one too short for it, or else beside the slope."""
    start, *via, end = stops
    if level is not None:
        flat = [p.x for p in (first[0], *via, tip) if abs(p.y - level) < 1]
        fits = max(flat) - min(flat) >= across
        drop = -_RAISED if fits else _RAISED + 2
        return Place((min(flat) + max(flat)) / 2, level + drop)
    if abs(start.y - end.y) < 1:
        drop = _RAISED + 2 if bow > 0 else -_RAISED
        return Place((first[0].x + tip.x) / 2, along(first, 0.5).y + drop)
    a, b = (via[0], via[-1]) if len(via) > 1 else (first[0], tip)
    middle = Place((a.x + b.x) / 2, (a.y + b.y) / 2)
    return Place(middle.x + across / 2 + 8, middle.y + math.copysign(8, tip.y - start.y))


def along(leg: Leg, t: float) -> Place:
    """Find the place on a cubic curve at t, from 0 to 1.

    >>> along((Place(0, 0), Place(1, 0), Place(2, 0), Place(3, 0)), 0.5)
    Place(x=1.5, y=0.0)
    """
    return _later(leg, t)[0]


def _outside(box: Box, round_: bool) -> Inside:
    """Tell whether a place is outside a rectangle, or one whose short sides are half circles."""
    if not round_:
        return lambda p: abs(p.x - box.x) > box.width / 2 or abs(p.y - box.y) > box.height / 2
    straight, radius = (box.width - box.height) / 2, box.height / 2
    return lambda p: math.hypot(max(abs(p.x - box.x) - straight, 0), p.y - box.y) > radius


def _first(leg: Leg, holds: Inside, start: float = 0.0) -> float:
    """Find from where on something holds along a leg; its end if it never does."""
    steps = range(int(start * _STEPS), _STEPS)
    found = bisect_left(steps, True, key=lambda i: holds(along(leg, i / _STEPS)))
    return (steps.start + found) / _STEPS


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
