"""Rows of what picks and places entries."""

from typing import Any

import numpy as np
from op_case import Row, gather_sum, positions_of, real, shapes, ways

import autograd_core as ag


def _put(x, index, shape):
    return gather_sum(x, positions_of(shape)[_plain(index)], shape)


INDEX: dict[str, Any] = {
    "integer": 1,
    "negative integer": -1,
    "slice": slice(1, 3),
    "backward slice": slice(None, None, -2),
    "empty slice": slice(2, 2),
    "integer and slice": (2, slice(0, 2)),
    "every axis": (0, -1),
    "new axis": (slice(None), None, 1),
    "ellipsis": (..., 1),
    "everything": ...,
    "mask": np.arange(12).reshape(3, 4) % 3 == 0,
    "mask of rows": np.array([True, False, True]),
    "list of booleans": [False, True, True],
    "list with repeats": [2, 0, 2],
    "array with repeats": np.array([[1, 1], [-1, 1]]),
    "pairs with repeats": ([0, 1, 0], [3, 2, 3]),
    "slice and repeats": (slice(1, None), [1, 1, -3]),
    "mask and integer": (np.array([True, False, True]), 1),
    "no rows": np.array([], dtype=int),
    "tensor with repeats": ag.Tensor([1, 1, 0]),
}


def _plain(index):
    return np.asarray(index) if isinstance(index, ag.Tensor) else index


TRIANGLES = (
    ways(((3, 4),), {}, {"k": 1}, {"k": -2}) | ways(((2, 3, 2),), {"k": -1}) | shapes(((3,),), ((0, 2),))
)
DIAGONALS = (
    ways(((3, 4),), {}, {"offset": 2}, {"offset": -1}, {"offset": 5}, {"axis1": 1, "axis2": 0})
    | ways(((2, 3, 4),), {}, {"offset": 1, "axis1": -2, "axis2": -1}, {"axis1": 2, "axis2": 0})
    | shapes(((4, 3),), ((0, 3),))
)

ROWS = (
    Row(
        "getitem",
        ag.getitem,
        lambda x, index: x[_plain(index)],
        (real,),
        {kind: (((3, 4),), {"index": index}) for kind, index in INDEX.items()},
    ),
    Row(
        "scatter_add",
        ag.scatter_add,
        _put,
        (real,),
        {
            kind: ((np.zeros((3, 4))[_plain(index)].shape,), {"index": index, "shape": (3, 4)})
            for kind, index in INDEX.items()
        }
        | ways(((2,),), {"index": ([0, 0], [1, 1]), "shape": (5, 4)}),
    ),
    Row("tril", ag.tril, np.tril, (real,), TRIANGLES),
    Row("triu", ag.triu, np.triu, (real,), TRIANGLES),
)


def _added_along(x, indices, shape, axis=-1):
    return gather_sum(x, np.take_along_axis(positions_of(shape), np.asarray(indices), axis), shape)


COMPOSED = (
    Row(
        "take",
        ag.take,
        lambda x, indices, axis=None: np.take(x, np.asarray(indices, int), axis),
        (real,),
        ways(((3, 4),), *({"indices": i} for i in (2, [3, -1, 3], [[0, 5], [5, 11]], ag.Tensor([1, 1]))))
        | ways(((2, 3, 2),), {"indices": [1, 1, -3], "axis": 1}, {"indices": [[0, 1]], "axis": -1})
        | ways(((3, 4),), {"indices": 0, "axis": 1}, {"indices": np.array([], int), "axis": 0})
        | ways(((2, 3),), {"indices": [True, False], "axis": 0}, {"indices": True, "axis": 1})  # 1 and 0
        | {"nothing": (((2, 3),), {"indices": [], "axis": 0})},
    ),
    Row(
        "take_along_axis",
        ag.take_along_axis,
        np.take_along_axis,
        (real,),
        ways(((2, 3),), {"indices": np.array([[2, 0, 2, -1], [1, 1, 0, 0]])})
        | ways(
            ((2, 3),), {"indices": np.array([[1, 0, 1]]), "axis": 0}, {"indices": np.array([[2]]), "axis": 1}
        )
        | ways(((2, 3),), {"indices": np.array([5, 0, 5]), "axis": None})
        | ways(((1, 3),), {"indices": np.array([[2, 0], [1, 1]]), "axis": -1}),
    ),
    Row(
        "scatter_along_axis",
        ag.scatter_along_axis,
        _added_along,
        (real,),
        ways(((2, 4),), {"indices": [[2, 0, 2, -1], [1, 1, 0, 0]], "shape": (2, 3)})
        | ways(((1, 3),), {"indices": [[1, 0, 1]], "shape": (2, 3), "axis": 0}),
    ),
    Row(
        "compress",
        lambda x, condition, **axis: ag.compress(condition, x, **axis),
        lambda x, condition, **axis: np.compress(condition, x, **axis),
        (real,),
        ways(((2, 3),), {"condition": [False, True]}, {"condition": [True, False, True], "axis": -1}),
    ),
    Row(
        "extract",
        lambda x, condition: ag.extract(condition, x),
        lambda x, condition: np.extract(condition, x),
        (real,),
        ways(((2, 3),), {"condition": np.array([[True, False, True], [False, True, True]])}),
    ),
    Row(
        "diagflat",
        ag.diagflat,
        np.diagflat,
        (real,),
        ways(((2, 2),), {}, {"k": 1}, {"k": -2}) | shapes(((),), ((0,),)),
    ),
    Row("diagonal", ag.diagonal, np.diagonal, (real,), DIAGONALS),
    Row("trace", ag.trace, np.trace, (real,), DIAGONALS),
    Row(
        "diag",
        ag.diag,
        np.diag,
        (real,),
        ways(((3,),), {}, {"k": 2}, {"k": -1}) | ways(((3, 2),), {}, {"k": 1}) | shapes(((0,),), ((0, 0),)),
    ),
)
