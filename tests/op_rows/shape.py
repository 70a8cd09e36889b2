"""Rows of what moves or repeats entries."""

import numpy as np
from op_case import Row, real, shapes, summed_to, ways

import autograd_core as ag

AT_LEAST = (
    (ag.atleast_1d, np.atleast_1d),
    (ag.atleast_2d, np.atleast_2d),
    (ag.atleast_3d, np.atleast_3d),
)

ROWS = (
    Row(
        "reshape",
        ag.reshape,
        np.reshape,
        (real,),
        ways(((2, 6),), {"shape": (3, 4)}, {"shape": (2, -1, 3)}, {"shape": 12}, {"shape": np.int64(-1)})
        | ways(((1, 1),), {"shape": ()})
        | ways(((0, 3),), {"shape": (3, 0)}),
    ),
    Row(
        "transpose",
        ag.transpose,
        np.transpose,
        (real,),
        ways(((2, 3, 4),), {}, {"axes": (1, 2, 0)}, {"axes": (0, -1, 1)}) | shapes(((2, 3),), ((),)),
    ),
    Row(
        "broadcast_to",
        ag.broadcast_to,
        lambda x, shape: x + np.zeros(shape),
        (real,),
        ways(((3, 1),), {"shape": (3, 1)}, {"shape": (3, 2)}, {"shape": (2, 3, 4)})
        | ways(((),), {"shape": (2, 2)})
        | ways(((1, 3),), {"shape": (0, 3)}),
    ),
    Row(
        "sum_to",
        ag.sum_to,
        summed_to,
        (real,),
        ways(((2, 3, 2),), *({"shape": s} for s in ((3, 2), (1, 2), (2, 1, 2), (), (1, 1, 1))))
        | ways(((0, 3),), {"shape": (3,)}),
    ),
    Row(
        "astype",
        ag.astype,
        lambda x, dtype: np.asarray(x.tolist(), dtype),
        (real,),
        ways(((2, 3),), {"dtype": np.float64}, {"dtype": "float64"}),
        result=lambda *_, dtype: np.dtype(dtype),
    ),
)

COMPOSED = (
    Row(
        "reshape",
        ag.reshape,
        np.reshape,
        (real,),
        ways(((2, 6),), {"shape": (3, -1), "order": "F"}, {"shape": (2, 3, 2), "order": "F"}),
    ),
    Row("ravel", ag.ravel, np.ravel, (real,), ways(((2, 3),), {}, {"order": "F"}) | shapes(((),), ((0, 3),))),
    Row(
        "expand_dims",
        ag.expand_dims,
        np.expand_dims,
        (real,),
        ways(((2, 3),), {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}, {"axis": (-1, 0)}),
    ),
    Row(
        "squeeze",
        ag.squeeze,
        np.squeeze,
        (real,),
        ways(((1, 3, 1),), {}, {"axis": 0}, {"axis": -1}, {"axis": (0, -1)}, {"axis": ()})
        | shapes(((),), ((1, 1),), ((0, 1),)),
    ),
    *(Row(f.__name__, f, g, (real,), shapes(((),), ((3,),), ((2, 3),), ((2, 1, 3),))) for f, g in AT_LEAST),
    Row(
        "matrix_transpose",
        ag.matrix_transpose,
        np.matrix_transpose,
        (real,),
        shapes(((2, 3),), ((4, 2, 3),), ((0, 3),)),
    ),
    Row(
        "swapaxes",
        ag.swapaxes,
        np.swapaxes,
        (real,),
        ways(((2, 3, 4),), {"axis1": 0, "axis2": -1}, {"axis1": 1, "axis2": 1})
        | ways(((2, 3),), {"axis1": 1, "axis2": 0}),
    ),
    Row(
        "moveaxis",
        ag.moveaxis,
        np.moveaxis,
        (real,),
        ways(((2, 3, 4),), {"source": 0, "destination": -1}, {"source": (0, -1), "destination": (1, 0)}),
    ),
    Row(
        "broadcast_arrays",
        lambda *xs: ag.stack(ag.broadcast_arrays(*xs)),
        lambda *xs: np.stack(np.broadcast_arrays(*xs)),
        (real,),
        shapes(((2, 1), (3,), ()), ((2, 3), (2, 3)), ((0, 1), (3,))),
    ),
)
