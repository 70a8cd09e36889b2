"""Operations on truths, entry by entry: what joins comparisons into one mask.

They are recorded as comparisons are, and no derivative flows through them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.graph.primitive import as_operand, pointwise
from autograd_core.wording.errors import DtypeError, describe
from autograd_core.wording.notation import ANY, ATOM, PREFIX, SUM, Notation

__all__ = [
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "invert",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
]


def _between(symbol: str, latex: str, numpy: str) -> Notation:
    """Between its operands, comparisons in brackets; in NumPy source a call."""
    return Notation(
        symbol,
        f"{{0}} {symbol} {{1}}",
        f"{{0}} {latex} {{1}}",
        f"np.{numpy}({{0}}, {{1}})",
        SUM,
        (PREFIX,),
        (ANY,),
        ATOM,
    )


def _before(symbol: str, latex: str, numpy: str) -> Notation:
    return Notation(
        symbol.strip(),
        f"{symbol}{{0}}",
        f"{latex} {{0}}",
        f"np.{numpy}({{0}})",
        PREFIX,
        (ATOM,),
        (ANY,),
        ATOM,
    )


@pointwise(None, None, notation=_between("and", r"\wedge", "logical_and"), ufunc=np.logical_and)
def logical_and(a: Any, b: Any) -> Any:
    """Tell where both hold; a number holds unless it is 0.

    Examples
    --------
    >>> x = np.array([0.5, 1.0, 1.5])
    >>> logical_and(x > 0.7, x < 1.2)
    array([False,  True, False])
    """


@pointwise(None, None, notation=_between("or", r"\vee", "logical_or"), ufunc=np.logical_or)
def logical_or(a: Any, b: Any) -> Any:
    """Tell where one of both holds, or both; a number holds unless it is 0.

    Examples
    --------
    >>> x = np.array([0.5, 1.0, 1.5])
    >>> logical_or(x < 0.7, x > 1.2)
    array([ True, False,  True])
    """


@pointwise(None, None, notation=_between("xor", r"\veebar", "logical_xor"), ufunc=np.logical_xor)
def logical_xor(a: Any, b: Any) -> Any:
    """Tell where just one of both holds; a number holds unless it is 0.

    Examples
    --------
    >>> logical_xor(np.array([True, True]), np.array([True, False]))
    array([False,  True])
    """


@pointwise(None, notation=_before("not ", r"\neg", "logical_not"), ufunc=np.logical_not)
def logical_not(x: Any) -> Any:
    """Tell where it does not hold; a number holds unless it is 0.

    Examples
    --------
    >>> logical_not(np.array([0.0, 2.0]))
    array([ True, False])
    """


@pointwise(None, None, notation=_between("&", r"\mathbin{{\&}}", "bitwise_and"), ufunc=np.bitwise_and)
def _bitwise_and(a: Any, b: Any) -> Any:
    """Forward: NumPy's."""


@pointwise(None, None, notation=_between("|", r"\mathbin{{|}}", "bitwise_or"), ufunc=np.bitwise_or)
def _bitwise_or(a: Any, b: Any) -> Any:
    """Forward: NumPy's."""


@pointwise(None, None, notation=_between("xor", r"\oplus", "bitwise_xor"), ufunc=np.bitwise_xor)
def _bitwise_xor(a: Any, b: Any) -> Any:
    """Forward: NumPy's."""


@pointwise(None, notation=_before("~", r"\mathord{{\sim}}", "invert"), ufunc=np.invert)
def _invert(x: Any) -> Any:
    """Forward: NumPy's."""


def bitwise_and(a: Any, b: Any) -> Any:
    """Tell where both hold, ``a & b``; of whole numbers, take the bits that both have.

    Raises
    ------
    DtypeError
        An operand holds floating-point numbers, as where a comparison lacks its brackets: ``x > 0 & x < 1``.

    Examples
    --------
    >>> x = np.array([0.5, 1.0, 1.5])
    >>> bitwise_and(x > 0.7, x < 1.2)
    array([False,  True, False])
    """
    return _bitwise_and(*_discrete("bitwise_and", "&", "logical_and", a, b))


def bitwise_or(a: Any, b: Any) -> Any:
    """Tell where one of both holds, or both, ``a | b``; of whole numbers, take the bits that one has.

    Raises
    ------
    DtypeError
        An operand holds floating-point numbers.

    Examples
    --------
    >>> bitwise_or(np.array([True, False]), np.array([False, False]))
    array([ True, False])
    """
    return _bitwise_or(*_discrete("bitwise_or", "|", "logical_or", a, b))


def bitwise_xor(a: Any, b: Any) -> Any:
    """Tell where just one of both holds, ``a ^ b``; of whole numbers, take the bits that just one has.

    Raises
    ------
    DtypeError
        An operand holds floating-point numbers; a power is ``a ** b``.

    Examples
    --------
    >>> bitwise_xor(np.array([True, True]), np.array([False, True]))
    array([ True, False])
    """
    return _bitwise_xor(*_discrete("bitwise_xor", "^", "logical_xor", a, b))


def invert(x: Any) -> Any:
    """Tell where it does not hold, ``~x``; of whole numbers, turn every bit.

    Raises
    ------
    DtypeError
        The operand holds floating-point numbers.

    Examples
    --------
    >>> invert(np.array([True, False]))
    array([False,  True])
    """
    return _invert(*_discrete("invert", "~", "logical_not", x))


def _discrete(name: str, symbol: str, truths: str, *operands: Any) -> tuple[Any, ...]:
    """The operands, none of them of floating dtype."""
    arrays = tuple(map(as_operand, operands))
    for x in arrays:
        if x.dtype.kind == "f":
            power = "; a power is written **" if symbol == "^" else ""
            raise DtypeError(
                f"{name}: {describe(x)} is {x.dtype}, and {symbol} is for truths and whole numbers; put "
                f"comparisons in brackets, as in (x > 0) & (x < 1), or take numbers for truths with "
                f"autograd_core.{truths}{power}"
            )
    return arrays
