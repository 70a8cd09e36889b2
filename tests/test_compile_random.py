"""Random programs: what is compiled computes what was compiled, with its gradients, in both backends."""

import importlib
import sys
import warnings
from pathlib import Path

import pytest
from compile_case import arrays, close, same

import autograd_core as ag

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
libraries = importlib.import_module("programs.libraries")
draw_program = importlib.import_module("programs.program").draw_program
TABLE = importlib.import_module("programs.table").TABLE
OURS = libraries.LIBRARIES["ours"]()


def function_of(program):
    """The program as a function of its leaves: the cost, every value, and the gradient by each leaf."""

    def run(leaves):
        values = list(leaves)
        for name, operands, params in program.steps:
            values.append(libraries.apply(OURS, name, TABLE[name], [values[i] for i in operands], params))
        ends = [ag.sum(values[i] * program.weights(i, tuple(values[i].shape))) for i in program.ends()]
        return sum(ends), values[len(leaves) :]

    def f(*leaves):
        (J, values), gradients = ag.value_and_grad(run, has_aux=True)(list(leaves))
        return J, values, gradients

    return f


def calls(program):
    """Its leaves, and others close by, where every step is smooth too."""
    return [[x * scale for x in program.leaves] for scale in (1.0, 1.0001, 0.9999)]


@pytest.mark.parametrize("seed", range(100))
def test_a_random_program_is_compiled_to_the_same_bits(seed):
    program = draw_program(seed)
    f = function_of(program)
    compiled = ag.compile(f, fuse=False)
    for leaves in calls(program):
        assert same(compiled(*leaves), f(*leaves)), compiled.source


@pytest.mark.parametrize("seed", range(100, 140))
def test_a_random_program_is_fused_to_rounding(seed):
    program = draw_program(seed)
    f = function_of(program)
    compiled = ag.compile(f)
    for leaves in calls(program):
        assert close(compiled(*leaves), f(*leaves)), compiled.source


@pytest.mark.parametrize("seed", range(140, 180))
def test_a_random_step_may_write_to_its_parameters(seed):
    program = draw_program(seed)
    f = function_of(program)

    def step(leaves):
        J, _, gradients = f(*leaves)
        return J, [x - 0.01 * d for x, d in zip(leaves, gradients)]

    compiled = ag.compile(step, donate="leaves", fuse=False)
    params = [x.copy() for x in program.leaves]
    for _ in range(3):
        wanted = step([x.copy() for x in params])
        found = compiled(params)
        assert same(found, wanted), compiled.source
        assert all(x is y for x, y in zip(found[1], params))


@pytest.mark.parametrize("seed", range(180, 186))
def test_a_random_program_is_compiled_by_numba_to_rounding(seed):
    pytest.importorskip("numba")
    program = draw_program(seed)
    f = function_of(program)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what it refuses runs as NumPy
        compiled = ag.compile(f, backend="numba")
        for leaves in calls(program):
            assert close(compiled(*leaves), f(*leaves), 1e-9), compiled.source


def test_a_wrong_pass_would_be_noticed(monkeypatch):
    """Take one of the rewritings for another: the programs above must not agree any more."""
    compiled = importlib.import_module("autograd_core.compilation.compiled")
    right = compiled.simplified

    def wrong(program, fuse):
        found = right(program, fuse)
        steps = [
            step.changed(operation=ag.PRIMITIVES["add"]) if step.operation.name == "subtract" else step
            for step in found.instructions
        ]
        return found._replace(instructions=tuple(steps))

    monkeypatch.setattr(compiled, "simplified", wrong)
    noticed = 0
    for seed in range(10):
        program = draw_program(seed)
        f = function_of(program)
        found, wanted = ag.compile(f, fuse=False)(*program.leaves), f(*program.leaves)
        noticed += any(a.tobytes() != b.tobytes() for a, b in zip(arrays(found), arrays(wanted)))
    assert noticed > 5
