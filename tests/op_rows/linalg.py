"""Rows of inverses, linear systems and chains of products."""

import functools

import numpy as np
from op_case import Row, real, shapes, ways

import autograd_core as ag


def conditioned(rng, shape):
    """Draw matrices whose singular values are 1, 1.5, 2, ..., in any order of rows."""
    u, s, vh = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
    return (u * (1 + np.arange(s.shape[-1]) / 2)) @ vh


def symmetrised(x):
    """Average with the transpose: a function of a symmetric matrix reads one triangle only."""
    return (x + ag.matrix_transpose(x)) / 2


SQUARES = shapes(((3, 3),), ((2, 4, 4),), ((1, 1),), ((0, 3, 3),), ((0, 0),))


ROWS = (
    Row("inv", ag.inv, np.linalg.inv, (conditioned,), SQUARES),
    Row(
        "solve",
        ag.solve,
        lambda a, b: np.matmul(np.linalg.inv(a), b),
        (conditioned, real),
        shapes(
            ((3, 3), (3,)),
            ((3, 3), (3, 2)),
            ((2, 3, 3), (3,)),
            ((2, 1, 3, 3), (4, 3, 2)),
            ((3, 3), (2, 3, 1)),
            ((0, 0), (0, 2)),
        ),
    ),
    Row(
        "pinv",
        ag.pinv,
        np.linalg.pinv,
        (conditioned,),
        shapes(((4, 2),), ((2, 4),), ((3, 3),), ((2, 3, 2),)) | ways(((3, 2),), {"rcond": 1e-3}),
        order=2,
    ),
    Row(
        "pinv",
        lambda a, b: ag.pinv(a @ b, 1e-3),
        lambda a, b: np.linalg.pinv(b) @ np.linalg.pinv(a),
        (conditioned, conditioned),
        shapes(((4, 2), (2, 3))),
        order=2,
    ),
)

COMPOSED = (
    Row(
        "matrix_power",
        ag.matrix_power,
        np.linalg.matrix_power,
        (conditioned,),
        ways(((2, 2),), *({"n": n} for n in (0, 1, 2, 5, np.int64(3), -1, -2)))
        | ways(((2, 3, 3),), {"n": 0}),
        order=2,
    ),
    Row(
        "multi_dot",
        lambda *factors: ag.multi_dot(factors),
        lambda *factors: functools.reduce(np.dot, factors),
        (real,),
        shapes(
            ((2, 3), (3, 4)),
            ((2, 9), (9, 1), (1, 5), (5, 3)),
            ((3,), (3, 4), (4, 2), (2,)),
            ((3, 4), (4, 2), (2,)),
            ((3,), (3,)),
        ),
        order=2,
    ),
)
