"""Derivatives worked out step by step: elementary graphs u1, u2, ... and the adjoint of each step.

The later parts of the notes' series derive each activation and each cost on such a graph. Here they are
functions of tensors, and the table of values and adjoints is read off what the engine records. Inputs end
at u0, as in the notes: with two variables they are u-1 and u0. A step that is used twice receives the sum
of what comes back from both, equation (12).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import autograd_core as ag
from autograd_core.derivations.deriving.expression import expression
from autograd_core.differentiation.backprop import reverse_sweep
from autograd_core.graph.dispatch import plain_array
from autograd_core.graph.node import Array, Node, topological_order
from autograd_core.graph.recording import recording
from autograd_core.wording.errors import GraphError, OptionError, ShapeError, describe, one_of, unknown_key
from autograd_core.wording.identifiers import name_of
from nn.layers.summary import tabulated

__all__ = ["GRAPHS", "Row", "Table", "trace"]

Steps = tuple[Any, ...]


def _relu(z: Any) -> Steps:
    u1 = ag.relu(z)
    return (u1,)


def _sigmoid(z: Any) -> Steps:
    u1 = -z
    u2 = ag.exp(u1)
    u3 = 1 + u2
    u4 = 1 / u3
    return u1, u2, u3, u4


def _tanh(z: Any) -> Steps:
    u1 = -z
    u2 = ag.exp(z)
    u3 = ag.exp(u1)
    u4 = u2 - u3
    u5 = u2 + u3
    u6 = 1 / u5
    u7 = u4 * u6
    return u1, u2, u3, u4, u5, u6, u7


def _softmax(z: Any, others: Any) -> Steps:
    u1 = ag.exp(z)
    u2 = ag.exp(others)
    u3 = u1 + ag.sum(u2)
    u4 = 1 / u3
    u5 = u1 * u4
    return u1, u2, u3, u4, u5


def _softmax_of_another(z: Any, others: Any) -> Steps:
    u1, u2, u3, u4, _ = _softmax(z, others)
    u5 = u2[0] * u4
    return u1, u2, u3, u4, u5


def _binary(a: Any, *, y: Any) -> Steps:
    m = _examples(a, y, ndim=1)
    return _losses(a, y, m)


def _multilabel(a: Any, *, y: Any) -> Steps:
    m = _examples(a, y, ndim=2)
    u1, u2, u3, u4, u5 = _losses(a, y, m)
    u6 = ag.sum(u5)
    return u1, u2, u3, u4, u5, u6


def _losses(a: Any, y: Any, m: int) -> Steps:
    u1 = 1 - a
    u2 = ag.log(a)
    u3 = ag.log(u1)
    u4 = y * u2 + (1 - y) * u3
    u5 = -ag.sum(u4, axis=-1) / m
    return u1, u2, u3, u4, u5


def _multiclass(a: Any, *, y: Any) -> Steps:
    m = _examples(a, y, ndim=2)
    u1 = ag.log(a)
    u2 = y * u1
    u3 = ag.sum(u2, axis=0)
    u4 = -ag.sum(u3) / m
    return u1, u2, u3, u4


def _examples(a: Any, y: Any, ndim: int) -> int:
    """Check predictions against targets, and count the examples."""
    if a.shape != y.shape or a.ndim != ndim or not a.size:
        raise ShapeError(
            f"trace: a of shape {a.shape} and y of shape {y.shape}; "
            f"both must be {'(m,)' if ndim == 1 else '(n, m)'}, an entry for each example"
        )
    return int(a.shape[-1])


GRAPHS: dict[str, Callable[..., Steps]] = {
    "relu": _relu,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "softmax": _softmax,
    "softmax_of_another": _softmax_of_another,
    "binary": _binary,
    "multiclass": _multiclass,
    "multilabel": _multilabel,
}


class Row(NamedTuple):
    """One step.

    Attributes
    ----------
    name : str
        ``"u0"``, ``"u1"``, ...
    expression : str
        How it is computed from the steps before it.
    value, adjoint : array
        Its value, and the derivative of the last step by it, in the same shape.
    """

    name: str
    expression: str
    value: Array
    adjoint: Array


class Table:
    """The steps of a graph in order; prints as a table.

    Attributes
    ----------
    rows : tuple of Row
        The inputs, then the steps; the last one is the result.
    derivatives : dict of str to array
        The derivative of the result by each input, under the input's own name.
    """

    def __init__(self, rows: tuple[Row, ...], inputs: tuple[str, ...]) -> None:
        self.rows = rows
        self.derivatives = {name: row.adjoint for name, row in zip(inputs, rows, strict=False)}

    @property
    def result(self) -> Array:
        """The value of the last step."""
        return self.rows[-1].value

    def __getitem__(self, name: str) -> Row:
        for row in self.rows:
            if isinstance(name, str) and row.name == name:
                return row
        raise unknown_key("step", name, [row.name for row in self.rows])

    def __str__(self) -> str:
        head = ("step", "", "value", f"∂{self.rows[-1].name}/∂step")
        cells = [(row.name, row.expression, _number(row.value), _number(row.adjoint)) for row in self.rows]
        return tabulated([head, *cells])

    __repr__ = __str__


def trace(graph: str | Callable[..., Any], /, **inputs: Any) -> Table:
    """Evaluate a graph step by step, and sweep back over it once.

    Parameters
    ----------
    graph : str or function
        A name in `GRAPHS`, or any function written with tensors. Its arguments are differentiated by,
        except those that it takes by keyword only, as ``y`` in ``f(a, *, y)``. If it returns a tuple, these
        are the steps; otherwise every operation that it records is one.
    **inputs : numbers or arrays
        Its arguments. The activations take ``z``, of one node; softmax also ``others``, the z of all other
        nodes, and "softmax_of_another" is that of the first of those. The costs take ``a`` and ``y``: (m,)
        for "binary", (n, m) for "multiclass" and "multilabel".

    Returns
    -------
    Table

    Raises
    ------
    OptionError
        There is no graph of that name, or it takes other arguments.
    ShapeError
        The result is not a scalar, or predictions and targets do not line up.
    GraphError
        The result is not computed from the arguments.

    Examples
    --------
    >>> table = trace("sigmoid", z=0.0)
    >>> print(table)
    step              value  ∂u4/∂step
    u0    z           0      0.25
    u1    −u0         0      -0.25
    u2    exp(u1)     1      -0.25
    u3    1 + u2      2      -0.25
    u4    1 / u3      0.5    1
    >>> float(table["u3"].value), float(table.derivatives["z"])
    (2.0, 0.25)
    >>> print(trace(lambda x: x * x, x=3.0))
    step           value  ∂u1/∂step
    u0    x        3      6
    u1    u0 ⊙ u0  9      1
    """
    function = _named(graph)
    variables, constants = _taken(graph, function, inputs)
    with recording():
        out = function(**variables, **constants)
    steps = list(out) if isinstance(out, tuple) else _operations(out)
    result = _result(steps)
    adjoints = reverse_sweep({result: np.ones_like(result.value)}, keep=True)
    given = {node: name for name, node in variables.items()}
    names = {node: f"u{i}" for i, node in enumerate([*given, *steps], start=1 - len(given))}
    written = names | {node: name for name, node in constants.items()}
    rows = [
        Row(
            name,
            given.get(node) or expression(node, written).text,
            node.value,
            np.asarray(adjoints.get(node, np.zeros_like(node.value))),
        )
        for node, name in names.items()
    ]
    return Table(tuple(rows), tuple(variables))


def _named(graph: str | Callable[..., Any]) -> Callable[..., Any]:
    if callable(graph):
        return graph
    one_of("graph", graph, GRAPHS)
    return GRAPHS[graph]


def _taken(
    graph: str | Callable[..., Any], function: Callable[..., Any], inputs: dict[str, Any]
) -> tuple[dict[str, ag.Tensor], dict[str, ag.Tensor]]:
    """Make tensors of the inputs, in the function's order: those to differentiate by, and the others."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        raise OptionError(
            f"trace: {function!r:.60} does not say what it takes; wrap it in a function"
        ) from None
    try:
        given = signature.bind(**inputs).arguments
    except TypeError as error:
        called = graph if isinstance(graph, str) else name_of(graph)
        raise OptionError(f"trace: {error}; {called} takes {', '.join(signature.parameters)}") from None
    variables, constants = {}, {}
    for name, value in given.items():
        array = plain_array(value)
        array = array.astype(float) if array.dtype.kind in "iub" else array
        if signature.parameters[name].kind is inspect.Parameter.KEYWORD_ONLY:
            constants[name] = ag.Tensor(array, name=name)
        else:
            variables[name] = ag.Tensor(array, requires_grad=True)
    return variables, constants


def _operations(out: Any) -> list[Any]:
    """Every recorded operation that depends on a variable, in order."""
    if not isinstance(out, Node):
        return [out]
    return [node for node in topological_order([out]) if node.primitive and node.requires_grad]


def _result(steps: list[Any]) -> Node:
    if not steps or not all(isinstance(u, Node) and u.requires_grad for u in steps):
        raise GraphError("trace: every step must be computed from the arguments with the engine's operations")
    result: Node = steps[-1]
    if result.size != 1:
        raise ShapeError(f"trace: the last step is {describe(result)}, but a scalar is wanted")
    return result


def _number(value: Array) -> str:
    """Write a number, or the first and last of many."""
    written: Any = {"float_kind": lambda entry: f"{entry + 0.0:.6g}"}  # + 0.0 turns −0 into 0
    text = np.array2string(value, separator=", ", threshold=12, edgeitems=2, formatter=written)
    return " ".join(text.split())
