"""Ways to call an operation whose name or parameters are not NumPy's in some library.

A spelling gets the library first, then the operands, then the parameters under NumPy's names.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Spelling = Callable[..., Any]


def by_position(function: str) -> Spelling:
    """Hand the parameters over by position."""
    return lambda m, *operands, **params: getattr(m, function)(*operands, *params.values())


def in_a_list(function: str) -> Spelling:
    """Hand the operands over in a list."""
    return lambda m, *operands, **params: getattr(m, function)(operands, **params)


def part_of(function: str) -> Spelling:
    """Take one of several results."""
    return lambda m, *operands, part, **params: getattr(m, function)(*operands, **params)[part]


def flat(function: str) -> Spelling:
    """Flatten first where axis is None."""

    def call(m: Any, x: Any, *, axis: int | None, **params: Any) -> Any:
        x, axis = (x.reshape(-1), 0) if axis is None else (x, axis)
        return getattr(m, function)(x, axis=axis, **params)

    return call


def started(function: str, first: float) -> Spelling:
    """Accumulate in PyTorch, perhaps from an initial value."""

    def call(m: Any, x: Any, axis: int, include_initial: bool) -> Any:
        if include_initial:
            x = m.concatenate([m.full_like(x.narrow(axis, 0, 1), first), x], axis)
        return getattr(m, function)(x, axis)

    return call


def every(x: Any, axis: Any) -> Any:
    """Name all axes where None means them."""
    return tuple(range(x.ndim)) if axis is None else axis


def over_every(function: str) -> Spelling:
    """Call a function that wants all axes named."""
    return lambda m, x, *, axis, **params: getattr(m, function)(x, axis=every(x, axis), **params)


def merged(function: Spelling) -> Spelling:
    """Reduce over several axes where a function takes one: move them to the end and make one of them."""

    def call(m: Any, x: Any, axis: Any, keepdims: bool = False, **params: Any) -> Any:
        axes = [a % x.ndim for a in np.atleast_1d(np.array(every(x, axis), int)).tolist()]
        others = [a for a in range(x.ndim) if a not in axes]
        size = math.prod(x.shape[a] for a in axes)
        lines = m.permute(x, (*others, *axes)).reshape([*(x.shape[a] for a in others), size])
        out = function(m, lines, **params)
        return out.reshape([1 if a in axes else n for a, n in enumerate(x.shape)]) if keepdims else out

    return call


def indexed(m: Any, x: Any, index: tuple[Any, ...]) -> Any:
    """Index, with lists made arrays."""
    return x[tuple(m.array(part) if isinstance(part, list) else part for part in index)]


def taken(m: Any, x: Any, picked: Any, axis: int | None) -> Any:
    """Take positions, or what a mask marks, along an axis or of the flattened array, by an index."""
    x, axis = (x.ravel(), 0) if axis is None else (x, axis % x.ndim)
    return x[(slice(None),) * axis + (m.array(picked),)]


def padded(m: Any, x: Any, pad_width: Any, mode: str, constant_values: float = 0.0) -> Any:
    """Pad in PyTorch: by its own function, or by picking the entries that stand in the margins."""
    if mode == "constant":
        return m.pad(x, [n for pair in reversed(pad_width) for n in pair], value=constant_values)
    for axis, width in enumerate(pad_width):
        x = m.index_select(x, axis, m.array(np.pad(np.arange(x.shape[axis]), width, mode)))
    return x


def dot(m: Any, a: Any, b: Any) -> Any:
    """Multiply in PyTorch as np.dot does: the last axis of a with the last but one of b."""
    return m.tensordot(a, b, ([a.ndim - 1], [max(b.ndim - 2, 0)])) if a.ndim and b.ndim else a * b


def kron(_m: Any, a: Any, b: Any) -> Any:
    """Multiply block by block in PyTorch, whose own function cannot be differentiated for some strides."""
    ndim = max(a.ndim, b.ndim)
    sizes = [(1,) * (ndim - x.ndim) + tuple(x.shape) for x in (a, b)]
    a, b = a.reshape([n for p in sizes[0] for n in (p, 1)]), b.reshape([n for q in sizes[1] for n in (1, q)])
    return (a * b).reshape([p * q for p, q in zip(*sizes)])


def convolved(m: Any, a: Any, v: Any, mode: str) -> Any:
    """Convolve in PyTorch: cut what is wanted out of the full convolution."""
    full = m.conv1d(a[None, None], v.flip(0)[None, None], padding=len(v) - 1)[0, 0]
    short, long = sorted((len(a), len(v)))
    start = {"full": 0, "same": (short - 1) // 2, "valid": short - 1}[mode]
    return full[start:][: {"full": len(full), "same": long, "valid": long - short + 1}[mode]]


def solved(m: Any, a: Any, b: Any) -> Any:
    """Solve in PyTorch, which must not take matrices for a stack of vectors."""
    if b.ndim == 1:
        return solved(m, a, b[:, None])[..., 0]
    return m.solve(a, b.expand(*a.shape[: max(a.ndim - b.ndim, 0)], *b.shape))


def squashed_spectrum(m: Any, x: Any) -> Any:
    """V tanh(w) Vᵀ: it reads eigenvectors, but not their signs."""
    w, V = m.eigh(x)
    return (V * m.tanh(w)[..., None, :]) @ m.swapaxes(V, -1, -2)


def squashed_singular_values(m: Any, x: Any) -> Any:
    """U tanh(S) Vᵀ: it reads singular vectors, but not their signs."""
    U, S, Vh = m.svd(x, full_matrices=False)
    return (U * m.tanh(S)[..., None, :]) @ Vh
