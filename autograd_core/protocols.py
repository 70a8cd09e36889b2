"""NumPy's own functions called on tensors: one table says which operation records each.

``np.exp(t)``, ``np.sum(t, axis=0)``, ``np.add.reduce(t)`` and ``array * t`` reach this file through
``__array_ufunc__`` and ``__array_function__``. A function either records, or answers with a plain array
because nothing could flow through it (`PLAIN`), or raises a TypeError that says what to use instead. No
call gives an array of objects, and none loses a derivative unnoticed.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.errors import DtypeError, ShapeError
from autograd_core.node import Node
from autograd_core.ops import (
    OPERATIONS,
    arithmetic,
    elementary,
    indexing,
    products,
    reduction,
    rounding,
    shape,
    trigonometry,
)

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
    return indexing.diagonal(x, offset, -2, -1)


def _outer_of_vectors(x1: Any, x2: Any, /) -> Any:
    if np.ndim(_plain(x1)) != 1 or np.ndim(_plain(x2)) != 1:
        raise ShapeError(
            "np.linalg.outer multiplies two vectors; autograd_core.outer ravels what it is given"
        )
    return products.outer(x1, x2)


def _trace_of_matrices(x: Any, /, *, offset: int = 0) -> Any:
    return indexing.trace(x, offset, -2, -1)


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
    np.linalg.outer: _outer_of_vectors,
    np.linalg.trace: _trace_of_matrices,
    np.modf: _modf,
    np.radians: trigonometry.deg2rad,
    np.real: _copy,
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
        "bitwise_and",
        "bitwise_or",
        "bitwise_xor",
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
        "logical_and",
        "logical_not",
        "logical_or",
        "logical_xor",
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
    called = f"{ufunc.__name__}.{method}"
    if method == "outer" and ufunc in RECORDED and not kwargs:
        a, b = args
        return RECORDED[ufunc](shape.reshape(a, np.shape(_plain(a)) + (1,) * np.ndim(_plain(b))), b)
    table = _METHODS.get(method, {})
    if ufunc in table:
        array, *rest = args
        axis = {} if rest else {"axis": 0}
        return _bound(OPERATIONS[table[ufunc]], called, (array, *rest), axis | dict(kwargs))
    raise DtypeError(f"np.{called} does not record derivatives; {_alternative(ufunc.__name__)}")


def call_function(function: Function, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Answer a function of NumPy that was called on tensors.

    Raises
    ------
    DtypeError
        It does not record, or not with these options; the message names the alternative.
    """
    operation = RECORDED.get(function)
    if operation is not None:
        return _bound(operation, function.__name__, args, kwargs)
    if function in PLAIN:
        return function(*map(_plain, args), **{key: _plain(value) for key, value in kwargs.items()})
    name = function.__name__
    raise DtypeError(f"np.{name} does not record derivatives; {_alternative(name)}")


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
                f"np.{name} with {options_of} does not record derivatives: {why}. "
                f"What records is autograd_core.{operation.__name__}({', '.join(known.parameters)})"
            ) from None
        raise


def _plain(x: Any) -> Any:
    """Take the values of a tensor, and of those in a list or tuple."""
    if isinstance(x, Node):
        return x.value
    return type(x)(map(_plain, x)) if type(x) in (list, tuple) else x


def _alternative(name: str) -> str:
    """What to use in place of a function that the engine does not have."""
    near = difflib.get_close_matches(name, OPERATIONS, n=3, cutoff=0.7)
    use = f"of what does, the nearest are autograd_core.{', .'.join(near)}; " if near else ""
    return f"{use}pass .data or .detach() for its values alone"
