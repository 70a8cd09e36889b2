"""Rows of the softmax family."""

import math

import numpy as np
from op_case import OVER_AXES, REDUCING, At, Row, real

import autograd_core as ag


def _softmax(x, axis=None):
    return np.exp(x) / np.exp(x).sum(axis, keepdims=True)


def _logsumexp(x, axis=None, keepdims=False):
    return np.log(np.exp(x).sum(axis, keepdims=keepdims))


ROWS = (
    Row(
        "logsumexp",
        ag.logsumexp,
        _logsumexp,
        (real,),
        REDUCING,
        special=(
            At(([1e4, 1e4],), 1e4 + math.log(2), ([0.5, 0.5],), rtol=1e-12),
            At(([-np.inf, 0.0],), 0.0, ([0.0, 1.0],)),
            At(([-np.inf, 0.0, 0.0],), math.log(2), ([0.0, 0.5, 0.5],)),
            At(([-np.inf, -np.inf],), -np.inf, ([0.5, 0.5],)),
            At(([np.inf, 1e4],), np.inf, ([1.0, 0.0],)),
        ),
    ),
    Row(
        "softmax",
        ag.softmax,
        _softmax,
        (real,),
        OVER_AXES,
        special=(
            At(([0.0, 1e4],), [0.0, 1.0], ([0.0, 0.0],)),
            At(([-np.inf, 0.0, 0.0],), [0.0, 0.5, 0.5], ([0.0, 0.0, 0.0],)),
            At(([-np.inf, -np.inf],), [0.5, 0.5], ([0.0, 0.0],)),
        ),
    ),
    Row(
        "log_softmax",
        ag.log_softmax,
        lambda x, axis=None: np.log(_softmax(x, axis)),
        (real,),
        OVER_AXES,
        special=(
            At(([0.0, 1e4],), [-1e4, 0.0], ([1.0, -1.0],)),
            At(([-np.inf, 0.0, 0.0],), [-np.inf, -math.log(2), -math.log(2)], ([1.0, -0.5, -0.5],)),
        ),
    ),
)
