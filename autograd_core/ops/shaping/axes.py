"""Axes and shapes out of what a caller gives, or an error that names the operation and what is wrong.

NumPy's functions in C take one whole number, or for a sum several in a tuple; those in Python take True for
1 too, and any container. So do ours, by the same name.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.wording.arguments import is_sequence, whole
from autograd_core.wording.errors import ShapeError, describe

__all__ = ["Axis", "Shape", "axes_of", "axis_of", "several", "shape_of", "sizes_of", "some_axes_of"]

Shape = tuple[int, ...]
Axis = int | tuple[int, ...] | None


def axis_of(
    name: str, x: Any, axis: Any, ndim: int | None = None, *, truth: bool = False, what: str = "axis"
) -> int:
    """Take one axis, and count it from the front.

    Parameters
    ----------
    name : str
        The operation, for a message.
    x : array or Tensor
    axis : int
        Negative ones are counted from the end.
    ndim : int, optional
        How many axes there are to choose from; those of x by default.
    truth : bool
        Take True for 1.
    what : str
        The parameter.

    Raises
    ------
    ShapeError
        There is no such axis.
    DtypeError
        No whole number.
    """
    ndim = x.ndim if ndim is None else ndim
    at: int = axis if type(axis) is int else whole(axis, f"{name}: {what}", truth=truth)
    if not -ndim <= at < ndim:
        raise ShapeError(f"{name}: {what} {axis} is not among the {ndim} axes for {describe(x)}")
    return at + ndim if at < 0 else at


def axes_of(name: str, x: Any, axis: Any, *, number: bool = False) -> Any:
    """Take an axis, or several in a tuple: None for all of them, or distinct ones counted from the front.

    With `number`, what has no axis counts as a row of one entry where a single axis is named: a sum of it
    along axis 0 is the number itself.

    Raises
    ------
    ShapeError
        There is no such axis, or one is named twice.
    DtypeError
        Something else than None, a whole number or a tuple of them.
    """
    if axis is None:
        return None
    if type(axis) is int and 0 <= axis < x.ndim:
        return (axis,)
    if isinstance(axis, tuple):
        return _distinct(name, x, axis, x.ndim, truth=False)
    axis = whole(axis, f"{name}: axis", "None, a whole number or a tuple of them")
    if number and not x.ndim:
        axis_of(name, x, axis, 1)
        return ()
    return (axis_of(name, x, axis),)


def some_axes_of(name: str, x: Any, axis: Any, ndim: int | None = None, what: str = "axis") -> Shape:
    """Take an axis or a container of axes: distinct ones, counted from the front.

    Raises
    ------
    ShapeError
        There is no such axis, or one is named twice.
    DtypeError
        Something else than whole numbers.
    """
    ndim = x.ndim if ndim is None else ndim
    given = several(axis)
    return _distinct(name, x, given, ndim, truth=True, what=what)


def _distinct(
    name: str, x: Any, given: Sequence[Any], ndim: int, *, truth: bool, what: str = "axis"
) -> Shape:
    axes = tuple([axis_of(name, x, a, ndim, truth=truth, what=what) for a in given])
    if len(set(axes)) < len(axes):
        raise ShapeError(f"{name}: {what} {tuple(given)} names one of the axes of {describe(x)} twice")
    return axes


def several(given: Any) -> tuple[Any, ...]:
    """What a sequence holds, else the one thing given; a matrix, even an empty one, is no sequence."""
    nested = isinstance(given, np.ndarray) and given.ndim > 1
    return tuple(given) if is_sequence(given) and not nested else (given,)


def sizes_of(name: str, sizes: Any, what: str = "shape", *, truth: bool = False) -> Shape:
    """Take a whole number or a sequence of them, as a shape is given; with `truth`, True for 1.

    Raises
    ------
    DtypeError
        Something else.
    ShapeError
        A number beyond all sizes.
    """
    if (
        type(sizes) is tuple
        and _WHOLE.issuperset(map(type, sizes))
        and max(map(abs, sizes), default=0) <= sys.maxsize
    ):
        return sizes
    given = several(sizes)
    return tuple(
        [
            n
            if type(n) is int and abs(n) <= sys.maxsize
            else whole(n, f"{name}: {what}", _SEVERAL, truth=truth)
            for n in given
        ]
    )


def shape_of(name: str, sizes: Any, what: str = "shape", *, truth: bool = False) -> Shape:
    """Take a shape, or what is counted along each axis: whole numbers, none of them negative.

    Raises
    ------
    DtypeError
        No whole numbers.
    ShapeError
        A negative one, or one beyond all sizes.
    """
    shape = sizes_of(name, sizes, what, truth=truth)
    if shape and min(shape) < 0:
        raise ShapeError(f"{name}: {what} is {sizes!r:.60}, wanted no negative number")
    return shape


_WHOLE = frozenset({int})
_SEVERAL = "a whole number or a sequence of them"
