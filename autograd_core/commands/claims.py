"""Gradients that a user's file claims, held against those of the engine."""

from __future__ import annotations

import runpy
from pathlib import Path

import nn
from autograd_core.comparisons import Comparison, compare, compare_functions
from autograd_core.wording.errors import DataError
from autograd_core.wording.identifiers import printable

__all__ = ["FORM", "compared"]

FORM = """FILE.py defines either
  f, closed_form and inputs  a function of arrays, its gradients in closed form and a tuple of arrays: see
                             autograd_core.compare_functions
  J and claimed              a recorded cost and a dict from names to gradients: see autograd_core.comparisons
It is run, so let it be your own."""


def compared(path: Path) -> Comparison:
    """Run a file and compare what it claims.

    Raises
    ------
    DataError
        There is no such file, or it defines neither of the two pairs.
    """
    if not path.is_file():
        raise DataError(f"{printable(path)}: there is no such file")
    names = runpy.run_path(str(path))
    if {"f", "closed_form", "inputs"} <= set(names):
        return compare_functions(names["f"], names["closed_form"], *names["inputs"], notes=nn.NOTES)
    if {"J", "claimed"} <= set(names):
        return compare(names["J"], names["claimed"], cost=names.get("cost"), notes=nn.NOTES)
    raise DataError(
        f"{printable(path)} defines neither f, closed_form and inputs nor J and claimed; see check --help"
    )
