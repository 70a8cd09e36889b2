"""One factor where the work begins: the same numbers to rounding, and fewer passes."""

import numpy as np
import pytest
from program_case import Writing, random_program, run, same_bits

from autograd_core.compilation.dead_code import dead_code
from autograd_core.compilation.hoisting import hoisting


def names(program):
    return [step.operation.name for step in dead_code(program).instructions]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("seed", range(80))
def test_a_random_program_computes_the_same_to_rounding(seed, dtype):
    program, arrays = random_program(seed, dtype, length=25)
    found, wanted = run(hoisting(program), *arrays), run(program, *arrays)
    eps = np.finfo(dtype).eps
    for a, b in zip(found, wanted, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        finite = np.isfinite(b)
        scale = np.abs(b[finite]).max(initial=1.0)
        assert (np.isfinite(a) == finite).all()
        assert np.allclose(a[finite], b[finite], rtol=0, atol=1e3 * eps * scale)


def test_the_rate_of_a_step_meets_the_one_over_m_of_the_cost():
    write = Writing()
    A, Y, W, b = (write.given(shape) for shape in ((3, 5), (2, 5), (2, 3), (2, 1)))
    dZ = write("multiply", 0.2, Y)
    dW = write("matmul", dZ, write("transpose", A, axes=None))
    db = write("sum", dZ, axis=(1,), keepdims=True)
    new = [
        write("subtract", x, write("multiply", 0.5, d))
        for x, d in ((W, dW), (b, db))
    ]  # fmt: skip
    program = write.program(*new)
    moved = hoisting(program)
    assert names(program).count("multiply") == 3
    assert names(moved).count("multiply") == 1
    arrays = [np.random.default_rng(0).normal(size=x.shape) for x in program.inputs]
    for a, b in zip(run(moved, *arrays), run(program, *arrays), strict=True):
        assert np.allclose(a, b, rtol=1e-14, atol=0)


def test_a_value_that_is_a_result_itself_keeps_its_size():
    write = Writing()
    x = write.given()
    y = write("multiply", 0.5, x)
    program = write.program(y, write("multiply", 4.0, write("negative", y)))
    arrays = [np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])]
    assert same_bits(run(hoisting(program), *arrays), run(program, *arrays))  # powers of two round nothing


def test_what_is_not_linear_is_left_where_it_is():
    for name in ("exp", "tanh", "square", "maximum"):
        write = Writing()
        x = write.given()
        y = write("multiply", 0.5, x)
        z = write(name, y, *([0.1] if name == "maximum" else []))
        program = write.program(write("multiply", 3.0, z))
        arrays = [np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])]
        assert same_bits(run(hoisting(program), *arrays), run(program, *arrays))


def test_a_number_of_another_dtype_is_not_moved():
    write = Writing()
    x = write.given(dtype="f4")
    y = write("multiply", np.float64(0.1), x)
    program = write.program(write("multiply", 3.0, write("negative", write("multiply", 0.1, x))), y)
    arrays = [np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]], "f4")]
    for a, b in zip(run(hoisting(program), *arrays), run(program, *arrays), strict=True):
        assert a.dtype == b.dtype
        assert np.allclose(a, b, rtol=1e-6)
