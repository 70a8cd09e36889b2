"""The operations, one file a theme. Each is declared once; see `autograd_core.graph.primitive`."""

from collections.abc import Callable
from typing import Any

from autograd_core.ops import aliases
from autograd_core.ops.entrywise import (
    activation,
    arithmetic,
    elementary,
    logic,
    plane,
    powers,
    rounding,
    selection,
    special,
    trigonometry,
)
from autograd_core.ops.matrices import (
    contraction,
    decompositions,
    determinants,
    linalg,
    norms,
    products,
    spectra,
)
from autograd_core.ops.reducing import cumulative, ordering, reduction, softmax_family, spread
from autograd_core.ops.shaping import diagonals, indexing, joining, rearranging, shape

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
