"""Without the notes, a network is derived and compared all the same, and none of their names is said."""

import re

import numpy as np
import pytest
from derive_golden import HIDDEN, derivation, network

import autograd_core as ag
import nn

NUMBER = r"   \(\d+\)$"


@pytest.mark.parametrize("g", HIDDEN)
def test_a_network_derived_without_notes_has_the_same_equations_with_neutral_letters(g):
    given = derivation([g, "softmax"], "cross_entropy")
    found = derivation([g, "softmax"], "cross_entropy", notes=None)
    assert not any(e.number for e in (*found.forward, *found.backward))
    wanted = [re.sub(r" / m\b", " / n", re.sub(NUMBER, "", line)) for line in str(given).splitlines()]
    assert [" ".join(line.split()) for line in str(found).splitlines()] == [
        " ".join(line.split()) for line in wanted
    ]
    assert [size.name for size in found.sizes.values()] == ["n"]


@pytest.mark.parametrize("g", HIDDEN)
def test_a_program_derived_without_notes_computes_the_same_and_names_no_size_and_no_formula(g):
    given, found = (
        derivation([g, "softmax"], "cross_entropy", notes=notes).program() for notes in (nn.NOTES, None)
    )
    comments = re.findall(r"#.*|: array.*", found.source)
    assert comments
    assert not [text for text in comments if re.search(r"\bm\b|n\d|by \(", text)]
    results = []
    for program in (given, found):
        made = {}
        exec(program.source, made)
        results.append(made["value_and_gradients"](**program.arguments))
    assert results[0][0] == results[1][0]
    assert all(np.array_equal(results[0][1][name], x) for name, x in results[1][1].items())


def test_a_comparison_without_notes_finds_the_same_slip_and_names_no_size_of_the_notes():
    net, X, Y = network(["tanh", "softmax"])
    J = nn.costs.cross_entropy(net(X), Y)
    claim = {"dZ[2]": lambda v: v["A[2]"] - v["Y"]}
    given, found = (ag.compare(J, claim, notes=notes).diagnosis for notes in (nn.NOTES, None))
    assert (given.name, given.kind) == (found.name, found.kind)
    assert re.search(r"\bm\b", given.sentence)
    assert found.sentence == re.sub(r"\bm\b", "n", given.sentence)


def test_what_are_no_notes_is_refused():
    J = ag.sum(ag.tensor([1.0, 2.0], requires_grad=True, name="x") ** 2)
    with pytest.raises(ag.OptionError, match="notes"):
        ag.derive(J, notes="(15)")
