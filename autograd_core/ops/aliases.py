"""The second names that NumPy gives to some functions: those of the array API standard, and `abs`."""

from __future__ import annotations

from autograd_core.ops.arithmetic import remainder
from autograd_core.ops.elementary import absolute
from autograd_core.ops.joining import concatenate
from autograd_core.ops.plane import arctan2
from autograd_core.ops.powers import power
from autograd_core.ops.shape import transpose
from autograd_core.ops.trigonometry import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctanh,
)

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
