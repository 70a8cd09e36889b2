"""Exponentials, logarithms and their kin in compiled loops: accurate to a few units in the last place."""

import numpy as np
import pytest
from scipy.special import expit

numba = pytest.importorskip("numba")

from autograd_core.compilation.numba_backend.fast_math import FUNCTIONS  # noqa: E402

SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e30, -1e30, 1e-42, -1e-42, -1.0, -2.0, 0.5, 80.0, -80.0]
TRUE = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "sigmoid": expit,
}


def over(f):
    """Compile a loop over a function, as programs have it."""

    @numba.njit(fastmath={"contract", "reassoc"}, error_model="numpy")
    def loop(x, y):
        for i in range(x.size):
            y[i] = f(x[i])

    def call(x):
        y = np.empty_like(x)
        loop(x, y)
        return y

    return call


def points(name, dtype):
    """Numbers all over the range, and many near 0 and 1."""
    rng = np.random.default_rng(0)
    top = 87 if dtype == "f4" else 700
    if name in ("log", "log1p"):
        x = np.concatenate([np.exp(rng.uniform(-top, top, 20_000)), rng.uniform(0.5, 2, 20_000)])
        return x.astype(dtype) if name == "log" else np.concatenate([x, x[20_000:] - 1.4]).astype(dtype)
    return np.concatenate(
        [rng.normal(size=20_000), rng.uniform(-top, top, 20_000), rng.normal(0, 1e-4, 5_000)]
    ).astype(dtype)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", TRUE)
def test_functions_are_right_to_three_units_in_the_last_place(name, dtype):
    x = points(name, dtype)
    wider = x.astype("f8" if dtype == "f4" else np.longdouble)
    true = 1 / (1 + np.exp(-wider)) if name == "sigmoid" else TRUE[name](wider)
    unit = np.spacing(np.abs(true).astype(dtype))
    error = np.abs(over(FUNCTIONS[dtype][name])(x) - true) / unit
    assert error.max() < 3


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", TRUE)
def test_infinities_nan_and_the_sign_of_zero_come_out_as_in_numpy(name, dtype):
    x = np.array(SPECIAL, dtype)
    with np.errstate(all="ignore"):
        true = TRUE[name](x)
    found = over(FUNCTIONS[dtype][name])(x)
    np.testing.assert_allclose(found, true, rtol=1e-6 if dtype == "f4" else 1e-14)
    signs = ~np.isnan(true)
    assert np.array_equal(np.signbit(found)[signs], np.signbit(true)[signs])
