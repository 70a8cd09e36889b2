"""Rows of the trigonometric and hyperbolic functions."""

import math

from op_case import UNARY, At, Row, entrywise, real

import autograd_core as ag

ROWS = (
    Row(
        "tanh",
        ag.tanh,
        entrywise(math.tanh),
        (real,),
        UNARY,
        special=(At(([-1e4, 0.0, 1e4],), [-1.0, 0.0, 1.0], ([0.0, 1.0, 0.0],)),),
    ),
)
