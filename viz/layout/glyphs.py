"""How large a vertex, a title and an edge's label are: their text decides."""

from __future__ import annotations

import math

from viz.scene.scene import Cluster, Edge, Vertex
from viz.style.markup import width
from viz.style.theme import Theme

__all__ = ["SHADOW", "label_size", "title_size", "vertex_size"]

SHADOW = 4.0  # how far a box that holds others is repeated behind itself
_SIGN = 30  # height of an operation; a circle if its sign is short
_ROW = 15


def vertex_size(vertex: Vertex, theme: Theme) -> tuple[float, float]:
    """Measure a box or circle.

    Returns
    -------
    width, height : float
        In the picture's unit.

    Examples
    --------
    >>> from viz.style.theme import LIGHT
    >>> vertex_size(Vertex("v0", "operation", "+"), LIGHT)
    (30, 30)
    """
    shape = theme.looks[vertex.role].shape
    text = math.ceil(
        max(
            width(vertex.label, theme.label_size),
            *(width(line, theme.detail_size) for line in vertex.details),
            0,
        )
    )
    below = len(vertex.details) and 9 + _ROW * (len(vertex.details) - 1)
    if shape == "pill":
        return max(_SIGN, text + 16), _SIGN + below
    if shape == "double":
        across = max(60, text + 26)
        return across, across
    if shape == "bare":
        return text + 10, 26 + below
    return max(56, text + 18), 32 + below


def label_size(edge: Edge, theme: Theme) -> tuple[int, int]:
    """Measure the room for an edge's label."""
    return math.ceil(width(edge.label, theme.edge_size)) + 10, math.ceil(theme.edge_size) + 8


def title_size(cluster: Cluster, theme: Theme) -> tuple[int, int]:
    """Measure the room for a cluster's title."""
    bold = theme.frames[cluster.kind].bold
    across = math.ceil(width(cluster.title, theme.title_size, bold))
    return across + 8, math.ceil(theme.title_size) + 7
