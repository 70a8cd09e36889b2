"""Gradient flow with a metric, the Fisher metric, and conjugate gradients."""

import re
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

import autograd_core as ag
import nn
from autograd_core import OptionError, ShapeError
from autograd_core.differentiation.tree import flatten
from nn.optimizers import Clipped, ConstantMetric, Fisher, GradientDescent, GradientFlow
from nn.optimizers.fisher import conjugate_gradients
from nn.optimizers.vector import Layout

# What the network ends in, what is told to Fisher, and the cost that is −log p, up to a constant.
OUTPUTS = {
    "softmax": ("softmax", Fisher(), nn.costs.cross_entropy),
    "sigmoid": ("sigmoid", Fisher(), nn.costs.binary_cross_entropy),
    "normal": ("identity", Fisher(), nn.costs.squared_error),
    "normal of tanh": ("tanh", Fisher(), nn.costs.squared_error),
    "softmax in the cost": ("identity", Fisher("softmax", logits=True), nn.costs.softmax_cross_entropy),
    "sigmoid in the cost": ("identity", Fisher("sigmoid", logits=True), nn.costs.sigmoid_cross_entropy),
}
every_output = pytest.mark.parametrize("output", OUTPUTS)


def network(last, n=3, m=4):
    net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, n, last, rng=1))
    X = np.random.default_rng(2).normal(size=(2, m))
    Y = np.eye(n)[np.random.default_rng(3).integers(0, n, m)].T if n > 1 else (X[:1] > X[1:]) * 1.0
    return net, X, Y


def gradients_of(net, cost, X, Y):
    return ag.value_and_grad(lambda params: cost(net.apply(params, X), Y))(net.params())


def matrix_of(multiply, like):
    """All columns of a linear map on trees."""
    layout = Layout(like)
    return np.stack([layout.vector(multiply(layout.tree(unit))) for unit in np.eye(layout.size)], axis=1)


# Flow


def test_the_euclidean_flow_is_gradient_descent_to_the_last_bit():
    for dtype in (np.float64, np.float32):
        flow, descent = GradientFlow(0.3), GradientDescent(0.3)
        x = y = np.array([2.0, -1.0], dtype)
        state, other = flow.start(x), descent.start(y)
        for _ in range(10):
            x, state = flow.update(x, flow.direction(None, None, np.sin(x)), state)
            y, other = descent.update(y, np.sin(y), other)
            np.testing.assert_array_equal(x, y)


def test_eulers_steps_tend_to_the_flow():
    """J = λθ²/2 has the flow θ(s) = θ(0) exp(−λs), in a metric g exp(−λs/g); the error is of order ds."""

    def error(ds, g=1.0):
        rule = GradientFlow(ds, ConstantMetric([[g]]))
        x = np.array([1.0])
        state = rule.start(x)
        for _ in range(round(1 / ds)):
            x, state = rule.update(x, rule.direction(None, None, 3.0 * x), state)
        return abs(x[0] - np.exp(-3.0 / g))

    for g in (1.0, 2.5):
        assert error(1e-3, g) < 2e-3
        assert error(1e-3, g) / error(5e-4, g) == pytest.approx(2, rel=0.01)


SPREAD = np.diag(np.linspace(0.5, 2, 21)) + 0.1
METRICS = {"euclidean": None, "constant": ConstantMetric(SPREAD), "fisher": Fisher()}


@pytest.mark.parametrize("metric", METRICS)
def test_the_cost_falls_by_the_squared_length_of_the_gradient(metric):
    """dJ/ds = −Σ gⁱʲ ∂J/∂θⁱ ∂J/∂θʲ, −‖∇J‖² for the Euclidean metric."""
    net, X, Y = network("softmax")
    J, gradients = gradients_of(net, nn.costs.cross_entropy, X, Y)
    layout = Layout(gradients)
    g = {
        "euclidean": np.eye(21),
        "constant": SPREAD,
        "fisher": matrix_of(Fisher().product(net, X), gradients) + 1e-3 * np.eye(21),
    }[metric]
    dJ = layout.vector(gradients)
    wanted = -dJ @ np.linalg.solve(g, dJ)

    def slope(ds):
        rule = GradientFlow(ds, METRICS[metric])
        v = rule.direction(net, X, gradients)
        params, _ = rule.update(net.params(), v, rule.start(net.params()))
        return (nn.costs.cross_entropy(net.apply(params, X), Y) - J) / ds

    assert slope(1e-6) == pytest.approx(wanted, rel=1e-3)
    assert (slope(2e-5) - wanted) / (slope(1e-5) - wanted) == pytest.approx(2, rel=0.05)


# The Fisher metric


@every_output
def test_the_fisher_matrix_is_the_expected_square_of_the_score(output):
    """F = E[∇log p ∇log pᵀ] over the classes, the labels, or the nodes of a quadrature of the normal."""
    last, fisher, cost = OUTPUTS[output]
    net, X, _ = network(last)
    wanted = 0.0
    for x in X.T[:, :, None]:
        for y, p in outcomes(output, net.apply(net.params(), x)):
            score = Layout(net.params()).vector(gradients_of(net, cost, x, y)[1])
            wanted = wanted + p * np.outer(score, score) / X.shape[1]
    found = matrix_of(fisher.product(net, X), net.params())
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-15)


def outcomes(output, a):
    """All targets y (n, 1) for one prediction, each with its probability."""
    if "softmax" in output:
        shares = a if output == "softmax" else nn.activations.softmax(a)
        yield from zip(np.eye(3)[:, :, None], shares[:, 0], strict=True)
    elif "sigmoid" in output:
        chances = a if output == "sigmoid" else ag.sigmoid(a)
        for bits in product([0.0, 1.0], repeat=3):
            y = np.array(bits)[:, None]
            yield y, np.prod(np.where(y == 1, chances, 1 - chances))
    else:
        nodes, weights = np.polynomial.hermite_e.hermegauss(3)
        for chosen in product(range(3), repeat=3):
            yield a + nodes[list(chosen), None], np.prod(weights[list(chosen)]) / (2 * np.pi) ** 1.5


H = {
    "softmax": lambda a: np.diag(1 / a),
    "sigmoid": lambda a: np.diag(1 / (a * (1 - a))),
    "softmax in the cost": lambda z: (lambda a: np.diag(a) - np.outer(a, a))(np.exp(z) / np.exp(z).sum()),
    "sigmoid in the cost": lambda z: np.diag(1 / (2 + np.exp(z) + np.exp(-z))),
}


def formed(net, X, output):
    """(1/m) Σ Jᵀ H J with every matrix written out."""
    F = 0.0
    for x in X.T[:, :, None]:
        blocks = flatten(ag.jacobian(lambda params, x=x: net.apply(params, x)[:, 0])(net.params()))[0]
        J = np.concatenate([block.reshape(3, -1) for block in blocks], axis=1)
        F = F + J.T @ H.get(output, lambda a: np.eye(3))(net.apply(net.params(), x)[:, 0]) @ J / X.shape[1]
    return F


@every_output
def test_a_product_with_the_fisher_matrix_is_that_of_the_matrix_written_out(output):
    last, fisher, _ = OUTPUTS[output]
    net, X, _ = network(last)
    found = matrix_of(fisher.product(net, X), net.params())
    np.testing.assert_allclose(found, formed(net, X, output), rtol=1e-12, atol=1e-16)
    other = "sigmoid" if "softmax" in output else "softmax"
    assert not np.allclose(found, formed(net, X, other), rtol=1e-3)


@every_output
def test_the_natural_gradient_solves_its_equation(output):
    last, fisher, cost = OUTPUTS[output]
    net, X, Y = network(last)
    gradients = gradients_of(net, cost, X, Y)[1]
    layout = Layout(gradients)
    v = layout.vector(fisher(net, X, gradients))
    wanted = np.linalg.solve(formed(net, X, output) + 1e-3 * np.eye(21), layout.vector(gradients))
    np.testing.assert_allclose(v, wanted, rtol=1e-5, atol=1e-6 * abs(wanted).max())


def test_probabilities_and_logits_have_one_fisher_metric():
    for last in ("softmax", "sigmoid"):
        net, X, _ = network(last)
        twin = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, 3, rng=1))
        twin.assign(net.params())
        one = matrix_of(Fisher(last).product(net, X), net.params())
        two = matrix_of(Fisher(last, logits=True).product(twin, X), net.params())
        np.testing.assert_allclose(one, two, rtol=1e-11, atol=1e-16)


@pytest.mark.parametrize("last", ["softmax", "sigmoid"])
def test_predictions_that_are_certain_do_no_harm(last):
    net, X, _ = network(last)
    net.layers[1].W.data = net.layers[1].W.data * 1e5
    A = net.apply(net.params(), X)
    assert ((A == 0) | (A == 1)).any()
    v = Fisher()(net, X, net.params())
    assert all(np.isfinite(x).all() for x in flatten(v)[0])


def test_float32_stays_float32():
    net = nn.Sequential(nn.Dense(2, 3, "softmax", rng=0, dtype=np.float32))
    X = np.ones((2, 4), np.float32)
    v = Fisher()(net, X, net.params())
    assert {x.dtype for x in flatten(v)[0]} == {np.dtype(np.float32)}


# Other coordinates


def in_other_coordinates(net, T):
    """The same network, its parameters θ = T φ."""
    leaves, structure = flatten(net.params())
    ends = np.cumsum([0] + [x.size for x in leaves])

    def apply(phi, X):
        theta = T @ phi
        cut = zip(leaves, ends[:-1], ends[1:], strict=True)
        return net.apply(structure.unflatten([theta[a:b].reshape(x.shape) for x, a, b in cut]), X)

    phi = np.linalg.solve(T, Layout(net.params()).vector(net.params()))
    return SimpleNamespace(params=lambda: phi, apply=apply)


def steps_in_both(rule, rule_in_phi, net, X, Y):
    """One step in θ, and one in φ carried over to θ."""
    layout = Layout(net.params())
    T = np.random.default_rng(4).normal(size=(layout.size, layout.size)) * 0.3 + np.eye(layout.size)
    other = in_other_coordinates(net, T)
    moves = []
    for subject, used in ((net, rule), (other, rule_in_phi(T))):
        gradients = gradients_of(subject, nn.costs.binary_cross_entropy, X, Y)[1]
        moves.append(Layout(gradients).vector(used.direction(subject, X, gradients)))
    return moves[0], T @ moves[1]


def test_the_natural_gradient_does_not_depend_on_the_coordinates_and_the_plain_one_does():
    net = nn.Sequential(nn.Dense(2, 2, "tanh", rng=0), nn.Dense(2, 1, "sigmoid", rng=1))
    X = np.random.default_rng(2).normal(size=(2, 40))
    Y = (X[:1] > X[1:]) * 1.0
    natural = GradientFlow(0.1, Fisher("sigmoid", damping=0.0, tolerance=1e-13, iterations=400))
    in_theta, in_phi = steps_in_both(natural, lambda T: natural, net, X, Y)
    np.testing.assert_allclose(in_theta, in_phi, rtol=1e-6, atol=1e-6 * abs(in_theta).max())
    plain = GradientFlow(0.1)
    in_theta, in_phi = steps_in_both(plain, lambda T: plain, net, X, Y)
    assert np.linalg.norm(in_theta - in_phi) > 0.1 * np.linalg.norm(in_theta)


def test_a_constant_metric_is_independent_of_the_coordinates_if_it_is_transformed_with_them():
    net = nn.Sequential(nn.Dense(2, 2, "tanh", rng=0), nn.Dense(2, 1, "sigmoid", rng=1))
    X = np.random.default_rng(2).normal(size=(2, 40))
    Y = (X[:1] > X[1:]) * 1.0
    g = np.diag(np.linspace(0.5, 2, 9)) + 0.1
    rule = GradientFlow(0.1, ConstantMetric(g))
    in_theta, in_phi = steps_in_both(
        rule, lambda T: GradientFlow(0.1, ConstantMetric(T.T @ g @ T)), net, X, Y
    )
    np.testing.assert_allclose(in_theta, in_phi, rtol=1e-9, atol=1e-12)
    in_theta, in_phi = steps_in_both(rule, lambda T: rule, net, X, Y)
    assert np.linalg.norm(in_theta - in_phi) > 0.1 * np.linalg.norm(in_theta)


def test_where_the_metric_is_singular_the_predictions_move_alike_in_all_coordinates():
    """A softmax does not see a constant added to its logits: F is singular, the step in A is not."""
    net, X, Y = network("softmax")
    T = np.random.default_rng(4).normal(size=(21, 21)) * 0.3 + np.eye(21)
    fisher = Fisher("softmax", damping=0.0, tolerance=1e-12, iterations=400)
    moved = []
    for subject in (net, in_other_coordinates(net, T)):
        gradients = gradients_of(subject, nn.costs.cross_entropy, X, Y)[1]
        v = fisher(subject, X, gradients)
        moved.append(ag.jvp(lambda params, s=subject: s.apply(params, X), [subject.params()], [v])[1])
    np.testing.assert_allclose(moved[0], moved[1], rtol=1e-5, atol=1e-6)


# Training


def test_fit_asks_the_metric_at_every_batch():
    net, X, Y = network("softmax", m=12)
    asked = []

    def metric(net, X, gradients):
        asked.append(X.shape)
        return Fisher()(net, X, gradients)

    rule = Clipped(GradientFlow(0.1, metric), norm=10.0)
    nn.fit(net, nn.costs.cross_entropy, (X, Y), rule, epochs=2, batch_size=5, progress=False)
    assert asked == [(2, 5), (2, 5), (2, 2)] * 2


def test_the_natural_gradient_needs_fewer_steps_than_the_plain_one():
    X, Y = nn.datasets.iris()[:2]

    def cost_after(rule):
        net = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 3, "softmax", rng=1))
        return nn.fit(net, nn.costs.cross_entropy, (X, Y), rule, epochs=20, progress=False).costs[-1]

    natural = cost_after(GradientFlow(0.3, Fisher(damping=0.01)))
    assert natural < 0.1 < min(cost_after(GradientFlow(ds)) for ds in (0.01, 0.1, 0.3, 1.0))


# Conjugate gradients


def test_conjugate_gradients_solve_in_as_many_steps_as_there_are_eigenvalues(rng):
    Q = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    b = rng.normal(size=6)
    for eigenvalues in ([1, 2, 3, 4, 5, 6], [1, 1, 1, 5, 5, 5]):
        M = Q @ np.diag(eigenvalues) @ Q.T
        enough = len(set(eigenvalues))
        solve = lambda steps, M=M: conjugate_gradients(lambda v: M @ v, b, 1e-14, steps)
        np.testing.assert_allclose(solve(enough), np.linalg.solve(M, b), rtol=1e-9)
        assert not np.allclose(solve(enough - 1), np.linalg.solve(M, b), rtol=1e-3)
        assert all(solve(steps) @ b > 0 for steps in range(1, 7))


def test_conjugate_gradients_of_a_singular_matrix_give_the_shortest_solution(rng):
    M = (lambda B: B @ B.T)(rng.normal(size=(6, 3)))
    b = M @ rng.normal(size=6)
    found = conjugate_gradients(lambda v: M @ v, b, 1e-12, 50)
    np.testing.assert_allclose(found, np.linalg.pinv(M) @ b, rtol=1e-8)


def test_conjugate_gradients_of_nothing():
    nothing = np.zeros(3)
    np.testing.assert_array_equal(conjugate_gradients(lambda v: v, nothing, 1e-8, 5), nothing)
    np.testing.assert_array_equal(conjugate_gradients(lambda v: 0 * v, np.ones(3), 1e-8, 5), nothing)


# What is refused


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: GradientFlow(-0.1), OptionError, "GradientFlow(ds=-0.1)"),
        (lambda: GradientFlow(0.1, np.eye(2)), OptionError, "ConstantMetric(g) makes one of a matrix"),
        (lambda: ConstantMetric(np.ones((2, 3))), ShapeError, "shape (2, 3); wanted a square matrix"),
        (lambda: ConstantMetric([[1.0, 1.0], [0.0, 1.0]]), OptionError, "not symmetric"),
        (lambda: ConstantMetric([[1.0, 2.0], [2.0, 1.0]]), OptionError, "not positive definite"),
        (
            lambda: ConstantMetric(np.eye(2))(None, None, np.ones(3)),
            ShapeError,
            "the gradients have 3 entries",
        ),
        (lambda: Fisher("softmx"), OptionError, "did you mean 'softmax'?"),
        (
            lambda: Fisher(logits=True),
            OptionError,
            "output of Fisher(logits=True) None: there are sigmoid, softmax",
        ),
        (lambda: Fisher("identity", logits=True), OptionError, "there are sigmoid, softmax"),
        (lambda: Fisher(damping=-1.0), OptionError, "damping=-1.0"),
        (lambda: Fisher(iterations=0), OptionError, "iterations=0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, error, words):
    with pytest.raises(error, match=re.escape(words)):
        make()


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_logits_are_not_taken_for_probabilities(output):
    net, X, _ = network("identity")
    with pytest.raises(OptionError, match="say logits=True"):
        Fisher(output)(net, X, net.params())


def test_gradients_of_another_form_are_refused():
    net, X, _ = network("softmax")
    with pytest.raises(ShapeError, match="a dict with the keys 'W'"):
        Fisher()(net, X, [{"W": np.ones((3, 2))}, {}])
