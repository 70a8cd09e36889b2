"""The sizes of the notes' matrices: each formula says which it takes, and is given no others."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autograd_core.wording.errors import DtypeError, ShapeError, describe

__all__ = ["matrix", "sized"]

F = TypeVar("F", bound=Callable[..., Any])


def matrix(value: Any, what: str, *, number: bool = False) -> Any:
    """Take an array of two axes, or where that fits as well, a number.

    Raises
    ------
    ShapeError
        It has not two.
    DtypeError
        No array of real numbers.

    Examples
    --------
    >>> matrix([[1.0, 2.0]], "linear: W")
    array([[1., 2.]])
    """
    try:
        x = value if hasattr(value, "shape") and hasattr(value, "dtype") else np.asarray(value)
    except ValueError:
        raise ShapeError(f"{what} is {value!r:.60}, wanted a matrix") from None
    if np.dtype(x.dtype).kind not in "fiub" or hasattr(x, "mask"):
        raise DtypeError(f"{what} is {value!r:.60}, wanted a matrix of real numbers")
    if len(x.shape) != 2 and not (number and not x.shape):
        raise ShapeError(f"{what} has shape {x.shape}, wanted a matrix")
    return x


def sized(**sizes: str) -> Callable[[F], F]:
    """Declare the sizes of the matrices that a formula takes, by the letters of the notes.

    Parameters
    ----------
    **sizes : str
        For each parameter its rows and columns, ``"n m"``; the same letter is the same size. With a question
        mark behind them a number will do, and an empty text stands for one.

    Examples
    --------
    >>> @sized(W="n n_prev", A_prev="n_prev m")
    ... def product(W, A_prev):
    ...     return W @ A_prev
    >>> product([[1.0, 2.0]], [[3.0, 4.0]])
    Traceback (most recent call last):
    autograd_core.ShapeError: product: A_prev has shape (1, 2), wanted (n_prev, m) with n_prev = 2
    """

    def declare(f: F) -> F:
        signature, name = inspect.signature(f), f.__name__

        @functools.wraps(f)
        def formula(*args: Any, **kwargs: Any) -> Any:
            try:
                given = signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{name}: {error}") from None
            known = {"1": 1}
            for parameter, letters in sizes.items():
                value, what = given.arguments[parameter], f"{name}: {parameter}"
                given.arguments[parameter] = _fitting(value, what, letters, known)
            try:
                return f(*given.args, **given.kwargs)
            except (ValueError, ZeroDivisionError) as error:
                raise ShapeError(f"{name}: {', '.join(map(describe, given.args))}: {error}") from None

        return formula  # type: ignore[return-value]

    return declare


def _fitting(value: Any, what: str, letters: str, known: dict[str, int]) -> Any:
    """Take a matrix whose sizes are those of its letters; new ones become known."""
    if not letters:
        if not isinstance(value, int | float | np.number | np.bool_):
            raise DtypeError(f"{what} is {value!r:.60}, wanted a number")
        return value
    x, wanted = matrix(value, what, number="?" in letters), letters.rstrip("?").split()
    if wrong := [letter for letter, n in zip(wanted, x.shape) if known.setdefault(letter, n) != n]:
        said = " and ".join(f"{letter} = {known[letter]}" for letter in wrong if letter != "1")
        raise ShapeError(
            f"{what} has shape {x.shape}, wanted ({', '.join(wanted)}){said and f' with {said}'}"
        )
    return x
