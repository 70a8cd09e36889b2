"""What a declaration of an operation is made of: its name, and functions that keep to what they promise.

A rule that gives no array, or one of a shape that cannot be its operand's, would be noticed far from where
it is written, or not at all. So the functions of a declaration outside this package are looked at whenever
they are called; the engine's own are held to the same by its tests, and cost nothing.
"""

from __future__ import annotations

import functools
import inspect
import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.graph.node import Node
from autograd_core.graph.operands import REAL
from autograd_core.wording.errors import DtypeError, OptionError, ShapeError, describe
from autograd_core.wording.identifiers import name_of

__all__ = [
    "checked",
    "forward_of",
    "operand_names",
    "own",
    "partials_of",
    "rules_of",
    "takes_params",
    "titled",
]

Rule = Callable[..., Any]
_OWN = ("autograd_core", "nn")


def titled(forward: Any) -> tuple[str, tuple[str, str]]:
    """Give the name of what is declared, and the module and name of where it stands.

    That of a partial function is the name of what it calls, that of an object with ``__call__`` of its class.

    Raises
    ------
    OptionError
        It cannot be called.

    Examples
    --------
    >>> titled(functools.partial(round, ndigits=2))[0]
    'round'
    """
    if not callable(forward):
        raise OptionError(f"a declaration of {forward!r:.60}, wanted a function of arrays")
    made_of = forward
    while isinstance(made_of, functools.partial):
        made_of = made_of.func
    if not isinstance(getattr(made_of, "__name__", None), str):
        made_of = type(made_of)
    module = getattr(made_of, "__module__", None) or type(made_of).__module__
    module = "__main__" if module == "__mp_main__" else module  # the same script, in a process of its own
    return name_of(made_of).lstrip("_") or "_", (module, getattr(made_of, "__qualname__", made_of.__name__))


def own(home: tuple[str, str]) -> bool:
    """Whether a declaration is this package's own."""
    return home[0].partition(".")[0] in _OWN


def takes_params(forward: Rule, operands: int) -> bool:
    """Whether a function has parameters beside its operands, or any number of operands.

    Examples
    --------
    >>> takes_params(lambda x, *, by: x + by, 1), takes_params(np.hypot, 2)
    (True, False)
    """
    if isinstance(forward, np.ufunc):
        return forward.nin != operands
    try:
        parameters = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):  # of a function in C that does not say
        return True
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(positional) != len(parameters) or len(positional) != operands


def operand_names(forward: Rule, operands: int) -> tuple[str, ...]:
    """What a function calls its operands, if it has so many and says so.

    Examples
    --------
    >>> operand_names(lambda a, b, *, axis: a + b, 2)
    ('a', 'b')
    """
    try:
        parameters = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):
        return ()
    names = tuple([p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD][:operands])
    return names if len(names) == operands else ()


def rules_of(what: str, rules: Any, wanted: str = "a function or None") -> tuple[Any, ...]:
    """Take the rules of a declaration, one for each argument.

    Raises
    ------
    OptionError
        No sequence of functions and None.
    """
    if not isinstance(rules, Sequence) or isinstance(rules, str):
        raise OptionError(f"{what} is {rules!r:.60}, wanted {wanted} for each argument, in a list or tuple")
    for i, rule in enumerate(rules):
        if rule is not None and not callable(rule):
            raise OptionError(f"{what}[{i}] is {rule!r:.60}, wanted {wanted}")
    return tuple(rules)


def partials_of(partials: Sequence[Any]) -> tuple[Any, ...]:
    """Take partial derivatives: functions, numbers or None.

    Raises
    ------
    OptionError
        Something else.
    """
    for i, partial in enumerate(partials):
        if not (partial is None or callable(partial) or isinstance(partial, numbers.Real)):
            raise OptionError(
                f"pointwise: partial {i} is {partial!r:.60}, wanted a function, a number or None"
            )
    return tuple(partials)


def forward_of(forward: Rule) -> Rule:
    """Make a function that sees what the forward returns; the engine's own stays as it is."""
    name, home = titled(forward)
    if own(home):
        return forward

    @functools.wraps(forward)
    def seen(*args: Any, **params: Any) -> Any:
        out = forward(*args, **params)
        if type(out) is np.ndarray and out.dtype.kind in REAL:
            return out
        if isinstance(out, Node | np.generic | float | int) and np.result_type(_of(out)).kind in REAL:
            return out
        raise DtypeError(f"{name}: its function returned {_told(out)}, wanted an array of real numbers")

    return seen


def checked(
    forward: Any,
    role: str,
    rule: Any,
    fits: Callable[..., tuple[int, ...]],
    *,
    spread: bool = False,
    number: bool = False,
) -> Any:
    """Make a rule that sees what it gives; the engine's own stay as they are.

    Parameters
    ----------
    forward : function
        What is declared.
    role : str
        Which of its rules it is.
    rule : function, or number or None, which stay as they are
    fits : function of the arguments of the rule
        The shape that is wanted.
    spread : bool
        What it gives may broadcast to that shape; otherwise that shape must broadcast to what it gives, which
        is then summed.
    number : bool
        A Python number may stand for an array of any shape, not only for one without axes.
    """
    name, home = titled(forward)
    if not callable(rule) or own(home):
        return rule

    @functools.wraps(rule)
    def seen(*args: Any, **params: Any) -> Any:
        given = rule(*args, **params)
        wanted = fits(*args)
        if isinstance(given, int | float) and (number or not wanted):
            given = np.asarray(given, float)
        if not (isinstance(given, Node) or type(given) is np.ndarray or isinstance(given, np.generic)):
            raise DtypeError(f"{name}: {role} gave {_told(given)}, wanted an array of shape {wanted}")
        if given.dtype.kind not in REAL:
            raise DtypeError(f"{name}: {role} gave {given.dtype} entries, wanted real numbers")
        if given.shape != wanted:
            short, long = (given.shape, wanted) if spread else (wanted, given.shape)
            if not _broadcasts(short, long):
                raise ShapeError(f"{name}: {role} gave {describe(given)}, wanted shape {wanted}")
        return given

    return seen


def _broadcasts(short: tuple[int, ...], long: tuple[int, ...]) -> bool:
    """Whether an array of one shape can be spread over the other."""
    return len(short) <= len(long) and all(n in (1, m) for n, m in zip(short[::-1], long[::-1]))


def _of(out: Any) -> Any:
    return out.dtype if isinstance(out, Node | np.generic) else type(out)


def _told(found: Any) -> str:
    """Describe what was given in place of an array."""
    if isinstance(found, np.ndarray):
        return f"a {type(found).__name__} of dtype {found.dtype}"
    return "None" if found is None else f"{found!r:.40}, a {type(found).__name__}"
