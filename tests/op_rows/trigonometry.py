"""Rows of the trigonometric and hyperbolic functions."""

import math

import numpy as np
from op_case import BINARY, UNARY, At, Row, entrywise, nonzero, positive, real, shapes, share

import autograd_core as ag


def _inside(rng, shape):
    """Draw between -0.4 and 0.4."""
    return share(rng, shape) - 0.5


def _near_zero(rng, shape):
    return 1e-6 * real(rng, shape)


def _zero(_rng, shape):
    return np.zeros(shape)


def _second_of_its_family(x):
    """j₂(z) / z² in closed form, with z = πx."""
    z = math.pi * x
    return ((3 / z**2 - 1) * math.sin(z) / z - 3 * math.cos(z) / z**2) / z**2


INTERVAL = shapes(((2, 3),), ((),), ((0, 3),))

ROWS = (
    Row("sin", ag.sin, entrywise(math.sin), (real,), UNARY),
    Row("cos", ag.cos, entrywise(math.cos), (real,), UNARY),
    Row("tan", ag.tan, entrywise(math.tan), (_inside,), UNARY),
    Row(
        "arcsin",
        ag.arcsin,
        entrywise(math.asin),
        (_inside,),
        INTERVAL,
        special=(At((1.0,), math.pi / 2, (np.inf,), warns="divide by zero"),),
    ),
    Row(
        "arccos",
        ag.arccos,
        entrywise(math.acos),
        (_inside,),
        INTERVAL,
        special=(At((-1.0,), math.pi, (-np.inf,), warns="divide by zero"),),
    ),
    Row(
        "arctan",
        ag.arctan,
        entrywise(math.atan),
        (real,),
        UNARY,
        special=(At(([-1.0, np.inf],), [-math.pi / 4, math.pi / 2], ([0.5, 0.0],)),),
    ),
    Row(
        "arctan2",
        ag.arctan2,
        entrywise(math.atan2),
        (nonzero, nonzero),
        BINARY,
        special=(
            At(([0.0, 3.0], [0.0, 4.0]), [0.0, math.atan2(3, 4)], ([0.0, 4 / 25], [0.0, -3 / 25])),
            At(([0.0, 1e200], [-2.0, 0.0]), [math.pi, math.pi / 2], ([-0.5, 0.0], [0.0, -1e-200])),
        ),
    ),
    Row(
        "hypot",
        ag.hypot,
        entrywise(math.hypot),
        (nonzero, nonzero),
        BINARY,
        special=(
            At(([0.0, 3.0], [0.0, -4.0]), [0.0, 5.0], ([0.0, 0.6], [0.0, -0.8])),
            At(([3e200, 3e-200], [4e200, 4e-200]), [5e200, 5e-200], ([0.6, 0.6], [0.8, 0.8])),
        ),
    ),
    Row("sinh", ag.sinh, entrywise(math.sinh), (real,), UNARY),
    Row("cosh", ag.cosh, entrywise(math.cosh), (real,), UNARY),
    Row(
        "tanh",
        ag.tanh,
        entrywise(math.tanh),
        (real,),
        UNARY,
        special=(At(([-1e4, 0.0, 1e4],), [-1.0, 0.0, 1.0], ([0.0, 1.0, 0.0],)),),
    ),
    Row("arcsinh", ag.arcsinh, entrywise(math.asinh), (real,), UNARY),
    Row(
        "arccosh",
        ag.arccosh,
        entrywise(math.acosh),
        (lambda rng, shape: 1 + positive(rng, shape),),
        UNARY,
        special=(
            At((1.0,), 0.0, (np.inf,), warns="divide by zero"),
            At((1e200,), math.acosh(1e200), (1e-200,)),
        ),
    ),
    Row(
        "arctanh",
        ag.arctanh,
        entrywise(math.atanh),
        (_inside,),
        INTERVAL,
        special=(At((0.0,), 0.0, (1.0,)),),
    ),
    *(
        Row("sinc", ag.sinc, entrywise(lambda x: math.sin(math.pi * x) / (math.pi * x)), (draw,), UNARY)
        for draw in (nonzero, _near_zero)
    ),
    Row(
        "sinc",
        ag.sinc,
        np.sinc,
        (_zero,),
        UNARY,
        special=(
            At(([0.0, 1e-9, -1.0],), [1.0, 1.0, np.sinc(-1)], ([0.0, -(math.pi**2) / 3 * 1e-9, 1.0],)),
            At(([0.5],), [2 / math.pi], ([-4 / math.pi],)),
        ),
    ),
    Row("deg2rad", ag.deg2rad, entrywise(math.radians), (real,), UNARY),
    Row("rad2deg", ag.rad2deg, entrywise(math.degrees), (real,), UNARY),
)

COMPOSED = (
    Row(
        "sinc of order 2",
        lambda x: ag.sinc(x, order=2),
        entrywise(_second_of_its_family),
        (nonzero,),
        UNARY,
    ),
)
