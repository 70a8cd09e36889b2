"""What a call of an operation does: take its operands, compute, and record.

The forward runs on plain arrays. If an operand is a node, the result is one as well; it remembers its
operation and operands if a derivative flows or if it will be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.graph.declared import own
from autograd_core.graph.node import NO_PARAMS, Array, Node, now
from autograd_core.graph.operands import (
    REAL,
    as_factor,
    as_operand,
    lone,
    noted,
    plain_array,
    real,
    values_of,
)
from autograd_core.graph.recording import is_recording, replayed, state
from autograd_core.wording.errors import (
    AutogradError,
    DtypeError,
    IndexingError,
    OptionError,
    ShapeError,
    SizeError,
    describe,
)
from autograd_core.wording.identifiers import printable

if TYPE_CHECKING:
    from autograd_core.graph.operation import Primitive

__all__ = ["REAL", "as_factor", "as_operand", "dispatched", "plain_array", "values_of"]

Apply = Callable[..., Any]


def dispatched(operation: Primitive, takes_params: bool, names: tuple[str, ...] = ()) -> Apply:
    """Make the function that people call: one for any operands, spelt out for one and for two.

    Parameters
    ----------
    operation : Primitive
    takes_params : bool
        Whether there are parameters beside the operands.
    names : tuple of str
        What the operands are called where they are not given by position.
    """
    make = _SPELT_OUT.get((len(operation.vjps), takes_params))
    if make is None:
        return _general(operation, names)
    apply: Any = make(operation)
    code = apply.__code__
    if names[: code.co_argcount] != code.co_varnames[: len(names)]:
        apply.__code__ = code.replace(co_varnames=names + code.co_varnames[len(names) :])
    return apply  # type: ignore[no-any-return]


_EXPLAINED = (ValueError, IndexError, OverflowError, MemoryError, TypeError)
"""What NumPy raises where operands or parameters do not fit; the message is then given their names."""


def _unary(operation: Primitive) -> Apply:
    forward, differentiable = operation.forward, operation.differentiable

    def apply(x: Any) -> Any:
        if not isinstance(x, Node):
            if state() is not True:
                noted(x)
            value = x if type(x) is _ndarray and x.dtype.kind == "f" else lone(x)
            try:
                return forward(value)
            except _EXPLAINED as error:
                raise _explained(operation, (x,), NO_PARAMS, error) from None
        value = x.value
        try:
            out = forward(value)
        except _EXPLAINED as error:
            raise _explained(operation, (x,), NO_PARAMS, error) from None
        if x.requires_grad and differentiable and state() is True and type(out) is _ndarray:
            node = _new(type(x))  # what _record does, spelt out for what is called most
            node.value, node.order = out, now()
            node._name = node.grad = None
            node.requires_grad = True
            node.primitive, node.params = operation, NO_PARAMS
            node.inputs, node.values = (x,), (value,)
            return node
        return _record(x, operation, out, (x,), (value,), NO_PARAMS, x.requires_grad)

    return apply


def _unary_with_params(operation: Primitive) -> Apply:
    forward = operation.forward

    def apply(x: Any, **params: Any) -> Any:
        if isinstance(x, Node):
            value = x.value
        else:
            if state() is not True:
                noted(x)
            value = lone(x)
        try:
            out = forward(value, **params)
        except _EXPLAINED as error:
            raise _explained(operation, (x,), params, error) from None
        if not isinstance(x, Node):
            return out
        return _record(x, operation, out, (x,), (value,), params, x.requires_grad)

    return apply


def _binary(operation: Primitive) -> Apply:
    forward, differentiable = operation.forward, operation.differentiable

    def apply(a: Any, b: Any) -> Any:
        if isinstance(a, Node):
            like, flows, x = a, a.requires_grad, a.value
            y: Any
            if isinstance(b, Node):
                y = b.value
                flows = flows or b.requires_grad
            else:
                y = b = b if type(b) is float else real(b)
        elif isinstance(b, Node):
            like, flows, y = b, b.requires_grad, b.value
            x = a = real(a)
        else:
            if state() is not True:
                noted(a, b)
            x, y = real(a), real(b)
            try:
                return forward(x, y)
            except _EXPLAINED as error:
                raise _explained(operation, (a, b), NO_PARAMS, error) from None
        try:
            out = forward(x, y)
        except _EXPLAINED as error:
            raise _explained(operation, (a, b), NO_PARAMS, error) from None
        if flows and differentiable and state() is True and type(out) is _ndarray:
            node = _new(type(like))  # as above
            node.value, node.order = out, now()
            node._name = node.grad = None
            node.requires_grad = True
            node.primitive, node.params = operation, NO_PARAMS
            node.inputs, node.values = (a, b), (x, y)
            return node
        return _record(like, operation, out, (a, b), (x, y), NO_PARAMS, flows)

    return apply


def _general(operation: Primitive, names: tuple[str, ...]) -> Apply:
    forward, rules = operation.forward, len(operation.vjps)

    def apply(*args: Any, **params: Any) -> Any:
        while params and len(args) < len(names) and names[len(args)] in params:
            args = (*args, params.pop(names[len(args)]))
        if len(args) > rules:
            _refuse_without_rule(operation, args[rules:])
        args = tuple([x if isinstance(x, Node) else real(x) for x in args])
        nodes = [x for x in args if isinstance(x, Node)]
        if not nodes:
            noted(*args)
        values = tuple([x.value if isinstance(x, Node) else x for x in args])
        try:
            out = forward(*values, **params)
        except _EXPLAINED as error:
            raise _explained(operation, args, params, error) from None
        if not nodes:
            return out
        flows = any(x.requires_grad for x in nodes)
        return _record(nodes[0], operation, out, args, values, params, flows)

    return apply


def _refuse_without_rule(operation: Primitive, surplus: tuple[Any, ...]) -> None:
    """Refuse operands of which nobody has said how a derivative flows to them."""
    for x in surplus:
        if isinstance(x, Node) and x.requires_grad:
            raise OptionError(
                f"{operation.name}: {describe(x)} requires a derivative, and rules are declared for "
                f"{len(operation.vjps)} arguments only; a rule of None says that no derivative flows"
            )


_SPELT_OUT = {(1, False): _unary, (1, True): _unary_with_params, (2, False): _binary}


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
    node.value = value if type(value) is _ndarray else np.asarray(value)
    node._name = node.grad = None
    node.order = now()
    watching = is_recording()
    if watching and (flows or _shown(inputs) or replayed(watching)):
        node.requires_grad = flows and operation.differentiable
        node.primitive, node.params = operation, params
        node.inputs, node.values = inputs, values
    else:
        node.requires_grad = False
        node.primitive, node.params = None, NO_PARAMS
        node.inputs = node.values = ()
    if watching is not True and watching:
        for observer in watching:
            observer.recorded(node, operation, inputs)
    return node


_new: Callable[[type[Node]], Node] = Node.__new__
_ndarray = np.ndarray


def _shown(inputs: tuple[Any, ...]) -> bool:
    for x in inputs:  # noqa: SIM110 - any() would cost more than the rest of the record
        if isinstance(x, Node) and (x.primitive is not None or x._name is not None):
            return True
    return False


def _explained(
    operation: Primitive, args: tuple[Any, ...], params: Mapping[str, Any], error: Exception
) -> Exception:
    """Say which operands did not fit, and whether transposing one of them would mend it."""
    if isinstance(error, TypeError) and (isinstance(error, AutogradError) or not own(operation.home)):
        return error  # a user's function has its own reasons
    shapes = [np.shape(x.value if isinstance(x, Node) else x) for x in args]
    operands = " and ".join(describe(x) for x in args)
    if isinstance(error, np.linalg.LinAlgError):
        return np.linalg.LinAlgError(f"{operation.name}: {operands}: {error}")
    for kind, ours in _OTHERS.items():
        if isinstance(error, kind) and not isinstance(error, ValueError):
            given = "".join(f", {key}={value!r:.40}" for key, value in params.items())
            return ours(f"{operation.name}: {operands}{given}: {error}")
    if len(args) == 1:
        return ShapeError(f"{operation.name}: {operands}: {error}")
    message = f"{operation.name}: {operands} do not fit together"
    small = _in_small(shapes)
    for i, x in enumerate(args):
        turned = [np.ones(s[::-1] if i == j else s) for j, s in enumerate(small)]
        if len(shapes[i]) == 2 and _succeeds(operation.forward, turned, params):
            named = isinstance(x, Node) and x.name
            what = f"{printable(named)}.T" if named else f"the transpose of operand {i + 1}"
            return ShapeError(f"{message}; did you mean {what}, of shape {shapes[i][::-1]}?")
    return ShapeError(f"{message} ({error})")


_OTHERS = {
    IndexError: IndexingError,
    OverflowError: DtypeError,
    MemoryError: SizeError,
    TypeError: DtypeError,
}


def _in_small(shapes: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Shapes that fit together where these do, of the smallest sizes: what fits is tried at no cost.

    >>> _in_small([(1, 15000), (15000, 700), (0,)])
    [(1, 2), (2, 3), (0,)]
    """
    sizes = dict.fromkeys(n for shape in shapes for n in shape if n > 1)
    stands_for = {0: 0, 1: 1} | {n: i for i, n in enumerate(sizes, 2)}
    return [tuple([stands_for[n] for n in shape]) for shape in shapes]


def _succeeds(forward: Apply, arrays: list[Array], params: Mapping[str, Any]) -> bool:
    try:
        forward(*arrays, **params)
    except _EXPLAINED:
        return False
    return True
