"""Ctrl-C at every line while a file is written: it arrives as such, and it is the old or the new one."""

import sys
import zipfile

import numpy as np
import pytest
from interruption import code_of, interrupted_at_every_line
from test_files import net

import autograd_core as ag
import nn
import viz
from autograd_core.__main__ import main
from nn import storage
from viz.stepper.report import Report

PROJECT = code_of(ag, nn, viz, zipfile)


def modules(*names):
    return code_of(*(sys.modules[name] for name in names))


STORING = modules("autograd_core.system.files", "nn.npz", "nn.storage", "nn.files.saving", "zipfile")
WRITING = modules(
    "autograd_core.system.files",
    "viz.writers.picture",
    "viz.stepper.page",
    "viz.writers.html",
    "viz.writers.pdf",
    "viz.stepper.report",
)


def graph():
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    return ag.sum(x * x)


def predicted(path):
    model, data = (str(path.with_name(name)) for name in ("model.npz", "data.csv"))
    assert main(["predict", model, "--data", data, "--out", str(path)]) in (0, 130)


WRITERS = {
    "net.npz": (lambda path: nn.save(net(), path), STORING, 1),
    "net.safetensors": (lambda path: nn.save(net(), path), STORING, 1),
    "weights.npz": (lambda path: storage.write(path, {"W": np.ones(3), "b": np.ones(2)}), PROJECT, 1),
    "net.onnx": (
        lambda path: nn.to_onnx(net(), path),
        modules("autograd_core.system.files", "nn.files.onnx_export"),
        1,
    ),
    "picture.svg": (lambda path: viz.forward(graph()).save(path), WRITING, 1),
    "picture.pdf": (lambda path: viz.forward(graph()).save(path), WRITING, 11),
    "picture.html": (lambda path: viz.forward(graph()).save(path), PROJECT, 101),
    "page.html": (lambda path: viz.page(graph(), path), WRITING, 11),
    "report.html": (lambda path: Report("title").save(path), PROJECT, 1),
    "curves.png": (
        lambda path: viz.training(nn.History([2.0, 1.0]), path),
        modules("autograd_core.system.files"),
        3,
    ),
    "predicted.csv": (predicted, modules("autograd_core.system.files", "autograd_core.commands.predict"), 3),
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_old_file_or_the_new_one_is_whole_and_nothing_is_left(name, tmp_path, capfd):
    write, counts, every = WRITERS[name]
    path, old = tmp_path / name, b"the old content"
    nn.save(nn.Sequential(nn.Dense(2, 2, "softmax", rng=0)), tmp_path / "model.npz", classes=["=a", "b"])
    (tmp_path / "data.csv").write_text("x,y\n1,2\n3,4\n")
    path.write_bytes(old)
    write(path)
    new = path.read_bytes()
    files = {*tmp_path.iterdir()}
    kept = []

    def check(outcome):
        content = path.read_bytes()
        interrupted = isinstance(outcome.raised, KeyboardInterrupt) or name == "predicted.csv"
        assert interrupted if outcome.where else outcome.raised is None, (outcome.where, outcome.raised)
        assert {*tmp_path.iterdir()} == files, outcome.where
        assert content == new or (outcome.where and content == old), outcome.where
        kept.append(content == old)
        path.write_bytes(old)

    path.write_bytes(old)
    times = interrupted_at_every_line(lambda: write(path), check, counts, every=every)
    assert times > 5
    assert {*kept} == {True, False}
    assert "ignored" not in capfd.readouterr().err


PARTS = (
    *("training.fitting", "training.checkpoints", "training.monitor", "training.run"),
    *("npz", "storage", "files.saving"),
)
TRAINING = modules("autograd_core.system.files", *(f"nn.{part}" for part in PARTS))


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # a lock that is not closed is, when it is freed
@pytest.mark.parametrize("patience", [None, 5])
def test_a_training_returns_what_there_is_and_goes_on_from_there(patience, tmp_path):
    X, Y = np.linspace(-1, 1, 12).reshape(2, 6), np.array([[1.0, 0, 1, 0, 1, 0]])
    path = tmp_path / "run.npz"
    nets = []

    def fit():
        nets.append(net())
        options = {"metrics": [nn.accuracy], "validation": 0.5, "patience": patience, "checkpoint": path}
        cost, rule = nn.costs.binary_cross_entropy, nn.optimizers.Adam(0.1)
        return nn.fit(nets[-1], cost, (X, Y), rule, epochs=3, resume=True, progress=False, **options)

    whole = fit()
    weights = [p.data.copy() for p in nets[-1].parameters()]
    path.unlink()

    def check(outcome):
        history = outcome.value
        assert {file.name for file in tmp_path.iterdir()} <= {"run.npz", ".run.npz.lock"}, outcome.where
        if history is None:
            assert isinstance(outcome.raised, KeyboardInterrupt), (outcome.where, outcome.raised)
        else:
            assert history.stopped == ("interrupted" if outcome.where else "epochs"), outcome.where
            series = [history.validation_costs, *history.metrics.values()]
            assert {*map(len, series)} <= {len(history.costs)}, outcome.where
            if history.costs:
                assert history.best_epoch == 1 + np.argmin(history.validation_costs), outcome.where
            assert nets[-1].training
            assert all(p.grad is None for p in nets[-1].parameters())
        resumed = fit()
        assert resumed.costs == whole.costs, outcome.where
        assert all((p.data == w).all() for p, w in zip(nets[-1].parameters(), weights)), outcome.where
        path.unlink()

    assert interrupted_at_every_line(fit, check, TRAINING, every=41 if patience else 31) > 50


def test_a_writer_that_leaves_half_a_file_is_caught(tmp_path):
    path = tmp_path / "file"
    found = []

    def write():
        path.write_bytes(b"first ")
        path.write_bytes(b"first and second")

    def check(outcome):
        found.append(path.read_bytes())
        path.write_bytes(b"old")

    path.write_bytes(b"old")
    interrupted_at_every_line(write, check, lambda file: file == __file__)
    assert found == [b"old", b"first ", b"first and second"]
