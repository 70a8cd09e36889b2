"""Finite differences beside autodiff and the claim: rules that are wrong, and kinks."""

import numpy as np
import pytest
from mistake_case import chained, drawn

import autograd_core as ag
import nn
from autograd_core.graph.node import topological_order

C = np.array([1.0, 2.0, 3.0, 4.0])


def verdicts(comparison):
    return {row.name: row.verdict for row in comparison.rows}


@pytest.fixture(params=[1.0, 1.001, -1.0])
def cubed(request, registry):
    """A cost through an operation whose derivative is right, or not."""

    @ag.pointwise(lambda y, x: 3 * request.param * x * x)
    def cube(x):
        return x**3

    x = ag.tensor([1.0, 2.0, -3.0], requires_grad=True, name="x")
    W = ag.tensor([[0.3, -1.0, 0.7], [1.5, 0.2, -0.4]], requires_grad=True, name="W")
    u = cube(x)
    u.name = "u"
    return request.param, (W @ u).sum(), W.data, x.data


def test_a_wrong_rule_of_ones_own_operation_is_named_and_nobody_believed(cubed):
    factor, J, W, x = cubed
    right = W.sum(axis=0) * 3 * x**2
    for claim in (right, factor * right):
        comparison = ag.compare(J, {"W": np.ones((2, 1)) * x**3, "u": W.sum(axis=0), "x": claim})
        if factor == 1:
            assert set(verdicts(comparison).values()) == {"agrees"}
            assert comparison.diagnosis is None
            continue
        assert not comparison
        assert verdicts(comparison) == {"dW": "agrees", "du": "agrees", "dx": "disputed"}
        assert comparison.diagnosis.kind == "rule"
        assert "differs from finite differences in dx" in comparison.diagnosis.sentence
        assert "declared of cube is wrong" in str(comparison)
        agree = "finite differences agree with what is claimed of dx"
        assert (agree in comparison.diagnosis.sentence) is (claim is right)


def test_a_wrong_claim_beside_a_wrong_rule_is_still_diagnosed(cubed):
    factor, J, W, x = cubed
    comparison = ag.compare(J, {"W": 2 * np.ones((2, 1)) * x**3, "x": factor * W.sum(axis=0) * 3 * x**2})
    assert verdicts(comparison)["dW"] == "differs"
    assert [d.kind for d in comparison.diagnoses] == ["scale"]


def test_one_wrong_adjoint_of_two_is_enough(registry):
    @ag.primitive(
        vjps=[lambda ct, y, a, b: ct * b, lambda ct, y, a, b: 1.001 * ct * a],
        jvps=[lambda t, y, a, b: t * b, lambda t, y, a, b: t * a],
    )
    def area(a, b):
        return a * b

    a, b = (ag.tensor(C + i, requires_grad=True, name=name) for i, name in enumerate("ab"))
    comparison = ag.compare(area(a, b).sum(), {"a": b.data, "b": a.data})
    assert verdicts(comparison) == {"da": "agrees", "db": "disputed"}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ["R", "C", "V", "L2"])
def test_right_rules_are_never_disputed(name, dtype):
    net = drawn(name, 3)
    if dtype is np.float32:
        x = ag.tensor(np.linspace(-1, 1, 9, dtype=dtype), requires_grad=True, name="x")
        assert ag.compare(ag.relu(ag.exp(x) - 1).sum(), {"x": np.where(x.data > 0, np.exp(x.data), 0)}).ok
    assert "disputed" not in verdicts(ag.compare(net.J, chained(net))).values()


def test_an_operation_that_cannot_be_repeated_disputes_nothing(registry):
    calls = []

    @ag.primitive(vjps=[lambda ct, y, x: ct], jvps=[lambda t, y, x: t])
    def moody(x):
        calls.append(x)
        if len(calls) > 1:
            raise RuntimeError("once is enough")
        return x + 0.0

    x = ag.tensor(C, requires_grad=True, name="x")
    assert verdicts(ag.compare(moody(x).sum(), {"x": np.ones(4)})) == {"dx": "agrees"}


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_every_slope_between_those_beside_a_kink_is_a_convention(slope):
    z = ag.tensor([1.0, 0.0, -3.0, 0.0], requires_grad=True, name="z")

    def claim(v):
        return C * np.where(v["z"] == 0, slope, v["z"] > 0)

    for claimed in (claim, claim({"z": z.data})):
        comparison = ag.compare((C * ag.relu(z)).sum(), {"z": claimed})
        assert comparison.ok
        assert verdicts(comparison) == {"dz": "convention" if slope else "agrees"}
        assert bool(slope) is ("relu has a kink at z[1]" in str(comparison))


@pytest.mark.parametrize("slope", [-0.5, 1.5])
def test_a_slope_outside_of_those_beside_a_kink_is_wrong(slope):
    z = ag.tensor([1.0, 0.0, -3.0, 0.0], requires_grad=True, name="z")
    assert not ag.compare((C * ag.relu(z)).sum(), {"z": C * np.where(z.data == 0, slope, z.data > 0)}).ok


def test_a_mistake_beside_a_kink_is_a_mistake():
    z = ag.tensor([1.0, 0.0, -3.0, 0.0], requires_grad=True, name="z")
    comparison = ag.compare((C * ag.relu(z)).sum(), {"z": 2 * C * (z.data >= 0)})
    assert verdicts(comparison) == {"dz": "differs"}


TIES = {
    "the first of equal ones": (lambda a: 3 * a.max(), [0.0, 3.0, 0.0, 0.0]),
    "the last of equal ones": (lambda a: 3 * a.max(), [0.0, 0.0, 3.0, 0.0]),
    "absolute value": (lambda a: (C * ag.abs(a - 2)).sum(), [-1.0, 2.0, 3.0, -4.0]),
    "a choice": (lambda a: (C * ag.where(a > 2, 5 * a - 8, a)).sum(), [1.0, 10.0, 15.0, 4.0]),
}


@pytest.mark.parametrize("which", TIES)
def test_ties_and_choices_are_kinks_too(which):
    f, claim = TIES[which]
    a = ag.tensor([1.0, 2.0, 2.0, -1.0], requires_grad=True, name="a")
    comparison = ag.compare(f(a), {"a": np.array(claim)})
    assert comparison.ok
    assert verdicts(comparison) == {"da": "convention"}


def test_both_winners_of_a_tie_cannot_have_all():
    a = ag.tensor([1.0, 2.0, 2.0, -1.0], requires_grad=True, name="a")
    assert not ag.compare(3 * a.max(), {"a": np.array([0.0, 3.0, 3.0, 0.0])}).ok


def test_a_jump_is_no_kink():
    a = ag.tensor([1.0, 0.0, 2.0, -1.0], requires_grad=True, name="a")
    assert not ag.compare(ag.where(a > 0, 1.0, a - 3).sum(), {"a": np.array([0.0, 0.0, 0.0, 1.0])}).ok


def test_a_net_of_kinks_is_excused_as_a_whole_even_if_only_the_parameters_are_claimed():
    rng = np.random.default_rng(0)
    widths = [(4, 5, "relu"), (5, 3, "relu"), (3, 2, "sigmoid")]
    net = nn.Sequential(*(nn.Dense(n, k, g, rng=rng) for n, k, g in widths))
    X = rng.normal(size=(4, 7))
    X[:, 2] = 0  # with no bias, all of its values lie on the kink
    J = nn.costs.binary_cross_entropy(net(X), (rng.random((2, 7)) < 0.5) * 1.0)
    v = {x.name: x.value for x in topological_order([J]) if x.name}
    claims = {"dZ[3]": (v["A[3]"] - v["Y"]) / 7}
    for l in (3, 2, 1):
        claims[f"dW[{l}]"] = claims[f"dZ[{l}]"] @ v["X" if l == 1 else f"A[{l - 1}]"].T
        claims[f"db[{l}]"] = claims[f"dZ[{l}]"].sum(axis=1, keepdims=True)
        if l > 1:
            claims[f"dA[{l - 1}]"] = v[f"W[{l}]"].T @ claims[f"dZ[{l}]"]
            claims[f"dZ[{l - 1}]"] = claims[f"dA[{l - 1}]"] * (v[f"Z[{l - 1}]"] >= 0)
    for asked in (claims, {k: x for k, x in claims.items() if k[1] in "Wb"}):
        comparison = ag.compare(J, asked)
        assert comparison.ok
        assert verdicts(comparison)["db[1]"] == "convention"
        assert "relu has a kink at Z[1]" in str(comparison)


def test_differences_that_do_not_converge_dispute_nothing():
    n = np.arange(7.0)
    H = ag.tensor(1 / (n + n[:, None] + 1), requires_grad=True, name="H")
    inverse = np.linalg.inv(H.data)
    assert verdicts(ag.compare(ag.linalg.inv(H).sum(), {"H": -np.outer(inverse.sum(0), inverse.sum(1))})) == {
        "dH": "agrees"
    }


OPERATIONS = {
    "exp": lambda x: ag.exp(x),
    "relu": lambda x: ag.relu(x - 2),
    "divide": lambda x: C / x,
    "softmax": lambda x: ag.softmax(x),
    "logsumexp": lambda x: ag.logsumexp(x),
    "max": lambda x: ag.max(x),
    "sum": lambda x: ag.sum(x * x),
    "matmul": lambda x: x @ np.outer(C, C),
    "solve": lambda x: ag.linalg.solve(np.diag(C) + 0.1, x),
    "getitem": lambda x: x[1:3],
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_sort_of_rule_is_disputed_when_it_is_wrong_by_a_thousandth(name):
    x = ag.tensor(C + 0.3, requires_grad=True, name="x")
    y = OPERATIONS[name](x)
    J = (y * np.cos(np.arange(y.size)).reshape(y.shape)).sum()
    assert verdicts(ag.compare(J, {"x": np.zeros(4)})) != {"dx": "disputed"}
    for node in topological_order([J]):
        if node.primitive and node.primitive.name == name:
            rules = node.primitive.vjps
            node.primitive = node.primitive._replace(
                vjps=[rule and (lambda *a, r=rule, **k: 1.001 * r(*a, **k)) for rule in rules]
            )
    assert verdicts(ag.compare(J, {"x": np.zeros(4)})) == {"dx": "disputed"}
