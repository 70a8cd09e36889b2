"""The forward pass as vertices and edges: every recorded operation once.

An operation is a circle with its sign, and a result that has a name is a box behind it; a named
result of one step from one named value, as an activation is, is a single box that says both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd_core.graph.node import Node
from autograd_core.wording.notation import ATOM, SUM, Written, write
from viz.scene.contents import USUAL, Contents
from viz.scene.labels import HOLE, number, shape, shortened, spelled
from viz.scene.record import Record
from viz.scene.scene import Edge, Vertex
from viz.style.markup import typeset
from viz.style.roles import Role

__all__ = ["forward_pass"]

_LONGEST_SIGN = 14


def forward_pass(
    record: Record, contents: Contents = USUAL, gradients: Mapping[Node, Any] | None = None
) -> tuple[list[Vertex], list[Edge]]:
    """Draw every recorded value.

    Parameters
    ----------
    record : Record
    contents : Contents
        What to write below the names.
    gradients : mapping of Node to ndarray or Tensor, optional
        Those that are known; by default those that the tensors hold.

    Returns
    -------
    vertices : list of Vertex
        Operands before results.
    edges : list of Edge
        From every operand to the operation, as often as it is used there.
    """
    known = record.gradients if gradients is None else gradients
    vertices: list[Vertex] = []
    edges: list[Edge] = []
    for node in record.nodes:
        if node.primitive is None:
            if node in record.labels or not _is_number(node, record):
                vertices.append(_leaf(node, record, contents, known.get(node)))
            continue
        single_box = _applied_to(node, record) is not None
        at = record.ids[node]
        if node in record.labels and not single_box:
            at += "op"
        for i, x in enumerate(node.inputs):
            if _is_number(x, record):
                continue
            if isinstance(x, Node):
                tail = record.ids[x]
            else:
                tail = f"{record.ids[node]}c{i}"
                vertices.append(_constant(tail, x, record.layers.get(node)))
            edges.append(Edge(f"f{len(edges)}", tail, at, "forward"))
        if not single_box:
            vertices.append(_operation(at, node, record))
        if node in record.labels:
            vertices.append(_result(node, record, contents))
            if at != record.ids[node]:
                edges.append(Edge(f"f{len(edges)}", at, record.ids[node], "forward"))
    return vertices, edges


def _applied_to(node: Node, record: Record) -> Node | None:
    """Find the named operand of a named result that takes one step from it and nothing else."""
    if node.primitive is None or len(node.inputs) != 1 or node is record.root:
        return None
    (x,) = node.inputs
    return x if node in record.labels and x in record.labels else None


def _is_identity(node: Node) -> bool:
    """Say whether an operation only hands its operand on, as the identity activation does."""
    return node.primitive is not None and node.primitive.partials == (1,)


def _is_number(x: Any, record: Record) -> bool:
    """Say whether an operand is a plain number, which is written beside the operation."""
    if isinstance(x, Node):
        return x.is_leaf and x not in record.labels and x.ndim == 0
    return np.ndim(x) == 0


def _leaf(node: Node, record: Record, contents: Contents, gradient: Any) -> Vertex:
    if node not in record.labels:
        return _constant(record.ids[node], node.value, record.layers.get(node))
    label = record.labels[node]
    own = spelled(node.name) if node.name else label
    role: Role = "parameter" if node.requires_grad else "input"
    details = contents.of_parameter(node.value, gradient) if node.requires_grad else contents.of(node.value)
    return Vertex(
        record.ids[node],
        role,
        label if label == own else f"{label} = {own}",
        details,
        record.layers.get(node),
        f"{role} of shape {shape(node.value)}",
    )


def _constant(name: str, value: Any, layer: str | None) -> Vertex:
    said = f"constant of shape {shape(value)}"
    return Vertex(name, "constant", shape(value), (), layer, said)


def _operation(name: str, node: Node, record: Record) -> Vertex:
    assert node.primitive is not None
    settings = "".join(f", {key}={value}" for key, value in node.params.items())
    said = shortened(f"{node.primitive.name}{settings} -> {shape(node.value)}", 80)
    return Vertex(name, "operation", _sign(node, record), (), record.layers.get(node), said)


def _result(node: Node, record: Record, contents: Contents) -> Vertex:
    role: Role = "intermediate"
    label = record.labels[node]
    if node is record.root and node.size == 1:
        role = "cost"
    elif (x := _applied_to(node, record)) is not None:
        role = "activation"
        label = f"{label} = {_applied(node, record.labels[x])}"
    details = contents.of(node.value)
    said = f"result of shape {shape(node.value)}"
    return Vertex(record.ids[node], role, label, details, record.layers.get(node), said)


def _applied(node: Node, operand: str) -> str:
    """Write one step in markup; settings such as an axis are left to the table."""
    assert node.primitive is not None
    if _is_identity(node):
        return operand
    notation = node.primitive.notation
    text = write(notation, "text", [Written(operand)], node.params).text
    call = f"{notation.symbol}({operand}"
    return f"{call})" if text.startswith(call) else typeset(text)


def _sign(node: Node, record: Record) -> str:
    """Write what stands in the circle: the sign alone, or with the plain numbers it takes."""
    assert node.primitive is not None
    notation = node.primitive.notation
    operands = list(_operands(node, record))
    if any(operand.text != HOLE for operand in operands):
        text = write(notation, "text", operands, node.params).text
        if len(text) <= _LONGEST_SIGN:
            return typeset(text)
    return shortened(notation.symbol, _LONGEST_SIGN)


def _operands(node: Node, record: Record) -> Iterator[Written]:
    for x in node.inputs:
        if _is_number(x, record):
            text = number(x.value if isinstance(x, Node) else x)
            yield Written(text, SUM if text.startswith("−") else ATOM)
        else:
            yield Written(HOLE)
