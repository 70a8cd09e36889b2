"""The public surface, called rightly and wrongly by chance: it gives NumPy's results, and plain errors."""

from __future__ import annotations

import inspect
import itertools
import random
import textwrap

import numpy as np
import pytest
import surface_case
from surface_calls import MODULES, POOLS, draw, numpy_name, targets
from surface_case import TWINS, fault, faults, made

import autograd_core as ag
import viz
from autograd_core.differentiation.protocols import RECORDED

CALLS = 900


@pytest.mark.parametrize("seed", range(4))
def test_calls_come_to_a_result_or_to_an_error_that_says_what_is_wrong(seed):
    assert list(faults(CALLS, seed)) == []


FOUND = """
ag.einsum('i->k', np.ones(3), optimize={'W': 1.0})
ag.einsum('i,i->', np.ones(3), np.ones(3), optimize=1)
ag.roll([1.0, 2.0, 3.0], np.zeros((0, 0)))
ag.vecdot(np.ones(3), np.ones(3), 0)
nn.datasets.sine(noise=-0.0)
nn.initializers.normal(-0.0)(np.random.default_rng(0), (2, 3))
ag.drawn((lambda: None), np.array([1, 0, 2]))
ag.Tensor([1j], name=np.ones(3))
nn.costs.binary_cross_entropy(np.full((1, 5), 0.5), np.ones((1, 5)), class_weights=np.array('a'))
ag.primitive(vjps=[None], jvps=[None], flops=np.ones(2))
ag.bilinear(None, None, flops=np.ones(2))
ag.pointwise(1.0, flops='many')
"""


@pytest.mark.parametrize("text", FOUND.split("\n")[1:-1])
def test_calls_that_came_to_something_else_once(text):
    assert fault(text) is None


def test_the_calls_are_those_of_the_seed():
    surface = targets()
    first, second = ([draw(rng, surface) for _ in range(50)] for rng in (random.Random(3), random.Random(3)))
    assert first == second


def test_all_that_is_public_is_called():
    surface = targets()
    for prefix in ("ag", "nn.costs", "nn.initializers", "nn.datasets", "viz"):
        module = MODULES[prefix]
        functions = {name for name in module.__all__ if inspect.isfunction(getattr(module, name))}
        assert {f"{prefix}.{name}" for name in functions} <= set(surface)
    assert {f"ag.{name}" for name in ("Tensor", "grad", "compile", "sum")} <= set(surface)
    assert set(map(numpy_name, RECORDED)) <= set(surface)


def test_every_value_of_the_pools_can_be_written():
    for text in itertools.chain(*POOLS.values()):
        error = made(text).error
        assert error is None or isinstance(error, ag.AutogradError), text


# The judge

INSIDE = {  # bodies of a function of the engine of one argument x
    "a key": ("{}[3]", "KeyError"),
    "an attribute": ("x.no_such_thing", "AttributeError"),
    "a position": ("[][3]", "IndexError"),
    "a depth": ("(lambda f: f(f))(lambda f: f(f))", "RecursionError"),
    "a division": ("1 // 0", "ZeroDivisionError"),
    "a size": ("int(float('inf'))", "OverflowError"),
    "an assertion": ("(_ for _ in ()).throw(AssertionError)", "AssertionError"),
    "NumPy's words": ("np.zeros(3) + np.zeros(2)", "could not be broadcast"),
    "no word": ("(_ for _ in ()).throw(ag.ShapeError)", "without a word"),
    "objects": ("np.array([None])", "objects"),
    "a warning": ("(warnings.warn('so', RuntimeWarning), x)[1]", "warned from inside: Runtime"),
    "another value": ("np.tanh(x) + 0.5", "NumPy has"),
    "another shape": ("np.tanh(x)[None]", "shape"),
    "too many": ("(np.tanh(x), 1)", "2 results"),
    "a long time": ("[1 for _ in iter(int, 1)]", "took more than"),
}


@pytest.mark.parametrize("kind", INSIDE)
def test_the_judge_finds(kind, monkeypatch):
    body, said = INSIDE[kind]
    source = textwrap.dedent(f"""
        import warnings
        import numpy as np
        import autograd_core as ag
        def tanh(x):
            return {body}
        """)
    space: dict = {}
    exec(compile(source, ag.__file__, "exec"), space)
    monkeypatch.setattr(ag, "tanh", space["tanh"])
    monkeypatch.setattr(surface_case, "SECONDS", 0.05)
    assert said in fault("ag.tanh(np.array([0.5]))")


def test_the_judge_passes_what_is_right():
    for text in (
        "ag.tanh(np.array([0.5]))",
        "ag.tanh('text')",
        "ag.tanh()",
        "ag.sum(T(np.ones(3)), axis=(0, 0))",
        "np.tanh(T(2.0))",
        "T(2.0) / T(0.0)",
    ):
        assert fault(text) is None, text


def test_the_judge_compares_with_numpy_only_where_it_has_the_function():
    assert TWINS["ag.tanh"] == "np.tanh"
    assert TWINS["ag.linalg.det"] == "np.linalg.det"
    assert "ag.grad" not in TWINS
    assert "ag.relu" not in TWINS


def test_a_refusal_of_numpy_that_is_missing_here_is_found(monkeypatch):
    monkeypatch.setattr(ag, "sum", lambda x, axis=None: np.sum(x))
    assert fault("ag.sum(np.ones(3), 5)").startswith("NumPy refuses: AxisError")


def test_the_calls_leave_nothing_behind():
    before = dict(ag.PRIMITIVES)
    list(faults(50, 9))
    assert before == ag.PRIMITIVES
    assert viz.__name__ == "viz"
