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

from autograd_core.wording.identifiers import name_of, printable, printable_lines, text_of

__all__ = [
    "AutogradError",
    "DataError",
    "DtypeError",
    "GraphError",
    "IndexingError",
    "MismatchError",
    "MissingKeyError",
    "NonFiniteError",
    "OptionError",
    "ShapeError",
    "SizeError",
    "describe",
    "no_tensor",
    "one_of",
    "unknown_key",
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


class IndexingError(AutogradError, IndexError):
    """A position that an array does not have, or an index that is none."""


class SizeError(AutogradError, MemoryError):
    """A result that does not fit into memory."""


class GraphError(AutogradError, RuntimeError):
    """The recorded graph cannot answer: nothing recorded, or changed since."""


class MismatchError(AutogradError, AssertionError):
    """A claimed gradient is not the derivative."""


class NonFiniteError(AutogradError, ArithmeticError):
    """A NaN, or an infinity where none may be."""


class OptionError(AutogradError, ValueError):
    """A name or a setting that does not exist."""


class MissingKeyError(OptionError, KeyError):
    """A key that a table of results does not have."""

    __str__ = Exception.__str__  # KeyError would put the message between quotes


class DataError(AutogradError, ValueError):
    """A data set or a data file that cannot be used as it is."""


for _error in (AutogradError, *AutogradError.__subclasses__(), MissingKeyError):
    _error.__module__ = "autograd_core"  # where people import it from, and what a traceback says


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
    return OptionError(f"unknown {what} {found!r:.60}: there are {', '.join(map(printable, names))}{hint}")


def unknown_key(what: str, found: object, known: Iterable[str]) -> MissingKeyError:
    """Build the same error for a key of a mapping, which is a KeyError too.

    >>> print(unknown_key("equation", "dw", ["J", "dW[1]"]))
    unknown equation 'dw': there are J, dW[1]
    """
    return MissingKeyError(str(unknown_option(what, found, known)))


def one_of(what: str, found: object, known: Iterable[str]) -> None:
    """Refuse what is not one of the names that there are.

    Raises
    ------
    OptionError
        Another name, or no name at all.

    Examples
    --------
    >>> one_of("mode", "full", ["full", "same"])
    """
    if not isinstance(found, str) or found not in known:
        raise unknown_option(what, found, known)
