"""Slips further away: along another axis, in what a symbol stands for, in a number inside of a function."""

import numpy as np
import pytest
from mistake_case import chained, drawn, is_planted

import autograd_core as ag
import nn

RNG = np.random.default_rng(0)


def named(x, name):
    x.name = name
    return x


def regression():
    """Several classes, by logsumexp."""
    W = ag.tensor(RNG.normal(size=(3, 4)), requires_grad=True, name="W")
    X, Y = (
        ag.tensor(RNG.normal(size=(4, 8)), name="X"),
        ag.tensor(np.eye(3)[:, [0, 1, 2, 1, 0, 1, 1, 2]], name="Y"),
    )
    E = named(W @ X, "E")
    return (ag.logsumexp(E, axis=0) - (Y * E).sum(axis=0)).sum() / 8


def sharpened():
    """A softmax at a third of the temperature."""
    x = ag.tensor(RNG.normal(size=6), requires_grad=True, name="x")
    return ag.logsumexp(3.0 * x) / 3.0 - ag.mean(x)


def filtered():
    """A correction by a gain that is computed before."""
    P, H, R = RNG.normal(size=(4, 4)), RNG.normal(size=(2, 4)), np.array([[4.0, 0.2], [0.5, 5.0]])
    P, H, R = (ag.tensor(x, name=n) for x, n in ((P @ P.T, "P"), (H, "H"), (R, "R")))
    x, y = (
        ag.tensor(RNG.normal(size=(n, 1)), requires_grad=True, name=name) for n, name in ((4, "x"), (2, "y"))
    )
    S = named(H @ P @ H.T + R, "S")
    K = named(P @ H.T @ ag.linalg.inv(S), "K")
    h = named(x + K @ named(y - H @ x, "e"), "h")
    return (h**2).sum() / 2


def exp_shares(v, axis):
    return np.exp(v["E"]) / np.exp(v["E"]).sum(axis=axis, keepdims=True)


SLIPS = [
    (regression, "dE", "reduction", lambda v: (exp_shares(v, 1) - v["Y"]) / 8),
    (regression, "dE", "function", lambda v: (np.exp(v["E"]) - v["Y"]) / 8),
    (regression, "dE", "function", lambda v: (1 / (1 + np.exp(-v["E"])) - v["Y"]) / 8),
    (sharpened, "dx", "factor missing", lambda v: np.exp(v["x"]) / np.exp(v["x"]).sum() - 1 / 6),
    (filtered, "de", "factor missing", lambda v: np.linalg.inv(v["S"]).T @ v["H"] @ v["dh"]),
]


@pytest.mark.parametrize(("make", "name", "kind", "wrong"), SLIPS)
def test_a_slip_that_is_not_on_the_surface_is_named(make, name, kind, wrong):
    comparison = ag.compare(make(), {name: wrong}, notes=nn.NOTES)
    assert comparison.diagnosis.kind == kind
    assert is_planted(comparison, comparison.diagnosis, wrong)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("dA[3]", lambda v: (v["A[3]"] - v["Y"]) / 7),
        ("dZ[1]", lambda v: v["dA[1]"] * np.sqrt(1 - v["A[1]"] ** 2)),
        ("db[2]", lambda v: v["dZ[2]"].max(axis=1, keepdims=True)),
    ],
)
def test_another_formula_in_the_place_of_the_right_one_is_written(name, wrong):
    net = drawn("C", 5)
    for claims in (chained(net, {name: wrong}), net.formulas | {name: wrong}):
        comparison = ag.compare(net.J, claims, notes=nn.NOTES)
        assert comparison.first_wrong.name == name
        assert comparison.diagnosis.kind != "unknown"
        assert is_planted(comparison, comparison.diagnosis, wrong)


def test_another_slope_of_a_leaky_unit_is_a_scale():
    Z = ag.tensor(RNG.normal(size=(4, 7)), requires_grad=True, name="Z")
    J = (named(ag.where(Z > 0, Z, 0.01 * Z), "A") ** 2).sum()
    assert ag.compare(J, {"Z": lambda v: v["dA"] * np.where(v["Z"] > 0, 1.0, 0.01)}, notes=nn.NOTES).ok
    wrong = ag.compare(J, {"Z": lambda v: v["dA"] * np.where(v["Z"] > 0, 1.0, 0.3)}, notes=nn.NOTES)
    assert wrong.diagnosis.kind == "scale"


def test_one_number_is_no_evidence_for_a_constant_that_is_solved_for():
    """A scalar gradient is some multiple of anything."""
    a = ag.tensor(RNG.normal(size=5), requires_grad=True, name="a")
    p = named(ag.sigmoid(named(a.sum(), "z")), "p")
    comparison = ag.compare(-ag.log(p), {"z": lambda v: -v["p"]}, notes=nn.NOTES)
    assert comparison.diagnosis.kind == "product kind" or comparison.diagnosis.confidence != "certain"
    assert is_planted(comparison, comparison.diagnosis, lambda v: -v["p"])
