"""A function called once on tensors that record everything and show none of their values.

What its arguments are computed into is recorded as by any other call, derivatives included. A value that
Python reads, in a branch or in a call of NumPy's, would be the same at every later run, so reading one is
an error that names the line. What is not read but was computed outside, from random numbers say, shows
when the function is called again on slightly other numbers: then a constant of the record has changed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autograd_core.differentiation.protocols import PLAIN, call_ufunc
from autograd_core.differentiation.recorded import told
from autograd_core.differentiation.tensor import Tensor
from autograd_core.differentiation.tree import Structure, flatten
from autograd_core.graph.anomaly import calling_lines
from autograd_core.graph.dispatch import REAL
from autograd_core.graph.node import Node, arrays_in, now, topological_order
from autograd_core.graph.primitive import Primitive
from autograd_core.graph.recording import Observer, Transform, apart, observers, transforms
from autograd_core.ops.entrywise.arithmetic import positive, stop_gradient
from autograd_core.wording.errors import DtypeError, GraphError, OptionError, describe
from autograd_core.wording.identifiers import name_of, printable

__all__ = ["Trace", "Traced", "retraced", "told_name", "trace", "unheard"]

_OF_SHAPE_ONLY = frozenset(
    getattr(np, name)
    for name in (
        "can_cast",
        "common_type",
        "empty_like",
        "iscomplexobj",
        "isrealobj",
        "min_scalar_type",
        "ndim",
        "ones_like",
        "result_type",
        "shape",
        "size",
        "tril_indices_from",
        "triu_indices_from",
        "zeros_like",
    )
)


class Traced(Tensor):
    """A tensor of a function that is being compiled: its values are not to be read."""

    __slots__ = ()

    @property
    def data(self) -> Any:
        """Refuse to show the values."""
        _refuse(self, ".data")

    @data.setter
    def data(self, new: Any) -> None:
        raise GraphError(
            f"{describe(self)}.data was assigned to while a function is being compiled; return the new value "
            f"instead\n{calling_lines()}"
        )

    def _read(self, reader: str) -> NoReturn:
        _refuse(self, reader)

    def detach(self) -> Tensor:
        """Return the same values, through which no derivative flows."""
        return stop_gradient(self)  # type: ignore[no-any-return]

    def backward(self, *args: Any, **options: Any) -> NoReturn:
        """Refuse to write gradients into tensors, which no later run would do."""
        raise GraphError(
            f"backward: {describe(self)} is part of a function that is being compiled, which must return "
            f"what it computes; take autograd_core.grad or value_and_grad inside it\n{calling_lines()}"
        )

    def __index__(self) -> int:
        _refuse(self, "an index")

    def __bool__(self) -> bool:
        _refuse(self, "bool(), as a branch does,")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        _refuse(self, "NumPy")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        if ufunc in PLAIN and ufunc not in _OF_SHAPE_ONLY:
            _refuse(self, f"np.{ufunc.__name__}")
        return call_ufunc(ufunc, method, args, kwargs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        if function in PLAIN and function not in _OF_SHAPE_ONLY:
            _refuse(self, f"np.{function.__name__}")
        return super().__array_function__(function, types, args, kwargs)

    def __copy__(self) -> Tensor:
        return positive(self)  # type: ignore[no-any-return]

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return positive(self)  # type: ignore[no-any-return]

    def __reduce__(self) -> NoReturn:
        _refuse(self, "pickle")

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"<{describe(self)}, {self.dtype}, being compiled>"


def _refuse(x: Node, reader: str) -> NoReturn:
    error = GraphError(
        f"{reader} reads the values of {describe(x)} while a function is being compiled; they would be "
        "frozen into the program. Choose with autograd_core.where instead of a branch, return what you want "
        f"to see, or leave this part outside\n{calling_lines()}"
    )
    for observer in observers():
        if isinstance(observer, _Tracer | _Silent):
            observer.refused.append(error)
    raise error


class _Tracer(Observer):
    """Makes every result one whose values are not to be read, and keeps what was drawn."""

    replays = True

    def __init__(self, earlier: Sequence[Any], again: bool) -> None:
        self.earlier = list(earlier)
        self.draws: list[tuple[Callable[[], Any], Any]] = []
        self.made: list[Node] = []
        self.masks: dict[int, Node] = {}  # by the identity of their arrays
        self.watched: list[tuple[Callable[[], Any], Any]] = []
        self.refused: list[GraphError] = []
        self.outside: dict[str, Any] = {**np.geterr()} if again else {}
        self.errors: dict[str, Any] = {}

    def recorded(self, node: Node, operation: Primitive, inputs: tuple[Any, ...]) -> None:
        if self.masks and node.params:
            for x in arrays_in(node.params.values()):
                if id(x) in self.masks:
                    _refuse(self.masks[id(x)], "picking entries by a mask, whose number decides on a shape,")
        self.made.append(node)
        if self.outside and (errors := np.geterr()) != self.outside:
            self.errors |= {kind: what for kind, what in errors.items() if what != self.outside[kind]}
        if node.value.dtype.kind == "b":
            self.masks[id(node.value)] = node
        if type(node) is Tensor:
            node.__class__ = Traced

    def read(self, x: Any) -> None:
        if isinstance(x, Node | np.ndarray) and not isinstance(x, Traced):
            values = (lambda: x.value) if isinstance(x, Node) else (lambda: x)
            self.watched.append((values, values().copy()))

    def picked(self, positions: Any) -> None:
        if positions.dtype.kind == "b":  # their number decides on a shape
            self.read(positions)
        elif isinstance(positions, Node):
            self.made.append(positions)

    def drawn(self, draw: Callable[[], Any], name: str) -> Tensor:
        value = self.earlier[len(self.draws)] if len(self.draws) < len(self.earlier) else np.array(draw())
        self.draws.append((draw, value))
        return _leaf(value, False, name)

    def without_gradient(self) -> Observer:
        return _Silent(self)


class _Silent(Observer):
    """The same where no derivative may flow out."""

    replays = True

    def __init__(self, tracer: _Tracer) -> None:
        self.tracer, self.refused = tracer, tracer.refused

    def recorded(self, node: Node, operation: Primitive, inputs: tuple[Any, ...]) -> None:
        self.tracer.recorded(node, operation, inputs)
        node.requires_grad = False

    def read(self, x: Any) -> None:
        self.tracer.read(x)

    def picked(self, positions: Any) -> None:
        self.tracer.picked(positions)

    def without_gradient(self) -> Observer:
        return self


class Trace(NamedTuple):
    """What one call of a function recorded.

    Attributes
    ----------
    arguments : list of Tensor
        What stood in place of each array.
    results : list
        Tensors, and what was returned besides.
    arrangement : Structure
        Of the results.
    nodes : list of Node
        All that the results were computed from, operands first.
    draws : list of (function, array)
        What is drawn afresh at each run, with what was drawn now.
    started : int
        Stamps below it belong to tensors from outside.
    watched : list of (function, array)
        What is read from outside at each run, with what it was when it decided on what was recorded.
    errors : dict of str to str
        What the function had NumPy do otherwise about divisions by zero and their kind.
    """

    arguments: list[Tensor]
    results: list[Any]
    arrangement: Structure
    nodes: list[Node]
    draws: list[tuple[Callable[[], Any], Any]]
    started: int
    watched: list[tuple[Callable[[], Any], Any]]
    errors: dict[str, Any]


def trace(
    f: Callable[..., Any],
    arrays: Sequence[Any],
    names: Sequence[str],
    call: Callable[[Sequence[Any]], tuple[Sequence[Any], Mapping[str, Any]]],
    earlier: Sequence[Any] = (),
    again: bool = False,
) -> Trace:
    """Call a function on tensors that record.

    Parameters
    ----------
    f : function
    arrays : sequence of arrays
    names : sequence of str
    call : function
        From tensors in place of the arrays to the positional and keyword arguments of f.
    earlier : sequence of arrays
        What an earlier trace has drawn, to be used again.
    again : bool
        Whether this is a second look, under NumPy's errors handled as nobody else does, to see what f sets.

    Raises
    ------
    GraphError
        f reads a value, or assigns one.
    """
    started = now()
    pairs = zip(arrays, names, strict=True)
    arguments: list[Tensor] = [_leaf(x, x.dtype.kind == "f", name) for x, name in pairs]
    tracer = _Tracer(earlier, again)
    tracer.masks = {id(x.value): x for x in arguments if x.dtype.kind == "b"}
    args, kwargs = call(arguments)
    out = apart(f, (*transforms(), Transform()), tracer, *args, **kwargs)
    if tracer.refused:  # and f, or what it calls, went on in another way
        raise tracer.refused[0]
    results, arrangement = flatten(out)
    for y, path in zip(results, arrangement.paths("result")):
        number = not isinstance(y, np.ndarray | np.generic) or y.dtype.kind in REAL
        if not (number and isinstance(y, _RETURNED)):
            raise DtypeError(
                f"{told_name(f)} returned {told(y)} as {path}; a compiled function returns real numbers, in "
                "lists, tuples and dicts"
            )
    nodes = _behind([y for y in results if isinstance(y, Node)], [*arguments, *tracer.made])
    return Trace(arguments, results, arrangement, nodes, tracer.draws, started, tracer.watched, tracer.errors)


_RETURNED = (Node, np.ndarray, np.generic, int, float, str, type(None))


def _leaf(value: Any, requires_grad: bool, name: str) -> Traced:
    """Make a tensor of values that are not to be read."""
    leaf = Traced.__new__(Traced)
    Tensor.__init__(leaf, value, requires_grad, name)
    return leaf


def _behind(results: list[Node], made: list[Node]) -> list[Node]:
    """All that results were computed from: operands, and what positions to pick were computed as."""
    by_array = {id(node.value): node for node in made}
    roots = list(results)
    while True:
        nodes = topological_order(roots)
        read = (x for node in nodes if node.params for x in arrays_in(node.params.values()))
        missing = {by_array[id(x)] for x in read if id(x) in by_array} - set(nodes)
        if not missing:
            return nodes
        roots += missing


def retraced(
    first: Trace,
    f: Callable[..., Any],
    arrays: Sequence[Any],
    names: Sequence[str],
    call: Callable[[Sequence[Any]], tuple[Sequence[Any], Mapping[str, Any]]],
) -> Mapping[str, Any]:
    """Call the function again, on slightly other numbers, and see that nothing but values has changed.

    Returns
    -------
    mapping of str to str
        What the function has NumPy do about divisions by zero and their kind, whatever holds outside.

    Raises
    ------
    OptionError
        It recorded something else, or a constant of the record has changed: it was computed from what the
        engine does not see.
    """
    nudged = [x * x.dtype.type(1.001) if x.dtype.kind == "f" else x for x in arrays]
    with np.errstate(all="call", call=unheard):  # as no function would set it
        second = trace(f, nudged, names, call, [value for _, value in first.draws], again=True)
    twins: dict[Node, Node] = dict(zip(first.arguments, second.arguments))
    alike = len(first.nodes) == len(second.nodes) and first.arrangement == second.arrangement
    for a, b in zip(first.nodes, second.nodes):
        alike = alike and a.primitive is b.primitive and twins.setdefault(a, b) is b
    if not alike:
        raise OptionError(_DIFFERS.format(told_name(f)))
    twin_arrays = {id(a.value): b.value for a, b in twins.items()}
    given = set(first.arguments)
    for a, b in twins.items():
        if a.primitive is None:
            if a not in given:
                _compared(f, "a tensor of its own", a.value, b.value)
            continue
        pairs: Iterator[tuple[Any, Any]] = zip(a.inputs, b.inputs)
        if a.params:
            pairs = itertools.chain(pairs, [(value, b.params.get(key)) for key, value in a.params.items()])
        for x, y in pairs:
            if twins.get(x) is not y if isinstance(x, Node) else x is not y:
                _matched(f, a.primitive.name, x, y, twins, twin_arrays)
    for x, y, path in zip(first.results, second.results, first.arrangement.paths("result")):
        _matched(f, path, x, y, twins, twin_arrays)
    return second.errors


def unheard(*_: Any) -> None:
    """Take no notice of a warning."""


_DIFFERS = (
    "compile: {} did something else when it was called again with the same shapes, so no one program stands "
    "for it; what it does may depend on its arguments' shapes only"
)


def _matched(
    f: Callable[..., Any], reader: str, x: Any, y: Any, twins: Mapping[Node, Node], arrays: Mapping[int, Any]
) -> None:
    """See that an operation reads the same as before: the same result, or an equal constant."""
    if isinstance(x, Node):
        if twins[x] is not y:
            raise OptionError(_DIFFERS.format(told_name(f)))
    elif isinstance(x, tuple) and isinstance(y, tuple) and len(x) == len(y):
        for part, other in zip(x, y):
            _matched(f, reader, part, other, twins, arrays)
    elif arrays.get(id(x), x) is not y:
        _compared(f, reader, x, y)


def _compared(f: Callable[..., Any], reader: str, x: Any, y: Any) -> None:
    """See that a constant is what it was."""
    if not _equal(x, y):
        raise OptionError(
            f"compile: {told_name(f)} computed {_spelled(x)} for {reader} with something that the engine "
            f"does not record, and got {_spelled(y)} when it was called again, so it would be frozen into "
            "the program. Take random numbers with autograd_core.drawn, and what counts or changes as an "
            "argument"
        )


def told_name(f: Callable[..., Any]) -> str:
    """What a function is called in a message."""
    return printable(getattr(f, "__qualname__", None) or name_of(f))


def _equal(x: Any, y: Any) -> bool:
    if isinstance(x, _NUMBERS) and isinstance(y, _NUMBERS):
        return np.shape(x) == np.shape(y) and bool(
            np.array_equal(x, y, equal_nan=np.asarray(x).dtype.kind == "f")
        )
    return bool(type(x) is type(y) and x == y)


_NUMBERS = (np.ndarray, np.generic, float, int)


def _spelled(x: Any) -> str:
    return f"{x!r:.60}" if np.size(x) < 5 else describe(np.asarray(x))
