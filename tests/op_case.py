"""What a row of the operation table says: a NumPy reference, inputs to draw and ways to call it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd_core as ag

Shape = tuple[int, ...]
Draw = Callable[[np.random.Generator, Shape], np.ndarray]
Variants = Mapping[str, tuple[tuple[Shape, ...], Mapping[str, Any]]]


# How operands are drawn: where the function is smooth for several steps of a difference quotient.


def real(rng, shape):
    """Draw any number."""
    return np.asarray(rng.standard_normal(shape))


def positive(rng, shape):
    """Draw between 0.5 and 2."""
    return np.asarray(rng.uniform(0.5, 2.0, shape))


def nonzero(rng, shape):
    """Draw either sign, at least 0.5 away from 0."""
    return np.asarray(positive(rng, shape) * rng.choice([-1.0, 1.0], shape))


def share(rng, shape):
    """Draw strictly between 0 and 1."""
    return np.asarray(rng.uniform(0.1, 0.9, shape))


def distinct(rng, shape):
    """Draw numbers of which no two are closer than 0.25."""
    return np.asarray(rng.permutation(math.prod(shape)) * 0.25 - 1.0).reshape(shape)


def on_grid(rng, shape):
    """Draw multiples of one half; never within 0.25 of what `off_grid` draws."""
    return np.asarray(rng.integers(-3, 4, shape) * 0.5)


def off_grid(rng, shape):
    """Draw odd multiples of one quarter."""
    return on_grid(rng, shape) + 0.25


def whole(rng, shape):
    """Draw 0, 1, 2 or 3: many ties."""
    return np.asarray(rng.integers(0, 4, shape) * 1.0)


def chance(rng, shape):
    """Draw true or false."""
    return np.asarray(rng.random(shape) < 0.5)


# References: Python's own arithmetic for one entry at a time, and sums written out over positions.


def entrywise(f: Callable[..., Any], dtype: type = float) -> Callable[..., np.ndarray]:
    """Apply a function of Python numbers to every entry."""
    return np.vectorize(f, otypes=[dtype])


def gather_sum(x, positions, shape):
    """Add each entry of x to its position in zeros of the given shape."""
    total = np.bincount(positions.ravel(), np.asarray(x).ravel(), minlength=math.prod(shape))
    return total.reshape(shape).astype(float)


def positions_of(shape):
    return np.arange(math.prod(shape)).reshape(shape)


def summed_to(x, shape):
    """Add up what a broadcast from that shape has repeated."""
    return gather_sum(x, np.broadcast_to(positions_of(shape), x.shape), shape)


# Ways to call.


def shapes(*each: tuple[Shape, ...]) -> Variants:
    """Call with operands of these shapes and no parameters."""
    return {_label(operands): (operands, {}) for operands in each}


def ways(operands: tuple[Shape, ...], *each: dict[str, Any]) -> Variants:
    """Call with operands of one shape and each of these parameters."""
    return {_label(operands, **way): (operands, way) for way in each}


def _label(operands: tuple[Shape, ...], **params: Any) -> str:
    named = [f"{key}={value!r}" for key, value in params.items()]
    return ", ".join([" ".join(map(str, operands)), *named])


UNARY = shapes(((2, 3),), ((),), ((0, 3),))
BINARY = shapes(
    ((2, 3), (2, 3)), ((2, 1), (3,)), ((), (2, 3)), ((2, 2), (1, 1, 1)), ((), ()), ((0, 3), (1, 3))
)
AXES = ({}, {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}, {"axis": (-1, 1)}, {"axis": ()})
OVER_AXES = ways(((2, 3, 2),), *AXES) | ways(((),), {})
REDUCING = ways(((2, 3, 2),), *AXES, *({**way, "keepdims": True} for way in AXES)) | ways(((),), {})


@dataclass(frozen=True)
class At:
    """What is documented at a special point: the value, and the cotangents for a cotangent of ones.

    A cotangent of None is not asked for; `warns` is NumPy's warning, where one is due; `rtol` is
    larger where large operands have been rounded.
    """

    operands: tuple[Any, ...]
    value: Any
    cotangents: tuple[Any, ...] = ()
    warns: str | None = None
    rtol: float = 1e-15


@dataclass(frozen=True, repr=False)
class Row:
    """One operation: what it should compute, and how to try it.

    Attributes
    ----------
    op : name in the registry
    call, reference : the public function and what it should equal, with the same arguments
    draws : one for each operand
    variants : shapes of the operands and keyword parameters, under a label
    wrt : which operands are differentiable; all by default
    order : how often to differentiate; 0 if no derivative flows
    result : dtype of the result, from that of the operands and the parameters
    special : what holds at kinks, ties and far out
    """

    op: str
    call: Callable[..., Any]
    reference: Callable[..., Any]
    draws: tuple[Draw, ...]
    variants: Variants
    wrt: tuple[int, ...] | None = None
    order: int = 3
    result: Callable[..., Any] = lambda dtype, **_: dtype
    special: tuple[At, ...] = ()

    def __repr__(self) -> str:
        return self.op


@dataclass(frozen=True, repr=False)
class Case:
    """A row in one of its variants."""

    row: Row
    label: str
    shapes: tuple[Shape, ...]
    params: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"{self.row.op}[{self.label}]"

    @property
    def wrt(self) -> tuple[int, ...]:
        """Which operands are differentiable."""
        row = self.row
        return tuple(range(len(self.shapes))) if row.wrt is None else row.wrt

    def call(self, *operands):
        """Call the public function, on arrays or tensors."""
        return self.row.call(*operands, **self.params)

    def reference(self, *operands):
        """Compute the same with NumPy or Python alone."""
        return np.asarray(self.row.reference(*operands, **self.params))

    def tensors(self, operands):
        """Make the operands tensors A, B, C, ... and record what is computed from them."""
        flows = self.wrt if self.row.order else ()
        return [ag.Tensor(x, requires_grad=i in flows, name="ABCDEFGH"[i]) for i, x in enumerate(operands)]

    def draw(self, rng, dtype=np.float64):
        """Draw operands: arrays of that dtype, conditions excepted."""
        draws = (self.row.draws * len(self.shapes))[: len(self.shapes)]
        arrays = [draw(rng, shape) for draw, shape in zip(draws, self.shapes, strict=True)]
        return [x if x.dtype == bool else x.astype(dtype) for x in arrays]
