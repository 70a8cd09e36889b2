"""Rows of the operations that nn declares."""

import math
import operator

from op_case import BINARY, UNARY, At, Row, entrywise, real, shapes, share

from nn.activations import identity
from nn.costs import logistic_loss, mean_surprise


def _logistic(x):
    return 1 / (1 + math.exp(-x))


def _logistic_loss(z, y):
    return -y * math.log(_logistic(z)) - (1 - y) * math.log(_logistic(-z))


ROWS = (
    Row(
        "mean_surprise",
        mean_surprise,
        lambda Y, L: -math.fsum(map(operator.mul, Y.flat, L.flat)) / Y.shape[1],
        (real, real),
        shapes(((2, 3), (2, 3)), ((1, 4), (1, 4)), ((3, 1), (3, 1))),
    ),
    Row("identity", identity, entrywise(operator.pos), (real,), UNARY),
    Row(
        "logistic_loss",
        logistic_loss,
        entrywise(_logistic_loss),
        (real, share),
        BINARY,
        special=(
            At(([-1e4, 1e4, 1e4], [0.0, 1.0, 0.0]), [0.0, 0.0, 1e4], ([0.0, 0.0, 1.0], None)),
            At(([0.0], [0.5]), [math.log(2)], ([0.0], [0.0])),
        ),
    ),
)
