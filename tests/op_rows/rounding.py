"""Rows of the functions that round."""

import math

import numpy as np
from op_case import UNARY, At, Row, entrywise, nonzero, on_grid, real, shapes, ways

import autograd_core as ag

ROWS = (
    Row(
        "sign",
        ag.sign,
        entrywise(lambda x: (x > 0) - (x < 0)),
        (on_grid,),
        UNARY,
        order=0,
        special=(At(([-2.0, 0.0, 3.0],), [-1.0, 0.0, 1.0]),),
    ),
    Row("floor", ag.floor, entrywise(math.floor), (on_grid,), UNARY, order=0),
    Row("ceil", ag.ceil, entrywise(math.ceil), (on_grid,), UNARY, order=0),
    Row(
        "trunc",
        ag.trunc,
        entrywise(math.trunc),
        (on_grid,),
        UNARY,
        order=0,
        special=(At(([-np.inf, np.nan],), [-np.inf, np.nan]),),
    ),
    Row("rint", ag.rint, entrywise(round), (on_grid,), UNARY, order=0),
    Row("round", ag.round, entrywise(round), (on_grid,), UNARY, order=0),
    Row(
        "round",
        ag.round,
        np.round,
        (lambda rng, shape: 100 * real(rng, shape),),
        ways(((2, 3),), {"decimals": 2}, {"decimals": -1}),
        order=0,
    ),
    Row(
        "copysign",
        ag.copysign,
        entrywise(math.copysign),
        (nonzero, nonzero),
        shapes(((2, 3), (2, 3)), ((2, 1), (3,)), ((), (2, 3)), ((), ()), ((0, 3), (1, 3))),
        wrt=(0,),
        special=(
            At(
                ([-2.0, 0.0, 2.0, 2.0], [-1.0, -1.0, 0.0, -0.0]),
                [-2.0, 0.0, 2.0, -2.0],
                ([1, 0, 1, -1], None),
            ),
        ),
    ),
)

COMPOSED = (Row("fix", ag.fix, entrywise(math.trunc), (on_grid,), UNARY, order=0),)
