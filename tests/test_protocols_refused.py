"""NumPy's own functions called on tensors: what is refused, with the alternative."""

from __future__ import annotations

import inspect
import math
import operator

import numpy as np
import pytest
from numpy_case import CALLS, NUMPY, PAIRS, X, by_function, dispatches, leaves, rows
from wording import says

from autograd_core import DtypeError, Tensor
from autograd_core.differentiation.protocols import PLAIN, RECORDED
from autograd_core.wording.hints import spelt

t = pytest.fixture(rows)


# Options

REFUSED = {
    "out": ("write y = ... instead", lambda y: tuple(map(np.empty_like, leaves(y)))),
    "where": ("autograd_core.where", lambda _y: True),
    "dtype": (".astype(dtype)", lambda _y: np.float64),
    "initial": ("the initial value yourself", lambda _y: 1.0),
}
FIRST = dict(reversed(PAIRS))
TAKEN = {(np.astype, "dtype"), (np.full_like, "dtype")}


def options_of(function):
    """The options of a function of NumPy that no operation has."""
    known = set(inspect.signature(function).parameters) & set(REFUSED)
    return [(function, option) for option in sorted(known) if (function, option) not in TAKEN]


@pytest.mark.parametrize(
    ("function", "option"), [pair for function in RECORDED for pair in options_of(function)], **by_function
)
def test_an_option_that_is_not_offered_is_refused_with_the_alternative(function, option, rng):
    remedy, value = REFUSED[option]
    if function in CALLS:
        x = Tensor(X, requires_grad=True)
        given = {option: value(CALLS[function](RECORDED[function], X))}

        def call():
            CALLS[function](lambda *args, **kwargs: function(*args, **kwargs, **given), x)
    else:
        case = FIRST[function]
        operands = case.draw(rng)
        given = {option: value(case.call(*operands))}

        def call():
            function(*case.tensors(operands), **case.params, **given)

    named = says(f"{spelt(function)} with {option}=", remedy, "autograd_core.")
    with pytest.raises(DtypeError, match=named):
        call()


@pytest.mark.parametrize("option", REFUSED)
def test_the_methods_of_ufuncs_refuse_them_too(option, t):
    remedy, value = REFUSED[option]
    with pytest.raises(DtypeError, match=says(f"np.add.reduce with {option}=", remedy, "autograd_core.sum")):
        np.add.reduce(t, **{option: value(np.zeros(3))})


def test_an_option_that_numpy_alone_has_is_named(t):
    with pytest.raises(
        DtypeError, match=says("np.sort with kind=", "there is no kind", "autograd_core.sort(x,")
    ):
        np.sort(t, kind="stable")


def test_too_many_arguments_are_refused_with_the_signature(t):
    with pytest.raises(DtypeError, match=says("np.sum", "too many", "autograd_core.sum(x, axis, keepdims)")):
        np.sum(t, 0, None, None, True)


@pytest.mark.parametrize("flows", [True, False], ids=["flows", "constant"])
@pytest.mark.parametrize(
    "change", [operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ipow]
)
def test_an_array_cannot_take_a_tensor_in_and_stays_as_it_is(change, flows):
    a = np.full(3, 2.0)
    with pytest.raises(TypeError, match=says("out=", "write y = ... instead")):
        change(a, Tensor([1.0, 2.0, 3.0], requires_grad=flows))
    np.testing.assert_array_equal(a, np.full(3, 2.0))


def test_a_tensor_is_no_place_to_write_to(t):
    before = t.data.copy()
    for call in (
        lambda: np.add(np.ones((2, 3)), 1.0, out=t),
        lambda: np.sum(np.ones((4, 2, 3)), axis=0, out=t),
        lambda: np.add(t, 1.0, out=t),
        lambda: np.copyto(t, 1.0),
    ):
        with pytest.raises(TypeError):
            call()
    np.testing.assert_array_equal(t.data, before)


# Everything else

OTHER = [f for f in NUMPY if dispatches(f) and f not in RECORDED and f not in PLAIN]
SPECIAL = {np.put_along_axis: lambda v: (np.zeros(3), np.array([0, 1, 2]), v, 0)}


@pytest.mark.parametrize("function", OTHER, **by_function)
def test_every_other_function_of_numpy_is_refused_by_name(function):
    """And no call of it that NumPy lets through gives objects or has lost the derivative."""
    v = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="v")
    M = Tensor([[3.0, 1.0], [1.0, 2.0]], requires_grad=True, name="M")
    calls = [(v,), (M,), (v, v), (M, M), (v, 1), (v, v, v), ([v, v],)]
    if function in SPECIAL:
        calls.append(SPECIAL[function](v))
    refused = 0
    for args in calls:
        try:
            result = function(*args)
        except DtypeError as error:
            refused += f"{spelt(function)} does not record" in str(error)
        except (TypeError, ValueError, AttributeError):
            pass  # NumPy wants other arguments
        else:
            pytest.fail(f"{NUMPY[function]} gave {result!r}")
    assert refused


def test_others_are_refused_for_constants_too_rather_than_turned_into_objects():
    constant = Tensor([1.0, 2.0, 3.0], name="c")
    for function in (np.nansum, np.fft.fft, np.cov, np.gradient, np.frompyfunc(math.exp, 1, 1)):
        with pytest.raises(DtypeError, match=says("does not record", ".data or .detach()")):
            function(constant)


def test_the_nearest_operations_are_proposed(t):
    with pytest.raises(DtypeError, match=says("np.fmod", "autograd_core.mod", ".data or .detach()")):
        np.fmod(t, 2.0)
