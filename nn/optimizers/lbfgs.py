"""L-BFGS: minimise a function of all parameters at once, by SciPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core.graph.node import Array
from autograd_core.system.extras import required
from autograd_core.wording.arguments import function as callable_
from autograd_core.wording.errors import NonFiniteError
from nn.optimizers.options import Options, checked
from nn.optimizers.vector import Layout

__all__ = ["LBFGS"]


@dataclass(frozen=True)
class LBFGS(Options):
    """Quasi-Newton steps from the last few gradients; Liu & Nocedal (1989), in SciPy's L-BFGS-B.

    It searches along each direction, so it needs no learning rate, but the gradient of all examples.

    Parameters
    ----------
    memory : int
        How many steps back to remember.
    tolerance : float
        Stop when no entry of the gradient is larger.

    Raises
    ------
    OptionError
        An option is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> def value_and_grad(params):
    ...     x = params["x"]
    ...     return ((x - 3) ** 2).sum(), {"x": 2 * (x - 3)}
    >>> LBFGS().minimise(value_and_grad, {"x": np.zeros(2)}, iterations=10)
    {'x': array([3., 3.])}
    """

    memory: int = 10
    tolerance: float = 1e-8

    def minimise(
        self,
        value_and_grad: Callable[[Any], tuple[Any, Any]],
        params: Any,
        iterations: int,
        callback: Callable[[Any, float], Any] | None = None,
    ) -> Any:
        """Minimise a function, as long as it gets smaller.

        Parameters
        ----------
        value_and_grad : function
            From parameters to the value and its gradient, as `autograd_core.value_and_grad` makes it.
        params : array, or container of arrays
            Where to start. The steps are taken in float64; the function sees each array in its own dtype.
        iterations : int
            At most so many; each takes one evaluation or a few.
        callback : function (params, value), optional
            Called after each iteration. `StopIteration` ends the minimisation there; any other exception
            is passed on.

        Returns
        -------
        array, or container of arrays
            New parameters, the best that were found.

        Raises
        ------
        OptionError
            SciPy is not installed, or there is to be no iteration.
        ShapeError
            The gradient has not the form of the parameters.
        NonFiniteError
            The value or the gradient is NaN or infinite, also at a point that was only tried.
        """
        iterations = checked("LBFGS().minimise", "iterations", iterations)
        layout = Layout(params)
        callable_(value_and_grad, "minimise: value_and_grad")
        if callback is not None:
            callable_(callback, "minimise: callback")

        def function(x: Array) -> tuple[float, Array]:
            value, gradients = value_and_grad(layout.tree(x))
            gradient = layout.vector(gradients, "gradients")
            if not (np.isfinite(value) and np.isfinite(gradient).all()):
                raise NonFiniteError(
                    f"LBFGS: the value is {value}, and {np.count_nonzero(~np.isfinite(gradient))} entries of "
                    "the gradient are not finite; scale the data, or begin with a few steps of Adam"
                )
            return float(value), gradient

        def after(intermediate_result: Any) -> None:
            if callback is not None:
                callback(layout.tree(intermediate_result.x), float(intermediate_result.fun))

        options = {
            "maxcor": self.memory,
            "gtol": self.tolerance,
            "ftol": 0.0,
            "maxiter": iterations,
            "maxfun": np.inf,
        }
        optimize = required("scipy.optimize", "optimize", "LBFGS")
        found = optimize.minimize(
            function, layout.vector(params), jac=True, method="L-BFGS-B", callback=after, options=options
        )
        return layout.tree(found.x)
