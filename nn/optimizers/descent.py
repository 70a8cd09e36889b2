"""Update rules by the gradient dW of each parameter W: the formula, and the same in NumPy.

η is the learning rate. Weight decay λ adds λ W to each gradient, as the penalty λ/2 Σ W² in the cost
would; only AdamW has its own way. Biases are parameters as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from autograd_core.wording.errors import OptionError
from nn.optimizers.optimizer import Optimizer
from nn.optimizers.schedules import Rate, counted, rate_at

__all__ = ["Adagrad", "Adam", "AdamW", "Descent", "GradientDescent", "Momentum", "Nesterov", "RMSProp"]


@dataclass(frozen=True)
class Descent(Optimizer):
    """Base of the rules below: a learning rate and weight decay.

    Parameters
    ----------
    learning_rate : float or function
        A number, one of the schedules, or any function of the step count t = 0, 1, ....
    weight_decay : float
        λ, by name only.

    Raises
    ------
    OptionError
        An option is out of its range.
    """

    learning_rate: Rate
    weight_decay: float = field(default=0.0, kw_only=True)

    def factors(self, t: Any) -> tuple[Any, ...]:
        """The learning rate."""
        return (rate_at(self.learning_rate, counted(t)),)

    def step(self, W: Any, dW: Any, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Update one parameter after dW ← dW + λ W."""
        if self.weight_decay:
            dW = dW + self.weight_decay * W
        return self._descend(W, dW, *args)

    def _descend(self, W: Any, dW: Any, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        raise OptionError(f"{type(self).__name__} has no _descend(W, dW, ...)")


@dataclass(frozen=True)
class GradientDescent(Descent):
    """Plain gradient descent: W ← W − η dW; Cauchy (1847).

    Examples
    --------
    >>> rule, W = GradientDescent(0.5), np.array([1.0])
    >>> W, state = rule.update(W, np.array([4.0]), rule.start(W))
    >>> W
    array([-1.])
    """

    learning_rate: Rate = 0.1

    def _descend(self, W: Any, dW: Any, rate: Any) -> tuple[Any, ...]:
        return (W - rate * dW,)


@dataclass(frozen=True)
class Momentum(Descent):
    """Heavy ball: v ← μ v + dW, W ← W − η v; Polyak (1964).

    Parameters
    ----------
    learning_rate, weight_decay
        As in `Descent`; so in every rule.
    momentum : float
        μ, the share of the last step that goes on.

    Examples
    --------
    >>> rule, W = Momentum(0.5, momentum=0.5), np.array([0.0])
    >>> state = rule.start(W)
    >>> for _ in range(2):
    ...     W, state = rule.update(W, np.array([1.0]), state)
    >>> W, state["v"]
    (array([-1.25]), array([1.5]))
    """

    learning_rate: Rate = 0.1
    momentum: float = 0.9
    moments: ClassVar[tuple[str, ...]] = ("v",)

    def _descend(self, W: Any, dW: Any, v: Any, rate: Any) -> tuple[Any, ...]:
        v = self.momentum * v + dW
        return W - rate * v, v


@dataclass(frozen=True)
class Nesterov(Momentum):
    """Accelerated gradient: v ← μ v + dW, W ← W − η (dW + μ v); Nesterov (1983).

    W is the point looked ahead to, where the gradient is taken, as in Bengio et al., "Advances in
    optimizing recurrent networks" (2013).

    Examples
    --------
    >>> rule, W = Nesterov(0.5, momentum=0.5), np.array([0.0])
    >>> W, state = rule.update(W, np.array([1.0]), rule.start(W))
    >>> W
    array([-0.75])
    """

    def _descend(self, W: Any, dW: Any, v: Any, rate: Any) -> tuple[Any, ...]:
        v = self.momentum * v + dW
        return W - rate * (dW + self.momentum * v), v


@dataclass(frozen=True)
class Adagrad(Descent):
    """A rate of its own for each entry: G ← G + dW², W ← W − η dW / (√G + ε); Duchi et al. (2011).

    Parameters
    ----------
    epsilon : float
        ε, keeps the quotient finite.

    Examples
    --------
    >>> rule, W = Adagrad(0.5), np.array([0.0, 0.0])
    >>> W, state = rule.update(W, np.array([1.0, 100.0]), rule.start(W))
    >>> W.round(6)
    array([-0.5, -0.5])
    """

    learning_rate: Rate = 0.01
    epsilon: float = 1e-10
    moments: ClassVar[tuple[str, ...]] = ("G",)

    def _descend(self, W: Any, dW: Any, G: Any, rate: Any) -> tuple[Any, ...]:
        G = G + dW * dW
        return W - rate * dW / (np.sqrt(G) + self.epsilon), G


@dataclass(frozen=True)
class RMSProp(Descent):
    """By the root of a running mean: v ← β v + (1−β) dW², W ← W − η dW / (√v + ε).

    Tieleman & Hinton, "Neural networks for machine learning", lecture 6.5 (2012).

    Parameters
    ----------
    beta : float
        β, the share of the past in the running mean.
    epsilon : float
        ε, keeps the quotient finite.

    Examples
    --------
    >>> rule, W = RMSProp(0.5, beta=0.75), np.array([0.0])
    >>> W, state = rule.update(W, np.array([2.0]), rule.start(W))
    >>> W.round(6)
    array([-1.])
    """

    learning_rate: Rate = 0.001
    beta: float = 0.9
    epsilon: float = 1e-8
    moments: ClassVar[tuple[str, ...]] = ("v",)

    def _descend(self, W: Any, dW: Any, v: Any, rate: Any) -> tuple[Any, ...]:
        v = self.beta * v + (1 - self.beta) * dW * dW
        return W - rate * dW / (np.sqrt(v) + self.epsilon), v


@dataclass(frozen=True)
class Adam(Descent):
    """Running means of the gradient and of its square, both freed of their start at 0.

    m ← β₁ m + (1−β₁) dW, v ← β₂ v + (1−β₂) dW², W ← W − η m̂ / (√v̂ + ε), where after t updates
    m̂ = m / (1−β₁ᵗ) and v̂ = v / (1−β₂ᵗ); Kingma & Ba (2015), algorithm 1.

    Parameters
    ----------
    beta1, beta2 : float
        β₁ and β₂, the share of the past in each mean.
    epsilon : float
        ε, keeps the quotient finite.

    Examples
    --------
    >>> rule, params = Adam(0.5), {"W": np.array([0.0, 0.0])}
    >>> params, state = rule.update(params, {"W": np.array([1.0, -100.0])}, rule.start(params))
    >>> params["W"].round(6)
    array([-0.5,  0.5])
    """

    learning_rate: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    moments: ClassVar[tuple[str, ...]] = ("m", "v")

    def factors(self, t: Any) -> tuple[Any, ...]:
        """The learning rate over 1−βᵗ of the first mean after the coming update, and that of the second."""
        t = counted(t)
        rate, share1 = rate_at(self.learning_rate, t), 1 - self.beta1 ** (t + 1)
        return rate / share1, 1 - self.beta2 ** (t + 1)

    def _descend(self, W: Any, dW: Any, m: Any, v: Any, rate: Any, share2: Any) -> tuple[Any, ...]:
        m = self.beta1 * m + (1 - self.beta1) * dW
        v = self.beta2 * v + (1 - self.beta2) * dW * dW
        return W - rate * m / (np.sqrt(v / share2) + self.epsilon), m, v


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay: W ← W − η λ W beside Adam's step, which sees dW alone.

    Loshchilov & Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.

    Examples
    --------
    >>> rule, W = AdamW(0.5, weight_decay=0.1), np.array([2.0])
    >>> W, state = rule.update(W, np.array([0.0]), rule.start(W))
    >>> W
    array([1.9])
    """

    weight_decay: float = field(default=0.01, kw_only=True)

    def factors(self, t: Any) -> tuple[Any, ...]:
        """The share η λ of itself that W loses, and Adam's factors."""
        return rate_at(self.learning_rate, counted(t)) * self.weight_decay, *super().factors(t)

    def step(self, W: Any, dW: Any, m: Any, v: Any, decay: Any, *args: Any) -> tuple[Any, ...]:
        """Adam's step from W, and −η λ W."""
        new, m, v = self._descend(W, dW, m, v, *args)
        return new - decay * W, m, v
