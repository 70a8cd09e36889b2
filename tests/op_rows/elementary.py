"""Rows of the elementary functions."""

import math

import numpy as np
from op_case import BINARY, UNARY, At, Row, entrywise, nonzero, positive, real, shapes, ways, whole

import autograd_core as ag


def _power(x, p):
    return math.pow(x, p)


def _zero(_rng, shape):
    return np.zeros(shape)


ROWS = (
    Row("exp", ag.exp, entrywise(math.exp), (real,), UNARY),
    Row("exp2", ag.exp2, entrywise(lambda x: 2.0**x), (real,), UNARY),
    Row(
        "expm1",
        ag.expm1,
        entrywise(math.expm1),
        (real,),
        UNARY,
        special=(At(([-40.0, 1e-20],), [-1.0, 1e-20], ([math.exp(-40), 1.0],)),),
    ),
    Row("log", ag.log, entrywise(math.log), (positive,), UNARY),
    Row("log2", ag.log2, entrywise(math.log2), (positive,), UNARY),
    Row("log10", ag.log10, entrywise(math.log10), (positive,), UNARY),
    Row(
        "log1p",
        ag.log1p,
        entrywise(math.log1p),
        (positive,),
        UNARY,
        special=(At(([0.0, 1e-20],), [0.0, 1e-20], ([1.0, 1.0],)),),
    ),
    Row(
        "sqrt",
        ag.sqrt,
        entrywise(math.sqrt),
        (positive,),
        UNARY,
        special=(At((0.0,), 0.0, (np.inf,), warns="divide by zero"),),
    ),
    Row(
        "cbrt",
        ag.cbrt,
        entrywise(math.cbrt),
        (nonzero,),
        UNARY,
        special=(At((0.0,), 0.0, (np.inf,), warns="divide by zero"), At((-8.0,), -2.0, (1 / 12,))),
    ),
    Row("square", ag.square, entrywise(lambda x: x * x), (real,), UNARY),
    Row(
        "reciprocal",
        ag.reciprocal,
        entrywise(lambda x: 1 / x),
        (nonzero,),
        shapes(*(operands for operands, _ in UNARY.values())),
        special=(At(([-2.0, np.inf],), [-0.5, 0.0], ([-0.25, 0.0],)),),
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
            At(([-2.0, -2.0], [3.0, -1.0]), [-8.0, -0.5], ([12.0, -0.25], None)),
            At(([np.inf, -np.inf], 0), [1.0, 1.0], ([0.0, 0.0], None)),
        ),
    ),
    Row("power", ag.power, entrywise(_power), (positive, whole), shapes(((3, 4), (3, 4)))),
    *(
        Row("power", ag.power, entrywise(_power), (draw, whole), shapes(((3, 4), (3, 4))), wrt=(0,))
        for draw in (nonzero, _zero)
    ),
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
            (_zero, (0, 1.0, 2, 3.0, np.int64(1), np.float64(0))),
        )
    ),
)

COMPOSED = (
    Row(
        "float_power",
        ag.float_power,
        np.float_power,
        (positive, real),
        BINARY,
        result=lambda *_, **__: np.dtype(float),
    ),
)
