"""How often `ag.compare` names a planted mistake, with how many candidates and in what time.

    python benchmarks/diagnosis.py [--draws 3] [--nonsense 200]

The fifteen mistakes on seven networks, in gradients given as arrays, as functions, and of the parameters
alone; and claims that are no small edit of anything, which must not be named.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import autograd_core as ag

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import mistake_case as case


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--nonsense", type=int, default=200)
    options = parser.parse_args()
    print("| gradients | n | detected | first step | kind | formula | certain | candidates | seconds |")
    print("|---|---|---|---|---|---|---|---|---|")
    for what, claims in LEVELS.items():
        print(f"| {what} | {' | '.join(score(what, claims, options.draws))} |")
    print(f"\nnamed of {options.nonsense} claims that are no small edit: {nonsense(options.nonsense)}")


LEVELS: dict[str, Callable] = {
    "arrays": lambda net, wrong: case.chained(net, wrong),
    "functions": lambda net, wrong: net.formulas | wrong,
    "parameters alone": lambda net, wrong: {
        k: x for k, x in case.chained(net, wrong).items() if k[1] in "Wb"
    },
}


def score(what: str, claims: Callable, draws: int) -> Iterator[str]:
    """Count what is found of every mistake that can be made, and give medians and largest of the effort."""
    right, tried, seconds = np.zeros(6, int), [], []
    for name, m in [*((name, 7) for name in case.SPECS), ("Q", 4)]:
        for seed in range(draws):
            net = case.drawn(name, seed, m)
            for mistake in case.mistakes(net):
                claimed = claims(net, mistake.formulas)
                start = time.perf_counter()
                comparison = ag.compare(net.J, claimed)
                diagnosis = comparison.diagnosis
                seconds.append(time.perf_counter() - start)
                tried.append(diagnosis.tried)
                order = [row.name for row in comparison.rows]
                visible = [step for step in mistake.formulas if step in order]
                first = comparison.first_wrong.name == min(visible, key=order.index) if visible else True
                named = diagnosis.kind in mistake.kinds
                certain = diagnosis.confidence == "certain"
                planted = mistake.formulas.get(diagnosis.name)
                written = planted is not None and case.is_planted(comparison, diagnosis, planted)
                right += (1, not comparison.ok, first, named, written, certain)
    yield from map(str, right)
    yield f"{np.median(tried):.0f} / {max(tried)}"
    yield f"{np.median(seconds):.3f} / {max(seconds):.2f}"


def nonsense(count: int) -> int:
    """Count how many claims that mean nothing are given a name."""
    rng = np.random.default_rng(0)
    named = 0
    for i in range(count):
        net = case.drawn([*case.SPECS][i % 7], i)
        claims = case.chained(net)
        q = ("dA[3]", "dZ[2]", "dW[2]", "db[2]", "dA[1]", "dW[1]")[i % 6]
        right = claims[q]
        if i % 3 == 0:
            claims[q] = right * (1 + 0.01 * rng.normal(size=right.shape))
        elif i % 3 == 1:
            claims[q] = rng.normal(size=right.shape)
        else:
            claims[q] = right.copy()
            claims[q][0, 0] *= 1.7
        named += ag.compare(net.J, claims).diagnosis.kind != "unknown"
    return named


if __name__ == "__main__":
    main()
