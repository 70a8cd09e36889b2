"""Long equations in print: parts that come more than once have a name, and very long sums are cut."""

from __future__ import annotations

import numpy as np
import pytest
from derive_examples import EXAMPLES, attention, layer_normalisation, leaf, many_steps, recurrence
from derive_golden import derivation

import autograd_core as ag
import nn
from autograd_core.derivations.algebra.terms import Algebra, value, walk
from autograd_core.derivations.derivation import derive
from autograd_core.derivations.writing.sharing import shortened


def test_one_formula_in_the_inputs_falls_into_the_recurrence_of_the_notes():
    found = derivation(["tanh", "tanh", "softmax"], "cross_entropy", detail="full")
    assert str(found).splitlines() == [
        "T1    = tanh(W[1] X + b[1])",
        "T2    = tanh(W[2] T1 + b[2])",
        "T3    = softmax(W[3] T2 + b[3]) − Y",
        "dW[3] = T3 T2ᵀ / m",
        "db[3] = (Σ_axis=1 T3) / m",
        "T4    = (W[3]ᵀ T3) ⊙ (1 − T2²)",
        "dW[2] = T4 T1ᵀ / m",
        "db[2] = (Σ_axis=1 T4) / m",
        "T5    = (W[2]ᵀ T4) ⊙ (1 − T1²)",
        "dW[1] = T5 Xᵀ / m",
        "db[1] = (Σ_axis=1 T5) / m",
    ]
    assert r"T_{4} &= \left(W^{[3]\top} \, T_{3}\right) \odot \left(1 - T_{2}^{2}\right) \\" in found.latex()
    assert r"&= \frac{1}{m} \mathbf{T}_{4} \, \mathbf{T}_{1}^{\top} \\" in found.latex("partial")


def test_attention_and_layer_normalisation_are_readable_in_one_go():
    assert str(derive(attention(), detail="full", notes=nn.NOTES)).splitlines() == [
        "T1 = softmax_axis=1(Q Kᵀ / √3)",
        "T2 = tanh(T1 V)",
        "dV = T1ᵀ (1 − T2²)",
        "dQ = (T1 ⊙ ((1 − T2²) Vᵀ − Σ_axis=1 ((1 − T2²) Vᵀ) ⊙ T1)) K / √3",
        "dK = (T1ᵀ ⊙ (V (1 − T2ᵀ²) − Σ_axis=0 (V (1 − T2ᵀ²)) ⊙ T1ᵀ)) Q / √3",
    ]
    assert str(derive(layer_normalisation(), detail="full", notes=nn.NOTES)).splitlines()[:3] == [
        "T1     = X − (Σ_axis=0 X) / n",
        "T2     = (Σ_axis=0 T1²) / n + 10⁻⁵",
        "dgamma = 3 gamma² ⊙ Σ_axis=1 T1³ / T2^1.5",
    ]


def test_equations_that_fit_on_a_line_stay_as_they_are():
    found = derivation(["tanh", "softmax"], "cross_entropy", detail="full")
    line = "dW[2] = (softmax(W[2] tanh(W[1] X + b[1]) + b[2]) − Y) tanh(W[1] X + b[1])ᵀ / m"
    assert line in str(found).splitlines()
    assert "T1" not in str(derivation(["silu", "gelu", "softmax"], "cross_entropy"))


@pytest.mark.parametrize("example", [example for example in EXAMPLES if example is not many_steps])
def test_the_names_stand_for_what_they_replace(example):
    found = derive(example(), detail="full", notes=nn.NOTES)
    terms, given = [e.term for e in found.shown], dict(found.given)
    for term, (definitions, written) in zip(terms, shortened(found.algebra, terms, []), strict=True):
        for symbol, part in definitions:
            given[symbol] = value(part, given)
        np.testing.assert_array_equal(value(written, given), value(term, found.given))


def test_no_name_of_the_reader_is_taken():
    x, T1 = leaf("x", 3), leaf("T1", 3)
    inner = ag.tanh(x * T1 + x)
    J = ag.sum(inner * ag.exp(inner) * ag.sin(inner) * ag.cos(inner) * ag.sqrt(2 + inner))
    lines = str(derive(J, detail="full", notes=nn.NOTES)).splitlines()
    assert lines[0] == "T2  = tanh(x ⊙ (T1 + 1))"
    assert [line.split()[0] for line in lines][-2:] == ["dx", "dT1"]


def test_a_sum_over_many_steps_says_how_many_more_there_are():
    J = recurrence(300)
    found = derive(J, ["W"], notes=nn.NOTES)
    line = str(found).splitlines()[-1]
    assert line == (
        "dW    = (dh300 ⊙ (1 − h300²)) h299ᵀ + (dh299 ⊙ (1 − h299²)) h298ᵀ"
        " + (dh298 ⊙ (1 − h298²)) h297ᵀ + … (296 more) + (dh1 ⊙ (1 − h1²)) h0ᵀ"
    )
    made = {}
    exec(found.source(), made)
    _, gradients = made["value_and_gradients"](**found.program().arguments)
    wanted = found.given[found["dW"].symbol]
    np.testing.assert_allclose(gradients["dW"], wanted, rtol=0, atol=1e-9 * np.abs(wanted).max())


def test_what_stands_in_a_sum_that_is_cut_gets_no_name():
    algebra = Algebra()
    A, B, C = (algebra.symbol(name, (2, 2)) for name in "ABC")
    hidden = algebra.apply("tanh", [algebra.add(A, B, C)], {}, (2, 2))
    symbols = [algebra.symbol(f"x{i}", (2, 2)) for i in range(30)]
    first, last = symbols[:5], symbols[5:]
    middle = [algebra.matmul(A, hidden), algebra.matmul(hidden, B)]
    [(definitions, written)] = shortened(algebra, [algebra.add(*first, *middle, *last)], [])
    assert definitions == []
    assert "… (28 more)" in {x.params.get("name") for x in walk(written)}


def test_entry_by_entry_and_step_by_step_such_a_sum_is_cut_as_well():
    scalar = str(derive(recurrence(30), ["W"], detail="scalar", notes=nn.NOTES)).splitlines()[-1]
    assert scalar.endswith(" + … (26 more) + Σₖ ∂J/∂h1ⱼₖ (1 − h1ⱼₖ²) h0ᵢₖ")
    assert "… (26 more)" in derive(recurrence(30), ["W"], notes=nn.NOTES).steps("W")
