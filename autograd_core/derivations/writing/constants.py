"""Numbers as a person writes them: 1/3 for 0.333333, √2 for 1.41421, 10⁻⁵ for 1e-05."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

__all__ = ["Numeral", "numeral", "superscript"]

_LARGEST = 1000  # of the whole numbers in a fraction; larger ones fit any number by accident
_EXACT = 8 * 2.0**-52  # how far apart two results of the same arithmetic may be, relative to their size
_RAISED = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")


class Numeral(NamedTuple):
    """What stands above and below the line of a fraction; nothing below a number without one."""

    above: str
    below: str = ""


def numeral(value: float, latex: bool = False) -> Numeral:
    r"""Write a number that is not negative.

    Fractions of whole numbers, of their roots and of π are recognised where they are exact to rounding; other
    numbers are given to six digits.

    Examples
    --------
    >>> numeral(1 / 3), numeral(0.5 ** 0.5), numeral(0.01), numeral(2.5e-7)
    (Numeral(above='1', below='3'), Numeral(above='1', below='√2'), Numeral(above='0.01', below=''),
    Numeral(above='2.5·10⁻⁷', below=''))
    >>> numeral(math.sqrt(3 / math.pi), latex=True)
    Numeral(above='\\sqrt{3}', below='\\sqrt{\\pi}')
    """
    text = f"{value:.6g}"
    if not math.isfinite(value):
        return Numeral({"inf": r"\infty" if latex else "∞"}.get(text, text))
    if _same(value, 0.5):
        return Numeral("1", "2")
    if "e" in text:
        return Numeral(_scientific(text, latex))
    if _same(float(text), value) and len(text) <= 6:
        return Numeral(text)
    pi = r"\pi" if latex else "π"
    if found := _fraction(value):
        return Numeral(*_over(found, str))
    if found := _fraction(value / math.pi):
        above = pi if found.numerator == 1 else rf"{found.numerator} {pi}"
        return Numeral(above, "" if found.denominator == 1 else str(found.denominator))
    if found := _fraction(value * value):
        return Numeral(*_over(found, lambda n: _root(n, "", latex)))
    if found := _fraction(value * value * math.pi):
        return Numeral(_root(found.numerator, "", latex), _root(found.denominator, pi, latex))
    return Numeral(text)


def superscript(text: str) -> str:
    """Raise the digits of a number.

    >>> superscript("-12")
    '⁻¹²'
    """
    return text.translate(_RAISED)


def _fraction(value: float) -> Fraction | None:
    if not 1 / _LARGEST <= value <= _LARGEST:
        return None
    found = Fraction(value).limit_denominator(_LARGEST)
    return found if found.numerator <= _LARGEST and _same(float(found), value) else None


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= _EXACT * abs(b)


def _over(found: Fraction, spell: Callable[[int], str]) -> tuple[str, str]:
    """Both sides of the line, spelt; nothing below where that is 1."""
    return spell(found.numerator), "" if found.denominator == 1 else spell(found.denominator)


def _root(n: int, times: str, latex: bool) -> str:
    """The root of a whole number times π, or times nothing."""
    whole = math.isqrt(n)
    if not times and whole * whole == n:
        return str(whole)
    inside = times if times and n == 1 else f"{n} {times}".strip() if latex else f"{n}{times}"
    if latex:
        return rf"\sqrt{{{inside}}}"
    return f"√({inside})" if times and n != 1 else f"√{inside}"


def _scientific(text: str, latex: bool) -> str:
    digits, _, exponent = text.partition("e")
    power = rf"10^{{{int(exponent)}}}" if latex else f"10{superscript(str(int(exponent)))}"
    if digits == "1":
        return power
    return rf"{digits} \cdot {power}" if latex else f"{digits}·{power}"
