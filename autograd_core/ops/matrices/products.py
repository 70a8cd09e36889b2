"""Products: of matrices, of all entries with all others, of vectors in space and of sequences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.graph.primitive import as_operand, bilinear
from autograd_core.ops.shaping.axes import axis_of
from autograd_core.ops.shaping.shape import (
    atleast_1d,
    expand_dims,
    matrix_transpose,
    moveaxis,
    reshape,
    sum_to,
)
from autograd_core.wording.errors import ShapeError, describe, one_of
from autograd_core.wording.notation import MATRIX, PRODUCT, Notation, infix

__all__ = ["convolve", "cross", "kron", "matmul", "matvec", "outer", "vdot", "vecmat"]


def _left(ct: Any, a: Any, b: Any) -> Any:
    """Ā = Z̄ Bᵀ."""
    if a.ndim == b.ndim == 2:
        return ct @ b.T
    ct, row, column = _as_matrices(ct, a, b)
    return reshape(sum_to(ct @ matrix_transpose(column), row.shape), a.shape)


def _right(ct: Any, a: Any, b: Any) -> Any:
    """B̄ = Aᵀ Z̄."""
    if a.ndim == b.ndim == 2:
        return a.T @ ct
    ct, row, column = _as_matrices(ct, a, b)
    if column.ndim == 2:  # one matrix for a whole stack: the stack is one tall matrix
        row, ct = (reshape(x, (math.prod(x.shape[:-1]), x.shape[-1])) for x in (row, ct))
    return reshape(sum_to(matrix_transpose(row) @ ct, column.shape), b.shape)


def _as_matrices(ct: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """Give 1-d operands, and the cotangent of their product, the axis that NumPy leaves out."""
    if b.ndim == 1:
        ct, b = expand_dims(ct, ct.ndim), expand_dims(b, 1)
    if a.ndim == 1:
        ct, a = expand_dims(ct, ct.ndim - 1), expand_dims(a, 0)
    return ct, a, b


@bilinear(
    _left,
    _right,
    notation=infix("@", MATRIX, text="", latex="", numpy="@"),
    flops=lambda out, a, _b: 2 * out.size * a.shape[-1],
)
def matmul(a: Any, b: Any) -> Any:
    """Multiply matrices, Z = A B; stacks of matrices broadcast, as in NumPy.

    With Z = W A the cotangents are dW = dZ Aᵀ and dA = Wᵀ dZ.

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


def matvec(a: Any, v: Any) -> Any:
    """Multiply matrices by vectors, A v; stacks of matrices (..., m, n) and of vectors (..., n) broadcast.

    Raises
    ------
    ShapeError
        The sizes do not fit, or an operand has too few axes.

    Examples
    --------
    >>> matvec(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([[1., 3.],
           [2., 4.]])
    """
    a, v = _stacks("matvec", a, v, 0)
    return matmul(a, expand_dims(v, -1))[..., 0]


def vecmat(v: Any, a: Any) -> Any:
    """Multiply vectors by matrices, v A; stacks of vectors (..., m) and of matrices (..., m, n) broadcast.

    Raises
    ------
    ShapeError
        The sizes do not fit, or an operand has too few axes.

    Examples
    --------
    >>> vecmat(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[1., 2.],
           [3., 4.]])
    """
    v, a = _stacks("vecmat", v, a, 1)
    return matmul(expand_dims(v, -2), a)[..., 0, :]


def _stacks(name: str, a: Any, b: Any, matrix: int) -> tuple[Any, Any]:
    """A stack of matrices and one of vectors, or the other way round."""
    operands = as_operand(a), as_operand(b)
    for i, x in enumerate(operands):
        if x.ndim < 1 + (i == matrix):
            raise ShapeError(
                f"{name}: {describe(x)} where {'matrices' if i == matrix else 'vectors'} are wanted"
            )
    return operands


def _as_shaped(x: Any, like: Any) -> Any:
    return x if x.shape == like.shape else reshape(x, like.shape)


@bilinear(
    lambda ct, a, b: ct * _as_shaped(b, a),
    lambda ct, a, b: ct * _as_shaped(a, b),
    notation=Notation("⟨·,·⟩", "⟨{0}, {1}⟩", r"\langle {0}, {1} \rangle", "np.vdot({0}, {1})"),
    flops=lambda _out, a, _b: 2 * a.size,
)
def _vdot(a: Any, b: Any) -> Any:
    if a.size != b.size:
        raise ValueError(f"{a.size} entries against {b.size}")
    return np.vdot(a, b)


def vdot(a: Any, b: Any) -> Any:
    """Multiply entry by entry and add everything up: the inner product ⟨A, B⟩ = Σ A ⊙ B.

    As in NumPy, operands of different shapes are read row by row.

    Raises
    ------
    ShapeError
        The numbers of entries differ.

    Examples
    --------
    >>> float(vdot(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])))
    11.0
    """
    return _vdot(as_operand(a), as_operand(b))


def outer(a: Any, b: Any) -> Any:
    """Multiply every entry of one with every entry of the other: a column times a row.

    Operands with more axes are read row by row.

    Examples
    --------
    >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    array([[3., 4.],
           [6., 8.]])
    """
    return reshape(a, (-1, 1)) * reshape(b, (1, -1))


def outer_of_vectors(x1: Any, x2: Any, /) -> Any:
    """Multiply every entry of one vector with every entry of the other, as numpy.linalg.outer does.

    Raises
    ------
    ShapeError
        An operand has not one axis; `outer` ravels what it is given.

    Examples
    --------
    >>> outer_of_vectors(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    array([[3., 4.],
           [6., 8.]])
    """
    x1, x2 = as_operand(x1), as_operand(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError(
            f"linalg.outer: {describe(x1)} and {describe(x2)}, wanted two vectors; autograd_core.outer "
            "ravels what it is given"
        )
    return outer(x1, x2)


def kron(a: Any, b: Any) -> Any:
    """Take the Kronecker product: every entry of `a` times the whole of `b`, laid out as blocks.

    An operand with fewer axes gets axes of size 1 in front.

    Examples
    --------
    >>> kron(np.array([1.0, 10.0]), np.array([1.0, 2.0, 3.0]))
    array([ 1.,  2.,  3., 10., 20., 30.])
    """
    a, b = as_operand(a), as_operand(b)
    ndim = max(a.ndim, b.ndim)
    blocks, within = ((1,) * (ndim - x.ndim) + x.shape for x in (a, b))
    apart = reshape(a, [size for n in blocks for size in (n, 1)])
    repeated = reshape(b, [size for n in within for size in (1, n)])
    return reshape(apart * repeated, [m * n for m, n in zip(blocks, within)])


def vectors(name: str, a: Any, b: Any, axis: int) -> tuple[Any, Any]:
    """Bring the axis of vectors of one length to the end."""
    a, b = as_operand(a), as_operand(b)
    places = [axis_of(name, x, axis) for x in (a, b)]
    if a.shape[places[0]] != b.shape[places[1]]:
        raise ShapeError(
            f"{name}: {describe(a)} and {describe(b)} hold vectors of other lengths along axis {axis}"
        )
    a, b = (moveaxis(x, i, -1) if i < x.ndim - 1 else x for x, i in zip((a, b), places))
    return a, b


@bilinear(
    lambda ct, _a, b: _cross(b, ct),
    lambda ct, a, _b: _cross(ct, a),
    notation=infix("×", PRODUCT, latex=r"\times", associative=False)._replace(numpy="np.cross({0}, {1})"),
    flops=lambda out, _a, _b: 3 * out.size,
)
def _cross(a: Any, b: Any) -> Any:
    return np.cross(a, b)


def cross(a: Any, b: Any, *, axis: int = -1) -> Any:
    """Take the vector product a × b of vectors of three entries along an axis; stacks broadcast.

    The cotangents are ā = b × c̄ and b̄ = c̄ × a.

    Raises
    ------
    ShapeError
        There is no such axis, or its size is not 3.

    Examples
    --------
    >>> cross(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    array([0., 0., 1.])
    """
    a, b = vectors("cross", a, b, axis)
    if a.shape[-1] != 3:
        raise ShapeError(f"cross: the vectors have {a.shape[-1]} entries; 3 are wanted")
    product = _cross(a, b)
    at = axis_of("cross", product, axis)
    return product if at == product.ndim - 1 else moveaxis(product, -1, at)


@bilinear(
    lambda ct, a, b: _convolve(ct, b[::-1])[b.size - 1 : ct.size],
    lambda ct, a, b: _convolve(ct, a[::-1])[a.size - 1 : ct.size],
    notation=infix("∗", PRODUCT, latex=r"\ast")._replace(numpy="np.convolve({0}, {1})"),
    flops=lambda _out, a, b: 2 * a.size * b.size,
)
def _convolve(a: Any, b: Any) -> Any:
    return np.convolve(a, b)


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Take the discrete convolution of two sequences, z_n = Σ_k a_k v_(n-k).

    Parameters
    ----------
    a, v : sequences of M and N numbers
    mode : {"full", "same", "valid"}
        All M + N - 1 sums; the middle max(M, N) of them; or those where one sequence covers the other.

    Raises
    ------
    ShapeError
        An operand has more than one axis, or no entry.
    OptionError
        The mode is another one.

    Examples
    --------
    >>> convolve(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.5]), "same")
    array([1. , 2.5, 4. ])
    """
    a, v = atleast_1d(a, v)
    if a.ndim > 1 or v.ndim > 1 or not a.size or not v.size:
        raise ShapeError(f"convolve: {describe(a)} and {describe(v)}; two sequences of numbers are wanted")
    short, long = sorted((a.size, v.size))
    middle = (short - 1) // 2
    parts = {"full": ..., "same": slice(middle, middle + long), "valid": slice(short - 1, long)}
    one_of("mode of convolve", mode, parts)
    full = _convolve(a, v)
    return full if mode == "full" else full[parts[mode]]
