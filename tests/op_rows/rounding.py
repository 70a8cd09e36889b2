"""Rows of the functions that round."""

from op_case import UNARY, At, Row, entrywise, on_grid

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
)
