"""An independent cost beside the recorded one: a wrong cost and its own gradients agree with each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.comparisons.diagnosing.diagnosis import Diagnosis, worded
from autograd_core.comparisons.judging.formulas import values
from autograd_core.comparisons.judging.setting import Setting
from autograd_core.comparisons.search.fit import Claim
from autograd_core.comparisons.search.searching import Found, Searching
from autograd_core.derivations.algebra.points import Point
from autograd_core.derivations.algebra.terms import Term
from autograd_core.derivations.writing.dialects import written
from autograd_core.graph.node import Array, Node
from autograd_core.graph.operands import plain_array, values_of
from autograd_core.system.quiet import quietly
from autograd_core.wording.arguments import number
from autograd_core.wording.identifiers import printable

__all__ = ["cost_diagnosed", "cost_of"]

_DRAWS = 7  # a cost is one number; so many draws tell formulas apart

Cost = float | Callable[[dict[str, Any]], Any]


class _Several(Point):
    """Several points at once: the value of a formula is an array of its values there."""

    def __init__(self, points: Sequence[Point]) -> None:
        super().__init__(points[0].given)
        self.points = points

    def value(self, term: Term) -> Array | None:
        """Compute a formula everywhere; None where it cannot be computed everywhere."""
        found = [value for point in self.points if (value := point.value(term)) is not None]
        if len(found) < len(self.points) or any(value.shape != found[0].shape for value in found):
            return None
        return np.stack(found)


def cost_of(setting: Setting, cost: Cost) -> float:
    """What the independent cost is where the graph was recorded."""
    return _found(cost(values(setting.truth)) if callable(cost) else cost)


def _found(cost: Any) -> float:
    wanted = "a number, or a function of the named values that gives one"
    return float(number(np.squeeze(plain_array(values_of(cost))), "the cost to compare with", wanted))


def cost_diagnosed(setting: Setting, J: Node, cost: Cost, tolerance: float) -> Diagnosis:
    """Say what must be edited in the recorded cost to make the independent one of it.

    Parameters
    ----------
    setting : Setting
    J : Tensor
    cost : number or function
        A function, from a dict of named values, is called at fresh numbers too; of a number nothing
        more is said than that it differs.
    tolerance : float
        Relative.
    """
    name = setting.names[J]
    equation = setting.derivation[name]
    recorded = f"{printable(name)} = {written(equation.term)} was recorded"
    if not callable(cost):
        sentence = f"{recorded}, and is not the cost that was given; pass that as a function to see why"
        return Diagnosis(name, "unknown", "unknown", sentence, "", (), 0)
    points = [setting.truth, *setting.drawn(_DRAWS)]
    costs = np.array([_found(quietly(cost, values(point))) for point in points])
    if not np.isfinite(costs).all():
        return Diagnosis(
            name, "unknown", "unknown", f"{recorded}, and the cost given is not finite", "", (), 0
        )
    searching = Searching(setting.grammar(name), setting.constants(name), Claim(costs, tolerance), ())
    found: Found = searching.run([equation.term], [_Several(points)])
    return worded(setting, name, found, f"{recorded}; the cost given")
