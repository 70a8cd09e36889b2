"""Linear algebra under the names of ``numpy.linalg``; each of these is at the top of the package, too."""

from autograd_core.ops.matrices.contraction import tensordot as tensordot, vecdot as vecdot
from autograd_core.ops.matrices.decompositions import cholesky as cholesky, qr as qr
from autograd_core.ops.matrices.determinants import det as det, slogdet as slogdet
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
    cross as cross,
    matmul as matmul,
    outer_of_vectors as _of_vectors,
)
from autograd_core.ops.matrices.spectra import (
    eigh as eigh,
    eigvalsh as eigvalsh,
    svd as svd,
    svdvals as svdvals,
)
from autograd_core.ops.shaping.shape import matrix_transpose as matrix_transpose

outer = _of_vectors
