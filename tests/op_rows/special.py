"""Rows of the special functions."""

import math

from op_case import BINARY, At, Row, entrywise, nonzero, positive, real

import autograd_core as ag

ROWS = (
    Row(
        "xdivy",
        ag.xdivy,
        entrywise(lambda x, y: x / y if x else 0.0),
        (real, nonzero),
        BINARY,
        special=(
            At(([0.0, 0.0], [0.0, 2.0]), [0.0, 0.0], (None, [0.0, 0.0])),
            At(([0.0], [2.0]), [0.0], ([0.5], [0.0])),
        ),
    ),
    Row(
        "xlogy",
        ag.xlogy,
        entrywise(lambda x, y: x * math.log(y) if x else 0.0),
        (real, positive),
        BINARY,
        special=(
            At(([0.0, 0.0], [0.0, 2.0]), [0.0, 0.0], (None, [0.0, 0.0])),
            At(([0.0], [2.0]), [0.0], ([math.log(2.0)], [0.0])),
        ),
    ),
)
