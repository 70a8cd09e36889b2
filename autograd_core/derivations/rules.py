"""Identities that shorten: each takes a part of a formula, and gives what a person would put in its place.

They hold wherever both sides are defined, or where their name says so; the derivation holds every use of one
against the recorded numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf
from typing import NamedTuple

from autograd_core.derivations.entrywise import base_and_exponent
from autograd_core.derivations.terms import Algebra, Term, walk
from autograd_core.notation import COMPARISON
from autograd_core.primitive import PRIMITIVES

__all__ = ["RULES", "Identity", "Rule", "powers", "rewritten"]

Rule = Callable[[Algebra, Term], Term]


class Identity(NamedTuple):
    """A rule, the operation without which it changes nothing, and what it says."""

    rule: Rule
    head: str
    words: str


def rewritten(algebra: Algebra, term: Term, rule: Rule) -> Term:
    """Apply a rule to every part, innermost first.

    Examples
    --------
    >>> algebra = Algebra()
    >>> A = algebra.symbol("A", (2, 2))
    >>> by_parts = [algebra.apply("cofactor", [A], {}, (2, 2)), algebra.apply("det", [A], {}, ())]
    >>> rewritten(algebra, algebra.apply("divide", by_parts, {}, (2, 2)), cofactors)
    transpose(inv(A), axes=None)
    """
    new: dict[int, Term] = {}
    for part in walk(term):
        new[id(part)] = rule(algebra, algebra.again(part, [new[id(arg)] for arg in part.args]))
    return new[id(term)]


def powers(part: Term) -> dict[Term, float]:
    """The factors of a product with their exponents, without numbers."""
    factors = part.args if part.head == "multiply" else (part,)
    return dict(base_and_exponent(factor) for factor in factors if factor.head != "number")


def quotients(algebra: Algebra, part: Term) -> Term:
    """A quotient x / y, which is taken as 0 where x is 0, is a plain quotient where y is not 0."""
    if part.head == "xdivy":
        return algebra.multiply(part.args[0], algebra.power(part.args[1], -1))
    return part


def nonzero(algebra: Algebra, part: Term) -> Term:
    """where(x = 0, ∞, x) is x where x is not 0."""
    if part.head == "where" and _number(part.args[1]) == inf:
        condition, _, x = part.args
        if condition.head == "equal" and condition.args[0] is x and _number(condition.args[1]) == 0:
            return x
    return part


def cofactors(algebra: Algebra, part: Term) -> Term:
    """cof(A) / det(A) = A⁻ᵀ, Cramer's rule."""
    factors = powers(part)
    for x in factors:
        inner = x.args[0] if x.head == "transpose" else x
        if inner.head == "cofactor" and len(part.shape) == 2:
            A = inner.args[0]
            determinant = algebra.apply("det", [A], {}, ())
            if factors.get(determinant, 0) < 0:
                inverse = algebra.apply("inv", [A], {}, A.shape)
                turned = inverse if x.head == "transpose" else algebra.transpose(inverse)
                return algebra.multiply(part, determinant, algebra.power(x, -1), turned)
    return part


def underflow(algebra: Algebra, part: Term) -> Term:
    """exp(−clip(x)²) = exp(−x²), where both have long been 0 before x is clipped."""
    if part.head != "exp":
        return part
    for clip in walk(part):
        if clip.head == "minimum" and clip.args[0].head == "maximum":
            (x, low), high = clip.args[0].args, _number(clip.args[1])
            if high is not None and _number(low) == -high and exp(-(high**2)) == 0:
                return algebra.rebuilt(part, {clip: x})
    return part


def ties(algebra: Algebra, part: Term) -> Term:
    """[a > b] + [a = b] / 2 = [a > b] where a and b are nowhere equal."""
    if part.head != "add":
        return part
    kept = [
        arg
        for arg in part.args
        if not any(
            x.head == "equal" and more.head == "greater" and set(x.args) == set(more.args)
            for x in powers(arg)
            for more in part.args
        )
    ]
    return algebra.broadcast(algebra.add(*kept), part.shape) if len(kept) < len(part.args) else part


def indicators(algebra: Algebra, part: Term) -> Term:
    """Where a factor is [a > b], the others need to hold only there: max(a, b) = a, min(a, b) = b."""
    if part.head != "multiply":
        return part
    for indicator in part.args:
        if indicator.head != "greater":
            continue
        a, b = indicator.args
        facts = {algebra.make("maximum", pair, {}, indicator.shape): a for pair in ((a, b), (b, a))}
        facts |= {algebra.make("minimum", pair, {}, indicator.shape): b for pair in ((a, b), (b, a))}
        facts |= _branches(algebra, part, indicator, 1)
        new = [arg if arg is indicator else algebra.rebuilt(arg, facts) for arg in part.args]
        if any(x is not y for x, y in zip(new, part.args, strict=True)):
            return indicators(algebra, algebra.broadcast(algebra.multiply(*new), part.shape))
    return part


def choices(algebra: Algebra, part: Term) -> Term:
    """Sums of what one condition chooses are one choice; factors that both branches share stand outside."""
    if part.head == "where":
        return _chosen(algebra, *part.args)
    if part.head != "add":
        return part
    addends: dict[Term, list[Term]] = {}
    for arg in part.args:
        found = [x for x in powers(arg) if x.head == "where"]
        addends.setdefault(found[0].args[0] if found else arg, []).append(arg)
    if all(len(group) == 1 for group in addends.values()):
        return part
    sums = []
    for condition, group in addends.items():
        if len(group) == 1:
            sums += group
            continue
        branches = [
            algebra.add(*(algebra.rebuilt(arg, _branches(algebra, arg, condition, i)) for arg in group))
            for i in (1, 2)
        ]
        sums.append(_chosen(algebra, condition, *branches))
    return algebra.broadcast(algebra.add(*sums), part.shape)


def _chosen(algebra: Algebra, condition: Term, a: Term, b: Term) -> Term:
    """where(condition, a, b), in as few words as there are."""
    shape = algebra.add(condition, a, b).shape
    a = algebra.rebuilt(a, _branches(algebra, a, condition, 1))
    b = algebra.rebuilt(b, _branches(algebra, b, condition, 2))
    if a is b:
        return algebra.broadcast(a, shape)
    factors, others = powers(a), powers(b)
    if _number(a) == 0:
        shared = others
    elif _number(b) == 0:
        shared = factors
    else:
        shared = {x: e for x, e in factors.items() if others.get(x) == e}
    outer = [algebra.power(x, e) for x, e in shared.items() if not (x.head == "broadcast_to" and e == 1)]
    inverse = [algebra.power(factor, -1) for factor in outer]
    a, b = (x if _number(x) == 0 else algebra.multiply(x, *inverse) for x in (a, b))
    a, b = (x.args[0] if x.head == "broadcast_to" else x for x in (a, b))
    return algebra.broadcast(
        algebra.multiply(*outer, algebra.make("where", (condition, a, b), {}, shape)), shape
    )


def truths(algebra: Algebra, part: Term) -> Term:
    """where(a > b, x, 0) = x ⊙ [a > b]."""
    if part.head == "where" and _number(part.args[2]) == 0:
        condition, x, _ = part.args
        if condition.head in PRIMITIVES and PRIMITIVES[condition.head].notation.binding == COMPARISON:
            return algebra.broadcast(algebra.multiply(x, condition), part.shape)
    return part


def _branches(algebra: Algebra, term: Term, condition: Term, branch: int) -> dict[Term, Term]:
    """What every choice by a condition comes to, where the condition holds (1) or does not (2)."""
    return {
        x: algebra.broadcast(x.args[branch], x.shape)
        for x in walk(term)
        if x.head == "where" and x.args[0] is condition
    }


def _number(term: Term) -> float | None:
    """The number that all entries are, if they are one."""
    inner = term.args[0] if term.head == "broadcast_to" else term
    return float(inner.params["value"]) if inner.head == "number" else None


RULES = (
    Identity(nonzero, "where", "nothing that is divided by is 0"),
    Identity(cofactors, "cofactor", "cof(A) / det(A) is the transposed inverse of A"),
    Identity(underflow, "exp", "exp is 0 where its argument was clipped"),
    Identity(ties, "equal", "no two are equal"),
    Identity(choices, "where", "what one condition chooses, chosen once"),
    Identity(truths, "where", "a condition counts as 1 where it holds, as 0 elsewhere"),
    Identity(indicators, "greater", "only where the condition holds"),
)
