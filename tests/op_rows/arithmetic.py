"""Rows of arithmetic."""

import operator

import numpy as np
from op_case import BINARY, UNARY, At, Row, entrywise, nonzero, off_grid, real

import autograd_core as ag


def _halves(rng, shape):
    """Draw 0.5, 1, 1.5 of either sign: no odd multiple of one quarter is a multiple of these."""
    return np.asarray(rng.choice([-1.5, -1.0, -0.5, 0.5, 1.0, 1.5], shape))


ROWS = (
    Row("add", ag.add, entrywise(operator.add), (real, real), BINARY),
    Row("subtract", ag.subtract, entrywise(operator.sub), (real, real), BINARY),
    Row("multiply", ag.multiply, entrywise(operator.mul), (real, real), BINARY),
    Row(
        "divide",
        ag.divide,
        entrywise(operator.truediv),
        (real, nonzero),
        BINARY,
        special=(At(([1.0, 2.0], [49.0, 3.0]), [1 / 49, 2 / 3], ([1 / 49, 1 / 3], [-1 / 49 / 49, -2 / 9])),),
    ),
    Row(
        "remainder",
        ag.remainder,
        entrywise(operator.mod),
        (off_grid, _halves),
        BINARY,
        special=(
            At(([-7.0, 7.0], [2.0, -2.0]), [1.0, -1.0], ([1.0, 1.0], [4.0, 4.0])),
            At(([6.0, 5.0], [2.0, np.inf]), [0.0, 5.0], ([1.0, 1.0], [-3.0, 0.0])),
        ),
    ),
    Row("floor_divide", ag.floor_divide, entrywise(operator.floordiv), (off_grid, _halves), BINARY, order=0),
    Row("negative", ag.negative, entrywise(operator.neg), (real,), UNARY),
    Row("positive", ag.positive, entrywise(operator.pos), (real,), UNARY),
    Row("stop_gradient", ag.stop_gradient, entrywise(operator.pos), (real,), UNARY, order=0),
)
