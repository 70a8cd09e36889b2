"""Frozen parameters keep their bits on every path of training, or the path says why it cannot be taken."""

import numpy as np
import pytest
from test_training_compiled import NATURAL, RULES
from training_case import separable

import nn
from autograd_core.wording.errors import OptionError

PARAMETERS = ["W[1]", "b[1]", "gamma[2]", "beta[2]", "W[3]", "b[3]"]
ALL_RULES = {**RULES, "LBFGS": nn.optimizers.LBFGS()}
PATHS = [(rule, compile) for rule in RULES for compile in (False, True, None)] + [("LBFGS", None)]


def network(frozen=()):
    net = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.LayerNorm(5), nn.Dense(5, 3, "softmax", rng=1))
    for name, parameter in net.named_parameters().items():
        parameter.requires_grad = name not in frozen
    return net


def fitted(net, rule, **options):
    options = {"epochs": 55, "progress": False, "lam": 0.1} | options
    return nn.fit(net, nn.costs.cross_entropy, separable(), rule, **options)


@pytest.mark.parametrize(("rule", "compile"), PATHS)
def test_frozen_parameters_keep_their_bits_and_all_others_move(rule, compile):
    for frozen in (["W[1]"], ["b[3]", "gamma[2]"], [name for name in PARAMETERS if name != "W[3]"]):
        net = network(frozen)
        before = net.state_dict()
        fitted(net, ALL_RULES[rule], compile=compile)
        moved = [name for name, value in net.state_dict().items() if (value != before[name]).any()]
        assert moved == [name for name in PARAMETERS if name not in frozen]


@pytest.mark.parametrize("rule", RULES)
def test_a_compiled_training_of_a_frozen_network_has_the_bits_of_a_recorded_one(rule):
    nets = [network(["W[1]", "beta[2]"]) for _ in range(2)]
    first, second = (fitted(net, RULES[rule], compile=c) for net, c in zip(nets, (None, False)))
    assert first.costs == second.costs
    for a, b in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)


@pytest.mark.parametrize("compile", [False, True, None])
def test_what_a_callback_freezes_holds_from_then_on(compile):
    net, seen = network(), []

    def freeze(epoch, history):
        seen.append(net[0].W.data.copy())
        net[0].W.requires_grad = len(seen) < 20

    fitted(net, nn.optimizers.Adam(0.01), callbacks=[freeze], compile=compile)
    np.testing.assert_array_equal(seen[19], net[0].W.data)
    assert (seen[18] != seen[19]).any()


def test_what_cannot_be_trained_so_is_refused_and_nothing_changed():
    for frozen, rule in ((["W[1]"], NATURAL), (PARAMETERS, nn.optimizers.Adam())):
        net = network(frozen)
        before = net.state_dict()
        with pytest.raises(OptionError, match="frozen"):
            fitted(net, rule)
        for name, value in net.state_dict().items():
            np.testing.assert_array_equal(value, before[name])
