"""The derivations of the notes' later parts, step by step: tables of elementary graphs."""

import numpy as np
import pytest
from scipy.special import expit, softmax

import autograd_core as ag
import autograd_core.differentiation.recorded
import nn
from autograd_core.differentiation import recorded
from autograd_core.wording.errors import DtypeError, GraphError, OptionError, ShapeError
from nn import elementary

POINTS = [-3.0, -0.4, 0.0, 0.7, 2.5]
A, Y = np.array([[0.2, 0.7, 0.5], [0.8, 0.4, 0.9]]), np.array([[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
SHARES, ONE_HOT = np.array([[0.2, 0.7, 0.5], [0.8, 0.3, 0.5]]), np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
M = 3


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-16)


def expressions(table):
    return {row.name: row.expression for row in table.rows}


def adjoints(table):
    return {row.name: row.adjoint for row in table.rows}


@pytest.mark.parametrize("z", POINTS)
def test_relu_has_derivative_1_above_0_and_0_elsewhere(z):
    table = elementary.trace("relu", z=z)
    assert (table.result, table.derivatives["z"]) == (max(0.0, z), 1.0 if z > 0 else 0.0)


@pytest.mark.parametrize("z", POINTS)
def test_the_sigmoid_graph_has_the_values_and_adjoints_derived_by_hand(z):
    table = elementary.trace("sigmoid", z=z)
    e, a = np.exp(-z), expit(z)
    assert expressions(table) == {"u0": "z", "u1": "−u0", "u2": "exp(u1)", "u3": "1 + u2", "u4": "1 / u3"}
    close([row.value for row in table.rows], [z, -z, e, 1 + e, a])
    u3 = 1 + e
    close([row.adjoint for row in table.rows], [e / u3**2, -e / u3**2, -1 / u3**2, -1 / u3**2, 1.0])
    close(table.derivatives["z"], a * (1 - a))


@pytest.mark.parametrize("z", POINTS)
def test_the_tanh_graph_has_the_values_and_adjoints_derived_by_hand(z):
    table = elementary.trace("tanh", z=z)
    assert expressions(table) == {
        "u0": "z", "u1": "−u0", "u2": "exp(u0)", "u3": "exp(u1)",
        "u4": "u2 − u3", "u5": "u2 + u3", "u6": "1 / u5", "u7": "u4 ⊙ u6",
    }  # fmt: skip
    grows, falls = np.exp(z), np.exp(-z)
    total, difference = grows + falls, grows - falls
    wanted = {
        "u7": 1.0,
        "u6": difference,
        "u5": -difference / total**2,
        "u4": 1 / total,
        "u3": -2 * grows / total**2,
        "u2": 2 * falls / total**2,
        "u1": -2 * grows * falls / total**2,
        "u0": 4 * grows * falls / total**2,
    }
    for name, adjoint in wanted.items():
        close(table[name].adjoint, adjoint)
    close(table.result, np.tanh(z))
    close(table.derivatives["z"], 1 - np.tanh(z) ** 2)


def test_where_a_step_is_used_twice_its_adjoint_is_the_sum_of_what_both_send_back():
    """In the tanh graph u0, u2 and u3 have two readers each; either part alone is wrong."""
    table = elementary.trace("tanh", z=0.3)
    u = {row.name: row.value for row in table.rows}
    du = adjoints(table)
    for name, parts in {
        "u3": (-du["u4"], du["u5"]),
        "u2": (du["u4"], du["u5"]),
        "u0": (-du["u1"], du["u2"] * u["u2"]),
    }.items():
        close(du[name], sum(parts))
        assert all(abs(du[name] - part) > 0.1 for part in parts)


@pytest.mark.parametrize("z", POINTS)
def test_the_two_softmax_graphs_give_a_column_of_the_jacobian(z):
    """∂a_j/∂z_j = a_j (1 − a_j), and ∂a_p/∂z_j = −a_p a_j for another node p."""
    others = np.array([1.0, -0.5, 0.2])
    a = softmax([z, *others])
    own = elementary.trace("softmax", z=z, others=others)
    another = elementary.trace("softmax_of_another", z=z, others=others)
    close(own.result, a[0])
    close(own.derivatives["z"], a[0] * (1 - a[0]))
    close(own.derivatives["others"], -a[0] * a[1:])
    close(another.result, a[1])
    close(another.derivatives["z"], -a[1] * a[0])
    for name in ("u1", "u2", "u3", "u4"):
        assert expressions(own)[name] == expressions(another)[name]
        close(own[name].value, another[name].value)


def test_the_softmax_graph_has_the_adjoints_derived_by_hand():
    z, others = 0.3, np.array([1.0, -0.5])
    table = elementary.trace("softmax", z=z, others=others)
    assert list(expressions(table)) == ["u-1", "u0", "u1", "u2", "u3", "u4", "u5"]
    u1, u3 = np.exp(z), np.exp(z) + np.exp(others).sum()
    close(table["u4"].adjoint, u1)
    close(table["u3"].adjoint, -u1 / u3**2)
    close(table["u1"].adjoint, 1 / u3 - u1 / u3**2)
    close(table["u-1"].adjoint, u1 / u3 - u1**2 / u3**2)


def test_the_graph_of_the_binary_cost_has_the_adjoints_derived_by_hand():
    a, y = A[0], Y[0]
    table = elementary.trace("binary", a=a, y=y)
    assert expressions(table) == {
        "u0": "a", "u1": "1 − u0", "u2": "log(u0)", "u3": "log(u1)",
        "u4": "y ⊙ u2 + (1 − y) ⊙ u3", "u5": "(−(Σ_axis=0 u4)) / 3",
    }  # fmt: skip
    close(table.result, -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum() / M)
    close(table["u4"].adjoint, np.full(M, -1 / M))
    close(table["u3"].adjoint, -(1 - y) / M)
    close(table["u2"].adjoint, -y / M)
    close(table["u1"].adjoint, -(1 - y) / (1 - a) / M)
    close(table.derivatives["a"], ((1 - y) / (1 - a) - y / a) / M)


def test_the_graph_of_the_multiclass_cost_has_the_adjoints_derived_by_hand():
    table = elementary.trace("multiclass", a=SHARES, y=ONE_HOT)
    assert list(expressions(table).values())[:4] == ["a", "log(u0)", "y ⊙ u1", "Σ_axis=0 u2"]
    close(table.result, -(ONE_HOT * np.log(SHARES)).sum() / M)
    close(table["u3"].adjoint, np.full(M, -1 / M))
    close(table["u2"].adjoint, np.full((2, M), -1 / M))
    close(table["u1"].adjoint, -ONE_HOT / M)
    close(table.derivatives["a"], -ONE_HOT / SHARES / M)


def test_the_multilabel_cost_is_a_sum_of_binary_ones_each_with_its_own_1_over_m():
    table = elementary.trace("multilabel", a=A, y=Y)
    rows = [elementary.trace("binary", a=a, y=y) for a, y in zip(A, Y, strict=True)]
    close(table["u5"].value, [row.result for row in rows])
    close(table["u5"].adjoint, [1.0, 1.0])
    close(table.result, sum(row.result for row in rows))
    close(table.derivatives["a"], [row.derivatives["a"] for row in rows])


@pytest.mark.parametrize(
    ("graph", "cost", "a", "y"),
    [
        ("binary", nn.costs.binary_cross_entropy, A[0], Y[0]),
        ("multiclass", nn.costs.cross_entropy, SHARES, ONE_HOT),
        ("multilabel", nn.costs.binary_cross_entropy, A, Y),
    ],
)
def test_a_cost_and_its_graph_agree(graph, cost, a, y):
    table = elementary.trace(graph, a=a, y=y)
    value, gradient = ag.value_and_grad(lambda a: cost(ag.reshape(a, (-1, M)), y.reshape(-1, M)))(a)
    close(table.result, value)
    close(table.derivatives["a"], gradient)


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("z", POINTS)
def test_an_activation_and_its_graph_agree(name, z):
    table = elementary.trace(name, z=z)
    value, slope = ag.value_and_grad(nn.activations.named(name))(z)
    close(table.result, value)
    close(table.derivatives["z"], slope)


@pytest.mark.parametrize("graph", ["binary", "multilabel"])
def test_through_a_sigmoid_output_the_derivative_is_a_minus_y_over_m(graph):
    """The elementary graphs of the output and of the cost joined: dZ = (A − Y)/m."""
    y = Y[0] if graph == "binary" else Y
    z = np.linspace(-1.0, 2.0, y.size).reshape(y.shape)

    def joined(z):
        a = elementary.GRAPHS["sigmoid"](z)[-1]
        return elementary.GRAPHS[graph](a, y=y)[-1]

    close(elementary.trace(joined, z=z).derivatives["z"], (expit(z) - y) / M)


def test_a_function_of_ones_own_is_numbered_in_the_order_of_recording():
    table = elementary.trace(lambda x, w: ag.sin(w * x) + x, x=2.0, w=0.5)
    assert expressions(table) == {
        "u-1": "x", "u0": "w", "u1": "u0 ⊙ u-1", "u2": "sin(u1)", "u3": "u2 + u-1",
    }  # fmt: skip
    close(table.derivatives["x"], 0.5 * np.cos(1.0) + 1)
    close(table.derivatives["w"], 2.0 * np.cos(1.0))
    assert str(table).splitlines()[1].split() == ["u-1", "x", "2", "1.27015"]


def test_a_step_that_leads_nowhere_has_adjoint_0():
    table = elementary.trace(lambda x: (x * x, 3.0 * x), x=2.0)
    assert [float(row.adjoint) for row in table.rows] == [3.0, 0.0, 1.0]


def test_a_table_is_recorded_inside_no_grad_too():
    with ag.no_grad():
        assert elementary.trace("tanh", z=0.0).derivatives["z"] == 1.0


# The earlier post of the series: what a Jacobian costs forward and backward


def y1(x1, x2, x3):
    return x1 * (x2 - x3)


def y2(x1, x2, x3):
    return x3 * ag.log(1 - x1)


def example(x1, x2, x3):
    return y1(x1, x2, x3), y2(x1, x2, x3)


X = (0.3, 2.0, -1.5)
JACOBIAN = np.array([[X[1] - X[2], X[0], -X[0]], [-X[2] / (1 - X[0]), 0.0, np.log(1 - X[0])]])


@pytest.mark.parametrize(("y", "row"), [(y1, JACOBIAN[0]), (y2, JACOBIAN[1])])
def test_one_sweep_back_from_a_result_gives_its_row_of_the_jacobian(y, row):
    x1, x2, x3 = X
    table = elementary.trace(y, x1=x1, x2=x2, x3=x3)
    assert list(expressions(table))[:3] == ["u-2", "u-1", "u0"]
    close(list(table.derivatives.values()), row)


@pytest.fixture
def sweeps(monkeypatch):
    """Count sweeps over the graph by direction."""
    counted = {"forward": 0, "reverse": 0}

    def counting(direction, sweep):
        def run(*args, **kwargs):
            counted[direction] += 1
            return sweep(*args, **kwargs)

        return run

    for direction in counted:
        name = f"{direction}_sweep"
        sweep = counting(direction, getattr(recorded, name))
        monkeypatch.setattr(recorded, name, sweep)
    return counted


def test_a_jacobian_takes_a_forward_sweep_a_variable(sweeps):
    rows = ag.jacobian(example, argnums=(0, 1, 2), mode="forward")(*X)
    close(rows, JACOBIAN)
    assert sweeps == {"forward": 3, "reverse": 0}


def test_a_jacobian_takes_a_reverse_sweep_a_result(sweeps):
    rows = ag.jacobian(example, argnums=(0, 1, 2), mode="reverse")(*X)
    close(rows, JACOBIAN)
    assert sweeps == {"forward": 0, "reverse": 2}


def test_a_cost_of_many_parameters_takes_one_reverse_sweep(sweeps):
    net = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 3, "softmax", rng=1))
    X, Y = nn.datasets.iris()
    ag.grad(lambda params: nn.costs.cross_entropy(net.apply(params, X), Y))(net.params())
    assert sweeps == {"forward": 0, "reverse": 1}


# What is refused


@pytest.mark.parametrize(
    ("error", "match", "graph", "inputs"),
    [
        (OptionError, "did you mean 'sigmoid'", "sigmoyd", {"z": 0.0}),
        (OptionError, "missing a required argument: 'z'", "tanh", {"x": 0.0}),
        (OptionError, "missing a required argument: 'y'", "binary", {"a": [0.5]}),
        (ShapeError, r"a of shape \(2,\) and y of shape \(3,\)", "binary", {"a": [0.5, 0.5], "y": [0, 1, 1]}),
        (ShapeError, r"both must be \(n, m\)", "multiclass", {"a": [0.5], "y": [1.0]}),
        (ShapeError, "a scalar is wanted", lambda x: x * x, {"x": [1.0, 2.0]}),
        (GraphError, "computed from the arguments", lambda x: 3.0, {"x": 1.0}),
        (GraphError, "computed from the arguments", lambda x: x, {"x": 1.0}),
        (DtypeError, "real numbers", "sigmoid", {"z": 1j}),
    ],
)
def test_what_is_no_graph_is_refused(error, match, graph, inputs):
    with pytest.raises(error, match=match):
        elementary.trace(graph, **inputs)


def test_a_step_that_there_is_not_is_named():
    with pytest.raises(KeyError, match=r"unknown step 'u9': there are u0, u1, u2, u3, u4"):
        elementary.trace("sigmoid", z=0.0)["u9"]
