"""How what is compiled is held against what it was compiled from."""

import numpy as np

import autograd_core as ag
from autograd_core.differentiation.tree import flatten


def arrays(tree):
    """The arrays in a container, tensors and numbers too."""
    return [np.asarray(x.data if isinstance(x, ag.Tensor) else x) for x in flatten(tree)[0]]


def same(found, wanted):
    """Whether two containers are arranged alike and hold the same bits, dtypes and shapes."""
    alike = flatten(found)[1] == flatten(wanted)[1]
    pairs = zip(arrays(found), arrays(wanted), strict=True)
    return alike and all(
        a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in pairs
    )


def close(found, wanted, digits=1e-10):
    """Whether they agree to rounding, as parts of the largest entry."""
    for a, b in zip(arrays(found), arrays(wanted), strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        tolerance = digits * max(1.0, np.abs(b).max(initial=0.0)) if b.dtype.kind == "f" else 0
        if not np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True):
            return False
    return flatten(found)[1] == flatten(wanted)[1]


def check(f, *calls, **options):
    """Compile f, call it twice with each tuple of arguments, and hold it to the bits; fused, to rounding."""
    exact, fused = ag.compile(f, fuse=False, **options), ag.compile(f, **options)
    for args in (*calls, *calls):
        wanted = f(*args)
        assert same(exact(*args), wanted), exact.source
        digits = 1e-4 if any(x.dtype == np.float32 for x in arrays(wanted)) else 1e-10
        assert close(fused(*args), wanted, digits), fused.source
    return exact
