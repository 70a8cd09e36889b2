"""A training that is broken off goes on bit for bit, whenever and however it was broken off."""

import os
import random
import signal
import time
from functools import partial

import numpy as np
import pytest

import nn
from autograd_core.wording.errors import DataError, OptionError
from nn import storage

X, Y = nn.datasets.iris()
X = nn.datasets.standardized(X, like=X)

RULES = {
    "gradient descent": nn.optimizers.GradientDescent(0.1),
    "Nesterov on a schedule": nn.optimizers.Nesterov(nn.optimizers.Cosine(0.1, 50)),
    "Adam, clipped": nn.optimizers.Clipped(nn.optimizers.Adam(0.02), norm=0.5),
    "AdamW": nn.optimizers.AdamW(0.02),
    "natural gradient": nn.optimizers.GradientFlow(0.1, nn.optimizers.Fisher("softmax", damping=0.1)),
}


def trained(rule=RULES["Adam, clipped"], epochs=12, cost=nn.costs.cross_entropy, **options):
    net = nn.Sequential(
        nn.Dense(4, 6, "tanh", rng=0), nn.Dropout(0.8, rng=1), nn.Dense(6, 3, "softmax", rng=2)
    )
    settings = {"batch_size": 32, "seed": 3, "validation": 0.2, "metrics": [nn.accuracy], "progress": False}
    history = nn.fit(net, cost, (X, Y), rule, epochs=epochs, **settings | options)
    return net, history


def outcome(net, history):
    """Everything that must come out the same, as bits."""
    parameters = [p.data.tobytes() for p in net.parameters()]
    return parameters, history.costs, history.validation_costs, history.metrics, history.best_epoch


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_resumed_training_ends_at_the_bits_of_one_without_a_break(rule, suffix, tmp_path):
    file = tmp_path / f"run.{suffix}"
    whole = outcome(*trained(rule))
    trained(rule, epochs=5, checkpoint=file)
    assert outcome(*trained(rule, checkpoint=file, resume=True)) == whole
    assert outcome(*trained(rule, checkpoint=file, resume=True)) == whole, "a finished one goes on further"


def test_a_checkpoint_that_is_not_written_every_epoch_is_written_at_the_end(tmp_path):
    file = tmp_path / "run.npz"
    written = []
    trained(
        epochs=5, checkpoint=file, checkpoint_every=2, callbacks=[lambda net, h: written.append(costs(file))]
    )
    assert written == [0, 2, 2, 4, 4]
    assert costs(file) == 5


def costs(file):
    return len(storage.read(file).arrays["training/history/costs"])


def test_numbers_of_numpy_are_settings_too(tmp_path):
    file = tmp_path / "run.npz"
    options = {"batch_size": np.int64(32), "seed": np.int32(3), "lam": np.float32(0.5)}
    trained(epochs=2, checkpoint=file, **options)
    resumed = trained(checkpoint=file, resume=True, batch_size=32, seed=3, lam=0.5)
    assert outcome(*resumed) == outcome(*trained(**options))


def test_early_stopping_resumes_too(tmp_path):
    file, rule = tmp_path / "run.npz", nn.optimizers.Adam(0.3)
    whole = trained(rule, epochs=60, patience=3)
    assert whole[1].stopped == "patience"
    trained(rule, epochs=4, patience=3, checkpoint=file)
    resumed = trained(rule, epochs=60, patience=3, checkpoint=file, resume=True)
    assert resumed[1].stopped == "patience"
    assert outcome(*resumed) == outcome(*whole)
    again = trained(rule, epochs=60, patience=3, checkpoint=file, resume=True)
    assert outcome(*again) == outcome(*whole), "it had stopped already"


def test_a_network_is_loaded_from_a_checkpoint(tmp_path):
    net, _ = trained(epochs=2, checkpoint=tmp_path / "run.npz")
    np.testing.assert_array_equal(nn.load(tmp_path / "run.npz").predict(X), net.predict(X))


def test_resuming_without_a_file_starts_afresh(tmp_path):
    assert outcome(*trained(checkpoint=tmp_path / "run.npz", resume=True)) == outcome(*trained())


def test_without_resume_a_file_is_replaced(tmp_path):
    trained(epochs=5, checkpoint=tmp_path / "run.npz")
    assert outcome(*trained(checkpoint=tmp_path / "run.npz")) == outcome(*trained())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 4}, "seed 3, this one has 4"),
        ({"batch_size": 16}, "batch_size 32"),
        ({"lam": 0.5}, "lam 0.0, this one has 0.5"),
        ({"rule": nn.optimizers.Adam(0.1)}, "optimizer Clipped"),
        ({"validation": 0.3}, "examples"),
        ({"validation": None}, "examples"),
        ({"metrics": []}, r"metrics \['accuracy'\], this one has \[\]"),
        ({"cost": partial(nn.costs.cross_entropy, class_weights=[1, 2, 3])}, "class_weights"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(change, told, tmp_path):
    file = tmp_path / "run.npz"
    trained(epochs=2, checkpoint=file)
    before = file.read_bytes()
    with pytest.raises(OptionError, match=told):
        trained(**{"checkpoint": file, "resume": True} | change)
    assert file.read_bytes() == before


def test_a_checkpoint_of_another_network_is_refused_and_changes_nothing(tmp_path):
    file = tmp_path / "run.npz"
    trained(epochs=2, checkpoint=file)
    net = nn.Sequential(nn.Dense(4, 3, "softmax", rng=0))
    before = net.state_dict()
    with pytest.raises(OptionError, match="layers"):
        nn.fit(net, nn.costs.cross_entropy, (X, Y), seed=3, checkpoint=file, resume=True, progress=False)
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def damaged(bundle):
    """A checkpoint, well-formed as a file, with one thing wrong at a time."""
    arrays, about = bundle
    for name in arrays:
        yield f"without {name}", {key: value for key, value in arrays.items() if key != name}, about
        if arrays[name].size:
            yield f"{name} of another shape", arrays | {name: np.ones((7, 7))}, about
    for name in about["training"]:
        rest = {key: value for key, value in about["training"].items() if key != name}
        yield f"without {name}", arrays, about | {"training": rest}
        for wrong in (None, 10**40, [], {}, "x", [[1]], [{"bit_generator": "PCG64"}] * 2):
            if about["training"][name] != wrong:
                yield f"{name} = {wrong!r}", arrays, about | {"training": rest | {name: wrong}}
    yield "no training", arrays, {key: value for key, value in about.items() if key != "training"}


def test_a_checkpoint_with_anything_missing_or_wrong_is_refused_and_changes_nothing(tmp_path):
    file = tmp_path / "run.npz"
    trained(epochs=2, checkpoint=file)
    harmless = (
        "seconds = 10",
        "best_epoch = None",
        "metrics = []",
        "metrics = {}",
        "history/metrics",
        "costs of",
    )
    refused = 0
    for what, arrays, about in damaged(storage.read(file)):
        storage.write(file, arrays, about)
        net = nn.Sequential(
            nn.Dense(4, 6, "tanh", rng=0), nn.Dropout(0.8, rng=1), nn.Dense(6, 3, "softmax", rng=2)
        )
        before = net.state_dict(), net.layers[1].rng.bit_generator.state
        try:
            nn.fit(
                net,
                nn.costs.cross_entropy,
                (X, Y),
                RULES["Adam, clipped"],
                epochs=3,
                batch_size=32,
                seed=3,
                validation=0.2,
                checkpoint=file,
                resume=True,
                progress=False,
            )
        except (DataError, OptionError) as error:
            refused += file.name in str(error)
            assert net.layers[1].rng.bit_generator.state == before[1], what
            for name, value in net.state_dict().items():
                np.testing.assert_array_equal(value, before[0][name], what)
        else:
            assert any(word in what for word in harmless), f"taken although {what}"
    assert refused > 40, "each names the file"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_hundred_kills_at_random_moments_lose_no_bit(tmp_path):
    """Whenever the process is killed, the file that it leaves loads and leads to the same end."""
    start = time.perf_counter()
    whole = outcome(*trained(epochs=20, checkpoint=tmp_path / "whole.npz"))
    duration = time.perf_counter() - start
    moments = random.Random(0)
    survived = []
    for attempt in range(100):
        file = tmp_path / f"run{attempt}.{'npz' if attempt % 2 else 'safetensors'}"
        child = os.fork()
        if child == 0:
            trained(epochs=20, checkpoint=file)
            os._exit(0)
        time.sleep(moments.uniform(0, 1.1 * duration))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if file.exists():
            nn.load(file)
            survived.append(costs(file))
        assert outcome(*trained(epochs=20, checkpoint=file, resume=True)) == whole
        assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".tmp")] == []
        file.unlink()
    assert len(set(survived)) > 10, f"the kills came at too few different epochs: {survived}"
