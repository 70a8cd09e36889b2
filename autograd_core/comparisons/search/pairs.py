"""Two edits at once, in two parts of one sum or product: meet in the middle instead of trying all pairs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from autograd_core.comparisons.search.edits import Edit, Grammar
from autograd_core.comparisons.search.effort import Effort
from autograd_core.comparisons.search.fit import Claim
from autograd_core.derivations.algebra.points import Point
from autograd_core.derivations.algebra.terms import Term
from autograd_core.graph.node import Array
from autograd_core.system.quiet import quietly

__all__ = ["pairs"]

_PROBES = 5  # numbers by which candidates are compared before they are computed
_MOST = 40  # pairs that are worth computing
_AT_ONCE = 500  # pairs that are looked at while Python computes one part of a formula


def pairs(
    grammar: Grammar, form: Term, point: Point, claim: Claim, effort: Effort
) -> Iterator[tuple[Edit, Edit, Term]]:
    """Find pairs of edits, of two operands of the outermost sum or product, that may give the claim.

    Yields
    ------
    tuple of Edit, Edit and Term
        To be computed: only a few numbers of the result were looked at.
    """
    fits = np.squeeze(np.empty(form.shape)).shape == claim.array.shape and claim.largest > claim.floor
    if form.head not in ("add", "multiply", "matmul") or not fits:
        return
    if form.head == "matmul" and (len(form.args) != 2 or len(form.shape) != 2):
        return
    for i, j in itertools.combinations(range(len(form.args)), 2):
        if effort.is_spent:
            return
        before = point.work
        left, right = _edits(grammar, form.args[i]), _edits(grammar, form.args[j])
        likely = quietly(_meeting, form, i, j, left, right, point, claim) if left and right else []
        effort.left -= point.work - before + len(left) * len(right) / _AT_ONCE
        costs = sorted((left[a].cost + right[b].cost, a, b) for a, b in likely)
        for _, a, b in costs[:_MOST]:
            args = [*form.args]
            args[i], args[j] = left[a].term, right[b].term
            if (whole := grammar.again(form, args)) is not None:
                yield left[a], right[b], whole


def _edits(grammar: Grammar, part: Term) -> list[Edit]:
    """Edits that keep the shape of a part."""
    first: dict[Term, Edit] = {}
    for edit in sorted(grammar.edits(part), key=lambda edit: edit.cost):
        if edit.term.shape == part.shape:
            first.setdefault(edit.term, edit)
    return [*first.values()]


def _meeting(
    form: Term, i: int, j: int, left: Sequence[Edit], right: Sequence[Edit], point: Point, claim: Claim
) -> list[tuple[int, int]]:
    """Places of the pairs whose probes are those of the claim, up to a constant factor in products."""
    rng = np.random.default_rng(0)
    target = claim.array.reshape(form.shape)
    if form.head == "matmul":
        U, V = rng.normal(size=(_PROBES, form.shape[0])), rng.normal(size=(form.shape[1], _PROBES))
        wanted = np.einsum("pr,rc,cp->p", U, target, V)
        a = _probed(left, point, lambda value: U @ value)
        b = _probed(right, point, lambda value: (value @ V).T)
        found = np.einsum("apk,bpk->abp", a, b, optimize=True)
    else:
        at = rng.choice(np.flatnonzero(np.abs(target) > claim.floor), _PROBES)
        rest = [point.value(arg) for k, arg in enumerate(form.args) if k not in (i, j)]
        a, b = (
            _probed(side, point, lambda value: np.broadcast_to(value, form.shape).ravel()[at])
            for side in (left, right)
        )
        wanted = target.ravel()[at]
        operation = np.multiply if form.head == "multiply" else np.add
        for value in rest:
            a = operation(a, np.broadcast_to(np.asarray(value), form.shape).ravel()[at])
        found = operation(a[:, None], b[None])
    if form.head == "add":
        misses = np.abs(found - wanted).max(-1) / np.abs(wanted).max()
    else:
        ratios = found / wanted
        misses = np.ptp(ratios, axis=-1) / np.abs(ratios).max(-1)
    return [(int(x), int(y)) for x, y in np.argwhere(misses <= 1e3 * claim.tolerance)]


def _probed(edits: Sequence[Edit], point: Point, probe: Callable[[Array], Array]) -> Array:
    """The probes of each edit; NaN where it cannot be computed."""
    like = probe(np.zeros(edits[0].term.shape))
    probed = []
    for edit in edits:
        value = point.value(edit.term)
        fits = value is not None and value.shape == edit.term.shape
        probed.append(probe(value) if value is not None and fits else np.full(like.shape, np.nan))
    return np.stack(probed)
