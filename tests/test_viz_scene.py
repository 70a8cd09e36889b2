"""What stands in a picture: vertices and edges, read off the recorded graph."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st

import autograd_core as ag
import nn
import viz
from autograd_core.graph.node import Node, topological_order
from autograd_core.wording.errors import DtypeError, GraphError, ShapeError

RNG = np.random.default_rng(0)


STEPS = [
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, _: ag.tanh(a),
    lambda a, _: 1 - a,
    lambda a, b: ag.exp(a * 0.1) - b,
    lambda a, _: a * np.arange(3.0),
]


def dense_cost(*widths, activation="tanh"):
    layers = [nn.Dense(a, b, activation, rng=a * b) for a, b in itertools.pairwise(widths)]
    X = RNG.normal(size=(widths[0], 7))
    return nn.costs.squared_error(nn.Sequential(*layers)(X), np.ones((widths[-1], 7)))


def branching_cost():
    x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    w = ag.tensor([0.1, 0.2, 0.3], requires_grad=True, name="w")
    return ag.sum(x * x + ag.exp(x * w))


@st.composite
def graphs(draw):
    """Random DAGs: fan-out, shared operands, constants, some results named."""
    pool = [ag.tensor(RNG.normal(size=3), requires_grad=True, name=f"x{i}") for i in range(2)]
    for i in range(draw(st.integers(0, 9))):
        a, b = draw(st.sampled_from(pool)), draw(st.sampled_from(pool))
        result = draw(st.sampled_from(STEPS))(a, b)
        if draw(st.booleans()):
            result.name = f"h[{i}]"
        pool.append(result)
    return ag.sum(pool[-1] * pool[-2])


def by_id(picture):
    return {v.id: v for v in picture.scene.vertices}


@given(graphs())
def test_every_recorded_operation_is_drawn_once(J):
    vertices = viz.forward(J).scene.vertices
    assert len({v.id for v in vertices}) == len(vertices)
    steps = [v for v in vertices if v.role in {"operation", "activation"}]
    assert len(steps) == sum(not node.is_leaf for node in topological_order([J]))


@given(graphs())
def test_every_use_of_an_operand_is_an_edge(J):
    edges = viz.forward(J).scene.edges
    nodes = topological_order([J])
    uses = sum(
        isinstance(x, Node) or np.ndim(x) > 0 for node in nodes for x in node.inputs
    )  # plain numbers are written in the circle
    tails = [e.tail for e in edges if not e.tail.endswith("op")]
    assert len(tails) == uses
    assert {tail.partition("c")[0] for tail in tails} <= {f"v{i}" for i in range(len(nodes))}


@given(graphs())
def test_adjoint_edges_run_against_forward_paths(J):
    picture = viz.both(J)
    ahead = {}
    for e in picture.scene.edges:
        if e.kind == "forward":
            ahead.setdefault(e.tail, set()).add(e.head)
    vertices = by_id(picture)
    for e in picture.scene.edges:
        if e.kind == "backward":
            u, x = vertices[e.tail].of, vertices[e.head].of
            seen, stack = set(), [x]
            while stack:
                at = stack.pop()
                seen.add(at)
                stack.extend(ahead.get(at, set()) - seen)
            assert u in seen


@given(graphs())
def test_adjoints_are_the_gradients(J):
    found = {row.step: row.adjoint for row in viz.backward(J).rows}
    nodes = topological_order([J])
    J.backward(retain_grads=True)
    forward = {row.step: row.adjoint for row in viz.forward(J).rows}
    for i, node in enumerate(nodes):
        if node.is_leaf and node.requires_grad:
            written = [float(x.replace("−", "-")) for x in found[f"v{i}"].split(" / ")]
            expected = [float(x.replace("−", "-")) for x in forward[f"v{i}"].split(" / ")]
            np.testing.assert_allclose(written, expected, rtol=2e-3, atol=1e-12)


@given(graphs())
def test_caches_come_from_the_forward_and_lead_to_the_backward_pass(J):
    picture = viz.both(J)
    vertices = by_id(picture)
    for e in picture.scene.edges:
        if e.kind == "cache":
            assert vertices[e.tail].of is None
            assert vertices[e.head].of is not None


def test_dense_layer_reads_as_in_the_notes():
    scene = viz.both(dense_cost(4, 5, 3)).scene
    labels = {v.id: v.label for v in scene.vertices}
    steps = {(labels[e.tail], labels[e.head]): e.label for e in scene.edges if e.kind == "backward"}
    assert steps["∂J/∂A^{[2]}", "∂J/∂Z^{[2]}"] == "⊙ tanh′(Z^{[2]})"
    assert steps["∂J/∂Z^{[2]}", "∂J/∂W^{[2]}"] == "· A^{[1]T}"
    assert steps["∂J/∂Z^{[2]}", "∂J/∂b^{[2]}"] == "Σ_{axis=1}"
    assert steps["∂J/∂Z^{[2]}", "∂J/∂A^{[1]}"] == "W^{[2]T} ·"
    assert steps["∂J/∂Z^{[1]}", "∂J/∂W^{[1]}"] == "· A^{[0]T}"
    assert "A^{[0]} = X" in labels.values()
    assert "A^{[1]} = tanh(Z^{[1]})" in labels.values()


def test_general_and_identity_steps():
    Z = ag.tensor(RNG.normal(size=(3, 2)), requires_grad=True, name="Z")
    A = ag.softmax(Z, axis=0)
    A.name = "A"
    B = +A
    B.name = "B"
    labels = [e.label for e in viz.backward(ag.sum(B * B)).scene.edges]
    assert "softmax′(Z)^{T} ·" in labels
    assert "=" in labels


def test_square_keeps_both_edges():
    x = ag.tensor(3.0, requires_grad=True, name="x")
    scene = viz.both(x * x).scene
    for kind, ends in (("forward", ("v0", "v1op")), ("backward", ("d1", "d0sum"))):
        assert sum(e.kind == kind and (e.tail, e.head) == ends for e in scene.edges) == 2
    assert viz.forward(x * x).dot.count("v0 -> v1op") == 2


def test_layers_are_found_from_names():
    scene = viz.forward(dense_cost(4, 5, 3)).scene
    assert [c.title for c in scene.clusters] == ["layer 1", "layer 2"]
    inside = {v.label for v in scene.vertices if v.cluster == "layer1"}
    assert inside == {"W^{[1]}", "b^{[1]}", "@", "+", "Z^{[1]}", "A^{[1]} = tanh(Z^{[1]})"}


def test_nothing_of_the_user_is_changed():
    J = dense_cost(4, 5, 3)
    before = [(n.name, n.grad, n.value.copy()) for n in topological_order([J])]
    for draw in (viz.forward, viz.backward, viz.both):
        draw(J).text()
    for node, (name, grad, value) in zip(topological_order([J]), before, strict=True):
        assert node.name == name
        assert node.grad is grad
        np.testing.assert_array_equal(node.value, value)


def test_backward_works_before_after_and_without_recording():
    J = branching_cost()
    first = str(viz.backward(J).scene)
    with ag.no_grad():
        assert str(viz.backward(J).scene) == first
    J.backward()
    assert str(viz.backward(J).scene) == first


def test_same_program_same_bytes():
    first, second = (viz.both(branching_cost()) for _ in range(2))
    assert str(first.scene) == str(second.scene)
    assert first.dot == second.dot
    assert first.svg() == second.svg()


def test_golden_scene():
    assert str(viz.both(branching_cost()).scene) == (
        """\
forward and backward pass of J
backward backward: backward
forward forward: forward
v0 parameter: x | (3,) in forward
v1 parameter: w | (3,) in forward
v2 operation: ⊙ in forward
v3 operation: ⊙ in forward
v4 operation: exp in forward
v5 operation: + in forward
v6op operation: Σ in forward
v6 cost: J | 19.06 in forward
d6 adjoint: ∂J/∂J | 1 in backward
d1 parameter adjoint: ∂J/∂w | (3,) | ‖·‖ 8.036 in backward
d0sum sum: + in backward
d0 parameter adjoint: ∂J/∂x | (3,) | ‖·‖ 8.266 in backward
f0 forward: v0 -> v2
f1 forward: v0 -> v2
f2 forward: v0 -> v3
f3 forward: v1 -> v3
f4 forward: v3 -> v4
f5 forward: v2 -> v5
f6 forward: v4 -> v5
f7 forward: v5 -> v6op
f8 forward: v6op -> v6
b0 backward: d6 -> d1 ⊙ exp(x ⊙ w) ⊙ x
b1 backward: d6 -> d0sum ⊙ exp(x ⊙ w) ⊙ w
b2 backward: d6 -> d0sum ⊙ x
b3 backward: d6 -> d0sum ⊙ x
b4 backward: d0sum -> d0
c0 cache: v4 -> d0
c1 cache: v0 -> d0
c2 cache: v0 -> d1
c3 cache: v4 -> d1"""
    )


def test_adjoints_are_a_dash_until_they_are_computed():
    J = branching_cost()
    assert {row.adjoint for row in viz.forward(J).rows} == {"–"}
    assert "–" not in {row.adjoint for row in viz.backward(J).rows}
    J.backward()
    rows = {row.name: row.adjoint for row in viz.forward(J).rows}
    assert rows["x"] != "–"
    assert rows["J"] == "–"


@pytest.mark.parametrize("draw", [viz.forward, viz.backward, viz.both])
def test_refuses_what_is_no_tensor(draw):
    with pytest.raises(DtypeError, match="float"):
        draw(0.5)


@pytest.mark.parametrize("draw", [viz.backward, viz.both])
def test_refuses_what_has_no_backward_pass(draw):
    with pytest.raises(GraphError, match="requires_grad"):
        draw(ag.tensor(1.0, name="x") * 2.0)
    with pytest.raises(ShapeError, match=r"\(2,\)"):
        draw(ag.tensor([1.0, 2.0], requires_grad=True) * 2.0)


def test_one_leaf_only():
    x = ag.tensor(2.0, requires_grad=True, name="x")
    assert [v.label for v in viz.both(x).scene.vertices] == ["x", "∂x/∂x"]
    assert viz.both(x).svg().count("<rect") >= 4
