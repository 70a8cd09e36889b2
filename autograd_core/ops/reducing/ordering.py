"""Operations that put entries in order, and those that say where they stand.

The latter return plain arrays of positions, through which no derivative flows.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_core.graph.dispatch import dispatched
from autograd_core.graph.node import Node
from autograd_core.graph.operands import without_derivative
from autograd_core.graph.positions import traced
from autograd_core.graph.primitive import Primitive, as_operand, primitive
from autograd_core.graph.recording import is_recording, replayed
from autograd_core.ops.entrywise.selection import equal, where
from autograd_core.ops.shaping.axes import Axis, Shape, axis_of, some_axes_of
from autograd_core.ops.shaping.indexing import lined_up, scatter_along_axis, take_along_axis
from autograd_core.ops.shaping.joining import stack
from autograd_core.ops.shaping.shape import astype, expand_dims, ravel, reshape, transpose
from autograd_core.wording.arguments import truth, whole
from autograd_core.wording.errors import DtypeError, OptionError, ShapeError, describe
from autograd_core.wording.notation import applied

__all__ = [
    "argmax",
    "argmin",
    "argsort",
    "median",
    "order_statistic",
    "percentile",
    "quantile",
    "sort",
]


def argsort(x: Any, axis: int | None = -1, *, stable: bool | None = None) -> Any:
    """Positions that sort along an axis, or the raveled array if it is None; equal entries keep their order.

    They do so whatever `stable` says, which is there because the array API standard has it.

    Raises
    ------
    ShapeError
        There is no such axis.

    Examples
    --------
    >>> argsort(np.array([3.0, 1.0, 2.0]))
    array([1, 2, 0])
    """
    truth(stable if stable is not None else True, "argsort: stable")
    x, axis = lined_up("argsort", x, axis)
    return _positions(np.argsort, x, axis=axis, kind="stable")


def argmax(x: Any, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """Position of the largest entry along an axis, or in the raveled array; the first of equal ones.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry.

    Examples
    --------
    >>> argmax(np.array([[1.0, 5.0], [7.0, 2.0]]), axis=1)
    array([1, 0])
    """
    return _position(np.argmax, x, axis, keepdims)


def argmin(x: Any, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """Position of the smallest entry along an axis, or in the raveled array; the first of equal ones.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry.

    Examples
    --------
    >>> argmin(np.array([[1.0, 5.0], [7.0, 2.0]]), axis=1)
    array([0, 1])
    """
    return _position(np.argmin, x, axis, keepdims)


def _positions(choose: Callable[..., Any], x: Any, **params: Any) -> Any:
    """Let NumPy choose, on plain arrays; as an operation where that will be replayed with other values."""
    if not isinstance(x, Node):
        return choose(x, **params)
    if replayed(is_recording()):
        return _CHOICES[choose](x, **params)
    known = weakref.ref(x)  # positions are often kept for longer than what they were found in
    return traced(choose(x.value, **params), lambda: _again(choose, known(), params))


def _again(choose: Callable[..., Any], x: Node | None, params: Mapping[str, Any]) -> Node | None:
    """Let NumPy choose in what is recorded, if it is still there."""
    found: Node | None = None if x is None else _CHOICES[choose](x, **params)
    return found


def _choice(choose: Callable[..., Any]) -> Callable[..., Any]:
    name, home = choose.__name__, (__name__, choose.__name__)
    rules, notation = (None,), applied(name)._replace(text=_along(name), latex=_along(rf"\mathrm{{{name}}}"))
    operation = Primitive(
        name,
        "general",
        choose,
        rules,
        rules,
        notation,
        lambda _out, x, **_: int(x.size),
        home,
        differentiable=False,
    )
    return dispatched(operation, takes_params=True)


def _along(name: str) -> Callable[..., str]:
    """Write a choice, and over which axis."""
    return lambda x, axis=None, **_: f"{name}({x}{'' if axis is None else f', axis={axis}'})"


_CHOICES = {choose: _choice(choose) for choose in (np.argsort, np.argmax, np.argmin)}


def _position(choose: Callable[..., Any], x: Any, axis: int | None, keepdims: bool) -> Any:
    """Where NumPy chooses, on the plain array behind an operand."""
    name, x = choose.__name__, as_operand(x)
    row = x if x.ndim or axis is None else ravel(x)
    at = None if axis is None else axis_of(name, row, axis)
    try:
        return _positions(choose, x, axis=at, keepdims=keepdims)
    except ValueError:
        raise ShapeError(f"{name}: {describe(x)} has no entry to choose over axis {axis}") from None


@primitive(
    vjps=(lambda ct, _out, x, axis: scatter_along_axis(ct, argsort(x, axis), x.shape, axis),),
    jvps=(lambda t, _out, x, axis: take_along_axis(t, argsort(x, axis), axis),),
    notation=applied("sort"),
    flops=lambda *_, **__: 0,
)
def _sort(x: Any, *, axis: int) -> Any:
    return np.sort(x, axis)


def sort(x: Any, axis: int | None = -1, *, stable: bool | None = None) -> Any:
    """Sort along an axis, or the raveled array if it is None.

    Each derivative goes where its entry came from; of equal entries, the first stays first, whatever
    `stable` says.

    Raises
    ------
    ShapeError
        There is no such axis.

    Examples
    --------
    >>> sort(np.array([3.0, 1.0, 2.0]))
    array([1., 2., 3.])
    """
    truth(stable if stable is not None else True, "sort: stable")
    x, axis = lined_up("sort", x, axis, number=False, truth=True)
    return _sort(x, axis=axis)


def _shared(d: Any, out: Any, x: Any) -> Any:
    """Give each entry that equals the chosen one an equal share of d; if that is NaN, none gets any."""
    wide = np.promote_types(x.dtype, np.float32)  # there may be more than half precision counts
    chosen = astype(equal(x, expand_dims(out, out.ndim)), wide)
    count = chosen.sum(axis=-1, keepdims=True)
    return chosen * d / where(equal(count, 0), 1, count)


@primitive(
    vjps=(lambda ct, out, x, k: _shared(expand_dims(ct, ct.ndim), out, x),),
    jvps=(lambda t, out, x, k: _shared(t, out, x).sum(axis=-1),),
    notation=applied("order_statistic", latex=r"\mathrm{order\_statistic}", numpy="order_statistic"),
    flops=lambda _out, x, **_: x.size,
)
def _order_statistic(x: Any, *, k: int) -> Any:
    return np.partition(x, k)[..., k:].min(axis=-1)  # NaNs are last, and NaN is their minimum


def order_statistic(x: Any, k: int, axis: Axis = -1, *, keepdims: bool = False) -> Any:
    """Take the k-th smallest entry over axes, counted from 0; equal ones share the derivative equally.

    Among NaNs it is NaN, and no derivative flows to it.

    Raises
    ------
    ShapeError
        There is no such axis.
    OptionError
        There are not so many entries.

    Examples
    --------
    >>> order_statistic(np.array([3.0, 1.0, 2.0]), 1)
    np.float64(2.0)
    """
    lines, axes = _lines("order_statistic", x, axis)
    n, k = lines.shape[-1], whole(k, "order_statistic: k")
    if not 0 <= k < n:
        raise OptionError(f"order_statistic: there is no entry number {k} of {n}, counted from 0")
    return _back(_order_statistic(lines, k=k), axes, keepdims)


def _lines(name: str, x: Any, axis: Axis, *like: Any) -> tuple[Any, Shape]:
    """The entries to choose from along one last axis, and the axes that it replaces."""
    x = as_operand(x)
    dtype = np.result_type(x.dtype, *like)
    x = x if x.dtype == dtype else astype(x, dtype)
    axes = tuple(range(x.ndim)) if axis is None else some_axes_of(name, x, axis)
    rest = tuple(i for i in range(x.ndim) if i not in axes)
    sizes, n = [x.shape[i] for i in rest], math.prod(x.shape[i] for i in axes)
    if n == 0:
        if math.prod(sizes):
            raise ShapeError(f"{name}: {describe(x)} has no entry to choose over axis {axis}")
        n = 1  # of no line, each may have an entry
    if (*rest, *axes) != tuple(range(x.ndim)):
        x = transpose(x, (*rest, *axes))
    return reshape(x, (*sizes, n)), axes


def _back(y: Any, axes: Shape, keepdims: bool) -> Any:
    """What was chosen, with the axes that were replaced, if they are kept."""
    return expand_dims(y, axes) if truth(keepdims, "keepdims") else y


def median(x: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Take the middle entry over axes, or the average of the two in the middle.

    Equal entries share the derivative equally. Among NaNs it is NaN, and no derivative flows to it.

    Raises
    ------
    ShapeError
        There is no such axis, or no entry.

    Examples
    --------
    >>> median(np.array([[3.0, 1.0, 2.0], [4.0, 8.0, 6.0]]), axis=1)
    array([2., 6.])
    """
    lines, axes = _lines("median", x, axis, 0.0)
    n = lines.shape[-1]
    middle = _order_statistic(lines, k=n // 2)
    if n % 2 == 0:
        middle = (_order_statistic(lines, k=n // 2 - 1) + middle) / 2
    return _back(middle, axes, keepdims)


def quantile(x: Any, q: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Take what the share q of the entries over axes does not exceed, between two of them on a straight line.

    Equal entries share the derivative equally. Among NaNs it is NaN, and no derivative flows to it. Where it
    falls on an infinite entry it is that, of which NumPy sometimes makes NaN.

    Parameters
    ----------
    x : array or Tensor
    q : float or array of floats
        Between 0 and 1; its axes become the first ones of the result.
    axis : int, tuple of int or None
    keepdims : bool

    Raises
    ------
    ShapeError
        There is no such axis, or no entry.
    OptionError
        A share below 0 or above 1.
    DtypeError
        A derivative by `q` is wanted.

    Examples
    --------
    >>> quantile(np.array([4.0, 1.0, 2.0]), [0.0, 0.25, 1.0])
    array([1. , 1.5, 4. ])
    """
    return _quantiles("quantile", x, q, 1, axis, keepdims)


def _quantiles(name: str, x: Any, q: Any, whole_share: int, axis: Axis, keepdims: bool) -> Any:
    """The quantile for each of the shares, where that of all entries is given."""
    x = as_operand(x)
    if x.dtype == bool:
        raise DtypeError(f"{name}: {describe(x)} holds truths, between which nothing lies")
    q = (q if isinstance(q, int | float) else without_derivative(q, f"q of {name}")) / whole_share
    lines, axes = _lines(name, x, axis, q, 0.0)
    if 0 in [x.shape[i] for i in axes]:
        raise ShapeError(f"{name}: {describe(x)} has no entry between which to choose")
    shares = np.asarray(q, float)
    if not np.all((shares >= 0) & (shares <= 1)):
        raise OptionError(f"{name}: q = {q * whole_share} is not between 0 and {whole_share}")
    places = shares.reshape(-1) * (lines.shape[-1] - 1)
    found = [_back(_between(lines, place), axes, keepdims) for place in places.tolist()]
    return reshape(stack(found), (*shares.shape, *found[0].shape)) if shares.ndim else found[0]


def _between(lines: Any, place: float) -> Any:
    """The entry at a place that may lie between two, as NumPy rounds it."""
    k = math.floor(place)
    t = place - k
    a = _order_statistic(lines, k=k)
    if t == 0:
        return a
    b = _order_statistic(lines, k=k + 1)
    return a + (b - a) * t if t < 0.5 else b - (b - a) * (1 - t)


def percentile(x: Any, q: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Take the `quantile` for q in percent.

    Examples
    --------
    >>> percentile(np.array([4.0, 1.0, 2.0]), 50)
    np.float64(2.0)
    """
    return _quantiles("percentile", x, q, 100, axis, keepdims)
