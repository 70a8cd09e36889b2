"""Whose fault a difference is, and what is no fault at all."""

import numpy as np
import pytest
from mistake_case import chained, drawn, mistakes, values

import autograd_core as ag
import nn
from autograd_core.__main__ import main
from autograd_core.comparisons.diagnosing import diagnosis as diagnosis_module
from autograd_core.graph.node import topological_order


def verdicts(comparison):
    return {row.name: row.verdict for row in comparison.rows}


@pytest.fixture
def net():
    return drawn("B", 0)


def test_what_follows_from_a_mistake_is_inherited(net):
    wrong = {"dZ[2]": lambda v: v["dA[2]"]}
    found = verdicts(ag.compare(net.J, chained(net, wrong), notes=nn.NOTES))
    assert [name for name, verdict in found.items() if verdict == "differs"] == ["dZ[2]"]
    assert found["dZ[3]"] == found["dW[3]"] == "agrees"
    assert found["dW[2]"] == found["dA[1]"] == found["dZ[1]"] == found["db[1]"] == "inherited"


def test_each_of_two_mistakes_is_diagnosed(net):
    wrong = {"dZ[3]": lambda v: -net.formulas["dZ[3]"](v), "dW[1]": lambda v: 2 * v["dZ[1]"] @ v["X"].T}
    comparison = ag.compare(net.J, chained(net, wrong), notes=nn.NOTES)
    assert [(d.name, d.kind) for d in comparison.diagnoses] == [("dZ[3]", "sign"), ("dW[1]", "scale")]
    assert comparison.diagnosis.sentence in str(comparison)


def test_a_gradient_printed_with_four_digits_is_rounded_not_wrong(net):
    digits = {k: np.array([[float(f"{x:.4g}") for x in row] for row in g]) for k, g in chained(net).items()}
    places = {name: np.round(g, 5) for name, g in chained(net).items()}
    for claims in (digits, places):
        comparison = ag.compare(net.J, claims, notes=nn.NOTES)
        assert set(verdicts(comparison).values()) <= {"rounding", "agrees", "inherited"}
    assert ag.compare(net.J, places, notes=nn.NOTES).ok


def test_a_mistake_is_named_in_numbers_of_seven_places(net):
    for mistake in mistakes(net):
        claims = {name: np.round(g, 7) for name, g in chained(net, mistake.formulas).items()}
        comparison = ag.compare(net.J, claims, notes=nn.NOTES)
        assert comparison.first_wrong.name in mistake.formulas, mistake.id
        assert comparison.diagnosis.kind in mistake.kinds, mistake.id


def test_a_mistake_is_named_in_float32(net):
    for mistake in mistakes(net):
        claims = {name: g.astype(np.float32) for name, g in chained(net, mistake.formulas).items()}
        assert ag.compare(net.J, claims, notes=nn.NOTES).diagnosis.kind in mistake.kinds, mistake.id


def test_what_cancels_to_nothing_is_rounding():
    z = ag.tensor([[0.3, 1.0], [0.7, -2.0], [0.1, 0.4]], requires_grad=True, name="Z")
    A = ag.softmax(z, axis=0)
    A.name = "A"
    comparison = ag.compare((A.sum() + 0 * z.sum()), {"Z": np.full((3, 2), 1e-17)}, notes=nn.NOTES)
    assert verdicts(comparison) == {"dZ": "rounding"}
    assert comparison.ok


def test_a_derivative_that_is_not_finite_cannot_be_told():
    x = ag.tensor([0.0, 4.0], requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        comparison = ag.compare(ag.sqrt(x).sum(), {"x": np.array([1.0, 0.25])}, notes=nn.NOTES)
    assert verdicts(comparison) == {"dx": "cannot tell"}


def test_overflow_in_a_claim_is_called_that(net):
    claims = chained(net)
    claims["dZ[3]"] = claims["dZ[3]"].copy()
    claims["dZ[3]"][0, 1] = np.nan
    diagnosis = ag.compare(net.J, claims, notes=nn.NOTES).diagnosis
    assert diagnosis.kind == "unknown"
    assert "is nan at [0, 1] and right wherever it is finite" in diagnosis.sentence


def test_a_claim_of_nothing_is_called_that(net):
    claims = {"dZ[3]": np.zeros((2, 7))}
    assert ag.compare(net.J, claims, notes=nn.NOTES).diagnosis.sentence.startswith("dZ[3] is 0 everywhere")


def test_a_right_gradient_in_another_shape_is_said(net):
    claims = {"db[3]": chained(net)["db[3]"].ravel()}
    diagnosis = ag.compare(net.J, claims, notes=nn.NOTES).diagnosis
    assert (diagnosis.kind, diagnosis.confidence) == ("shape", "certain")
    assert "db[3] is right, but in shape (2,): (2, 1) is wanted" in diagnosis.sentence


def test_a_formula_that_cannot_be_computed_is_said(net):
    comparison = ag.compare(net.J, net.formulas | {"dA[2]": lambda v: v["W[3]"] @ v["dZ[3]"]}, notes=nn.NOTES)
    assert comparison.first_wrong.name == "dA[2]"
    assert comparison.diagnosis.kind == "shape"
    assert "cannot be computed" in comparison.diagnosis.sentence
    assert comparison.diagnosis.corrected == "W[3]ᵀ dZ[3]"


def test_one_example_or_one_class_cannot_tell_and_that_is_said():
    W = ag.tensor([[1.0, 2.0]], requires_grad=True, name="W")
    X, Y = ag.tensor([[0.3], [0.4]], name="X"), ag.tensor([[1.0, 1.0]], name="Y")
    comparison = ag.compare((W @ X * Y).sum(), {"W": 2 * X.data.T}, notes=nn.NOTES)
    assert comparison.ok
    assert [limit.split(":")[0] for limit in comparison.limits] == ["X has one column", "Y is 1 everywhere"]
    assert comparison.limits[0] in str(comparison)


def test_two_readings_of_one_batch_are_both_written():
    """Where m = n, 1/m and 1/n are one number; the formula is written with the one that has a symbol."""
    net = drawn("Q", 0, 4)
    wrong = {"db[3]": lambda v: v["dZ[3]"].sum() + 0 * v["dZ[3]"][:, :1]}
    diagnosis = ag.compare(net.J, chained(net, wrong), notes=nn.NOTES).diagnosis
    assert diagnosis.kind in ("reduction", "unknown")
    if diagnosis.confidence == "ambiguous":
        assert " or, on these numbers, " in diagnosis.sentence


def test_the_search_begins_when_a_diagnosis_is_asked_for(net, monkeypatch):
    called = []
    searching = diagnosis_module.Searching
    monkeypatch.setattr(diagnosis_module, "Searching", lambda *a: called.append(a) or searching(*a))
    comparison = ag.compare(net.J, chained(net, {"dZ[3]": lambda v: v["A[3]"] - v["Y"]}), notes=nn.NOTES)
    assert not comparison.ok
    assert not called
    assert comparison.diagnosis.kind == "scale"
    assert comparison.diagnosis is comparison.diagnosis
    assert len(called) == 1


def test_the_effort_is_the_same_every_time(net):
    wrong = chained(net) | {"dZ[1]": np.sin(np.arange(35.0)).reshape(5, 7)}
    assert len({ag.compare(net.J, wrong, notes=nn.NOTES).diagnosis.tried for _ in range(2)}) == 1


def test_the_page_of_a_comparison_is_escaped_html(net):
    comparison = ag.compare(net.J, chained(net, {"dZ[3]": lambda v: v["A[3]"] - v["Y"]}), notes=nn.NOTES)
    page = comparison.html()
    assert page == comparison._repr_html_()
    assert page.startswith("<table><tr><th>quantity</th>")
    assert "<li>dZ[3] = A[3] − Y: scale (times m); right is (A[3] − Y) / m</li>" in page


def recorded_with(net, cost):
    """The same network under a cost that somebody printed."""
    nodes = {x.name: x for x in topological_order([net.J]) if x.name}
    J = cost(nodes["A[3]"], nodes["Y"]) / net.m
    J.name = "J"
    return J


def right_cost(v):
    A, Y = v["A[3]"], v["Y"]
    return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / A.shape[1]


def test_a_wrong_cost_with_its_own_derivative_agrees_until_a_third_witness_comes(net):
    J = recorded_with(net, lambda A, Y: (-Y * ag.log(A) + (1 - Y) * ag.log(1 - A)).sum())
    v = values(J)
    claim = {"dA[3]": -(v["Y"] / v["A[3]"] + (1 - v["Y"]) / (1 - v["A[3]"])) / net.m}
    assert ag.compare(J, claim, notes=nn.NOTES).ok
    comparison = ag.compare(J, claim, cost=right_cost, notes=nn.NOTES)
    assert comparison.first_wrong.name == "J"
    assert comparison.diagnosis.kind == "sign"
    assert ag.compare(net.J, {}, cost=right_cost, notes=nn.NOTES).ok
    assert ag.compare(net.J, {}, cost=right_cost(values(net.J)), notes=nn.NOTES).ok
    by_value = ag.compare(J, claim, cost=right_cost(v), notes=nn.NOTES)
    assert (by_value.first_wrong.name, by_value.diagnosis.kind) == ("J", "unknown")


FILES = {
    "right": "f, closed_form, inputs = (lambda x: (x * x).sum()), (lambda x: 2 * x), ([1.0, 2.0],)",
    "wrong": "f, closed_form, inputs = (lambda x: (x * x).sum()), (lambda x: x), ([1.0, 2.0, 4.0, 5.0],)",
    "tensors": """
import autograd_core as ag
x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
J, claimed = (x * x).sum(), {"dx": 2 * x.data}
""",
    "neither": "f = 3",
}


@pytest.mark.parametrize(
    ("which", "code", "said"),
    [
        ("right", 0, "agrees"),
        ("wrong", 1, "dx = x: scale (times 1 / 2); right is 2 x"),
        ("tensors", 0, "agrees"),
        ("neither", 2, "defines neither"),
        ("absent", 2, "there is no such file"),
    ],
)
def test_the_command_line_checks_what_a_file_claims(which, code, said, tmp_path, capsys):
    path = tmp_path / "claims.py"
    if which in FILES:
        path.write_text(FILES[which])
    assert main(["check", str(path)]) == code
    printed = capsys.readouterr()
    assert said in printed.out + printed.err


def test_the_command_line_wants_a_file_or_data(capsys):
    assert main(["check"]) == 2
    assert "give either FILE.py" in capsys.readouterr().err
