"""What a checkpointed function may not do: nothing is lost in silence."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import DtypeError, GraphError
from autograd_core.differentiation.checkpoint import checkpoint


@pytest.mark.parametrize("out", [lambda x: (x, x), lambda x: {"x": x}, lambda x: None])
def test_a_result_that_is_not_one_tensor_is_refused(out):
    with pytest.raises(DtypeError, match=r"returned a \w+; one tensor is wanted"):
        checkpoint(out)(ag.tensor(1.0, requires_grad=True))


@pytest.mark.parametrize("given", [False, True], ids=["captured", "given"])
@pytest.mark.parametrize("sweep", ["backward", "jvp"])
def test_a_value_changed_after_the_call_is_refused(given, sweep):
    W = ag.tensor(np.array([2.0]), requires_grad=True, name="W")

    def f(x):
        y = checkpoint(lambda x, w: x * w)(x, W) if given else checkpoint(lambda x: x * W)(x)
        W.data -= 1.0
        return y.sum()

    with pytest.raises(GraphError, match=r"W of shape \(1,\) was changed"):
        f(ag.tensor(3.0)).backward() if sweep == "backward" else ag.jvp(f, [3.0], [1.0])


def test_an_array_captured_and_changed_is_noticed_by_the_value():
    array, x = np.ones(3), ag.tensor(np.ones(3), requires_grad=True)
    y = checkpoint(lambda x: x * array)(x)
    array += 1.0
    with pytest.raises(GraphError, match=r"checkpoint gave another value .*seed"):
        y.sum().backward()


def test_random_numbers_need_a_seed(rng):
    x = ag.tensor(np.ones(5), requires_grad=True)
    y = checkpoint(lambda x: x * rng.normal(size=5))(x)
    with pytest.raises(GraphError, match=r"gave another value.*seed"):
        y.sum().backward()

    def seeded(x):
        return x * np.random.default_rng(3).normal(size=5)

    checkpoint(seeded)(x).sum().backward()
    np.testing.assert_array_equal(x.grad, np.random.default_rng(3).normal(size=5))


def test_values_that_are_not_finite_are_the_same_again():
    x = ag.tensor([0.0, 1.0, 2.0], requires_grad=True)
    y = checkpoint(lambda x: x * np.array([np.nan, np.inf, 1.0]))(x)
    y.backward(np.ones(3))
    np.testing.assert_array_equal(x.grad, [np.nan, np.inf, 1.0])


def test_a_tensor_kept_from_one_call_to_the_next_is_refused():
    kept = []
    w = ag.tensor(2.0, requires_grad=True, name="w")

    def f(x):
        if not kept:
            kept.append(w * w)
        return x * kept[0]

    with pytest.raises(GraphError, match=r"not use the same tensors .*w of shape \(\).*keep none"):
        checkpoint(f)(ag.tensor(3.0, requires_grad=True)).backward()


@pytest.mark.parametrize("when", [1, 2])
def test_a_tensor_used_in_one_of_two_calls_is_refused_even_if_the_value_is_the_same(when):
    w, calls = ag.tensor(1.0, requires_grad=True, name="w"), []

    def f(x):
        calls.append(x)
        return x * (w if len(calls) == when else 1.0)

    with pytest.raises(GraphError, match=r"not use the same tensors .*: w of shape \(\) only once"):
        checkpoint(f)(ag.tensor(3.0, requires_grad=True)).backward()


def test_a_parameter_made_anew_at_each_call_is_refused_if_somebody_waits_for_its_gradient():
    made = []

    def f(x):
        made.append(ag.tensor(2.0, requires_grad=True, name="made"))
        return x * made[-1]

    with pytest.raises(GraphError, match=r"made of shape \(\) only once.*make none with requires_grad"):
        checkpoint(f)(3.0).backward()


def test_a_leaf_made_inside_that_nobody_keeps_is_a_constant():
    x = ag.tensor(3.0, requires_grad=True)
    checkpoint(lambda x: x * ag.tensor(2.0, requires_grad=True))(x).backward()
    assert x.grad == 2.0
    assert not checkpoint(lambda: ag.tensor(2.0, requires_grad=True) * 3.0)().requires_grad


def test_a_derivative_taken_inside_is_taken_again_as_deep(rng):
    """Inside a transform the inner gradient records its dependence on w; so must its repetition."""
    w = 1.5

    def f(w):
        return checkpoint(lambda x: x * ag.grad(lambda y: w * y * y)(2.0))(ag.tensor(3.0))

    assert ag.grad(f)(w) == 12.0


def test_an_error_inside_leaves_everything_usable():
    with pytest.raises(ZeroDivisionError):
        checkpoint(lambda x: x * (1 // 0))(ag.tensor(1.0, requires_grad=True))
    assert ag.grad(checkpoint(lambda x: x * x))(2.0) == 4.0
