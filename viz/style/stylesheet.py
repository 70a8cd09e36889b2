"""The colours of a page, from the themes of the pictures: each a pair for a light and a dark screen.

A browser takes one of ``light-dark(...)`` by the page's ``color-scheme``, so a picture drawn once in
the light theme shows in both.
"""

from __future__ import annotations

from collections.abc import Iterator

from viz.style.roles import Kind
from viz.style.theme import DARK, LIGHT

__all__ = ["colours"]

_WAYS: tuple[Kind, ...] = ("forward", "backward")


def colours() -> str:
    """Write the variables for the page, and the rules for a picture with marked parts.

    >>> colours().splitlines()[0]
    ':root { color-scheme: light dark; --ground: light-dark(#FFFFFF, #14171B);'
    """
    return "\n".join([*_variables(), *_picture()]) + "\n"


def _pair(light: str, dark: str) -> str:
    return light if light == dark else f"light-dark({light}, {dark})"


def _variables() -> Iterator[str]:
    layer, dark_layer = LIGHT.frames["layer"], DARK.frames["layer"]
    forward, backward = (_pair(LIGHT.lines[kind].text, DARK.lines[kind].text) for kind in _WAYS)
    yield f":root {{ color-scheme: light dark; --ground: {_pair(LIGHT.ground, DARK.ground)};"
    yield f"  --ink: {_pair(LIGHT.ink, DARK.ink)}; --muted: {_pair(LIGHT.muted, DARK.muted)};"
    yield f"  --accent: {_pair(LIGHT.accent, DARK.accent)};"
    yield f"  --panel: {_pair(layer.fill, dark_layer.fill)};"
    yield f"  --line: {_pair(layer.stroke, dark_layer.stroke)};"
    yield f"  --forward: {forward}; --backward: {backward}; }}"


def _picture() -> Iterator[str]:
    yield "svg > rect { fill: var(--ground); }"
    yield "svg text { fill: var(--ink); }"
    yield f'svg text[fill="{LIGHT.muted}"] {{ fill: var(--muted); }}'
    hidden = f'.later[data-role$="adjoint"] > text[fill="{LIGHT.muted}"]'  # a number that is not known yet
    yield f"@media screen {{ {hidden} {{ visibility: hidden; }} }}"
    for role, look in LIGHT.looks.items():
        dark = DARK.looks[role]
        fill, stroke = _pair(look.fill, dark.fill), _pair(look.stroke, dark.stroke)
        yield f'[data-role="{role}"] > :is(rect, circle) {{ fill: {fill}; stroke: {stroke}; }}'
    for kind, line in LIGHT.lines.items():
        stroke, text = _pair(line.stroke, DARK.lines[kind].stroke), _pair(line.text, DARK.lines[kind].text)
        tip = "var(--ground)" if line.open_tip else stroke
        yield f'[data-role="{kind}"] > path {{ stroke: {stroke}; }}'
        yield f'[data-role="{kind}"] > polygon {{ fill: {tip}; stroke: {stroke}; }}'
        yield f'[data-role="{kind}"] > rect {{ fill: var(--ground); }}'
        yield f'[data-role="{kind}"] > text {{ fill: {text}; }}'
    for name, frame in LIGHT.frames.items():
        dark_frame = DARK.frames[name]
        fill, stroke = _pair(frame.fill, dark_frame.fill), _pair(frame.stroke, dark_frame.stroke)
        yield f'[data-role="{name} frame"] > rect {{ fill: {fill}; stroke: {stroke}; }}'
        yield f'[data-role="{name} frame"] > text {{ fill: {_pair(frame.text, dark_frame.text)}; }}'
