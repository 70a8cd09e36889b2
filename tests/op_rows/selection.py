"""Rows of what compares and chooses."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from op_case import BINARY, At, Row, chance, entrywise, off_grid, on_grid, real, shapes, whole

import autograd_core as ag


def _comparison(call: Callable[..., Any], compare: Callable[..., bool]) -> Row:
    return Row(
        call.__name__,
        call,
        entrywise(compare, bool),
        (whole, whole),
        BINARY,
        order=0,
        result=lambda *_, **__: np.dtype(bool),
    )


ROWS = (
    _comparison(ag.greater, operator.gt),
    _comparison(ag.greater_equal, operator.ge),
    _comparison(ag.less, operator.lt),
    _comparison(ag.less_equal, operator.le),
    _comparison(ag.equal, operator.eq),
    _comparison(ag.not_equal, operator.ne),
    Row(
        "maximum",
        ag.maximum,
        entrywise(max),
        (on_grid, off_grid),
        BINARY,
        special=(
            At(([1.0, 2.0, 3.0], 2.0), [2.0, 2.0, 3.0], ([0.0, 0.5, 1.0], 1.5)),
            At(([np.inf], [np.inf]), [np.inf], ([0.5], [0.5])),
        ),
    ),
    Row(
        "minimum",
        ag.minimum,
        entrywise(min),
        (on_grid, off_grid),
        BINARY,
        special=(At(([1.0, 2.0, 3.0], 2.0), [1.0, 2.0, 2.0], ([1.0, 0.5, 0.0], 1.5)),),
    ),
    Row(
        "where",
        ag.where,
        entrywise(lambda condition, a, b: a if condition else b),
        (chance, real, real),
        shapes(((2, 3), (2, 3), (2, 3)), ((2, 1), (3,), ()), ((), (2, 3), (3,)), ((0, 1), (3,), ())),
        wrt=(1, 2),
    ),
)
