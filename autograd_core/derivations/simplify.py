"""What a person does with a formula: insert one into another, cancel, multiply out, factor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from autograd_core.derivations.rules import RULES, powers, quotients, rewritten
from autograd_core.derivations.term import Shape
from autograd_core.derivations.terms import Algebra, Term, walk

__all__ = ["Step", "expanded", "factored", "shortest"]

Known = Callable[[Term], tuple[Term, str] | None]

_LONGEST = 400  # a formula of more parts is not multiplied out: it would only grow


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
    plain = rewritten(algebra, term, quotients)
    if plain is not term:
        other = _worked(algebra, (*start, Step(plain, "nothing that is divided by is 0")), known)
        if other[-1].term.size < best[-1].term.size:
            best = other
    inserted = {x: upstream[x] for x in walk(term) if x in upstream}
    if inserted:
        put = algebra.rebuilt(plain, inserted)
        rule = f"{' and '.join(map(called, inserted))} inserted"
        other = _worked(algebra, (*start, Step(rewritten(algebra, put, quotients), rule)), known)
        through = any(x in upstream for x in walk(other[-1].term))  # then it is only longer to follow
        if other[-1].term.size < best[-1].term.size + (not through):
            best = other
    return best


def _worked(algebra: Algebra, steps: tuple[Step, ...], known: Known) -> tuple[Step, ...]:
    """Apply what shortens, in the order in which a person would; multiply out before that if it helps."""
    start = list(steps)
    heads = {part.head for part in walk(start[-1].term)}
    for rule, head, words in RULES:
        if head in heads:
            _then(start, rewritten(algebra, start[-1].term, rule), words)
    first = len(steps) - 1
    plain = _gathered(algebra, start, known, first)
    term = start[-1].term
    if term.size < _LONGEST:
        _then(start, expanded(algebra, term), "multiplied out")
    if start[-1].term is term:
        return plain
    return min(plain, _gathered(algebra, start, known, first), key=lambda lines: lines[-1].term.size)


def _gathered(algebra: Algebra, steps: Sequence[Step], known: Known, first: int) -> tuple[Step, ...]:
    """Put in what is known and take out common factors; end at the shortest line from the first on."""
    lines = [*steps]
    for part in walk(lines[-1].term):
        if found := known(part):
            _then(lines, algebra.rebuilt(lines[-1].term, {part: found[0]}), found[1])
    _then(lines, rewritten(algebra, lines[-1].term, factored), "common factors taken out")
    shortest_at = min(range(first, len(lines)), key=lambda i: (lines[i].term.size, i))
    return tuple(lines[: shortest_at + 1])


def _then(lines: list[Step], term: Term, rule: str) -> None:
    if term is not lines[-1].term:
        lines.append(Step(term, rule))


def expanded(algebra: Algebra, term: Term) -> Term:
    """Multiply products of sums out.

    Examples
    --------
    >>> algebra = Algebra()
    >>> A, B, C = (algebra.symbol(name, ()) for name in "ABC")
    >>> expanded(algebra, algebra.multiply(A, algebra.add(B, C)))
    add(multiply(A, B), multiply(A, C))
    """
    return rewritten(algebra, term, _multiplied_out)


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
    products = [powers(part) for part in term.args]
    common: dict[Term, float] = {}
    for base in products[0]:
        exponents = [product.get(base, 0) for product in products]
        if all(e > 0 for e in exponents) or all(e < 0 for e in exponents):
            common[base] = min(exponents, key=abs)
    numbers = {abs(_number(part)) for part in term.args}
    number = numbers.pop() if len(numbers) == 1 else 1.0
    if not common and number == 1:
        return _one_sum(algebra, term) or _matrix_factored(algebra, term)
    outer = [algebra.number(number), *(algebra.power(base, e) for base, e in common.items())]
    inverse = [algebra.power(factor, -1) for factor in outer]
    inner = algebra.add(*(algebra.multiply(part, *inverse) for part in term.args))
    return algebra.broadcast(algebra.multiply(*outer, factored(algebra, inner)), term.shape)


def _one_sum(algebra: Algebra, term: Term) -> Term | None:
    """Σ A + Σ B = Σ (A + B), where both sum over the same axes."""
    inner, ways = [], set()
    for part in term.args:
        factors = part.args if part.head == "multiply" else (part,)
        found = [x for x in factors if x.head == "sum"]
        if len(found) != 1 or any(x.shape for x in factors if x is not found[0]):
            return None
        ways.add((found[0].params["axis"], found[0].params["keepdims"], found[0].args[0].shape))
        inner.append(algebra.multiply(*(x.args[0] if x is found[0] else x for x in factors)))
    if len(ways) > 1:
        return None
    total = factored(algebra, algebra.add(*inner))
    return algebra.make("sum", (total,), found[0].params, term.shape)


def _matrix_factored(algebra: Algebra, term: Term) -> Term:
    """Take out the matrices that products of a sum end or begin with, all of them or some."""
    for at in (-1, 0):
        groups: dict[object, list[Term]] = {}
        for part in term.args:
            _, chain = _chain(part)
            groups.setdefault(chain[at] if len(chain) > 1 else (part,), []).append(part)
        if len(groups) < len(term.args):
            parts = [_common_matrices(algebra, group, at, term.shape) for group in groups.values()]
            return algebra.broadcast(algebra.add(*parts), term.shape)
    return term


def _common_matrices(algebra: Algebra, addends: Sequence[Term], at: int, shape: Shape) -> Term:
    """The sum of products of matrices, all of which end (at = -1) or begin (at = 0) with the same."""
    if len(addends) == 1:
        return addends[0]
    split = [_chain(part) for part in addends]
    chains = [chain if at == 0 else chain[::-1] for _, chain in split]
    count = 1
    while count < min(map(len, chains)) - 1 and all(chain[count] is chains[0][count] for chain in chains):
        count += 1
    rests = [chain[count:] if at == 0 else chain[:-count] for _, chain in split]
    products = [
        algebra.multiply(*scalars, algebra.matmul(*rest))
        for (scalars, _), rest in zip(split, rests, strict=True)
    ]
    products.sort(key=lambda x: x.head == "transpose")  # A + Aᵀ rather than Aᵀ + A
    inner = factored(algebra, algebra.add(*products))
    shared = split[0][1][:count] if at == 0 else split[0][1][-count:]
    return algebra.reshape(algebra.matmul(*([*shared, inner] if at == 0 else [inner, *shared])), shape)


def _chain(part: Term) -> tuple[list[Term], list[Term]]:
    """Split a product into scalars and a chain of matrices; an empty chain if it is something else."""
    factors = [*part.args] if part.head == "multiply" else [part]
    scalars = [x for x in factors if not x.shape]
    arrays = [x for x in factors if x.shape]
    inner = arrays[0] if len(arrays) == 1 else part
    inner = inner.args[0] if inner.head == "reshape" else inner
    return scalars, [*inner.args] if inner.head == "matmul" and _is_plain(inner) else []


def _is_plain(product: Term) -> bool:
    return all(len(x.shape) == 2 for x in product.args)


def _number(part: Term) -> float:
    first = part.args[0] if part.head == "multiply" else part
    return float(first.params["value"]) if first.head == "number" else 1.0
