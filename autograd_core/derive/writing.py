"""Terms in print: Unicode text, LaTeX and NumPy source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd_core.derive.terms import Term, walk
from autograd_core.notation import (
    ATOM,
    MATRIX,
    POWER,
    PREFIX,
    PRODUCT,
    SUM,
    Dialect,
    Written,
    spell,
    write,
)
from autograd_core.primitive import PRIMITIVES

__all__ = ["written"]


def written(term: Term, dialect: Dialect = "text") -> str:
    r"""Write a term.

    Examples
    --------
    >>> from autograd_core.derive.terms import Algebra
    >>> algebra = Algebra()
    >>> A, Y, m = algebra.symbol("A[2]", (3, 7)), algebra.symbol("Y", (3, 7)), algebra.symbol("m", ())
    >>> dZ = algebra.multiply(algebra.add(A, algebra.negative(Y)), algebra.power(m, -1))
    >>> print(written(dZ), written(dZ, "latex"), written(dZ, "numpy"), sep="; ")
    (A[2] − Y) / m; \frac{1}{m} \left(A^{[2]} - Y\right); (A2 - Y) / m
    """
    done: dict[int, Written] = {}
    for part in walk(term):
        done[id(part)] = _part(part, dialect, done)
    return done[id(term)].text


def _part(part: Term, dialect: Dialect, done: Mapping[int, Written]) -> Written:
    match part.head:
        case "symbol":
            return Written(spell(part.params["name"], dialect))
        case "number":
            return _number(part.params["value"], dialect)
        case "add":
            return _sum(part, dialect, done)
        case "multiply":
            return _product(part, dialect, done)
        case "power":
            return _power(part, dialect, done)
        case "matmul":
            texts = [_bracketed(done[id(arg)], MATRIX, dialect) for arg in part.args]
            return Written((" @ " if dialect == "numpy" else " ").join(texts), _tight(MATRIX, dialect))
    operands = [done[id(arg)] for arg in part.args]
    return write(PRIMITIVES[part.head].notation, dialect, operands, part.params)


def _tight(binding: int, dialect: Dialect) -> int:
    """In NumPy source a matrix product binds like any other."""
    return PRODUCT if dialect == "numpy" else binding


def _number(value: float, dialect: Dialect) -> Written:
    text = f"{value:.6g}"
    if dialect != "numpy" and value < 0:
        return Written(f"−{text[1:]}" if dialect == "text" else text, PREFIX)
    return Written(repr(int(value) if value == int(value) else value) if dialect == "numpy" else text, ATOM)


def _sum(part: Term, dialect: Dialect, done: Mapping[int, Written]) -> Written:
    """Positive terms first; a negative one is subtracted."""
    pieces = [_signed(arg, dialect, done) for arg in part.args]
    pieces.sort(key=lambda piece: piece[0])
    minus = "−" if dialect == "text" else "-"
    text = ""
    for negative, piece in pieces:
        inner = _bracketed(piece, PREFIX if not negative else PRODUCT, dialect)
        if text:
            text += f" {minus if negative else '+'} {inner}"
        else:
            text = f"{minus}{inner}" if negative else inner
    return Written(text, SUM)


def _signed(arg: Term, dialect: Dialect, done: Mapping[int, Written]) -> tuple[bool, Written]:
    """Whether an addend is negative, and how it is written without its sign."""
    if arg.head == "number":
        value = arg.params["value"]
        return value < 0, _number(abs(value), dialect)
    if arg.head == "multiply" and arg.args[0].head == "number" and arg.args[0].params["value"] < 0:
        return True, _product(arg, dialect, done, sign=False)
    return False, done[id(arg)]


def _product(part: Term, dialect: Dialect, done: Mapping[int, Written], sign: bool = True) -> Written:
    """Numbers and scalars in front, then arrays; what has a negative power below a line."""
    number = part.args[0].params["value"] if part.args[0].head == "number" else 1.0
    others = [arg for arg in part.args if arg.head != "number"]
    above = [arg for arg in others if not _below(arg)]
    below = [_inverted(arg, dialect, done) for arg in others if _below(arg)]
    scalars_below = all(not arg.shape for arg in others if _below(arg))
    front = [done[id(arg)] for arg in above if not arg.shape]
    arrays = [done[id(arg)] for arg in above if arg.shape]
    if abs(number) != 1 or not (front or arrays):
        front.insert(0, _number(abs(number), dialect))
    minus = ("−" if dialect == "text" else "-") if sign and number < 0 else ""
    if dialect == "latex":
        text = _latex_product(front, arrays, below, scalars_below)
    else:
        text = _line_product(front, arrays, below, dialect)
    return Written(minus + text, PREFIX if minus else PRODUCT)


def _line_product(
    front: Sequence[Written], arrays: Sequence[Written], below: Sequence[Written], dialect: Dialect
) -> str:
    times, scalar = (" * ", " * ") if dialect == "numpy" else (" ⊙ ", " ")
    text = scalar.join(_bracketed(piece, POWER, dialect) for piece in front)
    product = times.join(
        _bracketed(piece, POWER if dialect == "numpy" else MATRIX, dialect) for piece in arrays
    )
    if len(arrays) == 1 and not front and not below:
        product = arrays[0].text
    text = scalar.join(filter(None, [text, product]))
    for piece in below:
        text += f" / {_bracketed(piece, POWER, dialect)}"
    return text


def _latex_product(
    front: Sequence[Written], arrays: Sequence[Written], below: Sequence[Written], scalars_below: bool
) -> str:
    line = r" \odot ".join(piece.text for piece in below)
    if not below or scalars_below:
        scalar = " ".join(_bracketed(piece, POWER, "latex") for piece in front)
        if below:
            scalar = rf"\frac{{{scalar or 1}}}{{{line}}}"
        product = r" \odot ".join(_bracketed(piece, MATRIX, "latex") for piece in arrays)
        return " ".join(filter(None, [scalar, product]))
    scalar = " ".join(_bracketed(piece, POWER, "latex") for piece in front)
    product = r" \odot ".join(_bracketed(piece, MATRIX, "latex") for piece in arrays)
    return rf"\frac{{{' '.join(filter(None, [scalar, product])) or 1}}}{{{line}}}"


def _below(arg: Term) -> bool:
    return arg.head == "power" and arg.params["exponent"] < 0


def _inverted(arg: Term, dialect: Dialect, done: Mapping[int, Written]) -> Written:
    """The denominator that a negative power stands for."""
    return _raised(done[id(arg.args[0])], -arg.params["exponent"], dialect)


def _power(part: Term, dialect: Dialect, done: Mapping[int, Written]) -> Written:
    exponent = part.params["exponent"]
    base = done[id(part.args[0])]
    if exponent < 0:
        below = _raised(base, -exponent, dialect)
        if dialect == "latex":
            return Written(rf"\frac{{1}}{{{below.text}}}", ATOM)
        return Written(f"1 / {_bracketed(below, POWER, dialect)}", PRODUCT)
    return _raised(base, exponent, dialect)


def _raised(base: Written, exponent: float, dialect: Dialect) -> Written:
    if exponent == 1:
        return base
    inner = _bracketed(base, ATOM, dialect)
    if dialect == "numpy":
        return Written(f"{inner}**{exponent}", POWER)
    if dialect == "latex":
        return Written(rf"{{{inner}}}^{{{exponent}}}", POWER)
    return Written(f"{inner}{'²' if exponent == 2 else f'^{exponent:g}'}", POWER)


def _bracketed(piece: Written, least: int, dialect: Dialect) -> str:
    if piece.binding >= least:
        return piece.text
    return rf"\left({piece.text}\right)" if dialect == "latex" else f"({piece.text})"
