r"""The backward pass as vertices and edges, read off the recorded graph of the reverse sweep.

The sweep is run from one named value to the next: the adjoint of ``u``, a leaf, goes in, and what
comes out for a named ``x`` behind it is a recorded formula in it, the factor ∂u/∂x of equation (12)
applied. That formula, with a dot where the adjoint stands, labels the edge from ∂J/∂u to ∂J/∂x;
where it is a sum, or where several edges arrive, they meet in a visible plus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextvars import Context
from dataclasses import dataclass

import numpy as np

from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.differentiation.tensor import Tensor
from autograd_core.graph.node import Array, Node, ancestors
from autograd_core.graph.primitive import PRIMITIVES
from autograd_core.graph.stated import written_out
from autograd_core.wording.errors import GraphError, ShapeError, describe
from viz.scene.contents import USUAL, Contents
from viz.scene.factors import factor
from viz.scene.labels import HOLE, shape
from viz.scene.record import Record
from viz.scene.scene import Edge, Vertex
from viz.style.roles import Role

__all__ = ["Sweep", "backward_pass", "caches", "sweep"]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What the adjoint of `u` adds to the adjoint of `x`: the sum of recorded `terms` in `seed`."""

    u: Node
    x: Node
    seed: Node
    terms: list[Node]


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """A reverse sweep: the adjoint of every value it reached, and the steps between named ones."""

    adjoints: dict[Node, Array]
    steps: list[Step]


def sweep(record: Record) -> Sweep:
    """Run a reverse sweep on nodes of its own: recorded values and ``.grad`` stay as they are.

    Raises
    ------
    GraphError
        Nothing the result was computed from requires a gradient, or a value has changed since.
    ShapeError
        The result is not a scalar.
    """
    root = record.root
    if not root.requires_grad:
        raise GraphError(
            f"there is no backward pass to draw: {describe(root)} was not computed from anything "
            "with requires_grad=True"
        )
    if root.size != 1:
        raise ShapeError(
            f"a backward pass starts from a scalar, and the result is {describe(root)}; "
            "reduce it, for example with .sum()"
        )
    return Context().run(_sweep, record)  # a fresh context records, whatever the caller's does


def _sweep(record: Record) -> Sweep:
    root = record.root
    named = [node for node in record.labels if node.requires_grad]
    stops = frozenset(node.order for node in named)
    adjoints: dict[Node, Array] = {root: np.ones(root.shape, root.dtype)}
    steps = []
    for u in reversed(named):
        if u not in adjoints or u.is_leaf:
            continue
        seed = Tensor(adjoints[u], name="1" if u is root else f"∂/∂{u.name}")
        behind = [x for x in ancestors(u.operands(), stops).values() if x.order in stops]
        with np.errstate(all="ignore"), written_out():
            found = reverse_sweep({u: seed}, behind, create_graph=True, keep=True)
        for x, part in found.items():
            if x is u:
                continue
            adjoints[x] = adjoints[x] + part.value if x in adjoints else part.value
            if x in record.labels:
                steps.append(Step(u, x, seed, list(_terms(part, seed))))
    return Sweep(adjoints, steps)


def _terms(part: Node, seed: Node) -> Iterator[Node]:
    """Split a sum into what is added, from left to right."""
    add = PRIMITIVES["add"]
    stack = [part]
    while stack:
        node = stack.pop()
        if node is not seed and node.primitive is add:
            stack.extend(x for x in reversed(node.inputs) if isinstance(x, Node))
        else:
            yield node


def backward_pass(
    record: Record, done: Sweep, contents: Contents = USUAL, homes: Mapping[str, str] | None = None
) -> tuple[list[Vertex], list[Edge]]:
    """Draw the adjoint of every named value, in the order in which the sweep finishes them.

    Parameters
    ----------
    record : Record
    done : Sweep
        Of that record.
    contents : Contents
        What to write below the names.
    homes : mapping of str to str, optional
        What stands for values that are not drawn: no factor is written inside, nor where several edges
        to or from the same are drawn as one.

    Returns
    -------
    vertices : list of Vertex
    edges : list of Edge
        From adjoint to adjoint, labelled with the factor applied.
    """
    arriving: dict[Node, list[tuple[Step, Node]]] = {}
    for step in done.steps:
        arriving.setdefault(step.x, []).extend((step, term) for term in step.terms)
    vertices = [_adjoint(record.root, record, done, contents)]
    edges: list[Edge] = []
    names = dict(record.labels)
    shared = _shared(arriving, record, homes or {})

    def edge(tail: str, head: str, label: str = "") -> None:
        edges.append(Edge(f"b{len(edges)}", tail, head, "backward", label))

    for x in reversed(record.labels):
        if x not in arriving:
            continue
        meeting = at = _adjoint_id(x, record)
        if len(arriving[x]) > 1:
            meeting = f"{at}sum"
            vertices.append(_meeting(meeting, x, record))
        for step, term in arriving[x]:
            names[step.seed] = HOLE
            whole = len(step.terms) == 1
            is_shared = (step.u, step.x) in shared
            label = "" if is_shared else factor(step.u, step.x, step.seed, term, names, whole=whole)
            edge(_adjoint_id(step.u, record), meeting, label)
        if meeting != at:
            edge(meeting, at)
        vertices.append(_adjoint(x, record, done, contents))
    return vertices, edges


def _shared(
    arriving: Mapping[Node, list[tuple[Step, Node]]], record: Record, homes: Mapping[str, str]
) -> set[tuple[Node, Node]]:
    """Find the pairs of values whose edge is not drawn, or as one with others."""
    if not homes:
        return set()

    def ends(step: Step) -> tuple[str, str]:
        u, x = record.ids[step.u], record.ids[step.x]
        return homes.get(u, u), homes.get(x, x)

    steps = [step for found in arriving.values() for step, _ in found]
    counts = Counter(map(ends, steps))
    return {
        (step.u, step.x)
        for step in steps
        if {record.ids[step.u], record.ids[step.x]} & homes.keys()
        and (counts[ends(step)] > 1 or len(set(ends(step))) == 1)
    }


def caches(record: Record, done: Sweep) -> list[Edge]:
    """Join each value of the forward pass to the adjoints whose computation reads it."""
    reads: dict[tuple[str, str], None] = {}
    for step in done.steps:
        for node in _read(step, record):
            reads[record.ids[node], _adjoint_id(step.x, record)] = None
    return [Edge(f"c{i}", tail, head, "cache") for i, (tail, head) in enumerate(reads)]


def _read(step: Step, record: Record) -> Iterator[Node]:
    """Forward values that the recorded formula of a step stands on."""
    seen: set[int] = set()
    stack = list(reversed(step.terms))
    while stack:
        node = stack.pop()
        if node.order in seen:
            continue
        seen.add(node.order)
        if node not in record.ids:
            stack.extend(node.operands())
        else:
            yield node


def _adjoint_id(node: Node, record: Record) -> str:
    return f"d{record.ids[node][1:]}"


def _adjoint(node: Node, record: Record, done: Sweep, contents: Contents) -> Vertex:
    value = done.adjoints[node]
    role: Role = "parameter adjoint" if node.is_leaf else "adjoint"
    return Vertex(
        id=_adjoint_id(node, record),
        role=role,
        label=f"∂{record.name}/∂{record.labels[node]}",
        details=contents.of_adjoint(value, parameter=node.is_leaf),
        cluster=record.layers.get(node),
        tooltip=f"derivative of the result by this value, of shape {shape(value)}",
        of=record.ids[node],
    )


def _meeting(name: str, x: Node, record: Record) -> Vertex:
    said = "gradients add where paths meet"
    return Vertex(name, "sum", "+", (), record.layers.get(x), said, of=record.ids[x])
