"""What a primitive says of itself: its notation, and what it costs."""

from __future__ import annotations

import numpy as np
import pytest
from in_turn import each
from law_case import assert_close, every_primitive_case, recorded
from op_table import PRIMITIVE_CASES

import autograd_core as ag
from autograd_core.graph.node import Node
from autograd_core.wording.notation import SUM, Written, write
from nn.costs import logistic_loss

# 9. Notation

CLOSING = {")": "(", "]": "[", "}": "{", "⟩": "⟨"}


def assert_balanced(text):
    """Every bracket closes the last one opened, and in LaTeX each left has its right."""
    waiting = []
    for c in text:
        if c in CLOSING.values():
            waiting.append(c)
        elif c in CLOSING:
            assert waiting, f"nothing is open at {c!r} in {text!r}"
            assert waiting.pop() == CLOSING[c], f"{c!r} closes another bracket in {text!r}"
    assert not waiting, f"{waiting} still open in {text!r}"
    pairs = ((r"\left", r"\right"), (r"\langle", r"\rangle"))
    for left, right in pairs:
        assert text.count(left) == text.count(right), text


@each(
    "case, dialect", [(case, dialect) for case in PRIMITIVE_CASES for dialect in ("text", "latex", "numpy")]
)
def test_notation_balances_brackets_and_contains_each_operand(case, dialect, rng):
    node = recorded(case, rng)
    operands = [f"{x} + {x}0" for x in "PQRST"[: len(node.inputs)]]
    sums = [Written(text, SUM) for text in operands]
    written = write(node.primitive.notation, dialect, sums, node.params).text
    assert_balanced(written)
    for operand in operands:
        assert operand in written, f"{case}: {operand!r} is missing in {written!r}"


@every_primitive_case
def test_the_numpy_dialect_computes_the_value(case, rng):
    """What is written is a program; only names that NumPy does not have are supplied."""
    node = recorded(case, rng)
    letters = "PQRST"[: len(node.inputs)]
    source = write(node.primitive.notation, "numpy", list(map(Written, letters)), node.params).text
    values = [x.value if isinstance(x, Node) else x for x in node.inputs]
    beyond = {name: getattr(ag, name) for name in ag.__all__ if not hasattr(np, name)}
    names = {
        "np": np,
        **beyond,
        "logistic_loss": logistic_loss,
        **dict(zip(letters, values, strict=True)),
    }
    try:
        found = np.asarray(eval(source, names))
    except (AttributeError, NameError, SyntaxError, TypeError, ValueError) as error:
        pytest.fail(f"{case}: {source!r} does not run: {type(error).__name__}: {error}")
    assert_close(case, values, [found], [node.value], rtol=1e-13, atol=1e-14)


# 10. Cost


@every_primitive_case
def test_flops_is_a_whole_number_of_at_least_zero(case, rng):
    node = recorded(case, rng)
    values = [x.value if isinstance(x, Node) else x for x in node.inputs]
    flops = node.primitive.flops
    on_arrays = flops(node.value, *values, **node.params)
    assert type(on_arrays) is int, f"{case}: {on_arrays!r}"
    assert on_arrays >= 0, case
    assert flops(node, *node.inputs, **node.params) == on_arrays, case
