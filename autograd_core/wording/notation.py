r"""How an operation is written: Unicode text, LaTeX and NumPy source.

An operation declares one `Notation`; `write` fills in its operands and brackets those that bind
too loosely. Nothing here knows what an operation computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from keyword import iskeyword
from types import EllipsisType
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_core.wording.errors import OptionError
from autograd_core.wording.identifiers import Identifiers, name_of, printable, quoted
from autograd_core.wording.latex import latex_name, latex_word

__all__ = [
    "ANY",
    "ATOM",
    "COMPARISON",
    "MATRIX",
    "POWER",
    "PREFIX",
    "PRODUCT",
    "SPELL_IT",
    "SUM",
    "Dialect",
    "Notation",
    "Written",
    "applied",
    "infix",
    "postfix",
    "prefix",
    "reduction",
    "source",
    "spell",
    "write",
]

Dialect = Literal["text", "latex", "numpy"]
Template = str | Callable[..., str]

# Binding strength: an operand that binds more loosely than its place asks for gets brackets.
ANY, COMPARISON, SUM, PREFIX, PRODUCT, MATRIX, POWER, ATOM = range(8)

SPELL_IT = (
    "declare the operation with a notation whose `numpy` spells it out, such as '1 / (1 + np.exp(-{0}))'"
)

_BRACKETS: dict[Dialect, tuple[str, str]] = {
    "text": ("(", ")"),
    "latex": (r"\left(", r"\right)"),
    "numpy": ("(", ")"),
}


class Written(NamedTuple):
    """A piece of notation, and how strongly its outermost operation binds."""

    text: str
    binding: int = ATOM


class Notation(NamedTuple):
    """How one operation is written.

    Attributes
    ----------
    symbol : str
        What stands for it in a picture: ``@``, ``⊙``, ``tanh``.
    text, latex, numpy : str or function
        A format string with ``{0}``, ``{1}`` for the operands and names for the parameters, or a
        function of both that returns the finished string.
    binding : int
        How strongly the result binds.
    operands : tuple of int
        The least binding each operand needs to stand without brackets; the last one repeats.
    numpy_operands : tuple of int, optional
        The same in NumPy source, where ``*``, ``/`` and ``@`` bind alike, from the left.
    numpy_binding : int, optional
        How strongly the result binds in NumPy source, where a sum over an axis is a call.
    """

    symbol: str
    text: Template
    latex: Template
    numpy: Template
    binding: int = ATOM
    operands: tuple[int, ...] = (ANY,)
    numpy_operands: tuple[int, ...] | None = None
    numpy_binding: int | None = None


def write(
    notation: Notation, dialect: Dialect, operands: Sequence[Written], params: Mapping[str, Any]
) -> Written:
    """Write an operation applied to operands that are already written.

    >>> plus, times = infix("+", SUM), infix("⊙", PRODUCT)
    >>> total = write(plus, "text", [Written("A"), Written("B")], {})
    >>> write(times, "text", [total, Written("C")], {}).text
    '(A + B) ⊙ C'
    """
    needs, binding = notation.operands, notation.binding
    if dialect == "numpy":
        needs = notation.numpy_operands or needs
        binding = binding if notation.numpy_binding is None else notation.numpy_binding
    left, right = _BRACKETS[dialect]
    filled = [
        operand.text if operand.binding >= needs[min(i, len(needs) - 1)] else left + operand.text + right
        for i, operand in enumerate(operands)
    ]
    template: Template = getattr(notation, dialect)
    if dialect == "numpy":
        params = {_keyword(key): source(value) for key, value in params.items()}
    elif not callable(template):
        params = {key: _SAY[dialect](x) if isinstance(x, str) else x for key, x in params.items()}
    if callable(template):
        return Written(template(*filled, **params), binding)
    return Written(template.format(*filled, **params), binding)


_SAY: dict[Dialect, Callable[[object], str]] = {"text": printable, "latex": latex_word}


def _keyword(key: str) -> str:
    if key.isidentifier() and not iskeyword(key):
        return key
    raise OptionError(f"source: {printable(key)!r} is no name of a parameter")


def source(value: Any) -> str:
    """Write a parameter as Python source: an axis, a shape, a dtype, an index.

    Only what is known to be data is written, by its own type's hand; the rest is refused.

    Raises
    ------
    OptionError
        It is something else, whose text could say anything.

    Examples
    --------
    >>> source((slice(0, 2), np.array([1, 1]), -np.inf))
    '(slice(0, 2, None), np.array([1, 1]), -np.inf)'
    """
    match value:
        case tuple():
            return f"({', '.join(map(source, value))}{',' * (len(value) == 1)})"
        case list():
            return f"[{', '.join(map(source, value))}]"
        case slice():
            return f"slice({', '.join(map(source, (value.start, value.stop, value.step)))})"
        case np.ndarray() if value.dtype.kind in "biuf":
            inside = f"np.array({source(value.tolist())})"
            return inside if value.size else f"np.zeros({value.shape}, np.{value.dtype.name})"
        case np.dtype() if value.kind in "biuf":
            return f"np.{value.name}"
        case np.generic() if value.dtype.kind in "biuf":
            return source(value.item())
        case None | bool() | EllipsisType():
            return repr(value)
        case int():
            return int.__repr__(value)
        case float():
            return (
                f"{'-' * (value < 0)}np.{abs(value)}" if not math.isfinite(value) else float.__repr__(value)
            )
        case str():
            return quoted(value)
    raise OptionError(
        f"source: a parameter that is a {name_of(type(value))} has no spelling in NumPy; give the operation "
        "numbers, text, tuples, slices, dtypes or arrays"
    )


def infix(
    symbol: str,
    binding: int,
    *,
    text: str | None = None,
    latex: str | None = None,
    numpy: str | None = None,
    associative: bool = True,
) -> Notation:
    """Between its operands: ``A + B``. A minus needs brackets around a sum on its right."""
    tighter = POWER if binding >= PRODUCT else PRODUCT if binding == SUM else binding + 1

    def between(spelling: str | None) -> str:
        spelt = symbol if spelling is None else spelling
        return f"{{0}} {spelt} {{1}}" if spelt else "{0} {1}"

    return Notation(
        symbol,
        between(text),
        between(latex),
        between(numpy),
        binding,
        (binding, binding if associative else tighter),
        (min(binding, PRODUCT), tighter if binding >= PRODUCT or not associative else binding),
    )


def prefix(symbol: str, *, latex: str | None = None, numpy: str | None = None) -> Notation:
    """Before its operand: ``-A``."""
    return Notation(
        symbol,
        f"{symbol}{{0}}",
        f"{latex or symbol}{{0}}",
        f"{numpy or symbol}{{0}}",
        PREFIX,
        (PRODUCT,),
    )


def postfix(symbol: str, *, latex: str, numpy: str) -> Notation:
    """Behind its operand: ``Aᵀ``."""
    behind = latex.replace("{", "{{").replace("}", "}}")
    return Notation(symbol, f"{{0}}{symbol}", f"{{0}}{behind}", f"{{0}}{numpy}", ATOM, (ATOM,))


_UNSAID = ("None", "False")


def applied(
    name: str, *, symbol: str | None = None, latex: str | None = None, numpy: str | None = None
) -> Notation:
    r"""As a function of its operands: ``tanh(Z)``; parameters follow by name.

    >>> write(applied("max"), "text", [Written("Z")], {"axis": 0}).text
    'max(Z, axis=0)'
    """
    name = printable(name)

    def in_text(*operands: str, **params: Any) -> str:
        return f"{text}({', '.join([*operands, *_said(params, 'text')])})"

    def in_latex(*operands: str, **params: Any) -> str:
        return f"{latex or latex_word(name)}({', '.join([*operands, *_said(params, 'latex')])})"

    def in_numpy(*operands: str, **params: str) -> str:
        if numpy is None and not all(part.isidentifier() and not iskeyword(part) for part in name.split(".")):
            raise OptionError(f"source: {name!r} is no name that NumPy could have; {SPELL_IT}")
        named = [f"{key}={value}" for key, value in params.items() if value not in _UNSAID]
        return f"{numpy or f'np.{name}'}({', '.join([*operands, *named])})"

    text = symbol or name
    return Notation(text, in_text, in_latex, in_numpy)


def _said(params: Mapping[str, Any], dialect: Dialect) -> Iterator[str]:
    """Write parameters for a reader, on one line whatever they are."""
    for key, value in params.items():
        text = " ".join(str(value).split())
        if text not in _UNSAID:
            yield _SAY[dialect](f"{key}={text}")


def reduction(symbol: str, *, latex: str, numpy: str) -> Notation:
    r"""Over axes: ``Σ_axis=1 Z``.

    >>> sigma = reduction("Σ", latex=r"\sum", numpy="np.sum")
    >>> write(sigma, "text", [Written("dZ")], {"axis": (1,), "keepdims": True}).text
    'Σ_axis=1 dZ'
    """

    def text(operand: str, axis: tuple[int, ...] | None = None, **_: Any) -> str:
        return f"{symbol} {operand}" if axis is None else f"{symbol}_axis={_axes(axis)} {operand}"

    def tex(operand: str, axis: tuple[int, ...] | None = None, **_: Any) -> str:
        limits = "" if axis is None else rf"_{{\text{{axis}}={_axes(axis)}}}"
        return f"{latex}{limits} {operand}"

    def source(operand: str, axis: tuple[int, ...] | None = None, keepdims: bool = True, **_: Any) -> str:
        return f"{numpy}({operand}, axis={axis}, keepdims={keepdims})"

    return Notation(symbol, text, tex, source, PREFIX, (PRODUCT,), (ANY,), ATOM)


def _axes(axis: tuple[int, ...]) -> str:
    return ",".join(map(str, axis))


def spell(name: str, dialect: Dialect) -> str:
    r"""Spell a tensor's name in a dialect: ``W[1]`` is an index in code and a superscript in print.

    >>> spell("W[1]", "text"), spell("W[1]", "latex"), spell("W[1]", "numpy")
    ('W[1]', 'W^{[1]}', 'W1')
    """
    return _SPELL[dialect](name)


_SPELL: dict[Dialect, Callable[[str], str]] = {
    "text": printable,
    "latex": latex_name,
    "numpy": lambda name: Identifiers()(name),
}
