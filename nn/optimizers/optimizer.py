"""What every update rule has in common: it takes trees of arrays apart and puts them together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from autograd_core.differentiation.tree import Structure
from autograd_core.graph.dispatch import REAL, plain_array
from autograd_core.graph.node import Node
from autograd_core.wording.errors import DtypeError, OptionError, ShapeError
from nn.given import floating_leaves
from nn.optimizers.options import Options

__all__ = ["Optimizer"]

State = dict[str, Any]


class Optimizer(Options):
    """An update rule: pure functions of parameters, gradients and a state.

    Parameters are an array or any container of arrays. A rule of one's own is a frozen dataclass that
    names its `moments`, the arrays that it keeps for each parameter, and says in `step` what happens to
    one parameter. Written with operators and NumPy's functions, it also records itself on tensors.

    Attributes
    ----------
    moments : tuple of str
        Names of what is kept for each parameter besides; zeros at the start.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class SignDescent(Optimizer):
    ...     learning_rate: float = 0.1
    ...
    ...     def step(self, W, dW):
    ...         return (W - self.learning_rate * np.sign(dW),)
    >>> rule, params = SignDescent(0.5), {"W": np.array([1.0, 2.0])}
    >>> params, state = rule.update(params, {"W": np.array([-3.0, 8.0])}, rule.start(params))
    >>> params
    {'W': array([1.5, 1.5])}
    >>> state
    {'t': array(1)}
    """

    moments: ClassVar[tuple[str, ...]] = ()

    def start(self, params: Any) -> State:
        """Make the state before the first update.

        Parameters
        ----------
        params : array, or container of arrays

        Returns
        -------
        dict
            ``"t"``, how many updates there were, and a tree of zeros for each of the moments.

        Raises
        ------
        DtypeError
            A parameter is no array of floating-point numbers.
        """
        leaves, structure = floating_leaves(params, "params")
        return {"t": np.zeros((), np.int64)} | {
            name: structure.unflatten([np.zeros(W.shape, W.dtype) for W in leaves]) for name in self.moments
        }

    def update(self, params: Any, gradients: Any, state: State) -> tuple[Any, State]:
        """Take one step.

        Parameters
        ----------
        params : array, or container of arrays
        gradients : the same container
        state : dict
            From `start`, or from the last update.

        Returns
        -------
        params, state
            New ones, each array in its old dtype; no argument is changed.

        Raises
        ------
        ShapeError
            The gradients or the state do not have the form of the parameters.
        OptionError
            The state is that of another rule.
        """
        Ws, structure = floating_leaves(params, "params")
        columns = [Ws, _fitting(gradients, structure, Ws, "gradients")]
        columns += [_fitting(self._kept(state, k), structure, Ws, f'state["{k}"]') for k in self.moments]
        t = self._kept(state, "t")
        # Python's own floats never widen float32 arrays; tensors do.
        factors = [float(x) if isinstance(x, np.floating) else x for x in self.factors(t)]
        if all(type(x) is float for x in factors):
            rows = [self.step(*row, *factors) for row in zip(*columns)]
        else:
            rows = [self.step(*row, *_in_dtype(factors, row[0].dtype)) for row in zip(*columns)]
        new, *moments = [structure.unflatten([row[i] for row in rows]) for i in range(len(columns) - 1)]
        after = (t + 1)[...]  # the index keeps it an array
        return new, {"t": after} | dict(zip(self.moments, moments))

    def step(self, W: Any, dW: Any, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Update one parameter: ``step(W, dW, *moments, *factors)`` returns ``(W, *moments)``."""
        raise OptionError(f"{type(self).__name__} has no step(W, dW, ...)")

    def factors(self, t: Any) -> tuple[Any, ...]:
        """Numbers that all parameters share after t updates, such as the learning rate."""
        return ()

    def direction(self, net: Any, X: Any, gradients: Any) -> Any:
        """Turn the gradients of a batch into what `update` takes in their place: here, into themselves.

        Parameters
        ----------
        net : Sequential
        X : (n[0], m)
            The examples that the gradients come from.
        gradients : list of dicts
            In the form of ``net.params()``.
        """
        return gradients

    def _kept(self, state: State, name: str) -> Any:
        if not isinstance(state, Mapping):
            raise OptionError(f"update: state is {state!r:.60}, wanted what start(params) returns")
        try:
            return state[name]
        except KeyError:
            raise OptionError(
                f"{type(self).__name__}: the state holds {', '.join(state) or 'nothing'}, but no {name!r}; "
                "start(params) makes one for this rule"
            ) from None


def _fitting(tree: Any, structure: Structure, Ws: Sequence[Any], root: str) -> list[Any]:
    """Take apart what belongs to parameters: an array of the same shape and dtype for each."""
    leaves = structure.leaves_of(tree, root)
    for i, (x, W) in enumerate(zip(leaves, Ws)):
        if getattr(x, "shape", None) != W.shape:
            found = f"an array of shape {x.shape}" if hasattr(x, "shape") else f"{x!r:.60}"
            raise ShapeError(
                f"{structure.paths(root)[i]} is {found}, but its parameter has the shape {W.shape}"
            )
        if x.dtype is not W.dtype:
            if not isinstance(x, Node):
                plain_array(x)
            if x.dtype.kind not in REAL:
                raise DtypeError(f"{structure.paths(root)[i]} is of dtype {x.dtype}; wanted {W.dtype}")
            leaves[i] = x.astype(W.dtype)
    return leaves


def _in_dtype(factors: Sequence[Any], dtype: Any) -> list[Any]:
    """Cast what is not a float of Python's own."""
    return [x if type(x) is float else x.astype(dtype) for x in factors]
