"""Rows of the norms."""

import math

import numpy as np
from op_case import At, Row, distinct, nonzero, real, shapes, ways
from op_rows.linalg import conditioned

import autograd_core as ag

ZERO = At(([0.0, 0.0],), 0.0, ([0.0, 0.0],))


def _p_norm(x, ord=2, axis=None, keepdims=False):
    """(Σ |x|ᵖ)^(1/p), over any axes."""
    return np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1 / ord)


def _kinks(op, call, reference, shape, *special):
    """A row for what is documented where a norm has no derivative, recorded by another operation."""
    return Row(op, call, reference, (conditioned,), shapes((shape,)), order=1, special=special)


def _at_zero(ord):
    """The norm of the zero matrix, through its singular values."""
    at = At((np.zeros((2, 2)),), 0.0, (np.zeros((2, 2)),))
    return _kinks("svdvals", lambda x: ag.norm(x, ord), lambda x: np.linalg.norm(x, ord), (3, 2), at)


ROWS = (
    Row(
        "norm",
        ag.norm,
        np.linalg.norm,
        (real,),
        shapes(((4,),), ((2, 3),), ((2, 3, 2),), ((),), ((0,),))
        | ways(((2, 3, 2),), {"axis": -1}, {"axis": (0, -1), "keepdims": True}, {"keepdims": True})
        | ways(((2, 3),), {"ord": "fro"}),
        special=(ZERO, At(([3.0, 4.0],), 5.0, ([0.6, 0.8],)), At((-2.0,), 2.0, (-1.0,))),
    ),
    Row(
        "norm",
        ag.norm,
        np.linalg.norm,
        (nonzero,),
        ways(((3,),), {"ord": 3}, {"ord": -2}, {"ord": 0.5})
        | ways(((2, 3),), {"ord": 1.5, "axis": 0}, {"ord": 3, "axis": -1, "keepdims": True}),
    ),
    Row("norm", lambda x: ag.norm(x, 3), lambda x: _p_norm(x, 3), (real,), shapes(((3,),)), special=(ZERO,)),
    Row(
        "norm",
        lambda x: ag.norm(x, 0.5),
        lambda x: _p_norm(x, 0.5),
        (nonzero,),
        shapes(((3,),)),
        special=(ZERO, At(([0.0, 1.0, -4.0],), 9.0, ([0.0, 3.0, -1.5],))),
    ),
    Row(
        "norm",
        ag.vector_norm,
        _p_norm,
        (nonzero,),
        ways(((2, 3, 2),), {}, {"axis": (0, 2)}, {"ord": 3, "axis": (0, 1, 2), "keepdims": True}),
    ),
    Row(
        "sum",
        lambda x: ag.norm(x, 1),
        lambda x: np.linalg.norm(x, 1),
        (nonzero,),
        shapes(((3,),)),
        special=(At(([0.0, 1.0, -2.0],), 3.0, ([0.0, 1.0, -1.0],)),),
    ),
    Row(
        "max",
        lambda x: ag.norm(x, math.inf),
        lambda x: np.linalg.norm(x, math.inf),
        (lambda rng, shape: distinct(rng, shape) + 0.1,),
        shapes(((3,),)),
        special=(ZERO, At(([2.0, -2.0, 1.0],), 2.0, ([0.5, -0.5, 0.0],))),
    ),
    *map(_at_zero, ("nuc", 2, -2)),
    _kinks(
        "svdvals",
        ag.cond,
        np.linalg.cond,
        (3, 2),
        At((np.diag([2.0, 0.0]),), math.inf, (np.zeros((2, 2)),)),
        At((np.zeros((2, 2)),), math.inf, (np.zeros((2, 2)),)),
    ),
)

COMPOSED = (
    Row(
        "norm",
        ag.norm,
        np.linalg.norm,
        (lambda rng, shape: distinct(rng, shape) + 0.1,),
        ways(((4,),), *({"ord": p} for p in (1, math.inf, -math.inf)))
        | ways(((2, 3, 2),), {"ord": 1, "axis": 1}, {"ord": np.inf, "axis": -1, "keepdims": True}),
    ),
    Row(
        "norm",
        ag.norm,
        np.linalg.norm,
        (conditioned,),
        ways(((3, 2),), *({"ord": p} for p in ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf)))
        | ways(((3, 2, 3),), {"ord": "nuc", "axis": (2, 0)}, {"ord": 1, "axis": (0, 1), "keepdims": True}),
        order=2,
    ),
    Row(
        "matrix_norm",
        ag.matrix_norm,
        np.linalg.matrix_norm,
        (conditioned,),
        ways(((2, 3, 2),), {}, {"ord": 2, "keepdims": True}),
        order=2,
    ),
    Row(
        "cond",
        ag.cond,
        np.linalg.cond,
        (conditioned,),
        ways(((2, 3, 3),), {}, {"p": -2}, {"p": 1}, {"p": "fro"}) | shapes(((3, 2),)),
        order=2,
    ),
)
