"""The operations, one file a theme. Each is declared once; see `autograd_core.primitive`."""

from autograd_core.ops.activation import relu, sigmoid
from autograd_core.ops.arithmetic import add, divide, multiply, negative, positive, subtract
from autograd_core.ops.elementary import absolute, exp, log, power, sign, sqrt, tanh
from autograd_core.ops.linear_algebra import matmul
from autograd_core.ops.reduction import log_softmax, logsumexp, max, mean, min, softmax, sum
from autograd_core.ops.selection import (
    concatenate,
    equal,
    getitem,
    greater,
    greater_equal,
    less,
    less_equal,
    maximum,
    minimum,
    not_equal,
    put,
    where,
)
from autograd_core.ops.shape import (
    astype,
    broadcast_to,
    expand_dims,
    reshape,
    sum_to,
    transpose,
)

__all__ = [
    "absolute",
    "add",
    "astype",
    "broadcast_to",
    "concatenate",
    "divide",
    "equal",
    "exp",
    "expand_dims",
    "getitem",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "log",
    "log_softmax",
    "logsumexp",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "positive",
    "power",
    "put",
    "relu",
    "reshape",
    "sigmoid",
    "sign",
    "softmax",
    "sqrt",
    "subtract",
    "sum",
    "sum_to",
    "tanh",
    "transpose",
    "where",
]
