"""An SVG picture as PNG."""

from __future__ import annotations

import importlib

from viz.errors import RenderError
from viz.style.typeface import FAMILY, FILES

__all__ = ["png"]

_MISSING = (
    "a PNG is drawn by resvg-py, which is not installed: run "
    '`pip install "autograd-core[render]"`, or save as .svg or .pdf, which need nothing'
)


def png(svg: str, scale: float = 2.0) -> bytes:
    """Draw a picture in pixels, with the fonts of this package.

    Parameters
    ----------
    svg : str
    scale : float
        Pixels to the unit.

    Raises
    ------
    RenderError
        resvg-py is not installed.
    """
    try:
        resvg = importlib.import_module("resvg_py")
    except ImportError:
        raise RenderError(_MISSING) from None
    drawn = resvg.svg_to_bytes(
        svg_string=svg,
        zoom=scale,
        skip_system_fonts=True,
        font_family=FAMILY,
        sans_serif_family=FAMILY,
        font_files=[str(path) for path in FILES.values()],
    )
    return bytes(drawn)
