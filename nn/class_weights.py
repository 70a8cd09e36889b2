"""Weights of classes: how much an example of each counts in a cost.

J is still divided by the number of examples and never by the sum of the weights, so that the gradients of
mini-batches, weighted by size, add up to that of all examples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core import Tensor
from autograd_core.graph.dispatch import as_operand
from autograd_core.wording.arguments import is_sequence
from autograd_core.wording.errors import OptionError

__all__ = ["for_classes", "for_labels"]


def for_classes(class_weights: Any, A: Any) -> Any:
    """Check a weight for each of the n classes, one a row of A (n, m); return a column (n, 1).

    It is a tensor w if A is a tensor.

    Raises
    ------
    OptionError
        Not n numbers, or one of them is negative or not finite.

    Examples
    --------
    >>> for_classes([1.0, 5.0], np.zeros((2, 7)))
    array([[1.],
           [5.]])
    """
    n = len(A)
    weights = _numbers(class_weights, A)
    if weights.shape not in ((n,), (n, 1)):
        raise OptionError(
            f"class_weights={class_weights!r}: wanted {n} numbers, one for each class (row of A)"
        )
    return _like(A, weights.reshape(n, 1), "w")


def for_labels(class_weights: Any, A: Any) -> tuple[Any, Any]:
    """Check a pair (weight of 0, weight of 1), each a number or a column (n, 1) for A (n, m).

    They are tensors w[0] and w[1] if A is a tensor.

    Raises
    ------
    OptionError
        Not such a pair, or a weight is negative or not finite.

    Examples
    --------
    >>> for_labels((1.0, 5.0), np.zeros((1, 7)))
    (array(1.), array(5.))
    """
    n = len(A)
    pair = is_sequence(class_weights) and len(class_weights) == 2
    weights = [_numbers(weight, A) for weight in class_weights] if pair else []
    if not pair or any(weight.shape not in ((), (n, 1)) for weight in weights):
        raise OptionError(
            f"class_weights={class_weights!r}: wanted a pair (weight of 0, weight of 1), each a number or a "
            f"column of shape ({n}, 1), one row for each label"
        )
    return _like(A, weights[0], "w[0]"), _like(A, weights[1], "w[1]")


def _numbers(weights: Any, A: Any) -> Any:
    """Make an array in the dtype of A, and refuse what cannot weigh."""
    try:
        numbers = np.asarray(as_operand(weights), A.dtype if A.dtype.kind == "f" else float)
    except (TypeError, ValueError):
        raise OptionError(f"class_weights: {weights!r} is not a number or a sequence of numbers") from None
    if not (np.isfinite(numbers) & (numbers >= 0)).all():
        raise OptionError(f"class_weights: {weights!r}; a weight is 0 or positive, and finite")
    return numbers


def _like(A: Any, weights: Any, name: str) -> Any:
    """Name weights, for pictures, where something is recorded."""
    return Tensor(weights, name=name) if isinstance(A, Tensor) else weights
