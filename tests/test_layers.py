"""A layer is what `nn.Layer` asks for: whatever is done with a network is done with any layer."""

import numpy as np
import pytest
from training_case import separable

import autograd_core as ag
import nn
import viz
from autograd_core.wording.errors import DataError, GraphError, OptionError, ShapeError


class Mix(nn.Layer):
    """A layer with sizes of its own, two parameters, and an activation."""

    activation, g = "tanh", staticmethod(ag.tanh)

    def __init__(self, n_in, n_out):
        rng = np.random.default_rng(n_in)
        self.n_in, self.n_out = n_in, n_out
        self.W = ag.Tensor(rng.normal(size=(n_out, n_in)), requires_grad=True)
        self.slope = ag.Tensor(np.full((n_out, 1), 0.5), requires_grad=True)

    def apply(self, params, A):
        return ag.tanh(params["slope"] * (params["W"] @ A))

    def config(self):
        return {"kind": "Mix", "n_in": self.n_in, "n_out": self.n_out}


LAYERS = {
    "LayerNorm": lambda: nn.LayerNorm(4, eps=0.01),
    "Mix": lambda: Mix(4, 4),
    "Dense": lambda: nn.Dense(4, 4, rng=3),
}
PLACES = ("first", "middle", "last")
CASES = [(kind, place) for kind in LAYERS for place in PLACES]


def network(kind, place):
    layers = [nn.Dense(4, 4, "tanh", rng=0), nn.Dropout(0.9, rng=1), nn.Dense(4, 4, "sigmoid", rng=2)]
    layers.insert({"first": 0, "middle": 2, "last": 3}[place], LAYERS[kind]())
    return nn.Sequential(*layers)


def data():
    X, Y = separable()
    return X, np.vstack([Y, np.zeros((1, Y.shape[1]))])


def fitted(net, **options):
    options = {"epochs": 4, "progress": False, "lam": 0.1} | options
    return nn.fit(net, nn.costs.squared_error, data(), nn.optimizers.Adam(0.01), **options)


def bits(net):
    return {name: value.tobytes() for name, value in net.state_dict().items()}


@pytest.mark.parametrize(("kind", "place"), CASES)
def test_any_layer_is_trained_and_a_compiled_training_agrees(kind, place):
    nets = [network(kind, place) for _ in range(2)]
    start = bits(nets[0])
    recorded, compiled = (fitted(net, compile=c) for net, c in zip(nets, (False, True)))
    assert all(bits(nets[0])[name] != start[name] for name in start)
    np.testing.assert_allclose(recorded.costs, compiled.costs, rtol=1e-12)
    X, _ = data()
    first, again = (nets[0].predict(X) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(nets[0].eval()(X).data, first)
    np.testing.assert_array_equal(nets[0].apply(nets[0].params(), X), first)


@pytest.mark.parametrize(("kind", "place"), CASES)
def test_gradients_are_those_of_differences(kind, place):
    net = network(kind, place).eval()
    (X, Y), step = data(), 1e-6
    trace = net.trace(X, Y, nn.costs.squared_error)
    for name, parameter in net.named_parameters().items():
        for entry in np.ndindex(parameter.shape):
            values, middle = [], parameter.data
            for shift in (step, -step):
                parameter.data = middle.copy()
                parameter.data[entry] += shift
                values.append(nn.costs.squared_error(net(X), Y).item())
            parameter.data = middle
            by_differences = (values[0] - values[1]) / (2 * step)
            np.testing.assert_allclose(trace[f"d{name}"][entry], by_differences, atol=1e-8)


@pytest.mark.parametrize(("kind", "place"), CASES)
def test_any_layer_is_saved_and_its_training_resumed_to_the_same_bits(kind, place, tmp_path):
    net = network(kind, place)
    fitted(net, checkpoint=tmp_path / "c.npz", epochs=2)
    resumed, whole = network(kind, place), network(kind, place)
    fitted(resumed, checkpoint=tmp_path / "c.npz", epochs=5, resume=True)
    fitted(whole, epochs=5)
    assert bits(resumed) == bits(whole)
    loaded = nn.load(nn.save(whole, tmp_path / "n.npz"), layers={"Mix": Mix})
    assert bits(loaded) == bits(whole)
    np.testing.assert_array_equal(loaded.predict(data()[0]), whole.predict(data()[0]))


@pytest.mark.parametrize(("kind", "place"), CASES)
def test_any_layer_is_shown(kind, place):
    net, (X, Y) = network(kind, place), data()
    trace, table = net.trace(X, Y), net.summary()
    derived = str(ag.derive(nn.costs.squared_error(net(X), Y)))
    for l, layer in enumerate(net.numbered, start=1):
        drawn = viz.layer(net, l, trace).text()
        for name in layer.named_parameters():
            assert f"d{name}[{l}]" in drawn
            assert f"d{name}[{l}] " in derived
            assert trace[f"d{name}[{l}]"].shape == trace[f"{name}[{l}]"].shape
            assert f"d{name}[{l}]" in trace.layer(l).backward_out
        assert layer.title in table
    for picture in (viz.network(net), viz.network(net, "layers"), viz.layer(net), viz.both(net(X).sum())):
        assert "</svg>" in picture.svg()


@pytest.mark.parametrize("columns", [True, False])
@pytest.mark.parametrize("place", PLACES)
def test_layer_norm_in_onnx_and_in_pytorch_predicts_the_same(place, columns, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    net, (X, _) = network("LayerNorm", place), data()
    fitted(net)
    session = runtime.InferenceSession(nn.to_onnx(net, tmp_path / "n.onnx", columns=columns))
    [A] = session.run(None, {"X": X if columns else X.T})
    np.testing.assert_allclose(A if columns else A.T, net.predict(X), rtol=1e-10, atol=1e-12)
    names = [layer if isinstance(layer, nn.LayerNorm) else layer.activation for layer in net.numbered]
    again = nn.from_torch(nn.to_torch(net), names)
    np.testing.assert_array_equal(again.predict(X), net.predict(X))
    for wrong in (["tanh"] * 3, [nn.LayerNorm(4)] * 3):
        with pytest.raises(DataError, match="in its place in activations"):
            nn.from_torch(nn.to_torch(net), wrong)


@pytest.mark.parametrize("place", PLACES)
def test_what_knows_a_fixed_set_of_layers_refuses_another_by_name(place, tmp_path):
    pytest.importorskip("onnx")
    net = network("Mix", place)
    for use in (
        lambda: nn.to_onnx(net, tmp_path / "n.onnx"),
        lambda: nn.to_torch(net),
        lambda: nn.units(net, np.ones(4)),
        lambda: viz.unit(net, 1, 1),
        lambda: viz.neuron(net, 2, 1),
        lambda: viz.backpropagation(net, np.ones(4), np.ones(4)),
    ):
        with pytest.raises(OptionError, match=r"Mix\(4, 4\)"):
            use()


def test_layer_norm_is_its_formula_and_leaves_examples_apart():
    X = np.random.default_rng(0).normal(2.0, 3.0, size=(5, 7))
    net = nn.LayerNorm(5, eps=1e-3)
    net.gamma.data, net.beta.data = np.arange(5.0)[:, None], np.ones((5, 1))
    wanted = net.gamma.data * (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + 1e-3) + 1
    np.testing.assert_allclose(net(X).data, wanted, rtol=1e-13)
    np.testing.assert_array_equal(net(X[:, :1]).data, net(X).data[:, :1])


def test_a_class_that_is_missing_or_means_another_is_refused(tmp_path):
    path = nn.save(network("Mix", "first"), tmp_path / "n.npz")
    with pytest.raises(DataError, match=r"layer 1 .* 'Mix', which nn does not have.*layers=\{'Mix': Class\}"):
        nn.load(path)
    with pytest.raises(OptionError, match="classes derived from"):
        nn.load(path, layers={"Mix": int})

    class Other(Mix):
        def config(self):
            return {"kind": "LayerNorm", "n": 4}

    with pytest.raises(OptionError, match="not one of nn's"):
        nn.save(nn.Sequential(Other(4, 4)), tmp_path / "o.npz")


class Wrong(Mix):
    """Goes wrong in the way that it is told."""

    def __init__(self, how):
        super().__init__(4, 4)
        self.how = how
        if how == "name":
            self.A = ag.Tensor(1.0)
        if how == "sizes":
            self.n_in = None

    def apply(self, params, A):
        if self.how == "shape":
            return params["W"][:2] @ A
        return self.W.data @ getattr(A, "data", A) if self.how == "bare" else super().apply(params, A)


@pytest.mark.parametrize(
    ("how", "error", "match"),
    [
        ("shape", ShapeError, r"Wrong\(4, 4\) turned .* wanted \(4, 2\)"),
        ("bare", GraphError, "remembers nothing"),
        ("name", OptionError, "parameter called A"),
        ("sizes", OptionError, r"n_in, n_out = \[None, 4\]"),
    ],
)
def test_a_layer_that_cannot_be_one_is_refused(how, error, match):
    with pytest.raises(error, match=match):
        nn.Sequential(Wrong(how))(np.ones((4, 2)))


def test_a_network_is_a_sequence_of_its_layers():
    net = network("Mix", "middle")
    assert len(net) == 4
    assert [*net] == [net[i] for i in range(4)] == list(net.layers)
    assert net[-1] is net.layers[3]
    with pytest.raises(IndexError, match="4 layers, counted from 0"):
        net[4]


def test_what_a_compiled_prediction_holds_of_a_normalisation_does_not_change():
    layer = nn.LayerNorm(3, eps=0.5)
    with pytest.raises(AttributeError, match="eps"):
        layer.eps = 1.0
    assert layer.eps == 0.5
