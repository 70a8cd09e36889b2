"""Determinants and cofactors, on stacks of square matrices (..., n, n)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_core.graph.primitive import as_operand, primitive
from autograd_core.ops.entrywise.rounding import sign
from autograd_core.ops.matrices.linalg import inv, square_matrices, where_finite
from autograd_core.ops.shaping.shape import expand_dims, matrix_transpose
from autograd_core.wording.notation import applied

__all__ = ["cofactor", "det", "slogdet"]

_MATRIX = (-2, -1)


@primitive(
    vjps=(lambda ct, _out, a: expand_dims(ct, _MATRIX) * cofactor(a),),
    jvps=(lambda t, _out, a: (cofactor(a) * t).sum(axis=_MATRIX),),
    notation=applied("det", latex=r"\det", numpy="np.linalg.det"),
    flops=lambda _out, a: 2 * a.size * a.shape[-1] // 3,
)
def det(a: Any) -> Any:
    """Take the determinant of square matrices.

    Its derivative is the matrix of cofactors, exact for singular matrices too: it has rank one where A has
    rank n - 1, and is 0 below. So are higher derivatives, but from the second on their cost grows as n⁵. For
    large matrices, whose determinants overflow besides, see `slogdet`.

    Parameters
    ----------
    a : (..., n, n)

    Returns
    -------
    (...)

    Raises
    ------
    ShapeError
        The matrices are not square.

    Notes
    -----
    Source: Jacobi's formula, d det(A) = ⟨cof(A), dA⟩; Giles, "Collected matrix derivative results
    for forward and reverse mode algorithmic differentiation", 2008, section 2.2.4, for regular matrices.

    Examples
    --------
    >>> import autograd_core as ag
    >>> ag.grad(det)(np.array([[1.0, 2.0], [2.0, 4.0]])).round(12)
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    return np.linalg.det(square_matrices(a))


def _cofactor_slope(t: Any, _out: Any, a: Any) -> Any:
    """Change of each cofactor along t, a symmetric map: a cofactor is the determinant of a minor."""
    n = a.shape[-1]
    i, k = np.ogrid[:n, : max(n - 1, 0)]
    others = k + (k >= i)  # row i: all numbers below n but i
    minors = (..., others[:, None, :, None], others[:, None, :])
    return (-1.0) ** (i + i.T) * (cofactor(a[minors]) * t[minors]).sum(axis=_MATRIX)


@primitive(
    vjps=(_cofactor_slope,),
    jvps=(_cofactor_slope,),
    notation=applied("cof", latex=r"\operatorname{cof}", numpy="cofactor"),
    flops=lambda out, _a: 20 * out.size * out.shape[-1],
)
def cofactor(a: Any) -> Any:
    """Take the cofactors of square matrices: the derivative of `det`, and det(A) A⁻ᵀ where A⁻¹ exists.

    Computed from the singular values, it is as exact for singular matrices as for others. It is NaN where an
    entry is not finite.

    Parameters
    ----------
    a : (..., n, n)

    Raises
    ------
    ShapeError
        The matrices are not square.

    Notes
    -----
    With A = U diag(s) Vh, cof(A) = det(U Vh) U diag(p) Vh, where p_i is the product of all s_j but s_i.

    Examples
    --------
    >>> cofactor(np.array([[1.0, 2.0], [3.0, 4.0]])).round(12)
    array([[ 4., -3.],
           [-2.,  1.]])
    """
    return where_finite(_cofactors, square_matrices(a))


def _cofactors(a: Any) -> Any:
    u, s, vh = np.linalg.svd(a)
    others = np.where(np.eye(a.shape[-1], dtype=bool), 1, s[..., None, :]).prod(axis=-1)
    turn = np.sign(np.linalg.det(u) * np.linalg.det(vh))
    return (u * (turn[..., None] * others)[..., None, :]) @ vh


class SlogdetResult(NamedTuple):
    """Sign of a determinant, and the logarithm of its size."""

    sign: Any
    logabsdet: Any


_SECOND = np.array([0.0, 1.0])


@primitive(
    vjps=(lambda ct, _out, a: expand_dims(ct[..., 1], _MATRIX) * matrix_transpose(inv(a)),),
    jvps=(lambda t, _out, a: expand_dims((matrix_transpose(inv(a)) * t).sum(axis=_MATRIX), -1) * _SECOND,),
    notation=applied("slogdet")._replace(numpy="np.stack(np.linalg.slogdet({0}), axis=-1)"),
    flops=lambda _out, a: 2 * a.size * a.shape[-1] // 3,
)
def _slogdet(a: Any) -> Any:
    return np.stack(np.linalg.slogdet(square_matrices(a)), axis=-1)


def slogdet(a: Any) -> SlogdetResult:
    """Take the sign of a determinant, and log |det(A)|, without overflow.

    No derivative flows through the sign.

    Parameters
    ----------
    a : (..., n, n)

    Returns
    -------
    sign, logabsdet : (...)
        A named tuple; 0 and -inf for a singular matrix.

    Raises
    ------
    ShapeError
        The matrices are not square.
    LinAlgError
        A derivative is asked for where A is singular.

    Notes
    -----
    d log |det(A)| = ⟨A⁻ᵀ, dA⟩. Source: Giles 2008, section 2.2.4.

    Examples
    --------
    >>> sign, logarithm = slogdet(np.array([[-2.0, 0.0], [0.0, 0.5]]))
    >>> float(sign), float(logarithm)
    (-1.0, 0.0)
    """
    packed = _slogdet(as_operand(a))
    return SlogdetResult(sign(packed[..., 0]), packed[..., 1])
