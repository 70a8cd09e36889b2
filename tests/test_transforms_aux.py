"""A second result that is not differentiated."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import OptionError

B = np.array([0.3, -0.7])


def with_aux(x):
    y = x * x
    return y.sum(), {"y": y, "x": x, "text": "aux", "nothing": None, "array": B}


def test_the_second_result_comes_back_as_plain_values():
    x = np.array([1.0, 2.0])
    plain = ag.grad(lambda x: with_aux(x)[0])(x)
    (value, aux), gradient = ag.value_and_grad(with_aux, has_aux=True)(x)
    only, aux_of_grad = ag.grad(with_aux, has_aux=True)(x)
    out, pullback, aux_of_vjp = ag.vjp(with_aux, x, has_aux=True)
    out_of_jvp, slope, aux_of_jvp = ag.jvp(with_aux, [x], [x], has_aux=True)
    assert value == out == out_of_jvp == 5.0
    assert slope == 10.0
    for found in (gradient, only, pullback(1.0)[0]):
        np.testing.assert_array_equal(found, plain, strict=True)
    for found in (aux, aux_of_grad, aux_of_vjp, aux_of_jvp):
        assert (found["text"], found["nothing"]) == ("aux", None)
        assert found["array"] is B
        np.testing.assert_array_equal(found["y"], x * x, strict=True)
        np.testing.assert_array_equal(found["x"], x, strict=True)
        assert not np.shares_memory(found["x"], x)


def test_the_second_result_may_be_anything():
    for aux in (None, "text", (), object(), {1, 2}):
        assert ag.grad(lambda x, aux=aux: (x * x, aux), has_aux=True)(3.0) == (6.0, aux)


def test_the_second_result_is_differentiated_from_outside():
    """d/dx (x² + 3 x² + d/dx x³) where 3 x² comes out as the second result."""

    def inner(x):
        return x**3, 3.0 * x * x

    def outer(x):
        gradient, aux = ag.grad(inner, has_aux=True)(x)
        return x * x + aux + gradient

    assert ag.grad(outer)(2.0) == 4.0 + 12.0 + 12.0

    def by_jvp(x):
        _, slope, aux = ag.jvp(inner, [x], [1.0], has_aux=True)
        return slope * aux

    assert ag.grad(by_jvp)(2.0) == 4 * 9 * 2.0**3


@pytest.mark.parametrize("out", [lambda x: x, lambda x: (x,), lambda x: (x, x, x), lambda x: [x, x]])
def test_a_result_that_is_no_pair_is_refused(out):
    for act in (
        lambda: ag.grad(out, has_aux=True)(1.0),
        lambda: ag.vjp(out, 1.0, has_aux=True),
        lambda: ag.jvp(out, [1.0], [1.0], has_aux=True),
    ):
        with pytest.raises(OptionError, match=r"has_aux=True: .*tuple of two, \(value, aux\)"):
            act()
