"""Colours, shapes and sizes: one table a theme. Shape carries the meaning, colour repeats it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from viz.scene import Kind, Role

__all__ = ["LIGHT", "Frame", "Line", "Look", "Theme"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a vertex is drawn."""

    shape: Literal["box", "rounded", "pill", "double"]
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
    """A whole picture's looks. Colours are ``#RRGGBB``, sizes are in the picture's unit."""

    ground: str
    ink: str
    muted: str
    looks: Mapping[Role, Look]
    lines: Mapping[Kind, Line]
    frames: Mapping[str, Frame]
    label_size: float = 14.0
    detail_size: float = 11.0
    edge_size: float = 12.0
    title_size: float = 13.0


# Okabe and Ito's blue, green and vermillion, which also those tell apart who see few colours.
# Text has a contrast of at least 4.5 on its ground.
LIGHT = Theme(
    ground="#FFFFFF",
    ink="#1F2328",
    muted="#57606A",
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
    },
)
