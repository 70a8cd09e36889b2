"""A checkpointed function: the same values and derivatives, whatever comes in."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.differentiation.checkpoint import checkpoint
from autograd_core.differentiation.derivatives import hessian, hvp, jacobian
from autograd_core.graph.node import ancestors


class Affine:
    """A function with parameters of its own."""

    def __init__(self, rng, n=3):
        self.W = ag.tensor(rng.normal(size=(n, n)), requires_grad=True, name="W")
        self.b = ag.tensor(rng.normal(size=(n, 1)), requires_grad=True, name="b")

    def __call__(self, x, *, scale=1.0):
        return ag.tanh(self.W @ x + self.b) * scale + x

    @property
    def params(self):
        return self.W, self.b


@pytest.fixture
def parts(rng):
    return [Affine(rng) for _ in range(4)]


def bits(arrays):
    return [a.tobytes() for a in arrays]


def cost_and_gradients(parts, x, wrap):
    """The cost of a chain, with the gradients of everything, by a step-by-step backward pass."""
    leaves = [x, *itertools.chain.from_iterable(part.params for part in parts)]
    for leaf in leaves:
        leaf.zero_grad()
    y = x
    for part in parts:
        y = wrap(part)(y)
    J = (y * y).sum()
    J.backward()
    return J, [leaf.grad for leaf in leaves]


# The same values and derivatives


def test_values_and_gradients_of_a_chain_are_the_same_bits(parts, rng):
    x = ag.tensor(rng.normal(size=(3, 5)), requires_grad=True, name="x")
    J, wanted = cost_and_gradients(parts, x, lambda f: f)
    J_lean, found = cost_and_gradients(parts, x, checkpoint)
    assert J_lean.item() == J.item()
    assert all(g is not None and g.any() for g in found)
    assert bits(found) == bits(wanted)


def test_only_the_results_of_the_parts_are_kept(parts, rng):
    x = ag.tensor(rng.normal(size=(3, 5)), requires_grad=True)
    J, _ = cost_and_gradients(parts, x, checkpoint)
    operations = [node.primitive.name for node in ancestors([J]).values() if node.primitive]
    assert sorted(operations) == ["Affine"] * 4 + ["multiply", "sum"]


def test_every_transform_gives_the_same(parts, rng):
    W = ag.tensor(rng.normal(size=3), requires_grad=True)

    def f(x, wrap=lambda f: f):
        part = wrap(lambda x: ag.tanh(x * W) * x.sum())
        return (part(part(x)) * x).sum()

    def lean(x):
        return f(x, checkpoint)

    x, v = rng.normal(size=3), rng.normal(size=3)
    for derivative in (
        lambda f: ag.grad(f)(x),
        lambda f: ag.vjp(f, x)[1](2.0)[0],
        lambda f: ag.jvp(f, [x], [v])[1],
        lambda f: jacobian(f, mode="forward")(x),
        lambda f: hessian(f)(x),
        lambda f: hvp(f, [x], [v])[0],
        lambda f: ag.grad(lambda x: (ag.grad(f)(x) * v).sum())(x),
        lambda f: ag.grad(lambda x: ag.jvp(f, [x], [v])[1])(x),
        lambda f: ag.jvp(lambda x: ag.jvp(f, [x], [v])[1], [x], [v])[1],
        lambda f: ag.grad(lambda x: hvp(f, [x], [v])[0].sum())(x),
    ):
        np.testing.assert_allclose(derivative(lean), derivative(f), rtol=1e-12)
    assert ag.gradcheck(lean, x, order=2)


@pytest.mark.parametrize("inner", [False, True], ids=["checkpoint of grad", "grad of checkpoint"])
def test_second_order_through_both_nestings_reaches_what_was_captured(inner, rng):
    """d/dW of the derivative by x, as a graph recorded in the backward pass and as a transform."""
    W = ag.tensor(rng.normal(size=3), requires_grad=True)
    x = ag.tensor(rng.normal(size=3), requires_grad=True)

    def f(x):
        return (ag.tanh(W * x) * W).sum()

    slope = checkpoint(ag.grad(f))(x) if inner else ag.grad(checkpoint(f))(x)
    (slope * slope).sum().backward()
    found = W.grad, x.grad
    W.zero_grad()
    x.zero_grad()
    slope = ag.grad(f)(x)
    (slope * slope).sum().backward()
    np.testing.assert_allclose(found, (W.grad, x.grad), rtol=1e-12)


def test_a_backward_pass_that_is_recorded_can_be_differentiated(rng):
    W = ag.tensor(0.7, requires_grad=True)
    x = ag.tensor(1.3, requires_grad=True)
    checkpoint(lambda x: W * W * x**3)(x).backward(create_graph=True)
    (by_W, by_x), _ = (W.grad, x.grad), (W.zero_grad(), x.zero_grad())
    (by_W + by_x).backward()
    w, x0 = 0.7, 1.3
    np.testing.assert_allclose(W.grad, 2 * x0**3 + 2 * w * 3 * x0**2)
    np.testing.assert_allclose(x.grad, 2 * w * 3 * x0**2 + w * w * 6 * x0)


# What comes in, and how


def test_the_same_tensor_given_twice_and_captured_has_one_gradient_with_all_parts():
    x = ag.tensor(3.0, requires_grad=True)
    checkpoint(lambda a, b: a * b * x)(x, x).backward()
    assert x.grad == 27.0
    assert ag.jvp(lambda x: checkpoint(lambda a, b: a * b * x)(x, x), [3.0], [1.0])[1] == 27.0


def test_a_captured_tensor_that_is_computed_itself_passes_its_gradient_on():
    w = ag.tensor(2.0, requires_grad=True)
    W = ag.exp(w)

    def f(x):
        return checkpoint(lambda y: y * W)(checkpoint(lambda x: x * W)(x))

    f(3.0).backward()
    np.testing.assert_allclose(w.grad, 2 * 3 * np.exp(4.0))


def test_one_input_computed_from_another_is_not_counted_twice_forward():
    """z = x · y with y = x²: what lies behind y is swept outside, not again inside."""

    def f(x):
        y = x * x
        return checkpoint(lambda x: x * y)(x)

    assert ag.jvp(f, [2.0], [1.0])[1] == 12.0
    assert ag.jvp(ag.grad(f), [2.0], [1.0])[1] == 12.0


def test_arguments_may_be_anything_and_options_go_by_name(rng):
    W, b = (ag.tensor(rng.normal(size=3), requires_grad=True) for _ in range(2))

    @checkpoint
    def block(x, params, name, labels, *, power, extra):
        """A block."""
        assert (name, labels[0]) == ("block", "a")
        return (x * params["W"][0]) ** power * extra

    x = rng.normal(size=3)
    block(x, {"W": [W]}, "block", np.array(["a"]), power=2, extra=b).sum().backward()
    np.testing.assert_allclose(W.grad, 2 * x * x * W.data * b.data)
    np.testing.assert_allclose(b.grad, (x * W.data) ** 2)
    assert (block.__name__, block.__doc__) == ("block", "A block.")


def test_a_method_may_be_decorated(rng):
    class Lean(Affine):
        __call__ = checkpoint(Affine.__call__)

    f, x = Lean(rng), rng.normal(size=(3, 2))
    f(x, scale=2.0).sum().backward()
    found = [p.grad for p in f.params]
    for p in f.params:
        p.zero_grad()
    Affine.__call__(f, x, scale=2.0).sum().backward()
    assert bits(found) == bits([p.grad for p in f.params])


def test_parameters_made_in_the_first_call_get_their_gradients():
    made = []

    def f(x):
        if not made:
            made.append(ag.tensor(2.0, requires_grad=True))
        return x * made[0]

    checkpoint(f)(ag.tensor(3.0)).backward()
    assert made[0].grad == 3.0


def test_what_needs_no_derivative_is_called_as_it_is():
    f = checkpoint(ag.tanh)
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(f(x), np.tanh(x), strict=True)
    assert f(ag.tensor(x)).is_leaf
    assert checkpoint(lambda: 2.0)() == 2.0
    t = ag.tensor(x, requires_grad=True)
    assert not checkpoint(lambda t: t > 1)(t).requires_grad
    with ag.no_grad():
        assert f(t).is_leaf
        assert checkpoint(lambda t: (t, "as it is"))(t) == (t, "as it is")
    assert checkpoint(lambda t: t)(t).requires_grad


def test_float32_stays_float32():
    x = ag.tensor(np.ones(3, np.float32), requires_grad=True)
    y = checkpoint(lambda x: x * 2.0)(x)
    y.sum().backward()
    assert (y.dtype, x.grad.dtype) == (np.float32, np.float32)


def test_without_recording_inside_nothing_flows():
    x = ag.tensor(3.0, requires_grad=True)

    def partly(x):
        with ag.no_grad():
            constant = x * x
        return constant * x

    checkpoint(partly)(x).backward()
    assert x.grad == 9.0
