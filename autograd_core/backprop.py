r"""The two sweeps over a recorded graph: the chain rule, equation (12) of the notes.

    ∂y/∂x_j = Σ_i (∂y/∂u_i) (∂u_i/∂x_j)

`reverse_sweep` goes from a result towards the leaves and carries cotangents ∂y/∂u; where paths meet,
they are added. `forward_sweep` goes the other way and carries tangents. Both run on plain arrays, or
with ``create_graph`` on nodes, so that the sweep is itself recorded: it can be drawn and
differentiated again. Every node is visited once, and nothing recurses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Any

from autograd_core.errors import GraphError, describe
from autograd_core.node import Node, last_modified, topological_order
from autograd_core.ops.shape import astype, broadcast_to, sum_to

__all__ = ["forward_sweep", "reverse_sweep"]


def reverse_sweep(
    seeds: Mapping[Node, Any],
    wrt: Iterable[Node] = (),
    *,
    create_graph: bool = False,
    keep: bool = False,
) -> dict[Node, Any]:
    """Propagate cotangents from results to what they were computed from.

    Parameters
    ----------
    seeds : mapping of Node to array or Node
        The cotangent of each result, in its shape.
    wrt : iterable of Node
        Where to stop: cotangents of these nodes are wanted, not what lies behind them.
    create_graph : bool
        Run on nodes, so that the sweep is recorded; the cotangents are then nodes too.
    keep : bool
        Return the cotangent of every node visited, not only of leaves and `wrt`.

    Returns
    -------
    dict of Node to array or Node
        In the order in which they were finished. A node that no path reaches is absent.

    Raises
    ------
    GraphError
        A value that a rule needs was changed after it was recorded.
    """
    stop = frozenset(node.order for node in wrt)
    found: dict[Node, Any] = {}
    waiting = {node.order: (node, seed) for node, seed in seeds.items()}
    latest = [-order for order in waiting]  # a heap of negated stamps: results before operands
    heapify(latest)
    while latest:
        order = -heappop(latest)
        node, ct = waiting.pop(order)
        operation = node.primitive
        if operation is None or order in stop:
            found[node] = ct
            continue
        if keep:
            found[node] = ct
        if last_modified() > order:
            _refuse_stale(node)
        out, args = _world(node, create_graph)
        params = node.params
        for x, vjp in zip(node.inputs, operation.vjps, strict=False):
            if vjp is None or not isinstance(x, Node) or not x.requires_grad:
                continue
            part = vjp(ct, out, *args, **params)
            value = x.value
            if part.shape != value.shape:  # broadcasting is undone here, and only here
                part = sum_to(part, value.shape)
            if part.dtype is not value.dtype and part.dtype != value.dtype:
                part = astype(part, value.dtype)
            order = x.order
            if order in waiting:  # paths meet: the sum in equation (12)
                waiting[order] = x, waiting[order][1] + part
            else:
                waiting[order] = x, part
                heappush(latest, -order)
    return found


def _world(node: Node, create_graph: bool) -> tuple[Any, Sequence[Any]]:
    """What a rule is fed: the nodes themselves, so that it is recorded, or their plain values."""
    if create_graph:
        return node, node.inputs
    return node.value, [x.value if isinstance(x, Node) else x for x in node.inputs]


def _refuse_stale(node: Node) -> None:
    """Raise if an operand or the result has been given another value since it was recorded."""
    for x in (*node.inputs, node):
        if isinstance(x, Node) and x.modified > node.order:
            raise GraphError(
                f"{describe(x)} was changed after {node.primitive.name} had recorded it, "  # type: ignore[union-attr]
                "so its derivative is no longer known; change it after the backward pass, "
                "or compute the result again"
            )


def forward_sweep(
    results: Sequence[Node], tangents: Mapping[Node, Any], *, create_graph: bool = False
) -> list[Any]:
    """Propagate tangents along the graph to the results.

    Parameters
    ----------
    results : sequence of Node
    tangents : mapping of Node to array or Node
        The tangent of each node to start from, in its shape; what lies behind those is not visited.
    create_graph : bool
        Run on nodes, so that the sweep is recorded.

    Returns
    -------
    list of array, Node or None
        The tangent of each result; None where no path leads to it.

    Raises
    ------
    GraphError
        A value that a rule needs was changed after it was recorded.
    """
    moving: dict[int, Any] = {node.order: t for node, t in tangents.items()}
    for node in topological_order(results, frozenset(moving)):
        operation = node.primitive
        if operation is None or node.order in moving:
            continue
        _refuse_stale(node)
        out, args = _world(node, create_graph)
        total = None
        for x, jvp in zip(node.inputs, operation.jvps, strict=False):
            if jvp is not None and isinstance(x, Node) and x.order in moving:
                t = jvp(moving[x.order], out, *args, **node.params)
                if t.shape != node.value.shape:
                    t = broadcast_to(t, node.value.shape)
                if t.dtype != node.value.dtype:
                    t = astype(t, node.value.dtype)
                total = t if total is None else total + t
        if total is not None:
            moving[node.order] = total
    return [moving.get(node.order) for node in results]
