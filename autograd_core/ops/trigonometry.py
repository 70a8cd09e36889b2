"""Trigonometric and hyperbolic functions and their inverses, entry by entry; angles in radians."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.notation import applied
from autograd_core.primitive import pointwise

__all__ = ["tanh"]


@pointwise(lambda y, _x: 1 - y * y, notation=applied("tanh", latex=r"\tanh"))
def tanh(x: Any) -> Any:
    """Hyperbolic tangent; with y = tanh(x) the derivative is 1 - y ** 2.

    Examples
    --------
    >>> tanh(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.7616])
    """
    return np.tanh(x)
