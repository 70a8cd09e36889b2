"""Random programs, as data: which operation on which earlier values, with which parameters.

A program is drawn from a seed while it runs on plain arrays: so the shapes fit, values stay small, and each
step is taken where it is smooth, away from ties, kinks and poles.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple

import numpy as np

from programs.libraries import LIBRARIES, apply
from programs.table import TABLE, Operation

LARGEST = 4.0  # entries beyond it are scaled down
H = 1e-5  # how far operands are moved to find kinks
STEEPEST = 100.0  # bound of first and second derivatives
UNUSED = 6  # how much likelier a value that no step uses yet is drawn as an operand


class Step(NamedTuple):
    """An operation by name, its operands by number, its parameters by name."""

    name: str
    operands: tuple[int, ...]
    params: dict[str, Any]


class Program(NamedTuple):
    """The arrays it starts from, and its steps; value i is a leaf or the result of a step."""

    seed: int
    leaves: list[np.ndarray]
    steps: list[Step]

    def ends(self) -> list[int]:
        """List the values that no step uses."""
        used = {i for step in self.steps for i in step.operands}
        return [i for i in range(len(self.leaves) + len(self.steps)) if i not in used]

    def weights(self, i: int, shape: tuple[int, ...]) -> np.ndarray:
        """By what a value at an end is multiplied before it is summed into the cost."""
        return np.random.default_rng([self.seed, i]).normal(size=shape)

    def __str__(self) -> str:
        lines = [f"v{i} = leaf of shape {x.shape}" for i, x in enumerate(self.leaves)]
        for i, (name, operands, params) in enumerate(self.steps, len(self.leaves)):
            fixes = itertools.zip_longest(operands, TABLE[name].fix)
            given = [f"{fix.__name__}(v{j})" if fix else f"v{j}" for j, fix in fixes]
            given += [f"{key}={value!r}" for key, value in params.items()]
            lines.append(f"v{i} = {name}({', '.join(given)})")
        return "\n".join(lines)


def draw_program(seed: int, table: Mapping[str, Operation] = TABLE) -> Program:
    """Draw a program of 5 to 40 steps."""
    rng = Random(seed)
    common = rng.sample((2, 3, 4), 2)
    sizes = [*common, *common, 1, *([0] if rng.random() < 0.15 else [])]
    shapes = [tuple(rng.choices(sizes, k=rng.randint(0, 3))) for _ in range(rng.randint(2, 4))]
    shapes.append(tuple(rng.choices(common, k=rng.randint(1, 3))))  # at least this one has entries
    entries = np.random.default_rng(seed)
    leaves = [entries.uniform(-2.0, 2.0, shape) for shape in shapes]
    drawing = _Drawing(rng, table, list(leaves))
    for _ in range(rng.randint(5, 40)):
        drawing.draw()
    return Program(seed, leaves, drawing.steps)


class _Drawing:
    """A program half drawn, with its values, and how much each is preferred as an operand."""

    def __init__(self, rng: Random, table: Mapping[str, Operation], values: list[np.ndarray]) -> None:
        self.rng, self.table, self.names = rng, table, list(table)
        self.values = values
        self.preference = [UNUSED] * len(values)
        self.steps: list[Step] = []

    def draw(self) -> None:
        """Add a step, and another one that scales its result if that is large."""
        while not self.tried():
            pass
        largest = np.abs(self.values[-1]).max(initial=0.0)
        if largest > LARGEST:
            by = 0.5 ** float(np.ceil(np.log2(largest / LARGEST)))
            self.add(Step("scaled", (len(self.values) - 1,), {"by": by}))
            self.preference[-2] = 0

    def tried(self) -> bool:
        """Draw an operation and try some operands with it."""
        name = self.rng.choice(self.names)
        operation = self.table[name]
        for _ in range(20):
            count = self.rng.choice(operation.operands)
            operands = tuple(self.rng.choices(range(len(self.values)), self.preference, k=count))
            params = operation.draw(self.rng, *(self.values[i].shape for i in operands))
            if params is not None and self.add(Step(name, operands, params)):
                return True
        return False

    def add(self, step: Step) -> bool:
        """Run a step; refuse a result that is large, or so steep or curved that a kink or pole must be near.

        The operands are moved a little forth and back, each entry by a different amount.
        """
        arrays = [self.values[i] for i in step.operands]
        size = sum(x.size for x in arrays)
        amounts = H * np.linspace(0.5, 1.5, size)[self.rng.sample(range(size), size)]
        parts = np.split(amounts, np.cumsum([x.size for x in arrays])[:-1])
        moves = [part.reshape(x.shape) for part, x in zip(parts, arrays)]
        with np.errstate(all="ignore"):
            value, forth, back = (
                self.run(step, [x + s * move for x, move in zip(arrays, moves)]) for s in (0, 1, -1)
            )
            scale = STEEPEST * max(1.0, np.abs(value).max(initial=0.0))
            slope, bend = forth - back, forth + back - 2 * value
            smooth = (np.abs(slope) <= scale * H).all() and (np.abs(bend) <= scale * H * H).all()
        if not (smooth and np.isfinite(scale)) or value.ndim > 4 or value.size > 60:
            return False
        self.steps.append(step)
        self.values.append(value)
        self.preference.append(UNUSED)
        for i in step.operands:
            self.preference[i] = 1
        return True

    def run(self, step: Step, arrays: list[np.ndarray]) -> np.ndarray:
        """Run a step on plain arrays."""
        return np.asarray(apply(LIBRARIES["ours"](), step.name, self.table[step.name], arrays, step.params))
