"""Rows of what picks and places entries."""

from typing import Any

import numpy as np
from op_case import Row, gather_sum, positions_of, real

import autograd_core as ag


def _put(x, index, shape):
    return gather_sum(x, positions_of(shape)[index], shape)


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
}


ROWS = (
    Row(
        "getitem",
        ag.getitem,
        lambda x, index: x[index],
        (real,),
        {kind: (((3, 4),), {"index": index}) for kind, index in INDEX.items()},
    ),
    Row(
        "scatter_add",
        ag.scatter_add,
        _put,
        (real,),
        {
            kind: ((np.zeros((3, 4))[index].shape,), {"index": index, "shape": (3, 4)})
            for kind, index in INDEX.items()
        },
    ),
)
