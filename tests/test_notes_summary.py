"""The summary notes: shapes, the forward and the backward function of a layer, the cache, the training loop.

Where they print a formula that is wrong, what stands here is the right one, and test_errata.py has the other.
"""

import numpy as np
import pytest
from scipy.special import expit

import autograd_core as ag
import nn
import viz
from autograd_core.graph.node import topological_order
from autograd_core.wording.errors import ShapeError
from nn import closed_form as by_hand

WIDTHS, M = (4, 5, 3, 1), 7


@pytest.fixture
def net():
    """Three layers, each with another activation that the notes name."""
    rng = np.random.default_rng(1)
    net = nn.Sequential(
        nn.Dense(4, 5, "relu", rng=rng), nn.Dense(5, 3, "tanh", rng=rng), nn.Dense(3, 1, "sigmoid", rng=rng)
    )
    for layer in net.dense:
        layer.b.data = 0.1 * rng.normal(size=layer.b.shape)
    return net


@pytest.fixture
def data():
    return np.random.default_rng(2).normal(size=(4, M)), np.array([[0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0]])


@pytest.fixture
def trace(net, data):
    return net.trace(*data)


each_layer = pytest.mark.parametrize("l", [1, 2, 3])


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-15)


def test_a_network_with_l_layers_is_drawn_layer_by_layer(net, data):
    """The figure: layers 1 to L in their frames, from the inputs to the predictions."""
    assert net.widths == WIDTHS
    assert [layer.index for layer in net.dense] == [1, 2, 3]
    scene = viz.forward(nn.costs.binary_cross_entropy(net(data[0]), data[1])).scene
    assert [frame.title for frame in scene.clusters if frame.kind == "layer"] == [
        "layer 1",
        "layer 2",
        "layer 3",
    ]


@each_layer
def test_weights_biases_and_activations_have_the_shapes_of_the_notes(net, trace, l):
    """W (n[l], n[l-1]), b (n[l], 1), a (n[l], m); X (n[0], m) with an example a column, l from 0 to L."""
    assert trace[f"W[{l}]"].shape == (WIDTHS[l], WIDTHS[l - 1])
    assert trace[f"b[{l}]"].shape == (WIDTHS[l], 1)
    assert trace[f"A[{l}]"].shape == (WIDTHS[l], M)
    assert trace["A[0]"].shape == (WIDTHS[0], M)


@pytest.mark.parametrize("wrong", [np.ones((M, 4)), np.ones(4), np.ones((5, M)), np.ones((4, 0))])
def test_what_is_not_a_column_an_example_is_refused_with_the_shape_that_is_wanted(net, wrong):
    with pytest.raises(ShapeError, match=r"\(4, m\), one column per example|holds no example"):
        net(wrong)
    with pytest.raises(ShapeError, match=r"did you mean X\.T, of shape \(4, 7\)"):
        net(np.ones((M, 4)))


@pytest.mark.parametrize("g", ["relu", "tanh", "sigmoid"])
def test_the_forward_function_of_a_layer(g):
    """In: the activations before, w and b. Out: z = w a + b and a = g(z)."""
    rng = np.random.default_rng(3)
    layer = nn.Dense(3, 2, g, rng=rng)
    layer.b.data = rng.normal(size=(2, 1))
    before = rng.normal(size=(3, M))
    after = layer(before)
    [z] = after.operands()
    close(z.data, layer.W.data @ before + layer.b.data)
    close(after.data, {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "sigmoid": expit}[g](z.data))


@each_layer
def test_the_forward_box_of_a_layer_takes_in_gives_out_and_caches(trace, l):
    box = trace.layer(l)
    assert [*box.forward_in] == [f"A[{l - 1}]", f"W[{l}]", f"b[{l}]"]
    assert [*box.forward_out] == [f"A[{l}]"]
    assert [*box.cache] == [f"A[{l - 1}]", f"W[{l}]", f"Z[{l}]", f"A[{l}]"]


@each_layer
def test_the_backward_box_of_a_layer_takes_in_and_gives_out(trace, l):
    """In: da[l] and the cache. Out: dz on the way, dw, db, and da[l-1] to go on with."""
    box = trace.layer(l)
    assert [*box.backward_in] == [f"dA[{l}]"]
    assert [*box.backward_out] == [f"dW[{l}]", f"db[{l}]", f"dA[{l - 1}]"]
    names = list(trace.backward)
    assert names.index(f"dA[{l}]") < names.index(f"dZ[{l}]") < names.index(f"dW[{l}]")
    assert names.index(f"dW[{l}]") < names.index(f"db[{l}]") < names.index(f"dA[{l - 1}]")


def test_backward_goes_from_the_last_layer_to_the_first(trace):
    assert [name for name in trace.backward if name.startswith("dA")] == ["dA[3]", "dA[2]", "dA[1]", "dA[0]"]


# The cache: what the way back reads, found by changing what each operation has kept


def read_backward(out):
    """Names of the kept values that the way back depends on: with others in their place it differs."""
    read = set()
    for node in topological_order([out]):
        if not node.primitive:
            continue
        right = passed_back(node, node.value, node.values)
        if not np.array_equal(passed_back(node, another(node.value), node.values), right):
            read.add(node.name)
        for place, x in enumerate(node.inputs):
            values = [another(v) if i == place else v for i, v in enumerate(node.values)]
            if not np.array_equal(passed_back(node, node.value, values), right):
                read.add(x.name)
    return read


def another(value):
    return -2.0 * value - 1.0


def passed_back(node, out, values):
    """What the rules of an operation make of a cotangent of ones, from these values."""
    ct = np.ones_like(node.value)
    return np.concatenate([np.ravel(vjp(ct, out, *values, **node.params)) for vjp in node.primitive.vjps])


def test_backward_reads_what_was_cached_except_the_bias(net, data):
    """a[l-1] and w are needed, b never; relu, tanh and sigmoid need only their own a, and z not at all."""
    X = ag.tensor(data[0], requires_grad=True, name="A[0]")
    read = read_backward(net(X))
    assert read == {"W[1]", "W[2]", "W[3]", "A[0]", "A[1]", "A[2]", "A[3]"}


def test_an_activation_may_need_z_instead():
    """Which is why the notes cache z: the derivative of softplus is read off z."""
    X = ag.tensor(np.ones((2, 3)), requires_grad=True, name="A[0]")
    read = read_backward(nn.Sequential(nn.Dense(2, 3, "softplus", rng=0))(X))
    assert read == {"W[1]", "A[0]", "Z[1]"}


# Predictions, loss, and the walk back


def test_the_last_activation_is_the_prediction(net, data, trace):
    np.testing.assert_array_equal(trace["A[3]"], net.predict(data[0]))


def test_the_gradient_of_the_prediction_follows_from_the_loss(data, trace):
    """−y/a + (1 − y)/(1 − a), with the 1/m of the cost; the sign is right for both labels."""
    A, Y = trace["A[3]"], data[1]
    close(trace["dA[3]"], (-Y / A + (1 - Y) / (1 - A)) / M)
    close(trace["dZ[3]"], (A - Y) / M)
    printed = -(Y / A + (1 - Y) / (1 - A)) / M
    assert (np.isclose(trace["dA[3]"], printed) == (Y == 1)).all(), "the printed sign is right for y = 1 only"


SLOPES = {
    1: lambda Z: Z > 0,
    2: lambda Z: 1 - np.tanh(Z) ** 2,
    3: lambda Z: expit(Z) * (1 - expit(Z)),
}


@each_layer
def test_the_gradient_of_z_is_that_of_a_times_the_slope(trace, l):
    """dz = da * g′(z), for activations that work entry by entry."""
    close(trace[f"dZ[{l}]"], trace[f"dA[{l}]"] * SLOPES[l](trace[f"Z[{l}]"]))


def test_for_softmax_the_gradient_of_z_needs_the_whole_jacobian():
    net = nn.Sequential(nn.Dense(4, 3, "softmax", rng=0))
    X, Y = nn.datasets.iris()
    trace = net.trace(X, Y)
    A, dA = trace["A[1]"], trace["dA[1]"]
    close(trace["dZ[1]"], by_hand.activation_gradient_columns("softmax", dA, trace["Z[1]"]))
    assert np.abs(trace["dZ[1]"] - dA * A * (1 - A)).max() > 1e-4


@each_layer
def test_the_gradient_of_w_is_dz_times_a_transposed(trace, l):
    dZ, before = trace[f"dZ[{l}]"], trace[f"A[{l - 1}]"]
    close(trace[f"dW[{l}]"], dZ @ before.T)
    with pytest.raises(ValueError, match="matmul"):
        dZ @ before


@each_layer
def test_the_gradient_of_b_is_the_sum_of_dz_over_the_examples(trace, l):
    dZ = trace[f"dZ[{l}]"]
    close(trace[f"db[{l}]"], sum(dZ[:, [i]] for i in range(M)))
    assert trace[f"db[{l}]"].shape != dZ.shape


@each_layer
def test_the_gradient_of_the_activations_before_is_w_transposed_times_dz(trace, l):
    close(trace[f"dA[{l - 1}]"], trace[f"W[{l}]"].T @ trace[f"dZ[{l}]"])


def test_the_walk_back_is_repeated_until_the_first_layer(net, data, trace):
    layers = [by_hand.Layer(layer.W.data, layer.b.data, layer.activation) for layer in net.dense]
    wanted = by_hand.backward(by_hand.forward(data[0], layers), data[1], layers, "binary_cross_entropy")
    assert set(trace.backward) == set(wanted)
    for name, gradient in wanted.items():
        close(trace[name], gradient)


# The loop of batch gradient descent


def stepped(net, data, rate):
    """The parameters after one update, with all gradients taken before anything moves."""

    def cost(params):
        return nn.costs.binary_cross_entropy(net.apply(params, data[0]), data[1])

    params, gradients = net.params(), ag.grad(cost)(net.params())
    return [
        {name: own[name] - rate * d[name] for name in own} for own, d in zip(params, gradients, strict=True)
    ]


def test_parameters_are_updated_after_each_walk_through_with_gradients_all_known(net, data):
    """w ← w − rate · dw for every layer at once, and a second walk starts from there."""
    start = net.params()
    for _ in range(2):
        net.assign(stepped(net, data, 0.5))
    wanted = net.params()
    net.assign(start)
    rule = nn.optimizers.GradientDescent(0.5)
    nn.fit(net, nn.costs.binary_cross_entropy, data, rule, epochs=2, progress=False)
    for found, right in zip(net.params(), wanted, strict=True):
        for name in right:
            close(found[name], right[name])


def test_gradients_of_before_do_not_enter_a_training(net, data):
    wanted = stepped(net, data, 0.5)
    nn.costs.binary_cross_entropy(net(data[0]), data[1]).backward()
    rule = nn.optimizers.GradientDescent(0.5)
    nn.fit(net, nn.costs.binary_cross_entropy, data, rule, epochs=1, progress=False)
    close(net.dense[0].W.data, wanted[0]["W"])


def test_updating_a_layer_before_the_gradients_behind_it_are_known_is_another_and_wrong_step(net, data):
    """dA[1] needs the W[2] of the forward pass; with the one just updated the step differs."""
    wanted = stepped(net, data, 0.5)
    trace = net.trace(*data)
    early = wanted[1]["W"].T @ trace["dZ[2]"]
    dW1 = (early * (trace["Z[1]"] > 0)) @ data[0].T
    assert not np.allclose(trace["W[1]"] - 0.5 * dW1, wanted[0]["W"], rtol=1e-3)


def test_gradients_add_up_until_they_are_forgotten(net, data):
    def backward():
        nn.costs.binary_cross_entropy(net(data[0]), data[1]).backward()
        return net.dense[0].W.grad

    once = backward().copy()
    close(backward(), 2 * once)
    net.zero_grad()
    close(backward(), once)


def test_each_walk_through_lowers_the_cost(net, data):
    history = nn.fit(
        net,
        nn.costs.binary_cross_entropy,
        data,
        nn.optimizers.GradientDescent(0.1),
        epochs=50,
        progress=False,
    )
    assert (np.diff(history.costs) < 0).all()
