"""What a trace of one pass holds, against the closed forms: without bias, with dropout, own activations."""

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core.wording.errors import GraphError, ShapeError
from nn import closed_form as by_hand

M = 5


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-15)


@pytest.fixture
def X():
    return np.random.default_rng(1).normal(size=(4, M))


@pytest.fixture
def Y():
    return np.eye(3)[:, [0, 1, 2, 1, 0]]


def network(*layers):
    rng = np.random.default_rng(0)
    net = nn.Sequential(*layers)
    for layer in net.dense:
        layer.W.data = rng.normal(size=layer.W.shape) / np.sqrt(layer.n_in)
        if layer.b is not None:
            layer.b.data = rng.normal(size=layer.b.shape)
    return net


def lower(n):
    return np.tril(np.ones((n, n)))


def unsymmetric(Z):
    """tanh(T z) with a triangular T: its Jacobian is neither diagonal nor symmetric."""
    return ag.tanh(lower(len(Z)) @ Z)


NETS = {
    "one layer": lambda: network(nn.Dense(4, 3, "softmax")),
    "three layers": lambda: network(
        nn.Dense(4, 5, "tanh"), nn.Dense(5, 2, "relu"), nn.Dense(2, 3, "softmax")
    ),
    "no bias": lambda: network(nn.Dense(4, 5, "sigmoid", bias=False), nn.Dense(5, 3, "softmax", bias=False)),
    "dropout": lambda: network(nn.Dense(4, 6, "tanh"), nn.Dropout(0.5, rng=0), nn.Dense(6, 3, "softmax")),
    "dropout first": lambda: network(nn.Dropout(0.5, rng=1), nn.Dense(4, 3, "sigmoid")),
    "own activation": lambda: network(nn.Dense(4, 5, unsymmetric), nn.Dense(5, 3, unsymmetric)),
    "identity of one's own": lambda: network(nn.Dense(4, 3, lambda Z: Z), nn.Dense(3, 3, "softmax")),
}


def activated(layer, Z):
    if layer.activation == "unsymmetric":
        return np.tanh(lower(len(Z)) @ Z)
    return Z if layer.activation == "<lambda>" else by_hand.ACTIVATIONS[layer.activation].g(Z)


def back(layer, dA, Z, A):
    if layer.activation == "unsymmetric":
        return lower(len(Z)).T @ (dA * (1 - A * A))
    return dA if layer.activation == "<lambda>" else by_hand.activation_gradient(layer.activation, dA, Z, A)


@pytest.mark.parametrize("kind", NETS)
def test_every_box_of_every_layer_agrees_with_the_closed_form(kind, X, Y):
    """The four quantities of each box, forward and backward, computed by hand from what goes into it."""
    net = NETS[kind]()
    trace = net.trace(X, Y)
    close(trace["A[0]"], X)
    for l, layer in enumerate(net.dense, start=1):
        box = trace.layer(l)
        [A] = box.forward_out.values()
        [dA] = box.backward_in.values()
        before, W, *b = box.forward_in.values()
        cached, W_, Z, A_ = box.cache.values()
        close(Z, by_hand.linear(W, before, b[0] if b else 0.0))
        close(A, activated(layer, Z))
        assert (cached is before, W_ is W, A_ is A) == (True, True, True)
        dZ = back(layer, dA, Z, A)
        close(trace[f"dZ[{l}]"], dZ)
        dW, *db, dbefore = box.backward_out.values()
        close(dW, by_hand.weight_gradient(dZ, before))
        close(dbefore, by_hand.previous_gradient(W, dZ))
        assert len(db) == len(b)
        if db:
            close(db[0], by_hand.bias_gradient(dZ))


@pytest.mark.parametrize("kind", NETS)
def test_boxes_hand_on_what_the_next_takes_in(kind, X, Y):
    net = NETS[kind]()
    trace = net.trace(X, Y)
    for l in range(1, len(net.dense)):
        out, into = trace.layer(l), trace.layer(l + 1)
        [(name, A)], (taken, before) = out.forward_out.items(), next(iter(into.forward_in.items()))
        if f"R[{l}]" in trace:
            assert (name, taken) == (f"A[{l}]", f"Ã[{l}]")
            close(before, by_hand.dropout(A, trace[f"R[{l}]"], 0.5))
            dropped = into.backward_out[f"dÃ[{l}]"]
            close(out.backward_in[f"dA[{l}]"], by_hand.dropout_gradient(dropped, trace[f"R[{l}]"], 0.5))
        else:
            assert before is A
            assert into.backward_out[f"dA[{l}]"] is out.backward_in[f"dA[{l}]"]


def test_dropout_before_the_first_layer_silences_inputs(X, Y):
    trace = NETS["dropout first"]().trace(X, Y)
    assert [*trace.forward][:3] == ["A[0]", "R[0]", "Ã[0]"]
    close(trace["Ã[0]"], by_hand.dropout(X, trace["R[0]"], 0.5))
    close(trace["dA[0]"], by_hand.dropout_gradient(trace["dÃ[0]"], trace["R[0]"], 0.5))


def test_in_eval_mode_a_trace_has_no_dropout(X, Y):
    trace = NETS["dropout"]().eval().trace(X, Y)
    assert not any(name.strip("d")[0] in "RÃ" for name in trace)
    assert [*trace.layer(2).forward_in] == ["A[1]", "W[2]", "b[2]"]


def test_quantities_stand_in_the_order_of_the_pass(X, Y):
    trace = NETS["dropout"]().trace(X, Y)
    assert [*trace] == [
        "A[0]", "W[1]", "b[1]", "Z[1]", "A[1]", "R[1]", "Ã[1]", "W[2]", "b[2]", "Z[2]", "A[2]", "J",
        "dA[2]", "dZ[2]", "dW[2]", "db[2]", "dÃ[1]", "dA[1]", "dZ[1]", "dW[1]", "db[1]", "dA[0]",
    ]  # fmt: skip
    assert len(trace) == len([*trace])


@pytest.mark.parametrize(
    ("output", "cost"),
    [("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy"), ("tanh", "squared_error")],
)
def test_the_cost_that_belongs_to_the_output_is_taken_unless_another_is_given(X, Y, output, cost):
    net = network(nn.Dense(4, 3, output))
    assert net.trace(X, Y)["J"] == float(getattr(nn.costs, cost)(net(X), Y))
    assert net.trace(X, Y, nn.costs.squared_error)["J"] == float(nn.costs.squared_error(net(X), Y))


def test_the_cost_of_a_trace_is_the_whole_of_it(X, Y):
    """A part of the cost may be named J too, and a cost of one's own has no name."""
    net = NETS["three layers"]()
    penalised = net.trace(X, Y, lambda A, Y: nn.costs.cross_entropy(A, Y) + nn.costs.l2(net, 3.0, M))
    plain = net.trace(X, Y)
    penalty = 3.0 / (2 * M) * sum((W.data**2).sum() for W in net.weights())
    close(penalised["J"], plain["J"] + penalty)
    close(penalised["dW[2]"], plain["dW[2]"] + 3.0 / M * net.dense[1].W.data)
    assert net.trace(X, Y, lambda A, Y: ag.sum(A * A))["J"] > 0


def test_class_numbers_and_integer_inputs_will_do(X):
    net = NETS["one layer"]()
    labels = [0, 1, 2, 1, 0]
    close(net.trace(X, labels)["dZ[1]"], (net.predict(X) - np.eye(3)[:, labels]) / M)
    whole = net.trace(np.ones((4, 2), int), labels[:2])
    assert whole["dA[0]"].dtype == np.float64


def test_a_trace_leaves_gradients_and_inputs_alone_and_records_inside_no_grad(X, Y):
    net = NETS["three layers"]()
    given = ag.tensor(X, requires_grad=True, name="X")
    nn.costs.cross_entropy(net(given), Y).backward()
    before = [p.grad.copy() for p in net.parameters()]
    with ag.no_grad():
        trace = net.trace(given, Y)
    close(trace["dA[0]"], given.grad)
    assert given.name == "X"
    for p, grad in zip(net.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.grad, grad)
        close(trace[f"d{p.name}"], grad)


def test_a_trace_prints_as_a_table_and_knows_its_names(X, Y):
    trace = NETS["one layer"]().trace(X, Y)
    lines = str(trace).splitlines()
    assert lines[0].split() == ["name", "shape", "smallest", "largest", "norm"]
    assert [line.split()[0] for line in lines[1:]] == [*trace]
    with pytest.raises(KeyError, match=r"unknown quantity 'dW\[2\]'.*did you mean 'dW\[1\]'"):
        trace["dW[2]"]
    with pytest.raises(KeyError):
        trace.layer(2)


def test_a_layer_that_goes_into_another_network_keeps_its_number_in_a_trace():
    net = nn.Sequential(*(nn.Dense(3, 3, "tanh", rng=l) for l in range(3)))
    X, Y = np.ones((3, 2)), np.zeros((3, 2))
    before = net.trace(X, Y)
    nn.Sequential(*net.layers[1:])
    after = net.trace(X, Y)
    assert [*after] == [*before]
    assert all(np.array_equal(after[name], before[name]) for name in before)


def test_a_layer_that_is_not_there_is_named(X, Y):
    trace = nn.Sequential(nn.Dense(4, 3, rng=0)).trace(X, Y, nn.costs.squared_error)
    for l in (0, 2):
        with pytest.raises(KeyError, match=f"no layer {l}; they are numbered 1 to 1"):
            trace.layer(l)


def test_a_cost_that_is_no_recorded_scalar_is_refused(X, Y):
    net = nn.Sequential(nn.Dense(4, 3, rng=0))
    with pytest.raises(ShapeError, match=r"trace: the cost is .* scalar"):
        net.trace(X, Y, lambda A, Y: A - Y)
    with pytest.raises(GraphError, match="trace: the cost is the bare number"):
        net.trace(X, Y, lambda A, Y: 1.0)
