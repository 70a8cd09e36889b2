"""Which loops a program becomes: shown on small programs, without a compiler."""

import numpy as np
import pytest
from loops_case import interpreted
from program_case import Writing, random_program, run

from autograd_core.compilation.numba_backend import loop_source, ordering, placing
from autograd_core.compilation.numba_backend.backend import planned
from autograd_core.compilation.numba_backend.grouping import grouped
from autograd_core.compilation.numba_backend.nests import Nest, Product, Refused
from autograd_core.compilation.numba_backend.placing import placed
from autograd_core.compilation.numba_backend.steps import Steps
from autograd_core.compilation.numba_backend.views import compact, whole
from autograd_core.compilation.program import Value


def loops(program):
    """The names of what each loop nest does; a product as one word."""
    return [
        "product" if isinstance(x, Product) else " ".join(s.name for s in x.steps)
        for x in planned(program).items
    ]


def test_a_chain_and_the_sums_of_it_are_one_nest():
    w = Writing()
    x = w.given()
    z = w("tanh", w("multiply", x, 2.0))
    program = w.program(w("sum", z, axis=(1,), keepdims=True), w("sum", z, axis=None, keepdims=False), z)
    assert loops(program) == ["multiply tanh sum sum"]


def test_what_reads_a_sum_waits_until_it_is_whole():
    w = Writing()
    e = w("exp", w.given())
    assert loops(w.program(w("divide", e, w("sum", e, axis=(0,), keepdims=True)))) == ["exp sum", "divide"]


def test_what_waited_for_a_number_is_done_with_what_did_not():
    w = Writing()
    x, y, s = w.given(), w.given(), w.given(())
    program = w.program(w("multiply", w("tanh", w("multiply", x, y)), w("exp", s)))
    assert loops(program) == ["exp", "multiply tanh multiply"]


def test_cheap_steps_are_done_again_and_dear_ones_kept():
    w = Writing()
    x = w.given()
    z = w("add", x, 1.0)
    e = w("exp", z)
    total = w("sum", e, axis=None, keepdims=True)
    program = w.program(w("multiply", w("divide", e, total), w("subtract", z, total)))
    assert loops(program) == ["add exp sum", "divide add subtract multiply"]
    plan = planned(program)
    assert placed(plan).buffers == 2  # the exponentials and their sum


def test_a_step_on_two_large_arrays_is_kept():
    w = Writing()
    product = w("multiply", w.given(), w.given())
    total = w("sum", product, axis=None, keepdims=True)
    assert loops(w.program(w("divide", product, total))) == ["multiply sum", "divide"]


def descent():
    """A product that is scaled and subtracted from a donated input, which another product reads too."""
    w = Writing()
    W, X, D = w.given((4, 3), name="W"), w.given((3, 5)), w.given((4, 5))
    step = w("multiply", np.float64(0.1), w("matmul", D, w("transpose", X, axes=None)))
    new = w("subtract", W, step)
    back = w("matmul", w("transpose", W, axes=None), D)
    return w.program(new, back)._replace(donated={new: W})


def test_a_scaled_product_is_accumulated_where_it_is_subtracted_after_everybody_else_has_read():
    program = descent()
    back, update = planned(program).items
    assert isinstance(update, Product)
    assert (update.alpha, update.beta) == (-0.1, 1.0)
    assert update.onto is not None
    assert update.onto.base is program.inputs[0]
    assert back.out is program.results[1]
    assert placed(planned(program)).bytes == 0


def test_zero_times_a_product_keeps_its_nan():
    w = Writing()
    product = w("matmul", w.given((2, 2)), w.given((2, 2)))
    program = w.program(w("multiply", 0.0, product), w("divide", w("matmul", product, product), 0.0))
    assert loops(program) == ["product", "multiply", "product", "divide"]


def test_a_transposed_operand_is_not_copied():
    w = Writing()
    x, y = w.given((3, 2)), w.given((3, 4))
    assert loops(w.program(w("matmul", w("transpose", x, axes=None), y))) == ["product"]
    assert loops(w.program(w("reshape", w("transpose", x, axes=None), shape=(6,)))) == ["positive"]


def test_memory_that_is_read_no_more_is_used_again():
    w = Writing()
    x = w.given((8, 8))
    for _ in range(6):
        x = w("tanh", w("matmul", x, x))
    placement = placed(planned(w.program(w("sum", x, axis=None, keepdims=False))))
    assert placement.bytes <= 2 * 8 * 8 * 8 + 64


def test_a_nest_takes_the_memory_of_what_it_reads_last():
    w = Writing()
    x = w.given((8, 8))
    z = w("exp", w("matmul", x, x))
    assert placed(planned(w.program(w("matmul", z, z)))).buffers == 1


def test_inputs_that_change_places_are_copied_first():
    w = Writing()
    a, b = w.given(name="a"), w.given(name="b")
    program = w.program(b, a)._replace(donated={b: a, a: b})
    run_loops, _, _ = interpreted(program)
    A, B = np.arange(6.0).reshape(2, 3), -np.ones((2, 3))
    first, second = run_loops(A, B)
    assert np.array_equal(first, B)
    assert np.array_equal(second, A)


def test_long_sums_are_done_in_blocks():
    w = Writing()
    x = w.given((3, 4096), "f4")
    total = w("sum", w("reshape", x, shape=(3 * 4096,)), axis=None, keepdims=False)
    [body] = [x for x in loop_source.written(*_plan(w.program(total))).functions.values() if " = f4(0)" in x]
    assert body.count("for i") == 2


def _plan(program):
    plan = planned(program)
    names = [*program.inputs, *plan.fresh]
    return plan, placed(plan), {x: f"a{i}" for i, x in enumerate(names)}


def test_loops_that_are_alike_are_written_once():
    w = Writing()
    x = w.given((8, 8))
    for _ in range(6):
        x = w("tanh", w("matmul", x, x))
    assert len(loop_source.written(*_plan(w.program(x, w("positive", x)))).functions) <= 3


def test_an_operation_without_a_loop_is_refused():
    w = Writing()
    with pytest.raises(Refused, match="sort"):
        planned(w.program(w("sort", w.given(), axis=1)))
    w = Writing()
    with pytest.raises(Refused, match="complex"):
        planned(w.program(w("exp", w.given((2,), "c16"))))
    w = Writing()
    with pytest.raises(Refused, match="stacks"):
        planned(w.program(w("matmul", w.given((2, 3, 3)), w.given((3, 3)))))


def test_views_know_when_a_reshape_needs_a_copy():
    x = whole(Value((2, 3), "f8"))
    assert x.transposed(None).reshaped((1, 3, 2)).strides == (0, 1, 3)
    assert x.broadcast((4, 2, 3)).reshaped((8, 3)) is None
    assert compact((4, 1, 2)) == (2, 0, 1)


def donating(program):
    """Give each result that fits the memory of an input."""
    given = {}
    for y in program.results:
        for x in program.inputs:
            fits = isinstance(y, Value) and (x.shape, x.dtype) == (y.shape, y.dtype)
            if fits and y not in given and x not in given.values():
                given[y] = x
                break
    return program._replace(donated=given)


def products(seed):
    """A random program full of products that are scaled and added, some to inputs that they replace."""
    rng = np.random.default_rng(seed)
    w = Writing()
    values = [w.given((3, 3)) for _ in range(4)] + [w.given(())]

    def one():
        return values[rng.integers(len(values) - 1)]

    for _ in range(8):
        x = w("transpose", one(), axes=None) if rng.random() < 0.3 else one()
        product = w("matmul", x, one())
        if rng.random() < 0.5:
            product = w("multiply", 0.5 if rng.random() < 0.5 else values[-1], product)
        if rng.random() < 0.3:
            product = w("divide", w("negative", product), 2.0)
        other = w("matmul", one(), one()) if rng.random() < 0.3 else one()
        pair = (other, product) if rng.random() < 0.5 else (product, other)
        values.insert(-1, w(rng.choice(["add", "subtract"]), *pair))
    program = donating(w.program(*values[-4:-1], values[5]))
    return program, [rng.normal(size=x.shape) for x in program.inputs]


@pytest.mark.parametrize("few", [-1, 512])
def test_products_that_are_scaled_and_added_give_what_their_operations_give(few, monkeypatch):
    monkeypatch.setattr(loop_source, "_FEW", few)
    for seed in range(100):
        program, arrays = products(seed)
        run_loops, _, _ = interpreted(program)
        for found, true in zip(run_loops(*arrays), run(program, *arrays), strict=True):
            np.testing.assert_allclose(found, true, 1e-9, 1e-9)


def agrees(seed, dtype):
    """Whether the loops of a random program give what its operations give."""
    program, arrays = random_program(seed, dtype, length=8 + seed % 20)
    if seed % 3:
        program = donating(program)
    run_loops, _, _ = interpreted(program)
    close = 1e-11 if dtype == "f8" else 2e-3
    with np.errstate(all="ignore"):
        return all(
            a.shape == b.shape and a.dtype == b.dtype and np.allclose(a, b, close, close, equal_nan=True)
            for a, b in zip(run_loops(*arrays), run(program, *arrays), strict=True)
        )


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("few", [-1, 512])
def test_the_loops_of_random_programs_give_what_their_operations_give(dtype, few, monkeypatch):
    monkeypatch.setattr(loop_source, "_FEW", few)  # -1: each product by BLAS
    assert all(agrees(seed, dtype) for seed in range(40))


WRONG = {
    "overwrites too early": (ordering, "_may_overwrite", lambda *_: True),
    "no order": (ordering, "_sorted", lambda plan: plan.items[::-1]),
    "all in one place": (placing, "_gap", lambda *_: 0),
    "takes over what is read later": (
        placing,
        "_taken_over",
        lambda item, out, i, until, work: next(iter(work), None),
    ),
    "does not gather": (loop_source, "gathering", lambda name, dtype: ("0", "{1}")),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_plan_is_caught(mistake, monkeypatch):
    monkeypatch.setattr(*WRONG[mistake])

    def fails(seed):
        try:
            return not agrees(seed, "f8")
        except (KeyError, RecursionError, ValueError):
            return True

    assert any(fails(seed) for seed in range(40))


def test_steps_are_grouped_without_looking_back():
    w = Writing()
    x = w.given()
    program = w.program(w("exp", w("matmul", w("tanh", x), w("transpose", x, axes=None))))
    items = grouped(Steps(program).items)
    assert [type(x) for x in items] == [Nest, Product, Nest]
