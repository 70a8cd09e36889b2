"""Whether what is computed is recorded, who watches, and whose derivative is being taken: state of a context.

All of it belongs to one thread and context. It is entered by a `Scope` in a ``with`` block, or for one call
by `apart`. Neither leaves anything behind when Ctrl-C comes in between, wherever it comes.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar, copy_context
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from autograd_core.system.interrupts import last
from autograd_core.wording.errors import AutogradError, OptionError

if TYPE_CHECKING:
    from autograd_core.graph.node import Node
    from autograd_core.graph.operation import Primitive

__all__ = [
    "Observer",
    "Scope",
    "Transform",
    "apart",
    "is_recording",
    "no_grad",
    "observers",
    "observing",
    "recording",
    "replayed",
    "state",
    "transforms",
]

P = ParamSpec("P")
R = TypeVar("R")


class Observer:
    """What is told of each step of the engine in the context that it watches; see `Scope`.

    Attributes
    ----------
    replays : bool
        Whether what is recorded will be computed again from other values, so that nothing may be left out.
    """

    replays = False

    def recorded(self, node: Node, operation: Primitive, inputs: tuple[Any, ...]) -> None:
        """Take note of a result that was just computed."""

    def read(self, x: Any) -> None:
        """Take note that from the values of a tensor or array something is computed that is not recorded."""

    def picked(self, positions: Any) -> None:
        """Take note of a tensor or array whose values are positions."""

    def visited(self, node: Node) -> None:
        """Take note that a sweep is about to apply the rules of a node."""

    def propagated(self, node: Node, to: Node, derivative: Any) -> None:
        """Take note of the cotangent of an operand, with what a node just added, or of its own tangent."""

    def drawn(self, draw: Callable[[], Any], name: str) -> Node | None:
        """Give a leaf whose value is drawn afresh each time; None leaves that to others."""
        return None

    def without_gradient(self) -> Observer | None:
        """What watches in its place where no derivative may flow out; by default nothing does."""
        return None

    def ended(self) -> None:
        """Clean up, since the block has ended; this may be called again."""


class _Entry:
    """One entered scope.

    Attributes
    ----------
    scope : Scope or None
        None of a call that `apart` makes.
    records : bool or None
        Whether it is recorded inside; None leaves that as it is.
    observer : Observer or None
        Who watches inside.
    frame : FrameType or None
        The generator that entered it, for which it holds only while that runs.
    inside : bool or None
        None until the block has begun, False when it has ended.
    """

    __slots__ = ("frame", "inside", "observer", "records", "scope")

    def __init__(
        self,
        scope: Scope | None,
        records: bool | None,
        observer: Observer | None,
        frame: FrameType | None = None,
        inside: bool | None = None,
    ) -> None:
        self.scope, self.records, self.observer = scope, records, observer
        self.frame, self.inside = frame, inside

    @property
    def holds(self) -> bool:
        """Whether the block is being run: it has not ended, and is not that of a generator that waits."""
        return bool(self.inside) and (self.frame is None or self.frame.f_back is not None)

    def end(self) -> None:
        """Leave the block; doing so again changes nothing."""
        self.inside = False
        if self.observer is not None:
            self.observer.ended()


Entries = tuple[_Entry, ...]
Watching = bool | tuple[Observer, ...]

_state: ContextVar[Literal[True] | Entries] = ContextVar("autograd_core.state", default=True)
state = _state.get  # True where all is recorded and nobody watches, as nearly always; else what was entered


class Transform:
    """A transform that is calling a function.

    Attributes
    ----------
    variables : frozenset of int
        The stamps of what it differentiates by.
    takes_derivatives : bool
        Whether the function has called a transform itself.
    """

    __slots__ = ("takes_derivatives", "variables")

    def __init__(self, variables: Iterable[Node] = ()) -> None:
        self.variables = frozenset([x.order for x in variables])
        self.takes_derivatives = False


_transforms: ContextVar[tuple[Transform, ...]] = ContextVar("autograd_core.transforms", default=())
transforms = _transforms.get  # those that are calling a function, from the outermost


def is_recording() -> Watching:
    """Say who watches what is recorded: True if nobody does, False where nothing is recorded."""
    entries = state()
    return True if entries is True else _resolved(entries)[0]


def observers() -> tuple[Observer, ...]:
    """Say who watches in this context, whether it records or not."""
    entries = state()
    return () if entries is True else _resolved(entries)[1]


def replayed(watching: Watching) -> bool:
    """Whether somebody watches who computes what is recorded again, from other values."""
    return watching is not True and watching is not False and any(x.replays for x in watching)


def _resolved(entries: Entries) -> tuple[Watching, tuple[Observer, ...]]:
    """What the entered scopes come to: the last word on recording, and all who watch."""
    on = True
    watching: tuple[Observer, ...] = ()
    for entry in entries:
        if entry.holds:
            if entry.observer is not None:
                watching = (*watching, entry.observer)
            if entry.records is not None:
                on = entry.records
    if not watching:
        if on and all(entry.inside is False for entry in entries):
            _state.set(True)  # from now on it is looked up at once again
        return on, ()
    if on:
        return watching, watching
    return tuple([o for o in (x.without_gradient() for x in watching) if o]) or False, watching


def _entered() -> Entries:
    """The scopes that have not been left."""
    entries = state()
    return () if entries is True else tuple([entry for entry in entries if entry.inside])


def apart(
    f: Callable[P, R],
    by: tuple[Transform, ...],
    observer: Observer | None,
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Call a function in a copy of the context, where whatever stands outside is recorded.

    Parameters
    ----------
    f : function
    by : tuple of Transform
        The transforms that call it, from the outermost.
    observer : Observer or None
        Who watches, besides those who do already.
    """
    try:
        return copy_context().run(_called, f, by, observer, args, kwargs)
    except ValueError as error:  # with which NumPy covers what it was told when it asked for a number
        if isinstance(error.__cause__, AutogradError):
            raise error.__cause__ from None
        raise


def _called(
    f: Callable[..., R], by: tuple[Transform, ...], observer: Observer | None, args: Any, kwargs: Any
) -> R:
    _transforms.set(by)
    on, watching = (True, ()) if state() is True else _resolved(_entered())
    recorded = on is True or (bool(on) and on is watching)  # and not only watched, as by no_grad
    if observer is not None or not recorded:
        _state.set((*_entered(), _Entry(None, True, observer, inside=True)))
    return f(*args, **kwargs)


class _Entering:
    """``__enter__`` of a scope: gives ``with`` a function of C to begin its block.

    Python may raise KeyboardInterrupt in any function that is written in Python, and so after such an
    `__enter__` has changed something and before the block, with its end, is known to have begun. In a
    function of C there is no such moment.
    """

    def __get__(self, scope: Scope | None, owner: type[Scope]) -> Callable[..., Any]:
        if scope is None:  # as ExitStack asks
            return lambda scope: scope.__enter__()
        observer = scope.observer() if scope.observer is not None else None
        entry = _Entry(scope, scope.records, observer, _pausing(sys._getframe(1)))
        _state.set((*_entered(), entry))
        return functools.partial(setattr, entry, "inside", True)


class _Leaving:
    """``__exit__`` of a scope: gives ``with`` a function of C to end its block."""

    def __get__(self, scope: Scope | None, owner: type[Scope]) -> Callable[..., Any]:
        if scope is None:
            return lambda scope, *exception: scope.__exit__(*exception)
        entries = state()
        own = [] if entries is True else [e for e in entries if e.scope is scope and e.inside is not False]
        return last(own[-1].end if own else _nothing)


def _nothing() -> None:
    """End a block that was never begun."""


def _pausing(frame: FrameType) -> FrameType | None:
    """The frame of a generator or coroutine, whose scopes are not to hold for others while it waits.

    Not that of a context manager written as a generator, which waits just while its block is run.
    """
    if not frame.f_code.co_flags & _PAUSES:
        return None
    caller = frame.f_back
    return None if caller is not None and caller.f_code.co_filename == contextlib.__file__ else frame


_PAUSES = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


class Scope:
    """Something that holds inside a ``with`` block, in this thread and context.

    One object may be entered as often as one likes, also inside itself and in several threads. A block of
    a generator holds while the generator runs, and not for its caller while it waits.

    Parameters
    ----------
    records : bool, optional
        Whether it is recorded inside; by default as outside.
    observer : function, optional
        Makes who watches, each time that a block is entered.
    """

    def __init__(self, records: bool | None = None, observer: Callable[[], Observer] | None = None) -> None:
        self.records, self.observer = records, observer

    __enter__ = _Entering()
    __exit__ = _Leaving()


def recording(on: bool = True) -> Scope:
    """Record, or not, inside a block."""
    return Scope(on)


def observing(observer: Observer) -> Scope:
    """Tell an observer of everything that is recorded or swept inside a block."""
    return Scope(observer=lambda: observer)


class no_grad(Scope):  # noqa: N801 - used as a keyword is
    """Compute without recording, in this thread and context only; also a decorator.

    Functions made by `grad` and the other transforms still differentiate inside it. A generator or a
    coroutine that it decorates does not record while it runs, and its caller does while it waits.

    Raises
    ------
    OptionError
        It decorates an asynchronous generator.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
    >>> with ag.no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    >>> @ag.no_grad()
    ... def square(x):
    ...     return x * x
    >>> square(x).requires_grad
    False
    """

    def __init__(self) -> None:
        super().__init__(records=False)

    def __call__(self, f: Callable[P, R]) -> Callable[P, R]:
        """Make a function that does what f does, without recording."""
        if inspect.isasyncgenfunction(f):
            raise OptionError(
                f"no_grad: {f.__qualname__} is an asynchronous generator; write `with no_grad():` inside it"
            )
        kind = (
            _generator
            if inspect.isgeneratorfunction(f)
            else _coroutine
            if inspect.iscoroutinefunction(f)
            else _function
        )
        return functools.wraps(f)(kind(self, f))


def _function(scope: Scope, f: Callable[..., Any]) -> Callable[..., Any]:
    def inside(*args: Any, **kwargs: Any) -> Any:
        with scope:
            return f(*args, **kwargs)

    return inside


def _generator(scope: Scope, f: Callable[..., Any]) -> Callable[..., Any]:
    def inside(*args: Any, **kwargs: Any) -> Any:
        with scope:
            return (yield from f(*args, **kwargs))

    return inside


def _coroutine(scope: Scope, f: Callable[..., Any]) -> Callable[..., Any]:
    async def inside(*args: Any, **kwargs: Any) -> Any:
        with scope:
            return await f(*args, **kwargs)

    return inside
