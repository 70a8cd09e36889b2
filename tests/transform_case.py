"""The functions and arrays that the tests of the transforms share."""

import autograd_core as ag


def cubes(x):
    return (x**3).sum()


def bump(x, y):
    """A scalar of two arrays with every mixed derivative different from 0."""
    return (ag.tanh(x) * ag.exp(-y) * x + x * y * y).sum()


def two_arrays(rng):
    return rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
