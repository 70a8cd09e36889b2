"""A network and examples to train it on."""

import numpy as np

import nn


def network(seed=0):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Dense(4, 5, "tanh", rng=rng), nn.Dense(5, 3, "softmax", rng=rng))


def separable(m=60):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4, m))
    return X, nn.datasets.one_hot(X[:3].argmax(axis=0), 3)
