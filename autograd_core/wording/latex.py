r"""Names in LaTeX: what a TeX with amsmath, KaTeX and MathJax set as they are meant, and never obey."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograd_core.wording.identifiers import printable

__all__ = ["latex_name", "latex_word", "text_in", "times"]

_GREEK = {
    **dict(zip("αβγδεζηθ", ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"))),
    **dict(zip("ικλμνξπρ", ("iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho"))),
    **dict(zip("στυφχψω", ("sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"))),
}
_WORDS = {*_GREEK.values()}
_GREEK |= dict(zip("ΓΔΘΛΞ", ("Gamma", "Delta", "Theta", "Lambda", "Xi")))
_GREEK |= dict(zip("ΠΣΦΨΩ", ("Pi", "Sigma", "Phi", "Psi", "Omega")))
_NAME = re.compile(
    rf"(?P<d>d?)(?P<stem>[A-Za-z{''.join(_GREEK)}]|[A-Za-z]{{2,}})(?P<digits>[0-9]*)(?P<first>′*)"
    r"(?:\[(?P<index>[A-Za-z0-9]+)\])?(?P<last>′*)"
)
_SHAPE = re.compile(r"\[([0-9]+(?:×[0-9]+)*)\]")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_PLAIN = re.compile(r"[A-Za-z0-9 ,.()=+:/*\[\]-]+")
_SPELT = {"\\": "backslash", "^": "asciicircum", "~": "asciitilde", "<": "less", ">": "greater", "|": "bar"}
_IN_TEXT = str.maketrans(
    {c: f"\\{c}" for c in "#$%&_{}"} | {c: rf"\text{name}{{}}" for c, name in _SPELT.items()}
)


def latex_name(name: object) -> str:
    r"""Spell a name: indices as superscripts, digits as subscripts, Greek letters, words upright.

    What is none of that stands in ``\text``, with every special character escaped.

    Examples
    --------
    >>> print(*map(latex_name, ["dW[1]", "x1", "lambda", "loss", "Z[2]′", "learning rate"]), sep="; ")
    dW^{[1]}; x_{1}; \lambda; \mathrm{loss}; Z'^{[2]}; \text{learning rate}
    """
    name = printable(name)
    if shape := _SHAPE.fullmatch(name):
        return rf"\mathtt{{[{times(shape[1].split('×'))}]}}"
    found = _NAME.fullmatch(name)
    if found is None:
        return _text(name)
    d, stem = found["d"], found["stem"]
    if d + stem in _WORDS:  # delta
        d, stem = "", d + stem
    if stem in _GREEK or stem in _WORDS:
        stem = f"\\{_GREEK.get(stem, stem)}"
    elif len(stem) > 1:
        stem = rf"\mathrm{{{stem}}}"
    below = f"_{{{found['digits']}}}" if found["digits"] else ""
    above = f"^{{[{found['index']}]}}" if found["index"] else ""
    return f"{d}{stem}{below}{chr(39) * len(found['first'] + found['last'])}{above}"


def latex_word(text: object) -> str:
    r"""Spell what a function is called, or a setting of it, upright if it is a word.

    >>> print(latex_word("order_statistic"), latex_word("axis=(0,)"), latex_word("\\input{x}"))
    \mathrm{order\_statistic} axis=(0,) \text{\textbackslash{}input\{x\}}
    """
    text = printable(text)
    if _WORD.fullmatch(text):
        return rf"\mathrm{{{text.translate(_IN_TEXT)}}}"
    return text if _PLAIN.fullmatch(text) else _text(text)


def text_in(inside: str) -> str:
    r"""Read what stands in ``\text``, or a single character that is escaped.

    >>> text_in(latex_word("50% of <x>")[6:-1]), text_in(r"\_")
    ('50% of <x>', '_')
    """
    return _ESCAPED.sub(lambda found: _READ.get(found["name"], found[0][-1]), inside)


_READ = {name: c for c, name in _SPELT.items()}
_ESCAPED = re.compile(r"\\text(?P<name>[a-z]+)\{\}|\\.")


def times(sizes: Sequence[object]) -> str:
    r"""Write a shape: ``2 \times 3``."""
    return r" \times ".join(map(str, sizes))


def _text(name: str) -> str:
    return rf"\text{{{name.translate(_IN_TEXT)}}}"
