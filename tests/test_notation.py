"""How operations are written: brackets where they are needed, and code that computes the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

import autograd_core as ag
from autograd_core.derivations.deriving.expression import expression
from autograd_core.wording.notation import (
    ATOM,
    POWER,
    PREFIX,
    PRODUCT,
    SUM,
    Notation,
    Written,
    applied,
    infix,
    postfix,
    prefix,
    reduction,
    spell,
    write,
)

DIALECTS = ("text", "latex", "numpy")
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)
A, B, C = map(Written, "ABC")


def notation(op):
    return ag.PRIMITIVES[op].notation


def written(tree, dialect):
    """Write a tree: a letter, or an operation with its operands."""
    if isinstance(tree, str):
        return Written(tree)
    op, *operands = tree
    return write(notation(op), dialect, [written(x, dialect) for x in operands], {})


def text(tree):
    return written(tree, "text").text


# Binding

BINDING = [
    (("multiply", ("add", "A", "B"), "C"), "(A + B) ⊙ C"),
    (("add", ("multiply", "A", "B"), "C"), "A ⊙ B + C"),
    (("add", "A", ("add", "B", "C")), "A + B + C"),
    (("subtract", "A", ("subtract", "B", "C")), "A − (B − C)"),
    (("subtract", ("subtract", "A", "B"), "C"), "A − B − C"),
    (("subtract", "A", ("add", "B", "C")), "A − (B + C)"),
    (("divide", "A", ("multiply", "B", "C")), "A / (B ⊙ C)"),
    (("divide", ("divide", "A", "B"), "C"), "A / B / C"),
    (("matmul", "A", ("add", "B", "C")), "A (B + C)"),
    (("matmul", ("matmul", "A", "B"), "C"), "A B C"),
    (("matmul", "A", ("multiply", "B", "C")), "A (B ⊙ C)"),
    (("matmul", ("multiply", "A", "B"), "C"), "(A ⊙ B) C"),
    (("matmul", "A", ("divide", "B", "C")), "A (B / C)"),
    (("transpose", ("matmul", "A", "B")), "(A B)ᵀ"),
    (("matmul", "A", ("transpose", "B")), "A Bᵀ"),
    (("power", ("negative", "A"), "B"), "(−A)^B"),
    (("negative", ("power", "A", "B")), "−A^B"),
    (("negative", ("add", "A", "B")), "−(A + B)"),
    (("negative", ("negative", "A")), "−(−A)"),
    (("multiply", ("negative", "A"), "B"), "(−A) ⊙ B"),
    (("tanh", ("add", "A", "B")), "tanh(A + B)"),
    (("power", ("power", "A", "B"), "C"), "(A^B)^C"),
    (("power", "A", ("power", "B", "C")), "A^(B^C)"),
    (("greater", ("add", "A", "B"), "C"), "A + B > C"),
    (("add", ("greater", "A", "B"), "C"), "(A > B) + C"),
    (("vdot", ("add", "A", "B"), "C"), "⟨A + B, C⟩"),
    (("absolute", ("add", "A", "B")), "|A + B|"),
]


@pytest.mark.parametrize(("tree", "wanted"), BINDING, ids=[wanted for _, wanted in BINDING])
def test_brackets_stand_where_they_are_needed_and_nowhere_else(tree, wanted):
    assert text(tree) == wanted


MATRICES = {letter: np.random.default_rng(i).uniform(0.5, 1.5, (2, 2)) for i, letter in enumerate("ABC")}
OPS = {
    "add": 2,
    "subtract": 2,
    "multiply": 2,
    "divide": 2,
    "matmul": 2,
    "negative": 1,
    "transpose": 1,
    "tanh": 1,
    "absolute": 1,
    "maximum": 2,
}


def trees(children):
    return st.sampled_from(list(OPS)).flatmap(lambda op: st.tuples(st.just(op), *[children] * OPS[op]))


expressions = st.recursive(st.sampled_from("ABC"), trees, max_leaves=8)


def value(tree):
    if isinstance(tree, str):
        return MATRICES[tree]
    op, *operands = tree
    return getattr(ag, op)(*(value(x) * 1.0 for x in operands)) * 1.0


@given(tree=expressions)
@example(tree=("matmul", "A", ("multiply", "B", "C")))
@example(tree=("multiply", "A", ("matmul", "B", "C")))
@example(tree=("matmul", ("multiply", "A", "B"), "C"))
@example(tree=("multiply", "A", ("divide", "B", "C")))
def test_the_numpy_dialect_of_a_nested_expression_computes_it(tree):
    source = written(tree, "numpy").text
    with np.errstate(all="ignore"):
        found, wanted = eval(source, {"np": np, **MATRICES}), value(tree)
    np.testing.assert_allclose(found * 1.0, wanted, rtol=1e-9, atol=1e-9, err_msg=f"{tree}: {source}")


@every_dialect
def test_every_operation_has_a_symbol_and_a_text_in_every_dialect(dialect):
    for name, operation in ag.PRIMITIVES.items():
        assert operation.notation.symbol, name
        assert getattr(operation.notation, dialect), name


# The makers


@every_dialect
def test_infix_stands_between_and_brackets_the_right_of_what_is_not_associative(dialect):
    plus, minus = infix("+", SUM), infix("-", SUM, associative=False)
    total = write(plus, dialect, [A, B], {})
    assert total == Written("A + B", SUM)
    assert write(plus, dialect, [C, total], {}).text == "C + A + B"
    assert write(minus, dialect, [total, C], {}).text == "A + B - C"
    left, right = (r"\left(", r"\right)") if dialect == "latex" else ("(", ")")
    assert write(minus, dialect, [C, total], {}).text == f"C - {left}A + B{right}"


def test_an_infix_with_no_sign_is_juxtaposition():
    times = infix("@", PRODUCT, text="", latex="", numpy="@")
    assert [write(times, dialect, [A, B], {}).text for dialect in DIALECTS] == [
        "A B",
        "A B",
        "A @ B",
    ]


def test_prefix_and_postfix_bracket_what_binds_less():
    minus, star = prefix("-"), postfix("*", latex="^*", numpy=".conj()")
    total = Written("A + B", SUM)
    assert write(minus, "text", [A], {}) == Written("-A", PREFIX)
    assert write(minus, "text", [total], {}).text == "-(A + B)"
    assert write(star, "latex", [total], {}).text == r"\left(A + B\right)^*"
    assert write(star, "numpy", [A], {}) == Written("A.conj()", ATOM)


def test_a_postfix_may_have_braces_in_latex():
    top = postfix("ᵀ", latex=r"^{\top}", numpy=".T")
    assert [write(top, dialect, [A], {}).text for dialect in DIALECTS] == ["Aᵀ", r"A^{\top}", "A.T"]


def test_applied_writes_parameters_by_name_and_leaves_out_those_that_are_off():
    f = applied("f", symbol="φ", latex=r"\varphi", numpy="pkg.f")
    operands, params = [Written("A + B", SUM), C], {"axis": 0, "shape": None, "keepdims": False}
    assert [write(f, dialect, operands, params).text for dialect in DIALECTS] == [
        "φ(A + B, C, axis=0)",
        r"\varphi(A + B, C, axis=0)",
        "pkg.f(A + B, C, axis=0)",
    ]
    assert f.symbol == "φ"


def test_a_reduction_names_its_axes():
    sigma = reduction("Σ", latex=r"\sum", numpy="np.sum")
    axes = {"axis": (0, 2), "keepdims": True}
    assert [write(sigma, dialect, [A], axes).text for dialect in DIALECTS] == [
        "Σ_axis=0,2 A",
        r"\sum_{\text{axis}=0,2} A",
        "np.sum(A, axis=(0, 2), keepdims=True)",
    ]
    assert write(sigma, "text", [Written("A + B", SUM)], axes).text == "Σ_axis=0,2 (A + B)"
    assert write(sigma, "text", [A], {"axis": None, "keepdims": False}).text == "Σ A"


def test_a_template_may_be_a_function_of_operands_and_parameters():
    def spelt(a, n):
        return f"{a}{'!' * n}"

    shout = Notation("!", spelt, spelt, spelt, POWER, (ATOM,))
    assert write(shout, "text", [Written("-A", PREFIX)], {"n": 2}) == Written("(-A)!!", POWER)


# Names


@pytest.mark.parametrize(
    ("name", "in_text", "latex", "numpy"),
    [
        ("W", "W", "W", "W"),
        ("W[1]", "W[1]", "W^{[1]}", "W1"),
        ("A[12]", "A[12]", "A^{[12]}", "A12"),
        ("b[L]", "b[L]", "b^{[L]}", "bL"),
        ("learning rate", "learning rate", r"\text{learning rate}", "learning_rate"),
        ("x_1", "x_1", r"\text{x\_1}", "x_1"),
        ("rate in %", "rate in %", r"\text{rate in \%}", "rate_in"),
    ],
)
def test_a_name_is_an_index_in_code_and_a_superscript_in_print(name, in_text, latex, numpy):
    assert [spell(name, dialect) for dialect in DIALECTS] == [in_text, latex, numpy]


@pytest.mark.parametrize("name", ["W[1]", "learning rate", "λ", "dJ/dW", "x'", "A-B", "50%", "lambda"])
def test_a_name_in_numpy_is_an_identifier(name):
    compile(f"{spell(name, 'numpy')} = 0", "<name>", "exec")


def test_every_special_character_of_latex_is_escaped():
    spelt = spell("a#b$c%d&e_f{g}", "latex")
    assert spelt == r"\text{a\#b\$c\%d\&e\_f\{g\}}"
    assert "\\textasciicircum" in spell("a^b", "latex")
    assert "\\textbackslash" in spell("a\\b", "latex")


def test_only_latex_is_written_with_its_commands():
    product = ag.tensor([1.0, 2.0], requires_grad=True, name="x") * np.ones(2)
    assert expression(product, dialect="numpy").text == "x * [2]"
    assert r"\mathtt{[2]}" in expression(product, dialect="latex").text
