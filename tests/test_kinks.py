"""The table of kinks on its page is executed, row by row; a row that is wrong by a digit fails."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import autograd_core as ag

PAGE = Path(__file__).parent.parent / "docs/kinks.md"
NAMES = {name: getattr(ag, name) for name in ag.__all__} | {"inf": np.inf, "nan": np.nan, "pi": np.pi}


class Row(NamedTuple):
    """One row: the derivative of `f` at `at`, or the error that is raised instead."""

    what: str
    f: str
    at: str
    wanted: str
    warns: bool

    def __repr__(self):
        return self.what


def code(cell):
    """The text between the backquotes of a cell."""
    return re.search(r"`(.*)`", cell)[1]


def rows(page):
    """Read the table."""
    lines = re.findall(r"^\| (.+) \|$", page, flags=re.MULTILINE)
    cells = [re.split(r" \| ", line) for line in lines]
    assert cells[0] == ["what", "`ag.grad` of", "at x =", "is", "why"]
    assert all(len(row) == 5 for row in cells)
    return [Row(what, *map(code, (f, at, it)), "NumPy warns" in it) for what, f, at, it, _ in cells[1:]]


ROWS = rows(PAGE.read_text(encoding="utf-8"))


def derivative(row, transform):
    """The derivative that a row speaks of, and whether NumPy warned."""
    f = eval(f"lambda x: {row.f}", NAMES)
    x = np.array(eval(row.at, NAMES), float)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = transform(f, x)
    assert all(issubclass(warning.category, RuntimeWarning) for warning in heard)
    return found, bool(heard)


def reverse(f, x):
    return ag.grad(f)(x)


def forward(f, x):
    """The slope along each entry in turn."""
    basis = np.eye(x.size).reshape(-1, *x.shape)
    return np.array([ag.jvp(f, [x], [t])[1] for t in basis]).reshape(x.shape)


def check(row, transform=reverse):
    if row.wanted == "LinAlgError":
        with pytest.raises(np.linalg.LinAlgError):
            derivative(row, transform)
        return
    found, warned = derivative(row, transform)
    wanted = np.array(eval(row.wanted, NAMES), float)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
    assert warned == row.warns


def undefined(row):
    """Where nothing can be chosen, the two sweeps need not agree on what is NaN."""
    return "nan" in row.wanted


@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_the_derivative_is_what_the_row_says(row):
    check(row)


@pytest.mark.parametrize("row", [row for row in ROWS if not undefined(row)], ids=repr)
def test_the_forward_sweep_says_the_same(row):
    check(row, forward)


@pytest.mark.parametrize("row", [row for row in ROWS if row.wanted != "LinAlgError"], ids=repr)
def test_the_backward_pass_of_a_tensor_says_the_same(row):
    def backward(f, x):
        t = ag.Tensor(x, requires_grad=True)
        out = f(t)
        if out.requires_grad:
            out.backward()
        return np.zeros(x.shape) if t.grad is None else t.grad

    check(row, backward)


# The page itself


NUMBER = re.compile(r"\d+(?:\.\d+)?|inf|nan")


def wrong_by_a_digit(row):
    """The row with each of its numbers replaced in turn by one that is a little off."""
    for number in NUMBER.finditer(row.wanted):
        other = f"({number[0]} + 0.01)" if number[0][0].isdigit() else "0"
        yield row._replace(wanted=row.wanted[: number.start()] + other + row.wanted[number.end() :])


@pytest.mark.parametrize("row", [row for row in ROWS if row.wanted != "LinAlgError"], ids=repr)
def test_a_row_that_is_wrong_by_a_digit_fails(row):
    wrong = list(wrong_by_a_digit(row))
    assert wrong
    for other in wrong:
        with pytest.raises(AssertionError):
            check(other)


@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_a_row_that_says_an_error_or_a_warning_too_many_fails(row):
    other = row._replace(warns=not row.warns)
    if row.wanted == "LinAlgError":
        other = row._replace(wanted="[[0, 0], [0, 0]]")
    with pytest.raises((AssertionError, np.linalg.LinAlgError)):
        check(other)


def test_a_wrong_page_is_read_as_it_stands():
    page = PAGE.read_text(encoding="utf-8")
    spoilt = page.replace("| `relu(x)` | `0` | `0` |", "| `relu(x)` | `0` | `1` |")
    assert spoilt != page
    assert [row for row, other in zip(ROWS, rows(spoilt), strict=True) if row != other] == [ROWS[0]]
    with pytest.raises(AssertionError):
        check(rows(spoilt)[0])


def test_no_two_rows_are_about_the_same():
    assert len({row.what for row in ROWS}) == len({row[1:3] for row in ROWS}) == len(ROWS)


PROMISES = re.compile(
    r"taken as 0|the derivative equally|flows through it|flows to [a-z]\b|derivative at|derivatives? is 0"
    r"|derivative 0|at a jump|jumps|NaN comes out|of equal entries|singular matrices too|has no derivative"
)


PROMISING = {
    name: operation
    for name, operation in ag.OPERATIONS.items()
    if PROMISES.search(" ".join(operation.__doc__.split()))
}


@pytest.mark.parametrize("name", PROMISING)
def test_what_a_docstring_promises_at_a_kink_has_a_row(name):
    used = {node.id for row in ROWS for node in ast.walk(ast.parse(row.f)) if isinstance(node, ast.Name)}
    assert any(NAMES.get(other) is PROMISING[name] for other in used)


def test_many_docstrings_promise_something():
    assert len(PROMISING) > 40
