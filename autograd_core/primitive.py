r"""One operation, one declaration: its forward, its derivative, its notation and its cost.

Four decorators cover everything, and each makes both rules from one text:

===========  ==============================  ===========================================
decorator    what is declared                VJP and JVP that follow
===========  ==============================  ===========================================
pointwise    the partial derivatives         both multiply by the partial
linear       the adjoint map                 the adjoint; the map itself
bilinear     the two adjoints                the adjoints; the map, argument by argument
primitive    VJP and JVP by hand             as written
===========  ==============================  ===========================================

A rule is written with operators, ``.T``, ``.shape`` and the operations of this package, never with
``np`` on an argument: fed arrays it runs at NumPy's speed, fed tensors it records itself. It need not
undo broadcasting or care for the dtype; the sweep gives each result its operand's shape and dtype.

Declaring an operation enters it in `PRIMITIVES`, which the tests, pictures and equations read.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_core.errors import DtypeError, OptionError, ShapeError, describe
from autograd_core.node import NO_PARAMS, Array, Node, is_recording, now
from autograd_core.notation import Notation, applied

__all__ = ["PRIMITIVES", "Each", "Primitive", "as_operand", "bilinear", "linear", "pointwise", "primitive"]

Rule = Callable[..., Any]
Kind = Literal["pointwise", "linear", "bilinear", "general"]


class Primitive(NamedTuple):
    """The record of one declared operation.

    Attributes
    ----------
    name : str
    kind : {"pointwise", "linear", "bilinear", "general"}
    forward : function
        ``forward(*arrays, **params)`` on plain arrays.
    vjps : sequence of functions or None
        One for each argument, ``vjp(ct, out, *args, **params)``; None where no derivative flows.
    jvps : sequence of functions or None
        One for each argument, ``jvp(t, out, *args, **params)``.
    notation : Notation
    flops : function
        ``flops(out, *args, **params)``: floating-point operations of one call of the forward.
    partials : tuple
        Of a pointwise operation: ``partial(out, *args, **params)``, or a number where it is constant.
    differentiable : bool
        Whether a derivative flows to any argument; not so for comparisons.
    """

    name: str
    kind: Kind
    forward: Rule
    vjps: Sequence[Rule | None]
    jvps: Sequence[Rule | None]
    notation: Notation
    flops: Callable[..., int]
    partials: tuple[Rule | float | None, ...] = ()
    differentiable: bool = True

    def __repr__(self) -> str:
        return f"<primitive {self.name}, {self.kind}>"


PRIMITIVES: dict[str, Primitive] = {}


def pointwise(
    *partials: Rule | float | None, notation: Notation | None = None, flops: int = 1
) -> Callable[[Rule], Rule]:
    """Declare an operation that works entry by entry, through its partial derivatives.

    Parameters
    ----------
    *partials : functions, numbers or None
        One for each argument: ``partial(out, *args, **params)`` gives d out / d arg for every entry; a
        number where it is constant; None where nothing flows back.
    notation : Notation, optional
        ``name(...)`` by default.
    flops : int
        Operations for each entry of the result.

    Examples
    --------
    >>> import autograd_core as ag
    >>> @ag.pointwise(lambda y, x: 3.0 * x * x)
    ... def cube(x):
    ...     return x * x * x
    >>> ag.grad(cube)(2.0)
    array(12.)
    """

    def declare(forward: Rule) -> Rule:
        positional_only = _takes_no_params(forward)
        rules = tuple(_times(partial, len(partials) if positional_only else 0) for partial in partials)
        return _enter(
            forward,
            "pointwise",
            rules,
            rules,
            notation,
            lambda out, *_, **__: flops * out.size,
            partials,
        )

    return declare


def linear(adjoint: Rule, notation: Notation | None = None) -> Callable[[Rule], Rule]:
    """Declare a linear map of one array, through its adjoint ``adjoint(ct, x, **params)``.

    The adjoint may read the shape of ``x``, never its entries.

    Examples
    --------
    >>> import autograd_core as ag
    >>> @ag.linear(lambda ct, x: upside_down(ct))
    ... def upside_down(x):
    ...     return x[::-1]
    >>> ag.grad(lambda x: ag.sum(upside_down(x) * np.array([1.0, 2.0])))(np.zeros(2))
    array([2., 1.])
    """

    def declare(forward: Rule) -> Rule:
        def vjp(ct: Any, _out: Any, x: Any, **params: Any) -> Any:
            return adjoint(ct, x, **params)

        def jvp(t: Any, _out: Any, _x: Any, **params: Any) -> Any:
            return apply(t, **params)

        apply: Rule = _enter(forward, "linear", (vjp,), (jvp,), notation, lambda *_, **__: 0)
        return apply

    return declare


def bilinear(
    left: Rule,
    right: Rule,
    notation: Notation | None = None,
    flops: Callable[..., int] | None = None,
) -> Callable[[Rule], Rule]:
    """Declare a map linear in each of two arrays, through both adjoints ``adjoint(ct, a, b, **params)``."""

    def declare(forward: Rule) -> Rule:
        apply: Rule
        jvps = (
            lambda t, _out, _a, b, **params: apply(t, b, **params),
            lambda t, _out, a, _b, **params: apply(a, t, **params),
        )
        vjps = tuple(_without_result(adjoint, _takes_no_params(forward)) for adjoint in (left, right))
        apply = _enter(forward, "bilinear", vjps, jvps, notation, flops or _one_each)
        return apply

    return declare


def primitive(
    *,
    vjps: Sequence[Rule | None],
    jvps: Sequence[Rule | None],
    notation: Notation | None = None,
    flops: Callable[..., int] | None = None,
) -> Callable[[Rule], Rule]:
    """Declare an operation with both rules by hand, one of each for every argument.

    Parameters
    ----------
    vjps : sequence of functions or None
        ``vjp(ct, out, *args, **params)``: the cotangent of that argument.
    jvps : sequence of functions or None
        ``jvp(t, out, *args, **params)``: the tangent of the result due to that argument's tangent.
    notation, flops
        As in `pointwise`; ``flops(out, *args, **params)``.
    """

    def declare(forward: Rule) -> Rule:
        return _enter(forward, "general", vjps, jvps, notation, flops or _one_each)

    return declare


class Each(Sequence[Rule]):
    """The rules of an operation with any number of arguments: ``rule(i, ...)`` is that of argument i."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __getitem__(self, i: Any) -> Any:
        return functools.partial(self.rule, i)

    def __iter__(self) -> Iterator[Rule]:
        return map(self.__getitem__, itertools.count())

    def __len__(self) -> int:
        return sys.maxsize


def _one_each(out: Array, *_: Any, **__: Any) -> int:
    return int(out.size)


def _takes_no_params(forward: Rule) -> bool:
    kinds = {p.kind for p in inspect.signature(forward).parameters.values()}
    return not kinds & {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}


def _without_result(adjoint: Rule, positional_only: bool) -> Rule:
    """The rule of a bilinear operation, whose adjoints do not read the result."""
    if positional_only:  # spelt out because matrix products are called so often
        return lambda ct, _out, a, b: adjoint(ct, a, b)
    return lambda ct, _out, a, b, **params: adjoint(ct, a, b, **params)


def _times(partial: Rule | float | None, arguments: int) -> Rule | None:
    """The rule of a pointwise operation: multiply by the partial derivative.

    With one or two arguments and no parameter, as most have, the call is spelt out: it is a hot one.
    """
    if partial is None:
        return None
    if not callable(partial):
        if partial == 1:
            return lambda ct, *_, **__: ct
        if partial == -1:
            return lambda ct, *_, **__: -ct
        return lambda ct, *_, **__: ct * partial
    if arguments == 1:
        return lambda ct, out, x: ct * partial(out, x)
    if arguments == 2:
        return lambda ct, out, a, b: ct * partial(out, a, b)
    return lambda ct, out, *args, **params: ct * partial(out, *args, **params)


def _enter(
    forward: Rule,
    kind: Kind,
    vjps: Sequence[Rule | None],
    jvps: Sequence[Rule | None],
    notation: Notation | None,
    flops: Callable[..., int],
    partials: tuple[Rule | float | None, ...] = (),
) -> Rule:
    """Register a declaration and return the function that people call."""
    name = forward.__name__.lstrip("_")
    known = PRIMITIVES.get(name)
    if known is not None and _home(known.forward) != _home(forward):
        raise OptionError(
            f"primitive {name!r} is already declared in {known.forward.__module__}; choose another name"
        )
    differentiable = isinstance(vjps, Each) or any(vjps)
    operation = Primitive(
        name, kind, forward, vjps, jvps, notation or applied(name), flops, partials, differentiable
    )
    PRIMITIVES[name] = operation

    apply = functools.wraps(forward)(_DISPATCH.get(len(vjps), _nary)(operation))
    apply.primitive = operation  # type: ignore[attr-defined]
    return apply


def _home(forward: Rule) -> tuple[str, str]:
    """Where a function is defined: running the same cell or module again may declare it anew."""
    return forward.__module__, forward.__qualname__


_NUMBERS = (float, int)
_NUMPY = (np.ndarray, np.generic)
_REAL = "fiub"


def as_operand(x: Any) -> Any:
    """Take tensors and arrays as they are, and make an array of anything else.

    Raises
    ------
    DtypeError
        Not real numbers: complex ones, text, objects.

    Examples
    --------
    >>> as_operand([1.0, 2.0])
    array([1., 2.])
    """
    return x if isinstance(x, Node) else np.asarray(_real(x))


def _real(x: Any) -> Any:
    """Let plain real numbers and arrays of them pass, as NumPy understands them."""
    if not isinstance(x, _NUMPY):
        if type(x) in _NUMBERS:
            return x
        x = np.asarray(x)
    if x.dtype.kind not in _REAL:
        raise DtypeError(
            f"an operand of dtype {x.dtype}: derivatives are taken of real numbers; "
            "compute with the real and imaginary parts of complex data"
        )
    return x


def _unary(operation: Primitive) -> Rule:
    forward = operation.forward

    def apply(x: Any, **params: Any) -> Any:
        if not isinstance(x, Node):
            return forward(_real(x), **params)
        value = x.value
        try:
            out = forward(value, **params) if params else forward(value)
        except ValueError as error:
            raise _explained(operation, (x,), params, error) from None
        return _record(x, operation, out, (x,), (value,), params, x.requires_grad)

    return apply


def _binary(operation: Primitive) -> Rule:
    forward = operation.forward

    def apply(a: Any, b: Any, **params: Any) -> Any:
        x, y = a, b
        if isinstance(a, Node):
            like, flows, x = a, a.requires_grad, a.value
            if isinstance(b, Node):
                flows, y = flows or b.requires_grad, b.value
            else:
                y = _real(b)
        elif isinstance(b, Node):
            like, flows, x, y = b, b.requires_grad, _real(a), b.value
        else:
            return forward(_real(a), _real(b), **params)
        try:
            out = forward(x, y, **params) if params else forward(x, y)
        except ValueError as error:
            raise _explained(operation, (a, b), params, error) from None
        return _record(like, operation, out, (a, b), (x, y), params, flows)

    return apply


def _nary(operation: Primitive) -> Rule:
    forward = operation.forward

    def apply(*args: Any, **params: Any) -> Any:
        nodes = [x for x in args if isinstance(x, Node)]
        values = tuple([x.value if isinstance(x, Node) else _real(x) for x in args])
        if not nodes:
            return forward(*values, **params)
        try:
            out = forward(*values, **params)
        except ValueError as error:
            raise _explained(operation, args, params, error) from None
        flows = any(x.requires_grad for x in nodes)
        return _record(nodes[0], operation, out, args, values, params, flows)

    return apply


_DISPATCH = {1: _unary, 2: _binary}


def _record(
    like: Node,
    operation: Primitive,
    value: Any,
    inputs: tuple[Any, ...],
    values: tuple[Any, ...],
    params: Mapping[str, Any],
    flows: bool,
) -> Node:
    """Wrap a result, and remember how it came about if a derivative flows or it will be shown.

    What comes from a named tensor, or from something already recorded, is remembered even where no
    derivative flows: 1 - Y and a comparison belong in the picture and in the equations.
    """
    node = _new(type(like))
    node.value = value if type(value) is np.ndarray else np.asarray(value)
    node.name = node.grad = None
    node.order = now()
    if is_recording() and (flows or _shown(inputs)):
        node.requires_grad = flows and operation.differentiable
        node.primitive, node.params = operation, params
        node.inputs, node.values = inputs, values
    else:
        node.requires_grad = False
        node.primitive, node.params = None, NO_PARAMS
        node.inputs = node.values = ()
    return node


_new: Callable[[type[Node]], Node] = Node.__new__


def _shown(inputs: tuple[Any, ...]) -> bool:
    for x in inputs:  # noqa: SIM110 - any() would cost more than the rest of the record
        if isinstance(x, Node) and (x.primitive is not None or x.name is not None):
            return True
    return False


def _explained(
    operation: Primitive, args: tuple[Any, ...], params: Mapping[str, Any], error: ValueError
) -> ShapeError:
    """Say which operands did not fit, and whether transposing one of them would mend it."""
    shapes = [np.shape(x.value if isinstance(x, Node) else x) for x in args]
    operands = " and ".join(describe(x) for x in args)
    if len(args) == 1:
        return ShapeError(f"{operation.name}: {operands}: {error}")
    message = f"{operation.name}: {operands} do not fit together"
    for i, x in enumerate(args):
        turned = [np.broadcast_to(0.0, s[::-1] if i == j else s) for j, s in enumerate(shapes)]
        if len(shapes[i]) == 2 and len(args) > 1 and _succeeds(operation.forward, turned, params):
            name = x.name if isinstance(x, Node) and x.name else "its transpose"
            return ShapeError(f"{message}; did you mean {name}.T, of shape {shapes[i][::-1]}?")
    return ShapeError(f"{message} ({error})")


def _succeeds(forward: Rule, arrays: list[Array], params: Mapping[str, Any]) -> bool:
    try:
        forward(*arrays, **params)
    except ValueError:
        return False
    return True
