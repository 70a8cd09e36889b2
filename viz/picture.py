"""A picture to show, save or print."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograd_core.errors import unknown_option
from autograd_core.files import replace
from viz import dot, theme as themes, trace
from viz.collapse import readable_part
from viz.layout import laid_out
from viz.markup import plain
from viz.pdf import pdf
from viz.places import Layout
from viz.png import png
from viz.scene import Scene
from viz.svg import svg
from viz.theme import Theme

__all__ = ["Picture"]


class Picture:
    """A drawn graph.

    In a notebook it shows itself; elsewhere `save` it, or print `text`. It holds no arrays, only
    what is written in it.

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
        RenderError
            The graph is too large to be read.
        """
        name = self.theme if theme is None else theme
        look = themes.named(name)
        if name not in self._drawn:
            self._drawn[name] = svg(*self._placed(look), look)
        return self._drawn[name]

    def _placed(self, theme: Theme) -> tuple[Scene, Layout]:
        """Find a place for everything that can be read at once."""
        scene = readable_part(self.scene)
        return scene, laid_out(scene, theme)

    def text(self, ascii: bool = False) -> str:
        """Write the evaluation trace: every recorded value in order, with its adjoint.

        Parameters
        ----------
        ascii : bool
            Use no other characters.
        """
        return trace.table(self.rows, ascii)

    def save(self, path: str | os.PathLike[str], theme: str | None = None) -> Path:
        """Write a file, in the format that its suffix says: .svg, .png, .pdf, .dot or .txt.

        Either the whole file is written or none, and one that was there before stays until then.

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
            As `svg` does; for .png also if resvg-py is not installed.
        """
        to, look = Path(path), themes.named(self.theme if theme is None else theme)
        formats: dict[str, Callable[[], str | bytes]] = {
            ".svg": lambda: self.svg(theme),
            ".png": lambda: png(self.svg(theme)),
            ".pdf": lambda: pdf(self.svg(theme)),
            ".dot": lambda: dot.readable(self.scene, look),
            ".txt": lambda: f"{self.text()}\n",
        }
        if to.suffix.lower() not in formats:
            raise unknown_option("format", to.suffix, formats)
        drawn = formats[to.suffix.lower()]()
        return replace(to, drawn if isinstance(drawn, bytes) else drawn.encode())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        bundle = {"text/plain": self.text()}
        try:
            bundle["image/svg+xml"] = self.svg()
        except Exception as error:  # a notebook cell must show something whatever is missing
            bundle["text/plain"] += f"\n\n(no picture: {error})"
        return bundle

    def __repr__(self) -> str:
        return f"<Picture: {plain(self.scene.title)}, {len(self.scene.vertices)} parts>"
