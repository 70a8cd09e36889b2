"""The Tensor as a person meets it: what it accepts, what it refuses, and what it says then."""

from __future__ import annotations

import copy
import itertools
import operator
import pickle
import re

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import DtypeError, GraphError, ShapeError, Tensor
from autograd_core.derive.expression import expression


def says(*words):
    """Match a message that contains these words in this order."""
    return "(?s)" + ".*".join(map(re.escape, words))


@pytest.fixture
def W():
    return Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True, name="W")


# Making one


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1.5, np.float64),
        ([1.0, 2.0], np.float64),
        (np.float32(1.5), np.float32),
        (np.ones(2, np.float32), np.float32),
        (np.ones(2, np.float16), np.float16),
    ],
    ids=repr,
)
def test_python_floats_become_float64_and_arrays_keep_their_dtype(data, dtype):
    t = Tensor(data, requires_grad=True)
    assert (type(t.data), t.dtype, t.shape) == (np.ndarray, dtype, np.shape(data))


def test_an_array_is_shared_and_not_copied():
    data = np.ones(3)
    assert Tensor(data).data is data
    assert Tensor(data).numpy() is data


@pytest.mark.parametrize("data", [1, [1, 2], True, np.arange(3), np.ones(2, bool)], ids=repr)
def test_integers_and_booleans_are_welcome_unless_a_gradient_is_wanted(data):
    assert Tensor(data).dtype.kind in "iub"
    with pytest.raises(
        DtypeError, match=says("n with requires_grad=True", "dtype int64", "float64")
    ) as caught:
        Tensor(np.asarray(data).astype(int), requires_grad=True, name="n")
    assert isinstance(caught.value, TypeError)
    with pytest.raises(DtypeError, match="floating"):
        Tensor(data, requires_grad=True)


@pytest.mark.parametrize(
    "data", [1j, np.ones(2, complex), "one", ["a"], None, [object()], np.array([1, None])], ids=str
)
def test_what_is_no_real_number_is_refused_with_its_dtype(data):
    with pytest.raises(DtypeError, match=says("X has dtype", str(np.asarray(data).dtype))):
        Tensor(data, name="X")


def test_no_integer_tensor_ever_requires_a_gradient(W):
    """Rounding has no derivative worth passing on: it is refused, or nothing flows."""
    try:
        rounded = W.astype(int)
    except DtypeError:
        return
    assert not rounded.requires_grad


# Operators

OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.pow,
    operator.gt,
    operator.ge,
    operator.lt,
    operator.le,
    operator.eq,
    operator.ne,
]
OTHERS = {
    "ndarray": np.array([[0.5, 1.0, 2.0], [4.0, 1.0, 0.5]]),
    "0-d ndarray": np.array(2.0),
    "int": 2,
    "float": 0.5,
    "bool": True,
    "np.float64": np.float64(2.0),
    "np.float32": np.float32(2.0),
    "np.int64": np.int64(2),
    "list": [1.0, 2.0, 3.0],
}
by_name = pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.__name__)


@by_name
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_operators_take_arrays_numbers_and_numpy_scalars_on_either_side(op, other, W):
    for args in ((W, other), (other, W)):
        out = op(*args)
        wanted = op(*(W.data if x is W else np.asarray(x)[()] for x in args))
        assert type(out) is Tensor, f"{op.__name__}{tuple(map(type, args))} gave {type(out)}"
        np.testing.assert_array_equal(out.data, wanted, strict=True)
        if out.requires_grad:
            out.backward(np.ones(out.shape))
            assert W.grad.shape == W.shape
    assert (W.grad is None) == (out.dtype == bool)


@pytest.mark.parametrize("other", [np.ones((3, 2)), np.ones(3), [[1.0], [1.0], [1.0]]], ids=str)
def test_the_matrix_product_takes_arrays_on_either_side(other, W):
    other_side = np.asarray(other).T
    for out, wanted in (
        (W @ other, W.data @ np.asarray(other)),
        (other_side @ W.T, other_side @ W.data.T),
        (np.asarray(other).T.tolist() @ W.T, other_side @ W.data.T),
    ):
        assert type(out) is Tensor
        np.testing.assert_array_equal(out.data, wanted, strict=True)
        out.sum().backward()
        assert W.grad.shape == W.shape


def test_signs_and_absolute_value_are_operators(W):
    for op in (operator.neg, operator.pos, abs):
        assert type(op(W)) is Tensor
        np.testing.assert_array_equal(op(-W).data, op(-W.data))


def test_methods_do_what_the_arrays_methods_do(W):
    for method, args in [
        ("sum", ()),
        ("sum", (0,)),
        ("mean", (1,)),
        ("max", (0,)),
        ("min", ()),
        ("reshape", (3, 2)),
        ("reshape", ((3, 2),)),
        ("reshape", (-1,)),
        ("transpose", ()),
        ("transpose", (1, 0)),
        ("transpose", ((1, 0),)),
        ("transpose", (None,)),
        ("astype", (np.float32,)),
    ]:
        found, wanted = getattr(W, method)(*args), getattr(W.data, method)(*args)
        np.testing.assert_array_equal(found.data, wanted, strict=True, err_msg=f"{method}{args}")
    np.testing.assert_array_equal(W.T.data, W.data.T)


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("op", [operator.mod, operator.floordiv], ids=lambda op: op.__name__)
def test_what_is_left_of_a_division_and_its_whole_part_are_operators_on_either_side(op, other, W):
    for args in ((W, other), (other, W)):
        out = op(*args)
        wanted = op(*(W.data if x is W else np.asarray(x)[()] for x in args))
        assert type(out) is Tensor
        np.testing.assert_array_equal(out.data, wanted, strict=True)
        assert out.requires_grad == (op is operator.mod)


def test_round_is_pythons_and_numpys():
    t = Tensor([0.5, 1.5, 2.25], requires_grad=True)
    for found, wanted in (
        (round(t), [0.0, 2.0, 2.0]),
        (round(t, 1), [0.5, 1.5, 2.2]),
        (t.round(1), [0.5, 1.5, 2.2]),
        (t.round(decimals=-1), [0.0, 0.0, 0.0]),
    ):
        assert type(found) is Tensor
        assert not found.requires_grad
        np.testing.assert_array_equal(found.data, wanted)


def test_mT_turns_each_matrix_of_a_stack_and_needs_a_matrix(W):
    t = Tensor(np.arange(12.0).reshape(2, 2, 3), requires_grad=True)
    np.testing.assert_array_equal(t.mT.data, t.data.mT, strict=True)
    (t.mT * np.arange(12.0).reshape(2, 3, 2)).sum().backward()
    np.testing.assert_array_equal(t.grad, np.arange(12.0).reshape(2, 3, 2).mT)
    with pytest.raises(ShapeError, match=says("matrix_transpose", "(3,)")):
        W[0].mT  # noqa: B018


@pytest.mark.parametrize(
    ("method", "args", "options"),
    [
        ("clip", (2.0, 4.0), {}),
        ("clip", (), {"a_min": 2.0}),
        ("cumprod", (1,), {}),
        ("cumsum", (), {}),
        ("cumsum", (), {"axis": -1}),
        ("diagonal", (1,), {}),
        ("dot", (np.array([1.0, 2.0, 4.0]),), {}),
        ("dot", (2.0,), {}),
        ("flatten", (), {}),
        ("prod", (), {"axis": 0, "keepdims": True}),
        ("ravel", ("F",), {}),
        ("repeat", (2, 1), {}),
        ("reshape", (3, 2), {"order": "F"}),
        ("squeeze", (), {}),
        ("std", (), {"axis": 1, "ddof": 1}),
        ("swapaxes", (0, 1), {}),
        ("take", ([2, 0],), {}),
        ("take", (np.array([[2, 0], [1, 1]]), 1), {}),
        ("trace", (), {}),
        ("var", (0,), {}),
    ],
    ids=lambda x: x if isinstance(x, str) else None,
)
def test_more_methods_do_what_the_arrays_methods_do_and_record(method, args, options, W):
    numpys = {"min": options["a_min"]} if "a_min" in options else options
    found, wanted = getattr(W, method)(*args, **options), getattr(W.data, method)(*args, **numpys)
    np.testing.assert_allclose(found.data, wanted, rtol=1e-15, strict=isinstance(wanted, np.ndarray))
    found.sum().backward()
    np.testing.assert_array_equal(
        W.grad, ag.grad(lambda x: getattr(x, method)(*args, **options).sum())(W.data)
    )


@pytest.mark.parametrize(
    ("method", "options"),
    [("all", {}), ("any", {"axis": 0}), ("argmax", {"axis": 1}), ("argmin", {}), ("argsort", {"axis": 0})],
)
def test_methods_that_tell_positions_and_truths_give_plain_answers(method, options, W):
    found, wanted = getattr(W, method)(**options), getattr(W.data, method)(**options)
    assert not isinstance(found, Tensor)
    np.testing.assert_array_equal(found, wanted)


def test_tolist_is_plain_python(W):
    assert W.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    assert type(Tensor(2).tolist()) is int


def test_a_copy_by_the_method_is_recorded_and_has_its_own_memory(W):
    twin = W.copy()
    assert not np.shares_memory(twin.data, W.data)
    (twin * 3.0).sum().backward()
    np.testing.assert_array_equal(W.grad, np.full(W.shape, 3.0))


@pytest.mark.parametrize(
    "index",
    [Tensor([1, 0, 1]), (Tensor([1, 0, 1]), Tensor([0, 0, 2])), Tensor([True, False])],
    ids=["integers", "pairs", "mask"],
)
def test_a_tensor_of_integers_or_booleans_is_an_index(index, W):
    plain = tuple(i.data for i in index) if isinstance(index, tuple) else index.data
    np.testing.assert_array_equal(W[index].data, W.data[plain])


# Shape errors


def test_a_product_that_needs_a_transpose_names_both_tensors_their_shapes_and_the_remedy(W):
    X = Tensor(np.ones((5, 3)), name="X")
    with pytest.raises(
        ShapeError, match=says("matmul", "W of shape (2, 3)", "X of shape (5, 3)", "X.T", "(3, 5)")
    ):
        W @ X


def test_a_sum_that_needs_a_transpose_says_so(W):
    Y = Tensor(np.ones((3, 2)), name="Y")
    with pytest.raises(ShapeError, match=says("add", "W", "(2, 3)", "Y", "(3, 2)", "did you mean")):
        W + Y


def test_shapes_that_no_transpose_would_mend_are_both_named_without_a_guess(W):
    b = Tensor(np.ones((4, 1)), name="b")
    with pytest.raises(ShapeError, match=says("add", "W of shape (2, 3)", "b of shape (4, 1)")) as e:
        W + b
    assert "did you mean" not in str(e.value)
    assert isinstance(e.value, ValueError)


def test_a_matrix_product_with_a_scalar_is_refused_with_the_right_operator(W):
    for product in (lambda: W @ 2.0, lambda: 2.0 @ W, lambda: W @ Tensor(2.0)):
        with pytest.raises(ShapeError, match=says("matmul", "scalar", "*")):
            product()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda t: t.reshape(4), ("reshape", "W of shape (2, 3)", "4")),
        (lambda t: t.sum(axis=2), ("axis 2", "W of shape (2, 3)")),
        (lambda t: t.mean(axis=(0, 0)), ("axis (0, 0)", "W of shape (2, 3)", "twice")),
        (lambda t: ag.broadcast_to(t, (2, 4)), ("broadcast_to", "W of shape (2, 3)", "(2,4)")),
        (lambda t: ag.sum_to(t, (4,)), ("sum_to", "(4,)", "(2, 3)")),
        (lambda t: ag.concatenate([t, t.T]), ("concatenate", "W of shape (2, 3)")),
        (lambda t: ag.concatenate([]), ("concatenate", "no array")),
        (lambda t: ag.max(t[:0]), ("max", "(0, 3)")),
        (lambda t: ag.mean(t[:0]), ("mean", "(0, 3)", "no entry")),
    ],
    ids=lambda x: x[0] if isinstance(x, tuple) else "",
)
def test_a_shape_that_does_not_fit_is_named_with_the_operation(wrong, words, W):
    with pytest.raises(ShapeError, match=says(*words)):
        wrong(W)


@pytest.mark.parametrize(
    ("op", "args"),
    [
        (ag.transpose, ((2, 3),)),
        (ag.transpose, ((0, 0),)),
        (ag.transpose, ((0,),)),
        (lambda t, axis: ag.concatenate([t, t], axis), (2,)),
        (lambda t, axis: ag.concatenate([t, t], axis), (-3,)),
        (ag.expand_dims, (3,)),
        (ag.expand_dims, (-4,)),
        (ag.expand_dims, ((0, 0),)),
        (ag.sum, (2,)),
        (ag.softmax, (-3,)),
    ],
    ids=[*["transpose"] * 3, *["concatenate"] * 2, *["expand_dims"] * 3, "sum", "softmax"],
)
def test_an_axis_that_does_not_exist_is_refused_and_never_wrapped_around(op, args, W):
    with pytest.raises(ShapeError):
        op(W, *args)


def test_an_index_outside_is_an_index_error(W):
    with pytest.raises(IndexError, match="out of bounds"):
        W[5]


# backward()


def test_gradients_of_leaves_have_their_shape_and_intermediates_keep_none(W):
    b = Tensor(np.ones((2, 1)), requires_grad=True)
    Z = W + b
    (Z * Z).sum().backward()
    np.testing.assert_array_equal(W.grad, 2 * (W.data + 1))
    np.testing.assert_array_equal(b.grad, (2 * (W.data + 1)).sum(1, keepdims=True))
    assert Z.grad is None


def test_a_repeated_operand_receives_both_parts():
    x = Tensor(3.0, requires_grad=True)
    (x * x).backward()
    assert x.grad == 6.0
    assert type(x.grad) is np.ndarray


def test_backward_of_a_leaf_is_one():
    x = Tensor(3.0, requires_grad=True)
    x.backward()
    assert x.grad == 1.0


@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_backward_starts_from_any_single_entry(shape):
    x = Tensor(np.full(shape, 3.0), requires_grad=True)
    (x * x).backward()
    np.testing.assert_array_equal(x.grad, np.full(shape, 6.0), strict=True)


def test_backward_of_many_entries_names_the_shape_and_two_remedies(W):
    A = W * W
    A.name = "A"
    with pytest.raises(ShapeError, match=says("A of shape (2, 3)", "scalar", ".sum()", "gradient")):
        A.backward()


@pytest.mark.parametrize("shape", [(), (3,), (2, 1), (3, 2)])
def test_a_gradient_of_another_shape_is_refused_even_if_it_would_broadcast(shape, W):
    with pytest.raises(ShapeError, match=says("gradient of shape", str(shape), "(2, 3)")):
        (W * W).backward(np.ones(shape))


def test_a_gradient_given_is_the_cotangent_to_start_from(W):
    ct = np.arange(6.0).reshape(2, 3)
    for gradient in (ct, ct.tolist(), Tensor(ct), ct.astype(np.float32)):
        W.zero_grad()
        (W * W).backward(gradient)
        np.testing.assert_array_equal(W.grad, 2 * W.data * ct)
        assert W.grad.dtype == np.float64


def test_backward_where_nothing_requires_a_gradient_is_an_error():
    c = Tensor(2.0, name="c")
    with pytest.raises(GraphError, match=says("c of shape ()", "requires_grad=True")):
        c.backward()
    with pytest.raises(GraphError, match="requires_grad"):
        (c * 2).backward()


def test_a_second_backward_adds_exactly_as_much_again(W):
    J = (ag.tanh(W) * W).sum()
    J.backward()
    first = W.grad.copy()
    J.backward()
    np.testing.assert_array_equal(W.grad, 2 * first)


def test_two_costs_of_one_parameter_add_up(W):
    W.sum().backward()
    (W * 2).sum().backward()
    np.testing.assert_array_equal(W.grad, np.full(W.shape, 3.0))


def test_zero_grad_forgets(W):
    W.sum().backward()
    W.zero_grad()
    assert W.grad is None
    W.sum().backward()
    np.testing.assert_array_equal(W.grad, np.ones(W.shape))


def test_retain_grads_keeps_every_gradient_on_the_way_and_does_not_add_them_up(W):
    Z = W * 2
    A = Z * Z
    J = A.sum()
    for _ in range(2):
        J.backward(retain_grads=True)
        assert J.grad == 1.0
        np.testing.assert_array_equal(A.grad, np.ones(W.shape))
        np.testing.assert_array_equal(Z.grad, 2 * Z.data)
    np.testing.assert_array_equal(W.grad, 2 * 4 * Z.data)


def test_create_graph_gives_gradients_that_can_be_differentiated(W):
    (W**3).sum().backward(create_graph=True)
    assert type(W.grad) is Tensor
    np.testing.assert_allclose(W.grad.data, 3 * W.data**2, rtol=1e-15)
    slope, W.grad = W.grad, None
    slope.sum().backward()
    np.testing.assert_allclose(W.grad, 6 * W.data, rtol=1e-15)


def shared(arrays):
    return [
        (i, j) for (i, a), (j, b) in itertools.combinations(enumerate(arrays), 2) if np.shares_memory(a, b)
    ]


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: ag.positive(a) + ag.positive(b),
        lambda a, b: ag.concatenate([a, b])[:2] + b,
        lambda a, b: ag.where(np.array([True, False, True]), a, b),
        lambda a, b: a.T.T + b.reshape(6).reshape(2, 3),
        lambda a, b: (a + b).T,
    ],
    ids=["add", "subtract", "copies", "concatenate", "where", "views", "transpose"],
)
@pytest.mark.parametrize("retain", [False, True], ids=["leaves", "retain_grads"])
def test_no_gradient_shares_memory_with_another_or_with_the_seed(f, retain, W):
    """So that a step such as g *= rate changes one gradient only."""
    other = Tensor(np.ones((2, 3)), requires_grad=True)
    out = f(W, other)
    seed = np.ones(out.shape)
    out.backward(seed, retain_grads=retain)
    kept = [out] if retain else []
    arrays = [seed, W.data, other.data, out.data, *(t.grad for t in (W, other, *kept))]
    grads = range(4, len(arrays))
    assert [pair for pair in shared(arrays) if set(pair) & set(grads)] == []
    assert all(arrays[i].flags.writeable for i in grads)


def test_a_sums_gradient_may_be_written_to(W):
    W.sum().backward()
    W.grad *= 2
    np.testing.assert_array_equal(W.grad, np.full(W.shape, 2.0))


def test_an_accumulated_gradient_is_not_the_users_seed(W):
    seed = np.ones(W.shape)
    for _ in range(2):
        ag.positive(W).backward(seed)
    W.grad += 1
    np.testing.assert_array_equal(seed, np.ones(W.shape))


# Not recording


def test_detach_shares_values_and_stops_derivatives(W):
    constant = W.detach()
    assert constant.data is W.data
    assert (constant.requires_grad, constant.name, constant.is_leaf) == (False, "W", True)
    (W * constant).sum().backward()
    np.testing.assert_array_equal(W.grad, W.data)


def test_no_grad_records_nothing_inside_and_everything_after(W):
    with ag.no_grad():
        quiet = W * W
    assert (quiet.requires_grad, quiet.primitive, quiet.inputs) == (False, None, ())
    assert (W * W).requires_grad


def test_no_grad_is_a_decorator_too(W):
    @ag.no_grad()
    def square(x):
        return x * x

    for _ in range(2):
        assert not square(W).requires_grad
    assert (W * W).requires_grad


def test_no_grad_ends_with_an_error_and_may_be_nested(W):
    @ag.no_grad()
    def fails_outside_an_inner_one():
        with ag.no_grad():
            pass
        assert not (W * W).requires_grad
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails_outside_an_inner_one()
    assert (W * W).requires_grad


# Changing values


def test_item_assignment_is_refused_with_what_to_do_instead(W):
    with pytest.raises(GraphError, match=says("W of shape (2, 3)", "ag.where", "ag.concatenate")):
        W[0] = 1.0


def test_augmented_assignment_rebinds_and_leaves_the_old_tensor_alone(W):
    old, values = W, W.data.copy()
    for op in (operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ipow):
        t = op(W, 2.0)
        assert t is not W
        assert t.primitive is not None
    t = W
    t += np.ones(W.shape)
    assert t is not old
    assert old is W
    np.testing.assert_array_equal(W.data, values)
    t.sum().backward()
    np.testing.assert_array_equal(W.grad, np.ones(W.shape))


def test_an_array_cannot_swallow_a_tensor_by_augmented_assignment(W):
    total = np.zeros(W.shape)
    with pytest.raises(TypeError):
        total += W
    np.testing.assert_array_equal(total, np.zeros(W.shape))


@pytest.mark.parametrize("change", ["in place", "anew"])
def test_changing_a_parameter_between_the_passes_is_an_error_that_names_it(change, W):
    J = (W * W).sum()
    if change == "in place":
        W.data -= 0.1
    else:
        W.data = W.data - 0.1
    with pytest.raises(GraphError, match=says("W of shape (2, 3)", "changed", "multiply")):
        J.backward()
    assert W.grad is None


def test_changing_a_parameter_after_the_backward_pass_is_how_one_trains(W):
    for _ in range(3):
        W.zero_grad()
        J = (W * W).sum()
        J.backward()
        W.data -= 0.25 * W.grad
    np.testing.assert_allclose(W.data, np.arange(1.0, 7.0).reshape(2, 3) / 8)


def test_changing_one_parameter_does_not_spoil_a_graph_without_it(W):
    other = Tensor(np.ones(2), requires_grad=True)
    J = (W * W).sum()
    other.data -= 1
    J.backward()
    np.testing.assert_array_equal(W.grad, 2 * W.data)


@pytest.mark.parametrize(
    "view",
    [lambda W: W[::-1], lambda W: W.detach(), lambda W: W.detach().reshape(3, 2).reshape(2, 3)],
    ids=["part", "detached", "reshaped constant"],
)
def test_changing_a_parameter_is_noticed_where_a_view_of_it_was_recorded(view, W):
    """A view has changed too, so the derivative by x would silently be that of the new values."""
    x = Tensor(np.ones(W.shape), requires_grad=True)
    J = (x * view(W)).sum()
    W.data -= 1
    with pytest.raises(GraphError, match="changed"):
        J.backward()


def test_a_second_backward_after_a_change_is_refused_too(W):
    J = (W * W).sum()
    J.backward()
    W.data -= W.grad
    with pytest.raises(GraphError, match="W of shape"):
        J.backward()


def test_data_must_keep_its_shape_and_dtype(W):
    with pytest.raises(ShapeError, match=says("(3, 2)", "W of shape (2, 3)")):
        W.data = np.ones((3, 2))
    with pytest.raises(ShapeError, match=says("()", "W of shape (2, 3)")):
        W.data = 0.0
    with pytest.raises(DtypeError, match=says("float32", "W", "float64")):
        W.data = np.ones((2, 3), np.float32)


# NumPy's functions


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (lambda t: np.exp(t, out=np.ones((2, 3))), "autograd_core.exp"),
        (lambda t: np.add(np.ones(3), t, dtype=float), "autograd_core.add"),
        (lambda t: np.asarray(t), ".detach()"),
        (lambda t: np.array([t, t]), ".detach()"),
        (lambda t: np.array(t, dtype=object), ".detach()"),
        (lambda t: np.zeros((2, 3)).__setitem__(slice(None), t), ".detach()"),
    ],
    ids=["exp", "add", "asarray", "array", "object array", "assignment"],
)
def test_numpy_never_loses_a_derivative_but_says_what_to_do(call, hint, W):
    with pytest.raises(TypeError, match=re.escape(hint)):
        call(W)


def test_numpy_ufuncs_that_the_engine_has_are_recorded(W):
    for found, wanted in [(np.exp(W), ag.exp(W)), (np.add(np.ones(3), W), np.ones(3) + W)]:
        assert found.primitive is wanted.primitive
        np.testing.assert_array_equal(found.data, wanted.data)


def test_a_tensor_without_a_derivative_is_an_array_to_numpy():
    t = Tensor([1.0, 2.0])
    np.testing.assert_array_equal(np.asarray(t), [1.0, 2.0])
    assert np.asarray(t, np.float32).dtype == np.float32


# Python's protocols


def test_repr_shows_values_name_dtype_and_whether_it_records():
    assert repr(Tensor([1.0, 2.0])) == "Tensor([1., 2.])"
    assert repr(Tensor(1.0, True, "x")) == "Tensor(1., name='x', requires_grad=True)"
    assert repr(Tensor(np.ones(1, np.float32))) == "Tensor([1.], dtype=float32)"
    assert len(repr(Tensor(np.zeros((1000, 1000))))) < 1000


def test_iterating_gives_recorded_rows(W):
    rows = list(W)
    assert [row.shape for row in rows] == [(3,), (3,)]
    (rows[0] * rows[1]).sum().backward()
    np.testing.assert_array_equal(W.grad, W.data[::-1])


def test_len_is_the_first_axis_and_a_scalar_has_none(W):
    assert len(W) == 2
    with pytest.raises(TypeError, match="unsized"):
        len(Tensor(1.0))
    with pytest.raises(TypeError):
        iter(Tensor(1.0))


def test_one_entry_is_a_truth_value_and_many_are_not(W):
    assert Tensor(1.0)
    assert not Tensor([0.0])
    assert not Tensor(2.0) > 3.0
    with pytest.raises(ValueError, match="ambiguous"):
        bool(W > 0)


def test_a_scalar_is_a_python_number():
    t = Tensor(2.5, requires_grad=True)
    assert (float(t), int(t), t.item()) == (2.5, 2, 2.5)
    assert type(t.item()) is float
    assert f"{float(t * 2):.1f}" == "5.0"


def test_many_entries_are_no_python_number(W):
    with pytest.raises(TypeError, match="scalar"):
        float(W)


def test_tensors_are_told_apart_by_identity_in_dicts_and_sets():
    a, b = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    assert len({a, b, a}) == 2
    assert {a: "a", b: "b"}[b] == "b"


# Copies and files


def pickled(t):
    return pickle.loads(pickle.dumps(t))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_copy_of_a_leaf_is_a_leaf_with_name_dtype_and_gradient(again, dtype):
    t = Tensor(np.arange(3, dtype=dtype), requires_grad=True, name="t")
    (t * t).sum().backward()
    twin = again(t)
    assert twin is not t
    assert (type(twin), twin.name, twin.requires_grad, twin.is_leaf) == (Tensor, "t", True, True)
    np.testing.assert_array_equal(twin.data, t.data, strict=True)
    np.testing.assert_array_equal(twin.grad, t.grad, strict=True)
    (twin * 3.0).sum().backward()
    np.testing.assert_array_equal(t.grad, 2 * t.data)


def test_a_copy_shares_the_array_and_a_deep_copy_or_a_pickle_has_its_own(W):
    assert copy.copy(W).data is W.data
    for again in (copy.deepcopy, pickled):
        assert not np.shares_memory(again(W).data, W.data)


@pytest.mark.parametrize(
    "again",
    [copy.deepcopy, pickled],
    ids=["deepcopy", "pickled"],
)
def test_the_gradient_of_a_deep_copy_or_a_pickle_is_its_own(again, W):
    W.sum().backward()
    again(W).grad *= 2.0
    np.testing.assert_array_equal(W.grad, np.ones(W.shape))


def test_a_tensor_copied_twice_at_once_is_still_one(W):
    a, b = copy.deepcopy([W, W])
    assert a is b
    assert a is not W


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_of_a_computed_tensor_is_refused_with_what_to_do(again, W):
    Z = W * 2.0
    Z.name = "Z"
    with pytest.raises(GraphError, match=says("Z of shape (2, 3) was computed", ".detach()", "+t")):
        again(Z)
    np.testing.assert_array_equal(again(Z.detach()).data, Z.data)


def test_plus_t_goes_on_with_the_graph(W):
    twin = +(W * 2.0)
    twin.sum().backward()
    np.testing.assert_array_equal(W.grad, np.full(W.shape, 2.0))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
def test_a_computed_constant_may_be_copied(again):
    np.testing.assert_array_equal(again(Tensor([1.0, 2.0], name="c") * 2.0).data, [2.0, 4.0])


def test_a_number_is_formatted_as_a_number_and_an_array_is_shown(W):
    J = Tensor(2.0 / 3.0, requires_grad=True) * 1.0
    assert f"{J:.3f} {J:8.2e}|{J:>6.1f}" == "0.667 6.67e-01|   0.7"
    assert f"{Tensor([[0.25]]):.0%}" == "25%"
    assert f"{W}" == repr(W)
    with pytest.raises(ValueError, match="size 1"):
        f"{W:.3f}"


# Kinds of one's own, and where backward starts


class Parameter(Tensor):
    """A subclass with other arguments, as one writes it."""

    def __init__(self, data, name=None):
        super().__init__(data, requires_grad=True, name=name)


def test_a_subclass_may_take_other_arguments():
    W = Parameter([1.0, 2.0], name="W")
    assert not W.detach().requires_grad
    for again in (copy.copy(W), copy.deepcopy(W), pickle.loads(pickle.dumps(W))):
        assert (type(again), again.name, again.requires_grad) == (Parameter, "W", True)
        np.testing.assert_array_equal(again.data, W.data)
    (W * W * W).sum().backward(create_graph=True)
    gradient, W.grad = W.grad, None
    gradient.sum().backward()
    np.testing.assert_array_equal(W.grad, [6.0, 12.0])


def test_the_gradient_of_a_scalar_stays_an_array_when_it_is_added_to():
    x = Tensor(3.0, requires_grad=True)
    for times in (1, 2, 3):
        (x * x).backward()
        assert type(x.grad) is np.ndarray
        assert x.grad == 6.0 * times


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_recorded_backward_pass_can_be_differentiated_by_where_it_starts(dtype):
    x, v = Tensor(np.array([3.0, 4.0], dtype), requires_grad=True), Tensor([1.0, 10.0], requires_grad=True)
    (x * x).backward(v, create_graph=True)
    gradient, x.grad = x.grad, None
    assert gradient.dtype == dtype
    gradient.sum().backward()
    np.testing.assert_array_equal(v.grad, [6.0, 8.0])
    np.testing.assert_array_equal(x.grad, [2.0, 20.0])


def test_only_a_start_at_one_is_written_as_1():
    x = Tensor(3.0, requires_grad=True, name="x")
    (5.0 * x * x).backward(np.array(7.0), create_graph=True)
    assert "7" in expression(x.grad).text


@pytest.mark.parametrize("gradient", [np.array([1j]), "a", [None]], ids=repr)
def test_backward_starts_at_real_numbers(gradient):
    x = Tensor([1.0], requires_grad=True)
    with pytest.raises(DtypeError):
        (x * x).backward(gradient)


@pytest.mark.parametrize(
    "special",
    [lambda M: M.view(np.matrix), lambda M: np.ma.array(M, mask=M > 6)],
    ids=["matrix", "masked"],
)
def test_arrays_with_operators_of_their_own_are_taken_as_plain_ones(special):
    """The * of a matrix is a matrix product, so a rule must not meet it."""
    W, M = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), np.array([[5.0, 6.0], [7.0, 8.0]])
    (W * special(M)).sum().backward()
    np.testing.assert_array_equal(W.grad, M)


def test_a_misfit_says_which_operand_to_transpose(W):
    with pytest.raises(ShapeError, match=r"did you mean W\.T, of shape \(3, 2\)\?"):
        W @ np.ones((2, 3))
    with pytest.raises(ShapeError, match=r"did you mean the transpose of operand 1, of shape \(3, 2\)\?"):
        +W + np.ones((3, 2))
