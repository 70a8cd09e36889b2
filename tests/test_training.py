"""Networks, data and training."""

import sys

import numpy as np

import autograd_core as ag
import nn


def network(seed=0):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Dense(4, 5, "tanh", rng=rng), nn.Dense(5, 3, "softmax", rng=rng))


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
    names = [node.name for node in ag.node.topological_order([A]) if node.name]
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


def test_gradient_descent_steps_against_the_gradient_and_keeps_the_dtype():
    value, gradient = np.ones(2, np.float32), np.full(2, 2.0, np.float32)
    new = nn.optimizers.GradientDescent(0.25).update(value, gradient)
    np.testing.assert_array_equal(new, [0.5, 0.5])
    assert new.dtype == np.float32
    np.testing.assert_array_equal(value, 1.0)


def test_a_float32_network_stays_float32():
    net = nn.Sequential(nn.Dense(4, 3, "softmax", rng=0, dtype=np.float32))
    X, Y = (part.astype(np.float32) for part in nn.datasets.iris())
    nn.fit(net, nn.costs.cross_entropy, (X, Y), epochs=2, progress=False)
    assert {p.dtype for p in net.parameters()} == {np.dtype(np.float32)}


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
    monkeypatch.setattr(nn.training, "find_spec", lambda name: None)
    nn.fit(network(), nn.costs.cross_entropy, nn.datasets.iris(), epochs=2)
    assert capsys.readouterr().err == ""


def test_iris_and_digits_are_what_they_say():
    X, Y = nn.datasets.iris()
    assert (X.shape, Y.shape, X.dtype, Y.dtype) == ((4, 150), (3, 150), np.float64, np.float64)
    np.testing.assert_array_equal(X[:, 0], [5.1, 3.5, 1.4, 0.2])
    np.testing.assert_allclose(X.mean(axis=1), [5.843333, 3.057333, 3.758, 1.199333], atol=1e-6)
    np.testing.assert_array_equal(Y.argmax(axis=0), np.repeat([0, 1, 2], 50))
    X, Y = nn.datasets.digits()
    assert (X.shape, Y.shape, X.min(), X.max()) == ((64, 1797), (10, 1797), 0.0, 16.0)
    np.testing.assert_array_equal(Y.argmax(axis=0)[:10], range(10))
    np.testing.assert_array_equal(Y.sum(axis=1), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])


def test_split_keeps_every_example_once():
    X = np.arange(10.0)[None]
    train, test = nn.datasets.split(X, X, held_back=0.3, seed=1)
    assert (train.X.shape[1], test.X.shape[1]) == (7, 3)
    assert sorted([*train.X[0], *test.X[0]]) == list(range(10))


def test_nothing_optional_is_imported_at_the_start():
    """tqdm, pygraphviz and their kind are imported where they are used."""
    import subprocess

    code = "import autograd_core, nn, viz, sys; print(*sorted(m.split('.')[0] for m in sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"tqdm", "pygraphviz", "resvg_py", "hypothesis"} & set(loaded)
    code = "import autograd_core, sys; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"nn", "viz", "graphviz", "csv"} & set(loaded)
