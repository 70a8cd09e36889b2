"""Operations that pick entries by position, and their adjoints, which place and add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.node import Node
from autograd_core.notation import ATOM, Notation, applied
from autograd_core.primitive import linear

__all__ = ["getitem", "scatter_add"]


@linear(
    lambda ct, x, index: scatter_add(ct, index, x.shape),
    Notation("[·]", "{0}[{index}]", "{0}_{{{index}}}", "{0}[{index}]", ATOM, (ATOM,)),
)
def _getitem(x: Any, *, index: Any) -> Any:
    return x[index]


def getitem(x: Any, index: Any) -> Any:
    """Pick entries, ``x[index]``: slices, integers, masks and integer arrays, as in NumPy.

    An entry that is picked twice receives both cotangents.

    Raises
    ------
    IndexError
        The index lies outside `x`.

    Examples
    --------
    >>> getitem(np.array([1.0, 2.0, 3.0]), [0, 0, 2])
    array([1., 1., 3.])
    """
    return _getitem(x, index=_plain(index))


def _plain(index: Any) -> Any:
    """Unwrap tensors used as an index: positions carry no derivative."""
    if isinstance(index, Node):
        return index.value
    return tuple(map(_plain, index)) if isinstance(index, tuple) else index


@linear(lambda ct, _x, index, shape: getitem(ct, index), applied("scatter_add", numpy="scatter_add"))
def _scatter_add(x: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, x.dtype)
    if _picks_once(index):
        out[index] = x
    else:
        np.add.at(out, index, x)
    return out


def scatter_add(x: Any, index: Any, shape: Sequence[int]) -> Any:
    """Place entries into zeros of the given shape, adding those that fall on the same place.

    The adjoint of `getitem`.

    Examples
    --------
    >>> scatter_add(np.array([1.0, 2.0, 4.0]), [0, 0, 2], (3,))
    array([3., 0., 4.])
    """
    return _scatter_add(x, index=_plain(index), shape=tuple(shape))


def _picks_once(index: Any) -> bool:
    """Whether no entry can be picked twice: only integer arrays can repeat a position."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None
        or part is Ellipsis
        or isinstance(part, slice | int | np.integer)
        or np.asarray(part).dtype == bool
        for part in parts
    )
