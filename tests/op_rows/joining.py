"""Rows of what joins arrays and cuts them apart."""

import numpy as np
from op_case import Row, real, shapes, ways

import autograd_core as ag


def _of_many(join, **way):
    """Join operands that are given one by one."""
    return lambda *arrays, **params: join(arrays, **way, **params)


def _swapped(package, cut, **fixed):
    """Cut and join the parts again, the last one first."""

    def call(x, axis=0, **params):
        return package.concatenate(getattr(package, cut)(x, axis=axis, **params)[::-1], axis)

    return call


def _of_parts(package, cut):
    """Cut and put the parts in one row, the last one first."""
    return lambda x, **params: package.concatenate(getattr(package, cut)(x, **params)[::-1], axis=None)


CUTS = ways(
    ((5, 3),), {"indices_or_sections": [1, 3]}, {"indices_or_sections": (3, 2, 9), "axis": -2}
) | ways(((2, 4),), {"indices_or_sections": 2, "axis": -1}, {"indices_or_sections": 1})
SIDE_BY_SIDE = shapes(((3,), (3,)), ((2, 3), (2, 3)), ((1, 2, 2), (1, 2, 2)), ((), ()))
UNLIKE = {
    "vstack": ((3,), (2, 3)),
    "hstack": ((2, 1), (2, 3)),
    "dstack": ((2, 3), (2, 3, 2)),
    "column_stack": ((2,), (2, 3)),
}

ROWS = (
    Row(
        "concatenate",
        _of_many(ag.concatenate),
        _of_many(np.concatenate),
        (real,),
        ways(((2, 3), (1, 3)), {}, {"axis": -2})
        | ways(((2, 3), (2, 1), (2, 2)), {"axis": 1}, {"axis": -1})
        | ways(((0, 3), (2, 3)), {"axis": 0})
        | ways(((2, 3),), {"axis": 1})
        | ways(((2, 1), (), (3,)), {"axis": None}),
    ),
    Row(
        "stack",
        _of_many(ag.stack),
        _of_many(np.stack),
        (real,),
        ways(((2, 3), (2, 3), (2, 3)), {}, {"axis": 1}, {"axis": -1})
        | shapes(((), ()), ((0, 2), (0, 2)), ((2,),)),
    ),
)

COMPOSED = (
    *(
        Row(
            name,
            _of_many(getattr(ag, name)),
            _of_many(getattr(np, name)),
            (real,),
            SIDE_BY_SIDE | shapes(unlike),
        )
        for name, unlike in UNLIKE.items()
    ),
    Row(
        "many joined",
        lambda x, axis: ag.concatenate([ag.stack(list(x) * 20), *ag.unstack(x[:, None] * x)] * 20, axis),
        lambda x, axis: np.concatenate([np.stack(list(x) * 20), *np.unstack(x[:, None] * x)] * 20, axis),
        (real,),
        ways(((2, 2),), {"axis": 0}),
        order=2,
    ),
    Row("split", _swapped(ag, "split"), _swapped(np, "split"), (real,), CUTS),
    Row(
        "array_split",
        _swapped(ag, "array_split"),
        _swapped(np, "array_split"),
        (real,),
        CUTS | ways(((5, 3),), {"indices_or_sections": 3}, {"indices_or_sections": 4, "axis": 1}),
    ),
    Row(
        "append",
        ag.append,
        np.append,
        (real,),
        shapes(((2, 3), (2,)), ((), ())) | ways(((2, 3), (1, 3)), {"axis": 0}),
    ),
    *(
        Row(
            name,
            _of_parts(ag, name),
            _of_parts(np, name),
            (real,),
            ways((shape,), {"indices_or_sections": 2}, {"indices_or_sections": [1]})
            | ways((higher,), {"indices_or_sections": [1, 3]}),
        )
        for name, shape, higher in (
            ("hsplit", (4,), (2, 4)),
            ("vsplit", (2, 3), (4, 1, 2)),
            ("dsplit", (1, 2, 2), (2, 1, 4, 1)),
        )
    ),
    Row(
        "unstack",
        _swapped(ag, "unstack"),
        _swapped(np, "unstack"),
        (real,),
        ways(((2, 3),), {}) | ways(((3, 2, 2),), {"axis": 1}),
    ),
)
