"""Colours, shapes and sizes: one table a theme. Shape and dash carry the meaning, colour repeats it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from autograd_core.wording.errors import unknown_option
from viz.style.roles import Kind, Role

__all__ = ["DARK", "LIGHT", "PAPER", "STRONG", "THEMES", "Frame", "Line", "Look", "Theme", "named"]

STRONG = 3.2  # width of the lines that a picture is about

Shape = Literal["box", "stack", "rounded", "pill", "disc", "split", "double", "bare"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a vertex is drawn."""

    shape: Shape
    fill: str
    stroke: str
    width: float = 1.4
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """How an arrow is drawn; text beside it may need a darker colour."""

    stroke: str
    width: float
    text: str
    dash: str = ""
    open_tip: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """How a cluster is drawn."""

    fill: str
    stroke: str
    text: str
    bold: bool


@dataclass(frozen=True, slots=True)
class Theme:
    """A whole picture's looks. Colours are ``#RRGGBB``, sizes are in the picture's unit.

    Sizes are the same in all themes, so that everything stands at the same place in each.

    Attributes
    ----------
    ground, ink, muted : str
        Behind everything; of text; of small text.
    faint : str
        Of lines around what a picture is about; never of text.
    accent, negative : str
        Of the lines it is about, and of those among them that stand for a number below 0.
    """

    ground: str
    ink: str
    muted: str
    faint: str
    accent: str
    negative: str
    looks: Mapping[Role, Look]
    lines: Mapping[Kind, Line]
    frames: Mapping[str, Frame]
    label_size: float = 14.0
    detail_size: float = 11.0
    edge_size: float = 12.0
    title_size: float = 13.0


def named(theme: str) -> Theme:
    """Look a theme up by name.

    Raises
    ------
    OptionError
        There is no such theme.

    Examples
    --------
    >>> named("dark") is DARK
    True
    """
    try:
        return THEMES[theme]
    except (KeyError, TypeError):
        raise unknown_option("theme", theme, THEMES) from None


# Okabe and Ito's blue, green and vermillion, which also those tell apart who see few colours.
# Text has a contrast of at least 4.5 on its ground, a line that says something one of at least 3.
LIGHT = Theme(
    ground="#FFFFFF",
    ink="#1F2328",
    muted="#57606A",
    faint="#8A929B",
    accent="#0072B2",
    negative="#D55E00",
    looks={
        "input": Look("box", "#EAF3FA", "#0072B2"),
        "parameter": Look("rounded", "#FFF3D6", "#8A5A00"),
        "constant": Look("box", "#FFFFFF", "#6B6B6B", dash="4 3"),
        "operation": Look("pill", "#F2F2F2", "#444444"),
        "intermediate": Look("box", "#FFFFFF", "#444444"),
        "activation": Look("box", "#DDF3EC", "#007A5A"),
        "cost": Look("double", "#FBE3D6", "#D55E00"),
        "adjoint": Look("box", "#FDF0EA", "#D55E00"),
        "parameter adjoint": Look("rounded", "#FDE6CC", "#D55E00", 2.4),
        "sum": Look("pill", "#FDF0EA", "#D55E00"),
        "block": Look("stack", "#F6F8FA", "#444444"),
        "adjoint block": Look("stack", "#FDF0EA", "#D55E00"),
        "input unit": Look("disc", "#EAF3FA", "#0072B2"),
        "unit": Look("disc", "#DDF3EC", "#007A5A"),
        "split unit": Look("split", "#DDF3EC", "#007A5A", 2.0),
        "words": Look("bare", "#FFFFFF", "#FFFFFF"),
    },
    lines={
        "forward": Line("#1F2328", 1.4, "#1F2328"),
        "backward": Line("#D55E00", 1.5, "#A03A00", dash="6 3"),
        "cache": Line("#6B6B6B", 1.4, "#57606A", dash="1.5 4", open_tip=True),
    },
    frames={
        "layer": Frame("#F6F8FA", "#C9D1D9", "#57606A", bold=False),
        "forward": Frame("none", "#B4BAC2", "#1F2328", bold=True),
        "backward": Frame("none", "#DDA389", "#A03A00", bold=True),
        "column": Frame("none", "transparent", "#1F2328", bold=False),
    },
)

DARK = Theme(
    ground="#14171B",
    ink="#E6E9EE",
    muted="#A9B1BC",
    faint="#6F7883",
    accent="#56B4E9",
    negative="#F0954A",
    looks={
        "input": Look("box", "#122B3D", "#56B4E9"),
        "parameter": Look("rounded", "#3A2E0E", "#E0B040"),
        "constant": Look("box", "#14171B", "#8F98A3", dash="4 3"),
        "operation": Look("pill", "#2A2F36", "#B6BDC6"),
        "intermediate": Look("box", "#1C2127", "#B6BDC6"),
        "activation": Look("box", "#0F3329", "#2DB88D"),
        "cost": Look("double", "#45240F", "#F0954A"),
        "adjoint": Look("box", "#33200F", "#F0954A"),
        "parameter adjoint": Look("rounded", "#4A2C10", "#F0954A", 2.4),
        "sum": Look("pill", "#33200F", "#F0954A"),
        "block": Look("stack", "#23282F", "#B6BDC6"),
        "adjoint block": Look("stack", "#33200F", "#F0954A"),
        "input unit": Look("disc", "#122B3D", "#56B4E9"),
        "unit": Look("disc", "#0F3329", "#2DB88D"),
        "split unit": Look("split", "#0F3329", "#2DB88D", 2.0),
        "words": Look("bare", "#14171B", "#14171B"),
    },
    lines={
        "forward": Line("#E6E9EE", 1.4, "#E6E9EE"),
        "backward": Line("#F0954A", 1.5, "#F6B27A", dash="6 3"),
        "cache": Line("#A9B1BC", 1.4, "#A9B1BC", dash="1.5 4", open_tip=True),
    },
    frames={
        "layer": Frame("#1B1F25", "#414954", "#A9B1BC", bold=False),
        "forward": Frame("none", "#5C6570", "#E6E9EE", bold=True),
        "backward": Frame("none", "#8A5A35", "#F6B27A", bold=True),
        "column": Frame("none", "transparent", "#E6E9EE", bold=False),
    },
)


def _printed(look: Look) -> Look:
    """Draw in black on white: outlines and greys remain."""
    if look.shape == "bare":
        return look
    fill = "#E8E8E8" if look.shape in {"rounded", "double"} else "#FFFFFF"
    return replace(look, fill=fill, stroke="#000000")


PAPER = Theme(
    ground="#FFFFFF",
    ink="#000000",
    muted="#333333",
    faint="#8C8C8C",
    accent="#000000",
    negative="#000000",
    looks={role: _printed(look) for role, look in LIGHT.looks.items()},
    lines={
        kind: replace(line, stroke="#444444" if kind == "cache" else "#000000", text="#000000")
        for kind, line in LIGHT.lines.items()
    },
    frames={
        kind: replace(
            frame, fill="none", text="#000000", stroke="transparent" if kind == "column" else "#777777"
        )
        for kind, frame in LIGHT.frames.items()
    },
)

THEMES = {"light": LIGHT, "dark": DARK, "paper": PAPER}
