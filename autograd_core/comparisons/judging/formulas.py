"""Claims that are functions: each is fed with what is right, so that only independent errors show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.comparisons.judging.setting import Setting
from autograd_core.comparisons.judging.tolerance import tolerance
from autograd_core.comparisons.judging.verdict import Claimed
from autograd_core.derivations.algebra.points import Point
from autograd_core.derivations.algebra.terms import Term
from autograd_core.graph.node import Array
from autograd_core.system.quiet import quietly
from autograd_core.wording.identifiers import printable

__all__ = ["chained", "computed_claim", "computed_there", "confirmed", "values"]

Formula = Callable[[dict[str, Any]], Any]


def computed_claim(
    setting: Setting, name: str, function: Formula, true: Array, rtol: float | None, leaf: bool
) -> Claimed:
    """Compute a claim where the graph was recorded or, if it is right there, at fresh numbers.

    Parameters
    ----------
    setting : Setting
    name : str
    function : function
        From a dict of named values to the claim.
    true : array
        The truth where the graph was recorded.
    rtol : float or None
    leaf : bool
    """
    first = _at(setting.truth, name, function, true, rtol, leaf)
    if name not in setting.backward or not _right(first):
        return first
    for point in setting.redraws:
        fresh = point.value(setting.backward[name].symbol)
        if fresh is not None and np.isfinite(fresh).all():
            claim = _at(point, name, function, fresh, rtol, leaf)
            if _comes_to_numbers(claim) and not _right(claim):
                return claim._replace(point=point)
    return _at_other_sizes(setting, first, rtol)


def _at_other_sizes(setting: Setting, claim: Claimed, rtol: float | None) -> Claimed:
    """Compute a right claim where sizes differ that are equal here.

    It is wrong there only if it is right where all sizes change and equal ones stay equal; otherwise it
    holds numbers for sizes, and nothing can be said.
    """
    if setting.elsewhere is None:
        return claim
    there = computed_there(setting.elsewhere, claim, rtol)
    if _right(there):
        return claim
    if setting.resizing.only_shapes_tell and (there.error or there.array.shape == there.true.shape):
        return claim
    if setting.scaled is None or not _right(computed_there(setting.scaled, claim, rtol)):
        return claim._replace(narrow=True)
    return there


def computed_there(other: Setting, claim: Claimed, rtol: float | None = None) -> Claimed:
    """Compute a claim that is a function at other sizes."""
    true = other.gradient(claim.name)
    assert true is not None
    assert claim.function is not None
    there = _at(other.truth, claim.name, claim.function, true, rtol, claim.leaf)
    return there._replace(elsewhere=other)


def chained(setting: Setting, claims: Sequence[Claimed]) -> list[Claimed]:
    """Compute the claims one after the other, each fed with those before it."""
    known = values(setting.truth)
    together = []
    for claim in claims:
        array = claim.array
        if (true := setting.gradient(claim.name)) is not None:
            claim = claim._replace(true=true, elsewhere=None)
        if claim.function is not None:
            array, error = _called(claim.function, dict(known))
            claim = claim._replace(array=array, error=error, function=None)
        together.append(claim)
        if array.shape == claim.true.shape:
            known[claim.name] = array
    return together


def confirmed(setting: Setting, claimed: Claimed, term: Term) -> bool:
    """Whether a formula gives what the claimed function gives at fresh numbers too."""
    for point in setting.redraws:
        if claimed.function is not None:
            array, error = _called(claimed.function, values(point))
            if not _comes_to_numbers(claimed._replace(array=array, error=error)):
                continue
            claim = claimed._replace(array=array).claim(setting)
            value = claim.fitted(point.value(term))
            if value is None or not claim.equals(value):
                return False
    return True


def _at(point: Point, name: str, function: Formula, true: Array, rtol: float | None, leaf: bool) -> Claimed:
    array, error = _called(function, values(point))
    return Claimed(name, true, array, rtol or tolerance(true, array), leaf, function, error=error)


def _called(function: Formula, values: dict[str, Any]) -> tuple[Array, str]:
    """What a function returns, or why it raises."""
    try:
        return np.asarray(quietly(function, values)), ""
    except (ValueError, TypeError, ArithmeticError) as error:
        return np.empty(0), printable(str(error))


def values(point: Point) -> dict[str, Any]:
    """The values at a point by name."""
    return {symbol.params["name"]: value for symbol, value in point.given.items()}


def _comes_to_numbers(claim: Claimed) -> bool:
    """Whether a claim says anything at fresh numbers, for which it may not be meant."""
    return not claim.error and bool(np.isfinite(claim.array).all())


def _right(claim: Claimed) -> bool:
    if claim.error or claim.array.shape != claim.true.shape:
        return False
    scale = max(np.abs(claim.true).max(initial=0.0), 1e-300)
    return bool(np.abs(claim.array - claim.true).max(initial=0.0) <= claim.tolerance * scale)
