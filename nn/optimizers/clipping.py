"""Bounds for gradients: on their common norm, or on each entry."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from autograd_core.wording.errors import OptionError
from nn.given import floating_leaves
from nn.optimizers.optimizer import Optimizer
from nn.optimizers.options import checked

__all__ = ["Clipped", "clip_by_norm", "clip_by_value", "global_norm"]


def global_norm(gradients: Any) -> Any:
    """Take the Euclidean norm of all entries of all arrays together, in float64.

    No square leaves the range of float32: each array is divided by its largest entry first.

    Parameters
    ----------
    gradients : array, or container of arrays

    Returns
    -------
    float64 scalar
        Infinite if an entry is.

    Examples
    --------
    >>> float(global_norm({"W": np.array([3.0, 0.0]), "b": np.array([4.0])}))
    5.0
    """
    return reduce(np.hypot, [_norm(x) for x in floating_leaves(gradients, "gradients")[0] if x.size], 0.0)


def _norm(x: Any) -> Any:
    limits = np.finfo(x.dtype)
    scale = np.minimum(np.maximum(np.max(np.abs(x)), limits.tiny), limits.max)
    return scale.astype(np.float64) * np.sqrt(np.sum((x / scale) ** 2))


def clip_by_norm(gradients: Any, norm: float) -> Any:
    """Shrink all arrays by one factor, so that their `global_norm` is at most `norm`.

    The direction stays; Pascanu et al., "On the difficulty of training recurrent neural networks" (2013).

    Parameters
    ----------
    gradients : array, or container of arrays
    norm : float

    Returns
    -------
    array, or container of arrays
        New ones, in their dtypes. Where an entry is infinite, the result is 0 and NaN.

    Raises
    ------
    OptionError
        The bound is not positive; so in `clip_by_value`.

    Examples
    --------
    >>> clip_by_norm([np.array([3.0, 0.0]), np.array([4.0])], 1.0)
    [array([0.6, 0. ]), array([0.8])]
    """
    norm = checked("clip_by_norm", "norm", norm)
    leaves, structure = floating_leaves(gradients, "gradients")
    factor = norm / np.maximum(global_norm(leaves), norm)
    return structure.unflatten([x * factor.astype(x.dtype) for x in leaves])


def clip_by_value(gradients: Any, value: float) -> Any:
    """Move each entry into the range from −value to value.

    Parameters
    ----------
    gradients : array, or container of arrays
    value : float

    Returns
    -------
    array, or container of arrays
        New ones, in their dtypes.

    Examples
    --------
    >>> clip_by_value([np.array([3.0, -0.5]), np.array([-4.0])], 1.0)
    [array([ 1. , -0.5]), array([-1.])]
    """
    value = checked("clip_by_value", "value", value)
    leaves, structure = floating_leaves(gradients, "gradients")
    return structure.unflatten([np.minimum(np.maximum(x, -value), value) for x in leaves])


@dataclass(frozen=True)
class Clipped(Optimizer):
    """A rule that sees clipped gradients.

    Parameters
    ----------
    rule : Optimizer
        Takes the step; its state is the state.
    norm : float, optional
        Bound of `clip_by_norm`.
    value : float, optional
        Bound of `clip_by_value`.

    Raises
    ------
    OptionError
        Not one of the two bounds is given, or `rule` is no rule. For both, clip a clipped rule.

    Examples
    --------
    >>> import nn
    >>> rule, W = Clipped(nn.optimizers.GradientDescent(1.0), norm=0.5), np.zeros(2)
    >>> W, state = rule.update(W, np.array([30.0, 40.0]), rule.start(W))
    >>> W
    array([-0.3, -0.4])
    """

    rule: Optimizer
    norm: float | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.rule, Optimizer):
            raise OptionError(f"Clipped({self.rule!r}): wanted a rule, as in Clipped(Adam(), norm=1.0)")
        if (self.norm is None) == (self.value is None):
            raise OptionError(
                f"Clipped(norm={self.norm}, value={self.value}): wanted one of the two; for both, clip a "
                "clipped rule"
            )

    def start(self, params: Any) -> dict[str, Any]:
        """Make the state of the rule within."""
        return self.rule.start(params)

    def update(self, params: Any, gradients: Any, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Clip, then take the step of the rule within."""
        if self.norm is not None:
            gradients = clip_by_norm(gradients, self.norm)
        if self.value is not None:
            gradients = clip_by_value(gradients, self.value)
        return self.rule.update(params, gradients, state)

    def direction(self, net: Any, X: Any, gradients: Any) -> Any:
        """Ask the rule within; what it answers is then clipped."""
        return self.rule.direction(net, X, gradients)
