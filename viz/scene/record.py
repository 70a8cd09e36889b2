"""What was recorded behind a result: in order, with names, and in layers."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autograd_core.graph.node import Array, Node, topological_order
from autograd_core.wording.errors import no_tensor
from viz.scene.labels import index, spelled

__all__ = ["Record", "also_named", "read"]


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A recorded graph as the pictures see it.

    Attributes
    ----------
    root : Node
        The result.
    nodes : list of Node
        Everything it was computed from and itself, operands first.
    ids : dict of Node to str
        ``v0``, ``v1``, ... in the order of recording.
    labels : dict of Node to str
        Markup of each value that has a name of its own; the others are steps on the way or
        constants.
    layers : dict of Node to str
        The layer of each value that lies in one.
    """

    root: Node
    nodes: list[Node]
    ids: dict[Node, str]
    labels: dict[Node, str]
    layers: dict[Node, str]

    @property
    def name(self) -> str:
        """What the result is called, in markup."""
        return self.labels[self.root]

    @property
    def gradients(self) -> dict[Node, Array]:
        """The gradients that tensors hold, of whatever was differentiated last."""
        held = ((node, node.grad) for node in self.nodes if node.grad is not None)
        return {node: getattr(grad, "value", grad) for node, grad in held}


def read(root: Any) -> Record:
    """Read the graph behind a result.

    Raises
    ------
    DtypeError
        `root` is no tensor.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> record = read((x * 3.0).sum())
    >>> [record.ids[node] for node in record.nodes], list(record.labels.values())
    (['v0', 'v1', 'v2'], ['x', 'J'])
    """
    if not isinstance(root, Node):
        raise no_tensor("a picture is drawn of", root, "viz.both(J)")
    nodes = topological_order([root])
    ids = {node: f"v{i}" for i, node in enumerate(nodes)}
    layers = _layers(nodes)
    return Record(root, nodes, ids, _labels(root, nodes, ids, layers), layers)


def also_named(record: Record, nodes: Container[Node]) -> Record:
    """Name further values, by their steps.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> record = read(x * x + 1.0)
    >>> list(also_named(record, record.nodes).labels.values())
    ['x', 'v_{1}', 'J']
    """
    labels = {
        node: record.labels.get(node, f"v_{{{at[1:]}}}")
        for node, at in record.ids.items()
        if node in record.labels or node in nodes
    }
    return replace(record, labels=labels)


def _labels(
    root: Node, nodes: list[Node], ids: Mapping[Node, str], layers: Mapping[Node, str]
) -> dict[Node, str]:
    """Spell the names there are; call the result J and unnamed parameters by their place."""
    names = {node.name for node in nodes}
    labels = {}
    for node in nodes:
        if node.name:
            first = node.name == "X" and node.is_leaf and layers and "A[0]" not in names
            labels[node] = "A^{[0]}" if first else spelled(node.name)
        elif node is root:
            labels[node] = "J" if "J" not in names else "J_{total}"
        elif node.is_leaf and node.requires_grad:
            labels[node] = f"v_{{{ids[node][1:]}}}"
    return labels


def _layers(nodes: list[Node]) -> dict[Node, str]:
    """Find layers from names: ``Z[2]`` lies in layer 2, and so does what leads to it unnamed."""
    computed = {index(node.name) for node in nodes if not node.is_leaf}
    layers: dict[Node, str | None] = {}
    for node in reversed(nodes):
        if node.name:
            own = index(node.name)
            layers[node] = own if own in computed else None
        for x in node.operands():
            if not x.name:
                layers[x] = layers.get(node)  # the first step that uses it comes last here
    return {node: found for node in nodes if (found := layers.get(node)) is not None}
