"""What goes wrong in a training is named, and leaves good weights."""

import re

import numpy as np
import pytest
from training_case import network, separable

import autograd_core as ag
import nn
from autograd_core.wording.errors import NonFiniteError, OptionError


def test_a_cost_that_turns_nan_names_the_step_and_the_first_operation_and_keeps_good_weights():
    X, Y = separable()
    net = nn.Sequential(nn.Dense(4, 5, lambda Z: ag.exp(Z), rng=0), nn.Dense(5, 3, rng=1))
    with np.errstate(all="ignore"), pytest.raises(NonFiniteError) as caught:
        nn.fit(
            net,
            nn.costs.squared_error,
            (X, Y),
            nn.optimizers.GradientDescent(10.0),
            batch_size=20,
            progress=False,
        )
    told = str(caught.value)
    assert re.search(r"epoch 1, batch [23] of 3", told)
    assert "first, exp made inf" in told
    assert "Z[1] of shape (5, 20)" in told
    assert all(np.isfinite(p.data).all() and p.grad is None for p in net.parameters())
    assert np.isfinite(nn.costs.squared_error(net(X), Y).item())


def test_an_update_that_is_not_finite_is_not_made():
    X, Y = separable()
    net = nn.Sequential(nn.Dense(4, 3, lambda Z: ag.sqrt(Z * Z), rng=0))
    net.dense[0].W.data = np.zeros((3, 4))  # sqrt has an infinite derivative at 0
    with np.errstate(all="ignore"), pytest.raises(NonFiniteError, match=r"the update makes W\[1\]") as caught:
        nn.fit(net, nn.costs.squared_error, (X, Y), progress=False)
    assert "the derivative of sqrt" in str(caught.value)
    np.testing.assert_array_equal(net.dense[0].W.data, 0)


def test_the_step_that_went_wrong_is_gone_through_again_with_the_same_draws():
    """A mask of dropout decides here whether anything is infinite."""
    X, Y = np.ones((2, 4)), np.ones((1, 4))
    net = nn.Sequential(
        nn.Dense(2, 2, rng=0), nn.Dropout(0.5, rng=0), nn.Dense(2, 1, lambda Z: ag.log(Z * Z), rng=1)
    )
    with np.errstate(all="ignore"), pytest.raises(NonFiniteError, match="log made -inf"):
        nn.fit(net, nn.costs.squared_error, (X, Y), epochs=50, progress=False)


SETTINGS = {
    "epochs": (0, "at least 1"),
    "batch_size": (2.5, "whole number"),
    "patience": (-1, "at least 1"),
    "checkpoint_every": (0, "at least 1"),
    "optimizer": ("adam", "nn.optimizers"),
    "lam": (-1.0, "0 or more"),
    "validation": (1.5, "a share such as 0.2"),
    "resume": (True, "needs a checkpoint"),
    "metrics": (["accuracy"], "such as nn.accuracy"),
    "checkpoint": ("run.pickle", ".safetensors"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_makes_no_sense_is_refused_and_nothing_changes(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    value, told = SETTINGS[name]
    net = network()
    before = net.state_dict()
    with pytest.raises(OptionError, match=re.escape(told)):
        nn.fit(net, nn.costs.cross_entropy, separable(), **{name: value, "progress": False})
    for key, kept in net.state_dict().items():
        np.testing.assert_array_equal(kept, before[key])
    assert not [*tmp_path.iterdir()]


def test_a_checkpoint_that_cannot_be_written_is_known_before_the_first_step(tmp_path):
    net = network()
    before = net.state_dict()
    with pytest.raises(OSError, match="nowhere"):
        nn.fit(
            net,
            nn.costs.cross_entropy,
            separable(),
            checkpoint=tmp_path / "nowhere" / "x.npz",
            progress=False,
        )
    np.testing.assert_array_equal(net.state_dict()["W[1]"], before["W[1]"])


def test_a_parameter_that_the_cost_does_not_depend_on_is_named():
    with pytest.raises(ag.GraphError, match=r"W\[1\].*has no gradient"):
        nn.fit(network(), lambda A, Y: ag.sum(ag.tensor(Y, True)), separable(), progress=False)
