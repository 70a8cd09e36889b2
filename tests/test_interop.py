"""Weights to PyTorch and back, and networks as ONNX models."""

import subprocess
import sys

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core.wording.errors import DataError, OptionError
from nn.activations import ACTIVATIONS
from nn.files import onnx_export
from nn.files.onnx_export import to_onnx
from nn.files.torch_weights import from_torch, load_torch, save_torch, to_torch

DTYPES = [np.float64, np.float32]
TOLERANCE = {np.float64: 1e-12, np.float32: 1e-6}
FLAT = ["relu", "identity", "tanh", "softmax"]


def network(dtype=np.float64, activations=FLAT):
    sizes = zip((4, 6, 6, 5), (6, 6, 5, 3), activations, strict=True)
    dense = [nn.Dense(n, k, g, rng=l, dtype=dtype) for l, (n, k, g) in enumerate(sizes)]
    for layer in dense:
        layer.b.data = np.random.default_rng(7).normal(size=layer.b.shape).astype(dtype)
    return nn.Sequential(dense[0], nn.Dropout(0.75, rng=0), *dense[1:])


def bits(net):
    return {name: (array.dtype, array.shape, array.tobytes()) for name, array in net.state_dict().items()}


# PyTorch: names and shapes


def test_names_count_the_modules_as_torch_does():
    shapes = {name: array.shape for name, array in to_torch(network()).items()}
    assert shapes == {
        "0.weight": (6, 4),
        "0.bias": (6,),  # 1 is ReLU, 2 is Dropout
        "3.weight": (6, 6),
        "3.bias": (6,),
        "4.weight": (5, 6),
        "4.bias": (5,),  # 5 is Tanh
        "6.weight": (3, 5),
        "6.bias": (3,),
    }


@pytest.mark.parametrize("dtype", DTYPES)
def test_there_and_back_keeps_every_bit(dtype, tmp_path):
    net = network(dtype)
    back = from_torch(to_torch(net), FLAT)
    assert bits(back) == bits(net)
    assert [layer.activation for layer in back.layers] == FLAT
    assert bits(load_torch(save_torch(net, tmp_path / "net.safetensors"), FLAT)) == bits(net)


def test_the_copy_is_a_copy():
    net = network()
    before = bits(net)
    state = to_torch(net)
    other = from_torch(state, FLAT)
    for array in state.values():
        array[...] = 0
    assert bits(net) == bits(other) == before


def test_more_than_ten_layers_stay_in_their_order(tmp_path):
    rng = np.random.default_rng(0)
    net = nn.Sequential(*(nn.Dense(3, 3, "tanh", rng=rng, bias=l % 2 == 0) for l in range(12)))
    path = save_torch(net, tmp_path / "net.safetensors")
    assert bits(load_torch(path, ["tanh"] * 12)) == bits(net)


def named(*names):
    return {f"{name}.weight": np.full((2, 2), float(i)) for i, name in enumerate(names)}


def order(net):
    return [int(layer.W.data[0, 0]) for layer in net.dense]


def test_any_prefix_will_do():
    assert order(from_torch(named("fc10", "fc9"), FLAT[:2])) == [1, 0]
    assert order(from_torch(named("net.mlp.2", "net.mlp.0"), FLAT[:2])) == [1, 0]
    assert order(from_torch({"weight": np.ones((2, 3)), "bias": np.ones(2)}, ["tanh"])) == [1]
    assert order(from_torch(named("out", "first"), FLAT[:2], layers=["first", "out"])) == [1, 0]


def test_functions_are_activations_too(rng):
    def bell(Z):
        return ag.exp(-Z * Z)

    net = from_torch({"0.weight": np.ones((1, 2), np.float32)}, [bell])
    assert net.predict(rng.normal(size=(2, 3)).astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("state", "options", "error", "words"),
    [
        ({}, {"activations": []}, DataError, "at least one layer.*; found no layer"),
        (named("first", "out"), {}, DataError, r"'first', 'out' comes first is not clear.*pass layers="),
        (named("first", "out"), {"layers": ["first"]}, DataError, r"layers=\['first'\]"),
        (
            named("0", "2"),
            {"activations": ["tanh"]},
            OptionError,
            r"1 activations for 2 layers: '0' \(2, 2\)",
        ),
        (named("0", "2"), {"activations": ["tanh", "thanh"]}, OptionError, "did you mean 'tanh'"),
        (
            {"0.weight": np.ones((2, 3)), "1.weight": np.ones((2, 3))},
            {},
            DataError,
            "2 nodes, but layer 2 takes 3",
        ),
        ({"0.weight": np.ones((2, 3, 3, 3))}, {}, DataError, r"\(2, 3, 3, 3\) is neither"),
        ({"0.weight": np.ones((2, 0))}, {}, DataError, r"\(2, 0\) is neither"),
        ({"1.running_mean": np.ones(3)}, {}, DataError, "'1.running_mean' of shape"),
        ({"in_proj_weight": np.ones((3, 3))}, {}, DataError, "'in_proj_weight' of shape"),
        ({"0.bias": np.ones(3)}, {}, DataError, "'0' has a bias, but no weight"),
        (
            {"0.weight": np.ones((2, 3)), "0.bias": np.ones(3)},
            {"activations": ["tanh"]},
            DataError,
            r"b\[1\]",
        ),
        ({"0.weight": np.ones((2, 3), np.float16)}, {}, DataError, r"float16; wanted .*module\.float\(\)"),
        ({"0.weight": "text"}, {}, DataError, "'0.weight' is <U4"),
        ({"0.weight": np.full((2, 3), np.inf)}, {"activations": ["tanh"]}, DataError, "inf"),
    ],
)
def test_a_state_of_something_else_is_refused(state, options, error, words):
    with pytest.raises(error, match=words):
        from_torch(state, **{"activations": ["tanh", "tanh"], **options})


def test_a_refused_file_is_named(tmp_path):
    path = nn.storage.write(tmp_path / "other.safetensors", {"1.running_mean": np.ones(3)})
    with pytest.raises(DataError, match=r"^other\.safetensors: '1\.running_mean'"):
        load_torch(path, ["tanh"])


# PyTorch itself, where it is installed

MODULES = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "softplus": "Softplus",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "softmax": "Softmax",
}


def torch_module(torch, net, dtype):
    modules = []
    for layer in net.layers:
        if isinstance(layer, nn.Dropout):
            modules.append(torch.nn.Dropout(1 - layer.keep))
            continue
        modules.append(torch.nn.Linear(layer.n_in, layer.n_out, bias=layer.b is not None))
        if layer.activation != "identity":
            options = {"dim": 1} if layer.activation == "softmax" else {}
            modules.append(getattr(torch.nn, MODULES[layer.activation])(**options))
    return (
        torch.nn.Sequential(*modules).to({np.float64: torch.float64, np.float32: torch.float32}[dtype]).eval()
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_torch_loads_the_file_and_predicts_the_same(activation, dtype, tmp_path, rng):
    torch = pytest.importorskip("torch")
    library = pytest.importorskip("safetensors.torch")
    net = network(dtype, [activation, "identity", "tanh", "softmax"])
    module = torch_module(torch, net, dtype)
    module.load_state_dict(library.load_file(save_torch(net, tmp_path / "net.safetensors")))
    X = rng.normal(size=(4, 9)).astype(dtype)
    with torch.no_grad():
        found = module(torch.tensor(X.T)).numpy().T
    np.testing.assert_allclose(found, net.predict(X), atol=TOLERANCE[dtype], rtol=TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_file_and_a_state_of_torch_are_read_to_the_bit(dtype, tmp_path, rng):
    torch = pytest.importorskip("torch")
    library = pytest.importorskip("safetensors.torch")
    torch.manual_seed(0)
    module = torch_module(torch, network(dtype), dtype)
    library.save_file(module.state_dict(), tmp_path / "torch.safetensors")
    X = rng.normal(size=(4, 9)).astype(dtype)
    with torch.no_grad():
        wanted = module(torch.tensor(X.T)).numpy().T
    for net in (load_torch(tmp_path / "torch.safetensors", FLAT), from_torch(module.state_dict(), FLAT)):
        for layer, linear in zip(net.dense, (m for m in module if hasattr(m, "weight")), strict=True):
            assert layer.W.data.tobytes() == linear.weight.detach().numpy().tobytes()
            assert layer.b.data.tobytes() == linear.bias.detach().numpy().tobytes()
        np.testing.assert_allclose(net.predict(X), wanted, atol=TOLERANCE[dtype], rtol=TOLERANCE[dtype])
    with pytest.raises(DataError, match=r"module\.float"):
        from_torch(module.half().state_dict(), FLAT)
    with pytest.raises(DataError, match="cannot become an array"):
        from_torch(module.bfloat16().state_dict(), FLAT)


# ONNX


def predicted(path, X):
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    [A] = session.run(["A"], {"X": X})
    return A


RUNNING = [(g, dtype) for g in sorted(ACTIVATIONS) for dtype in DTYPES]
RUNNING.remove(("gelu", np.float64))  # onnxruntime has no Erf in float64


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize(("activation", "dtype"), RUNNING)
def test_the_runtime_predicts_the_same(activation, dtype, columns, tmp_path, rng):
    pytest.importorskip("onnx")
    net = network(dtype, [activation, "identity", "tanh", activation])
    X = (3 * rng.normal(size=(4, 9))).astype(dtype)
    path = to_onnx(net, tmp_path / "net.onnx", columns=columns)
    A = predicted(path, X) if columns else predicted(path, np.ascontiguousarray(X.T)).T
    assert A.dtype == dtype
    np.testing.assert_allclose(A, net.predict(X), atol=TOLERANCE[dtype], rtol=TOLERANCE[dtype])


@pytest.mark.parametrize("activation", sorted(set(ACTIVATIONS) - {"gelu"}))
def test_large_values_overflow_no_more_there_than_here(activation, tmp_path):
    pytest.importorskip("onnx")
    net = nn.Sequential(nn.Dense(1, 2, activation, rng=0))
    X = np.array([[-1e3, -30.0, -1e-9, 0.0, 1e-9, 30.0, 1e3]])
    A = predicted(to_onnx(net, tmp_path / "net.onnx"), np.ascontiguousarray(X.T)).T
    np.testing.assert_allclose(A, net.predict(X), atol=1e-12, rtol=1e-12)


def test_a_wrong_activation_would_be_noticed(tmp_path, monkeypatch, rng):
    pytest.importorskip("onnx")
    net, X = network(activations=["elu", "tanh", "relu", "sigmoid"]), rng.normal(size=(4, 9))
    monkeypatch.setitem(onnx_export._ACTIVATIONS, "elu", lambda g, Z: g("Mul", 1.001, g("Relu", Z)))
    A = predicted(to_onnx(net, tmp_path / "net.onnx"), np.ascontiguousarray(X.T)).T
    assert np.abs(A - net.predict(X)).max() > 1e-6


def test_a_float64_network_can_be_written_in_float32(tmp_path, rng):
    pytest.importorskip("onnx")
    net, X = network(), rng.normal(size=(4, 9))
    A = predicted(to_onnx(net, tmp_path / "net.onnx", dtype=np.float32), X.T.astype(np.float32)).T
    assert A.dtype == np.float32
    np.testing.assert_allclose(A, net.predict(X), atol=1e-6)


def test_the_model_says_what_it_is(tmp_path):
    onnx = pytest.importorskip("onnx")
    net = nn.Sequential(nn.Dense(4, 5, rng=0), nn.Dropout(0.5), nn.Dense(5, 3, "softmax", rng=1, bias=False))
    first = to_onnx(net, tmp_path / "net.onnx").read_bytes()
    assert to_onnx(net, tmp_path / "net.onnx").read_bytes() == first
    model = onnx.load(tmp_path / "net.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert (model.producer_name, model.producer_version) == ("autograd-core", ag.__version__)
    assert "one row per example" in model.doc_string
    assert [node.op_type for node in model.graph.node] == ["Gemm", "Gemm", "Softmax"]
    weights = {part.name: onnx.numpy_helper.to_array(part) for part in model.graph.initializer}
    assert weights.keys() == {"W[1]", "b[1]", "W[2]"}
    assert weights["W[1]"].tobytes() == net.dense[0].W.data.tobytes()


def test_what_onnx_cannot_say_is_refused_and_nothing_is_written(tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    path = tmp_path / "net.onnx"
    with pytest.raises(OptionError, match=r"activation of W\[1\] is a function, 'sin'.*elu, gelu"):
        to_onnx(nn.Sequential(nn.Dense(2, 2, ag.sin)), path)
    with pytest.raises(OptionError, match=r"dtype=.*float16"):
        to_onnx(network(), path, dtype=np.float16)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(OptionError, match=r"autograd-core\[onnx\]"):
        to_onnx(network(), path)
    assert not path.exists()


def test_nothing_is_imported_before_it_is_used():
    code = "import nn.files.saving, nn.files.torch_weights, nn.files.onnx_export, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"safetensors", "onnx", "onnxruntime", "torch"} & set(loaded.split())


def test_a_layer_that_went_into_another_network_is_written_under_its_place_here(tmp_path, rng):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    net = nn.Sequential(*(nn.Dense(3, 3, "tanh", rng=l) for l in range(3)))
    nn.Sequential(*net.layers[1:])
    path, X = nn.to_onnx(net, tmp_path / "net.onnx"), rng.normal(size=(3, 4))
    [A] = runtime.InferenceSession(path).run(None, {"X": X.T})
    np.testing.assert_allclose(A.T, net.predict(X), rtol=1e-12)
