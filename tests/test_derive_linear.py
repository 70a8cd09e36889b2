"""Equations take work and text in proportion to the graph, whether its values have names or not."""

from __future__ import annotations

import numpy as np
import pytest
from work_case import grows_linearly, shallow, work

import autograd_core as ag
import nn
from autograd_core.graph.node import topological_order


def _leaf(name, *shape):
    values = np.linspace(0.2, 0.9, int(np.prod(shape))).reshape(shape)
    return ag.tensor(values, requires_grad=True, name=name)


def _steps(step, named):
    """A chain of n steps from two numbers."""

    def chain(n):
        x = y = _leaf("x", 2)
        for i in range(n):
            y = step(y, x, i)
            if named:
                y.name = f"y{i}"
        return ag.sum(y)

    return chain


def _recurrent(named):
    def chain(n):
        W, U, h = _leaf("W", 3, 3), _leaf("U", 3, 2), ag.tensor(np.zeros((3, 4)), name="h0")
        for i in range(n):
            x = ag.tensor(np.linspace(i, i + 1, 8).reshape(2, 4), name=f"x{i}")
            h = ag.tanh(W @ h + U @ x)
            if named:
                h.name = f"h{i + 1}"
        return ag.mean(h**2)

    return chain


def _of_many_leaves(n):
    y = _leaf("w", 2)
    for i in range(n):
        y = ag.tanh(y * _leaf(f"w{i}", 2))
    return ag.sum(y)


STEPS = {
    "tanh": lambda y, x, i: ag.tanh(y),
    "an own part in each": lambda y, x, i: ag.sin(y) * ag.exp(-0.1 * y) + 0.1 * i,
    "itself twice": lambda y, x, i: 0.3 * y * y + 0.6 * y,
    "residual": lambda y, x, i: ag.tanh(y) + x,
    "maximum": lambda y, x, i: ag.maximum(0.9 * y + 0.1, 0.2),
    "where": lambda y, x, i: ag.where(y > 0.3, ag.tanh(y), y * y + 0.1),
    "sums": lambda y, x, i: y / (1 + ag.sum(y * y)),
    "picks": lambda y, x, i: ag.flip(ag.sort(ag.cos(y)), 0),
}
CHAINS = {
    **{f"{name}, unnamed": _steps(step, False) for name, step in STEPS.items()},
    **{f"{name}, named": _steps(STEPS[name], True) for name in ("tanh", "residual", "where")},
    "recurrent, unnamed": _recurrent(False),
    "recurrent, named": _recurrent(True),
    "a leaf in each step": _of_many_leaves,
}
VIEWS = {"text": str, "LaTeX": lambda d: d.latex(), "source": lambda d: d.source()}
CASES = [
    *((name, "named") for name in CHAINS),
    *((name, "full") for name in ("itself twice, unnamed", "residual, named", "where, unnamed")),
    *((name, "scalar") for name in ("where, named", "recurrent, unnamed")),
]
SIZES = {"named": 30, "scalar": 30, "full": 60}  # past those up to which formulas are taken apart


@pytest.mark.parametrize(("name", "detail"), CASES)
def test_deriving_and_writing_take_work_and_text_in_proportion_to_the_graph(name, detail):
    counts = {"deriving": [], **{view: [] for view in VIEWS}, "characters": []}
    for n in SIZES[detail] + 12 * np.array([0, 1, 3]):
        J, made = CHAINS[name](n), []
        counts["deriving"].append(
            work(lambda J=J, made=made: made.append(ag.derive(J, detail=detail, notes=nn.NOTES)))
        )
        for view, write in VIEWS.items():
            counts[view].append(work(lambda write=write, made=made: write(made[0])))
        counts["characters"].append(len(str(made[0])))
    assert [what for what, count in counts.items() if not grows_linearly(count)] == [], counts


@pytest.mark.parametrize(("name", "detail"), CASES)
def test_no_function_calls_itself_for_each_operation(name, detail):
    J = CHAINS[name](170)
    derivation = shallow(lambda: ag.derive(J, detail=detail, notes=nn.NOTES))
    for write in VIEWS.values():
        shallow(lambda write=write: write(derivation))


@pytest.mark.parametrize("name", CHAINS)
def test_a_long_program_gives_the_gradient(name):
    J = CHAINS[name](60)
    J.backward()
    derivation = ag.derive(J, notes=nn.NOTES)
    program = derivation.program()
    defined = {}
    exec(program.source, defined)
    found, gradients = defined["value_and_gradients"](**program.arguments)
    np.testing.assert_allclose(found, J.data, rtol=1e-12)
    leaves = [x for x in topological_order([J]) if x.is_leaf and x.requires_grad]
    for x in leaves:
        # a slope is 1 - y² there, with the rounding of 1
        np.testing.assert_allclose(gradients[f"d{x.name}"], x.grad, rtol=1e-9, atol=1e-15)
