"""What is wrong with the claims that are independent errors, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from autograd_core.comparisons.diagnosing.sentence import said
from autograd_core.comparisons.diagnosing.sites import Site
from autograd_core.comparisons.judging.formulas import computed_there, confirmed
from autograd_core.comparisons.judging.setting import Setting
from autograd_core.comparisons.judging.verdict import Claimed
from autograd_core.comparisons.search.edits import Edit
from autograd_core.comparisons.search.searching import DEAREST, Found, Searching
from autograd_core.derivations.algebra.terms import Term
from autograd_core.derivations.writing.dialects import legible, written
from autograd_core.graph.node import Array
from autograd_core.wording.identifiers import printable

__all__ = ["Candidate", "Diagnosis", "diagnosed", "worded"]

Confidence = Literal["certain", "ambiguous", "unknown"]

_RIVAL = 0.5  # a second reading no dearer than this makes the first uncertain
_BONUS = 0.3
_ALIKE = 0.15  # of two names for one formula that cost so nearly the same, that of the shorter one is taken


class Candidate(NamedTuple):
    """One formula that gives the claimed numbers.

    Attributes
    ----------
    kind : str
    formula : str
        The claimed formula; empty if it is too long to be written.
    cost : float
        The lower, the likelier.
    sentence : str
    term : Term
        The formula.
    """

    kind: str
    formula: str
    cost: float
    sentence: str
    term: Term

    def __str__(self) -> str:
        return self.sentence


class Diagnosis(NamedTuple):
    """What is wrong with one claim.

    Attributes
    ----------
    name : str
        The claim, ``dW[1]``.
    kind : str
        ``"sign"``, ``"sign on a class"``, ``"scale"``, ``"transpose"``, ``"order"``, ``"operand"``,
        ``"argument"``, ``"function"``, ``"factor missing"``, ``"factor extra"``, ``"term missing"``,
        ``"term extra"``, ``"product kind"``, ``"reduction"``, ``"diagonal only"``, ``"shape"``,
        ``"rule"``, where autodiff itself is wrong, or ``"unknown"``.
    confidence : {"certain", "ambiguous", "unknown"}
        Ambiguous if another reading is about as likely.
    sentence : str
    corrected : str
        The right formula; empty if it is too long to be written.
    candidates : tuple of Candidate
        Formulas that give the claimed numbers, the likeliest first.
    tried : int
        How many were tried.
    """

    name: str
    kind: str
    confidence: Confidence
    sentence: str
    corrected: str
    candidates: tuple[Candidate, ...]
    tried: int

    def __str__(self) -> str:
        return self.sentence


def diagnosed(
    setting: Setting,
    errors: Sequence[Claimed],
    claims: Mapping[str, Array],
    sites: Sequence[Site],
    unfinished: Collection[str] = (),
) -> tuple[Diagnosis, ...]:
    """Diagnose independent errors, each beside the others: a slip is often made in every equation of a sort.

    Parameters
    ----------
    setting : Setting
    errors : sequence of Claimed
    claims : mapping of str to array
        All claims, which the wrong ones may have been computed from.
    sites : sequence of Site
        What is known to be wrong before them.
    unfinished : collection of str
        Those before which not everything was looked at.
    """
    found: dict[str, Found] = {}
    where: dict[str, Setting] = {}
    deep = True
    known = {claim: site for site in sites for claim in site.explains}
    for claimed in errors:
        if claimed.name in setting.backward and np.isfinite(claimed.array).all():
            if claimed.name in known:
                found[known[claimed.name].name] = known[claimed.name].found
                continue
            where[claimed.name], own = _searched(setting, claimed, claims, deep)
            found[claimed.name] = own._replace(whole=own.whole and claimed.name not in unfinished)
            deep = deep and bool(own.hits)
    return tuple(
        _diagnosis(
            where.get(claimed.name, setting),
            claimed,
            found,
            known[claimed.name].name if claimed.name in known else claimed.name,
        )
        for claimed in errors
    )


def _searched(
    setting: Setting, claimed: Claimed, claims: Mapping[str, Array], deep: bool
) -> tuple[Setting, Found]:
    """Search where the graph was recorded and, for a function, where sizes differ that are equal there."""
    if claimed.elsewhere is not None:
        return claimed.elsewhere, _searched_at(claimed.elsewhere, claimed, claims, deep)
    here = setting, _searched_at(setting, claimed, claims, deep)
    if claimed.function is None or setting.elsewhere is None:
        return here
    there = computed_there(setting.elsewhere, claimed)
    if there.error or not np.isfinite(there.array).all():
        return here
    found = _searched_at(setting.elsewhere, there, claims, deep)
    return (setting.elsewhere, found) if found.hits and found.best <= here[1].best else here


def _searched_at(setting: Setting, claimed: Claimed, claims: Mapping[str, Array], deep: bool) -> Found:
    name = claimed.name
    searching = Searching(
        setting.grammar(name), setting.constants(name), claimed.claim(setting), setting.chain(name)
    )
    behind = setting.behind(name, claims)
    if claimed.function is not None:  # was fed with what is right
        found = searching.run(setting.forms(name), [claimed.point or setting.truth], deep, behind)
        return found._replace(hits=tuple(hit for hit in found.hits if confirmed(setting, claimed, hit.term)))
    points = [setting.claimed({other: x for other, x in claims.items() if other != name})]
    if any(points[0].given[x] is not setting.truth.given[x] for x in setting.upstream(name)):
        points.append(setting.truth)
    return searching.run(setting.forms(name), points, deep, behind)


def _diagnosis(setting: Setting, claimed: Claimed, found: Mapping[str, Found], name: str) -> Diagnosis:
    """Word what was found for a claim, where the slip is made."""
    right = legible(setting.backward[name].term) if name in setting.backward else "not known"
    tried = found[name].tried if name in found else 0
    if (why := _no_formula(claimed)) is not None:
        kind = "shape" if claimed.array.shape != claimed.true.shape else "unknown"
        confidence: Confidence = "certain" if kind == "shape" else "unknown"
        sentence = f"{printable(name)} {why}" + (f"; right is {right}" if right else "")
        return Diagnosis(name, kind, confidence, sentence, right, (), tried)
    ranked = _ranked(name, found[name].hits, found) if name in found else []
    whole = name not in found or found[name].whole
    diagnosis = worded(setting, name, Found(tuple(ranked), tried, whole), name, right)
    if claimed.elsewhere is None:
        return diagnosis
    equal = "at the recorded sizes, some of which are equal, both are the same"
    return diagnosis._replace(sentence=f"{diagnosis.sentence}; {equal}")


def worded(setting: Setting, name: str, found: Found, subject: str, right: str = "") -> Diagnosis:
    """Say what was found, and how sure it is.

    Parameters
    ----------
    setting : Setting
    name : str
    found : Found
        Hits, the likeliest first.
    subject : str
        What the hits are formulas of.
    right : str
        The right formula.
    """
    candidates = tuple(_candidate(subject, group) for group in _formulas(setting, found.hits))
    ending = f"; right is {right}" if right else ""
    if not found.whole:
        ending += "; not looked further"
    if not candidates or candidates[0].cost > DEAREST:
        sentence = f"{printable(subject)} differs, cause unknown"
        if candidates:
            sentence += f", though {candidates[0].formula or 'a long formula'} gives these numbers"
        return Diagnosis(name, "unknown", "unknown", sentence + ending, right, candidates, found.tried)
    best = candidates[0]
    rivals = [c for c in candidates[1:] if c.cost <= best.cost + _RIVAL]
    sentence = best.sentence + ending
    if rivals:
        sentence += f"; or, on these numbers, {' or '.join(c.formula or 'a long formula' for c in rivals)}"
    confidence: Confidence = "ambiguous" if rivals else "certain"
    return Diagnosis(name, best.kind, confidence, sentence, right, candidates, found.tried)


def _no_formula(claimed: Claimed) -> str | None:
    """What can be said of a claim without a search."""
    true, array = claimed.true, claimed.array
    if claimed.error:
        return f"cannot be computed: {claimed.error}"
    if array.shape != true.shape:
        if array.size == true.size and np.allclose(array.reshape(true.shape), true, claimed.tolerance, 0):
            return f"is right, but in shape {array.shape}: {true.shape} is wanted (keepdims=True, or reshape)"
        if _broadcasts(true, array) and np.allclose(array, true, claimed.tolerance, 0):
            return f"is right, but repeated to shape {array.shape}: {true.shape} is wanted"
        return None
    if true.any() and not array.any():
        return "is 0 everywhere"
    bad = ~np.isfinite(array)
    if bad.any():
        at = tuple(int(i) for i in np.argwhere(bad)[0])
        where = f"is {array[at]} at {list(at)}"
        if not bad.all() and np.allclose(array[~bad], true[~bad], claimed.tolerance, 0):
            return f"{where} and right wherever it is finite: overflow or 0 · ∞, not the formula"
        return where
    return None


def _broadcasts(true: Array, array: Array) -> bool:
    """Whether one array may be another, repeated."""
    return true.ndim == array.ndim and all(n in (1, k) for n, k in zip(true.shape, array.shape))


def _ranked(name: str, hits: Sequence[Edit], found: Mapping[str, Found]) -> list[Edit]:
    """Make a slip cheaper that other independent errors show as well, above all those of another sort."""
    sort = _unnumbered(name)
    same = [h for other in found if other != name and _unnumbered(other) == sort for h in found[other].hits]
    others = [h for other in found if _unnumbered(other) != sort for h in found[other].hits]
    kinds = {h.kind for h in same}
    alike = {(h.kind, _skeleton(h)) for h in (*same, *others)}
    elsewhere = {(h.kind, _skeleton(h)) for h in others}

    def ranked(hit: Edit) -> Edit:
        key = hit.kind, _skeleton(hit)
        if hit.cost > DEAREST:
            return hit
        shared = (hit.kind in kinds) + (key in alike) + (key in elsewhere)
        return hit._replace(cost=hit.cost - _BONUS * shared)

    return sorted(map(ranked, hits), key=lambda hit: hit.cost)


def _skeleton(hit: Edit) -> str:
    if hit.kind in ("scale", "sign"):
        return _unnumbered(written(hit.new)) if not hit.new.shape else hit.kind
    return _unnumbered(f"{written(hit.old)} → {written(hit.new)}")


def _unnumbered(text: str) -> str:
    return re.sub(r"\[\d+\]", "", text)


def _formulas(setting: Setting, hits: Sequence[Edit]) -> list[list[Edit]]:
    """Gather the hits that are one formula: they agree at fresh numbers too."""
    groups: list[tuple[list[Array | None], list[Edit]]] = []
    for hit in hits:
        values = [point.value(hit.term) for point in setting.redraws]
        for known, group in groups:
            if all(_same(a, b) for a, b in zip(known, values)):
                group.append(hit)
                break
        else:
            groups.append((values, [hit]))
    return [group for _, group in groups]


def _same(a: Array | None, b: Array | None) -> bool:
    if a is None or b is None:
        return a is b
    a, b = np.squeeze(a), np.squeeze(b)
    return a.shape == b.shape and bool(
        np.abs(a - b).max(initial=0.0) <= 1e-8 * max(np.abs(a).max(initial=0.0), 1e-12)
    )


def _candidate(name: str, group: Sequence[Edit]) -> Candidate:
    best = min((hit for hit in group if hit.cost <= group[0].cost + _ALIKE), key=lambda hit: hit.term.size)
    shortest = min(group, key=lambda hit: (hit.term.size, hit.cost)).term
    formula = legible(shortest)
    return Candidate(best.kind, formula, best.cost, said(name, best, formula), shortest)
