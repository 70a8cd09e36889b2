"""Rows of what runs along an axis."""

import itertools
import operator

import numpy as np
from op_case import At, Row, nonzero, real, shapes, ways, whole

import autograd_core as ag


def _so_far(combine):
    """Combine entries one by one in Python."""

    def lines(x, axis=None):
        def line(entries):
            return np.array([*itertools.accumulate(entries.tolist(), combine)], x.dtype)

        return line(x.ravel()) if axis is None else np.apply_along_axis(line, axis, x)

    return lines


ALONG = ways(((2, 3, 2),), {}, {"axis": 1}, {"axis": -1}) | ways(((0, 3),), {}) | ways(((),), {})

ROWS = (
    Row("cumsum", ag.cumsum, _so_far(operator.add), (real,), ALONG),
    Row(
        "cumprod",
        ag.cumprod,
        _so_far(operator.mul),
        (nonzero,),
        ALONG | ways(((1,),), {"axis": 0}) | ways(((9,),), {}),
        special=(
            At(([2.0, 0.0, 3.0, 5.0],), [2.0, 0.0, 0.0, 0.0], ([1.0, 38.0, 0.0, 0.0],)),
            At(([0.0, 2.0, 0.0, 5.0],), [0.0, 0.0, 0.0, 0.0], ([3.0, 0.0, 0.0, 0.0],)),
        ),
    ),
    Row("cumprod", ag.cumprod, _so_far(operator.mul), (whole,), ways(((2, 5),), {"axis": -1}, {})),
)

STANDARD = (
    ways(((3,),), {}, {"include_initial": True})
    | ways(((2, 3),), {"axis": -1, "include_initial": True})
    | ways(((),), {})
)

COMPOSED = (
    Row("cumulative_sum", ag.cumulative_sum, np.cumulative_sum, (real,), STANDARD),
    Row("cumulative_prod", ag.cumulative_prod, np.cumulative_prod, (nonzero,), STANDARD),
    Row(
        "diff",
        ag.diff,
        np.diff,
        (real,),
        ways(((3,),), {"prepend": np.float32(1.0)})
        | ways(((3, 4),), {}, {"axis": 0}, {"n": 2}, {"n": 0}, {"n": 5})
        | shapes(((0,),)),
    ),
    Row(
        "diff",
        lambda x, end: ag.diff(x, prepend=end, append=x[:, :1], axis=1),
        lambda x, end: np.diff(x, prepend=end, append=x[:, :1], axis=1),
        (real, real),
        shapes(((2, 3), ()), ((2, 3), (2, 2))),
    ),
    Row(
        "trapezoid",
        ag.trapezoid,
        np.trapezoid,
        (real,),
        ways(((2, 3),), {}, {"axis": 0, "dx": 0.5})
        | shapes(((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 3)), ((0,),), ((1,),))
        | ways(((4, 3), (4,)), {"axis": -2}),
    ),
)
