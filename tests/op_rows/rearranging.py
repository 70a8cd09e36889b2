"""Rows of what repeats, rolls, turns and pads."""

import numpy as np
from op_case import Row, real, shapes, ways

import autograd_core as ag

MODES = ("constant", "edge", "reflect", "symmetric", "wrap")

ROWS = (
    Row(
        "roll",
        ag.roll,
        np.roll,
        (real,),
        ways(
            ((2, 3),),
            {"shift": 1},
            {"shift": -7},
            {"shift": (1, -2), "axis": (0, -1)},
            {"shift": 1, "axis": 1},
        )
        | ways(((2, 3),), {"shift": (1, 1), "axis": 1}, {"shift": 1, "axis": (0, 1)})
        | ways(((),), {"shift": 1})
        | ways(((0, 3),), {"shift": 1, "axis": 0}),
    ),
    Row(
        "flip",
        ag.flip,
        np.flip,
        (real,),
        ways(((2, 3, 2),), {}, {"axis": -1}, {"axis": (0, 2)}) | shapes(((),), ((0, 3),)),
    ),
    Row(
        "pad",
        ag.pad,
        np.pad,
        (real,),
        ways(((3, 4),), *({"pad_width": ((1, 2), (0, 3)), "mode": mode} for mode in MODES))
        | ways(((2,),), *({"pad_width": (5, 3), "mode": mode} for mode in MODES))
        | ways(
            ((2, 2),), {"pad_width": 1}, {"pad_width": (1, 2)}, {"pad_width": {-1: (2, 1)}, "mode": "edge"}
        )
        | ways(((2,),), {"pad_width": ((2, 0),), "constant_values": 3.0})
        | ways(((2, 1),), {"pad_width": 1, "constant_values": ((1, 2), (3, 4))})
        | ways(((0, 2),), {"pad_width": 1}),
    ),
)


def _weighted_grid(package):
    """Put the coordinates that a grid is made of together again, each in a way of its own."""
    return lambda *rows, **way: sum(k * x * x for k, x in enumerate(package.meshgrid(*rows, **way), 1))


COMPOSED = (
    Row("pad", ag.pad, np.pad, (real,), ways(((),), {"pad_width": 1}, {"pad_width": 1, "mode": "edge"})),
    Row(
        "meshgrid",
        _weighted_grid(ag),
        _weighted_grid(np),
        (real,),
        ways(((2,), (3,)), {}, {"indexing": "ij"}, {"sparse": True})
        | ways(((2,), (3,), (1,)), {}, {"indexing": "ij", "sparse": True})
        | ways(((3,),), {})
        | shapes(((), (2,)), ((0,), (2,))),
    ),
    Row(
        "repeat",
        ag.repeat,
        np.repeat,
        (real,),
        ways(((2, 3),), {"repeats": 2}, {"repeats": [2], "axis": 1}, {"repeats": [0, 2, 1], "axis": -1})
        | ways(((2, 3),), {"repeats": 0, "axis": 0}, {"repeats": np.array([3, 1]), "axis": 0})
        | ways(((),), {"repeats": 3}),
    ),
    Row(
        "tile",
        ag.tile,
        np.tile,
        (real,),
        ways(((2, 3),), {"reps": 2}, {"reps": (2, 1)}, {"reps": (2, 1, 3)}, {"reps": ()}, {"reps": (0, 1)})
        | ways(((3,),), {"reps": (2, 2)})
        | ways(((),), {"reps": 3}),
    ),
    Row("fliplr", ag.fliplr, np.fliplr, (real,), shapes(((2, 3),))),
    Row("flipud", ag.flipud, np.flipud, (real,), shapes(((2, 3),))),
    Row(
        "rot90",
        ag.rot90,
        np.rot90,
        (real,),
        ways(((2, 3),), *({"k": k} for k in (-1, 0, 1, 2, 3, 5))) | ways(((2, 3, 2),), {"axes": (-1, 1)}),
    ),
)
