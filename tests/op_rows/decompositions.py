"""Rows of the triangular factors."""

import numpy as np
from op_case import Row, shapes, ways
from op_rows.linalg import SQUARES, conditioned, symmetrised

import autograd_core as ag


def definite(rng, shape):
    """Draw symmetric positive definite matrices."""
    half = conditioned(rng, shape)
    return half @ np.swapaxes(half, -1, -2)


def _wide(rng, shape):
    """Draw matrices that begin with well conditioned square ones."""
    square = conditioned(rng, (*shape[:-1], shape[-2]))
    return np.concatenate([square, rng.standard_normal((*shape[:-1], shape[-1] - shape[-2]))], axis=-1)


def _gram_schmidt(a):
    """Orthonormal columns one by one; LAPACK's signs, which make its reflections, are taken from NumPy."""
    q, r = np.zeros(a.shape), np.zeros((a.shape[1], a.shape[1]))
    signs = np.sign(np.diag(np.linalg.qr(a).R))
    for j in range(a.shape[1]):
        v = a[:, j].copy()
        for i in range(j):
            r[i, j] = q[:, i] @ v
            v -= r[i, j] * q[:, i]
        r[j, j] = signs[j] * np.sqrt(v @ v)
        q[:, j] = v / r[j, j]
    return np.concatenate([q, r])


def _qr_stacked(a):
    return np.vectorize(_gram_schmidt, signature="(m,n)->(p,n)")(a)


def _factors(a, mode="reduced"):
    return ag.concatenate(ag.qr(a, mode), axis=-2)


ROWS = (
    Row(
        "cholesky",
        lambda a: ag.cholesky(symmetrised(a)),
        np.linalg.cholesky,
        (definite,),
        SQUARES,
    ),
    Row("qr", _factors, _qr_stacked, (conditioned,), shapes(((3, 3),), ((5, 3),), ((2, 4, 2),)), order=2),
)

COMPOSED = (
    Row(
        "cholesky",
        lambda a: ag.cholesky(symmetrised(a), upper=True),
        lambda a: np.swapaxes(np.linalg.cholesky(a), -1, -2),
        (definite,),
        shapes(((3, 3),), ((2, 2, 2),)),
        order=2,
    ),
    Row(
        "qr",
        lambda a: ag.concatenate(ag.qr(a), axis=-1),
        lambda a: np.concatenate(np.linalg.qr(a), axis=-1),
        (_wide,),
        shapes(((2, 4),), ((2, 2, 3),)),
        order=2,
    ),
    Row("qr", ag.qr, np.linalg.qr, (conditioned,), ways(((4, 3),), {"mode": "r"}), order=2),
)
