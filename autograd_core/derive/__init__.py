"""The DAG as equations."""

from autograd_core.derive.expression import expression

__all__ = ["expression"]
