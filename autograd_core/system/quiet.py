"""What NumPy does about divisions by zero, overflow and their kind while one function runs.

It is set in a context of the call's own: Ctrl-C, at whatever line it comes, cannot leave it set behind.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from contextvars import Context, copy_context
from typing import Any, TypeVar

import numpy as np

__all__ = ["quietly", "unwarned", "with_errors"]

R = TypeVar("R")


def with_errors(errors: Mapping[str, Any], f: Callable[..., R], *args: Any) -> R:
    """Call a function where NumPy does this about errors, as `np.seterr` takes it.

    What it sets in the context itself is forgotten at its end.

    Examples
    --------
    >>> with_errors({"divide": "ignore"}, np.log, 0.0)
    np.float64(-inf)
    """
    inside = copy_context()
    inside.run(functools.partial(np.seterr, **errors))
    return inside.run(f, *args)


def quietly(f: Callable[..., R], *args: Any) -> R:
    """Call a function where NumPy says nothing about infinities and NaN.

    Examples
    --------
    >>> quietly(np.divide, 0.0, 0.0)
    np.float64(nan)
    """
    return with_errors({"all": "ignore"}, f, *args)


_contexts = threading.local()  # one a thread, for no two can be in the same at a time


def unwarned(f: Callable[..., Any], *args: Any) -> Any:
    """The same for a function of NumPy's alone, in a tenth of the time.

    Parameters
    ----------
    f : function
        One of NumPy's: it runs in a context of its own, in which nothing is recorded.
    *args : arrays

    Examples
    --------
    >>> unwarned(np.cosh, np.array(1000.0))
    np.float64(inf)
    """
    try:
        run = _contexts.run
    except AttributeError:
        context = Context()
        context.run(np.seterr, all="ignore")
        run = _contexts.run = context.run
    return run(f, *args)
