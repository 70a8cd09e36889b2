"""Mistakes in gradients of graphs that are no dense networks: nothing in the search knows one."""

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core.comparisons import compare_functions
from autograd_core.graph.node import topological_order

RNG = np.random.default_rng(0)


def tensor(name, *shape, data=None):
    return ag.tensor(RNG.normal(size=shape) if data is None else data, requires_grad=True, name=name)


def named(x, name):
    x.name = name
    return x


def recurrent():
    """Three steps with tied matrices."""
    W, U = tensor("W", 5, 5), tensor("U", 5, 3)
    h = named(ag.tensor(RNG.normal(size=(5, 1))), "h[0]")
    f = {"dh[3]": lambda v: v["h[3]"]}
    for t in (1, 2, 3):
        z = named(W @ h + U @ ag.tensor(RNG.normal(size=(3, 1)), name=f"x[{t}]"), f"z[{t}]")
        h = named(ag.tanh(z), f"h[{t}]")
    for t in (3, 2, 1):
        f[f"dz[{t}]"] = lambda v, t=t: v[f"dh[{t}]"] * (1 - v[f"h[{t}]"] ** 2)
        if t > 1:
            f[f"dh[{t - 1}]"] = lambda v, t=t: v["W"].T @ v[f"dz[{t}]"]
    f["dW"] = lambda v: sum(v[f"dz[{t}]"] @ v[f"h[{t - 1}]"].T for t in (1, 2, 3))
    f["dU"] = lambda v: sum(v[f"dz[{t}]"] @ v[f"x[{t}]"].T for t in (1, 2, 3))
    return named((h**2).sum() / 2, "J"), f


def normalisation():
    """Columns brought to mean 0 and variance 1, times a gain."""
    X, g, C = tensor("X", 6, 4), tensor("g", 6, 1), ag.tensor(RNG.normal(size=(6, 4)), name="C")
    D = named(X - X.mean(axis=0, keepdims=True), "D")
    S = named(ag.sqrt((D**2).mean(axis=0, keepdims=True) + 1e-5), "S")
    N = named(D / S, "N")
    f = {
        "dN": lambda v: v["g"] * v["C"],
        "dg": lambda v: (v["C"] * v["N"]).sum(axis=1, keepdims=True),
        "dS": lambda v: -(v["dN"] * v["D"]).sum(axis=0, keepdims=True) / v["S"] ** 2,
        "dD": lambda v: v["dN"] / v["S"] + v["dS"] * v["D"] / v["S"] / 6,
        "dX": lambda v: v["dD"] - v["dD"].mean(axis=0, keepdims=True),
    }
    return named((C * (g * N)).sum(), "J"), f


def attention():
    Q, K, V = tensor("Q", 5, 4), tensor("K", 5, 4), tensor("V", 5, 4)
    root = np.sqrt(5.0)
    P = named(ag.softmax(named(Q @ K.T / root, "S"), axis=1), "P")
    f = {
        "dO": lambda v: v["C"],
        "dV": lambda v: v["P"].T @ v["dO"],
        "dP": lambda v: v["dO"] @ v["V"].T,
        "dS": lambda v: v["P"] * (v["dP"] - (v["dP"] * v["P"]).sum(axis=1, keepdims=True)),
        "dQ": lambda v: v["dS"] @ v["K"] / root,
        "dK": lambda v: v["dS"].T @ v["Q"] / root,
    }
    return named((ag.tensor(RNG.normal(size=(5, 4)), name="C") * named(P @ V, "O")).sum(), "J"), f


SLIPS = [
    (recurrent, "transpose", {f"dh[{t}]": lambda v, t=t: v["W"] @ v[f"dz[{t + 1}]"] for t in (1, 2)}),
    (recurrent, "term missing", {"dW": lambda v: v["dz[3]"] @ v["h[2]"].T}),
    (recurrent, "operand", {"dW": lambda v: sum(v[f"dz[{t}]"] @ v[f"h[{t}]"].T for t in (1, 2, 3))}),
    (recurrent, "argument", {"dz[2]": lambda v: v["dh[2]"] * (1 - v["z[2]"] ** 2)}),
    (normalisation, "factor missing", {"dX": lambda v: v["dD"]}),
    (normalisation, "factor missing", {"dS": lambda v: -(v["dN"] * v["D"]).sum(0, keepdims=True) / v["S"]}),
    (normalisation, "argument", {"dg": lambda v: (v["C"] * v["D"]).sum(axis=1, keepdims=True)}),
    (normalisation, "term missing", {"dD": lambda v: v["dN"] / v["S"]}),
    (attention, "diagonal only", {"dS": lambda v: v["P"] * v["dP"] * (1 - v["P"])}),
    (attention, "transpose", {"dK": lambda v: v["dS"] @ v["Q"] / np.sqrt(5.0)}),
    (attention, "scale", {"dQ": lambda v: v["dS"] @ v["K"], "dK": lambda v: v["dS"].T @ v["Q"]}),
    (
        attention,
        "reduction",
        {"dS": lambda v: v["P"] * (v["dP"] - (v["dP"] * v["P"]).sum(axis=0, keepdims=True))},
    ),
]


def computed(J, formulas):
    """Claims as arrays, each fed with those before it."""
    v = {x.name: x.value for x in topological_order([J]) if x.name}
    claims = {}
    for name, formula in formulas.items():
        claims[name] = v[name] = formula(v)
    return claims


@pytest.mark.parametrize("make", [recurrent, normalisation, attention])
def test_the_right_gradients_agree(make):
    J, formulas = make()
    assert ag.compare(J, formulas, notes=nn.NOTES).ok
    assert ag.compare(J, computed(J, formulas), notes=nn.NOTES).ok


@pytest.mark.parametrize(("make", "kind", "wrong"), SLIPS)
def test_a_slip_is_placed_and_named(make, kind, wrong):
    J, formulas = make()
    for claims in (computed(J, formulas | wrong), formulas | wrong):
        comparison = ag.compare(J, claims, notes=nn.NOTES)
        guilty = {row.name for row in comparison.rows if row.verdict == "differs"}
        assert guilty == set(wrong)
        assert (comparison.diagnosis.kind, comparison.diagnosis.confidence) == (kind, "certain")


def quadratic(x, A):
    return (x.T @ A @ x).sum()


@pytest.mark.parametrize(
    ("gradient", "kind"),
    [
        (lambda x, A: 2 * A @ x, "transpose"),
        (lambda x, A: A @ x, "term missing"),
        (lambda x, A: (A - A.T) @ x, "sign"),
        (lambda x, A: (A + A.T) @ x / 2, "scale"),
    ],
)
def test_the_gradient_of_a_quadratic_form(gradient, kind):
    x, A = RNG.normal(size=(4, 1)), RNG.normal(size=(4, 4))
    assert compare_functions(quadratic, lambda x, A: ((A + A.T) @ x, x @ x.T), x, A).ok
    comparison = compare_functions(quadratic, gradient, x, A)
    assert comparison.first_wrong.name == "dx"
    assert comparison.diagnosis.kind == kind
    assert comparison.diagnosis.corrected in ("(A + Aᵀ) x", "(Aᵀ + A) x")


def test_gradients_may_be_given_by_the_names_of_parameters():
    x, A = RNG.normal(size=(4, 1)), RNG.normal(size=(4, 4))
    assert compare_functions(quadratic, lambda x, A: {"A": x @ x.T}, x, A).ok
    with pytest.raises(ag.OptionError, match="unknown parameter 'B'"):
        compare_functions(quadratic, lambda x, A: {"B": x}, x, A)
    with pytest.raises(ag.OptionError, match="3 gradients"):
        compare_functions(quadratic, lambda x, A: (x, A, A), x, A)


def test_a_formula_that_is_right_at_one_point_only_is_wrong():
    """The symmetric matrix of the example hides the missing transpose; fresh numbers show it."""
    x, A = RNG.normal(size=(3, 1)), RNG.normal(size=(3, 3))
    assert not compare_functions(quadratic, lambda x, A: 2 * A @ x, x, A + A.T).ok


def test_a_formula_may_know_the_data_that_have_no_name():
    w, X = tensor("w", 3), RNG.normal(size=(6, 3))
    J = ((X @ w) ** 2).sum() / 6
    assert ag.compare(J, {"w": lambda v: 2 * X.T @ (X @ v["w"]) / 6}, notes=nn.NOTES).ok
    wrong = ag.compare(J, {"w": lambda v: 2 * X.T @ (X @ v["w"])}, notes=nn.NOTES)
    assert wrong.diagnosis.kind == "scale"


def test_a_primitive_of_ones_own_is_diagnosed_the_day_it_is_declared(registry):
    @ag.pointwise(lambda y, x: 1 / (1 + x * x))
    def angle(x):
        return np.arctan(x)

    x = np.array([0.3, -1.2, 0.8, 2.0])
    c = np.array([1.0, 2.0, -1.0, 0.5])
    assert compare_functions(lambda x, c: (c * angle(x)).sum(), lambda x, c: c / (1 + x**2), x, c).ok
    wrong = compare_functions(lambda x, c: (c * angle(x)).sum(), lambda x, c: c * (1 + x**2), x, c)
    assert wrong.diagnosis.kind != "unknown"
