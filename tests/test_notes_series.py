"""The first part of the notes' series: table, figures and claims; its equations are in test_equations.py."""

from itertools import pairwise

import numpy as np
import pytest

import autograd_core as ag
import nn
import viz
from autograd_core.differentiation.backprop import reverse_sweep
from nn import closed_form as by_hand
from nn.layers.scalars import units

M = 6


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-15)


def network(*widths, hidden="tanh", output="softmax", seed=0):
    rng = np.random.default_rng(seed)
    L = len(widths) - 1
    net = nn.Sequential(
        *(
            nn.Dense(a, b, hidden if l < L else output, rng=rng)
            for l, (a, b) in enumerate(pairwise(widths), 1)
        )
    )
    for layer in net.dense:
        layer.b.data = rng.normal(size=layer.b.shape)
    return net


def examples(n, classes, m=M, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, m)), np.eye(classes)[:, np.arange(m) % classes]


def as_layers(net):
    return [by_hand.Layer(layer.W.data, layer.b.data, layer.activation) for layer in net.dense]


# The table of names


def test_layers_are_counted_from_the_input_0_to_the_output_l():
    """L counts the layers with weights and biases; n[l] and n[l-1] are the sizes of W[l]."""
    net = network(4, 5, 2, 3)
    assert net.widths == (4, 5, 2, 3)
    assert [layer.index for layer in net.dense] == [1, 2, 3]
    for l, layer in enumerate(net.dense, start=1):
        assert (layer.n_in, layer.n_out) == (net.widths[l - 1], net.widths[l])
        assert (layer.W.name, layer.W.shape) == (f"W[{l}]", (layer.n_out, layer.n_in))
        assert (layer.b.name, layer.b.shape) == (f"b[{l}]", (layer.n_out, 1))


def test_the_names_of_the_table_label_the_figures():
    net = network(4, 5, 3)
    X, Y = examples(4, 3)
    drawn = viz.forward(nn.costs.cross_entropy(net(X), Y)).text()
    for name in ("A[0]", "W[1]", "b[1]", "Z[1]", "A[1]", "W[2]", "b[2]", "Z[2]", "A[2]", "Y", "J"):
        assert f"│ {name} " in drawn


# The figures of a unit: what leads to it, and where it leads


@pytest.fixture
def middle():
    """Layers of three units each, as both figures have them."""
    net = network(3, 3, 3, 3)
    return net, units(net, [0.5, -1.0, 2.0], [0.0, 1.0, 0.0])


@pytest.mark.parametrize("j", [1, 2, 3])
def test_a_unit_of_the_current_layer_sums_over_all_units_before_it(middle, j):
    """The first figure: the links into a unit are the terms of equation (1)."""
    net, scalars = middle
    fan = scalars.fan_in[f"z[2][{j}]"]
    before = [f"a[1][{k}]" for k in (1, 2, 3)]
    weights = [f"W[2][{j},{k}]" for k in (1, 2, 3)]
    assert set(fan) == {*before, *weights, f"b[2][{j}]"}
    assert [fan[name] for name in before] == net.dense[1].W.data[j - 1].tolist()
    assert [fan[name] for name in weights] == [float(scalars[name]) for name in before]
    terms = [fan[a] * float(scalars[a]) for a in before]
    close(float(scalars[f"z[2][{j}]"]), sum(terms) + float(scalars[f"b[2][{j}]"]))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_a_unit_of_the_previous_layer_leads_to_all_units_behind_it(middle, k):
    """The second figure: the links out of a unit are the terms of equation (21)."""
    net, scalars = middle
    fan = scalars.fan_out[f"a[1][{k}]"]
    assert fan == {f"z[2][{j}]": net.dense[1].W.data[j - 1, k - 1] for j in (1, 2, 3)}
    terms = [scalars.adjoints[z] * w for z, w in fan.items()]
    close(scalars.adjoints[f"a[1][{k}]"], sum(terms))
    assert all(abs(term - scalars.adjoints[f"a[1][{k}]"]) > 1e-6 for term in terms)


def test_the_sums_over_examples_of_equations_13_and_14(middle):
    """∂J/∂w_jk = Σ_i ∂J/∂z_ji a_ki and ∂J/∂b_j = Σ_i ∂J/∂z_ji: one graph of units for each example."""
    net, _ = middle
    X, Y = examples(3, 3)
    trace = net.trace(X, Y)
    each = [units(net, X[:, i], Y[:, i]) for i in range(M)]
    for j in range(3):
        dz = [one.adjoints[f"z[2][{j + 1}]"] / M for one in each]  # 1/m stands in J
        close(trace["db[2]"][j, 0], sum(dz))
        for k in range(3):
            a = [float(one[f"a[1][{k + 1}]"]) for one in each]
            close(trace["dW[2]"][j, k], sum(d * x for d, x in zip(dz, a, strict=True)))


def test_the_overview_of_what_goes_in_and_out_of_a_layer():
    """The third figure: a forward box over a backward box, with the cache between them."""
    net = network(4, 5, 2, 3)
    box = net.trace(*examples(4, 3)).layer(2)
    left, *top = box.forward_in
    assert (left, top, [*box.forward_out]) == ("A[1]", ["W[2]", "b[2]"], ["A[2]"])
    assert [*box.cache] == ["A[1]", "W[2]", "Z[2]", "A[2]"]
    *bottom, left = box.backward_out
    assert ([*box.backward_in], bottom, left) == (["dA[2]"], ["dW[2]", "db[2]"], "dA[1]")
    dZ = by_hand.activation_gradient("tanh", box.backward_in["dA[2]"], box.cache["Z[2]"], box.cache["A[2]"])
    close(box.backward_out["dW[2]"], dZ @ box.cache["A[1]"].T)
    close(box.backward_out["dA[1]"], box.cache["W[2]"].T @ dZ)


# What the text claims


def test_when_the_way_back_reaches_a_layer_its_da_is_known():
    """dA[l] is finished before anything of layer l is visited, and handed on by layer l + 1."""
    net = network(4, 5, 2, 3)
    X, Y = examples(4, 3)
    J = nn.costs.cross_entropy(net(ag.tensor(X, requires_grad=True, name="A[0]")), Y)
    finished = [
        node.name for node in reverse_sweep({J: np.ones(())}, keep=True) if node.name and not node.is_leaf
    ]
    assert finished == ["J", "A[3]", "Z[3]", "A[2]", "Z[2]", "A[1]", "Z[1]"]


def test_forward_is_seeded_with_x_and_backward_with_da_of_the_last_layer():
    net = network(4, 5, 3)
    X, Y = examples(4, 3)
    trace = net.trace(X, Y)
    A = net(X)
    A.backward(-Y / A.data / M)
    for parameter in net.parameters():
        close(parameter.grad, trace[f"d{parameter.name}"])
    wrong = net(X)
    net.zero_grad()
    wrong.backward(-Y / wrong.data)
    assert not np.allclose(net.dense[0].W.grad, trace["dW[1]"])


def test_carried_on_to_the_end_the_way_back_gives_the_gradient_of_the_inputs():
    net = network(4, 5, 3)
    X, Y = examples(4, 3)
    trace = net.trace(X, Y)
    quotients = [
        [by_hand.difference_quotient(X, Y, as_layers(net), "cross_entropy", "A[0]", (k, i)) for i in range(M)]
        for k in range(4)
    ]
    np.testing.assert_allclose(trace["dA[0]"], quotients, atol=1e-8)


def test_usually_the_gradient_of_the_inputs_is_not_computed_and_the_figure_shows_the_cut():
    net = network(4, 5, 3)
    X, Y = examples(4, 3)
    drawn = {}
    for wanted in (False, True):
        A0 = ag.tensor(X, requires_grad=wanted, name="A[0]")
        J = nn.costs.cross_entropy(net(A0), Y)
        swept = reverse_sweep({J: np.ones(())}, keep=True)
        assert (A0 in swept) == wanted
        drawn[wanted] = viz.backward(J).dot
    assert "∂J/∂A[0]" in drawn[True]
    assert "∂J/∂A[0]" not in drawn[False]


def test_the_way_back_may_be_stopped_anywhere():
    """With A[1] detached, layer 1 learns nothing, and layer 2 what it would have learnt."""
    first, second = (network(4, 5, 3)).dense
    X, Y = examples(4, 3)
    trace = network(4, 5, 3).trace(X, Y)
    nn.costs.cross_entropy(second(first(X).detach()), Y).backward()
    assert first.W.grad is None
    close(second.W.grad, trace["dW[2]"])


@pytest.mark.parametrize("widths", [(4, 3), (4, 5, 3), (4, 2, 6, 3), (4, 6, 1, 5, 2, 3)], ids=str)
@pytest.mark.parametrize("m", [1, 2, 9])
@pytest.mark.parametrize(
    ("hidden", "output", "cost"),
    [
        ("tanh", "softmax", "cross_entropy"),
        ("relu", "sigmoid", "binary_cross_entropy"),
        ("softmax", "identity", "squared_error"),
    ],
)
def test_many_layers_many_units_various_activations_and_costs(widths, m, hidden, output, cost):
    net = network(*widths, hidden=hidden, output=output)
    X, Y = examples(4, 3, m)
    trace = net.trace(X, Y, getattr(nn.costs, cost))
    values = by_hand.forward(X, as_layers(net))
    wanted = by_hand.backward(values, Y, as_layers(net), cost)
    for name, right in {**values, **wanted}.items():
        np.testing.assert_allclose(trace[name], right, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("sizes", [(6,), (3, 3), (4, 2), (1, 2, 3)], ids=str)
def test_mini_batches_weighted_by_their_sizes_add_up_to_the_whole(sizes):
    net = network(4, 5, 3)
    X, Y = examples(4, 3)
    whole = net.trace(X, Y)
    ends = np.cumsum(sizes)
    parts = [(net.trace(X[:, e - n : e], Y[:, e - n : e]), n) for n, e in zip(sizes, ends, strict=True)]
    for parameter in net.parameters():
        name = f"d{parameter.name}"
        close(sum(part[name] * n for part, n in parts) / M, whole[name])
        if len(set(sizes)) > 1:
            unweighted = sum(part[name] for part, _ in parts) / len(parts)
            assert not np.allclose(unweighted, whole[name], rtol=1e-3)


@pytest.mark.parametrize("shape", [(), (1,), (4,), (1, 1), (3, 1), (1, 4), (3, 4)], ids=str)
def test_what_was_broadcast_forward_is_summed_backward(shape):
    """NumPy's rules: axes that were added or stretched are those that the way back sums over."""
    rng = np.random.default_rng(2)
    dZ = rng.normal(size=(3, 4))
    b = ag.tensor(rng.normal(size=shape), requires_grad=True)
    (np.zeros((3, 4)) + b).backward(dZ)
    padded = (1,) * (2 - len(shape)) + shape
    axes = tuple(axis for axis, n in enumerate(padded) if n == 1)
    close(b.grad, dZ.sum(axis=axes, keepdims=True).reshape(shape))
    assert b.grad.shape == shape


@pytest.mark.parametrize("widths", [(4, 3), (4, 5, 3), (4, 2, 6, 3)], ids=str)
def test_without_a_nonlinearity_any_number_of_layers_is_one_affine_map(widths):
    net = network(*widths, hidden="identity", output="identity")
    X, _ = examples(4, 3)
    W, b = np.eye(4), np.zeros((4, 1))
    for layer in net.dense:
        W, b = layer.W.data @ W, layer.W.data @ b + layer.b.data
    close(net.predict(X), W @ X + b)
    if len(widths) > 2:
        curved = network(*widths, hidden="tanh", output="identity").predict(X)
        assert not np.allclose(curved, W @ X + b)


def test_every_unit_is_connected_to_every_unit_of_the_next_layer():
    scalars = units(network(4, 5, 2, 3), np.ones(4))
    for l in (1, 2, 3):
        linked = {(link.tail, link.head) for link in scalars.links(l) if link.tail != "1"}
        assert linked == {
            (f"a[{l - 1}][{k}]", f"z[{l}][{j}]")
            for k in range(1, scalars.widths[l - 1] + 1)
            for j in range(1, scalars.widths[l] + 1)
        }
