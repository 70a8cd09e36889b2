"""Rows of what joins, splits and repeats."""

import numpy as np
from op_case import Row, real, ways

import autograd_core as ag

ROWS = (
    Row(
        "concatenate",
        lambda *arrays, axis=0: ag.concatenate(arrays, axis),
        lambda *arrays, axis=0: np.concatenate(arrays, axis),
        (real,),
        ways(((2, 3), (1, 3)), {}, {"axis": -2})
        | ways(((2, 3), (2, 1), (2, 2)), {"axis": 1}, {"axis": -1})
        | ways(((0, 3), (2, 3)), {"axis": 0})
        | ways(((2, 3),), {"axis": 1}),
    ),
)
