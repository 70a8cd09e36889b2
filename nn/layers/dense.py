"""The dense layer, in the notes' notation: Z = W A + b, A = g(Z)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.graph.dispatch import as_operand
from autograd_core.wording.arguments import truth
from autograd_core.wording.errors import GraphError, OptionError, ShapeError, describe
from autograd_core.wording.identifiers import name_of, text_of
from nn import initializers
from nn.activations import Activation, named
from nn.given import generator, precision
from nn.initializers import Initializer
from nn.layers.layer import Layer

__all__ = ["Dense"]


class Dense(Layer):
    """A fully connected layer: Z[l] = W[l] A[l-1] + b[l], A[l] = g(Z[l]); equations (5) and (6).

    Parameters
    ----------
    n_in, n_out : int
        Number of nodes in the previous layer and in this one.
    activation : str or function of a Tensor
        One of `nn.activations.ACTIVATIONS`, or any function Z (n_out, m) -> A (n_out, m).
    bias : bool
        Whether to add b.
    init : str or function (generator, shape) -> array, optional
        First weights: a name in `nn.initializers.INITIALIZERS` or an initialiser such as
        ``nn.initializers.normal(0.1)``. By default ``he`` (variance 2/n_in) for the rectifiers and ``lecun``
        (variance 1/n_in) otherwise.
    rng : int or numpy.random.Generator, optional
        Where the first weights come from: a seed, or a generator that several layers share.
    dtype : float64 or float32

    Attributes
    ----------
    W : Tensor (n_out, n_in)
    b : Tensor (n_out, 1) or None
        Zeros at first.
    g : function
        The activation.

    Raises
    ------
    OptionError
        A size is not a positive integer, or there is no such activation or initialiser.
    DtypeError
        `dtype` is neither float64 nor float32.

    Examples
    --------
    >>> layer = Dense(2, 3, "tanh", rng=0)
    >>> layer(ag.tensor(np.zeros((2, 5)))).shape
    (3, 5)
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        activation: str | Activation = "identity",
        *,
        bias: bool = True,
        init: str | Initializer | None = None,
        rng: int | np.random.Generator | None = None,
        dtype: Any = np.float64,
    ) -> None:
        if not all(isinstance(n, int | np.integer) and n > 0 for n in (n_in, n_out)):
            raise OptionError(
                f"Dense({n_in!r:.60}, {n_out!r:.60}): a layer needs two positive numbers of nodes"
            )
        dtype, bias = precision(dtype, "Dense"), truth(bias, "Dense: bias")
        self.n_in, self.n_out = int(n_in), int(n_out)
        self.g, self._unknown = named(activation), callable(activation)
        self.activation = text_of(activation) if isinstance(activation, str) else name_of(activation)
        initializer = initializers.usual(self.activation) if init is None else initializers.named(init)
        W = initializers.drawn(initializer, generator(rng, "Dense"), (self.n_out, self.n_in))
        self.W = ag.Tensor(W.astype(dtype), requires_grad=True)
        self.b = ag.Tensor(np.zeros((self.n_out, 1), dtype), requires_grad=True) if bias else None
        self.number(None)

    def number(self, index: int | None) -> None:
        """Name the parameters and results after the layer's place in a network."""
        super().number(index)
        place = "" if index is None else f"[{index}]"
        self._Z, self._A = f"Z{place}", f"A{place}"

    @property
    def title(self) -> str:
        """What tables and pictures call the layer by: its activation."""
        return self.activation

    @property
    def is_named(self) -> bool:
        """Whether layer and activation are `nn`'s own."""
        return super().is_named and not self._unknown

    def __call__(self, A: Any) -> ag.Tensor:
        """Compute g(W A + b) for A (n_in, m)."""
        return self._computed(self.W, self.b, as_operand(A))  # type: ignore[no-any-return]

    def apply(self, params: Mapping[str, Any], A: Any) -> Any:
        """Compute g(W A + b) with other parameters, ``{"W": ..., "b": ...}``: arrays or tensors."""
        self.checked(params)
        return self._computed(params["W"], params.get("b"), as_operand(A))

    def applied(self, params: Mapping[str, Any], A: Any) -> Any:
        """Do as `apply` does, which names its results and refuses wrong ones itself."""
        return self.apply(params, A)

    @classmethod
    def described(
        cls, config: Mapping[str, Any], function: Callable[[str], str | Activation]
    ) -> Dense | None:
        """Build the layer of a `config`, with weights of zeros; None if it describes no such layer.

        `function` gives the activation of a name.
        """
        match config:
            case {
                "kind": "Dense",
                "n_in": int(n_in),
                "n_out": int(n_out),
                "activation": str(activation),
                "bias": bool(bias),
                "dtype": "float64" | "float32" as dtype,
                **rest,
            } if not rest and n_in > 0 and n_out > 0:
                g = function(activation)
                layer = cls(n_in, n_out, g, bias=bias, init=initializers.zeros(), dtype=dtype)
                layer.activation = activation  # as it was described, whatever the function calls itself
                return layer
        return None

    def _computed(self, W: Any, b: Any, A: Any) -> Any:
        Z = W @ A
        if b is not None:
            Z = Z + b
        recorded = isinstance(Z, ag.Tensor)
        if recorded:
            Z.name = self._Z
        A = self.g(Z)
        if self._unknown:
            self._refuse(Z, A)
        if recorded:
            if A is Z:  # a function of one's own that returns what it was given
                A = +Z
            A.name = self._A
        return A

    def _refuse(self, Z: Any, A: Any) -> None:
        """Refuse what a function of one's own made of Z, if no pass back or no layer can follow."""
        if np.shape(getattr(A, "value", A)) != Z.shape:
            raise ShapeError(
                f"activation {self.activation!r} turned {describe(Z)} into {describe(A)}; "
                "it must keep the shape"
            )
        if isinstance(Z, ag.Tensor) and not isinstance(A, ag.Tensor):
            raise GraphError(
                f"activation {self.activation!r} turned {describe(Z)} into a bare {name_of(type(A))}, which "
                "remembers nothing of it; compute with Z itself, not with Z.data"
            )

    def config(self) -> dict[str, Any]:
        """Describe the layer without its weights, in values that JSON knows."""
        return {
            "kind": "Dense",
            "n_in": self.n_in,
            "n_out": self.n_out,
            "activation": self.activation,
            "bias": self.b is not None,
            "dtype": str(self.W.dtype),
        }

    def __repr__(self) -> str:
        bias = "" if self.b is not None else ", bias=False"
        return f"Dense({self.n_in}, {self.n_out}, {self.activation!r}{bias})"
