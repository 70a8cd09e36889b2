"""What the engine raises, and how a message is worded.

A message says what was found, what was wanted and the likely fix, and calls the tensors by name; whatever
that is, the message holds no character that a terminal obeys. Every type is also the built-in one a caller
would expect to catch.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_core.identifiers import name_of, printable, printable_lines, text_of

__all__ = [
    "AutogradError",
    "DataError",
    "DtypeError",
    "GraphError",
    "MismatchError",
    "NonFiniteError",
    "OptionError",
    "ShapeError",
    "describe",
    "no_tensor",
    "unknown_option",
]


class AutogradError(Exception):
    """Base of everything this package raises on purpose."""

    def __init__(self, *args: object) -> None:
        super().__init__(*(printable_lines(x) if isinstance(x, str) else x for x in args))


class ShapeError(AutogradError, ValueError):
    """Shapes do not fit together."""


class DtypeError(AutogradError, TypeError):
    """The kind of number does not fit: integers, complex numbers, objects."""


class GraphError(AutogradError, RuntimeError):
    """The recorded graph cannot answer: nothing recorded, or changed since."""


class MismatchError(AutogradError, AssertionError):
    """A claimed gradient is not the derivative."""


class NonFiniteError(AutogradError, ArithmeticError):
    """A NaN, or an infinity where none may be."""


class OptionError(AutogradError, ValueError):
    """A name or a setting that does not exist."""


class DataError(AutogradError, ValueError):
    """A data set or a data file that cannot be used as it is."""


def describe(operand: Any) -> str:
    """Name an operand and its shape, for a message.

    >>> describe(np.zeros((2, 3)))
    'an array of shape (2, 3)'
    """
    shape = np.shape(getattr(operand, "value", operand))
    name = getattr(operand, "name", None)
    return f"{printable(name)} of shape {shape}" if name else f"an array of shape {shape}"


def no_tensor(wanted: str, found: object, call: str) -> DtypeError:
    """Build the error for a number or an array where a recorded tensor is wanted.

    >>> print(no_tensor("a picture is drawn of", 0.5, "viz.both(J)"))
    a picture is drawn of a tensor that was computed, and this is float; pass the cost itself, as in
    viz.both(J), not its number
    """
    return DtypeError(
        f"{wanted} a tensor that was computed, and this is {name_of(type(found))}; pass the cost itself, as "
        f"in {call}, not its number"
    )


def unknown_option(what: str, found: object, known: Iterable[str]) -> OptionError:
    """Build the error for a misspelt name: what there is, and the nearest.

    >>> print(unknown_option("activation", "thanh", ["relu", "tanh"]))
    unknown activation 'thanh': there are relu, tanh; did you mean 'tanh'?
    """
    names = sorted(map(text_of, known))
    found = text_of(found) if isinstance(found, str) else found
    near = difflib.get_close_matches(str(found), names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return OptionError(f"unknown {what} {found!r}: there are {', '.join(map(printable, names))}{hint}")
