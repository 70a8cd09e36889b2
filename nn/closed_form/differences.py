"""The third method for a gradient: quotients of differences of the cost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from autograd_core.wording.errors import IndexingError, OptionError
from nn.closed_form import costs
from nn.closed_form.formulas import Array
from nn.closed_form.recurrence import Layer, forward, layers_of
from nn.closed_form.sizes import matrix

__all__ = ["RESOLUTION", "difference_quotient"]

RESOLUTION = 1e-9  # what a difference quotient of losses of order 1 can tell from 0, in float64


def difference_quotient(
    X: Array, Y: Array, layers: Sequence[Layer], cost: str, name: str, index: tuple[int, ...]
) -> float:
    """Take the derivative of J by one entry from two evaluations of the forward pass.

    The central difference is taken of each example's loss, so that only what moves is subtracted, and
    for three steps; of these the two that agree best decide, which avoids rounding as well as kinks.

    Parameters
    ----------
    X, Y, layers, cost
        As for `forward` and `backward`, in float64.
    name : str
        ``"W[1]"``, ``"b[1]"``, ``"Z[1]"``, ``"A[1]"``, ...
    index : tuple of int
        Which entry of it.

    Returns
    -------
    float
        NaN at a kink, where the slopes from the left and from the right differ and no derivative exists.

    Examples
    --------
    >>> import numpy as np
    >>> layers = [Layer(np.array([[2.0]]), np.zeros((1, 1)), "identity")]
    >>> X, Y = np.array([[3.0]]), np.array([[5.0]])
    >>> round(difference_quotient(X, Y, layers, "squared_error", "W[1]", (0, 0)), 6)
    3.0
    """
    X, Y, layers = matrix(X, "X"), matrix(Y, "Y"), layers_of("difference_quotient", layers)
    values, L = forward(X, layers), len(layers)
    if not isinstance(name, str) or not re.fullmatch(r"[WbZA]\[\d+\]", name):
        raise OptionError(
            f"difference_quotient: name is {name!r:.60}, wanted such as 'W[1]', 'b[1]' or 'Z[1]'"
        )
    l = int(name[2:-1])
    if not (0 if name[0] == "A" else 1) <= l <= L:
        raise OptionError(f"difference_quotient: {name} of a network of {L} layers")

    def losses(shift: float) -> Array:
        if name[0] in "Wb":
            layer = layers[l - 1]
            if name[0] == "W":
                layer = layer._replace(W=_moved(layer.W, index, shift))
            else:
                layer = layer._replace(b=_moved(layer.b, index, shift))
            moved = forward(X, [*layers[: l - 1], layer, *layers[l:]], _before(values, l))
        else:
            known = _before(values, l) | {name: _moved(values[name], index, shift)}
            moved = forward(X, layers, known)
        return costs.named(cost).losses(moved[f"A[{L}]"], Y)

    here = losses(0.0)

    def slopes(step: float) -> tuple[float, float]:
        above, below = losses(step) - here, here - losses(-step)
        return float(above.sum() / step / Y.shape[1]), float(below.sum() / step / Y.shape[1])

    right, left = slopes(1e-7)
    if abs(right - left) > 1e-6 * max(abs(right), abs(left)) + RESOLUTION:
        return float("nan")
    coarse, middle, fine = (sum(slopes(step)) / 2 for step in (1e-5, 1e-6, 1e-7))
    return (coarse + middle) / 2 if abs(coarse - middle) < abs(middle - fine) else (middle + fine) / 2


def _before(values: Mapping[str, Array], l: int) -> dict[str, Array]:
    """The values that do not depend on layer l."""
    return {name: value for name, value in values.items() if int(name[2:-1]) < l}


def _moved(value: Array, index: tuple[int, ...], shift: float) -> Array:
    moved = value.copy()
    try:
        moved[index] += shift
    except (IndexError, TypeError):
        raise IndexingError(
            f"difference_quotient: index {index!r:.60} is no entry of an array of shape {value.shape}"
        ) from None
    return moved
