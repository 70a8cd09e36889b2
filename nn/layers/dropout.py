"""Dropout: while training, some nodes of a layer are silenced at random."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.graph.dispatch import as_operand
from autograd_core.wording.arguments import number, whole
from autograd_core.wording.errors import OptionError
from nn.given import generator
from nn.layers.layer import Layer

__all__ = ["Dropout"]


class Dropout(Layer):
    """Inverted dropout, Ã = (1/keep) R ⊙ A, with R 1 where a node is kept and 0 where it is not.

    The division keeps the expected value, so that nothing needs to be done when predicting: `Sequential`
    leaves the layer out then. The backward pass is dA = (1/keep) R ⊙ dÃ, with the same R. Source: Srivastava
    et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.

    Parameters
    ----------
    keep : float
        Probability that a node is kept, above 0 and at most 1.
    rng : int or numpy.random.Generator, optional
        Where R comes from: a seed, or a generator.

    Raises
    ------
    OptionError
        `keep` is no such probability.

    Examples
    --------
    >>> A = Dropout(0.5, rng=0)(np.ones((2, 3)))
    >>> sorted(set(A.ravel().tolist()))
    [0.0, 2.0]
    """

    numbered = False

    def __init__(self, keep: float, *, rng: int | np.random.Generator | None = None) -> None:
        if not 0 < number(keep, "Dropout: keep") <= 1:
            raise OptionError(f"Dropout({keep}): the probability to keep a node is above 0 and at most 1")
        self.keep = float(keep)
        self.rng = generator(rng, "Dropout")
        self.number(None)

    @property
    def title(self) -> str:
        """What tables call the layer by."""
        return f"dropout, keep {self.keep:g}"

    def number(self, index: int | None) -> None:
        """Name the mask and the result after the layer whose nodes are silenced."""
        place = "" if index is None else f"[{whole(index, 'number: index')}]"
        self.index = index
        self._R, self._A = f"R{place}", f"Ã{place}"

    def __call__(self, A: Any) -> Any:
        """Draw R (n, m) afresh and compute (1/keep) R ⊙ A for A (n, m)."""
        A = as_operand(A)
        if not isinstance(A, ag.Tensor):
            return self._mask(A) * A / self.keep
        dropped = ag.drawn(lambda: self._mask(A), self._R) * A / self.keep
        dropped.name = self._A
        return dropped

    def _mask(self, A: Any) -> Any:
        return (self.rng.random(A.shape) < self.keep).astype(A.dtype)

    def apply(self, params: Any, A: Any) -> Any:
        """Do as a call does: there are no parameters."""
        return self(A)

    def applied(self, params: Any, A: Any) -> Any:
        """Do as a call does."""
        return self(A)

    def config(self) -> dict[str, Any]:
        """Describe the layer in values that JSON knows."""
        return {"kind": "Dropout", "keep": self.keep}

    def __repr__(self) -> str:
        return f"Dropout({self.keep})"
