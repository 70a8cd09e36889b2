"""Special functions, entry by entry, exact where the textbook formula would meet 0 times infinity."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.notation import PRODUCT, Notation, infix
from autograd_core.ops.elementary import log
from autograd_core.primitive import pointwise

__all__ = ["xdivy", "xlogy"]


@pointwise(
    lambda _out, _x, y: 1 / y,
    lambda out, _x, y: -xdivy(out, y),
    notation=infix("/", PRODUCT, associative=False),
)
def xdivy(x: Any, y: Any) -> Any:
    """Divide, x / y, with 0 where x is 0, even at y = 0.

    Examples
    --------
    >>> xdivy(np.array([0.0, 1.0]), np.array([0.0, 2.0]))
    array([0. , 0.5])
    """
    return np.divide(x, _one_where_zero(x, y))


@pointwise(
    lambda _out, _x, y: log(y),
    lambda _out, x, y: xdivy(x, y),
    notation=Notation(
        "·log", "{0} ⊙ log({1})", r"{0} \odot \log {1}", "xlogy({0}, {1})", PRODUCT, (PRODUCT, 0)
    ),
    flops=2,
)
def xlogy(x: Any, y: Any) -> Any:
    """Take x log(y), with 0 where x is 0, even at y = 0: the limit that an entropy needs.

    Examples
    --------
    >>> xlogy(np.array([0.0, 2.0]), np.array([0.0, 1.0]))
    array([0., 0.])
    """
    with np.errstate(divide="ignore"):
        return np.multiply(x, np.log(_one_where_zero(x, y)))


def _one_where_zero(x: Any, y: Any) -> Any:
    """Replace entries of y that will be multiplied by 0, whatever they are, in the dtype of the result."""
    return np.where(np.equal(x, 0), 1, y).astype(np.result_type(x, y), copy=False)
