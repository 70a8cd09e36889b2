"""Time ``import autograd_core`` beside ``import numpy``, each in fresh processes, rounds interleaved.

python benchmarks/import_time.py [--rounds 30]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys

CODE = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


# Compiled files are kept, as an installation does, even where the environment says not to write any.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def once(module: str) -> float:
    """Import a module in a process of its own; return the seconds."""
    child = [sys.executable, "-c", CODE.format(module)]
    answer = subprocess.run(child, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return float(answer.stdout)


def main() -> int:
    """Print both medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    once("autograd_core")  # compiles, once
    pairs = [(once("numpy"), once("autograd_core")) for _ in range(rounds)]
    numpy, ours = (statistics.median(times) for times in zip(*pairs))
    ratio = statistics.median(ours / numpy for numpy, ours in pairs)
    print(f"numpy {numpy * 1e3:.1f} ms, autograd_core {ours * 1e3:.1f} ms, ratio {ratio:.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
