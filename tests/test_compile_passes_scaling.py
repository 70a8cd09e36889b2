"""The pass that changes the rounding: where factors go, and how far results are from exact ones."""

import numpy as np
import pytest
from program_case import Writing, random_program, run

from autograd_core.compilation.passes.common import common
from autograd_core.compilation.passes.dead_code import dead_code
from autograd_core.compilation.passes.rewriting import Rule, is_number, rewritten, step
from autograd_core.compilation.passes.scaling import RULES, scaling
from autograd_core.compilation.program import Value


def written(write_of, dtype="f8"):
    write = Writing()
    given = [write.given(shape, dtype, name) for name, shape in SHAPES.items()]
    return write.program(write_of(write, *given))


SHAPES = {"W": (9, 2), "A": (2, 7), "row": (1, 7)}


def left(program):
    """The instructions that are left, as text without shapes."""
    lines = str(dead_code(program)).splitlines()[len(program.inputs) : -1]
    return [line.split(" = ")[1].split("): ")[0] + ")" for line in lines]


def total_of(w, x, axis=(0,)):
    return w("sum", x, axis=axis, keepdims=True)


def levelled(w, z):
    return w("subtract", z, w("max", z, axis=(0,), keepdims=True))


# By rule: a program, and what is left of it.
EXAMPLES = {
    "_reciprocal": [
        (lambda w, W, A, row: w("divide", W, 4), ["multiply(0.25, W)"]),
        (lambda w, W, A, row: w("divide", W, -3.0), ["multiply(-0.3333333333333333, W)"]),
        (lambda w, W, A, row: w("divide", W, 0.5), ["divide(W, 0.5)"]),
        (lambda w, W, A, row: w("divide", W, 0.0), ["divide(W, 0.0)"]),
        (lambda w, W, A, row: w("divide", W, 1e310), ["divide(W, inf)"]),
        (lambda w, W, A, row: w("divide", W, 1.7e308), ["divide(W, 1.7e+308)"]),
    ],
    "_meeting": [
        (lambda w, W, A, row: w("multiply", 2.0, w("multiply", W, 4)), ["multiply(8.0, W)"]),
        (lambda w, W, A, row: w("multiply", w("multiply", W, 0.5), 0.25), ["multiply(0.125, W)"]),
        (lambda w, W, A, row: w("multiply", w("negative", W), 3.0), ["multiply(-3.0, W)"]),
        (
            lambda w, W, A, row: w("multiply", 2.0, w("multiply", W, 0.5)),
            ["multiply(W, 0.5)", "multiply(2.0, t0)"],
        ),
        (
            lambda w, W, A, row: w("multiply", 1e200, w("multiply", W, 1e200)),
            ["multiply(W, 1e+200)", "multiply(1e+200, t0)"],
        ),
    ],
    "_sum_of_broadcast": [
        (
            lambda w, W, A, row: w("sum", w("broadcast_to", row, shape=(5, 7)), axis=None, keepdims=False),
            ["reshape(row, shape=(1, 7))", "sum(t0, axis=None, keepdims=False)", "multiply(5.0, t1)"],
        ),
        (
            lambda w, W, A, row: w("sum", w("broadcast_to", row, shape=(5, 7)), axis=(1,), keepdims=False),
            ["broadcast_to(row, shape=(5, 7))", "sum(t0, axis=(1), keepdims=False)"],
        ),
    ],
    "_sum_of_one": [
        (
            lambda w, W, A, row: w("sum", row, axis=(0,), keepdims=False),
            ["reshape(row, shape=(7))", "add(t0, 0.0)"],
        )
    ],
    "_shares": [
        (
            lambda w, W, A, row: shares(w, levelled(w, W)),
            [
                "max(W, axis=(0), keepdims=True)",
                "subtract(W, t0)",
                "exp(t1)",
                "sum(t2, axis=(0), keepdims=True)",
                "divide(t2, t3)",
            ],
        ),
        (
            lambda w, W, A, row: shares(w, W),
            ["exp(W)", "sum(t0, axis=(0), keepdims=True)", "log(t1)", "subtract(W, t2)", "exp(t3)"],
        ),
    ],
}
CASES = [(name, *example) for name, examples in EXAMPLES.items() for example in examples]
# What holds for real numbers, and is left as it is, since data decide whether it holds for floating ones.
LEFT_ALONE = [
    lambda w, W, A, row: w("multiply", 1e-10, w("matmul", W, A)),
    lambda w, W, A, row: w("matmul", w("multiply", 1e-10, W), A),
    lambda w, W, A, row: total_of(w, w("multiply", 1e-10, W)),
    lambda w, W, A, row: w("multiply", w("divide", A, w("exp", row)), row),
    lambda w, W, A, row: w("multiply", 2.0, w("divide", 3.0, W)),
    lambda w, W, A, row: w("multiply", 1e-10, w("multiply", 1e10, W)),
    lambda w, W, A, row: w("multiply", 0.0, w("multiply", 0.5, W)),
]


def shares(w, z):
    total = w("sum", w("exp", z), axis=(0,), keepdims=True)
    return w("exp", w("subtract", z, w("log", total)))


@pytest.mark.parametrize(("rule", "write_of", "wanted"), CASES)
def test_a_rule_leaves_these_instructions(rule, write_of, wanted):
    assert left(scaling(common(written(write_of)))) == wanted


def test_every_rule_has_an_example_that_needs_it():
    assert set(EXAMPLES) == {rule.rewriting.__name__ for rule in RULES}
    for name, examples in EXAMPLES.items():
        others = [rule for rule in RULES if rule.rewriting.__name__ != name]
        assert any(left(rewritten(common(written(w)), others)) != wanted for w, wanted in examples), name


@pytest.mark.parametrize("write_of", LEFT_ALONE)
def test_no_factor_is_moved_over_data(write_of):
    program = written(write_of)
    assert str(scaling(program)) == str(program)


@pytest.mark.parametrize(
    ("c", "wanted"), [(np.float32(0.5), np.float32), (np.float64(0.5), np.float64), (0.5, float)]
)
def test_a_factor_keeps_its_kind(c, wanted):
    write = Writing()
    x = write.given((3,), "f8" if wanted is np.float64 else "f4")
    program = dead_code(scaling(write.program(write("multiply", c, write("multiply", x, c)))))
    [last] = program.instructions
    assert type(last.inputs[0]) is wanted
    assert last.inputs[0] == 0.25


# Accuracy


def error(program, arrays, exact):
    """The largest error, by the largest entry of each exact result; what is not finite does not count."""
    worst = 0.0
    for found, wanted in zip(run(program, *arrays), exact):
        finite = np.isfinite(wanted)
        scale = np.abs(wanted, where=finite, out=np.zeros(wanted.shape)).max(initial=1e-30)
        with np.errstate(all="ignore"):
            gap = np.abs(found - wanted, where=finite, out=np.zeros(wanted.shape)) / scale
        worst = max(worst, float(np.nan_to_num(gap, nan=np.inf).max(initial=0.0)))
    return worst


def wrong_on(f, seeds=120):
    """The random programs that a pass leaves much less exact in single precision than they were."""
    wrong = []
    for seed in range(seeds):
        program, arrays = random_program(seed, "f4")
        double, _ = random_program(seed, "f8")
        exact = run(double, *(x.astype("f8") for x in arrays))
        try:
            found = error(f(common(program)), arrays, exact)
        except (AssertionError, KeyError, ValueError):
            found = np.inf
        if found > 4 * error(program, arrays, exact) + 1e-6:
            wrong.append(seed)
    return wrong


def test_random_programs_are_as_exact_as_before():
    assert wrong_on(scaling) == []


def test_shares_by_a_quotient_are_nearer_to_the_exact_ones_than_by_a_second_exponential(rng):
    Z = rng.normal(size=(10, 500)) * 4
    Z = Z.astype("f4")
    programs = []
    for dtype in ("f4", "f8"):
        write = Writing()
        programs.append(write.program(shares(write, levelled(write, write.given(Z.shape, dtype)))))
    exact = run(programs[1], Z.astype("f8"))
    quotient = scaling(common(programs[0]))
    assert [s.operation.name for s in dead_code(quotient).instructions][2:] == ["exp", "sum", "divide"]
    assert error(quotient, [Z], exact) <= error(programs[0], [Z], exact)


# Finiteness

EXPONENTS = {"f2": (-7, 4), "f4": (-44, 38), "f8": (-320, 308)}  # of 10


def extreme(program, seed, dtype):
    """Arrays over the whole range of a dtype, with zeros of either sign, and what is not finite."""
    rng = np.random.default_rng(seed)
    drawn = []
    for x in program.inputs:
        values = rng.choice([-1.0, 1.0], x.shape) * 10.0 ** rng.integers(*EXPONENTS[dtype], x.shape)
        special = rng.choice([0.0, -0.0, 1.0, np.inf, -np.inf, np.nan], x.shape)
        with np.errstate(over="ignore"):
            drawn.append(np.asarray(np.where(rng.random(x.shape) < 0.3, special, values), dtype))
    return drawn


def kinds(results):
    """For every entry whether it is NaN, infinite or finite, and whether it is 0."""
    return [(np.isnan(y), np.isinf(y), y == 0) for y in results]


def unlike(f, seeds=150):
    """The random programs of which a pass makes something infinite, NaN or 0 that was not, or was."""
    found = []
    for seed in range(seeds):
        dtype = ["f2", "f4", "f8"][seed % 3]
        program, _ = random_program(seed, dtype, far=True)
        program = common(program)
        changed = f(program)
        for draw in range(4):
            arrays = extreme(program, 4 * seed + draw, dtype)
            before, after = kinds(run(program, *arrays)), kinds(run(changed, *arrays))
            if not all(np.array_equal(a, b) for x, y in zip(before, after) for a, b in zip(x, y)):
                found.append(seed)
                break
    return found


def test_what_is_finite_stays_finite_and_nothing_vanishes_over_the_whole_range():
    assert unlike(scaling) == []


def factor(given):
    """The number that an instruction multiplies by, and what it multiplies."""
    a, b = given.inputs
    return (a, b) if is_number(a) else (b, a) if is_number(b) else (None, None)


def _meeting_anywhere(given, sweep):
    c, x = factor(given)
    d, y = factor(made) if (made := sweep.maker(x, "multiply")) else (None, None)
    if c is None or d is None or x.dtype != given.out.dtype:
        return None
    return [given.changed(inputs=(float(c) * float(d), y))]


def _outside_the_sum(given, sweep):
    made = sweep.maker(given.inputs[0], "multiply")
    c, x = factor(made) if made else (None, None)
    if c is None or made.out.shape != x.shape:
        return None
    plain = Value(given.out.shape, given.out.dtype)
    return [given.changed(inputs=(x,), out=plain), step("multiply", (c, plain), given.out)]


def _inverse_of_anything(given, sweep):
    a, b = given.inputs
    if not isinstance(b, Value):
        return None
    inverse = Value(b.shape, b.dtype)
    return [step("reciprocal", (b,), inverse), step("multiply", (a, inverse), given.out)]


MOVED = {
    "numbers meet whatever they are": Rule("multiply", _meeting_anywhere, ""),
    "a factor leaves a sum": Rule("sum", _outside_the_sum, ""),
    "a quotient is a product with the inverse": Rule("divide", _inverse_of_anything, ""),
}


@pytest.mark.parametrize("name", MOVED)
def test_a_rule_that_moves_factors_over_data_is_caught(name):
    assert unlike(lambda program: rewritten(program, [MOVED[name]]))


# Wrong rules


def _twice(given, sweep):
    made = sweep.maker(given.inputs[0], "broadcast_to")
    return made and [given.changed(inputs=made.inputs)]


def _lost(given, sweep):
    made = sweep.maker(given.inputs[0], "multiply")
    return made and [given.changed(inputs=(made.inputs[1], *given.inputs[1:]))]


def _any_shares(given, sweep):
    less = sweep.maker(given.inputs[0], "subtract")
    return less and [less.changed(out=given.out)]


WRONG = {
    "a sum of a broadcast counts once": Rule("sum", _twice, ""),
    "a factor is lost at a sum": Rule("sum", _lost, ""),
    "an exponential is left out": Rule("exp", _any_shares, ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_caught(name):
    assert wrong_on(lambda program: rewritten(program, [WRONG[name]]))
