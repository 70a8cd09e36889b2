"""A claimed gradient against the recorded one, and what is wrong with it."""

from autograd_core.comparisons.comparison import Comparison, Row, compare
from autograd_core.comparisons.diagnosing.diagnosis import Candidate, Diagnosis
from autograd_core.comparisons.functions import compare_functions

__all__ = ["Candidate", "Comparison", "Diagnosis", "Row", "compare", "compare_functions"]
