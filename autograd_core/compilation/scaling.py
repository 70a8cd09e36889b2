"""Move factors to where they cost least, and save a second pass of exp: all of it changes the rounding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.compilation.program import Instruction, Program, Value
from autograd_core.compilation.rewriting import Rule, Sweep, is_number, rewritten, step

__all__ = ["RULES", "scaling"]

Found = Value | list[Instruction] | None


def scaling(program: Program, products_accumulate: bool = False) -> Program:
    """Apply what holds for real numbers, and to rounding for floating ones; see `RULES`.

    Parameters
    ----------
    program : Program
        Best after `algebra`; what is no longer read stays, for `dead_code`.
    products_accumulate : bool
        Leave a factor c beside its product, c * (A @ B), for a backend whose products scale by themselves.
        Otherwise it goes to the smallest of the three arrays.

    Examples
    --------
    >>> import autograd_core as ag
    >>> W, A = Value((9, 2), "f8", "W"), Value((2, 9), "f8", "A")
    >>> product, out = Value((9, 9), "f8"), Value((9, 9), "f8")
    >>> steps = [
    ...     Instruction(ag.matmul.primitive, (W, A), {}, product),
    ...     Instruction(ag.multiply.primitive, (0.1, product), {}, out),
    ... ]
    >>> print(scaling(Program((W, A), tuple(steps), (out,))))
    W: (9, 2) float64
    A: (2, 9) float64
    t0 = matmul(W, A): (9, 9) float64
    t1 = multiply(0.1, W): (9, 2) float64
    t2 = matmul(t1, A): (9, 9) float64
    -> t2
    """
    return rewritten(program, PRODUCTS_ACCUMULATE if products_accumulate else RULES)


# Factors


def _reciprocal(given: Instruction, sweep: Sweep) -> Found:
    x, c = given.inputs
    if not isinstance(x, Value) or x.dtype != given.out.dtype or not is_number(c) or c == 0:
        return None
    inverse = _number(1 / float(c), given.out, c)
    return None if inverse is None else [step("multiply", (inverse, x), given.out)]


def _gathered(given: Instruction, sweep: Sweep) -> Found:
    c, x = _factor(given)
    inner = sweep.maker(x, "multiply", "negative")
    d, y = (None, None) if inner is None else _factor(inner)
    if c is None or d is None:
        return None
    if is_number(c) and is_number(d):
        cd = _product(c, d, given.out)
        return None if cd is None else [step("multiply", (cd, y), given.out)]
    both = Value((), given.out.dtype)
    return [step("multiply", (c, d), both), step("multiply", (both, y), given.out)] if sweep.once(x) else None


def _into_quotient(given: Instruction, sweep: Sweep) -> Found:
    c, x = _factor(given)
    quotient = sweep.maker(x, "divide")
    if quotient is None or not is_number(c) or not is_number(quotient.inputs[0]):
        return None
    cd = _product(c, quotient.inputs[0], given.out)
    return None if cd is None else [step("divide", (cd, quotient.inputs[1]), given.out)]


def _into_product(given: Instruction, sweep: Sweep) -> Found:
    c, x = _factor(given)
    product = sweep.maker(x, "matmul")
    if product is None or c is None or not sweep.once(x):
        return None
    i = min((0, 1), key=lambda i: np.size(product.inputs[i]))
    small = product.inputs[i]
    if not isinstance(small, Value) or small.size >= x.size or small.dtype != x.dtype:
        return None
    scaled = Value(small.shape, small.dtype)
    inputs = (scaled, product.inputs[1]) if i == 0 else (product.inputs[0], scaled)
    return [step("multiply", (c, small), scaled), product._replace(inputs=inputs, out=given.out)]


def _out_of_product(given: Instruction, sweep: Sweep) -> Found:
    """Of a large operand's factor: to the result, from where it may go on to the other operand."""
    return _outside(given, sweep, lambda x, other: min(given.out.size, np.size(other)) < x.size)


def _beside_product(given: Instruction, sweep: Sweep) -> Found:
    return _outside(given, sweep, lambda x, other: True)


def _out_of_sum(given: Instruction, sweep: Sweep) -> Found:
    return _outside(given, sweep, lambda x, other: given.out.size < x.size)


def _outside(given: Instruction, sweep: Sweep, worth: Any) -> Found:
    """Take a factor out of an operand in which the operation is linear."""
    for i, x in enumerate(given.inputs):
        made = sweep.maker(x, "multiply", "negative")
        if made is None or not sweep.once(x) or x.dtype != given.out.dtype:
            continue
        c, inner = _factor(made)
        if c is not None and worth(x, given.inputs[1 - i] if len(given.inputs) == 2 else None):
            plain = Value(given.out.shape, given.out.dtype)
            inputs = (*given.inputs[:i], inner, *given.inputs[i + 1 :])
            return [given._replace(inputs=inputs, out=plain), step("multiply", (c, plain), given.out)]
    return None


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
    lined_up, total = Value(shape, small.dtype), Value(out.shape, out.dtype)
    return [
        step("reshape", (small,), lined_up, shape=shape),
        given._replace(inputs=(lined_up,), out=total),
        step("multiply", (float(times), total), out),
    ]


def _sum_of_one(given: Instruction, sweep: Sweep) -> Found:
    x, out = given.inputs[0], given.out
    if not isinstance(x, Value) or x.size != out.size or x.dtype != out.dtype:
        return None
    return [step("reshape", (x,), out, shape=out.shape)]


def _small_factors(given: Instruction, sweep: Sweep) -> Found:
    out = given.out
    for x, small in (given.inputs, given.inputs[::-1]):
        made = sweep.maker(x, "divide")
        if made is None or not sweep.once(made.out) or not isinstance(small, Value):
            continue
        a, s = made.inputs
        if not isinstance(s, Value) or (s.shape, s.dtype) != (small.shape, small.dtype) or s.size >= out.size:
            continue
        if isinstance(a, Value) and (a.shape, a.dtype) == (out.shape, out.dtype) and s.dtype == out.dtype:
            ratio = Value(s.shape, s.dtype)
            return [step("divide", (small, s), ratio), step("multiply", (a, ratio), out)]
    return None


def _shares(given: Instruction, sweep: Sweep) -> Found:
    less = sweep.maker(given.inputs[0], "subtract")
    total = None if less is None else sweep.operand(less.inputs[1], "log")
    summed = sweep.maker(total, "sum", "sum_to")
    made = None if summed is None else sweep.maker(summed.inputs[0], "exp")
    if less is None or made is None or made.inputs[0] is not less.inputs[0]:
        return None
    return [step("divide", (made.out, total), given.out)] if made.out.shape == given.out.shape else None


# Numbers


def _factor(given: Instruction) -> tuple[Any, Any]:
    """A number, or a value that is one, and the operand that it multiplies; None twice without."""
    out = given.out
    if given.operation.name == "negative":
        return (-1.0, given.inputs[0]) if out.dtype.kind == "f" else (None, None)
    for c, x in (given.inputs, given.inputs[::-1]):
        if isinstance(x, Value) and (x.shape, x.dtype) == (out.shape, out.dtype) and out.dtype.kind == "f":
            number = isinstance(c, Value) and not c.shape and c.dtype == out.dtype and bool(out.shape)
            if number or (is_number(c) and c != 0):
                return c, x
    return None, None


def _product(c: Any, d: Any, out: Value) -> Any:
    return _number(float(c) * float(d), out, c, d)


def _number(number: float, out: Value, *made_of: Any) -> Any:
    """A number with the dtype of those it was made of; None if it overflows or loses digits there."""
    limits = np.finfo(out.dtype)
    if not limits.tiny <= abs(number) <= limits.max:
        return None
    weak = all(type(x) in (int, float) for x in made_of)
    return number if weak else out.dtype.type(number)


_FACTORS = (
    Rule("divide", _reciprocal, "x / c = x (1 / c), and a product is cheaper than a quotient"),
    Rule("multiply", _gathered, "c (d x) = (c d) x, one pass instead of two"),
    Rule("multiply", _into_quotient, "c (d / x) = (c d) / x"),
    Rule("multiply", _small_factors, "(A / s) r = A (r / s) for short r and s: one pass over A, not two"),
    Rule("sum sum_to vdot", _out_of_sum, "Σ c x = c Σ x, and a sum has fewer entries"),
    Rule("sum sum_to", _sum_of_broadcast, "n equal numbers add up to n times one"),
    Rule("sum sum_to", _sum_of_one, "a sum over axes of size 1 moves no entry; it makes 0 of -0.0"),
    Rule("exp", _shares, "exp(z - log s) = exp(z) / s, where exp(z) is there because s is its sum"),
)
RULES = (
    *_FACTORS,
    Rule("multiply", _into_product, "c (A B) = (c A) B = A (c B), the smallest of the three is scaled"),
    Rule("matmul", _out_of_product, "the same"),
)
PRODUCTS_ACCUMULATE = (
    *_FACTORS,
    Rule("matmul", _beside_product, "(c A) B = A (c B) = c (A B), and the product scales by itself"),
)
