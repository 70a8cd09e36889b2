"""What these numbers cannot tell, however well they agree."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autograd_core.node import Node

__all__ = ["limits"]


def limits(graph: Iterable[Node]) -> tuple[str, ...]:
    """Say which mistakes would not show with these data.

    Parameters
    ----------
    graph : iterable of Node
        Data are the matrices with a name that nothing is differentiated by.

    Examples
    --------
    >>> import autograd_core as ag
    >>> limits([ag.tensor([[1.0], [2.0]], name="X"), ag.tensor([[1.0, 1.0]], name="Y")])[0]
    'X has one column: a sum over columns, or their number as a factor, cannot be seen'
    """
    found = []
    for x in graph:
        if x.is_leaf and not x.requires_grad and x.name and x.ndim == 2:
            if x.shape[1] == 1:
                what = "a sum over columns, or their number as a factor, cannot be seen"
                found.append(f"{x.name} has one column: {what}")
            elif x.size and np.all(x.value == x.value.flat[0]):
                what = "what differs between its values cannot be seen"
                found.append(f"{x.name} is {x.value.flat[0]:g} everywhere: {what}")
    return tuple(found)
