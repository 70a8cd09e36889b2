"""A smaller scene: boxes for what is taken together, and a mark where the graph goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from autograd_core.graph.node import Node
from viz.detail.blocks import Block
from viz.detail.view import Shown, owner
from viz.scene.factors import UNSAID
from viz.scene.labels import number, shape
from viz.scene.record import Record
from viz.scene.scene import Edge, Emphasis, Scene, Vertex
from viz.scene.stubs import OUTSIDE, with_stubs
from viz.style.markup import plain
from viz.style.roles import Role

__all__ = ["folded"]

_MOST_GRADIENTS = 3
_PARALLEL = 6  # more arrows side by side are drawn as one that says how many
_READS = 8


def folded(scene: Scene, shown: Shown) -> Scene:
    """Put the vertices of each block into one, leave out what is outside, and say so below.

    Parameters
    ----------
    scene : Scene
        Of the whole record; operands before results.
    shown : Shown

    Returns
    -------
    Scene
        Edges within a box are gone, and those from one box to another are one, which keeps its label
        if there was only one. Where the graph goes on outside, a stub says so.
    """
    if shown.whole and not shown.homes:
        return scene
    homes = {v.id: _home(v, shown.homes) for v in scene.vertices}
    vertices = _with_boxes(scene.vertices, homes, shown)
    edges = _between_homes(scene.edges, homes)
    if shown.homes:
        vertices, edges = with_stubs(vertices, edges)
        vertices = list(_unframed(vertices))
    edges = _merged(edges, {v.id for v in vertices} - {v.id for v in scene.vertices})
    if shown.blocks:
        vertices, edges = _uncrowded(vertices, edges)
    return replace(scene, vertices=tuple(vertices), edges=tuple(edges), caption=shown.caption)


def _home(v: Vertex, homes: Mapping[str, str]) -> str:
    """Find the vertex that stands for another, itself if it is drawn."""
    home = homes.get(owner(v.id), v.id)
    return f"d{home[1:]}" if v.of and home != OUTSIDE else home


def _with_boxes(vertices: Sequence[Vertex], homes: Mapping[str, str], shown: Shown) -> list[Vertex]:
    """Draw each box where its last vertex stood: what it is computed from comes before."""
    members: dict[str, list[Vertex]] = {}
    for v in vertices:
        members.setdefault(homes[v.id], []).append(v)
    boxes = {box.id: box for block in shown.blocks for box in _boxes(block, shown.record, members)}
    placed = []
    for v in vertices:
        home = homes[v.id]
        if home == v.id:
            placed.append(v)
        elif home != OUTSIDE and v is members[home][-1]:
            placed.append(boxes[home])
    return placed


def _boxes(block: Block, record: Record, members: Mapping[str, list[Vertex]]) -> Iterator[Vertex]:
    """Draw the box of a block and, if adjoints belong to it, another one for these."""
    first, last = record.ids[block.nodes[0]], record.ids[block.nodes[-1]]
    name, back = f"{first}box", f"d{first[1:]}box"
    steps, count = f"{first} to {last}", f"{len(block.nodes)} operations"
    inside = members[name]
    parameters = sum(v.role == "parameter" for v in inside)
    lines = [
        steps if count in block.title else count,
        *([f"{parameters} parameter{'s' * (parameters > 1)}"] if parameters else []),
        _result(block.nodes[-1], record),
    ]
    yield _box(name, "block", block.title, lines, inside, f"{count}, {steps}")
    if back in members:
        title = f"back through {block.title}"
        box = _box(back, "adjoint block", title, _gradients(members[back]), members[back], steps)
        yield replace(box, of=name)


def _box(
    name: str, role: Role, label: str, details: Iterable[str], inside: Iterable[Vertex], tooltip: str
) -> Vertex:
    """Draw a box, strong as what it holds is: the first value that is not finite."""
    strong = [v for v in inside if v.emphasis == "strong"]
    marks = [line for v in strong for line in v.details if line.startswith("first")]
    emphasis: Emphasis = "strong" if strong else "plain"
    return Vertex(name, role, label, (*details, *marks), tooltip=tooltip, emphasis=emphasis)


def _result(node: Node, record: Record) -> str:
    """Say what comes out."""
    said = shape(node.value) if node.ndim else number(node.value)
    return f"{plain(record.labels[node])} {said}" if node in record.labels else said


def _gradients(inside: Iterable[Vertex]) -> list[str]:
    """List the gradients of parameters that come out on the way, or how many."""
    found = [v for v in inside if v.role == "parameter adjoint"]
    if len(found) > _MOST_GRADIENTS:
        return [f"gradients of {len(found)} parameters"]
    return [" ".join((plain(v.label), *(x for x in v.details if "‖" in x))) for v in found]


def _between_homes(edges: Iterable[Edge], homes: Mapping[str, str]) -> list[Edge]:
    """Lead edges to what stands for their ends, and leave out those inside."""
    led = []
    for e in edges:
        tail, head = homes[e.tail], homes[e.head]
        if tail != head:
            led.append(replace(e, tail=tail, head=head))
    return led


def _merged(edges: Sequence[Edge], joined: set[str]) -> list[Edge]:
    """Draw edges that share both ends once, if one of these is a box or a stub, or they say no more."""
    parallel: dict[tuple[str, str, str], list[Edge]] = {}
    for e in edges:
        parallel.setdefault((e.kind, e.tail, e.head), []).append(e)
    drawn: list[Edge] = []
    for (_, tail, head), same in parallel.items():
        said = f"{len(same)} paths"
        if len(same) > 1 and {tail, head} & joined:
            drawn.append(replace(same[0], label="", tooltip=said))
        elif len(same) > _PARALLEL or (len(same) > 1 and {e.label for e in same} == {UNSAID}):
            drawn.append(replace(same[0], label=said))
        else:
            drawn += same
    order = {e.id: i for i, e in enumerate(edges)}
    return sorted(drawn, key=lambda e: order[e.id])


def _unframed(vertices: Sequence[Vertex]) -> Iterator[Vertex]:
    """Take what is drawn of a layer out of its frame if no step of the layer is."""
    steps = {"operation", "activation", "adjoint"}
    there = {(v.cluster, v.of is None) for v in vertices if v.role in steps}
    for v in vertices:
        yield v if (v.cluster, v.of is None) in there else replace(v, cluster=None)


def _uncrowded(vertices: Iterable[Vertex], edges: Sequence[Edge]) -> tuple[list[Vertex], list[Edge]]:
    """Say how many values an adjoint reads, where so many dotted lines would hide each other."""
    reads = Counter(e.head for e in edges if e.kind == "cache")
    many = {head: f"reads from {count} places" for head, count in reads.items() if count > _READS}
    told = [replace(v, details=(*v.details, many[v.id])) if v.id in many else v for v in vertices]
    return told, [e for e in edges if e.kind != "cache" or e.head not in many]
