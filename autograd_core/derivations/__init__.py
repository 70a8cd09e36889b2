"""The DAG as equations."""

from autograd_core.derivations.derivation import Derivation, Equation, derive
from autograd_core.derivations.expression import expression

__all__ = ["Derivation", "Equation", "derive", "expression"]
