"""The operation table: the rows of every theme, under one roof.

`test_laws.py` states each law once and holds every row to it. A new primitive needs one row in the file
of its theme; until then a test fails. Operations composed of primitives stand in `COMPOSED`, under the
same laws.
"""

from op_case import Case, Row
from op_rows import (
    activation,
    arithmetic,
    contraction,
    cumulative,
    decompositions,
    determinants,
    elementary,
    indexing,
    joining,
    linalg,
    logic,
    networks,
    norms,
    ordering,
    products,
    rearranging,
    reduction,
    rounding,
    selection,
    shape,
    softmax,
    special,
    spectra,
    trigonometry,
)

THEMES = (
    activation,
    arithmetic,
    contraction,
    cumulative,
    decompositions,
    determinants,
    elementary,
    indexing,
    joining,
    linalg,
    logic,
    networks,
    norms,
    ordering,
    products,
    rearranging,
    reduction,
    rounding,
    selection,
    shape,
    softmax,
    special,
    spectra,
    trigonometry,
)
OP_TABLE: tuple[Row, ...] = tuple(row for theme in THEMES for row in theme.ROWS)
COMPOSED: tuple[Row, ...] = tuple(row for theme in THEMES for row in getattr(theme, "COMPOSED", ()))


def cases(rows: tuple[Row, ...]) -> tuple[Case, ...]:
    """Every variant of every row."""
    return tuple(
        Case(row, label, operands, params)
        for row in rows
        for label, (operands, params) in row.variants.items()
    )


PRIMITIVE_CASES = cases(OP_TABLE)
CASES = PRIMITIVE_CASES + cases(COMPOSED)
