"""What is not recorded, and values that change behind what is."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from tensor_case import matrix
from wording import says

import autograd_core as ag
from autograd_core import DtypeError, GraphError, ShapeError, Tensor

W = pytest.fixture(matrix)


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
