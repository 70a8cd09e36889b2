"""A name for everything that a reader meets: the names that tensors have, and short ones for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograd_core.node import Node

__all__ = ["downstream", "named"]


def named(graph: Sequence[Node], root: Node) -> dict[Node, str]:
    """Name what an equation is cut at, each name once.

    Tensors keep their names; of several with one name, all but the last get a stroke. The result is J if it
    has none. Unnamed leaves that require a gradient are x1, x2, ..., other unnamed arrays C1, C2, ..., and
    what was computed without a name and is used more than once U1, U2, .... Numbers stay numbers.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from autograd_core.node import topological_order
    >>> x, W = ag.tensor([1.0, 2.0], requires_grad=True), ag.tensor([3.0, 4.0], name="W")
    >>> u = ag.exp(x)
    >>> y = (u * W * u).sum()
    >>> sorted(named(topological_order([y]), y).values())
    ['J', 'U1', 'W', 'x1']
    """
    uses = Counter(x.order for node in graph for x in node.operands())
    taken = {node.name for node in graph if node.name}
    counts: Counter[str] = Counter()
    names: dict[Node, str] = {}

    def fresh(letter: str) -> str:
        while True:
            counts[letter] += 1
            if (name := f"{letter}{counts[letter]}") not in taken:
                return name

    last = {node.name: node for node in graph if node.name}
    for node in graph:
        if node.name:
            names[node] = node.name if last[node.name] is node else f"{node.name}′"
        elif node is root:
            names[node] = "J" if "J" not in taken else fresh("J")
        elif node.primitive is None and node.requires_grad:
            names[node] = fresh("x")
        elif node.primitive is None and node.ndim:
            names[node] = fresh("C")
        elif node.primitive is not None and uses[node.order] > 1:
            names[node] = fresh("U")
    return names


def downstream(graph: Sequence[Node], names: dict[Node, str]) -> dict[Node, int]:
    """For each node, when the first named result after it was recorded, whose equation it stands in."""
    after: dict[Node, int] = {}
    for node in reversed(graph):
        own = node.order if node in names and node.primitive is not None else after.get(node, node.order)
        for x in node.operands():
            after[x] = min(own, after.get(x, own))
    return after
