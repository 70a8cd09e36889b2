"""One pass forward and backward, step by step: what is computed, from what, and its place in the picture."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

from autograd_core.derivations.deriving.expression import expression
from autograd_core.graph.node import Array, Node, ancestors
from viz.detail.view import Shown, owner
from viz.scene.backward_pass import Sweep, backward_pass, caches
from viz.scene.factors import factor
from viz.scene.forward_pass import forward_pass
from viz.scene.labels import HOLE
from viz.scene.record import Record, also_named
from viz.scene.scene import Scene
from viz.style.markup import typeset
from viz.style.roles import Role

__all__ = ["Source", "Step", "every_value_named", "fewer_named", "steps"]

_LONGEST = 160
_MOST_TERMS = 12
_ONE_AXIS = re.compile(r"axis=\((\d+),\)")


class Source(NamedTuple):
    """What a step takes from an earlier one: an operand, or its part of an adjoint.

    Attributes
    ----------
    step : str
        Where it was computed.
    label : str
        What is taken, in markup.
    value : ndarray
        The operand; on the way back, what this path contributes.
    factor : str
        On the way back: what is applied, in markup.
    """

    step: str
    label: str
    value: Array
    factor: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The computation of one value, or of one adjoint.

    Attributes
    ----------
    id : str
        Of its vertex in the picture: ``v7``, or ``d7`` for its adjoint.
    role : Role
    label : str
        What is computed, in markup.
    formula : str
        How, in markup; empty for what is given.
    value : ndarray
    sources : tuple of Source
    reads : tuple of Source
        The values kept from the forward pass that are read on the way back.
    marks : tuple of str
        The vertices and edges of the picture that belong to it.
    """

    id: str
    role: Role
    label: str
    formula: str
    value: Array
    sources: tuple[Source, ...]
    reads: tuple[Source, ...]
    marks: tuple[str, ...]

    @property
    def is_backward(self) -> bool:
        """Whether an adjoint is computed."""
        return self.id.startswith("d")


def every_value_named(record: Record) -> Record:
    """Name each recorded value, an unnamed one by its step, so that each operation is a step.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from viz.scene.record import read
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> list(every_value_named(read(x * x + 1.0)).labels.values())
    ['x', 'v_{1}', 'J']
    """
    return also_named(record, {node for node in record.nodes if not node.is_leaf})


def fewer_named(record: Record, shown: Shown) -> Record:
    """Name what is drawn and the last value of each box alone, so that each box is a step.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from viz.detail.blocks import Block
    >>> from viz.scene.record import read
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> y = ag.exp(ag.tanh(x))
    >>> record = read(y * 2.0)
    >>> block = Block(tuple(record.nodes[1:3]), "tanh exp")
    >>> list(fewer_named(record, Shown(record, blocks=[block])).labels.values())
    ['x', 'v_{2}', 'J']
    """
    ends = {block.nodes[-1] for block in shown.blocks}
    labels = {
        node: record.labels.get(node, f"v_{{{record.ids[node][1:]}}}")
        for node in record.nodes
        if node in ends or (node in record.labels and record.ids[node] not in shown.homes)
    }
    return replace(record, labels=labels)


def steps(
    record: Record, done: Sweep, scene: Scene, homes: Mapping[str, str] = MappingProxyType({})
) -> list[Step]:
    """List the steps of both passes in the order in which they can be taken.

    A given value comes right before its first use, the adjoint of a parameter as soon as its last
    part is there.

    Parameters
    ----------
    record : Record
    done : Sweep
        Of that record.
    scene : Scene
        The picture of both.
    homes : mapping of str to str
        For each value that has no place of its own in the picture, the vertex that stands for it.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from viz.scene.backward_pass import sweep
    >>> from viz.figures.graph import ladder
    >>> from viz.scene.record import read
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> record = read(x * x)
    >>> done = sweep(record)
    >>> [(step.id, step.formula) for step in steps(record, done, ladder(record, done))]
    [('v0', ''), ('v1', 'x ⊙ x'), ('d1', '1'), ('d0', '∂J/∂J ⊙ x + ∂J/∂J ⊙ x')]
    """
    drawn = (*forward_pass(record)[0], *backward_pass(record, done)[0])
    roles = {v.id: v.role for v in drawn}
    found = [*_forward(record), *_backward(record, done)]
    owners = _owners(record)
    marks = _marks(scene, owners, homes, [at for at, *_ in found])
    reads = _reads(record, done, scene, owners)
    return [
        Step(at, roles[at], label, formula, value, sources, tuple(reads.get(at, ())), tuple(marks[at]))
        for at, label, formula, value, sources in found
    ]


_Computed = tuple[str, str, str, Array, tuple[Source, ...]]  # the first fields of a step, without its role


def _forward(record: Record) -> Iterator[_Computed]:
    stops = frozenset(node.order for node in record.labels)
    given: set[Node] = set()
    for node in record.labels:
        if node.is_leaf and node is not record.root:
            continue
        behind = ancestors(node.operands(), stops).values()
        operands = sorted((x for x in behind if x in record.labels), key=lambda x: x.order)
        for x in operands:
            if x.is_leaf and x not in given:
                given.add(x)
                yield record.ids[x], record.labels[x], "", x.value, ()
        sources = tuple(Source(record.ids[x], record.labels[x], x.value) for x in operands)
        yield record.ids[node], record.labels[node], _formula(node, sources, record), node.value, sources


def _formula(node: Node, sources: tuple[Source, ...], record: Record) -> str:
    """Write how a value is computed from named ones; only from which, where that is too long to read."""
    if node.is_leaf:
        return ""
    text = expression(node, record.labels).text
    if len(text) > _LONGEST:
        return f"f({', '.join(source.label for source in sources)})"
    return typeset(_ONE_AXIS.sub(r"axis=\1", text))


def _backward(record: Record, done: Sweep) -> Iterator[_Computed]:
    complete: dict[Node, int] = {record.root: -sys.maxsize}  # after whose adjoint, latest results first
    arriving: dict[Node, list[tuple[str, Source]]] = {record.root: []}
    for step in done.steps:
        complete[step.x] = -step.u.order
        adjoint = f"∂{record.name}/∂{record.labels[step.u]}"
        names = {**record.labels, step.seed: HOLE}
        for term in step.terms:
            label = factor(step.u, step.x, step.seed, term, names, whole=len(step.terms) == 1)
            source = Source(_adjoint_id(step.u, record), adjoint, term.value, label)
            arriving.setdefault(step.x, []).append((_applied(label, adjoint), source))
    for x in sorted(complete, key=lambda x: (complete[x], not x.is_leaf, x.order)):
        terms = [term for term, _ in arriving[x]]
        formula = " + ".join([*terms[:_MOST_TERMS], *(["…"] if len(terms) > _MOST_TERMS else [])])
        sources = tuple(source for _, source in arriving[x])
        label = f"∂{record.name}/∂{record.labels[x]}"
        yield _adjoint_id(x, record), label, formula or "1", done.adjoints[x], sources


def _adjoint_id(node: Node, record: Record) -> str:
    return f"d{record.ids[node][1:]}"


def _applied(label: str, adjoint: str) -> str:
    """Write a factor, in which a dot or nothing stands for the adjoint, with the adjoint itself.

    >>> [_applied(label, "dZ") for label in ("=", "· A^{T}", "⊙ g′(Z)", "Σ_{axis=1}", "broadcast")]
    ['dZ', 'dZ A^{T}', 'dZ ⊙ g′(Z)', 'Σ_{axis=1} dZ', 'broadcast(dZ)']
    """
    if label == "=":
        return adjoint
    if label == "broadcast":
        return f"broadcast({adjoint})"
    if HOLE in label or label.endswith("…"):
        return label.replace(HOLE, adjoint)
    return f"{adjoint} {label}" if label.startswith("⊙") else f"{label} {adjoint}"


def _reads(record: Record, done: Sweep, scene: Scene, owners: Mapping[str, str]) -> dict[str, list[Source]]:
    """Find the values that the steps of the way back read; those given from the side are not kept for it."""
    nodes = {at: node for node, at in record.ids.items()}
    drawn = {v.id: v.track for v in scene.vertices}
    reads: dict[str, list[Source]] = {}
    for e in caches(record, done):
        node = nodes[e.tail]
        if drawn.get(e.tail, "side" if node.is_leaf else "spine") != "side":
            label = record.labels.get(node, f"v_{{{e.tail[1:]}}}")
            reads.setdefault(e.head, []).append(Source(owners[e.tail], label, node.value))
    return reads


def _marks(
    scene: Scene, owners: Mapping[str, str], homes: Mapping[str, str], found: Iterable[str]
) -> dict[str, list[str]]:
    """Share the parts of the picture out among the steps; an edge belongs to where it leads.

    What stands for several values belongs to the step of each. The first mark of a step is its vertex.
    """
    belonging: dict[str, list[str]] = {}
    for at in found:
        vertex = f"{at[0]}{homes.get(f'v{at[1:]}', at)[1:]}"
        belonging.setdefault(vertex, []).append(at)
    for v in scene.vertices:
        if v.id not in belonging:
            belonging[v.id] = [f"d{v.of[1:]}" if v.of else owners[owner(v.id)]]
    marks: dict[str, list[str]] = {}
    for part, at in (*((v, v) for v in belonging), *((e.id, e.head) for e in scene.edges)):
        for step in belonging[at]:
            marks.setdefault(step, []).append(part)
    return marks


def _owners(record: Record) -> dict[str, str]:
    """Find the step of every recorded value: its own or, without a name, the first that it leads to."""
    owners = {record.ids[node]: record.ids[node] for node in record.labels}
    known = frozenset(node.order for node in record.labels)
    for node in record.labels:
        for x in ancestors(node.operands(), known).values():
            owners.setdefault(record.ids[x], record.ids[node])
    return owners
