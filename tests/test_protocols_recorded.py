"""NumPy's own functions called on tensors: those that record."""

from __future__ import annotations

import numpy as np
import pytest
from in_turn import each
from numpy_case import BINARY_UFUNCS, CALLS, NUMPY, PAIRS, X, assert_alike, assert_values, by_function, rows
from wording import says

import autograd_core as ag
from autograd_core import DtypeError, Tensor
from autograd_core.differentiation.protocols import RECORDED
from autograd_core.ops import aliases

t = pytest.fixture(rows)


@each("case, function", [(case, function) for function, case in PAIRS])
def test_a_function_of_numpy_records_what_the_operation_of_its_name_records(function, case, rng):
    operands = case.draw(rng)
    tensors, twins = case.tensors(operands), case.tensors(operands)
    found = function(*tensors, **case.params)
    gradients = assert_alike((found, tensors), (case.call(*twins), twins))
    assert_values(found, function(*operands, **case.params))
    assert case.row.order == 0 or not any(gradients[i] is None for i in case.wrt)


@pytest.mark.parametrize("function", CALLS, **by_function)
def test_so_does_a_function_that_the_table_calls_in_another_way(function):
    call = CALLS[function]
    x, twin = Tensor(X, requires_grad=True), Tensor(X, requires_grad=True)
    found = call(function, x)
    assert_alike((found, [x]), (call(RECORDED[function], twin), [twin]))
    assert_values(found, call(function, X))


@pytest.mark.parametrize("function", [np.all, np.any, np.argmax, np.argsort, np.count_nonzero], **by_function)
def test_truths_positions_and_counts_are_plain_arrays(function, t):
    assert not isinstance(function(t, axis=0), Tensor)


def test_every_recorded_function_is_tried_above():
    assert {function for function, _ in PAIRS} | set(CALLS) == set(RECORDED)


def test_every_recorded_function_is_one_of_numpys():
    assert set(RECORDED) <= set(NUMPY)


@pytest.mark.parametrize("other", [np.ones((2, 3)), np.float64(2.0), np.ones(3, np.float32), [1.0, 2.0, 3.0]])
@pytest.mark.parametrize("function", BINARY_UFUNCS, **by_function)
def test_a_ufunc_takes_a_tensor_on_either_side(function, other, t):
    for args in ((t, other), (other, t)):
        found = function(*args)
        assert type(found) is Tensor
        plain = [x.data if x is t else x for x in args]
        np.testing.assert_allclose(found.data, function(*plain), rtol=1e-15)


def test_a_call_never_means_something_else_than_to_numpy():
    """Where positions are truths, take reads them as 1 and 0, and the functions along an axis refuse."""
    x = Tensor([1.0, 2.0], requires_grad=True)
    for truths in ([True, False], True, np.array([False, False])):
        np.testing.assert_array_equal(np.take(x, truths).data, np.take(x.data, truths))
    for call in (np.take_along_axis, lambda x, truths: ag.scatter_along_axis(x, truths, (2,))):
        with pytest.raises(IndexError, match="whole numbers"):
            call(x, np.array([True, False]))


def test_options_of_the_standard_are_taken(t):
    np.testing.assert_array_equal(np.sort(t, stable=True).data, np.sort(t.data))
    np.testing.assert_array_equal(np.argsort(t, stable=False), np.argsort(t.data))
    np.testing.assert_array_equal(np.linalg.pinv(t, rtol=0.5).data, np.linalg.pinv(t.data, rtol=0.5))
    np.testing.assert_array_equal(ag.broadcast_to(t[0, 0], 3).data, np.broadcast_to(1.5, 3))
    assert np.copy(t > 2).dtype == bool


def test_zeros_keep_their_sign_beside_a_margin():
    padded = np.pad(Tensor([-0.0]), 1, constant_values=1.0).data
    assert np.signbit(padded).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda t: np.hsplit(t[0, 0], 1), ag.ShapeError, ["hsplit", "at least 1"]),
        (lambda t: np.dsplit(t, 1), ag.ShapeError, ["dsplit", "at least 3"]),
        (lambda t: np.meshgrid(t, t), ag.ShapeError, ["meshgrid", "a row of coordinates"]),
        (lambda t: np.meshgrid(t[0], indexing="yx"), ag.OptionError, ["indexing of meshgrid", "yx"]),
        (lambda t: np.select([t > 2], [t, t]), ag.ShapeError, ["select", "1 conditions for 2 choices"]),
        (lambda t: np.select([t], [t]), DtypeError, ["select", "truths are wanted"]),
        (lambda t: np.matvec(t[0], t[0]), ag.ShapeError, ["matvec", "matrices are wanted"]),
        (lambda t: np.vecmat(t[0, 0], t), ag.ShapeError, ["vecmat", "vectors are wanted"]),
        (lambda t: np.linalg.cond(t[:0]), np.linalg.LinAlgError, ["cond", "has no entry"]),
        (lambda t: ag.pinv(t, 0.1, rtol=0.1), ag.OptionError, ["pinv", "pass one of them"]),
    ],
    ids=lambda x: x[0] if isinstance(x, list) else "",
)
def test_bad_input_of_some_of_them_is_explained(call, error, words, t):
    with pytest.raises(error, match=says(*words)):
        call(t)


def test_numpys_functions_can_be_differentiated_by_the_transforms(rng):
    """So that a function written for NumPy needs no second import."""

    def cost(x, lib):
        rows = lib.exp(x) / lib.sum(lib.exp(x), axis=1, keepdims=True)
        return lib.linalg.norm(lib.concatenate([rows, lib.tanh(x)]), axis=0).sum()

    x = rng.standard_normal((2, 3))
    for transform in (ag.grad, lambda f: lambda x: ag.jvp(ag.grad(f), [x], [x])[1]):
        found, wanted = (transform(lambda x, lib=lib: cost(x, lib))(x) for lib in (np, ag))
        np.testing.assert_array_equal(found, wanted)


def test_what_numpy_says_by_default_may_be_spelt_out(t):
    found = np.sum(t, axis=0, dtype=None, out=None)
    np.testing.assert_array_equal(found.data, t.data.sum(axis=0))
    assert found.requires_grad


def test_the_outer_product_of_linalg_refuses_matrices_as_numpy_does(t):
    with pytest.raises(ValueError, match="two vectors"):
        np.linalg.outer(t, t)


def test_the_bounds_of_clip_go_by_both_their_names(t):
    for found in (np.clip(t, min=0.5, max=1.0), t.clip(min=0.5, max=1.0), t.clip(0.5, 1.0)):
        np.testing.assert_array_equal(found.data, np.clip(t.data, 0.5, 1.0))
    with pytest.raises(ag.OptionError, match="same bound"):
        ag.clip(t, 0.5, min=0.5)


def test_divmod_is_the_operator_too(t):
    for found, wanted in [(divmod(t, 0.7), np.divmod(t.data, 0.7)), (divmod(0.7, t), np.divmod(0.7, t.data))]:
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(a.data, b)


@pytest.mark.parametrize("name", [n for n in dir(ag.linalg) if not n.startswith("_")])
def test_linalg_has_numpys_names_and_the_engines_functions(name):
    assert hasattr(np.linalg, name)
    if name != "outer":  # np.linalg.outer refuses what np.outer makes vectors of
        assert getattr(ag.linalg, name) is getattr(ag, name)


@pytest.mark.parametrize("name", aliases.__all__)
def test_a_second_name_of_numpy_is_the_same_function_here(name):
    first = next(n for n in ag.__all__ if n not in aliases.__all__ and getattr(ag, n) is getattr(ag, name))
    assert getattr(np, name) is getattr(np, first)
