"""What there is to draw: each vertex has a role, each edge is of a kind."""

from __future__ import annotations

from typing import Literal

__all__ = ["Kind", "Role"]

Role = Literal[
    "input",
    "parameter",
    "constant",
    "operation",
    "intermediate",
    "activation",
    "cost",
    "adjoint",
    "parameter adjoint",
    "sum",
    "block",
    "adjoint block",
    "input unit",
    "unit",
    "split unit",
    "words",
]
Kind = Literal["forward", "backward", "cache"]
