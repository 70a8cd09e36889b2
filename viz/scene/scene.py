"""A picture before it is drawn: what stands in it and what leads where, without places and colours.

Everything that draws, DOT, SVG and through it PNG and PDF, reads this and nothing else, so a test
can read it too. Identifiers come from the order of recording: the same program gives the same
bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from viz.style.markup import plain
from viz.style.roles import Kind, Role

__all__ = ["Cluster", "Edge", "Emphasis", "Scene", "Track", "Vertex"]

Track = Literal["spine", "branch", "side"]
Emphasis = Literal["faint", "plain", "strong"]


@dataclass(frozen=True, slots=True)
class Vertex:
    """A box or a circle.

    Attributes
    ----------
    id : str
        ``v7`` for the eighth recorded value, ``v7op`` for an operation whose result has a box of
        its own, ``d7`` for its adjoint, ``d7sum`` for the sum that makes it.
    role : Role
    label : str
        In the markup of `viz.style.markup`.
    details : tuple of str
        Smaller lines below it: shape, value.
    cluster : str or None
        The innermost cluster it stands in.
    tooltip : str
        Plain text.
    of : str or None
        Of an adjoint: the forward vertex it belongs to.
    column : float
        Its place along the program, once arranged.
    track : Track
        Whether it lies on the main path, on a branch of it, or feeds it from the side.
    emphasis : Emphasis
        Whether it is what the picture is about, or only what stands around that.
    """

    id: str
    role: Role
    label: str
    details: tuple[str, ...] = ()
    cluster: str | None = None
    tooltip: str = ""
    of: str | None = None
    column: float = 0
    track: Track = "branch"
    emphasis: Emphasis = "plain"


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow; two vertices may be joined by several.

    Attributes
    ----------
    id, tail, head : str
    kind : Kind
    label : str
        In the markup of `viz.style.markup`.
    emphasis : Emphasis
    weight : float or None
        How large the number is that it stands for, from -1 to 1: drawn as width, and the sign as a dash.
    tooltip : str
        Plain text.
    """

    id: str
    tail: str
    head: str
    kind: Kind
    label: str = ""
    emphasis: Emphasis = "plain"
    weight: float | None = None
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A frame around vertices: a layer, the lane of one pass, or a column of units.

    A column has no outline; its title stands above it, its details below.
    """

    id: str
    title: str
    kind: Literal["layer", "forward", "backward", "column"]
    parent: str | None = None
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """All of a picture.

    Examples
    --------
    >>> x, y = Vertex("v0", "input", "x"), Vertex("v1", "activation", "y = exp(x)", ("(3,)",))
    >>> print(Scene("forward", "", (x, y), (Edge("f0", "v0", "v1", "forward"),)))
    forward
    v0 input: x
    v1 activation: y = exp(x) | (3,)
    f0 forward: v0 -> v1
    """

    title: str
    description: str
    vertices: tuple[Vertex, ...]
    edges: tuple[Edge, ...]
    clusters: tuple[Cluster, ...] = ()
    caption: str = ""
    warning: str = ""

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self.title
        for c in self.clusters:
            yield f"{c.id} {c.kind}: {c.title}" + (f" in {c.parent}" if c.parent else "")
        for v in self.vertices:
            text = " | ".join((plain(v.label), *v.details))
            yield f"{v.id} {v.role}: {text}" + (f" in {v.cluster}" if v.cluster else "")
        for e in self.edges:
            label = f" {plain(e.label)}" if e.label else ""
            yield f"{e.id} {e.kind}: {e.tail} -> {e.head}{label}"
        yield from (plain(line) for line in (self.caption, self.warning) if line)
