"""Rounding and signs: constant between jumps, so the derivative is 0 and none flows through them.

Only `copysign` has one, that of the absolute value.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.graph.primitive import pointwise
from autograd_core.wording.arguments import whole
from autograd_core.wording.notation import Notation, applied

__all__ = ["ceil", "copysign", "fix", "floor", "rint", "round", "sign", "trunc"]


@pointwise(None, notation=applied("sign", latex=r"\operatorname{sign}"), ufunc=np.sign)
def sign(x: Any) -> Any:
    """Sign of each entry: -1, 0 or 1. No derivative flows through it.

    Examples
    --------
    >>> sign(np.array([-2.0, 0.0, 3.0]))
    array([-1.,  0.,  1.])
    """


@pointwise(
    None,
    notation=Notation("⌊·⌋", "⌊{0}⌋", r"\left\lfloor {0} \right\rfloor", "np.floor({0})"),
    ufunc=np.floor,
)
def floor(x: Any) -> Any:
    """Round down. No derivative flows through it.

    Examples
    --------
    >>> floor(np.array([-1.5, 1.5]))
    array([-2.,  1.])
    """


@pointwise(
    None, notation=Notation("⌈·⌉", "⌈{0}⌉", r"\left\lceil {0} \right\rceil", "np.ceil({0})"), ufunc=np.ceil
)
def ceil(x: Any) -> Any:
    """Round up. No derivative flows through it.

    Examples
    --------
    >>> ceil(np.array([-1.5, 1.5]))
    array([-1.,  2.])
    """


@pointwise(None, notation=applied("trunc", latex=r"\operatorname{trunc}"), ufunc=np.trunc)
def trunc(x: Any) -> Any:
    """Round towards 0. No derivative flows through it.

    Examples
    --------
    >>> trunc(np.array([-1.5, 1.5]))
    array([-1.,  1.])
    """


def fix(x: Any) -> Any:
    """Round towards 0: another name for `trunc`.

    Examples
    --------
    >>> fix(np.array([-1.5, 1.5]))
    array([-1.,  1.])
    """
    return trunc(x)


@pointwise(None, notation=applied("rint", latex=r"\operatorname{rint}"), ufunc=np.rint)
def rint(x: Any) -> Any:
    """Round to the nearest whole number, halves to the even one. No derivative flows through it.

    Examples
    --------
    >>> rint(np.array([0.5, 1.5, 1.7]))
    array([0., 2., 2.])
    """


@pointwise(None, notation=applied("round", latex=r"\operatorname{round}"))
def _round(x: Any, *, decimals: int) -> Any:
    return np.round(x, decimals)


def round(x: Any, decimals: int = 0) -> Any:
    """Round to a number of decimals, halves to the even digit. No derivative flows through it.

    Parameters
    ----------
    x : array or Tensor
    decimals : int
        Places behind the point; negative ones are before it.

    Examples
    --------
    >>> round(np.array([0.25, 12.36]), 1)
    array([ 0.2, 12.4])
    """
    return _round(x, decimals=whole(decimals, "round: decimals", truth=True))


@pointwise(
    lambda _out, x, y: sign(x) * copysign(1.0, y),
    None,
    notation=applied("copysign", latex=r"\operatorname{copysign}"),
    ufunc=np.copysign,
)
def copysign(x: Any, y: Any) -> Any:
    """Give x the sign of y: |x| or -|x|, told by the sign bit, which 0.0 and -0.0 have too.

    The derivative by x is sign(x) times that sign, 0 at x = 0; none flows to y.

    Examples
    --------
    >>> copysign(np.array([1.0, -2.0]), np.array([-0.0, 3.0]))
    array([-1.,  2.])
    """
