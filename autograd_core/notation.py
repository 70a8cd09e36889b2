r"""How an operation is written: Unicode text, LaTeX and NumPy source.

An operation declares one `Notation`; `write` fills in its operands and brackets those that bind
too loosely. Nothing here knows what an operation computes.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

__all__ = [
    "ATOM",
    "COMPARISON",
    "MATRIX",
    "POWER",
    "PREFIX",
    "PRODUCT",
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
        params = {key: source(value) for key, value in params.items()}
    if callable(template):
        return Written(template(*filled, **params), binding)
    return Written(template.format(*filled, **params), binding)


def source(value: Any) -> str:
    """Write a parameter as Python source: an axis, a shape, a dtype, an index.

    >>> source((slice(0, 2), np.array([1, 1]), -np.inf))
    '(slice(0, 2, None), np.array([1, 1]), -np.inf)'
    """
    if isinstance(value, tuple):
        return f"({', '.join(map(source, value))}{',' * (len(value) == 1)})"
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()})" if value.size else f"np.zeros({value.shape}, np.{value.dtype})"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{'-' * (value < 0)}np.{abs(value)}"
    return f"np.{value}" if isinstance(value, np.dtype) else repr(value)


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

    def call(spelling: str) -> Template:
        def written(*operands: str, **params: Any) -> str:
            named = [f"{key}={value}" for key, value in params.items() if str(value) not in _UNSAID]
            return f"{spelling}({', '.join([*operands, *named])})"

        return written

    text = symbol or name
    return Notation(text, call(text), call(latex or rf"\mathrm{{{name}}}"), call(numpy or f"np.{name}"))


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


_INDEXED = re.compile(r"(?P<stem>[^\W\d_]+)\[(?P<index>\w+)\]\Z")
_LATEX_SPECIAL = str.maketrans({c: f"\\{c}" for c in "#$%&_{}"} | {"\\": r"\backslash ", "^": r"\hat{}"})


def spell(name: str, dialect: Dialect) -> str:
    r"""Spell a tensor's name in a dialect: ``W[1]`` is an index in code and a superscript in print.

    >>> spell("W[1]", "text"), spell("W[1]", "latex"), spell("W[1]", "numpy")
    ('W[1]', 'W^{[1]}', 'W1')
    """
    if dialect == "text":
        return name
    found = _INDEXED.match(name)
    if dialect == "latex":
        return f"{found['stem']}^{{[{found['index']}]}}" if found else name.translate(_LATEX_SPECIAL)
    if found:
        return f"{found['stem']}{found['index']}"
    plain = re.sub(r"\W", "_", name)
    return (
        f"{plain}_"
        if keyword.iskeyword(plain)
        else plain
        if not plain[:1].isdigit() or plain == name == "1"
        else f"_{plain}"
    )
