"""Triangular factors of matrices, on stacks (..., m, n) as in ``numpy.linalg``: Cholesky and QR.

An operation has one result, so `qr` records its factors in one array, stacked by rows, and cuts it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_core.graph.primitive import as_operand, primitive
from autograd_core.ops.matrices.linalg import eye, inv, matrices, solve, square_matrices, symmetric
from autograd_core.ops.shaping.joining import concatenate
from autograd_core.ops.shaping.shape import matrix_transpose
from autograd_core.wording.arguments import truth
from autograd_core.wording.errors import one_of
from autograd_core.wording.notation import applied

__all__ = ["cholesky", "qr"]


def _half(x: Any) -> Any:
    """Take the lower triangle and half the diagonal: the adjoint of this map is itself."""
    return x * (np.tri(x.shape[-1], dtype=x.dtype) - eye(x) / 2)


def _cholesky_vjp(ct: Any, out: Any, _a: Any) -> Any:
    """Ā = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹, symmetrised."""
    x = inv(out)
    return symmetric(matrix_transpose(x) @ _half(matrix_transpose(out) @ ct) @ x)


def _cholesky_jvp(t: Any, out: Any, _a: Any) -> Any:
    """L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ)."""
    x = inv(out)
    return out @ _half(x @ symmetric(t) @ matrix_transpose(x))


@primitive(
    vjps=(_cholesky_vjp,),
    jvps=(_cholesky_jvp,),
    notation=applied("chol", numpy="np.linalg.cholesky"),
    flops=lambda out, _a: out.size * out.shape[-1] // 3,
)
def _cholesky(a: Any) -> Any:
    return np.linalg.cholesky(square_matrices(a))


def cholesky(a: Any, *, upper: bool = False) -> Any:
    """Factor symmetric positive definite matrices, A = L Lᵀ with L lower triangular.

    Only the lower triangle of A is read, or with `upper` the upper one. The cotangent is symmetric: it is
    that of the function of a symmetric matrix, and changes (A + Aᵀ) / 2 as a step would.

    Parameters
    ----------
    a : (..., n, n)
    upper : bool
        Return Lᵀ instead.

    Raises
    ------
    ShapeError
        The matrices are not square.
    LinAlgError
        One of them is not positive definite.

    Notes
    -----
    dL = L Φ(L⁻¹ dA L⁻ᵀ), where Φ takes the lower triangle and half the diagonal. Source: Murray,
    "Differentiation of the Cholesky decomposition", 2016, equations (8) and (10).

    Examples
    --------
    >>> cholesky(np.array([[4.0, 2.0], [2.0, 5.0]]))
    array([[2., 0.],
           [1., 2.]])
    """
    if truth(upper, "cholesky: upper"):
        return matrix_transpose(_cholesky(matrix_transpose(a)))
    return _cholesky(a)


class QRResult(NamedTuple):
    """Factors A = Q R: columns of Q orthonormal, R upper triangular."""

    Q: Any
    R: Any


def _cut_qr(x: Any, a: Any) -> QRResult:
    """Take Q and R, or what belongs to them, out of one array."""
    rows = a.shape[-2]
    return QRResult(x[..., :rows, :], x[..., rows:, :])


def _qr_vjp(ct: Any, out: Any, a: Any) -> Any:
    """Ā = (Q̄ + Q (H + Hᵀ)) R⁻ᵀ with H = Φ(R R̄ᵀ - Q̄ᵀ Q)."""
    (q, r), (ct_q, ct_r) = _cut_qr(out, a), _cut_qr(ct, a)
    lower = _half(r @ matrix_transpose(ct_r) - matrix_transpose(ct_q) @ q)
    return matrix_transpose(solve(r, matrix_transpose(ct_q + q @ (lower + matrix_transpose(lower)))))


def _qr_jvp(t: Any, out: Any, a: Any) -> Any:
    """Q̇ = Ȧ R⁻¹ - Q U and Ṙ = U R, with U upper triangular: Qᵀ Q̇ is skew."""
    q, r = _cut_qr(out, a)
    x = matrix_transpose(solve(matrix_transpose(r), matrix_transpose(t)))
    upper = matrix_transpose(_half(2 * symmetric(matrix_transpose(q) @ x)))
    return concatenate([x - q @ upper, upper @ r], axis=-2)


@primitive(
    vjps=(_qr_vjp,),
    jvps=(_qr_jvp,),
    notation=applied("qr")._replace(numpy="np.concatenate(np.linalg.qr({0}), axis=-2)"),
    flops=lambda _out, a: 4 * a.size * a.shape[-1],
)
def _qr(a: Any) -> Any:
    return np.concatenate(np.linalg.qr(a), axis=-2)


def qr(a: Any, mode: str = "reduced") -> Any:
    """Factor matrices, A = Q R, with orthonormal columns in Q and an upper triangular R.

    Parameters
    ----------
    a : (..., m, n)
    mode : {"reduced", "r"}
        With "r" only R is returned. NumPy's other modes have no derivative.

    Returns
    -------
    Q : (..., m, k), R : (..., k, n)
        A named tuple, with k = min(m, n). With m < n, A = Q [R₁ | Qᵀ A₂] where A = [A₁ | A₂] and A₁ = Q R₁.

    Raises
    ------
    ShapeError
        `a` has fewer than two axes.
    OptionError
        There is no such mode.
    LinAlgError
        A derivative is asked for where the first k columns are linearly dependent.

    Notes
    -----
    Source: Walter and Lehmann, "Algorithmic differentiation of linear algebra functions with application
    in optimum experimental design", 2010; Seeger et al., "Auto-differentiating linear algebra", 2017.

    Examples
    --------
    >>> Q, R = qr(np.array([[3.0, 1.0], [4.0, 2.0]]))
    >>> (Q @ R).round(12)
    array([[3., 1.],
           [4., 2.]])
    """
    one_of("mode of qr", mode, ("reduced", "r"))
    a = matrices(as_operand(a))
    rows = a.shape[-2]
    left = a[..., :rows] if rows < a.shape[-1] else a
    q, r = _cut_qr(_qr(left), left)
    if left is not a:
        r = concatenate([r, matrix_transpose(q) @ a[..., rows:]], axis=-1)
    return r if mode == "r" else QRResult(q, r)
