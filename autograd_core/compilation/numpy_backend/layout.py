"""How NumPy lays results out by itself: as the operands lie; and sums round by the order of the memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from autograd_core.compilation.program import Instruction, Program, Value, values_in
from autograd_core.graph.node import Array

__all__ = ["Order", "layouts", "order_of"]

Order = Literal["C", "F"]
"""Row after row, or column after column."""

_VIEWS = frozenset({"transpose", "reshape", "broadcast_to", "getitem"})
_REDUCTIONS = frozenset({"sum", "prod", "max", "min"})


def order_of(x: Array) -> Order | None:
    """How the entries of an array lie; None with gaps between them.

    Examples
    --------
    >>> order_of(np.ones((2, 3)).T), order_of(np.ones((2, 3))[:, ::2])
    ('F', None)
    """
    return "C" if x.flags.c_contiguous else "F" if x.flags.f_contiguous else None


def layouts(program: Program, inputs: Mapping[Value, Order]) -> dict[Value, Order]:
    """Say how values would lie without anybody asking for it, of which that is known.

    Parameters
    ----------
    program : Program
    inputs : mapping of Value to "C" or "F"
        How its inputs lie.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x, turned, y = (Value(shape, "f8") for shape in ((2, 3), (3, 2), (3, 2)))
    >>> turn = Instruction(ag.PRIMITIVES["transpose"], (x,), {"axes": None}, turned)
    >>> exp = Instruction(ag.exp.primitive, (turned,), {}, y)
    >>> layouts(Program((x,), (turn, exp), (y,)), {x: "C"})[y]
    'F'
    """
    like: dict[Value, Array] = {x: np.empty(x.shape, x.dtype, order) for x, order in inputs.items()}
    for step in program.instructions:
        found = _laid_out(step, like)
        if found is not None:
            like[step.out] = found
    orders = {x: order_of(array) for x, array in like.items()}
    return {x: order for x, order in orders.items() if order is not None}


def _laid_out(step: Instruction, like: dict[Value, Array]) -> Array | None:
    """An array that is laid out as the result would be; None if that is not known."""
    operation, out = step.operation, step.out
    if max(out.shape, default=1) == out.size or (operation.name == "matmul" and out.ndim == 2):
        return np.empty(out.shape, out.dtype)
    operands = [like.get(x) if isinstance(x, Value) else np.asarray(x) for x in step.inputs]
    known = [x for x in operands if x is not None]
    if len(known) < len(operands) or any(True for _ in values_in(step.params.values())):
        return None
    if operation.name in _VIEWS:
        return np.asarray(operation.forward(*known, **step.params))
    if isinstance(operation.forward, np.ufunc) or operation.name in ("divide", "levelled"):
        return _followed(known, out)
    compact = operation.name in _REDUCTIONS and known[0].flags.c_contiguous
    return np.empty(out.shape, out.dtype) if compact else None


def _followed(operands: list[Array], out: Value) -> Array:
    """What a function that works entry by entry allocates."""
    flags: Any = [["readonly"]] * len(operands) + [["writeonly", "allocate"]]
    looking = np.nditer([*operands, None], ["zerosize_ok"], flags, [None] * len(operands) + [out.dtype])
    return looking.operands[-1]
