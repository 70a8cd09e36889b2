"""Shapes that do not fit: the message names the tensors, their shapes and the remedy."""

from __future__ import annotations

import numpy as np
import pytest
from tensor_case import matrix
from wording import says

import autograd_core as ag
from autograd_core import ShapeError, Tensor

W = pytest.fixture(matrix)


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


def test_a_misfit_says_which_operand_to_transpose(W):
    with pytest.raises(ShapeError, match=r"did you mean W\.T, of shape \(3, 2\)\?"):
        W @ np.ones((2, 3))
    with pytest.raises(ShapeError, match=r"did you mean the transpose of operand 1, of shape \(3, 2\)\?"):
        +W + np.ones((3, 2))
