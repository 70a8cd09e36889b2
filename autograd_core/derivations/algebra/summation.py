"""Sums over indices that are spelt out, as products of matrices where that is what they are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Protocol

from autograd_core.derivations.algebra.term import Shape, Term

__all__ = ["as_products"]

Operand = tuple[Term, str]


class Linear(Protocol):
    """What makes the terms of linear algebra."""

    def number(self, value: float) -> Term: ...
    def multiply(self, *factors: Term) -> Term: ...
    def matmul(self, *factors: Term) -> Term: ...
    def column(self, x: Term) -> Term: ...
    def transpose(self, x: Term) -> Term: ...
    def sum(self, x: Term, axis: Shape, keepdims: bool) -> Term: ...


def as_products(algebra: Linear, args: Sequence[Term], subscripts: str) -> Term | None:
    """Write an einsum of matrices, vectors and numbers with products and sums, if that is possible.

    Examples
    --------
    >>> from autograd_core.derivations.algebra.terms import Algebra
    >>> algebra = Algebra()
    >>> x, A = algebra.symbol("x", (2,)), algebra.symbol("A", (2, 3))
    >>> as_products(algebra, [x, A], "i,ij->j") is algebra.matmul(x, A)
    True
    """
    inputs, _, output = subscripts.partition("->")
    operands = list(zip(args, inputs.split(","), strict=True))
    if any(len(letters) > 2 or len(set(letters)) < len(letters) for _, letters in operands):
        return None
    if any(n == 1 for arg in args for n in arg.shape):  # may be broadcast
        return None
    numbers = [arg for arg, letters in operands if not letters]
    operands = [operand for operand in operands if operand[1]]
    while len(operands) > 1:
        for one, other in combinations(operands, 2):
            rest = [operand for operand in operands if operand is not one and operand is not other]
            if joined := _joined(algebra, one, other, output + "".join(letters for _, letters in rest)):
                operands = [*rest, joined]
                break
        else:
            return None
    total = _laid_out(algebra, operands[0], output) if operands else algebra.number(1.0)
    return total and algebra.multiply(*numbers, total)


def _joined(algebra: Linear, one: Operand, other: Operand, needed: str) -> Operand | None:
    """The product of two operands, summed over what they share if nobody else needs it."""
    (a, left), (b, right) = one, other
    shared = [c for c in left if c in right]
    if set(left) == set(right):
        return algebra.multiply(a, b if left == right else algebra.transpose(b)), left
    if len(shared) == 1 and shared[0] not in needed:
        a = algebra.transpose(a) if len(left) == 2 and left[0] == shared[0] else a
        b = algebra.transpose(b) if len(right) == 2 and right[1] == shared[0] else b
        return algebra.matmul(a, b), "".join(c for c in left + right if c != shared[0])
    if not shared and len(left) == len(right) == 1:
        return algebra.matmul(algebra.column(a), algebra.transpose(algebra.column(b))), left + right
    return None


def _laid_out(algebra: Linear, operand: Operand, output: str) -> Term | None:
    """The operand with its axes in the order of the output, the others summed."""
    x, letters = operand
    if not set(output) <= set(letters):
        return None
    x = algebra.sum(x, tuple(i for i, c in enumerate(letters) if c not in output), False)
    kept = "".join(c for c in letters if c in output)
    return x if kept == output else algebra.transpose(x)
