"""A name for everything that a reader meets: the names that tensors have, and short ones for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograd_core.graph.node import Node
from autograd_core.wording.latex import latex_name

__all__ = ["downstream", "named"]

_LONGEST = 40  # values and operations in one formula
_REPEATED = 8  # the same, of what stands in a formula more than once


def named(graph: Sequence[Node], root: Node) -> dict[Node, str]:
    """Name what an equation is cut at, each name once.

    Tensors keep their names; of several with one name, all but the last get strokes, and so does what would
    look like another in print, or like the derivative by another: dW beside W. The result is J if it has
    none. Unnamed leaves that require a gradient are x1, x2, ..., other unnamed arrays C1, C2, ...; what was
    computed without a name is U1, U2, ... where it is long and used more than once, or as long as a line.
    Numbers stay numbers.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from autograd_core.graph.node import topological_order
    >>> x, W = ag.tensor([1.0, 2.0], requires_grad=True), ag.tensor([3.0, 4.0], name="W")
    >>> u = ag.exp((x * x + W * W) / (x - W))
    >>> y = (u * W * u).sum()
    >>> sorted(named(topological_order([y]), y).values())
    ['J', 'U1', 'W', 'x1']
    """
    uses = Counter(x.order for node in graph for x in node.operands())
    own = {node: node.name for node in graph if node.name and node is not root} | {root: root.name or "J"}
    taken = set(own.values())
    left = Counter(own.values())
    counts: Counter[str] = Counter()
    length: dict[int, int] = {}
    names: dict[Node, str] = {}

    def fresh(letter: str) -> str:
        while True:
            counts[letter] += 1
            if (name := f"{letter}{counts[letter]}") not in taken:
                return name

    for node in graph:
        length[node.order] = 1 + sum(length[x.order] for x in node.operands())
        if node in own:
            name = own[node]
            left[name] -= 1
            names[node] = _with_strokes(name, left[name], taken)
        elif node.primitive is None and node.requires_grad:
            names[node] = fresh("x")
        elif node.primitive is None and node.ndim:
            names[node] = fresh("C")
        elif length[node.order] > (_LONGEST if uses[node.order] == 1 else _REPEATED):
            names[node] = fresh("U")
        if node in names:
            length[node.order] = 1
    return _told_apart(names)


def _told_apart(names: dict[Node, str]) -> dict[Node, str]:
    """Give strokes to names that look in print as another does, or as the derivative by another."""
    looks: set[str] = set()
    found: dict[Node, str] = {}
    for node, name in sorted(names.items(), key=lambda item: len(item[1])):
        while {latex_name(name), latex_name(f"d{name}")} & looks:
            name += "′"
        looks |= {latex_name(name), latex_name(f"d{name}")}
        found[node] = name
    return {node: found[node] for node in names}


def _with_strokes(name: str, later: int, taken: set[str]) -> str:
    """The name of one of several that have it: a stroke for each of those that come later."""
    if not later:
        return name
    found = f"{name}{'′' * later}" if later <= 3 else f"{name}′{later}"
    while found in taken:
        found += "′"
    taken.add(found)
    return found


def downstream(graph: Sequence[Node], names: dict[Node, str]) -> dict[Node, int]:
    """For each node, when the first named result after it was recorded, whose equation it stands in."""
    after: dict[Node, int] = {}
    for node in reversed(graph):
        own = node.order if node in names and node.primitive is not None else after.get(node, node.order)
        for x in node.operands():
            after[x] = min(own, after.get(x, own))
    return after
