"""Terms in print: brackets exactly where they are needed, in text, in LaTeX and in source."""

from __future__ import annotations

import numpy as np
import pytest
from derive_golden import derivation
from hypothesis import given, settings, strategies as st
from text_reader import read, read_entry

from autograd_core.derivations.algebra.terms import Algebra, value, walk
from autograd_core.derivations.writing.constants import numeral
from autograd_core.derivations.writing.dialects import written
from autograd_core.derivations.writing.in_program import Code
from autograd_core.derivations.writing.in_text import Text
from autograd_core.derivations.writing.indices import in_indices
from autograd_core.wording.notation import spell

algebra = Algebra()
SHAPES = {"A": (3, 3), "B": (3, 3), "W[1]": (3, 3), "r": (1, 3), "t": (3, 1), "c": (), "m": ()}
SYMBOLS = {name: algebra.symbol(name, shape) for name, shape in SHAPES.items()}
A, B, W, r, b, c, m = SYMBOLS.values()
rng = np.random.default_rng(0)
VALUES = {name: rng.uniform(0.5, 1.5, shape) for name, shape in SHAPES.items()}
GIVEN = {symbol: VALUES[name] for name, symbol in SYMBOLS.items()}
SOFTMAX = {"axis": (0,)}


def made(op, x, y):
    """A term of two others, or the first where they do not fit."""
    matrices = len(x.shape) == len(y.shape) == 2
    shape = np.broadcast_shapes(x.shape, y.shape)
    match op:
        case "add":
            return algebra.add(x, y)
        case "subtract":
            return algebra.add(x, algebra.negative(y))
        case "multiply":
            return algebra.multiply(x, y)
        case "divide":
            return algebra.multiply(x, algebra.power(y, -1))
        case "matmul":
            return algebra.matmul(x, y) if matrices and x.shape[1] == y.shape[0] else x
        case "transpose":
            return algebra.transpose(x) if matrices and x.shape == (3, 3) else x
        case "columns" | "rows" if x.shape == (3, 3):
            return algebra.sum(x, (int(op == "rows"),), True)
        case "total":
            return algebra.sum(x, tuple(range(len(x.shape))), False)
        case "softmax" if x.shape == (3, 3):
            return algebra.apply(op, [x], {"axis": (len(y.shape) // 2,)}, x.shape)
        case "greater" | "xdivy":
            return algebra.apply(op, [x, y], {}, shape)
        case "where":
            condition = algebra.apply("greater", [x, algebra.number(1.0)], {}, x.shape)
            return algebra.apply("where", [condition, x, y], {}, shape)
        case "tanh":
            return algebra.apply(op, [algebra.multiply(c, x)], {}, x.shape)  # tanh of truths is float16
        case float():
            return algebra.power(x, op)
    return x


OPS = ["add", "subtract", "multiply", "divide", "matmul", "transpose", "columns", "rows", "total"]
OPS += ["softmax", "greater", "xdivy", "where", "tanh", 2.0, 3.0, -1.0, -2.0, 0.5, 1.5, -0.5]
numbers = st.sampled_from([1.0, -1.0, 0.5, 2.0, 1 / 3, 2**0.5, -0.01, 0.1 * 7]).map(algebra.number)
terms = st.recursive(
    st.one_of(st.sampled_from([*SYMBOLS.values()]), numbers),
    lambda inner: st.builds(made, st.sampled_from(OPS), inner, inner),
    max_leaves=8,
)


def in_source(term):
    """A term as NumPy source, in one expression."""
    code = Code({symbol: spell(name, "numpy") for name, symbol in SYMBOLS.items()}, (), shape_of, "float")
    for part in walk(term):
        code.read(part)
    return code.text(term)


def shape_of(term):
    return str(term.shape)


def same(found, term, text, digits=1e-9):
    with np.errstate(all="ignore"):
        wanted = value(term, GIVEN)
    if np.all(np.isfinite(wanted)) and np.abs(wanted).max() < 1e6:
        np.testing.assert_allclose(found * 1.0, wanted, rtol=digits, atol=digits, err_msg=f"{term}: {text}")


@settings(max_examples=400, deadline=None)
@given(term=terms)
def test_source_computes_the_term(term):
    source = in_source(term)
    names = {"np": np, "softmax": softmax, "xdivy": np.divide, "W1": VALUES["W[1]"]}
    with np.errstate(all="ignore"):
        same(np.asarray(eval(source, names | VALUES)), term, source)


def softmax(x, axis):
    shares = np.exp(x * 1.0 - x.max(axis=axis, keepdims=True))
    return shares / shares.sum(axis=axis, keepdims=True)


@settings(max_examples=400, deadline=None)
@given(term=terms.filter(lambda term: "broadcast(" not in written(term)))  # which does not say how far
def test_text_read_by_the_rules_of_mathematics_is_the_term(term):
    text = written(term)
    with np.errstate(all="ignore"):
        same(np.asarray(read(text, VALUES)), term, text, digits=1e-4)


def test_a_bracket_left_out_is_noticed(monkeypatch):
    text = written(algebra.multiply(algebra.add(A, B), W))
    monkeypatch.setattr(Text, "_bracketed", lambda _self, piece, _least: piece.text)
    bare = written(algebra.multiply(algebra.add(A, B), W))
    assert bare == text.replace("(", "").replace(")", "")
    assert not np.allclose(read(bare, VALUES), read(text, VALUES))


PRINTED = [
    (lambda a: a.multiply(a.number(-0.5), A), "−A / 2", r"-\frac{1}{2} A"),
    (lambda a: a.multiply(a.number(1 / 3), A), "A / 3", r"\frac{1}{3} A"),
    (lambda a: a.multiply(a.number(1e-5), A), "10⁻⁵ A", "10^{-5} A"),
    (lambda a: a.power(W, 2), "W[1]²", r"\left(W^{[1]}\right)^{2}"),
    (lambda a: a.power(A, 0.5), "√(A)", r"\sqrt{A}"),
    (lambda a: a.matmul(a.transpose(W), A), "W[1]ᵀ A", r"W^{[1]\top} \, A"),
    (
        lambda a: a.multiply(a.matmul(a.transpose(W), A), B),
        "(W[1]ᵀ A) ⊙ B",
        r"\left(W^{[1]\top} \, A\right) \odot B",
    ),
    (
        lambda a: a.multiply(A, a.power(B, -1), a.power(m, -1)),
        "(A / B) / m",
        r"\frac{1}{m} \frac{A}{B}",
    ),
    (
        lambda a: a.add(a.sum(A, (0,), True), r),
        "(Σ_axis=0 A) + r",
        r"\left(\sum_{\text{axis}=0} A\right) + r",
    ),
    (
        lambda a: a.add(r, a.negative(a.sum(A, (0,), True))),
        "r − Σ_axis=0 A",
        r"r - \sum_{\text{axis}=0} A",
    ),
    (lambda a: a.apply("softmax", [A], SOFTMAX, (3, 3)), "softmax(A)", r"\operatorname{softmax}(A)"),
    (
        lambda a: a.apply("softmax", [A], {"axis": (1,)}, (3, 3)),
        "softmax_axis=1(A)",
        r"\operatorname{softmax}_{\text{axis}=1}(A)",
    ),
    (lambda a: a.broadcast(a.number(1.0), (3, 12)), "𝟏₃ₓ₁₂", r"\mathbf{1}_{3 \times 12}"),
    (
        lambda a: a.negative(a.apply("greater", [A, a.number(0.0)], {}, (3, 3))),
        "−(A > 0)",
        r"-\operatorname{I}\left(A > 0\right)",
    ),
]


@pytest.mark.parametrize(("make", "text", "latex"), PRINTED, ids=[text for _, text, _ in PRINTED])
def test_a_formula_looks_as_in_a_book(make, text, latex):
    term = make(algebra)
    assert written(term) == text
    assert written(term, "latex") == latex


@given(p=st.integers(1, 1000), q=st.integers(1, 1000))
def test_a_fraction_is_written_as_one(p, q):
    above, below = numeral(p / q)
    assert float(above) / float(below or 1) == pytest.approx(p / q, rel=1e-15)


@given(number=st.floats(1e-3, 1e3))
def test_a_number_in_print_is_right_to_six_digits(number):
    above, below = (read(side or "1", {"π": np.pi}) for side in numeral(number))
    assert above / below == pytest.approx(number, rel=1e-5)


def test_a_formula_shared_many_times_over_is_cut_and_not_written_out():
    x = A
    for _ in range(60):
        x = algebra.apply("tanh", [algebra.multiply(algebra.add(x, b), algebra.add(x, r))], {}, (3, 3))
    assert "…" in written(x)
    assert len(written(x, "latex")) < 20_000
    left, right = in_indices(A, x, "", [])
    assert (left, "…" in right) == ("aⱼᵢ", True)


# Entry by entry


@settings(max_examples=200, deadline=None)
@given(term=terms.filter(lambda term: "broadcast(" not in written(term)))
def test_every_entry_is_what_the_formula_with_indices_says(term):
    Z = algebra.symbol("Z", term.shape)
    left, right = in_indices(Z, term, "", [])
    longer = [axis for axis, n in enumerate(term.shape) if n > 1]
    assert left == ("z" if term.shape else "Z") + "ⱼᵢ"[: len(longer)]
    with np.errstate(all="ignore"):
        wanted = np.broadcast_to(value(term, GIVEN), term.shape)
        for place in np.ndindex(term.shape):
            index = {letter: place[axis] for letter, axis in zip("ⱼᵢ", longer)}
            found = read_entry(right, VALUES, index)
            if np.isfinite(wanted[place]) and np.abs(wanted).max() < 1e6:
                assert found == pytest.approx(float(wanted[place]), rel=1e-3, abs=1e-3), right


def test_a_gradient_entry_by_entry_is_that_of_the_notes():
    found = derivation(["tanh", "softmax"], "cross_entropy", detail="scalar")
    assert str(found).splitlines()[1:] == [
        "∂J/∂zⱼᵢ[2] = (aⱼᵢ[2] − yⱼᵢ) / m         (17)",
        "∂J/∂wⱼₖ[2] = Σᵢ ∂J/∂zⱼᵢ[2] aₖᵢ[1]       (13)",
        "∂J/∂bⱼ[2]  = Σᵢ ∂J/∂zⱼᵢ[2]              (14)",
        "∂J/∂aₖᵢ[1] = Σⱼ ∂J/∂zⱼᵢ[2] wⱼₖ[2]       (21)",
        "∂J/∂zⱼᵢ[1] = ∂J/∂aⱼᵢ[1] (1 − aⱼᵢ[1]²)   (17)",
        "∂J/∂wⱼₖ[1] = Σᵢ ∂J/∂zⱼᵢ[1] xₖᵢ          (13)",
        "∂J/∂bⱼ[1]  = Σᵢ ∂J/∂zⱼᵢ[1]              (14)",
    ]
