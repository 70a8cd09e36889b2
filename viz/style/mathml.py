"""Formulas in the small markup of the pictures as MathML, which a browser sets without any help."""

from __future__ import annotations

import re
from html import escape

__all__ = ["mathml"]

_SCRIPTS = r"(?:[\^_]\{[^{}]*\})*"
_NAME = rf"[^\W\d_](?:\w(?!\{{))*′*{_SCRIPTS}"
_TOKEN = re.compile(
    rf"∂(?P<of>{_NAME})/∂(?P<by>{_NAME})"
    rf"|(?P<name>{_NAME})"
    rf"|(?P<number>\d+(?:\.\d+)?(?:e[−+-]?\d+)?)(?P<number_scripts>{_SCRIPTS})"
    rf"|(?P<sign>\S)(?P<sign_scripts>{_SCRIPTS})"
)
_SCRIPT = re.compile(r"(?P<mark>[\^_])\{(?P<inner>[^{}]*)\}")
_SUMS = {"Σ": "∑", "∏": "∏"}
_TAGS = {frozenset("^"): "msup", frozenset("_"): "msub", frozenset("^_"): "msubsup"}


def mathml(markup: str, *, display: bool = False) -> str:
    r"""Write a formula as one ``math`` element.

    Names, numbers and signs are told apart, ``∂J/∂W^{[1]}`` becomes a fraction, what is raised and
    lowered stands above and below, and everything is escaped: any text is a formula.

    Parameters
    ----------
    markup : str
        As `viz.style.markup` describes it.
    display : bool
        Set it on a line of its own.

    Examples
    --------
    >>> mathml("W^{[2]T} x")
    '<math><msup><mi>W</mi><mrow><mtext>[2]</mtext><mi>T</mi></mrow></msup><mi>x</mi></math>'
    >>> mathml("∂J/∂b")
    '<math><mfrac><mrow><mo>∂</mo><mi>J</mi></mrow><mrow><mo>∂</mo><mi>b</mi></mrow></mfrac></math>'
    >>> mathml("<b>")
    '<math><mo>&lt;</mo><mi>b</mi><mo>&gt;</mo></math>'
    """
    opening = '<math display="block">' if display else "<math>"
    return f"{opening}{''.join(map(_written, _TOKEN.finditer(markup)))}</math>"


def _written(token: re.Match[str]) -> str:
    if token["of"]:
        above, below = (f"<mrow><mo>∂</mo>{_name(token[part])}</mrow>" for part in ("of", "by"))
        return f"<mfrac>{above}{below}</mfrac>"
    if token["name"]:
        return _name(token["name"])
    if token["number"]:
        return _with_scripts(f"<mn>{token['number']}</mn>", token["number_scripts"])
    low = ' stretchy="false"' if token["sign_scripts"] else ""  # else a script hangs on a tall bracket
    return _with_scripts(f"<mo{low}>{escape(token['sign'])}</mo>", token["sign_scripts"])


def _name(text: str) -> str:
    bare = _SCRIPT.sub("", text)
    scripts = text[len(bare) :]
    if bare in _SUMS:
        sign = f"<mo>{_SUMS[bare]}</mo>"
        return f"<munder>{sign}{_script(scripts[2:-1])}</munder>" if scripts else sign
    return _with_scripts(f"<mi>{escape(bare)}</mi>", scripts)


def _with_scripts(base: str, scripts: str) -> str:
    found = {mark: _script(inner) for mark, inner in _SCRIPT.findall(scripts)}
    if not found:
        return base
    tag = _TAGS[frozenset(found)]
    return f"<{tag}>{base}{found.get('_', '')}{found.get('^', '')}</{tag}>"


def _script(inner: str) -> str:
    """Write what is raised or lowered; a transpose shares its line with the index before it."""
    index, transposed = (inner[:-1], "<mi>T</mi>") if inner.endswith("T") else (inner, "")
    text = f"<mtext>{escape(index)}</mtext>" if index else ""
    return f"<mrow>{text}{transposed}</mrow>"
