"""Long equations in print: what occurs in them more than once gets a name, what goes on and on is cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import count

from autograd_core.derivations.algebra.terms import Algebra, Term, walk
from autograd_core.derivations.writing.in_program import written_parts

__all__ = ["abridged", "shortened"]

_LONG = 16  # symbols, numbers and functions in an equation; up to so many are read at a glance
_WORTH = 3  # of those in a part that is worth a name
_PLAIN = ("transpose", "broadcast_to", "reshape")  # their operand is named instead
_MANY = 12  # addends of a sum that is written out
_FIRST = 3  # of the addends of a longer one
_ENDLESS = 60  # of those in a part that gets a name though it comes only once

Definitions = list[tuple[Term, Term]]


def shortened(
    algebra: Algebra, terms: Sequence[Term], taken: Collection[str], whole: bool = False
) -> list[tuple[Definitions, Term]]:
    """Write long terms with names T1, T2, ... for the parts that they have more than once.

    Parameters
    ----------
    algebra : Algebra
    terms : sequence of Term
        The right sides of equations, in the order in which they are printed.
    taken : collection of str
        Names that are in use.
    whole : bool
        Whether sums of very many terms stay as they are.

    Returns
    -------
    list of (list of (Term, Term), Term)
        For each term the names to define before it, each with its part, and the term written with them.

    Examples
    --------
    >>> algebra = Algebra()
    >>> A, B, C = (algebra.symbol(name, (2, 2)) for name in "ABC")
    >>> inner = algebra.apply("tanh", [algebra.add(A, B, C)], {}, (2, 2))
    >>> term = inner
    >>> for symbol in (A, B, C, A):
    ...     term = algebra.add(algebra.matmul(symbol, term), algebra.matmul(inner, symbol))
    >>> [(definitions, written)] = shortened(algebra, [term], ["T1"])
    >>> definitions
    [(T2, tanh(add(A, B, C)))]
    """
    roots = [term if whole else abridged(algebra, term) for term in terms]
    every = {*roots}
    in_long = {*walk(*(root for root in roots if root.size > _LONG))}
    uses = Counter(roots)
    for part in walk(*roots):
        uses.update({*written_parts(part)})
    free = (name for i in count(1) if (name := f"T{i}") not in taken)
    definitions: Definitions = []

    def named(copy: Term, part: Term) -> Term:
        worth = part in in_long and uses[part] > 1 and copy.size >= _WORTH
        if part.head in _PLAIN or not (worth or (copy.size > _ENDLESS and part not in every)):
            return copy
        definitions.append((algebra.symbol(next(free), part.shape, part), copy))
        return definitions[-1][0]

    found: list[tuple[Definitions, Term]] = []
    new: dict[Term, Term] = {}
    for root in roots:
        _rewrite(algebra, root, named, new)
        found.append((definitions, new[root]))
        definitions = []
    return found


def abridged(algebra: Algebra, term: Term) -> Term:
    """Leave out most of a sum with very many addends: the first few, how many more there are, and the last.

    Examples
    --------
    >>> algebra = Algebra()
    >>> abridged(algebra, algebra.add(*(algebra.symbol(f"x{i}", (2,)) for i in range(1000))))
    add(x0, x1, x2, … (996 more), x999)
    """

    def cut(x: Term, _: Term) -> Term:
        if x.head != "add" or len(x.args) <= _MANY:
            return x
        more = algebra.symbol(f"… ({len(x.args) - _FIRST - 1} more)", (), x)
        return algebra.make("add", [*x.args[:_FIRST], more, x.args[-1]], {}, x.shape)

    return _rewrite(algebra, term, cut, algebra.done[abridged])


def _rewrite(
    algebra: Algebra, term: Term, change: Callable[[Term, Term], Term], new: dict[Term, Term]
) -> Term:
    """Change parts that are not changed yet, innermost first; the rest stays as written: no normal form."""
    for part in walk(term, known=new):
        args = [new[arg] for arg in part.args]
        same = all(x is y for x, y in zip(args, part.args, strict=True))
        copy = part if same else algebra.make(part.head, args, part.params, part.shape)
        new[part] = change(copy, part)
    return new[term]
