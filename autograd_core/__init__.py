"""An autodiff engine on NumPy that shows its work.

A `Tensor` records what is computed from it in a DAG; a reverse sweep applies the chain rule. See
`grad` and `value_and_grad` for functions of arrays, `Tensor.backward` for costs built step by step,
`compare` for hand-written gradients and `gradcheck` for finite differences.
"""

import importlib
from typing import TYPE_CHECKING, Any

from autograd_core import linalg as linalg
from autograd_core.differentiation.checkpoint import checkpoint
from autograd_core.differentiation.derivatives import hessian, hvp, jacobian, per_example_grad
from autograd_core.differentiation.drawing import drawn
from autograd_core.differentiation.gradcheck import GradcheckReport, gradcheck
from autograd_core.differentiation.tensor import Tensor, tensor
from autograd_core.differentiation.transforms import grad, jvp, value_and_grad, vjp
from autograd_core.graph.anomaly import detect_anomaly
from autograd_core.graph.guard import guard
from autograd_core.graph.primitive import PRIMITIVES, bilinear, linear, pointwise, primitive
from autograd_core.graph.recording import no_grad
from autograd_core.ops import OPERATIONS
from autograd_core.ops.aliases import (
    abs as abs,
    acos as acos,
    acosh as acosh,
    asin as asin,
    asinh as asinh,
    atan as atan,
    atan2 as atan2,
    atanh as atanh,
    concat as concat,
    mod as mod,
    permute_dims as permute_dims,
    pow as pow,
)
from autograd_core.ops.entrywise.activation import (
    elu as elu,
    gelu as gelu,
    leaky_relu as leaky_relu,
    relu as relu,
    silu as silu,
    softplus as softplus,
)
from autograd_core.ops.entrywise.arithmetic import (
    add as add,
    divide as divide,
    floor_divide as floor_divide,
    multiply as multiply,
    negative as negative,
    positive as positive,
    remainder as remainder,
    stop_gradient as stop_gradient,
    subtract as subtract,
)
from autograd_core.ops.entrywise.elementary import (
    absolute as absolute,
    cbrt as cbrt,
    exp as exp,
    exp2 as exp2,
    expm1 as expm1,
    log as log,
    log1p as log1p,
    log2 as log2,
    log10 as log10,
    reciprocal as reciprocal,
    sqrt as sqrt,
    square as square,
)
from autograd_core.ops.entrywise.logic import (
    bitwise_and as bitwise_and,
    bitwise_or as bitwise_or,
    bitwise_xor as bitwise_xor,
    invert as invert,
    logical_and as logical_and,
    logical_not as logical_not,
    logical_or as logical_or,
    logical_xor as logical_xor,
)
from autograd_core.ops.entrywise.plane import arctan2 as arctan2, hypot as hypot
from autograd_core.ops.entrywise.powers import float_power as float_power, power as power
from autograd_core.ops.entrywise.rounding import (
    ceil as ceil,
    copysign as copysign,
    fix as fix,
    floor as floor,
    rint as rint,
    round as round,
    sign as sign,
    trunc as trunc,
)
from autograd_core.ops.entrywise.selection import (
    clip as clip,
    equal as equal,
    fmax as fmax,
    fmin as fmin,
    greater as greater,
    greater_equal as greater_equal,
    heaviside as heaviside,
    less as less,
    less_equal as less_equal,
    maximum as maximum,
    minimum as minimum,
    nan_to_num as nan_to_num,
    not_equal as not_equal,
    select as select,
    where as where,
)
from autograd_core.ops.entrywise.special import (
    erf as erf,
    erfc as erfc,
    logaddexp as logaddexp,
    logaddexp2 as logaddexp2,
    logit as logit,
    sigmoid as sigmoid,
    xdivy as xdivy,
    xlogy as xlogy,
)
from autograd_core.ops.entrywise.trigonometry import (
    arccos as arccos,
    arccosh as arccosh,
    arcsin as arcsin,
    arcsinh as arcsinh,
    arctan as arctan,
    arctanh as arctanh,
    cos as cos,
    cosh as cosh,
    deg2rad as deg2rad,
    rad2deg as rad2deg,
    sin as sin,
    sinc as sinc,
    sinh as sinh,
    tan as tan,
    tanh as tanh,
)
from autograd_core.ops.matrices.contraction import (
    dot as dot,
    einsum as einsum,
    inner as inner,
    tensordot as tensordot,
    vecdot as vecdot,
)
from autograd_core.ops.matrices.decompositions import cholesky as cholesky, qr as qr
from autograd_core.ops.matrices.determinants import cofactor as cofactor, det as det, slogdet as slogdet
from autograd_core.ops.matrices.linalg import (
    inv as inv,
    matrix_power as matrix_power,
    multi_dot as multi_dot,
    pinv as pinv,
    solve as solve,
)
from autograd_core.ops.matrices.norms import (
    cond as cond,
    matrix_norm as matrix_norm,
    matrix_rank as matrix_rank,
    norm as norm,
    vector_norm as vector_norm,
)
from autograd_core.ops.matrices.products import (
    convolve as convolve,
    cross as cross,
    kron as kron,
    matmul as matmul,
    matvec as matvec,
    outer as outer,
    vdot as vdot,
    vecmat as vecmat,
)
from autograd_core.ops.matrices.spectra import (
    eigh as eigh,
    eigvalsh as eigvalsh,
    svd as svd,
    svdvals as svdvals,
)
from autograd_core.ops.reducing.cumulative import (
    cumprod as cumprod,
    cumsum as cumsum,
    cumulative_prod as cumulative_prod,
    cumulative_sum as cumulative_sum,
    diff as diff,
    trapezoid as trapezoid,
)
from autograd_core.ops.reducing.ordering import (
    argmax as argmax,
    argmin as argmin,
    argsort as argsort,
    median as median,
    order_statistic as order_statistic,
    percentile as percentile,
    quantile as quantile,
    sort as sort,
)
from autograd_core.ops.reducing.reduction import (
    all as all,
    any as any,
    average as average,
    count_nonzero as count_nonzero,
    max as max,
    mean as mean,
    min as min,
    prod as prod,
    ptp as ptp,
    sum as sum,
)
from autograd_core.ops.reducing.softmax_family import (
    log_softmax as log_softmax,
    logsumexp as logsumexp,
    softmax as softmax,
)
from autograd_core.ops.reducing.spread import std as std, var as var
from autograd_core.ops.shaping.diagonals import (
    diag as diag,
    diagflat as diagflat,
    diagonal as diagonal,
    trace as trace,
    tril as tril,
    triu as triu,
)
from autograd_core.ops.shaping.indexing import (
    compress as compress,
    extract as extract,
    getitem as getitem,
    scatter_add as scatter_add,
    scatter_along_axis as scatter_along_axis,
    take as take,
    take_along_axis as take_along_axis,
)
from autograd_core.ops.shaping.joining import (
    append as append,
    array_split as array_split,
    column_stack as column_stack,
    concatenate as concatenate,
    dsplit as dsplit,
    dstack as dstack,
    hsplit as hsplit,
    hstack as hstack,
    split as split,
    stack as stack,
    unstack as unstack,
    vsplit as vsplit,
    vstack as vstack,
)
from autograd_core.ops.shaping.rearranging import (
    flip as flip,
    fliplr as fliplr,
    flipud as flipud,
    meshgrid as meshgrid,
    pad as pad,
    repeat as repeat,
    roll as roll,
    rot90 as rot90,
    tile as tile,
)
from autograd_core.ops.shaping.shape import (
    astype as astype,
    atleast_1d as atleast_1d,
    atleast_2d as atleast_2d,
    atleast_3d as atleast_3d,
    broadcast_arrays as broadcast_arrays,
    broadcast_to as broadcast_to,
    expand_dims as expand_dims,
    matrix_transpose as matrix_transpose,
    moveaxis as moveaxis,
    ravel as ravel,
    reshape as reshape,
    squeeze as squeeze,
    sum_to as sum_to,
    swapaxes as swapaxes,
    transpose as transpose,
)
from autograd_core.wording.errors import (
    AutogradError,
    DataError,
    DtypeError,
    GraphError,
    IndexingError,
    MismatchError,
    MissingKeyError,
    NonFiniteError,
    OptionError,
    ShapeError,
    SizeError,
)

if TYPE_CHECKING:
    from autograd_core.comparisons import Candidate, Comparison, Diagnosis, compare, compare_functions
    from autograd_core.compilation.compiled import Compiled, compile
    from autograd_core.derivations.derivation import Derivation, derive

__version__ = "0.1.0"


__all__ = [
    "PRIMITIVES",
    "AutogradError",
    "Candidate",
    "Comparison",
    "Compiled",
    "DataError",
    "Derivation",
    "Diagnosis",
    "DtypeError",
    "GradcheckReport",
    "GraphError",
    "IndexingError",
    "MismatchError",
    "MissingKeyError",
    "NonFiniteError",
    "OptionError",
    "ShapeError",
    "SizeError",
    "Tensor",
    "bilinear",
    "checkpoint",
    "compare",
    "compare_functions",
    "compile",
    "derive",
    "detect_anomaly",
    "drawn",
    "grad",
    "gradcheck",
    "guard",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "linalg",
    "linear",
    "no_grad",
    "per_example_grad",
    "pointwise",
    "primitive",
    "tensor",
    "value_and_grad",
    "vjp",
]
__all__ += OPERATIONS

_ON_DEMAND = {
    "Candidate": "comparisons",
    "Comparison": "comparisons",
    "Compiled": "compilation.compiled",
    "Derivation": "derivations.derivation",
    "Diagnosis": "comparisons",
    "compare": "comparisons",
    "compare_functions": "comparisons",
    "compile": "compilation.compiled",
    "derive": "derivations.derivation",
}


def __dir__() -> list[str]:
    """List what is public, loaded or not."""
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    """Import equations and comparisons when they are first asked for: most programs start without them."""
    if name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"autograd_core.{_ON_DEMAND[name]}"), name)
    globals()[name] = found
    return found
