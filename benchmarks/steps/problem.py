"""The step that every contestant takes: tanh layers, softmax with cross-entropy, gradient descent."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

RATE = 0.01
NETWORKS = {
    "2-4-2, m=4": ((2, 4, 2), 4),
    "64-32-10, m=64": ((64, 32, 10), 64),
    "784-128-10, m=128": ((784, 128, 10), 128),
    "784-512-512-10, m=256": ((784, 512, 512, 10), 256),
    "1024-2048-2048-10, m=512": ((1024, 2048, 2048, 10), 512),
}


class Problem(NamedTuple):
    """Parameters and examples, one column an example.

    Attributes
    ----------
    weights : list of (W, b)
        Each W (n[l], n[l-1]) and b (n[l], 1).
    X : ndarray (n[0], m)
    Y : ndarray (n[L], m)
        One-hot.
    """

    weights: list[tuple[np.ndarray, np.ndarray]]
    X: np.ndarray
    Y: np.ndarray

    @property
    def dtype(self) -> np.dtype:
        """The one dtype of all arrays."""
        return self.X.dtype

    @property
    def rate(self) -> np.generic:
        """The learning rate, in the dtype of the arrays."""
        return self.dtype.type(RATE)

    @property
    def m(self) -> int:
        """Number of examples."""
        return self.X.shape[1]


class Links(NamedTuple):
    """A chain of small operations, four a link: y <- sin(tanh(y) * w + b), beginning with x."""

    arrays: list[np.ndarray]
    count: int

    def run(self, module: Any, x: Any, w: Any, b: Any) -> Any:
        """Compute the sum of the end of the chain with a library's own functions."""
        tanh, sin = module.tanh, module.sin
        for _ in range(self.count):
            x = sin(tanh(x) * w + b)
        return module.sum(x)


def draw_links(shape: tuple[int, ...], count: int, dtype: str) -> Links:
    """Draw x, w and b, the same for every contestant."""
    rng = np.random.default_rng(0)
    ranges = ((-1, 1), (1, 2), (-0.1, 0.1))
    return Links([np.asarray(rng.uniform(*ends, shape), dtype) for ends in ranges], count)


def draw(widths: tuple[int, ...], m: int, dtype: str) -> Problem:
    """Draw weights and examples, the same for every contestant."""
    rng = np.random.default_rng(0)
    weights = [
        (rng.normal(0, n_in**-0.5, (n_out, n_in)).astype(dtype), np.zeros((n_out, 1), dtype))
        for n_in, n_out in pairwise(widths)
    ]
    X = rng.normal(size=(widths[0], m)).astype(dtype)
    Y = np.eye(widths[-1], dtype=dtype)[:, rng.integers(0, widths[-1], m)]
    return Problem(weights, X, np.ascontiguousarray(Y))
