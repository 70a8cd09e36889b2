"""The program as NumPy: one call after the other, into arrays that are made once.

A call with a positional ``out`` is the cheapest that NumPy has, and looking at one of the program's own
arrays, transposed say, is done once and for all. The bits are those of the recorded operations.
"""

from __future__ import annotations

import functools
import linecache
import math
import operator
import time
import weakref
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import starmap
from types import MappingProxyType
from typing import Any

import numpy as np

from autograd_core.compilation.numpy_backend.layout import Order, layouts
from autograd_core.compilation.numpy_backend.storage import Style, stored, writing_last
from autograd_core.compilation.passes.levelling import LEVELLED, level
from autograd_core.compilation.program import Built, Instruction, Program, Storage, Value, values_in
from autograd_core.graph.node import Array
from autograd_core.wording.identifiers import Identifiers, comment

__all__ = ["built", "style"]

_UFUNCS: dict[str, np.ufunc] = {"divide": np.divide}
_CALLED: dict[str, Any] = {"vdot": np.vdot}  # in place of a forward that only hands on
_REDUCTIONS: dict[str, Callable[..., Any]] = {
    "sum": np.add.reduce,
    "prod": np.multiply.reduce,
    "max": np.maximum.reduce,
    "min": np.minimum.reduce,
}
_VIEWS = frozenset({"transpose", "reshape", "broadcast_to", "getitem"})
_SIGNS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
}  # of 0-d values: far cheaper than calls


def built(
    program: Program, fuse: bool = False, inputs: Mapping[Value, Order] = MappingProxyType({})
) -> Built:
    """Write a program out as NumPy, and make it.

    Parameters
    ----------
    program : Program
    fuse : bool
        Whether results may differ by rounding: sums over an axis of a matrix are then products with ones.
    inputs : mapping of Value to "C" or "F"
        How the inputs lie; of interest where results may not differ.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x, y = Value((3,), "f8", "x"), Value((3,), "f8")
    >>> made = built(Program((x,), (Instruction(ag.exp.primitive, (x,), {}, y),), (y,)))
    >>> made.run(np.zeros(3))
    (array([1., 1., 1.]),)
    >>> print(made.source)
    def program(x):
        t0 = exp(x)  # (3,) float64
        return (t0,)
    """
    started = time.perf_counter()
    orders = {} if fuse else layouts(program, inputs)
    how = style if fuse else _exact(orders)
    styles = {step.out: how(step) for step in program.instructions}

    def styled(step: Instruction) -> Style:
        return styles[step.out]

    program, last = writing_last(program, styled, lambda step: _ufunc(step) not in (None, *_OUT_BY_NAME))
    given = {x: target for x, target in program.donated.items() if x in last}
    storage = stored(program._replace(donated=given), styled)
    writing = _Writing(program, storage, styled, orders, fuse)
    source = writing.source()
    name = f"<compiled program {next(_numbers)}>"
    exec(compile(source, name, "exec"), writing.known)
    run = writing.known.pop("program")
    while _freed:
        linecache.cache.pop(_freed.pop(), None)
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name  # for tracebacks
    weakref.finalize(run, _freed.append, name).atexit = False
    blocks, seconds = writing.storage.blocks, time.perf_counter() - started
    return Built(run, source, seconds, len(blocks), sum(blocks), writing.storage)


_numbers = iter(range(1, 1 << 62))
_freed: list[str] = []  # programs whose lines can go; not at once, for linecache may be going through them


def style(step: Instruction) -> Style:
    """How NumPy makes the value of an instruction; see `Style`."""
    if step.out.ndim and not any(True for _ in values_in(step.params.values())):
        if _ufunc(step) is not None:
            return "entrywise"
        name = step.operation.name
        if name == "matmul" and all(
            np.ndim(x) == 2 if not isinstance(x, Value) else x.ndim == 2 for x in step.inputs
        ):
            return "separate"
        if name in _REDUCTIONS or name == "levelled":
            return "separate"
    return "view" if step.operation.name in _VIEWS else "own"


def _exact(orders: Collection[Value]) -> Callable[[Instruction], Style]:
    """The same, where no bit may change: only what lies as it would by itself is written to a given array."""

    def exact(step: Instruction) -> Style:
        how = style(step)
        return "own" if how in ("entrywise", "separate") and step.out not in orders else how

    return exact


def _ufunc(step: Instruction) -> np.ufunc | None:
    forward = step.operation.forward
    if isinstance(forward, np.ufunc) and not step.params:
        return forward
    return _UFUNCS.get(step.operation.name)


class _Writing:
    """Writes a program, and gathers what its text refers to."""

    def __init__(
        self,
        program: Program,
        storage: Storage,
        style: Callable[[Instruction], Style],
        orders: Mapping[Value, Order],
        fuse: bool,
    ) -> None:
        self.program, self.storage, self.style, self.fuse = program, storage, style, fuse
        self.orders = orders
        self.identifier = Identifiers({"program", "inf", "float"})
        self.known: dict[str, Any] = {"inf": np.inf}
        self.used: dict[tuple[str, int], str] = {}
        self.ones: dict[tuple[np.dtype[Any], tuple[int, int]], Array] = {}
        self.numbers: dict[tuple[np.dtype[Any], bytes], str] = {}
        self.arrays: dict[Any, Array] = {}
        self.memory = [np.zeros(max(nbytes, 1) + 64, np.uint8) for nbytes in storage.blocks]
        self.fixed: dict[Value, Array] = {}  # the arrays that are the same at every run
        self.names = {x: self.identifier(name) for x, name in program.names().items()}

    def source(self) -> str:
        """Write all of it."""
        head = f"def program({', '.join(self.names[x] for x in self.program.inputs)}):"
        body = [
            line
            for step in self.program.instructions
            if step.out not in self.storage.given
            for line in self.line(step)
        ]
        return "\n".join([head, *(f"    {line}" for line in [*body, *self.ending()])])

    def line(self, step: Instruction) -> Iterator[str]:
        """Write one instruction, with what comes out of it."""
        out, how = step.out, self.style(step)
        target = self.fix(out, self.array(out)) if out in self.storage.block else None
        remark = f"  # {_remark(out.name, out.shape, out.dtype)}"
        if how == "view" and (looked := self.looked(step)) is not None:
            self.fix(out, looked)
            return
        call = self.call(step, target)
        if step.operation is LEVELLED and target:
            x, largest = (self.names[x] for x in step.inputs)
            yield f"if {self.use('vdot', np.vdot)}({largest}, {largest}) < inf: {call}{remark}"
            yield f"else: {self.use('level', level)}({x}, {largest}, {target})"
        else:
            yield f"{call}{remark}" if target else f"{self.names[out]} = {call}{remark}"

    def array(self, out: Value) -> Array:
        """The part of a block that holds a value; one array for one part, which NumPy sees at once."""
        number, order = self.storage.block[out], self.orders.get(out, "C")
        kind = number, out.shape, out.dtype, order
        if kind not in self.arrays:
            block = self.memory[number]
            start = -block.ctypes.data % 64
            entries = block[start : start + out.nbytes].view(out.dtype)
            self.arrays[kind] = np.asarray(entries.reshape(out.shape, order=order))
        return self.arrays[kind]

    def fix(self, value: Value, array: Array) -> str:
        """Let the name of a value stand for an array that is the same at every run."""
        self.fixed[value] = array
        self.known[self.names[value]] = array
        return self.names[value]

    def looked(self, step: Instruction) -> Array | None:
        """Look at an array that is the same at every run; None if it is not, or NumPy would copy."""
        [x] = step.inputs if len(step.inputs) == 1 else [None]
        array = self.fixed.get(x) if isinstance(x, Value) else None
        if array is None or any(True for _ in values_in(step.params.values())):
            return None
        looked = step.operation.forward(array, **step.params)
        return looked if np.shares_memory(looked, array) or looked.size == 0 else None

    def call(self, step: Instruction, target: str | None) -> str:
        """Write the call that computes an instruction."""
        name = step.operation.name
        into = f", {target}" if target else ""
        ufunc = _ufunc(step)
        if ufunc is not None:
            operands = [self.operand(x, step) for x in step.inputs]
            number = step.out.ndim == 0 and step.out.dtype.kind == "f"
            if number and name in _SIGNS:
                return f" {_SIGNS[name]} ".join(operands)
            if number and name == "negative":
                return f"-{operands[0]}"
            if name == "multiply" and operands[0] == operands[1] and step.out.dtype.kind != "b":
                return f"{self.use('square', np.square)}({operands[0]}{into})"
            if ufunc in _OUT_BY_NAME and target:
                into = f", out={target}"
            return f"{self.use(ufunc.__name__, ufunc)}({', '.join(operands)}{into})"
        operands = [self.operand(x, None) for x in step.inputs]
        if step.operation is LEVELLED and target:
            return f"{self.use('subtract', np.subtract)}({', '.join(operands)}{into})"
        if name == "matmul" and self.style(step) == "separate":
            several = min(x.size for x in step.inputs) > 1  # one entry is a factor to np.dot, with 0 inf = 0
            product = self.use("dot", np.dot) if self.fuse and several else self.use("matmul", np.matmul)
            return f"{product}({', '.join(operands)}{into})"
        if name == "sum" and self.fuse and (total := self.summed(step, operands[0], target)):
            return total
        if name in _REDUCTIONS:
            reduce = self.use(f"{name}_over", _REDUCTIONS[name])
            axis, keepdims = step.params["axis"], step.params["keepdims"]
            axis = axis[0] if axis is not None and len(axis) == 1 else axis
            return f"{reduce}({operands[0]}, {axis}, None, {target}, {keepdims})"
        if name == "transpose" and step.params["axes"] is None and isinstance(step.inputs[0], Value):
            return f"{operands[0]}.T"
        params = [f"{key}={self.parameter(x)}" for key, x in step.params.items()]
        return (
            f"{self.use(name, _CALLED.get(name, step.operation.forward))}({', '.join([*operands, *params])})"
        )

    def summed(self, step: Instruction, operand: str, target: str | None) -> str | None:
        """Write the sum over an axis of a matrix as a product, which NumPy has cheaper."""
        [x], axis, keepdims = step.inputs, step.params["axis"], step.params["keepdims"]
        if not isinstance(x, Value) or x.ndim != 2 or x.dtype.char not in "fd":
            return None
        if axis not in ((0,), (1,)) or not keepdims or step.out.dtype != x.dtype:
            return None
        n = x.shape[axis[0]]
        shape = (1, n) if axis == (0,) else (n, 1)
        ones = self.ones.setdefault((x.dtype, shape), np.ones(shape, x.dtype))
        name = self.use(f"ones_{x.dtype}_{shape[0]}x{shape[1]}", ones)
        factors = [name, operand] if axis == (0,) else [operand, name]
        return f"{self.use('dot', np.dot)}({', '.join(factors)}{f', {target}' if target else ''})"

    def use(self, name: str, what: Any) -> str:
        """Refer to something by a name of its own, the same each time."""
        key = name, id(what)
        if key not in self.used:
            self.used[key] = self.identifier(name)
            self.known[self.used[key]] = what
        return self.used[key]

    def operand(self, x: Any, step: Instruction | None) -> str:
        """Write an operand: a number that a ufunc would have to convert is converted now."""
        if isinstance(x, Value):
            return self.names[x]
        if isinstance(x, np.ndarray):
            return self.use("c", x)  # as it is: somebody may write to it
        if type(x) in (int, float, bool):
            dtype = _dtype_read(x, step) if step and step.out.ndim else None
            if dtype is None:
                return repr(x) if math.isfinite(x) else f"float('{x}')"
            x = dtype.type(x)
        return self.number(np.asarray(x))

    def number(self, array: Array) -> str:
        """Refer to a number as NumPy takes it fastest: the same for the same bits and dtype."""
        key = array.dtype, array.tobytes()
        if key not in self.numbers:
            self.numbers[key] = self.use(f"c{array[()]}", array)
        return self.numbers[key]

    def parameter(self, x: Any) -> str:
        """Write an axis, a shape, or a tuple of positions."""
        if isinstance(x, Value):
            return self.names[x]
        if isinstance(x, tuple) and any(True for _ in values_in(x)):
            return f"({', '.join(map(self.parameter, x))},)"
        if x is None or type(x) in (int, bool, str) or (type(x) is tuple and all(type(n) is int for n in x)):
            return repr(x)
        return self.use("p", x)

    def ending(self) -> Iterator[str]:
        """Return results: in the arrays donated to them, others in arrays that nothing else holds.

        Donated arrays are written to last, by functions of C that one function of C calls: so Ctrl-C comes
        before all of it or after.
        """
        steps = {step.out: step for step in self.program.instructions}
        returned: list[str] = []
        seen = set[Value]()
        behind: list[str] = []
        put = [self.written(steps[x]) for x in self.storage.given]
        for x in self.program.results:
            name = self.names[x] if isinstance(x, Value) else self.operand(x, None)
            given = self.program.donated.get(x) if isinstance(x, Value) and x not in seen else None
            new = isinstance(x, Value) and x not in seen and x in steps and self.is_new(steps[x])
            if not new or (x.ndim == 0 and given is None):
                copied = f"{(copy := self.identifier.numbered('r'))} = {self.use('array', np.array)}({name})"
                if isinstance(x, Value) and x in self.storage.given:  # once more
                    behind.append(copied)
                else:
                    yield copied  # before what it looks at is written
                name = copy
            if given is not None and x not in self.storage.given:
                put.append(f"({self.use('copyto', np.copyto)}, {self.names[given]}, {name})")
                name = self.names[given]
            returned.append(name)
            seen |= {x} if isinstance(x, Value) else set()
        if put:
            each = f"{self.use('starmap', starmap)}({self.use('call', operator.call)}, ({', '.join(put)},))"
            yield f"{self.use('at_once', _at_once)}({each})"
        yield from behind
        yield f"return ({', '.join(returned)},)" if returned else "return ()"

    def written(self, step: Instruction) -> str:
        """Write the call of an instruction that puts its result into a donated array, as a tuple."""
        ufunc, target = _ufunc(step), self.names[self.storage.given[step.out]]
        assert ufunc is not None
        self.names[step.out] = target
        operands = [self.operand(x, step) for x in step.inputs]
        return f"({', '.join([self.use(ufunc.__name__, ufunc), *operands, target])})"

    def is_new(self, step: Instruction) -> bool:
        """Whether an instruction makes something at each run that shares no memory."""
        return self.style(step) in ("entrywise", "separate") or _ufunc(step) is not None


_OUT_BY_NAME = (np.maximum, np.minimum)  # which take no third positional argument


_at_once = deque[Any](maxlen=0).extend  # goes through all there is, without a step in Python


@functools.lru_cache(1024)
def _remark(name: str | None, shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    """Say what a value is called, and its shape and dtype."""
    return comment(f"{f'{name} ' if name else ''}{shape} {dtype}")


def _dtype_read(x: Any, step: Instruction) -> np.dtype[Any] | None:
    """The dtype in which a ufunc reads a number of Python's; None if it is to see for itself."""
    ufunc = _ufunc(step)
    kinds = [y.dtype if isinstance(y, Value | np.ndarray | np.generic) else type(y) for y in step.inputs]
    if ufunc is None or bool in kinds or all(kind in (int, float) for kind in kinds):
        return None
    try:
        dtype = ufunc.resolve_dtypes((*kinds, None))[next(i for i, y in enumerate(step.inputs) if y is x)]
        dtype.type(x)
    except (TypeError, OverflowError):
        return None
    return dtype
