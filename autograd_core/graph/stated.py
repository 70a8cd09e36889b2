"""What is written as one formula and computed by another, which keeps its digits."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_core.graph.declared import takes_params
from autograd_core.graph.dispatch import dispatched
from autograd_core.graph.node import Node
from autograd_core.graph.primitive import Primitive, Rule, times
from autograd_core.graph.recording import state
from autograd_core.wording.notation import Notation, applied

__all__ = ["stated", "written_out"]

_ndarray = np.ndarray
_writing_out: ContextVar[bool] = ContextVar("autograd_core.writing_out", default=False)


@contextmanager
def written_out() -> Iterator[None]:
    """Record what is `stated` as it is written, for who reads the record; the numbers stay those computed."""
    token = _writing_out.set(True)
    try:
        yield
    finally:
        _writing_out.reset(token)


def stated(
    formula: Rule,
    *partials: Rule | float | None,
    notation: Notation | None = None,
    flops: int = 1,
    fused: bool = False,
    vjps: Sequence[Rule | None] = (),
    jvps: Sequence[Rule | None] = (),
) -> Callable[[Rule], Rule]:
    """Declare a part of a rule that is written as a formula and computed by another that keeps its digits.

    The derivative of y = tanh(x) is 1 - y ** 2 in every book. As a number that is 0 once y has rounded to 1,
    long before 4 exp(-2 x) is. So equations and pictures have the formula, and the function declared, which
    may read x as well, has the number. It is no operation of its own, and not in `PRIMITIVES`.

    Parameters
    ----------
    formula : function
        ``formula(*args, **params)`` of other operations.
    *partials : functions, numbers or None
        As in `pointwise`, of the formula: None for an argument that only helps to compute it.
    notation, flops
        As in `pointwise`.
    fused : bool
        Whether a program that may round otherwise computes the formula, so that nothing is kept or read but
        what the formula says.
    vjps, jvps
        As in `primitive`, in the place of partial derivatives where not each entry stands for itself.

    Examples
    --------
    >>> import autograd_core as ag
    >>> @stated(lambda y, x: 1.0 - y, -1.0, None)
    ... def _rest(y, x):
    ...     return np.exp(-x)
    >>> @ag.pointwise(lambda y, x: _rest(y, x))
    ... def saturating(x):
    ...     return -np.expm1(-x)
    >>> ag.grad(saturating)(50.0) == np.exp(-50.0)
    np.True_
    """

    def declare(computed: Rule) -> Rule:
        has_params = takes_params(computed, len(partials or vjps))
        entrywise = tuple(times(partial, 0 if has_params else len(partials)) for partial in partials)
        operation = Primitive(
            computed.__name__.lstrip("_"),
            "pointwise" if partials else "general",
            computed,
            vjps or entrywise,
            jvps or entrywise,
            notation or applied(computed.__name__.lstrip("_")),
            lambda out, *_, **__: flops * int(out.size),
            (computed.__module__, computed.__qualname__),
            partials,
            any(vjps or entrywise),
            formula=formula,
            fused=formula if fused else None,
        )
        apply = dispatched(operation, has_params)

        @functools.wraps(computed)
        def rule(*args: Any, **params: Any) -> Any:
            if type(args[0]) is _ndarray is type(args[-1]) and state() is True:
                return computed(*args, **params)  # in a sweep over arrays: there is nothing to record
            out = apply(*args, **params)
            if isinstance(out, Node) and _writing_out.get():
                return _with_value(formula(*args, **params), out.value)
            return out

        rule.computed = computed  # type: ignore[attr-defined]
        rule.primitive = operation  # type: ignore[attr-defined]
        return rule

    return declare


def _with_value(recorded: Node, value: Any) -> Node:
    """Put a better number in the place of what a formula came to."""
    recorded.value = np.asarray(value, recorded.dtype)
    return recorded
