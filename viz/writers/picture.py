"""A picture to show, save or print."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograd_core.system.files import as_path, replace
from autograd_core.wording.arguments import truth
from autograd_core.wording.errors import unknown_option
from viz.layout.layout import laid_out
from viz.layout.places import Layout
from viz.scene.scene import Scene
from viz.style import theme as themes
from viz.style.markup import plain
from viz.style.theme import Theme
from viz.writers import dot, trace
from viz.writers.html import html
from viz.writers.pdf import pdf
from viz.writers.png import png
from viz.writers.svg import svg

__all__ = ["Picture"]


class Picture:
    """A drawn graph.

    In a notebook it shows itself; elsewhere `save` it, or print `text`. It holds no arrays, only
    what is written in it.

    It is laid out and drawn here, so nothing else need be installed, and the same program gives the same
    bytes on every machine. To have it laid out by Graphviz in place of that, hand its `dot` to any of
    Graphviz's programs: ``picture.save("x.dot")``, then ``dot -Tsvg x.dot -o x.svg``.

    Parameters
    ----------
    scene : Scene
        What stands in the picture, before it has places and colours.
    rows : sequence of Row
        The evaluation trace.
    theme : str
        What it is drawn in unless `svg` or `save` are told otherwise: ``light``, ``dark``, or ``paper``,
        which is black on white and loses nothing in a grey print.

    Raises
    ------
    OptionError
        There is no such theme.

    Examples
    --------
    >>> import autograd_core as ag, viz
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> print(viz.forward(x * x).text())
    step │ name │ operation │ shape │ value │ ∂J/∂·
    ─────┼──────┼───────────┼───────┼───────┼──────
    v0   │ x    │ parameter │ ()    │ 3     │ –
    v1   │ J    │ x ⊙ x     │ ()    │ 9     │ –
    """

    def __init__(self, scene: Scene, rows: Sequence[trace.Row], theme: str = "light") -> None:
        self.scene, self.rows, self.theme = scene, rows, theme
        self._drawn: dict[str, str] = {}
        themes.named(theme)

    @property
    def dot(self) -> str:
        """The graph in the DOT language, with real labels; needs no renderer."""
        return dot.readable(self.scene, themes.named(self.theme))

    def svg(self, theme: str | None = None) -> str:
        """Draw as one SVG element.

        Parameters
        ----------
        theme : str, optional
            Instead of the picture's own.

        Raises
        ------
        OptionError
            There is no such theme.
        """
        name = self.theme if theme is None else theme
        look = themes.named(name)
        if name not in self._drawn:
            self._drawn[name] = svg(*self._placed(look), look)
        return self._drawn[name]

    def _placed(self, theme: Theme) -> tuple[Scene, Layout]:
        """Find a place for everything."""
        return self.scene, laid_out(self.scene, theme)

    def text(self, ascii: bool | None = None) -> str:
        """Write the evaluation trace: every recorded value in order, with its adjoint.

        Parameters
        ----------
        ascii : bool, optional
            Use no other characters; by default only if the standard output cannot show them.
        """
        ascii = None if ascii is None else truth(ascii, "text: ascii")
        written = self._table(bool(ascii))
        if ascii is None and not trace.can_be_printed(written):
            return self._table(ascii=True)
        return written

    def _table(self, ascii: bool) -> str:
        return trace.table(self.rows, ascii, below=(self.scene.caption, self.scene.warning))

    def save(self, path: str | os.PathLike[str], theme: str | None = None) -> Path:
        """Write a file, in the format that its suffix says: .svg, .png, .pdf, .html, .dot or .txt.

        Either the whole file is written or none, and one that was there before stays until then. An .html
        file holds the picture, its title and its description, and asks nobody for anything; in the light
        theme, unless that is asked for, it turns dark on a screen that is set so.

        Parameters
        ----------
        path : str or path
        theme : str, optional
            Instead of the picture's own.

        Raises
        ------
        OptionError
            There is no such format or theme.
        OSError
            The file cannot be written there.
        RenderError
            For .png, if resvg-py is not installed.
        """
        to, look = as_path(path, "save"), themes.named(self.theme if theme is None else theme)
        formats: dict[str, Callable[[], str | bytes]] = {
            ".svg": lambda: self.svg(theme),
            ".png": lambda: png(self.svg(theme)),
            ".pdf": lambda: pdf(self.svg(theme)),
            ".html": lambda: html(self.scene, {name: self.svg(name) for name in self._for_screens(theme)}),
            ".dot": lambda: dot.readable(self.scene, look),
            ".txt": lambda: f"{self.text(ascii=False)}\n",
        }
        if to.suffix.lower() not in formats:
            raise unknown_option("format", to.suffix, formats)
        drawn = formats[to.suffix.lower()]()
        return replace(to, drawn if isinstance(drawn, bytes) else drawn.encode())

    def _for_screens(self, theme: str | None) -> tuple[str, ...]:
        """Choose the themes of a page: what the reader's screen is set to, unless a theme is asked for."""
        return ("light", "dark") if theme is None and self.theme == "light" else (theme or self.theme,)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        bundle = {"text/plain": self.text(ascii=False)}
        try:
            bundle["image/svg+xml"] = self.svg()
        except Exception as error:  # a notebook cell must show something whatever is missing
            bundle["text/plain"] += f"\n\n(no picture: {error})"
        return bundle

    def __repr__(self) -> str:
        return f"<Picture: {plain(self.scene.title)}, {len(self.scene.vertices)} parts>"
