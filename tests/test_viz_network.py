"""Figures of networks: what stands in them is the network that is evaluated."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

import nn
import viz
from viz.figures.units import shown
from viz.scene.labels import number
from viz.style.markup import plain

SVG = "{http://www.w3.org/2000/svg}"
X1 = [0.5, -1.2, 0.8, 0.1]


def dense(*widths, last="sigmoid", **options):
    activations = ["tanh"] * (len(widths) - 2) + [last]
    return nn.Sequential(
        *(
            nn.Dense(a, b, g, rng=a * b, **options)
            for (a, b), g in zip(itertools.pairwise(widths), activations)
        )
    )


def read(text):
    return float(text.replace("−", "-"))


# The network.


@given(st.lists(st.integers(1, 12), min_size=2, max_size=5))
def test_its_lines_are_the_weights_of_the_network_recorded_unit_by_unit(widths):
    net = dense(*widths)
    units = nn.units(net, np.ones(widths[0]))
    links = {link for l in range(1, len(widths)) for link in units.links(l) if link.tail != "1"}
    scene = viz.network(net).scene
    assert {(e.id, e.tail, e.head.replace("a", "z")) for e in scene.edges} == links
    assert {v.id for v in scene.vertices} == {name for name in units if name.startswith("a")}


def test_its_columns_say_what_the_notes_say():
    columns = viz.network(dense(4, 6, 1)).scene.clusters
    assert [plain(c.title) for c in columns] == ["n[0] = 4", "n[1] = 6", "n[2] = 1"]
    assert columns[0].details == ("X = A^{[0]}",)
    assert columns[1].details == ("Z^{[1]}, A^{[1]}", "W^{[1]}, b^{[1]}", "tanh")
    assert viz.network(dense(2, 2, 1, bias=False)).scene.clusters[1].details[1] == "W^{[1]}"


def test_its_lines_are_as_wide_as_the_weights_are_large():
    net = dense(3, 2)
    W = net.dense[0].W.data
    for edge in viz.network(net, weights=True).scene.edges:
        j, k = (int(i) - 1 for i in edge.id.removeprefix("W[1][")[:-1].split(","))
        assert edge.weight == pytest.approx(W[j, k] / np.abs(W).max())
        assert number(W[j, k]) in edge.tooltip


def test_weights_of_zero_are_drawn_as_thin_lines():
    net = dense(2, 2)
    net.dense[0].W.data[:] = 0
    assert {e.weight for e in viz.network(net, weights=True).scene.edges} == {0.0}


@given(st.integers(13, 10_000), st.integers(1, 10_000))
def test_a_wide_column_shows_its_ends_and_what_it_must(n, wanted):
    wanted = min(wanted, n)
    column = shown(n, [wanted])
    drawn = [j for j in column if j is not None]
    assert drawn == sorted(set(drawn))
    assert {1, 2, 3, 4, 5, wanted, n - 1, n} == set(drawn)
    for i, j in enumerate(column):
        if j is None:
            assert column[i + 1] - column[i - 1] > 1


def test_what_is_left_out_is_counted():
    scene = viz.network(dense(784, 100, 10)).scene
    assert scene.caption == "not drawn: 777 units of layer 0, 93 units of layer 1"
    more = [v.details for v in scene.vertices if v.role == "words"]
    assert more == [("777 more",), ("93 more",)]
    assert not viz.network(dense(12, 12, 12)).scene.caption


def test_a_network_of_any_size_is_drawn_at_once():
    wide = nn.Sequential(nn.Dense(20_000, 300, rng=0), nn.Dense(300, 1, rng=1))
    assert len(viz.network(wide, weights=True).svg()) < 50_000
    deep = nn.Sequential(*(nn.Dense(3, 3, rng=l) for l in range(200)))
    assert len(viz.network(deep).svg()) < 50_000
    assert "194 layers more" in viz.network(deep, "layers").svg()


def test_one_dot_a_layer_from_the_inputs_to_the_cost():
    scene = viz.network(dense(4, 6, 3, 2), "layers", cost=True).scene
    assert [v.id for v in scene.vertices] == ["A[0]", "A[1]", "A[2]", "A[3]", "J"]
    assert [(e.tail, e.head) for e in scene.edges] == list(itertools.pairwise(v.id for v in scene.vertices))


def test_all_predictions_lead_to_the_cost():
    scene = viz.network(dense(2, 3), cost=True).scene
    assert [e.tail for e in scene.edges if e.head == "J"] == ["a[1][1]", "a[1][2]", "a[1][3]"]


# One unit and its neighbours.


def test_the_lines_into_a_unit_are_the_terms_of_equation_1():
    net = dense(4, 6, 3, 2)
    units = nn.units(net, X1)
    for l, j in ((1, 4), (2, 2), (3, 1)):
        picture = viz.neuron(net, l, j, x=X1)
        strong = {e.tail: e for e in picture.scene.edges if e.emphasis == "strong"}
        fan = units.fan_in[f"z[{l}][{j}]"]
        assert set(strong) == {name for name in fan if name.startswith("a")}
        for tail, edge in strong.items():
            assert edge.label.endswith(f"= {number(fan[tail])}")
        terms = [read(line.split()[-1]) for line in picture.text().splitlines()[1:]]
        assert sum(terms) == pytest.approx(float(units[f"z[{l}][{j}]"]), abs=2e-3)


def test_the_lines_out_of_a_unit_are_the_terms_of_equation_21():
    net = dense(4, 6, 3, 2)
    units = nn.units(net, X1, [1.0, 0.0])
    for l, j in ((0, 2), (1, 5), (2, 3)):
        picture = viz.neuron(net, l, j, "out", x=X1, y=[1.0, 0.0])
        strong = {e.tail: e for e in picture.scene.edges if e.emphasis == "strong"}
        assert {name.replace("a", "z") for name in strong} == set(units.fan_out[f"a[{l}][{j}]"])
        assert all(e.kind == "backward" and e.head == f"a[{l}][{j}]" for e in strong.values())
        terms = [read(line.split()[-1]) for line in picture.text().splitlines()[1:]]
        assert sum(terms) == pytest.approx(units.adjoints[f"a[{l}][{j}]"], abs=2e-3)
        formula = next(v.label for v in picture.scene.vertices if v.id == "formula")
        assert formula.endswith(f"= {number(units.adjoints[f'a[{l}][{j}]'])}")


def test_without_an_example_a_fan_shows_symbols():
    scene = viz.neuron(dense(3, 3, 3, 3), 2, 1).scene
    assert [e.label for e in scene.edges if e.label] == [f"w^{{[2]}}_{{1,{k}}}" for k in (1, 2, 3)]
    assert all(e.weight is None for e in scene.edges)
    faint = {v.id for v in scene.vertices if v.emphasis == "faint"}
    assert faint == {"a[2][2]", "a[2][3]"}


def test_a_single_unit_adds_up_to_its_z():
    net = dense(4, 6, 1)
    net.dense[1].b.data[:] = 0.25
    lines = viz.unit(net, 2, 1, x=X1).text().splitlines()[1:]
    values = {name: read(value) for name, value in (line.split() for line in lines)}
    total = sum(values[f"a[1][{k}]"] * values[f"W[2][1,{k}]"] for k in range(1, 7)) + values["b[2][1]"]
    assert total == pytest.approx(values["z[2][1]"], abs=1e-3)
    assert values["a[2][1]"] == pytest.approx(1 / (1 + math.exp(-values["z[2][1]"])), abs=1e-3)


def test_the_bias_of_a_unit_is_a_line_from_one():
    scene = viz.unit(dense(3, 1), 1, 1).scene
    assert [(e.id, e.tail) for e in scene.edges if e.tail == "1"] == [("b[1][1]", "1")]
    assert not [e for e in viz.unit(dense(3, 1, bias=False), 1, 1).scene.edges if e.tail == "1"]


# Layers.


def test_the_boxes_of_a_layer_have_what_the_trace_of_it_has():
    net = dense(4, 5, 3, last="softmax")
    X, Y = np.ones((4, 7)), np.eye(3)[:, [0, 1, 2, 0, 1, 2, 0]]
    trace = net.trace(X, Y)
    for l in (1, 2):
        scene = viz.layer(net, l, trace).scene
        ends = {(e.tail, e.head) for e in scene.edges}
        ahead, back, given = f"forward[{l}]", f"backward[{l}]", trace.layer(l)
        assert ends == (
            {(name, ahead) for name in given.forward_in}
            | {(ahead, name) for name in given.forward_out}
            | {(ahead, back)}
            | {(name, back) for name in given.backward_in}
            | {(back, name) for name in given.backward_out}
        )
        details = {v.id: v.details for v in scene.vertices}
        for name, value in trace.items():
            if name in details and name != "J":
                assert details[name][0] == str(value.shape)
                assert read(details[name][1].split()[1]) == pytest.approx(np.linalg.norm(value), rel=1e-3)


def test_the_chain_of_layers_ends_in_the_cost_and_comes_back():
    net = dense(4, 5, 1)
    ends = {(e.tail, e.head) for e in viz.layer(net).scene.edges}
    for way in (
        ["A[0]", "forward[1]", "A[1]", "forward[2]", "A[2]", "J"],
        ["J", "dA[2]", "backward[2]", "dA[1]", "backward[1]", "dA[0]"],
    ):
        assert set(itertools.pairwise(way)) <= ends


def test_dropout_stands_between_layers():
    net = nn.Sequential(nn.Dense(2, 3, "tanh"), nn.Dropout(0.5, rng=0), nn.Dense(3, 1, "sigmoid"))
    labels = {v.id: plain(v.label) for v in viz.layer(net).scene.vertices}
    assert labels["A[1]"] == "A[1] → Ã[1]"
    assert labels["forward[2]"] == "Z[2] = W[2] Ã[1] + b[2]"
    net.eval()
    assert "Ã" not in viz.layer(net).text()
    trace = net.trace(np.ones((2, 3)), np.ones((1, 3)))
    assert "Ã" not in viz.layer(net, trace=trace).text()


# The way back.


@pytest.mark.parametrize("widths", [(4, 1), (4, 6, 1), (4, 3, 3, 2), (4, 2, 3, 2, 2)])
def test_the_product_along_a_path_is_its_term_of_the_sum_over_paths(widths):
    net, y = dense(*widths), np.arange(widths[-1]) % 2.0
    units = nn.units(net, X1, y)
    for way in itertools.islice(itertools.product(*(range(1, n + 1) for n in reversed(widths))), 0, None, 5):
        lines = viz.backpropagation(net, X1, y, path=way).text().splitlines()
        product = read(lines[-2].split()[-1])
        ahead = way[::-1]
        through = {f"z[{l}][{j}]" for l, j in enumerate(ahead) if l}
        terms = [
            path.product for path in units.paths(f"W[1][{ahead[1]},{ahead[0]}]") if through < set(path.names)
        ]
        assert product == pytest.approx(sum(terms), rel=1e-3, abs=1e-12)
        assert read(lines[-1].split()[-1]) == pytest.approx(
            units.adjoints[f"W[1][{ahead[1]},{ahead[0]}]"], rel=1e-3
        )


def test_a_line_on_the_path_shows_the_derivative_by_its_weight():
    net = dense(4, 6, 3, 2)
    units = nn.units(net, X1, [1.0, 0.0])
    scene = viz.backpropagation(net, X1, [1.0, 0.0], path=(2, 3, 5, 4)).scene
    on_path = [e for e in scene.edges if e.label]
    assert [e.id for e in on_path] == ["W[3][2,3]", "W[2][3,5]", "W[1][5,4]"]
    for edge in on_path:
        assert edge.label.endswith(f"= {number(units.adjoints[edge.id])}")
    for edge in scene.edges:
        if edge.id in units:
            assert edge.tooltip.endswith(f"= {number(units.adjoints[edge.id])}")


def test_units_on_the_way_back_show_their_delta_from_the_loss_to_the_inputs():
    net = dense(4, 6, 1)
    units = nn.units(net, X1, [1.0])
    picture = viz.backpropagation(net, X1, [1.0])
    for v in picture.scene.vertices:
        if v.label.startswith("δ"):
            assert v.details[0] == number(units.adjoints[v.id.replace("a", "z")])
    x = {name: box.x for name, box in picture.layout.vertices.items()}
    assert x["J"] < x["a[2][1]"] < x["a[1][1]"] < x["a[0][1]"]


def test_softmax_outputs_are_carried_back_as_one_delta():
    net = dense(4, 3, 3, last="softmax")
    units = nn.units(net, X1, [0.0, 1.0, 0.0])
    text = viz.backpropagation(net, X1, [0.0, 1.0, 0.0], path=(1, 2, 3)).text()
    assert f"∂J/∂z[2][1] {number(units.adjoints['z[2][1]'])}" in " ".join(text.split())
