"""Features brought to mean 0 and variance 1, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autograd_core.graph.node import Array
from autograd_core.wording.errors import DataError, ShapeError
from nn.datasets.examples import floats

__all__ = ["Scaling", "standardized"]


@dataclass(frozen=True, eq=False)
class Scaling:
    """A shift and a scale for each feature, as the training examples want them; a saved model carries it.

    Parameters
    ----------
    mean, spread : (n, 1)
        What is subtracted, and then divided by.

    Raises
    ------
    ShapeError
        Not two columns of the same length.
    DataError
        A number is not finite, or a spread not positive.

    Examples
    --------
    >>> scaling = Scaling.of([[1.0, 3.0], [5.0, 5.0]])
    >>> scaling.apply([[4.0], [6.0]])
    array([[2.],
           [1.]])
    >>> scaling.undo([[2.0], [1.0]])
    array([[4.],
           [6.]])
    """

    mean: Array
    spread: Array

    def __post_init__(self) -> None:
        mean, spread = floats(self.mean, "Scaling: mean"), floats(self.spread, "Scaling: spread")
        if mean.shape != spread.shape or mean.shape[1:] != (1,):
            raise ShapeError(
                f"Scaling: mean of shape {mean.shape}, spread of shape {spread.shape}; wanted (n, 1) for both"
            )
        bad = np.flatnonzero(~(np.isfinite(mean) & np.isfinite(spread) & (spread > 0)))
        if len(bad):
            raise DataError(
                f"Scaling: feature (row) {bad[0]} has mean {mean[bad[0], 0]} and spread {spread[bad[0], 0]}; "
                "both must be finite and the spread positive; does X hold a NaN, an infinity or huge numbers?"
            )
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "spread", spread)

    @classmethod
    def of(cls, X: Array) -> Scaling:
        """Take mean and standard deviation over the columns of X (n, m); 1 for a constant feature.

        Raises
        ------
        ShapeError
            X has not two axes, or no column.
        DataError
            X holds a NaN or an infinity, or numbers too large to square.
        """
        X = floats(X, "Scaling.of: X")
        if X.ndim != 2 or X.shape[1] == 0:
            raise ShapeError(f"Scaling.of: X of shape {X.shape}; wanted (n, m), one column per example")
        with np.errstate(over="ignore", invalid="ignore"):
            mean, spread, span = (f(X, axis=1, keepdims=True) for f in (np.mean, np.std, np.ptp))
        # the mean of equal numbers may be off by a rounding, and then their standard deviation is not 0
        constant = (spread == 0) | (span == 0)
        return cls(mean, np.where(constant, np.ones_like(spread), spread))

    def apply(self, X: Array) -> Array:
        """Compute (X - mean) / spread for X (n, m); a ShapeError if n differs."""
        return np.asarray((self._fitting(X) - self.mean) / self.spread)

    def undo(self, X: Array) -> Array:
        """Compute X spread + mean for X (n, m); a ShapeError if n differs."""
        return np.asarray(self._fitting(X) * self.spread + self.mean)

    def _fitting(self, X: Array) -> Array:
        X = floats(X, "Scaling: X")
        if X.ndim != 2 or len(X) != len(self.mean):
            raise ShapeError(
                f"Scaling: X of shape {X.shape}; wanted ({len(self.mean)}, m), a row per feature"
            )
        return X


def standardized(X: Array, like: Array) -> Array:
    """Shift and scale each feature so that it has mean 0 and variance 1 over the columns of `like`.

    Constant features are only shifted. `Scaling` keeps the numbers for later.

    Raises
    ------
    ShapeError, DataError
        As `Scaling`.

    Examples
    --------
    >>> X = np.array([[1.0, 3.0], [5.0, 5.0]])
    >>> standardized(X, like=X)
    array([[-1.,  1.],
           [ 0.,  0.]])
    """
    return Scaling.of(like).apply(X)
