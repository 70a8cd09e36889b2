"""Random programs over all that a float64 can be: compiled, what was finite is still so."""

import warnings

import numpy as np
import pytest
from compile_case import arrays
from test_compile_random import draw_program, function_of

import autograd_core as ag

FACTORED = {
    "cofactor",
    "cond",
    "det",
    "eigh",
    "eigvalsh",
    "inv",
    "matrix_norm",
    "matrix_power",
    "norm",
    "pinv",
}
FACTORED |= {"qr", "slogdet", "solve", "svd", "svdvals"}  # LAPACK refuses, or goes on for ever
SPECIAL = [0.0, -0.0, 1.0, np.inf, -np.inf, np.nan]


def drawn(seed):
    """A short program, its own leaves, and leaves of entries from 1e-300 to 1e300 and special ones."""
    program = draw_program(seed)
    program = program._replace(steps=program.steps[: 1 + seed % 6])
    rng = np.random.default_rng(seed)
    leaves = [program.leaves]
    for _ in range(2):
        wide = [
            rng.choice([-1, 1], x.shape) * 10.0 ** rng.uniform(-300, 300, x.shape) for x in program.leaves
        ]
        leaves.append(
            [
                np.where(
                    rng.random(x.shape) < 0.25, rng.choice(SPECIAL, x.shape), w if rng.random() < 0.5 else x
                )
                for x, w in zip(program.leaves, wide)
            ]
        )
    return program, leaves


def outcomes(f, leaves):
    """What a function makes of each, or nothing where it refuses."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return [f(*given) for given in leaves]
        except (ag.AutogradError, ValueError, np.linalg.LinAlgError):
            return None


def same(found, wanted):
    """Whether two results hold the same bits, signs of zero too; one NaN is as good as another."""
    return all(
        np.array_equal(a, b, equal_nan=True)
        and np.array_equal(np.signbit(a) | np.isnan(a), np.signbit(b) | np.isnan(b))
        for a, b in zip(arrays(found), arrays(wanted), strict=True)
    )


def alike(found, wanted):
    """Whether the same entries are NaN and infinite, and no other has vanished but to rounding."""
    return all(
        np.array_equal(test(a), test(b))
        for a, b in zip(arrays(found), arrays(wanted), strict=True)
        for test in (np.isnan, np.isposinf, np.isneginf, lambda x: np.abs(x) > 1e-15)
    )


# The second holds one, 1173, in which factors multiplied together would leave the range.
@pytest.mark.parametrize(("backend", "fuse", "seeds"), [
    ("numpy", False, range(150)), ("numpy", True, range(1100, 1250)), ("numba", True, range(150, 156)),
])  # fmt: skip
def test_what_is_finite_stays_finite(backend, fuse, seeds):
    if backend == "numba":
        pytest.importorskip("numba")
    compared = 0
    for seed in seeds:
        program, leaves = drawn(seed)
        if FACTORED & {step.name for step in program.steps}:
            continue
        f = function_of(program)
        wanted = outcomes(f, leaves)
        if wanted is None:
            continue
        compiled = ag.compile(f, backend=backend, fuse=fuse)
        found = outcomes(compiled, leaves)
        agree = alike if fuse else same
        assert found is not None
        assert all(map(agree, found, wanted)), (seed, compiled.source)
        compared += 1
    assert compared > len(seeds) / 2
