"""A function and its gradient in closed form, for a person who has just these two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_core.comparisons.comparison import Comparison, compared
from autograd_core.derivations.derivation import Notes
from autograd_core.differentiation.recorded import array_of, parameter
from autograd_core.differentiation.tensor import Tensor
from autograd_core.graph.dispatch import as_operand
from autograd_core.graph.recording import Transform, apart, transforms
from autograd_core.wording.arguments import function
from autograd_core.wording.errors import OptionError, unknown_option

__all__ = ["compare_functions"]


def compare_functions(
    f: Callable[..., Any],
    closed_form: Callable[..., Any],
    *example_inputs: Any,
    rtol: float | None = None,
    notes: Notes | None = None,
) -> Comparison:
    """Hold a gradient in closed form against that of the function, at the inputs and at fresh numbers.

    Parameters
    ----------
    f : function
        From arrays to a scalar; it is called with tensors.
    closed_form : function
        From the same arrays to the gradient by the first one; or to a tuple of the gradients by the first
        ones; or to a dict from the names of parameters to gradients.
    *example_inputs : arrays
        Where two of their sizes are equal, f is called with sizes that differ as well, if it can be.
    rtol : float, optional
    notes : Notes, optional
        As in `compare`.

    Returns
    -------
    Comparison

    Raises
    ------
    OptionError
        There are more gradients than inputs, or one by something that is no parameter.
    ShapeError
        `f` does not return a scalar.

    Examples
    --------
    >>> x, A = np.array([[1.0], [2.0]]), np.array([[1.0, 3.0], [0.5, 2.0]])
    >>> comparison = compare_functions(lambda x, A: (x.T @ A @ x).sum(), lambda x, A: 2 * A @ x, x, A)
    >>> comparison.ok
    False
    >>> bool(compare_functions(lambda x, A: (x.T @ A @ x).sum(), lambda x, A: (A + A.T) @ x, x, A))
    True
    """
    function(f, "compare_functions: f")
    function(closed_form, "compare_functions: closed_form")
    arrays = [np.asarray(as_operand(x), float) for x in map(array_of, example_inputs)]
    names = [parameter(f, i).replace("args[", "x[") for i in range(len(arrays))]
    keys = list(_by_name(closed_form(*arrays), names))

    def claim(name: str) -> Callable[[Mapping[str, Any]], Any]:
        return lambda v: _by_name(closed_form(*(v.get(n, x) for n, x in zip(names, arrays))), names)[name]

    def retrace(leaves: Mapping[str, Any]) -> Any:
        fresh = [
            Tensor(leaves.get(name, x), requires_grad=name in keys, name=name)
            for name, x in zip(names, arrays, strict=True)
        ]
        return apart(f, (*transforms(), Transform(fresh)), None, *fresh)

    return compared(retrace({}), {name: claim(name) for name in keys}, rtol, retrace=retrace, notes=notes)


def _by_name(gradients: Any, names: list[str]) -> dict[str, Any]:
    """Say which parameter each gradient belongs to."""
    if isinstance(gradients, Mapping):
        for name in gradients:
            if name not in names:
                raise unknown_option("parameter", name, names)
        return dict(gradients)
    several = gradients if isinstance(gradients, tuple) else (gradients,)
    if len(several) > len(names):
        raise OptionError(f"compare_functions: {len(several)} gradients of a function of {len(names)} inputs")
    return dict(zip(names, several))
