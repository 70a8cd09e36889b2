"""A network in a file, and back."""

import numpy as np
import pytest
from corruption import corrupted

import autograd_core as ag
import nn
from autograd_core.wording.errors import DataError, OptionError
from nn import storage
from nn.datasets import Scaling
from nn.files import saving
from nn.files.saving import Model

SUFFIXES = [".npz", ".safetensors"]


def network(dtype=np.float64):
    return nn.Sequential(
        nn.Dense(4, 5, "tanh", rng=0, dtype=dtype),
        nn.Dropout(0.8),
        nn.Dense(5, 4, "relu", rng=1, bias=False, dtype=dtype),
        nn.Dense(4, 3, "softmax", rng=2, dtype=dtype),
    )


def bits(net):
    return {name: (array.dtype, array.shape, array.tobytes()) for name, array in net.state_dict().items()}


@pytest.fixture(params=SUFFIXES)
def path(request, tmp_path):
    return tmp_path / f"net{request.param}"


# There and back


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_network_comes_back_to_the_bit(path, dtype, rng):
    net = network(dtype)
    other = saving.load(saving.save(net, path))
    assert repr(other) == repr(net)
    assert other.config() == net.config()
    assert bits(other) == bits(net)
    X = rng.normal(size=(4, 7)).astype(dtype)
    assert other.predict(X).tobytes() == net.predict(X).tobytes()
    assert [p.name for p in other.parameters()] == ["W[1]", "b[1]", "W[2]", "W[3]", "b[3]"]


def test_the_weights_stand_in_the_file_under_their_names(path):
    net = network()
    arrays, about = storage.read(saving.save(net, path))
    assert arrays.keys() == net.state_dict().keys()
    assert about == {"format": "autograd-core", "version": 1, "layers": net.config()}


def test_the_loaded_network_trains_on_and_the_file_stays(path):
    before = saving.save(network(), path).read_bytes()
    net = saving.load(path)
    nn.costs.cross_entropy(net(np.ones((4, 2))), np.eye(3)[:, :2]).backward()
    net.dense[0].W.data -= net.dense[0].W.grad
    assert path.read_bytes() == before


def test_scaling_and_names_come_along(path):
    X = nn.datasets.iris().X
    names = {"features": ["sepal", "petal", "a", "ñ"], "classes": ("setosa", "versicolor", "virginica")}
    net, scaling = network(), Scaling.of(X)
    model = saving.load_model(saving.save(net, path, scaling=scaling, **names))
    assert (model.features, model.classes) == (tuple(names["features"]), names["classes"])
    assert model.scaling.mean.tobytes() == scaling.mean.tobytes()
    assert model.predict(X).tobytes() == net.predict(scaling.apply(X)).tobytes()
    assert bits(saving.load(path)) == bits(net)
    plain = saving.load_model(saving.save(net, path))
    assert (plain.scaling, plain.features, plain.classes) == (None, None, None)
    assert plain.predict(X).tobytes() == net.predict(X).tobytes()


def test_one_output_can_tell_two_classes_apart():
    assert Model(nn.Sequential(nn.Dense(2, 1, "sigmoid")), classes=["no", "yes"]).classes == ("no", "yes")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scaling": Scaling(np.zeros((3, 1)), np.ones((3, 1)))}, "scaling of 3 features for a network of 4"),
        ({"features": ["a"]}, "features: wanted 4 names"),
        ({"classes": "abc"}, "classes: wanted 3 names"),
        ({"classes": ["a", "b", 3]}, "classes: wanted 3 names"),
    ],
)
def test_what_does_not_suit_the_network_is_refused_before_writing(path, options, words):
    with pytest.raises(DataError, match=words):
        saving.save(network(), path, **options)
    assert not path.exists()


def test_arrays_of_a_training_are_left_alone(path):
    arrays, about = saving.packed(Model(network()))
    storage.write(path, arrays | {"training/t": np.array(3)}, about | {"training": {"epoch": 7}})
    assert bits(saving.load(path)) == bits(network())


# Functions


def bell(Z):
    return ag.exp(-Z * Z)


def test_a_function_is_passed_again_because_a_file_holds_no_code(path, rng):
    net = nn.Sequential(nn.Dense(2, 3, bell, rng=0))
    saving.save(net, path)
    with pytest.raises(DataError, match=rf"{path.name}: layer 1: unknown activation 'bell'.*activations="):
        saving.load(path)
    X = rng.normal(size=(2, 5))
    assert saving.load(path, {"bell": bell}).predict(X).tobytes() == net.predict(X).tobytes()


def test_a_function_under_a_name_of_nn_is_refused_because_another_would_be_loaded(path):
    def relu(Z):
        return ag.leaky_relu(Z)

    with pytest.raises(OptionError, match=r"activation of W\[1\] is a function called 'relu'"):
        saving.save(nn.Sequential(nn.Dense(2, 3, relu)), path)
    assert not path.exists()
    saving.save(nn.Sequential(nn.Dense(2, 3, ag.relu)), path)
    assert saving.load(path).dense[0].activation == "relu"


# What is not such a file


def changed(arrays=None, drop=(), **about):
    """A whole, sealed file of the network, but for what is given."""
    content = saving.packed(Model(network(), scaling=Scaling(np.zeros((4, 1)), np.ones((4, 1)))))
    found = {**content.arrays, **(arrays or {})}
    return {name: found[name] for name in found if name not in drop}, {**content.about, **about}


def sizes(**change):
    layers = network().config()
    layers[0] = {**layers[0], **change}
    return layers


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (changed(format="other"), "no network that nn.save wrote"),
        (changed(version=2), "version 2 of the format.*newer"),
        (changed(version="1"), "version '1' of the format"),
        (changed(version=[]), "version"),
        (changed(layers=None), "described by a list"),
        (changed(layers=[]), "at least one layer"),
        (changed(layers=[3]), "layer 1 of the description"),
        (changed(layers=network().config()[:1]), "foreign"),
        (changed(layers=sizes(activation="thanh")), "did you mean 'tanh'"),
        (changed(layers=sizes(n_in=10**9, n_out=10**9)), r"W\[1\] has the shape \(5, 4\).*1000000000"),
        (changed(layers=sizes(dtype="float32")), "float32"),
        (changed(layers=sizes(dtype="float16")), "layer 1 of the description"),
        (changed(layers=sizes(code="import os")), "layer 1 of the description"),
        (changed({"W[1]": np.ones((4, 5))}), r"W\[1\] has the shape \(4, 5\)"),
        (changed({"W[2]": np.ones((3, 5))}), r"W\[2\] has the shape \(3, 5\)"),
        (changed({"b[1]": np.ones(5)}), r"b\[1\] of shape \(5, 1\)"),
        (changed({"W[1]": np.ones((5, 4), int)}), "int64"),
        (changed({"W[1]": np.full((5, 4), np.nan)}), "nan"),
        (changed({"b[2]": np.ones((4, 1))}), r"b\[2\] foreign"),
        (changed({"scaling/min": np.ones((4, 1))}), "scaling/min foreign"),
        (changed(drop=["W[3]"]), r"W\[3\] is missing"),
        (changed(drop=["b[3]"]), r"b\[3\] missing"),
        (changed(drop=["scaling/spread"]), "'scaling/spread' is missing"),
        (changed({"scaling/mean": np.ones(4)}), "Scaling"),
        (changed({"scaling/spread": np.zeros((4, 1))}), "Scaling"),
        (changed({"scaling/mean": np.ones((3, 1)), "scaling/spread": np.ones((3, 1))}), "scaling of 3"),
        (changed(classes="abc"), "classes: wanted 3 names"),
        (changed(features={"a": 1}), "features: wanted 4 names"),
    ],
)
def test_a_file_of_something_else_is_refused_by_name(path, content, words):
    storage.write(path, *content)
    with pytest.raises(DataError, match=words) as caught:
        saving.load(path)
    assert str(caught.value).startswith(f"{path.name}: ")


def test_a_file_from_elsewhere_is_no_network(tmp_path):
    np.savez(tmp_path / "file.npz", **network().state_dict())
    with pytest.raises(DataError, match=r"no network that nn\.save wrote; nn\.load_torch"):
        saving.load(tmp_path / "file.npz")


def test_a_thousand_damaged_files_are_refused_or_give_the_very_network(path):
    net = network()
    whole, wanted, refused = saving.save(net, path).read_bytes(), bits(net), 0
    for content in corrupted(whole):
        path.write_bytes(content)
        try:
            other = saving.load(path)
            net.load_state_dict(storage.read(path).arrays)
        except DataError:
            refused += 1
        else:
            assert bits(other) == wanted
            assert repr(other) == repr(net)
        assert bits(net) == wanted
    assert refused > 900


def test_two_functions_of_one_name_are_refused_because_one_would_be_loaded_for_both(path):
    layers = [nn.Dense(2, 2, lambda Z: 2 * Z), nn.Dense(2, 2, lambda Z: 3 * Z)]
    with pytest.raises(OptionError, match=r"W\[2\] is a function called '<lambda>'.*different names"):
        saving.save(nn.Sequential(*layers), path)
    assert not path.exists()


def test_what_is_no_network_is_refused(path):
    with pytest.raises(OptionError, match="wanted a Sequential, found a Dense"):
        saving.save(nn.Dense(2, 2), path)
