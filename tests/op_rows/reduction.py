"""Rows of the reductions."""

import numpy as np
from op_case import REDUCING, At, Row, distinct, nonzero, positive, real, ways, whole

import autograd_core as ag


def _average(module):
    return lambda x, w=None, **options: module.average(x, weights=w, **options)


SPREAD = ways(
    ((2, 3, 2),),
    {},
    {"axis": 0},
    {"axis": (0, -1), "ddof": 1},
    {"axis": -2, "correction": 1, "keepdims": True},
) | ways(((),), {})

ROWS = (
    Row("sum", ag.sum, np.sum, (real,), REDUCING | ways(((0, 3),), {}, {"axis": 0})),
    Row(
        "prod",
        ag.prod,
        np.prod,
        (nonzero,),
        REDUCING | ways(((0, 3),), {}, {"axis": 0}),
        special=(
            At(([2.0, 3.0, 5.0],), 30.0, ([15.0, 10.0, 6.0],)),
            At(([2.0, 0.0, 5.0],), 0.0, ([0.0, 10.0, 0.0],)),
            At(([2.0, 0.0, 0.0],), 0.0, ([0.0, 0.0, 0.0],)),
        ),
    ),
    Row(  # with many zeros, in all orders
        "prod",
        lambda x, **options: ag.prod(x, **options),
        np.prod,
        (lambda rng, shape: whole(rng, shape) - 1.0,),
        ways(((2, 5),), {}, {"axis": 1}, {"axis": 0, "keepdims": True}),
    ),
    Row(
        "var",
        ag.var,
        np.var,
        (real,),
        SPREAD,
        special=(At(([3.0, 3.0],), 0.0, ([0.0, 0.0],)),),
    ),
    Row(
        "std",
        ag.std,
        np.std,
        (distinct,),
        {label: way for label, way in SPREAD.items() if way[0] != ((),)},
        special=(
            At(([3.0, 3.0],), 0.0, ([0.0, 0.0],)),
            At(([0.1, 0.1, 0.1],), np.std([0.1] * 3), ([0.0, 0.0, 0.0],)),
            At((7.0,), 0.0, (0.0,)),
        ),
    ),
    Row(
        "max",
        ag.max,
        lambda x, *args, **kwargs: -np.min(-x, *args, **kwargs),
        (distinct,),
        REDUCING,
        special=(
            At(([1.0, 3.0, 3.0],), 3.0, ([0.0, 0.5, 0.5],)),
            At(([-np.inf, 0.0],), 0.0, ([0.0, 1.0],)),
        ),
    ),
    Row(
        "min",
        ag.min,
        lambda x, *args, **kwargs: -np.max(-x, *args, **kwargs),
        (distinct,),
        REDUCING,
        special=(At(([3.0, 1.0, 1.0],), 1.0, ([0.0, 0.5, 0.5],)),),
    ),
)

COMPOSED = (
    Row("mean", ag.mean, np.mean, (real,), REDUCING),
    Row("ptp", ag.ptp, np.ptp, (distinct,), REDUCING),
    Row(
        "average",
        _average(ag),
        _average(np),
        (real, positive),
        ways(((2, 3, 2),), {}, {"axis": 1})
        | ways(((2, 3, 2), (2, 3, 2)), {}, {"axis": (0, -1)}, {"axis": 1, "keepdims": True})
        | ways(((2, 3, 2), (3,)), {"axis": -2})
        | ways(((2, 3, 2), (2, 3)), {"axis": (2, 1)}),
    ),
)
