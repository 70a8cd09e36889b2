"""Inverses, linear systems and chains of products, on stacks of matrices (..., n, n) as in ``numpy.linalg``.

A singular matrix raises ``numpy.linalg.LinAlgError``, as NumPy does.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.graph.primitive import as_operand, primitive
from autograd_core.ops.entrywise.elementary import absolute
from autograd_core.ops.entrywise.selection import greater, where
from autograd_core.ops.matrices.products import matmul
from autograd_core.ops.shaping.shape import expand_dims, matrix_transpose
from autograd_core.wording.arguments import whole
from autograd_core.wording.errors import OptionError, ShapeError, describe
from autograd_core.wording.notation import ATOM, MATRIX, POWER, Notation

__all__ = ["inv", "matrix_power", "multi_dot", "pinv", "solve"]


def square_matrices(x: Any) -> Any:
    """Let square matrices pass, and stacks of them."""
    if _ndim(x) < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"wanted square matrices, of shape (..., n, n), found {describe(x)}")
    return x


def matrices(x: Any) -> Any:
    """Let matrices pass, and stacks of them."""
    if _ndim(x) < 2:
        raise ShapeError(f"wanted matrices, of shape (..., m, n), found {describe(x)}")
    return x


def _ndim(x: Any) -> int:
    """The number of axes, of a Python number too."""
    return getattr(x, "ndim", 0)


def finite(x: Any) -> Any:
    """Let matrices of finite entries pass; LAPACK may search for the singular values of others for ever."""
    if not np.isfinite(x).all():
        raise np.linalg.LinAlgError("SVD did not converge: an entry is NaN or infinite")
    return x


def where_finite(decompose: Callable[[Any], Any], x: Any) -> Any:
    """Decompose the matrices of finite entries; NaN comes of the others, which LAPACK is not given."""
    whole = np.isfinite(x).all(axis=(-2, -1), keepdims=True)
    if whole.all():
        return decompose(x)
    return np.where(whole, decompose(np.where(whole, x, 0)), math.nan)


def eye(x: Any) -> Any:
    """Make the identity that goes with the columns of x."""
    return np.eye(x.shape[-1], dtype=x.dtype)


def symmetric(x: Any) -> Any:
    """Average a square matrix with its transpose."""
    return (x + matrix_transpose(x)) / 2


@primitive(
    vjps=(lambda ct, out, _a: -matrix_transpose(out) @ ct @ matrix_transpose(out),),
    jvps=(lambda t, out, _a: -out @ t @ out,),
    notation=Notation("⁻¹", "{0}⁻¹", "{{{0}}}^{{-1}}", "np.linalg.inv({0})", POWER, (ATOM,), (0,)),
    flops=lambda out, _a: 2 * out.size * out.shape[-1],
)
def inv(a: Any) -> Any:
    """Invert square matrices, A⁻¹.

    Parameters
    ----------
    a : (..., n, n)

    Raises
    ------
    ShapeError
        The matrices are not square.
    LinAlgError
        One of them is singular.

    Notes
    -----
    With X = A⁻¹, dX = -X dA X. Source: Giles, "Collected matrix derivative results for forward and
    reverse mode algorithmic differentiation", 2008, section 2.2.3.

    Examples
    --------
    >>> inv(np.array([[2.0, 0.0], [0.0, 4.0]]))
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    return np.linalg.inv(square_matrices(a))


def _as_column(x: Any, b: Any) -> Any:
    """Make a column of what belongs to a vector b, which `solve` takes for one column."""
    return expand_dims(x, -1) if b.ndim == 1 else x


def _as_given(x: Any, b: Any) -> Any:
    """Undo `_as_column`."""
    return x[..., 0] if b.ndim == 1 else x


def _solve_vjp_a(ct: Any, out: Any, a: Any, b: Any) -> Any:
    """Ā = -B̄ Xᵀ, where B̄ = A⁻ᵀ X̄."""
    return -solve(matrix_transpose(a), _as_column(ct, b)) @ matrix_transpose(_as_column(out, b))


def _solve_vjp_b(ct: Any, _out: Any, a: Any, b: Any) -> Any:
    return _as_given(solve(matrix_transpose(a), _as_column(ct, b)), b)


def _solve_jvp_a(t: Any, out: Any, a: Any, b: Any) -> Any:
    return -_as_given(solve(a, t @ _as_column(out, b)), b)


@primitive(
    vjps=(_solve_vjp_a, _solve_vjp_b),
    jvps=(_solve_jvp_a, lambda t, _out, a, _b: solve(a, t)),
    notation=Notation(
        "⁻¹·", "{0}⁻¹ {1}", "{{{0}}}^{{-1}} {1}", "np.linalg.solve({0}, {1})", MATRIX, (ATOM, MATRIX), (0,)
    ),
    flops=lambda out, a, _b: 2 * a.size * a.shape[-1] // 3 + 2 * out.size * a.shape[-1],
)
def _solve(a: Any, b: Any) -> Any:
    return np.linalg.solve(square_matrices(a), b)


def solve(a: Any, b: Any) -> Any:
    """Solve A X = B for X, without forming A⁻¹.

    Parameters
    ----------
    a : (..., n, n)
    b : (n,) or (..., n, k)
        A vector only if it has one axis; stacks broadcast.

    Raises
    ------
    ShapeError
        The matrices are not square, or `b` does not fit.
    LinAlgError
        One of them is singular.

    Notes
    -----
    Source: Giles 2008, section 2.3.1.

    Examples
    --------
    >>> solve(np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([2.0, 2.0]))
    array([1. , 0.5])
    """
    return _solve(as_operand(a), as_operand(b))


def _pinv_slope(t: Any, p: Any, a: Any, rcond: Any) -> Any:
    """Change of P = A⁺: -P dA P + P Pᵀ dAᵀ (I - A P) + (I - P A) dAᵀ Pᵀ P.

    Because pinv(Aᵀ) = pinv(A)ᵀ, its adjoint is the same map at the transposed matrices.
    """
    p_turned, t_turned = matrix_transpose(p), matrix_transpose(t)
    right, left = p @ (p_turned @ t_turned), (t_turned @ p_turned) @ p
    slope = (right - right @ a @ p) + (left - p @ (a @ left)) - p @ t @ p
    return slope if rcond is None else where(_cut_off(a, p), math.nan, slope)


def _cut_off(a: Any, p: Any) -> Any:
    """Say of which matrices singular values count as 0 that are none: there A P A is another one than A."""
    largest, most = (absolute(x).max(axis=(-2, -1), keepdims=True) for x in (a, p))
    missing = absolute(a - a @ p @ a).max(axis=(-2, -1), keepdims=True)
    noise = 10 * a.size * np.finfo(a.dtype).eps * largest * most
    return greater(missing, (np.finfo(a.dtype).eps ** 0.5 + noise) * largest)


@primitive(
    vjps=(lambda ct, out, a, rcond: _pinv_slope(ct, matrix_transpose(out), matrix_transpose(a), rcond),),
    jvps=(lambda t, out, a, rcond: _pinv_slope(t, out, a, rcond),),
    notation=Notation("⁺", "{0}⁺", "{{{0}}}^{{+}}", "np.linalg.pinv({0}, {rcond})", POWER, (ATOM,), (0,)),
    flops=lambda out, _a, **_: 20 * out.size * min(out.shape[-2:]),
)
def _pinv(a: Any, *, rcond: float | None) -> Any:
    return np.linalg.pinv(finite(matrices(a)), rcond)


def pinv(a: Any, rcond: float | None = None, *, rtol: float | None = None) -> Any:
    """Take the pseudo-inverse A⁺ of Moore and Penrose.

    Where a change of A changes its rank, A⁺ jumps: the derivative is that along changes that keep it,
    which are all of them if the rank is full. It is NaN where `rcond` leaves out more than rounding errors,
    for what is computed then is not A⁺.

    Parameters
    ----------
    a : (..., m, n)
    rcond : float, optional
        Singular values below `rcond` times the largest count as 0; as in NumPy.
    rtol : float, optional
        Another name of `rcond`, that of the array API standard.

    Raises
    ------
    ShapeError
        `a` has fewer than two axes.
    OptionError
        Both `rcond` and `rtol` are given.
    LinAlgError
        An entry is NaN or infinite.

    Notes
    -----
    Source: Golub and Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
    problems whose variables separate", 1973, equation (4.12).

    Examples
    --------
    >>> pinv(np.array([[2.0, 0.0], [0.0, 0.0]]))
    array([[0.5, 0. ],
           [0. , 0. ]])
    """
    if rcond is not None and rtol is not None:
        raise OptionError("pinv: rcond and rtol name the same number; pass one of them")
    return _pinv(as_operand(a), rcond=rtol if rcond is None else rcond)


def matrix_power(a: Any, n: int) -> Any:
    """Raise square matrices to a whole power, Aⁿ, by repeated squaring; a negative one inverts first.

    Parameters
    ----------
    a : (..., m, m)
    n : int
        A⁰ is the identity, with derivative 0.

    Raises
    ------
    ShapeError
        The matrices are not square.
    DtypeError
        `n` is not a whole number.
    LinAlgError
        `n` is negative and one of them is singular.

    Examples
    --------
    >>> matrix_power(np.array([[1.0, 1.0], [0.0, 1.0]]), 5)
    array([[1., 5.],
           [0., 1.]])
    """
    base = square_matrices(as_operand(a))
    n = whole(n, "matrix_power: the exponent", truth=True)
    left = abs(n)
    if n == 0:
        return where(False, base, eye(base))
    if n < 0:
        base = inv(base)
    product = None
    while left:
        if left % 2:
            product = base if product is None else product @ base
        left //= 2
        base = base @ base if left else base
    return product


@functools.lru_cache(maxsize=4096)
def _cheapest(sizes: tuple[int, ...]) -> tuple[int, int]:
    """Count the multiplications of the best way to multiply matrices of these sizes, and split it there."""
    first, *inner, last = sizes
    ways = (
        (_cheapest(sizes[: k + 1])[0] + _cheapest(sizes[k:])[0] + first * size * last, k)
        for k, size in enumerate(inner, 1)
    )
    return min(ways, default=(0, 0))


def _chain(factors: Sequence[Any], sizes: tuple[int, ...]) -> Any:
    """Multiply, each product split where it is cheapest."""
    if len(factors) == 1:
        return factors[0]
    k = _cheapest(sizes)[1]
    return matmul(_chain(factors[:k], sizes[: k + 1]), _chain(factors[k:], sizes[k:]))


def multi_dot(arrays: Sequence[Any]) -> Any:
    """Multiply two or more matrices in the order that takes the fewest multiplications.

    Parameters
    ----------
    arrays : sequence of (m, n)
        The first may be a row (n,) and the last a column (m,); the result then has no such axis.

    Raises
    ------
    ShapeError
        There are fewer than two, one is no matrix, or neighbours do not fit.

    Examples
    --------
    >>> multi_dot([np.ones((2, 3)), np.ones((3, 4)), np.ones(4)])
    array([12., 12.])
    """
    factors = [as_operand(x) for x in arrays]
    if len(factors) < 2:
        raise ShapeError(f"multi_dot: found {len(factors)} arrays, wanted two or more")
    for i, x in enumerate(factors):
        if x.ndim != 2 and not (x.ndim == 1 and i in (0, len(factors) - 1)):
            raise ShapeError(
                f"multi_dot: operand {i} is {describe(x)}, wanted a matrix; only the ends may be vectors"
            )
    first, last = factors[0], factors[-1]
    rows = 1 if first.ndim == 1 else first.shape[0]
    columns = 1 if last.ndim == 1 else last.shape[1]
    return _chain(factors, (rows, *(x.shape[0] for x in factors[1:]), columns))
