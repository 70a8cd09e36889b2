"""The second names that NumPy gives to some functions: those of the array API standard, and `abs`."""

from __future__ import annotations

from autograd_core.ops.entrywise.arithmetic import remainder
from autograd_core.ops.entrywise.elementary import absolute
from autograd_core.ops.entrywise.plane import arctan2
from autograd_core.ops.entrywise.powers import power
from autograd_core.ops.entrywise.trigonometry import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctanh,
)
from autograd_core.ops.shaping.joining import concatenate
from autograd_core.ops.shaping.shape import transpose

__all__ = [
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "concat",
    "mod",
    "permute_dims",
    "pow",
]

abs = absolute
acos = arccos
acosh = arccosh
asin = arcsin
asinh = arcsinh
atan = arctan
atan2 = arctan2
atanh = arctanh
concat = concatenate
mod = remainder
permute_dims = transpose
pow = power
