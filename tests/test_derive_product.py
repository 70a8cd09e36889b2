"""Every depth, activation and cost: the notes' equations as text and LaTeX, and a program that runs alone."""

from __future__ import annotations

import re

import pytest
from derive_alone import assert_equals_autodiff, python_alone
from derive_golden import PAIRS, derivation, network
from derive_notes import COSTS, HIDDEN, equations

import nn
from autograd_core.derivations.derivation import derive

NETWORKS = [(1, None), *((depth, g) for depth in (2, 3, 4) for g in HIDDEN)]


@pytest.fixture(scope="module")
def alone():
    with python_alone() as run:
        yield run


def printed(derivation):
    """The lines of a derivation without the padding: text and LaTeX."""
    text = [re.sub(" {3,}", "   ", line) for line in str(derivation).splitlines()]
    return text, [line.removesuffix(r" \\") for line in derivation.latex().splitlines()[1:-1]]


def test_the_product_is_whole():
    assert set(HIDDEN) == set(nn.activations.ACTIVATIONS)
    assert set(COSTS) == set(nn.costs.COSTS) == {cost for _, cost in PAIRS}


@pytest.mark.parametrize(("depth", "g"), NETWORKS)
def test_a_network_is_derived_as_the_notes_derive_it_and_its_program_agrees(depth, g, alone, tmp_path):
    for output, cost in PAIRS:
        activations = [*[g] * (depth - 1), output]
        net, X, Y = network(activations)
        J = nn.costs.COSTS[cost](net(X), Y)
        found = derive(J, notes=nn.NOTES)
        assert printed(found) == equations(activations, cost), (output, cost)
        program = found.program()
        assert_equals_autodiff(J, alone(program.source, program.arguments, tmp_path), net.parameters())


def test_the_equations_of_another_network_are_told_apart_in_one_line():
    found = printed(derivation(["tanh", "tanh", "softmax"], "cross_entropy"))
    other = equations(["tanh", "sigmoid", "softmax"], "cross_entropy")
    for lines, others, name in zip(found, other, ("dZ[2]", "dZ^{[2]}"), strict=True):
        differing = [line for line, wanted in zip(lines, others, strict=True) if line != wanted]
        assert [line.split()[0] for line in differing] == [name]
