"""An autodiff engine on NumPy that shows its work.

A `Tensor` records what is computed from it in a DAG; a reverse sweep applies the chain rule. See
`grad` and `value_and_grad` for functions of arrays, `Tensor.backward` for costs built step by step,
`compare` for hand-written gradients and `gradcheck` for finite differences.
"""

from autograd_core.compare import Comparison, compare
from autograd_core.errors import (
    AutogradError,
    DataError,
    DtypeError,
    GraphError,
    MismatchError,
    NonFiniteError,
    OptionError,
    ShapeError,
)
from autograd_core.gradcheck import GradcheckReport, gradcheck
from autograd_core.memory import keep_freed_blocks
from autograd_core.node import no_grad
from autograd_core.ops import OPERATIONS
from autograd_core.ops.activation import relu as relu, sigmoid as sigmoid
from autograd_core.ops.arithmetic import (
    add as add,
    divide as divide,
    multiply as multiply,
    negative as negative,
    positive as positive,
    subtract as subtract,
)
from autograd_core.ops.elementary import (
    absolute as absolute,
    exp as exp,
    log as log,
    power as power,
    sqrt as sqrt,
)
from autograd_core.ops.indexing import getitem as getitem, scatter_add as scatter_add
from autograd_core.ops.joining import concatenate as concatenate
from autograd_core.ops.products import matmul as matmul, vdot as vdot
from autograd_core.ops.reduction import max as max, mean as mean, min as min, sum as sum
from autograd_core.ops.rounding import sign as sign
from autograd_core.ops.selection import (
    equal as equal,
    greater as greater,
    greater_equal as greater_equal,
    less as less,
    less_equal as less_equal,
    maximum as maximum,
    minimum as minimum,
    not_equal as not_equal,
    where as where,
)
from autograd_core.ops.shape import (
    astype as astype,
    broadcast_to as broadcast_to,
    expand_dims as expand_dims,
    reshape as reshape,
    sum_to as sum_to,
    transpose as transpose,
)
from autograd_core.ops.softmax_family import (
    log_softmax as log_softmax,
    logsumexp as logsumexp,
    softmax as softmax,
)
from autograd_core.ops.special import xdivy as xdivy, xlogy as xlogy
from autograd_core.ops.trigonometry import tanh as tanh
from autograd_core.primitive import PRIMITIVES, bilinear, linear, pointwise, primitive
from autograd_core.tensor import Tensor, tensor
from autograd_core.transforms import grad, jvp, value_and_grad, vjp

__version__ = "0.1.0"

keep_freed_blocks()

__all__ = [
    "PRIMITIVES",
    "AutogradError",
    "Comparison",
    "DataError",
    "DtypeError",
    "GradcheckReport",
    "GraphError",
    "MismatchError",
    "NonFiniteError",
    "OptionError",
    "ShapeError",
    "Tensor",
    "bilinear",
    "compare",
    "grad",
    "gradcheck",
    "jvp",
    "linear",
    "no_grad",
    "pointwise",
    "primitive",
    "tensor",
    "value_and_grad",
    "vjp",
]
__all__ += OPERATIONS
