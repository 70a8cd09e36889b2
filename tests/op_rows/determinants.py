"""Rows of determinants; the references are sums over permutations."""

import itertools
import math

import numpy as np
from op_case import At, Row, real, shapes
from op_rows.linalg import SQUARES, conditioned

import autograd_core as ag


def _permuted(n):
    """Each permutation of n with its sign."""
    for order in itertools.permutations(range(n)):
        inversions = sum(a > b for a, b in itertools.combinations(order, 2))
        yield order, (-1) ** inversions


def _leibniz(a):
    """det A = Σ sign(π) Π a[i, π(i)]."""
    terms = (s * math.prod(a[..., i, j] for i, j in enumerate(p)) for p, s in _permuted(a.shape[-1]))
    return sum(terms, np.zeros(a.shape[:-2]))


def _minors(a):
    """The signed determinants that are left without row i and column j."""
    out = np.empty(a.shape)
    for i, j in np.ndindex(a.shape[-2:]):
        rest = np.delete(np.delete(a, i, axis=-2), j, axis=-1)
        out[..., i, j] = (-1) ** (i + j) * _leibniz(rest)
    return out


def _slogdet(a):
    """Sign and logarithm along a last axis."""
    sign, logarithm = ag.slogdet(a)
    return ag.concatenate([ag.expand_dims(sign, -1), ag.expand_dims(logarithm, -1)], axis=-1)


def _logarithm(a):
    found = _leibniz(a)
    return np.stack([np.sign(found), np.log(np.abs(found))], axis=-1)


def _of_rank_two(rng, shape):
    """Draw square matrices of rank two."""
    return conditioned(rng, (shape[0], 2)) @ conditioned(rng, (2, shape[0]))


RANK_TWO, RANK_ONE = np.diag([2.0, 3.0, 0.0]), np.diag([2.0, 0.0, 0.0])

ROWS = (
    Row(
        "det",
        ag.det,
        _leibniz,
        (real,),
        SQUARES,
        special=(
            At((RANK_TWO,), 0.0, (np.diag([0.0, 0.0, 6.0]),)),
            At((RANK_ONE,), 0.0, (np.zeros((3, 3)),)),
        ),
    ),
    Row("det", ag.det, _leibniz, (_of_rank_two,), shapes(((3, 3),), ((4, 4),))),
    Row("det", ag.det, _leibniz, (lambda _rng, shape: np.eye(*shape),), shapes(((3, 3),))),
    Row(
        "cofactor",
        ag.cofactor,
        _minors,
        (conditioned,),
        SQUARES,
        order=2,
        special=(At((RANK_TWO,), np.diag([0.0, 0.0, 6.0])), At((RANK_ONE,), np.zeros((3, 3)))),
    ),
    Row("slogdet", _slogdet, _logarithm, (conditioned,), SQUARES),
)
