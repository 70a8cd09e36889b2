"""What a user compiles: training steps of networks, and whatever else is built of arrays and gradients."""

import itertools
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest
from compile_case import arrays, close, same

import autograd_core as ag
import nn
from autograd_core.differentiation.tree import flatten

RNG = np.random.default_rng(11)
M = 6
X = RNG.normal(size=(3, M))
LABELS = np.eye(2)[:, RNG.integers(0, 2, M)]

HEADS = {
    "softmax_cross_entropy": "identity",
    "cross_entropy": "softmax",
    "sigmoid_cross_entropy": "identity",
    "binary_cross_entropy": "sigmoid",
    "squared_error": "identity",
    "huber": "identity",
}
RULES = {
    "GradientDescent": nn.optimizers.GradientDescent(0.1),
    "Momentum": nn.optimizers.Momentum(0.1),
    "Nesterov": nn.optimizers.Nesterov(0.1),
    "Adagrad": nn.optimizers.Adagrad(0.1),
    "RMSProp": nn.optimizers.RMSProp(0.1),
    "Adam": nn.optimizers.Adam(0.1),
    "AdamW": nn.optimizers.AdamW(0.1),
    "decaying": nn.optimizers.Adam(nn.optimizers.Cosine(0.1, 5)),
    "clipped": nn.optimizers.Clipped(nn.optimizers.Momentum(0.1), norm=0.5),
}


def network(hidden="tanh", last="identity", dtype="f8"):
    """Three inputs, five hidden units, two results."""
    layers = [nn.Dense(3, 5, hidden, rng=0, dtype=dtype), nn.Dense(5, 2, last, rng=1, dtype=dtype)]
    return nn.Sequential(*layers)


def training_step(net, cost, rule):
    """A step from parameters and the state of a rule to the next ones, and the cost."""

    def step(params, state, X, Y):
        J, gradients = ag.value_and_grad(lambda p: nn.costs.scalar("fit", cost(net.apply(p, X), Y)))(params)
        return J, *rule.update(params, gradients, state)

    return step


def followed(step, compiled, params, state, agree, X=X, Y=LABELS, steps=3):
    """Take several steps, each from where the uncompiled one led."""
    for _ in range(steps):
        wanted = step(params, state, X, Y)
        found = compiled(params, state, X, Y)
        assert agree(found, wanted), compiled.source
        _, params, state = wanted


@pytest.mark.parametrize("hidden", [*nn.activations.ACTIVATIONS])
@pytest.mark.parametrize("cost", HEADS)
def test_a_step_of_every_activation_and_cost_has_the_same_bits(hidden, cost):
    net, rule = network(hidden, HEADS[cost]), RULES["GradientDescent"]
    step = training_step(net, nn.costs.COSTS[cost], rule)
    followed(step, ag.compile(step, fuse=False), net.params(), rule.start(net.params()), same)
    followed(step, ag.compile(step), net.params(), rule.start(net.params()), close)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_a_step_of_every_rule_has_the_same_bits(name, dtype):
    net, rule = network(dtype=dtype), RULES[name]
    step = training_step(net, nn.costs.softmax_cross_entropy, rule)
    x, y = X.astype(dtype), LABELS.astype(dtype)
    followed(step, ag.compile(step, fuse=False), net.params(), rule.start(net.params()), same, x, y)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("name", RULES)
def test_donated_parameters_and_state_are_trained_in_place(name, backend):
    if backend == "numba":
        pytest.importorskip("numba")
    net, rule = network(), RULES[name]
    step = training_step(net, nn.costs.softmax_cross_entropy, rule)
    params = [{key: x.copy() for key, x in part.items()} for part in net.params()]
    state = rule.start(params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what numba refuses runs as NumPy
        compiled = ag.compile(step, donate=("params", "state"), backend=backend)
        given = flatten(params)[0]
        for _ in range(4):
            copies = flatten((params, state))[1].unflatten([np.array(x) for x in flatten((params, state))[0]])
            wanted = step(*copies, X, LABELS)
            J, params, state = compiled(params, state, X, LABELS)
            assert close((J, params, state), wanted, 1e-9), compiled.source
        assert all(x is y for x, y in zip(flatten(params)[0], given))


def test_a_recurrent_network_is_compiled():
    def cost(p, xs):
        h = np.zeros(4)
        for x in xs:
            h = ag.tanh(p["W"] @ h + p["U"] @ x + p["b"])
        return (h**2).sum()

    p = {"W": RNG.normal(size=(4, 4)), "U": RNG.normal(size=(4, 3)), "b": RNG.normal(size=4)}
    f = ag.value_and_grad(cost)
    compiled = ag.compile(f, fuse=False)
    for xs in (X.T, 2 * X.T):
        assert same(compiled(p, xs), f(p, xs))


def test_dropout_draws_the_masks_that_it_draws_uncompiled():
    def trained(seed):
        return nn.Sequential(nn.Dense(3, 8, "tanh", rng=0), nn.Dropout(0.5, rng=seed), nn.Dense(8, 2, rng=1))

    rule = RULES["GradientDescent"]
    ours, theirs = trained(4), trained(4)
    step = training_step(ours, nn.costs.softmax_cross_entropy, rule)
    compiled = ag.compile(training_step(theirs, nn.costs.softmax_cross_entropy, rule), fuse=False)
    costs = set()
    params, state = ours.params(), rule.start(ours.params())
    for _ in range(4):
        wanted = step(params, state, X, LABELS)
        assert same(compiled(params, state, X, LABELS), wanted)
        costs.add(float(wanted[0]))
    assert len(costs) == 4


def test_a_prediction_of_a_network_reads_its_tensors_as_they_are_now():
    net = network(last="softmax")
    predict = ag.compile(lambda X: net(X), fuse=False)
    assert same(predict(X), net(X))
    net.dense[0].W.data = net.dense[0].W.data * 2
    assert same(predict(X), net(X))


# Compiled functions in one another


def test_a_compiled_function_is_differentiated_compiled_again_and_called_inside_another():
    inner = ag.compile(lambda x: ag.tanh(x) * x, fuse=False)
    inner(X)
    assert same(inner(X), ag.tanh(X) * X)
    slope = ag.grad(lambda x: inner(x).sum())
    expected = ag.grad(lambda x: (ag.tanh(x) * x).sum())
    outer = ag.compile(slope, fuse=False)
    twice = ag.compile(ag.grad(lambda x: (outer(x) ** 2).sum()), fuse=False)
    for x in (X, X + 1):
        assert same(slope(x), expected(x))
        assert same(outer(x), expected(x))
        assert same(twice(x), ag.grad(lambda x: (expected(x) ** 2).sum())(x))


def test_what_a_compiled_function_inside_draws_is_not_frozen():
    rng = np.random.default_rng(0)
    noise = ag.compile(lambda x: x + ag.drawn(lambda: rng.normal(size=3)))
    outer = ag.compile(lambda x: noise(x) * 2)
    one, other = np.ones(3), np.ones(3)
    assert not (outer(one) == outer(other)).any()


# Threads


def test_threads_share_a_compiled_function():
    f = ag.compile(lambda x, k: (ag.tanh(x @ x) * 2 + k, x.sum()))
    start = threading.Barrier(8)
    wrong = []

    def work(seed):
        rng = np.random.default_rng(seed)
        start.wait()
        for _ in range(100):
            n, k = rng.integers(2, 5), float(rng.integers(2))
            x = rng.normal(size=(n, n))
            found = f(x, k)
            if not close(found, (np.tanh(x @ x) * 2 + k, x.sum())):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# Cost


@pytest.mark.parametrize("widths", [(64, 32, 10), (128, 64, 64, 10)])
def test_a_step_keeps_no_more_memory_than_numpy_with_buffers_written_by_hand(widths):
    m = 32
    layers = [nn.Dense(a, b, "tanh", rng=0, dtype="f4") for a, b in itertools.pairwise(widths[:-1])]
    net = nn.Sequential(*layers, nn.Dense(*widths[-2:], rng=0, dtype="f4"))
    rule = nn.optimizers.GradientDescent(0.1)
    step = ag.compile(training_step(net, nn.costs.softmax_cross_entropy, rule), donate="params")
    x = RNG.normal(size=(widths[0], m)).astype("f4")
    y = np.eye(widths[-1], dtype="f4")[:, RNG.integers(0, widths[-1], m)]
    step(net.params(), rule.start(net.params()), x, y)
    pairs = [*itertools.pairwise(widths)]
    by_hand = (
        sum(2 * b * m + a * b + b for a, b in pairs) + widths[-1] * m + m
    )  # A, dZ, dW, db; log A and a row
    assert step.stats.bytes <= 4 * by_hand
    products = sum(2 * a * b * m for a, b in pairs) * 3 - 2 * widths[0] * widths[1] * m  # no dX
    assert products <= step.stats.flops <= 1.2 * products


def test_the_program_is_shown_with_names_and_shapes():
    net = network()
    f = ag.compile(lambda params, X: net.apply(params, X))
    f(net.params(), X)
    assert "X" in f.source
    assert f"({5}, {M}) float64" in f.source
    assert str(f.program).startswith("params[0]")
    assert "1 programs" in repr(f)


def test_nothing_of_it_is_imported_before_it_is_asked_for():
    asked = "import sys, autograd_core as ag; ag.drawn; print([m for m in sys.modules if 'compilation' in m])"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_arrays_of_results_are_told_from_tensors():
    found = ag.compile(ag.value_and_grad(lambda x: (x**2).sum()))(X)
    assert all(type(x) is np.ndarray for x in flatten(found)[0])
    assert len(arrays(found)) == 2
