"""What a layer is: parameters by name, a function of them and of what comes in, and a description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import numpy as np

import autograd_core as ag
from autograd_core.graph.dispatch import as_operand
from autograd_core.wording.arguments import whole
from autograd_core.wording.errors import GraphError, OptionError, ShapeError, describe
from autograd_core.wording.identifiers import name_of
from nn.activations import Activation, identity

__all__ = ["RESULTS", "Layer", "Network"]

RESULTS = ("A", "Z", "R", "Ã")
"""What results are called, and no parameter may be."""


class Layer:
    """A layer of a network, to be derived from: A[l] = f(parameters, A[l-1]).

    A layer of one's own sets its sizes and its parameters, tensors that are attributes, and says in `apply`
    what it computes and in `config` what it takes to make it again. Everything else is done with these:
    training, files, tables, pictures.

    Attributes
    ----------
    n_in, n_out : int
        Number of nodes of what comes in and of what goes out.
    activation, g : str, function
        What is applied last, by name and itself; ``identity`` if nothing is.
    penalised : tuple of str
        The parameters that a weight penalty is on: ``W`` if there is one.
    numbered : bool
        Whether the layer bears a number of its own. One that does not is left out of predictions, and goes by
        the number of the layer that it follows.
    index : int or None
        Its number in the network that it was put into last.

    Examples
    --------
    >>> class Scale(Layer):
    ...     def __init__(self, n):
    ...         self.n_in = self.n_out = n
    ...         self.s = ag.Tensor(np.full((n, 1), 2.0), requires_grad=True)
    ...
    ...     def apply(self, params, A):
    ...         return params["s"] * A
    ...
    ...     def config(self):
    ...         return {"kind": "Scale", "n": self.n_in}
    >>> import nn
    >>> net = nn.Sequential(Scale(3), nn.Dense(3, 1, rng=0))
    >>> [*net.named_parameters()], net[0](np.ones((3, 2))).shape
    (['s[1]', 'W[2]', 'b[2]'], (3, 2))
    """

    n_in: int
    n_out: int
    activation: str = "identity"
    g: Activation = staticmethod(identity)
    penalised: ClassVar[tuple[str, ...]] = ("W",)
    numbered: ClassVar[bool] = True
    index: int | None = None

    def apply(self, params: Mapping[str, Any], A: Any) -> Any:
        """Compute A[l] (n_out, m) from A[l-1] (n_in, m) and parameters by name: arrays or tensors.

        Raises
        ------
        OptionError
            The class does not say how.
        """
        raise OptionError(f"{type(self).__name__} has no apply(params, A), which says what it computes")

    def config(self) -> dict[str, Any]:
        """Describe the layer without its parameters, in values that JSON knows.

        Returns
        -------
        dict
            ``"kind"``, the name of the class, and the arguments by name that make such a layer again.

        Raises
        ------
        OptionError
            The class does not say how.
        """
        raise OptionError(f"{type(self).__name__} has no config(), which describes it for files")

    def named_parameters(self) -> dict[str, ag.Tensor]:
        """Map names to parameters: the tensors among the attributes, in the order they were set in."""
        return {name: value for name, value in vars(self).items() if isinstance(value, ag.Tensor)}

    def parameters(self) -> list[ag.Tensor]:
        """List the parameters."""
        return [*self.named_parameters().values()]

    @property
    def is_named(self) -> bool:
        """Whether all of it is of `nn`, which is known to depend on shapes only."""
        return type(self).__module__.startswith("nn.")

    @property
    def title(self) -> str:
        """What tables and pictures call the layer by: its activation, or its class if it has none."""
        return type(self).__name__ if self.activation == "identity" else self.activation

    def number(self, index: int | None) -> None:
        """Name the parameters after the layer's place in a network.

        Raises
        ------
        OptionError
            A parameter is called as results are: A, Z, R or Ã.
        """
        place = "" if index is None else f"[{whole(index, 'number: index')}]"
        self.index = index
        for name, parameter in self.named_parameters().items():
            if name in RESULTS:
                raise OptionError(
                    f"{type(self).__name__}: a parameter called {name}, as results are; call it otherwise"
                )
            parameter.name = f"{name}{place}"

    def __call__(self, A: Any) -> Any:
        """Compute A[l] (n_out, m) from A[l-1] (n_in, m)."""
        return self._finished(self.named_parameters(), A)

    def applied(self, params: Mapping[str, Any], A: Any) -> Any:
        """Do as a call does, with other parameters.

        Raises
        ------
        OptionError, ShapeError
            They are not those of this layer, as `checked` finds.
        ShapeError, GraphError
            A is not (n_in, m), or what `apply` returns not (n_out, m), or a bare array though parameters or
            A are tensors.
        """
        self.checked(params)
        return self._finished(params, A)

    def checked(self, params: Mapping[str, Any]) -> None:
        """Refuse parameters that are not those of this layer by name and shape.

        Raises
        ------
        OptionError
            One is missing.
        ShapeError
            One has another shape.
        """
        wanted = self.named_parameters()
        if not isinstance(params, Mapping) or any(name not in params for name in wanted):
            raise OptionError(f"{self}: params is {params!r:.60}, wanted a dict with {' and '.join(wanted)}")
        for name, own in wanted.items():
            if as_operand(params[name]).shape != own.shape:
                raise ShapeError(
                    f"{self}: {name} of the params is {describe(params[name])}, wanted {own.shape}"
                )

    def _finished(self, params: Mapping[str, Any], A: Any) -> Any:
        """Compute, refuse what no pass can go on from, and name it after the layer's place."""
        A = as_operand(A)
        if len(np.shape(A)) != 2 or np.shape(A)[0] != self.n_in:
            raise ShapeError(f"{self} cannot take {describe(A)}, wanted ({self.n_in}, m)")
        result = self.apply(params, A)
        if np.shape(getattr(result, "value", result)) != (wanted := (self.n_out, np.shape(A)[-1])):
            raise ShapeError(f"{self} turned {describe(A)} into {describe(result)}, wanted {wanted}")
        if not isinstance(result, ag.Tensor):
            if any(isinstance(x, ag.Tensor) for x in (A, *params.values())):
                raise GraphError(
                    f"{self} turned {describe(A)} into a bare {name_of(type(result))}, which remembers "
                    "nothing of it; compute with A and params themselves, not with their data"
                )
            return result
        if result.is_leaf or result is A or result.name is not None:
            result = +result  # so that it has a name of its own
        result.name = "A" if self.index is None else f"A[{self.index}]"
        return result

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'n_in', '?')}, {getattr(self, 'n_out', '?')})"


class Network(Protocol):
    """What is asked of a network by those who read something off it: that of `Sequential`."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers."""

    @property
    def numbered(self) -> tuple[Layer, ...]:
        """Those that bear the numbers 1 to L."""

    @property
    def widths(self) -> tuple[int, ...]:
        """Number of nodes n[0], ..., n[L]."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """What it computes in."""

    def __call__(self, X: Any) -> ag.Tensor:
        """Compute A[L]."""

    def __hash__(self) -> int: ...
