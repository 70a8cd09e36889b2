"""Operations that join, split and repeat arrays. Each is linear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.errors import ShapeError
from autograd_core.node import Node
from autograd_core.notation import applied
from autograd_core.ops.indexing import getitem, scatter_add
from autograd_core.ops.shape import axes_of
from autograd_core.primitive import Each, primitive

__all__ = ["concatenate"]


def _place(args: tuple[Any, ...], i: int, axis: int) -> tuple[slice, ...]:
    """Where the i-th of the joined arrays stands in the result."""
    start = sum(x.shape[axis] for x in args[:i])
    return (*(slice(None),) * axis, slice(start, start + args[i].shape[axis]))


@primitive(
    vjps=Each(lambda i, ct, _out, *args, axis: getitem(ct, _place(args, i, axis))),
    jvps=Each(lambda i, t, out, *args, axis: scatter_add(t, _place(args, i, axis), out.shape)),
    notation=applied("concatenate")._replace(
        numpy=lambda *arrays, axis: f"np.concatenate(({', '.join(arrays)},), axis={axis})",
    ),
    flops=lambda *_, **__: 0,
)
def _concatenate(*arrays: Any, axis: int) -> Any:
    return np.concatenate(arrays, axis=axis)


def concatenate(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Join arrays along an existing axis.

    Raises
    ------
    ShapeError
        The other axes differ in size, there is no such axis, or there is nothing to join.

    Examples
    --------
    >>> concatenate([np.zeros((2, 1)), np.ones((2, 2))], axis=1)
    array([[0., 1., 1.],
           [0., 1., 1.]])
    """
    if len(arrays) == 0:
        raise ShapeError("concatenate: there is no array to join")
    first = arrays[0] if isinstance(arrays[0], Node) else np.asarray(arrays[0])
    return _concatenate(*arrays, axis=axes_of(first, axis)[0])
