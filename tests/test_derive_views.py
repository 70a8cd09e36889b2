"""Equations in LaTeX documents, MathML, pages, notebooks and SymPy."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from derive_examples import EXAMPLES, derivations, hostile_names
from derive_golden import derivation

import autograd_core as ag
from autograd_core.derivations.algebra.terms import value
from autograd_core.derivations.derivation import derive
from autograd_core.wording.errors import OptionError
from autograd_core.wording.latex import latex_name

CORE = {"math", "merror", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow", "ms"}
CORE |= {"mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder"}
CORE |= {"munderover"}
ATTRIBUTES = {"display", "displaystyle", "fence", "form", "mathvariant", "stretchy", "style", "width"}
NETWORK = derivation(["tanh", "softmax"], "cross_entropy")


def test_a_gradient_is_written_with_d_or_as_a_partial_derivative():
    assert r"dW^{[2]} &= dZ^{[2]} \, A^{[1]\top}" in NETWORK.latex()
    line = r"\frac{\partial J}{\partial \mathbf{W}^{[2]}} &= \frac{\partial J}{\partial \mathbf{Z}^{[2]}} \, "
    assert line + r"\mathbf{A}^{[1]\top}" in NETWORK.latex("partial")


def test_another_style_is_refused_by_name():
    with pytest.raises(OptionError, match="unknown style 'bold': there are d, partial"):
        NETWORK.latex("bold")


def balanced(latex):
    """Whether braces, \\left and \\right, and environments match."""
    braces = re.sub(r"\\.", "", latex)
    depth = np.cumsum([{"{": 1, "}": -1}.get(c, 0) for c in braces])
    same = latex.count(r"\left") - latex.count(r"\leftarrow") == latex.count(r"\right")
    return not depth[-1] and depth.min() >= 0 and same and latex.count(r"\begin") == latex.count(r"\end")


def test_latex_is_balanced_and_no_base_has_two_superscripts():
    for found in derivations():
        for style in ("d", "partial"):
            latex = found.latex(style)
            assert balanced(latex), latex
            assert not re.search(r"\^\{[^{}]*(\{[^{}]*\})?[^{}]*\}\s*\^", latex), latex
            assert not re.search(r"_\{[^{}]*\}\s*_", latex), latex


@pytest.mark.skipif(
    not shutil.which("lualatex"), reason="no TeX here; docs/check_latex.py uses KaTeX as well"
)
def test_a_document_compiles(tmp_path):
    (tmp_path / "gradients.tex").write_text(NETWORK.document())
    command = ["lualatex", "-halt-on-error", "-interaction=nonstopmode", "gradients.tex"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


def test_mathml_is_well_formed_and_of_the_core_that_browsers_draw():
    pytest.importorskip("latex2mathml")
    for found in derivations():
        root = ET.fromstring(found.mathml())
        for element in root.iter():
            assert element.tag.removeprefix("{http://www.w3.org/1998/Math/MathML}") in CORE
            assert set(element.attrib) <= ATTRIBUTES, element.attrib
            assert element.get("mathvariant", "normal") == "normal"
        rows = [row for row in root[0] if row.tag.endswith("mtr")]
        assert len(rows) == len(str(found).splitlines())


def test_a_name_that_is_markup_stays_a_name():
    pytest.importorskip("latex2mathml")
    root = ET.fromstring(derive(hostile_names()).mathml())
    assert "50% of {x}_1 & <b>" in "".join(root.itertext()).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("A", "A"),
        ("dW[12]", "dW^{[12]}"),
        ("U3", "U_{3}"),
        ("λ", r"\lambda"),
        ("gamma[1]", r"\gamma^{[1]}"),
        ("loss", r"\mathrm{loss}"),
        ("[2×3]", r"\mathtt{[2 \times 3]}"),
        ("a_b", r"\text{a\_b}"),
        ("\\input{x}", r"\text{\textbackslash{}input\{x\}}"),
    ],
)
def test_a_name_in_latex_is_spelt_as_people_do(name, latex):
    assert latex_name(name) == latex


def test_a_page_needs_nothing_else():
    pytest.importorskip("latex2mathml")
    page = NETWORK.html()
    assert page.startswith("<!DOCTYPE html>")
    assert "<script" not in page
    assert "src=" not in page
    assert "href=" not in page
    ET.fromstring(page.removeprefix("<!DOCTYPE html>").replace('<meta charset="utf-8">', ""))


def without(monkeypatch, package):
    """As if a package were not installed."""
    for module in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    real = importlib.import_module

    def missing(name, *args):
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(importlib, "import_module", missing)


def test_without_the_package_a_notebook_shows_text_and_mathml_says_what_is_missing(monkeypatch):
    without(monkeypatch, "latex2mathml")
    assert NETWORK._repr_html_().startswith("<pre>dA[2] = ")
    with pytest.raises(OptionError, match=r"autograd-core\[mathml\]"):
        NETWORK.mathml()


def test_a_notebook_gets_latex_too():
    latex = NETWORK._repr_latex_()
    assert latex.startswith("$$\\begin{aligned}")
    assert balanced(latex)


def test_sympy_is_asked_for_by_its_extra(monkeypatch):
    without(monkeypatch, "sympy")
    with pytest.raises(OptionError, match=r"autograd-core\[symbolic\]"):
        NETWORK.to_sympy()


def computed(sympy, expression, given):
    """The value of a SymPy expression at given arrays."""
    point = {}
    for term, array in given.items():
        array, name = np.asarray(array, float), term.params["name"]
        rows = array.reshape(len(array), -1) if array.ndim else array
        point[sympy.MatrixSymbol(name, *rows.shape) if array.ndim else sympy.Symbol(name)] = (
            sympy.Matrix(rows) if array.ndim else float(array)
        )
    found = expression.subs(point).doit()
    if not getattr(found, "is_Matrix", False):
        return float(found.evalf())
    return np.array(found.as_explicit().evalf().tolist(), float)


CASES = {
    "tanh": lambda: derivation(["tanh", "sigmoid"], "binary_cross_entropy"),
    "relu": lambda: derivation(["relu", "softmax"], "cross_entropy"),
    "leaky_relu": lambda: derivation(["leaky_relu", "identity"], "squared_error"),
    "quadratic form": lambda: derive(EXAMPLES[0]()),
    "determinant": lambda: derive(ag.linalg.det(ag.tensor(np.eye(3) + 0.1, requires_grad=True, name="A"))),
}


@pytest.mark.parametrize("case", CASES)
def test_sympy_computes_the_same(case):
    sympy = pytest.importorskip("sympy")
    found = CASES[case]()
    for name, expression in found.to_sympy().items():
        wanted = value(found[name].term, found.given)
        got = np.reshape(computed(sympy, expression, found.given), wanted.shape)
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12, err_msg=f"{name} = {expression}")


def test_what_sympy_cannot_write_is_said_by_its_formula():
    pytest.importorskip("sympy")
    x = ag.tensor([1.0, 3.0, 2.0], requires_grad=True, name="x")
    with pytest.raises(OptionError, match="to_sympy: SymPy cannot write"):
        derive(ag.sum(ag.sort(x) * np.arange(3.0))).to_sympy()
