"""Formulas of the notes, recognised by their structure alone."""

from __future__ import annotations

from collections.abc import Collection

from autograd_core.derive.terms import Term, walk

__all__ = ["number_of_gradient", "number_of_value"]


def number_of_value(term: Term) -> str:
    """Number of the formula that a value is computed by, or nothing.

    Examples
    --------
    >>> from autograd_core.derive.terms import Algebra
    >>> algebra = Algebra()
    >>> W, A, b = (algebra.symbol(n, s) for n, s in [("W", (2, 3)), ("A", (3, 5)), ("b", (2, 1))])
    >>> number_of_value(algebra.add(algebra.matmul(W, A), b))
    '(5)'
    """
    match term.head, term.args:
        case "add", (Term(head="matmul") as product, Term(head="symbol") as b) if _matrix_of_symbols(
            product
        ) and b.shape[1:] == (1,):
            return "(5)"
        case _, ():
            return ""
    symbols = [part for part in walk(term) if part.head == "symbol" and len(part.shape) == 2]
    if len(term.shape) == 2 and len(symbols) == 1 and symbols[0].shape == term.shape:
        return "(6)" if all(part.head not in ("matmul", "transpose") for part in walk(term)) else ""
    return "(9)" if not term.shape else ""


def number_of_gradient(term: Term, gradients: Collection[Term], activates: bool, last: bool) -> str:
    """Number of the formula that a gradient is computed by, or nothing.

    Parameters
    ----------
    term : Term
    gradients : collection of Term
        The symbols of gradients.
    activates : bool
        Whether the value whose gradient this is goes into formula (6).
    last : bool
        Whether it goes into the cost.

    Examples
    --------
    >>> from autograd_core.derive.terms import Algebra
    >>> algebra = Algebra()
    >>> dZ, A = algebra.symbol("dZ", (2, 5)), algebra.symbol("A", (3, 5))
    >>> number_of_gradient(algebra.matmul(dZ, algebra.transpose(A)), {dZ}, False, False)
    '(15)'
    """
    main = next((part for part in term.args if part.head == "matmul"), term) if term.head == "add" else term
    match main.head, main.args:
        case "matmul", (left, Term(head="transpose")) if left in gradients:
            return "(15)"
        case "matmul", (Term(head="transpose"), right) if right in gradients:
            return "(22)"
        case "sum", (inner,) if inner in gradients and main.params == {"axis": (1,), "keepdims": True}:
            return "(16)"
    if last:
        return "(9)"
    return "(17)" if activates else ""


def _matrix_of_symbols(product: Term) -> bool:
    return len(product.args) == 2 and all(arg.head == "symbol" for arg in product.args)
