"""Steps that Ctrl-C cannot cut in half.

Python looks for Ctrl-C wherever a function written in Python begins, and between most of its instructions;
not inside a function of C. So an ``__exit__`` in Python may be interrupted before it has done anything, and
what is raised in a callback of the collector or of a weak reference is printed and dropped. Both are
functions of C here, which resume a generator where it waits: inside its ``try``.
"""

from __future__ import annotations

import _thread
import io
import operator
from collections.abc import Callable, Generator
from typing import Any

__all__ = ["callback", "last"]


class _Called(io.IOBase):
    """A function that ``__exit__``, which is written in C, calls whatever its arguments are."""

    closed = True  # when this is freed, nothing is left to do

    def __init__(self, function: Callable[[], Any]) -> None:
        self.close = function  # type: ignore[method-assign]


def last(step: Callable[[], None]) -> Callable[..., None]:
    """Make an ``__exit__`` that takes a step to its end, if need be by taking it twice.

    Examples
    --------
    >>> leave = last(lambda: print("left"))
    >>> leave(None, None, None)
    left
    left
    """
    waiting = _twice(step)
    next(waiting)
    return _Called(waiting.close).__exit__


def _twice(step: Callable[[], None]) -> Generator[None, None, None]:
    try:
        try:
            yield
        finally:
            step()
    finally:  # Ctrl-C comes once
        step()


def callback(step: Callable[[], None]) -> Callable[..., Any]:
    """Make a callback that takes a step, and has a Ctrl-C that comes in between come again when it has ended.

    Examples
    --------
    >>> called = callback(lambda: print("called"))
    >>> _ = called("stop", {})
    called
    """
    waiting = _again_and_again(step)
    next(waiting)()
    return _Called(map(operator.call, waiting).__next__).__exit__


def _again_and_again(step: Callable[[], None]) -> Generator[Callable[[], Any], None, None]:
    """Take a step whenever this is resumed, and yield what is to be called then, from C."""
    then: Callable[[], Any] = int
    while True:
        try:
            while True:
                yield then
                then = int
                step()
        except KeyboardInterrupt:
            step()
            then = _thread.interrupt_main
