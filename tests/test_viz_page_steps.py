"""The steps of both passes, before they are written as a page."""

import re

import numpy as np
import pytest
from hypothesis import given
from test_viz_scene import branching_cost, dense_cost, graphs

import autograd_core as ag
from autograd_core.graph.node import topological_order
from viz.figures.graph import ladder
from viz.scene.backward_pass import sweep
from viz.scene.labels import number
from viz.scene.record import read
from viz.stepper.numbers import entries
from viz.stepper.steps import every_value_named, steps
from viz.style.mathml import mathml
from viz.writers.heat_map import heat_map


def levels(J):
    """Named values alone, and every operation: the record and its steps by identifier."""
    for record in (read(J), every_value_named(read(J))):
        done = sweep(record)
        scene = ladder(record, done)
        yield record, scene, {step.id: step for step in steps(record, done, scene)}


@given(graphs())
def test_every_recorded_operation_is_one_step(J):
    *_, (record, _, found) = levels(J)
    forward = [step.id for step in found.values() if not step.is_backward]
    computed = [record.ids[node] for node in record.nodes if not node.is_leaf]
    assert [at for at in forward if at in computed] == computed
    assert len(set(forward)) == len(forward)


@given(graphs())
def test_numbers_are_those_of_the_engine(J):
    nodes = topological_order([J])
    J.backward(retain_grads=True)
    for record, _, found in levels(J):
        for node in nodes:
            if (step := found.get(record.ids[node])) is not None:
                np.testing.assert_array_equal(step.value, node.value)
            if (step := found.get(f"d{record.ids[node][1:]}")) is not None:
                grad = node.grad if node.grad is not None else np.ones(node.shape)
                np.testing.assert_allclose(step.value, getattr(grad, "value", grad), rtol=1e-12)


@given(graphs())
def test_every_adjoint_belongs_to_a_forward_step_and_every_path_to_a_use(J):
    for _, _, found in levels(J):
        for step in found.values():
            for source in step.sources if step.is_backward else ():
                u, x = found[f"v{source.step[1:]}"], f"v{step.id[1:]}"
                assert x in {operand.step for operand in u.sources}


@given(graphs())
def test_what_the_paths_add_is_the_adjoint(J):
    for _, _, found in levels(J):
        for step in found.values():
            if step.is_backward and step.sources:
                total = sum(np.asarray(source.value) for source in step.sources)
                np.testing.assert_allclose(np.broadcast_to(total, step.value.shape), step.value, rtol=1e-12)


@given(graphs())
def test_nothing_is_used_before_it_is_computed(J):
    for _, _, found in levels(J):
        seen = set()
        for step in found.values():
            assert {source.step for source in step.sources} <= seen
            assert {source.step for source in step.reads} <= seen
            seen.add(step.id)


@given(graphs())
def test_every_part_of_the_picture_belongs_to_one_step(J):
    for _, scene, found in levels(J):
        marks = [mark for step in found.values() for mark in step.marks]
        assert sorted(marks) == sorted([*(v.id for v in scene.vertices), *(e.id for e in scene.edges)])


def test_a_dense_layer_reads_as_in_the_notes():
    (_, _, found), _ = levels(dense_cost(4, 5, 3))
    formulas = {step.label: step.formula for step in found.values()}
    assert formulas["Z^{[1]}"] == "W^{[1]} A^{[0]} + b^{[1]}"
    assert formulas["∂J/∂W^{[1]}"] == "∂J/∂Z^{[1]} A^{[0]T}"  # (15)
    assert formulas["∂J/∂b^{[1]}"] == "Σ_{axis=1} ∂J/∂Z^{[1]}"  # (16)
    assert formulas["∂J/∂A^{[1]}"] == "W^{[2]T} ∂J/∂Z^{[2]}"  # (22)
    order = [step.label for step in found.values() if step.is_backward]
    assert order[-4:] == ["∂J/∂A^{[1]}", "∂J/∂Z^{[1]}", "∂J/∂W^{[1]}", "∂J/∂b^{[1]}"]


def test_paths_that_meet_are_added():
    (_, _, found), _ = levels(branching_cost())
    step = found["d0"]
    assert len(step.sources) == 3
    assert step.formula.count(" + ") == 2


def test_a_formula_too_long_to_read_names_only_its_operands():
    x = ag.tensor(0.5, requires_grad=True, name="x")
    y = x
    for _ in range(100):
        y = ag.tanh(y) + x
    (_, _, found), _ = levels(y)
    assert found["v200"].formula == "f(x)"


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("Σ_{axis=1} Z", "<munder><mo>∑</mo><mrow><mtext>axis=1</mtext></mrow></munder><mi>Z</mi>"),
        ("2.5e−3", "<mn>2.5e−3</mn>"),
        ("g′(Z)^{T}", '<mi>g′</mi><mo>(</mo><mi>Z</mi><mo stretchy="false">)</mo>'),
        ("x_{1}^{2}", "<msubsup><mi>x</mi>"),
        ("</math><script>", "<mo>&lt;</mo><mo>/</mo>"),
        ("^ _ { }", "<mo>^</mo><mo>_</mo><mo>{</mo><mo>}</mo>"),
    ],
)
def test_formulas_are_set_as_mathml(markup, found):
    assert found in mathml(markup).replace("<msup>", "")


def test_a_table_says_what_it_leaves_out():
    x = np.arange(60.0).reshape(3, 20)
    html = "".join(entries(x))
    shown = re.findall(r"<td>([^<]*)</td>", html)
    assert shown == [number(entry) for entry in x[:, :8].ravel()]
    assert "the first 8 of 20 columns" in html
    assert "the first 6 of 14 rows and 8 of 9 columns" in "".join(entries(np.ones((14, 9))))
    assert "the first" not in "".join(entries(np.ones((6, 8))))
    assert "shape (2, 3, 4)" in "".join(entries(np.ones((2, 3, 4))))
    assert "empty" in "".join(entries(np.ones((0, 4))))
    assert len("".join(entries(np.random.default_rng(0).normal(size=(500, 700))))) < 12_000


@pytest.mark.parametrize("values", [[[np.nan, np.inf]], [[0.0, 0.0]], [[1e308, -1e308]], [[5e-324, 0.0]]])
def test_heat_maps_of_extreme_numbers(values):
    assert heat_map(values).startswith("data:image/png;base64,")


def test_a_heat_map_shows_sign_and_size():
    values = np.array([[1.0, -1.0], [0.0, 0.5]])
    assert heat_map(values) == heat_map(7 * values)
    assert len({heat_map(values), heat_map(-values), heat_map(np.abs(values))}) == 3
