"""Runs programs in a Python of its own, in which this package cannot be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager

import numpy as np

ALONE = """
import json, sys
import numpy as np
for package in ("autograd_core", "nn", "viz"):
    sys.modules[package] = None  # importing it fails
for line in sys.stdin:
    try:
        with open(line.strip() + "/program.py", encoding="utf-8") as file:
            source = file.read()
        with np.load(line.strip() + "/arguments.npz") as file:
            arguments = dict(file)
        made = {}
        exec(compile(source, "program.py", "exec"), made)
        J, gradients = made["value_and_gradients"](**arguments)
        np.savez(line.strip() + "/results.npz", *gradients.values(), J=J)
        print(json.dumps([*gradients]), flush=True)
    except BaseException as error:
        print(json.dumps(repr(error)), flush=True)
"""


@contextmanager
def python_alone():
    """Start a Python without this package; give what runs programs there, one after the other."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-c", ALONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def run(source, arguments, folder):
        (folder / "program.py").write_text(source, encoding="utf-8")
        np.savez(folder / "arguments.npz", **arguments)
        child.stdin.write(f"{folder}\n")
        child.stdin.flush()
        names = json.loads(child.stdout.readline())
        assert isinstance(names, list), names
        with np.load(folder / "results.npz") as found:
            return found["J"], {name: found[f"arr_{i}"] for i, name in enumerate(names)}

    yield run
    child.stdin.close()
    child.wait()
    child.stdout.close()


def assert_equals_autodiff(J, found, leaves, rtol=1e-12):
    """Hold what a program returned against the recorded value and a backward pass."""
    value, gradients = found
    np.testing.assert_allclose(value, J.data, rtol=rtol)
    for leaf in leaves:
        leaf.zero_grad()
    J.backward()
    for leaf in leaves:
        gradient = gradients[f"d{leaf.name}"]
        assert (gradient.shape, gradient.dtype) == (leaf.shape, leaf.dtype), leaf.name
        furthest = np.abs(gradient - leaf.grad).max(initial=0.0)
        assert furthest <= rtol * np.abs(leaf.grad).max(initial=0.0), leaf.name
