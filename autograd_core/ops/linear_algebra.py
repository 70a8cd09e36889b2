"""Products of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.errors import ShapeError, describe
from autograd_core.notation import PRODUCT, infix
from autograd_core.ops.shape import expand_dims, reshape, sum_to, transpose
from autograd_core.primitive import bilinear

__all__ = ["matmul"]


def _turned(x: Any) -> Any:
    """Transpose the last two axes."""
    return x.T if x.ndim == 2 else transpose(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


@bilinear(
    lambda ct, a, b: sum_to(ct @ _turned(b), a.shape),  # Ā = Z̄ Bᵀ
    lambda ct, a, b: sum_to(_turned(a) @ ct, b.shape),  # B̄ = Aᵀ Z̄
    notation=infix("@", PRODUCT, text="", latex="", numpy="@"),
    flops=lambda out, a, _b: 2 * out.size * a.shape[-1],
)
def _matmul(a: Any, b: Any) -> Any:
    return np.matmul(a, b)


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
    if a.ndim > 1 and b.ndim > 1:
        return _matmul(a, b)
    if a.ndim == 0 or b.ndim == 0:
        raise ShapeError(
            f"matmul: {describe(a)} and {describe(b)}: multiply a scalar with * instead"
        )
    row, column = (
        (expand_dims(a, 0) if a.ndim == 1 else a),
        (expand_dims(b, 1) if b.ndim == 1 else b),
    )
    out = _matmul(row, column)
    kept = out.shape[:-2] + out.shape[-2:-1] * (a.ndim > 1) + out.shape[-1:] * (b.ndim > 1)
    return reshape(out, kept)
