"""The backward pass: where it starts, which gradients it leaves, and whose memory they are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tensor_case import matrix
from wording import says

import autograd_core as ag
from autograd_core import DtypeError, GraphError, ShapeError, Tensor
from autograd_core.derivations.deriving.expression import expression

W = pytest.fixture(matrix)


# Gradients and their memory


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


# Where it starts


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
