"""A recorded result as one formula, cut at the nodes that have a name of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_core.graph.node import Node, topological_order
from autograd_core.wording.notation import ATOM, SUM, Dialect, Written, spell, write

__all__ = ["expression"]

_LONGEST = 10_000  # characters of an operand; nobody reads on, and a chain would repeat it at every step


def expression(node: Node, names: Mapping[Node, str] | None = None, dialect: Dialect = "text") -> Written:
    """Write how a node was computed, in terms of named nodes.

    An operand of more than 10,000 characters is cut to …; name a tensor on the way to break it up.

    Parameters
    ----------
    node : Node
        Its own name is not used, unless it is a leaf.
    names : mapping of Node to str, optional
        Where to cut, and what to call those; every named tensor under its name by default.
    dialect : {"text", "latex", "numpy"}

    Returns
    -------
    Written
        The formula and how strongly its outermost operation binds.

    Examples
    --------
    >>> import autograd_core as ag
    >>> W = ag.tensor([[1.0, 2.0]], requires_grad=True, name="W[1]")
    >>> X, b = ag.tensor([[3.0], [4.0]], name="X"), ag.tensor([[1.0]], name="b[1]")
    >>> expression(ag.tanh(W @ X + b)).text
    'tanh(W[1] X + b[1])'
    """

    def name(x: Node) -> str | None:
        return x.name if names is None else names.get(x)

    cut = frozenset(x.order for x in topological_order([node]) if x is not node and name(x))
    order = topological_order([node], cut)
    uses = Counter(y.order for x in order if x.order not in cut for y in x.operands())
    written: dict[int, Written] = {}
    for x in order:
        called = name(x)
        if called and (x is not node or x.primitive is None):
            written[x.order] = Written(spell(called, dialect))
        elif x.primitive is None:
            written[x.order] = _constant(x.value, dialect)
        else:
            operands = [
                _shortened(written[y.order]) if isinstance(y, Node) else _constant(y, dialect)
                for y in x.inputs
            ]
            written[x.order] = write(x.primitive.notation, dialect, operands, x.params)
            for y in x.operands():  # a long chain holds only what is still to be written
                uses[y.order] -= 1
                if not uses[y.order]:
                    del written[y.order]
    return written[node.order]


def _shortened(operand: Written) -> Written:
    return operand if len(operand.text) <= _LONGEST else Written("…")


def _constant(value: Any, dialect: Dialect) -> Written:
    """Write a number by its value and an unnamed array by its shape."""
    if np.ndim(value):
        shape = "×".join(map(str, np.shape(value)))
        return Written(rf"\mathtt{{[{shape}]}}" if dialect == "latex" else f"[{shape}]", ATOM)
    text = f"{float(value):.6g}"
    return Written(text, SUM if text.startswith("-") else ATOM)
