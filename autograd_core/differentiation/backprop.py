r"""The two sweeps over a recorded graph: the chain rule.

    ∂y/∂x_j = Σ_i (∂y/∂u_i) (∂u_i/∂x_j)

`reverse_sweep` goes from a result towards the leaves and carries cotangents ∂y/∂u; where paths meet,
they are added. `forward_sweep` goes the other way and carries tangents. Both run on plain arrays, or
with ``create_graph`` on nodes, so that the sweep is itself recorded: it can be drawn and
differentiated again. Every node is visited once, and nothing recurses.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from autograd_core.graph.node import Node, arrays_in, changed_at, last_change, topological_order
from autograd_core.graph.primitive import Joint
from autograd_core.graph.recording import Observer, observers, state
from autograd_core.ops.shaping.pieces import PICKING, gathered
from autograd_core.ops.shaping.shape import astype, broadcast_to, summed_to
from autograd_core.system.locks import reentrant_lock, under
from autograd_core.wording.errors import GraphError, describe

__all__ = ["accumulate", "forward_sweep", "reverse_sweep"]


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
    watching = () if state() is True else observers()
    found, waiting, latest = _started(seeds, stop)
    following = following_ct = None  # visited next: along a chain nothing has to cross the heap
    picked: dict[Node, list[tuple[Any, Node]]] = {}  # what reaches a node through parts of it
    while latest or following is not None:
        node, ct = waiting.pop(-heappop(latest)) if following is None else (following, following_ct)
        following = None
        ct = ct if not picked or node not in picked else _with_parts(node, ct, picked.pop(node), watching)
        if keep:
            found[node] = ct
        if watching or latest_change > node.order:
            _visit(node, latest_change, watching)
        params = node.params
        picks = params and node.primitive is PICKING
        out, args = (node, node.inputs) if create_graph else (node.value, node.values)
        for x, vjp in zip(node.inputs, node.primitive.vjps):  # type: ignore[union-attr]
            if vjp is None or not isinstance(x, Node) or not x.requires_grad:
                continue
            at = x.order
            if leading is not None and at not in leading:
                continue
            if picks:
                picked.setdefault(x, []).append((ct, node))
                _await(x, waiting, latest, stop)
                continue
            part = (  # spelt out, because unpacking costs more than many a rule
                vjp(ct, out, *args, **params)
                if params or len(args) > 2
                else vjp(ct, out, args[0])
                if len(args) == 1
                else vjp(ct, out, args[0], args[1])
            )
            if part.shape != x.value.shape:  # broadcasting is undone here, and only here
                part = summed_to(part, x.value.shape)
            if part.dtype is not x.value.dtype and part.dtype != x.value.dtype:
                part = astype(part, x.value.dtype)
            if x.primitive is None or at in stop:  # where paths meet: the sum in equation (12)
                found[x] = found[x] + part if x in found else part
            elif x is following:
                following_ct = following_ct + part
            elif following is None and not latest:
                following, following_ct = x, part
            elif at in waiting:
                waiting[at] = x, part if waiting[at][1] is None else waiting[at][1] + part
            else:
                waiting[at] = x, part
                heappush(latest, -at)
            if watching:  # with what x had already: a sum may overflow
                _tell(watching, node, x, found[x] if x in found else waiting.get(at, (x, following_ct))[1])
        if latest and following is not None:
            waiting[following.order] = following, following_ct
            heappush(latest, -following.order)
            following = None
    return found | {x: _with_parts(x, found.get(x), parts, watching) for x, parts in picked.items()}


Waiting = dict[int, tuple[Node, Any]]


def _started(seeds: Mapping[Node, Any], stop: frozenset[int]) -> tuple[dict[Node, Any], Waiting, list[int]]:
    """What is found already, what waits, by its stamp, and a heap of negated stamps: results come first."""
    found = {x: seed for x, seed in seeds.items() if x.primitive is None or x.order in stop}
    waiting = {x.order: (x, seed) for x, seed in seeds.items() if x not in found}
    latest = [-order for order in waiting]
    heapify(latest)
    return found, waiting, latest


def _await(x: Node, waiting: Waiting, latest: list[int], stop: frozenset[int]) -> None:
    """Enter a node whose cotangent comes later, unless the sweep ends there."""
    if x.primitive is not None and x.order not in stop and x.order not in waiting:
        waiting[x.order] = x, None
        heappush(latest, -x.order)


def _visit(node: Node, latest_change: int, watching: Sequence[Observer]) -> None:
    """See that what the rules of a node read is as it was, and tell who watches that they are applied."""
    if latest_change > node.order:
        _refuse_stale(node)
    for observer in watching:
        observer.visited(node)


def _with_parts(x: Node, ct: Any, parts: list[tuple[Any, Node]], watching: Sequence[Observer]) -> Any:
    """Add what reaches a node through parts of it to what else has reached it."""
    total = gathered([(part, node.params) for part, node in parts], x.value.shape)
    if total.dtype != x.value.dtype:
        total = astype(total, x.value.dtype)
    total = total if ct is None else ct + total
    _tell(watching, parts[-1][1], x, total)
    return total


def _tell(watching: Sequence[Observer], node: Node, to: Node, derivative: Any) -> None:
    """Tell who watches what the rules of a node have led to."""
    for observer in watching:
        observer.propagated(node, to, derivative)


def _leading_to(stop: frozenset[int], results: Iterable[Node]) -> set[int]:
    """Stamps of the nodes from which a wanted one is reached; no cotangent is needed elsewhere."""
    leading = set(stop)
    for node in topological_order(results, stop):
        if any(x.order in leading for x in node.operands()):
            leading.add(node.order)
    return leading


def _refuse_stale(node: Node) -> None:
    """Raise if an operand or the result is no longer what it was when it was recorded."""
    positions = ((x, x) for x in arrays_in(node.params.values()))
    pairs = [*zip(node.inputs, node.values), *positions, (node, node.value)]
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
    latest_change = last_change()
    watching = () if state() is True else observers()
    moving: dict[int, Any] = {node.order: t for node, t in tangents.items()}
    for node in topological_order(results, frozenset(moving)):
        operation = node.primitive
        if operation is None or node.order in moving:
            continue
        out, args = (node, node.inputs) if create_graph else (node.value, node.values)
        total = None
        together = operation.jvps.together if isinstance(operation.jvps, Joint) else None
        for x, jvp in zip(node.inputs, operation.jvps):
            if jvp is not None and isinstance(x, Node) and x.order in moving:
                if total is None:  # the first rule that is applied here
                    _visit(node, latest_change, watching)
                t = (
                    jvp(moving[x.order], out, *args, **node.params)
                    if together is None
                    else together(*_all_tangents(node, moving), **node.params)
                )
                if t.shape != node.value.shape:
                    t = broadcast_to(t, node.value.shape)
                if t.dtype != node.value.dtype:
                    t = astype(t, node.value.dtype)
                total = t if total is None else total + t
                if together is not None:
                    break
        if total is not None:
            moving[node.order] = total
            _tell(watching, node, node, total)
    return [moving.get(node.order) for node in results]


def _all_tangents(node: Node, moving: Mapping[int, Any]) -> Iterator[Any]:
    """The tangent of each operand, zeros for those that stand still."""
    for x, value in zip(node.inputs, node.values):
        t = moving.get(x.order) if isinstance(x, Node) else None
        yield np.zeros_like(value) if t is None else t


def accumulate(found: Mapping[Node, Any], create_graph: bool) -> None:
    """Add what a sweep has found to the gradients of leaves, and set those of other nodes: all or none."""
    under(_accumulating, _accumulate, found, create_graph)


def _accumulate(found: Mapping[Node, Any], create_graph: bool) -> None:
    shared: set[int] = set()
    totals = []
    for node, ct in found.items():
        if node.primitive is None and node.grad is not None:
            total = node.grad + ct
            totals.append(total if isinstance(total, Node) else np.asarray(total))
        elif create_graph or (type(ct) is np.ndarray and ct.base is None and id(ct) not in shared):
            totals.append(ct)
            shared.add(id(ct))
        else:  # a view, a scalar, or the gradient of another tensor too
            totals.append(np.array(ct))
    _at_once(map(_set_grad, found, totals))


_set_grad = vars(Node)["grad"].__set__
_at_once = deque[Any](maxlen=0).extend  # goes through all there is, without a step in Python
_accumulating = reentrant_lock()  # a signal may call backward inside it
