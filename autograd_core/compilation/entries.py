"""What each operation does to single numbers, in Python that can be compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.compilation.nests import Refused, Step

__all__ = ["code", "expression", "literal"]

_OPERATIONS = {
    "add": "{} + {}",
    "subtract": "{} - {}",
    "multiply": "{} * {}",
    "divide": "{} / {}",
    "negative": "-{}",
    "positive": "{}",
    "stop_gradient": "{}",
    "identity": "{}",
    "astype": "{}",
    "square": "{0} * {0}",
    "reciprocal": "{kind}(1) / {}",
    "absolute": "abs({})",
    "maximum": "greatest({}, {})",
    "minimum": "smallest({}, {})",
    "relu": "greatest({}, {kind}(0))",
    "where": "{1} if {0} else {2}",
    "equal": "{} == {}",
    "not_equal": "{} != {}",
    "greater": "{} > {}",
    "greater_equal": "{} >= {}",
    "less": "{} < {}",
    "less_equal": "{} <= {}",
    "erf": "math.erf({})",
    "erfc": "math.erfc({})",
}
_OWN = frozenset({"exp", "expm1", "log", "log1p", "tanh", "sigmoid"})
_NUMPY = frozenset(
    "sign floor ceil trunc rint copysign exp2 log2 log10 sqrt cbrt sin cos tan arcsin arccos arctan arctan2 "
    "hypot sinh cosh arcsinh arccosh arctanh fmax fmin logaddexp logaddexp2".split()
)
_POWERS = {0.5: "np.sqrt({})", 1.0: "{}", 2.0: "{0} * {0}", 3.0: "{0} * {0} * {0}"}
_WIDENED = frozenset({"erf", "erfc", "power"})  # compiled, these may give double precision
_FLOATING = frozenset({"divide", "reciprocal"}) | _OWN | _NUMPY | {"relu", "maximum", "minimum", "erf", "erfc"}


def code(dtype: Any) -> str:
    """Short name of a dtype: f4, f8, i8, b1."""
    return np.dtype(dtype).str[1:]


def literal(x: Any) -> str:
    """Write a number; what is not finite by a name."""
    x = x.item() if isinstance(x, np.generic) else x
    return repr(x) if math.isfinite(x) else str(float(x))


def expression(step: Step, operands: list[tuple[str, Any]]) -> str:
    """Write an operation on numbers that are called so and have these dtypes; None for a literal.

    Raises
    ------
    Refused
        There is no such operation here.
    """
    name, out = step.name, step.out.dtype
    known = [dtype for _, dtype in operands if dtype is not None]
    wide = out if out.kind != "b" else np.result_type(*known, *(x for x in step.inputs if _number(x) is not None))
    if name in _FLOATING and wide.kind != "f":
        raise Refused(f"{name} of {wide}")
    chosen = name == "where"
    names = [
        text if dtype == kind else f"{code(kind)}({text})"
        for (text, dtype), kind in zip(operands, [np.dtype(bool) if chosen and k == 0 else wide for k in range(3)])
    ]
    kind = code(wide)
    if name in _OWN:
        return f"{name}_{kind}({names[0]})"
    if name in _NUMPY:
        return f"{kind}(np.{name}({', '.join(names)}))"
    template = _POWERS.get(_number(step.inputs[1]), "{0} ** {1}") if name == "power" else _OPERATIONS.get(name)
    if template is None:
        raise Refused(f"{name} has no loop")
    text = template.format(*names, kind=kind)
    return text if out.kind == "f" and name not in _WIDENED else f"{code(out)}({text})"


def _number(x: Any) -> float | None:
    """A constant as a float."""
    return float(x) if isinstance(x, int | float | np.generic) else None
