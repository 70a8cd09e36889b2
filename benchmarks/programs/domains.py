"""How operands are brought into the domain of an operation: by operators, which each library has.

Every function gets the library first and the operand after that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Fix = Callable[..., Any]


def positive(_m: Any, x: Any) -> Any:
    """At least 1."""
    return 1 + x * x


def beyond(_m: Any, x: Any) -> Any:
    """At least 1.5."""
    return 1.5 + x * x


def inside(_m: Any, x: Any) -> Any:
    """Between -1/2 and 1/2."""
    return x / (1 + x * x)


def share(_m: Any, x: Any) -> Any:
    """Between 0.1 and 0.9."""
    return 0.5 + 0.8 * x / (1 + x * x)


def dominant(m: Any, x: Any) -> Any:
    """Square and far from singular."""
    return inside(m, x) + m.array(3.0 * np.eye(x.shape[-1]))


def definite(m: Any, x: Any) -> Any:
    """Symmetric and positive definite."""
    return x @ m.swapaxes(x, -1, -2) * 0.25 + m.array(np.eye(x.shape[-2]))


def spread(m: Any, x: Any) -> Any:
    """Symmetric, with eigenvalues far from one another."""
    half = inside(m, x)
    return half + m.swapaxes(half, -1, -2) + m.array(np.diag(4.0 * np.arange(x.shape[-1])))


def tilted(m: Any, x: Any) -> Any:
    """Any size, with singular values far from one another."""
    rows, columns = x.shape[-2:]
    return inside(m, x) + m.array(np.eye(rows, columns) * (3.0 + 4.0 * np.arange(columns)))
