"""Where values are kept: nothing is overwritten while it is needed, and memory is used again."""

import numpy as np
import pytest
from program_case import Writing, random_program, run, same_bits

import autograd_core as ag
from autograd_core.compilation.numpy_backend import storage
from autograd_core.compilation.numpy_backend.backend import built, style
from autograd_core.compilation.numpy_backend.layout import layouts, order_of
from autograd_core.compilation.numpy_backend.storage import lifetimes, stored
from autograd_core.compilation.program import Value

SEEDS = range(60)


def replayed(program, plan, arrays):
    """Run a program with each value in the block that is planned for it, as bytes; views look at bytes."""
    memory = [np.zeros(nbytes, np.uint8) for nbytes in plan.blocks]
    known = dict(zip(program.inputs, (x.copy() for x in arrays)))
    for step in program.instructions:
        inputs = [known[x] if isinstance(x, Value) else x for x in step.inputs]
        with np.errstate(all="ignore"):
            value = np.asarray(step.operation.forward(*inputs, **step.params))
        out = step.out
        if out in plan.block:
            place = memory[plan.block[out]][: out.nbytes].view(out.dtype).reshape(out.shape)
        elif out in plan.given:
            place = known[plan.given[out]]
        else:
            known[out] = value if style(step) == "view" else value.copy()
            continue
        value = value.copy()
        place[...] = value
        known[out] = place
    return [np.array(known[x] if isinstance(x, Value) else x) for x in program.results]


def donating(program):
    """The same program, with results donated inputs of their shape."""
    left, pairs = list(program.inputs), {}
    for x in program.results:
        fits = [y for y in left if isinstance(x, Value) and (y.shape, y.dtype) == (x.shape, x.dtype)]
        if fits and x not in pairs and x not in program.inputs:
            pairs[x] = fits[0]
            left.remove(fits[0])
    return program._replace(donated=pairs)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_block_is_overwritten_while_it_is_needed(seed):
    program, arrays = random_program(seed, length=30)
    wanted = run(program, *arrays)
    for one in (program, donating(program)):
        assert same_bits(replayed(one, stored(one, style), arrays), wanted)


def test_the_replay_notices_a_lifetime_that_is_too_short(monkeypatch):
    def short(program, style):
        return {x: i - (i > 1) for x, i in lifetimes(program, style).items()}

    monkeypatch.setattr(storage, "lifetimes", short)
    wrong = 0
    for seed in SEEDS:
        program, arrays = random_program(seed, length=30)
        wrong += not same_bits(replayed(program, stored(program, style), arrays), run(program, *arrays))
    assert wrong > len(SEEDS) / 4


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_written_program_computes_the_same_bits(seed, dtype):
    program, arrays = random_program(seed, dtype, length=30)
    wanted = run(program, *arrays)
    for one in (program, donating(program)):
        made = built(one, inputs=dict.fromkeys(one.inputs, "C"))
        with np.errstate(all="ignore"):
            for _ in range(2):
                given = [x.copy() for x in arrays]
                found = made.run(*given)
                assert same_bits(list(map(np.asarray, found)), wanted), made.source
                for x in one.inputs:  # what was not donated is not written to
                    if x not in one.donated.values():
                        at = one.inputs.index(x)
                        assert same_bits([given[at]], [arrays[at]])


def test_memory_is_used_again():
    for seed in SEEDS:
        program, _ = random_program(seed, length=40)
        plan = stored(program, style)
        each = [x.nbytes for x in plan.block]
        assert sum(plan.blocks) < sum(each) or len(each) < 2


def test_a_chain_needs_one_block_and_two_operands_need_two():
    write = Writing()
    x = y = write.given((3, 4))
    for name in ("exp", "tanh", "negative", "square", "sin"):
        y = write(name, y)
    plan = stored(write.program(write("sum", y, axis=None, keepdims=False)), style)
    assert plan.blocks == [x.nbytes]
    a, b = write("exp", x), write("cos", x)
    plan = stored(write.program(write("sum", write("multiply", a, b), axis=None, keepdims=False)), style)
    assert len(plan.blocks) == 2


def test_a_view_keeps_what_it_looks_at():
    write = Writing()
    x = write.given((3, 3))
    a = write("exp", x)
    turned = write("transpose", a, axes=None)
    b = write("tanh", x)
    c = write("multiply", b, b)
    program = write.program(write("matmul", turned, c))
    plan = stored(program, style)
    assert plan.block[a] not in (plan.block[b], plan.block[c])
    assert lifetimes(program, style)[a] == 4


def test_a_donated_input_is_written_in_place_only_if_nobody_reads_it_later():
    write = Writing()
    x, y = write.given((3,)), write.given((3,))
    new = write("subtract", x, y)
    program = write.program(new)._replace(donated={new: x})
    assert stored(program, style).given == {new: x}
    later = write("multiply", x, y)
    program = write.program(new, later)._replace(donated={new: x})
    assert stored(program, style).given == {}


def test_a_product_is_not_written_over_its_operands():
    write = Writing()
    x = write.given((3, 3))
    a = write("exp", x)
    b = write("matmul", a, a)
    plan = stored(write.program(write("sum", b, axis=None, keepdims=False)), style)
    assert plan.block[a] != plan.block[b]


# How results lie by themselves


def test_layouts_are_those_that_numpy_chooses():
    write = Writing()
    x, y, row = write.given((2, 3)), write.given((3, 2)), write.given((2,))
    turned = write("transpose", x, axes=None)
    a = write("exp", turned)
    steps = [
        write("add", a, y),
        write("add", y, a),
        write("add", a, row),
        write("matmul", x, turned),
        write("transpose", write("multiply", a, a), axes=None),
        write("sum", y, axis=(0,), keepdims=True),
        write("broadcast_to", row, shape=(3, 2)),
    ]
    program = write.program(*steps)
    for order in ("C", "F"):
        known = {z: np.ones(z.shape, order=order) for z in program.inputs}
        found = layouts(program, {z: order_of(known[z]) for z in program.inputs})
        for step in program.instructions:
            value = step.operation.forward(*(known[z] for z in step.inputs), **step.params)
            known[step.out] = value
            assert step.out not in found or found[step.out] == order_of(value)
        assert all(step.out in found for step in program.instructions[:-1])
    assert a not in layouts(program, {})


# Counted by hand


def test_what_a_small_program_costs_is_counted():
    f = ag.compile(lambda W, X: ag.tanh(W @ X).sum(axis=1) * 2.0, fuse=False)
    f(np.ones((4, 3)), np.ones((3, 5)))
    stats = f.stats
    assert (stats.backend, stats.instructions, stats.recorded) == ("numpy", 4, 4)
    assert stats.flops == 2 * 4 * 3 * 5 + 4 * 5 + 4
    assert stats.buffers == 2  # Z and A share one; the sums have another
    assert stats.bytes == 4 * 5 * 8 + 4 * 8
    assert stats.seconds > 0
    assert len(f.program.instructions) == 4
