"""Derivatives of every kind, made of the two sweeps: Jacobians, Hessians, and one gradient per example.

All are functions of arrays like any other, so they nest: in one another, and in the transforms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args

import numpy as np

from autograd_core.differentiation.recorded import (
    Function,
    Recorded,
    array_of,
    chosen,
    numbered,
    parameter,
    places,
    record,
)
from autograd_core.differentiation.transforms import grad, jvp
from autograd_core.differentiation.tree import Structure, flatten
from autograd_core.graph.node import Array
from autograd_core.ops.shaping.joining import stack
from autograd_core.ops.shaping.shape import astype, reshape
from autograd_core.system.wrapping import Transformed
from autograd_core.wording.arguments import function
from autograd_core.wording.errors import OptionError, ShapeError, one_of

__all__ = ["hessian", "hvp", "jacobian", "per_example_grad"]

Mode = Literal["auto", "forward", "reverse"]


def jacobian(f: Function, argnums: int | Sequence[int] = 0, mode: Mode = "auto") -> Function:
    """Make a function that returns the Jacobian of f: the derivative of every entry by every entry.

    Parameters
    ----------
    f : function of arrays that returns an array
        Or a container of arrays. It is called once.
    argnums : int or sequence of int
        Which positional arguments to differentiate by: arrays, or containers of arrays.
    mode : {"auto", "forward", "reverse"}
        Sweep forward once for each entry of the arguments, or back once for each entry of the result;
        by default whichever takes fewer sweeps.

    Returns
    -------
    function
        For the same arguments an array of shape ``out.shape + x.shape`` in the dtype of x, as a gradient
        has it, in either mode; a tuple of them if `argnums` is a sequence, and in a container what a
        container holds. Where f does not depend on x, it is 0. If f returns a container, it is that
        container of Jacobians.

    Raises
    ------
    OptionError
        There is no such mode or argument, or an argument is given twice.
    DtypeError
        An argument to differentiate by holds integers, booleans, complex numbers, or no numbers at all.

    Examples
    --------
    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    >>> jacobian(lambda a, x: a * x, argnums=(0, 1))(2.0, np.array([3.0, 4.0]))
    (array([3., 4.]), array([[2., 0.],
           [0., 2.]]))
    """
    one_of("mode", mode, get_args(Mode))
    return Transformed(function(f, "jacobian: f"), _jacobian, numbered(argnums), mode)


def _jacobian(
    f: Function, args: Sequence[Any], kwargs: dict[str, Any], argnums: int | tuple[int, ...], mode: Mode
) -> Any:
    recorded = record(f, args, kwargs, chosen(argnums, len(args)))
    results = [array_of(y) for y in recorded.results]
    fewer = sum(x.size for x in recorded.variables) < sum(y.size for y in results)
    forward = mode == "forward" or (mode == "auto" and fewer)
    rows = (_by_columns if forward else _by_rows)(recorded, results)
    return recorded.arrangement.unflatten([recorded.structure.unflatten(row) for row in rows])


def _by_rows(recorded: Recorded, results: list[Array]) -> list[list[Any]]:
    """Blocks by result and variable: a reverse sweep for each entry of the results."""
    xs, nested = recorded.variables, recorded.nested
    blocks = []
    for k, y in enumerate(results):
        rows = [recorded.pull(_only(k, unit, len(results)), nested) for unit in _units(y)]
        blocks.append([_joined([row[i] for row in rows], y, x) for i, x in enumerate(xs)])
    return blocks


def _by_columns(recorded: Recorded, results: list[Array]) -> list[list[Any]]:
    """The same blocks: a forward sweep for each entry of the variables."""
    xs, nested = recorded.variables, recorded.nested
    blocks: list[list[Any]] = [[] for _ in results]
    for i, x in enumerate(xs):
        columns = [recorded.push(_only(i, unit, len(xs)), nested) for unit in _units(x)]
        for k, y in enumerate(results):
            blocks[k].append(_joined([column[k] for column in columns], y, x, axis=y.ndim))
    return blocks


def _units(x: Any) -> Iterator[Array]:
    """Every array in the shape of x with one entry 1 and all others 0."""
    for i in range(x.size):
        unit = np.zeros(x.shape, x.dtype)
        unit.flat[i] = 1
        yield unit


def _only(i: int, unit: Array, count: int) -> list[Array | None]:
    """A direction in one of several arrays, and none in the others."""
    return [unit if j == i else None for j in range(count)]


def _joined(parts: list[Any], y: Array, x: Any, axis: int = 0) -> Any:
    """One block out of its rows or columns."""
    shape = y.shape + x.shape
    block = reshape(stack(parts, axis), shape) if parts else np.zeros(shape, x.dtype)
    return block if block.dtype == x.dtype else astype(block, x.dtype)


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """Make a function that returns the Hessian of f: the Jacobian of its gradient.

    It takes one forward sweep over the recorded gradient for each entry of the arguments. Rounding may
    leave it not exactly symmetric. To multiply it by a vector, `hvp` needs a single sweep.

    Parameters
    ----------
    f : function of arrays that returns a scalar
    argnums : int or sequence of int
        Which positional arguments to differentiate by.

    Returns
    -------
    function
        For the same arguments an array of shape ``x.shape + x.shape``; a tuple of tuples of blocks if
        `argnums` is a sequence, block [i][j] being the derivative by argument i and then by j. For a
        container of arrays it is the container of those containers: ``H["W"]["b"]``.

    Raises
    ------
    ShapeError
        f returns something that is not a scalar.
    OptionError
        There is no such argument, or one is given twice.
    DtypeError
        An argument to differentiate by holds integers, booleans, complex numbers, or no numbers at all.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    return jacobian(grad(function(f, "hessian: f"), argnums), argnums, mode="forward")


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
    """Multiply the Hessian of f by a vector without forming it: the slope of the gradient.

    Parameters
    ----------
    f : function of arrays that returns a scalar
    primals, tangents : lists or tuples of arrays or of containers of arrays
        One for each argument of f; together the tangents are the vector. As in `jvp`.

    Returns
    -------
    tuple
        The product: one entry for each primal, in its shape and in its container.

    Raises
    ------
    ShapeError
        f returns something that is not a scalar; a tangent has another shape than its primal, or is
        arranged in another way, or there are too few or many.
    OptionError
        `primals` or `tangents` is one array.
    DtypeError
        A primal holds integers, booleans, complex numbers, or no numbers at all.

    Notes
    -----
    Forward over reverse, about the cost of four evaluations of f: Pearlmutter, "Fast exact
    multiplication by the Hessian", Neural Computation 6 (1994).

    Examples
    --------
    >>> hvp(lambda x: x[0] ** 2 * x[1], [np.array([1.0, 3.0])], [np.array([1.0, 0.0])])
    (array([6., 2.]),)
    """
    count = len(primals) if isinstance(primals, list | tuple) else 1  # what is neither, jvp refuses
    return jvp(grad(function(f, "hvp: f"), range(count)), primals, tangents)[1]  # type: ignore[no-any-return]


def per_example_grad(
    f: Function, argnums: int | Sequence[int] = 0, columns: int | Sequence[int] | None = None
) -> Function:
    """Make a function that returns the gradient of f at each example by itself.

    An example is a column: one entry along the last axis of the data. f is called, and its gradient
    taken, once for each, with ``X[..., i:i+1]`` in place of X. The gradients of a cost that is a sum over
    columns add up to its gradient. If f divides by the number m of columns, it divides by 1 here, and
    the mean of the gradients is the gradient of f.

    Parameters
    ----------
    f : function of arrays that returns a scalar
    argnums : int or sequence of int
        Which positional arguments to differentiate by.
    columns : int or sequence of int, optional
        Which positional arguments hold examples: arrays, or containers of arrays. All that are not in
        `argnums` by default.

    Returns
    -------
    function
        For the same arguments an array of shape ``(m, *x.shape)``, example by example along a new first
        axis; a tuple of them if `argnums` is a sequence, and in a container what a container holds.

    Raises
    ------
    ShapeError
        There is no example, arguments hold different numbers of them, or one has no axis; or f returns
        something that is not a scalar.
    OptionError
        There is no such argument, one is given twice or in both, or none holds examples.

    Examples
    --------
    >>> W, X = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    >>> per_example_grad(lambda W, X: ((W @ X) ** 2).sum())(W, X)
    array([[[2., 0.]],
           [[0., 4.]],
           [[6., 6.]]])
    """
    wanted = numbered(argnums)
    holding = None if columns is None else numbered(columns, "columns")
    return Transformed(function(f, "per_example_grad: f"), _per_example_grad, wanted, holding)


def _per_example_grad(
    f: Function,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    argnums: int | tuple[int, ...],
    columns: int | tuple[int, ...] | None,
) -> Any:
    by = chosen(argnums, len(args))
    held = {i: flatten(args[i]) for i in _holding(columns, by, len(args))}
    gradients = []
    for e in range(_count(f, held)):
        one = list(args)
        for i, (leaves, structure) in held.items():
            one[i] = structure.unflatten([x[..., e : e + 1] for x in leaves])
        gradients.append(flatten(grad(f, by)(*one, **kwargs)))
    structure = gradients[0][1]
    return structure.unflatten([stack(parts) for parts in zip(*[leaves for leaves, _ in gradients])])


def _holding(columns: int | tuple[int, ...] | None, by: int | tuple[int, ...], count: int) -> tuple[int, ...]:
    """Which arguments hold examples."""
    taken = {by} if isinstance(by, int) else set(by)
    if columns is None:
        return tuple([i for i in range(count) if i not in taken])
    found = places((columns,) if isinstance(columns, int) else columns, count, "columns")
    if both := taken.intersection(found):
        raise OptionError(
            f"per_example_grad: argument {min(both)} is among argnums and among columns={columns}; what is "
            "differentiated by does not hold examples"
        )
    return found


def _count(f: Function, held: dict[int, tuple[list[Any], Structure]]) -> int:
    """How many examples there are; all of the data must agree."""
    sizes: dict[str, int] = {}
    for i, (leaves, structure) in held.items():
        for x, path in zip(leaves, structure.paths(parameter(f, i))):
            shape = np.shape(array_of(x))
            if not shape:
                raise ShapeError(
                    f"per_example_grad: {path} has no axis, so it holds no examples; say with columns= which "
                    "arguments do"
                )
            sizes[path] = shape[-1]
    if not sizes:
        raise OptionError(
            "per_example_grad: no argument holds examples; pass the data as positional arguments that are "
            "not in argnums"
        )
    if len(set(sizes.values())) > 1 or 0 in sizes.values():
        told = ", ".join(f"{path} {size}" for path, size in sizes.items())
        raise ShapeError(
            f"per_example_grad: examples along the last axis: {told}; wanted the same number in all, and one "
            "at least"
        )
    return next(iter(sizes.values()))
