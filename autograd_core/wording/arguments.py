"""What a caller gives for a parameter, taken as it is meant, or an error that says what is wanted."""

from __future__ import annotations

import numbers
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from autograd_core.wording.errors import DtypeError, OptionError, ShapeError

__all__ = ["function", "instance", "is_sequence", "number", "text", "truth", "whole"]

T = TypeVar("T")


def whole(value: Any, what: str, wanted: str = "a whole number", *, truth: bool = False) -> int:
    """Take a whole number as it is; no fraction is cut off, no text read, and no truth counted as 1.

    Parameters
    ----------
    value : int, NumPy integer or array of one without axes
    what, wanted : str
        What the number is for, and what was to be given, for a message.
    truth : bool
        Take True for 1 and False for 0, as Python does.

    Raises
    ------
    DtypeError
        No whole number.
    ShapeError
        One beyond all sizes that an array can have.

    Examples
    --------
    >>> whole(np.int64(2), "roll: shift")
    2
    >>> whole(1.9, "roll: shift")
    Traceback (most recent call last):
    autograd_core.DtypeError: roll: shift is 1.9, wanted a whole number
    """
    if type(value) is not int:
        if isinstance(value, bool) and not truth:
            raise DtypeError(f"{what} is {value}, wanted {wanted}, no truth")
        try:
            value = operator.index(value)
        except TypeError:
            raise DtypeError(f"{what} is {value!r:.60}, wanted {wanted}") from None
    if not -sys.maxsize <= value <= sys.maxsize:
        raise ShapeError(f"{what} is beyond {sys.maxsize}, the largest size that an array can have")
    return int(value)


def number(value: Any, what: str, wanted: str = "a number") -> float:
    """Take a real number, as a Python one.

    Parameters
    ----------
    value : int, float, NumPy number or array of one without axes
    what, wanted : str
        What the number is for, and what was to be given, for a message.

    Raises
    ------
    DtypeError
        No real number.

    Examples
    --------
    >>> number(np.float32(0.5), "var: ddof")
    0.5
    >>> number("1", "var: ddof")
    Traceback (most recent call last):
    autograd_core.DtypeError: var: ddof is '1', wanted a number
    """
    if type(value) is float:
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, numbers.Integral):  # NumPy's integers and floats are of these kinds too
        if abs(exact := int(value)) <= sys.float_info.max:
            return exact
    elif isinstance(value, numbers.Real | np.bool_):
        return float(value)
    raise DtypeError(f"{what} is {value!r:.60}, wanted {wanted}")


def truth(value: Any, what: str) -> bool:
    """Take True or False, or a whole number for one of them.

    Raises
    ------
    DtypeError
        Something else, of which Python might think that it is true.

    Examples
    --------
    >>> truth(np.bool_(True), "sum: keepdims")
    True
    """
    if value is True or value is False:
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    return bool(whole(value, what, "True or False"))


def function(value: Any, what: str, wanted: str = "a function") -> Callable[..., Any]:
    """Take something that can be called.

    Raises
    ------
    OptionError
        It cannot.

    Examples
    --------
    >>> function(len, "grad: f")
    <built-in function len>
    """
    if not callable(value):
        raise OptionError(f"{what} is {value!r:.60}, wanted {wanted}")
    return value  # type: ignore[no-any-return]


def text(value: Any, what: str, wanted: str = "a text") -> str:
    """Take a text.

    Raises
    ------
    OptionError
        Something else.

    Examples
    --------
    >>> text("J", "source: name")
    'J'
    """
    if not isinstance(value, str):
        raise OptionError(f"{what} is {value!r:.60}, wanted {wanted}")
    return value


def instance(value: Any, kind: type[T], what: str, wanted: str) -> T:
    """Take an object of a class.

    Raises
    ------
    OptionError
        One of another class.

    Examples
    --------
    >>> instance({"a": 1.0}, dict, "compare: claimed", "a dict")
    {'a': 1.0}
    """
    if not isinstance(value, kind):
        raise OptionError(f"{what} is {value!r:.60}, wanted {wanted}")
    return value


def is_sequence(x: Any) -> bool:
    """Whether something holds others in order, a text not counted."""
    if isinstance(x, np.ndarray):
        return x.ndim > 0
    return type(x) is tuple or (isinstance(x, Sequence) and not isinstance(x, str | bytes))
