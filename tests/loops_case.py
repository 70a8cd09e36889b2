"""The loops that a program becomes, run by Python itself on small arrays: no compiler is needed."""

import numpy as np

from autograd_core.compilation.numba_backend import backend as numba_backend, source as numba_source
from autograd_core.compilation.numba_backend.placing import placed


def interpreted(program):
    """Return a function of arrays that runs the loops of a program, and the plan and placement behind it."""
    plan = numba_backend.planned(program)
    placement = placed(plan)
    source = "\n".join(numba_source.source_of(program, plan, placement, fuse=True))
    memory = np.full(placement.bytes + 16, 0xFF, np.uint8)  # NaN wherever nothing has been written
    memory[:16].view(np.int64)[:] = 4, 8  # in place of the addresses of BLAS's products
    scope = _names(memory)
    exec(
        source[source.index("@loops") :] if "@loops" in source else source[source.index("@compiled") :], scope
    )

    def run(*arrays):
        arrays = [np.ascontiguousarray(x).reshape(np.shape(x)).copy() for x in arrays]
        new = [np.empty(shape, x.dtype) for x, shape in numba_source.new_arrays(program, plan).items()]
        with np.errstate(all="ignore"):
            assert scope["kernel"](*arrays, *new, 16) == 0
        fresh = iter(new)
        return [
            arrays[program.inputs.index(plan.given[x])] if x in plan.given else next(fresh)
            for x in plan.fresh
        ]

    return run, plan, placement


def _names(memory):
    """What the source refers to, in NumPy."""
    scalars = {name: np.dtype(name).type for name in ("f4", "f8", "i4", "i8", "u1")} | {"b1": np.bool_}
    names = {
        "np": np,
        "inf": np.inf,
        "nan": np.nan,
        "compiled": lambda *_, **__: lambda f: f,
        "loops": lambda f: f,
        "apart": lambda: None,
        "copy": _copy,
        "Array": lambda *_: None,
        "data": lambda x: x.reshape(-1),
        "at": lambda start, kind: memory[
            start : start + (memory.size - start) // kind().itemsize * kind().itemsize
        ].view(kind),
        "address": lambda _: 0,
        "misfits": lambda x, shape: x.shape != shape,
        "overlap": lambda *_: False,
        "greatest": np.maximum,
        "smallest": np.minimum,
        "plus": np.add,
        "power": np.power,
        "gemm": _gemm,
    }
    ours = {
        f"{name}_{kind}": getattr(np, name)
        for name in ("exp", "expm1", "log", "log1p", "tanh")
        for kind in ("f4", "f8")
    }
    return names | scalars | ours


def _copy(to, x, size):
    to[:size] = x[:size]


def _gemm(kind, turned_a, turned_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc):
    """What BLAS does, columns first."""
    assert a.dtype == b.dtype == c.dtype == np.dtype(f"f{kind}")

    def matrix(x, turned, rows, columns, step):
        rows, columns = (columns, rows) if turned else (rows, columns)
        assert step >= max(1, rows)
        x = np.lib.stride_tricks.as_strided(x, (rows, columns), (x.itemsize, step * x.itemsize))
        return x.T if turned else x

    out = matrix(c, 0, m, n, ldc)
    total = alpha * (matrix(a, turned_a, m, k, lda) @ matrix(b, turned_b, k, n, ldb))
    out[...] = total if beta == 0 else total + beta * out
