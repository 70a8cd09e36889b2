"""Rows of the products."""

import math
import operator

import numpy as np
from op_case import Row, real, shapes, ways

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
            ((4, 2, 3), (3,)),
            ((3,), (4, 3, 2)),
            ((2, 1, 2, 3), (4, 3, 2)),
            ((2, 0), (0, 3)),
            ((0, 2, 3), (3, 2)),
        ),
    ),
    Row(
        "vdot",
        ag.vdot,
        lambda a, b: math.fsum(map(operator.mul, a.flat, b.flat)),
        (real, real),
        shapes(((2, 3), (2, 3)), ((2, 3), (3, 2)), ((6,), (2, 3)), ((3,), (3,)), ((), ()), ((0, 3), (0, 3))),
    ),
    Row(
        "cross",
        ag.cross,
        np.cross,
        (real,),
        shapes(((3,), (3,)), ((2, 3), (3,)), ((4, 1, 3), (2, 3)), ((0, 3), (3,)))
        | ways(((3, 2), (3, 2)), {"axis": 0}, {"axis": -2})
        | ways(((2, 3, 1), (3, 4)), {"axis": -2}),
    ),
    Row(
        "convolve",
        ag.convolve,
        np.convolve,
        (real,),
        ways(((5,), (2,)), {}, {"mode": "same"}, {"mode": "valid"})
        | ways(((3,), (4,)), {}, {"mode": "same"}, {"mode": "valid"})
        | ways(((3,), (3,)), {"mode": "same"})
        | ways(((1,), (4,)), {"mode": "valid"})
        | ways(((), (2,)), {}),
    ),
)

COMPOSED = (
    Row(
        "outer",
        ag.outer,
        np.outer,
        (real,),
        shapes(((2,), (3,)), ((2, 2), (3,)), ((), (2,)), ((0,), (3,)), ((), ())),
    ),
    Row(
        "matvec",
        ag.matvec,
        np.matvec,
        (real,),
        shapes(((2, 3), (3,)), ((2, 3), (4, 3)), ((4, 1, 2, 3), (2, 3)), ((0, 3), (2, 3))),
    ),
    Row(
        "vecmat",
        ag.vecmat,
        np.vecmat,
        (real,),
        shapes(((2,), (2, 3)), ((4, 2), (2, 3)), ((2, 3), (4, 1, 3, 2)), ((2, 3), (3, 0))),
    ),
    Row(
        "kron",
        ag.kron,
        np.kron,
        (real,),
        shapes(
            ((2,), (3,)), ((2, 3), (3, 2)), ((2, 2), (3,)), ((2,), (1, 3, 2)), ((), (2, 3)), ((0, 2), (2, 2))
        ),
    ),
)
