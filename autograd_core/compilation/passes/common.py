"""Do the same operation on the same operands once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from autograd_core.compilation.program import Instruction, Program, Value

__all__ = ["common"]

_EXACT = (bool, int, str, bytes, type(None), type(...), np.dtype, type)


def common(program: Program) -> Program:
    """Let equal instructions share the value of the first of them.

    Numbers are the same if their type and bits are: 1, 1.0, True and ``np.float32(1)`` are four numbers,
    and so are 0.0 and -0.0 two. Arrays are the same only if they are one object: another one that is equal
    now may be written to later.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from autograd_core.compilation.program import Instruction, Value
    >>> x, a, b, y = (Value((3,), "f8", name) for name in ("x", None, None, None))
    >>> steps = [Instruction(ag.exp.primitive, (x,), {}, out) for out in (a, b)]
    >>> steps.append(Instruction(ag.multiply.primitive, (a, b), {}, y))
    >>> print(common(Program((x,), tuple(steps), (y,))))
    x: (3,) float64
    t0 = exp(x): (3,) float64
    t1 = multiply(t0, t0): (3,) float64
    -> t1
    """
    first: dict[Hashable, Value] = {}
    put: dict[Value, Value] = {}
    kept = []
    for given in program.instructions:
        step = given.fed(put)
        out = first.setdefault(_meaning(step), step.out)
        if out is step.out:
            kept.append(step)
        else:
            put[step.out] = out
    return program.rebuilt(kept, put)


def _meaning(step: Instruction) -> Hashable:
    """What makes two instructions the same."""
    inputs = tuple([id(x) if type(x) is Value else _identity(x) for x in step.inputs])
    if not step.params:
        return id(step.operation), inputs
    return id(step.operation), inputs, *((name, _identity(step.params[name])) for name in sorted(step.params))


def _identity(x: Any) -> Hashable:
    """Something hashable that only the same input or parameter has."""
    if isinstance(x, float | np.generic):
        return type(x), np.asarray(x).dtype, np.asarray(x).tobytes()
    if isinstance(x, _EXACT):
        return type(x), x
    if isinstance(x, slice):
        return slice, _identity(x.start), _identity(x.stop), _identity(x.step)
    if isinstance(x, tuple | list):
        return type(x), *map(_identity, x)
    return id(x)  # values, arrays, functions: the program keeps them alive
