"""NumPy's own functions called on tensors: one table says which operation records each.

``np.exp(t)``, ``np.sum(t, axis=0)``, ``np.add.reduce(t)``, ``scipy.special.expit(t)`` and ``array * t`` reach
this file through ``__array_ufunc__`` and ``__array_function__``. A function either records, or answers with a
plain array because nothing could flow through it (`PLAIN`), or raises a TypeError that says what to use
instead. No call gives an array of objects, and none loses a derivative unnoticed.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.graph.node import Node
from autograd_core.graph.positions import traced
from autograd_core.ops import OPERATIONS
from autograd_core.ops.entrywise import arithmetic, elementary, rounding, special, trigonometry
from autograd_core.ops.matrices import products
from autograd_core.ops.reducing import reduction
from autograd_core.ops.shaping import diagonals, shape
from autograd_core.wording.errors import DtypeError
from autograd_core.wording.hints import instead, spelt

__all__ = ["PLAIN", "RECORDED", "call_function", "call_ufunc"]

Function = Callable[..., Any]


def _copy(a: Any) -> Any:
    return shape.astype(a, a.dtype) if a.dtype == bool else arithmetic.positive(a)  # bool has no +


def _full_like(a: Any, fill_value: Any) -> Any:
    return shape.broadcast_to(shape.astype(fill_value, a.dtype), a.shape)


def _divmod(x: Any, y: Any) -> tuple[Any, Any]:
    return arithmetic.floor_divide(x, y), arithmetic.remainder(x, y)


def _modf(x: Any) -> tuple[Any, Any]:
    whole = rounding.trunc(x)
    return x - whole, whole


def _diagonal_of_matrices(x: Any, /, *, offset: int = 0) -> Any:
    return diagonals.diagonal(x, offset, -2, -1)


def _trace_of_matrices(x: Any, /, *, offset: int = 0) -> Any:
    return diagonals.trace(x, offset, -2, -1)


RECORDED: dict[Function, Function] = {
    function: operation
    for name, operation in OPERATIONS.items()
    for module in (np.linalg, np)
    if (function := getattr(module, name, None)) is not None
} | {
    np.amax: reduction.max,
    np.amin: reduction.min,
    np.around: rounding.round,
    np.conjugate: _copy,
    np.copy: _copy,
    np.degrees: trigonometry.rad2deg,
    np.divmod: _divmod,
    np.fabs: elementary.absolute,
    np.full_like: _full_like,
    np.linalg.diagonal: _diagonal_of_matrices,
    np.linalg.outer: products.outer_of_vectors,
    np.linalg.trace: _trace_of_matrices,
    np.modf: _modf,
    np.radians: trigonometry.deg2rad,
    np.real: _copy,
}

_SCIPY = {  # ufuncs of scipy.special under their names there
    "cbrt": elementary.cbrt,
    "erf": special.erf,
    "erfc": special.erfc,
    "exp2": elementary.exp2,
    "expit": special.sigmoid,
    "expm1": elementary.expm1,
    "log1p": elementary.log1p,
    "logit": special.logit,
    "round": rounding.rint,
    "xlogy": special.xlogy,
}

PLAIN: frozenset[Function] = frozenset(
    getattr(np, name)
    for name in [
        "allclose",
        "argpartition",
        "argwhere",
        "array2string",
        "array_equal",
        "array_equiv",
        "array_repr",
        "array_str",
        "can_cast",
        "common_type",
        "digitize",
        "empty_like",
        "flatnonzero",
        "iscomplex",
        "iscomplexobj",
        "isclose",
        "isfinite",
        "isin",
        "isinf",
        "isnan",
        "isneginf",
        "isposinf",
        "isreal",
        "isrealobj",
        "lexsort",
        "may_share_memory",
        "min_scalar_type",
        "nanargmax",
        "nanargmin",
        "ndim",
        "nonzero",
        "ones_like",
        "result_type",
        "searchsorted",
        "shape",
        "shares_memory",
        "signbit",
        "size",
        "tril_indices_from",
        "triu_indices_from",
        "zeros_like",
    ]
)

_METHODS: dict[str, dict[np.ufunc, str]] = {
    "reduce": {
        np.add: "sum",
        np.logical_and: "all",
        np.logical_or: "any",
        np.logaddexp: "logsumexp",
        np.maximum: "max",
        np.minimum: "min",
        np.multiply: "prod",
    },
    "accumulate": {np.add: "cumsum", np.multiply: "cumprod"},
}

_REFUSED = {
    "out": "an array that is written to holds no derivative; write y = ... instead of out=y",
    "where": "choose between two results with autograd_core.where",
    "dtype": "convert with .astype(dtype)",
    "initial": "add or multiply the initial value yourself",
}


def call_ufunc(ufunc: np.ufunc, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Answer ``ufunc(*args, **kwargs)``, or one of its methods: reduce, accumulate, outer.

    Raises
    ------
    DtypeError
        It does not record; the message names the alternative.
    """
    if method == "__call__":
        return call_function(ufunc, args, kwargs)
    called = f"{spelt(ufunc)}.{method}"
    if method == "outer" and ufunc in RECORDED and not kwargs:
        a, b = args
        return RECORDED[ufunc](shape.reshape(a, np.shape(_plain(a)) + (1,) * np.ndim(_plain(b))), b)
    table = _METHODS.get(method, {})
    if ufunc in table:
        array, *rest = args
        axis = {} if rest else {"axis": 0}
        return _bound(OPERATIONS[table[ufunc]], called, (array, *rest), axis | dict(kwargs))
    hint = instead(ufunc.__name__, method if ufunc in RECORDED else "")
    raise DtypeError(f"{called} does not record derivatives; {hint}")


def call_function(function: Function, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Answer a function of NumPy that was called on tensors.

    Raises
    ------
    DtypeError
        It does not record, or not with these options; the message names the alternative.
    """
    if function is np.where and len(args) == 1 and not kwargs:
        function = np.nonzero  # which says where, and chooses nothing
    operation = RECORDED.get(function) or _of_scipy(function)
    if operation is not None:
        return _bound(operation, spelt(function), args, kwargs)
    if function in PLAIN:
        found = function(*map(_plain, args), **{key: _plain(value) for key, value in kwargs.items()})
        for positions in found if isinstance(found, tuple) else (found,):
            if isinstance(positions, np.ndarray):
                traced(positions, lambda: None)
        return found
    raise DtypeError(f"{spelt(function)} does not record derivatives; {instead(function.__name__)}")


def _of_scipy(function: Function) -> Function | None:
    """The operation that records what a function of scipy.special computes."""
    name, home = function.__name__, sys.modules.get("scipy.special")
    return _SCIPY.get(name) if getattr(home, name, None) is function else None


def _bound(operation: Function, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call an operation as NumPy's function was called, or say which option it does not have."""
    try:
        return operation(*args, **kwargs)
    except TypeError:
        known = inspect.signature(operation)
        said = {key: value for key, value in kwargs.items() if value is not None or key in known.parameters}
        if len(said) < len(kwargs):  # out=None and its kind say nothing
            return _bound(operation, name, args, said)
        try:
            known.bind(*args, **kwargs)
        except TypeError as error:
            refused = [key for key in kwargs if key not in known.parameters]
            why = "; ".join(_REFUSED.get(key, f"there is no {key}") for key in refused) or str(error)
            options_of = ", ".join(f"{key}=" for key in refused) or "that call"
            raise DtypeError(
                f"{name} with {options_of} does not record derivatives: {why}. "
                f"What records is autograd_core.{operation.__name__}({', '.join(known.parameters)})"
            ) from None
        raise


def _plain(x: Any) -> Any:
    """Take the values of a tensor, and of those in a list or tuple."""
    if isinstance(x, Node):
        return x.value
    return type(x)(map(_plain, x)) if type(x) in (list, tuple) else x
