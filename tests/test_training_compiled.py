"""Training by a compiled step: the same numbers, the same errors, and no surprise in between."""

import functools
import warnings

import numpy as np
import pytest
from training_case import network, separable

import autograd_core as ag
import nn
from autograd_core.wording.errors import GraphError, NonFiniteError, OptionError
from nn.training.step import step

RULES = {
    "GradientDescent": nn.optimizers.GradientDescent(0.1),
    "Momentum": nn.optimizers.Momentum(0.01),
    "Nesterov": nn.optimizers.Nesterov(0.01),
    "Adagrad": nn.optimizers.Adagrad(0.01),
    "RMSProp": nn.optimizers.RMSProp(nn.optimizers.Cosine(0.01, 50)),
    "Adam": nn.optimizers.Adam(nn.optimizers.Warmup(0.01, 5)),
    "AdamW": nn.optimizers.AdamW(0.01, weight_decay=0.1),
    "Clipped": nn.optimizers.Clipped(nn.optimizers.Adam(0.01), norm=0.1),
}

NATURAL = nn.optimizers.GradientFlow(0.1, nn.optimizers.Fisher())


def trained(compile, rule="GradientDescent", dropout=False, **options):
    layers = [nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 3, "softmax", rng=1)]
    if dropout:
        layers.insert(1, nn.Dropout(0.8, rng=2))
    net = nn.Sequential(*layers)
    options = {"epochs": 20, "progress": False, "lam": 0.1} | options
    history = nn.fit(net, nn.costs.cross_entropy, separable(), RULES[rule], compile=compile, **options)
    return history, net


def same(first, second):
    assert first[0].costs == second[0].costs
    for a, b in zip(first[1].parameters(), second[1].parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)


@pytest.mark.parametrize("batch_size", [None, 25])
@pytest.mark.parametrize("rule", RULES)
def test_where_nothing_is_said_a_compiled_training_has_the_bits_of_a_recorded_one(rule, batch_size):
    options = {"rule": rule, "batch_size": batch_size, "dropout": True, "epochs": 60}
    same(trained(None, **options), trained(False, **options))


@pytest.mark.parametrize("compile", [True, "numba"])
@pytest.mark.parametrize("rule", RULES)
def test_a_fused_training_agrees_to_rounding(rule, compile):
    if compile == "numba":
        pytest.importorskip("numba")
    fused, recorded = trained(compile, rule=rule), trained(False, rule=rule)
    np.testing.assert_allclose(fused[0].costs, recorded[0].costs, rtol=1e-12)


def test_a_training_goes_on_from_a_checkpoint_with_the_same_bits(tmp_path):
    options = {"dropout": True, "batch_size": 25, "rule": "Adam"}
    whole = trained(None, epochs=60, checkpoint=tmp_path / "whole.npz", **options)
    with pytest.raises(RuntimeError, match="stopped"):
        trained(None, epochs=60, checkpoint=tmp_path / "part.npz", callbacks=[stopping_after(40)], **options)
    same(trained(None, epochs=60, checkpoint=tmp_path / "part.npz", resume=True, **options), whole)


def stopping_after(epoch):
    def stop(net, history):
        if len(history.costs) == epoch:
            raise RuntimeError("stopped")

    return stop


def test_callbacks_see_the_parameters_of_their_epoch():
    def seen(compile):
        found = []
        look = lambda net, history: found.append(net.layers[0].W.data.copy())
        trained(compile, batch_size=25, callbacks=[look], epochs=60)
        return found

    np.testing.assert_array_equal(seen(None), seen(False))


def compiled(net=None, cost=nn.costs.cross_entropy, rule=RULES["Adam"], steps=1000):
    return step(net or network(), cost, rule, 0.0, 60, None, steps) is not None


def test_a_step_is_compiled_unasked_only_if_nothing_of_it_is_somebody_elses():
    assert compiled()
    assert compiled(cost=functools.partial(nn.costs.cross_entropy, class_weights=[1, 2, 3]))
    assert not compiled(steps=10)
    assert not compiled(cost=lambda A, Y: nn.costs.cross_entropy(A, Y))
    assert not compiled(net=nn.Sequential(nn.Dense(4, 3, lambda Z: ag.tanh(Z))))
    assert not compiled(rule=nn.optimizers.Adam(lambda t: 0.1))
    assert not compiled(rule=NATURAL)
    assert not compiled(rule=nn.optimizers.Clipped(NATURAL, norm=1.0))
    assert not compiled(rule=nn.optimizers.LBFGS())


@pytest.mark.parametrize("rule", [NATURAL, nn.optimizers.LBFGS()])
def test_a_rule_that_looks_at_the_network_is_not_compiled(rule):
    with pytest.raises(OptionError, match=f"{type(rule).__name__} looks at the network"):
        nn.fit(network(), nn.costs.cross_entropy, separable(), rule, compile=True, progress=False)


def test_an_unknown_way_to_compile_is_refused_before_anything_is_changed():
    net = network()
    before = net.state_dict()
    with pytest.raises(OptionError, match="compile='jit'; wanted True, False, None or 'numba'"):
        nn.fit(net, nn.costs.cross_entropy, separable(), compile="jit", progress=False)
    assert all((net.state_dict()[name] == before[name]).all() for name in before)


def test_a_cost_that_reads_values_is_named_when_it_is_to_be_compiled():
    def cost(A, Y):
        return nn.costs.cross_entropy(A, Y) * (2.0 if float(ag.max(A)) > 0.5 else 1.0)

    net = network()
    with pytest.raises(GraphError, match=r"(?s)float\(\) reads the values.*test_training_compiled.*in cost"):
        nn.fit(net, cost, separable(), compile=True, progress=False)
    nn.fit(net, cost, separable(), epochs=2, progress=False)


@pytest.mark.parametrize("compile", [None, False])
def test_a_cost_that_turns_infinite_names_the_step_and_leaves_good_weights(compile):
    net = nn.Sequential(nn.Dense(4, 5, "relu", rng=0), nn.Dense(5, 3, rng=1))
    rule = nn.optimizers.GradientDescent(1e3)
    with np.errstate(all="ignore"), pytest.raises(NonFiniteError) as caught:
        nn.fit(net, nn.costs.squared_error, separable(), rule, epochs=100, progress=False, compile=compile)
    assert "the parameters are those of the last good step" in str(caught.value)
    assert "first, " in str(caught.value)
    assert all(np.isfinite(p.data).all() and p.grad is None for p in net.parameters())


def test_weights_whose_squares_overflow_are_no_error():
    X, Y = separable()
    net = nn.Sequential(nn.Dense(4, 3, dtype="f4", rng=0))
    net.dense[0].W.data = np.full((3, 4), 1e25, "f4")
    rule = nn.optimizers.GradientDescent(1e-30)
    with np.errstate(over="ignore"):
        history = nn.fit(
            net, lambda A, Y: (A * 1e-25).sum(), (X, Y), rule, epochs=3, compile=True, progress=False
        )
    assert len(history.costs) == 3


def test_predictions_have_the_same_bits_however_often_they_are_asked_for():
    net, (X, _) = network(), separable()
    first, *others = (net.predict(X) for _ in range(4))
    assert all((first == A).all() for A in others)
    net.layers[0].W.data = net.layers[0].W.data * 2
    assert (net.predict(X) == nn.Sequential(*net.layers)(X).data).all()


def test_predictions_do_not_keep_a_network_alive():
    import gc
    import weakref

    net, (X, _) = network(), separable()
    for _ in range(3):
        net.predict(X)
    gone = weakref.ref(net)
    del net
    gc.collect()
    assert gone() is None


def test_no_warning_comes_out_of_a_compiled_training():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained(None, epochs=60, dropout=True)
