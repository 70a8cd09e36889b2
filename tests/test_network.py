"""Networks: layers, first weights, dropout, parameters in and out, descriptions, and what a trace holds."""

import json

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core.wording.errors import DataError, DtypeError, GraphError, OptionError, ShapeError
from nn import initializers

M = 5


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-15)


def network(**options):
    rng = np.random.default_rng(0)
    return nn.Sequential(
        nn.Dense(4, 5, "tanh", rng=rng, **options),
        nn.Dense(5, 6, "relu", rng=rng, **options),
        nn.Dense(6, 3, "softmax", rng=rng, **options),
    )


@pytest.fixture
def net():
    return network()


@pytest.fixture
def X():
    return np.random.default_rng(1).normal(size=(4, M))


@pytest.fixture
def Y():
    return np.eye(3)[:, [0, 1, 2, 1, 0]]


# First weights


@pytest.mark.parametrize(
    ("init", "variance"),
    [
        ("he", 2 / 300), ("he_uniform", 2 / 300), ("lecun", 1 / 300), ("lecun_uniform", 1 / 300),
        ("xavier", 2 / 500), ("xavier_uniform", 2 / 500), ("normal", 0.01**2), ("uniform", 0.05**2 / 3),
        ("orthogonal", 1 / 300), (initializers.he(0.5), 0.5 / 300), (initializers.normal(2.0), 4.0),
    ],
)  # fmt: skip
def test_first_weights_have_mean_0_and_the_variance_that_is_promised(init, variance):
    W = nn.Dense(300, 200, init=init, rng=0).W.data
    assert abs(W.mean()) < 5 * np.sqrt(variance / W.size)
    assert W.var() == pytest.approx(variance, rel=0.03)


@pytest.mark.parametrize("shape", [(3, 7), (7, 3), (5, 5)])
def test_orthogonal_weights_are_orthonormal_the_way_that_fits(shape):
    W = initializers.orthogonal(2.0)(np.random.default_rng(0), shape)
    assert W.shape == shape
    product = W @ W.T if shape[0] <= shape[1] else W.T @ W
    np.testing.assert_allclose(product, 4 * np.eye(min(shape)), atol=1e-12)


@pytest.mark.parametrize(
    ("activation", "usual"), [("relu", "he"), ("gelu", "he"), ("tanh", "lecun"), ("softmax", "lecun")]
)
def test_without_being_told_a_layer_starts_as_suits_its_activation(activation, usual):
    wanted = nn.Dense(4, 5, activation, init=usual, rng=3).W.data
    np.testing.assert_array_equal(nn.Dense(4, 5, activation, rng=3).W.data, wanted)


@pytest.mark.parametrize(
    ("activation", "init"), [("relu", "he"), ("identity", "lecun"), ("identity", "orthogonal")]
)
def test_the_size_of_z_survives_many_layers(activation, init):
    """What the variances are chosen for; with those of another activation it fades or grows."""
    rng = np.random.default_rng(0)

    def growth(init):
        net = nn.Sequential(*(nn.Dense(100, 100, activation, init=init, rng=rng) for _ in range(20)))
        X = rng.normal(size=(100, 50))
        return (net.predict(X) ** 2).mean() / (X**2).mean()

    assert 0.2 < growth(init) < 5
    assert growth("normal") < 1e-10


@pytest.mark.parametrize("init", initializers.INITIALIZERS)
def test_the_same_seed_draws_the_same_bits_and_a_shared_generator_goes_on(init):
    one, two = (nn.Dense(3, 4, init=init, rng=7).W.data for _ in range(2))
    np.testing.assert_array_equal(one, two)
    rng = np.random.default_rng(7)
    first, second = nn.Dense(3, 4, init=init, rng=rng), nn.Dense(3, 4, init=init, rng=rng)
    np.testing.assert_array_equal(first.W.data, one)
    assert (init == "zeros") == np.array_equal(second.W.data, one)


@pytest.mark.parametrize(
    ("init", "error", "match"),
    [
        ("hee", OptionError, "unknown initialiser 'hee'.*did you mean 'he'"),
        (
            lambda rng, shape: np.zeros(shape[::-1]),
            ShapeError,
            r"returned shape \(2, 3\) for W of shape \(3, 2\)",
        ),
        (lambda rng, shape: np.full(shape, np.inf), OptionError, "not finite"),
        (lambda rng, shape: np.full(shape, 1j), OptionError, "not finite"),
        (initializers.he, OptionError, "he.* has to be called first"),
        (initializers.zeros, OptionError, "zeros.* has to be called first"),
        (["he"], OptionError, "unknown initialiser"),
    ],
)
def test_first_weights_that_make_no_layer_are_refused(init, error, match):
    with pytest.raises(error, match=match):
        nn.Dense(2, 3, init=init)


@pytest.mark.parametrize(
    "make",
    [
        lambda: initializers.normal(-1.0),
        lambda: initializers.uniform(np.nan),
        lambda: initializers.constant(np.inf),
        lambda: initializers.he(np.nan),
        lambda: initializers.he("normal"),
        lambda: initializers.xavier(distribution="gaussian"),
    ],
)
def test_an_initialiser_refuses_what_is_no_size(make):
    with pytest.raises(OptionError):
        make()


# Layers one after the other


def test_a_network_takes_layers_that_fit_and_each_only_once():
    layer = nn.Dense(2, 2)
    for layers, match in [
        ((layer, layer), "twice"),
        ((), "at least one"),
        ((nn.Dropout(0.5),), "at least one"),
        ((layer, ag.tanh), "layer 2 is a function"),
        ((nn.Dense(2, 3), nn.Dropout(0.5), nn.Dense(4, 1)), "layer 1 has 3 nodes, but layer 2 takes 4 in"),
    ]:
        with pytest.raises(OptionError, match=match):
            nn.Sequential(*layers)


def test_a_network_is_a_function_of_its_parameters(net, X, Y):
    """apply computes what a call does: on arrays without recording, and differentiable by the parameters."""
    params = net.params()
    found = net.apply(params, X)
    assert type(found) is np.ndarray
    close(found, net(X).data)
    gradients = ag.grad(lambda params: nn.costs.cross_entropy(net.apply(params, X), Y))(params)
    trace = net.trace(X, Y)
    for l, layer in enumerate(gradients, start=1):
        for name, gradient in layer.items():
            close(gradient, trace[f"d{name}[{l}]"])


def test_other_parameters_than_there_are_layers_for_are_refused(net, X):
    with pytest.raises(ShapeError, match=r"apply: parameters .* for layers that have"):
        net.apply(net.params()[:2], X)


def test_a_layer_computes_in_float64_or_float32_and_in_nothing_else():
    net = network(dtype=np.float32)
    X = np.ones((4, 2), np.float32)
    assert {a.dtype for a in net.trace(X, np.eye(3, dtype=np.float32)[:, :2]).values()} == {np.dtype("f4")}
    with pytest.raises(DtypeError, match="float16"):
        nn.Dense(2, 3, dtype=np.float16)


def test_a_prediction_records_nothing_and_drops_nothing(X):
    net = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dropout(0.5, rng=0), nn.Dense(5, 3, rng=1))
    assert type(net.predict(X)) is np.ndarray
    np.testing.assert_array_equal(net.predict(X), net.eval()(X).data)
    assert not np.allclose(net.train()(X).data, net.predict(X))


# Dropout


def test_dropout_keeps_a_share_of_the_nodes_and_the_expected_value():
    A = np.ones((200, 300))
    dropped = nn.Dropout(0.8, rng=0)(A)
    assert set(np.unique(dropped)) == {0.0, 1 / 0.8}
    assert (dropped > 0).mean() == pytest.approx(0.8, abs=0.01)
    assert dropped.mean() == pytest.approx(1.0, abs=0.02)


def test_dropout_draws_afresh_at_each_call_and_again_from_the_same_seed():
    A, layer = np.ones((4, 8)), nn.Dropout(0.5, rng=3)
    first, second = layer(A), layer(A)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(nn.Dropout(0.5, rng=3)(A), first)


def test_with_all_nodes_kept_dropout_does_nothing():
    A = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_array_equal(nn.Dropout(1.0)(A), A)


@pytest.mark.parametrize("keep", [0.0, -0.5, 1.5, np.nan])
def test_a_probability_to_keep_is_above_0_and_at_most_1(keep):
    with pytest.raises(OptionError, match="above 0 and at most 1"):
        nn.Dropout(keep)


def test_dropout_keeps_float32_and_works_by_apply(X):
    layer = nn.Dropout(0.5, rng=0)
    assert layer(np.ones((2, 3), np.float32)).dtype == np.float32
    assert layer(ag.tensor(np.ones((2, 3), np.float32))).dtype == np.float32
    net = nn.Sequential(nn.Dense(4, 5, rng=0), nn.Dropout(0.5, rng=1))
    assert net.params()[1] == {}
    assert (net.apply(net.params(), X) == 0).any()
    assert (net.eval().apply(net.params(), X) != 0).all()


# Parameters in and out


def test_parameters_go_out_and_in_as_a_nested_container(net, X):
    params = net.params()
    assert [list(layer) for layer in params] == [["W", "b"]] * 3
    before = net.predict(X)
    net.assign([{name: value + 1 for name, value in layer.items()} for layer in params])
    assert not np.allclose(net.predict(X), before)
    net.assign(params)
    np.testing.assert_array_equal(net.predict(X), before)


def test_a_state_is_a_copy_by_name(net):
    state = net.state_dict()
    assert list(state) == ["W[1]", "b[1]", "W[2]", "b[2]", "W[3]", "b[3]"]
    state["W[1]"][:] = 0
    assert net.dense[0].W.data.any()
    net.load_state_dict(state)
    assert not net.dense[0].W.data.any()
    state["W[1]"][:] = 1
    assert not net.dense[0].W.data.any()


def test_gradients_come_out_in_the_form_of_the_parameters(net, X, Y):
    with pytest.raises(GraphError, match=r"W\[1\] of shape \(5, 4\) has no gradient"):
        net.gradients()
    nn.costs.cross_entropy(net(X), Y).backward()
    for layer, own in zip(net.dense, net.gradients(), strict=True):
        np.testing.assert_array_equal(own["W"], layer.W.grad)
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda s: s.pop("b[2]"), r"b\[2\] missing"),
        (lambda s: s.update({"W[4]": 1.0}), r"W\[4\] foreign"),
        (lambda s: s.update({"W[3]": np.zeros((6, 3))}), r"W\[3\] of shape \(3, 6\).*\(6, 3\)"),
        (lambda s: s.update({"b[3]": np.zeros((3, 1), np.float32)}), "float32"),
        (lambda s: s.update({"b[3]": np.full((3, 1), np.nan)}), r"b\[3\].*nan"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(net, X, change, match):
    before, state = net.predict(X), {name: value + 1 for name, value in net.state_dict().items()}
    change(state)
    with pytest.raises(DataError, match=match):
        net.load_state_dict(state)
    np.testing.assert_array_equal(net.predict(X), before)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda params: params.pop(), ShapeError),
        (lambda params: params[2].pop("b"), ShapeError),
        (lambda params: params[2].update(W=np.zeros((6, 3))), ShapeError),
        (lambda params: params[2].update(b=np.zeros((3, 1), np.float32)), DtypeError),
    ],
)
def test_parameters_that_do_not_fit_change_nothing(net, X, change, error):
    before = net.predict(X)
    params = [{name: value + 1 for name, value in layer.items()} for layer in net.params()]
    change(params)
    with pytest.raises(error, match="assign"):
        net.assign(params)
    np.testing.assert_array_equal(net.predict(X), before)


# Descriptions


def shares(Z):
    """Each column divided by its sum of squares."""
    return Z / ag.sum(Z * Z, axis=0, keepdims=True)


def test_a_description_goes_through_json_and_builds_the_same_network(X):
    net = nn.Sequential(
        nn.Dense(4, 5, "gelu", bias=False, rng=0),
        nn.Dropout(0.25),
        nn.Dense(5, 2, shares, rng=1),
        nn.Dense(2, 3, "softmax", rng=2),
    )
    config = json.loads(json.dumps(net.config()))
    again = nn.Sequential.from_config(config, {"shares": shares})
    assert repr(again) == repr(net)
    assert not any(p.data.any() for p in again.parameters())
    again.load_state_dict(net.state_dict())
    np.testing.assert_array_equal(again.predict(X), net.predict(X))


def test_a_function_keeps_the_name_that_it_was_described_by():
    config = nn.Sequential(nn.Dense(2, 2, shares)).config()
    assert nn.Sequential.from_config(config, {"shares": lambda Z: shares(Z)}).config() == config


@pytest.mark.parametrize("activation", nn.activations.ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_activation_and_dtype_can_be_described(activation, dtype):
    config = nn.Sequential(nn.Dense(2, 3, activation, dtype=dtype)).config()
    assert nn.Sequential.from_config(config).config() == config


DENSE = {"kind": "Dense", "n_in": 2, "n_out": 3, "activation": "tanh", "bias": True, "dtype": "float64"}


@pytest.mark.parametrize(
    ("config", "match"),
    [
        ("a network", "a list of layers, not by str"),
        ([DENSE, {**DENSE, "n_in": 0}], "layer 2 of the description"),
        ([{**DENSE, "n_out": 2.5}], "layer 1"),
        ([{**DENSE, "dtype": "float16"}], "layer 1"),
        ([{**DENSE, "more": 1}], "layer 1"),
        ([{k: v for k, v in DENSE.items() if k != "bias"}], "layer 1"),
        ([{**DENSE, "activation": "shares"}], "passed again: activations="),
        ([{"kind": "Dropout", "keep": 2.0}], "layer 1"),
        ([{"kind": "Conv"}], "a .Conv., which nn does not have; .*layers="),
        ([DENSE, DENSE], "make no network: layer 1 has 3 nodes"),
        ([], "make no network"),
    ],
)
def test_a_description_of_no_network_is_refused(config, match):
    with pytest.raises(DataError, match=match):
        nn.Sequential.from_config(config)


def test_a_summary_counts_parameters_layer_by_layer():
    net = nn.Sequential(nn.Dense(4, 5, "tanh"), nn.Dropout(0.5), nn.Dense(5, 3, bias=False))
    lines = [line.split("  ") for line in net.summary().splitlines()]
    assert lines[1][0] == "1"
    assert lines[1][-1].strip() == "25"
    assert "dropout, keep 0.5" in net.summary()
    assert lines[3][-1].strip() == "15"
    assert lines[-1] == ["4 inputs, 3 outputs, 40 parameters of float64"]


def test_a_layer_that_goes_into_another_network_is_still_saved_under_its_place_here():
    net = nn.Sequential(nn.Dense(2, 3, rng=0), nn.Dense(3, 1, rng=1))
    names = [*net.state_dict()]
    nn.Sequential(*net.layers[1:])
    assert [*net.state_dict()] == names
    net.load_state_dict(net.state_dict())


def test_a_layer_that_goes_into_another_network_keeps_its_number_in_the_summary():
    net = nn.Sequential(nn.Dense(2, 3, rng=0), nn.Dense(3, 1, rng=1))
    before = net.summary()
    nn.Sequential(*net.layers[1:])
    assert net.summary() == before


def test_parameters_in_the_other_form_are_refused_with_a_hint(net, X):
    with pytest.raises(ShapeError, match=r"a dict.*load_state_dict"):
        net.assign(net.state_dict())
    with pytest.raises(ShapeError, match="apply: parameters are a NoneType"):
        net.apply(None, X)
    with pytest.raises(DataError, match="list; assign takes"):
        net.load_state_dict(net.params())


def test_a_float32_network_computes_in_float32_whatever_the_data_are():
    net, seen = nn.Sequential(nn.Dense(4, 3, "softmax", rng=0, dtype=np.float32)), set()

    def cost(A, Y):
        J = nn.costs.cross_entropy(A, Y)
        seen.update(x.dtype for x in (A, Y, J, *net.parameters()))
        return J

    nn.fit(net, cost, nn.datasets.iris(), epochs=2, lam=np.float64(0.1), validation=0.2, progress=False)
    assert seen == {np.dtype(np.float32)}
