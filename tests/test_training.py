"""Networks, data and training."""

import json
import os
import signal
import sys

import numpy as np
import pytest
from training_case import network, separable

import autograd_core as ag
import nn
from autograd_core.graph.node import topological_order
from autograd_core.wording.errors import OptionError
from nn.training import progress


def fitted(**options):
    net = network()
    X, Y = nn.datasets.iris()
    X = nn.datasets.standardized(X, like=X)
    return net, nn.fit(net, nn.costs.cross_entropy, (X, Y), progress=False, **options), (X, Y)


def test_parameters_are_named_after_the_notes():
    net = network()
    assert [p.name for p in net.parameters()] == ["W[1]", "b[1]", "W[2]", "b[2]"]
    assert [p.shape for p in net.parameters()] == [(5, 4), (5, 1), (3, 5), (3, 1)]
    assert net.widths == (4, 5, 3)


def test_recorded_values_are_named_after_the_notes():
    net = network()
    A = net(np.ones((4, 2)))
    names = [node.name for node in topological_order([A]) if node.name]
    assert sorted(names) == ["A[1]", "A[2]", "W[1]", "W[2]", "X", "Z[1]", "Z[2]", "b[1]", "b[2]"]


def test_training_iris_lowers_the_cost_and_finds_the_species():
    net, history, (X, Y) = fitted(epochs=200, optimizer=nn.optimizers.GradientDescent(0.5))
    assert len(history.costs) == 200
    assert history.costs[-1] < 0.1 < history.costs[0]
    assert nn.accuracy(net, X, Y) > 0.95


def test_the_same_seed_gives_the_same_bits():
    first, second = (fitted(epochs=5, batch_size=32, seed=3)[0] for _ in range(2))
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)


def test_mini_batches_visit_every_example_once_an_epoch():
    seen = []

    def cost(A, Y):
        seen.append(A.shape[1])
        return nn.costs.cross_entropy(A, Y)

    net = network()
    nn.fit(net, cost, nn.datasets.iris(), epochs=2, batch_size=64, progress=False)
    assert seen == [64, 64, 22] * 2


def test_mini_batch_gradients_weighted_by_size_are_the_gradient_of_all():
    net, (X, Y) = network(), nn.datasets.iris()

    def gradients(columns):
        net.zero_grad()
        nn.costs.cross_entropy(net(X[:, columns]), Y[:, columns]).backward()
        return [p.grad for p in net.parameters()]

    whole = gradients(slice(None))
    parts = [(gradients(slice(a, b)), b - a) for a, b in [(0, 64), (64, 128), (128, 150)]]
    for i, wanted in enumerate(whole):
        np.testing.assert_allclose(sum(g[i] * m for g, m in parts) / 150, wanted, rtol=1e-12, atol=1e-16)


def test_identity_layers_collapse_to_one_affine_map():
    net = nn.Sequential(nn.Dense(4, 5, rng=0), nn.Dense(5, 3, rng=1))
    X = np.random.default_rng(0).normal(size=(4, 6))
    (W1, b1, W2, b2) = (p.data for p in net.parameters())
    np.testing.assert_allclose(net.predict(X), W2 @ W1 @ X + W2 @ b1 + b2, rtol=1e-13)


def test_a_layer_without_bias():
    layer = nn.Dense(2, 3, bias=False, rng=0)
    assert layer.parameters() == [layer.W]
    np.testing.assert_array_equal(layer(ag.tensor(np.eye(2))).data, layer.W.data)


def test_equal_rows_stay_equal_for_ever():
    """Why weights start at random: units that start alike have the same gradient."""
    net = network()
    for parameter in net.parameters():
        parameter.data = np.full(parameter.shape, 0.3)
    nn.fit(net, nn.costs.cross_entropy, nn.datasets.iris(), epochs=5, progress=False)
    W = net.layers[0].W.data
    np.testing.assert_array_equal(W, np.broadcast_to(W[0], W.shape))


def test_a_progress_bar_shows_epochs_and_cost(capsys):
    net = network()
    nn.fit(net, nn.costs.cross_entropy, nn.datasets.iris(), epochs=3)
    shown = capsys.readouterr().err
    assert "3/3" in shown
    assert "J = " in shown


def test_without_tqdm_there_is_no_bar_and_no_error(monkeypatch, capsys):
    monkeypatch.setattr(progress, "find_spec", lambda name: None)
    nn.fit(network(), nn.costs.cross_entropy, nn.datasets.iris(), epochs=2)
    assert capsys.readouterr().err == ""


def test_nothing_optional_is_imported_at_the_start():
    """tqdm, pygraphviz and their kind are imported where they are used."""
    import subprocess

    code = "import autograd_core, nn, viz, sys; print(*sorted(m.split('.')[0] for m in sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    extras = {"tqdm", "resvg_py", "hypothesis", "sklearn", "scipy", "matplotlib", "safetensors", "onnx"}
    assert not extras & set(loaded)
    code = "import autograd_core, sys; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    later = {"autograd_core.derivations", "autograd_core.comparisons"}
    assert not {"nn", "viz", "graphviz", "csv", *later} & set(loaded)


# What is looked at along the way.


def test_examples_held_back_are_never_trained_on():
    seen = []

    def cost(A, Y):
        seen.append((A.requires_grad, A.shape[1]))
        return nn.costs.cross_entropy(A, Y)

    history = nn.fit(network(), cost, separable(), epochs=2, validation=0.25, progress=False)
    assert seen == [(True, 45), (False, 15)] * 2
    assert len(history.validation_costs) == 2


def test_validation_on_a_pair_is_the_cost_of_the_network_as_it_is_after_the_epoch():
    net, (X, Y) = network(), separable()
    history = nn.fit(
        net, nn.costs.cross_entropy, (X, Y), epochs=3, batch_size=7, validation=(X, Y), progress=False
    )
    assert history.validation_costs[-1] == nn.costs.cross_entropy(net(X), Y).item()


def test_dropout_is_at_work_while_training_and_not_while_judging():
    X, Y = separable()
    net = nn.Sequential(
        nn.Dense(4, 8, "tanh", rng=0), nn.Dropout(0.5, rng=0), nn.Dense(8, 3, "softmax", rng=1)
    )
    net.eval()
    history = nn.fit(net, nn.costs.cross_entropy, (X, Y), epochs=2, validation=(X, Y), progress=False)
    assert not net.training, "the mode is what it was"
    np.testing.assert_array_equal(history.validation_costs[-1], nn.costs.cross_entropy(net(X), Y).item())
    net.train()
    assert np.abs(net(X).data - net(X).data).max() > 0


def test_metrics_are_evaluated_on_both_parts_after_each_epoch():
    net, (X, Y) = network(), separable()
    history = nn.fit(
        net,
        nn.costs.cross_entropy,
        (X, Y),
        epochs=3,
        validation=(X[:, :9], Y[:, :9]),
        metrics={"right": nn.accuracy},
        progress=False,
    )
    assert set(history.metrics) == {"right", "validation right"}
    assert history.metrics["right"][-1] == nn.accuracy(net, X, Y)
    assert history.metrics["validation right"][-1] == nn.accuracy(net, X[:, :9], Y[:, :9])


def test_patience_stops_and_leaves_the_best_weights():
    (X, Y), (X_val, Y_val) = separable(), nn.datasets.split(*separable(40), seed=1)[1]
    net = network()
    history = nn.fit(
        net,
        nn.costs.cross_entropy,
        (X, Y[:, np.random.default_rng(0).permutation(60)]),  # nothing to learn
        nn.optimizers.Adam(0.05),
        epochs=500,
        validation=(X_val, Y_val),
        patience=4,
        progress=False,
    )
    assert history.stopped == "patience"
    assert len(history.costs) == history.best_epoch + 4 < 500
    assert min(history.validation_costs) == history.validation_costs[history.best_epoch - 1]
    assert nn.costs.cross_entropy(net(X_val), Y_val).item() == min(history.validation_costs)


def test_without_examples_held_back_the_best_weights_are_those_that_had_the_lowest_cost():
    net, (X, Y) = network(), separable()
    history = nn.fit(
        net, nn.costs.cross_entropy, (X, Y), nn.optimizers.Adam(2.0), epochs=500, patience=2, progress=False
    )
    assert history.stopped == "patience"
    assert nn.costs.cross_entropy(net(X), Y).item() == min(history.costs)


def test_with_patience_the_weights_are_the_best_even_if_the_epochs_run_out_first():
    (X, Y), held_back = separable(), nn.datasets.split(*separable(40), seed=1)[1]
    net = network()
    rule = nn.optimizers.Adam(1.0)
    history = nn.fit(
        net, nn.costs.cross_entropy, (X, Y), rule, epochs=9, validation=held_back, patience=9, progress=False
    )
    assert history.stopped == "epochs"
    assert history.best_epoch < 9
    assert nn.costs.cross_entropy(net(held_back.X), held_back.Y).item() == min(history.validation_costs)


def test_accuracy_on_logits_takes_0_for_its_threshold():
    net = nn.Sequential(nn.Dense(1, 1, bias=False, init="zeros"))
    net.dense[0].W.data = np.ones((1, 1))
    X, Y = np.array([[-1.0, 0.25, 3.0]]), [0, 1, 1]
    assert nn.accuracy(net, X, Y, threshold=0) == 1.0
    assert nn.accuracy(net, X, Y) == 2 / 3


def test_a_callback_sees_each_epoch_and_may_end_the_training():
    seen = []

    def callback(net, history):
        seen.append((len(history.costs), nn.accuracy(net, *separable())))
        return len(history.costs) == 3

    history = nn.fit(network(), nn.costs.cross_entropy, separable(), callbacks=[callback], progress=False)
    assert [epoch for epoch, _ in seen] == [1, 2, 3]
    assert history.stopped == "callback"


@pytest.mark.parametrize("batch", [0, 1, 5])
def test_ctrl_c_stops_cleanly_with_the_best_weights(batch):
    """In the first epoch the best weights are the last good ones, later those of the best epoch."""
    for epoch in (0, 3):
        net, calls = network(), []

        def cost(A, Y, epoch=epoch, calls=calls):
            if A.requires_grad:
                calls.append(1)
                if len(calls) == 6 * epoch + batch + 1:
                    os.kill(os.getpid(), signal.SIGINT)
            return nn.costs.cross_entropy(A, Y)

        X, Y = separable()
        before = net.state_dict()
        history = nn.fit(net, cost, (X, Y), batch_size=10, validation=(X, Y), progress=False)
        assert history.stopped == "interrupted"
        assert len(history.costs) == epoch
        if epoch:
            assert nn.costs.cross_entropy(net(X), Y).item() == min(history.validation_costs)
        elif not batch:
            np.testing.assert_array_equal(net.state_dict()["W[1]"], before["W[1]"])
        assert all(p.grad is None for p in net.parameters())


def test_ctrl_c_while_judging_leaves_no_half_of_an_epoch():
    def fourth_stops(net, X, Y, calls=[]):  # noqa: B006 - it counts
        calls.append(net.training)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return sum(calls)

    _, history, _ = fitted(epochs=5, validation=0.2, metrics=[fourth_stops])
    assert (history.stopped, len(history.costs), len(history.validation_costs)) == ("interrupted", 1, 1)
    assert history.metrics == {"fourth_stops": [0.0], "validation fourth_stops": [0.0]}


def test_the_weight_penalty_is_that_of_all_examples_whatever_the_batch():
    net, (X, Y) = network(), separable()
    before = net.state_dict()
    nn.fit(
        net,
        lambda A, Y: (A * 0.0).sum(),
        (X, Y),
        nn.optimizers.GradientDescent(1.0),
        epochs=1,
        batch_size=30,
        lam=6.0,
        progress=False,
    )
    for name, value in net.state_dict().items():
        wanted = before[name] * (0.9**2 if name[0] == "W" else 1.0)  # W - (6/60) W, twice
        np.testing.assert_allclose(value, wanted, rtol=1e-13, atol=1e-16)


# Other ways to descend.


def test_lbfgs_takes_all_examples_at_once_and_gets_far_in_few_iterations():
    net, (X, Y) = network(), separable()
    history = nn.fit(net, nn.costs.cross_entropy, (X, Y), nn.optimizers.LBFGS(), epochs=40, progress=False)
    assert history.costs[-1] < 0.02
    assert (history.stopped == "converged") == (len(history.costs) < 40)
    assert nn.costs.cross_entropy(net(X), Y).item() == pytest.approx(history.costs[-1], rel=1e-12)
    with pytest.raises(OptionError, match="neither"):
        nn.fit(net, nn.costs.cross_entropy, (X, Y), nn.optimizers.LBFGS(), batch_size=10, progress=False)


def test_the_fisher_metric_gets_further_than_the_euclidean_in_as_many_steps():
    ends = {}
    for metric in (None, nn.optimizers.Fisher("softmax")):
        net = network()
        flow = nn.optimizers.GradientFlow(0.3, metric)
        history = nn.fit(net, nn.costs.cross_entropy, separable(), flow, epochs=20, progress=False)
        ends[metric is None] = history.costs[-1]
    assert ends[False] < 0.5 * ends[True]


# The history.


def test_a_history_turns_into_json_and_into_a_picture(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    history = nn.fit(
        network(),
        nn.costs.cross_entropy,
        separable(),
        epochs=4,
        validation=0.25,
        metrics=[nn.accuracy],
        progress=False,
    )
    assert json.loads(json.dumps(history.to_dict()))["costs"] == history.costs
    axes = history.plot()
    labels = [line.get_label() for axis in axes.figure.axes for line in axis.get_lines()]
    assert labels == ["cost J", "validation cost", "accuracy", "validation accuracy"]
    np.testing.assert_array_equal(axes.get_lines()[0].get_ydata(), history.costs)
    assert axes.get_xlabel() == "epoch"
    pyplot.close(axes.figure)


def test_integer_labels_are_targets_too():
    X, Y = separable()
    nets = network(), network()
    for net, targets in zip(nets, (Y, Y.argmax(axis=0)), strict=True):
        nn.fit(net, nn.costs.cross_entropy, (X, targets), epochs=3, batch_size=9, progress=False)
    np.testing.assert_array_equal(nets[0].predict(X), nets[1].predict(X))
