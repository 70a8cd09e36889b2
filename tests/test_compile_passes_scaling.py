"""The pass that changes the rounding: where factors go, and how far results are from exact ones."""

import numpy as np
import pytest
from program_case import Writing, random_program, run

from autograd_core.compilation.algebra import algebra
from autograd_core.compilation.common import common
from autograd_core.compilation.dead_code import dead_code
from autograd_core.compilation.rewriting import Rule, rewritten
from autograd_core.compilation.scaling import RULES, scaling


def written(write_of, dtype="f8"):
    write = Writing()
    given = [write.given(shape, dtype, name) for name, shape in SHAPES.items()]
    return write.program(write_of(write, *given))


SHAPES = {"W": (9, 2), "A": (2, 7), "row": (1, 7), "rate": ()}


def left(program):
    """The instructions that are left, as text without shapes."""
    lines = str(dead_code(program)).splitlines()[len(program.inputs) : -1]
    return [line.split(" = ")[1].split("): ")[0] + ")" for line in lines]


def product(w, W, A):
    return w("matmul", W, A)


# By rule: a program, what is left of it, and what is left where products accumulate.
EXAMPLES = {
    "_reciprocal": [
        (lambda w, W, A, row, rate: w("divide", W, 4), ["multiply(0.25, W)"], None),
        (lambda w, W, A, row, rate: w("divide", W, 0.0), ["divide(W, 0.0)"], None),
        (lambda w, W, A, row, rate: w("divide", W, 1e-310), ["divide(W, 1e-310)"], None),
    ],
    "_gathered": [
        (lambda w, W, A, row, rate: w("multiply", 2.0, w("multiply", W, 4)), ["multiply(8.0, W)"], None),
        (lambda w, W, A, row, rate: w("multiply", w("divide", W, 2.0), 3), ["multiply(1.5, W)"], None),
        (
            lambda w, W, A, row, rate: w("multiply", rate, w("multiply", W, 4.0)),
            ["multiply(rate, 4.0)", "multiply(t0, W)"],
            None,
        ),
        (
            lambda w, W, A, row, rate: w("multiply", 1e200, w("multiply", W, 1e200)),
            ["multiply(W, 1e+200)", "multiply(1e+200, t0)"],
            None,
        ),
    ],
    "_into_quotient": [
        (lambda w, W, A, row, rate: w("multiply", 2.0, w("divide", 3.0, W)), ["divide(6.0, W)"], None)
    ],
    "_out_of_sum": [
        (
            lambda w, W, A, row, rate: w("sum_to", w("multiply", rate, W), axis=(0,), shape=(1, 2)),
            ["sum_to(W, axis=(0), shape=(1, 2))", "multiply(rate, t0)"],
            None,
        ),
        (
            lambda w, W, A, row, rate: w("vdot", w("negative", W), W),
            ["vdot(W, W)", "multiply(-1.0, t0)"],
            None,
        ),
    ],
    "_sum_of_broadcast": [
        (
            lambda w, W, A, row, rate: w(
                "sum", w("broadcast_to", row, shape=(5, 7)), axis=None, keepdims=False
            ),
            ["reshape(row, shape=(1, 7))", "sum(t0, axis=None, keepdims=False)", "multiply(5.0, t1)"],
            None,
        ),
        (
            lambda w, W, A, row, rate: w(
                "sum", w("broadcast_to", row, shape=(5, 7)), axis=(1,), keepdims=False
            ),
            ["broadcast_to(row, shape=(5, 7))", "sum(t0, axis=(1), keepdims=False)"],
            None,
        ),
    ],
    "_sum_of_one": [
        (
            lambda w, W, A, row, rate: w("sum", row, axis=(0,), keepdims=False),
            ["reshape(row, shape=(7))"],
            None,
        )
    ],
    "_shares": [
        (
            lambda w, W, A, row, rate: shares(w, W),
            ["exp(W)", "sum(t0, axis=(0), keepdims=True)", "divide(t0, t1)"],
            None,
        ),
        (
            lambda w, W, A, row, rate: w("exp", w("subtract", W, w("log", w("exp", W)))),
            ["exp(W)", "log(t0)", "subtract(W, t1)", "exp(t2)"],
            None,
        ),
    ],
    "_into_product": [
        (
            lambda w, W, A, row, rate: w("multiply", rate, product(w, W, A)),
            ["multiply(rate, A)", "matmul(W, t0)"],
            ["matmul(W, A)", "multiply(rate, t0)"],
        ),
        (
            lambda w, W, A, row, rate: w("multiply", 3.0, product(w, row, w("transpose", A, axes=None))),
            ["transpose(A, axes=None)", "matmul(row, t0)", "multiply(3.0, t1)"],
            ["transpose(A, axes=None)", "matmul(row, t0)", "multiply(3.0, t1)"],
        ),
    ],
    "_out_of_product": [
        (
            lambda w, W, A, row, rate: product(w, w("multiply", rate, W), A),
            ["multiply(rate, A)", "matmul(W, t0)"],
            ["matmul(W, A)", "multiply(rate, t0)"],
        ),
    ],
    "_small_factors": [
        (
            lambda w, W, A, row, rate: w("multiply", w("divide", A, w("exp", row)), row),
            ["exp(row)", "divide(row, t0)", "multiply(A, t1)"],
            None,
        ),
        (
            lambda w, W, A, row, rate: w("multiply", w("divide", A, rate), row),
            ["divide(A, rate)", "multiply(t0, row)"],
            None,
        ),
    ],
}
CASES = [(name, *example) for name, examples in EXAMPLES.items() for example in examples]


def shares(w, z):
    total = w("sum", w("exp", z), axis=(0,), keepdims=True)
    return w("exp", w("subtract", z, w("log", total)))


@pytest.mark.parametrize(("rule", "write_of", "wanted", "beside"), CASES)
def test_a_rule_leaves_these_instructions(rule, write_of, wanted, beside):
    assert left(scaling(common(written(write_of)))) == wanted
    assert left(scaling(common(written(write_of)), products_accumulate=True)) == (beside or wanted)


def test_every_rule_has_an_example_that_needs_it():
    assert set(EXAMPLES) == {rule.rewriting.__name__ for rule in RULES}
    for name, examples in EXAMPLES.items():
        others = [rule for rule in RULES if rule.rewriting.__name__ != name]
        assert any(left(rewritten(common(written(w)), others)) != wanted for w, wanted, _ in examples), name


def test_the_factors_of_a_step_end_beside_the_product():
    """The rate times a slope that was divided by the number of examples: one factor c in W - c (D A)."""

    def step(w, W, A, row, rate):
        slope = product(w, w("divide", w("negative", W), 7.0), A)
        return w("subtract", w("broadcast_to", row, shape=(9, 7)), w("multiply", 0.5, slope))

    program = dead_code(algebra(scaling(algebra(written(step)), products_accumulate=True)))
    assert [s.operation.name for s in program.instructions] == ["matmul", "multiply", "subtract"]
    assert program.instructions[1].inputs[0] == pytest.approx(-0.5 / 7)


def test_a_product_that_something_else_reads_keeps_its_factor_outside():
    write = Writing()
    W, A = write.given((9, 2)), write.given((2, 7))
    Z = write("matmul", W, A)
    program = write.program(write("multiply", 2.0, Z), Z)
    assert str(scaling(program)) == str(program)
    scaled = write("multiply", 2.0, W)
    program = write.program(write("matmul", scaled, A), scaled)
    assert str(scaling(program, products_accumulate=True)) == str(program)


@pytest.mark.parametrize(
    ("c", "wanted"), [(np.float32(0.5), np.float32), (np.float64(0.5), np.float64), (0.5, float)]
)
def test_a_factor_keeps_its_kind(c, wanted):
    write = Writing()
    x = write.given((3,), "f8" if wanted is np.float64 else "f4")
    program = dead_code(scaling(write.program(write("multiply", 3, write("divide", x, c)))))
    [last] = program.instructions
    assert type(last.inputs[0]) is wanted
    assert last.inputs[0] == 6


def test_a_zero_moves_nowhere():
    write = Writing()
    x = write.given((3,))
    program = write.program(write("sum", write("multiply", 0.0, x), axis=None, keepdims=False))
    assert str(scaling(program)) == str(program)


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


@pytest.mark.parametrize("accumulate", [False, True])
def test_random_programs_are_as_exact_as_before(accumulate):
    assert wrong_on(lambda program: scaling(program, accumulate)) == []


def test_shares_by_a_quotient_are_nearer_to_the_exact_ones_than_by_a_second_exponential(rng):
    Z = rng.normal(size=(10, 500)) * 4
    Z = (Z - Z.max(axis=0)).astype("f4")
    programs = []
    for dtype in ("f4", "f8"):
        write = Writing()
        programs.append(write.program(shares(write, write.given(Z.shape, dtype))))
    exact = run(programs[1], Z.astype("f8"))
    quotient = scaling(common(programs[0]))
    assert [s.operation.name for s in dead_code(quotient).instructions] == ["exp", "sum", "divide"]
    assert error(quotient, [Z], exact) <= error(programs[0], [Z], exact)


def test_a_product_of_single_precision_is_as_exact_wherever_its_factor_stands(rng):
    arrays = [rng.normal(size=shape) for shape in SHAPES.values()]
    single = [x.astype("f4") for x in arrays]
    for _, write_of, _, _ in CASES[-3:]:
        exact = run(written(write_of), *(x.astype("f8") for x in single))
        program = written(write_of, dtype="f4")
        for accumulate in (False, True):
            assert error(scaling(program, accumulate), single, exact) <= 1e-6


def _twice(given, sweep):
    made = sweep.maker(given.inputs[0], "broadcast_to")
    return made and [given._replace(inputs=made.inputs)]


def _lost(given, sweep):
    made = sweep.maker(given.inputs[0], "multiply")
    return made and [given._replace(inputs=(made.inputs[1], *given.inputs[1:]))]


def _any_shares(given, sweep):
    less = sweep.maker(given.inputs[0], "subtract")
    return less and [less._replace(out=given.out)]


WRONG = {
    "a sum of a broadcast counts once": Rule("sum", _twice, ""),
    "a factor is lost at a sum": Rule("sum", _lost, ""),
    "an exponential is left out": Rule("exp", _any_shares, ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_caught(name):
    assert wrong_on(lambda program: rewritten(program, [WRONG[name]]))
