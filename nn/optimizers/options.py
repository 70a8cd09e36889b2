"""The settings of rules, schedules and metrics: which numbers each of them may be."""

from __future__ import annotations

from dataclasses import fields
from math import nan
from numbers import Integral, Real
from sys import float_info
from typing import Any

from autograd_core.wording.errors import OptionError

__all__ = ["Options", "checked"]

_POSITIVE = ("a number, positive and finite", lambda x: x > 0)
_AT_LEAST_0 = ("a number, at least 0 and finite", lambda x: x >= 0)
_SHARE = ("a number from 0 up to, but not including, 1", lambda x: 0 <= x < 1)
_COUNT = ("a whole number, 1 or more", lambda x: x >= 1 and x == int(x))

# One name means one thing everywhere.
_RANGES: dict[str, tuple[str, Any]] = {
    "learning_rate": _POSITIVE,
    "ds": _POSITIVE,
    "rate": _POSITIVE,
    "schedule": _POSITIVE,
    "factor": _POSITIVE,
    "every": _POSITIVE,
    "epsilon": _POSITIVE,
    "norm": _POSITIVE,
    "value": _POSITIVE,
    "weight_decay": _AT_LEAST_0,
    "final": _AT_LEAST_0,
    "decay": _AT_LEAST_0,
    "damping": _AT_LEAST_0,
    "tolerance": _AT_LEAST_0,
    "momentum": _SHARE,
    "beta": _SHARE,
    "beta1": _SHARE,
    "beta2": _SHARE,
    "steps": _COUNT,
    "iterations": _COUNT,
    "memory": _COUNT,
}
_RATES = ("learning_rate", "ds", "schedule")  # each may also be a function of the step count


def checked(owner: str, name: str, found: Any) -> Any:
    """Take a number for what its name says, as one of Python's own.

    Raises
    ------
    OptionError
        It is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> checked("Adam", "beta1", np.float32(0.5))
    0.5
    >>> checked("Adam", "beta1", 1)
    Traceback (most recent call last):
    autograd_core.OptionError: Adam(beta1=1): it must be a number from 0 up to, but not including, 1
    """
    wanted, allowed = _RANGES[name]
    x: Any = int(found) if isinstance(found, Integral) else float(found) if isinstance(found, Real) else nan
    if not (abs(x) <= float_info.max and allowed(x)):
        or_function = ", or a function of the step count" if name in _RATES else ""
        raise OptionError(f"{owner}({name}={found!r}): it must be {wanted}{or_function}")
    number = float(found)
    return int(number) if _RANGES[name] is _COUNT else number


class Options:
    """Base of frozen dataclasses whose fields with names from above are checked."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            found = getattr(self, field.name)
            left_out = found is None and field.default is None
            if field.name in _RANGES and not (left_out or (field.name in _RATES and callable(found))):
                object.__setattr__(self, field.name, checked(type(self).__name__, field.name, found))
