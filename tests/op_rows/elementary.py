"""Rows of the elementary functions."""

import math

import numpy as np
from op_case import BINARY, UNARY, At, Row, entrywise, nonzero, positive, real, shapes, ways, whole

import autograd_core as ag


def _power(x, p):
    return math.pow(x, p)


ROWS = (
    Row("exp", ag.exp, entrywise(math.exp), (real,), UNARY),
    Row("log", ag.log, entrywise(math.log), (positive,), UNARY),
    Row(
        "sqrt",
        ag.sqrt,
        entrywise(math.sqrt),
        (positive,),
        UNARY,
        special=(At((0.0,), 0.0, (np.inf,), warns="divide by zero"),),
    ),
    Row(
        "absolute",
        ag.absolute,
        entrywise(abs),
        (nonzero,),
        UNARY,
        special=(At(([-2.0, 0.0, 3.0],), [2.0, 0.0, 3.0], ([-1.0, 0.0, 1.0],)),),
    ),
    Row(
        "power",
        ag.power,
        entrywise(_power),
        (positive, real),
        BINARY,
        special=(
            At(
                ([0.0, 0.0, 0.0, 3.0], [0.0, 1.0, 2.0, 0.0]),
                [1.0, 0.0, 0.0, 1.0],
                ([0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, math.log(3.0)]),
            ),
        ),
    ),
    Row("power", ag.power, entrywise(_power), (positive, whole), shapes(((3, 4), (3, 4)))),
    *(
        Row(
            "power",
            lambda x, p: ag.power(x, p),
            entrywise(_power),
            (draw,),
            ways(((2, 3),), *({"p": p} for p in exponents)),
            result=lambda dtype, p: np.result_type(dtype, p),
        )
        for draw, exponents in (
            (nonzero, (-2, -1.0, 0, 1, 2.0, 3, np.int64(2), np.float64(2))),
            (positive, (0.5, -1.5)),
            (lambda _, shape: np.zeros(shape), (2, 3.0)),
        )
    ),
)
