"""Slips in gradients that nobody claimed, seen only in what was computed from them."""

from __future__ import annotations

import functools
import itertools
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from autograd_core.comparisons.judging.setting import Setting
from autograd_core.comparisons.judging.verdict import Claimed, Verdict
from autograd_core.comparisons.search.edits import Edit
from autograd_core.comparisons.search.effort import Effort
from autograd_core.comparisons.search.fit import class_signs
from autograd_core.comparisons.search.places import Places
from autograd_core.comparisons.search.searching import DEAREST, ENOUGH, RIVAL, Found, Searching, Slip
from autograd_core.derivations.algebra.points import Point
from autograd_core.derivations.algebra.terms import Term, walk
from autograd_core.graph.node import Array

__all__ = ["Site", "explained"]

_SHARED = 0.8  # how much dearer one slip may be than one of several in the claims that it explains


class Site(NamedTuple):
    """A gradient that was not claimed, and edits of its formula that explain claims.

    Attributes
    ----------
    name : str
    found : Found
    explains : tuple of str
        The claims.
    """

    name: str
    found: Found
    explains: tuple[str, ...]


def explained(
    setting: Setting, claims: Mapping[str, Claimed], verdicts: Mapping[str, Verdict]
) -> tuple[list[Site], dict[str, Verdict], set[str]]:
    """Explain errors in claims by slips further up, where nothing was claimed.

    Parameters
    ----------
    setting : Setting
    claims : mapping of str to Claimed
        In the order of the backward pass.
    verdicts : mapping of str to str
        Of the claims that do not agree.

    Returns
    -------
    list of Site, dict of str to str, set of str
        And the verdicts: what follows from a slip further up is inherited. And the claims for which not
        everything further up was looked at.
    """
    judged, unfinished, effort = dict(verdicts), set[str](), Effort()
    given = {name: np.asarray(claim.array, float) for name, claim in claims.items() if claim.usable}
    sites: list[Site] = []
    for name, claim in claims.items():
        if judged.get(name) != "differs" or not claim.usable:
            continue
        point = setting.claimed({other: x for other, x in given.items() if judged.get(other) != "differs"})
        found: list[Site] = []
        for up in _above(setting, name, given):
            if effort.is_spent:
                unfinished.add(name)
                break
            if site := _site(setting, up, claims, judged, point, effort):
                found.append(site)
        if not found:
            continue
        best = min(found, key=lambda site: site.found.hits[0].cost)
        if best.found.hits[0].cost > _own_cost(setting, claim, point) + _SHARED * (len(best.explains) > 1):
            continue
        sites.append(best)
        value = point.value(best.found.hits[0].term)
        given[best.name] = np.asarray(value)
        point = setting.claimed(given)
        for other, later in claims.items():
            open_ = other != name and judged.get(other) == "differs" and later.usable
            if open_ and (other in best.explains or _follows(setting, later, point)):
                judged[other] = "inherited"
    return sites, judged, unfinished


def _own_cost(setting: Setting, claimed: Claimed, point: Point) -> float:
    """What the likeliest slip in the claimed formula itself costs."""
    name = claimed.name
    searching = Searching(
        setting.grammar(name), setting.constants(name), claimed.claim(setting), setting.chain(name)
    )
    searching.run(setting.forms(name), [point], deep=False)
    return searching.best if searching.best <= DEAREST else math.inf


def _follows(setting: Setting, claimed: Claimed, point: Point) -> bool:
    claim = claimed.claim(setting)
    values = (claim.fitted(point.value(form)) for form in setting.forms(claimed.name))
    return any(value is not None and claim.equals(value) for value in values)


def _above(setting: Setting, name: str, given: Mapping[str, Array]) -> Iterator[str]:
    """List the gradients that a claim is computed from without passing another claim, nearest first."""
    found, waiting = {name}, deque([name])
    while waiting:
        for symbol in setting.upstream(waiting.popleft()):
            up = symbol.params["name"]
            if up not in given and up not in found and up in setting.backward:
                found.add(up)
                waiting.append(up)
                yield up


def _site(
    setting: Setting,
    name: str,
    claims: Mapping[str, Claimed],
    judged: Mapping[str, Verdict],
    point: Point,
    effort: Effort,
) -> Site | None:
    """Search the edits of a gradient for those that explain everything computed from it."""
    composed = {c: form for c in claims if (form := _composed(setting, c, name, claims, effort)) is not None}
    nearest = min((steps for _, steps in composed.values()), default=0)
    seen = {c: form for c, (form, steps) in composed.items() if steps == nearest}
    if not seen or any(judged.get(c) != "differs" or not claims[c].usable for c in seen):
        return None
    first, *others = sorted(seen, key=lambda c: (seen[c].head == "add", -claims[c].array.size))
    symbol = setting.backward[name].symbol
    claim = claims[first].claim(setting)
    claim.distinct += sum(claims[c].claim(setting).distinct for c in others)
    searching = Searching(setting.grammar(name), setting.constants(name), claim, (), effort)
    places = {c: Places(setting.algebra, form, effort) for c, form in seen.items()}
    hits = list[Edit]()

    def take(edit: Edit | None) -> None:
        whole = None if edit is None else places[first].put({symbol: edit.term})
        if edit is None or whole is None:
            return
        for hit in searching.tested(edit._replace(term=whole), point):
            if not hit.kind:  # right as it is, as far as rounding lets one tell
                continue
            term = edit.term if hit.times is None else setting.algebra.multiply(hit.times, edit.term)
            if all(_gives(setting, claims[c], places[c].put({symbol: term}), point) for c in others):
                hits.append(hit._replace(term=term))

    edits: Iterator[tuple[Edit | Slip, Callable[[], Array | None]]] = (
        (edit, functools.partial(point.value, edit.term)) for edit in _edits(setting, searching, name, point)
    )
    long = [form for form in setting.forms(name) if not searching.grammar.is_short(form)]
    for edit, value in itertools.chain(edits, searching.slips(long, point)):
        if effort.is_spent or len(hits) > ENOUGH:
            break
        if hits and edit.cost > hits[0].cost + RIVAL:
            continue
        here = value()
        if here is not None and searching.is_near(places[first].value(point, symbol, here)):
            take(edit if isinstance(edit, Edit) else edit.edit())
        else:
            searching.tried += 1
    hits = sorted((hit for hit in hits if hit.cost <= DEAREST), key=lambda hit: hit.cost)
    found = Found(tuple(hits), searching.tried, not effort.is_spent)
    return Site(name, found, tuple(seen)) if hits else None


def _edits(setting: Setting, searching: Searching, name: str, point: Point) -> list[Edit]:
    forms = setting.forms(name)
    pool = searching.grammar.pool
    edits = [*setting.chain(name), *searching.ordered(forms)]
    for form in forms:
        number = setting.algebra.number(1.0)
        edits.append(Edit(0.0, "", form, number, form))
        edits += class_signs(setting.algebra, form, point, pool)
    return sorted(edits, key=lambda edit: edit.cost)


def _composed(
    setting: Setting, claim: str, name: str, claims: Mapping[str, Claimed], effort: Effort
) -> tuple[Term, int] | None:
    """The formula of a claim with what stands between it and a gradient inserted, and in how many steps.

    None if it is not computed from that gradient.
    """
    if claim not in setting.backward:
        return None
    form = setting.backward[claim].steps[0].term
    target = setting.backward[name].symbol
    for steps in itertools.count():
        parts = walk(form)
        between = {
            part: setting.backward[up].steps[0].term
            for part in parts
            if part.head == "symbol"
            and part is not target
            and (up := part.params["name"]) in setting.backward
            and up not in claims
            and setting.rank(up) > setting.rank(name)
        }
        if not between or effort.is_spent:
            return (form, steps) if target in parts and not between else None
        effort.left -= len(parts)
        form = setting.algebra.rebuilt(form, between)
    return None


def _gives(setting: Setting, claimed: Claimed, term: Term | None, point: Point) -> bool:
    claim = claimed.claim(setting)
    value = None if term is None else claim.fitted(point.value(term))
    return value is not None and claim.equals(value)
