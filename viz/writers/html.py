"""A picture as a page of its own, which needs neither network nor script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from viz.scene.scene import Scene
from viz.style.markup import plain
from viz.style.theme import named

__all__ = ["html"]

_STYLE = """\
body { margin: 1.5rem; font: 16px/1.5 "DejaVu Sans", Verdana, sans-serif; }
h1 { font-size: 1.25rem; overflow-wrap: anywhere; }
p { max-width: 45rem; }
figure { margin: 0; overflow: auto; }
@media print { figure svg { max-width: 100%; height: auto; } }
"""


def html(scene: Scene, drawn: Mapping[str, str]) -> str:
    """Write a page that shows a picture below its title, with the description as its caption.

    Parameters
    ----------
    scene : Scene
    drawn : mapping of str to str
        The picture as SVG by the name of its theme; of a light and a dark one, in this order, the reader's
        screen shows the one that it is set to.

    Examples
    --------
    >>> "<h1>x &lt; y</h1>" in html(Scene("x < y", "", (), ()), {"light": "<svg></svg>"})
    True
    """
    title = escape(plain(scene.title))
    pictures = "\n".join(f'<div class="{name}">\n{svg}</div>' for name, svg in drawn.items())
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}{''.join(_themes(list(drawn)))}</style>\n</head>\n"
        f'<body>\n<h1>{title}</h1>\n<figure tabindex="0">\n{pictures}\n</figure>\n'
        f"<p>{escape(scene.description)}</p>\n</body>\n</html>\n"
    )


def _themes(names: list[str]) -> Iterator[str]:
    """Colour the page as the picture is and, of two pictures, show one."""
    first, *others = names
    yield f"body {{ {_colours(first)} }}\n"
    for name in others:
        yield f".{name} {{ display: none; }}\n@media screen and (prefers-color-scheme: {name}) {{\n"
        yield f"  body {{ {_colours(name)} }}\n  .{first} {{ display: none; }}\n"
        yield f"  .{name} {{ display: block; }}\n}}\n"


def _colours(name: str) -> str:
    look = named(name)
    scheme = "dark" if name == "dark" else "light"
    return f"color-scheme: {scheme}; background: {look.ground}; color: {look.ink};"
