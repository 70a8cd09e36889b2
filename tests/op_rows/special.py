"""Rows of the special functions."""

import math

import numpy as np
from op_case import BINARY, UNARY, At, Row, entrywise, nonzero, positive, real, shapes, share

import autograd_core as ag


def _logistic(x):
    return 1 / (1 + math.exp(-x))


def _erf(x):
    """2 / √π exp(-x²) Σ_k 2ᵏ x^(2k+1) / (2k+1)!!, in which nothing cancels."""
    terms = (2**k * x ** (2 * k + 1) / math.prod(range(1, 2 * k + 2, 2)) for k in range(80))
    return 2 / math.sqrt(math.pi) * math.exp(-x * x) * math.fsum(terms)


def _central(rng, shape):
    return 0.25 + 0.5 * share(rng, shape)


SLOPE = 2 / math.sqrt(math.pi)

ROWS = (
    Row(
        "xdivy",
        ag.xdivy,
        entrywise(lambda x, y: x / y if x else 0.0),
        (real, nonzero),
        BINARY,
        special=(
            At(([0.0, 0.0], [0.0, 2.0]), [0.0, 0.0], (None, [0.0, 0.0])),
            At(([0.0], [2.0]), [0.0], ([0.5], [0.0])),
        ),
    ),
    Row(
        "xlogy",
        ag.xlogy,
        entrywise(lambda x, y: x * math.log(y) if x else 0.0),
        (real, positive),
        BINARY,
        special=(
            At(([0.0, 0.0], [0.0, 2.0]), [0.0, 0.0], (None, [0.0, 0.0])),
            At(([0.0], [2.0]), [0.0], ([math.log(2.0)], [0.0])),
        ),
    ),
    Row(
        "sigmoid",
        ag.sigmoid,
        entrywise(_logistic),
        (real,),
        UNARY,
        special=(
            At(([-1e4, 0.0, 1e4],), [0.0, 0.5, 1.0], ([0.0, 0.25, 0.0],)),
            At(([-40, 0, 40],), [_logistic(-40), 0.5, 1.0]),
        ),
    ),
    Row(
        "logaddexp",
        ag.logaddexp,
        entrywise(lambda a, b: math.log(math.exp(a) + math.exp(b))),
        (real, real),
        BINARY,
        special=(
            At(([1e4, -1e4], [1e4, 1e4]), [1e4 + math.log(2), 1e4], ([0.5, 0.0], [0.5, 1.0])),
            At(([-np.inf, np.inf], [-np.inf, np.inf]), [-np.inf, np.inf], ([0.5, 0.5], [0.5, 0.5])),
            At(([np.inf, -np.inf], [0.0, 0.0]), [np.inf, 0.0], ([1.0, 0.0], [0.0, 1.0])),
        ),
    ),
    Row(
        "logaddexp2",
        ag.logaddexp2,
        entrywise(lambda a, b: math.log2(2.0**a + 2.0**b)),
        (real, real),
        BINARY,
        special=(
            At(([1e4, -1e4], [1e4, 1e4]), [1e4 + 1, 1e4], ([0.5, 0.0], [0.5, 1.0])),
            At(([-np.inf, np.inf], [-np.inf, 0.0]), [-np.inf, np.inf], ([0.5, 1.0], [0.5, 0.0])),
        ),
    ),
    Row(
        "erf",
        ag.erf,
        entrywise(_erf),
        (real,),
        UNARY,
        special=(
            At(([-np.inf, 0.0, 1e200],), [-1.0, 0.0, 1.0], ([0.0, SLOPE, 0.0],)),
            At(([np.nan, 1e-300],), [np.nan, SLOPE * 1e-300]),
        ),
    ),
    Row(
        "erfc",
        ag.erfc,
        entrywise(lambda x: 1 - _erf(x)),
        (real,),
        UNARY,
        special=(
            At(([-1e200, 0.0, np.inf],), [2.0, 1.0, 0.0], ([0.0, -SLOPE, 0.0],)),
            At(([10.0],), [2.0884875837625448e-45]),
        ),
    ),
)

COMPOSED = (
    Row(
        "logit",
        ag.logit,
        entrywise(lambda p: 2 * math.atanh(2 * p - 1)),
        (_central,),
        shapes(((2, 3),), ((),), ((0, 3),)),
        order=2,
    ),
)
