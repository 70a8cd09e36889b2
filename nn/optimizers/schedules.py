"""Learning rates that change: functions of the step count t = 0, 1, ..., or of an array of them.

A rule takes a number, one of these, or any other function of t. With the count as an array, a schedule
gives the whole curve: ``Cosine(0.1, 100)(np.arange(100))``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core.graph.dispatch import as_operand
from autograd_core.graph.node import Node
from autograd_core.wording.errors import OptionError
from nn.optimizers.options import Options

__all__ = ["Cosine", "Exponential", "InverseTime", "Rate", "StepDecay", "Warmup", "counted", "rate_at"]

Rate = float | Callable[[Any], Any]


def rate_at(rate: Rate, t: Any) -> Any:
    """Evaluate a learning rate, be it a number or a function of the step count.

    Raises
    ------
    OptionError
        The function returned no number.

    Examples
    --------
    >>> rate_at(0.1, 7), rate_at(lambda t: 1 / (1 + t), 7)
    (0.1, 0.125)
    """
    if not callable(rate):
        return rate
    found = rate(t)
    if isinstance(found, int | float) and not isinstance(found, np.generic):
        return float(found)
    if not hasattr(found, "astype"):
        raise OptionError(f"the learning rate {rate!r} returned {found!r:.60} at t = {t}; wanted a number")
    return found


def counted(t: Any) -> Any:
    """Take a number of steps, or an array of them.

    Raises
    ------
    OptionError
        One is negative.
    DtypeError
        No numbers.

    Examples
    --------
    >>> counted(3)
    3
    """
    x = as_operand(t)
    if not isinstance(x, Node) and (x < 0).any():
        raise OptionError(f"the number of steps is {t!r:.60}, wanted none that is negative")
    return t if isinstance(t, int | float) else x


def _raised(factor: float, power: Any) -> Any:
    try:
        return factor**power
    except OverflowError:
        return np.inf


@dataclass(frozen=True)
class StepDecay(Options):
    """Multiply the rate by a factor after every so many steps: rate · factor^⌊t / every⌋.

    Raises
    ------
    OptionError
        An option is not positive; so in the other schedules.

    Examples
    --------
    >>> StepDecay(1.0, factor=0.5, every=2)(np.arange(6))
    array([1.  , 1.  , 0.5 , 0.5 , 0.25, 0.25])
    """

    rate: float
    factor: float
    every: float

    def __call__(self, t: Any) -> Any:
        """Give the rate after t steps."""
        t = counted(t)
        return self.rate * _raised(self.factor, t // self.every)


@dataclass(frozen=True)
class Exponential(Options):
    """Multiply the rate by a factor over every so many steps, evenly: rate · factor^(t / every).

    Examples
    --------
    >>> Exponential(1.0, factor=0.25, every=2)(np.arange(4))
    array([1.   , 0.5  , 0.25 , 0.125])
    """

    rate: float
    factor: float
    every: float

    def __call__(self, t: Any) -> Any:
        """Give the rate after t steps."""
        t = counted(t)
        return self.rate * _raised(self.factor, t / self.every)


@dataclass(frozen=True)
class Cosine(Options):
    """Fall along half a cosine from `rate` to `final` at t = steps, and stay there.

    final + (rate − final) · (1 + cos(π t / steps)) / 2; Loshchilov & Hutter, "SGDR" (2017), equation (5).

    Examples
    --------
    >>> Cosine(1.0, steps=2)(np.arange(4)).round(9)
    array([1. , 0.5, 0. , 0. ])
    """

    rate: float
    steps: int
    final: float = 0.0

    def __call__(self, t: Any) -> Any:
        """Give the rate after t steps."""
        t = counted(t)
        share = np.minimum(t / self.steps, 1.0)
        return self.final + (self.rate - self.final) * (1 + np.cos(np.pi * share)) / 2


@dataclass(frozen=True)
class InverseTime(Options):
    """Fall as one over time: rate / (1 + decay · t); Robbins & Monro (1951).

    Examples
    --------
    >>> InverseTime(1.0, decay=1.0)(np.arange(4))
    array([1.        , 0.5       , 0.33333333, 0.25      ])
    """

    rate: float
    decay: float

    def __call__(self, t: Any) -> Any:
        """Give the rate after t steps."""
        t = counted(t)
        return self.rate / (1 + self.decay * t)


@dataclass(frozen=True)
class Warmup(Options):
    """Rise in equal steps to where a schedule begins, then follow it; Goyal et al. (2017), section 2.2.

    min((t + 1) / steps, 1) · schedule(max(t + 1 − steps, 0)).

    Parameters
    ----------
    schedule : float or function
        A number, or a schedule, which is followed from its own t = 0.
    steps : int

    Examples
    --------
    >>> Warmup(0.5, steps=5)(np.arange(7))
    array([0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.5])
    """

    schedule: Rate
    steps: int

    def __call__(self, t: Any) -> Any:
        """Give the rate after t steps."""
        t = counted(t)
        share = np.minimum((t + 1) / self.steps, 1.0)
        return share * rate_at(self.schedule, np.maximum(t + 1 - self.steps, 0))
