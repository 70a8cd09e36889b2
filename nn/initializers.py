"""First weights, drawn from a `numpy.random.Generator`: the same seed gives the same bits.

An initialiser is a function of a generator and a shape (n[l], n[l-1]) that returns a float64 array. Weights
that start alike stay alike, since their gradients are equal: that is why most of these draw at random.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from numbers import Real
from typing import Any, Literal

import numpy as np

from autograd_core.graph.dispatch import plain_array
from autograd_core.graph.node import Array
from autograd_core.ops.shaping.axes import shape_of
from autograd_core.wording.arguments import function, instance, text
from autograd_core.wording.errors import OptionError, ShapeError, one_of, unknown_option
from autograd_core.wording.identifiers import name_of
from nn.given import empty

__all__ = [
    "INITIALIZERS",
    "Initializer",
    "constant",
    "drawn",
    "he",
    "lecun",
    "named",
    "normal",
    "orthogonal",
    "uniform",
    "usual",
    "xavier",
    "zeros",
]

Shape = tuple[int, int]
Initializer = Callable[[np.random.Generator, Shape], Array]
Distribution = Literal["normal", "uniform"]


def constant(value: float) -> Initializer:
    """Every entry the same: all nodes of a layer then stay alike for ever.

    Examples
    --------
    >>> constant(0.5)(np.random.default_rng(0), (1, 2))
    array([[0.5, 0.5]])
    """
    _finite("constant", value=value)
    return partial(_filled, float(value))


def zeros() -> Initializer:
    """Nothing but zeros.

    Examples
    --------
    >>> zeros()(np.random.default_rng(0), (1, 2))
    array([[0., 0.]])
    """
    return constant(0.0)


def normal(std: float = 0.01) -> Initializer:
    """Normal with mean 0 and standard deviation `std`.

    Raises
    ------
    OptionError
        `std` is negative or not finite.

    Examples
    --------
    >>> normal(0.1)(np.random.default_rng(0), (2, 3)).shape
    (2, 3)
    """
    _finite("normal", std=std, least=0.0)
    return partial(_normal, std)


def uniform(limit: float = 0.05) -> Initializer:
    """Uniform between -`limit` and `limit`.

    Raises
    ------
    OptionError
        `limit` is negative or not finite.

    Examples
    --------
    >>> W = uniform(0.1)(np.random.default_rng(0), (2, 3))
    >>> bool(np.abs(W).max() <= 0.1)
    True
    """
    _finite("uniform", limit=limit, least=0.0)
    return partial(_uniform, limit)


def lecun(gain: float = 1.0, distribution: Distribution = "normal") -> Initializer:
    """Variance gain²/n_in, which keeps the size of Z from layer to layer (LeCun et al., 1998).

    Parameters
    ----------
    gain : float
    distribution : "normal" or "uniform"

    Examples
    --------
    >>> W = lecun()(np.random.default_rng(0), (200, 100))
    >>> round(float(W.var() * 100), 1)
    1.0
    """
    return _scaled("lecun", gain, distribution, _over_inputs)


def xavier(gain: float = 1.0, distribution: Distribution = "normal") -> Initializer:
    """Variance gain² · 2/(n_in + n_out), between what forward and backward want (Glorot and Bengio, 2010).

    Parameters
    ----------
    gain : float
    distribution : "normal" or "uniform"

    Examples
    --------
    >>> W = xavier(distribution="uniform")(np.random.default_rng(0), (2, 4))
    >>> bool(np.abs(W).max() <= 1.0)
    True
    """
    return _scaled("xavier", gain, distribution, _over_both)


def he(gain: float = 1.0, distribution: Distribution = "normal") -> Initializer:
    """Variance gain² · 2/n_in, for the half of the entries that relu sets to 0 (He et al., 2015).

    Parameters
    ----------
    gain : float
    distribution : "normal" or "uniform"

    Examples
    --------
    >>> W = he()(np.random.default_rng(0), (200, 100))
    >>> round(float(W.var() * 50), 1)
    1.0
    """
    return _scaled("he", gain, distribution, _over_half_the_inputs)


def orthogonal(gain: float = 1.0) -> Initializer:
    """Rows or columns, whichever are fewer, orthonormal and times `gain` (Saxe et al., 2014).

    The Q of a normal matrix, its columns signed so that it is drawn evenly from all such matrices.

    Examples
    --------
    >>> W = orthogonal()(np.random.default_rng(0), (2, 5))
    >>> bool(np.allclose(W @ W.T, np.eye(2)))
    True
    """
    _finite("orthogonal", gain=gain)
    return partial(_orthogonal, gain)


INITIALIZERS: dict[str, Callable[[], Initializer]] = {
    "he": he,
    "he_uniform": lambda: he(distribution="uniform"),
    "lecun": lecun,
    "lecun_uniform": lambda: lecun(distribution="uniform"),
    "normal": normal,
    "orthogonal": orthogonal,
    "uniform": uniform,
    "xavier": xavier,
    "xavier_uniform": lambda: xavier(distribution="uniform"),
    "zeros": zeros,
}

_MAKERS: tuple[object, ...] = (constant, zeros, normal, uniform, lecun, xavier, he, orthogonal)
_RECTIFIERS = ("relu", "leaky_relu", "elu", "gelu", "silu", "softplus")


def usual(activation: str) -> Initializer:
    """Choose `he` for the rectifiers and `lecun` for every other activation.

    Examples
    --------
    >>> W = usual("tanh")(np.random.default_rng(0), (1, 4))
    >>> bool((W == lecun()(np.random.default_rng(0), (1, 4))).all())
    True
    """
    return he() if text(activation, "usual: activation", "the name of one") in _RECTIFIERS else lecun()


def named(init: str | Initializer) -> Initializer:
    """Look an initialiser up by name; a function is taken as it is.

    Raises
    ------
    OptionError
        There is no initialiser of that name, or it is what makes one, such as `he` for ``he()``.
    """
    if any(init is maker for maker in _MAKERS):
        called = name_of(init)
        raise OptionError(f"init={called}: {called}(...) makes an initialiser; it has to be called first")
    if callable(init):
        return init
    if not isinstance(init, str) or init not in INITIALIZERS:
        raise unknown_option("initialiser", init, INITIALIZERS)
    return INITIALIZERS[init]()


def drawn(init: Initializer, rng: np.random.Generator, shape: Shape) -> Array:
    """Draw first weights, and refuse what does not fit.

    Raises
    ------
    ShapeError, OptionError
        The initialiser returned another shape, or something that is not finite.
    """
    function(init, "drawn: init", "an initialiser, such as nn.initializers.he()")
    rng, shape = _asked(rng, shape)
    W: Array = plain_array(init(rng, shape))
    called = name_of(init)
    if W.shape != shape:
        raise ShapeError(f"initialiser {called} returned shape {W.shape} for W of shape {shape}")
    if W.dtype.kind not in "fiu" or not np.isfinite(W).all():
        raise OptionError(f"initialiser {called} returned weights that are not finite numbers")
    return W


# Functions of the module, so that an initialiser can be pickled with what it belongs to.


def _asked(rng: Any, shape: Any) -> tuple[np.random.Generator, Shape]:
    """What an initialiser is called with: a generator, and the shape of the weights of a layer."""
    instance(rng, np.random.Generator, "an initialiser: rng", "a numpy.random.Generator")
    sizes = shape_of("an initialiser", shape)
    if len(sizes) != 2 or 0 in sizes:
        raise ShapeError(f"an initialiser: shape is {shape!r:.60}, wanted (n_out, n_in), both positive")
    empty((sizes[0], sizes[1]), "an initialiser")
    return rng, (sizes[0], sizes[1])


def _filled(value: float, rng: np.random.Generator, shape: Shape) -> Array:
    return np.full(_asked(rng, shape)[1], value)


def _normal(std: float, rng: np.random.Generator, shape: Shape) -> Array:
    rng, shape = _asked(rng, shape)
    return rng.normal(0.0, abs(std), shape)  # NumPy refuses -0.0


def _uniform(limit: float, rng: np.random.Generator, shape: Shape) -> Array:
    rng, shape = _asked(rng, shape)
    return rng.uniform(-limit, limit, shape)


def _orthogonal(gain: float, rng: np.random.Generator, shape: Shape) -> Array:
    rng, shape = _asked(rng, shape)
    more, fewer = max(shape), min(shape)
    Q, R = np.linalg.qr(rng.normal(size=(more, fewer)))
    Q = gain * Q * np.where(np.diag(R) < 0, -1.0, 1.0)
    return Q if shape[0] == more else Q.T


def _over_inputs(n_out: int, n_in: int) -> float:
    return 1 / n_in


def _over_half_the_inputs(n_out: int, n_in: int) -> float:
    return 2 / n_in


def _over_both(n_out: int, n_in: int) -> float:
    return 2 / (n_in + n_out)


def _of_variance(
    gain: float,
    distribution: Distribution,
    variance: Callable[[int, int], float],
    rng: np.random.Generator,
    shape: Shape,
) -> Array:
    """Draw with mean 0 and variance gain² · variance(n_out, n_in)."""
    rng, shape = _asked(rng, shape)
    std = gain * np.sqrt(variance(*shape))
    return _normal(std, rng, shape) if distribution == "normal" else _uniform(np.sqrt(3.0) * std, rng, shape)


def _scaled(
    name: str, gain: float, distribution: Distribution, variance: Callable[[int, int], float]
) -> Initializer:
    _finite(name, gain=gain)
    one_of("distribution", distribution, ("normal", "uniform"))
    return partial(_of_variance, gain, distribution, variance)


def _finite(initializer: str, *, least: float = -np.inf, **option: float) -> None:
    [(name, value)] = option.items()
    if not isinstance(value, Real) or not abs(value) <= sys.float_info.max or value < least:
        wanted = "a finite number" if least < 0 else f"a finite number from {least:g} up"
        raise OptionError(f"{initializer}({name}={value!r}): {name} must be {wanted}")
