"""Update rules and L-BFGS: their formulas, their trees, and what they refuse."""

import math
import re
import sys
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import DtypeError, NonFiniteError, OptionError, ShapeError
from autograd_core.differentiation.tree import flatten
from nn.optimizers import (
    LBFGS,
    Adagrad,
    Adam,
    AdamW,
    Clipped,
    Cosine,
    Exponential,
    GradientDescent,
    GradientFlow,
    Momentum,
    Nesterov,
    RMSProp,
    Warmup,
)

DESCENTS = [GradientDescent, Momentum, Nesterov, Adagrad, RMSProp, Adam, AdamW]
RULES = [
    *[rule(0.1) for rule in DESCENTS],
    *[rule(Cosine(0.1, 5), weight_decay=0.3) for rule in DESCENTS],
    GradientFlow(0.1),
    Clipped(Adam(Warmup(0.1, 3)), norm=0.5),
    Clipped(Clipped(Momentum(0.1), value=0.2), norm=0.1),
]
every_rule = pytest.mark.parametrize("rule", RULES, ids=repr)


def slope(W):
    """The gradient of a function with hills and a narrow valley."""
    return np.sin(3 * W) + np.arange(1, W.size + 1).reshape(W.shape) ** 2 * (W - 0.5)


def path(rule, W, steps, gradient=slope):
    state, points = rule.start(W), []
    for _ in range(steps):
        W, state = rule.update(W, gradient(W), state)
        points.append(W)
    return np.array(points)


def tree():
    rng = np.random.default_rng(0)
    return [{"W": rng.normal(size=(3, 2)), "b": rng.normal(size=(3, 1))}, {}, (rng.normal(size=(1, 3)),)]


# The formulas


def by_hand(rule, w, steps, gradient):
    """The papers' formulas for one number, in plain Python."""
    m = v = 0.0
    eta, points = rule.learning_rate, []
    for t in range(1, steps + 1):
        g = gradient(w)
        if not isinstance(rule, AdamW):
            g += rule.weight_decay * w
        match rule:
            case GradientDescent():
                w -= eta * g
            case Nesterov():
                v = rule.momentum * v + g
                w -= eta * (g + rule.momentum * v)
            case Momentum():
                v = rule.momentum * v + g
                w -= eta * v
            case Adagrad():
                v += g**2
                w -= eta / (math.sqrt(v) + rule.epsilon) * g
            case RMSProp():
                v += (1 - rule.beta) * (g**2 - v)
                w -= eta / (math.sqrt(v) + rule.epsilon) * g
            case Adam():
                m += (1 - rule.beta1) * (g - m)
                v += (1 - rule.beta2) * (g**2 - v)
                m_hat, v_hat = m / (1 - rule.beta1**t), v / (1 - rule.beta2**t)
                decay = eta * rule.weight_decay * w if isinstance(rule, AdamW) else 0.0
                w -= eta * m_hat / (math.sqrt(v_hat) + rule.epsilon) + decay
        points.append(w)
    return points


def follows_the_formula(rule):
    gradient = lambda w: math.sin(3 * w) + 4 * (w - 0.5)
    found = path(rule, np.array([2.0]), 20, lambda W: np.array([gradient(float(W[0]))]))[:, 0]
    return np.allclose(found, by_hand(rule, 2.0, 20, gradient), rtol=1e-12)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize("rule", DESCENTS)
def test_each_rule_is_its_formula(rule, weight_decay):
    assert follows_the_formula(rule(0.07, weight_decay=weight_decay))


@dataclass(frozen=True)
class Averaging(Momentum):
    """Momentum with a factor 1−μ that does not belong there."""

    def _descend(self, W, dW, v, rate):
        return super()._descend(W, (1 - self.momentum) * dW, v, rate)


@dataclass(frozen=True)
class OnceBiased(Adam):
    """Adam whose correction of v is one step late."""

    def factors(self, t):
        rate, _ = super().factors(t)
        return rate, 1 - self.beta2 ** (t + 2)


@pytest.mark.parametrize("rule", [Averaging(0.07), OnceBiased(0.07)])
def test_the_formulas_tell_a_wrong_rule(rule):
    assert not follows_the_formula(rule)


PEERS = [
    (GradientDescent(0.02), "SGD", {}),
    (Momentum(0.02, 0.8), "SGD", {"momentum": 0.8}),
    (Nesterov(0.02, 0.8), "SGD", {"momentum": 0.8, "nesterov": True}),
    (Adagrad(0.02), "Adagrad", {"eps": 1e-10}),
    (RMSProp(0.02, 0.95, 1e-6), "RMSprop", {"alpha": 0.95, "eps": 1e-6}),
    (Adam(0.02, 0.8, 0.99, 1e-6), "Adam", {"betas": (0.8, 0.99), "eps": 1e-6}),
    (AdamW(0.02, 0.8, 0.99, 1e-6), "AdamW", {"betas": (0.8, 0.99), "eps": 1e-6}),
]


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 2e-5)])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize(("rule", "peer", "options"), PEERS, ids=lambda x: x if isinstance(x, str) else "")
def test_fifty_steps_are_those_of_pytorch(rule, peer, options, weight_decay, dtype, rtol):
    torch = pytest.importorskip("torch")
    start = np.linspace(-2, 2, 6).reshape(2, 3).astype(dtype)
    ours = path(replace(rule, weight_decay=weight_decay), start, 50)
    assert ours.dtype == dtype
    theirs = torch.nn.Parameter(torch.tensor(start))
    optimizer = getattr(torch.optim, peer)([theirs], lr=0.02, weight_decay=weight_decay, **options)
    for point in ours:
        theirs.grad = torch.tensor(slope(theirs.detach().numpy()).astype(dtype))
        optimizer.step()
        np.testing.assert_allclose(point, theirs.detach().numpy(), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("rule", DESCENTS)
def test_each_rule_finds_the_bottom_of_a_narrow_valley(rule):
    rate = 0.5 if rule is Adagrad else 0.03
    curvature = np.array([1.0, 10.0])
    falling = rule(Exponential(rate, factor=0.1, every=1000), weight_decay=0.0)
    assert np.abs(path(falling, np.array([3.0, -2.0]), 2000, lambda W: curvature * W)[-1]).max() < 1e-3


def test_adamw_decays_a_parameter_whose_gradient_is_0_and_adam_does_not_see_the_size_of_its_decay():
    still = np.zeros_like
    decayed = path(AdamW(0.1, weight_decay=0.5), np.array([4.0]), 10, still)
    np.testing.assert_allclose(decayed[:, 0], 4 * 0.95 ** np.arange(1, 11), rtol=1e-14)
    stronger, weaker = (path(Adam(0.1, weight_decay=w), np.array([4.0]), 10, still) for w in (0.5, 5.0))
    np.testing.assert_allclose(stronger, weaker, rtol=1e-6)


# Trees, dtypes, states


@every_rule
def test_a_container_is_updated_array_by_array_and_no_argument_changes(rule):
    params, gradients = tree(), tree()
    before = [x.copy() for x in flatten([params, gradients])[0]]
    state = rule.start(params)
    for t in range(3):
        new, state = rule.update(params, gradients, state)
        assert flatten(new)[1] == flatten(params)[1]
        assert state["t"] == t + 1
        assert (state["t"].dtype, state["t"].shape) == (np.int64, ())
    for x, was in zip(flatten([params, gradients])[0], before, strict=True):
        np.testing.assert_array_equal(x, was)
    if not isinstance(rule, Clipped):
        W = params[0]["W"]
        alone, alone_state = W, rule.start(W)
        for _ in range(3):
            alone, alone_state = rule.update(W, gradients[0]["W"], alone_state)
        np.testing.assert_array_equal(new[0]["W"], alone)


@every_rule
def test_a_state_that_was_taken_apart_goes_on_to_the_last_bit(rule):
    def steps(params, state, count):
        for _ in range(count):
            params, state = rule.update(params, params, state)
        return params, state

    whole, _ = steps(tree(), rule.start(tree()), 6)
    params, state = steps(tree(), rule.start(tree()), 3)
    leaves, structure = flatten(state)
    assert all(isinstance(x, np.ndarray) for x in leaves)
    resumed, _ = steps(params, structure.unflatten([x.copy() for x in leaves]), 3)
    for x, y in zip(flatten(whole)[0], flatten(resumed)[0], strict=True):
        np.testing.assert_array_equal(x, y)


@every_rule
def test_float32_stays_float32_beside_float64(rule):
    params = {"W": np.ones(2, np.float32), "b": np.ones(2), "c": np.ones((), np.float32)}
    gradients = {name: np.full(np.shape(x), 0.5) for name, x in params.items()}
    state = rule.start(params)
    for _ in range(2):
        params, state = rule.update(params, gradients, state)
    wanted = {"W": np.float32, "b": np.float64, "c": np.float32}
    assert {name: x.dtype for name, x in params.items()} == wanted
    for name in state.keys() - {"t"}:
        assert {name: x.dtype for name, x in state[name].items()} == wanted


@every_rule
def test_a_rule_is_written_down_by_its_repr(rule):
    assert eval(repr(rule)) == rule


def test_no_parameters_are_no_matter():
    assert Adam().update([], [], Adam().start([]))[0] == []
    assert Clipped(Adam(), norm=1.0).update([{}], [{}], Adam().start([{}]))[0] == [{}]


@every_rule
def test_a_rule_records_itself_on_tensors(rule):
    """The same bits on tensors, and the derivative of the last point by the first."""

    def last(W):
        state = rule.start(W) | {"t": ag.tensor(np.array(0))}
        for _ in range(3):
            W, state = rule.update(W, slope(W), state)
        return W

    W = np.array([2.0, -1.0])
    np.testing.assert_array_equal(last(ag.tensor(W)).data, path(rule, W, 3)[-1])
    report = ag.gradcheck(last, W)
    assert report, report
    assert last(ag.tensor(W.astype(np.float32))).dtype == np.float32


def test_the_learning_rate_has_a_derivative_too():
    def last(rate):
        return path_of_tensors(Momentum(lambda t: rate / (1 + t)), np.array([2.0, -1.0]))

    def path_of_tensors(rule, W):
        state = rule.start(W)
        for _ in range(4):
            W, state = rule.update(W, slope(W), state)
        return W

    report = ag.gradcheck(last, np.array(0.05))
    assert report, report


# What is refused


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: GradientDescent(0.0),
            "GradientDescent(learning_rate=0.0): it must be a number, positive and fin",
        ),
        (
            lambda: Adam("fast"),
            "Adam(learning_rate='fast'): it must be a number, positive and finite, or a function",
        ),
        (lambda: Adam(float("inf")), "learning_rate=inf"),
        (lambda: Adam(beta2=1.0), "Adam(beta2=1.0): it must be a number from 0 up to, but not including, 1"),
        (lambda: Momentum(momentum=-0.1), "momentum=-0.1"),
        (lambda: RMSProp(beta=None), "beta=None"),
        (lambda: AdamW(weight_decay=-1.0), "weight_decay=-1.0): it must be a number, at least 0"),
        (lambda: Adagrad(epsilon=0.0), "epsilon=0.0"),
        (lambda: Cosine(0.1, steps=0.5), "Cosine(steps=0.5): it must be a whole number, 1 or more"),
        (lambda: Cosine(lambda t: 0.1, steps=5), "Cosine(rate="),
        (lambda: Warmup(-1.0, 5), "Warmup(schedule=-1.0)"),
        (lambda: Clipped(Adam()), "norm=None, value=None): wanted one of the two"),
        (lambda: Clipped(Adam(), norm=1.0, value=1.0), "wanted one of the two"),
        (lambda: Clipped(Adam(), norm=0.0), "norm=0.0"),
        (lambda: Clipped(0.1, norm=1.0), "Clipped(0.1): wanted a rule"),
        (lambda: LBFGS(memory=0), "memory=0"),
        (
            lambda: Adam().update(np.ones(1), np.ones(1), Momentum().start(np.ones(1))),
            "holds t, v, but no 'm'",
        ),
    ],
)
def test_settings_out_of_range_are_refused(make, words):
    with pytest.raises(OptionError, match=re.escape(words)):
        make()


@pytest.mark.parametrize(
    ("gradients", "words"),
    [
        (
            [{"W": np.ones((3, 2))}],
            'gradients[0]["W"] is an array of shape (3, 2), but its parameter has the shape (2,',
        ),
        ([{"W": np.ones(3)}], 'gradients[0]["W"] is an array of shape (3,)'),
        ([{"W": None}], 'gradients[0]["W"] is None'),
        ([{"b": np.ones((2, 3))}], "gradients[0] is a dict with the keys 'b'"),
        (np.ones((2, 3)), "gradients is one ndarray"),
    ],
)
def test_gradients_of_another_form_are_refused_and_never_broadcast(gradients, words):
    params = [{"W": np.ones((2, 3))}]
    with pytest.raises(ShapeError, match=re.escape(words)):
        Adam().update(params, gradients, Adam().start(params))


def test_a_state_of_other_parameters_is_refused():
    with pytest.raises(
        ShapeError, match=re.escape('state["m"] is an array of shape (2, 3), but its parameter')
    ):
        Adam().update(np.ones((1, 3)), np.ones((1, 3)), Adam().start(np.ones((2, 3))))


@pytest.mark.parametrize(("W", "words"), [(np.ones(2, int), "of dtype int64"), ("W", "'W'"), (None, "None")])
def test_parameters_that_are_no_floating_arrays_are_refused(W, words):
    with pytest.raises(DtypeError, match=re.escape(f'params["W"] is {words}; wanted an array of float64')):
        Adam().start({"W": W})


# L-BFGS


def valley(params):
    """Rosenbrock's function of two arrays; its only minimum is at 1."""
    x, y = params["x"], params["y"][0]
    return (100 * (y - x * x) ** 2 + (1 - x) ** 2).sum()


START = {"x": np.array([-1.2, 0.5]), "y": [np.array([1.0, -1.0])]}


def test_lbfgs_finds_the_bottom_and_leaves_its_arguments_alone():
    pytest.importorskip("scipy")
    values = []
    value_and_grad = ag.value_and_grad(valley)
    found = LBFGS().minimise(value_and_grad, START, 200, lambda params, value: values.append((params, value)))
    np.testing.assert_allclose([found["x"], found["y"][0]], 1.0, atol=1e-7)
    np.testing.assert_array_equal(START["x"], [-1.2, 0.5])
    assert all(value == valley(params) for params, value in values)
    costs = [value for _, value in values]
    assert costs == sorted(costs, reverse=True)
    assert len(costs) < 100


def test_lbfgs_stops_after_so_many_iterations_and_keeps_each_dtype():
    pytest.importorskip("scipy")
    start = {"x": START["x"].astype(np.float32), "y": START["y"]}
    counted = []
    found = LBFGS(memory=3).minimise(ag.value_and_grad(valley), start, 4, lambda *_: counted.append(1))
    assert len(counted) == 4
    assert (found["x"].dtype, found["y"][0].dtype) == (np.float32, np.float64)


def test_an_exception_in_a_callback_of_lbfgs_is_passed_on_and_stopiteration_ends_it():
    pytest.importorskip("scipy")

    def leave(error, params, value):
        raise error

    with pytest.raises(KeyError, match="enough"):
        LBFGS().minimise(ag.value_and_grad(valley), START, 9, partial(leave, KeyError("enough")))
    first = []
    LBFGS().minimise(ag.value_and_grad(valley), START, 1, lambda params, _value: first.append(params))
    stopped = LBFGS().minimise(ag.value_and_grad(valley), START, 9, partial(leave, StopIteration()))
    np.testing.assert_array_equal(stopped["x"], first[0]["x"])


def test_lbfgs_says_what_is_wrong(monkeypatch):
    pytest.importorskip("scipy")
    with pytest.raises(NonFiniteError, match="the value is nan, and 1 entries"):
        LBFGS().minimise(lambda x: (np.nan, np.array([np.inf, 1.0])), np.ones(2), 5)
    with pytest.raises(ShapeError, match=r"gradients is an array of shape \(3,\); wanted \(2,\)"):
        LBFGS().minimise(lambda x: (0.0, np.ones(3)), np.ones(2), 5)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(OptionError, match=re.escape('pip install "autograd-core[optimize]"')):
        LBFGS().minimise(lambda x: (0.0, x), np.ones(2), 5)
