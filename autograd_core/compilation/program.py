"""A program: a list of instructions, each with the value that it makes. Every pass reads and returns one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from autograd_core.graph.primitive import Primitive
from autograd_core.wording.identifiers import printable

__all__ = ["Built", "Inline", "Instruction", "Program", "Value", "constant_of", "replaced", "values_in"]


class Value:
    """What an instruction makes, or a program is given: an array of one shape and dtype.

    Values are told apart by identity. `name` is only for people.
    """

    __slots__ = ("dtype", "name", "shape")

    def __init__(self, shape: tuple[int, ...], dtype: Any, name: str | None = None) -> None:
        self.shape, self.dtype, self.name = shape, np.dtype(dtype), name

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the entries."""
        return self.size * int(self.dtype.itemsize)

    def __repr__(self) -> str:
        return f"<{printable(self.name or 'value')} {self.shape} {self.dtype}>"


class Instruction:
    """One operation on values and constants; it is never changed.

    Attributes
    ----------
    operation : Primitive
    inputs : tuple
        A `Value`, or a constant: a Python number, which takes the dtype of its partner, or an array.
    params : mapping
        Axes and shapes, as the primitive's forward takes them by name; positions may be values too.
    out : Value
    reads : tuple of Value
        The values among its inputs and positions, repeated ones repeated.
    """

    __slots__ = ("inputs", "operation", "out", "params", "reads")

    def __init__(
        self, operation: Primitive, inputs: tuple[Any, ...], params: Mapping[str, Any], out: Value
    ) -> None:
        self.operation, self.inputs, self.params, self.out = operation, inputs, params, out
        reads = tuple([x for x in inputs if type(x) is Value])
        self.reads = (*reads, *values_in(params.values())) if params else reads

    def __repr__(self) -> str:
        return f"<{self.operation.name} {self.inputs} {dict(self.params)} -> {self.out}>"

    def changed(self, **fields: Any) -> Instruction:
        """Make another one that differs in these fields."""
        kept = {name: getattr(self, name) for name in ("operation", "inputs", "params", "out")}
        return Instruction(**(kept | fields))

    def fed(self, put: Mapping[Value, Any]) -> Instruction:
        """Make the same instruction of other inputs."""
        for x in self.reads:
            if x in put:
                params = {key: replaced(x, put) for key, x in self.params.items()}
                return Instruction(self.operation, replaced(self.inputs, put), params, self.out)
        return self


class Program(NamedTuple):
    """Instructions in order, between what is given and what is asked for.

    Attributes
    ----------
    inputs : tuple of Value
    instructions : tuple of Instruction
        Operands before results; each makes another value.
    results : tuple
        Values, or constants.
    donated : mapping of Value to Value
        Results, by the input whose memory they may be written into when it is read no more.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x, y = Value((3,), "f8", "x"), Value((3,), "f8")
    >>> print(Program((x,), (Instruction(ag.exp.primitive, (x,), {}, y),), (y,)))
    x: (3,) float64
    t0 = exp(x): (3,) float64
    -> t0
    """

    inputs: tuple[Value, ...]
    instructions: tuple[Instruction, ...]
    results: tuple[Any, ...]
    donated: Mapping[Value, Value] = MappingProxyType({})

    def names(self) -> dict[Value, str]:
        """Call every value by a name of its own: inputs by theirs, the others t0, t1, ..."""
        named = {x: x.name or f"x{i}" for i, x in enumerate(self.inputs)}
        return named | {step.out: f"t{i}" for i, step in enumerate(self.instructions)}

    def rebuilt(self, instructions: Any, put: Mapping[Value, Any]) -> Program:
        """Make a program of other instructions, with values replaced in its results too."""
        donated = {put.get(result, result): given for result, given in self.donated.items()}
        donated = {result: given for result, given in donated.items() if isinstance(result, Value)}
        return Program(self.inputs, tuple(instructions), replaced(self.results, put), donated)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        names = self.names()

        def called(x: Any) -> str:
            if isinstance(x, tuple):
                return f"({', '.join(map(called, x))})"
            return names[x] if isinstance(x, Value) else str(x)

        for x in self.inputs:
            yield f"{names[x]}: {x.shape} {x.dtype}"
        for step in self.instructions:
            told = [*map(called, step.inputs), *(f"{key}={called(x)}" for key, x in step.params.items())]
            out = step.out
            yield f"{names[out]} = {step.operation.name}({', '.join(told)}): {out.shape} {out.dtype}"
        yield f"-> {', '.join(map(called, self.results))}"


class Inline(NamedTuple):
    """The lines of a run, to be written into a function that has the inputs at hand as x0, x1, ...

    Attributes
    ----------
    lines : tuple of str
        In which ``MISS`` is returned for arrays that do not fit.
    results : tuple of str
        What each result is called then.
    known : mapping of str to object
        What the lines refer to.
    """

    lines: tuple[str, ...]
    results: tuple[str, ...]
    known: Mapping[str, Any]


class Storage(NamedTuple):
    """Where values live.

    Attributes
    ----------
    blocks : list of int
        Bytes of each block.
    block : dict of Value to int
        The block of each value that has one.
    given : dict of Value to Value
        Results that are written into an input.
    """

    blocks: list[int]
    block: dict[Value, int]
    given: dict[Value, Value]


class Built(NamedTuple):
    """A program that can be run.

    Attributes
    ----------
    run : function
        From arrays, one for each input, to a tuple of results.
    source : str
    seconds : float
        Time to make it.
    buffers, bytes : int
        Arrays that it keeps, and their bytes.
    storage : Storage or None
        Where its values live, if its instructions are run one by one.
    inline : Inline or None
        The same as `run`, where it is short, safe in any thread, and sees for itself that arrays fit.
    """

    run: Callable[..., tuple[Any, ...]]
    source: str
    seconds: float
    buffers: int
    bytes: int
    storage: Storage | None = None
    inline: Inline | None = None


def values_in(x: Any) -> Iterator[Value]:
    """The values in a tuple of inputs or positions, which may hold further tuples."""
    for part in x:
        if isinstance(part, Value):
            yield part
        elif isinstance(part, tuple):
            yield from values_in(part)


def replaced(x: Any, put: Mapping[Value, Any]) -> Any:
    """Put other values for some, in tuples of tuples too."""
    if isinstance(x, Value):
        return put.get(x, x)
    return tuple(replaced(part, put) for part in x) if type(x) is tuple else x


def constant_of(x: Any) -> float | None:
    """The number that is written in the program; None of a value, or of an array, which may be written to."""
    return float(x) if isinstance(x, int | float | np.number) else None
