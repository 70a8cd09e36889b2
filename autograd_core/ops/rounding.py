"""Functions that are constant between jumps: their derivative is 0, and none flows through them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.notation import applied
from autograd_core.primitive import pointwise

__all__ = ["sign"]


@pointwise(None, notation=applied("sign", latex=r"\operatorname{sign}"))
def sign(x: Any) -> Any:
    """Sign of each entry: -1, 0 or 1. No derivative flows through it.

    Examples
    --------
    >>> sign(np.array([-2.0, 0.0, 3.0]))
    array([-1.,  0.,  1.])
    """
    return np.sign(x)
