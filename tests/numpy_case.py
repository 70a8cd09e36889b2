"""NumPy's public functions, how each is called on a tensor, and how its answers are compared."""

from __future__ import annotations

import numpy as np
from op_table import CASES

from autograd_core import Tensor
from autograd_core.differentiation.protocols import RECORDED


def public_functions():
    """Every function of NumPy, under one of its names; some functions have several."""
    found = {}
    for prefix, module in (("np", np), ("np.linalg", np.linalg), ("np.fft", np.fft)):
        for name in sorted(dir(module)):
            thing = getattr(module, name)
            if callable(thing) and not isinstance(thing, type) and not name.startswith("_"):
                found.setdefault(thing, f"{prefix}.{name}")
    return found


NUMPY = public_functions()
by_function = {"ids": lambda x: NUMPY.get(x, x.__name__) if callable(x) else str(x)}
BINARY_UFUNCS = [
    f
    for f in RECORDED
    if isinstance(f, np.ufunc) and (f.nin, f.nout, f.signature) == (2, 1, None) and "dd->d" in f.types
]


def rows():
    return Tensor([[1.5, 2.0, 3.0], [4.0, 5.0, 6.5]], requires_grad=True, name="t")


def leaves(result):
    """The tensors, arrays and numbers in what a function returned."""
    if not isinstance(result, list | tuple):
        return [result]
    return [leaf for part in result for leaf in leaves(part)]


def fits(function, case):
    """Whether the function of NumPy takes the arguments of a case of ours, where these are more general."""
    if function is np.astype:  # takes the dtype by position only; see CALLS
        return False
    if function is np.clip:
        return len(case.params) != 1
    return True


PAIRS = [
    (function, case)
    for case in CASES
    for function, operation in RECORDED.items()
    if operation is case.row.call and fits(function, case)
]

STACK = np.array([1.0, 2.0]).reshape(2, 1, 1)

# What the table calls in another way, at a symmetric positive definite x.
CALLS = {
    np.all: lambda f, x: f(x > 1, axis=0),
    np.any: lambda f, x: f(x > 1, axis=0),
    np.argmax: lambda f, x: f(x, axis=1),
    np.argmin: lambda f, x: f(x),
    np.argsort: lambda f, x: f(x, axis=None),
    np.array_split: lambda f, x: f(x, 2),
    np.astype: lambda f, x: f(x, np.float32),
    np.average: lambda f, x: f(x, 0, x * x),
    np.broadcast_arrays: lambda f, x: f(x, x[0]),
    np.column_stack: lambda f, x: f([x, x[0]]),
    np.compress: lambda f, x: f([True, False, True], x, axis=0),
    np.concatenate: lambda f, x: f([x, x], axis=1),
    np.conjugate: lambda f, x: f(x),
    np.copy: lambda f, x: f(x),
    np.count_nonzero: lambda f, x: f(x > 1, axis=0),
    np.divmod: lambda f, x: f(x, 0.7),
    np.dsplit: lambda f, x: f(x[:, None], [1]),
    np.dstack: lambda f, x: f((x, x)),
    np.einsum: lambda f, x: f("ij,jk->i", x, x),
    np.extract: lambda f, x: f(np.eye(3), x),
    np.full_like: lambda f, x: f(x, x[0, 1]),
    np.hsplit: lambda f, x: f(x, 3),
    np.hstack: lambda f, x: f([x, x]),
    np.linalg.cholesky: lambda f, x: f(x),
    np.linalg.outer: lambda f, x: f(x[0], x[1]),
    np.linalg.diagonal: lambda f, x: f(x * STACK, offset=1),
    np.linalg.eigh: lambda f, x: f(x),
    np.linalg.eigvalsh: lambda f, x: f(x),
    np.linalg.matrix_rank: lambda f, x: f(x),
    np.linalg.multi_dot: lambda f, x: f([x, x, x]),
    np.linalg.slogdet: lambda f, x: f(x),
    np.linalg.svd: lambda f, x: f(x),
    np.linalg.trace: lambda f, x: f(x * STACK, offset=-1),
    np.meshgrid: lambda f, x: f(x[0], x[1, :2], indexing="ij"),
    np.modf: lambda f, x: f(x),
    np.quantile: lambda f, x: f(x, [0.25, 0.5], axis=1),
    np.real: lambda f, x: f(x),
    np.select: lambda f, x: f([x > 3, x > 1], [x, x * x], x[0]),
    np.split: lambda f, x: f(x, [1]),
    np.stack: lambda f, x: f([x, x], axis=-1),
    np.unstack: lambda f, x: f(x, axis=1),
    np.vsplit: lambda f, x: f(x, (1, 2)),
    np.vstack: lambda f, x: f([x, x[0]]),
}
X = np.array([[4.3, 1.1, 0.3], [1.1, 3.2, 0.6], [0.3, 0.6, 2.4]])


def differentiated(result, tensors, rng):
    """The gradients of a random combination of all that was returned, as bytes."""
    seeds = [rng.standard_normal(y.shape) for y in leaves(result) if isinstance(y, Tensor)]
    recorded = [y for y in leaves(result) if isinstance(y, Tensor)]
    total = sum(((y * seed).sum() for y, seed in zip(recorded, seeds, strict=True)), 0.0)
    if isinstance(total, Tensor) and total.requires_grad:
        total.backward()
    return [None if x.grad is None else (x.grad.shape, x.grad.tobytes()) for x in tensors]


def assert_alike(numpys, ours):
    """Two functions of tensors, each with its own tensors, give the same bits and the same gradients."""
    (found, tensors), (wanted, twins) = numpys, ours
    for a, b in zip(leaves(found), leaves(wanted), strict=True):
        assert type(a) is type(b)
        a, b = (np.asarray(y.data if isinstance(y, Tensor) else y) for y in (a, b))
        assert (a.shape, a.dtype, a.tobytes()) == (b.shape, b.dtype, b.tobytes())
    seeds = np.random.default_rng(1), np.random.default_rng(1)
    gradients = differentiated(found, tensors, seeds[0])
    assert gradients == differentiated(wanted, twins, seeds[1])
    return gradients


def assert_values(found, arrays):
    """The values are those that NumPy gives for plain arrays."""
    for a, b in zip(leaves(found), leaves(arrays), strict=True):
        value = np.asarray(a.data if isinstance(a, Tensor) else a)
        np.testing.assert_allclose(value, b, rtol=1e-12, atol=1e-12, strict=isinstance(b, np.ndarray))


def dispatches(function):
    """Whether NumPy asks a tensor what the function is to do."""
    return isinstance(function, np.ufunc) or hasattr(function, "_implementation")
