"""In a notebook, networks and what was recorded show themselves as pictures once `viz` is imported.

Neither the engine nor `nn` knows of pictures, so it is IPython that is told how to draw them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import autograd_core as ag
from nn import Sequential
from viz.figures.graph import forward
from viz.figures.network import network
from viz.writers.picture import Picture

__all__ = ["register"]


def register() -> None:
    """Tell IPython how to draw a network and a recorded tensor; elsewhere do nothing."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    display = getattr(shell, "display_formatter", None)
    if display is not None:
        drawers = display.formatters["image/svg+xml"]
        drawers.for_type(Sequential, lambda net: _drawn(network, net))
        drawers.for_type(ag.Tensor, lambda x: None if x.is_leaf else _drawn(forward, x))


def _drawn(draw: Callable[[Any], Picture], shown: Any) -> str | None:
    """Draw it, or leave it at its text: a cell must not fail because of a picture."""
    try:
        return draw(shown).svg()
    except Exception:
        return None
