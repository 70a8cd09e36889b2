"""No line runs through a box that it does not belong to, and no text lies on another."""

from __future__ import annotations

import itertools
import runpy
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from test_viz_scene import branching_cost, dense_cost, graphs

import autograd_core as ag
import viz
from viz.layout.curves import along
from viz.layout.hanging import hung
from viz.layout.places import Box
from viz.style.theme import LIGHT
from viz.writers.svg import route

SVG = "{http://www.w3.org/2000/svg}"
GALLERY = runpy.run_path(str(Path(__file__).parent.parent / "docs" / "gallery.py"))
DRAW = [viz.forward, viz.backward, viz.both]
ROUND = {"disc", "split", "double"}


def places(way):
    """Points along an edge, close together."""
    step = 3 if len(way.curve) > 2 else 1
    for i in range(0, len(way.curve) - 1, step):
        leg = way.curve[i : i + step + 1]
        for t in np.linspace(0, 1, 40):
            yield (
                along(leg, t)
                if step == 3
                else leg[0]._replace(
                    x=leg[0].x + t * (leg[1].x - leg[0].x), y=leg[0].y + t * (leg[1].y - leg[0].y)
                )
            )
    yield way.tip


def is_inside(place, box, is_round):
    if is_round:
        return np.hypot(place.x - box.x, place.y - box.y) < box.width / 2 - 1
    return Box(place.x, place.y, 0, 0).touches(box._replace(width=box.width - 2, height=box.height - 2))


def run_through(scene, layout):
    """List the edges that run through a box, and which box."""
    shapes = {v.id: LIGHT.looks[v.role].shape in ROUND for v in scene.vertices}
    for e in scene.edges:
        way = list(places(route(e, layout)))
        for name, box in layout.vertices.items():
            if name not in {e.tail, e.head} and any(is_inside(p, box, shapes[name]) for p in way):
                yield e.id, name


def laid(picture):
    return picture._placed(LIGHT)


def texts(svg):
    """The box of each piece of text, and that of the picture."""
    root = ET.fromstring(svg)
    left, top, across, high = map(float, root.get("viewBox").split())
    found = []
    for e in root.iter(f"{SVG}text"):
        x, y, size, length = (float(e.get(key)) for key in ("x", "y", "font-size", "textLength"))
        found.append((e.text, Box(x + length / 2, y - 0.27 * size, length - 1, 0.95 * size - 1)))
    return found, Box(left + across / 2, top + high / 2, across, high)


def overlapping(svg):
    found, _ = texts(svg)
    return [(a, b) for (a, box), (b, other) in itertools.combinations(found, 2) if box.touches(other)]


def second_order(count):
    """A Hessian times a vector, of a function whose backward pass is a tangle."""
    z = ag.tensor(np.linspace(1.0, 2.0, count), requires_grad=True, name="z")
    J = 100 * (z[1] - z[0] ** 2) ** 2 + ag.sum((1 - ag.tanh(z)) ** 2)
    J.backward(create_graph=True)
    return ag.sum(z.grad * np.linspace(1.0, 0.5, count))


def hessian(count):
    """The sum of squares of a Hessian, row by row."""
    x = ag.tensor(np.linspace(0.1, 1.0, count), requires_grad=True, name="x")
    ag.sum(ag.tanh(np.vander(x.data) @ x) ** 2).backward(create_graph=True)
    gradient, total = x.grad, 0.0
    for i in range(count):
        x.grad = None
        gradient[i].backward(create_graph=True)
        total = total + ag.sum(x.grad * x.grad)
    return total


@pytest.mark.parametrize("figure", GALLERY["FIGURES"], ids=lambda figure: figure.name)
def test_nothing_in_the_gallery_runs_through_a_box_or_lies_on_a_text(figure):
    picture = GALLERY["drawn"](figure)
    assert list(run_through(*laid(picture))) == []
    assert overlapping(picture.svg()) == []


@pytest.mark.parametrize("make", [branching_cost, lambda: dense_cost(4, 6, 5, 1), lambda: second_order(2)])
@pytest.mark.parametrize("draw", DRAW)
def test_no_text_leaves_its_picture_or_lies_on_another(draw, make):
    svg = draw(make(), values=True, norms=True, statistics=True).svg()
    assert overlapping(svg) == []
    found, ground = texts(svg)
    for _, box in found:
        assert ground.left < box.left < box.right < ground.right
        assert ground.top < box.top < box.bottom < ground.bottom


@pytest.mark.parametrize("make", [lambda: second_order(2), lambda: second_order(5), lambda: hessian(3)])
@pytest.mark.parametrize("draw", DRAW)
def test_no_line_of_a_second_order_graph_runs_through_a_box(draw, make):
    assert list(run_through(*laid(draw(make(), detail="operations", force=True)))) == []


@settings(deadline=None)
@given(graphs())
def test_no_line_of_any_graph_runs_through_a_box(J):
    for draw in DRAW:
        assert list(run_through(*laid(draw(J)))) == []


@settings(deadline=None)
@given(graphs())
def test_texts_of_any_graph_keep_apart(J):
    for draw in DRAW:
        assert overlapping(draw(J).svg()) == []


def test_parallel_paths_over_columns_each_have_a_line_of_their_own():
    x = ag.tensor([0.1, 0.2], requires_grad=True, name="x")
    h = ag.tanh(x) * x
    h.name = "h"
    layout = laid(viz.backward(ag.sum(ag.tanh(h) * ag.sin(h) * h), detail="operations"))[1]
    assert len({way.curve for way in layout.edges.values()}) == len(layout.edges)


def test_the_check_finds_a_line_through_a_box_and_a_text_on_another():
    picture = viz.forward(dense_cost(3, 2))
    scene, layout = laid(picture)
    at = next(v.id for v in scene.vertices if v.label == "@")
    moved = dict(layout.vertices)
    stranger = next(v.id for v in scene.vertices if v.role == "cost")
    moved[stranger] = moved[at]._replace(x=moved[at].x - 40)
    layout = layout.__class__(layout.bounds, moved, layout.edges, layout.clusters)
    assert stranger in {name for _, name in run_through(scene, layout)}
    svg = picture.svg()
    assert overlapping(svg.replace("</svg>", svg[svg.index("<text") : svg.index("</text>") + 7] + "</svg>"))


def test_what_is_kept_is_drawn_past_what_stands_between():
    above, below, wall = Box(0, 0, 60, 40), Box(0, 300, 60, 40), Box(0, 120, 100, 30)
    beside = [Box(x, 120, 30, 30) for x in (-200, 200)]

    def hits(way):
        return any(is_inside(place, wall, False) for place in places(way))

    assert hung(above, below).curve[1].x == 0
    assert hits(hung(above, below))
    assert not hits(hung(above, below, [wall, *beside]))


def test_a_line_past_several_rows_turns_where_there_is_room():
    rows = [Box(0, y, 100, 30) for y in (100, 160, 200)]
    way = hung(Box(0, 0, 60, 40), Box(0, 400, 60, 40), rows)
    assert not any(is_inside(place, box, False) for place in places(way) for box in rows)
    assert len({place.x for place in way.curve}) == 2  # to one side, and back
