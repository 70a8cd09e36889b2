"""What the laws about cost go by: work that is counted, never time."""

from __future__ import annotations

import inspect
import sys

__all__ = ["grows_linearly", "shallow", "work"]

_MORE = 2.4  # times the work for twice the addition to a graph; 4 if it grew with the square
_DEPTH = 150  # calls inside one another, whatever is computed


def work(f):
    """Count the calls of functions, those written in C included, that a call makes."""
    calls = 0

    def count(_frame, event, _arg):
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        f()
    finally:
        sys.setprofile(before)
    return calls


def grows_linearly(counts):
    """Whether twice as much added to what is worked on took no more than about twice as much work."""
    first, second, third = counts  # for n, n + k and n + 3k
    return third - second < _MORE * (second - first) + 1000


def shallow(f):
    """Call f where functions may call one another only so deep."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + _DEPTH)
    try:
        return f()
    finally:
        sys.setrecursionlimit(limit)
