"""Every element-wise function with its first and second derivative, over the whole range of float64.

The true numbers are mpmath's. A bound is in units of the last place; where it is more than 4, the reason stands there.
"""

import warnings
from typing import NamedTuple

import numpy as np
import pytest

import autograd_core as ag

mpmath = pytest.importorskip("mpmath")
from mpmath import mp, mpf  # noqa: E402

DIGITS = 60
LARGEST = np.finfo(float).max
rng = np.random.default_rng(0)
SIZES = 10.0 ** np.concatenate([np.linspace(-300, 300, 41), rng.uniform(-20, 4, 160)])
POSITIVE = np.concatenate([SIZES, 1 + SIZES[SIZES < 1], 1 - SIZES[SIZES < 1]])
NEAR = np.concatenate(
    [rng.uniform(-1, 1, 100), 10.0 ** rng.uniform(-16, 0, 60), 1 - 10.0 ** rng.uniform(-16, 0, 60)]
)
UNIT = np.concatenate([NEAR, -NEAR])
UNIT = UNIT[abs(UNIT) < 1]
ALL = np.concatenate([[0.0], SIZES, -SIZES, rng.uniform(-45, 45, 200), rng.uniform(-800, 800, 60)])
ANGLES = np.concatenate([[0.0], rng.uniform(-20, 20, 200), 10.0 ** rng.uniform(-300, 4, 60)])


class Law(NamedTuple):
    """What a function and its derivatives are, where, and how far from it they may be."""

    true: tuple
    points: np.ndarray
    ulps: tuple = (4, 4, 4)
    reason: str = ""


def sech2(x):
    return 4 * mp.exp(-2 * abs(x)) / (1 + mp.exp(-2 * abs(x))) ** 2


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def density(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def sigma1(x):
    return sigmoid(x) * sigmoid(-x)


def sigma2(x):
    return -sigma1(x) * mp.tanh(x / 2)


def ncdf(x):
    return mp.ncdf(x) if abs(x) < 60 else mpf(x > 0)


def erfc(x):
    return mp.erfc(x) if abs(x) < 60 else mpf(2 * (x < 0))


def bell(x):
    return 2 * mp.exp(-x * x) / mp.sqrt(mp.pi)


LAWS = {
    "exp": Law((mp.exp, mp.exp, mp.exp), ALL),
    "exp2": Law(
        (lambda x: mpf(2) ** x, lambda x: mp.log(2) * mpf(2) ** x, lambda x: mp.log(2) ** 2 * mpf(2) ** x),
        ALL,
    ),
    "expm1": Law((mp.expm1, mp.exp, mp.exp), ALL),
    "log": Law((mp.log, lambda x: 1 / x, lambda x: -1 / x**2), POSITIVE),
    "log2": Law(
        (lambda x: mp.log(x, 2), lambda x: 1 / x / mp.log(2), lambda x: -1 / x**2 / mp.log(2)), POSITIVE
    ),
    "log10": Law((mp.log10, lambda x: 1 / x / mp.log(10), lambda x: -1 / x**2 / mp.log(10)), POSITIVE),
    "log1p": Law((mp.log1p, lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2), POSITIVE),
    "sqrt": Law((mp.sqrt, lambda x: 1 / mp.sqrt(x) / 2, lambda x: -1 / mp.sqrt(x) / x / 4), POSITIVE),
    "cbrt": Law(
        (mp.cbrt, lambda x: 1 / mp.cbrt(x) ** 2 / 3, lambda x: -2 / mp.cbrt(x) ** 2 / x / 9), POSITIVE
    ),
    "square": Law((lambda x: x * x, lambda x: 2 * x, lambda x: mpf(2)), ALL),
    "reciprocal": Law((lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3), POSITIVE),
    "sin": Law((mp.sin, mp.cos, lambda x: -mp.sin(x)), ANGLES),
    "cos": Law((mp.cos, lambda x: -mp.sin(x), lambda x: -mp.cos(x)), ANGLES),
    "tan": Law((mp.tan, lambda x: mp.sec(x) ** 2, lambda x: 2 * mp.tan(x) * mp.sec(x) ** 2), ANGLES),
    "arcsin": Law((mp.asin, lambda x: 1 / mp.sqrt(1 - x * x), lambda x: x / mp.sqrt(1 - x * x) ** 3), UNIT),
    "arccos": Law((mp.acos, lambda x: -1 / mp.sqrt(1 - x * x), lambda x: -x / mp.sqrt(1 - x * x) ** 3), UNIT),
    "arctan": Law((mp.atan, lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2), ALL),
    "sinh": Law((mp.sinh, mp.cosh, mp.sinh), ALL),
    "cosh": Law((mp.cosh, mp.sinh, mp.cosh), ALL),
    "tanh": Law((mp.tanh, sech2, lambda x: -2 * mp.tanh(x) * sech2(x)), ALL),
    "arcsinh": Law((mp.asinh, lambda x: 1 / mp.sqrt(1 + x * x), lambda x: -x / mp.sqrt(1 + x * x) ** 3), ALL),
    "arccosh": Law(
        (mp.acosh, lambda x: 1 / mp.sqrt(x * x - 1), lambda x: -x / mp.sqrt(x * x - 1) ** 3),
        1 + SIZES[SIZES > 1e-15],
    ),
    "arctanh": Law((mp.atanh, lambda x: 1 / (1 - x * x), lambda x: 2 * x / (1 - x * x) ** 2), UNIT),
    "sigmoid": Law((sigmoid, sigma1, sigma2), ALL),
    "logit": Law(
        (
            lambda p: mp.log(p) - mp.log1p(-p),
            lambda p: 1 / (p * (1 - p)),
            lambda p: (2 * p - 1) / (p * (1 - p)) ** 2,
        ),
        abs(UNIT),
    ),
    "softplus": Law((lambda x: mp.log1p(mp.exp(x)), sigmoid, sigma1), ALL),
    "silu": Law(
        (
            lambda x: x * sigmoid(x),
            lambda x: sigmoid(x) + x * sigma1(x),
            lambda x: 2 * sigma1(x) + x * sigma2(x),
        ),
        ALL,
    ),
    "gelu": Law(
        (lambda x: x * ncdf(x), lambda x: ncdf(x) + x * density(x), lambda x: (2 - x * x) * density(x)), ALL
    ),
    "elu": Law(
        (
            lambda x: x if x > 0 else mp.expm1(x),
            lambda x: mpf(1) if x > 0 else mp.exp(x),
            lambda x: mpf(0) if x > 0 else mp.exp(x),
        ),
        ALL[1:],
    ),
    "erf": Law((mp.erf, bell, lambda x: -2 * x * bell(x)), ALL),
    "erfc": Law((erfc, lambda x: -bell(x), lambda x: 2 * x * bell(x)), ALL),
    "deg2rad": Law((lambda x: x * mp.pi / 180, lambda x: mp.pi / 180, lambda x: mpf(0)), ALL),
    "rad2deg": Law((lambda x: x * 180 / mp.pi, lambda x: 180 / mp.pi, lambda x: mpf(0)), ALL),
    "absolute": Law((abs, lambda x: mpf(1) if x > 0 else mpf(-1), lambda x: mpf(0)), ALL[1:]),
    "relu": Law((lambda x: max(x, mpf(0)), lambda x: mpf(x > 0), lambda x: mpf(0)), ALL[1:]),
}


def derivatives(f, x):
    """A function with its first and second derivative, entry by entry."""

    def slope(x):
        return ag.grad(lambda x: ag.sum(f(x)))(x)

    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return f(x), slope(x), ag.grad(lambda x: ag.sum(slope(x)))(x)


def ulps(found, true):
    """How many units of its last place a number is off; none if both are beyond what float64 can be."""
    try:
        nearest = float(true)
    except OverflowError:
        nearest = LARGEST if true > 0 else -LARGEST
    if abs(nearest) >= LARGEST * (1 - 1e-15):
        return 0.0 if abs(found) > LARGEST * (1 - 1e-14) and (found > 0) == (nearest > 0) else np.inf
    if not np.isfinite(found):
        return np.inf
    return float(abs(mpf(float(found)) - true) / mpf(float(np.spacing(abs(nearest)))))


def errors(f, law):
    """The largest error of the value and of each derivative, with the point where it is."""
    with mp.workdps(DIGITS):
        return [
            max((ulps(y, mpf(true(mpf(x)))), x) for x, y in zip(law.points.tolist(), found.tolist()))
            for found, true in zip(derivatives(f, law.points), law.true)
        ]


@pytest.mark.parametrize("name", LAWS)
def test_a_function_and_its_slopes_keep_their_digits(name):
    law = LAWS[name]
    for (error, x), bound in zip(errors(getattr(ag, name), law), law.ulps):
        assert error <= bound, (x, error)
