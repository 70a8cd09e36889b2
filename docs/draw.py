"""Draw the pictures of this folder: ``python docs/draw.py``."""

from pathlib import Path

import nn
import viz

X, Y = nn.datasets.iris()
net = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 3, "softmax", rng=1))
J = nn.costs.cross_entropy(net(nn.datasets.standardized(X, like=X)), Y)
viz.both(J).save(Path(__file__).parent / "ladder.png")
