"""What these numbers cannot tell, however well they agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from autograd_core.comparisons.judging.setting import Setting
from autograd_core.comparisons.judging.verdict import Claimed
from autograd_core.graph.node import Node
from autograd_core.wording.identifiers import printable

__all__ = ["limits"]


def limits(
    graph: Iterable[Node], setting: Setting | None = None, claims: Sequence[Claimed] = ()
) -> tuple[str, ...]:
    """Say which mistakes would not show with these data.

    Parameters
    ----------
    graph : iterable of Node
        Data are the matrices with a name that nothing is differentiated by.
    setting : Setting, optional
    claims : sequence of Claimed
        Those that are functions were computed with other data too, where `setting` could do that.

    Examples
    --------
    >>> import autograd_core as ag
    >>> limits([ag.tensor([[1.0], [2.0]], name="X"), ag.tensor([[1.0, 1.0]], name="Y")])[0]
    'X has one column: a sum over columns, or their number as a factor, cannot be seen'
    """
    hidden = "a sum over columns, or their number as a factor,"
    if setting is None or not all(claim.function for claim in claims):
        return tuple(_of_data(graph, hidden))
    resizing = setting.resizing
    if not resizing.coincides:
        return tuple(_of_data(graph, hidden))
    if setting.elsewhere is None:
        told = "sizes could not be varied: equal ones may stand for one another"
        return (told, *_of_data(graph, hidden))
    if narrow := [printable(claim.name) for claim in claims if claim.narrow]:
        told = f"{', '.join(narrow)} may hold sizes as numbers: only the recorded ones were tried"
        return (told, *_of_data(graph, hidden))
    return tuple(_of_data(graph, "their number as a factor") if resizing.only_shapes_tell else ())


def _of_data(graph: Iterable[Node], hidden: str) -> Iterator[str]:
    for x in graph:
        if x.is_leaf and not x.requires_grad and x.name and x.ndim == 2:
            name = printable(x.name)
            if x.shape[1] == 1:
                yield f"{name} has one column: {hidden} cannot be seen"
            elif x.size and np.all(x.value == x.value.flat[0]):
                what = "what differs between its values cannot be seen"
                yield f"{name} is {x.value.flat[0]:g} everywhere: {what}"
