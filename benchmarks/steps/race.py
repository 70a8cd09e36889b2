"""Contestants side by side: each in a process of its own, in turns, round after round."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from .contestants import CONTESTANTS

FOLDER = Path(__file__).parent.parent
LONGEST = 200.0  # seconds that anything asked for may take
TOLERANCE = {"f4": 1e-4, "f8": 1e-9}


class Setup(NamedTuple):
    """How contestants are run.

    Attributes
    ----------
    pythons : tuple of str
        Interpreters; a contestant runs in the first that has its packages.
    threads : int
        Threads and processor cores of each contestant.
    rounds : int
    seconds : float
        Seconds a contestant's turn takes, at least.
    cache : str
        A folder for everything that contestants keep on disk.
    """

    pythons: tuple[str, ...] = (sys.executable,)
    threads: int = 2
    rounds: int = 7
    seconds: float = 0.15
    cache: str = tempfile.gettempdir()

    def environment(self) -> dict[str, str]:
        """Make the environment of a contestant."""
        threads = {f"{name}_NUM_THREADS": str(self.threads) for name in ("OPENBLAS", "OMP", "MKL", "NUMBA")}
        caches = {
            "XDG_CACHE_HOME": self.cache,
            "NUMBA_CACHE_DIR": f"{self.cache}/numba",
            "TORCHINDUCTOR_CACHE_DIR": f"{self.cache}/torch",
            "PYTENSOR_FLAGS": f"base_compiledir={self.cache}/pytensor",
        }
        return os.environ | threads | caches | {"PYTHONPATH": str(FOLDER)}

    def homes(self) -> dict[str, str]:
        """Find the interpreter of each contestant that can run; say who cannot."""
        wanted = sorted({package for entry in CONTESTANTS.values() for package in entry.packages})
        code = "import importlib.util, sys; print(*(n for n in sys.argv[1:] if importlib.util.find_spec(n)))"
        installed = {
            python: subprocess.run(
                [python, "-c", code, *wanted], capture_output=True, text=True, check=True
            ).stdout.split()
            for python in self.pythons
        }
        homes = {}
        for name, entry in CONTESTANTS.items():
            able = [python for python, has in installed.items() if set(entry.packages) <= set(has)]
            if able:
                homes[name] = able[0]
            else:
                say(f"skipped: {name}: needs {' and '.join(entry.packages)}")
        return homes


def say(text: str) -> None:
    """Tell the person who waits."""
    print(text, file=sys.stderr, flush=True)


class ContestantError(Exception):
    """A contestant could not do what it was asked."""


class Worker:
    """A contestant's process."""

    def __init__(self, name: str, python: str, setup: Setup) -> None:
        self.name = name
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process lives
        cores = sorted(os.sched_getaffinity(0))[: setup.threads]
        self._process = subprocess.Popen(
            [python, "-W", "ignore", "-m", "steps.worker", name],
            env=setup.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        self._answer()

    def ask(self, **request: Any) -> Any:
        """Have it do something and return the answer; `ContestantError` if it cannot, or takes too long."""
        try:
            print(json.dumps(request), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise ContestantError(self.why()) from None
        return self._answer()

    def _answer(self) -> Any:
        timer = threading.Timer(LONGEST, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            self.stop()
            raise ContestantError(self.why())
        return json.loads(line)

    def why(self) -> str:
        """Return the last line that it wrote to its errors."""
        if self._process.wait() == -signal.SIGKILL:
            return f"stopped after {LONGEST:.0f} seconds"
        self._errors.seek(0)
        return (self._errors.read().strip().splitlines() or ["no reason given"])[-1]

    def stop(self) -> None:
        """End the process."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()


def started(homes: dict[str, str], setup: Setup) -> dict[str, Worker]:
    """Start a process for each contestant; one that fails is left out, with a line that says why."""
    workers = {}
    for name, python in homes.items():
        try:
            workers[name] = Worker(name, python, setup)
        except ContestantError as reason:
            say(f"skipped: {name}: {reason}")
    return workers


def stop(workers: dict[str, Worker]) -> None:
    """End all processes."""
    for worker in workers.values():
        worker.stop()


def attempt(workers: dict[str, Worker], name: str, **request: Any) -> Any:
    """Ask a contestant; one that fails takes no further part, with a line that says why, and gives None."""
    try:
        return workers[name].ask(**request)
    except ContestantError as reason:
        say(f"skipped: {name}, {request}: {reason}")
        del workers[name]
        return None


def race(
    workers: dict[str, Worker], setup: Setup, measures: Iterable[str], **problem: Any
) -> dict[str, dict[str, list[float]]]:
    """Time contestants in turns on one problem: `widths`, `m` and `dtype`, or what a chain of links needs.

    Returns
    -------
    dict
        By measure and contestant: median seconds of a call, one number a round.
    """
    times: dict[str, dict[str, list[float]]] = {}
    for measure in measures:
        made = {name: attempt(workers, name, do="make", measure=measure, **problem) for name in list(workers)}
        values = {name: found["value"] for name, found in made.items() if found}
        agree(values, problem["dtype"], f"{measure}, {problem}")
        times[measure] = {name: [] for name in workers}
    for _ in range(setup.rounds):
        for measure, found in times.items():
            for name in list(workers):
                found[name].append(attempt(workers, name, do="time", measure=measure, seconds=setup.seconds))
    return {
        measure: {name: found[name] for name in found if name in workers} for measure, found in times.items()
    }


def agree(values: dict[str, float | None], dtype: str, what: str) -> None:
    """Stop the run unless all contestants found the same value; None has no opinion."""
    found = {name: value for name, value in values.items() if value is not None}
    middle = sorted(found.values())[len(found) // 2] if found else 0.0
    wrong = {
        name: value
        for name, value in found.items()
        if not math.isclose(value, middle, rel_tol=TOLERANCE[dtype])
    }
    if wrong:
        raise SystemExit(f"{what}: most found {middle!r}, but {wrong}")
