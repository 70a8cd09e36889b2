"""A claimed gradient against the recorded one."""

from autograd_core.compare.comparison import Comparison, Row, compare

__all__ = ["Comparison", "Row", "compare"]
