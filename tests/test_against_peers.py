"""Cost, gradients and whole trainings are those of scikit-learn's MLPClassifier and of PyTorch."""

import functools
import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

import nn

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
TOLERANCE = 1e-12  # of the largest entry


def network(activation, output="softmax"):
    rng = np.random.default_rng(0)
    return nn.Sequential(
        nn.Dense(64, 30, activation, rng=rng),
        nn.Dense(30, 20, activation, rng=rng),
        nn.Dense(20, 10, output, rng=rng),
    )


def batch(m):
    X, Y = nn.datasets.digits()
    order = np.random.default_rng(0).permutation(X.shape[1])[:m]
    return X[:, order] / 16, Y[:, order]


def ours(net, X, Y, lam, m):
    """Cost and gradients [dW[1], db[1], dW[2], ...]; m is the number of all examples."""
    logits = net.dense[-1].activation == "identity"
    cost = nn.costs.softmax_cross_entropy if logits else nn.costs.cross_entropy
    J = cost(net(X), Y) + nn.costs.l2(net, lam, m)
    J.backward()
    return float(J), [parameter.grad for parameter in net.parameters()]


def of_sklearn(net, X, Y, lam, m):
    """Its own back-propagation, of which only the private method tells the gradients."""
    pytest.importorskip("sklearn", minversion="1.7")
    neural_network = importlib.import_module("sklearn.neural_network")
    size = X.shape[1]  # its penalty is divided by the size of the batch
    activation = net.dense[0].activation
    peer = neural_network.MLPClassifier(net.widths[1:-1], activation, alpha=lam * size / m)
    peer.n_layers_, peer.out_activation_ = len(net.widths), "softmax"
    peer.coefs_ = [layer.W.data.T for layer in net.dense]
    peer.intercepts_ = [layer.b.data[:, 0] for layer in net.dense]
    places = [None] * len(net.dense)
    J, dWs, dbs = peer._backprop(X.T, Y.T, None, [X.T, *places], [*places], [*places], [*places])
    return J, [g for dW, db in zip(dWs, dbs, strict=True) for g in (dW.T, db[:, None])]


def of_torch(net, X, Y, lam, m):
    """Autograd on the same formula, with its own cross-entropy of logits."""
    torch = pytest.importorskip("torch")
    params = [torch.tensor(parameter.data, requires_grad=True) for parameter in net.parameters()]
    Ws, bs = params[::2], params[1::2]
    A = torch.tensor(X)
    g = getattr(torch, net.dense[0].activation)
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        A = g(W @ A + b)
    Z = Ws[-1] @ A + bs[-1]
    J = torch.nn.functional.cross_entropy(Z.T, torch.tensor(Y.T))
    J = J + lam / (2 * m) * sum((W**2).sum() for W in Ws)
    J.backward()
    return J.item(), [parameter.grad.numpy() for parameter in params]


def largest_difference(first, second):
    """Of cost and of each gradient by itself, measured by its largest entry."""
    (J, gradients), (other, others) = first, second
    pairs = [(np.array(J), np.array(other)), *zip(gradients, others, strict=True)]
    assert all(a.shape == b.shape for a, b in pairs)
    return max(np.abs(a - b).max() / np.abs(a).max() for a, b in pairs)


@pytest.mark.parametrize("size", [1797, 100])
@pytest.mark.parametrize("lam", [0.0, 0.7])
@pytest.mark.parametrize("output", ["softmax", "identity"])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("peer", [of_sklearn, of_torch])
def test_cost_and_gradients_are_those_of_a_peer(peer, activation, output, lam, size):
    net, (X, Y) = network(activation, output), batch(size)
    assert largest_difference(ours(net, X, Y, lam, 1797), peer(net, X, Y, lam, 1797)) < TOLERANCE


@pytest.mark.parametrize("wrong", range(7))
def test_a_cost_or_gradient_wrong_by_a_thousandth_shows(wrong):
    J, gradients = ours(network("tanh"), *batch(100), 0.7, 1797)
    values = [J, *gradients]
    values[wrong] = values[wrong] * 1.001
    assert largest_difference((values[0], values[1:]), (J, gradients)) > 1e-4


def test_the_penalty_of_a_batch_divided_by_its_size_would_show():
    net, (X, Y) = network("tanh"), batch(100)
    assert largest_difference(ours(net, X, Y, 0.7, 1797), of_sklearn(net, X, Y, 0.7, 100)) > 1e-3


# Whole trainings


def largest_gap_of_weights(accuracy, setting):
    """Train here and in MLPClassifier, from the same weights and in the same order of examples."""
    train, _ = accuracy.examples(setting, 0)
    net = accuracy.network(setting, 64, 10, 0)
    peer = accuracy.train_theirs(setting, net, train, accuracy.SameOrder(3))
    accuracy.train_ours(setting, net, train, 3)
    theirs = [array.T for pair in zip(peer.coefs_, peer.intercepts_, strict=True) for array in pair]
    pairs = zip(net.parameters(), theirs, strict=True)
    return max(np.abs(parameter.data.squeeze() - array).max() for parameter, array in pairs)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("batch_size", [None, 63])
@pytest.mark.parametrize("rule", ["Momentum", "Nesterov"])
def test_the_same_start_and_order_lead_to_the_same_weights(rule, batch_size, activation):
    pytest.importorskip("sklearn")
    accuracy = importlib.import_module("accuracy")
    setting = accuracy.Setting("digits", 600, (20,), rule, 0.05, 5, batch_size, activation)
    assert largest_gap_of_weights(accuracy, setting) < 1e-11


@pytest.mark.parametrize("batch_size", [None, 63])
def test_adam_differs_only_by_where_epsilon_stands(batch_size, monkeypatch):
    pytest.importorskip("sklearn")
    accuracy = importlib.import_module("accuracy")
    for module, name in [(accuracy, "MLPClassifier"), (nn.optimizers, "Adam")]:
        monkeypatch.setattr(module, name, functools.partial(getattr(module, name), epsilon=1e-30))
    setting = accuracy.Setting("digits", 600, (20,), "Adam", 0.001, 5, batch_size)
    assert largest_gap_of_weights(accuracy, setting) < 1e-11
