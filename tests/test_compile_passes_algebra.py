"""The rules of `algebra`, one by one: what each makes of a small program, and what it must leave alone."""

import numpy as np
import pytest
from program_case import Writing, run, same_bits

import autograd_core as ag
from autograd_core.compilation.passes.algebra import RULES, algebra
from autograd_core.compilation.passes.dead_code import dead_code
from autograd_core.compilation.passes.rewriting import rewritten

ENTRIES = np.array([0.0, -0.0, 1.5, -1.5, 3.1, -0.1, np.inf, -np.inf, np.nan, 5e-324, 1e308, -1e-308])


def wide(w, x):
    return w("broadcast_to", x, shape=(5, *x.shape))


def thrice_and_once(w, x):
    return w("subtract", w("multiply", 3.0, x), x)


# By rule: what is written of x and y, and the operations that are left.
EXAMPLES = {
    "_by_one": [
        (lambda w, x, y: w("exp", w("multiply", 1, x)), "exp"),
        (lambda w, x, y: w("exp", w("divide", x, 1.0)), "exp"),
        (lambda w, x, y: w("divide", 1.0, x), "divide"),
        (lambda w, x, y: w("multiply", x, True), "multiply"),
        (lambda w, x, y: w("multiply", x, np.array(1.0)), "multiply"),
    ],
    "_by_minus_one": [
        (lambda w, x, y: w("subtract", y, w("multiply", -1.0, x)), "add"),
        (lambda w, x, y: w("divide", x, -1), "negative"),
    ],
    "_no_zero": [
        (lambda w, x, y: w("exp", w("subtract", x, 0)), "exp"),
        (lambda w, x, y: w("exp", w("add", -0.0, x)), "exp"),
        (lambda w, x, y: w("add", x, 0.0), "add"),
        (lambda w, x, y: w("subtract", x, -0.0), "subtract"),
        (lambda w, x, y: w("subtract", 0.0, x), "subtract"),
    ],
    "_power": [
        (lambda w, x, y: w("power", x, 2), "square"),
        (lambda w, x, y: w("power", x, 0.5), "sqrt"),
        (lambda w, x, y: w("power", x, -1.0), "reciprocal"),
        (lambda w, x, y: w("exp", w("power", x, 1)), "exp"),
        (lambda w, x, y: w("power", x, 3), "power"),
    ],
    "_by_power_of_two": [
        (lambda w, x, y: w("divide", x, 128), "multiply"),
        (lambda w, x, y: w("divide", x, np.float64(-0.25)), "multiply"),
        (lambda w, x, y: w("divide", x, 3.0), "divide"),
        (lambda w, x, y: w("divide", x, 5e-324), "divide"),
        (lambda w, x, y: w("divide", x, 2.0**1023), "divide"),
    ],
    "_twice_negative": [(lambda w, x, y: w("exp", w("negative", w("negative", x))), "exp")],
    "_negative_of_multiple": [
        (lambda w, x, y: w("negative", w("multiply", 3.0, x)), "multiply"),
        (lambda w, x, y: w("negative", w("divide", 3, x)), "divide"),
        (lambda w, x, y: w("negative", w("multiply", 0, x)), "multiply negative"),
        (lambda w, x, y: w("negative", w("subtract", x, y)), "subtract negative"),
    ],
    "_add_negative": [
        (lambda w, x, y: w("add", x, w("negative", y)), "subtract"),
        (lambda w, x, y: w("add", w("negative", x), y), "subtract"),
    ],
    "_subtract_negative": [
        (lambda w, x, y: w("subtract", x, w("negative", y)), "add"),
        (lambda w, x, y: w("subtract", w("negative", x), y), "negative subtract"),
    ],
    "_two_negatives": [
        (lambda w, x, y: w("divide", w("negative", x), w("negative", y)), "divide"),
        (lambda w, x, y: w("multiply", *[w("negative", x)] * 2), "multiply"),
    ],
    "_negative_by_number": [
        (lambda w, x, y: thrice_and_once(w, w("negative", x)), "multiply add"),
        (lambda w, x, y: w("multiply", 3.0, w("negative", x)), "multiply"),
        (lambda w, x, y: w("divide", w("negative", x), 3.0), "divide"),
    ],
    "_negative_outside": [
        (lambda w, x, y: w("subtract", x, w("multiply", w("negative", x), y)), "multiply add"),
        (lambda w, x, y: w("multiply", wide(w, x), w("negative", y)), "broadcast_to negative multiply"),
    ],
    "_even": [(lambda w, x, y: w("square", w("negative", x)), "square")],
    "_copy": [
        (lambda w, x, y: w("exp", w("positive", x)), "exp"),
        (lambda w, x, y: w("positive", w("getitem", x, index=(slice(None, None, -1),))), "getitem positive"),
    ],
    "_same_dtype": [
        (lambda w, x, y: w("exp", w("astype", x, dtype=x.dtype)), "exp"),
        (lambda w, x, y: w("astype", x, dtype=np.dtype("f4")), "astype"),
    ],
    "_no_reshape": [
        (lambda w, x, y: w("exp", w("reshape", x, shape=x.shape)), "exp"),
        (lambda w, x, y: w("exp", w("broadcast_to", x, shape=x.shape)), "exp"),
    ],
    "_transposes": [
        (lambda w, x, y: w("exp", w("transpose", w("transpose", x, axes=None), axes=None)), "exp"),
        (
            lambda w, x, y: w(
                "transpose", w("transpose", wide(w, wide(w, x)), axes=(1, 2, 0)), axes=(1, 2, 0)
            ),
            "broadcast_to transpose",
        ),
    ],
    "_reshapes": [
        (lambda w, x, y: w("reshape", w("reshape", x, shape=(1, x.size)), shape=(x.size, 1)), "reshape"),
        (lambda w, x, y: w("reshape", w("reshape", x, shape=(3, 4)), shape=(4, 3)), "reshape reshape"),
    ],
    "_broadcasts": [(lambda w, x, y: wide(w, wide(w, x)), "broadcast_to")],
    "_broadcast_operand": [
        (lambda w, x, y: w("multiply", w("exp", wide(w, x)), wide(w, y)), "broadcast_to exp multiply"),
        (lambda w, x, y: w("add", x, w("broadcast_to", 2.0, shape=x.shape)), "add"),
        (
            lambda w, x, y: w("where", w("greater", x, wide(w, x)), wide(w, x), 0.0),
            "broadcast_to greater where",
        ),
        (lambda w, x, y: w("add", wide(w, x), y), "broadcast_to add"),
    ],
    "_all_of_it": [
        (lambda w, x, y: w("exp", w("getitem", x, index=...)), "exp"),
        (lambda w, x, y: w("exp", w("getitem", x, index=(slice(None), ...))), "exp"),
        (lambda w, x, y: w("exp", w("getitem", x, index=slice(None, None, -1))), "getitem exp"),
    ],
}
CASES = [(name, *example) for name, examples in EXAMPLES.items() for example in examples]


def written(write_of):
    write = Writing()
    x, y = write.given(ENTRIES.shape), write.given(ENTRIES.shape)
    return write.program(write_of(write, x, y))


def names(program):
    return " ".join(step.operation.name for step in dead_code(program).instructions)


@pytest.mark.parametrize(("rule", "write_of", "left"), CASES)
def test_a_rule_leaves_these_operations_and_every_bit(rule, write_of, left):
    program = written(write_of)
    assert names(algebra(program)) == left
    for order in (1, -1):
        arrays = ENTRIES, np.roll(ENTRIES, 3)[::order].copy()
        assert same_bits(run(algebra(program), *arrays), run(program, *arrays))


def test_every_rule_has_an_example_that_needs_it():
    assert set(EXAMPLES) == {rule.rewriting.__name__ for rule in RULES}
    for name, examples in EXAMPLES.items():
        others = [rule for rule in RULES if rule.rewriting.__name__ != name]
        assert any(names(rewritten(written(w), others)) != left for w, left in examples), name


def test_a_number_broadcast_keeps_its_dtype_where_the_broadcast_goes():
    write = Writing()
    x = write.given((2, 3), "f4")
    program = write.program(write("multiply", x, write("broadcast_to", 2.0, shape=(2, 3))))
    assert algebra(program).instructions[-1].inputs == (x, np.float64(2.0))
    assert run(algebra(program), np.ones((2, 3), "f4"))[0].dtype == "f8"


def test_an_operation_whose_derivative_is_one_is_a_copy_only_if_it_hands_back(registry):
    @ag.pointwise(1)
    def passed_on(x):
        return x

    @ag.pointwise(1)
    def three_more(x):
        return x + 3

    @ag.pointwise(1)
    def rounded_straight_through(x):
        return np.round(x)

    @ag.pointwise(1)
    def picky(x):
        if np.isnan(x).any():
            raise ValueError("NaN")
        return x

    for name in ("passed_on", "three_more", "rounded_straight_through", "picky"):
        left = names(algebra(written(lambda w, x, y, name=name: w("exp", w(name, x)))))
        assert left == ("exp" if name == "passed_on" else f"{name} exp")


def test_a_copy_of_another_dtype_stays():
    write = Writing()
    i = write.given((3,), "i8")
    assert (
        names(algebra(write.program(write("multiply", i, 1.0), write("negative", i)))) == "multiply negative"
    )


def test_integers_keep_their_signs():
    write = Writing()
    i = write.given((2,), "i1")
    wide_ = write.given((2,), "i8")
    program = write.program(write("subtract", wide_, write("negative", i)))
    assert names(algebra(program)) == "negative subtract"
    arrays = np.array([-128, 3], "i1"), np.array([1, 1])
    assert same_bits(run(algebra(program), *arrays), run(program, *arrays))


def test_a_result_may_become_an_input():
    write = Writing()
    x = write.given()
    assert algebra(write.program(write("positive", x))).results == (x,)
    donated = {write.steps[0].out: x}
    assert algebra(write.program(write.steps[0].out)._replace(donated=donated)).donated == {x: x}


def test_a_product_with_two_transposes_is_left_to_the_views():
    write = Writing()
    A, B = write.given((2, 3)), write.given((4, 2))
    product = write("matmul", write("transpose", A, axes=None), write("transpose", B, axes=None))
    assert names(algebra(write.program(product))) == "transpose transpose matmul"
