"""Rows of the reductions."""

import numpy as np
from op_case import REDUCING, At, Row, distinct, real, ways

import autograd_core as ag

ROWS = (
    Row("sum", ag.sum, np.sum, (real,), REDUCING | ways(((0, 3),), {}, {"axis": 0})),
    Row(
        "max",
        ag.max,
        lambda x, *args, **kwargs: -np.min(-x, *args, **kwargs),
        (distinct,),
        REDUCING,
        special=(
            At(([1.0, 3.0, 3.0],), 3.0, ([0.0, 0.5, 0.5],)),
            At(([-np.inf, 0.0],), 0.0, ([0.0, 1.0],)),
        ),
    ),
    Row(
        "min",
        ag.min,
        lambda x, *args, **kwargs: -np.max(-x, *args, **kwargs),
        (distinct,),
        REDUCING,
        special=(At(([3.0, 1.0, 1.0],), 1.0, ([0.0, 0.5, 0.5],)),),
    ),
)

COMPOSED = (Row("mean", ag.mean, np.mean, (real,), REDUCING),)
