"""Reductions of arrays without entries, and of a number along an axis: NumPy's values, and derivatives."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
import scipy.special

import autograd_core as ag

SHAPES = [
    shape
    for n in range(4)
    for shape in itertools.product((0, 1, 2), repeat=n)
    if len(shape) < 3 or 0 in shape
]
NUMPYS = {
    "sum": {},
    "prod": {},
    "max": {},
    "min": {},
    "ptp": {},
    "mean": {},
    "median": {},
    "var": {"ddof": (0, 1, 0.5, 3)},
    "std": {"ddof": (0, 1, 3)},
}
SCIPYS = {
    "softmax": scipy.special.softmax,
    "log_softmax": scipy.special.log_softmax,
    "logsumexp": scipy.special.logsumexp,
}


def axes_of(shape):
    """None, every axis from both ends, every pair, and none at all."""
    n = len(shape)
    yield from (None, (), *range(-n, n))
    yield from itertools.combinations(range(n), 2)


def numpys(f, *args, **kwargs):
    """NumPy's answer or the error that it raises."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return f(*args, **kwargs), None
        except (ValueError, IndexError) as error:
            return None, error


def options(name):
    for ddof in NUMPYS[name].get("ddof", (None,)):
        for keepdims in (False, True):
            yield {"keepdims": keepdims} | ({} if ddof is None else {"ddof": ddof})


@pytest.mark.filterwarnings("ignore:Degrees of freedom")
@pytest.mark.filterwarnings("ignore:invalid value|divide by zero:RuntimeWarning")
@pytest.mark.parametrize("name", NUMPYS)
def test_reductions_of_every_small_shape_are_numpys_and_have_derivatives(name):
    for shape in SHAPES:
        x = np.linspace(0.5, 2.0, int(np.prod(shape))).reshape(shape)
        for axis, given in itertools.product(axes_of(shape), options(name)):
            wanted, refusal = numpys(getattr(np, name), x, axis=axis, **given)
            t = ag.Tensor(x, requires_grad=True)
            call = getattr(ag, name)
            lacks = (
                name in ("mean", "median", "var", "std") and 0 in shape and wanted is not None and wanted.size
            )
            if refusal is not None and "newaxis" in str(refusal):  # NumPy's median over no axis, of no entry
                continue
            if refusal is not None or lacks:
                with pytest.raises(ag.ShapeError, match=r"entr|zero-size|identity"):
                    call(t, axis=axis, **given)
                continue
            y = call(t, axis=axis, **given)
            np.testing.assert_allclose(y.value, wanted, rtol=1e-14, err_msg=f"{shape} {axis} {given}")
            assert y.dtype == wanted.dtype
            np.testing.assert_array_equal(call(x, axis=axis, **given), y.value)
            y.backward(np.ones(y.shape))
            assert t.grad.shape == shape
            assert t.grad.dtype == x.dtype
            _, pushed = ag.jvp(
                lambda x, call=call, axis=axis, given=given: call(x, axis=axis, **given),
                [x],
                [np.ones(shape)],
            )
            assert pushed.shape == wanted.shape
            if name in ("var", "std") and not np.isfinite(wanted).all():
                assert np.isnan(t.grad).all()
                assert np.isnan(pushed).all()
            elif x.size:
                np.testing.assert_allclose(np.sum(pushed), np.sum(t.grad), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", SCIPYS)
@pytest.mark.parametrize("axis", [0, -1, None])
@pytest.mark.parametrize("x", [2.5, -1.0, np.float32(0.5)])
def test_softmax_and_its_kin_of_a_number(name, axis, x):
    value = {"softmax": 1.0, "log_softmax": 0.0, "logsumexp": x}[name]
    slope = {"softmax": 0.0, "log_softmax": 0.0, "logsumexp": 1.0}[name]
    f = getattr(ag, name)
    found = f(np.asarray(x), axis=axis)
    np.testing.assert_array_equal(found, value)
    np.testing.assert_array_equal(found, SCIPYS[name](np.asarray(x)))
    np.testing.assert_array_equal(ag.grad(lambda x: f(x, axis=axis))(np.asarray(x, float)), slope)
    for beyond in (1, -2, 5):
        with pytest.raises(ag.ShapeError, match=f"{name}: axis {beyond}"):
            f(np.asarray(x), axis=beyond)


@pytest.mark.parametrize(
    "name", ["sum", "prod", "max", "min", "ptp", "all", "any", "argmax", "cumsum", "sort"]
)
def test_a_number_is_a_row_of_one_where_numpy_says_so(name):
    t = ag.Tensor(2.5, requires_grad=True)
    for axis in (0, -1, None):
        wanted, refusal = numpys(getattr(np, name), np.array(2.5), axis=axis)
        if refusal is None:
            np.testing.assert_array_equal(ag.stop_gradient(getattr(ag, name)(t, axis=axis)), wanted)
        else:
            with pytest.raises(ag.ShapeError):
                getattr(ag, name)(t, axis=axis)


@pytest.mark.parametrize("name", ["mean", "var", "std", "median"])
def test_a_number_has_no_axis_where_numpy_says_so(name):
    for axis in (0, -1):
        _, refusal = numpys(getattr(np, name), np.array(2.5), axis=axis)
        assert refusal is not None
        with pytest.raises(ag.ShapeError, match="axes for an array of shape"):
            getattr(ag, name)(np.array(2.5), axis=axis)


@pytest.mark.parametrize("axis", [0, -1, None])
@pytest.mark.parametrize("repeats", [0, 1, 2, [2], np.array(3)])
def test_repeats_of_a_number(axis, repeats):
    t = ag.Tensor(2.5, requires_grad=True)
    y = ag.repeat(t, repeats, axis=axis)
    np.testing.assert_array_equal(y.value, np.repeat(2.5, repeats, axis=axis))
    y.sum().backward()
    assert t.grad == y.size


@pytest.mark.parametrize("shape", [(0, 0), (1, 0), (0,), (2, 0, 3)])
def test_second_derivatives_of_nothing(shape):
    x = np.zeros(shape)
    for f in (
        lambda x: ag.sum(ag.var(x, axis=0)),
        lambda x: ag.sum(x**3),
        lambda x: ag.sum(ag.tanh(ag.sum(x, -1))),
    ):
        if shape == (0,) and "var" in f.__code__.co_names:  # whose result is one number, of no entry
            continue
        assert ag.hessian(f)(x).shape == shape * 2
        assert ag.grad(f)(x).shape == shape
