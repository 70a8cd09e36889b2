"""A tree of arrays as one vector of float64, for what solves or minimises over all parameters at once."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np

from autograd_core.graph.node import Array
from autograd_core.wording.errors import ShapeError
from nn.given import floating_leaves

__all__ = ["Layout"]


class Layout:
    """Where each array of a tree stands in the vector.

    Parameters
    ----------
    like : array, or container of arrays
        Gives the structure, the shapes and the dtypes.

    Attributes
    ----------
    size : int
        Number of entries of the vector.

    Examples
    --------
    >>> layout = Layout({"W": np.ones((1, 2)), "b": np.zeros(1, np.float32)})
    >>> layout.vector({"b": [5.0], "W": [[3.0, 4.0]]})
    Traceback (most recent call last):
    autograd_core.ShapeError: tree["W"] is a list of 1, but one array is wanted; np.array(...) makes
    one of a list
    >>> layout.vector({"b": np.array([5.0]), "W": np.array([[3.0, 4.0]])})
    array([3., 4., 5.])
    >>> layout.tree(np.array([3.0, 4.0, 5.0]))
    {'W': array([[3., 4.]]), 'b': array([5.], dtype=float32)}
    """

    def __init__(self, like: Any) -> None:
        leaves, self._structure = floating_leaves(like, "params")
        self._kinds = [(x.shape, x.dtype) for x in leaves]
        *self._ends, self.size = [0, *accumulate(x.size for x in leaves)]

    def vector(self, tree: Any, root: str = "tree") -> Array:
        """Lay the arrays of a tree end to end.

        Raises
        ------
        ShapeError
            It has not the structure and shapes of the layout; `root` is what the message calls it.
        """
        leaves = self._structure.leaves_of(tree, root)
        for i, (x, (shape, _)) in enumerate(zip(leaves, self._kinds)):
            if np.shape(x) != shape:
                raise ShapeError(
                    f"{self._structure.paths(root)[i]} is an array of shape {np.shape(x)}; wanted {shape}"
                )
        return np.concatenate([np.zeros(0), *[np.ravel(x) for x in leaves]])

    def tree(self, vector: Array) -> Any:
        """Cut a vector into new arrays, each in its shape and dtype."""
        parts = np.split(vector, self._ends[1:])
        return self._structure.unflatten(
            [part.reshape(shape).astype(dtype) for part, (shape, dtype) in zip(parts, self._kinds)]
        )
