"""Save passes over entries where that changes the rounding alone, and never what is finite or zero.

A factor that is moved over data may overflow or vanish on the way: 1e-10 (x A) is not (1e-10 x) A where x A
is large. So a number meets only a number beside it, where their product leaves its dtype if and only if what
it stands for does: if both make larger, or both smaller.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.compilation.passes.rewriting import Rule, Sweep, is_number, rewritten, step
from autograd_core.compilation.program import Instruction, Program, Value

__all__ = ["RULES", "gathered", "scaling"]

Found = Value | list[Instruction] | None


def scaling(program: Program) -> Program:
    """Apply what holds for real numbers, and to rounding for floating ones; see `RULES`.

    Best after `algebra`; what is no longer read stays, for `dead_code`.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x, y, z = (Value((3,), "f8", name) for name in ("x", None, None))
    >>> steps = [
    ...     Instruction(ag.divide.primitive, (x, 3.0), {}, y),
    ...     Instruction(ag.multiply.primitive, (0.1, y), {}, z),
    ... ]
    >>> print(scaling(Program((x,), tuple(steps), (z,))))
    x: (3,) float64
    t0 = multiply(0.3333333333333333, x): (3,) float64
    t1 = multiply(0.03333333333333333, x): (3,) float64
    -> t1
    """
    return rewritten(program, RULES)


def gathered(c: float, d: float, dtype: Any) -> float | None:
    """Multiply two factors if c (d x) overflows and vanishes where (c d) x does; None if not.

    Examples
    --------
    >>> gathered(0.5, 0.25, "f4"), gathered(4.0, 0.25, "f4"), gathered(1e-30, 1e-30, "f4")
    (0.125, None, None)
    """
    limits = np.finfo(dtype)
    alike = min(abs(c), abs(d)) >= 1 or max(abs(c), abs(d)) <= 1
    return c * d if alike and float(limits.tiny) <= abs(c * d) <= float(limits.max) else None


# Factors


def _reciprocal(given: Instruction, sweep: Sweep) -> Found:
    x, c = given.inputs
    if not isinstance(x, Value) or x.dtype != given.out.dtype or not is_number(c) or c == 0:
        return None
    inverse = 1 / float(c)
    if not float(np.finfo(x.dtype).tiny) <= abs(inverse) <= 1:  # a larger one might round beyond all numbers
        return None
    return [step("multiply", (_like(inverse, c), x), given.out)]


def _meeting(given: Instruction, sweep: Sweep) -> Found:
    c, x = _factor(given)
    inner = sweep.maker(x, "multiply", "negative")
    d, y = (None, None) if inner is None else _factor(inner)
    if c is None or d is None:
        return None
    both = gathered(float(c), float(d), given.out.dtype)
    return None if both is None else [step("multiply", (_like(both, c, d), y), given.out)]


# Sums


def _sum_of_broadcast(given: Instruction, sweep: Sweep) -> Found:
    x, out = given.inputs[0], given.out
    small = sweep.operand(x, "broadcast_to")
    if not isinstance(small, Value) or small.dtype != out.dtype or out.dtype.kind != "f":
        return None
    shape = (1,) * (x.ndim - small.ndim) + small.shape
    stretched = {i for i in range(x.ndim) if shape[i] != x.shape[i]}
    axes = range(x.ndim) if given.params["axis"] is None else given.params["axis"]
    if not stretched or not stretched <= set(axes):
        return None
    times = math.prod(x.shape[i] for i in stretched)
    if times > np.finfo(out.dtype).max:
        return None
    lined_up, total = Value(shape, small.dtype), Value(out.shape, out.dtype)
    return [
        step("reshape", (small,), lined_up, shape=shape),
        given.changed(inputs=(lined_up,), out=total),
        step("multiply", (float(times), total), out),
    ]


def _sum_of_one(given: Instruction, sweep: Sweep) -> Found:
    x, out = given.inputs[0], given.out
    if not isinstance(x, Value) or x.size != out.size or x.dtype != out.dtype or out.dtype.kind != "f":
        return None
    entries = Value(out.shape, out.dtype)
    return [step("reshape", (x,), entries, shape=out.shape), step("add", (entries, 0.0), out)]


def _shares(given: Instruction, sweep: Sweep) -> Found:
    less = sweep.maker(given.inputs[0], "subtract")
    total = None if less is None else sweep.operand(less.inputs[1], "log")
    summed = sweep.maker(total, "sum", "sum_to")
    made = None if summed is None else sweep.maker(summed.inputs[0], "exp")
    if less is None or made is None or made.inputs[0] is not less.inputs[0] or not _levelled(made, sweep):
        return None
    return [step("divide", (made.out, total), given.out)] if made.out.shape == given.out.shape else None


def _levelled(given: Instruction, sweep: Sweep) -> bool:
    """Whether the operand of exp is 0 at most, because the largest entries were subtracted."""
    chosen = sweep.maker(given.inputs[0], "where")
    less = sweep.maker(chosen.inputs[2] if chosen else given.inputs[0], "subtract")
    most = None if less is None else sweep.maker(less.inputs[1], "max")
    zero = chosen is None or (is_number(chosen.inputs[1]) and chosen.inputs[1] == 0)
    return bool(less and most and zero and most.inputs[0] is less.inputs[0])


# Numbers


def _factor(given: Instruction) -> tuple[Any, Any]:
    """A number, and the operand that it multiplies in its own shape and dtype; None twice without."""
    out = given.out
    if given.operation.name == "negative":
        return (-1.0, given.inputs[0]) if out.dtype.kind == "f" else (None, None)
    for c, x in (given.inputs, given.inputs[::-1]):
        alike = isinstance(x, Value) and (x.shape, x.dtype) == (out.shape, out.dtype)
        if alike and out.dtype.kind == "f" and is_number(c) and c != 0:
            return c, x
    return None, None


def _like(number: float, *made_of: Any) -> Any:
    """A number of the kind of those it was made of: one of Python's takes the dtype of its partner."""
    kinds = {type(x) for x in made_of} - {int, float}
    return number if not kinds else np.result_type(*kinds).type(number)


RULES = (
    Rule("divide", _reciprocal, "x / c = x (1 / c) for |c| >= 1, and a product is cheaper than a quotient"),
    Rule("multiply", _meeting, "c (d x) = (c d) x, one pass instead of two"),
    Rule("sum sum_to", _sum_of_broadcast, "n equal numbers add up to n times one"),
    Rule("sum sum_to", _sum_of_one, "a sum over axes of size 1 moves no entry, and makes 0 of -0.0"),
    Rule("exp", _shares, "exp(z - log s) = exp(z) / s, where exp(z) is there because s is its sum"),
)
