"""Python's protocols: representation, iteration, truth, numbers, identity, copies and pickles."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from tensor_case import matrix
from wording import says

from autograd_core import GraphError, Tensor

W = pytest.fixture(matrix)


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


# Kinds of one's own


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
