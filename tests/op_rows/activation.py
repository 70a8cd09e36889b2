"""Rows of the activations."""

import math

import numpy as np
from op_case import UNARY, At, Row, entrywise, nonzero, real, ways

import autograd_core as ag


def _logistic(x):
    return 1 / (1 + math.exp(-x))


def _normal(x):
    """How likely a standard normal number is below x."""
    return (1 + math.erf(x / math.sqrt(2))) / 2


ROWS = (
    Row(
        "relu",
        ag.relu,
        entrywise(lambda x: x if x > 0 else 0.0),
        (nonzero,),
        UNARY,
        special=(At(([-2.0, 0.0, 3.0],), [0.0, 0.0, 3.0], ([0.0, 0.0, 1.0],)),),
    ),
    Row(
        "softplus",
        ag.softplus,
        entrywise(lambda x: math.log1p(math.exp(x))),
        (real,),
        UNARY,
        special=(
            At(([-1e4, 0.0, 1e4],), [0.0, math.log(2), 1e4], ([0.0, 0.5, 1.0],)),
            At(([-np.inf, -40.0, np.inf],), [0.0, math.exp(-40), np.inf], ([0.0, _logistic(-40), 1.0],)),
        ),
    ),
)

COMPOSED = (
    Row(
        "leaky_relu",
        ag.leaky_relu,
        lambda x, negative_slope=0.01: np.where(x > 0, x, negative_slope * x),
        (nonzero,),
        UNARY | ways(((2, 3),), {"negative_slope": 0.25}),
        special=(At(([-2.0, 0.0, np.inf],), [-0.02, 0.0, np.inf], ([0.01, 0.01, 1.0],)),),
    ),
    Row(
        "elu",
        ag.elu,
        lambda x, alpha=1.0: np.where(x > 0, x, alpha * (np.exp(x) - 1)),
        (nonzero,),
        UNARY | ways(((2, 3),), {"alpha": 0.5}),
        special=(At(([-1e4, 0.0, 1e4],), [-1.0, 0.0, 1e4], ([0.0, 1.0, 1.0],)),),
    ),
    Row(
        "gelu",
        ag.gelu,
        entrywise(lambda x: x * _normal(x)),
        (real,),
        UNARY,
        special=(At(([-1e200, 0.0, 1e308],), [0.0, 0.0, 1e308], ([0.0, 0.5, 1.0],)),),
    ),
    Row(
        "silu",
        ag.silu,
        entrywise(lambda x: x * _logistic(x)),
        (real,),
        UNARY,
        special=(At(([-1e4, 0.0, 1e4],), [0.0, 0.0, 1e4], ([0.0, 0.5, 1.0],)),),
    ),
)
