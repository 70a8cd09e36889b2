"""The DAG as equations."""

from autograd_core.derive.derivation import Derivation, Equation, derive
from autograd_core.derive.expression import expression

__all__ = ["Derivation", "Equation", "derive", "expression"]
