"""A value as another shape of the same memory: where each of its entries lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from autograd_core.compilation.program import Value

__all__ = ["View", "compact", "whole"]


class View(NamedTuple):
    """Entries of a value's memory, by how far each axis steps through it.

    Attributes
    ----------
    base : Value
        Its entries lie row after row.
    shape, strides : tuple of int
        Strides count entries; 0 repeats them.

    Examples
    --------
    >>> x = whole(Value((2, 3), "f8"))
    >>> x.transposed(None).strides
    (1, 3)
    >>> x.broadcast((4, 2, 3)).strides
    (0, 3, 1)
    >>> x.transposed(None).reshaped((6,)) is None
    True
    """

    base: Value
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of entries seen."""
        return math.prod(self.shape)

    @property
    def plain(self) -> bool:
        """Whether it is the whole value, in its order; the shape may differ."""
        return self.size == self.base.size and self.strides == compact(self.shape)

    def transposed(self, axes: Sequence[int] | None) -> View:
        """Reorder the axes; reverse them by default."""
        order = range(len(self.shape))[::-1] if axes is None else axes
        shape, strides = (tuple(x[k] for k in order) for x in (self.shape, self.strides))
        return self._replace(shape=shape, strides=strides)

    def broadcast(self, shape: tuple[int, ...]) -> View:
        """Repeat entries along new axes and axes of size 1."""
        new = len(shape) - len(self.shape)
        kept = zip(self.shape, self.strides, shape[new:])
        strides = [0] * new + [0 if n == 1 else step for n, step, _ in kept]
        return self._replace(shape=shape, strides=tuple(strides))

    def reshaped(self, shape: tuple[int, ...]) -> View | None:
        """Give it another shape; None where that needs a copy."""
        if self.plain or self.size == 1:
            return self._replace(shape=shape, strides=compact(shape))
        mine = [(n, step) for n, step in zip(self.shape, self.strides) if n != 1]
        if [n for n, _ in mine] != [n for n in shape if n != 1]:
            return None
        steps = iter(mine)
        return self._replace(shape=shape, strides=tuple(0 if n == 1 else next(steps)[1] for n in shape))


def compact(shape: Sequence[int]) -> tuple[int, ...]:
    """Strides of entries that lie row after row; 0 along axes of size 1.

    Examples
    --------
    >>> compact((2, 1, 3))
    (3, 0, 1)
    """
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(0 if n == 1 else step)
        step *= n
    return tuple(reversed(strides))


def whole(x: Value) -> View:
    """See all of a value as it is."""
    return View(x, x.shape, compact(x.shape))
