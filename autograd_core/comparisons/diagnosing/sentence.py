"""A slip in a sentence, in the reader's notation."""

from __future__ import annotations

from autograd_core.comparisons.search.edits import Edit
from autograd_core.derivations.writing.dialects import written
from autograd_core.wording.identifiers import printable

__all__ = ["said"]

_LONGEST = 60

_DETAILS = {
    "sign on a class": "by the classes in {old}",
    "scale": "times {new}",
}


def said(name: str, edit: Edit, formula: str) -> str:
    """Say what was done to a formula; to one that is too long to be written, if there is no text of it.

    Examples
    --------
    >>> from autograd_core.derivations.algebra.terms import Algebra
    >>> algebra = Algebra()
    >>> W, dZ = algebra.symbol("W[2]", (4, 4)), algebra.symbol("dZ[2]", (4, 7))
    >>> edit = Edit(1.4, "transpose", algebra.transpose(W), W, algebra.matmul(W, dZ))
    >>> said("dA[1]", edit, "W[2] dZ[2]")
    'dA[1] = W[2] dZ[2]: transpose (W[2] for W[2]ᵀ)'
    """
    lost = edit.new.head == "number" and not edit.new.params["value"]
    inside = edit.new.shape or edit.old.shape != edit.term.shape
    known = "" if edit.kind == "scale" and inside else _DETAILS.get(edit.kind, "")
    detail = "{old}" if lost else known or "{new} for {old}"
    detail = detail.format(old=written(edit.old), new=written(edit.new))
    whole = edit.kind == "sign" and not edit.new.shape and edit.old.shape
    subject = f"{printable(name)} = {formula}" if formula else printable(name)
    return f"{subject}: {edit.kind}" + ("" if whole or len(detail) > _LONGEST else f" ({detail})")
