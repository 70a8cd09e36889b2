"""Time the pictures: reading the graph, choosing what is drawn, both passes, places, SVG.

    python benchmarks/pictures.py [--rounds 5]

Graphs of about 150 parts, drawn whole, and of 10,000 operations, drawn in boxes. What stands here is our own
time, all there is for SVG, DOT and text; a PNG file also takes its converter. Each figure is the median.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from typing import Any

import numpy as np

import autograd_core as ag
import nn
import viz
from autograd_core.graph.node import topological_order

OPERATIONS = 10_000


def network(depth: int, width: int = 4) -> Any:
    """Record the cost of a deep network."""
    rng = np.random.default_rng(0)
    net = nn.Sequential(*[nn.Dense(width, width, "tanh", rng=i) for i in range(depth)])
    return nn.costs.squared_error(net(rng.normal(size=(width, 7))), rng.normal(size=(width, 7)))


def chain(length: int) -> Any:
    """Record one operation after another."""
    y = ag.tensor(0.5, requires_grad=True, name="x")
    for _ in range(length):
        y = ag.tanh(y)
    return y


def skips(length: int) -> Any:
    """Record a chain in which each step also takes one from anywhere before it."""
    rng = np.random.default_rng(0)
    steps = [ag.tensor(0.5, requires_grad=True, name="x")]
    for i in range(length // 2):
        steps.append(ag.tanh(steps[-1]) + steps[rng.integers(i + 1)])
    return steps[-1]


def tangle(count: int) -> Any:
    """Record a random DAG."""
    rng = np.random.default_rng(0)
    pool = [ag.tensor([0.1, 0.2], requires_grad=True, name=f"x_{i}") for i in range(3)]
    for _ in range(count):
        a, b = (pool[i] for i in rng.integers(max(0, len(pool) - 30), len(pool), 2))
        pool.append([ag.tanh(a), ag.tanh(a) * b, a - b][rng.integers(3)])
    return ag.sum(sum(pool[-30:], 0.0))


def unrolled(times: int) -> Any:
    """Record a network that is applied to its own output."""
    net = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 4, "tanh", rng=1))
    h = np.random.default_rng(0).normal(size=(4, 7))
    for _ in range(times):
        h = net(h)
    return ag.sum(h * h)


def hessian(count: int) -> Any:
    """Record the sum of squares of a Hessian, row by row."""
    x = ag.tensor(np.linspace(0.1, 1.0, count), requires_grad=True, name="x")
    W = np.random.default_rng(0).normal(size=(count, count))
    ag.sum(ag.tanh(W @ x) ** 2).backward(create_graph=True)
    gradient, total = x.grad, 0.0
    for i in range(count):
        x.grad = None
        gradient[i].backward(create_graph=True)
        total = total + ag.sum(x.grad * x.grad)
    return total


SMALL = {
    "network, 12 layers": lambda: network(12),
    "chain": lambda: chain(145),
    "random DAG": lambda: tangle(75),
}
LARGE = {
    "chain": lambda: chain(OPERATIONS),
    "chain with skips": lambda: skips(OPERATIONS),
    "random DAG": lambda: tangle(OPERATIONS * 11 // 10),
    "network, 3,333 layers": lambda: network(OPERATIONS // 3),
    "network of 2 layers, unrolled 1,000 times": lambda: unrolled(1000),
    "Hessian, row by row": lambda: hessian(350),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    warnings.simplefilter("ignore")
    print("| graph | operations | picture | parts drawn | seconds |\n|---|---|---|---|---|")
    for detail, graphs in (("operations", SMALL), ("auto", LARGE)):
        for name, record in graphs.items():
            J = record()
            count = sum(not node.is_leaf for node in topological_order([J]))
            for draw in (viz.forward, viz.both):
                times = []
                for _ in range(rounds):
                    start = time.perf_counter()
                    picture = draw(J, detail=detail)
                    picture.svg()
                    times.append(time.perf_counter() - start)
                parts = len(picture.scene.vertices)
                print(f"| {name} | {count:,} | {draw.__name__} | {parts} | {statistics.median(times):.2f} |")


if __name__ == "__main__":
    main()
