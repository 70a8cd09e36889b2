"""Equations of dense networks are those of the notes, with their numbers; other graphs have none."""

from __future__ import annotations

import numpy as np
import pytest
from derive_examples import attention, layer_normalisation, least_squares, quadratic_form
from derive_golden import FILES, GOLDEN, HIDDEN, derivation, network, spelt

import autograd_core as ag
import nn
from autograd_core.derivations.derivation import derive


@pytest.mark.parametrize("name", FILES)
def test_equations_are_printed_as_they_were_when_a_person_read_them(name):
    assert spelt(FILES[name]) == (GOLDEN / name).read_text()


def numbers(found):
    return {name: equation.number for name, equation in found.items() if equation.number}


DENSE = {"Z[1]": "(5)", "A[1]": "(6)", "Z[2]": "(5)", "A[2]": "(6)", "J": "(9)", "dA[2]": "(9)"}
DENSE |= {"dZ[2]": "(17)", "dW[2]": "(15)", "db[2]": "(16)", "dA[1]": "(22)"}
DENSE |= {"dZ[1]": "(17)", "dW[1]": "(15)", "db[1]": "(16)"}


@pytest.mark.parametrize("g", HIDDEN)
def test_the_formulas_of_a_network_have_the_numbers_of_the_notes(g):
    assert numbers(derivation([g, "softmax"], "cross_entropy")) == DENSE
    assert numbers(derivation([g, "identity"], "squared_error")) == DENSE


def test_a_penalty_adds_to_formula_15_and_leaves_its_number():
    net, X, Y = network(["tanh", "softmax"])
    cost = nn.costs.cross_entropy(net(X), Y)
    found = derive(cost + nn.costs.l2(net, 0.3, 7), notes=nn.NOTES)
    assert {name: number for name, number in numbers(found).items() if name[:2] in ("dW", "db")} == {
        "dW[2]": "(15)",
        "db[2]": "(16)",
        "dW[1]": "(15)",
        "db[1]": "(16)",
    }
    assert "W[1]" in str(found).split("dW[1]")[1].splitlines()[0]


def leaf(name, *shape):
    return ag.tensor(np.random.default_rng(len(name)).normal(size=shape), requires_grad=True, name=name)


def called(name, x):
    x.name = name
    return x


def test_without_a_bias_the_gradients_keep_their_numbers():
    X, W, V = ag.tensor(np.eye(3, 5), name="X"), leaf("W", 4, 3), leaf("V", 2, 4)
    Z = called("Z", W @ X)
    A = called("A", ag.tanh(Z))
    S = called("S", V @ A)
    assert numbers(derive(ag.sum(S**2), notes=nn.NOTES)) == {
        "A": "(6)",
        "J": "(9)",
        "dS": "(9)",
        "dV": "(15)",
        "dA": "(22)",
        "dZ": "(17)",
        "dW": "(15)",
    }


def test_with_dropout_what_is_still_formula_15_is_said_to_be():
    X, W, V, b = ag.tensor(np.eye(3, 5), name="X"), leaf("W", 4, 3), leaf("V", 2, 4), leaf("b", 4, 1)
    R = ag.tensor(np.random.default_rng(0).integers(0, 2, (4, 5)) / 0.5, name="R")
    A = called("A", ag.tanh(called("Z", W @ X + b)))
    S = called("S", V @ (A * R))
    found = numbers(derive(ag.sum(S**2), notes=nn.NOTES))
    assert (found["dV"], found["dW"], found["db"], found["dZ"]) == ("(15)", "(15)", "(16)", "(17)")
    assert "dA" not in found  # (22) has no mask in it


@pytest.mark.parametrize("example", [quadratic_form, attention, layer_normalisation, least_squares])
def test_a_graph_that_is_no_network_has_no_numbers(example):
    assert numbers(derive(example(), notes=nn.NOTES)) == {}


def test_examples_in_rows_are_another_formula():
    X, W, b = ag.tensor(np.eye(5, 3), name="X"), leaf("W", 3, 2), leaf("b", 1, 2)
    Z = called("Z", X @ W + b)
    assert numbers(derive(ag.sum(called("A", ag.tanh(Z)) ** 2), notes=nn.NOTES)) == {}


def test_a_softmax_over_the_examples_is_not_formula_6():
    X, W, b = ag.tensor(np.eye(3, 5), name="X"), leaf("W", 4, 3), leaf("b", 4, 1)
    Z = called("Z", W @ X + b)
    found = numbers(derive(ag.sum(called("A", ag.softmax(Z, axis=1)) ** 2), notes=nn.NOTES))
    assert "A" not in found
    assert "dZ" not in found
    assert found["dW"] == "(15)"


def test_weights_used_twice_are_not_formula_15():
    W, h = leaf("W", 3, 3), ag.tensor(np.eye(3, 5), name="h")
    first = called("A", ag.tanh(called("Z", W @ h)))
    found = numbers(derive(ag.sum(called("S", W @ first) ** 2), notes=nn.NOTES))
    assert "dW" not in found
    assert found["dA"] == "(22)"
