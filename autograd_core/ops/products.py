"""Products of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.notation import MATRIX, Notation, infix
from autograd_core.ops.shape import expand_dims, reshape, sum_to, transpose
from autograd_core.primitive import bilinear

__all__ = ["matmul", "vdot"]


def _left(ct: Any, a: Any, b: Any) -> Any:
    """Ā = Z̄ Bᵀ, equation (15) of the notes."""
    if a.ndim == b.ndim == 2:
        return ct @ b.T
    ct, row, column = _as_matrices(ct, a, b)
    return reshape(sum_to(ct @ _turned(column), row.shape), a.shape)


def _right(ct: Any, a: Any, b: Any) -> Any:
    """B̄ = Aᵀ Z̄, equation (22) of the notes."""
    if a.ndim == b.ndim == 2:
        return a.T @ ct
    ct, row, column = _as_matrices(ct, a, b)
    return reshape(sum_to(_turned(row) @ ct, column.shape), b.shape)


def _as_matrices(ct: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """Give 1-d operands, and the cotangent of their product, the axis that NumPy leaves out."""
    if b.ndim == 1:
        ct, b = expand_dims(ct, ct.ndim), expand_dims(b, 1)
    if a.ndim == 1:
        ct, a = expand_dims(ct, ct.ndim - 1), expand_dims(a, 0)
    return ct, a, b


def _turned(x: Any) -> Any:
    """Transpose the last two axes."""
    return transpose(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


@bilinear(
    _left,
    _right,
    notation=infix("@", MATRIX, text="", latex="", numpy="@"),
    flops=lambda out, a, _b: 2 * out.size * a.shape[-1],
)
def matmul(a: Any, b: Any) -> Any:
    """Multiply matrices, Z = A B; stacks of matrices broadcast, as in NumPy.

    The cotangents are those of the notes: with Z = W A they give dW = dZ Aᵀ, equation (15), and
    dA = Wᵀ dZ, equation (22).

    Parameters
    ----------
    a : (..., p, q) or (q,)
    b : (..., q, m) or (q,)

    Returns
    -------
    (..., p, m), without the axis that a 1-d operand does not have

    Raises
    ------
    ShapeError
        The inner sizes differ, or an operand is a scalar.

    Notes
    -----
    Source: Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
    differentiation", 2008, section 2.2.2.

    Examples
    --------
    >>> matmul(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    array([[11.]])
    """
    try:
        return np.matmul(a, b)
    except ValueError:
        if np.ndim(a) and np.ndim(b):
            raise
        raise ValueError("a scalar is multiplied with *, not with @") from None


@bilinear(
    lambda ct, _a, b: ct * b,
    lambda ct, a, _b: ct * a,
    notation=Notation("⟨·,·⟩", "⟨{0}, {1}⟩", r"\langle {0}, {1} \rangle", "np.vdot({0}, {1})"),
    flops=lambda _out, a, _b: 2 * a.size,
)
def vdot(a: Any, b: Any) -> Any:
    """Multiply entry by entry and add everything up: the inner product ⟨A, B⟩ = Σ A ⊙ B.

    Parameters
    ----------
    a, b : arrays of the same shape

    Raises
    ------
    ShapeError
        The shapes differ.

    Examples
    --------
    >>> float(vdot(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])))
    11.0
    """
    if a.shape != b.shape:
        raise ValueError(f"shapes {a.shape} and {b.shape} differ")
    return np.vdot(a, b)
