"""The table of a comparison: each claimed gradient beside autodiff's, and what is wrong with it."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import numpy as np

from autograd_core.comparisons.diagnosing.diagnosis import Diagnosis, diagnosed
from autograd_core.comparisons.diagnosing.differences import disputed
from autograd_core.comparisons.diagnosing.sites import Site, explained
from autograd_core.comparisons.diagnosing.witness import Cost, cost_diagnosed, cost_of
from autograd_core.comparisons.judging.formulas import chained, computed_claim
from autograd_core.comparisons.judging.kinks import excused
from autograd_core.comparisons.judging.limits import limits
from autograd_core.comparisons.judging.resizing import Retrace
from autograd_core.comparisons.judging.setting import Setting
from autograd_core.comparisons.judging.tolerance import tolerance
from autograd_core.comparisons.judging.verdict import Claimed, Verdict, judged
from autograd_core.derivations.derivation import Notes
from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.graph.dispatch import as_operand
from autograd_core.graph.node import Node, topological_order
from autograd_core.system.quiet import quietly
from autograd_core.wording.arguments import instance, number
from autograd_core.wording.errors import (
    GraphError,
    MismatchError,
    ShapeError,
    describe,
    no_tensor,
    unknown_option,
)
from autograd_core.wording.identifiers import printable, text_of

__all__ = ["Comparison", "Row", "compare", "compared"]

_WRONG = ("differs", "shape", "inherited", "disputed")
_INDEPENDENT = ("differs", "shape")


class Row(NamedTuple):
    """One claimed gradient.

    Attributes
    ----------
    name : str
        ``dW[1]`` for the derivative by W[1].
    shape, claimed_shape : tuple of int
        The latter is None where a claimed formula cannot be computed.
    largest_absolute : float
        Largest difference of two entries; NaN if the shapes differ.
    largest_relative : float
        The same, relative to the largest entry of either.
    worst : tuple of int or None
        Where that is.
    verdict : str
        ``"agrees"``; ``"differs"``, and the mistake is here; ``"inherited"``, right but for a mistake
        further up; ``"convention"``, a multiple that is made good in what follows, or another derivative
        at a kink; ``"rounding"``, of what was printed with few digits or cancels; ``"shape"``;
        ``"cannot tell"``, because the derivative is not finite; ``"disputed"``, because finite differences
        contradict autodiff.
    """

    name: str
    shape: tuple[int, ...]
    claimed_shape: tuple[int, ...] | None
    largest_absolute: float
    largest_relative: float
    worst: tuple[int, ...] | None
    verdict: Verdict


class Comparison:
    """Claimed gradients against autodiff, in the order in which the backward pass finds them.

    Attributes
    ----------
    rows : tuple of Row
    disputes : tuple of Diagnosis
        Where autodiff itself is wrong, because the rule of an operation is.
    limits : tuple of str
        What these numbers cannot tell: one example hides a missing sum; and where they lie on a kink.
    """

    def __init__(
        self,
        rows: tuple[Row, ...],
        limits: tuple[str, ...] = (),
        claims: Sequence[Claimed] = (),
        setting: Setting | None = None,
        sites: Sequence[Site] = (),
        disputes: Sequence[Diagnosis] = (),
        unfinished: Collection[str] = (),
    ) -> None:
        self.rows, self.limits, self.disputes = rows, limits, tuple(disputes)
        self._claims, self._setting, self._sites = {claim.name: claim for claim in claims}, setting, sites
        self._unfinished = unfinished

    @property
    def ok(self) -> bool:
        """Whether every claim agrees, up to rounding or to a convention."""
        return all(row.verdict not in _WRONG for row in self.rows)

    @property
    def first_wrong(self) -> Row | None:
        """The first independent error in backward order: the claim to mend first."""
        wrong = [row for row in self.rows if row.verdict in _WRONG]
        return next((row for row in wrong if row.verdict in _INDEPENDENT), next(iter(wrong), None))

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What is wrong at the first independent error; None if nothing is wrong."""
        return next(iter((*self.disputes, *self.diagnoses)), None)

    @functools.cached_property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """What is wrong at each independent error, found by search when it is first asked for."""
        errors = [
            self._claims[r.name] for r in self.rows if r.verdict in _INDEPENDENT and r.name in self._claims
        ]
        if self._setting is None or not errors:
            return tuple(_undiagnosed(claim.name) for claim in errors)
        usable = {c.name: np.asarray(c.array, float) for c in self._claims.values() if c.usable}
        try:
            return diagnosed(self._setting, errors, usable, self._sites, self._unfinished)
        except Exception:  # whatever an operation of somebody else's does, the table stands
            return tuple(_undiagnosed(claim.name) for claim in errors)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is said below the table: the diagnoses, and the limits."""
        return (*map(str, self.disputes), *map(str, self.diagnoses), *self.limits)

    def raise_if_wrong(self) -> None:
        """Raise, with the table and the diagnosis, unless every claim agrees; for use in tests.

        Raises
        ------
        MismatchError
            An AssertionError.
        """
        if not self.ok:
            raise MismatchError(f"a claimed gradient is not the derivative\n{self}")

    def html(self) -> str:
        """Write the table and what is said below it as HTML."""
        head = "".join(f"<th>{escape(cell)}</th>" for cell in _HEAD)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _cells(row))}</tr>" for row in self.rows
        )
        found = "".join(f"<li>{escape(remark)}</li>" for remark in self.remarks)
        return f"<table><tr>{head}</tr>{body}</table>" + (f"<ul>{found}</ul>" if found else "")

    _repr_html_ = html

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        lines = [_HEAD, *(_cells(row) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        return "\n".join([table[0], "  ".join("-" * width for width in widths), *table[1:], *self.remarks])

    __repr__ = __str__


_HEAD = ("quantity", "shape", "largest absolute", "largest relative", "worst entry", "verdict")


def _cells(row: Row) -> tuple[str, ...]:
    if row.verdict == "shape":
        fault = "not computed" if row.claimed_shape is None else f"wrong shape: {row.claimed_shape}"
        return printable(row.name), str(row.shape), "", "", "", fault
    where = "" if row.worst is None else str(list(row.worst))
    return (
        printable(row.name),
        str(row.shape),
        f"{row.largest_absolute:.2e}",
        f"{row.largest_relative:.2e}",
        where,
        row.verdict,
    )


def compare(
    J: Node,
    claimed: Mapping[Any, Any],
    *,
    rtol: float | None = None,
    cost: Cost | None = None,
    notes: Notes | None = None,
) -> Comparison:
    """Hold claimed gradients against those of the recorded graph, and say what is wrong with them.

    Parameters
    ----------
    J : Tensor
        A recorded scalar.
    claimed : mapping
        From a tensor, or the name of one behind `J`, to the array that is claimed to be the derivative
        of `J` by it. ``"W[1]"`` and ``"dW[1]"`` mean the same. Or to a function that computes it from a
        mapping of names to arrays, ``lambda v: v["dZ[1]"] @ v["X"].T``: it is given what is right, also at
        fresh numbers and, where two sizes are equal, at sizes that are not; so it must take what has a name
        from there.
    rtol : float, optional
        Relative difference allowed; by default 1e-9 in float64 and 1e-4 in float32.
    cost : number or function, optional
        What `J` should be, by another method: a function of the same mapping, or its value. Gradients that
        belong to a wrong cost agree with it, so only a third witness tells.
    notes : Notes, optional
        A text whose names the sizes are to bear, such as ``nn.NOTES``.

    Returns
    -------
    Comparison
        True if every claim agrees; print it for the table and, if one does not, for its mistake. That is
        found by search: the right equations are edited until they give the claimed numbers.

    Raises
    ------
    ShapeError
        `J` is not a scalar.
    GraphError
        `J` was not computed from the tensor, or no derivative flows to it.
    OptionError
        No tensor behind `J` has that name.

    Examples
    --------
    >>> import autograd_core as ag
    >>> W = ag.tensor([[1.0, 2.0]], requires_grad=True, name="W")
    >>> X = ag.tensor([[3.0, 0.5, 1.0], [4.0, 1.0, 2.0]], name="X")
    >>> Z = W @ X
    >>> Z.name = "Z"
    >>> print(compare((Z**2).sum(), {"dZ": 2 * Z.data, "dW": Z.data @ X.data.T}))
    quantity  shape   largest absolute  largest relative  worst entry  verdict
    --------  ------  ----------------  ----------------  -----------  -------
    dZ        (1, 3)  0.00e+00          0.00e+00          [0, 0]       agrees
    dW        (1, 2)  5.65e+01          5.00e-01          [0, 1]       differs
    dW = dZ Xᵀ / 2: scale (times 1 / 2); right is dZ Xᵀ
    """
    return compared(J, claimed, rtol, cost, notes=notes)


def compared(
    J: Node,
    claimed: Mapping[Any, Any],
    rtol: float | None = None,
    cost: Cost | None = None,
    retrace: Retrace | None = None,
    notes: Notes | None = None,
) -> Comparison:
    """Compare, as `compare` does; `retrace` computes J anew from named leaves of any sizes."""
    if not isinstance(J, Node):
        raise no_tensor("compare: gradients are compared with those of", J, "ag.compare(J, claimed)")
    if J.size != 1:
        raise ShapeError(f"compare: {describe(J)} is not a scalar")
    instance(claimed, Mapping, "compare: claimed", "a dict from tensors or their names to arrays")  # type: ignore[type-abstract]
    rtol = None if rtol is None else number(rtol, "compare: rtol")
    if not J.requires_grad:
        raise GraphError(f"compare: {describe(J)} was not computed from anything with requires_grad=True")
    if cost is not None:
        others = compared(J, claimed, rtol, notes=notes)
        return _with_cost(J, others, cost, rtol or tolerance(J.value, J.value), notes)
    setting = Setting(J, retrace, notes) if any(map(callable, claimed.values())) else None
    claims = _beside_the_truth(J, claimed, rtol, setting)
    rows = [_row(claim) for claim in claims.values()]
    unseen = limits(topological_order([J]), setting, [*claims.values()])
    disputes = disputed(J, claims)
    rows = [row._replace(verdict="disputed") if row.name in disputes else row for row in rows]
    undisputed = {x: claim for x, claim in claims.items() if claim.name not in disputes}
    told = tuple(dict.fromkeys(disputes.values()))
    if all(row.verdict in ("agrees", "disputed") for row in rows):
        return Comparison(tuple(rows), unseen, disputes=told)
    try:
        return _judged(J, undisputed, rows, unseen, setting or Setting(J, notes=notes), told)
    except Exception:  # whatever an operation of somebody else's does, the table stands
        return Comparison(tuple(rows), unseen, [*undisputed.values()], disputes=told)


def _judged(
    J: Node,
    by_node: Mapping[Node, Claimed],
    rows: Sequence[Row],
    unseen: tuple[str, ...],
    setting: Setting,
    disputes: Sequence[Diagnosis],
) -> Comparison:
    """Say whose fault each difference is."""
    whole, claims = rows, [*by_node.values()]
    rows = [row for row in whole if row.verdict != "disputed"]
    verdicts = judged(setting, *_parted(claims, rows))
    right_here_only = any(claim.point or claim.elsewhere for claim in claims)
    if any(claim.function for claim in claims) and not right_here_only:
        linked, found = _linked(setting, claims)
        if _harmless(found) and not _only_here(setting, claims):
            rows, verdicts = linked, found
    verdicts, remarks = excused(J, by_node, verdicts)
    sites, verdicts, unfinished = explained(setting, {claim.name: claim for claim in claims}, verdicts)
    judged_rows = {row.name: row._replace(verdict=verdicts.get(row.name, row.verdict)) for row in rows}
    told = tuple(judged_rows.get(row.name, row) for row in whole)
    return Comparison(told, (*remarks, *unseen), claims, setting, sites, disputes, unfinished)


def _linked(setting: Setting, claims: Sequence[Claimed]) -> tuple[list[Row], dict[str, Verdict]]:
    """Judge the claims when each is computed from those before it."""
    together = chained(setting, claims)
    linked = [_row(claim) for claim in together]
    return linked, judged(setting, *_parted(together, linked))


def _only_here(setting: Setting, claims: Sequence[Claimed]) -> bool:
    """Whether the claims together are right because sizes coincide: no longer where these differ."""
    if setting.elsewhere is None or setting.scaled is None or not all(claim.function for claim in claims):
        return False
    there, scaled = (_linked(where, claims)[1] for where in (setting.elsewhere, setting.scaled))
    return _harmless(scaled) and not _harmless(there)


def _harmless(verdicts: Mapping[str, Verdict]) -> bool:
    return all(verdict not in _WRONG for verdict in verdicts.values())


def _with_cost(J: Node, comparison: Comparison, cost: Cost, rtol: float, notes: Notes | None) -> Comparison:
    """Put a row for the cost itself before the others."""
    setting = Setting(J, notes=notes)
    wanted = np.asarray(cost_of(setting, cost))
    row = _row(Claimed(setting.names[J], wanted, np.reshape(J.value, ()).astype(float), rtol, False))
    comparison.rows = (row, *comparison.rows)
    if row.verdict != "agrees":
        comparison.diagnoses = (cost_diagnosed(setting, J, cost, rtol), *comparison.diagnoses)
    return comparison


def _parted(claims: Sequence[Claimed], rows: Sequence[Row]) -> tuple[dict[str, Claimed], dict[str, Claimed]]:
    """Part the claims that differ from those that agree."""
    agreed = {c.name: c for c, row in zip(claims, rows, strict=True) if row.verdict == "agrees"}
    return {c.name: c for c in claims if c.name not in agreed}, agreed


def _beside_the_truth(
    J: Node, claimed: Mapping[Any, Any], rtol: float | None, setting: Setting | None
) -> dict[Node, Claimed]:
    """Take the claims, in backward order, each with the gradient that autodiff finds."""
    graph = topological_order([J])
    named = {node.name: node for node in graph if node.name}
    wanted = {_resolved(key, named): value for key, value in claimed.items()}
    found = reverse_sweep({J: np.ones(J.shape, J.dtype)}, keep=True)
    reader = {x.order: node.order for node in reversed(graph) for x in node.operands()}  # the first
    claims = {}
    for node in sorted(wanted, key=lambda x: (-reader.get(x.order, x.order), not x.is_leaf, x.order)):
        if node not in found:
            raise GraphError(
                f"compare: no derivative flows from {describe(J)} to {describe(node)}; "
                "it must be behind J and require a gradient"
            )
        true, value = np.asarray(found[node]), wanted[node]
        value = value.value if isinstance(value, Node) else value
        name = f"d{(setting.names.get(node) if setting else node.name) or '(unnamed)'}"
        if setting is not None and callable(value):
            claims[node] = computed_claim(setting, name, value, true, rtol, node.is_leaf)
        else:
            array = as_operand(value)
            claims[node] = Claimed(name, true, array, rtol or tolerance(true, array), node.is_leaf)
        claims[node] = claims[node]._replace(recorded=true)
    return claims


def _resolved(key: Any, named: Mapping[str, Node]) -> Node:
    if isinstance(key, Node):
        return key
    wanted = text_of(key) if isinstance(key, str) else None
    for name in (wanted, wanted.removeprefix("d")) if wanted is not None else ():
        if name in named:
            return named[name]
    raise unknown_option("tensor", key, named)


def _row(claim: Claimed) -> Row:
    name, true, claimed = claim.name, claim.true, claim.array
    if true.shape != claimed.shape or claim.error:
        return Row(name, true.shape, None if claim.error else claimed.shape, np.nan, np.nan, None, "shape")
    if true.size == 0:
        return Row(name, true.shape, claimed.shape, 0.0, 0.0, None, "agrees")
    difference = np.abs(quietly(np.subtract, true.astype(float), claimed.astype(float)))
    where = np.unravel_index(np.argmax(difference), difference.shape)  # a NaN counts as largest
    largest = float(difference[where])
    scale = float(max(np.abs(true).max(), np.abs(claimed).max()))
    relative = largest / scale if scale else largest
    agrees = relative <= claim.tolerance
    worst = tuple(int(i) for i in where)
    return Row(name, true.shape, claimed.shape, largest, relative, worst, "agrees" if agrees else "differs")


def _undiagnosed(name: str) -> Diagnosis:
    return Diagnosis(name, "unknown", "unknown", f"{printable(name)} differs, cause unknown", "", (), 0)
