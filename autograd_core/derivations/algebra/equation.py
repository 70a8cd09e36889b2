"""Equations, and what is known beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from autograd_core.derivations.algebra.simplify import Step
from autograd_core.derivations.algebra.term import Term
from autograd_core.derivations.algebra.terms import Algebra
from autograd_core.graph.node import Node
from autograd_core.wording.errors import unknown_key

__all__ = ["Detail", "Equation", "Equations", "Notes", "Size"]

Detail = Literal["named", "full", "scalar"]


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
        That of the formula in the notes that were given, such as ``"(15)"``, or nothing.
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


Numbered = tuple[Sequence[Equation], Sequence[Equation]]


@dataclass(frozen=True)
class Notes:
    """What a text that the reader knows calls things, for equations that are printed beside it.

    The engine has none of its own: without them equations bear no numbers, and sizes are n, k, p, ...

    Attributes
    ----------
    title : str
        Of the text.
    shared_size : str
        The size of an axis that data alone have, such as ``"m"``.
    size_of, size_in_comments : function
        From the name of a symbol, its number of axes and one of them to what the size of that is called in
        formulas, and in the comments of programs, or nothing.
    numbered : function
        From the equations of values and those of gradients to the same ones with their numbers.
    of_entries : mapping of str to str
        The number of a formula for one entry, by that of the same formula with matrices.
    free_indices, summed_indices : mapping of str to str
        By the number of a formula with matrices, the letters that come first on its left side, and those that
        come first where it sums.
    """

    title: str
    shared_size: str
    size_of: Callable[[str, int, int], str]
    size_in_comments: Callable[[str, int, int], str]
    numbered: Callable[[Sequence[Equation], Sequence[Equation]], Numbered]
    of_entries: Mapping[str, str] = field(default_factory=dict)
    free_indices: Mapping[str, str] = field(default_factory=dict)
    summed_indices: Mapping[str, str] = field(default_factory=dict)


class Size(NamedTuple):
    """The size of an axis.

    Attributes
    ----------
    name : str
        Such as ``"m"``.
    value : int
    term : Term
        A symbol whose axis it is.
    axis : int
    alone : bool
        Whether no other axis has this size.
    """

    name: str
    value: int
    term: Term
    axis: int
    alone: bool


class Equations(Mapping[str, Equation]):
    """Equations by name: values in the order of the forward pass, gradients in that of the way back."""

    def __init__(
        self,
        forward: Iterable[Equation],
        backward: Iterable[Equation],
        algebra: Algebra,
        given: dict[Term, Any],
        sizes: dict[Term, Size],
        assumed: dict[str, Term],
        lost: Sequence[Node],
        detail: Detail,
        notes: Notes | None = None,
    ) -> None:
        self.forward, self.backward = tuple(forward), tuple(backward)
        self.algebra, self.given, self.sizes, self.assumed = algebra, given, sizes, assumed
        self.lost, self.detail, self.notes = lost, detail, notes
        self._by_name = {equation.name: equation for equation in (*self.forward, *self.backward)}

    def __getitem__(self, name: str) -> Equation:
        if not isinstance(name, str) or name not in self._by_name:
            raise unknown_key("equation", name, self._by_name)
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)
