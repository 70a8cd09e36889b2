"""The closed form of every gradient: what the recorded backward pass computes, as equations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import get_args

from autograd_core.derivations.algebra.equation import Detail, Equation, Notes
from autograd_core.derivations.algebra.terms import Term, walk
from autograd_core.derivations.deriving.equations import Deriving
from autograd_core.derivations.writing.printed import Printed
from autograd_core.derivations.writing.program import Program, program
from autograd_core.graph.node import Node
from autograd_core.wording.errors import GraphError, OptionError, ShapeError, describe, no_tensor, one_of

__all__ = ["Derivation", "Equation", "Notes", "derive"]


class Derivation(Printed):
    """Equations by name: values in the order of the forward pass, gradients in that of the way back.

    Attributes
    ----------
    forward, backward : tuple of Equation
    algebra : Algebra
        Made the terms.
    given : dict of Term to array
        What each symbol stood for when it was recorded.
    sizes : dict of Term to Size
        Symbols of sizes, such as n.
    assumed : dict of str to Term
        What is taken for true of the data and need not be of others, each with the term that is 1 everywhere
        where it is true.
    lost : list of Node
        What was picked at positions that were computed from values and cannot be computed again.
    detail : str
        As it was asked for.
    """

    @property
    def shown(self) -> tuple[Equation, ...]:
        """What a reader wants: the gradients of what bears a name, and what stands in them without one."""
        gradients = _needed(self.backward, {e.name for e in self.backward if e.named}, computing=False)
        stands = {*walk(*(e.term for e in gradients))}
        made_up = [e for e in self.forward if not e.named]
        return (
            *_needed(made_up, {e.name for e in made_up if e.symbol in stands}, computing=False),
            *gradients,
        )

    def program(self, name: str = "value_and_gradients") -> Program:
        """Write a NumPy function that computes the result and every gradient, and needs nothing else.

        It takes the leaves by their names in NumPy spelling, those to differentiate by first, and returns the
        result and a dict of gradients under the names of the equations. Sizes are read off the arguments as
        far as they are known to be the same, so that it holds for other data as well.

        Parameters
        ----------
        name : str
            Of the function.

        Returns
        -------
        Program
            Its text, and the recorded value of each argument.

        Raises
        ------
        OptionError
            `name` is not an identifier, or an operation is not spelt in NumPy.

        Examples
        --------
        >>> import autograd_core as ag
        >>> W, X = ag.tensor([[1.0, 2.0]], requires_grad=True, name="W"), ag.tensor([[3.0], [4.0]], name="X")
        >>> program = derive((W @ X).sum()).program("f")
        >>> program.arguments["W"]
        array([[1., 2.]])
        >>> functions = {}
        >>> exec(program.source, functions)
        >>> J, gradients = functions["f"](**program.arguments)
        >>> float(J), gradients["dW"]
        (11.0, array([[3., 4.]]))
        """
        return program(self, name)

    def source(self, name: str = "value_and_gradients") -> str:
        """Write the text of `program` alone."""
        return self.program(name).source


def derive(
    J: Node,
    wrt: Sequence[Node | str] | None = None,
    detail: Detail = "named",
    *,
    notes: Notes | None = None,
) -> Derivation:
    """Derive the closed form of every gradient from the recorded graph.

    The equations are those that the backward pass computes, cut at the tensors with a name and brought to
    their shortest form. Each form is held against the recorded numbers before it is taken, and against those
    of the same graph at other values of its leaves. In print, parts that long equations have more than once
    are called T1, T2, ... and stand before them, and sums of more than a dozen terms are cut.

    Parameters
    ----------
    J : Tensor
        A recorded scalar.
    wrt : tensors or their names, optional
        Whose gradients are wanted, with those that they need; all named ones by default.
    detail : {"named", "full", "scalar"}
        Cut equations at what has a name; or write each gradient of a leaf as one formula in the leaves; or
        cut them and print them entry by entry.
    notes : Notes, optional
        A text whose numbers the equations are to bear and whose names the sizes, such as ``nn.NOTES``.

    Returns
    -------
    Derivation
        Print it for the equations.

    Raises
    ------
    ShapeError
        `J` is not a scalar.
    GraphError
        `J` was not computed from anything that requires a gradient, or no derivative flows to what is wanted.
    OptionError
        No tensor behind `J` has that name.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_core as ag
    >>> W = ag.tensor(np.ones((2, 3)), requires_grad=True, name="W")
    >>> b = ag.tensor(np.zeros((2, 1)), requires_grad=True, name="b")
    >>> X, Y = ag.tensor(np.eye(3), name="X"), ag.tensor(np.ones((2, 3)), name="Y")
    >>> Z = W @ X + b
    >>> Z.name = "Z"
    >>> print(derive(((Z - Y) ** 2).sum() / 6))
    dZ = (Z − Y) / n
    dW = dZ Xᵀ
    db = Σ_axis=1 dZ
    >>> print(derive(((Z - Y) ** 2).sum() / 6, ["W"], detail="scalar"))
    ∂J/∂zⱼᵢ = (zⱼᵢ − yⱼᵢ) / n
    ∂J/∂wⱼᵢ = Σₖ ∂J/∂zⱼₖ xᵢₖ
    """
    if not isinstance(J, Node):
        raise no_tensor("derive: equations are derived of", J, "ag.derive(J)")
    if J.size != 1:
        raise ShapeError(f"derive: {describe(J)} is not a scalar")
    if not J.requires_grad:
        raise GraphError(f"derive: {describe(J)} was not computed from anything with requires_grad=True")
    one_of("detail", detail, get_args(Detail))
    if notes is not None and not isinstance(notes, Notes):
        raise OptionError(f"derive: notes is {notes!r:.60}, wanted such as nn.NOTES")
    deriving = Deriving(J, detail != "full", notes)
    backward = deriving.backward
    if wrt is not None:
        backward = _needed(backward, deriving.wanted(wrt), computing=True)
    return Derivation(
        deriving.forward,
        backward,
        deriving.algebra,
        deriving.lifting.values,
        deriving.sizes,
        deriving.assumed,
        deriving.lifting.lost,
        detail,
        notes,
    )


def _needed(equations: Sequence[Equation], wanted: Collection[str], computing: bool) -> list[Equation]:
    """The equations wanted, and those of what stands in them, or is needed to compute them."""
    kept: list[Equation] = []
    needed: set[Term] = set()
    for e in reversed(equations):
        if e.name in wanted or e.symbol in needed:
            needed.update(walk(*((e.term, e.everywhere) if computing else (e.term,)), known=needed))
            kept.append(e)
    return kept[::-1]
