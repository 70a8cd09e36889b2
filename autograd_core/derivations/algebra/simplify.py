"""What a person does with a formula: insert one into another, cancel, multiply out, factor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from autograd_core.derivations.algebra.rules import RULES, Identity, is_comparison, powers, rewritten
from autograd_core.derivations.algebra.term import deep
from autograd_core.derivations.algebra.terms import Algebra, Deep, Term, walk

__all__ = ["Step", "expanded", "factored", "shortest"]

Known = Callable[[Term], tuple[Term, str] | None]

_LONGEST = 400  # a formula of more parts is not multiplied out: it would only grow
_ADDENDS = 32  # nor is a product that would become a longer sum


class Step(NamedTuple):
    """One line of a derivation.

    Attributes
    ----------
    term : Term
        The formula.
    rule : str
        What was done to get there.
    facts : tuple of str
        What was used for it, each thing by itself.
    """

    term: Term
    rule: str
    facts: tuple[str, ...] = ()


def shortest(
    algebra: Algebra,
    term: Term,
    upstream: Mapping[Term, Term],
    known: Known,
    called: Callable[[Term], str],
    rules: Sequence[Identity] = RULES,
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
    rules : sequence of Identity

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
    best = _worked(algebra, start, known, rules)
    inserted = {x: upstream[x] for x in walk(term) if x in upstream} if upstream else {}
    if inserted:
        put = Step(algebra.rebuilt(term, inserted), f"{' and '.join(map(called, inserted))} inserted")
        other = _worked(algebra, (*start, put), known, rules)
        through = any(x in upstream for x in walk(other[-1].term))  # then it is only longer to follow
        if other[-1].term.size < best[-1].term.size + (not through):
            best = other
    return best


def _worked(
    algebra: Algebra, steps: tuple[Step, ...], known: Known, rules: Sequence[Identity]
) -> tuple[Step, ...]:
    """Apply what shortens, in the order in which a person would; multiply out before that if it helps."""
    start = list(steps)
    heads = _heads(algebra, start[-1].term)
    for rule, head, words, _ in rules:
        if head in heads:
            _then(start, rewritten(algebra, start[-1].term, rule), [words])
    first = len(steps) - 1
    plain = _gathered(algebra, start, known, first)
    term = start[-1].term
    if term.size < _LONGEST:
        _then(start, expanded(algebra, term), ["multiplied out"])
    if start[-1].term is term or _only_spread(algebra, term, start[-1].term):
        return plain
    return min(plain, _gathered(algebra, start, known, first), key=lambda lines: lines[-1].term.size)


def _only_spread(algebra: Algebra, term: Term, out: Term) -> bool:
    """Whether nothing met when a product was multiplied out: all there is to do is to take it back."""
    if term.head != "multiply" or any(expanded(algebra, arg) is not arg for arg in term.args):
        return False
    addends, size = 1, 0
    for arg in term.args:
        n = len(arg.args) if arg.head == "add" else 1
        addends, size = addends * n, size * n + arg.size * addends
    return out.head == "add" and len(out.args) == addends and out.size == size


def _gathered(algebra: Algebra, steps: Sequence[Step], known: Known, first: int) -> tuple[Step, ...]:
    """Put in what is known and take out common factors; end at the shortest line from the first on."""
    lines = [*steps]
    _then(lines, *_with_known(algebra, lines[-1].term, known))
    _then(lines, rewritten(algebra, lines[-1].term, factored), ["common factors taken out"])
    shortest_at = min(range(first, len(lines)), key=lambda i: (lines[i].term.size, i))
    return tuple(lines[: shortest_at + 1])


def _heads(algebra: Algebra, term: Term) -> frozenset[str]:
    """The heads of all parts of a term."""
    found = algebra.done[_heads]
    for part in walk(term, known=found):
        found[part] = frozenset([part.head]).union(*(found[arg] for arg in part.args))
    heads: frozenset[str] = found[term]
    return heads


def _with_known(algebra: Algebra, term: Term, known: Known) -> tuple[Term, Iterable[str]]:
    """Put what is known in the place of parts, and say why."""
    new = algebra.done[known]
    for part in walk(term, known=new):
        inside = [new[arg] for arg in part.args]
        if is_comparison(part):  # what is equal must stay so to the last bit, which 10 J / 7 for x may not
            inside = [x if _is_named(x[0]) else (arg, ()) for x, arg in zip(inside, part.args)]
        again = algebra.again(part, [arg for arg, _ in inside])
        found = known(part) if again is part else None
        reasons = dict.fromkeys(reason for _, reasons in inside for reason in reasons)
        new[part] = (found[0], (found[1],)) if found else (again, (*reasons,))
    put: tuple[Term, Iterable[str]] = new[term]
    return put


def _is_named(x: Term) -> bool:
    """Whether a term is what some name stands for, spread or not, and nothing is computed."""
    return x.head == "symbol" or (x.head == "broadcast_to" and x.args[0].head == "symbol")


def _then(lines: list[Step], term: Term, facts: Iterable[str]) -> None:
    if term is not lines[-1].term:
        lines.append(Step(term, " and ".join(facts), tuple(facts)))


def expanded(algebra: Algebra, term: Term) -> Term:
    """Multiply products of sums out, unless they become very long.

    Examples
    --------
    >>> algebra = Algebra()
    >>> A, B, C = (algebra.symbol(name, ()) for name in "ABC")
    >>> expanded(algebra, algebra.multiply(A, algebra.add(B, C)))
    add(multiply(A, B), multiply(A, C))
    """
    return rewritten(algebra, term, _multiplied_out)


def _multiplied_out(algebra: Algebra, term: Term) -> Term:
    if term.head != "multiply":
        return term
    parts, waiting = list[Term](), [term]
    while waiting:
        part = waiting.pop()
        args = part.args if part.head == "multiply" else ()
        first = next((arg for arg in args if arg.head == "add"), None)
        if first is None:
            parts.append(part)
        else:
            rest = [arg for arg in args if arg is not first]
            waiting += [algebra.multiply(*rest, addend) for addend in reversed(first.args)]
        if len(parts) + len(waiting) > _ADDENDS:
            return term
    return term if parts == [term] else algebra.broadcast(algebra.add(*parts), term.shape)


@deep
def factored(algebra: Algebra, term: Term) -> Deep:
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
    if outer := _shared(algebra, term):
        inverse = [algebra.power(factor, -1) for factor in outer]
        inner = yield [(algebra.add(*(algebra.multiply(part, *inverse) for part in term.args)),)]
        return algebra.broadcast(algebra.multiply(*outer, *inner), term.shape)
    if total := _one_sum(algebra, term):
        inner = yield [(total.args[0],)]
        return algebra.make("sum", inner, total.params, term.shape)
    for at in (-1, 0):
        groups: dict[object, list[Term]] = {}
        for part in term.args:
            _, chain = _chain(part)
            groups.setdefault(chain[at] if len(chain) > 1 else (part,), []).append(part)
        if len(groups) < len(term.args):
            parted = [_parted(algebra, group, at) for group in groups.values()]
            inner = yield [(rest,) for _, rest in parted]
            parts = [
                algebra.reshape(algebra.matmul(*([*shared, x] if at == 0 else [x, *shared])), term.shape)
                if shared
                else x
                for (shared, _), x in zip(parted, inner, strict=True)
            ]
            return algebra.broadcast(algebra.add(*parts), term.shape)
    return term


def _shared(algebra: Algebra, term: Term) -> list[Term]:
    """The factors of every term of a sum, and the number that all have in front."""
    products = [powers(part) for part in term.args]
    common: dict[Term, float] = {}
    for base in products[0]:
        exponents = [product.get(base, 0) for product in products]
        if all(e > 0 for e in exponents) or all(e < 0 for e in exponents):
            common[base] = min(exponents, key=abs)
    numbers = {abs(_number(part)) for part in term.args}
    number = numbers.pop() if len(numbers) == 1 else 1.0
    if not common and number == 1:
        return []
    return [algebra.number(number), *(algebra.power(base, e) for base, e in common.items())]


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
    return algebra.make("sum", (algebra.add(*inner),), found[0].params, term.shape)


def _parted(algebra: Algebra, addends: Sequence[Term], at: int) -> tuple[list[Term], Term]:
    """The matrices with which products all end (at = -1) or begin (at = 0), and the sum of what is left."""
    if len(addends) == 1:
        return [], addends[0]
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
    return split[0][1][:count] if at == 0 else split[0][1][-count:], algebra.add(*products)


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
