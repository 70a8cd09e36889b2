"""Locks that a forked process finds open, whichever thread of its parent held them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import ref

__all__ = ["lock", "reentrant_lock", "under"]

R = TypeVar("R")

_locks: set[ref[Any]] = set()  # each takes itself out, without a step in Python, when its lock is freed


def lock() -> Any:
    """Make a lock.

    Examples
    --------
    >>> with lock():
    ...     pass
    """
    return _entered(threading.Lock())


def reentrant_lock() -> Any:
    """Make a lock that its thread may take again."""
    return _entered(threading.RLock())


def under(held: Any, f: Callable[..., R], *args: Any) -> R:
    """Call a function while a lock is held.

    In one line, so that Ctrl-C comes before the lock is taken, inside the block, or after its end.

    Examples
    --------
    >>> under(lock(), max, 1, 2)
    2
    """
    with held: return f(*args)  # fmt: skip # noqa: E701


def _entered(made: Any) -> Any:
    _locks.add(ref(made, _locks.discard))
    return made


def _open() -> None:
    """Open all locks: the threads that held some of them are not in this process."""
    for made in [known() for known in [*_locks]]:
        if made is not None:
            made._at_fork_reinit()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_open)
