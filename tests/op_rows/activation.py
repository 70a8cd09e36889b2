"""Rows of the activations."""

import math

from op_case import UNARY, At, Row, entrywise, nonzero, real

import autograd_core as ag


def _logistic(x):
    return 1 / (1 + math.exp(-x))


ROWS = (
    Row(
        "sigmoid",
        ag.sigmoid,
        entrywise(_logistic),
        (real,),
        UNARY,
        special=(
            At(([-1e4, 0.0, 1e4],), [0.0, 0.5, 1.0], ([0.0, 0.25, 0.0],)),
            At(([-40, 0, 40],), [_logistic(-40), 0.5, 1.0]),
        ),
    ),
    Row(
        "relu",
        ag.relu,
        entrywise(lambda x: x if x > 0 else 0.0),
        (nonzero,),
        UNARY,
        special=(At(([-2.0, 0.0, 3.0],), [0.0, 0.0, 3.0], ([0.0, 0.0, 1.0],)),),
    ),
)
