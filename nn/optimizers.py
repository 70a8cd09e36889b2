"""Update rules, as pure functions of arrays."""

from __future__ import annotations

from dataclasses import dataclass

from autograd_core.errors import OptionError
from autograd_core.node import Array

__all__ = ["GradientDescent"]


@dataclass(frozen=True)
class GradientDescent:
    """Plain gradient descent: W ← W − learning_rate · dW.

    Raises
    ------
    OptionError
        The learning rate is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> GradientDescent(0.5).update(np.array([1.0]), np.array([4.0]))
    array([-1.])
    """

    learning_rate: float = 0.1

    def __post_init__(self) -> None:
        if not self.learning_rate > 0:
            raise OptionError(f"learning_rate={self.learning_rate}: it must be positive")

    def update(self, value: Array, gradient: Array) -> Array:
        """Return the next value of a parameter, in its dtype; neither argument is changed."""
        step: Array = value.dtype.type(self.learning_rate) * gradient
        return value - step
