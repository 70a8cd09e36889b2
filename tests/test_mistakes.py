"""The fifteen mistakes: each is seen, placed in the right step, named, and its formula written."""

import numpy as np
import pytest
from mistake_case import SPECS, chained, drawn, is_planted, mistakes

import autograd_core as ag
import nn
from autograd_core.comparisons.search import edits

NETS = [(name, 7) for name in SPECS] + [("Q", 4)]
CASES = [
    pytest.param(name, m, i, id=f"{name}-{m}-{mistake.id}")
    for name, m in NETS
    for i, mistake in enumerate(mistakes(drawn(name, 0, m)))
]


@pytest.mark.parametrize(("name", "m", "i"), CASES)
def test_a_mistake_in_a_chain_of_arrays_is_placed_named_and_written(name, m, i):
    net = drawn(name, 0, m)
    mistake = mistakes(net)[i]
    comparison = ag.compare(net.J, chained(net, mistake.formulas), notes=nn.NOTES)
    assert not comparison.ok
    order = [row.name for row in comparison.rows]
    assert comparison.first_wrong.name == min(mistake.formulas, key=order.index)
    guilty = {row.name for row in comparison.rows if row.verdict in ("differs", "shape")}
    assert guilty == set(mistake.formulas)
    assert comparison.diagnosis.kind in mistake.kinds
    assert is_planted(comparison, comparison.diagnosis, mistake.formulas[comparison.diagnosis.name])


@pytest.mark.parametrize("name", ["R", "C", "Q"])
def test_a_mistake_in_a_function_is_placed_and_named(name):
    net = drawn(name, 1, 4 if name == "Q" else 7)
    assert ag.compare(net.J, net.formulas, notes=nn.NOTES).ok
    for mistake in mistakes(net):
        comparison = ag.compare(net.J, net.formulas | mistake.formulas, notes=nn.NOTES)
        guilty = {row.name for row in comparison.rows if row.verdict != "agrees"}
        assert guilty == set(mistake.formulas), mistake.id
        assert comparison.diagnosis.kind in mistake.kinds, mistake.id


@pytest.mark.parametrize("name", ["B", "C"])
def test_a_mistake_shows_in_the_gradients_of_the_parameters_alone(name):
    net = drawn(name, 2)
    for mistake in mistakes(net):
        claims = {k: x for k, x in chained(net, mistake.formulas).items() if k[1] in "Wb"}
        comparison = ag.compare(net.J, claims, notes=nn.NOTES)
        assert comparison.diagnosis.kind in mistake.kinds, mistake.id


@pytest.mark.parametrize("name", SPECS)
def test_what_is_right_though_unusual_is_no_mistake(name):
    net = drawn(name, 0)
    m, f = net.m, net.formulas
    unusual = {f"db[{l}]": lambda v, l=l: v[f"dZ[{l}]"] @ np.ones((1, m)).T for l in (1, 2, 3)}
    for l in (1, 2):
        if net.activations[l - 1] == "relu":
            unusual[f"dZ[{l}]"] = lambda v, l=l: v[f"dA[{l}]"] * (v[f"A[{l}]"] > 0)
        if net.activations[l - 1] == "tanh":
            unusual[f"dZ[{l}]"] = lambda v, l=l: v[f"dA[{l}]"] * (1 - np.tanh(v[f"Z[{l}]"]) ** 2)
    for claims in (chained(net, unusual), f | unusual):
        comparison = ag.compare(net.J, claims, notes=nn.NOTES)
        assert {row.verdict for row in comparison.rows} == {"agrees"}
        assert comparison.diagnosis is None


@pytest.mark.parametrize("name", SPECS)
def test_1_over_m_in_the_parameters_alone_is_a_convention(name):
    net = drawn(name, 0)
    m, f = net.m, net.formulas
    course = {"dZ[3]": lambda v: m * f["dZ[3]"](v)}
    for l in (1, 2, 3):
        for x in "Wb":
            course[f"d{x}[{l}]"] = lambda v, q=f"d{x}[{l}]", l=l: f[q](v | {f"dZ[{l}]": v[f"dZ[{l}]"] / m})
    for claims in (chained(net, course), f | course):
        comparison = ag.compare(net.J, claims, notes=nn.NOTES)
        assert comparison.ok
        found = {row.name for row in comparison.rows if row.verdict == "convention"}
        assert found == {"dZ[3]", "dA[2]", "dZ[2]", "dA[1]", "dZ[1]"}


@pytest.mark.parametrize("name", ["C", "L2"])
def test_nonsense_is_never_named(name, rng):
    net = drawn(name, 0)
    right = chained(net)
    for q in ("dZ[2]", "dW[2]", "db[2]"):
        entry = right[q].copy()
        entry[0, 0] *= 1.7
        noise = right[q] * (1 + 0.01 * rng.normal(size=right[q].shape))
        for nonsense in (entry, noise, rng.normal(size=right[q].shape)):
            comparison = ag.compare(net.J, right | {q: nonsense}, notes=nn.NOTES)
            assert comparison.first_wrong.name == q
            assert comparison.diagnosis.kind == "unknown"
            assert "cause unknown" in comparison.diagnosis.sentence


@pytest.mark.parametrize("head", ["symbol", "multiply", "add", "matmul", "sum"])
def test_without_a_rule_of_the_grammar_a_certain_name_is_still_no_wrong_one(head, monkeypatch):
    monkeypatch.setitem(edits._RULES, head, ())
    net = drawn("C", 0)
    for mistake in mistakes(net):
        comparison = ag.compare(net.J, chained(net, mistake.formulas), notes=nn.NOTES)
        diagnosis = comparison.diagnosis
        assert not comparison.ok
        if diagnosis.confidence == "certain":
            assert is_planted(comparison, diagnosis, mistake.formulas[diagnosis.name]), mistake.id


@pytest.mark.parametrize("name", ["dZ[3]", "dZ[1]", "dW[2]", "db[2]", "dA[1]"])
def test_a_random_edit_of_the_grammar_is_found_again(name, rng):
    net = drawn("C", 0)
    right = chained(net)
    setting = ag.compare(net.J, right | {name: right[name] + 1}, notes=nn.NOTES)._setting
    form = setting.backward[name].steps[0].term
    planted = [e for e in setting.grammar(name).edits(form) if e.term.shape == form.shape]
    named = tried = 0
    for edit in (planted[i] for i in rng.permutation(len(planted))[:12]):
        value = setting.truth.value(edit.term)
        if value is None or not np.isfinite(value).all() or np.allclose(value, right[name]):
            continue
        comparison = ag.compare(net.J, right | {name: value}, notes=nn.NOTES)
        tried += 1
        if comparison.diagnosis.kind != "unknown":
            found = comparison.diagnosis.candidates
            points = comparison._setting.redraws
            named += any(
                all(np.allclose(p.value(c.term), v) for p, v in zip(points, values(setting, edit)))
                for c in found
            )
    assert tried >= 3
    assert named >= 0.9 * tried


def values(setting, edit):
    return [point.value(edit.term) for point in setting.redraws]
