"""Rows of what puts entries in order."""

import numpy as np
from op_case import REDUCING, At, Row, distinct, shapes, ways

import autograd_core as ag


def _kth(x, k, axis=-1, keepdims=False):
    """The k-th smallest entry of sorted lines."""
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % x.ndim
    kept = [i for i in range(x.ndim) if i not in axes]
    lines = np.sort(x.transpose(*kept, *axes).reshape(*(x.shape[i] for i in kept), -1))
    return np.expand_dims(lines[..., k], tuple(axes)) if keepdims else lines[..., k]


CHOOSING = {label: way for label, way in REDUCING.items() if way[1].get("axis") != ()}
SHARES = (0.0, 0.3, 0.5, 1, np.array([0.1, 0.8]), np.array([[0.75], [1.0]]))

ROWS = (
    Row(
        "sort",
        ag.sort,
        np.sort,
        (distinct,),
        ways(((2, 3, 2),), {}, {"axis": 0}, {"axis": -2}, {"axis": None})
        | ways(((0, 3),), {"axis": 0})
        | ways(((),), {"axis": None}),
        special=(At(([2.0, np.nan, 1.0, np.inf],), [1.0, 2.0, np.inf, np.nan], ([1.0, 1.0, 1.0, 1.0],)),),
    ),
    Row(
        "sort",
        lambda x: ag.sort(x)[..., :2],
        lambda x: np.sort(x)[..., :2],
        (distinct,),
        shapes(((2, 4),)),
        special=(At(([1.0, 1.0, 0.0],), [0.0, 1.0], ([1.0, 0.0, 1.0],)),),
    ),
    Row(
        "order_statistic",
        ag.order_statistic,
        _kth,
        (distinct,),
        ways(((2, 4),), *({"k": k} for k in (0, 1, 3)))
        | ways(((2, 3, 2),), {"k": 2, "axis": (0, -1)}, {"k": 1, "axis": 1, "keepdims": True})
        | ways(((2, 3),), {"k": 4, "axis": None})
        | ways(((),), {"k": 0, "axis": None}),
    ),
    Row(
        "order_statistic",
        ag.median,
        np.median,
        (distinct,),
        CHOOSING,
        special=(
            At(([4.0, 1.0, 3.0, 1.0],), 2.0, ([0.0, 0.25, 0.5, 0.25],)),
            At(([2.0, 2.0],), 2.0, ([0.5, 0.5],)),
            At(([1.0, np.inf, np.inf, np.inf],), np.inf, ([0.0, 1 / 3, 1 / 3, 1 / 3],)),
            At(([1.0, np.nan, 3.0],), np.nan, ([0.0, 0.0, 0.0],)),
        ),
    ),
)

COMPOSED = (
    *(
        Row(
            "quantile",
            lambda x, q=q, **axes: ag.quantile(x, q, **axes),
            lambda x, q=q, **axes: np.quantile(x, q, **axes),
            (distinct,),
            ways(((2, 3, 2),), {}, {"axis": 1}, {"axis": (0, -1), "keepdims": True}),
            result=lambda dtype, q=q, **_: np.result_type(dtype, q),
        )
        for q in SHARES
    ),
    Row(
        "percentile",
        ag.percentile,
        np.percentile,
        (distinct,),
        ways(((2, 5),), {"q": 30}, {"q": 62.5, "axis": 1}),
    ),
)
