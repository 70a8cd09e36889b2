"""Parts of a graph: what is around a value, and what lies between two."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from test_viz_scene import RNG, dense_cost, graphs

import autograd_core as ag
import nn
import viz
from autograd_core.graph.node import topological_order
from autograd_core.wording.errors import OptionError
from viz.detail.selection import around
from viz.detail.view import View
from viz.layout.layout import laid_out
from viz.scene.forward_pass import forward_pass
from viz.scene.record import read
from viz.style.theme import LIGHT

DRAW = [viz.forward, viz.backward, viz.both]


def labels(picture):
    return {v.label for v in picture.scene.vertices}


def test_focus_draws_what_is_around_and_marks_what_is_cut():
    picture = viz.forward(dense_cost(4, 4, 4, 4, 4), focus="Z[2]")
    assert labels(picture) >= {"Z^{[2]}", "W^{[2]}", "b^{[2]}", "A^{[2]} = tanh(Z^{[2]})", "…"}
    assert not labels(picture) & {"Z^{[1]}", "Z^{[3]}", "J"}
    stubs = {v.id for v in picture.scene.vertices if v.label == "…"}
    cut = [e for e in picture.scene.edges if {e.tail, e.head} & stubs]
    assert len(stubs) == len(cut) == 2
    assert picture.scene.caption.startswith("5 of 16 operations, those within 2 steps of Z[2]")
    assert picture.text().splitlines()[-1] == picture.scene.caption


def test_more_hops_draw_more():
    J = dense_cost(4, 4, 4, 4, 4)
    counts = [len(viz.forward(J, focus="A[2]", hops=n).scene.vertices) for n in (1, 2, 4, 30)]
    assert counts == sorted(set(counts))
    assert "…" not in labels(viz.forward(J, focus="A[2]", hops=30))


def test_between_draws_the_paths_and_nothing_else():
    picture = viz.both(dense_cost(4, 4, 4, 4, 4), between=("Z[2]", "A[3]"))
    assert labels(picture) >= {"Z^{[2]}", "Z^{[3]}", "∂J/∂Z^{[3]}", "∂J/∂W^{[3]}"}
    assert not labels(picture) & {"Z^{[1]}", "W^{[2]}", "A^{[4]} = tanh(Z^{[4]})", "J", "∂J/∂J"}
    ends = [e for e in picture.scene.edges if e.kind == "backward" and e.tail.endswith("out")]
    assert [e.label for e in ends] == ["W^{[4]T} ·"]


def test_tensors_names_and_steps_mean_the_same():
    net = nn.Sequential(nn.Dense(3, 3, "tanh", rng=0), nn.Dense(3, 3, "tanh", rng=1))
    J = nn.costs.squared_error(net(RNG.normal(size=(3, 4))), RNG.normal(size=(3, 4)))
    W = net.layers[1].W
    step = read(J).ids[W]
    first, *others = (str(viz.both(J, focus=wanted).scene).splitlines()[1:-1] for wanted in (W, "W[2]", step))
    assert all(other == first for other in others)


def test_unknown_value_names_the_near_ones():
    J = dense_cost(4, 4, 4)
    with pytest.raises(OptionError, match=r"'Z\[22\]'; did you mean 'Z\[2\]'"):
        viz.forward(J, focus="Z[22]")
    with pytest.raises(OptionError, match="there are"):
        viz.forward(J, between=("nothing like it", "J"))
    with pytest.raises(OptionError, match="not part of this graph"):
        viz.forward(J, focus=ag.tensor(1.0, name="elsewhere"))


def test_no_path_says_whether_the_other_way_there_is_one():
    J = dense_cost(4, 4, 4)
    with pytest.raises(OptionError, match=r"from J to Z\[1\]; from Z\[1\] to J one does"):
        viz.forward(J, between=("J", "Z[1]"))
    with pytest.raises(OptionError, match=r"no path leads from W\[1\] to W\[2\]$"):
        viz.forward(J, between=("W[1]", "W[2]"))


@pytest.mark.parametrize(
    "wrong", [{"hops": 0}, {"hops": 1.5}, {"between": ("X", "J")}, {"focus": None, "between": "J"}]
)
def test_refuses_what_makes_no_selection(wrong):
    with pytest.raises(OptionError):
        viz.forward(dense_cost(4, 4), **{"focus": "Z[1]"} | wrong)


def test_part_of_a_large_graph_that_is_large_itself_is_put_into_boxes():
    y = ag.tensor(1.0, requires_grad=True, name="x")
    for _ in range(3000):
        y = ag.tanh(y)
    picture = viz.forward(y, between=("v10", "v2500"))
    assert [v.label for v in picture.scene.vertices if v.role == "block"] == ["tanh × 2489"]
    assert "2491 of 3000 operations" in picture.scene.caption
    assert "in boxes" in picture.scene.caption


def _kept(J, options):
    record = read(J)
    shown = View(**options).of(record, forward_pass(record)[0], adjoints=False)
    return shown.kept


def test_values_of_a_part_without_names_are_called_by_their_steps():
    x = ag.tensor(1.0, requires_grad=True, name="x")
    h = ag.tanh(ag.tanh(ag.tanh(ag.tanh(x))))
    labels = [v.label for v in viz.backward(ag.exp(h), focus="v3", hops=1).scene.vertices]
    assert labels == ["∂J/∂v_{4}", "∂J/∂v_{3}", "∂J/∂v_{2}", "…", "…"]


def test_part_without_an_adjoint_is_one_clear_error():
    x = ag.tensor(1.0, requires_grad=True, name="x")
    c = ag.tensor(2.0, name="c")
    for draw in (viz.backward, viz.both):
        with pytest.raises(OptionError, match="no adjoint to draw"):
            draw(x * ag.tanh(ag.tanh(ag.tanh(c))), between=("c", "c"))


@given(graphs(), st.data())
def test_selected_parts_are_drawn_whole_with_stubs_for_the_rest(J, data):
    nodes = topological_order([J])
    middle = data.draw(st.sampled_from(nodes))
    start = data.draw(st.sampled_from(nodes))
    wanted = [{"focus": middle, "hops": data.draw(st.integers(1, 3))}]
    if start.order in {x.order for x in topological_order([middle])}:
        wanted.append({"between": (start, middle)})
    for options in wanted:
        for draw in DRAW:
            swept = any(x.requires_grad for x in _kept(J, options))
            if not swept and draw is not viz.forward:
                with pytest.raises(OptionError, match="no adjoint to draw"):
                    draw(J, **options)
                continue
            scene = draw(J, **options).scene
            known = {v.id for v in scene.vertices}
            assert len(known) == len(scene.vertices)
            assert all({e.tail, e.head} <= known for e in scene.edges)
            assert "…" in scene.caption
            laid_out(scene, LIGHT)


@given(graphs(), st.integers(1, 4))
def test_neighbourhoods_grow_by_one_operation(J, hops):
    record = read(J)
    inner, outer = around(record, [J], hops), around(record, [J], hops + 1)
    operands = {x for node in inner for x in node.operands()}
    users = {node for node in record.nodes if inner & set(node.operands())}
    assert outer == inner | operands | users
