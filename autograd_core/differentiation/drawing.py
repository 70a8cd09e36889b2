"""Values from outside that are to be fresh at each run of a compiled function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.differentiation.tensor import Tensor
from autograd_core.graph.recording import observers
from autograd_core.wording.arguments import function

__all__ = ["drawn"]


def drawn(draw: Callable[[], Any], name: str = "drawn") -> Tensor:
    """Make a tensor of what a function returns: now, and again at each run of a compiled function.

    Parameters
    ----------
    draw : function of nothing
        Returns an array, always of one shape and dtype: random numbers, a mask.
    name : str

    Returns
    -------
    Tensor
        A leaf without a gradient.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_core as ag
    >>> rng = np.random.default_rng(0)
    >>> noisy = ag.compile(lambda x: x + ag.drawn(lambda: rng.normal(size=3)))
    >>> bool((noisy(np.zeros(3)) == noisy(np.zeros(3))).any())
    False
    """
    function(draw, "drawn: draw", "a function of nothing")
    for observer in reversed(observers()):
        leaf = observer.drawn(draw, name)
        if leaf is not None:
            return leaf  # type: ignore[return-value]
    return Tensor(draw(), name=name)
