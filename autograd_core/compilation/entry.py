"""The way into a program: generated code that takes arguments apart, sees that they fit, and runs it.

Written out for one arrangement of arguments, this costs a tenth of what a general walk over containers
does. Whatever does not fit at once is left to the general way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from autograd_core.node import Array
from autograd_core.tree import Structure

__all__ = ["MISS", "Entry", "entry"]

MISS = object()
"""What a way in returns when the arguments are not those it was made for."""


class Entry(NamedTuple):
    """Two ways in.

    Attributes
    ----------
    enter : function
        From the positional arguments to the results, or MISS.
    replay : function
        From the arrays among the arguments, in order, to the results.
    source : str
    """

    enter: Callable[..., Any]
    replay: Callable[..., Any]
    source: str


def entry(
    arguments: Structure | None,
    leaves: Sequence[Any],
    donated: frozenset[int],
    results: Structure,
    constants: Mapping[int, Any],
    itself: Mapping[int, int],
    run: Callable[..., Any],
    held: Sequence[Callable[[], Any]],
    lock: Any,
    captured: Callable[[], Sequence[Array]],
    refusal: type[Exception] | None = None,
    turned: frozenset[int] = frozenset(),
    orders: Mapping[int, str] = MappingProxyType({}),
) -> Entry:
    """Generate both ways in.

    Parameters
    ----------
    arguments : Structure or None
        Of the positional arguments, a tuple. None where there are others, which are always a miss.
    leaves : sequence
        What stands there: arrays are checked for shape and dtype, other things for being the same.
    donated : frozenset of int
        The leaves that are written to, by number.
    results : Structure
    constants : mapping of int to object
        The results that are the same at every run, by number.
    itself : mapping of int to int
        The results that are a leaf.
    run : function
        From arrays to a tuple of the other results.
    held : sequence of functions
        What gives the arrays that come after those of the arguments.
    lock : context manager
        Held while the program runs, since its arrays are its own.
    captured : function
        Gives the arrays that the program reads besides.
    refusal : class of exception, optional
        What `run` raises for arrays that do not fit; without it they are checked here.
    turned : frozenset of int
        The leaves that `run` takes transposed, by number.
    orders : mapping of int to "C" or "F"
        The leaves that lie row after row, or column after column.

    Examples
    --------
    >>> from contextlib import nullcontext
    >>> from autograd_core.tree import flatten
    >>> leaves, structure = flatten(({"a": np.zeros(2)}, 3))
    >>> results, run = flatten([0])[1], lambda a: (a + 1,)
    >>> made = entry(structure, leaves, frozenset(), results, {}, {}, run, (), nullcontext(), list)
    >>> made.enter({"a": np.ones(2)}, 3)
    [array([2., 2.])]
    >>> made.enter({"a": np.ones(3)}, 3) is MISS
    True
    """
    known: dict[str, Any] = {
        "MISS": MISS,
        "ndarray": np.ndarray,
        "run": run,
        "lock": lock,
        "captured": captured,
    }
    arrays = [f"x{i}" for i, x in enumerate(leaves) if isinstance(x, np.ndarray)]
    known |= {f"held{i}": give for i, give in enumerate(held)}
    given = [f"{x}.T" if int(x[1:]) in turned else x for x in arrays]
    given += [f"held{i}()" for i in range(len(held))]
    names = {i: f"x{leaf}" for i, leaf in itself.items()} | {i: f"constant{i}" for i in constants}
    known |= {f"constant{i}": x for i, x in constants.items()}
    made = [f"r{i}" for i in range(results.size) if i not in names]
    out = _built(results, iter([names.get(i, f"r{i}") for i in range(results.size)]), known)
    ending = ["    with lock:", f"        [{', '.join(made)}] = run({', '.join(given)})", f"    return {out}"]
    lines = [f"def replay({', '.join(arrays)}):", *ending, ""]
    if arguments is None:
        known["enter"] = lambda *args: MISS
    else:
        checks = [*_unpacked(arguments, "args", iter(range(len(leaves))), known)]
        checks += _checks(leaves, donated, orders, known, refusal is None)
        checks += _apart(arrays, donated, bool(captured())) if refusal is None and donated else []
        lines += _guarded(checks, ending, known, refusal)
    source = "\n".join(lines)
    exec(compile(source, "<the way into a compiled program>", "exec"), known)
    return Entry(known["enter"], known["replay"], source)


def _unpacked(part: Structure, name: str, leaves: Iterator[int], known: dict[str, Any]) -> Iterator[str]:
    """Take a container apart, level by level."""
    if name != "args":
        known[f"kind_{name}"] = part.kind
        length = f" or len({name}) != {len(part.keys)}" if part.kind is dict else ""
        yield f"if type({name}) is not kind_{name}{length}: return MISS"
    names: list[str] = []
    inside: list[str] = []
    for i, below in enumerate(part.parts):
        names.append(f"x{next(leaves)}" if below.kind is None else f"{name}_{i}")
        if below.kind is not None:
            inside += _unpacked(below, names[-1], leaves, known)
    if part.kind is dict:
        for i, (key, own) in enumerate(zip(part.keys, names)):
            known[f"key_{name}_{i}"] = key
            yield f"{own} = {name}[{key!r}]" if isinstance(key, str) else f"{own} = {name}[key_{name}_{i}]"
    else:
        yield f"[{', '.join(names)}] = {name}"
    yield from inside


def _guarded(
    checks: Sequence[str], ending: Sequence[str], known: dict[str, Any], refusal: type[Exception] | None
) -> Iterator[str]:
    """Write the whole way in; what the program refuses is a miss too."""
    known["refusal"] = refusal
    yield "def enter(*args):"
    yield "    try:"
    yield from (f"        {line}" for line in checks)
    yield "    except (AttributeError, KeyError, TypeError, ValueError):"
    yield "        return MISS"
    if refusal is None:
        yield from ending
    else:
        yield "    try:"
        yield from (f"    {line}" for line in ending[:-1])
        yield "    except refusal:"
        yield "        return MISS"
        yield ending[-1]


def _checks(
    leaves: Sequence[Any],
    donated: frozenset[int],
    orders: Mapping[int, str],
    known: dict[str, Any],
    arrays: bool,
) -> Iterator[str]:
    """See that each leaf is what the program was made for."""
    for i, x in enumerate(leaves):
        if isinstance(x, np.ndarray):
            if not arrays:
                continue
            known[f"dtype{i}"] = x.dtype
            wrong = [f"type(x{i}) is not ndarray", f"x{i}.shape != {x.shape}", f"x{i}.dtype is not dtype{i}"]
            wrong += [f"not x{i}.flags.writeable"] if i in donated else []
            wrong += [f"not x{i}.flags.{orders[i].lower()}_contiguous"] if i in orders else []
            yield f"if {' or '.join(wrong)}: return MISS"
        else:
            known[f"same{i}"], known[f"type{i}"] = x, type(x)
            differs = f"x{i}.hex() != {x.hex()!r}" if type(x) is float else f"x{i} != same{i}"
            yield f"if x{i} is not same{i} and (type(x{i}) is not type{i} or {differs}): return MISS"


def _apart(arrays: Sequence[str], donated: frozenset[int], captured: bool) -> Iterator[str]:
    """See that donated arrays own their memory, and that nothing else looks at it."""
    own = [x for x in arrays if int(x[1:]) in donated]
    yield f"own = {{{', '.join(f'id({x})' for x in own)}}}"
    wrong = [f"len(own) < {len(own)}", *(f"{x}.base is not None" for x in own)]
    wrong += [f"id({x}) in own or id({x}.base) in own" for x in arrays if x not in own]
    yield f"if {' or '.join(wrong)}: return MISS"
    if captured:
        yield "for x in captured():"
        yield "    if id(x) in own or id(x.base) in own: return MISS"


def _built(part: Structure, names: Iterator[str], known: dict[str, Any]) -> str:
    """Write the expression that puts results together."""
    if part.kind is None:
        return next(names)
    inside = [_built(below, names, known) for below in part.parts]
    if part.kind is dict:
        keys = []
        for key in part.keys:
            name = f"result_key_{len(known)}"
            known[name] = key
            keys.append(repr(key) if isinstance(key, str) else name)
        return "{" + ", ".join(f"{key}: {x}" for key, x in zip(keys, inside)) + "}"
    if part.kind is list:
        return f"[{', '.join(inside)}]"
    if part.kind is tuple:
        return f"({''.join(f'{x}, ' for x in inside)})"
    name = f"made_{len(known)}"
    known[name] = part.kind
    return f"{name}({', '.join(inside)})"
