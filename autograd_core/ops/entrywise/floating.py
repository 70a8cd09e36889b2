"""What forwards and slopes have to know about the numbers that they are given: their dtype and its limits."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from autograd_core.graph.primitive import Rule

__all__ = ["doubled", "floating", "least", "mended", "most", "unit", "widened"]

_HALF, _SINGLE, _DOUBLE = (np.dtype(t) for t in (np.float16, np.float32, np.float64))
_KINDS = {_HALF, _SINGLE, _DOUBLE, np.dtype(np.longdouble)}


def floating(x: Any) -> Any:
    """The same numbers as an array of floating dtype, their own if they have one."""
    return x if getattr(x, "dtype", None) in _KINDS else np.asarray(x, np.result_type(x, 0.0))


def least(x: Any) -> float:
    """The smallest entry, in a third of the time of `min`; NaN before any, infinity if there is none."""
    return x.item(x.argmin()) if x.size else math.inf


def most(x: Any) -> float:
    """The largest entry, likewise."""
    return x.item(x.argmax()) if x.size else -math.inf


def mended(out: Any, wrong: Any, better: Rule, *args: Any) -> Any:
    """Compute some entries of a fresh array again, by a function that is right there and costs more."""
    if not out.ndim:
        return better(*args) if wrong else out
    [places] = wrong.ravel().nonzero()
    if places.size:
        out.put(places, better(*[x.take(places) for x in args]))
    return out


def unit(sizes: Any) -> Any:
    """Powers of two to divide by before squares are taken: 1 unless sizes are very large or small."""
    exponents = np.frexp(sizes)[1]
    limit = np.finfo(sizes.dtype).maxexp
    safe = np.abs(exponents) < limit // 4
    return np.ldexp(sizes.dtype.type(1), np.where(safe, 0, np.clip(exponents, 8 - limit, limit - 2)))


def widened(f: Rule) -> Rule:
    """Compute in single precision what is asked for in half, whose range ends at 65504 and at 6e-8."""
    return _through(f, {_HALF}, _SINGLE)


def doubled(f: Rule) -> Rule:
    """Compute in double precision what is asked for in single or half: cheaper than care for every digit."""
    return _through(f, {_HALF, _SINGLE}, _DOUBLE)


def _through(f: Rule, narrow: set[np.dtype[Any]], wide: np.dtype[Any]) -> Rule:
    @functools.wraps(f)
    def g(*args: Any, **params: Any) -> Any:
        if not any(getattr(x, "dtype", None) in narrow for x in args):
            return f(*args, **params)
        dtype = np.result_type(*(x.dtype for x in args if hasattr(x, "dtype")))
        if dtype not in narrow:
            return f(*args, **params)
        out = f(*(x.astype(wide) if hasattr(x, "dtype") else x for x in args), **params)
        return out.astype(dtype)

    return g
