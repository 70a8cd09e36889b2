"""The command derive, as its user calls it."""

import functools
import re

import numpy as np
import pytest

import nn


@pytest.fixture
def call(call):
    """Run `derive` in an empty folder; return its exit code, output and errors."""
    return functools.partial(call, "derive")


def equation(text, name):
    """The right side of an equation, with its number."""
    lines = [re.split(r" {2,}", line) for line in text.splitlines()]
    return next(" ".join(line).partition(" = ")[2] for line in lines if line[0].split()[0] == name)


def test_by_default_it_prints_the_recurrence_for_iris(call):
    code, out, err = call()
    assert (code, err) == (0, "")
    assert equation(out, "dZ[2]") == "(A[2] − Y) / m (17)"
    assert equation(out, "dW[2]") == "dZ[2] A[1]ᵀ (15)"
    assert equation(out, "dZ[1]").startswith("dA[1] ⊙ ")
    assert len([line for line in out.splitlines() if line.startswith("d")]) == 8
    assert call("--text") == (code, out, err)


@pytest.mark.parametrize(
    "options",
    [
        ["--layers", "6,2,2"],
        ["--layers", "3,4,1"],
        ["--layers", "3,4,1", "--cost", "binary_cross_entropy"],
        ["--layers", "4,3", "--activation", "relu", "--output", "sigmoid", "--cost", "squared_error"],
        ["--hidden", "3,2", "--keep", "0.5", "--lam", "0.1"],
        ["--data", "digits", "--hidden", "4"],
    ],
)
def test_the_program_it_prints_runs(call, options):
    code, out, _ = call("--numpy", *options)
    assert code == 0
    made = {}
    exec(out, made)
    shapes = re.findall(r"^    (\w+) : array", out, flags=re.MULTILINE)
    assert [name for name in shapes if name.startswith("W")]
    assert callable(made["value_and_gradients"])


def test_the_program_holds_for_examples_of_ones_own(call):
    _, out, _ = call("--numpy", "--layers", "3,2", "--cost", "softmax_cross_entropy")
    made = {}
    exec(out, made)
    rng = np.random.default_rng(0)
    net = nn.Sequential(nn.Dense(3, 2, rng=0))
    X, Y = rng.normal(size=(3, 11)), np.eye(2)[:, rng.integers(0, 2, 11)]
    _, gradients = made["value_and_gradients"](net.layers[0].W.data, net.layers[0].b.data, X, Y)
    nn.costs.softmax_cross_entropy(net(X), Y).backward()
    np.testing.assert_allclose(gradients["dW[1]"], net.layers[0].W.grad, rtol=1e-12)


def test_a_penalty_adds_to_each_gradient_of_weights(call):
    _, out, _ = call("--lam", "0.3")
    assert "W[1]" in equation(out, "dW[1]")
    assert "W[1]" not in equation(call()[1], "dW[1]")


def test_latex_and_steps(call):
    code, out, _ = call("--latex")
    assert code == 0
    assert r"dZ^{[2]} &=" in out
    code, out, _ = call("--steps", "Z[2]")
    assert code == 0
    first, *_, last = out.splitlines()
    assert first.startswith("dZ[2] = ")
    assert "(A[2] − Y) / m" in last


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--activation", "tanhh"], "tanhh"),
        (["--output", "softmin"], "softmin"),
        (["--cost", "entropy"], "entropy"),
        (["--steps", "Z[9]"], "Z[9]"),
        (["--lam", "-1"], "lam=-1"),
        (["--data", "iris", "--layers", "5,3"], "there are 4 features"),
        (["--layers", "5,3", "--target", "species"], "--target says what to read"),
        (["--latex", "--numpy"], "not allowed with"),
    ],
)
def test_a_wrong_option_is_one_line_and_exit_code_2(call, options, error):
    code, out, err = call(*options)
    assert (code, out) == (2, "")
    assert error in err
    assert len(err.splitlines()) == 1
