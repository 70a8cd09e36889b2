"""Learning rates that change, and gradients that are clipped."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import autograd_core as ag
from autograd_core import OptionError
from nn.optimizers import (
    Adam,
    Clipped,
    Cosine,
    Exponential,
    GradientDescent,
    InverseTime,
    Momentum,
    StepDecay,
    Warmup,
    clip_by_norm,
    clip_by_value,
    global_norm,
)

SCHEDULES = [
    StepDecay(0.5, factor=0.1, every=3),
    Exponential(0.5, factor=0.1, every=3),
    Cosine(0.5, steps=6, final=0.1),
    InverseTime(0.5, decay=2.0),
    Warmup(0.5, steps=4),
    Warmup(Cosine(0.5, steps=3), steps=4),
]


def path(rule, W, gradients):
    state, points = rule.start(W), []
    for gradient in gradients:
        W, state = rule.update(W, gradient, state)
        points.append(W)
    return np.array(points)


# Schedules


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_a_schedule_takes_one_count_or_an_array_of_them(schedule):
    counts = np.arange(12)
    np.testing.assert_allclose(schedule(counts), [schedule(int(t)) for t in counts], rtol=1e-14)
    np.testing.assert_array_equal(schedule(ag.tensor(counts)).data, schedule(counts))
    points = path(GradientDescent(schedule), np.zeros(1), -np.ones((12, 1)))
    np.testing.assert_allclose(np.diff(points[:, 0], prepend=0), schedule(counts), rtol=1e-9, atol=1e-15)


def test_schedules_begin_and_end_where_they_say():
    assert [s(0) for s in SCHEDULES[:4]] == [0.5] * 4
    assert SCHEDULES[0](3) == SCHEDULES[1](3) == pytest.approx(0.05)
    assert SCHEDULES[2](6) == SCHEDULES[2](1000) == pytest.approx(0.1)
    np.testing.assert_allclose(Warmup(0.5, 4)(np.arange(6)), [0.125, 0.25, 0.375, 0.5, 0.5, 0.5])
    cosine = Cosine(0.5, steps=3)
    np.testing.assert_allclose(Warmup(cosine, 4)(np.arange(3, 9)), cosine(np.arange(6)))


@pytest.mark.parametrize(
    ("schedule", "peer", "options"),
    [
        (StepDecay(0.5, 0.3, 4), "StepLR", {"gamma": 0.3, "step_size": 4}),
        (Exponential(0.5, 0.3, 1), "ExponentialLR", {"gamma": 0.3}),
        (Cosine(0.5, 20, 0.1), "CosineAnnealingLR", {"T_max": 20, "eta_min": 0.1}),
        (InverseTime(0.5, 0.1), "LambdaLR", {"lr_lambda": lambda t: 1 / (1 + 0.1 * t)}),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_a_schedule_is_that_of_pytorch(schedule, peer, options):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    theirs, rates = getattr(torch.optim.lr_scheduler, peer)(optimizer, **options), []
    for _ in range(20):
        rates.append(theirs.get_last_lr()[0])
        optimizer.step()
        theirs.step()
    np.testing.assert_allclose(schedule(np.arange(20)), rates, rtol=1e-12)


def test_any_function_of_the_count_is_a_schedule():
    seen = []
    path(Adam(lambda t: seen.append(int(t)) or [0.1, 0.2, 1][t]), np.ones(1), np.ones((3, 1)))
    assert seen == [0, 1, 2]
    with pytest.raises(OptionError, match=r"returned None at t = 0; wanted a number"):
        path(Adam(lambda t: None), np.ones(1), np.ones((1, 1)))


# Clipping

finite = partial(arrays, elements=st.floats(-1e3, 1e3), shape=array_shapes(max_dims=2, max_side=4))
gradient_trees = st.lists(finite(np.float64), min_size=1, max_size=3)


@given(gradient_trees, st.floats(1e-3, 1e3))
def test_clipping_by_norm_shortens_and_keeps_the_direction(gradients, norm):
    whole = np.concatenate([x.ravel() for x in gradients])
    assert float(global_norm(gradients)) == pytest.approx(np.linalg.norm(whole), rel=1e-12)
    clipped = np.concatenate([x.ravel() for x in clip_by_norm(gradients, norm)])
    if np.linalg.norm(whole) <= norm * (1 - 1e-12):
        np.testing.assert_array_equal(clipped, whole)
    else:
        wanted = whole * (norm / np.linalg.norm(whole))
        np.testing.assert_allclose(clipped, wanted, rtol=1e-12, atol=1e-300)


@given(gradient_trees, st.floats(1e-3, 1e3))
def test_clipping_by_value_is_numpys_clip(gradients, value):
    for x, clipped in zip(gradients, clip_by_value(gradients, value), strict=True):
        np.testing.assert_array_equal(clipped, np.clip(x, -value, value))


@pytest.mark.parametrize("size", [3e38, 1e30, 1e-30, 1e-40, 0.0])
def test_clipping_never_overflows_float32(size):
    gradients = {"W": np.full((2, 2), size, np.float32), "b": np.zeros(0, np.float32)}
    np.testing.assert_allclose(global_norm(gradients), 2 * np.float64(np.float32(size)), rtol=1e-6)
    clipped = clip_by_norm(gradients, 1.0)["W"]
    assert clipped.dtype == np.float32
    np.testing.assert_allclose(clipped, min(np.float32(size), 0.5), rtol=1e-6)
    assert clip_by_value(gradients, 0.1)["W"].dtype == np.float32


@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
def test_a_bound_must_be_positive(clip):
    with pytest.raises(OptionError, match=f"{clip.__name__}.*=-1.0.: it must be a number, positive"):
        clip([np.ones(2)], -1.0)


def test_an_infinite_entry_makes_the_norm_infinite():
    assert global_norm([np.array([1.0, -np.inf]), np.ones(2)]) == np.inf


def test_a_clipped_rule_is_the_rule_on_clipped_gradients(rng):
    start, rule, gradients = np.zeros(2), Momentum(0.1), rng.normal(size=(10, 2))
    for clipped, clip in [
        (Clipped(rule, norm=0.7), lambda x: clip_by_norm(x, 0.7)),
        (Clipped(rule, value=0.7), lambda x: clip_by_value(x, 0.7)),
    ]:
        wanted = path(rule, start, [clip(x) for x in gradients])
        np.testing.assert_array_equal(path(clipped, start, gradients), wanted)
        assert not np.allclose(path(rule, start, gradients), wanted)
