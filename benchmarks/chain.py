"""Time one small operation, forward and backward, in a chain of 200: here and in whatever peer is installed.

    python benchmarks/chain.py [--rounds 7] [--only TEXT] [--json FILE]

The chain is y <- sin(tanh(y) * w + b), 50 times over: four eager operations a link, then the sum of y and its
gradient by x, w and b. Each contestant runs in a process of its own, rounds are interleaved, and a ratio is
the median of each round's. Then a million operations beside 200, and the memory that one takes.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LENGTH = 200
MILLION = 1_000_000
SHAPES = {"10 entries": (10,), "scalars": ()}


def chain(x: Any, w: Any, b: Any, tanh: Callable[[Any], Any], sin: Callable[[Any], Any], length: int) -> Any:
    """Compute the links, four operations each."""
    y = x
    for _ in range(length // 4):
        y = sin(tanh(y) * w + b)
    return y


def start(shape: tuple[int, ...]):
    """Draw x, w and b, the same for every contestant."""
    import numpy as np

    rng = np.random.default_rng(0)
    return [rng.uniform(low, high, shape) for low, high in ((-1, 1), (1, 2), (-0.1, 0.1))]


def engine(shape: tuple[int, ...]) -> Callable[[], float]:
    """Make a pass of this engine."""
    import autograd_core as ag

    leaves = [ag.Tensor(array, requires_grad=True) for array in start(shape)]

    def step() -> float:
        ag.sum(chain(*leaves, ag.tanh, ag.sin, LENGTH)).backward()
        slope = float(leaves[0].grad.sum())
        for leaf in leaves:
            leaf.zero_grad()
        return slope

    return step


def pytorch(shape: tuple[int, ...]) -> Callable[[], float]:
    """Make a pass of PyTorch, on one thread."""
    import torch

    torch.set_num_threads(1)
    leaves = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in start(shape)]

    def step() -> float:
        torch.sum(chain(*leaves, torch.tanh, torch.sin, LENGTH)).backward()
        slope = float(leaves[0].grad.sum())
        for leaf in leaves:
            leaf.grad = None
        return slope

    return step


def hips_autograd(shape: tuple[int, ...]) -> Callable[[], float]:
    """Make a pass of autograd."""
    import autograd
    import autograd.numpy as anp

    arrays = start(shape)
    gradient = autograd.grad(lambda *xs: anp.sum(chain(*xs, anp.tanh, anp.sin, LENGTH)), (0, 1, 2))
    return lambda: float(gradient(*arrays)[0].sum())


def mygrad(shape: tuple[int, ...]) -> Callable[[], float]:
    """Make a pass of MyGrad."""
    import mygrad as mg

    leaves = [mg.tensor(array) for array in start(shape)]

    def step() -> float:
        mg.sum(chain(*leaves, mg.tanh, mg.sin, LENGTH)).backward()
        slope = float(leaves[0].grad.sum())
        for leaf in leaves:
            leaf.null_grad()
        return slope

    return step


def jax(shape: tuple[int, ...]) -> Callable[[], float]:
    """Make a pass of JAX, operation by operation: nothing is compiled as a whole."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    arrays = [jnp.asarray(array) for array in start(shape)]
    gradient = jax.grad(lambda *xs: jnp.sum(chain(*xs, jnp.tanh, jnp.sin, LENGTH)), (0, 1, 2))
    return lambda: float(gradient(*arrays)[0].sum())


def forward_only(shape: tuple[int, ...]) -> Callable[[], float]:
    """Make the forward pass in plain NumPy, for scale."""
    import numpy as np

    arrays = start(shape)
    return lambda: float(np.sum(chain(*arrays, np.tanh, np.sin, LENGTH)))


CONTESTANTS = {
    "engine": (engine, "autograd_core"),
    "PyTorch": (pytorch, "torch"),
    "autograd": (hips_autograd, "autograd"),
    "MyGrad": (mygrad, "mygrad"),
    "JAX": (jax, "jax"),
    "NumPy, forward only": (forward_only, "numpy"),
}


def per_operation(contestant: str, shape: tuple[int, ...], seconds: float = 0.5) -> dict[str, float]:
    """Return the median time of an operation in seconds, and the slope, the same for everybody."""
    step = CONTESTANTS[contestant][0](shape)
    for _ in range(5):
        slope = step()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        step()
        times.append((time.perf_counter() - began) / LENGTH)
    return {"time": statistics.median(times), "slope": slope}


def phases(length: int, repeats: int) -> dict[str, float]:
    """Return the median seconds an operation takes to be recorded, differentiated and freed."""
    import autograd_core as ag

    leaves = [ag.Tensor(array, requires_grad=True) for array in start((10,))]
    times: dict[str, list[float]] = {"record": [], "backward": [], "free": [], "together": []}
    for _ in range(repeats):
        marks = [time.perf_counter()]
        y = ag.sum(chain(*leaves, ag.tanh, ag.sin, length))
        marks.append(time.perf_counter())
        y.backward()
        marks.append(time.perf_counter())
        del y
        marks.append(time.perf_counter())
        for phase, begin, end in zip(times, [*marks[:3], marks[0]], [*marks[1:], marks[3]]):
            times[phase].append((end - begin) / length)
        for leaf in leaves:
            leaf.zero_grad()
    return {phase: statistics.median(found) for phase, found in times.items()}


def memory(shape: tuple[int, ...], length: int = 20_000) -> dict[str, float]:
    """Return the bytes that an operation recorded here takes, with its result."""
    import autograd_core as ag

    leaves = [ag.Tensor(array, requires_grad=True) for array in start(shape)]
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    y = chain(*leaves, ag.tanh, ag.sin, length)
    bytes_each = (tracemalloc.get_traced_memory()[0] - before) / length
    return {"bytes": bytes_each, "entries": float(y.value.nbytes)}


def child(*words: str) -> dict[str, float]:
    """Measure in a process of its own."""
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    command = [sys.executable, __file__, "--child", *words]
    return json.loads(
        subprocess.run(command, env=os.environ | threads, capture_output=True, check=True).stdout
    )


def measured(words: list[str]) -> dict[str, float]:
    """Do what `child` asked for."""
    if words[0] == "phases":
        length = int(words[1])
        return phases(length, 1 if length > LENGTH else 2000)
    shape = SHAPES[words[1]]
    return memory(shape) if words[0] == "memory" else per_operation(words[0], shape)


def beside_peers(rounds: int, what: str) -> dict[str, list[float]]:
    """Print a line for each contestant: its time, and its ratio to the engine."""
    names = [name for name, (_, module) in CONTESTANTS.items() if find_spec(module)]
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        slopes = {}
        for name in names:
            found = child(name, what)
            times[name].append(found["time"])
            slopes[name] = found["slope"]
        del slopes["NumPy, forward only"]
        if any(abs(slope - slopes["engine"]) > 1e-9 * abs(slope) for slope in slopes.values()):
            raise SystemExit(f"{what}: the contestants disagree: {slopes}")
    print(f"{what + ', us an operation':36}{'engine / this':>16}")
    for name, found in times.items():
        ratio = statistics.median(ours / theirs for ours, theirs in zip(times["engine"], found))
        print(f"{name:24}{statistics.median(found) * 1e6:12.2f}{ratio:16.2f}", flush=True)
    return times


def beside_a_million(rounds: int) -> dict[str, list[dict[str, float]]]:
    """Print what an operation costs in a chain of 200 and in one of a million."""
    times: dict[str, list[dict[str, float]]] = {str(length): [] for length in (LENGTH, MILLION)}
    for _ in range(rounds):
        for length, found in times.items():
            found.append(child("phases", length))
    short, long = times.values()
    print(f"{'10 entries, us an operation':28}{f'{LENGTH}':>10}{f'{MILLION}':>10}{'ratio':>8}")
    for phase in short[0]:
        ratio = statistics.median(b[phase] / a[phase] for a, b in zip(short, long))
        columns = [statistics.median(found[phase] for found in each) * 1e6 for each in (short, long)]
        print(f"{phase:28}{columns[0]:10.2f}{columns[1]:10.2f}{ratio:8.2f}", flush=True)
    return times


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", metavar="FILE", help="also write every figure there")
    parser.add_argument("--only", metavar="TEXT", default="", help="parts whose name contains this")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measured(options.child)))
        return 0

    figures: dict[str, Any] = {}
    print(f"{platform.machine()}, 1 thread, Python {platform.python_version()}, float64")
    for what in SHAPES:
        if options.only in what:
            figures[what] = beside_peers(options.rounds, what)
    if options.only in "million":
        figures["million"] = beside_a_million(options.rounds)
    if options.only in "memory":
        figures["memory"] = {what: child("memory", what) for what in SHAPES}
        for what, found in figures["memory"].items():
            print(f"{what}: {found['bytes']:.0f} bytes an operation, {found['entries']:.0f} of them entries")
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
