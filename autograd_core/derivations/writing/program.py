"""The equations as a program: one NumPy function that needs nothing else."""

from __future__ import annotations

import ast
import functools
import keyword
import math
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from autograd_core.derivations.algebra.axes import Axes
from autograd_core.derivations.algebra.equation import Equation, Equations
from autograd_core.derivations.algebra.points import Point
from autograd_core.derivations.algebra.term import Term, value, walk
from autograd_core.derivations.writing.dialects import written
from autograd_core.derivations.writing.helpers import HELPERS
from autograd_core.derivations.writing.in_program import Code, negated, written_parts
from autograd_core.system.quiet import quietly
from autograd_core.wording.arguments import text
from autograd_core.wording.errors import OptionError, describe
from autograd_core.wording.identifiers import Identifiers, comment, quoted
from autograd_core.wording.notation import SPELL_IT, Written, write

__all__ = ["Program", "program"]

_LONG = 72  # characters of the parts of an expression; a longer one is broken up
_SHORT = 16  # characters of a part that no name of its own would shorten
_LINE = 96  # characters of a line
_INDENT = "    "


class Program(NamedTuple):
    """A function as text, and what it was recorded with.

    Attributes
    ----------
    source : str
        A module with the function and, above it, those that NumPy lacks.
    arguments : dict of str to array
        The recorded value of each of its arguments.
    """

    source: str
    arguments: dict[str, Any]


def program(derivation: Equations, name: str) -> Program:
    """Write a derivation as a function of the symbols that none of its equations computes.

    Parameters
    ----------
    derivation : Equations
    name : str
        Of the function.

    Raises
    ------
    OptionError
        `name` is not an identifier, or an operation is not spelt in NumPy.
    """
    if not text(name, "source: name", "that of a function").isidentifier() or keyword.iskeyword(name):
        raise OptionError(f"source: name={name!r} is no name of a function; take one such as 'gradients'")
    if derivation.lost:
        of = " and ".join(dict.fromkeys(describe(y) for x in derivation.lost for y in x.operands()))
        raise OptionError(
            f"source: positions in {of} were computed from values that are recorded no longer, so that they "
            "would be the same for any data; keep what autograd_core.argsort, argmax or argmin is taken of"
        )
    return _Writing(derivation, name).program()


class _Writing:
    """A program on the way."""

    def __init__(self, derivation: Equations, name: str) -> None:
        self.derivation, self.name = derivation, name
        self.forward, self.backward = derivation.forward, _ordered(derivation.backward)
        self.equations = (*self.forward, *self.backward)
        self.terms = [e.everywhere for e in self.equations]
        self.identifiers = Identifiers({"np", "math", "gradients", name, *HELPERS})
        computed = {e.symbol for e in self.equations}
        self.assumed = _used(derivation)
        parts = walk(*self.terms, *self.assumed.values())
        symbols = dict.fromkeys(x for x in parts if x.head == "symbol")
        self.sizes = {symbol: size for symbol, size in derivation.sizes.items() if symbol in symbols}
        leaves = [x for x in symbols if x not in computed and x not in self.sizes]
        leaves.sort(key=lambda x: f"d{x.params['name']}" not in derivation)
        self.variables = {x: self.identifiers(x.params["name"]) for x in leaves}
        self.arguments = dict(self.variables)
        for symbol, size in self.sizes.items():
            self.variables[symbol] = self.identifiers(size.name)
        for e in self.equations:
            self.variables[e.symbol] = self.identifiers(e.name)
        self.values = {x.params["name"]: x for x in [*leaves, *(e.symbol for e in self.forward)]}
        self.axes = self._axes()
        for x, variable in self.arguments.items():
            self.axes.held(x, variable)
        self.dtype = f"{next(iter(self.arguments.values()))}.dtype" if self.arguments else "float"
        self.code = Code(
            dict(self.variables),
            {x for x in self.variables if np.asarray(derivation.given.get(x)).dtype == bool},
            self.axes.code,
            self.dtype,
        )
        self.shared = self._shared()
        self.checked: set[Term] = set()  # masks, that they pick as many entries as before

    def program(self) -> Program:
        """Put the function together, with the helpers that it calls."""
        body = "\n".join(f"{_INDENT}{line}".rstrip() for line in self._body())
        function = f"def {self.name}({', '.join(self.arguments.values())}):\n{body}\n"
        names = _names(function)
        self._check_spelling()
        helpers = [text for helper, text in HELPERS.items() if helper in names]
        imports = ["import math\n"] * any("math." in text for text in helpers) + ["import numpy as np\n"]
        text = "\n\n".join(["".join(imports), *(f"{helper}\n" for helper in helpers), function])
        return Program(text, {name: self.derivation.given[x] for x, name in self.arguments.items()})

    def _check_spelling(self) -> None:
        """See that NumPy computes for operations that are not the engine's own what they do themselves."""
        foreign = [x for x in walk(*self.terms) if x.operation is not None and x.head != x.operation.name]
        point = Point(self.derivation.given)
        for part in foreign:
            args = [point.value(arg) for arg in part.args]
            if (found := point.value(part)) is not None and not _spells(part, args, found):
                assert part.operation is not None
                raise OptionError(
                    f"source: what {part.operation.name} computes is not what NumPy does where it is written "
                    f"like this; {SPELL_IT}"
                )

    def _axes(self) -> Axes:
        sides = [(e.symbol, e.everywhere) for e in self.equations]
        gradients = [(e.symbol, self.values[e.name[1:]]) for e in self.backward if e.name[1:] in self.values]
        axes = Axes([*sides, *gradients])
        for symbol, size in self.sizes.items():
            axes.call(size.term, size.axis, self.variables[symbol])
        if self.derivation.notes is not None:
            axes.label([*self.arguments, *(e.symbol for e in self.forward)], self.derivation.notes)
        return axes

    def _shared(self) -> set[Term]:
        """What is worth a variable: computed more than once."""
        uses = Counter(self.terms)
        for part in walk(*self.terms):
            uses.update(set(written_parts(part)))
        return {part for part, count in uses.items() if count > 1 and not _light(part)}

    def _body(self) -> Iterator[str]:
        yield from self._docstring()
        for symbol, size in self.sizes.items():
            yield f"{self.variables[symbol]} = {self.axes.size(size.term, size.axis)}"
        yield ""
        for e in self.forward:
            yield from self._statements(e, self._text)
        for rule, total in self.assumed.items():
            for part in walk(total, known=self.code.done):
                self.code.read(part)
            yield from _unless(f"np.allclose({self.code.text(total)}, 1)", rule)
        yield ""
        for e in self.backward:
            yield from self._statements(e, self._array)
        yield ""
        result = self.variables[self.forward[-1].symbol]
        yield "gradients = {"
        for e in self.backward:
            yield f"{_INDENT}{quoted(e.name)}: {self.variables[e.symbol]},"
        yield "}"
        yield f"return {result}, gradients"

    def _docstring(self) -> Iterator[str]:
        result = comment(self.forward[-1].name)
        yield f'"""Compute {result} and its derivative by each value behind it.'
        yield ""
        yield "Parameters"
        yield "----------"
        for x, variable in self.arguments.items():
            name = x.params["name"]
            known_as = f": {comment(name)}" if name != variable else ""
            yield f"{variable} : array {self.axes.comment(x)}{known_as}"
        yield ""
        yield "Returns"
        yield "-------"
        yield result
        yield "gradients : dict of str to array"
        yield f'{_INDENT}Under "dW", the derivative of {result} by W in the shape of W; so for each name.'
        for rule in self.assumed:
            yield ""
            yield f"Holds where {comment(rule)}."
        if any(map(_picks_as_recorded, walk(*self.terms))):
            yield ""
            yield "Entries are picked at the positions that were recorded, whatever the data."
        yield '"""'

    def _statements(self, equation: Equation, right: Callable[[Equation], str]) -> Iterator[str]:
        """An equation, after the parts of it that have a variable of their own."""
        term = equation.everywhere
        for part in walk(term, known=self.code.done):
            yield from self._picked(part)
            yield from self._shortened(part)
            self.code.read(part)
            if part in self.shared and part is not term:
                yield from self._temporary(part)
        variable = self.variables[equation.symbol]
        yield from _statement(variable, right(equation), self._comment(equation.symbol, equation.number))
        self._now(equation.symbol, variable)
        if term not in self.code.names and not _light(term):
            self._now(term, variable)

    def _picked(self, part: Term) -> Iterator[str]:
        """See that a mask picks as many entries as where this was derived: sizes depend on it."""
        index = part.params.get("index", ())
        kinds = [
            at.split()[0] for at in (index if isinstance(index, tuple) else (index,)) if isinstance(at, str)
        ]
        for kind, mask in zip(kinds, part.args[1:]):
            if kind == "mask" and mask not in self.checked:
                self.checked.add(mask)
                count = int(np.count_nonzero(value(mask, self.derivation.given)))
                rule = f"{written(mask)} holds for {count} entries"
                yield from _unless(f"np.count_nonzero({self.code.text(mask)}) == {count}", rule)

    def _shortened(self, part: Term) -> Iterator[str]:
        """Give the longest parts of what would be too long variables of their own."""
        lengths = {inner: len(self.code.text(inner)) for inner in written_parts(part)}
        left = sum(lengths.values())
        for inner in sorted(lengths, key=lengths.__getitem__, reverse=True):
            if left > _LONG and lengths[inner] > _SHORT:
                left -= lengths[inner]
                yield from self._temporary(inner)

    def _temporary(self, part: Term) -> Iterator[str]:
        """Compute a part under a made-up name."""
        variable = self.identifiers.numbered("T")
        yield from _statement(variable, self.code.text(part), self._comment(part))
        self._now(part, variable)

    def _now(self, term: Term, variable: str) -> None:
        """From here on a variable holds a term."""
        self.code.names[term] = variable
        self.code.read(term)
        self.axes.held(term, variable)

    def _text(self, equation: Equation) -> str:
        return self.code.text(equation.everywhere)

    def _array(self, equation: Equation) -> str:
        """The right side as an array of numbers, and of its own, not a view of another."""
        term, text = equation.everywhere, self.code.done[equation.everywhere].text
        if term.head in ("number", "broadcast_to"):
            inner = text if term.head == "number" else self.code.text(term.args[0])
            like = self.code.names.get(self.values.get(equation.name[1:], term))  # none if it cancels
            return (
                f"np.full_like({like}, {inner})" if like else f"np.full({term.shape}, {inner}, {self.dtype})"
            )
        return f"{text}.copy()" if term.head in ("symbol", "transpose", "reshape") else text

    def _comment(self, term: Term, number: str = "") -> str:
        shape = self.axes.comment(term) if term.shape else ""
        found = ", by ".join(filter(None, [shape, number]))
        return f"  # {found}" if found else ""


def _statement(variable: str, text: str, comment: str) -> Iterator[str]:
    """Assign; what is too long for a line goes on in the next."""
    if len(variable) + len(text) + len(comment) < _LINE:
        yield f"{variable} = {text}{comment}"
        return
    yield f"{variable} = ({comment}"
    for line in textwrap.wrap(text, _LINE, break_long_words=False, break_on_hyphens=False):
        yield f"{_INDENT}{line}"
    yield ")"


def _unless(condition: str, rule: str) -> Iterator[str]:
    """Refuse what the derivation rests on and is not so."""
    yield f"if not {condition}:"
    yield f"{_INDENT}raise ValueError({quoted(f'{rule} where this was derived, and here it is not so')})"


def _used(derivation: Equations) -> dict[str, Term]:
    """What the equations assume of the data, with what has to be 1."""
    facts = dict.fromkeys(fact for e in derivation.backward for step in e.steps for fact in step.facts)
    return {fact: derivation.assumed[fact] for fact in facts if fact in derivation.assumed}


def _picks_as_recorded(part: Term) -> bool:
    """Whether a part picks entries at positions that are numbers in it."""
    index = part.params.get("index") if len(part.args) == 1 else None
    return any(isinstance(at, np.ndarray) for at in (index if isinstance(index, tuple) else (index,)))


def _ordered(equations: Sequence[Equation]) -> tuple[Equation, ...]:
    """The same, each after those whose symbols stand in it."""
    left = {e.symbol: e for e in equations}
    leading: dict[Term, bool] = {}  # whether such a symbol stands in a part
    for part in walk(*(e.everywhere for e in equations)):
        leading[part] = part in left or any(leading[arg] for arg in part.args)
    order: dict[Term, Equation] = {}
    waiting = [e.symbol for e in reversed(equations)]
    while waiting:
        symbol = waiting[-1]
        parts = walk(left[symbol].everywhere, through=leading.__getitem__)
        before = [x for x in parts if x in left and x not in order]
        waiting += before
        if not before:
            order[waiting.pop()] = left[symbol]
    return tuple(order.values())


def _light(part: Term) -> bool:
    """Whether a part is as cheap to write again as a name: a symbol, turned or negated."""
    if part.head in ("transpose", "broadcast_to", "reshape"):
        return _light(part.args[0])
    if part.head == "multiply" and len(part.args) == 2 and negated(part):
        return abs(part.args[0].params["value"]) == 1 and _light(part.args[1])
    return part.head in ("symbol", "number")


def _names(text: str) -> set[str]:
    """List the names in a program, which is refused if an operation is not spelt in NumPy."""
    try:
        nodes = [*ast.walk(ast.parse(text))]
    except SyntaxError as error:
        raise OptionError(f"source: this is no NumPy: {(error.text or '').strip()}; {SPELL_IT}") from None
    known = {"np", "math", "range", "bool", "float", "ValueError", *HELPERS}
    known |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    names = [node for node in nodes if isinstance(node, ast.Name)]
    known |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    missing: list[ast.expr] = [node for node in names if node.id not in known]
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id="np") | ast.Attribute(value=ast.Name(id="np"))):
                if not _in_numpy(ast.unparse(node).removeprefix("np.")):
                    missing.append(node)
    if missing:
        raise OptionError(f"source: NumPy has no {ast.unparse(missing[0])}; {SPELL_IT}")
    return {node.id for node in names}


def _spells(part: Term, args: Sequence[Any], wanted: Any) -> bool:
    """Whether the notation of an operation in NumPy gives what the operation does."""
    assert part.operation is not None
    operands = [Written(f"operand_{k}") for k in range(len(args))]
    text = write(part.operation.notation, "numpy", operands, part.params).text
    names = {operand.text: arg for operand, arg in zip(operands, args)}
    try:
        found = np.asarray(quietly(eval, text, _defined(), names))
        return found.shape == wanted.shape and np.allclose(found, wanted, 1e-3, 1e-6, equal_nan=True)
    except Exception:  # whatever is written there
        return False


@functools.cache
def _defined() -> dict[str, Any]:
    """What a program may call."""
    found: dict[str, Any] = {"np": np, "math": math}
    exec("\n\n".join(HELPERS.values()), found)
    return found


def _in_numpy(dotted: str) -> bool:
    try:
        attrgetter(dotted)(np)
    except AttributeError:
        return False
    return True
