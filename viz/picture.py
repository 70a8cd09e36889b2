"""A picture to show, save or print."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd_core.errors import unknown_option
from autograd_core.files import replace
from viz import dot, trace
from viz.collapse import readable_part
from viz.layout import laid_out
from viz.markup import plain
from viz.pdf import pdf
from viz.png import png
from viz.scene import Scene
from viz.svg import svg
from viz.theme import LIGHT

__all__ = ["Picture"]


class Picture:
    """A drawn graph.

    In a notebook it shows itself; elsewhere `save` it, or print `text`. It holds no arrays, only
    what is written in it.

    Attributes
    ----------
    scene : Scene
        What stands in the picture, before it has places and colours.
    rows : sequence of Row
        The evaluation trace.

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

    def __init__(self, scene: Scene, rows: Sequence[trace.Row]) -> None:
        self.scene, self.rows = scene, rows

    @property
    def dot(self) -> str:
        """The graph in the DOT language, with real labels; needs no renderer."""
        return dot.readable(self.scene, LIGHT)

    def svg(self) -> str:
        """Draw as one SVG element.

        Raises
        ------
        RenderError
            There is no layout engine, it took too long, or the graph is too large to be read.
        """
        return self._svg

    @cached_property
    def _svg(self) -> str:
        scene = readable_part(self.scene)
        return svg(scene, laid_out(scene, LIGHT), LIGHT)

    def text(self, ascii: bool = False) -> str:
        """Write the evaluation trace: every recorded value in order, with its adjoint.

        Parameters
        ----------
        ascii : bool
            Use no other characters.
        """
        return trace.table(self.rows, ascii)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a file, in the format that its suffix says: .svg, .png, .pdf, .dot or .txt.

        Either the whole file is written or none, and one that was there before stays until then.

        Raises
        ------
        OptionError
            There is no such format.
        OSError
            The file cannot be written there.
        RenderError
            As `svg` does; for .png also if resvg-py is not installed.
        """
        to = Path(path)
        formats: dict[str, Callable[[], str | bytes]] = {
            ".svg": self.svg,
            ".png": lambda: png(self.svg()),
            ".pdf": lambda: pdf(self.svg()),
            ".dot": lambda: self.dot,
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
