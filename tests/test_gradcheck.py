"""The checker itself: it passes what is right, fails what is wrong, and says which entry."""

import numpy as np
import pytest

import autograd_core as ag


@pytest.fixture
def declare(registry):
    """Declare an operation for one test only."""

    def declared(partial, forward):
        forward.__name__ = "operation_under_test"
        return ag.pointwise(partial)(forward)

    return declared


def test_right_derivatives_pass_to_second_order():
    report = ag.gradcheck(
        lambda W, x: ag.tanh(W @ x) * ag.exp(x[:2]), [np.ones((2, 3)) / 3, np.arange(3.0)], order=2
    )
    assert report, report
    assert not report.kinks
    assert report.checked == 9 + 2 * 9
    assert max(report.adjoint_errors) < 1e-14
    assert report.worst.error < 1e-5
    report.raise_if_wrong()


@pytest.mark.parametrize("factor", [1.001, 0.999, -1.0, 0.0, 2.0])
def test_a_rule_that_is_off_by_a_factor_fails(declare, factor):
    cube = declare(lambda y, x: factor * 3 * x * x, lambda x: x**3)
    report = ag.gradcheck(cube, np.array([0.5, -1.5]))
    assert not report
    assert [entry.at for entry in report.failures] == [(0,), (1,)]
    entry = report.failures[1]
    assert entry.autodiff == pytest.approx(factor * entry.difference, rel=1e-6)
    assert f"autodiff {entry.autodiff:.10g}" in str(report)
    with pytest.raises(AssertionError, match="FAILED"):
        report.raise_if_wrong()


def test_one_wrong_entry_is_named(declare):
    def partial(y, x):
        return 2 * x * np.array([1.0, 1.0, 1.01])

    square = declare(partial, lambda x: x * x)
    report = ag.gradcheck(square, np.array([[1.0, 2.0, 3.0]]))
    assert [entry.at for entry in report.failures] == [(0, 2)]


def test_a_rule_wrong_only_in_second_order_fails_only_there(declare):
    def partial(y, x):
        return 2 * (x.data if isinstance(x, ag.Tensor) else x)  # its own derivative is lost

    square = declare(partial, lambda x: x * x)
    assert ag.gradcheck(square, np.array([1.0]), order=1)
    report = ag.gradcheck(square, np.array([1.0]), order=2)
    assert {entry.order for entry in report.failures} == {2}


def test_a_vjp_that_is_not_the_adjoint_of_the_jvp_fails(registry):
    @ag.primitive(vjps=(lambda ct, y, x: 2 * ct,), jvps=(lambda t, y, x: 3 * t,))
    def twice(x):
        return 2 * x

    report = ag.gradcheck(twice, np.array([1.0, 2.0]))
    assert not report
    assert not report.failures
    assert "not the adjoint" in str(report)


@pytest.mark.parametrize(
    ("f", "at"),
    [(ag.relu, 0.0), (abs, 0.0), (lambda x: ag.maximum(x, 1.0), 1.0), (lambda x: ag.minimum(x, -x), 0.0)],
)
def test_a_kink_is_called_a_kink_or_meets_the_middle(f, at):
    report = ag.gradcheck(f, np.array([at, at + 1.0]))
    assert report, report
    assert all(entry.at == (0,) for entry in report.kinks)


def test_relu_at_zero_is_a_kink():
    report = ag.gradcheck(ag.relu, np.array([0.0]))
    assert len(report.kinks) == 1
    assert "kink" in str(report)


def test_a_jump_in_the_second_derivative_is_no_failure():
    assert ag.gradcheck(lambda x: abs(x) * x, np.array([0.0, 0.4]))


def test_float32_is_noted_and_checked_coarsely():
    report = ag.gradcheck(lambda x: x * x, np.array([1.0, 2.0], np.float32))
    assert report, report
    assert any("float64" in note for note in report.notes)


def test_large_inputs_are_sampled():
    assert ag.gradcheck(lambda x: x * x, np.ones((40, 40)), entries=30).checked == 30


def test_the_order_is_one_or_two():
    with pytest.raises(ag.OptionError):
        ag.gradcheck(abs, np.ones(1), order=3)


def test_scalars_are_checked_too():
    report = ag.gradcheck(lambda x, y: x * ag.exp(y), [2.0, np.array(0.5)], order=2)
    assert report, report
    assert report.checked == 6


def test_a_wrong_derivative_is_a_mismatch(registry):
    wrong = ag.pointwise(lambda y, x: 2.0 * x)(lambda x: x**3)
    with pytest.raises(ag.MismatchError, match="FAILED"):
        ag.gradcheck(wrong, np.array([1.0])).raise_if_wrong()
    ag.gradcheck(ag.tanh, np.array([1.0])).raise_if_wrong()


def test_one_array_is_checked_and_no_container():
    with pytest.raises(ag.ShapeError, match="a tuple of 2"):
        ag.gradcheck(lambda x: (x, x), np.ones(2))


def test_each_input_has_its_line_of_order_2():
    report = ag.gradcheck(lambda x, y: x * x * y, [2.0, 3.0], order=2)
    assert str(report).count("adjoint identity, order 2") == 2
    assert "order 3" not in str(report)


def test_no_tolerance_is_a_tolerance(registry):
    """A derivative wrong by a millionth passes by default, and not at 0."""
    close = ag.pointwise(lambda y, x: 3.000003 * x * x)(lambda x: x**3)
    assert ag.gradcheck(close, np.array([1.0]))
    assert not ag.gradcheck(close, np.array([1.0]), rtol=0.0)
