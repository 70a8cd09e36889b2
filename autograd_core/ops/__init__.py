"""The operations, one file a theme. Each is declared once; see `autograd_core.primitive`."""

from collections.abc import Callable
from typing import Any

from autograd_core.ops import (
    activation,
    aliases,
    arithmetic,
    contraction,
    cumulative,
    decompositions,
    determinants,
    diagonals,
    elementary,
    indexing,
    joining,
    linalg,
    logic,
    norms,
    ordering,
    plane,
    powers,
    products,
    rearranging,
    reduction,
    rounding,
    selection,
    shape,
    softmax_family,
    special,
    spectra,
    spread,
    trigonometry,
)

__all__ = ["OPERATIONS", "THEMES"]

THEMES = (
    activation,
    aliases,
    arithmetic,
    contraction,
    cumulative,
    decompositions,
    determinants,
    diagonals,
    elementary,
    indexing,
    joining,
    linalg,
    logic,
    norms,
    ordering,
    plane,
    powers,
    products,
    rearranging,
    reduction,
    rounding,
    selection,
    shape,
    softmax_family,
    special,
    spectra,
    spread,
    trigonometry,
)
OPERATIONS: dict[str, Callable[..., Any]] = {
    name: getattr(theme, name) for theme in THEMES for name in theme.__all__
}
