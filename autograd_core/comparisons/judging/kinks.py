"""Gradients at a kink, where everything between the one-sided derivatives is as right as anything else.

A recorded value is moved by a rounding error to one side of the kink, and the gradient taken there: nothing
else changes by more than rounding.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_core.comparisons.judging.verdict import Claimed, Verdict
from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.differentiation.tensor import Tensor
from autograd_core.graph.dispatch import dispatched
from autograd_core.graph.node import Array, Node, topological_order
from autograd_core.graph.recording import recording
from autograd_core.system.quiet import quietly
from autograd_core.wording.identifiers import printable

__all__ = ["Kink", "excused", "kinks"]

_MOST = 6  # places that are tried one by one
_SIDES = ("up", "down", "first", "last")  # of several equal entries the first, or the last, is the larger


class Kink(NamedTuple):
    """Where an operation has another derivative to each side.

    Attributes
    ----------
    node : Node
        The result of the operation.
    at : tuple of int
        The first such entry.
    """

    node: Node
    at: tuple[int, ...]


def kinks(J: Node) -> list[Kink]:
    """Find the kinks that recorded values lie on.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x = ag.tensor([1.0, 0.0, -2.0], requires_grad=True)
    >>> [kink.at for kink in kinks(ag.relu(x).sum())]
    [(1,)]
    """
    found = []
    for x in topological_order([J]):
        try:
            changed = None if x.primitive is None else quietly(_changed, x)
        except Exception:  # an operation of somebody else's may refuse
            continue
        if changed is not None:
            at = tuple(int(i) for i in np.argwhere(changed)[0])
            found.append(Kink(x, at))
    return found


def excused(
    J: Node, claims: Mapping[Node, Claimed], verdicts: Mapping[str, Verdict]
) -> tuple[dict[str, Verdict], tuple[str, ...]]:
    """Take for a convention what differs only by the choice of a derivative at a kink.

    Parameters
    ----------
    J : Tensor
    claims : mapping of Node to Claimed
    verdicts : mapping of str to str
        Of the claims that do not agree.

    Returns
    -------
    dict of str to str, tuple of str
        The verdicts, and what there is to say.
    """
    judged = dict(verdicts)
    wrong = {x: claim for x, claim in claims.items() if judged.get(claim.name) in ("differs", "inherited")}
    asked = {x: claim for x, claim in wrong.items() if claim.at_recorded}
    found = kinks(J) if asked else []
    if not found:
        return judged, ()
    sides = _subgradients(J, [*asked], found)
    for x, claim in asked.items():
        if _is_between(claim.array, [claim.recorded, *(side[x] for side in sides)], claim.tolerance):
            judged[claim.name] = "convention"
    if judged == verdicts:
        return judged, ()
    if not any(verdict in ("differs", "shape") for verdict in judged.values()):
        judged = {k: "convention" if verdict == "inherited" else verdict for k, verdict in judged.items()}
    return judged, (_said(found),)


def _subgradients(J: Node, wrt: Sequence[Node], at: Sequence[Kink]) -> list[dict[Node, Array]]:
    """Give the gradients to every side of all kinks together, and of each alone."""
    groups = [[kink.node.order for kink in at], *([kink.node.order] for kink in at[:_MOST] if len(at) > 1)]
    found = []
    for group, side in itertools.product(groups, _SIDES):
        gradients = quietly(_beside, J, wrt, group, side)
        if gradients is not None:
            found.append(gradients)
    return found


def _is_between(claim: Array, gradients: Sequence[Array], tolerance: float) -> bool:
    """Whether a claim lies between two gradients that belong to one function."""
    allowed = tolerance * float(np.abs(claim).max(initial=0.0))
    for a, b in itertools.combinations(gradients, 2):
        difference = b - a
        squared = float(np.vdot(difference, difference))
        if np.abs(difference).max(initial=0.0) <= allowed or not squared:
            continue
        share = float(np.vdot(difference, claim - a)) / squared
        near = np.abs(claim - a - share * difference).max(initial=0.0) <= allowed
        if near and -tolerance <= share <= 1 + tolerance:
            return True
    return False


def _beside(J: Node, wrt: Sequence[Node], moved: Sequence[int], side: str) -> dict[Node, Array] | None:
    """The gradients beside some kinks; None if the result jumps there."""
    new: dict[int, Any] = {}
    with recording():
        for x in topological_order([J]):
            if x.primitive is None:
                new[x.order] = Tensor(x.value, requires_grad=x.requires_grad, name="·")
                continue
            inputs = [new[y.order] if isinstance(y, Node) else y for y in x.inputs]
            if x.order in moved:
                beside = zip(inputs, _nudged(x, side), strict=True)
                inputs = [y + (z - (y.value if isinstance(y, Node) else y)) for y, z in beside]
            new[x.order] = dispatched(x.primitive, True)(*inputs, **x.params)
    result = new[J.order]
    if not np.allclose(result.value, J.value, 1e-9, 0):
        return None
    swept = reverse_sweep({result: np.ones(J.shape, J.dtype)}, keep=True)
    gradients = {x: np.asarray(swept.get(new[x.order], np.zeros(x.shape))) for x in wrt}
    return gradients if all(np.isfinite(g).all() for g in gradients.values()) else None


def _changed(x: Node) -> Array | None:
    """Where the derivative of an operation, or what it chooses, is another a rounding error aside."""
    assert x.primitive is not None
    before = _local(x, x.values)
    for side in _SIDES:
        for a, b in zip(before, _local(x, _nudged(x, side)), strict=True):
            if a.shape == b.shape:
                jump = np.asarray(np.abs(a - b) > 1e-6 * np.abs(a).max(initial=1.0))
                if jump.any() and np.isfinite(b).all():
                    return jump
    return None


def _local(x: Node, values: Sequence[Any]) -> list[Array]:
    assert x.primitive is not None
    out = np.asarray(x.primitive.forward(*values, **x.params))
    if not x.primitive.differentiable:
        return [np.asarray(out, float)]
    pairs = zip(x.inputs, x.primitive.vjps)
    rules = [rule for y, rule in pairs if rule is not None and isinstance(y, Node) and y.requires_grad]
    return [np.asarray(rule(np.ones(out.shape), out, *values, **x.params), float) for rule in rules]


def _nudged(node: Node, side: str) -> list[Any]:
    """Move operands by rounding errors; of equal entries, the first or the last may become the larger.

    What is an operand twice, as the x of x != x, is moved once.
    """
    sign = {"up": 1.0, "down": -1.0, "first": -1.0, "last": 1.0}[side]
    moved: list[Any] = []
    for i, (operand, value) in enumerate(zip(node.inputs, node.values)):
        x, first = np.asarray(value), node.inputs.index(operand) if isinstance(operand, Node) else i
        if x.dtype.kind != "f" or first < i:
            moved.append(value if x.dtype.kind != "f" else moved[first])
            continue
        rank = np.arange(1.0, x.size + 1).reshape(x.shape) + i * x.size if side in ("first", "last") else 1.0
        moved.append(x + sign * rank * np.spacing(np.abs(x)))
    return moved


def _said(found: Sequence[Kink]) -> str:
    """Say where the kinks are."""
    told = []
    for kink in found[:3]:
        assert kink.node.primitive is not None
        names = (printable(y.name) for y in kink.node.inputs if isinstance(y, Node) and y.name)
        called = next(names, "an unnamed value")
        told.append(f"{kink.node.primitive.name} has a kink at {called}{list(kink.at) if kink.at else ''}")
    return f"{'; '.join(told)}: every value between its one-sided derivatives is right"
