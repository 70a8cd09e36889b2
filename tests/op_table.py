"""The operation table: for each primitive a NumPy reference, inputs to draw and ways to call it.

`test_laws.py` states each law once and holds every row to it. A new primitive needs one row here;
until then a test fails. Operations composed of primitives stand in `COMPOSED`, under the same laws.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd_core as ag
from nn.activations import identity
from nn.costs import logistic_loss, mean_surprise

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


def _positions(shape):
    return np.arange(math.prod(shape)).reshape(shape)


def _put(x, index, shape):
    return gather_sum(x, _positions(shape)[index], shape)


def summed_to(x, shape):
    """Add up what a broadcast from that shape has repeated."""
    return gather_sum(x, np.broadcast_to(_positions(shape), x.shape), shape)


def _softmax(x, axis=None):
    return np.exp(x) / np.exp(x).sum(axis, keepdims=True)


def _logsumexp(x, axis=None, keepdims=False):
    return np.log(np.exp(x).sum(axis, keepdims=keepdims))


def _power(x, p):
    return math.pow(x, p)


def _logistic(x):
    return 1 / (1 + math.exp(-x))


def _logistic_loss(z, y):
    return -y * math.log(_logistic(z)) - (1 - y) * math.log(_logistic(-z))


def _matmul(a, b):
    left, right = "...ij" if a.ndim > 1 else "j", "...jk" if b.ndim > 1 else "j"
    return np.einsum(f"{left},{right}->...{'i' * (a.ndim > 1)}{'k' * (b.ndim > 1)}", a, b)


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
INDEX: dict[str, Any] = {
    "integer": 1,
    "negative integer": -1,
    "slice": slice(1, 3),
    "backward slice": slice(None, None, -2),
    "empty slice": slice(2, 2),
    "integer and slice": (2, slice(0, 2)),
    "every axis": (0, -1),
    "new axis": (slice(None), None, 1),
    "ellipsis": (..., 1),
    "everything": ...,
    "mask": np.arange(12).reshape(3, 4) % 3 == 0,
    "mask of rows": np.array([True, False, True]),
    "list of booleans": [False, True, True],
    "list with repeats": [2, 0, 2],
    "array with repeats": np.array([[1, 1], [-1, 1]]),
    "pairs with repeats": ([0, 1, 0], [3, 2, 3]),
    "slice and repeats": (slice(1, None), [1, 1, -3]),
    "mask and integer": (np.array([True, False, True]), 1),
    "no rows": np.array([], dtype=int),
}


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


def _comparison(call: Callable[..., Any], compare: Callable[..., bool]) -> Row:
    return Row(
        call.__name__,
        call,
        entrywise(compare, bool),
        (whole, whole),
        BINARY,
        order=0,
        result=lambda *_, **__: np.dtype(bool),
    )


OP_TABLE = (
    # arithmetic
    Row("add", ag.add, entrywise(operator.add), (real, real), BINARY),
    Row("subtract", ag.subtract, entrywise(operator.sub), (real, real), BINARY),
    Row("multiply", ag.multiply, entrywise(operator.mul), (real, real), BINARY),
    Row("divide", ag.divide, entrywise(operator.truediv), (real, nonzero), BINARY),
    Row("negative", ag.negative, entrywise(operator.neg), (real,), UNARY),
    Row("positive", ag.positive, entrywise(operator.pos), (real,), UNARY),
    # elementary functions
    Row("exp", ag.exp, entrywise(math.exp), (real,), UNARY),
    Row("log", ag.log, entrywise(math.log), (positive,), UNARY),
    Row(
        "sqrt",
        ag.sqrt,
        entrywise(math.sqrt),
        (positive,),
        UNARY,
        special=(At((0.0,), 0.0, (np.inf,), warns="divide by zero"),),
    ),
    Row(
        "tanh",
        ag.tanh,
        entrywise(math.tanh),
        (real,),
        UNARY,
        special=(At(([-1e4, 0.0, 1e4],), [-1.0, 0.0, 1.0], ([0.0, 1.0, 0.0],)),),
    ),
    Row(
        "sign",
        ag.sign,
        entrywise(lambda x: (x > 0) - (x < 0)),
        (on_grid,),
        UNARY,
        order=0,
        special=(At(([-2.0, 0.0, 3.0],), [-1.0, 0.0, 1.0]),),
    ),
    Row(
        "absolute",
        ag.absolute,
        entrywise(abs),
        (nonzero,),
        UNARY,
        special=(At(([-2.0, 0.0, 3.0],), [2.0, 0.0, 3.0], ([-1.0, 0.0, 1.0],)),),
    ),
    Row(
        "power",
        ag.power,
        entrywise(_power),
        (positive, real),
        BINARY,
        special=(
            At(
                ([0.0, 0.0, 0.0, 3.0], [0.0, 1.0, 2.0, 0.0]),
                [1.0, 0.0, 0.0, 1.0],
                ([0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, math.log(3.0)]),
            ),
        ),
    ),
    Row("power", ag.power, entrywise(_power), (positive, whole), shapes(((3, 4), (3, 4)))),
    *(
        Row(
            "power",
            lambda x, p: ag.power(x, p),
            entrywise(_power),
            (draw,),
            ways(((2, 3),), *({"p": p} for p in exponents)),
            result=lambda dtype, p: np.result_type(dtype, p),
        )
        for draw, exponents in (
            (nonzero, (-2, -1.0, 0, 1, 2.0, 3, np.int64(2), np.float64(2))),
            (positive, (0.5, -1.5)),
            (lambda _, shape: np.zeros(shape), (2, 3.0)),
        )
    ),
    Row(
        "xdivy",
        ag.xdivy,
        entrywise(lambda x, y: x / y if x else 0.0),
        (real, nonzero),
        BINARY,
        special=(
            At(([0.0, 0.0], [0.0, 2.0]), [0.0, 0.0], (None, [0.0, 0.0])),
            At(([0.0], [2.0]), [0.0], ([0.5], [0.0])),
        ),
    ),
    Row(
        "xlogy",
        ag.xlogy,
        entrywise(lambda x, y: x * math.log(y) if x else 0.0),
        (real, positive),
        BINARY,
        special=(
            At(([0.0, 0.0], [0.0, 2.0]), [0.0, 0.0], (None, [0.0, 0.0])),
            At(([0.0], [2.0]), [0.0], ([math.log(2.0)], [0.0])),
        ),
    ),
    # activations
    Row(
        "sigmoid",
        ag.sigmoid,
        entrywise(_logistic),
        (real,),
        UNARY,
        special=(
            At(([-1e4, 0.0, 1e4],), [0.0, 0.5, 1.0], ([0.0, 0.25, 0.0],)),
            At(([-40, 0, 40],), [_logistic(-40), 0.5, 1.0]),
        ),
    ),
    Row(
        "relu",
        ag.relu,
        entrywise(lambda x: x if x > 0 else 0.0),
        (nonzero,),
        UNARY,
        special=(At(([-2.0, 0.0, 3.0],), [0.0, 0.0, 3.0], ([0.0, 0.0, 1.0],)),),
    ),
    # comparing and choosing
    _comparison(ag.greater, operator.gt),
    _comparison(ag.greater_equal, operator.ge),
    _comparison(ag.less, operator.lt),
    _comparison(ag.less_equal, operator.le),
    _comparison(ag.equal, operator.eq),
    _comparison(ag.not_equal, operator.ne),
    Row(
        "maximum",
        ag.maximum,
        entrywise(max),
        (on_grid, off_grid),
        BINARY,
        special=(
            At(([1.0, 2.0, 3.0], 2.0), [2.0, 2.0, 3.0], ([0.0, 0.5, 1.0], 1.5)),
            At(([np.inf], [np.inf]), [np.inf], ([0.5], [0.5])),
        ),
    ),
    Row(
        "minimum",
        ag.minimum,
        entrywise(min),
        (on_grid, off_grid),
        BINARY,
        special=(At(([1.0, 2.0, 3.0], 2.0), [1.0, 2.0, 2.0], ([1.0, 0.5, 0.0], 1.5)),),
    ),
    Row(
        "where",
        ag.where,
        entrywise(lambda condition, a, b: a if condition else b),
        (chance, real, real),
        shapes(((2, 3), (2, 3), (2, 3)), ((2, 1), (3,), ()), ((), (2, 3), (3,)), ((0, 1), (3,), ())),
        wrt=(1, 2),
    ),
    Row(
        "getitem",
        ag.getitem,
        lambda x, index: x[index],
        (real,),
        {kind: (((3, 4),), {"index": index}) for kind, index in INDEX.items()},
    ),
    Row(
        "scatter_add",
        ag.scatter_add,
        _put,
        (real,),
        {
            kind: ((np.zeros((3, 4))[index].shape,), {"index": index, "shape": (3, 4)})
            for kind, index in INDEX.items()
        },
    ),
    Row(
        "concatenate",
        lambda *arrays, axis=0: ag.concatenate(arrays, axis),
        lambda *arrays, axis=0: np.concatenate(arrays, axis),
        (real,),
        ways(((2, 3), (1, 3)), {}, {"axis": -2})
        | ways(((2, 3), (2, 1), (2, 2)), {"axis": 1}, {"axis": -1})
        | ways(((0, 3), (2, 3)), {"axis": 0})
        | ways(((2, 3),), {"axis": 1}),
    ),
    # reductions
    Row("sum", ag.sum, np.sum, (real,), REDUCING | ways(((0, 3),), {}, {"axis": 0})),
    Row(
        "max",
        ag.max,
        lambda x, *args, **kwargs: -np.min(-x, *args, **kwargs),
        (distinct,),
        REDUCING,
        special=(
            At(([1.0, 3.0, 3.0],), 3.0, ([0.0, 0.5, 0.5],)),
            At(([-np.inf, 0.0],), 0.0, ([0.0, 1.0],)),
        ),
    ),
    Row(
        "min",
        ag.min,
        lambda x, *args, **kwargs: -np.max(-x, *args, **kwargs),
        (distinct,),
        REDUCING,
        special=(At(([3.0, 1.0, 1.0],), 1.0, ([0.0, 0.5, 0.5],)),),
    ),
    Row(
        "logsumexp",
        ag.logsumexp,
        _logsumexp,
        (real,),
        REDUCING,
        special=(
            At(([1e4, 1e4],), 1e4 + math.log(2), ([0.5, 0.5],), rtol=1e-12),
            At(([-np.inf, 0.0],), 0.0, ([0.0, 1.0],)),
        ),
    ),
    Row(
        "softmax",
        ag.softmax,
        _softmax,
        (real,),
        OVER_AXES,
        special=(At(([0.0, 1e4],), [0.0, 1.0], ([0.0, 0.0],)),),
    ),
    Row(
        "log_softmax",
        ag.log_softmax,
        lambda x, axis=None: np.log(_softmax(x, axis)),
        (real,),
        OVER_AXES,
        special=(At(([0.0, 1e4],), [-1e4, 0.0], ([1.0, -1.0],)),),
    ),
    # linear algebra
    Row(
        "matmul",
        ag.matmul,
        _matmul,
        (real, real),
        shapes(
            ((2, 3), (3, 4)),
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (3, 2)),
            ((4, 2, 3), (3, 2)),
            ((3,), (4, 3, 2)),
            ((2, 1, 2, 3), (4, 3, 2)),
            ((2, 0), (0, 3)),
        ),
    ),
    Row(
        "vdot",
        ag.vdot,
        lambda a, b: math.fsum(map(operator.mul, a.flat, b.flat)),
        (real, real),
        shapes(((2, 3), (2, 3)), ((3,), (3,)), ((), ()), ((0, 3), (0, 3))),
    ),
    # shape and dtype
    Row(
        "reshape",
        ag.reshape,
        np.reshape,
        (real,),
        ways(((2, 6),), {"shape": (3, 4)}, {"shape": (2, -1, 3)}, {"shape": 12})
        | ways(((1, 1),), {"shape": ()})
        | ways(((0, 3),), {"shape": (3, 0)}),
    ),
    Row(
        "transpose",
        ag.transpose,
        np.transpose,
        (real,),
        ways(((2, 3, 4),), {}, {"axes": (1, 2, 0)}, {"axes": (0, -1, 1)}) | shapes(((2, 3),), ((),)),
    ),
    Row(
        "broadcast_to",
        ag.broadcast_to,
        lambda x, shape: x + np.zeros(shape),
        (real,),
        ways(((3, 1),), {"shape": (3, 1)}, {"shape": (3, 2)}, {"shape": (2, 3, 4)})
        | ways(((),), {"shape": (2, 2)})
        | ways(((1, 3),), {"shape": (0, 3)}),
    ),
    Row(
        "sum_to",
        ag.sum_to,
        summed_to,
        (real,),
        ways(((2, 3, 2),), *({"shape": s} for s in ((3, 2), (1, 2), (2, 1, 2), (), (1, 1, 1))))
        | ways(((0, 3),), {"shape": (3,)}),
    ),
    Row(
        "astype",
        ag.astype,
        lambda x, dtype: np.asarray(x.tolist(), dtype),
        (real,),
        ways(((2, 3),), {"dtype": np.float64}, {"dtype": "float64"}),
        result=lambda *_, dtype: np.dtype(dtype),
    ),
    # nn's own
    Row(
        "mean_surprise",
        mean_surprise,
        lambda Y, L: -math.fsum(map(operator.mul, Y.flat, L.flat)) / Y.shape[1],
        (real, real),
        shapes(((2, 3), (2, 3)), ((1, 4), (1, 4)), ((3, 1), (3, 1))),
    ),
    Row("identity", identity, entrywise(operator.pos), (real,), UNARY),
    Row(
        "logistic_loss",
        logistic_loss,
        entrywise(_logistic_loss),
        (real, share),
        BINARY,
        special=(
            At(([-1e4, 1e4, 1e4], [0.0, 1.0, 0.0]), [0.0, 0.0, 1e4], ([0.0, 0.0, 1.0], None)),
            At(([0.0], [0.5]), [math.log(2)], ([0.0], [0.0])),
        ),
    ),
)

COMPOSED = (
    Row("mean", ag.mean, np.mean, (real,), REDUCING),
    Row(
        "expand_dims",
        ag.expand_dims,
        np.expand_dims,
        (real,),
        ways(((2, 3),), {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}, {"axis": (-1, 0)}),
    ),
)


def _cases(rows: tuple[Row, ...]) -> tuple[Case, ...]:
    return tuple(
        Case(row, label, operands, params)
        for row in rows
        for label, (operands, params) in row.variants.items()
    )


PRIMITIVE_CASES = _cases(OP_TABLE)
CASES = PRIMITIVE_CASES + _cases(COMPOSED)
