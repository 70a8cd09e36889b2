"""Complex numbers are refused wherever they meet a tensor."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from in_turn import each
from numpy_case import rows
from op_table import CASES

import autograd_core as ag
from autograd_core import DtypeError

t = pytest.fixture(rows)


@each("case, flows", [(case, flows) for case in CASES if case.row.op != "sum_to" for flows in (True, False)])
def test_complex_operands_are_refused_by_every_operation(case, flows, rng):
    """All but `sum_to` of a plain array, which the backward pass calls for each broadcast operand."""
    for i in range(len(case.shapes)):
        operands = case.draw(rng)
        if operands[i].dtype == bool:
            continue
        operands = [x if i == j else ag.tensor(x) if flows else x for j, x in enumerate(operands)]
        operands[i] = operands[i].astype(complex)
        with pytest.raises(DtypeError, match="complex"):
            case.call(*operands)


@pytest.mark.parametrize("other", [1j, np.complex128(1j), np.full(3, 1j), [1j, 2j, 3j]], ids=str)
@pytest.mark.parametrize(
    "op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod], ids=str
)
def test_complex_numbers_are_refused_on_either_side_of_an_operator(op, other, t):
    for args in ((t, other), (other, t)):
        with pytest.raises(TypeError):
            op(*args)


def test_complex_numbers_are_refused_in_products_numpys_functions_and_conversions(t):
    for call in (
        lambda: t @ np.ones((3, 2), complex),
        lambda: np.ones((2, 2), complex) @ t,
        lambda: np.add(np.ones(3, complex), t),
        lambda: np.dot(np.ones((2, 2), complex), t),
        lambda: np.where(True, t, 1j),
        lambda: ag.tensor(1j),
        lambda: t.astype(complex),
        lambda: ag.grad(lambda x: x * x)(1j),
        lambda: ag.grad(lambda x: (x * 1j).sum())(np.ones(2)),
    ):
        with pytest.raises(TypeError, match="complex"):
            call()
