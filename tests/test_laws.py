"""The laws of differentiation, each written once and held against every row of the operation table."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis.extra.numpy import BroadcastableShapes, mutually_broadcastable_shapes
from in_turn import each
from law_case import (
    Function,
    assert_close,
    assert_same_bits,
    at_order,
    check_adjoint,
    check_difference,
    evaluate,
    every_primitive_case,
    function_of,
    inner,
    pull,
    pulled_back,
    push,
    random_like,
    recorded,
    said,
)
from op_case import BINARY, UNARY, Case, summed_to
from op_table import CASES, COMPOSED, OP_TABLE, PRIMITIVE_CASES

import autograd_core as ag
from autograd_core.differentiation.backprop import forward_sweep
from autograd_core.graph.node import ancestors
from autograd_core.graph.primitive import Each

SMOOTH = [case for case in CASES if case.row.order]
FIRST = list({c.row.op: c for c in reversed(PRIMITIVE_CASES) if c.row.order}.values())
every_case = each("case", CASES)
every_smooth_case = each("case", SMOOTH)
every_order = each(
    "case, order", [(case, order) for case in SMOOTH for order in range(1, case.row.order + 1)]
)


# 0. The table


DECLARED = set(ag.PRIMITIVES)  # before any test or example declares some of its own


def test_every_primitive_has_a_row_and_every_row_a_primitive():
    assert {row.op for row in OP_TABLE} == DECLARED


def test_a_row_says_no_derivative_flows_exactly_where_the_declaration_does():
    for row in OP_TABLE:
        assert bool(row.order) == ag.PRIMITIVES[row.op].differentiable, row.op


@every_primitive_case
def test_a_case_records_the_primitive_it_is_about(case, rng):
    assert recorded(case, rng).primitive.name == case.row.op


# 1. The value


@every_case
def test_the_value_is_that_of_the_reference_in_value_shape_and_dtype(case, rng):
    operands = case.draw(rng)
    wanted = case.reference(*operands)
    wanted = wanted.astype(case.row.result(np.dtype(np.float64), **case.params))
    on_arrays = np.asarray(case.call(*operands))
    on_tensors = case.call(*case.tensors(operands)).data
    assert_close(case, operands, [on_arrays], [wanted], rtol=1e-12, atol=1e-14)
    assert_same_bits(case, operands, [on_tensors], [on_arrays])


ENTRY_BY_ENTRY = [row for row in OP_TABLE if row.variants is BINARY or row.variants is UNARY]


@pytest.mark.parametrize("row", ENTRY_BY_ENTRY, ids=repr)
def test_whole_numbers_are_operands_too(row, rng):
    operands = [rng.integers(1, 4, (2, 3)) for _ in row.draws]
    found = row.call(*map(ag.Tensor, operands)).data
    np.testing.assert_allclose(found, row.reference(*operands), 1e-12, 1e-14, err_msg=row.op)


SPECIAL = [
    pytest.param(row, at, id=f"{row.op}-{at.operands}")
    for row in (*OP_TABLE, *COMPOSED)
    for at in row.special
]


@pytest.mark.parametrize(("row", "at"), SPECIAL)
def test_at_kinks_ties_and_far_out_what_is_documented_holds(row, at):
    asked = [ct is not None for ct in at.cotangents] or [False] * len(at.operands)
    xs = [ag.Tensor(x, requires_grad=a) for x, a in zip(at.operands, asked, strict=True)]
    out = row.call(*xs)
    np.testing.assert_allclose(out.data, at.value, at.rtol, 1e-300, err_msg=row.op)
    if any(asked):
        with pytest.warns(RuntimeWarning, match=at.warns) if at.warns else nullcontext():
            out.backward(np.ones(out.shape))
    for x, ct in zip(xs, at.cotangents, strict=False):
        if ct is not None:
            np.testing.assert_allclose(x.grad, ct, at.rtol, 1e-300, err_msg=f"{row.op}, {x}")


# 2, 3 and 5. The derivatives, of every order


@every_order
def test_the_jvp_is_the_difference_quotient(case, order, rng):
    check_difference(case, *at_order(case, order, rng), rng)


@every_order
def test_the_vjp_is_the_adjoint_of_the_jvp(case, order, rng):
    check_adjoint(case, *at_order(case, order, rng), rng)


@every_smooth_case
def test_reverse_over_reverse_equals_forward_over_reverse_and_reverse_over_forward(case, rng):
    """u · d(Jᵀ ct) along t: the second derivative in three orders of the two sweeps."""
    f, xs = at_order(case, 1, rng)
    cts = random_like(evaluate(f, xs), rng)
    us, ts = random_like(xs, rng), random_like(xs, rng)
    still = [np.zeros_like(ct) for ct in cts]
    gradient = pulled_back(f, len(xs))

    def pushed(args):
        nodes = [ag.positive(x) for x in args]
        outs = f(nodes)
        found = forward_sweep(outs, dict(zip(nodes, map(ag.Tensor, us), strict=True)), create_graph=True)
        return [
            ag.Tensor(np.zeros(out.shape)) if t is None else t for t, out in zip(found, outs, strict=True)
        ]

    forward_over_reverse, size = inner(us, push(gradient, xs + cts, ts + still)[: len(xs)])
    reverse_over_reverse, _ = inner(pull(gradient, xs + cts, us)[: len(xs)], ts)
    reverse_over_forward, _ = inner(pull(pushed, xs, cts), ts)
    close = 1e-11 * max(size, 1.0)
    numbers = forward_over_reverse, reverse_over_reverse, reverse_over_forward
    assert max(numbers) - min(numbers) <= close, f"{said(case, xs)}: {numbers}"


@each("case", [case for case in CASES if not case.row.order])
def test_nothing_flows_through_what_has_no_derivative(case, rng):
    operands = [ag.Tensor(x, x.dtype.kind == "f", name="ABC"[i]) for i, x in enumerate(case.draw(rng))]
    out = case.call(*operands)
    assert not out.requires_grad, case
    assert all(rule is None for rule in (*out.primitive.vjps, *out.primitive.jvps)), case


# 4. Two worlds, one rule


@every_order
def test_rules_on_arrays_and_on_tensors_give_the_same_bits(case, order, rng):
    f, xs = at_order(case, order, rng)
    ts, cts = random_like(xs, rng), random_like(evaluate(f, xs), rng)
    assert_same_bits(case, xs, push(f, xs, ts), push(f, xs, ts, create_graph=True))
    assert_same_bits(case, xs, pull(f, xs, cts), pull(f, xs, cts, create_graph=True))


# 6. Broadcasting

BROADCASTING = [row for row in OP_TABLE if row.order and (row.variants is BINARY or row.op == "where")]


@pytest.mark.parametrize("row", BROADCASTING, ids=repr)
@given(broadcast=mutually_broadcastable_shapes(num_shapes=3, min_side=0, max_side=3, max_dims=3))
@example(broadcast=BroadcastableShapes(((), (0, 2), (1,)), (0, 2)))
@example(broadcast=BroadcastableShapes(((1, 1), (), (2,)), (1, 2)))
def test_broadcasting_is_undone_for_every_pair_of_shapes(row, broadcast):
    """The cotangent of an operand is that of its broadcast copy, summed over the repeats."""
    rng = np.random.default_rng(0)
    shapes = broadcast.input_shapes[: len(row.draws)]
    case = Case(row, str(shapes), shapes, {})
    operands = case.draw(rng)
    xs = [operands[i] for i in case.wrt]
    wide = [x.copy() for x in np.broadcast_arrays(*operands)]
    f, f_wide = function_of(case, operands), function_of(case, wide)
    cts = random_like(evaluate(f, xs), rng)
    pulled = pull(f_wide, [wide[i] for i in case.wrt], cts)
    wanted = [summed_to(ct, x.shape) for ct, x in zip(pulled, xs, strict=True)]
    assert_close(case, xs, pull(f, xs, cts), wanted, rtol=1e-12, atol=1e-12)
    check_adjoint(case, f, xs, rng)


# 7. Kinds of number


@every_case
def test_float32_stays_float32_in_value_tangent_and_cotangent(case, rng):
    operands = case.draw(rng, np.float32)
    value = case.call(*case.tensors(operands)).data
    wanted = case.reference(*(x if x.dtype == bool else x.astype(float) for x in operands))
    wanted = wanted.astype(case.row.result(np.dtype(np.float32), **case.params))
    assert_close(case, operands, [value], [wanted], rtol=1e-4, atol=1e-5)
    if case.row.order:
        xs = [operands[i] for i in case.wrt]
        ts, cts = random_like(xs, rng), random_like([value], rng)
        f, doubled = function_of(case, operands), [x.astype(np.float64) for x in xs]
        close = {"rtol": 1e-4, "atol": 1e-4}
        tangents = [t.astype(value.dtype) for t in push(f, doubled, ts)]
        cotangents = [ct.astype(np.float32) for ct in pull(f, doubled, cts)]
        assert_close(case, xs, push(f, xs, ts), tangents, **close)
        assert_close(case, xs, pull(f, xs, cts), cotangents, **close)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    "row",
    [row for row in OP_TABLE if row.variants is BINARY and row.op in ag.__all__],
    ids=repr,
)
def test_a_python_number_beside_float32_leaves_it_float32(row, side, rng):
    case = Case(row, f"number on the {side}", ((2, 3), (2, 3)), {})
    place = ["right", "left"].index(side)
    operands = case.draw(rng, np.float32)
    operands[1 - place] = float(operands[1 - place][0, 0])
    x = operands[place] = ag.Tensor(operands[place], requires_grad=True)
    out = case.call(*operands)
    assert out.dtype == row.result(np.dtype(np.float32)), case
    if row.order:
        out.backward(np.ones(out.shape))
        assert x.grad.dtype == np.float32, case


@every_smooth_case
def test_a_gradient_has_its_operands_dtype_among_mixed_ones(case, rng):
    operands = case.draw(rng)
    tensors = case.tensors([x.astype(np.float32) if i == case.wrt[0] else x for i, x in enumerate(operands)])
    out = case.call(*tensors)
    out.backward(np.ones(out.shape))
    for i in case.wrt:
        assert tensors[i].grad.dtype == tensors[i].dtype, f"{case}, operand {i}"


# 8. Layouts

backwards = (slice(None, None, -1),)
LAYOUTS = {
    "C order": lambda x: np.array(x, order="C"),
    "Fortran order": lambda x: np.array(x, order="F"),
    "negative strides": lambda x: x[backwards * x.ndim].copy()[backwards * x.ndim],
    "every other entry": lambda x: np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x.copy(),
}


@each("case, layout", [(case, layout) for case in CASES for layout in LAYOUTS])
def test_read_only_arrays_of_any_layout_will_do(case, layout, rng):
    """Inputs, tangents and cotangents cannot be written to, so none is modified unnoticed."""

    def frozen(arrays):
        made = [LAYOUTS[layout](x) for x in arrays]
        for x in made:
            x.setflags(write=False)
        return made

    operands = case.draw(rng)
    value = case.call(*case.tensors(frozen(operands))).data
    assert_close(case, operands, [value], [np.asarray(case.call(*operands))], rtol=1e-13, atol=1e-14)
    if case.row.order:
        xs = [operands[i] for i in case.wrt]
        ts, cts = random_like(xs, rng), random_like([value], rng)
        f, g = function_of(case, operands), function_of(case, frozen(operands))
        close = {"rtol": 1e-13, "atol": 1e-14}
        assert_close(case, xs, push(g, frozen(xs), frozen(ts)), push(f, xs, ts), **close)
        assert_close(case, xs, pull(g, frozen(xs), frozen(cts)), pull(f, xs, cts), **close)


# 11. The checks can fail


def off_by_a_thousandth(rules, argument):
    """The rules, with that of one argument multiplied by 1.001."""

    def wrong(i):
        if i != argument:
            return rules[i]
        return lambda d, *args, **params: rules[i](d, *args, **params) * 1.001

    if isinstance(rules, Each):
        return Each(lambda i, *args, **params: wrong(i)(*args, **params))
    return tuple(map(wrong, range(len(rules))))


def spoilt(f: Function, op: str, argument: int, *fields: str) -> Function:
    """The function, recorded with wrong rules for an operation; the registry stays as it is."""

    def g(xs):
        outs = f(xs)
        for node in ancestors(outs).values():
            if node.primitive is not None and node.primitive.name == op:
                rules = {
                    field: off_by_a_thousandth(getattr(node.primitive, field), argument) for field in fields
                }
                node.primitive = node.primitive._replace(**rules)
        return outs

    return g


every_argument = each("case, argument", [(case, i) for case in FIRST for i in case.wrt])


@every_argument
def test_a_vjp_wrong_by_a_thousandth_is_caught(case, argument, rng):
    f, xs = at_order(case, 1, rng)
    with pytest.raises(AssertionError, match="<ct, J t>"):
        check_adjoint(case, spoilt(f, case.row.op, argument, "vjps"), xs, rng)


@every_argument
def test_a_jvp_wrong_by_a_thousandth_is_caught(case, argument, rng):
    f, xs = at_order(case, 1, rng)
    with pytest.raises(AssertionError, match="<ct, J t>"):
        check_adjoint(case, spoilt(f, case.row.op, argument, "jvps"), xs, rng)


@every_argument
def test_both_rules_wrong_by_the_same_thousandth_are_caught(case, argument, rng):
    f, xs = at_order(case, 1, rng)
    both = spoilt(f, case.row.op, argument, "vjps", "jvps")
    check_adjoint(case, both, xs, np.random.default_rng(1))
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        check_difference(case, both, xs, rng)


def test_a_law_tried_on_cases_in_turn_tries_each_and_says_which_failed():
    tried = []
    cases = [(case, order) for case in SMOOTH for order in (1, 2)]
    bad, _ = last = cases[-1]

    @each("case, order", cases)
    def law(case, order, rng):
        tried.append((str(case), order))
        assert rng.random() == np.random.default_rng(0).random()
        assert (case, order) != last

    (mark,) = law.pytestmark
    for operation in mark.args[1]:
        if operation != bad.row.op:
            law(operation)
    with pytest.raises(AssertionError) as caught:
        law(bad.row.op)
    assert caught.value.__notes__ == [f"in {bad}, 2"]
    assert sorted(tried) == sorted((str(case), order) for case, order in cases)
