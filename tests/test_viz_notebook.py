"""What a notebook shows of a network and of a recorded tensor."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import autograd_core as ag
import nn
from viz import notebook


@pytest.fixture
def drawers(monkeypatch):
    """The functions registered with a stand-in for IPython, by type."""
    found = {}
    formatter = SimpleNamespace(for_type=found.__setitem__)
    shell = SimpleNamespace(display_formatter=SimpleNamespace(formatters={"image/svg+xml": formatter}))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    notebook.register()
    return found


def test_a_network_and_a_recorded_tensor_show_themselves(drawers):
    net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0))
    assert drawers[nn.Sequential](net).startswith("<svg")
    assert drawers[ag.Tensor](ag.sum(net(np.ones((2, 1))))).startswith("<svg")


def test_a_tensor_of_which_nothing_is_recorded_stays_text(drawers):
    assert drawers[ag.Tensor](ag.tensor(1.0)) is None


def test_what_cannot_be_drawn_stays_text(drawers, monkeypatch):
    def fail(_):
        raise ValueError("no such luck")

    monkeypatch.setattr(notebook, "network", fail)
    monkeypatch.setattr(notebook, "forward", fail)
    assert drawers[nn.Sequential](nn.Sequential(nn.Dense(2, 1))) is None
    assert drawers[ag.Tensor](ag.tanh(ag.tensor(1.0, requires_grad=True))) is None


@pytest.mark.parametrize(
    "module", [None, SimpleNamespace(get_ipython=lambda: None), SimpleNamespace(get_ipython=SimpleNamespace)]
)
def test_outside_a_notebook_nothing_happens(module, monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", module)
    notebook.register()
