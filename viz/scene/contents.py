"""What the boxes of a picture say below their names."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_core.wording.arguments import truth
from viz.scene.labels import length, norm, number, shape, table

__all__ = ["NOT_COMPUTED", "USUAL", "Contents", "contents"]

NOT_COMPUTED = "–"


class Contents(NamedTuple):
    """What to say of each value and adjoint; of a scalar it is always the number.

    Attributes
    ----------
    shapes : bool
    values : bool
        The entries of arrays of at most 3 x 4.
    norms : bool
        The Euclidean norm of each adjoint, and at each parameter that of its gradient.
    statistics : bool
        The smallest and the largest entry, the mean and the standard deviation.
    """

    shapes: bool = True
    values: bool = False
    norms: bool = False
    statistics: bool = False

    def of(self, value: Any) -> tuple[str, ...]:
        """Describe a value of the forward pass.

        >>> x = np.array([1.0, 2.0, 6.0])
        >>> Contents().of(x), Contents(shapes=False, values=True).of(x), Contents().of(2.0)
        (('(3,)',), ('1  2  6',), ('2',))
        """
        return self._lines(value, normed=False)

    def of_parameter(self, value: Any, gradient: Any) -> tuple[str, ...]:
        """Describe a parameter, whose gradient may be None: not computed.

        >>> Contents(norms=True).of_parameter(np.ones((2, 2)), None)
        ('(2, 2)', '‖grad‖ –')
        """
        if not self.norms:
            return self.of(value)
        return *self.of(value), f"‖grad‖ {NOT_COMPUTED if gradient is None else length(gradient)}"

    def of_adjoint(self, value: Any, parameter: bool) -> tuple[str, ...]:
        """Describe an adjoint; that of a parameter always says its norm.

        >>> Contents().of_adjoint(np.array([3.0, 4.0]), True), Contents().of_adjoint(np.ones(2), False)
        (('(2,)', '‖·‖ 5'), ('(2,)',))
        """
        return self._lines(value, normed=parameter or self.norms)

    def _lines(self, value: Any, normed: bool) -> tuple[str, ...]:
        if np.ndim(value) == 0:
            return (number(value),)
        return (
            *((shape(value),) if self.shapes else ()),
            *((norm(value),) if normed else ()),
            *(_statistics(value) if self.statistics else ()),
            *(table(value) if self.values else ()),
        )


USUAL = Contents()


def contents(shapes: Any, values: Any, norms: Any, statistics: Any) -> Contents:
    """Take what a caller says of each of them, True or False.

    Raises
    ------
    DtypeError
        One is neither.

    Examples
    --------
    >>> contents(True, False, False, True).statistics
    True
    """
    said = {"shapes": shapes, "values": values, "norms": norms, "statistics": statistics}
    return Contents(*[truth(value, name) for name, value in said.items()])


def _statistics(value: Any) -> tuple[str, ...]:
    """Write what is known of the spread of the entries."""
    if np.size(value) == 0:
        return ("empty",)
    x = np.asarray(value, dtype=float)
    with np.errstate(all="ignore"):
        least, most, mean, spread = map(number, (x.min(), x.max(), x.mean(), x.std()))
    return f"min {least}, max {most}", f"mean {mean}, std {spread}"
