"""Rows of the products."""

import math
import operator

import numpy as np
from op_case import Row, real, shapes

import autograd_core as ag


def _matmul(a, b):
    left, right = "...ij" if a.ndim > 1 else "j", "...jk" if b.ndim > 1 else "j"
    return np.einsum(f"{left},{right}->...{'i' * (a.ndim > 1)}{'k' * (b.ndim > 1)}", a, b)


ROWS = (
    Row(
        "matmul",
        ag.matmul,
        _matmul,
        (real, real),
        shapes(
            ((2, 3), (3, 4)),
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (3, 2)),
            ((4, 2, 3), (3, 2)),
            ((3,), (4, 3, 2)),
            ((2, 1, 2, 3), (4, 3, 2)),
            ((2, 0), (0, 3)),
        ),
    ),
    Row(
        "vdot",
        ag.vdot,
        lambda a, b: math.fsum(map(operator.mul, a.flat, b.flat)),
        (real, real),
        shapes(((2, 3), (2, 3)), ((3,), (3,)), ((), ()), ((0, 3), (0, 3))),
    ),
)
