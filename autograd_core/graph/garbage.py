"""Let Python's collector look through a large graph less often.

A graph has no reference cycle and is freed by reference counts alone, but Python's collector does not know
that: each time the number of old objects has grown by a quarter it goes through all of them, and for a graph
of a million operations that takes longer than recording them. So after a full collection that came because of
the graph, and found next to nothing, the next one may take eight times as long to come; as soon as one finds
something, or the graph has stopped growing, the program's own setting is back. Young objects, where cycles
usually die, are collected as always.
"""

from __future__ import annotations

import gc
import os

from autograd_core.graph.node import now
from autograd_core.system.interrupts import callback
from autograd_core.system.locks import lock, under
from autograd_core.system.memory import keep_freed_blocks

__all__ = ["TUNED", "tune"]

TUNED: list[bool] = []
"""Whether that is done: empty until then, which costs least to look at."""


_MANY = 10_000  # operations recorded between two full collections
_LONGER = 8
_RAREST = 1_000  # as many collections of younger objects, at most, before a full one


class _Pace:
    """How often full collections come; looked at after each collection."""

    def __init__(self) -> None:
        self.stamp, self.full = now(), gc.get_stats()[2]
        self.usual = self.set = gc.get_threshold()[2]

    def look(self) -> None:
        before, self.full = self.full, gc.get_stats()[2]
        if self.full["collections"] == before["collections"]:
            return
        stamp = now()
        recorded, self.stamp = stamp - self.stamp, stamp
        young, middle, old = gc.get_threshold()
        if old != self.set:  # somebody else has set it
            self.usual = old
        in_vain = recorded > _MANY and recorded > 10 * (self.full["collected"] - before["collected"])
        self.set = min(_LONGER * old, _RAREST) if in_vain else self.usual
        gc.set_threshold(young, middle, self.set)


def tune() -> None:
    """Set the pace of the collector, and keep freed memory: once, for the first tensor with a derivative.

    ``AUTOGRAD_CORE_TUNE=0`` in the environment leaves both as they are.
    """
    under(_tuning, _tune)


_tuning = lock()


def _tune() -> None:
    if not TUNED and os.environ.get("AUTOGRAD_CORE_TUNE") != "0":
        keep_freed_blocks()
        gc.callbacks.append(callback(_Pace().look))
    TUNED.append(True)
