"""The picture of a training."""

import importlib
import sys

import numpy as np
import pytest

import nn
import viz
from autograd_core.wording.errors import OptionError, ShapeError

pytest.importorskip("matplotlib")

X = np.array([[-3.0, -2.0, 1.0, 3.0], [-1.0, 2.0, 1.0, -2.0]])
KINDS = np.array([0, 0, 1, 1])
HISTORY = nn.History([3.0, 2.0, 1.0], metrics={"accuracy": [0.5, 0.75, 1.0]})


def telling_sides_apart(output):
    """A network that takes an example for class 1 if its first entry is above 0."""
    rows = {"softmax": [[-1.0, 0.0], [1.0, 0.0]], "sigmoid": [[1.0, 0.0]], "identity": [[1.0, 0.0]]}[output]
    net = nn.Sequential(nn.Dense(2, len(rows), output, rng=0))
    net.dense[0].W.data = np.array(rows)
    return net


def columns_of(colour, image):
    """Where across an image a colour covers something, as shares of its width."""
    near = np.abs(image[..., :3] - np.array(colour) / 255).max(axis=2) < 0.01
    return np.flatnonzero(near.sum(axis=0) > 50) / image.shape[1]


@pytest.mark.parametrize("output", ["softmax", "sigmoid", "identity"])
def test_each_side_of_the_boundary_has_the_colour_of_its_class(output, tmp_path):
    history = nn.History([2.0, 1.0])
    path = viz.training(history, tmp_path / "a.png", telling_sides_apart(output), (X, KINDS))
    image = importlib.import_module("matplotlib.image").imread(path)
    zero, one = (columns_of(colour, image) for colour in ((204, 227, 240), (247, 223, 204)))
    assert len(zero) > 100
    assert len(one) > 100
    assert 0.5 < zero.min() < zero.max() < one.min() + 0.01


@pytest.mark.parametrize("Y", [KINDS, KINDS[None], np.eye(2)[:, KINDS]], ids=["numbers", "row", "one-hot"])
def test_classes_may_be_told_in_three_ways(Y, tmp_path):
    first, second = (
        viz.training(
            HISTORY, tmp_path / f"{i}.png", telling_sides_apart("softmax"), (X, classes)
        ).read_bytes()
        for i, classes in enumerate((KINDS, Y))
    )
    assert first == second


@pytest.mark.parametrize(
    "history",
    [
        nn.History(),
        nn.History([1.0], [2.0]),
        nn.History([1.0, np.nan]),
        nn.History([2.0, 1.0], metrics={"accuracy": [0.5, 1.0], "validation accuracy": [0.4, 0.9]}),
    ],
)
@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_any_history_is_drawn(history, suffix, tmp_path):
    assert viz.training(history, tmp_path / f"a.{suffix}").stat().st_size > 1000


def test_wrong_arguments_are_named_and_leave_the_old_file(tmp_path):
    net, path = telling_sides_apart("softmax"), tmp_path / "a.png"
    path.write_bytes(b"old")
    four = nn.Sequential(nn.Dense(4, 2, rng=0))
    for error, told, arguments in [
        (OptionError, "net and examples", (path, net)),
        (OptionError, r"\.png", (tmp_path / "a.jpgg",)),
        (ShapeError, "the network has 4", (path, four, (X, KINDS))),
        (ShapeError, "X has 4", (path, net, (np.ones((4, 4)), KINDS))),
        (ShapeError, "4 examples and Y 3", (path, net, (X, KINDS[:3]))),
        (ShapeError, "not none", (path, net, (X[:, :0], KINDS[:0]))),
        (FileNotFoundError, "missing", (tmp_path / "missing" / "a.png",)),
    ]:
        with pytest.raises(error, match=told):
            viz.training(HISTORY, *arguments)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]


def test_without_matplotlib_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(OptionError, match=r"autograd-core\[plot\]"):
        viz.training(HISTORY, tmp_path / "a.png")
