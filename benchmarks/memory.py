"""Measure the memory of one training step beyond parameters and data: the engine beside hand-written NumPy.

    python benchmarks/memory.py [--json FILE]

The step is forward, backward and gradient descent of 1024-2048-2048-10 with 512 examples in float64: hidden
layers of tanh or relu, softmax output with cross-entropy. The hand-written step keeps every Z, A and gradient
until the update; a leaner one drops each dZ and dA once it is used. Each contestant runs in a process of its
own; NumPy reports every array to tracemalloc, so the peak is exact.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

WIDTHS = (1024, 2048, 2048, 10)
EXAMPLES = 512
RATE = 0.01
HIDDEN = ("tanh", "relu")
CONTESTANTS = ("hand-written, all kept", "hand-written, dZ and dA dropped", "engine")
Step = Callable[[Callable[[str], None]], float]


def problem():
    """Draw weights and examples, the same for every contestant."""
    import numpy as np

    rng = np.random.default_rng(0)
    weights = [
        (rng.normal(0, n_in**-0.5, (n_out, n_in)), np.zeros((n_out, 1))) for n_in, n_out in pairwise(WIDTHS)
    ]
    X = rng.normal(size=(WIDTHS[0], EXAMPLES))
    Y = np.eye(WIDTHS[-1])[:, rng.integers(0, WIDTHS[-1], EXAMPLES)]
    return weights, X, Y


def hand_written(hidden: str, keep: bool) -> Step:
    """Make a step as the notes' equations are written, with or without keeping what is used once."""
    import numpy as np

    weights, X, Y = problem()
    g, slope = {
        "tanh": (np.tanh, lambda _Z, A: 1 - A * A),
        "relu": (lambda Z: np.maximum(Z, 0), lambda Z, _A: Z > 0),
    }[hidden]

    def step(mark: Callable[[str], None]) -> float:
        Z, A = [], [X]
        for W, b in weights:
            Z.append(W @ A[-1] + b)
            A.append(g(Z[-1]) if W is not weights[-1][0] else _softmax(Z[-1]))
        J = -(Y * np.log(A[-1])).sum() / EXAMPLES
        mark("forward")
        kept, gradients = [], []
        dZ = (A[-1] - Y) / EXAMPLES
        for l in range(len(weights) - 1, -1, -1):
            gradients.insert(0, (dZ @ A[l].T, dZ.sum(axis=1, keepdims=True)))
            if l:
                dA = weights[l][0].T @ dZ
                kept += [dA, dZ] if keep else []
                dZ = dA * slope(Z[l - 1], A[l])
        mark("backward")
        for parameters, slopes in zip(weights, gradients):
            for parameter, d in zip(parameters, slopes):
                parameter -= RATE * d
        mark("update")
        return float(J)

    return step


def _softmax(Z: Any) -> Any:
    import numpy as np

    E = np.exp(Z - Z.max(axis=0, keepdims=True))
    return E / E.sum(axis=0, keepdims=True)


def engine(hidden: str) -> Step:
    """Make a step with the network and cost of `nn`, differentiated eagerly."""
    import nn

    weights, X, Y = problem()
    activations = [hidden] * (len(WIDTHS) - 2) + ["identity"]
    net = nn.Sequential(*(nn.Dense(*sizes, g) for sizes, g in zip(pairwise(WIDTHS), activations)))
    for layer, (W, b) in zip(net.layers, weights):
        layer.W.data, layer.b.data = W, b

    def step(mark: Callable[[str], None]) -> float:
        J = nn.costs.softmax_cross_entropy(net(X), Y)
        mark("forward")
        J.backward()
        mark("backward")
        for parameter in net.parameters():
            parameter.data -= RATE * parameter.grad
        mark("update")
        for parameter in net.parameters():
            parameter.zero_grad()
        return float(J)

    return step


def measure(contestant: str, hidden: str) -> dict[str, float]:
    """Return the peak of each phase of a step in bytes, that of the whole step, and the cost after it."""
    step = engine(hidden) if contestant == "engine" else hand_written(hidden, contestant == CONTESTANTS[0])
    step(lambda _phase: None)
    peaks = {}

    def mark(phase: str) -> None:
        peaks[phase] = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()

    tracemalloc.start()
    cost = step(mark)
    return peaks | {"peak": max(peaks.values()), "cost": cost}


def main() -> int:
    """Run every contestant and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="also write every figure there")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(*options.child)))
        return 0

    figures = {}
    for hidden in HIDDEN:
        found = {}
        for name in CONTESTANTS:
            child = [sys.executable, __file__, "--child", name, hidden]
            found[name] = json.loads(subprocess.run(child, capture_output=True, check=True).stdout)
        if len({round(peaks["cost"], 9) for peaks in found.values()}) > 1:
            raise SystemExit(f"{hidden}: the contestants disagree")
        phases = ("forward", "backward", "update", "peak")
        print(
            f"{hidden + ', peak in MB':34}" + "".join(f"{phase:>10}" for phase in phases) + f"{'engine':>10}"
        )
        for name, peaks in found.items():
            sizes = "".join(f"{peaks[phase] / 1e6:10.1f}" for phase in phases)
            print(f"{name:34}{sizes}{found['engine']['peak'] / peaks['peak']:10.2f}")
        figures[hidden] = found
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
