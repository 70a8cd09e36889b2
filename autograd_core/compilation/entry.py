"""The way into a program: generated code that takes arguments apart, sees that they fit, and runs it.

Written out for one arrangement of arguments, this costs a tenth of what a general walk over containers
does. Whatever does not fit at once is left to the general way.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from autograd_core.compilation.capture.arguments import VALUES
from autograd_core.compilation.program import Built, Inline
from autograd_core.differentiation.tree import Structure
from autograd_core.graph.node import Array
from autograd_core.system.quiet import with_errors

__all__ = ["MISS", "Entry", "Form", "entry"]

MISS = object()
"""What a way in returns when the arguments are not those it was made for."""


class Entry(NamedTuple):
    """Ways in.

    Attributes
    ----------
    enter : function
        From the positional arguments to the results, or MISS.
    call : function
        From any arguments to the results; those that the program was not made for go to `found`.
    replay : function
        From the arrays among the arguments, in order, to the results.
    source : str
    """

    enter: Callable[..., Any]
    call: Callable[..., Any]
    replay: Callable[..., Any]
    source: str


class Form(NamedTuple):
    """What a program was made for, and what comes out of it.

    Attributes
    ----------
    arguments : Structure or None
        Of the positional arguments, a tuple. None where there are others, which are always a miss.
    leaves : sequence
        What stands there: arrays are checked for shape and dtype, other things for being the same.
    results : Structure
    constants : mapping of int to object
        The results that are the same at every run, by number.
    itself : mapping of int to int
        The results that are a leaf.
    donated : frozenset of int
        The leaves that are written to, by number.
    turned : frozenset of int
        The leaves that the program takes transposed.
    orders : mapping of int to "C" or "F"
        The leaves that lie row after row, or column after column.
    errors : mapping of str to str
        What the function has NumPy do about divisions by zero and their kind, as np.errstate takes it.
    """

    arguments: Structure | None
    leaves: Sequence[Any]
    results: Structure
    constants: Mapping[int, Any] = MappingProxyType({})
    itself: Mapping[int, int] = MappingProxyType({})
    donated: frozenset[int] = frozenset()
    turned: frozenset[int] = frozenset()
    orders: Mapping[int, str] = MappingProxyType({})
    errors: Mapping[str, Any] = MappingProxyType({})

    @property
    def arrays(self) -> list[str]:
        """What the leaves that are arrays are called."""
        return [f"x{i}" for i, x in enumerate(self.leaves) if isinstance(x, np.ndarray)]


def entry(
    form: Form,
    made: Built,
    held: Sequence[Callable[[], Any]],
    captured: Callable[[], Sequence[Array]],
    found: Callable[..., Any],
    lock: Any,
    changed: Callable[[], bool] | None = None,
) -> Entry:
    """Generate the ways in.

    Parameters
    ----------
    form : Form
    made : Built
        Its `run` takes the arrays and returns the results that are neither constants nor leaves. Where it has
        lines to be written in, those see for themselves that the arrays fit.
    held : sequence of functions
        What gives the arrays that come after those of the arguments.
    captured : function
        Gives the arrays that the program reads besides.
    found : function
        ``found(args, kwargs)`` answers for other arguments.
    lock : context manager
        Held while the program runs, since its arrays are its own.
    changed : function, optional
        Says whether something has changed from outside on which the program depends.

    Examples
    --------
    >>> from contextlib import nullcontext
    >>> from autograd_core.differentiation.tree import flatten
    >>> leaves, structure = flatten(({"a": np.zeros(2)}, 3))
    >>> made = Built(lambda a: (a + 1,), "", 0.0, 0, 0)
    >>> ways = entry(Form(structure, leaves, flatten([0])[1]), made, (), list, print, nullcontext())
    >>> ways.enter({"a": np.ones(2)}, 3)
    [array([2., 2.])]
    >>> ways.enter({"a": np.ones(3)}, 3) is MISS
    True
    """
    known: dict[str, Any] = {"MISS": MISS, "ndarray": np.ndarray, "run": made.run, "lock": lock}
    known |= {"captured": captured, "found": found, "changed": changed}
    known |= {f"held{i}": give for i, give in enumerate(held)}
    known |= {f"constant{i}": x for i, x in form.constants.items()}
    given = [f"{x}.T" if int(x[1:]) in form.turned else x for x in form.arrays]
    given += [f"given{i}" for i in range(len(held))]
    asked = [f"given{i} = held{i}()" for i in range(len(held))]
    replay = [*asked, *_running(form, given, known)]
    way = ["return MISS"]
    if form.arguments is not None:
        own = [x for x in form.arrays if int(x[1:]) in form.donated] if made.inline is None else []
        way = ["if changed(): return MISS"] if changed is not None else []
        way += _fitting(form, own, made.inline is None, bool(captured()), known)
        way += replay if made.inline is None else [*asked, *_written_in(form, made.inline, given, known)]
    elsewhere = [line.replace("return MISS", "return found(args, kwargs)") for line in way]
    source = "\n".join(
        [
            f"def replay({', '.join(form.arrays)}):",
            *_indented(replay),
            "",
            "def enter(*args):",
            *_indented(way),
            "",
            "def call(*args, **kwargs):",
            "    if kwargs: return found(args, kwargs)",
            *_indented(elsewhere),
        ]
    )
    exec(compile(source, "<the way into a compiled program>", "exec"), known)
    return Entry(known["enter"], known["call"], known["replay"], source)


def _indented(lines: Sequence[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


def _running(form: Form, given: Sequence[str], known: dict[str, Any]) -> Iterator[str]:
    """Call the program, and put its results together."""
    names = _names(form)
    made = [f"r{i}" for i in range(form.results.size) if i not in names]
    if form.errors:
        known["run"] = functools.partial(with_errors, form.errors, known["run"])
    yield f"with lock: [{', '.join(made)}] = run({', '.join(given)})"  # one line: see locks.under
    results = iter([names.get(i, f"r{i}") for i in range(form.results.size)])
    yield f"return {_built(form.results, results, known)}"


def _written_in(form: Form, inline: Inline, given: Sequence[str], known: dict[str, Any]) -> list[str]:
    """Write the lines of the program itself, and put its results together."""
    known |= inline.known

    def spelled(text: str) -> str:
        return re.sub(r"\bx(\d+)\b", lambda found: given[int(found[1])], text)

    names = _names(form)
    made = map(spelled, inline.results)
    results = iter([names[i] if i in names else next(made) for i in range(form.results.size)])
    return [*map(spelled, inline.lines), f"return {_built(form.results, results, known)}"]


def _names(form: Form) -> dict[int, str]:
    """What the results are called that the program does not make."""
    return {i: f"x{leaf}" for i, leaf in form.itself.items()} | {i: f"constant{i}" for i in form.constants}


def _fitting(
    form: Form, own: Sequence[str], arrays: bool, captured: bool, known: dict[str, Any]
) -> Iterator[str]:
    """Take arguments apart and see that they fit; donated arrays that came last time are known to."""
    assert form.arguments is not None
    if own:
        yield f"global own, {', '.join(f'last_{x}' for x in own)}"
        known |= {"own": frozenset()} | {f"last_{x}": None for x in own}
    yield "try:"
    yield from _indented([*_unpacked(form.arguments, "args", iter(range(len(form.leaves))), known)])
    if own:
        yield f"    if not ({' and '.join(f'{x} is last_{x}' for x in own)}):"
        yield from (f"        {line}" for line in _taken(form, own, known))
    yield from _indented([*_checks(form, own, arrays, known)])
    if captured and own:
        yield "    for x in captured():"
        yield "        if id(x) in own or id(x.base) in own: return MISS"
    yield "except (AttributeError, KeyError, TypeError, ValueError):"
    yield "    return MISS"


def _taken(form: Form, own: Sequence[str], known: dict[str, Any]) -> Iterator[str]:
    """See that donated arrays fit, may be written to, and own their memory; remember them."""
    for x in own:
        wrong = [*_wrong(form, int(x[1:]), known), f"not {x}.flags.writeable", f"{x}.base is not None"]
        yield f"if {' or '.join(wrong)}: return MISS"
    yield f"memory = frozenset(({', '.join(f'id({x})' for x in own)},))"
    yield f"if len(memory) < {len(own)}: return MISS"
    yield f"own, {', '.join(f'last_{x}' for x in own)} = memory, {', '.join(own)}"


def _checks(form: Form, own: Sequence[str], arrays: bool, known: dict[str, Any]) -> Iterator[str]:
    """See that each leaf is what the program was made for, and no donated array in another place."""
    for i, x in enumerate(form.leaves):
        if not isinstance(x, np.ndarray):
            known[f"same{i}"], known[f"type{i}"] = x, type(x)
            differs = f"x{i}.hex() != {x.hex()!r}" if type(x) is float else f"x{i} != same{i}"
            other = f" and (type(x{i}) is not type{i} or {differs})" if type(x) in VALUES else ""
            yield f"if x{i} is not same{i}{other}: return MISS"
        elif arrays and f"x{i}" not in own:
            wrong = [*_wrong(form, i, known)]
            wrong += [f"id(x{i}) in own", f"id(x{i}.base) in own"] if own else []
            yield f"if {' or '.join(wrong)}: return MISS"


def _wrong(form: Form, i: int, known: dict[str, Any]) -> Iterator[str]:
    """What is not to hold of an array."""
    known[f"dtype{i}"] = form.leaves[i].dtype
    yield f"type(x{i}) is not ndarray"
    yield f"x{i}.shape != {form.leaves[i].shape}"
    yield f"x{i}.dtype is not dtype{i}"
    if i in form.orders:
        yield f"not x{i}.flags.{form.orders[i].lower()}_contiguous"


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
            yield f"{own} = {name}[key_{name}_{i}]"
        known[f"keys_{name}"] = [*part.keys]
        yield f"if [*{name}] != keys_{name}: return MISS"
    else:
        yield f"[{', '.join(names)}] = {name}"
    yield from inside


def _built(part: Structure, names: Iterator[str], known: dict[str, Any]) -> str:
    """Write the expression that puts results together."""
    if part.kind is None:
        return next(names)
    inside = [_built(below, names, known) for below in part.parts]
    if part.kind is dict:
        keys = []
        for key in part.keys:
            keys.append(f"result_key_{len(known)}")
            known[keys[-1]] = key
        return "{" + ", ".join(f"{key}: {x}" for key, x in zip(keys, inside)) + "}"
    if part.kind is list:
        return f"[{', '.join(inside)}]"
    if part.kind is tuple:
        return f"({''.join(f'{x}, ' for x in inside)})"
    name = f"made_{len(known)}"
    known[name] = part.kind
    return f"{name}({', '.join(inside)})"
