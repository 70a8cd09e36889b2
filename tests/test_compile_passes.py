"""The passes that keep every bit: what each does to a small program, and what random ones give afterwards."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from program_case import Writing, random_program, recorded, run, same_bits

import autograd_core as ag
import nn
from autograd_core.compilation.passes.algebra import algebra
from autograd_core.compilation.passes.common import common
from autograd_core.compilation.passes.dead_code import dead_code
from autograd_core.compilation.passes.folding import folding
from autograd_core.compilation.passes.rewriting import Rule, rewritten
from autograd_core.compilation.program import Value

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
PASSES = {f.__name__: f for f in (dead_code, folding, common, algebra)}
SEEDS = 150


def names(program):
    return [step.operation.name for step in program.instructions]


def all_of(program):
    return dead_code(common(algebra(folding(program))))


# Dead code


def test_dead_code_is_what_no_result_needs():
    write = Writing()
    x = write.given()
    y = write("exp", x)
    write("log", write("tanh", y))
    assert names(dead_code(write.program(y))) == ["exp"]


def test_a_position_that_is_computed_is_needed():
    write = Writing()
    x, i = write.given((3,)), write.given((), "i8")
    next_ = write("add", i, 1)
    write.steps.append(write.steps[-1].changed(out=Value((), "i8")))
    y = Value((), "f8")
    picked = write.steps[0].changed(
        operation=ag.PRIMITIVES["getitem"], inputs=(x,), params={"index": (next_,)}, out=y
    )
    write.steps.append(picked)
    assert dead_code(write.program(y)).instructions == (write.steps[0], picked)


# Folding


@pytest.mark.parametrize("number", [np.float32(0.1), np.float64(0.1), 0.1, 3])
def test_a_number_that_is_computed_from_numbers_keeps_its_dtype(number):
    write = Writing()
    x = write.given(dtype="f4")
    y = write("multiply", write("negative", write("exp", number)), x)
    folded = folding(write.program(y))
    assert names(folded) == ["multiply"]
    c = folded.instructions[0].inputs[0]
    assert type(c) is type(-np.exp(number))
    assert c == -np.exp(number)


def test_an_array_is_not_folded_for_it_may_be_written_to():
    write = Writing()
    rate = np.array(0.5)
    program = write.program(write("negative", rate))
    assert names(folding(program)) == ["negative"]
    rate[...] = 2.0
    assert run(folding(program)) == [-2.0]


def test_a_number_is_folded_through_a_broadcast_that_is_not_too_large():
    for size, wanted in ((10**6, ["broadcast_to"]), (10**6 + 1, ["broadcast_to", "sum"])):
        write = Writing()
        program = write.program(
            write("sum", write("broadcast_to", 2.0, shape=(size,)), axis=None, keepdims=False)
        )
        assert names(folding(program)) == wanted
        assert run(folding(program)) == [2.0 * size]


# Common subexpressions


def test_the_same_operation_on_the_same_operands_is_done_once_however_deep():
    write = Writing()
    x = write.given()
    a, b = (write("sum", write("exp", write("multiply", x, 2.0)), axis=(0,), keepdims=True) for _ in range(2))
    assert names(common(write.program(write("subtract", a, b), b))) == ["multiply", "exp", "sum", "subtract"]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1, 1.0),
        (1, True),
        (1.0, np.float64(1)),
        (np.float32(1), np.float64(1)),
        (0.0, -0.0),
        (0.1, 0.2),
        (np.float32(0.0), np.float32(-0.0)),
        (np.ones(3), np.ones(3)),
    ],
)
def test_numbers_of_another_type_or_sign_and_other_arrays_are_not_the_same(a, b):
    write = Writing()
    x = write.given((3,))
    assert len(common(write.program(write("add", x, a), write("add", x, b))).instructions) == 2


@pytest.mark.parametrize("c", [1, True, 0.1, np.float32(0.1), np.nan, np.float64(np.nan), np.ones(3)])
def test_numbers_of_the_same_bits_and_one_array_are_the_same(c):
    write = Writing()
    x = write.given((3,))
    program = write.program(write("add", x, c), write("add", x, c))
    assert len(common(program).instructions) == 1


def test_other_parameters_make_another_instruction():
    write = Writing()
    x = write.given()
    for params in (
        {"axis": (0,), "keepdims": True},
        {"axis": (0,), "keepdims": False},
        {"axis": (1,), "keepdims": True},
    ):
        write("sum", x, **params)
    program = write.program(*(step.out for step in write.steps))
    assert len(common(program).instructions) == 3


def test_slices_are_compared_part_by_part():
    write = Writing()
    x = write.given((4,))
    keys = [(slice(0, 2),), (slice(0, 2),), (slice(0, 3),)]
    outs = [write("getitem", x, index=key) for key in keys]
    assert len(common(write.program(*outs)).instructions) == 2


# All of them, on random programs


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("name", PASSES)
def test_a_pass_keeps_every_bit_of_random_programs_and_their_inputs(name, dtype):
    assert wrong_on(PASSES[name], dtype) == []


def test_one_pass_after_another_keeps_every_bit_and_leaves_less():
    before = after = 0
    for seed in range(SEEDS):
        program, arrays = random_program(seed)
        short = all_of(program)
        assert same_bits(run(short, *arrays), run(program, *arrays)), seed
        assert len(all_of(short).instructions) <= len(short.instructions), seed
        before, after = before + len(program.instructions), after + len(short.instructions)
    assert after < 0.7 * before


def test_programs_of_all_operations_and_their_gradients_keep_every_bit():
    draw_program = importlib.import_module("programs.program").draw_program
    libraries = importlib.import_module("programs.libraries")
    table = importlib.import_module("programs.table").TABLE
    for seed in range(40):
        drawn = draw_program(seed)
        leaves = [ag.Tensor(x, requires_grad=True) for x in drawn.leaves]

        def f(*xs, drawn=drawn):
            values = list(xs)
            for name, operands, params in drawn.steps:
                operands = [values[i] for i in operands]
                values.append(libraries.apply(libraries.ours(), name, table[name], operands, params))
            return sum(ag.sum(values[i] * drawn.weights(i, values[i].shape)) for i in drawn.ends())

        results = [
            y for y in ag.value_and_grad(f, tuple(range(len(leaves))))(*leaves)[1] if isinstance(y, ag.Tensor)
        ]
        program = recorded(results, leaves)
        wanted = [y.numpy() for y in results]
        assert same_bits(run(program, *drawn.leaves), wanted), seed
        assert same_bits(run(all_of(program), *drawn.leaves), wanted), seed


def test_a_training_step_keeps_every_bit(rng):
    net = nn.Sequential(
        nn.Dense(2, 4, "tanh", dtype="f4", rng=0), nn.Dense(4, 2, "identity", dtype="f4", rng=1)
    )
    X, Y = rng.normal(size=(2, 8)).astype("f4"), np.eye(2, dtype="f4")[:, rng.integers(0, 2, 8)]
    arrays = [p for parts in net.params() for p in parts.values()]
    leaves = [ag.Tensor(x, requires_grad=True) for x in (*arrays, X, Y)]

    def cost(*params):
        pairs = [{"W": params[0], "b": params[1]}, {"W": params[2], "b": params[3]}]
        return nn.costs.softmax_cross_entropy(net.apply(pairs, leaves[4]), leaves[5])

    J, slopes = ag.value_and_grad(cost, (0, 1, 2, 3))(*leaves[:4])
    results = [J, *(p - np.float32(0.01) * d for p, d in zip(leaves, slopes))]
    program = recorded(results, leaves)
    short = all_of(program)
    assert same_bits(run(short, *arrays, X, Y), [y.numpy() for y in results])
    assert len(short.instructions) <= len(program.instructions) - 5
    assert not {"positive", "identity"} & set(names(short))


# A wrong pass is caught


def wrong_on(f, dtype="f8"):
    """The random programs whose results a pass changes."""
    wrong = []
    for seed in range(SEEDS):
        program, arrays = random_program(seed, dtype)
        text = str(program)
        try:
            right = same_bits(run(f(program), *arrays), run(program, *arrays))
        except (AssertionError, AttributeError, KeyError, TypeError, ValueError):
            right = False
        assert str(program) == text
        wrong += [] if right else [seed]
    return wrong


def _replaced_operand(given, sweep, name, i=0):
    made = sweep.maker(given.inputs[i], name)
    return None if made is None else made.inputs


def _plus_zero(given, sweep):
    x, c = given.inputs
    return x if isinstance(x, Value) and type(c) is float and c == 0 else None


def _turned_difference(given, sweep):
    inner = _replaced_operand(given, sweep, "subtract")
    return inner and [given.changed(operation=ag.PRIMITIVES["subtract"], inputs=inner[::-1])]


def _one_negative(given, sweep):
    inner = _replaced_operand(given, sweep, "negative")
    return inner and [given.changed(inputs=(inner[0], given.inputs[1]))]


def _any_broadcast(given, sweep):
    inner = _replaced_operand(given, sweep, "broadcast_to")
    return inner and [given.changed(inputs=(inner[0], *given.inputs[1:]))]


def _gathered(given, sweep):
    made = sweep.maker(given.inputs[0], "multiply")
    if made is None or type(given.inputs[1]) is not float or type(made.inputs[1]) is not float:
        return None
    return [given.changed(inputs=(made.inputs[0], made.inputs[1] * given.inputs[1]))]


WRONG = {
    "x + 0 is x": lambda p: rewritten(p, [Rule("add", _plus_zero, "")]),
    "-(a - b) is b - a": lambda p: rewritten(p, [Rule("negative", _turned_difference, "")]),
    "-a b is a b": lambda p: rewritten(p, [Rule("multiply", _one_negative, "")]),
    "no operand need be broadcast": lambda p: rewritten(p, [Rule("", _any_broadcast, "")]),
    "factors are gathered": lambda p: rewritten(p, [Rule("multiply", _gathered, "")]),
    "one instruction too few": lambda p: p._replace(instructions=dead_code(p).instructions[1:]),
    "results in another order": lambda p: p._replace(results=p.results[::-1]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_pass_is_caught(name):
    assert wrong_on(WRONG[name])


def test_folding_to_a_weak_number_is_caught():
    def weak(program):
        steps = [
            step.changed(inputs=tuple(float(x) if isinstance(x, np.floating) else x for x in step.inputs))
            for step in folding(program).instructions
        ]
        return program._replace(instructions=tuple(steps))

    assert wrong_on(weak, "f4")


def test_taking_numbers_that_compare_equal_for_the_same_is_caught(monkeypatch):
    monkeypatch.setattr(
        "autograd_core.compilation.passes.common._identity", lambda x: id(x) if isinstance(x, Value) else x
    )
    write = Writing()
    x = write.given((2,))
    program = write.program(write("multiply", x, 0.0), write("multiply", x, -0.0))
    assert not same_bits(run(common(program), np.ones(2)), run(program, np.ones(2)))
    assert wrong_on(common)


# Cost


@pytest.mark.parametrize("name", PASSES)
def test_a_chain_of_20_000_instructions_is_no_deep_recursion(name):
    write = Writing()
    y = write.given((), "f8")
    for i in range(20_000):
        y = write("negative" if i % 3 else "tanh", y)
    assert PASSES[name](write.program(y)).results
