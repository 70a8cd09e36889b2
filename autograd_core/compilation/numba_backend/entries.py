"""What each operation does to single numbers, in Python that can be compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.compilation.numba_backend.nests import Refused, Step

__all__ = ["code", "expression", "gathering", "literal"]

_OPERATIONS = {
    "add": "{} + {}",
    "subtract": "{} - {}",
    "multiply": "{} * {}",
    "divide": "{} / {}",
    "negative": "-{}",
    "positive": "{}",
    "stop_gradient": "{}",
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
_OWN = {"exp", "expm1", "log", "log1p", "tanh", "sigmoid"}
_NUMPY = {
    *(
        "sign",
        "floor",
        "ceil",
        "trunc",
        "rint",
        "copysign",
        "fmax",
        "fmin",
        "hypot",
        "logaddexp",
        "logaddexp2",
    ),
    *("exp2", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2"),
    *("sinh", "cosh", "arcsinh", "arccosh", "arctanh"),
}
_POWERS: dict[float | None, str] = {0.5: "np.sqrt({})", 1.0: "{}", 2.0: "{0} * {0}", 3.0: "{0} * {0} * {0}"}
_WIDENED = {"erf", "erfc"}  # compiled, these may give double precision
_EXTREMES = {"maximum": "max", "minimum": "min"}  # of whole numbers
_FLOATING = _OWN | _NUMPY | {"divide", "reciprocal", "relu", "maximum", "minimum", "erf", "erfc", "power"}


def code(dtype: Any) -> str:
    """Short name of a dtype: f4, f8, i8, b1."""
    return str(np.dtype(dtype).str[1:])


def literal(x: Any) -> str:
    """Write a number; what is not finite by a name."""
    x = x.item() if isinstance(x, np.generic) else x
    return repr(x) if math.isfinite(x) else str(float(x))


def gathering(name: str, dtype: Any) -> tuple[str, str]:
    """What a reduction begins with, and how it goes on: sums of floating numbers in any order.

    Raises
    ------
    Refused
        There is no such reduction of this dtype.

    Examples
    --------
    >>> gathering("max", np.dtype("f8")), gathering("max", np.dtype("i4"))
    (('-inf', 'greatest({}, {})'), ('-2147483648', 'max({}, {})'))
    """
    if name in ("sum", "prod"):
        return ("0", "plus({}, {})") if name == "sum" else ("1", "{} * {}")
    if dtype.kind == "f":
        return ("-inf", "greatest({}, {})") if name == "max" else ("inf", "smallest({}, {})")
    if dtype.kind != "i":
        raise Refused(f"{name} of {dtype}")
    limits = np.iinfo(dtype)
    return (str(limits.min), "max({}, {})") if name == "max" else (str(limits.max), "min({}, {})")


def expression(step: Step, operands: list[tuple[str, Any]]) -> str:
    """Write an operation on numbers that are called so and have these dtypes; None for a literal.

    Raises
    ------
    Refused
        There is no such operation here.
    """
    name, wide = step.name, step.out.dtype
    if wide.kind == "b":  # a comparison is of what its operands have in common
        numbers = (x for x in step.inputs if _number(x) is not None)
        wide = np.result_type(*(dtype for _, dtype in operands if dtype is not None), *numbers)
    if name in _FLOATING and wide.kind != "f" and not (name in _EXTREMES and wide.kind == "i"):
        raise Refused(f"{name} of {wide}")
    wanted = [wide] * len(operands)
    if name == "where":
        wanted[0] = np.dtype(bool)
    given = [x if kind == need else f"{code(need)}({x})" for (x, kind), need in zip(operands, wanted)]
    kind = code(wide)
    if name in _EXTREMES and wide.kind == "i":
        return f"{_EXTREMES[name]}({', '.join(given)})"
    if name in _OWN:
        return f"{name}_{kind}({given[0]})"
    if name in _NUMPY:
        return f"{kind}(np.{name}({', '.join(given)}))"
    template = (
        _POWERS.get(_number(step.inputs[1]), "power({}, {})") if name == "power" else _OPERATIONS.get(name)
    )
    if template is None:
        raise Refused(f"{name} has no loop")
    text = template.format(*given, kind=kind)
    exact = step.out.dtype.kind == "f" and name not in _WIDENED
    return text if exact else f"{code(step.out.dtype)}({text})"


def _number(x: Any) -> float | None:
    """A constant as a float."""
    return float(x) if isinstance(x, int | float | np.generic) else None
