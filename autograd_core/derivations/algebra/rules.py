"""Identities that shorten: each takes a part of a formula, and gives what a person would put in its place.

They hold at all numbers for which the part itself comes to a number, not only at those that were recorded.
The few that fail where two numbers happen to be equal, or something is divided by 0, say so: they are for
reading, not for computing. What holds under a condition is used only where entry meets entry.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, isfinite
from typing import NamedTuple

from autograd_core.derivations.algebra.entrywise import MOST, base_and_exponent, without_broadcasts
from autograd_core.derivations.algebra.terms import Algebra, Term, walk
from autograd_core.wording.notation import COMPARISON

__all__ = ["RULES", "Identity", "Rule", "finite", "is_comparison", "powers", "rewritten"]

Rule = Callable[[Algebra, Term], Term]

_LONGEST = 200  # parts of a formula that conditions are looked for in


class Identity(NamedTuple):
    """A rule, the operation without which it changes nothing, and what it says.

    Attributes
    ----------
    rule : function
    head : str
    words : str
    everywhere : bool
        Whether it holds at every number, equal ones and 0 included.
    """

    rule: Rule
    head: str
    words: str
    everywhere: bool = True


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
    new = algebra.done[rule]
    for part in walk(term, known=new):
        new[part] = rule(algebra, algebra.again(part, [new[arg] for arg in part.args]))
    found: Term = new[term]
    return found


def powers(part: Term) -> dict[Term, float]:
    """The factors of a product with their exponents, without numbers."""
    factors = part.args if part.head == "multiply" and len(part.args) <= MOST else (part,)
    return dict(base_and_exponent(factor) for factor in factors if factor.head != "number")


def is_comparison(part: Term) -> bool:
    """Whether a part is true or false."""
    return part.operation is not None and part.operation.notation.binding == COMPARISON


_FINITE = {
    *("symbol", "number", "identity", "add", "subtract", "multiply", "square", "absolute", "hypot", "cbrt"),
    *("maximum", "minimum", "fmax", "fmin", "where", "sign", "heaviside", "copysign", "relu", "softplus"),
    *("floor", "ceil", "trunc", "rint", "round", "deg2rad", "rad2deg", "sin", "cos", "sinc", "tanh"),
    *("arctan", "arctan2", "arcsinh", "sigmoid", "erf", "erfc", "softmax", "log_softmax", "logsumexp"),
    *("stop_gradient", "concatenate", "stack", "einsum", "cumprod", "prod", "det", "cofactor", "norm"),
    *("var", "std", "max", "min", "sort", "order_statistic"),
}


_SHIELDING = ("where", "maximum", "minimum", "fmax", "fmin")  # may come to a number though an operand is none


def finite(algebra: Algebra, term: Term) -> bool:
    """Whether a term is a number whatever numbers its symbols are, so that 0 times it is 0."""
    known = algebra.done[finite]
    for part in walk(term, known=known):
        known[part] = _keeps_finite(algebra, part) and all(known[arg] for arg in part.args)
    return bool(known[term])


def _keeps_finite(algebra: Algebra, part: Term) -> bool:
    """Whether numbers come to a number."""
    if "exponent" in part.params:
        whole = part.params["exponent"] >= 0 == part.params["exponent"] % 1
        return bool(whole) or part.args[0] in algebra.positive
    linear = part.operation is not None and part.operation.kind in ("linear", "bilinear")
    known = linear or part.head in _FINITE or is_comparison(part)
    return known and part not in algebra.partial and isfinite(part.params.get("value", 0))


def _is_entrywise(part: Term) -> bool:
    pointwise = part.operation is not None and part.operation.kind == "pointwise"
    return pointwise or part.head in ("where", "broadcast_to")


def _as_finite(algebra: Algebra, new: Term, old: Term) -> bool:
    """Whether a term that was made of another is a number wherever that is one."""
    if new is old:
        return True
    granted = {*walk(old, through=lambda part: _is_entrywise(part) and part.head not in _SHIELDING)}
    return all(
        _keeps_finite(algebra, part) if _is_entrywise(part) else finite(algebra, part)
        for part in walk(new, known=granted, through=_is_entrywise)
    )


def _where(algebra: Algebra, term: Term, choose: Callable[[Term], int | None]) -> Term:
    """Put operands in the place of operations on them, where entry meets entry.

    Below a sum over an axis, a product of matrices or a change of places, the condition under which they are
    the same would be that of another entry.
    """
    region = walk(term, through=_is_entrywise, most=_LONGEST)
    if len(region) > _LONGEST or not any(choose(part) is not None for part in region):
        return term
    new: dict[Term, Term] = {}
    for part in region:
        if (i := choose(part)) is not None:
            new[part] = algebra.broadcast(new[part.args[i]], part.shape)
        elif _is_entrywise(part):
            new[part] = algebra.again(part, without_broadcasts([new[x] for x in part.args], part.shape))
        else:
            new[part] = part
    return new[term]


def _branch(condition: Term, i: int) -> Callable[[Term], int | None]:
    """Choose the operand of every choice by a condition: where it holds (1), or does not (2)."""
    return lambda part: i if part.head == "where" and part.args[0] is condition else None


def quotients(algebra: Algebra, part: Term) -> Term:
    """A quotient x / y, which is taken as 0 where x is 0, is a plain quotient where y is not 0."""
    if part.head != "xdivy":
        return part
    plain = algebra.multiply(part.args[0], algebra.power(part.args[1], -1))
    return plain if plain.size < part.size else part


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
    (inner,), factor = part.args, _factor(part.args[0])
    for clip, exponent in powers(inner).items():
        if exponent == 2 and clip.head == "minimum" and clip.args[0].head == "maximum":
            (x, low), high = clip.args[0].args, _number(clip.args[1])
            alone = len(powers(inner)) == 1 and high is not None and _number(low) == -high
            if alone and high is not None and factor < 0 == exp(factor * high**2):
                square = algebra.multiply(algebra.number(factor), algebra.power(x, 2))
                return algebra.apply("exp", [square], {}, part.shape)
    return part


def ties(algebra: Algebra, part: Term) -> Term:
    """[a > b] + [a = b] / 2 = [a > b] where a and b are nowhere equal."""
    if part.head != "add":
        return part
    compared = {frozenset(arg.args) for arg in part.args if arg.head == "greater"}
    kept = [
        arg
        for arg in part.args
        if not any(x.head == "equal" and frozenset(x.args) in compared for x in powers(arg))
    ]
    return algebra.broadcast(algebra.add(*kept), part.shape) if len(kept) < len(part.args) else part


def indicators(algebra: Algebra, part: Term) -> Term:
    """Where a factor is [a > b], the others need to hold only there: max(a, b) = a, min(a, b) = b."""
    holding = {arg for arg in part.args if arg.head == "greater"} if part.head == "multiply" else set()
    if not holding:
        return part
    larger = {frozenset(condition.args): condition.args for condition in holding}

    def choose(x: Term) -> int | None:
        if x.head in ("maximum", "minimum") and (found := larger.get(frozenset(x.args))):
            return x.args.index(found[x.head == "minimum"])
        return 1 if x.head == "where" and x.args[0] in holding else None

    new = [_where(algebra, arg, choose) for arg in part.args]
    new = [x if _as_finite(algebra, x, arg) else arg for x, arg in zip(new, part.args, strict=True)]
    return algebra.broadcast(algebra.multiply(*new), part.shape)


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
            algebra.add(*(_where(algebra, arg, _branch(condition, i)) for arg in group)) for i in (1, 2)
        ]
        sums.append(_chosen(algebra, condition, *branches))
    return algebra.broadcast(algebra.add(*sums), part.shape)


def _chosen(algebra: Algebra, condition: Term, a: Term, b: Term) -> Term:
    """where(condition, a, b), in as few words as there are."""
    shape = algebra.add(condition, a, b).shape
    a, b = (_where(algebra, x, _branch(condition, i)) for x, i in ((a, 1), (b, 2)))
    if a is b:
        return algebra.broadcast(a, shape)
    factors, others = powers(a), powers(b)
    if _number(a) == 0 or _number(b) == 0:  # 0 times a factor that is no number would not be 0
        shared = {x: e for x, e in (factors | others).items() if finite(algebra, algebra.power(x, e))}
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
        if is_comparison(condition) and finite(algebra, x):
            return algebra.broadcast(algebra.multiply(x, condition), part.shape)
    return part


def _number(term: Term) -> float | None:
    """The number that all entries are, if they are one."""
    inner = term.args[0] if term.head == "broadcast_to" else term
    return float(inner.params["value"]) if inner.head == "number" else None


def _factor(part: Term) -> float:
    """The number in front of a product."""
    first = part.args[0] if part.head == "multiply" else part
    return float(first.params["value"]) if first.head == "number" else 1.0


RULES = (
    Identity(quotients, "xdivy", "nothing that is divided by is 0", everywhere=False),
    Identity(nonzero, "where", "nothing that is divided by is 0", everywhere=False),
    Identity(cofactors, "cofactor", "cof(A) / det(A) is the transposed inverse of A"),
    Identity(underflow, "exp", "exp is 0 where its argument was clipped"),
    Identity(ties, "equal", "no two are equal", everywhere=False),
    Identity(choices, "where", "what one condition chooses, chosen once"),
    Identity(truths, "where", "a condition counts as 1 where it holds, as 0 elsewhere"),
    Identity(indicators, "greater", "only where the condition holds"),
)
