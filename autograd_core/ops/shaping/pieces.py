"""The cotangent of an array of which parts were picked one by one, at the cost of the parts.

The adjoint of one pick fills an array of the operand's size. A loop over ``x[i]`` has as many picks as ``x``
has entries, so the many small ones are placed together.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.graph.positions import origin_of
from autograd_core.graph.primitive import PRIMITIVES
from autograd_core.graph.recording import is_recording, replayed
from autograd_core.ops.shaping.axes import Shape
from autograd_core.ops.shaping.indexing import scatter_add
from autograd_core.ops.shaping.joining import concatenate
from autograd_core.ops.shaping.shape import ravel, reshape

__all__ = ["PICKING", "gathered"]

PICKING = PRIMITIVES["getitem"]

_FEW = 8  # a cotangent of the operand's size costs less than numbering its places this many times


def gathered(pieces: Sequence[tuple[Any, Mapping[str, Any]]], shape: Shape) -> Any:
    """Add up the cotangents of parts of one array.

    Parameters
    ----------
    pieces : sequence of (array or Node, dict)
        The cotangent of each part, and the parameters of the pick: ``index``.
    shape : tuple of int
        That of the array, and of what is returned.

    Examples
    --------
    >>> gathered([(np.array(2.0), {"index": 0}), (np.ones(2), {"index": slice(0, 2)})], (3,))
    array([3., 1., 0.])
    """
    size, (together, apart) = math.prod(shape), _split(pieces)
    if len(together) * size <= _FEW * (size + sum([ct.size for ct, _ in together])):
        return functools.reduce(operator.add, [scatter_add(ct, p["index"], shape) for ct, p in pieces])
    places = np.arange(size).reshape(shape)
    positions = np.concatenate([places[index].reshape(-1) for _, index in together])
    entries = concatenate([ravel(ct) for ct, _ in together])
    total = reshape(scatter_add(entries, positions, (size,)), shape)
    return functools.reduce(operator.add, [scatter_add(ct, index, shape) for ct, index in apart], total)


Pieces = list[tuple[Any, Any]]


def _split(pieces: Sequence[tuple[Any, Mapping[str, Any]]]) -> tuple[Pieces, Pieces]:
    """Cotangents and indices that are the same whatever the data, as far as that is asked for, and others."""
    split: tuple[Pieces, Pieces] = [], []
    if len(pieces) > _FEW:
        recording = is_recording()
        compiling = replayed(recording)
        for ct, params in pieces:
            index = params["index"]
            parts = index if isinstance(index, tuple) else (index,)
            varies = any(
                (compiling and isinstance(part, np.ndarray)) or (recording and origin_of(part) is not None)
                for part in parts
            )
            split[varies].append((ct, index))
    return split
