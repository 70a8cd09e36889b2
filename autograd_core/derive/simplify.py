"""What a person does with a formula: insert one into another, cancel, multiply out, factor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from autograd_core.derive.terms import Algebra, Term, walk

__all__ = ["Step", "expanded", "factored", "shortest"]

Known = Callable[[Term], tuple[Term, str] | None]


class Step(NamedTuple):
    """One line of a derivation.

    Attributes
    ----------
    term : Term
        The formula.
    rule : str
        What was done to get there.
    """

    term: Term
    rule: str


def shortest(
    algebra: Algebra,
    term: Term,
    upstream: Mapping[Term, Term],
    known: Known,
    called: Callable[[Term], str],
) -> tuple[Step, ...]:
    """Derive the shortest form of a gradient.

    Parameters
    ----------
    algebra : Algebra
    term : Term
        As the backward pass computes it.
    upstream : mapping of Term to Term
        The gradients that may stand in it, each with its own shortest form.
    known : function
        From a part to what it is equal to and why, if anything is known.
    called : function
        What a symbol is called.

    Returns
    -------
    tuple of Step
        From the term given to the shortest form.

    Examples
    --------
    >>> algebra = Algebra()
    >>> A, Y, dA = (algebra.symbol(name, (3, 7)) for name in ("A", "Y", "dA"))
    >>> quotient = algebra.multiply(Y, algebra.power(A, -1))
    >>> steps = shortest(algebra, algebra.multiply(dA, A), {dA: quotient}, lambda part: None, repr)
    >>> [(step.term, step.rule) for step in steps]
    [(multiply(dA, A), 'chain rule'), (Y, 'dA inserted')]
    """
    start = (Step(term, "chain rule"),)
    best = _worked(algebra, start, known)
    inserted = {x: upstream[x] for x in walk(term) if x in upstream}
    if inserted:
        put = algebra.rebuilt(_plain(algebra, term), inserted)
        rule = f"{' and '.join(map(called, inserted))} inserted"
        other = _worked(algebra, (*start, Step(_plain(algebra, put), rule)), known)
        if other[-1].term.size <= best[-1].term.size:
            best = other
    return best


def _worked(algebra: Algebra, steps: tuple[Step, ...], known: Known) -> tuple[Step, ...]:
    """Try what shortens, in the order in which a person would, and end at the shortest."""
    lines = [*steps]

    def then(term: Term, rule: str) -> None:
        if term is not lines[-1].term:
            lines.append(Step(term, rule))

    then(expanded(algebra, lines[-1].term), "multiplied out")
    for part in walk(lines[-1].term):
        if found := known(part):
            then(expanded(algebra, algebra.rebuilt(lines[-1].term, {part: found[0]})), found[1])
    then(factored(algebra, lines[-1].term), "common factors taken out")
    shortest_at = min(range(len(steps) - 1, len(lines)), key=lambda i: (lines[i].term.size, i))
    return tuple(lines[: shortest_at + 1])


def _plain(algebra: Algebra, term: Term) -> Term:
    """Write quotients that take 0/0 as 0 as plain ones, which cancel."""
    quotients = {
        part: algebra.multiply(part.args[0], algebra.power(part.args[1], -1))
        for part in walk(term)
        if part.head == "xdivy"
    }
    return algebra.rebuilt(term, quotients) if quotients else term


def expanded(algebra: Algebra, term: Term) -> Term:
    """Multiply products of sums out.

    Examples
    --------
    >>> algebra = Algebra()
    >>> A, B, C = (algebra.symbol(name, ()) for name in "ABC")
    >>> expanded(algebra, algebra.multiply(A, algebra.add(B, C)))
    add(multiply(A, B), multiply(A, C))
    """
    new: dict[int, Term] = {}
    for part in walk(term):
        again = algebra.again(part, [new[id(arg)] for arg in part.args]) if part.args else part
        new[id(part)] = _multiplied_out(algebra, again)
    return new[id(term)]


def _multiplied_out(algebra: Algebra, term: Term) -> Term:
    first = next((arg for arg in term.args if arg.head == "add"), None) if term.head == "multiply" else None
    if first is None:
        return term
    rest = [arg for arg in term.args if arg is not first]
    parts = [_multiplied_out(algebra, algebra.multiply(*rest, part)) for part in first.args]
    return algebra.broadcast(algebra.add(*parts), term.shape)


def factored(algebra: Algebra, term: Term) -> Term:
    """Take the factors out that all terms of a sum share.

    Examples
    --------
    >>> algebra = Algebra()
    >>> A, B, C = (algebra.symbol(name, ()) for name in "ABC")
    >>> factored(algebra, algebra.add(algebra.multiply(A, B), algebra.multiply(A, C)))
    multiply(A, add(B, C))
    """
    if term.head != "add":
        return term
    products = [_powers(part) for part in term.args]
    common: dict[Term, float] = {}
    for base in products[0]:
        exponents = [product.get(base, 0) for product in products]
        if all(e > 0 for e in exponents) or all(e < 0 for e in exponents):
            common[base] = min(exponents, key=abs)
    numbers = {abs(_number(part)) for part in term.args}
    number = numbers.pop() if len(numbers) == 1 else 1.0
    if not common and number == 1:
        return term
    outer = [algebra.number(number), *(algebra.power(base, e) for base, e in common.items())]
    inverse = [algebra.power(factor, -1) for factor in outer]
    inner = algebra.add(*(algebra.multiply(part, *inverse) for part in term.args))
    return algebra.broadcast(algebra.multiply(*outer, inner), term.shape)


def _powers(part: Term) -> dict[Term, float]:
    """The factors of a product with their exponents, without numbers."""
    powers = {}
    for arg in part.args if part.head == "multiply" else (part,):
        if arg.head == "power":
            powers[arg.args[0]] = arg.params["exponent"]
        elif arg.head != "number":
            powers[arg] = 1
    return powers


def _number(part: Term) -> float:
    first = part.args[0] if part.head == "multiply" else part
    return float(first.params["value"]) if first.head == "number" else 1.0
