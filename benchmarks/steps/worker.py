"""A contestant in a process of its own: reads requests, answers each with a line of JSON.

It is told what to do by `race.Worker`; a request is ``{"do": "make" | "time" | "memory", ...}``.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .contestants import CONTESTANTS
from .problem import draw, draw_links

STEPS = 20
WARM = 0.07  # seconds
SMALL = ((2, 4, 2), 4)


class Contestant:
    """The functions of one contestant, by measure, once they are made."""

    def __init__(self, name: str) -> None:
        self.entry = CONTESTANTS[name]
        self.module = importlib.import_module(f".{self.entry.module}", __package__)
        self.made: dict[str, Callable[[], float]] = {}

    def build(self, measure: str, problem: Any) -> Callable[[], float]:
        """Make the function of a measure for a problem."""
        return getattr(self.module, measure.replace(" ", "_"))(problem, **self.entry.options)

    def make(self, measure: str, **sizes: Any) -> dict[str, Any]:
        """Prepare a measure: seconds until three calls are done, and the value after STEPS calls."""
        problem = draw_links(**sizes) if measure == "chain" else draw(**sizes)
        start = time.perf_counter()
        step = self.build(measure, problem)
        values = [step() for _ in range(3)]
        ready = time.perf_counter() - start
        values += [step() for _ in range(STEPS - 3)]
        self.made[measure] = step
        computes = getattr(self.module, "COMPUTES_THE_COST", True)
        return {"ready": ready, "value": values[-1] if computes else None}

    def time(self, measure: str, seconds: float) -> float:
        """Return the median seconds of a call, after some that are not counted.

        Those fill the caches, and outlast the threads of the contestant before, which may wait awake.
        """
        step = self.made[measure]
        clock = time.perf_counter
        begin, calls = clock(), 0
        while clock() < begin + WARM:
            step()
            calls += 1
        repeats = max(1, int(0.005 * calls / (clock() - begin)))
        times: list[float] = []
        end = clock() + seconds
        while len(times) < 3 or clock() < end:
            start = clock()
            for _ in range(repeats):
                step()
            times.append((clock() - start) / repeats)
        return statistics.median(times)

    def memory(self, widths: list[int], m: int, dtype: str) -> dict[str, float]:
        """Return the peak of three training steps in bytes: NumPy's arrays, and what the process held.

        Both beyond what there was, parameters and data drawn, before the step was made; what a first step
        of a small network leaves behind is not counted, nor what making the step needed for a moment.
        """
        small = self.build("training step", draw(*SMALL, dtype))
        small(), small(), small()
        problem = draw(widths, m, dtype)
        give_back = ctypes.CDLL(None).malloc_trim  # what was freed, and the allocator still holds
        give_back(0)
        before = _resident("VmRSS")
        step = self.build("training step", problem)
        step(), step()
        give_back(0)
        Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
        step(), step(), step()
        held = _resident("VmHWM") - before
        del step
        tracemalloc.start()
        step = self.build("training step", problem)
        step(), step()
        tracemalloc.reset_peak()
        step(), step(), step()
        return {"resident": held, "arrays": tracemalloc.get_traced_memory()[1]}


def _resident(line: str) -> int:
    """Read a line of what Linux says of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(text.split()[1]) * 1024 for text in lines if text.startswith(line))


def serve(name: str) -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints goes where errors go
    contestant = Contestant(name)
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = getattr(contestant, request.pop("do"))(**request)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
