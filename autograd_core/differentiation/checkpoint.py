"""Compute again instead of keeping: a function as one operation, whose rules record it anew.

An ordinary result keeps every value between it and its leaves for the backward pass. The result of a
checkpointed function keeps only what came into the function; a sweep that reaches it calls the function
again, sweeps what that call recorded, and drops it.
"""

from __future__ import annotations

import functools
import itertools
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_core.differentiation.backprop import forward_sweep, reverse_sweep
from autograd_core.differentiation.recorded import Function, array_of
from autograd_core.differentiation.tensor import Tensor
from autograd_core.graph.dispatch import REAL, dispatched
from autograd_core.graph.node import Array, Node, ancestors, now
from autograd_core.graph.primitive import Primitive, Rule
from autograd_core.graph.recording import Transform, apart, is_recording, no_grad, replayed, transforms
from autograd_core.system.wrapping import Transformed
from autograd_core.wording.arguments import function
from autograd_core.wording.errors import DtypeError, GraphError, describe
from autograd_core.wording.identifiers import name_of
from autograd_core.wording.notation import applied

__all__ = ["checkpoint"]


def checkpoint(f: Function) -> Function:
    """Make a function with the values and derivatives of f that keeps only what comes into f.

    What lies between is computed again when a backward or forward sweep needs it, so a chain of n
    checkpointed parts keeps n values and the inside of one part at a time, for one more evaluation of
    each. Tensors that f uses from outside, in its closure, in an object or in its keyword arguments, get
    their derivatives like those it is given. A sweep that is recorded, for second derivatives, records f
    as well and saves no memory; a forward sweep goes over f once for each input that moves.

    f must do the same whenever it is called: random numbers need a generator that is made from a seed
    inside f, and no tensor may be kept from one call to the next. What differs is noticed and refused.

    Parameters
    ----------
    f : function that returns one tensor
        Of any arguments. Where nothing is recorded, as under `no_grad`, it is called as it is.

    Returns
    -------
    function
        With the same arguments and result.

    Raises
    ------
    DtypeError
        f returns something that is neither a tensor nor an array nor a number.
    GraphError
        In a sweep: what came into f has changed since, or f gave another value or used other tensors than
        before.

    Notes
    -----
    Griewank and Walther, "Algorithm 799: revolve", ACM Transactions on Mathematical Software 26 (2000).

    Examples
    --------
    >>> import autograd_core as ag
    >>> W = ag.tensor(2.0, requires_grad=True)
    >>> part = checkpoint(lambda x: ag.tanh(W * x))
    >>> x = ag.tensor(0.0, requires_grad=True)
    >>> part(part(x)).backward()
    >>> x.grad, W.grad
    (array(4.), array(0.))
    """
    return Transformed(function(f, "checkpoint: f"), _checkpoint)


def _checkpoint(f: Function, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    if not is_recording() or replayed(is_recording()):
        return f(*args, **options)
    start = now()
    out = f(*args, **options)
    if not isinstance(out, Node):
        if isinstance(out, np.ndarray | np.generic | float | int):
            return out
        raise DtypeError(
            f"checkpoint: {_name(f)} returned a {name_of(type(out))}; one tensor is wanted: join several "
            "with concatenate or stack, or checkpoint their parts"
        )
    value, flows = out.value, out.requires_grad
    used, made = _sources(out, start)
    alive = [weakref.ref(x) for x in made]
    del out, made  # what f made for itself is gone; what it keeps, its parameters, is still there
    used += [x for x in (ref() for ref in alive) if x is not None]
    known = set(used)
    nodes = tuple(dict.fromkeys([*(x for x in args if isinstance(x, Node) and x in known), *used]))
    if not nodes:
        return Tensor(value)
    part = _Part(f, args, options, transforms(), nodes)
    operation = Primitive(
        name=_name(f),
        kind="general",
        forward=lambda *operands: part.computed(value, operands),
        vjps=_Visits(part.backward),
        jvps=_Visits(part.forward),
        notation=applied(_name(f)),
        flops=part.flops,
        home=(__name__, "checkpoint"),
        differentiable=flows,
    )
    arrays = [x for x in args if isinstance(x, np.ndarray) and x.dtype.kind in REAL]
    return dispatched(operation, takes_params=True)(*nodes, *arrays)


def _name(f: Function) -> str:
    name = name_of(f)
    return name if name.isidentifier() else "checkpoint"


def _sources(out: Node, start: int) -> tuple[list[Node], list[Node]]:
    """What a result was computed from: nodes from before the start, and leaves made since.

    Only those leaves count that require a derivative.
    """
    old: dict[int, Node] = {}
    made: list[Node] = []
    seen: set[int] = set()
    waiting = [out]
    while waiting:
        node = waiting.pop()
        if node.order in seen:
            continue
        seen.add(node.order)
        if node.order < start:
            old[node.order] = node
        elif node.primitive is None and node.requires_grad:
            made.append(node)
        else:
            waiting.extend(node.operands())
    return [old[order] for order in sorted(old)], made


class _Part(NamedTuple):
    """One call of a checkpointed function, and how to repeat it."""

    f: Function
    args: tuple[Any, ...]
    options: Mapping[str, Any]
    by: tuple[Transform, ...]
    nodes: tuple[Node, ...]

    def computed(self, value: Array, operands: Sequence[Any]) -> Array:
        """The value at these operands: the one that is known, or another if f is given all of them."""
        moved = {x: y for x, y in zip(self.nodes, operands) if x.value is not y}
        if all(x.shape == np.shape(y) and np.allclose(x.value, y, 1e-12, 0.0) for x, y in moved.items()):
            return value
        if unseen := [x for x in moved if not any(x is arg for arg in self.args)]:
            raise GraphError(
                f"checkpoint: {_name(self.f)} cannot be computed with another value of "
                f"{describe(unseen[0])}, which it takes from outside; make that an argument"
            )
        given = {id(x): Tensor(y) for x, y in moved.items()}
        args = [given.get(id(x), x) for x in self.args]
        with no_grad():
            return np.asarray(array_of(self.f(*args, **self.options)))

    def again(self, value: Any) -> Node:
        """Call f as before, and see that it did the same."""
        start = now()
        out = apart(self.f, self.by, None, *self.args, **self.options)
        if not isinstance(out, Node) or not _same(out.value, array_of(value)):
            raise GraphError(
                f"checkpoint: {_name(self.f)} gave another value when it was called again, so its derivative "
                "is not known; make random numbers from a seed inside it, and change what it uses only after "
                "the backward pass"
            )
        before, now_used = (
            {x for x in nodes if x.requires_grad} for nodes in (self.nodes, _sources(out, start)[0])
        )
        if differing := before ^ now_used:
            raise GraphError(
                f"checkpoint: {_name(self.f)} did not use the same tensors when it was called again: "
                f"{' and '.join(map(describe, differing))} only once; it must keep none from one call to "
                "the next that it computed, and make none with requires_grad=True at each call"
            )
        return out

    def backward(self) -> Rule:
        """Make the VJP rule of one visit: the first call sweeps for all of them."""
        found: dict[Node, Any] | None = None

        def rule(i: int, ct: Any, out: Any, *_: Any) -> Any:
            nonlocal found
            recorded = isinstance(out, Node)
            if found is None:
                found = reverse_sweep({self.again(out): ct}, self.nodes, create_graph=recorded)
            part = found.pop(self.nodes[i], None)
            return _zero(self.nodes[i], recorded) if part is None else part

        return rule

    def forward(self) -> Rule:
        """Make the JVP rule of one visit: all of them sweep over what the first call recorded."""
        again: Node | None = None

        def rule(i: int, t: Any, out: Any, *_: Any) -> Any:
            nonlocal again
            recorded = isinstance(out, Node)
            if again is None:
                again = self.again(out)
            moving = {x: _zero(x, recorded) for x in self.nodes if x.requires_grad}  # where to stop
            moving[self.nodes[i]] = t
            slope = forward_sweep([again], moving, create_graph=recorded)[0]
            return _zero(again, recorded) if slope is None else slope

        return rule

    def flops(self, out: Any, *_: Any) -> int:
        """Add up what a call takes."""
        stop = frozenset([x.order for x in self.nodes])
        inside = [x for x in ancestors([self.again(out)], stop).values() if x.order not in stop]
        return sum(x.primitive.flops(x.value, *x.values, **x.params) for x in inside if x.primitive)


class _Visits(Sequence[Rule]):
    """The rules of a node for one argument after the other, made anew whenever they are gone through."""

    def __init__(self, make: Callable[[], Rule]) -> None:
        self.make = make

    def __getitem__(self, i: Any) -> Any:
        return functools.partial(self.make(), i)

    def __iter__(self) -> Iterator[Rule]:
        return map(functools.partial(functools.partial, self.make()), itertools.count())

    def __len__(self) -> int:
        return sys.maxsize


def _zero(x: Node, recorded: bool) -> Any:
    zero = np.zeros_like(x.value)
    return Tensor(zero) if recorded else zero


def _same(new: Array, old: Array) -> bool:
    """Whether two values agree up to rounding."""
    if new.shape != old.shape or new.dtype != old.dtype:
        return False
    if np.array_equal(new, old):
        return True
    tolerance = float(np.finfo(old.dtype).eps) ** 0.5 if old.dtype.kind == "f" else 0.0
    largest = np.abs(old[np.isfinite(old)]).max(initial=0.0)
    return np.allclose(new, old, rtol=tolerance, atol=tolerance * largest, equal_nan=True)
