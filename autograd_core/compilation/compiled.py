"""A function that is recorded once for each set of shapes, and then replayed as a straight-line program."""

from __future__ import annotations

import functools
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_core.compilation.capture.arguments import VALUES, Held, as_leaf, kind_of, paths
from autograd_core.compilation.capture.donation import donated_leaves, donated_places, paired, refuse_donated
from autograd_core.compilation.capture.lowering import Source, lowered
from autograd_core.compilation.capture.tracing import Trace, retraced, told_name, trace
from autograd_core.compilation.entry import MISS, Entry, Form, entry
from autograd_core.compilation.numba_backend import backend as numba_backend
from autograd_core.compilation.numba_backend.backend import Refused
from autograd_core.compilation.numpy_backend import backend as numpy_backend
from autograd_core.compilation.numpy_backend.layout import Order, order_of
from autograd_core.compilation.passes.dead_code import dead_code
from autograd_core.compilation.passes.levelling import levelling
from autograd_core.compilation.passes.pipeline import simplified
from autograd_core.compilation.passes.rewriting import step
from autograd_core.compilation.program import Built, Program, Storage, Value
from autograd_core.differentiation.tree import Structure, flatten
from autograd_core.graph.node import Array, Node, arrays_in
from autograd_core.system.locks import lock
from autograd_core.system.memory import give_back_freed_blocks
from autograd_core.system.wrapping import Wrapper
from autograd_core.wording.errors import GraphError, OptionError, unknown_option

__all__ = ["Compiled", "Stats", "compile"]

Backend = Literal["numpy", "numba"]
_BACKENDS = ("numpy", "numba")
_RECENT = 4  # programs that are tried before the arguments are taken apart
_MOST = 64  # programs that are kept
_MANY = 16  # recordings for numbers alone before a warning


class Stats(NamedTuple):
    """What a program costs.

    Attributes
    ----------
    backend : str
    instructions : int
        Operations that are left of those recorded.
    recorded : int
        Operations that were recorded.
    flops : int
        Floating-point operations of a run.
    buffers, bytes : int
        Arrays that the program keeps, and their bytes; arguments and results not counted.
    seconds : float
        Time to record, simplify and compile.
    """

    backend: str
    instructions: int
    recorded: int
    flops: int
    buffers: int
    bytes: int
    seconds: float


class _Ready(NamedTuple):
    """A program for one set of shapes, with what runs it."""

    entry: Entry
    program: Program
    source: str
    storage: Storage | None
    stats: Stats
    captured: Callable[[], list[Array]]
    changed: Callable[[], bool] | None


class Compiled(Wrapper):
    """A function of arrays that replays what it recorded; made by `compile`.

    Attributes
    ----------
    source : str
        The program of the last call, as text.
    stats : Stats
        What it costs.
    program : Program
        Its instructions.
    storage : Storage or None
        Where their values live; None of numba's loops.
    """

    __slots__ = ("_call",)  # what answers a call: that of the program of the last one, see below

    def __init__(
        self, f: Callable[..., Any], donate: int | str | Sequence[int | str], backend: Backend, fuse: bool
    ) -> None:
        super().__init__(f, donate, backend, fuse)
        self._f, self._backend, self._fuse = f, backend, fuse
        self._places = donated_places(f, donate)
        self._ready: dict[Any, _Ready] = {}
        self._last: _Ready | None = None
        self._lock = lock()
        self._call = lambda *args, **kwargs: self._found(args, kwargs)

    @property
    def source(self) -> str:
        """The program of the last call, as text."""
        return self._called().source

    @property
    def stats(self) -> Stats:
        """What the program of the last call costs."""
        return self._called().stats

    @property
    def program(self) -> Program:
        """The instructions of the last call."""
        return self._called().program

    @property
    def storage(self) -> Storage | None:
        """Where the values of the last call's program live; None of numba's loops."""
        return self._called().storage

    def __repr__(self) -> str:
        return f"<compiled {told_name(self._f)}, {self._backend}, {len(self._ready)} programs>"

    def _called(self) -> _Ready:
        if self._last is None:
            raise GraphError(f"{self!r} has not been called yet, so there is no program; call it once")
        return self._last

    def _found(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Find the program for these arguments, or record it."""
        for ready in [] if kwargs else [*self._ready.values()][: -_RECENT - 1 : -1]:
            out = ready.entry.enter(*args)
            if out is not MISS:
                self._take(ready)
                return out
        leaves, structure = flatten((args, kwargs))
        if any(isinstance(x, Node) for x in leaves):
            return self._f(*args, **kwargs)  # somebody outside records, and what f does belongs there
        leaves = [as_leaf(x) for x in leaves]
        donated = donated_leaves(structure, self._places)
        names = paths(self._f, structure)
        key = self._key(leaves, structure, names)
        known = self._ready.get(key)
        if known is not None and known.changed is not None and known.changed():
            del self._ready[key]
            known = None
        if donated:
            refuse_donated(leaves, donated, known.captured() if known else (), names)
        if known is None:
            inside = copy_context()  # of which nothing is left, whatever happens in it
            known = inside.run(self._recorded, leaves, structure, names, donated)
            give_back_freed_blocks()  # of the record
        self._take(known)
        arrays = [x for x in leaves if isinstance(x, np.ndarray)]
        if known.stats.backend == "numba":
            return known.entry.replay(*(_compact(x) for x in arrays))
        return known.entry.replay(*arrays)

    def _take(self, ready: _Ready) -> None:
        """Let calls go straight to a program."""
        self._last = ready
        self._call = ready.entry.call

    def _key(self, leaves: Sequence[Any], structure: Structure, names: Sequence[str]) -> Any:
        """What a program is made for."""
        kinds = tuple(map(kind_of, leaves, names))
        return structure, kinds, tuple(map(self._order, leaves))

    def _order(self, x: Any) -> Order | None:
        """How an array lies, if a program depends on that: not one of NumPy's that may round as it likes."""
        counts = isinstance(x, np.ndarray) and (self._backend == "numba" or not self._fuse)
        return order_of(x) if counts else None

    def _recorded(
        self, leaves: list[Any], structure: Structure, names: Sequence[str], donated: frozenset[int]
    ) -> _Ready:
        """Record what f does with these arguments, and make a program of it."""
        started = time.perf_counter()
        self._warn_of_numbers(self._key(leaves, structure, names), names)
        at = [i for i, x in enumerate(leaves) if isinstance(x, np.ndarray)]
        arrays = [leaves[i] for i in at]
        called = [names[i] for i in at]

        def call(tensors: Sequence[Any]) -> tuple[Sequence[Any], Mapping[str, Any]]:
            put = dict(zip(at, tensors))
            args, kwargs = structure.unflatten([put.get(i, x) for i, x in enumerate(leaves)])
            return args, kwargs

        traced = trace(self._f, arrays, called, call)
        errors = retraced(traced, self._f, arrays, called, call)
        pairs = paired(traced, structure, {i: j for j, i in enumerate(at) if i in donated})
        backend, program, made, held = self._built(traced, pairs, arrays)
        captured = _captured(traced)
        refuse_donated(leaves, donated, captured(), names)
        key = self._key(leaves, structure, names)  # of the backend that it came to
        orders = {i: order for i, order in enumerate(key[2]) if order is not None}
        form = Form(
            structure.parts[0] if not structure.parts[1].parts else None,
            leaves,
            traced.arrangement,
            constants={i: y for i, y in enumerate(traced.results) if not isinstance(y, Node | np.ndarray)},
            itself={i: at[j] for i, j in pairs.items() if traced.results[i] is traced.arguments[j]},
            donated=donated,
            turned=frozenset(i for i in orders if orders[i] == "F") if backend == "numba" else frozenset(),
            orders=orders if backend == "numpy" else {},
            errors=errors,
        )
        objects = [x for x in leaves if type(x) not in VALUES and not isinstance(x, np.ndarray)]
        changed = (
            functools.partial(_changed, traced.watched, objects, Held(objects))
            if traced.watched or objects
            else None
        )
        ways = entry(form, made, held, captured, self._found, self._lock, changed)
        flops = sum(x.operation.flops(x.out, *x.inputs, **x.params) for x in program.instructions)
        recorded = sum(x.primitive is not None for x in traced.nodes)
        counts = len(program.instructions), recorded, flops, made.buffers, made.bytes
        stats = Stats(backend, *counts, time.perf_counter() - started)
        self._ready[key] = ready = _Ready(ways, program, made.source, made.storage, stats, captured, changed)
        if len(self._ready) > _MOST:
            del self._ready[next(iter(self._ready))]
        return ready

    def _built(
        self, traced: Trace, pairs: Mapping[int, int], arrays: Sequence[Array]
    ) -> tuple[str, Program, Built, list[Source]]:
        """Make a program of a trace, simplify it and make it run: as NumPy where numba does not."""
        found = self._by_numba(traced, pairs, arrays) if self._backend == "numba" else None
        if found is not None:
            return found
        program, held = lowered(traced, pairs, fuse=self._fuse)
        program = dead_code(levelling(simplified(program, self._fuse)))
        orders = zip(program.inputs, map(order_of, arrays))
        known = {x: order for x, order in orders if order is not None}
        return "numpy", program, numpy_backend.built(program, self._fuse, known), held

    def _by_numba(
        self, traced: Trace, pairs: Mapping[int, int], arrays: Sequence[Array]
    ) -> tuple[str, Program, Built, list[Source]] | None:
        """The same by numba; None where there is nothing to compile, or it is refused."""
        program, held = lowered(traced, pairs, warns=False, fuse=True, arrays_given=True)
        if not program.results:
            return None
        turned = [i for i, x in enumerate(arrays) if order_of(x) == "F"]
        program = simplified(_turned(program, turned), self._fuse)
        compact: list[Source] = [functools.partial(_row_by_row, give) for give in held]
        try:
            return "numba", program, numba_backend.built(program, self._fuse), compact
        except Refused as error:
            why = f"since numba does not take it: {error}"
        except OptionError as error:
            why = f"where numba would make small functions some ten times as fast: {error}"
        warnings.warn(f"{told_name(self._f)} runs as NumPy, {why}", stacklevel=6)
        self._backend = "numpy"
        return None

    def _warn_of_numbers(self, key: Any, names: Sequence[str]) -> None:
        """Say so when programs pile up that differ in plain numbers alone."""
        structure, kinds, _ = key
        alike = [
            known
            for other, known, _ in self._ready
            if other == structure
            and all(a == b or (_is_number(a) and _is_number(b)) for a, b in zip(kinds, known))
        ]
        if len(alike) == _MANY:
            i = next(i for i, (a, b) in enumerate(zip(kinds, alike[-1])) if a != b)
            warnings.warn(
                f"{told_name(self._f)} was recorded for {_MANY + 1} values of the number {names[i]}; as an "
                f"array, np.asarray({names[i]}), it may change without that",
                stacklevel=5,
            )


# A slot that Python finds under this name, and then reads from the object, at no cost for each call.
Compiled.__call__ = vars(Compiled)["_call"]  # type: ignore[method-assign]


def _changed(watched: Sequence[tuple[Callable[[], Any], Any]], objects: Sequence[Any], held: Held) -> bool:
    """Whether anything that decided on what was recorded is no longer what it was."""
    kept = all(np.array_equal(values(), before) for values, before in watched)
    return not (kept and Held(objects) == held)


def _compact(x: Array) -> Array:
    """The array itself if its entries lie one after the other and may be written to, else a copy."""
    order = order_of(x)
    return x if order is not None and x.flags.writeable else np.array(x, order=order or "C")


def _row_by_row(give: Source) -> Array:
    """What a tensor holds, or what is drawn, as it was compiled for."""
    return np.require(give(), requirements=("C", "W"))


def _turned(program: Program, places: Sequence[int]) -> Program:
    """Let a program take some inputs transposed."""
    inputs, steps = list(program.inputs), []
    for i in places:
        x = inputs[i]
        inputs[i] = Value(x.shape[::-1], x.dtype, x.name)
        steps.append(step("transpose", (inputs[i],), x, axes=None))
    kept = {result: x for result, x in program.donated.items() if x in inputs}
    return Program(tuple(inputs), (*steps, *program.instructions), program.results, kept)


def _is_number(kind: Any) -> bool:
    return kind[0] in (int, float)


def _captured(traced: Trace) -> Callable[[], list[Array]]:
    """The arrays from outside that a function reads: constants of the record, and what tensors hold now."""
    constants = [y for y in traced.results if isinstance(y, np.ndarray)]
    for node in traced.nodes:
        constants += arrays_in((*node.inputs, *node.params.values()))
    tensors = [x for x in traced.nodes if x.primitive is None and x.order < traced.started]
    return lambda: constants + [x.value for x in tensors]


def compile(
    f: Callable[..., Any] | None = None,
    *,
    donate: int | str | Sequence[int | str] = (),
    backend: Backend = "numpy",
    fuse: bool = True,
) -> Any:
    """Make a function that records f once, and then replays it as a straight-line program.

    Parameters
    ----------
    f : function
        Of arrays, or containers of them, to arrays or containers of them. It may use `grad` and the other
        transforms. What it does must depend on shapes only: it is called when arguments come with new
        shapes or dtypes, or with another number, text or option, and not again.
    donate : names or numbers of arguments
        Arrays that may be written to: a result of the same shape and dtype, such as the parameter after a
        step, is put there. The arrays that were given are then no more what they were.
    backend : {"numpy", "numba"}
        "numba" compiles to machine code, once for each program and machine; it needs the extra ``fast``, and
        without it, or for an operation that it does not have, "numpy" stands in, with a warning.
    fuse : bool
        Let results differ by rounding where that saves work; what is finite stays finite. Without it the bits
        are those of f itself with "numpy"; with "numba" its exponentials, powers, slopes and sums differ.

    Returns
    -------
    Compiled
        Called as f is, as a method where it is defined in a class; results are new arrays, or the donated
        ones. It may be copied and pickled where f may, and is recorded anew there.

    Raises
    ------
    GraphError
        When called: f reads a value of a tensor, or assigns one, or picks entries by a computed mask.
    OptionError
        `donate` or `backend` names nothing that there is. When called: f computes from something that the
        engine does not see and that changes, such as random numbers; a donated array is read-only or shares
        its memory.

    Notes
    -----
    Tensors and arrays that f reads from outside are read at each run, positions and masks among them. What
    NumPy alone computes from them inside f is a number when f is recorded, and stays what it was then; so do
    values that f reads of a tensor from outside. f is called twice to record it. What f sets with np.errstate
    holds for all of a run.

    Examples
    --------
    >>> import autograd_core as ag
    >>> @ag.compile(donate="W")
    ... def step(W, X, Y):
    ...     J, dW = ag.value_and_grad(lambda W: ((W @ X - Y) ** 2).sum())(W)
    ...     return J, W - np.float64(0.1) * dW
    >>> W, X, Y = np.zeros((1, 2)), np.eye(2), np.ones((1, 2))
    >>> for _ in range(3):
    ...     J, W = step(W, X, Y)
    >>> J.round(4), W.round(4)
    (np.float64(0.8192), array([[0.488, 0.488]]))
    """
    if f is None:
        return functools.partial(compile, donate=donate, backend=backend, fuse=fuse)
    if backend not in _BACKENDS:
        raise unknown_option("backend of compile", backend, _BACKENDS)
    return Compiled(f, donate, backend, fuse)
