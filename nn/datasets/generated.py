"""Small data sets to generate: classes in the plane that no straight line separates, and a curve to fit.

All are shuffled, and the same seed gives the same bits. Noise is the standard deviation of normal errors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from autograd_core.graph.node import Array
from autograd_core.wording.arguments import number
from autograd_core.wording.errors import OptionError
from nn.datasets.examples import Dataset, one_hot
from nn.given import generator

__all__ = ["circles", "moons", "sine", "spirals", "xor"]

Seed = int | np.random.Generator


def moons(m: int = 200, noise: float = 0.1, seed: Seed = 0) -> Dataset:
    """Two half circles that reach into one another: (cos t, sin t) and (1 - cos t, 1/2 - sin t), t in [0, π].

    Parameters
    ----------
    m : int
        Number of examples, half of them in each class, at equal steps of t.
    noise : float
        Standard deviation of what is added to both coordinates.
    seed : int or numpy.random.Generator

    Returns
    -------
    Dataset
        X (2, m), Y (2, m) one-hot.

    Raises
    ------
    OptionError
        Too few examples, or a setting out of its range.

    Examples
    --------
    >>> X, Y = moons(100)
    >>> X.shape, Y.sum(axis=1)
    ((2, 100), array([50., 50.]))
    """
    _check("moons", m, 2, noise)
    t, u = np.linspace(0, np.pi, m - m // 2), np.linspace(0, np.pi, m // 2)
    upper, lower = [np.cos(t), np.sin(t)], [1 - np.cos(u), 0.5 - np.sin(u)]
    return _scattered([upper, lower], noise, seed)


def circles(m: int = 200, noise: float = 0.05, factor: float = 0.5, seed: Seed = 0) -> Dataset:
    """A circle around another: r (cos t, sin t), t in [0, 2π), with r = 1 outside and r = factor inside.

    Parameters
    ----------
    m : int
        Number of examples, half of them in each class, at equal steps of t.
    noise : float
        Standard deviation of what is added to both coordinates.
    factor : float
        Radius of the inner circle, between 0 and 1.
    seed : int or numpy.random.Generator

    Returns
    -------
    Dataset
        X (2, m), Y (2, m) one-hot: outer, inner.

    Raises
    ------
    OptionError
        Too few examples, or a setting out of its range.

    Examples
    --------
    >>> X, Y = circles(4, noise=0, factor=0.25)
    >>> np.sort(np.hypot(*X))
    array([0.25, 0.25, 1.  , 1.  ])
    """
    _check("circles", m, 2, noise)
    if not 0 < number(factor, "circles: factor") < 1:
        raise OptionError(f"circles: factor={factor}; the inner radius must be between 0 and 1")
    t, u = (2 * np.pi * np.arange(part) / part for part in (m - m // 2, m // 2))
    outer, inner = [np.cos(t), np.sin(t)], [factor * np.cos(u), factor * np.sin(u)]
    return _scattered([outer, inner], noise, seed)


def spirals(m: int = 300, arms: int = 2, noise: float = 0.02, turns: float = 1.5, seed: Seed = 0) -> Dataset:
    """Arms that wind around the origin: r (cos t, sin t), t = 2π (turns r + k / arms) for arm k, r in (0, 1].

    Parameters
    ----------
    m : int
        Number of examples, spread evenly over the arms, at equal steps of r.
    arms : int
        Number of classes.
    noise : float
        Standard deviation of what is added to both coordinates.
    turns : float
        How often an arm goes round.
    seed : int or numpy.random.Generator

    Returns
    -------
    Dataset
        X (2, m), Y (arms, m) one-hot.

    Raises
    ------
    OptionError
        Too few examples, or a setting out of its range.

    Examples
    --------
    >>> X, Y = spirals(300, arms=3)
    >>> X.shape, Y.sum(axis=1)
    ((2, 300), array([100., 100., 100.]))
    """
    turns = number(turns, "spirals: turns")
    if not isinstance(arms, int | np.integer) or arms < 2 or not 0 < turns < math.inf:
        raise OptionError(
            f"spirals: arms={arms!r}, turns={turns}; wanted at least 2 arms and a positive number"
        )
    _check("spirals", m, int(arms), noise)
    parts = []
    for k in range(arms):
        size = len(range(k, m, arms))
        r = np.arange(1, size + 1) / size
        t = 2 * np.pi * (turns * r + k / arms)
        parts.append([r * np.cos(t), r * np.sin(t)])
    return _scattered(parts, noise, seed)


def xor(m: int | None = None, noise: float = 0.1, seed: Seed = 0) -> Dataset:
    """Exclusive or: class 1 if just one coordinate is 1, at the corners of the unit square.

    Parameters
    ----------
    m : int, optional
        Number of examples, in clouds around the corners; without it the four corners as they are.
    noise : float
        Standard deviation of a cloud in both coordinates.
    seed : int or numpy.random.Generator

    Returns
    -------
    Dataset
        X (2, m), Y (2, m) one-hot.

    Raises
    ------
    OptionError
        Too few examples, or a setting out of its range.

    Examples
    --------
    >>> X, Y = xor()
    >>> X
    array([[0., 0., 1., 1.],
           [0., 1., 0., 1.]])
    >>> Y[1]
    array([0., 1., 1., 0.])
    """
    corners = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    if m is None:
        return Dataset(corners, one_hot([0, 1, 1, 0], 2))
    _check("xor", m, 4, noise)
    equal, different = (np.arange(m - m // 2) % 2 * 3, np.arange(m // 2) % 2 + 1)
    return _scattered([corners[:, equal], corners[:, different]], noise, seed)


def sine(m: int = 100, noise: float = 0.1, seed: Seed = 0) -> Dataset:
    """A curve to fit, y = sin x, at equal steps of x in [-π, π].

    Parameters
    ----------
    m : int
        Number of examples.
    noise : float
        Standard deviation of what is added to y.
    seed : int or numpy.random.Generator

    Returns
    -------
    Dataset
        X (1, m), Y (1, m).

    Raises
    ------
    OptionError
        No example, or a noise that is negative or not finite.

    Examples
    --------
    >>> X, Y = sine(50, noise=0)
    >>> X.shape, np.array_equal(Y, np.sin(X))
    ((1, 50), True)
    """
    _check("sine", m, 1, noise)
    rng = generator(seed, "sine")
    X = rng.permutation(np.linspace(-np.pi, np.pi, m))[None]
    return Dataset(X, np.sin(X) + rng.normal(0.0, abs(noise), X.shape))


_MOST = 1_000_000_000  # of two coordinates and two classes: 32 GB


def _check(name: str, m: int, least: int, noise: float) -> None:
    """Refuse a number of examples below `least`, and a noise that is none."""
    if not isinstance(m, int | np.integer) or not least <= m <= _MOST:
        raise OptionError(f"{name}: m={m!r:.60} examples; wanted a whole number from {least} up to {_MOST:,}")
    if not 0 <= number(noise, f"{name}: noise") < math.inf:
        raise OptionError(f"{name}: noise={noise}; wanted a standard deviation, 0 or more")


def _scattered(parts: Sequence[Array | list[Array]], noise: float, seed: Seed) -> Dataset:
    """Shuffle the points of all classes, each (2, m of the class), and add noise."""
    rng = generator(seed, "seed")
    X = np.concatenate(parts, axis=1)
    classes = np.repeat(np.arange(len(parts)), [np.shape(part)[1] for part in parts])
    order = rng.permutation(len(classes))
    return Dataset(X[:, order] + rng.normal(0.0, abs(noise), X.shape), one_hot(classes[order], len(parts)))
