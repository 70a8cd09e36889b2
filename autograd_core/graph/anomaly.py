"""Stop at the first operation that makes a NaN or an infinity, forward or backward, and name its line."""

from __future__ import annotations

import functools
import itertools
import linecache
import os
import sys
import warnings
import weakref
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.graph.node import Node
from autograd_core.graph.recording import Observer, Scope
from autograd_core.wording.errors import NonFiniteError, describe

if TYPE_CHECKING:
    from autograd_core.graph.operation import Primitive

__all__ = ["calling_lines", "detect_anomaly", "warn"]

_ENGINE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")


def detect_anomaly() -> Scope:
    """Raise where a NaN or an infinity is made, instead of letting it spread; for this thread and context.

    Each recorded result is looked at as soon as it is computed, and each cotangent and tangent as soon as
    a sweep makes it. An array that was given with such an entry is named by the first operation that it
    spoils. Costs a pass over every array, so it is for finding a mistake, not for every run.

    Raises
    ------
    NonFiniteError
        With the operation, the operands, the index and the line of the program that called it. A derivative
        names the line of the forward pass that it belongs to, if that was recorded in the context too; a
        sweep that is itself recorded names the step of the rule and the line that asked for the sweep.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x = ag.tensor([1.0, 0.0], requires_grad=True, name="x")
    >>> with detect_anomaly(), np.errstate(divide="ignore"):
    ...     try:
    ...         ag.log(x)
    ...     except ArithmeticError as error:
    ...         print(str(error).partition(";")[0])
    log made -inf at (1,) of its result of shape (2,)
    """
    return Scope(observer=_Finite)


class _Finite(Observer):
    """Looks at every array, and remembers where each node was recorded."""

    def __init__(self) -> None:
        self.lines: dict[int, tuple[str, Any]] = {}

    def recorded(self, node: Node, operation: Primitive, inputs: tuple[Any, ...]) -> None:
        line = calling_lines()
        forget = functools.partial(self.lines.pop, node.order)  # called with the reference, as a default
        self.lines[node.order] = line, weakref.ref(node, forget)
        if found := _not_finite(node.value):
            operands = ", ".join(_operand(x) for x in inputs)
            raise NonFiniteError(
                f"{operation.name} made {found} of its result of shape {node.shape}; "
                f"its operands: {operands}\n{line}"
            )

    def propagated(self, node: Node, to: Node, derivative: Any) -> None:
        value = derivative.value if isinstance(derivative, Node) else derivative
        if found := _not_finite(value):
            what = "tangent of its result" if to is node else f"cotangent of {describe(to)}"
            raise NonFiniteError(
                f"the derivative of {node.primitive.name} made {found} of the {what}; "  # type: ignore[union-attr]
                f"it was applied to {', '.join(_operand(x) for x in node.inputs)}\n"
                + self.lines.get(node.order, ("  recorded before detect_anomaly() began", None))[0]
            )


def _not_finite(value: Any) -> str:
    finite = np.isfinite(value)
    if finite.all():
        return ""
    at = tuple(np.argwhere(~finite)[0].tolist())
    return f"{np.asarray(value)[at]} at {at}"


def _operand(x: Any) -> str:
    """Name an operand, and say if it was spoilt already or holds what often spoils a result."""
    value = x.value if isinstance(x, Node) else np.asarray(x)
    if found := _not_finite(value):
        return f"{describe(x)}, which holds {found} already"
    if value.size == 0:
        return describe(x)
    return f"{describe(x)}, from {value.min():.6g} to {value.max():.6g}"


def calling_lines() -> str:
    """Where the program called the engine: the innermost line outside it, and who called that."""
    lines = []
    for frame in _outwards(sys._getframe(1)):
        code = frame.f_code
        if not code.co_filename.startswith(_ENGINE):
            text = linecache.getline(code.co_filename, frame.f_lineno).strip()
            lines.append(f"  {code.co_filename}:{frame.f_lineno} in {code.co_name}: {text}")
            if len(lines) == _LINES:
                break
    return "\n".join(lines)


_LINES = 3


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def warn(message: str) -> None:
    """Warn of a line of the program, the innermost one outside the engine."""
    frames = _outwards(sys._getframe(1))
    inside = itertools.takewhile(lambda frame: frame.f_code.co_filename.startswith(_ENGINE), frames)
    warnings.warn(message, stacklevel=2 + sum(1 for _ in inside))
