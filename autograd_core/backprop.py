r"""The two sweeps over a recorded graph: the chain rule, equation (12) of the notes.

    ∂y/∂x_j = Σ_i (∂y/∂u_i) (∂u_i/∂x_j)

`reverse_sweep` goes from a result towards the leaves and carries cotangents ∂y/∂u; where paths meet,
they are added. `forward_sweep` goes the other way and carries tangents. Both run on plain arrays, or
with ``create_graph`` on nodes, so that the sweep is itself recorded: it can be drawn and
differentiated again. Every node is visited once, and nothing recurses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from autograd_core.errors import GraphError, describe
from autograd_core.node import Node, changed_at, last_change, topological_order
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
        Where to stop: only cotangents of these nodes are wanted. All leaves by default.
    create_graph : bool
        Run on nodes, so that the sweep is recorded; the cotangents are then nodes too.
    keep : bool
        Return the cotangent of every node visited, not only where it ends.

    Returns
    -------
    dict of Node to array or Node
        In the order in which they were finished. A node that no path reaches is absent.

    Raises
    ------
    GraphError
        A value that a rule needs was changed after it was recorded.
    """
    stop = frozenset([node.order for node in wrt])
    leading = _leading_to(stop, seeds) if stop else None
    latest_change = last_change()
    found: dict[Node, Any] = {}
    waiting: dict[int, tuple[Node, Any]] = {}
    latest: list[int] = []  # a heap of negated stamps, so that results come before operands
    for node, seed in seeds.items():
        if node.primitive is None or node.order in stop:
            found[node] = seed
        else:
            waiting[node.order] = node, seed
            heappush(latest, -node.order)
    while latest:
        order = -heappop(latest)
        node, ct = waiting.pop(order)
        if keep:
            found[node] = ct
        if latest_change > order:
            _refuse_stale(node)
        out, args = (node, node.inputs) if create_graph else (node.value, node.values)
        params = node.params
        operation: Any = node.primitive
        for x, vjp in zip(node.inputs, operation.vjps):
            if vjp is None or not isinstance(x, Node) or not x.requires_grad:
                continue
            if leading is not None and x.order not in leading:
                continue
            part = vjp(ct, out, *args, **params) if params else vjp(ct, out, *args)
            value = x.value
            if part.shape != value.shape:  # broadcasting is undone here, and only here
                part = sum_to(part, value.shape)
            if part.dtype is not value.dtype and part.dtype != value.dtype:
                part = astype(part, value.dtype)
            at = x.order
            if x.primitive is None or at in stop:  # where paths meet: the sum in equation (12)
                found[x] = found[x] + part if x in found else part
            elif at in waiting:
                waiting[at] = x, waiting[at][1] + part
            else:
                waiting[at] = x, part
                heappush(latest, -at)
    return found


def _leading_to(stop: frozenset[int], results: Iterable[Node]) -> set[int]:
    """Stamps of the nodes from which a wanted one is reached; no cotangent is needed elsewhere."""
    leading = set(stop)
    for node in topological_order(results, stop):
        if any(x.order in leading for x in node.operands()):
            leading.add(node.order)
    return leading


def _refuse_stale(node: Node) -> None:
    """Raise if an operand or the result is no longer what it was when it was recorded."""
    pairs = [*zip(node.inputs, node.values), (node, node.value)]
    for x, value in pairs:
        if changed_at(value) > node.order or (isinstance(x, Node) and x.value is not value):
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
        out, args = (node, node.inputs) if create_graph else (node.value, node.values)
        total = None
        for x, jvp in zip(node.inputs, operation.jvps):
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
