"""Which frames stand around the vertices of a picture: layers, and the lanes of the two passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from viz.scene.scene import Cluster, Vertex

__all__ = ["in_lanes", "in_layers"]

FORWARD = Cluster("forward", "forward", "forward")
BACKWARD = Cluster("backward", "backward", "backward")


def in_layers(
    vertices: Iterable[Vertex], parent: Cluster | None = None
) -> tuple[list[Vertex], list[Cluster]]:
    """Put a frame around each layer that holds an operation; what lies in none stays in the parent.

    Parameters
    ----------
    vertices : iterable of Vertex
        Their ``cluster`` is the layer's index in a tensor's name.
    parent : Cluster, optional

    Examples
    --------
    >>> at, J = Vertex("v0", "operation", "@", cluster="1"), Vertex("v1", "cost", "J")
    >>> placed, layers = in_layers([at, J])
    >>> [v.cluster for v in placed], [layer.title for layer in layers]
    (['layer1', None], ['layer 1'])
    """
    given = list(vertices)
    around = parent.id if parent else None
    indices = dict.fromkeys(v.cluster for v in given if v.cluster is not None)
    layers = [Cluster(f"layer{i}", f"layer {i}", "layer", around) for i in indices]
    placed = [replace(v, cluster=around if v.cluster is None else f"layer{v.cluster}") for v in given]
    return placed, layers


def in_lanes(
    vertices: Sequence[Vertex],
) -> tuple[list[Vertex], list[Cluster]]:
    """Put the forward vertices with their layers into one lane, and the adjoints into another.

    The backward lane comes first: the layout engine then puts it below.
    """
    there, layers = in_layers((v for v in vertices if v.of is None), FORWARD)
    back = [replace(v, cluster=BACKWARD.id) for v in vertices if v.of is not None]
    return [*there, *back], [BACKWARD, FORWARD, *layers]
