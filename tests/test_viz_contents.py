"""What the boxes of a graph's picture say, and where a NaN or an infinity comes in."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from test_viz_scene import branching_cost, dense_cost, graphs

import autograd_core as ag
import viz
from viz.scene.labels import length, number

DRAW = [viz.forward, viz.backward, viz.both]
SVG = "{http://www.w3.org/2000/svg}"


def details(picture):
    return {v.id: v.details for v in picture.scene.vertices if v.role not in {"operation", "sum"}}


def test_shapes_can_be_left_out():
    for draw in DRAW:
        assert any("(3,)" in lines for lines in details(draw(branching_cost())).values())
        assert not any("(3,)" in lines for lines in details(draw(branching_cost(), shapes=False)).values())


def test_a_gradient_is_a_dash_until_it_is_computed_and_then_its_norm():
    x = ag.tensor([1.0, -2.0, 3.0], requires_grad=True, name="x")
    J = ag.sum(x * x)
    assert details(viz.forward(J, norms=True))["v0"] == ("(3,)", "‖grad‖ –")
    J.backward()
    assert details(viz.forward(J, norms=True))["v0"] == ("(3,)", f"‖grad‖ {length(2 * x.data)}")


def test_the_ladder_has_its_own_gradients():
    J = branching_cost()
    found = details(viz.both(J, norms=True))
    assert found["v0"] == ("(3,)", "‖grad‖ 8.266")
    assert found["d0"] == ("(3,)", "‖·‖ 8.266")
    J.backward()
    J.backward()  # what the tensors hold is twice as large now
    assert details(viz.both(J, norms=True)) == found
    assert details(viz.forward(J, norms=True))["v0"] == ("(3,)", "‖grad‖ 16.53")


def test_a_gradient_that_was_recorded_is_a_number_too():
    x = ag.tensor([3.0, 4.0], requires_grad=True, name="x")
    J = ag.sum(x * x)
    J.backward(create_graph=True)
    assert details(viz.forward(J, norms=True))["v0"] == ("(2,)", "‖grad‖ 10")
    assert viz.forward(J).rows[0].adjoint == "6 / 7 / 8"


def test_norms_of_all_adjoints_or_of_parameters_alone():
    J = dense_cost(3, 4, 2)
    for norms in (False, True):
        for v in viz.backward(J, norms=norms).scene.vertices:
            normed = any("‖" in line for line in v.details)
            assert normed is (v.role == "parameter adjoint" or (norms and v.label != "∂J/∂J"))


def test_statistics_are_those_of_numpy():
    x = ag.tensor(np.random.default_rng(0).normal(size=(5, 7)), requires_grad=True, name="x")
    J = ag.sum(x * x)
    found = details(viz.both(J, statistics=True))
    for at, array in (("v0", x.data), ("d0", 2 * x.data)):
        least, most, mean, spread = map(number, (array.min(), array.max(), array.mean(), array.std()))
        assert found[at][-2:] == (f"min {least}, max {most}", f"mean {mean}, std {spread}")
    assert found["v2"] == (number(J.data),)


def test_entries_of_small_arrays_on_both_ways():
    x = ag.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="x")
    for at, rows in (("v0", ("1  2", "3  4")), ("d0", ("2  4", "6  8"))):
        assert details(viz.both(ag.sum(x * x), values=True))[at][-2:] == rows


@pytest.mark.parametrize("array", [np.zeros((0, 3)), np.ones((1, 1)), np.full(3, 1e300), np.float32([1, 2])])
def test_any_array_is_described(array):
    x = ag.tensor(array, requires_grad=True, name="x")
    for draw in DRAW:
        ET.fromstring(draw(ag.sum(x), values=True, norms=True, statistics=True).svg())


@given(graphs())
def test_contents_change_nothing_but_the_lines(J):
    for draw in DRAW:
        plain, full = (draw(J, norms=on, statistics=on, values=on).scene for on in (False, True))
        assert [v.id for v in plain.vertices] == [v.id for v in full.vertices]
        assert plain.edges == full.edges
        assert plain.warning == full.warning == ""


# The first value that is not finite


def log_of_zero():
    x = ag.tensor([1.0, 0.0], requires_grad=True, name="x")
    Z = ag.log(x)
    Z.name = "Z[1]"
    return ag.sum(Z * Z), "v1", "log at v1 (Z[1])"


def zero_by_zero():
    x = ag.tensor([0.0, 1.0], requires_grad=True, name="x")
    return ag.sum(ag.tanh(x) / ag.tensor([0.0, 1.0], name="y") + 1.0), "v3", "divide at v3"


def overflow():
    x = ag.tensor(1000.0, requires_grad=True, name="x")
    return ag.exp(x) * 2.0, "v1", "exp at v1"


def given_with_a_nan():
    X = ag.tensor([1.0, np.nan], name="X")
    return ag.sum(X * ag.tensor([1.0, 2.0], requires_grad=True, name="w")), "v0", "X, as given"


def constant_with_an_infinity():
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    return ag.sum(x * np.array([np.inf, 1.0])), "v1c1", "a constant that v1 takes, as given"


def number_that_is_nan():
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    return ag.sum(x * float("nan")), "v1", "multiply at v1"


SPOILT = [
    log_of_zero,
    zero_by_zero,
    overflow,
    given_with_a_nan,
    constant_with_an_infinity,
    number_that_is_nan,
]


def spoilt(make):
    with np.errstate(all="ignore"):
        return make()


@pytest.mark.parametrize("make", SPOILT)
def test_the_first_value_that_is_not_finite_is_marked_without_colour(make):
    J, at, said = spoilt(make)
    for draw in (viz.forward, viz.both):
        picture = draw(J)
        marked = [v for v in picture.scene.vertices if v.of is None and "first not finite" in v.details]
        assert [v.id for v in marked] == [at]
        assert marked[0].emphasis == "strong"
        for written in (picture.text(), picture.dot, ET.canonicalize(picture.svg("paper"))):
            assert "first not finite" in written
        assert f"first not finite: {said}" in picture.text()
        picture.text(ascii=True).encode("ascii")


@pytest.mark.parametrize("make", SPOILT)
def test_a_backward_picture_names_the_value_that_spoils_it(make):
    J, _, said = spoilt(make)
    assert f"first not finite: {said}" in viz.backward(J).text()


@pytest.mark.parametrize("draw", [viz.backward, viz.both])
def test_the_first_adjoint_that_is_not_finite_is_marked(draw):
    x = ag.tensor([0.0, 4.0], requires_grad=True, name="x")
    h = ag.sqrt(x * x)
    h.name = "h"
    picture = draw(ag.sum(h))
    marked = [v for v in picture.scene.vertices if "first not finite" in v.details]
    assert [v.id for v in marked] == ["d0"]
    assert "1 of 2 entries" in marked[0].details
    assert picture.text().splitlines()[-1] == "first not finite: ∂J/∂x on the way back"


def test_what_is_finite_is_not_marked():
    for draw in DRAW:
        picture = draw(dense_cost(4, 5, 3))
        assert picture.scene.warning == ""
        assert "first" not in picture.text() + picture.dot + picture.svg()


def test_integers_and_large_finite_numbers_are_finite():
    x = ag.tensor([1e308, 2.0], requires_grad=True, name="x")
    assert viz.forward(ag.sum(x * np.array([1, 0]))).scene.warning == ""
