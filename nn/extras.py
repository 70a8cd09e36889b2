"""Packages that only some functions need."""

from autograd_core.extras import required

__all__ = ["required"]
