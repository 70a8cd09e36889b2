"""Rows of eigenvalues and singular values; the sign of each vector is fixed before they are compared."""

import numpy as np
from op_case import At, Row, shapes, ways
from op_rows.linalg import conditioned, symmetrised

import autograd_core as ag


def symmetric(rng, shape):
    """Draw symmetric matrices with eigenvalues -1, 0, 1, ..., a unit apart."""
    q = np.linalg.qr(rng.standard_normal(shape)).Q
    return (q * (np.arange(shape[-1]) - 1.0)) @ np.swapaxes(q, -1, -2)


def _eigh(a, UPLO="L"):
    """Eigenvalues above eigenvectors that point along the first axis."""
    w, v = ag.eigh(symmetrised(a), UPLO)
    return ag.concatenate([ag.expand_dims(w, -2), v * ag.sign(v[..., :1, :])], axis=-2)


def _eigh_of_numpy(a, UPLO="L"):
    w, v = np.linalg.eigh(a, UPLO)
    return np.concatenate([w[..., None, :], v * np.sign(v[..., :1, :])], axis=-2)


def _svd(a):
    """U, S and V, one above the other; each vector in U points along the first axis."""
    u, s, vh = ag.svd(a, full_matrices=False)
    v, signs = ag.matrix_transpose(vh), ag.sign(u[..., :1, :])
    return ag.concatenate([u * signs, ag.expand_dims(s, -2), v * signs], axis=-2)


def _svd_of_numpy(a):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    signs = np.sign(u[..., :1, :])
    return np.concatenate([u * signs, s[..., None, :], np.swapaxes(vh, -1, -2) * signs], axis=-2)


def _singular_values(a):
    """Roots of the eigenvalues of the smaller of A Aᵀ and Aᵀ A."""
    turned = np.swapaxes(a, -1, -2)
    gram = a @ turned if a.shape[-2] <= a.shape[-1] else turned @ a
    return np.sqrt(np.linalg.eigvalsh(gram)[..., ::-1])


ANY_SHAPE = shapes(((3, 3),), ((4, 2),), ((2, 4),), ((2, 3, 2),), ((1, 1),))
EITHER_TRIANGLE = ways(((3, 3),), {}, {"UPLO": "L"}, {"UPLO": "u"}) | shapes(((2, 2, 2),), ((0, 2, 2),))
UNIT, ZERO, UNKNOWN = np.eye(2), np.zeros((2, 2)), np.full((2, 2), np.nan)
TIED = At((UNIT,), [1.0, 1.0], (UNIT,))

ROWS = (
    Row("eigh", _eigh, _eigh_of_numpy, (symmetric,), EITHER_TRIANGLE, order=2),
    Row(
        "eigh",
        lambda a: ag.eigh(symmetrised(a)).eigenvalues,
        np.linalg.eigvalsh,
        (symmetric,),
        shapes(((3, 3),)),
        order=2,
        special=(TIED,),
    ),
    Row(
        "eigh",
        lambda a: ag.absolute(ag.eigh(symmetrised(a)).eigenvectors),
        lambda a: np.abs(np.linalg.eigh(a).eigenvectors),
        (symmetric,),
        shapes(((3, 3),)),
        order=1,
        special=(At((UNIT,), UNIT, (UNKNOWN,)),),
    ),
    Row(
        "eigvalsh",
        lambda a, UPLO="L": ag.eigvalsh(symmetrised(a), UPLO),
        lambda a, UPLO="L": np.linalg.eigh(a, UPLO).eigenvalues,
        (symmetric,),
        EITHER_TRIANGLE,
        order=2,
        special=(TIED, At((ZERO,), [0.0, 0.0], (UNIT,))),
    ),
    Row("svd", _svd, _svd_of_numpy, (conditioned,), ANY_SHAPE, order=2),
    Row(
        "svd",
        lambda a: ag.svd(a, full_matrices=False).S,
        _singular_values,
        (conditioned,),
        shapes(((3, 2),)),
        order=2,
        special=(TIED, At((np.eye(3, 2),), [1.0, 1.0], (np.eye(3, 2),))),
    ),
    Row(
        "svd",
        lambda a: ag.absolute(ag.svd(a, full_matrices=False).U),
        lambda a: np.abs(np.linalg.svd(a, full_matrices=False).U),
        (conditioned,),
        shapes(((3, 2),)),
        order=1,
        special=(At((UNIT,), UNIT, (UNKNOWN,)), At((np.diag([2.0, 0.0]),), UNIT, (np.zeros((2, 2)),))),
    ),
    Row(
        "svdvals",
        ag.svdvals,
        _singular_values,
        (conditioned,),
        ANY_SHAPE | shapes(((0, 2, 2),)),
        order=2,
        special=(TIED, At((np.diag([2.0, 0.0]),), [2.0, 0.0], (UNIT,))),
    ),
)
