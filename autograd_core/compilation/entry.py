"""The way into a program: generated code that takes arguments apart, sees that they fit, and runs it.

Written out for one arrangement of arguments, this costs a tenth of what a general walk over containers
does. Whatever does not fit at once is left to the general way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

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
    arguments: Structure,
    leaves: Sequence[Any],
    donated: frozenset[int],
    results: Structure,
    run: Callable[..., Any],
    held: Sequence[Callable[[], Any]],
    lock: Any,
    refusal: type[Exception] | None = None,
    turned: frozenset[int] = frozenset(),
) -> Entry:
    """Generate both ways in.

    Parameters
    ----------
    arguments : Structure
        Of the positional arguments, a tuple.
    leaves : sequence
        What stands there: arrays are checked for shape and dtype, other things for being the same.
    donated : frozenset of int
        The leaves that are written to, by number.
    results : Structure
    run : function
        From arrays to a tuple of results.
    held : sequence of functions
        What gives the arrays that come after those of the arguments.
    lock : context manager
        Held while the program runs, since its arrays are its own.
    refusal : class of exception, optional
        What `run` raises for arrays that do not fit; without it they are checked here.
    turned : frozenset of int
        The leaves that `run` takes transposed, by number.

    Examples
    --------
    >>> from contextlib import nullcontext
    >>> from autograd_core.tree import flatten
    >>> leaves, structure = flatten(({"a": np.zeros(2)}, 3))
    >>> made = entry(structure, leaves, frozenset(), flatten([0])[1], lambda a: (a + 1,), (), nullcontext())
    >>> made.enter({"a": np.ones(2)}, 3)
    [array([2., 2.])]
    >>> made.enter({"a": np.ones(3)}, 3) is MISS
    True
    """
    known: dict[str, Any] = {"MISS": MISS, "ndarray": np.ndarray, "run": run, "lock": lock}
    arrays = [f"x{i}" for i, x in enumerate(leaves) if isinstance(x, np.ndarray)]
    known |= {f"held{i}": give for i, give in enumerate(held)}
    given = [f"{x}.T" if int(x[1:]) in turned else x for x in arrays]
    given += [f"held{i}()" for i in range(len(held))]
    numbers = iter(range(results.count))
    out = _built(results, numbers, known)
    ending = [
        "    with lock:",
        f"        [{', '.join(f'r{i}' for i in range(results.count))}] = run({', '.join(given)})",
        f"    return {out}",
    ]
    unpacking = [*_unpacked(arguments, "args", iter(range(len(leaves))), known)]
    checks = [*_checks(leaves, donated, known, refusal is None)]
    body = [f"        {line}" for line in [*unpacking, *checks]] or ["        pass"]
    source = "\n".join(
        [
            "def enter(*args):",
            "    try:",
            *body,
            "    except (AttributeError, KeyError, TypeError, ValueError):",
            "        return MISS",
            *(ending if refusal is None else _guarded(ending, known, refusal)),
            "",
            f"def replay({', '.join(arrays)}):",
            *ending,
        ]
    )
    exec(compile(source, "<the way into a compiled program>", "exec"), known)
    return Entry(known["enter"], known["replay"], source)


def _unpacked(part: Structure, name: str, leaves: Iterator[int], known: dict[str, Any]) -> Iterator[str]:
    """Take a container apart, level by level."""
    if name != "args":
        known[f"kind_{name}"] = part.kind
        length = f" or len({name}) != {len(part.keys)}" if part.kind is dict else ""
        yield f"if type({name}) is not kind_{name}{length}: return MISS"
    names, inside = [], []
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


def _guarded(ending: Sequence[str], known: dict[str, Any], refusal: type[Exception]) -> Iterator[str]:
    """Take what the program refuses for a miss."""
    known["refusal"] = refusal
    yield "    try:"
    yield from (f"    {line}" for line in ending[:-1])
    yield "    except refusal:"
    yield "        return MISS"
    yield ending[-1]


def _checks(
    leaves: Sequence[Any], donated: frozenset[int], known: dict[str, Any], arrays: bool
) -> Iterator[str]:
    """See that each leaf is what the program was made for."""
    for i, x in enumerate(leaves):
        if isinstance(x, np.ndarray):
            if not arrays:
                continue
            known[f"dtype{i}"] = x.dtype
            locked = f" or not x{i}.flags.writeable" if i in donated else ""
            yield (
                f"if type(x{i}) is not ndarray or x{i}.shape != {x.shape} or x{i}.dtype is not dtype{i}{locked}: "
                "return MISS"
            )
        else:
            known[f"same{i}"], known[f"type{i}"] = x, type(x)
            yield f"if x{i} is not same{i} and (type(x{i}) is not type{i} or x{i} != same{i}): return MISS"


def _built(part: Structure, numbers: Iterator[int], known: dict[str, Any]) -> str:
    """Write the expression that puts results together."""
    if part.kind is None:
        return f"r{next(numbers)}"
    inside = [_built(below, numbers, known) for below in part.parts]
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
