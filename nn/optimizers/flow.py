"""Gradient flow: the path of steepest descent, which depends on how distances are measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core.graph.dispatch import as_operand
from autograd_core.wording.errors import OptionError, ShapeError
from nn.optimizers.optimizer import Optimizer
from nn.optimizers.schedules import Rate, counted, rate_at
from nn.optimizers.vector import Layout

__all__ = ["ConstantMetric", "GradientFlow", "Metric"]

Metric = Callable[[Any, Any, Any], Any]


@dataclass(frozen=True)
class GradientFlow(Optimizer):
    """Follow dθⁱ/ds = − Σ_j gⁱʲ ∂J/∂θʲ by Euler's steps of length ds: θ ← θ − ds g⁻¹ dJ.

    The metric g says how far apart two parameters are, ‖dθ‖² = Σ g_ij dθⁱ dθʲ. Along the flow J falls as
    dJ/ds = − Σ gⁱʲ ∂J/∂θⁱ ∂J/∂θʲ. With the Euclidean metric, g = 1, this is gradient descent to the last
    bit, dJ/ds = −‖∇J‖²; with `Fisher` it is the natural gradient.

    Parameters
    ----------
    ds : float or function
        Length of a step; or a schedule.
    metric : function (net, X, gradients) -> directions, optional
        Raises the index: solves g v = gradients for v, a tree like the gradients. `Fisher`,
        `ConstantMetric` or any function. Euclidean by default. It needs to know the network, so it is
        called by `nn.fit`, through `direction`; `update` takes what it gave.

    Raises
    ------
    OptionError
        ds is not positive, or the metric is no function.

    Examples
    --------
    >>> rule, params = GradientFlow(0.5, ConstantMetric([[4.0]])), np.array([1.0])
    >>> v = rule.direction(None, None, np.array([8.0]))
    >>> v, rule.update(params, v, rule.start(params))[0]
    (array([2.]), array([0.]))
    """

    ds: Rate = 0.1
    metric: Metric | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.metric, type) or not (self.metric is None or callable(self.metric)):
            raise OptionError(
                f"GradientFlow(metric={self.metric!r}): wanted a function (net, X, gradients) -> directions; "
                "ConstantMetric(g) makes one of a matrix, and Fisher() one of the network"
            )

    def factors(self, t: Any) -> tuple[Any, ...]:
        """The length of the step."""
        return (rate_at(self.ds, counted(t)),)

    def step(self, W: Any, dW: Any, ds: Any) -> tuple[Any, ...]:
        """W ← W − ds dW, where dW has its index raised."""
        return (W - ds * dW,)

    def direction(self, net: Any, X: Any, gradients: Any) -> Any:
        """Raise the index of the gradients: v with g v = gradients."""
        return gradients if self.metric is None else self.metric(net, X, gradients)


@dataclass(frozen=True)
class ConstantMetric:
    """The same matrix g everywhere, over all entries of all parameters in the order of the tree.

    Parameters
    ----------
    matrix : array_like (n, n)
        Symmetric and positive definite. In other coordinates φ, with θ = T φ, it is Tᵀ g T.

    Raises
    ------
    ShapeError
        It is not square; or, when called, the gradients have another number of entries.
    OptionError
        It is not symmetric and positive definite.

    Examples
    --------
    >>> ConstantMetric(np.diag([1.0, 2.0]))(None, None, {"W": np.array([3.0]), "b": np.array([4.0])})
    {'W': array([3.]), 'b': array([2.])}
    """

    matrix: Any

    def __post_init__(self) -> None:
        g = np.array(as_operand(self.matrix), np.float64)
        if g.ndim != 2 or g.shape[0] != g.shape[1]:
            raise ShapeError(f"ConstantMetric: g is an array of shape {g.shape}; wanted a square matrix")
        if not np.allclose(g, g.T):
            raise OptionError("ConstantMetric: g is not symmetric; wanted g = g.T")
        try:
            np.linalg.cholesky(g)
        except np.linalg.LinAlgError:
            raise OptionError(
                "ConstantMetric: g is not positive definite; wanted positive eigenvalues only"
            ) from None
        object.__setattr__(self, "matrix", g)

    def __call__(self, net: Any, X: Any, gradients: Any) -> Any:
        """Solve g v = gradients."""
        layout = Layout(gradients)
        if layout.size != len(self.matrix):
            raise ShapeError(
                f"ConstantMetric: g is of shape {self.matrix.shape}, but the gradients have {layout.size} "
                "entries"
            )
        return layout.tree(np.linalg.solve(self.matrix, layout.vector(gradients)))
