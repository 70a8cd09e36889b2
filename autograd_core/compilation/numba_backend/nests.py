"""A plan: loop nests over entries, and matrix products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from autograd_core.compilation.numba_backend.views import View
from autograd_core.compilation.program import Value

__all__ = ["REDUCTIONS", "Item", "Nest", "Plan", "Product", "Refused", "Step"]

REDUCTIONS = frozenset({"sum", "max", "min", "prod"})


class Refused(Exception):  # noqa: N818
    """A program that this backend cannot do; the message says why."""


class Step(NamedTuple):
    """One operation in a loop nest, on each entry of its domain.

    Attributes
    ----------
    name : str
    inputs : tuple
        Views in the shape of the domain, or constants.
    out : Value
    strides : tuple of int
        Where its result lies, for each axis of the domain; 0 along axes that are reduced.
    """

    name: str
    inputs: tuple[Any, ...]
    out: Value
    strides: tuple[int, ...]

    @property
    def reads(self) -> Iterator[View]:
        """Those inputs that are views."""
        return (x for x in self.inputs if isinstance(x, View))


class Nest(NamedTuple):
    """Loops over a domain, and what is done at each of its entries."""

    domain: tuple[int, ...]
    steps: list[Step]

    @property
    def outs(self) -> Iterator[Value]:
        """Everything that is computed in it."""
        return (step.out for step in self.steps)

    @property
    def reads(self) -> Iterator[View]:
        """Views of what is computed elsewhere."""
        own = {step.out for step in self.steps if step.name not in REDUCTIONS}
        return (x for step in self.steps for x in step.reads if x.base not in own)


class Product(NamedTuple):
    """out = alpha (A @ B) + beta onto, with numbers alpha and beta."""

    out: Value
    a: View
    b: View
    alpha: float = 1.0
    onto: View | None = None
    beta: float = 0.0

    @property
    def outs(self) -> Iterator[Value]:
        """Its result."""
        return iter((self.out,))

    @property
    def reads(self) -> Iterator[View]:
        """Its operands."""
        return (x for x in (self.a, self.b, self.onto) if x is not None)

    @property
    def factors(self) -> set[Value]:
        """What it reads while it writes."""
        return {self.a.base, self.b.base}

    @property
    def multiplications(self) -> int:
        """How many numbers it multiplies."""
        return self.a.size * self.b.shape[1]


Item = Nest | Product


class Plan(NamedTuple):
    """Loop nests and products in order, and where the results of the program are written.

    Attributes
    ----------
    items : list of Nest or Product
    fresh : list of Value
        One for each result of the program: what is to be written into a new array, or, where it is
        donated, into the input.
    given : dict of Value to Value
        Results by the input that they are written into.
    """

    items: list[Item]
    fresh: list[Value]
    given: dict[Value, Value]
