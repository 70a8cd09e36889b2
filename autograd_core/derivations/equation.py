"""One equation of a derivation."""

from __future__ import annotations

from typing import NamedTuple

from autograd_core.derivations.simplify import Step
from autograd_core.derivations.term import Term

__all__ = ["Equation"]


class Equation(NamedTuple):
    """A value or a gradient, and what it is equal to.

    Attributes
    ----------
    name : str
        ``"Z[1]"``, or ``"dW[1]"`` for the derivative by W[1].
    symbol : Term
        What stands for it in other equations.
    term : Term
        Its shortest form.
    steps : tuple of Step
        How one gets there from what was recorded.
    number : str
        The notes' number of the formula, such as ``"(15)"``, or nothing.
    named : bool
        Whether the tensor bears the name; otherwise it was made up, as U1 is.
    everywhere : Term
        Its shortest form that holds where two numbers are equal, or something would be divided by 0, as well;
        for computing.
    """

    name: str
    symbol: Term
    term: Term
    steps: tuple[Step, ...]
    number: str
    named: bool
    everywhere: Term

    @property
    def forms(self) -> tuple[Term, ...]:
        """Every form of the formula that the derivation goes through, the shortest last."""
        return tuple(dict.fromkeys(step.term for step in self.steps))
