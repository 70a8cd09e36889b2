"""Functions of arrays that return derivatives of functions of arrays.

A function is called with tensors in place of the arrays to differentiate by; what it records is then
swept. Called inside one another, or on tensors that are themselves being differentiated, the transforms
record their own sweep and so give derivatives of any order.

Where an array may stand, a list, tuple, named tuple or dict of arrays may stand as well, nested as one
likes, and its derivative comes back in the same container. So a list is a container, never the data of
an array: a list of numbers has a list of gradients. Messages and pictures call what stands in a dict or
a named tuple by its key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.differentiation.recorded import (
    Function,
    array_of,
    chosen,
    fitting,
    is_nested,
    numbered,
    record,
    told,
)
from autograd_core.system.wrapping import Transformed
from autograd_core.wording.arguments import function, truth
from autograd_core.wording.errors import OptionError, ShapeError, describe

__all__ = ["grad", "jvp", "value_and_grad", "vjp"]


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """Make a function that returns the value of f and its gradient.

    Parameters
    ----------
    f : function of arrays that returns a scalar
    argnums : int or sequence of int
        Which positional arguments to differentiate by: arrays, numbers, or containers of them. A list
        is a container, so a list of numbers has a list of gradients.
    has_aux : bool
        f returns a pair ``(value, aux)``; the second may be anything, and no derivative of it is taken.

    Returns
    -------
    function
        ``(value, gradient)`` for the same arguments: arrays, or a tuple of gradients if `argnums` is a
        sequence. A gradient has the shape and dtype of its argument, and for a container it is the same
        container of gradients; where f does not depend on an array, it is 0. With `has_aux`
        ``((value, aux), gradient)``, and tensors in aux have become arrays. The order fits
        ``scipy.optimize.minimize(..., jac=True)``.

    Raises
    ------
    ShapeError
        f returns something that is not a scalar.
    OptionError
        There is no such argument, or one is given twice; or `has_aux` is set, and f returns no pair.
    DtypeError
        An argument to differentiate by holds integers, booleans, complex numbers, or no numbers at all.

    Examples
    --------
    >>> value_and_grad(lambda x: (x * x).sum())(np.array([1.0, 2.0]))
    (array(5.), array([2., 4.]))
    >>> value_and_grad(lambda p: p["a"] * p["b"][0])({"a": 2.0, "b": [3.0]})
    (array(6.), {'a': array(3.), 'b': [array(2.)]})
    """
    wanted, has_aux = numbered(argnums), truth(has_aux, "has_aux")
    return Transformed(function(f, "value_and_grad: f"), _value_and_grad, wanted, has_aux)


def _value_and_grad(
    f: Function, args: Sequence[Any], kwargs: dict[str, Any], argnums: int | tuple[int, ...], has_aux: bool
) -> Any:
    recorded = record(f, args, kwargs, chosen(argnums, len(args)), has_aux)
    if recorded.arrangement.kind is not None:
        raise ShapeError(
            f"grad: the function returned {told(recorded.value())}; a gradient is that of one scalar; "
            "with has_aux=True it may return (value, aux)"
        )
    out = recorded.results[0]
    value = array_of(out)
    if value.size != 1:
        raise ShapeError(f"grad: the function returned {describe(out)}; a gradient is that of a scalar")
    seed = np.ones(value.shape, value.dtype) if value.shape else value.dtype.type(1)
    gradient = recorded.structure.unflatten(recorded.pull([seed], recorded.nested))
    value = recorded.value()
    return ((value, recorded.aux) if has_aux else value), gradient


def grad(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """Make a function that returns the gradient of f; see `value_and_grad`.

    With `has_aux` it returns ``(gradient, aux)``.

    Examples
    --------
    >>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
    (array(12.), array(12.))
    >>> grad(lambda x: (x**3, "cube"), has_aux=True)(2.0)
    (array(12.), 'cube')
    """
    wanted, has_aux = numbered(argnums), truth(has_aux, "has_aux")
    return Transformed(function(f, "grad: f"), _grad, wanted, has_aux)


def _grad(
    f: Function, args: Sequence[Any], kwargs: dict[str, Any], argnums: int | tuple[int, ...], has_aux: bool
) -> Any:
    value, gradient = _value_and_grad(f, args, kwargs, argnums, has_aux)
    return (gradient, value[1]) if has_aux else gradient


def vjp(f: Function, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Evaluate f and return its value with the function that pulls cotangents back.

    Parameters
    ----------
    f : function of arrays that returns an array
        Or a container of arrays.
    *primals : arrays or containers of arrays
    has_aux : bool
        f returns a pair ``(out, aux)``; no cotangent belongs to the second.

    Returns
    -------
    out : array or container of arrays
    pullback : function
        ``pullback(ct)`` for a cotangent in the shape of `out`, or a container of cotangents arranged as
        `out` is, gives a tuple, one entry for each primal.
    aux : object
        With `has_aux` only.

    Raises
    ------
    ShapeError
        A cotangent has another shape than `out`, or is arranged in another way.
    OptionError
        `has_aux` is set, and f returns no pair.
    DtypeError
        A primal holds integers, booleans, complex numbers, or no numbers at all.

    Examples
    --------
    >>> out, pullback = vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    has_aux = truth(has_aux, "has_aux")
    recorded = record(function(f, "vjp: f"), primals, {}, range(len(primals)), has_aux)

    def pullback(ct: Any) -> Any:
        cts = fitting(
            "vjp: cotangent {} for a result that is {}",
            ct,
            recorded.arrangement,
            recorded.results,
            "cotangent",
        )
        return recorded.structure.unflatten(recorded.pull(cts, recorded.nested or is_nested(cts)))

    return (recorded.value(), pullback, recorded.aux) if has_aux else (recorded.value(), pullback)


def jvp(
    f: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
    """Evaluate f and push tangents forward: the derivative along a direction.

    Parameters
    ----------
    f : function of arrays that returns an array
        Or a container of arrays.
    primals, tangents : lists or tuples of arrays or of containers of arrays
        One for each argument of f; tangents in the same shapes and the same containers as primals.
    has_aux : bool
        f returns a pair ``(out, aux)``; the second has no tangent.

    Returns
    -------
    out, tangent : arrays of the same shape, or the same containers of them
    aux : object
        With `has_aux` only.

    Raises
    ------
    ShapeError
        A tangent has another shape than its primal, or is arranged in another way, or there are too few
        or many.
    OptionError
        `primals` is one array; or `has_aux` is set, and f returns no pair.
    DtypeError
        A primal holds integers, booleans, complex numbers, or no numbers at all.

    Examples
    --------
    >>> jvp(lambda x: x * x, [np.array([1.0, 2.0])], [np.array([1.0, 0.0])])
    (array([1., 4.]), array([2., 0.]))
    """
    if not (isinstance(primals, list | tuple) and isinstance(tangents, list | tuple)):
        raise OptionError(
            f"jvp: primals is {told(primals)} and tangents is {told(tangents)}; wanted two lists or tuples "
            "with an entry for each argument of the function, as in jvp(f, [x], [t])"
        )
    if len(primals) != len(tangents):
        raise ShapeError(f"jvp: {len(primals)} primals, but {len(tangents)} tangents")
    has_aux = truth(has_aux, "has_aux")
    recorded = record(function(f, "jvp: f"), primals, {}, range(len(primals)), has_aux, beside=tangents)
    moving = fitting(
        "jvp: tangent {} for a primal that is {}",
        tuple(tangents),
        recorded.structure,
        recorded.variables,
        "tangents",
    )
    slope = recorded.arrangement.unflatten(recorded.push(moving, recorded.nested))
    return (recorded.value(), slope, recorded.aux) if has_aux else (recorded.value(), slope)
