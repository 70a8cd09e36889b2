"""Rows of what compares and chooses."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from op_case import BINARY, UNARY, At, Row, chance, entrywise, off_grid, on_grid, real, shapes, ways, whole

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


MISSING = [np.nan, 1.0, np.nan, 2.0]
ONLY_NUMBERS = ([0.0, 1.0, 0.0, 0.5], [1.0, 0.0, 0.0, 0.5])

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
        "fmax",
        ag.fmax,
        entrywise(max),
        (on_grid, off_grid),
        BINARY,
        special=(At((MISSING, [1.0, np.nan, np.nan, 2.0]), [1.0, 1.0, np.nan, 2.0], ONLY_NUMBERS),),
    ),
    Row(
        "fmin",
        ag.fmin,
        entrywise(min),
        (on_grid, off_grid),
        BINARY,
        special=(At((MISSING, [1.0, np.nan, np.nan, 2.0]), [1.0, 1.0, np.nan, 2.0], ONLY_NUMBERS),),
    ),
    Row(
        "heaviside",
        ag.heaviside,
        entrywise(lambda x, h: h if x == 0 else float(x > 0)),
        (on_grid, real),
        shapes(((4, 3), (4, 3)), ((4, 1), (3,)), ((), (2, 3)), ((), ()), ((0, 3), (1, 3))),
        wrt=(1,),
        special=(At(([-2.0, 0.0, np.nan], 0.25), [0.0, 0.25, np.nan], (None, 1.0)),),
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

COMPOSED = (
    Row(
        "select",
        lambda a, b, default: ag.select([a > 0.5, a > -1.0], [a * b, b], default),
        lambda a, b, default: np.select([a > 0.5, a > -1.0], [a * b, b], default),
        (off_grid, real, real),
        shapes(((2, 3), (2, 3), (2, 3)), ((2, 1), (3,), ()), ((), (), ())),
        order=2,
    ),
    Row(
        "clip",
        ag.clip,
        lambda x, a_min=None, a_max=None: np.clip(x, a_min, a_max),
        (on_grid,),
        UNARY | ways(((2, 3),), {"a_min": -0.75}, {"a_max": 0.75}, {"a_min": -0.25, "a_max": 0.25}),
        special=(At(([-1.0, 0.0, np.nan],), [-1.0, 0.0, np.nan], ([1.0, 1.0, 1.0],)),),
    ),
    Row(
        "clip between tensors",
        lambda x, low, high: ag.clip(x, low, high),
        np.clip,
        (
            on_grid,
            lambda rng, shape: off_grid(rng, shape) - 1,
            lambda rng, shape: 0.125 + whole(rng, shape),
        ),
        shapes(((2, 3), (2, 3), (3,)), ((2, 3), (), (2, 1))),
    ),
    Row(
        "nan_to_num",
        ag.nan_to_num,
        np.nan_to_num,
        (real,),
        UNARY | ways(((2, 3),), {"nan": 1.0, "posinf": 2.0, "neginf": -2.0}),
        special=(
            At(
                ([np.nan, np.inf, -np.inf, 2.0],),
                [0.0, np.finfo(float).max, np.finfo(float).min, 2.0],
                ([0.0, 0.0, 0.0, 1.0],),
            ),
        ),
    ),
)
