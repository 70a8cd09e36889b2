"""Random programs give what PyTorch and JAX give, and the comparison notices what is wrong."""

import importlib
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.ops import OPERATIONS

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
random_programs = importlib.import_module("random_programs")
libraries = importlib.import_module("programs.libraries")
draw_program = importlib.import_module("programs.program").draw_program
TABLE = importlib.import_module("programs.table").TABLE

FLAT = {"ceil", "fix", "floor", "floor_divide", "rint", "round", "sign", "trunc"}
PLAIN = {"all", "any", "argmax", "argmin", "argsort", "count_nonzero", "heaviside", "matrix_rank"}
PLAIN |= {"bitwise_and", "bitwise_or", "bitwise_xor", "invert"}
PLAIN |= {"logical_and", "logical_not", "logical_or", "logical_xor"}
PLAIN |= {"equal", "greater", "greater_equal", "less", "less_equal", "not_equal"}
# Each a line or two of operations that are in the table.
COMPOSED = {
    "append",
    "diagflat",
    "dsplit",
    "hsplit",
    "matvec",
    "meshgrid",
    "select",
    "trapezoid",
    "vecmat",
    "vsplit",
}
OWN = {"astype", "cofactor", "extract", "order_statistic", "scatter_along_axis", "stop_gradient", "sum_to"}


def run(program, table=TABLE):
    return libraries.run(program, libraries.ours(), table)


def worst(ours, theirs):
    return max(found.error for found in random_programs.difference(ours, theirs))


# The peers


@pytest.mark.parametrize(("peer", "programs"), [("torch", 300), ("jax", 40)])
def test_values_and_gradients_are_those_of_a_peer(peer, programs):
    pytest.importorskip(peer)
    for seed in range(programs):
        assert random_programs.examine(seed, [peer]).failures == []


def test_the_command_line_compares_and_counts():
    pytest.importorskip("torch")
    script = [sys.executable, ROOT / "benchmarks/random_programs.py"]
    options = ["--programs", "3", "--seed", "5", "--peers", "torch", "--processes", "1"]
    answer = subprocess.run([*script, *options], capture_output=True, text=True, check=True).stdout
    steps = sum(len(draw_program(seed).steps) for seed in (5, 6, 7))
    assert f"3 programs from seed 5, {steps} steps of {len(TABLE)} operations\n0 of them differ" in answer


# The programs


def test_a_program_is_drawn_again_from_its_seed():
    first, again, other = draw_program(3), draw_program(3), draw_program(4)
    assert str(first) == str(again) != str(other)
    assert [x.tobytes() for x in first.leaves] == [x.tobytes() for x in again.leaves]


def test_programs_have_the_shapes_and_the_operations_that_are_promised():
    shapes, names = set(), Counter()
    for seed in range(300):
        program = draw_program(seed)
        values, gradients = run(program)
        assert len(program.steps) >= 5
        assert all(np.isfinite(x).all() for x in [*values, *gradients])
        shapes.update(x.shape for x in values)
        names.update(step.name for step in program.steps)
    assert {len(shape) for shape in shapes} >= {0, 1, 2, 3}
    assert {n for shape in shapes for n in shape} >= {0, 1, 2, 3, 4}
    assert names.keys() == TABLE.keys()


def test_every_operation_with_a_derivative_is_in_the_table():
    aliases = {name for name, f in OPERATIONS.items() if any(OPERATIONS.get(known) is f for known in TABLE)}
    assert set(OPERATIONS) - set(TABLE) - aliases == PLAIN | OWN | COMPOSED


# The comparison


def programs_with(name):
    """Those of the first few hundred programs in which an operation is used."""
    return (program for seed in range(400) if f" = {name}(" in str(program := draw_program(seed)))


def spoilt(name, spoil):
    """The table, with one operation whose result is spoilt here where it is a tensor."""
    operation = TABLE[name]

    def call(m, *operands, **params):
        plain = operation._replace(fix=())
        out = libraries.apply(m, name, plain, operands, params)
        return spoil(out) if isinstance(out, ag.Tensor) else out

    return TABLE | {name: operation._replace(call=call)}


def slope_wrong_by_a_thousandth(out):
    return out * 1.001 - out.detach() * 0.001


@pytest.mark.parametrize("name", sorted({*TABLE} - FLAT))
def test_a_slope_wrong_by_a_thousandth_shows(name):
    table = spoilt(name, slope_wrong_by_a_thousandth)
    assert any(worst(run(program), run(program, table)) > 1e-6 for program in programs_with(name))


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_value_wrong_in_the_tenth_digit_shows(name):
    table = spoilt(name, lambda out: out + 1e-10)
    assert any(
        worst(run(program), run(program, table)) > random_programs.TOLERANCE
        for program in programs_with(name)
    )


def test_equal_results_do_not_differ():
    program = draw_program(0)
    assert worst(run(program), run(program)) == 0.0


@pytest.mark.parametrize(
    ("ours", "theirs", "error"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0),
        ([1.0, 4.0], [1.0, 5.0], 0.2),
        ([0.0, 0.1], [0.0, 0.2], 0.1),
        ([1.0, np.nan], [1.0, np.nan], np.inf),
        ([np.inf, 1.0], [np.inf, 1.0], np.inf),
        ([1.0, 2.0], [[1.0, 2.0]], np.inf),
        ([1.0], np.ones(1, np.float32), np.inf),
        ([], [], 0.0),
    ],
)
def test_a_difference_is_measured_by_the_largest_entry_or_by_1(ours, theirs, error):
    ours, theirs, same = np.array(ours), np.array(theirs), [np.ones(2)]
    values, slopes = random_programs.difference(([ours], same), ([theirs], same))
    assert (values.error, slopes.error) == (pytest.approx(error), 0.0)
    values, slopes = random_programs.difference((same, [ours]), (same, [theirs]))
    assert (values.error, slopes.error) == (0.0, pytest.approx(error))


def test_gradients_are_measured_by_the_largest_of_all_of_them():
    ours, theirs = ([], [np.array([1.0]), np.array([10.0])]), ([], [np.array([2.0]), np.array([10.0])])
    assert worst(([np.ones(1)], ours[1]), ([np.ones(1)], theirs[1])) == pytest.approx(0.1)


def test_a_failure_is_the_program_up_to_the_first_step_that_shows_it(monkeypatch):
    def tanh(x):
        return slope_wrong_by_a_thousandth(ag.tanh(x))

    ours = libraries.ours()
    wrong = libraries.Library("wrong", [SimpleNamespace(tanh=tanh), ag], np.asarray, ours.differentiate)
    monkeypatch.setitem(libraries.LIBRARIES, "wrong", lambda: wrong)
    seed = next(programs_with("tanh")).seed
    [text] = random_programs.examine(seed, ["wrong"]).failures
    assert text.startswith(f"seed {seed}, wrong: the gradient of v")
    assert " = tanh(" in text.splitlines()[-1]
    assert text.splitlines()[1:] == str(draw_program(seed)).splitlines()[: len(text.splitlines()) - 1]


def test_what_a_library_raises_is_a_failure(monkeypatch):
    missing = libraries.Library("missing", [], np.asarray, libraries.ours().differentiate)
    monkeypatch.setitem(libraries.LIBRARIES, "missing", lambda: missing)
    [text] = random_programs.examine(0, ["missing"]).failures
    assert text.startswith("seed 0: Traceback")
    assert "missing has no " in text
