"""From what was recorded to instructions: one for each elementary operation.

An operation whose forward is itself composed of NumPy's functions is replaced by what its forward does
on tensors, softmax by a maximum, a difference, an exponential, a sum and a quotient; so nothing needs to
be known of any. A forward that does not run on tensors, or gives other bits there, stays one instruction.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd_core.compilation.capture.tracing import Trace, trace, unheard
from autograd_core.compilation.program import Instruction, Program, Value
from autograd_core.differentiation.tensor import Tensor
from autograd_core.graph.node import NO_PARAMS, Array, Node
from autograd_core.graph.primitive import Rule
from autograd_core.wording.errors import OptionError

__all__ = ["Source", "lowered"]

Source = Callable[[], Array]


def lowered(
    traced: Trace,
    donated: Mapping[int, int],
    warns: bool = True,
    fuse: bool = False,
    arrays_given: bool = False,
) -> tuple[Program, list[Source]]:
    """Make a program of a trace.

    Parameters
    ----------
    traced : Trace
    donated : mapping of int to int
        Results by number, each with the argument whose memory it may take.
    warns : bool
        Whether the program will warn as NumPy does: what silences it then stays whole.
    fuse : bool
        Whether it may round otherwise: what an operation has for such programs is then taken.
    arrays_given : bool
        Whether operands that are arrays from outside are inputs too, and not constants that are looked at.

    Returns
    -------
    program : Program
        Its inputs are the arguments, and then what the sources give; its results those that are arrays, but
        for arguments that are donated and returned as they are.
    sources : list of functions
        What is to be looked up or drawn before each run.
    """
    inputs = [Value(x.shape, x.dtype, x.name) for x in traced.arguments]
    known: dict[int, Any] = {x.order: value for x, value in zip(traced.arguments, inputs)}
    draws = {id(value): draw for draw, value in traced.draws}
    sources: list[Source] = []
    for node in traced.nodes:
        if node.primitive is None and node.order not in known:
            draw = draws.get(id(node.value))
            if draw is None and node.order > traced.started:
                known[node.order] = _constant(node)
                continue
            sources.append(_drawn(node.name or "drawn", draw, node.value) if draw else _held(node))
            known[node.order] = Value(node.shape, node.dtype, node.name or "held")
            inputs.append(known[node.order])
    lowering = _Lowering(warns, fuse, arrays_given)
    lowering.take(traced.nodes, known)
    for array, value in lowering.arrays.values():
        inputs.append(value)
        sources.append(functools.partial(np.asarray, array))
    made = [(i, y) for i, y in enumerate(traced.results) if not _is_ready(i, y, traced, donated)]
    results = tuple(known[y.order] if isinstance(y, Node) else y for _, y in made)
    pairs = {known[y.order]: inputs[donated[i]] for i, y in made if i in donated}
    pairs = {result: x for result, x in pairs.items() if isinstance(result, Value)}
    return Program(tuple(inputs), tuple(lowering.instructions), results, pairs), sources


def _is_ready(i: int, y: Any, traced: Trace, donated: Mapping[int, int]) -> bool:
    """Whether a result is no array, or a donated argument itself: nothing for a program to do."""
    return not isinstance(y, Node | np.ndarray) or (i in donated and y is traced.arguments[donated[i]])


def _constant(node: Node) -> Any:
    """What a tensor made on the way holds: one number, or an array."""
    return node.value if node.ndim else node.value[()]


def _drawn(name: str, draw: Source, first: Array) -> Source:
    """What was drawn for the record, at the first run; after that, what is drawn then."""
    waiting = [first]

    def again() -> Array:
        found = waiting.pop() if waiting else np.array(draw())  # it may fill the same array again
        if (found.shape, found.dtype) != (first.shape, first.dtype):
            raise OptionError(
                f"drawn: {name} is now {found.shape} {found.dtype}, where it was {first.shape} {first.dtype} "
                "when the function was compiled; draw one shape and dtype"
            )
        return found

    return again


def _held(node: Node) -> Source:
    """What a tensor from outside holds when it is asked."""
    return lambda: node.value


class _Lowering:
    def __init__(self, warns: bool, fuse: bool, arrays_given: bool) -> None:
        self.warns, self.fuse, self.arrays_given = warns, fuse, arrays_given
        self.arrays: dict[int, tuple[Array, Value]] = {}
        self.instructions: list[Instruction] = []
        self.elementary: set[int] = set()  # operations that are known to stay whole

    def take(self, nodes: Iterable[Node], known: dict[int, Any]) -> None:
        """Emit what computes each node, and enter its value in what is known by stamp."""
        by_array: dict[int, Value] = {}
        for node in nodes:
            if node.order not in known:
                if node.primitive is None:
                    known[node.order] = _constant(node)
                else:
                    inputs = tuple(
                        known[x.order] if isinstance(x, Node) else self.outside(x) for x in node.inputs
                    )
                    params = (
                        {key: _live(x, by_array) for key, x in node.params.items()}
                        if node.params
                        else NO_PARAMS
                    )
                    known[node.order] = self.emit(node, inputs, params)
            if type(known[node.order]) is Value:
                by_array[id(node.value)] = known[node.order]

    def outside(self, x: Any) -> Any:
        """A constant operand: an array, into which somebody may write, is an input where that is wanted."""
        if not self.arrays_given or not isinstance(x, np.ndarray):
            return x
        return self.arrays.setdefault(id(x), (x, Value(x.shape, x.dtype, "array")))[1]

    def emit(self, node: Node, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """Emit one recorded operation, or what it is composed of."""
        parts = self.parts(node)
        if parts is None:
            out = Value(node.shape, node.dtype, node.name)
            self.instructions.append(Instruction(node.primitive, inputs, params, out))  # type: ignore[arg-type]
            return out
        given = (value for x, value in zip(node.inputs, inputs) if isinstance(x, Node))
        known = {x.order: value for x, value in zip(parts.arguments, given)}
        self.take(parts.nodes, known)
        [result] = parts.results
        out = known[result.order]
        if isinstance(out, Value) and node.name:
            out.name = node.name
        return out

    def parts(self, node: Node) -> Trace | None:
        """Record the forward of an operation on tensors; None if it is elementary or does not run on them."""
        operation = node.primitive
        assert operation is not None
        if isinstance(operation.forward, np.ufunc) or id(operation) in self.elementary:
            return None
        plainer = operation.fused if self.fuse else None
        parts = _parts(node, plainer or operation.forward)
        if parts is None or any(x.primitive is operation for x in parts.nodes):
            self.elementary.add(id(operation))
            return None
        [result] = parts.results
        loud = self.warns and not _LOUD.isdisjoint(parts.errors)
        alike = plainer is not None or _same_bits(result.value, node.value)
        return None if parts.draws or loud or not alike else parts


def _live(x: Any, by_array: Mapping[int, Value]) -> Any:
    """Put values in place of positions that were computed."""
    if isinstance(x, np.ndarray):
        return by_array.get(id(x), x)
    return tuple(_live(part, by_array) for part in x) if type(x) is tuple else x


def _parts(node: Node, forward: Rule) -> Trace | None:
    """Call the forward of an operation on tensors; None if that is not possible, or gives something else."""
    nodes = [x for x in node.inputs if isinstance(x, Node)]

    def call(tensors: Any) -> Any:
        given = iter(tensors)
        return [next(given) if isinstance(x, Node) else x for x in node.inputs], node.params

    try:
        with np.errstate(all="call", call=unheard):  # not "ignore", which the forward itself may say
            parts = trace(forward, [x.value for x in nodes], [""] * len(nodes), call, again=True)
    except Exception:  # whatever it is that does not run on tensors
        return None
    return parts if len(parts.results) == 1 and isinstance(parts.results[0], Tensor) else None


_LOUD = frozenset({"divide", "over"})


def _same_bits(x: Array, y: Array) -> bool:
    return x.shape == y.shape and x.dtype == y.dtype and x.tobytes() == y.tobytes()
