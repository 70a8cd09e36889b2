"""What is made from a function goes where that goes: through pickle, to threads and to other processes."""

import subprocess
import sys

import pytest

SCRIPT = """
import copy
import multiprocessing
import pickle

import numpy as np

import autograd_core as ag
from autograd_core.differentiation.tree import flatten

X = np.arange(1.0, 4.0)


def f(x):
    return ag.sum(ag.tanh(x) * x)


def read(x):
    return ag.sum(x * float(x[0]))


NAMED = {
    "grad": ag.grad(f),
    "value_and_grad": ag.value_and_grad(f),
    "jacobian": ag.jacobian(ag.tanh),
    "hessian": ag.hessian(f),
    "hessian of a gradient": ag.jacobian(ag.grad(f)),
    "compiled": ag.compile(f),
    "compiled gradient": ag.compile(ag.grad(f), fuse=False),
    "checkpoint": ag.checkpoint(ag.tanh),
}
ANONYMOUS = {
    "a lambda": ag.grad(lambda x: ag.sum(x**3)),
    "a compiled lambda": ag.compile(ag.grad(lambda x: ag.sum(x**3) * X[0])),
}


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(flatten(a)[0], flatten(b)[0], strict=True))


def loaded(data):
    return pickle.loads(data)(X)


def refused(function):
    try:
        function(X)
    except ag.GraphError as error:
        return "float" in str(error)


def main():
    for name, function in NAMED.items():
        assert same(pickle.loads(pickle.dumps(function))(X), function(X)), name
    for name, function in {**NAMED, **ANONYMOUS}.items():
        assert same(copy.deepcopy(function)(X), function(X)), name
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for name, function in NAMED.items():
            assert same(pool.apply(function, [X]), function(X)), name
        assert pool.apply(refused, [ag.grad(read)])
        if WITH == "cloudpickle":
            import cloudpickle

            for name, function in ANONYMOUS.items():
                assert same(pool.apply(loaded, [cloudpickle.dumps(function)]), function(X)), name
    if WITH == "joblib":
        import joblib

        functions = {**NAMED, **ANONYMOUS}
        found = joblib.Parallel(n_jobs=2)(joblib.delayed(function)(X) for function in functions.values())
        for (name, function), there in zip(functions.items(), found, strict=True):
            assert same(there, function(X)), name
    print("all arrived")


if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("library", ["pickle", "cloudpickle", "joblib"])
def test_functions_of_a_script_arrive_in_other_processes(tmp_path, library):
    pytest.importorskip(library)
    script = tmp_path / "script.py"
    script.write_text(f"WITH = {library!r}\n{SCRIPT}")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.stdout == "all arrived\n", done.stderr
