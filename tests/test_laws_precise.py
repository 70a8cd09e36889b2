"""Every element-wise function with its first and second derivative, over the whole range of float64.

The true numbers are mpmath's. A bound is in units of the last place; above 4 it has a reason.
"""

import warnings
from typing import NamedTuple

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.graph import operation

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


def cut(left, right):
    """A function that is another one on either side of 0."""
    return lambda x: right(x) if x > 0 else left(x)


def power(x, p):
    return mp.exp(p * mp.log(x))


with mp.workdps(DIGITS):
    LN2 = mp.log(2)
ONE, NONE = (lambda _x: mpf(1)), (lambda _x: mpf(0))
ROUND = "a root, a power and a product are rounded one after the other"
CROSSES = "the slope is 0 there, of terms that are not"
TAIL = "far out it is made of a number with few digits, below 1e-308"
FLAT = "near a slope of 1/8, 1 - y² has lost three bits; beyond, it is computed from x"
LAWS = {
    "exp": Law((mp.exp, mp.exp, mp.exp), ALL),
    "exp2": Law(
        (lambda x: mpf(2) ** x, lambda x: LN2 * mpf(2) ** x, lambda x: LN2**2 * mpf(2) ** x), ALL
    ),
    "expm1": Law((mp.expm1, mp.exp, mp.exp), ALL),
    "log": Law((mp.log, lambda x: 1 / x, lambda x: -1 / x**2), POSITIVE),
    "log2": Law(
        (lambda x: mp.log(x, 2), lambda x: 1 / x / mp.log(2), lambda x: -1 / x**2 / mp.log(2)), POSITIVE
    ),
    "log10": Law(
        (mp.log10, lambda x: 1 / x / mp.log(10), lambda x: -1 / x**2 / mp.log(10)), POSITIVE
    ),
    "log1p": Law((mp.log1p, lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2), POSITIVE),
    "sqrt": Law(
        (mp.sqrt, lambda x: power(x, -0.5) / 2, lambda x: -power(x, -1.5) / 4), POSITIVE, (4, 4, 5), ROUND
    ),
    "cbrt": Law(
        (mp.cbrt, lambda x: 1 / mp.cbrt(x) ** 2 / 3, lambda x: -2 / mp.cbrt(x) ** 2 / x / 9),
        POSITIVE, (4, 4, 9), ROUND,
    ),
    "square": Law((lambda x: x * x, lambda x: 2 * x, lambda _x: mpf(2)), ALL),
    "reciprocal": Law((lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3), POSITIVE),
    "sin": Law((mp.sin, mp.cos, lambda x: -mp.sin(x)), ANGLES),
    "cos": Law((mp.cos, lambda x: -mp.sin(x), lambda x: -mp.cos(x)), ANGLES),
    "tan": Law((mp.tan, lambda x: mp.sec(x) ** 2, lambda x: 2 * mp.tan(x) * mp.sec(x) ** 2), ANGLES),
    "arcsin": Law(
        (mp.asin, lambda x: power(1 - x * x, -0.5), lambda x: x * power(1 - x * x, -1.5)), UNIT
    ),
    "arccos": Law(
        (mp.acos, lambda x: -power(1 - x * x, -0.5), lambda x: -x * power(1 - x * x, -1.5)), UNIT
    ),
    "arctan": Law((mp.atan, lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2), ALL),
    "sinh": Law((mp.sinh, mp.cosh, mp.sinh), ALL),
    "cosh": Law((mp.cosh, mp.sinh, mp.cosh), ALL),
    "tanh": Law((mp.tanh, sech2, lambda x: -2 * mp.tanh(x) * sech2(x)), ALL, (4, 12, 12), FLAT),
    "arcsinh": Law(
        (mp.asinh, lambda x: power(1 + x * x, -0.5), lambda x: -x * power(1 + x * x, -1.5)), ALL
    ),
    "arccosh": Law(
        (mp.acosh, lambda x: power(x * x - 1, -0.5), lambda x: -x * power(x * x - 1, -1.5)),
        1 + SIZES[SIZES > 1e-15], (4, 4, 5), ROUND,
    ),
    "arctanh": Law((mp.atanh, lambda x: 1 / (1 - x * x), lambda x: 2 * x / (1 - x * x) ** 2), UNIT),
    "sigmoid": Law((sigmoid, sigma1, sigma2), ALL, (4, 12, 12), FLAT),
    "logit": Law(
        (
            lambda p: mp.log(p) - mp.log1p(-p),
            lambda p: 1 / (p * (1 - p)),
            lambda p: (2 * p - 1) / (p * (1 - p)) ** 2,
        ),
        abs(UNIT),
    ),
    "softplus": Law((lambda x: mp.log1p(mp.exp(x)), sigmoid, sigma1), ALL, (4, 4, 12), FLAT),
    "silu": Law(
        (
            lambda x: x * sigmoid(x),
            lambda x: sigmoid(x) + x * sigma1(x),
            lambda x: 2 * sigma1(x) + x * sigma2(x),
        ),
        ALL, (4, 100, 500), CROSSES,
    ),
    "gelu": Law(
        (lambda x: x * ncdf(x), lambda x: ncdf(x) + x * density(x), lambda x: (2 - x * x) * density(x)),
        ALL, (40, 100, 2000), TAIL,
    ),
    "elu": Law((cut(mp.expm1, lambda x: x), cut(mp.exp, ONE), cut(mp.exp, NONE)), ALL[1:]),
    "erf": Law((mp.erf, bell, lambda x: -2 * x * bell(x)), ALL, (4, 4, 60), TAIL),
    "erfc": Law((erfc, lambda x: -bell(x), lambda x: 2 * x * bell(x)), ALL, (4, 4, 60), TAIL),
    "deg2rad": Law((lambda x: x * mp.pi / 180, lambda _x: mp.pi / 180, NONE), ALL),
    "rad2deg": Law((lambda x: x * 180 / mp.pi, lambda _x: 180 / mp.pi, NONE), ALL),
    "absolute": Law((abs, cut(lambda _x: mpf(-1), ONE), NONE), ALL[1:]),
    "relu": Law((cut(NONE, lambda x: x), cut(NONE, ONE), NONE), ALL[1:]),
    "leaky_relu": Law(
        (cut(lambda x: mpf(0.01) * x, lambda x: x), cut(lambda _x: mpf(0.01), ONE), NONE), ALL[1:]
    ),
}  # fmt: skip


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
    assert law.reason or law.ulps == (4, 4, 4)
    for (error, x), bound in zip(errors(getattr(ag, name), law), law.ulps):
        assert error <= bound, (x, error)


NAIVE = {
    "tanh": lambda y, x: 1.0 - y * y,
    "sigmoid": lambda y, x: y * (1.0 - y),
    "arctan": lambda y, x: 1.0 / (1.0 + x * x),
    "arcsinh": lambda y, x: 1.0 / ag.sqrt(1.0 + x * x),
}


@pytest.mark.parametrize("name", NAIVE)
def test_the_slope_of_a_book_is_found_to_lose_digits(name, monkeypatch):
    monkeypatch.setattr(operation, "PRIMITIVES", ag.PRIMITIVES | {})
    forward = getattr(np, name, getattr(ag, name))
    naive = ag.pointwise(NAIVE[name])(lambda x: forward(x))
    try:
        bad = max(error for error, _ in errors(naive, LAWS[name]))
    finally:
        ag.PRIMITIVES.pop("<lambda>", None)
    assert bad > 1000


HALF = np.float16


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "exp", "log", "arctan", "erf"])
def test_half_precision_is_right_to_its_own_rounding(name):
    """Over all that a float16 can be, within what the laws above allow."""
    x = np.arange(2**16, dtype=np.uint16).view(HALF)
    x = x[np.isfinite(x) & ((x > 0) | (name != "log"))][::7]
    f = getattr(ag, name)
    with np.errstate(all="ignore"):
        value, slope = f(x), ag.grad(lambda x: ag.sum(f(x).astype(float)))(x)
        wide = x.astype(float)
        wanted = f(wide), ag.grad(lambda x: ag.sum(f(x)))(wide)
    for found, true in zip((value, slope), wanted):
        assert found.dtype == HALF
        with np.errstate(all="ignore"):
            near = true.astype(HALF)
            away = np.abs(found.astype(float) - true) / np.spacing(np.abs(near)).astype(float)
        assert np.all((away <= 12) | (found == near)), (x[np.argmax(away)], name)


def test_half_precision_adds_up_more_than_it_can_count():
    x = np.zeros(100_000, HALF)
    assert np.allclose(ag.softmax(x).astype(float).sum(), 1.0, rtol=1e-2)
    assert ag.logsumexp(x) == HALF(np.log(1e5))
    assert np.allclose(ag.grad(ag.max)(np.zeros(70_000, HALF)).astype(float).sum(), 1.0, rtol=0.2)
    assert ag.linalg.norm(np.full(4, 30_000, HALF)) == HALF(60_000)
    assert np.array_equal(ag.grad(ag.linalg.norm)(np.full(4, 30_000, HALF)), np.full(4, 0.5, HALF))
    assert ag.std(np.array([3e4, -3e4], HALF)) == HALF(3e4)
    assert ag.mean(np.full(100_000, 2.0, HALF)) == 2.0


SCALES = 10.0 ** np.array([-300, -200, -160, -100, 0, 100, 160, 200, 300])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("order", [2, 3, 0.5, -1, -2, -3])
def test_a_norm_and_its_slope_do_not_depend_on_the_scale(order, scale):
    x = np.array([3.0, -4.0, 12.0, 5.0])
    f = lambda x: ag.linalg.norm(x, order)
    assert np.allclose(f(scale * x) / scale, f(x), rtol=1e-14)
    assert np.allclose(ag.grad(f)(scale * x), ag.grad(f)(x), rtol=1e-13)


@pytest.mark.parametrize("order", [-1, -2, -3, -0.5])
def test_a_norm_of_negative_order_is_0_with_a_0_and_so_are_its_slopes(order):
    x = np.array([3.0, 0.0, -1.0])
    assert ag.linalg.norm(x, order) == 0
    assert np.array_equal(ag.grad(lambda x: ag.linalg.norm(x, order))(x), np.zeros(3))


@pytest.mark.parametrize("scale", SCALES)
def test_spreads_do_not_depend_on_the_scale(scale):
    x = np.array([1.0, 2.0, 4.0])
    with np.errstate(over="ignore"):  # of the variance
        slope = ag.grad(ag.var)(scale * x)
    assert np.allclose(slope / scale, ag.grad(ag.var)(x), rtol=1e-13)
    assert np.allclose(ag.std(scale * x) / scale, np.std(x), rtol=1e-14)
    assert np.allclose(ag.grad(ag.std)(scale * x), ag.grad(ag.std)(x), rtol=1e-13)


def test_the_hessian_of_a_power_is_symmetric_where_the_base_is_0():
    for p in (1.0, 2.0, 3.0):
        with np.errstate(all="ignore"):
            H = ag.hessian(lambda v: ag.power(v[0], v[1]))(np.array([0.0, p]))
        assert np.array_equal(H, H.T, equal_nan=True)
