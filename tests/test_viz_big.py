"""Pictures of large graphs: what is put into boxes, and that nothing is lost or hidden on the way."""

from __future__ import annotations

import itertools
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, strategies as st
from test_viz_scene import dense_cost, graphs

import autograd_core as ag
import viz
from autograd_core.graph.node import topological_order
from autograd_core.wording.errors import OptionError
from viz.detail.blocks import blocks
from viz.detail.repeats import repeats
from viz.detail.view import MANY, READABLE
from viz.layout.layout import laid_out
from viz.scene.record import read
from viz.style.theme import LIGHT

DRAW = [viz.forward, viz.backward, viz.both]


def chain(length):
    y = ag.tensor(1.0, requires_grad=True, name="x")
    for _ in range(length):
        y = ag.tanh(y)
    return y


def recurrent(steps):
    rng = np.random.default_rng(0)
    W, U = (ag.tensor(rng.normal(size=(3, 3)), requires_grad=True, name=name) for name in "WU")
    h = ag.tensor(np.zeros((3, 1)), name="h0")
    for _ in range(steps):
        h = ag.tanh(W @ h + U @ rng.normal(size=(3, 1)))
    return ag.sum(h)


def tangled(count, seed=0):
    rng = np.random.default_rng(seed)
    pool = [ag.tensor([0.1, 0.2], requires_grad=True, name=f"x_{i}") for i in range(3)]
    for _ in range(count):
        a, b = rng.integers(max(0, len(pool) - 20), len(pool), 2)
        pool.append([ag.tanh(pool[a]), pool[a] * pool[b], pool[a] - pool[b]][rng.integers(3)])
    return ag.sum(sum(pool[-20:], 0.0))


BIG = {
    "chain": lambda: chain(3000),
    "loop": lambda: recurrent(300),
    "tangled": lambda: tangled(1500),
    "deep": lambda: dense_cost(*[3] * 200),
    "unlike layers": lambda: dense_cost(*range(1, 120)),
    "many leaves": lambda: ag.sum(
        sum((ag.tensor(i * 0.5, requires_grad=True) ** 2 for i in range(400)), 0.0)
    ),
}


def titles(picture, role="block"):
    return [v.label for v in picture.scene.vertices if v.role == role]


@pytest.mark.parametrize("draw", DRAW)
@pytest.mark.parametrize("name", BIG)
def test_every_large_graph_has_a_readable_picture_that_says_what_it_hides(name, draw):
    picture = draw(BIG[name]())
    assert len(picture.scene.vertices) <= READABLE
    assert "operations are in boxes" in picture.scene.caption
    assert picture.scene.caption.split(":")[0] in picture.dot
    assert picture.text().splitlines()[-1] == picture.scene.caption
    assert len(picture.text().splitlines()) < READABLE
    boxes = laid_out(picture.scene, LIGHT).vertices.values()
    assert not any(a.touches(b) for a, b in itertools.combinations(boxes, 2))


@given(graphs(), st.sampled_from(["layers", "operations"]))
def test_every_operation_is_drawn_once_or_in_one_box(J, detail):
    record = read(J)
    vertices = viz.forward(J, detail=detail).scene.vertices
    found = blocks(record, [x for x in record.nodes if x.primitive], (), 5, join_layers=True)
    inside = Counter(x.order for block in found for x in block.nodes)
    assert set(inside.values()) <= {1}
    drawn = sum(v.role in {"operation", "activation"} for v in vertices)
    held = sum(_held(v) for v in vertices if v.role == "block")
    assert drawn + held == sum(not node.is_leaf for node in topological_order([J]))


def _held(box):
    return int(box.tooltip.split()[0])


@pytest.mark.parametrize("name", BIG)
def test_boxes_and_circles_add_up(name):
    J = BIG[name]()
    vertices = viz.forward(J).scene.vertices
    held = sum(_held(v) for v in vertices if v.role == "block")
    drawn = sum(v.role in {"operation", "activation"} for v in vertices)
    assert held + drawn == sum(not node.is_leaf for node in topological_order([J]))


def _reached(scene, start, kind):
    ahead = {}
    for e in scene.edges:
        if e.kind == kind:
            ahead.setdefault(e.tail, set()).add(e.head)
    seen, stack = set(), [start]
    while stack:
        at = stack.pop()
        if at not in seen:
            seen.add(at)
            stack.extend(ahead.get(at, ()))
    return seen


@given(graphs())
def test_boxes_lead_where_operations_lead(J):
    """What is drawn in both pictures is joined in the small one wherever it is in the large one."""
    small, large = viz.both(J, detail="layers").scene, viz.both(J, detail="operations").scene
    known = {v.id for v in small.vertices} & {v.id for v in large.vertices}
    for kind in ("forward", "backward"):
        for start in known:
            assert _reached(large, start, kind) & known <= _reached(small, start, kind)


@given(graphs())
def test_boxes_depend_on_one_another_in_one_direction(J):
    scene = viz.both(J, detail="layers").scene
    for v in scene.vertices:
        for e in scene.edges:
            if e.kind == "forward" and e.tail == v.id:
                assert v.id not in _reached(scene, e.head, "forward")


@given(graphs())
def test_adjoint_edges_of_boxes_run_against_forward_paths(J):
    scene = viz.both(J, detail="layers").scene
    of = {v.id: v.of for v in scene.vertices}
    for e in scene.edges:
        if e.kind == "backward":
            assert of[e.tail] in _reached(scene, of[e.head], "forward")


@pytest.mark.parametrize("draw", DRAW)
def test_same_large_program_same_bytes(draw):
    first, second = (draw(tangled(400)) for _ in range(2))
    assert (first.svg(), first.dot, first.text()) == (second.svg(), second.dot, second.text())


def test_layers_become_boxes_that_say_what_they_hold():
    picture = viz.both(dense_cost(4, 5, 3), detail="layers")
    assert titles(picture) == ["layer 1", "layer 2"]
    assert titles(picture, "adjoint block") == ["back through layer 2", "back through layer 1"]
    box = next(v for v in picture.scene.vertices if v.label == "layer 1")
    assert box.details == ("3 operations", "2 parameters", "A[1] (5, 7)")
    back = next(v for v in picture.scene.vertices if v.of == box.id)
    assert [line.split()[0] for line in back.details] == ["∂J/∂b[1]", "∂J/∂W[1]"]
    (between,) = [e for e in picture.scene.edges if e.kind == "backward" and e.head == back.id]
    assert between.label == "W^{[2]T} ·"


def test_like_layers_share_a_box_and_unlike_ones_do_not():
    assert titles(viz.forward(dense_cost(*[3] * 41))) == ["layer 1", "layers 2–39 × 38", "layer 40"]
    assert not any("×" in title for title in titles(viz.forward(dense_cost(*range(1, 41)))))


def test_unrolled_loop_is_drawn_first_and_last():
    scene = viz.forward(recurrent(50)).scene
    assert titles(viz.forward(recurrent(50))) == ["4 operations × 48"]
    assert sum(v.label == "tanh" for v in scene.vertices) == 2
    assert sum(v.label == "@" for v in scene.vertices) == 4


def test_expanded_layers_and_values_are_drawn():
    J = dense_cost(*[3] * 41)
    picture = viz.forward(J, expand=("layer 7", "Z[20]"))
    labels = {v.label for v in picture.scene.vertices}
    assert {"W^{[7]}", "Z^{[7]}", "A^{[7]} = tanh(Z^{[7]})", "Z^{[20]}"} <= labels
    assert "layer 7" in {c.title for c in picture.scene.clusters}
    assert viz.forward(J, expand="layer 7").scene.vertices
    with pytest.raises(OptionError, match="layer 7"):
        viz.forward(J, expand="layer77")


def test_drawing_a_large_graph_whole_warns_and_still_draws():
    J = chain(MANY + 1)
    with pytest.warns(UserWarning, match=rf"{MANY + 3} parts.*focus="):
        picture = viz.forward(J, detail="operations")
    assert len(picture.scene.vertices) == MANY + 3
    assert picture.scene.caption == ""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert viz.forward(J, detail="operations", force=True).svg().count("<circle") >= 2


def test_unknown_detail_says_what_there_is():
    with pytest.raises(OptionError, match="auto, layers, operations"):
        viz.both(chain(3), detail="layer")


def test_long_chain_is_collapsed_and_says_so():
    picture = viz.both(chain(20_000))
    assert len(picture.scene.vertices) < 12
    assert "19997 of 20000 operations are in boxes" in picture.svg()


def test_named_steps_share_boxes_too():
    y = ag.tensor(1.0, requires_grad=True, name="x")
    for i in range(READABLE + 1):
        y = ag.tanh(y)
        y.name = f"h{i}"
    for draw in DRAW:
        assert any("×" in v.label for v in draw(y).scene.vertices)


def test_many_parallel_paths_become_one_that_says_how_many():
    x = ag.tensor(2.0, requires_grad=True, name="x")
    J = x
    for _ in range(9):
        J = J * x
    labels = [e.label for e in viz.both(J).scene.edges if e.kind == "backward"]
    assert "10 paths" in labels
    assert "10 paths" not in [e.label for e in viz.both(J, detail="operations").scene.edges]


def test_first_value_that_is_not_finite_marks_its_box():
    y = ag.tensor(-1.0, requires_grad=True, name="x")
    with np.errstate(invalid="ignore"):
        for _ in range(1000):
            y = ag.log(y)
        picture = viz.forward(y, expand="v500")
    (strong,) = [v for v in picture.scene.vertices if v.emphasis == "strong"]
    assert "first not finite" in strong.details
    assert picture.scene.warning


@given(st.lists(st.sampled_from("abc"), max_size=40), st.integers(2, 5))
def test_repeats_are_repeats_and_keep_apart(tokens, least):
    done = 0
    for start, length, times in repeats(tokens, least):
        assert start >= done
        assert times >= least
        done = start + length * times
        assert tokens[start:done] == tokens[start : start + length] * times


@given(
    st.lists(st.integers(0, 3), max_size=10),
    st.lists(st.integers(0, 20), min_size=1, max_size=12, unique=True),
    st.integers(4, 9),
)
def test_a_repetition_is_found_behind_anything(before, copy, times):
    tokens = [*(x + 100 for x in before), *copy * times]
    found = [x for x in repeats(tokens, 4) if x.start >= len(before)]
    assert sum(x.length * x.times for x in found) >= len(copy) * (times - 1)


def test_paths_whose_formulas_nobody_could_read_are_one_arrow_that_counts_them():
    x = ag.tensor([0.5, 0.2], requires_grad=True, name="x")
    a = b = x
    for _ in range(45):
        a, b = ag.tanh(a), ag.sin(b)
    labels = [e.label for e in viz.backward(ag.sum(a * b)).scene.edges]
    assert labels == ["2 paths", ""]
    whole = [e.label for e in viz.backward(ag.sum(a * b), detail="operations").scene.edges]
    assert len(whole) == 3
