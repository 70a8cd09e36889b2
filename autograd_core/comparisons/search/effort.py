"""How much a search may do, counted in what it does, not in seconds: the answer is the same everywhere."""

from __future__ import annotations

__all__ = ["Effort"]

_MOST = 50_000.0


class Effort:
    """What searches may do together.

    Parameters
    ----------
    most : float
        Parts of formulas that may be computed or made again; large arrays count for more.

    Attributes
    ----------
    left : float
    """

    def __init__(self, most: float = _MOST) -> None:
        self.left = most

    @property
    def is_spent(self) -> bool:
        """Whether there is nothing left."""
        return self.left <= 0
