"""What a caller gives: a network, or where random numbers come from."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.differentiation.tree import Structure, flatten
from autograd_core.graph.dispatch import plain_array
from autograd_core.graph.node import Array, Node
from autograd_core.wording.errors import DtypeError, OptionError, SizeError

__all__ = ["empty", "floating_leaves", "generator", "network", "precision"]


def network(net: Any, caller: str) -> Any:
    """Take a network.

    Raises
    ------
    OptionError
        Something else, such as a single layer.

    Examples
    --------
    >>> network(3, "accuracy")
    Traceback (most recent call last):
    autograd_core.OptionError: accuracy: net is 3, wanted a network, nn.Sequential(...)
    """
    if isinstance(net, type) or not (hasattr(net, "layers") and hasattr(net, "predict")):
        raise OptionError(f"{caller}: net is {net!r:.60}, wanted a network, nn.Sequential(...)")
    return net


def generator(seed: Any, caller: str) -> np.random.Generator:
    """Make a generator of a seed, or take one as it is; None draws a seed afresh.

    Raises
    ------
    OptionError
        No seed.

    Examples
    --------
    >>> int(generator(0, "moons").integers(10))
    8
    """
    try:
        if np.ndim(seed) > 1:
            raise ValueError  # default_rng takes np.matrix apart without end, which ends the process
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise OptionError(
            f"{caller}: the seed is {seed!r:.60}, wanted a whole number from 0 up or a Generator"
        ) from None


def empty(shape: tuple[int, ...], what: str) -> Array:
    """Make an array of floats to be filled.

    Raises
    ------
    SizeError
        It does not fit into memory.

    Examples
    --------
    >>> empty((2**31, 2**31), "W")
    Traceback (most recent call last):
    autograd_core.SizeError: W: an array of 2147483648x2147483648 floats does not fit into memory
    """
    try:
        return np.empty(shape)
    except (MemoryError, ValueError):  # the latter where even the number of bytes is beyond an integer
        sizes = "x".join(map(str, shape))
        raise SizeError(f"{what}: an array of {sizes} floats does not fit into memory") from None


def precision(dtype: Any, caller: str) -> np.dtype[Any]:
    """Take float64 or float32, in any spelling.

    Raises
    ------
    DtypeError
        Another dtype, or none at all.

    Examples
    --------
    >>> precision("f4", "Dense")
    dtype('float32')
    """
    try:
        found = (
            None if hasattr(dtype, "shape") and not isinstance(dtype, type | np.dtype) else np.dtype(dtype)
        )
    except (TypeError, ValueError):
        found = None
    if found is None or found not in (np.float64, np.float32):
        raise DtypeError(
            f"{caller}: dtype {found or repr(dtype)[:60]}; a layer computes in float64 or float32"
        )
    return found  # type: ignore[no-any-return]


def floating_leaves(tree: Any, root: str) -> tuple[list[Any], Structure]:
    """Take a container of arrays apart; `root` is what the message calls it.

    Raises
    ------
    DtypeError
        What stands in it is no array of floating-point numbers.

    Examples
    --------
    >>> floating_leaves({"W": np.ones(1)}, "params")[0]
    [array([1.])]
    """
    leaves, structure = flatten(tree)
    for i, x in enumerate(leaves):
        array = isinstance(x, np.ndarray | np.floating | Node)
        if not array or x.dtype.kind != "f":
            found = f"of dtype {x.dtype}" if array or hasattr(x, "dtype") else f"{x!r:.60}"
            raise DtypeError(f"{structure.paths(root)[i]} is {found}; wanted an array of float64 or float32")
        if isinstance(x, np.ndarray):
            plain_array(x)  # or a mask would be lost
    return leaves, structure
