"""The notes on forward and backward propagation, unit by unit: one example, one hidden layer, scalars.

The activation of the hidden units is called χ. What they say for m examples is in test_notes_examples.py.
"""

import numpy as np
import pytest
from scipy.special import expit

import autograd_core as ag
import nn
from autograd_core.differentiation.tree import flatten
from autograd_core.graph.node import topological_order
from autograd_core.wording.errors import GraphError, ShapeError
from nn.layers.scalars import Link, units

N0, N1 = 4, 6  # as in the notes' figure of a network with one hidden layer
M = 5


@pytest.fixture
def net():
    """Four inputs, six hidden units, one output unit, biases that are not zero."""
    net = nn.Sequential(nn.Dense(N0, N1, "tanh", rng=1), nn.Dense(N1, 1, "sigmoid", rng=2))
    for layer in net.dense:
        layer.b.data = np.random.default_rng(layer.n_in).normal(size=layer.b.shape)
    return net


@pytest.fixture
def x():
    return np.array([0.5, -1.2, 2.0, 0.3])


@pytest.fixture(params=[0.0, 1.0], ids=["label 0", "label 1"])
def y(request):
    return request.param


@pytest.fixture
def scalars(net, x, y):
    return units(net, x, [y])


@pytest.fixture
def by_units(net, x, y):
    """The formulas for one example written with loops over the units."""
    (W1, b1), (W2, b2) = ((layer.W.data, layer.b.data[:, 0]) for layer in net.dense)
    z1 = [sum(W1[j, k] * x[k] for k in range(N0)) + b1[j] for j in range(N1)]
    a1 = np.tanh(z1)
    z2 = sum(W2[0, k] * a1[k] for k in range(N1)) + b2[0]
    a2 = expit(z2)
    dz2 = a2 - y
    dz1 = [dz2 * W2[0, j] * (1 - a1[j] ** 2) for j in range(N1)]
    return {
        "z[1]": z1, "a[1]": a1, "z[2]": [z2], "a[2]": [a2],
        "J": -y * np.log(a2) - (1 - y) * np.log(1 - a2),
        "dz[2]": [dz2], "dW[2]": [[dz2 * a1[k] for k in range(N1)]], "db[2]": [dz2],
        "dz[1]": dz1, "dW[1]": [[dz1[j] * x[k] for k in range(N0)] for j in range(N1)], "db[1]": dz1,
    }  # fmt: skip


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-15)


def gathered(numbers, name):
    """The array of all ``name[...]`` scalars."""
    found = {key: float(value) for key, value in numbers.items() if key.startswith(f"{name}[")}
    places = [tuple(map(int, key[len(name) + 1 : -1].split(","))) for key in found]
    return np.reshape(list(found.values()), np.max(places, axis=0))


# One example


def test_an_example_is_a_column_and_its_label_a_number(scalars, x, y):
    assert [float(scalars[f"a[0][{k}]"]) for k in range(1, N0 + 1)] == x.tolist()
    assert scalars["J"].shape == ()


def test_each_unit_is_a_real_function_of_the_input(net, x):
    """a_j[1]: moving any input moves it, and it is one number."""
    scalars = units(net, x)
    for j in range(1, N1 + 1):
        assert scalars[f"a[1][{j}]"].shape == ()
        gradient = ag.grad(lambda x, j=j: net.dense[0](x[:, None])[j - 1, 0])(x)
        assert (gradient != 0).all()


@pytest.mark.parametrize("name", ["z[1]", "a[1]", "z[2]", "a[2]"])
def test_each_unit_sums_its_inputs_and_its_bias_and_is_activated(scalars, by_units, name):
    """z_j = Σ_k W_jk a_k + b_j and a_j = χ(z_j), of both layers, as equations (1) and (2) too."""
    close(gathered(scalars, name), by_units[name])


def test_the_engine_sees_no_matrix(net, x):
    scalars = units(net, x)
    assert {scalar.shape for scalar in scalars.values()} == {()}
    behind = topological_order([scalars["a[2][1]"]])
    assert {node.primitive.name for node in behind if node.primitive} == {
        "multiply",
        "add",
        "tanh",
        "sigmoid",
    }


def test_the_output_is_a_function_of_the_input_with_parameters(net, x):
    """a[2](x; W, b): other parameters make another function out of the same network."""
    params, X = net.params(), x[:, None]
    close(net.apply(params, X), net.predict(X))
    others = [{name: 2.0 * value for name, value in layer.items()} for layer in params]
    assert not np.allclose(net.apply(others, X), net.apply(params, X))
    close(net.apply(params, X), net.predict(X))
    shapes = [{name: value.shape for name, value in layer.items()} for layer in params]
    assert shapes == [{"W": (N1, N0), "b": (N1, 1)}, {"W": (1, N1), "b": (1, 1)}]


def test_the_parameters_of_a_network_are_counted(net):
    """Σ n[l] (n[l-1] + 1) over the layers with parameters: hidden ones and the output, not the input."""
    n = net.widths
    wanted = sum(n[l] * (n[l - 1] + 1) for l in range(1, len(n)))
    assert sum(p.size for p in net.parameters()) == wanted == 37
    scalars = units(net, np.zeros(N0))
    assert sum(name.startswith(("W", "b")) for name in scalars) == wanted
    assert (len(net.dense), net.widths) == (2, (4, 6, 1))


def test_forward_is_composition_and_backward_the_chain_rule(net, x):
    """The Jacobian of the composed layers is the product of theirs."""
    first, second = net.dense
    X = x[:, None]

    def jacobian(f, X):
        return ag.jacobian(lambda x: f(x[:, None])[:, 0])(X[:, 0])

    close(net.predict(X), second(first(X)).data)
    close(jacobian(net, X), jacobian(second, first(X).data) @ jacobian(first, X))


def test_the_diagram_limits_what_the_units_can_express(net, x):
    """There is a link from each unit to each of the next layer, and none within a layer or past one."""
    scalars = units(net, x)
    for l, j in [(1, 2), (2, 1)]:
        before = {f"a[{l - 1}][{k}]" for k in range(1, net.widths[l - 1] + 1)}
        assert {name for name in scalars.fan_in[f"z[{l}][{j}]"] if name.startswith("a")} == before


# The loss, and the way down


def test_the_loss_of_one_example(scalars, by_units):
    close(scalars["J"].item(), by_units["J"])


def test_the_loss_is_infinite_for_a_certain_and_wrong_output_and_zero_for_a_right_one():
    for output, label, wanted in [(0.0, 1.0, np.inf), (1.0, 1.0, 0.0), (1.0, 0.0, np.inf), (0.0, 0.0, 0.0)]:
        J = nn.costs.binary_cross_entropy(np.array([[output]]), np.array([[label]]))
        assert float(J) == wanted
    with np.errstate(all="ignore"):
        naive = -1.0 * np.log(1.0) - (1 - 1.0) * np.log(1 - np.array(1.0))
    assert np.isnan(naive), "the formula as it stands gives 0 · log 0 where the loss is 0"


@pytest.mark.parametrize("z", [-800.0, 800.0])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_on_logits_the_gradient_of_the_loss_stays_finite(z, label):
    dZ = ag.grad(nn.costs.sigmoid_cross_entropy)(np.array([[z]]), np.array([[label]]))
    assert dZ.item() == pytest.approx(expit(z) - label, abs=1e-300)


def test_the_loss_is_not_convex_and_its_landscape_has_symmetries():
    """Swapping hidden units leaves the loss alone, and halfway between two minima it is larger."""
    net = nn.Sequential(nn.Dense(1, 2, "tanh", rng=0), nn.Dense(2, 1, rng=1))
    X = np.linspace(-2.0, 2.0, 9)[None]
    here = [
        {"W": np.array([[2.0], [0.5]]), "b": np.array([[1.0], [-1.0]])},
        {"W": np.array([[1.0, 3.0]]), "b": np.zeros((1, 1))},
    ]
    Y = net.apply(here, X)

    def cost(params):
        return float(nn.costs.squared_error(net.apply(params, X), Y))

    swapped = [
        {"W": here[0]["W"][::-1], "b": here[0]["b"][::-1]},
        {"W": here[1]["W"][:, ::-1], "b": here[1]["b"]},
    ]
    halfway = [{k: (a[k] + b[k]) / 2 for k in a} for a, b in zip(here, swapped, strict=True)]
    assert (cost(here), cost(swapped)) == (0.0, 0.0)
    assert cost(halfway) > 0.1


def test_units_that_start_alike_stay_alike_and_zeros_learn_nothing_but_the_last_bias():
    """Why a start is drawn at random: it breaks the symmetry of the units. It finds no global minimum."""
    X, Y = nn.datasets.iris()
    alike = nn.Sequential(nn.Dense(4, 5, "tanh", init="zeros"), nn.Dense(5, 3, "softmax", init="zeros"))
    for p in alike.parameters():
        p.data = np.full(p.shape, 0.3)
    trace = alike.trace(X, Y)
    close(trace["dW[1]"], np.broadcast_to(trace["dW[1]"][0], (5, 4)))
    assert trace["dW[1]"].any()
    zeros = nn.Sequential(nn.Dense(4, 5, "tanh", init="zeros"), nn.Dense(5, 3, "softmax", init="zeros"))
    trace = zeros.trace(X[:, 1:], Y[:, 1:])
    learning = [name for name in ("dW[1]", "db[1]", "dW[2]", "db[2]") if trace[name].any()]
    assert learning == ["db[2]"]
    drawn = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 3, "softmax", rng=1)).trace(X, Y)
    assert np.ptp(drawn["dW[1]"], axis=0).min() > 0


def test_a_random_start_may_be_one_from_which_the_way_down_leads_nowhere():
    """A relu unit that is 0 on all examples passes nothing back, although better weights exist."""
    net = nn.Sequential(nn.Dense(1, 1, "relu", init="normal", rng=0), nn.Dense(1, 1, rng=1))
    X = np.array([[1.0, 2.0, 3.0]])
    start, better = (
        [{"W": np.array([[w]]), "b": np.zeros((1, 1))}, {"W": np.ones((1, 1)), "b": np.full((1, 1), c)}]
        for w, c in [(-1.0, 2.0), (1.0, 0.0)]
    )
    net.assign(start)
    trace = net.trace(X, X)
    assert trace["J"] > 0.1
    assert not any(trace[f"d{p.name}"].any() for p in net.parameters())
    net.assign(better)
    assert net.trace(X, X)["J"] == 0


def test_the_path_of_steepest_descent_is_gradient_descent_in_the_euclidean_metric(net):
    """dθ/ds = −δ ∂J/∂θ: an Euler step of the flow, along which dJ/ds = −‖∇J‖²."""
    rng = np.random.default_rng(4)
    X, Y = rng.normal(size=(N0, M)), np.array([[0.0, 1.0, 1.0, 0.0, 1.0]])

    def cost(params):
        return nn.costs.binary_cross_entropy(net.apply(params, X), Y)

    J, gradients = ag.value_and_grad(cost)(net.params())
    ds = 1e-6
    flow, descent = nn.optimizers.GradientFlow(ds), nn.optimizers.GradientDescent(ds)
    step, _ = flow.update(net.params(), gradients, flow.start(net.params()))
    same, _ = descent.update(net.params(), gradients, descent.start(net.params()))
    for a, b in zip(flatten(step)[0], flatten(same)[0], strict=True):
        np.testing.assert_array_equal(a, b)
    steepness = sum((g**2).sum() for g in flatten(gradients)[0])
    assert (float(cost(step)) - float(J)) / ds == pytest.approx(-steepness, rel=1e-4)


# Backward, unit by unit


@pytest.mark.parametrize("name", ["z[2]", "W[2]", "b[2]", "z[1]", "W[1]", "b[1]"])
def test_each_derivative_of_the_loss_by_units_is_the_one_derived_by_hand(scalars, by_units, name):
    """Both layers: a − y at the output, times a_k for its weights; times W_1j χ′(z_j) further back."""
    close(gathered(scalars.adjoints, name), by_units[f"d{name}"])


def test_a_gradient_has_the_form_of_what_it_is_the_derivative_by(net, x, y):
    trace = net.trace(x[:, None], [[y]])
    for name, gradient in trace.backward.items():
        assert gradient.shape == trace.forward[name[1:]].shape


def test_the_formulas_vectorised_over_units(net, x, y):
    """∇_W = ∇_z aᵀ, and ∇_z of the hidden layer W[2]ᵀ ∇_z * χ′(z): the transpose comes first."""
    trace = net.trace(x[:, None], [[y]])
    dz2 = trace["A[2]"] - y
    dz1 = (trace["W[2]"].T @ dz2) * (1 - np.tanh(trace["Z[1]"]) ** 2)
    wanted = {
        "dZ[2]": dz2, "dW[2]": dz2 @ trace["A[1]"].T, "db[2]": dz2,
        "dZ[1]": dz1, "dW[1]": dz1 @ trace["A[0]"].T, "db[1]": dz1,
    }  # fmt: skip
    for name, gradient in wanted.items():
        close(trace[name], gradient)


# The figure of backpropagation: values at units, products on links


def test_a_link_is_labelled_by_what_its_head_carries_times_what_its_tail_does(scalars, by_units):
    """δ of the head times the activation of the tail, 1 for the bias unit: the parameter's derivative."""
    for l in (1, 2):
        links = scalars.links(l)
        assert len(links) == scalars.widths[l] * (scalars.widths[l - 1] + 1)
        for link in links:
            assert scalars.label(link) == pytest.approx(scalars.adjoints[link.parameter], rel=1e-14)
    assert Link("W[2][1,3]", "a[1][3]", "z[2][1]") in scalars.links(2)
    assert Link("b[2][1]", "1", "z[2][1]") in scalars.links(2)
    assert scalars.adjoints["z[2][1]"] == pytest.approx(by_units["dz[2]"][0], rel=1e-14)


@pytest.mark.parametrize(("k", "j"), [(1, 2), (3, 4), (6, 1)])
def test_the_product_along_the_path_from_the_output_to_an_input(net, scalars, x, y, k, j):
    """δ_out · W_1k · χ′(z_k) · x_j: output unit, hidden unit k, input j, as the figure highlights one."""
    [path] = scalars.paths(f"W[1][{k},{j}]")
    assert path.names == (f"W[1][{k},{j}]", f"z[1][{k}]", f"a[1][{k}]", "z[2][1]", "a[2][1]", "J")
    out = float(scalars["a[2][1]"]) - y
    slope = 1 - np.tanh(float(scalars[f"z[1][{k}]"])) ** 2
    close(path.product, out * net.dense[1].W.data[0, k - 1] * slope * x[j - 1])
    close(path.product, scalars.adjoints[f"W[1][{k},{j}]"])


def softened(Z):
    """A column function of one's own, with a Jacobian that is neither diagonal nor symmetric."""
    return ag.tanh(np.tril(np.ones((3, 3))) @ Z)


@pytest.mark.parametrize("output", ["softmax", "tanh", softened])
def test_the_sum_over_all_paths_is_the_derivative(output):
    """Equation (12) taken literally, through functions of a whole column too."""
    net = nn.Sequential(nn.Dense(2, 4, "tanh", rng=1), nn.Dense(4, 3, output, rng=2))
    x, Y = np.array([0.4, -1.0]), np.array([1.0, 0.0, 0.0])
    scalars = units(net, x, Y, nn.costs.squared_error)
    trace = net.trace(x[:, None], Y[:, None], nn.costs.squared_error)
    for name in ("a[0][1]", "W[1][2,1]", "b[1][3]", "a[1][4]", "W[2][1,2]", "z[2][1]"):
        products = [path.product for path in scalars.paths(name)]
        close(sum(products), scalars.adjoints[name])
        if len(products) > 1:
            assert abs(max(products, key=abs) - scalars.adjoints[name]) > 1e-6, "one path would do"
    for name in ("W[1]", "b[1]", "W[2]", "b[2]"):
        close(gathered(scalars.adjoints, name).reshape(trace[name].shape), trace[f"d{name}"])


def test_paths_are_as_many_as_ways_through_the_layers():
    net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=1), nn.Dense(3, 4, "relu", rng=2), nn.Dense(4, 2, rng=3))
    scalars = units(net, [0.1, 0.2], [0.0, 1.0])
    assert len(list(scalars.paths("a[0][1]"))) == 3 * 4 * 2
    assert len(list(scalars.paths("a[0][1]", "z[2][3]"))) == 3


# What the figures draw, as data


def test_a_generic_network_of_three_layers_is_drawn_from_its_widths():
    net = nn.Sequential(nn.Dense(4, 6, "relu"), nn.Dense(6, 3, "relu"), nn.Dense(3, 2, "softmax"))
    scalars = units(net, np.ones(4))
    assert scalars.widths == net.widths == (4, 6, 3, 2)
    assert [len(scalars.links(l)) for l in (1, 2, 3)] == [4 * 6 + 6, 6 * 3 + 3, 3 * 2 + 2]


def test_the_loss_hangs_on_the_output_unit_alone(scalars):
    assert list(scalars.fan_out["a[2][1]"]) == ["J"]
    assert list(scalars.fan_in["J"]) == ["a[2][1]"]


def test_a_single_unit_is_z_and_a_with_six_inputs_and_one_output(scalars):
    """The figure of one unit, split by a bar: links lead to z, z leads to a, and a leads on."""
    inputs = [name for name in scalars.fan_in["z[2][1]"] if name.startswith("a")]
    assert inputs == [f"a[1][{k}]" for k in range(1, N1 + 1)]
    assert list(scalars.fan_in["a[1][3]"]) == ["z[1][3]"]
    assert list(scalars.fan_out["z[1][3]"]) == ["a[1][3]"]
    assert list(scalars.fan_out["a[1][3]"]) == ["z[2][1]"]


def test_the_collapsed_view_has_one_node_a_layer(net):
    trace = net.trace(np.ones((N0, 2)), np.ones((1, 2)))
    assert [name for name in trace.forward if name.startswith("A")] == ["A[0]", "A[1]", "A[2]"]
    assert [len(trace[f"A[{l}]"]) for l in range(3)] == list(net.widths)


def test_units_print_as_a_table_with_their_adjoints(net, x, y):
    scalars = units(net, x, [y])
    lines = str(scalars).splitlines()
    assert lines[0].split() == ["name", "value", "adjoint"]
    assert len(lines) == len(scalars) + 1
    assert lines[-1].split()[0] == "J"
    assert str(units(net, x)).splitlines()[-1].split()[0] == "a[2][1]"


def test_units_of_a_network_without_biases_and_with_dropout():
    """No bias unit is joined to anything; dropout is left out, as it is when predicting."""
    net = nn.Sequential(
        nn.Dense(2, 3, "relu", bias=False, rng=0), nn.Dropout(0.5), nn.Dense(3, 2, bias=False)
    )
    scalars = units(net, [1.0, -2.0])
    close(gathered(scalars, "a[2]"), net.predict(np.array([[1.0], [-2.0]]))[:, 0])
    assert not any(name.startswith("b") or link.tail == "1" for name in scalars for link in scalars.links(1))


def test_units_leave_the_network_alone_and_record_inside_no_grad(net, x, y):
    with ag.no_grad():
        scalars = units(net, x[:, None], [[y]])
    assert all(p.grad is None for p in net.parameters())
    assert scalars.adjoints["z[2][1]"] != 0


@pytest.mark.parametrize(("x", "y"), [(np.ones(3), None), (np.ones((4, 2)), None), (np.ones(4), [1.0, 0.0])])
def test_units_take_one_example(net, x, y):
    with pytest.raises(ShapeError, match=r"one example of \d numbers is wanted"):
        units(net, x, y)


def test_units_without_a_target_have_no_adjoints(net, x):
    with pytest.raises(GraphError, match="no loss"):
        units(net, x).adjoints  # noqa: B018
    with pytest.raises(KeyError, match=r"no scalar 'W\[3\]'"):
        units(net, x)["W[3]"]
