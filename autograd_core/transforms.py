"""Functions of arrays that return derivatives of functions of arrays.

A function is called with tensors in place of the arrays to differentiate by; what it records is then
swept. Called inside one another, or on tensors that are themselves being differentiated, the transforms
record their own sweep and so give derivatives of any order.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_core.backprop import forward_sweep, reverse_sweep
from autograd_core.errors import OptionError, ShapeError, describe
from autograd_core.node import Node, is_recording, recording
from autograd_core.ops.arithmetic import positive
from autograd_core.tensor import Tensor

__all__ = ["grad", "jvp", "value_and_grad", "vjp"]

Function = Callable[..., Any]

_depth: ContextVar[int] = ContextVar("autograd_core.transforms", default=0)


def _variable(x: Any, name: str | None = None) -> Tensor:
    """Make a tensor to differentiate by, still connected to `x` if that is being differentiated."""
    if isinstance(x, Tensor) and x.requires_grad:
        return positive(x)  # type: ignore[no-any-return]
    return Tensor(_floating(x), requires_grad=True, name=name)


def _floating(x: Any) -> Any:
    """Take Python integers for float64; an integer array is refused by Tensor, as everywhere."""
    return float(x) if isinstance(x, int) and not isinstance(x, bool) else x


def _called(f: Function, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Call f, recording whatever stands outside; derivatives taken inside are recorded as well."""
    token = _depth.set(_depth.get() + 1)
    try:
        with recording():
            return f(*args, **kwargs)
    finally:
        _depth.reset(token)


def _nested(args: Sequence[Any]) -> bool:
    """Whether somebody outside may differentiate the derivative again."""
    if not is_recording():
        return False
    return _depth.get() > 0 or any(isinstance(x, Node) and x.requires_grad for x in args)


def _array(x: Any) -> Any:
    return x.value if isinstance(x, Node) else np.asarray(x)


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """Make a function that returns the value of f and its gradient.

    Parameters
    ----------
    f : function of arrays that returns a scalar
    argnums : int or sequence of int
        Which positional arguments to differentiate by.

    Returns
    -------
    function
        ``(value, gradient)`` for the same arguments: arrays, or a tuple of gradients if `argnums` is a
        sequence. A gradient has the shape and dtype of its argument; where f does not depend on it, it
        is 0. The order fits ``scipy.optimize.minimize(..., jac=True)``.

    Raises
    ------
    ShapeError
        f returns something that is not a scalar.
    OptionError
        There is no such argument, or one is given twice.
    DtypeError
        An argument to differentiate by holds integers, booleans or complex numbers.

    Examples
    --------
    >>> value_and_grad(lambda x: (x * x).sum())(np.array([1.0, 2.0]))
    (array(5.), array([2., 4.]))
    """
    wanted = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    @functools.wraps(f)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        places = {i + len(args) * (i < 0) for i in wanted}
        if len(places) < len(wanted) or not places <= set(range(len(args))):
            raise OptionError(
                f"argnums={argnums}: wanted different ones of the {len(args)} positional arguments"
            )
        replaced = list(args)
        variables = []
        for i in wanted:
            replaced[i] = _variable(args[i])
            variables.append(replaced[i])
        out = _called(f, replaced, kwargs)
        if np.size(_array(out)) != 1:
            raise ShapeError(f"grad: the function returned {describe(out)}; a gradient is that of a scalar")
        record = _nested(args)
        found: dict[Node, Any] = {}
        if isinstance(out, Node) and out.requires_grad:
            seed = np.ones(out.shape, out.dtype)
            found = reverse_sweep({out: Tensor(seed) if record else seed}, variables, create_graph=record)
        gradients = tuple(_gradient(found.get(x), x, record) for x in variables)
        value = out if record else np.array(_array(out))
        return value, gradients[0] if isinstance(argnums, int) else gradients

    return differentiated


def _gradient(ct: Any, x: Node, record: bool) -> Any:
    if ct is None:
        ct = np.zeros(x.shape, x.dtype)
    return ct if record else np.array(_array(ct))


def grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """Make a function that returns the gradient of f; see `value_and_grad`.

    Examples
    --------
    >>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
    (array(12.), array(12.))
    """
    both = value_and_grad(f, argnums)

    @functools.wraps(f)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return differentiated


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """Evaluate f and return its value with the function that pulls cotangents back.

    Parameters
    ----------
    f : function of arrays that returns an array
    *primals : arrays

    Returns
    -------
    out : array
    pullback : function
        ``pullback(ct)`` for a cotangent in the shape of `out` gives a tuple, one entry for each primal.

    Raises
    ------
    ShapeError
        A cotangent has another shape than `out`.

    Examples
    --------
    >>> out, pullback = vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    record = _nested(primals)
    variables = [_variable(x) for x in primals]
    out = _called(f, variables, {})

    def pullback(ct: Any) -> tuple[Any, ...]:
        again = record or _nested((ct,))
        if np.shape(_array(ct)) != np.shape(_array(out)):
            raise ShapeError(f"vjp: cotangent {describe(ct)} for a result that is {describe(out)}")
        found: dict[Node, Any] = {}
        if isinstance(out, Node) and out.requires_grad:
            seed = ct if isinstance(ct, Node) else np.asarray(ct, out.dtype)
            seed = Tensor(seed) if again and not isinstance(seed, Node) else seed
            found = reverse_sweep({out: seed if again else _array(seed)}, variables, create_graph=again)
        return tuple(_gradient(found.get(x), x, again) for x in variables)

    return (out if record else np.array(_array(out))), pullback


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Evaluate f and push tangents forward: the derivative along a direction.

    Parameters
    ----------
    f : function of arrays that returns an array
    primals, tangents : sequences of arrays
        As many of each, in the same shapes.

    Returns
    -------
    out, tangent : arrays of the same shape

    Raises
    ------
    ShapeError
        A tangent has another shape than its primal, or there are too few or many.

    Examples
    --------
    >>> jvp(lambda x: x * x, [np.array([1.0, 2.0])], [np.array([1.0, 0.0])])
    (array([1., 4.]), array([2., 0.]))
    """
    if len(primals) != len(tangents):
        raise ShapeError(f"jvp: {len(primals)} primals, but {len(tangents)} tangents")
    record = _nested([*primals, *tangents])
    variables = [_variable(x) for x in primals]
    directions: dict[Node, Any] = {}
    for x, t in zip(variables, tangents, strict=True):
        if np.shape(_array(t)) != x.shape:
            raise ShapeError(f"jvp: tangent {describe(t)} for a primal that is {describe(x)}")
        t = t if isinstance(t, Node) else np.asarray(t, x.dtype)
        directions[x] = Tensor(t) if record and not isinstance(t, Node) else t
    out = _called(f, variables, {})
    found = forward_sweep([out], directions, create_graph=record)[0] if isinstance(out, Node) else None
    value = out if record else np.array(_array(out))
    if found is None:
        found = np.zeros(np.shape(_array(out)), _array(out).dtype)
    return value, found if record else np.array(_array(found))
