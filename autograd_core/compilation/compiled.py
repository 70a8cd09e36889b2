"""A function that is recorded once for each set of shapes, and then replayed as a straight-line program."""

from __future__ import annotations

import functools
import inspect
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_core.compilation import numba_backend, numpy_backend
from autograd_core.compilation.dead_code import dead_code
from autograd_core.compilation.entry import MISS, Entry, entry
from autograd_core.compilation.levelling import levelling
from autograd_core.compilation.lowering import Source, lowered
from autograd_core.compilation.numba_backend import Mismatch, Refused
from autograd_core.compilation.passes import simplified
from autograd_core.compilation.program import Built, Program, Value
from autograd_core.compilation.rewriting import step
from autograd_core.compilation.tracing import Trace, retraced, told_name, trace
from autograd_core.errors import GraphError, OptionError, unknown_option
from autograd_core.node import Array, Node
from autograd_core.recorded import parameter
from autograd_core.tree import Structure, flatten

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
    stats: Stats


class Compiled:
    """A function of arrays that replays what it recorded; made by `compile`.

    Attributes
    ----------
    source : str
        The program of the last call, as text.
    stats : Stats
        What it costs.
    program : Program
        Its instructions.
    """

    def __init__(
        self, f: Callable[..., Any], donate: Sequence[int | str], backend: Backend, fuse: bool
    ) -> None:
        functools.update_wrapper(self, f)
        self._f, self._backend, self._fuse = f, backend, fuse
        self._donated = _positions(f, donate)
        self._ready: dict[Any, _Ready] = {}
        self._last: _Ready | None = None
        self._enter: Callable[..., Any] = _missing
        self._lock = threading.Lock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        out = MISS if kwargs else self._enter(*args)
        return self._found(args, kwargs) if out is MISS else out

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

    def __repr__(self) -> str:
        return f"<compiled {self.__name__}, {self._backend}, {len(self._ready)} programs>"  # type: ignore[attr-defined]

    def _called(self) -> _Ready:
        if self._last is None:
            raise GraphError(f"{self!r} has not been called yet, so there is no program; call it once")
        return self._last

    def _found(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Find the program for these arguments, or record it."""
        for ready in [] if kwargs else [*self._ready.values()][: -_RECENT - 1 : -1]:
            out = ready.entry.enter(*args)
            if out is not MISS:
                self._last, self._enter = ready, ready.entry.enter
                return out
        leaves, structure = flatten((args, kwargs))
        if any(isinstance(x, Node) for x in leaves):
            return self._f(*args, **kwargs)  # somebody outside records, and what f does belongs there
        leaves = [np.asarray(x) if isinstance(x, np.generic) else x for x in leaves]
        kinds = tuple(map(_kind, leaves))
        turned = frozenset(i for i, x in enumerate(leaves) if self._backend == "numba" and _is_turned(x))
        key = structure, kinds, turned
        ready = self._ready.get(key)
        if ready is None:
            self._refuse_donated(leaves, structure)
            return self._recorded(key, leaves, structure)
        self._refuse_donated(leaves, structure)
        self._take(ready)
        arrays = [(i, x) for i, x in enumerate(leaves) if isinstance(x, np.ndarray)]
        if ready.stats.backend == "numba":
            return ready.entry.replay(*(_compact(x, i in turned) for i, x in arrays))
        return ready.entry.replay(*(x for _, x in arrays))

    def _take(self, ready: _Ready) -> None:
        self._last, self._enter = ready, ready.entry.enter

    def _recorded(self, key: Any, leaves: list[Any], structure: Structure) -> Any:
        """Record what f does with these arguments, make a program of it, and give what it came to."""
        started = time.perf_counter()
        self._warn_of_numbers(key)
        at = [i for i, x in enumerate(leaves) if isinstance(x, np.ndarray)]
        arrays = [leaves[i] for i in at]
        paths = _paths(self._f, structure)
        names = [paths[i] for i in at]

        def call(tensors: Sequence[Any]) -> tuple[Sequence[Any], Mapping[str, Any]]:
            put = dict(zip(at, tensors))
            args, kwargs = structure.unflatten([put.get(i, x) for i, x in enumerate(leaves)])
            return args, kwargs

        traced = trace(self._f, arrays, names, call)
        retraced(traced, self._f, arrays, names, call)
        may = [j for j, i in enumerate(at) if i in self._donated_leaves(structure)]
        donated = _donated(traced, may)
        turned = key[2]
        backend, program, made, held = self._built(traced, donated, [k for k, i in enumerate(at) if i in turned])
        ways = entry(
            structure.parts[0],
            leaves,
            frozenset(self._donated_leaves(structure)),
            traced.arrangement,
            made.run,
            held,
            self._lock,
            Mismatch if backend == "numba" else None,
            turned,
        )
        flops = sum(x.operation.flops(x.out, *x.inputs, **x.params) for x in program.instructions)
        recorded = sum(x.primitive is not None for x in traced.nodes)
        counts = len(program.instructions), recorded, flops, made.buffers, made.bytes
        stats = Stats(backend, *counts, time.perf_counter() - started)
        self._ready[key] = _Ready(ways, program, made.source, stats)
        self._take(self._ready[key])
        if len(self._ready) > _MOST:
            del self._ready[next(iter(self._ready))]
        return _first(traced, donated, arrays)

    def _built(
        self, traced: Trace, donated: Mapping[int, int], turned: Sequence[int]
    ) -> tuple[str, Program, Built, list[Source]]:
        """Make a program of a trace, simplify it and make it run: as NumPy where numba does not."""
        if self._backend == "numba":
            program, held = lowered(traced, donated, warns=False)
            program = simplified(_turned(program, turned), self._fuse, products_accumulate=True)
            try:
                return "numba", program, numba_backend.built(program), held
            except (Refused, OptionError) as error:
                told = f"{told_name(self._f)} runs as NumPy, since numba does not take it: {error}"
                warnings.warn(told, stacklevel=6)
                self._backend = "numpy"
        program, held = lowered(traced, donated)
        program = dead_code(levelling(simplified(_turned(program, turned), self._fuse)))
        return "numpy", program, numpy_backend.built(program, self._fuse), held

    def _donated_leaves(self, structure: Structure) -> list[int]:
        """The numbers of the leaves that may be written to."""
        numbers, at = [], 0
        for i, part in enumerate(structure.parts[0].parts):
            if i in self._donated:
                numbers += range(at, at + part.count)
            at += part.count
        return numbers

    def _refuse_donated(self, leaves: Sequence[Any], structure: Structure) -> None:
        """See that what may be written to can be, and that nothing else looks at it."""
        for i in self._donated_leaves(structure):
            x = leaves[i]
            if not isinstance(x, np.ndarray):
                continue
            path = _paths(self._f, structure)[i]
            if not x.flags.writeable:
                raise OptionError(f"compile: donate names {path}, which is read-only; give a copy")
            for j, y in enumerate(leaves):
                if i != j and isinstance(y, np.ndarray) and np.may_share_memory(x, y) and np.shares_memory(x, y):
                    other = _paths(self._f, structure)[j]
                    raise OptionError(
                        f"compile: donate names {path}, which shares its memory with {other}; give a copy of one"
                    )

    def _warn_of_numbers(self, key: Any) -> None:
        """Say so when programs pile up that differ in plain numbers alone."""
        structure, kinds, _ = key
        alike = [
            known
            for other, known, _ in self._ready
            if other == structure and all(a == b or (_is_number(a) and _is_number(b)) for a, b in zip(kinds, known))
        ]
        if len(alike) == _MANY:
            i = next(i for i, (a, b) in enumerate(zip(kinds, alike[-1])) if a != b)
            path = _paths(self._f, structure)[i]
            warnings.warn(
                f"{self._f.__name__} was recorded for {_MANY + 1} values of the number {path}; as an array, "
                f"np.asarray({path}), it may change without that",
                stacklevel=5,
            )


def _is_turned(x: Any) -> bool:
    """Whether the transpose of a matrix has its entries one after the other, and it has not."""
    return isinstance(x, np.ndarray) and x.flags.f_contiguous and not x.flags.c_contiguous


def _compact(x: Array, turned: bool) -> Array:
    """The array itself if its entries lie one after the other and may be written to, else a copy."""
    fits = (turned or x.flags.c_contiguous) and x.flags.writeable
    return x if fits else np.array(x, order="F" if turned else "C")


def _turned(program: Program, places: Sequence[int]) -> Program:
    """Let a program take some inputs transposed."""
    inputs, steps = list(program.inputs), []
    for i in places:
        x = inputs[i]
        inputs[i] = Value(x.shape[::-1], x.dtype, x.name)
        steps.append(step("transpose", (inputs[i],), x, axes=None))
    kept = {result: x for result, x in program.donated.items() if x in inputs}
    return Program(tuple(inputs), (*steps, *program.instructions), program.results, kept)


def _missing(*args: Any) -> Any:
    return MISS


def _kind(x: Any) -> Any:
    """What a program depends on of one leaf: shape and dtype of an array, anything else as it is."""
    return (x.shape, x.dtype) if isinstance(x, np.ndarray) else (type(x), x)


def _is_number(kind: Any) -> bool:
    return kind[0] in (int, float)


def _paths(f: Callable[..., Any], structure: Structure) -> list[str]:
    """What each leaf of the arguments is called."""
    positional, named = structure.parts
    paths = [path for i, part in enumerate(positional.parts) for path in part.paths(parameter(f, i))]
    return paths + [path for key, part in zip(named.keys, named.parts) for path in part.paths(key)]


def _positions(f: Callable[..., Any], donate: Any) -> frozenset[int]:
    """The positional arguments that are donated, by number."""
    wanted = (donate,) if isinstance(donate, int | str) else tuple(donate)
    names = [name for name in inspect.signature(f).parameters] if any(isinstance(x, str) for x in wanted) else []
    found = set()
    for x in wanted:
        if isinstance(x, str) and x not in names:
            raise unknown_option(f"argument of {getattr(f, '__name__', f)} to donate", x, names)
        found.add(names.index(x) if isinstance(x, str) else x)
    return frozenset(found)


def _donated(traced: Trace, arguments: Sequence[int]) -> dict[int, int]:
    """Give each donated argument to a result of its shape and dtype, in order."""
    left = list(arguments)
    pairs = {}
    for i, y in enumerate(traced.results):
        fits = [j for j in left if _alike(traced.arguments[j], y)]
        if fits:
            pairs[i] = fits[0]
            left.remove(fits[0])
    return pairs


def _alike(x: Node, y: Any) -> bool:
    return isinstance(y, Node) and x.shape == y.shape and x.dtype == y.dtype


def _first(traced: Trace, donated: Mapping[int, int], arrays: Sequence[Any]) -> Any:
    """What the recorded call itself came to, as a run of the program would give it."""
    found = [np.array(y.value) if isinstance(y, Node) else np.array(y) if isinstance(y, np.ndarray) else y for y in traced.results]
    for i, j in donated.items():
        np.copyto(arrays[j], found[i])
        found[i] = arrays[j]
    return traced.arrangement.unflatten(found)


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
        Let results differ by rounding where that saves work. Without it the bits are those of f itself.

    Returns
    -------
    Compiled
        Called as f is. Results are new arrays, or the donated ones.

    Raises
    ------
    GraphError
        When called: f reads a value of a tensor, or assigns one.
    OptionError
        `donate` or `backend` names nothing that there is. When called: f computes from something that the
        engine does not see and that changes, such as random numbers; a donated array is read-only or shares
        its memory.

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
