"""Rewrite instructions into fewer or cheaper ones that give the same bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.compilation.passes.rewriting import Rule, Sweep, is_number, rewritten, step
from autograd_core.compilation.program import Instruction, Program, Value
from autograd_core.graph.primitive import Primitive

__all__ = ["RULES", "algebra"]

Found = Value | list[Instruction] | None


def algebra(program: Program) -> Program:
    """Apply what holds to the last bit, the sign of a zero included; see `RULES`.

    Only the sign of a NaN may differ. What is no longer read stays, for `dead_code`.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x, y, z = (Value((3,), "f8", name) for name in ("x", "y", None))
    >>> minus, out = Value((3,), "f8"), Value((3,), "f8")
    >>> steps = [
    ...     Instruction(ag.multiply.primitive, (1.0, x), {}, z),
    ...     Instruction(ag.negative.primitive, (y,), {}, minus),
    ...     Instruction(ag.add.primitive, (z, minus), {}, out),
    ... ]
    >>> print(algebra(Program((x, y), tuple(steps), (out,))))
    x: (3,) float64
    y: (3,) float64
    t0 = negative(y): (3,) float64
    t1 = subtract(x, y): (3,) float64
    -> t1
    """
    return rewritten(program, RULES)


# Numbers that change nothing


def _by_one(given: Instruction, sweep: Sweep) -> Found:
    a, b = given.inputs
    if _is(b, 1.0):
        return _same(a, given.out)
    return _same(b, given.out) if _is(a, 1.0) and given.operation.name == "multiply" else None


def _by_minus_one(given: Instruction, sweep: Sweep) -> Found:
    a, b = given.inputs
    other = a if _is(b, -1.0) else b if _is(a, -1.0) and given.operation.name == "multiply" else None
    return [step("negative", (other,), given.out)] if _real(other, given.out) else None


def _no_zero(given: Instruction, sweep: Sweep) -> Found:
    a, b = given.inputs
    plus = given.operation.name == "add"
    if _is(b, -0.0 if plus else 0.0):
        return _same(a, given.out)
    return _same(b, given.out) if plus and _is(a, -0.0) else None


_POWERS = {1.0: "positive", 2.0: "square", 0.5: "sqrt", -1.0: "reciprocal"}


def _power(given: Instruction, sweep: Sweep) -> Found:
    x, p = given.inputs
    name = _POWERS.get(p) if type(p) in (int, float) else None
    return [step(name, (x,), given.out)] if name and _real(x, given.out) else None


def _by_power_of_two(given: Instruction, sweep: Sweep) -> Found:
    x, c = given.inputs
    if not is_number(c) or not _real(x, given.out) or abs(math.frexp(c)[0]) != 0.5:
        return None
    limits = np.finfo(x.dtype)
    exact = limits.tiny <= abs(1 / c) and limits.tiny <= abs(c) <= limits.max
    return [step("multiply", (x, 1 / c), given.out)] if exact else None


# Signs


def _twice_negative(given: Instruction, sweep: Sweep) -> Found:
    return _same(sweep.operand(given.inputs[0], "negative"), given.out)


def _negative_of_multiple(given: Instruction, sweep: Sweep) -> Found:
    made = sweep.maker(given.inputs[0], "multiply", "divide")
    if made is None or given.out.dtype.kind != "f":
        return None
    for i, c in enumerate(made.inputs):
        if _has_sign(c):
            return [step(made.operation.name, _with(made.inputs, i, -c), given.out)]
    return None


def _add_negative(given: Instruction, sweep: Sweep) -> Found:
    for a, b in (given.inputs, given.inputs[::-1]):
        minus = _minus(b, given, sweep)
        if minus is not None:
            return [step("subtract", (a, minus), given.out)]
    return None


def _subtract_negative(given: Instruction, sweep: Sweep) -> Found:
    a, b = given.inputs
    minus = _minus(b, given, sweep)
    return None if minus is None else [step("add", (a, minus), given.out)]


def _two_negatives(given: Instruction, sweep: Sweep) -> Found:
    factors = [_minus(x, given, sweep) for x in given.inputs]
    return None if None in factors else [given.changed(inputs=tuple(factors))]


def _negative_by_number(given: Instruction, sweep: Sweep) -> Found:
    for i in (0, 1):
        minus, c = _minus(given.inputs[i], given, sweep), given.inputs[1 - i]
        if minus is not None and _has_sign(c):
            return [given.changed(inputs=(minus, -c) if i == 0 else (-c, minus))]
    return None


def _negative_outside(given: Instruction, sweep: Sweep) -> Found:
    out = given.out
    for i, x in enumerate(given.inputs):
        minus = _minus(x, given, sweep)
        if minus is not None and minus.shape == out.shape and sweep.once(x):
            plain = Value(out.shape, out.dtype)
            factors = _with(given.inputs, i, minus)
            return [given.changed(inputs=factors, out=plain), step("negative", (plain,), out)]
    return None


def _even(given: Instruction, sweep: Sweep) -> Found:
    minus = _minus(given.inputs[0], given, sweep)
    return None if minus is None else [given.changed(inputs=(minus,))]


# Copies and views


def _copy(given: Instruction, sweep: Sweep) -> Found:
    if len(given.inputs) != 1 or given.params or not _hands_back(given.operation):
        return None
    return _unless_strided(given, sweep)


def _same_dtype(given: Instruction, sweep: Sweep) -> Found:
    return _unless_strided(given, sweep)


def _no_reshape(given: Instruction, sweep: Sweep) -> Found:
    return _same(given.inputs[0], given.out)


def _all_of_it(given: Instruction, sweep: Sweep) -> Found:
    index = given.params["index"]
    parts = index if isinstance(index, tuple) else (index,)
    whole = all(part is Ellipsis or (isinstance(part, slice) and part == slice(None)) for part in parts)
    return _same(given.inputs[0], given.out) if whole else None


def _transposes(given: Instruction, sweep: Sweep) -> Found:
    x, out = given.inputs[0], given.out
    inner = sweep.maker(x, "transpose")
    axes = _axes(given)
    if inner is not None:
        x = inner.inputs[0]
        before = _axes(inner)
        axes = tuple(before[i] for i in axes)
    if isinstance(x, Value) and axes == tuple(range(out.ndim)):
        return x
    reverse = axes == tuple(range(out.ndim))[::-1]
    wanted = {"axes": None if reverse else axes}
    return None if inner is None and given.params == wanted else [step("transpose", (x,), out, **wanted)]


def _reshapes(given: Instruction, sweep: Sweep) -> Found:
    x = given.inputs[0]
    inner = sweep.operand(x, "reshape")
    if not isinstance(inner, Value) or len({_without_ones(v) for v in (inner, x, given.out)}) > 1:
        return None
    return [step("reshape", (inner,), given.out, shape=given.out.shape)]


def _broadcasts(given: Instruction, sweep: Sweep) -> Found:
    inner = sweep.operand(given.inputs[0], "broadcast_to")
    return [given.changed(inputs=(inner,))] if isinstance(inner, Value) else None


def _broadcast_operand(given: Instruction, sweep: Sweep) -> Found:
    if len(given.inputs) < 2 or not _broadcasting(given.operation):
        return None
    for i, x in enumerate(given.inputs):
        small = sweep.operand(x, "broadcast_to")
        if small is not None:
            small = small if isinstance(small, Value) else x.dtype.type(small) if is_number(small) else small
            inputs = _with(given.inputs, i, small)
            if np.broadcast_shapes(*map(np.shape, inputs)) == given.out.shape:
                return [given.changed(inputs=inputs)]
    return None


RULES = (
    Rule("multiply divide", _by_one, "x * 1 and x / 1 are x"),
    Rule("multiply divide", _by_minus_one, "x * -1 and x / -1 are -x"),
    Rule("add subtract", _no_zero, "x - 0 and x + -0.0 are x, where x + 0 makes 0 of -0.0"),
    Rule("power", _power, "NumPy's ** takes these ways itself"),
    Rule("divide", _by_power_of_two, "the inverse of a power of two is exact, so both round the same number"),
    Rule("negative", _twice_negative, "a sign bit turned twice is as before"),
    Rule("negative", _negative_of_multiple, "-(x * c) is x * -c: rounding does not see signs"),
    Rule("add", _add_negative, "a - b is defined as a + -b, and a sum does not depend on the order of two"),
    Rule("subtract", _subtract_negative, "a - -b is defined as a + b"),
    Rule("multiply divide", _two_negatives, "rounding does not see signs, and two cancel"),
    Rule("multiply divide", _negative_by_number, "-x * c is x * -c"),
    Rule("multiply divide", _negative_outside, "-x * y is -(x * y), in whose reader the sign may vanish"),
    Rule("square absolute", _even, "the square and the absolute value do not see signs"),
    Rule("", _copy, "a copy that nobody writes to is the original"),
    Rule("astype", _same_dtype, "the dtype is the same"),
    Rule("reshape broadcast_to", _no_reshape, "the shape is the same"),
    Rule("getitem", _all_of_it, "x[...] and x[:] are x"),
    Rule("transpose", _transposes, "two orders of the axes make a third, perhaps that at the beginning"),
    Rule("reshape", _reshapes, "axes of size 1 come and go without moving entries"),
    Rule("broadcast_to", _broadcasts, "entries are repeated just the same"),
    Rule("", _broadcast_operand, "the other operands broadcast it anyway"),
)


# What the rules ask


def _is(x: Any, number: float) -> bool:
    """Whether an operand is this number, the sign of 0 included."""
    return is_number(x) and x == number and math.copysign(1, x) == math.copysign(1, number)


def _same(x: Any, out: Value) -> Value | None:
    """An operand that may stand in place of the result."""
    return x if isinstance(x, Value) and (x.shape, x.dtype) == (out.shape, out.dtype) else None


def _real(x: Any, out: Value) -> bool:
    """Whether x is computed with in the dtype of a floating result."""
    return isinstance(x, Value) and x.dtype == out.dtype and out.dtype.kind == "f"


def _has_sign(c: Any) -> bool:
    """Whether a number is one whose sign can be turned: there is neither an integer -0 nor an unsigned -1."""
    return isinstance(c, float | np.floating) or (type(c) is int and c != 0)


def _minus(x: Any, reader: Instruction, sweep: Sweep) -> Value | None:
    """Of what x is the negative, in floating numbers."""
    inner = sweep.operand(x, "negative")
    return inner if isinstance(inner, Value) and inner.dtype.kind == "f" == reader.out.dtype.kind else None


def _with(inputs: tuple[Any, ...], i: int, x: Any) -> tuple[Any, ...]:
    return (*inputs[:i], x, *inputs[i + 1 :])


_PROBE = np.array([0.0, -0.0, 1.5, -math.pi, 1e300, -1e-300, np.inf, -np.inf, np.nan])


def _hands_back(operation: Primitive) -> bool:
    """Whether an operation gives back what it is given; a derivative of 1 alone may be that of x + 3."""
    if operation.name in ("positive", "stop_gradient"):
        return True
    if operation.kind != "pointwise" or operation.partials != (1,):
        return False
    try:
        with np.errstate(all="ignore"):
            return np.asarray(operation.forward(_PROBE.copy())).tobytes() == _PROBE.tobytes()
    except Exception:  # whatever a forward makes of NaN
        return False


_VIEWS = ("getitem", "broadcast_to", "flip", "transpose", "reshape")


def _unless_strided(given: Instruction, sweep: Sweep) -> Value | None:
    """The operand of a copy; not if it is a view, for sums and products go by the order of the memory."""
    x = given.inputs[0]
    return _same(x, given.out) if sweep.maker(x, *_VIEWS) is None else None


def _axes(given: Instruction) -> tuple[int, ...]:
    axes = given.params["axes"]
    return tuple(range(given.out.ndim))[::-1] if axes is None else tuple(axes)


def _without_ones(x: Value) -> tuple[int, ...]:
    return tuple(n for n in x.shape if n != 1)


def _broadcasting(operation: Primitive) -> bool:
    return isinstance(operation.forward, np.ufunc) or operation.name in ("divide", "where")
