"""One factor where the work begins, in place of one for each result: a cotangent is linear in its seed.

A step of gradient descent multiplies every gradient by the rate, and all of them are linear in the first
cotangent, which is multiplied by 1/m already. So the rate goes there. Rounding differs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from autograd_core.compilation.program import Instruction, Program, Value, replaced, values_in
from autograd_core.compilation.rewriting import is_number, step

__all__ = ["hoisting"]

_ONE = frozenset({"divide", "negative", "sum", "sum_to", "transpose", "reshape", "broadcast_to"})
_EITHER = frozenset({"matmul", "multiply", "vdot"})
_BOTH = frozenset({"add", "subtract"})


def hoisting(program: Program) -> Program:
    """Move numbers that results are multiplied by up to a number that their operands already are.

    Examples
    --------
    >>> import autograd_core as ag
    >>> Y, A, dZ, dW, out = (Value((2, 2), "f8", name) for name in ("Y", "A", None, None, None))
    >>> steps = [
    ...     Instruction(ag.multiply.primitive, (0.5, Y), {}, dZ),
    ...     Instruction(ag.matmul.primitive, (dZ, A), {}, dW),
    ...     Instruction(ag.multiply.primitive, (0.25, dW), {}, out),
    ... ]
    >>> print(hoisting(Program((Y, A), tuple(steps), (out,))))
    Y: (2, 2) float64
    A: (2, 2) float64
    t0 = multiply(0.125, Y): (2, 2) float64
    t1 = matmul(t0, A): (2, 2) float64
    -> t1
    """
    return _Hoisting(program).program()


class _Hoisting:
    def __init__(self, source: Program) -> None:
        self.source = source
        self.scaled = _scaled(source)
        self.wanted: defaultdict[Value, set[float]] = defaultdict(set)
        self.asked: dict[
            tuple[Value, int], float
        ] = {}  # by instruction and place: the factor of that operand
        self.base: dict[Value, float] = {}

    def program(self) -> Program:
        for x in (*values_in(self.source.results), *self.source.inputs):
            self.wanted[x].add(1.0)
        for given in reversed(self.source.instructions):
            self.ask(given)
        put: dict[tuple[Value, float], Value] = {(x, 1.0): x for x in self.source.inputs}
        steps: list[Instruction] = []
        for given in self.source.instructions:
            self.emit(given, put, steps)
        return self.source.rebuilt(steps, {x: put[x, 1.0] for x in values_in(self.source.results)})

    def ask(self, given: Instruction) -> None:
        """Settle the factor of a result, now that all its readers have asked, and ask its operands."""
        out = given.out
        wanted = self.wanted[out] or {1.0}
        factor = next(iter(wanted)) if len(wanted) == 1 else 1.0
        number = _number(given)
        if factor != 1.0 and out not in self.scaled:
            factor = 1.0
        self.base[out] = factor
        places = [i for i, x in enumerate(given.inputs) if isinstance(x, Value)]
        if number is not None:
            at, c = number
            x = given.inputs[1 - at]
            self.request(given, 1 - at, c * factor if x in self.scaled else 1.0)
            return
        carries = self.carrying(given, factor) if factor != 1.0 else ()
        for i in places:
            self.request(given, i, factor if i in carries else 1.0)
        for x in values_in(given.params.values()):
            self.wanted[x].add(1.0)

    def carrying(self, given: Instruction, factor: float) -> tuple[int, ...]:
        """The operands that a factor of the result goes on to."""
        name, inputs = given.operation.name, given.inputs
        if name in _BOTH:
            return (0, 1)
        if name in _ONE:
            return (0,)
        able = [i for i, x in enumerate(inputs) if isinstance(x, Value) and x in self.scaled]
        return (min(able, key=lambda i: len(self.wanted[inputs[i]] - {factor})),)

    def request(self, given: Instruction, place: int, factor: float) -> None:
        self.asked[given.out, place] = factor
        self.wanted[given.inputs[place]].add(factor)

    def emit(
        self, given: Instruction, put: dict[tuple[Value, float], Value], steps: list[Instruction]
    ) -> None:
        """Write an instruction with its operands as asked for, and multiples of its result where wanted."""
        out, factor, number = given.out, self.base[given.out], _number(given)
        if number is not None:
            at, c = number
            asked = self.asked[out, 1 - at]
            x = put[given.inputs[1 - at], asked]
            rest = c * factor / asked if asked != 1.0 else c * factor
            if asked == c * factor:
                put[out, factor] = x
            else:
                constant = given.inputs[at] if factor == 1.0 and asked == 1.0 else rest
                made = Value(out.shape, out.dtype, out.name)
                steps.append(given._replace(inputs=(constant, x) if at == 0 else (x, constant), out=made))
                put[out, factor] = made
        else:
            inputs = tuple(
                put[x, self.asked[out, i]] if isinstance(x, Value) else x for i, x in enumerate(given.inputs)
            )
            params = {key: replaced(x, _plain(x, put)) for key, x in given.params.items()}
            made = Value(out.shape, out.dtype, out.name)
            steps.append(given._replace(inputs=inputs, params=params, out=made))
            put[out, factor] = made
        for other in self.wanted[out] - {factor}:
            made = Value(out.shape, out.dtype, out.name)
            steps.append(step("multiply", (other / factor, put[out, factor]), made))
            put[out, other] = made


def _plain(x: Any, put: Mapping[tuple[Value, float], Value]) -> dict[Value, Value]:
    return {value: put[value, 1.0] for value in values_in((x,))}


def _number(given: Instruction) -> tuple[int, float] | None:
    """The place and size of a number that a floating value is multiplied by in its own dtype."""
    if given.operation.name == "multiply" and given.out.dtype.kind == "f":
        for at, c in enumerate(given.inputs):
            x = given.inputs[1 - at]
            if is_number(c) and c and isinstance(x, Value) and x.dtype == given.out.dtype:
                return at, float(c)
    return None


def _scaled(program: Program) -> set[Value]:
    """The values that are linear in something multiplied by a number, in their own dtype all along."""
    found: set[Value] = set()
    for given in program.instructions:
        name, inputs, out = given.operation.name, given.inputs, given.out
        carrying = [isinstance(x, Value) and x in found and x.dtype == out.dtype for x in inputs]
        if (
            _number(given) is not None
            or (name in _ONE and carrying[0])
            or (name in _EITHER and any(carrying))
            or (name in _BOTH and all(carrying))
        ):
            found.add(out)
    return found
