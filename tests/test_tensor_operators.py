"""Operators, methods and NumPy's functions on tensors: what arrays give, recorded."""

from __future__ import annotations

import operator
import re

import numpy as np
import pytest
from tensor_case import matrix
from wording import says

import autograd_core as ag
from autograd_core import ShapeError, Tensor

W = pytest.fixture(matrix)


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


def test_an_array_of_another_class_is_taken_as_a_plain_one():
    """So a rule meets no operator of its own."""
    W, M = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), np.array([[5.0, 6.0], [7.0, 8.0]])
    (W * M.view(np.recarray)).sum().backward()
    np.testing.assert_array_equal(W.grad, M)
