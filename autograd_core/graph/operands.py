"""What an operand may be: a tensor, a number or an array of real numbers, and nothing beside its entries."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from autograd_core.graph.node import Node
from autograd_core.graph.recording import observers
from autograd_core.wording.errors import AutogradError, DtypeError, ShapeError, describe

__all__ = [
    "REAL",
    "as_factor",
    "as_operand",
    "lone",
    "noted",
    "plain_array",
    "real",
    "values_of",
    "without_derivative",
]

REAL = "fiub"  # kinds of dtype
_NUMBERS = (float, int)
_PLAIN = (float, int, str, Node)
_ndarray, _generic = np.ndarray, np.generic


def as_operand(x: Any) -> Any:
    """Take tensors and arrays as they are, and make an array of anything else.

    Raises
    ------
    DtypeError
        Not real numbers: complex ones, text, objects; or an array that is more than its entries, such as a
        masked one.
    ShapeError
        A list whose parts have different lengths.

    Examples
    --------
    >>> as_operand([1.0, 2.0])
    array([1., 2.])
    """
    return x if isinstance(x, Node) else _of_real_numbers(plain_array(x), x)


def as_factor(x: Any) -> Any:
    """Take an operand, and leave a Python number as it is: it takes the dtype of what it meets.

    Examples
    --------
    >>> as_factor(0.1), as_factor([0.1])
    (0.1, array([0.1]))
    """
    return x if type(x) in _NUMBERS else as_operand(x)


def values_of(x: Any) -> Any:
    """Take the values that decide on a shape, or that numbers are computed from at once.

    A tensor of a function that is being compiled refuses to show them; what else is read there is noted, as
    the program holds for these values alone.
    """
    noted(x)
    tensor: Any = x
    return tensor.data if isinstance(x, Node) else x


def without_derivative(x: Any, what: str) -> Any:
    """Take the values of an operand to which no derivative flows.

    Raises
    ------
    DtypeError
        A derivative by it is wanted.
    """
    x = as_operand(x)
    values = values_of(x)
    if isinstance(x, Node) and x.requires_grad:
        raise DtypeError(f"no derivative flows to {what}; pass the .data of {describe(x)}")
    return values


def noted(*operands: Any) -> None:
    """Tell who watches that from these values numbers are computed which are not recorded."""
    for observer in observers():
        for x in operands:
            observer.read(x)


def plain_array(x: Any) -> Any:
    """Make an array, of any dtype.

    Raises
    ------
    DtypeError
        A masked array, whose mask would be lost, a matrix, whose ``*`` means another thing, or a list of
        tensors, whose derivatives would be lost.
    ShapeError
        A list whose parts have different lengths.
    """
    if type(x) is _ndarray:
        return x
    _refuse_special(x)
    try:
        return np.asarray(x)
    except ValueError as error:
        if isinstance(error.__cause__, AutogradError):  # which NumPy covered
            raise error.__cause__ from None
        raise ShapeError(f"{x!r:.60} is no array: {error}") from None
    except DtypeError:  # from a tensor inside, whose derivative would be lost
        if isinstance(x, Node):
            raise
        raise DtypeError(
            f"a {type(x).__name__} that holds tensors is no array, and their derivatives would be lost; join "
            "them with autograd_core.stack, or autograd_core.concatenate"
        ) from None


def _refuse_special(x: Any, levels: int = 64) -> None:
    """Refuse arrays, in lists too, that are more than their entries."""
    if isinstance(x, np.matrix):
        raise DtypeError(
            "a np.matrix, whose * is a matrix product; pass np.asarray(M), for which that is written @"
        )
    if "numpy.ma" in sys.modules:  # else there are none
        if isinstance(x, np.ma.MaskedArray):
            raise DtypeError(
                "a masked array, whose mask would be lost; pass x.filled(value), or x.data and choose with "
                "autograd_core.where(x.mask, ..., ...)"
            )
        if isinstance(x, list | tuple):
            for part in x:
                if levels and not isinstance(part, _PLAIN):
                    _refuse_special(part, levels - 1)


def real(x: Any) -> Any:
    """Let plain real numbers and arrays of them pass, and make arrays of anything else."""
    if type(x) is not _ndarray and not isinstance(x, _generic):
        return x if type(x) in _NUMBERS else _of_real_numbers(plain_array(x), x)
    return x if x.dtype.kind in REAL else _of_real_numbers(x, x)


def lone(x: Any) -> Any:
    """The same for an only operand, which no other can tell what to do with a number beyond all dtypes."""
    if type(x) is int and not -(2**63) <= x < 2**64:
        raise DtypeError(f"the operand {x!r:.60} is beyond all whole numbers of NumPy; make it a float")
    return real(x)


def _of_real_numbers(value: Any, x: Any) -> Any:
    kind = value.dtype.kind
    if kind not in REAL:
        found = "an operand" if isinstance(x, _ndarray | _generic) else f"the operand {x!r:.60}"
        raise DtypeError(
            f"{found} has dtype {value.dtype}, where real numbers are wanted{_REMEDIES.get(kind, '')}"
        )
    return value


_REMEDIES = {  # by kind of dtype
    "c": "; compute with the real and imaginary parts",
    "O": "; np.asarray(x, float) makes numbers of objects",
    "U": "; np.asarray(x, float) reads numbers",
    "S": "; np.asarray(x, float) reads numbers",
    "M": "; (t - t[0]) / np.timedelta64(1, 's') counts seconds",
    "m": "; t / np.timedelta64(1, 's') counts seconds",
    "V": "; take its fields one by one",
}
