"""Eigenvalues of symmetric matrices and singular values of any, on stacks as in ``numpy.linalg``.

An operation has one result, so values and vectors are recorded in one array, stacked by rows, and the public
function cuts it. Where two eigenvalues or singular values are equal, their vectors may be turned into one
another and have no derivative: NaN comes out if a cotangent asks for any vector of that matrix. One that is
exactly 0 for its vectors asks for the values alone, and is pulled back exactly.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd_core.graph.dispatch import values_of
from autograd_core.graph.node import Node
from autograd_core.graph.primitive import as_operand, primitive
from autograd_core.ops.entrywise.elementary import absolute
from autograd_core.ops.entrywise.selection import equal, greater, where
from autograd_core.ops.entrywise.special import xdivy
from autograd_core.ops.matrices.linalg import eye, finite, matrices, square_matrices, symmetric, where_finite
from autograd_core.ops.shaping.joining import concatenate
from autograd_core.ops.shaping.shape import expand_dims, matrix_transpose
from autograd_core.wording.arguments import truth
from autograd_core.wording.errors import OptionError, describe, one_of
from autograd_core.wording.notation import Notation, applied

__all__ = ["eigh", "eigvalsh", "svd", "svdvals"]


def _skew(x: Any) -> Any:
    return (x - matrix_transpose(x)) / 2


def _diagonal(x: Any) -> Any:
    """Take the diagonal, as one row."""
    return (x * eye(x)).sum(axis=-2, keepdims=True)


def _gaps(values: Any) -> Any:
    """Entry (i, j) is value j minus value i, with 1 on the diagonal, where nothing is divided."""
    return values - matrix_transpose(values) + eye(values)


def _sums(values: Any) -> Any:
    """Entry (i, j) is value j plus value i, with 1 more on the diagonal, where nothing is divided."""
    return values + matrix_transpose(values) + eye(values)


def _asked(*cotangents: Any) -> Any:
    """Say of each matrix whether the derivative of any vector is asked for."""
    total = sum(absolute(ct).sum(axis=(-2, -1), keepdims=True) for ct in cotangents)
    return greater(total, 0)


def _divided(x: Any, gaps: Any, asked: Any) -> Any:
    """Divide by the gaps; over no gap there is NaN, or 0 where nothing is asked."""
    return where(equal(gaps, 0) * asked, math.nan, xdivy(x, gaps))


class EighResult(NamedTuple):
    """Eigenvalues, ascending, and a column of `eigenvectors` for each."""

    eigenvalues: Any
    eigenvectors: Any


def _cut_eigh(x: Any) -> tuple[Any, Any]:
    """Take the eigenvalues, as one row, and the eigenvectors, or what belongs to them."""
    return x[..., :1, :], x[..., 1:, :]


def _eigh_vjp(ct: Any, out: Any, _a: Any, **_: Any) -> Any:
    """Ā = V (diag(w̄) + F ⊙ skew(Vᵀ V̄)) Vᵀ."""
    (w, v), (ct_w, ct_v) = _cut_eigh(out), _cut_eigh(ct)
    turned = _divided(_skew(matrix_transpose(v) @ ct_v), _gaps(w), _asked(ct_v))
    return v @ (ct_w * eye(w) + turned) @ matrix_transpose(v)


def _eigh_jvp(t: Any, out: Any, _a: Any, **_: Any) -> Any:
    """ẇ = diag(W) and V̇ = V (F ⊙ W), with W = Vᵀ Ȧ V."""
    w, v = _cut_eigh(out)
    inner = matrix_transpose(v) @ symmetric(t) @ v
    turned = xdivy(inner * (1 - eye(w)), _gaps(w))
    return concatenate([_diagonal(inner), v @ turned], axis=-2)


@primitive(
    vjps=(_eigh_vjp,),
    jvps=(_eigh_jvp,),
    notation=Notation(
        "eigh",
        "eigh({0})",
        r"\mathrm{{eigh}}({0})",
        "(lambda w, V: np.concatenate((w[..., None, :], V), axis=-2))(*np.linalg.eigh({0}, {UPLO}))",
    ),
    flops=lambda _out, a, **_: 9 * a.size * a.shape[-1],
)
def _eigh(a: Any, *, UPLO: Any) -> Any:
    w, v = np.linalg.eigh(square_matrices(a), UPLO)
    return np.concatenate((w[..., None, :], v), axis=-2)


def _triangle(UPLO: str) -> str:
    """Say which triangle of a symmetric matrix is read: L or U."""
    one_of("UPLO", UPLO.upper() if isinstance(UPLO, str) else UPLO, ("L", "U"))
    return UPLO.upper()


def eigh(a: Any, UPLO: str = "L") -> EighResult:
    """Take eigenvalues and eigenvectors of symmetric matrices, A = V diag(w) Vᵀ.

    Only the triangle that `UPLO` names is read; the cotangent is symmetric, as for `cholesky`. The sign of
    an eigenvector, and any turn among those of equal eigenvalues, is LAPACK's choice. At equal eigenvalues
    the derivative is NaN if the cotangent asks for any eigenvector of the matrix, and exact if it asks for
    eigenvalues alone. If only these are wanted, `eigvalsh` is as exact along tangents too.

    Parameters
    ----------
    a : (..., n, n)
    UPLO : {"L", "U"}

    Returns
    -------
    eigenvalues : (..., n), ascending
    eigenvectors : (..., n, n), by columns
        A named tuple.

    Raises
    ------
    ShapeError
        The matrices are not square.
    OptionError
        `UPLO` is neither "L" nor "U".

    Notes
    -----
    With W = Vᵀ dA V: dw = diag(W), dV = V (F ⊙ W), F_ij = 1 / (w_j - w_i) off the diagonal. Source: Giles,
    "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", 2008,
    section 3.1.

    Examples
    --------
    >>> eigh(np.array([[2.0, 1.0], [1.0, 2.0]])).eigenvalues.round(12)
    array([1., 3.])
    """
    packed = _eigh(as_operand(a), UPLO=_triangle(UPLO))
    return EighResult(packed[..., 0, :], packed[..., 1:, :])


def _eigvalsh_vjp(ct: Any, _out: Any, a: Any, UPLO: str) -> Any:
    """Ā = V diag(w̄) Vᵀ."""
    v = eigh(a, UPLO).eigenvectors
    return v * expand_dims(ct, -2) @ matrix_transpose(v)


def _eigvalsh_jvp(t: Any, _out: Any, a: Any, UPLO: str) -> Any:
    """ẇ = diag(Vᵀ Ȧ V)."""
    v = eigh(a, UPLO).eigenvectors
    return (v * (t @ v)).sum(axis=-2)


@primitive(
    vjps=(_eigvalsh_vjp,),
    jvps=(_eigvalsh_jvp,),
    notation=Notation("eigvalsh", "λ({0})", r"\lambda({0})", "np.linalg.eigvalsh({0}, {UPLO})"),
    flops=lambda _out, a, **_: 4 * a.size * a.shape[-1] // 3,
)
def _eigvalsh(a: Any, *, UPLO: Any) -> Any:
    return np.linalg.eigvalsh(square_matrices(a), UPLO)


def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Take the eigenvalues of symmetric matrices, ascending; only the triangle that `UPLO` names is read.

    Equal eigenvalues have a derivative each, in the order and basis that LAPACK chooses; that of a
    symmetric function of them, as their sum, does not depend on the choice. Second derivatives are NaN there.

    Parameters
    ----------
    a : (..., n, n)
    UPLO : {"L", "U"}

    Returns
    -------
    (..., n)

    Raises
    ------
    ShapeError
        The matrices are not square.
    OptionError
        `UPLO` is neither "L" nor "U".

    Examples
    --------
    >>> eigvalsh(np.array([[2.0, 1.0], [1.0, 2.0]])).round(12)
    array([1., 3.])
    """
    return _eigvalsh(as_operand(a), UPLO=_triangle(UPLO))


class SVDResult(NamedTuple):
    """Factors A = U diag(S) Vh, with S descending."""

    U: Any
    S: Any
    Vh: Any


def _cut_svd(x: Any, a: Any) -> tuple[Any, Any, Any]:
    """Take U, S as one row, and V, or what belongs to them."""
    rows = a.shape[-2]
    return x[..., :rows, :], x[..., rows : rows + 1, :], x[..., rows + 1 :, :]


def _svd_vjp(ct: Any, out: Any, a: Any, **_: Any) -> Any:
    """The adjoint of the tangents that `svd` notes, read backwards line by line."""
    (u, s, v), (ct_u, ct_s, ct_v) = _cut_svd(out, a), _cut_svd(ct, a)
    u_turned, v_turned = matrix_transpose(u), matrix_transpose(v)
    in_u, in_v, asked = u_turned @ ct_u, v_turned @ ct_v, _asked(ct_u, ct_v)
    together = _divided(_skew(in_u + in_v), _gaps(s), asked)
    apart = _divided(_skew(in_u - in_v), _sums(s), asked)
    inner = ct_s * eye(s) + together + apart
    found = u @ inner @ v_turned
    if u.shape != u_turned.shape:
        found = found + _divided(ct_u - u @ in_u, s, asked) @ v_turned
    if v.shape != v_turned.shape:
        found = found + u @ matrix_transpose(_divided(ct_v - v @ in_v, s, asked))
    return found


def _svd_jvp(t: Any, out: Any, a: Any, **_: Any) -> Any:
    """The tangents that `svd` notes."""
    u, s, v = _cut_svd(out, a)
    u_turned, v_turned = matrix_transpose(u), matrix_transpose(v)
    inner = u_turned @ t @ v
    together = xdivy(symmetric(inner) * (1 - eye(s)), _gaps(s))
    apart = xdivy(_skew(inner), _sums(s))
    t_u, t_v = u @ (together + apart), v @ (together - apart)
    if u.shape != u_turned.shape:
        t_u = t_u + xdivy(t @ v - u @ inner, s)
    if v.shape != v_turned.shape:
        t_v = t_v + xdivy(matrix_transpose(t) @ u - v @ matrix_transpose(inner), s)
    return concatenate([t_u, _diagonal(inner), t_v], axis=-2)


@primitive(
    vjps=(_svd_vjp,),
    jvps=(_svd_jvp,),
    notation=Notation(
        "svd",
        "svd({0})",
        r"\mathrm{{svd}}({0})",
        "(lambda U, S, Vh: np.concatenate((U, S[..., None, :], np.swapaxes(Vh, -1, -2)), axis=-2))"
        "(*np.linalg.svd({0}, full_matrices=False))",
    ),
    flops=lambda _out, a, **_: 20 * a.size * min(a.shape[-2:]),
)
def _svd(a: Any, *, strict: bool) -> Any:
    return _factors(finite(a)) if strict else where_finite(_factors, a)


def _factors(a: Any) -> Any:
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return np.concatenate((u, s[..., None, :], np.swapaxes(vh, -1, -2)), axis=-2)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Take singular values and vectors, A = U diag(S) Vh.

    As in NumPy U and Vh are square unless `full_matrices=False`. Where that adds columns to U or rows to Vh
    they are any basis of what is left, without derivative: a tensor that requires one is refused. The sign of
    a pair of singular vectors is LAPACK's choice, and so is any turn among those of equal singular values. At
    equal singular values, and at a singular value 0 of a matrix that is not square, the derivative is NaN if
    the cotangent asks for any singular vector of the matrix, and finite if it asks for singular values alone.
    If only these are wanted, `svdvals` is as good along tangents too.

    Parameters
    ----------
    a : (..., m, n)
    full_matrices : bool
    compute_uv : bool
        If False, return `svdvals(a)` alone.

    Returns
    -------
    U : (..., m, k), S : (..., k), Vh : (..., k, n)
        A named tuple, with k = min(m, n); U (..., m, m) and Vh (..., n, n) with `full_matrices`.

    Raises
    ------
    ShapeError
        `a` has fewer than two axes.
    OptionError
        `full_matrices` for a matrix that is not square, of which a derivative is taken.
    LinAlgError
        An entry is NaN or infinite.

    Notes
    -----
    With D = Uᵀ dA V, and off the diagonal P_ij = (D_ij + D_ji) / 2(s_j - s_i) and
    M_ij = (D_ij - D_ji) / 2(s_j + s_i): dS = diag(D), dU = U (P + M) + (I - U Uᵀ) dA V / S,
    dV = V (P - M) + (I - V Vᵀ) dAᵀ U / S. Source: Townsend, "Differentiating the singular value
    decomposition", 2016, with its fractions split in two.

    Examples
    --------
    >>> svd(np.array([[0.0, 2.0], [1.0, 0.0]])).S
    array([2., 1.])
    """
    if not truth(compute_uv, "svd: compute_uv"):
        return svdvals(a)
    a = matrices(as_operand(a))
    rows, columns = a.shape[-2:]
    if truth(full_matrices, "svd: full_matrices") and rows != columns:
        if isinstance(a, Node) and a.requires_grad:
            raise OptionError(
                f"svd: full_matrices=True for {describe(a)}: the vectors that make a factor square have no "
                "derivative; pass full_matrices=False"
            )
        return SVDResult(*np.linalg.svd(finite(values_of(a))))
    u, s, v = _cut_svd(_svd(a, strict=True), a)
    return SVDResult(u, s[..., 0, :], matrix_transpose(v))


def _svdvals_vjp(ct: Any, _out: Any, a: Any) -> Any:
    """Ā = U diag(s̄) Vh."""
    u, _, v = _cut_svd(_svd(a, strict=False), a)
    return u * expand_dims(ct, -2) @ matrix_transpose(v)


def _svdvals_jvp(t: Any, _out: Any, a: Any) -> Any:
    """ṡ = diag(Uᵀ Ȧ V)."""
    u, _, v = _cut_svd(_svd(a, strict=False), a)
    return (u * (t @ v)).sum(axis=-2)


@primitive(
    vjps=(_svdvals_vjp,),
    jvps=(_svdvals_jvp,),
    notation=applied("σ", latex=r"\sigma")._replace(numpy="np.linalg.svd({0}, compute_uv=False)"),
    flops=lambda _out, a: 4 * a.size * min(a.shape[-2:]),
)
def svdvals(a: Any) -> Any:
    """Take the singular values, descending.

    Equal ones have a derivative each, in the basis that LAPACK chooses, and so has a singular value 0, with
    the sign that LAPACK chooses. At equal ones second derivatives are NaN. Where an entry is infinite, the
    values and all derivatives are NaN.

    Parameters
    ----------
    a : (..., m, n)

    Returns
    -------
    (..., k), with k = min(m, n)

    Raises
    ------
    ShapeError
        `a` has fewer than two axes.
    LinAlgError
        An entry is NaN.

    Examples
    --------
    >>> svdvals(np.array([[0.0, 2.0], [1.0, 0.0]]))
    array([2., 1.])
    """
    if np.isfinite(matrices(a)).all():
        return np.linalg.svd(a, compute_uv=False)
    if np.isnan(a).any():
        finite(a)
    return where_finite(lambda x: np.linalg.svd(x, compute_uv=False)[..., None, :], a)[..., 0, :]
