"""Finite differences beside autodiff, in case what claims are held against is wrong itself.

All gradients are tried at once: everything that they belong to is moved along one random direction, and the
slope of the result held against their inner product with it. Only where that fails is each of them tried, and
the rule of each operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.comparisons.diagnosing.diagnosis import Diagnosis
from autograd_core.comparisons.judging.verdict import Claimed
from autograd_core.graph.node import Array, Node, ancestors, topological_order
from autograd_core.graph.recording import no_grad
from autograd_core.system.quiet import quietly
from autograd_core.wording.identifiers import printable

__all__ = ["disputed"]

_STEP = 1e-5  # of what is moved, relative to its size; extrapolated, the error is rounding
_AGREE = 1e-6
_ROUNDING = 1e-14 / _STEP  # in a slope, relative to what is subtracted
_BEND = 1e-2  # slopes to either side that differ by so much belong to a kink


@no_grad()
def disputed(J: Node, claims: Mapping[Node, Claimed]) -> dict[str, Diagnosis]:
    """Find the gradients in which finite differences contradict autodiff: the rule of an operation is wrong.

    Parameters
    ----------
    J : Tensor
    claims : mapping of Node to Claimed

    Returns
    -------
    dict of str to Diagnosis
        By the name of the gradient; one diagnosis for all of them.
    """
    try:
        return quietly(_disputed, J, claims)
    except Exception:  # a witness that cannot be heard says nothing
        return {}


def _disputed(J: Node, claims: Mapping[Node, Claimed]) -> dict[str, Diagnosis]:
    graph = topological_order([J])
    single = any(x.dtype.itemsize < 8 for x in graph if x.dtype.kind == "f")
    tolerance = 1e-3 if single else _AGREE
    if _agree(graph, {x: claim.recorded for x, claim in claims.items()}, tolerance):
        return {}
    wrong = [x for x in graph if x.primitive and not _is_right(x, 10 * tolerance)]
    behind = [(y, ancestors([y])) for y in wrong]
    found, confirmed, rules = list[str](), list[str](), set[str]()
    for x, claim in claims.items():
        through = {
            y.primitive.name for y, before in behind if y.primitive and y is not x and x.order in before
        }
        if through and not _agree(graph, {x: claim.recorded}, tolerance):
            found.append(claim.name)
            rules |= through
            if claim.at_recorded and _agree(graph, {x: claim.array}, tolerance):
                confirmed.append(claim.name)
    sentence = f"autodiff differs from finite differences in {', '.join(map(printable, found))}: "
    sentence += f"the derivative that is declared of {' or '.join(sorted(rules))} is wrong"
    if confirmed:
        sentence += (
            f"; finite differences agree with what is claimed of {', '.join(map(printable, confirmed))}"
        )
    return {name: Diagnosis(found[0], "rule", "certain", sentence, "", (), 0) for name in found}


def _agree(graph: Sequence[Node], gradients: Mapping[Node, Array], tolerance: float) -> bool:
    """Whether gradients have the slope of the last node along random directions."""
    return all(_agrees_along(graph, gradients, seed, tolerance) for seed in (0, 1))


def _agrees_along(
    graph: Sequence[Node], gradients: Mapping[Node, Array], seed: int, tolerance: float
) -> bool:
    rng = np.random.default_rng(seed)
    moved = {x.order: _size(x.value) * rng.normal(size=x.shape) for x in gradients}
    parts = [np.multiply(g, moved[x.order], dtype=float) for x, g in gradients.items()]
    claimed = sum(float(part.sum()) for part in parts)
    scale = sum(float(np.abs(part).sum()) for part in parts)

    def along(step: float) -> Any:
        return _last(graph, {order: step * t for order, t in moved.items()})

    slope, _ = _slope(along)
    rounding = _ROUNDING * abs(float(along(0.0)))
    return not np.isfinite(slope) or bool(abs(slope - claimed) <= tolerance * scale + rounding)


def _slope(along: Any) -> tuple[Any, Any]:
    """The central difference, extrapolated, and by how much that changed it."""
    wide, near = ((along(h) - along(-h)) / (2 * h) for h in (_STEP, _STEP / 2))
    return (4 * near - wide) / 3, abs(near - wide)


def _last(graph: Sequence[Node], shifts: Mapping[int, Array]) -> Any:
    """The last value of a graph, where some values are shifted."""
    values: dict[int, Any] = {}
    for x in graph:
        if x.primitive is None:
            value = _widened(x.value)
        else:
            args = [values[y.order] if isinstance(y, Node) else y for y in x.inputs]
            value = x.primitive.forward(*args, **x.params)
        values[x.order] = value + shifts[x.order] if x.order in shifts else value
    return np.reshape(values[graph[-1].order], ())


def _is_right(x: Node, tolerance: float) -> bool:
    """Whether the rules of an operation agree with its differences, where these have a limit."""
    assert x.primitive is not None
    rng = np.random.default_rng(0)
    args = [_widened(value) for value in x.values]
    out = np.asarray(x.primitive.forward(*args, **x.params))
    for i, (operand, rule) in enumerate(zip(x.inputs, x.primitive.vjps)):
        if rule is None or not isinstance(operand, Node) or not operand.requires_grad:
            continue
        t = _size(args[i]) * rng.normal(size=np.shape(args[i]))

        def along(step: float, i: int = i, t: Array = t) -> Array:
            moved = [*args[:i], args[i] + step * t, *args[i + 1 :]]
            return np.asarray(x.primitive.forward(*moved, **x.params)) if x.primitive else t

        slope, changed = _slope(along)
        right, left = (along(_STEP) - out) / _STEP, (out - along(-_STEP)) / _STEP
        rounding = _ROUNDING * np.abs(out)
        straight = np.abs(right - left) <= _BEND * (np.abs(right) + np.abs(left)) + rounding
        sure = straight & (changed <= tolerance * np.abs(slope) + rounding)
        ct = np.where(sure, rng.normal(size=out.shape), 0.0)
        claimed = np.asarray(rule(ct, out, *args, **x.params))
        wanted = ct * np.where(sure, slope, 0.0)
        misses = abs(float(np.sum(claimed * t)) - float(wanted.sum()))
        if misses > float(np.sum(tolerance * np.abs(wanted) + rounding * np.abs(ct))):
            return False
    return True


def _widened(value: Any) -> Any:
    return np.asarray(value, float) if np.asarray(value).dtype.kind == "f" else value


def _size(x: Any) -> float:
    """What a step is relative to."""
    return max(float(np.sqrt(np.mean(np.square(x)))), 1e-3) if np.size(x) else 1.0
