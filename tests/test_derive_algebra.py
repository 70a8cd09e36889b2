"""The algebra behind `derive`: one normal form for equal formulas, and no step that numbers contradict."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from in_turn import each
from op_table import CASES

import autograd_core as ag
import nn
from autograd_core.derivations.algebra import rules, simplify
from autograd_core.derivations.algebra.points import Point, agree
from autograd_core.derivations.algebra.terms import Algebra, value, walk
from autograd_core.derivations.deriving import equations as deriving

SHAPES = [(), (3,), (3, 3), (3, 1), (1, 3), (4, 3), (3, 4)]


class Formulas:
    """Random formulas, each made once in normal form and once in plain NumPy."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.algebra = Algebra()
        self.given = {}
        for i, shape in enumerate(SHAPES):
            symbol = self.algebra.symbol(f"s{i}", shape)
            self.given[symbol] = self.rng.uniform(0.5, 2.0, shape)
        self.pool = [*self.given.items(), (self.algebra.number(2.0), np.float64(2.0))]

    def grow(self, choice):
        """Apply an operation to members of the pool, if they fit."""
        a, x = self.pool[choice % len(self.pool)]
        b, y = self.pool[(choice // 7) % len(self.pool)]
        made = self._made(choice // 49 % 9, a, x, b, y)
        if made is not None and np.all(np.isfinite(made[1])) and np.max(np.abs(made[1]), initial=0) < 1e6:
            self.pool.append(made)

    def _made(self, operation, a, x, b, y):
        algebra = self.algebra
        if operation in (0, 1, 2):
            try:
                np.broadcast_shapes(x.shape, y.shape)
            except ValueError:
                return None
            if operation == 2:
                return algebra.multiply(a, algebra.power(b, -1)), x / y
            return (algebra.add(a, b), x + y) if operation else (algebra.multiply(a, b), x * y)
        if operation == 3 and x.ndim == 2:
            return algebra.transpose(a), x.T
        if operation == 4 and x.ndim and y.ndim and x.shape[-1] == y.shape[0]:
            return algebra.matmul(a, b), x @ y
        if operation == 5 and x.ndim:
            axis = (len(x.shape) - 1,)
            return algebra.sum(a, axis, True), x.sum(axis, keepdims=True)
        if operation == 6 and x.shape == (3,):
            return algebra.reshape(a, (3, 1)), x.reshape(3, 1)
        if operation == 7 and x.shape in ((3, 1), (1, 3)):
            return algebra.reshape(a, (3,)), x.reshape(3)
        if operation == 8:
            return algebra.negative(algebra.power(a, 2)), -(x**2)
        return None


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=25))
def test_a_normal_form_has_the_value_of_what_it_was_made_of(choices):
    formulas = Formulas(0)
    for choice in choices:
        formulas.grow(choice)
    for term, wanted in formulas.pool:
        assert term.shape == wanted.shape
        assert agree(term, Point(formulas.given), np.asarray(wanted)), term


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=5, max_size=25))
def test_each_way_of_shortening_keeps_the_value(choices):
    formulas = Formulas(1)
    for choice in choices:
        formulas.grow(choice)
    term, wanted = formulas.pool[-1]
    for change in (simplify.expanded, simplify.factored):
        assert agree(change(formulas.algebra, term), Point(formulas.given), np.asarray(wanted))
    for identity in rules.RULES:
        again = rules.rewritten(formulas.algebra, term, identity.rule)
        assert agree(again, Point(formulas.given), np.asarray(wanted)), identity.words


def symbols(algebra, *shapes):
    return [algebra.symbol("ABC"[i], shape) for i, shape in enumerate(shapes)]


@pytest.mark.parametrize("name", ["add", "multiply"])
def test_order_and_brackets_make_no_difference(name):
    algebra = Algebra()
    A, B, C = symbols(algebra, (2, 3), (2, 3), (2, 3))
    make = getattr(algebra, name)
    assert make(A, make(B, C)) is make(make(C, A), B)


def test_products_of_matrices_are_chains_and_transposes_stand_at_the_leaves():
    algebra = Algebra()
    A, B, C = symbols(algebra, (2, 3), (3, 4), (4, 2))
    assert algebra.matmul(A, algebra.matmul(B, C)) is algebra.matmul(algebra.matmul(A, B), C)
    turned = algebra.transpose(algebra.add(algebra.matmul(A, B), algebra.transpose(C)))
    products = [algebra.matmul(algebra.transpose(B), algebra.transpose(A)), C]
    assert turned is algebra.add(*products)


def test_vectors_are_columns_whatever_shape_numpy_gives_their_products():
    algebra = Algebra()
    x, A, y = symbols(algebra, (3,), (3, 4), (4,))
    assert algebra.matmul(x, A) is algebra.matmul(algebra.transpose(A), x)
    assert algebra.matmul(x, algebra.matmul(A, y)) is algebra.matmul(
        algebra.matmul(y, algebra.transpose(A)), x
    )
    outer = algebra.matmul(algebra.column(x), algebra.transpose(algebra.column(y)))
    assert algebra.matmul(outer, y) is algebra.multiply(algebra.matmul(y, y), x)


def test_inverses_and_the_identity_cancel():
    algebra = Algebra()
    A, B = symbols(algebra, (3, 3), (3, 3))
    inverse = algebra.apply("inv", [A], {}, (3, 3))
    assert algebra.matmul(inverse, A, B) is B
    assert algebra.matmul(algebra.identity(3), A) is A
    assert algebra.matmul(A, inverse) is algebra.identity(3)


@each("case", CASES)
def test_every_operation_is_derived_and_comes_to_what_was_recorded(case):
    rng = np.random.default_rng(0)
    out = case.call(*case.tensors(case.draw(rng)))
    if not out.requires_grad or not out.size:
        return
    derivation = ag.derive(ag.sum(out * ag.tensor(rng.standard_normal(out.shape), name="w")), notes=nn.NOTES)
    for equation in (*derivation.forward, *derivation.backward):
        found = value(equation.term, derivation.given)
        np.testing.assert_allclose(found, derivation.given[equation.symbol], rtol=1e-6, atol=1e-9)


def quadratic(fill=None):
    rng = np.random.default_rng(3)
    A = ag.tensor(rng.standard_normal((3, 3)), requires_grad=True, name="A")
    x = ag.tensor(rng.standard_normal(3) if fill is None else np.full(3, fill), requires_grad=True, name="x")
    return ag.sum(ag.tanh(A @ x) ** 2)


@pytest.mark.parametrize("fill", [None, 1.0], ids=["wrong everywhere", "right at the numbers recorded"])
def test_a_wrong_rule_is_found_out(monkeypatch, fill):
    def wrong(algebra, part):
        """Take the symbol x for 1."""
        return algebra.ones(part.shape) if part.params.get("name") == "x" else part

    identity = rules.Identity(wrong, "symbol", "every x is 1")
    monkeypatch.setattr(deriving, "RULES", (identity, *rules.RULES))
    derivation = ag.derive(quadratic(fill), notes=nn.NOTES)
    assert "every x is 1" not in derivation.steps("A")
    assert any(part.params.get("name") == "x" for part in walk(derivation["dA"].term))


def test_what_only_these_data_allow_is_said_in_a_line_of_its_own():
    rng = np.random.default_rng(0)
    net = nn.Sequential(nn.Dense(4, 3, "softmax", rng=0))
    X = ag.tensor(rng.standard_normal((4, 5)), name="X")
    Y = np.eye(3)[:, [0, 1, 2, 0, 1]]
    one_hot = ag.derive(nn.costs.cross_entropy(net(X), ag.tensor(Y, name="Y")), notes=nn.NOTES)
    assert "each column of Y sums to 1" in one_hot.steps("Z[1]")
    assert {*one_hot.assumed} == {"each column of Y sums to 1"}
    weighted = ag.derive(nn.costs.cross_entropy(net(X), ag.tensor(2 * Y, name="Y")), notes=nn.NOTES)
    assert "dZ[1] = ((A[1] ⊙ Σ_axis=0 Y) − Y) / m" in str(weighted)


def test_what_holds_for_any_data_is_not_called_an_assumption():
    x = ag.tensor([0.3, 1.0, -2.0], requires_grad=True, name="x")
    s = ag.softmax(x)
    s.name = "s"
    derivation = ag.derive(ag.sum(s), notes=nn.NOTES)
    assert not np.any(value(derivation["dx"].term, derivation.given))
    assert "the entries of s sum to 1" in derivation.steps("x")
    assert not derivation.assumed


def test_single_precision_is_enough_to_hold_a_formula_against():
    rng = np.random.default_rng(0)
    W = ag.tensor(rng.standard_normal((3, 4)).astype(np.float32), requires_grad=True, name="W")
    X = ag.tensor(rng.standard_normal((4, 7)).astype(np.float32), name="X")
    Y = ag.tensor(np.eye(3, dtype=np.float32)[:, [0, 1, 2, 0, 1, 2, 0]], name="Y")
    A = ag.softmax(W @ X, axis=0)
    A.name = "A"
    assert "dW = (A − Y) Xᵀ / m" in str(ag.derive(nn.costs.cross_entropy(A, Y), notes=nn.NOTES))


def test_names_used_twice_get_strokes_and_an_inner_cost_has_no_line():
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    inner = ag.sum(x**2)
    inner.name = "J"
    h = ag.exp(x)
    for _ in range(2):
        h.name = "h"
        h = ag.tanh(h)
    derivation = ag.derive(inner + ag.sum(h), notes=nn.NOTES)
    assert [*derivation] == ["J′", "h′", "h", "J", "dh", "dh′", "dx"]


@pytest.mark.parametrize(
    ("n", "factor", "wanted"),
    [
        (7, lambda n: 1 / n, "dx = 2 x / n"),  # the mean of seven
        (7, lambda n: 1 / (2 * n), "dx = x / n"),
        (2, lambda n: 1 / n, "dx = x"),  # a 2 is a 2
        (5, lambda n: 0.1, "dx = 0.2 x"),  # 0.1 of a sum of five, not half of its mean
    ],
    ids=["mean", "half a mean", "of two", "a tenth"],
)
def test_a_number_is_a_size_only_where_it_can_be_told(n, factor, wanted):
    x = ag.tensor(np.arange(1.0, n + 1), requires_grad=True, name="x")
    number = factor(n)
    total = ag.sum(x**2)
    J = total * number if number == 0.1 else total / round(1 / number)
    assert str(ag.derive(J, notes=nn.NOTES)) == wanted


def test_a_number_with_another_part_remains_a_number():
    x = ag.tensor(np.arange(1.0, 4.0), requires_grad=True, name="x")
    assert str(ag.derive(ag.sum(x**3) / 3, notes=nn.NOTES)) == "dx = x²"


def test_full_detail_goes_back_to_the_leaves():
    net = nn.Sequential(nn.Dense(4, 5, "tanh", rng=0), nn.Dense(5, 2, rng=1))
    X, Y = (ag.tensor(np.random.default_rng(i).standard_normal((4 - 2 * i, 7)), name="XY"[i]) for i in (0, 1))
    derivation = ag.derive(nn.costs.squared_error(net(X), Y), detail="full", notes=nn.NOTES)
    assert "dW[2] = (W[2] tanh(W[1] X + b[1]) + b[2] − Y) tanh(W[1] X + b[1])ᵀ / m" in str(derivation)
    assert {x.params["name"] for e in derivation.backward for x in walk(e.term) if x.head == "symbol"} <= {
        *("W[1]", "b[1]", "W[2]", "b[2]", "X", "Y", "m")
    }


def test_forms_are_the_lines_of_the_derivation():
    equation = ag.derive(quadratic(), notes=nn.NOTES)["dA"]
    assert equation.forms[-1] is equation.term
    assert equation.forms[0] is equation.steps[0].term


def chain(x):
    """A thousand operations, one after the other."""
    for _ in range(500):
        x = ag.sin(x) * 0.9
    return ag.sum(x)


def test_a_long_chain_is_cut_into_equations_of_bounded_length():
    derivation = ag.derive(chain(ag.tensor([1.0, 2.0], requires_grad=True, name="x")), notes=nn.NOTES)
    assert len(derivation) > 20
    assert max(e.term.size for e in derivation.values()) < 1000
    found = value(derivation["dx"].term, derivation.given)
    np.testing.assert_allclose(found, ag.grad(chain)(np.array([1.0, 2.0])), rtol=1e-12)


def recurrence(steps):
    """A recurrent network unrolled over many steps, without names for its states."""
    rng = np.random.default_rng(0)
    W = ag.tensor(rng.standard_normal((3, 3)) / 2, requires_grad=True, name="W")
    h = ag.tensor(rng.standard_normal((3, 5)), name="h")
    for _ in range(steps):
        h = ag.tanh(W @ h + rng.standard_normal((3, 1)))
    return ag.sum(h**2)


def calls(work):
    """How many Python functions are called."""
    count = 0

    def called(_frame, event, _arg):
        nonlocal count
        count += event == "call"

    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("detail", ["named", "full"])
def test_sixty_steps_more_are_the_same_work_however_many_there_were_before(detail):
    def work(steps):
        derivation = ag.derive(recurrence(steps), detail=detail, notes=nn.NOTES)
        return str(derivation), derivation.latex(), derivation.source()

    work(10)  # what is done once in a process
    counts = [calls(lambda n=n: work(n)) for n in (60, 120, 180)]
    assert counts[2] - counts[1] < 1.05 * (counts[1] - counts[0])
