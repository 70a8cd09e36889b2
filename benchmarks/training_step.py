"""Time one training step (forward, backward, gradient descent): the engine beside hand-written NumPy.

    python benchmarks/training_step.py [--rounds 7] [--threads 2] [--only TEXT] [--json FILE]

Each contestant runs in a process of its own; rounds are interleaved, so that a slow moment of the machine
hits all of them; times are medians over rounds, and the ratio is the median of each round's. Networks: tanh
hidden layers, softmax output with cross-entropy, float32, all parameters updated in place.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

NETWORKS = {
    "2-4-2, m=4": ((2, 4, 2), 4),
    "64-32-10, m=64": ((64, 32, 10), 64),
    "784-128-10, m=128": ((784, 128, 10), 128),
    "784-512-512-10, m=256": ((784, 512, 512, 10), 256),
}
CONTESTANTS = ("hand-written NumPy", "engine")
RATE = 0.01


def problem(widths: tuple[int, ...], m: int):
    """Draw weights and examples, the same for every contestant."""
    import numpy as np

    rng = np.random.default_rng(0)
    weights = [
        (rng.normal(0, n_in**-0.5, (n_out, n_in)).astype("f4"), np.zeros((n_out, 1), "f4"))
        for n_in, n_out in pairwise(widths)
    ]
    X = rng.normal(size=(widths[0], m)).astype("f4")
    Y = np.eye(widths[-1], dtype="f4")[:, rng.integers(0, widths[-1], m)]
    return weights, X, Y


def hand_written(widths: tuple[int, ...], m: int) -> Callable[[], float]:
    """Make a step as a careful person writes it: no product twice, each A kept for the way back."""
    import numpy as np

    weights, X, Y = problem(widths, m)
    rate = np.float32(RATE)

    def step() -> float:
        A = [X]
        for W, b in weights[:-1]:
            A.append(np.tanh(W @ A[-1] + b))
        W, b = weights[-1]
        Z = W @ A[-1] + b
        E = np.exp(Z - Z.max(axis=0, keepdims=True))
        P = E / E.sum(axis=0, keepdims=True)
        J = -(Y * np.log(P)).sum() / m
        dZ = (P - Y) / m
        for l in range(len(weights) - 1, -1, -1):
            W, b = weights[l]
            dW, db = dZ @ A[l].T, dZ.sum(axis=1, keepdims=True)
            if l:
                dZ = (W.T @ dZ) * (1 - A[l] * A[l])
            W -= rate * dW
            b -= rate * db
        return float(J)

    return step


def engine(widths: tuple[int, ...], m: int) -> Callable[[], float]:
    """Make a step with the network and cost of `nn`, differentiated eagerly."""
    import numpy as np

    import nn

    weights, X, Y = problem(widths, m)
    hidden = ["tanh"] * (len(widths) - 2)
    net = nn.Sequential(
        *(
            nn.Dense(n_in, n_out, g, dtype="f4")
            for (n_in, n_out), g in zip(pairwise(widths), [*hidden, "identity"])
        )
    )
    for layer, (W, b) in zip(net.layers, weights):
        layer.W.data, layer.b.data = W, b
    rate = np.float32(RATE)

    def step() -> float:
        J = nn.costs.softmax_cross_entropy(net(X), Y)
        J.backward()
        for parameter in net.parameters():
            parameter.data -= rate * parameter.grad
            parameter.zero_grad()
        return float(J)

    return step


def measure(contestant: str, network: str, seconds: float = 0.5) -> tuple[float, float]:
    """Return the median time of a step in seconds, and the cost after 20 steps."""
    make = {"hand-written NumPy": hand_written, "engine": engine}[contestant]
    step = make(*NETWORKS[network])
    for _ in range(20):
        cost = step()
    start = time.perf_counter()
    step()
    repeats = max(1, int(0.01 / max(time.perf_counter() - start, 1e-9)))
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(repeats):
            step()
        times.append((time.perf_counter() - start) / repeats)
    return statistics.median(times), cost


def main() -> int:
    """Run every contestant on every network and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2, help="threads of the matrix products")
    parser.add_argument("--json", metavar="FILE", help="also write every figure there")
    parser.add_argument("--only", metavar="TEXT", default="", help="networks whose name contains this")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(*options.child)))
        return 0

    threads = {f"{library}_NUM_THREADS": str(options.threads) for library in ("OPENBLAS", "OMP", "MKL")}
    figures: dict[str, dict[str, list[float]]] = {}
    print(f"{platform.machine()}, {options.threads} threads, Python {platform.python_version()}, float32")
    print(f"{'network':24}" + "".join(f"{name:>22}" for name in CONTESTANTS) + f"{'ratio':>8}")
    for network in [name for name in NETWORKS if options.only in name]:
        rounds: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
        for _ in range(options.rounds):
            costs = set()
            for name in CONTESTANTS:
                child = [sys.executable, __file__, "--child", name, network]
                answer = subprocess.run(child, env=os.environ | threads, capture_output=True, check=True)
                seconds, cost = json.loads(answer.stdout)
                rounds[name].append(seconds)
                costs.add(round(cost, 3))
            if len(costs) > 1:
                raise SystemExit(f"{network}: the contestants disagree after 20 steps: {costs}")
        hand, ours = (statistics.median(rounds[name]) for name in CONTESTANTS)
        ratio = statistics.median(ours / hand for hand, ours in zip(*rounds.values()))
        print(f"{network:24}{hand * 1e6:19.1f} us{ours * 1e6:19.1f} us{ratio:8.2f}", flush=True)
        figures[network] = rounds
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
