"""Where the first NaN or infinity is made: operation, operand, index and line, in every sweep."""

from __future__ import annotations

import contextvars
import inspect
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from wording import says

import autograd_core as ag
from autograd_core import NonFiniteError, Tensor
from autograd_core.graph.anomaly import _Finite
from autograd_core.graph.recording import is_recording, observers, observing

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's own word comes first


@pytest.fixture
def x():
    return Tensor([[1.0, 4.0, 2.0], [9.0, 0.0, 3.0]], requires_grad=True, name="x")


def line_of(error, frame=0):
    """The file, number, function and text that the message gives for a line of the program."""
    found = re.findall(r"^  (.+):(\d+) in (\S+): (.*)$", str(error.value), flags=re.MULTILINE)
    return found[frame]


# Forward


def test_the_operation_the_operand_the_index_and_the_range_are_named(x):
    with (
        ag.detect_anomaly(),
        pytest.raises(
            NonFiniteError,
            match=says(
                "log made -inf at (1, 1) of its result of shape (2, 3)", "x of shape (2, 3), from 0 to 9"
            ),
        ),
    ):
        ag.log(x)


def test_every_operand_is_named_with_what_it_holds(x):
    d = Tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]], name="d")
    with (
        ag.detect_anomaly(),
        pytest.raises(NonFiniteError, match=says("divide made nan at (1, 1)", "x of", "d of", "from 0 to 1")),
    ):
        x / d


def test_the_calling_line_is_shown_with_its_text_and_who_called_it(x):
    def inner():
        return 1.0 + ag.log(x)  # the culprit

    def outer():
        return inner() * 2.0

    with ag.detect_anomaly(), pytest.raises(NonFiniteError) as error:
        outer()
    file, number, function, text = line_of(error)
    lines, start = inspect.getsourcelines(inner)
    assert (file, int(number), function) == (__file__, start + 1, "inner")
    assert text == lines[1].strip() == "return 1.0 + ag.log(x)  # the culprit"
    assert line_of(error, 1)[2:] == ("outer", "return inner() * 2.0")


def test_the_line_is_the_programs_and_not_the_engines_own(x):
    """`logit` is composed inside the engine."""
    with ag.detect_anomaly(), pytest.raises(NonFiniteError, match="log made") as error:
        ag.logit(x)
    assert line_of(error)[::3] == (__file__, "ag.logit(x)")


@pytest.mark.parametrize(
    "made",
    [
        lambda x: np.log(x),
        lambda x: 1.0 / x,
        lambda x: np.ones((2, 3)) / x,
        lambda x: x.prod() / 0.0,
        lambda x: np.divide.outer(np.ones(2), x),
        lambda x: ag.exp(x * 1000.0),
        lambda x: (x - 2.0) ** 0.5,
    ],
    ids=["np.log", "1 / x", "array / x", "method", "outer", "overflow", "power"],
)
def test_it_is_found_however_the_operation_was_called(made, x):
    with ag.detect_anomaly(), pytest.raises(NonFiniteError, match=" made ") as error:
        made(x)
    assert line_of(error)[2] == "<lambda>"


@pytest.mark.parametrize("entry", [np.nan, np.inf, -np.inf])
def test_an_entry_that_was_given_is_held_already(entry):
    data = np.ones((2, 2))
    data[1, 0] = entry
    x = Tensor(data, requires_grad=True, name="x")
    with (
        ag.detect_anomaly(),
        pytest.raises(
            NonFiniteError, match=says(f"x of shape (2, 2), which holds {entry} at (1, 0) already")
        ),
    ):
        x * 2.0


def test_an_array_and_a_number_that_were_given_are_named_too(x):
    for other in (np.full((2, 3), np.nan), np.inf):
        with ag.detect_anomaly(), pytest.raises(NonFiniteError, match=r"an array of .*, which holds"):
            x + other


def test_operands_without_entries_and_whole_numbers_are_named_too():
    empty, n = Tensor(np.zeros((0, 2)), requires_grad=True, name="empty"), Tensor([[0, 1]], name="n")
    with ag.detect_anomaly():
        assert (empty * 2.0).shape == (0, 2)
        with pytest.raises(
            NonFiniteError, match=says("log made -inf at (0, 0)", "n of shape (1, 2), from 0 to 1")
        ):
            ag.log(n)
        with pytest.raises(
            NonFiniteError, match=says("empty of shape (0, 2), an array of shape (1, 2), which")
        ):
            ag.concatenate([empty, np.full((1, 2), np.nan)])


# Backward


def test_a_derivative_names_the_line_of_the_forward_pass(x):
    with ag.detect_anomaly():
        y = ag.sqrt(x)  # fine here, but not its derivative
        J = y.sum()
        with pytest.raises(
            NonFiniteError,
            match=says("the derivative of sqrt made inf at (1, 1) of the cotangent of x of shape (2, 3)"),
        ) as error:
            J.backward()
    assert line_of(error)[3] == "y = ag.sqrt(x)  # fine here, but not its derivative"
    assert x.grad is None


def test_a_derivative_names_what_the_operation_was_applied_to(x):
    with ag.detect_anomaly():
        J = ag.sqrt(x).sum()
        with pytest.raises(NonFiniteError, match=says("it was applied to x of shape (2, 3), from 0 to 9")):
            J.backward()


def test_what_was_recorded_before_the_context_has_no_line(x):
    J = ag.sqrt(x).sum()
    with ag.detect_anomaly(), pytest.raises(NonFiniteError, match="recorded before detect_anomaly"):
        J.backward()


def test_the_first_operation_of_the_sweep_that_makes_it_is_named_not_a_later_one(x):
    with ag.detect_anomaly():
        y = x * 3.0
        J = (ag.sqrt(y) * 2.0).sum()
        with pytest.raises(NonFiniteError, match="the derivative of sqrt"):
            J.backward()


def test_a_seed_that_is_not_finite_is_found_at_the_first_operation(x):
    with ag.detect_anomaly():
        y = x * 3.0
        with pytest.raises(NonFiniteError, match=says("the derivative of multiply made nan at (0, 0)")):
            y.backward(np.full((2, 3), np.nan))


def test_a_recorded_backward_pass_is_looked_at_as_it_is_recorded(x):
    with ag.detect_anomaly():
        J = ag.sqrt(x).sum()
        with pytest.raises(NonFiniteError, match=says("made inf at (1, 1)", "J.backward(create_graph=True)")):
            J.backward(create_graph=True)


# Transforms


def test_values_made_inside_a_transform_are_found():
    def f(x):
        return ag.log(x).sum()  # log of 0

    for transform in (
        lambda: ag.grad(f)(np.zeros(2)),
        lambda: ag.vjp(f, np.zeros(2)),
        lambda: ag.jvp(f, [np.zeros(2)], [np.ones(2)]),
        lambda: ag.grad(lambda x: ag.grad(f)(x).sum())(np.zeros(2)),
    ):
        with ag.detect_anomaly(), pytest.raises(NonFiniteError, match="log made -inf at") as error:
            transform()
        assert line_of(error)[3] == "return ag.log(x).sum()  # log of 0"


@pytest.mark.parametrize(
    "transform", [lambda f, x: ag.grad(f)(x), lambda f, x: ag.vjp(f, x)[1](1.0)], ids=["grad", "vjp"]
)
def test_cotangents_made_inside_a_transform_are_found(transform):
    def f(x):
        return ag.sqrt(x).sum()  # kink

    with ag.detect_anomaly(), pytest.raises(NonFiniteError, match="the derivative of sqrt made inf") as error:
        transform(f, np.array([1.0, 0.0]))
    assert line_of(error)[3] == "return ag.sqrt(x).sum()  # kink"


def test_tangents_are_found_with_the_line_of_the_forward_pass():
    def f(x):
        return ag.sqrt(x) + 1.0  # kink

    with (
        ag.detect_anomaly(),
        pytest.raises(
            NonFiniteError, match=says("the derivative of sqrt made inf at (1,) of the tangent of its result")
        ) as error,
    ):
        ag.jvp(f, [np.array([1.0, 0.0])], [np.ones(2)])
    assert line_of(error)[3] == "return ag.sqrt(x) + 1.0  # kink"


def test_second_derivatives_are_found():
    with ag.detect_anomaly(), pytest.raises(NonFiniteError):
        ag.grad(ag.grad(lambda x: x**1.5))(0.0)
    with ag.detect_anomaly():
        assert ag.grad(lambda x: x**1.5)(0.0) == 0.0


# Only there


def test_nothing_is_raised_outside_and_nobody_listens(x):
    before = is_recording()
    with ag.detect_anomaly():
        assert len(observers()) == 1
    assert (is_recording(), observers()) == (before, ()) == (True, ())
    J = ag.sqrt(ag.log(x) * 0.0 + x).sum()
    J.backward()
    assert np.isnan(x.grad).any()


def test_it_ends_with_an_exception_too(x):
    with ag.detect_anomaly(), pytest.raises(NonFiniteError):
        ag.log(x)
    with pytest.raises(NonFiniteError), ag.detect_anomaly():
        ag.log(x)
    assert observers() == ()
    assert np.isneginf(ag.log(x).data[1, 1])


def test_finite_passes_give_the_same_bits_inside_and_outside():
    def f(x):
        return (ag.tanh(x) / (1.0 + x * x)).sum()

    x = np.array([0.3, -1.2])
    outside = [ag.grad(f)(x), ag.jvp(f, [x], [x])[1], ag.jvp(ag.grad(f), [x], [x])[1]]
    with ag.detect_anomaly():
        inside = [ag.grad(f)(x), ag.jvp(f, [x], [x])[1], ag.jvp(ag.grad(f), [x], [x])[1]]
    for a, b in zip(inside, outside, strict=True):
        np.testing.assert_array_equal(a, b)


def test_plain_arrays_and_what_is_not_recorded_are_not_looked_at(x):
    with ag.detect_anomaly():
        assert np.isneginf(ag.log(np.zeros(1)))
        with ag.no_grad():
            assert np.isneginf(ag.log(x).data[1, 1])
    with ag.no_grad(), ag.detect_anomaly():
        assert ag.log(x).is_leaf


def test_it_may_be_nested(x):
    with ag.detect_anomaly(), ag.detect_anomaly(), pytest.raises(NonFiniteError):
        ag.log(x)
    with ag.detect_anomaly():
        with ag.detect_anomaly():
            assert len(observers()) == 2
        with pytest.raises(NonFiniteError):
            ag.log(x)


def test_an_error_is_the_builtin_that_a_caller_expects(x):
    with ag.detect_anomaly(), pytest.raises(ArithmeticError):
        ag.log(x)


def test_in_one_thread_it_does_not_reach_another():
    inside = Barrier(2)

    def watched():
        with ag.detect_anomaly():
            inside.wait()
            inside.wait()
            with pytest.raises(NonFiniteError):
                ag.log(Tensor(0.0, requires_grad=True))

    def unwatched():
        inside.wait()
        y = ag.log(Tensor(0.0, requires_grad=True))
        inside.wait()
        return y.item()

    with ThreadPoolExecutor(2) as pool:
        here, there = pool.submit(watched), pool.submit(unwatched)
        assert there.result() == -np.inf
        here.result()


def test_in_one_context_it_does_not_reach_another(x):
    elsewhere = contextvars.copy_context()
    with ag.detect_anomaly():
        assert np.isneginf(elsewhere.run(ag.log, x).data[1, 1])


def test_a_cost_of_zero_probability_is_found_where_it_is_made():
    """A use from life: the logarithm of an underflown softmax."""
    Z = Tensor([[0.0, 0.0], [800.0, 1.0]], requires_grad=True, name="Z")
    Y = np.array([[1.0, 0.0], [0.0, 1.0]])
    with ag.detect_anomaly():
        A = ag.softmax(Z, axis=0)
        with pytest.raises(NonFiniteError, match=says("log made -inf at (0, 0)", "from 0 to 1")):
            -(Y * ag.log(A)).sum()
        assert np.isfinite(-(Y * ag.log_softmax(Z, axis=0)).sum().item())


def test_a_gradient_that_overflows_where_paths_meet_is_found():
    x = Tensor(0.0, requires_grad=True, name="x")
    for where in (x, +x):
        J = 1e308 * where + 1e308 * where
        with ag.detect_anomaly(), pytest.raises(NonFiniteError, match=says("multiply made inf", "cotangent")):
            J.backward()


def test_nothing_is_remembered_of_what_is_gone(no_collector):
    x = Tensor(1.0, requires_grad=True)
    watcher = _Finite()
    with observing(watcher):
        for _ in range(100):
            y = x * x
    assert list(watcher.lines) == [y.order]
