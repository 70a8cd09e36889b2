"""A function called once on variables, and swept as often as its derivatives need.

The arrays to differentiate by are taken out of their containers, tensors that record stand in for them,
and what the function returns is taken apart as well. Everything that is refused is named by its path:
``params["W"][0]``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.differentiation.backprop import forward_sweep, reverse_sweep
from autograd_core.differentiation.tensor import Tensor
from autograd_core.differentiation.tree import CONTAINERS, LEAF, Structure, flatten
from autograd_core.graph.anomaly import warn
from autograd_core.graph.dispatch import REAL, plain_array
from autograd_core.graph.node import Node, depends
from autograd_core.graph.recording import Transform, apart, is_recording, transforms
from autograd_core.ops.entrywise.arithmetic import positive
from autograd_core.ops.shaping.shape import astype
from autograd_core.wording.arguments import is_sequence, whole
from autograd_core.wording.errors import DtypeError, OptionError, ShapeError, describe
from autograd_core.wording.identifiers import name_of

__all__ = [
    "Function",
    "Recorded",
    "array_of",
    "chosen",
    "fitting",
    "is_nested",
    "numbered",
    "parameter",
    "places",
    "record",
    "told",
]

Function = Callable[..., Any]


def _variable(x: Any, name: str | None = None) -> Tensor:
    """Make a tensor to differentiate by, still connected to `x` where that is being differentiated."""
    if isinstance(x, Node):
        if is_recording() and (x.requires_grad or (x.primitive is not None and x.dtype.kind == "f")):
            variable: Tensor = positive(x)
            variable.requires_grad = True
            return variable
        name = x.name or name
    return Tensor(_floating(x), requires_grad=True, name=name)


def _floating(x: Any) -> Any:
    """Take Python integers for float64; an integer array is refused by Tensor, as everywhere."""
    return float(x) if isinstance(x, int) and not isinstance(x, bool) else x


def is_nested(args: Sequence[Any]) -> bool:
    """Whether somebody outside may differentiate the derivative again."""
    if not is_recording():
        return False
    if transforms():
        return True
    for x in args:
        if isinstance(x, CONTAINERS):
            if any(isinstance(leaf, Node) and leaf.requires_grad for leaf in flatten(x)[0]):
                return True
        elif isinstance(x, Node) and x.requires_grad:
            return True
    return False


def array_of(x: Any) -> Any:
    """Give the values of a tensor, and of anything else as an array."""
    return x.value if isinstance(x, Node) else plain_array(x)


class Recorded:
    """A function that was called once on variables, ready to be swept as often as one likes.

    Attributes
    ----------
    variables : list of Tensor
        What stood in place of each array to differentiate by.
    structure : Structure
        How those arrays were arranged.
    results : list
        The arrays, tensors and numbers that the function returned.
    arrangement : Structure
        How those were arranged.
    aux : object
        What it returned besides.
    nested : bool
        Whether somebody outside may differentiate the derivative again.
    """

    def __init__(
        self,
        by: Transform,
        variables: list[Tensor],
        structure: Structure,
        results: list[Any],
        arrangement: Structure,
        aux: Any,
        nested: bool,
    ) -> None:
        self.variables, self.structure = variables, structure
        self.results, self.arrangement, self.aux, self.nested = results, arrangement, aux, nested
        self._by = by
        self._warns = bool(variables) and bool(results) and not by.takes_derivatives  # they may be constant
        self._expect(any(isinstance(y, Node) and y.requires_grad for y in results))

    def _expect(self, derivative: bool) -> None:
        """Where no derivative has been found, warn, once, if the results do not depend on the variables."""
        if derivative or not self._warns:
            return
        self._warns = False
        if not any(isinstance(y, Node) and depends(y, self._by.variables) for y in self.results):
            warn(
                f"the function returned {told(self.value())}, which does not depend on what it is "
                "differentiated by, so the derivative is 0; was a value taken out with .data, .detach() or "
                "no_grad?"
            )

    def value(self) -> Any:
        """Give what the function returned: new arrays, or what was recorded if that is nested."""
        if self.nested:
            return self.arrangement.unflatten(self.results)
        return self.arrangement.unflatten([np.array(array_of(y)) for y in self.results])

    def pull(self, cotangents: Sequence[Any], nested: bool) -> list[Any]:
        """Sweep back from a cotangent of each result, or None, to one of each variable."""
        seeds: dict[Node, Any] = {}
        for y, ct in zip(self.results, cotangents):
            if ct is not None and isinstance(y, Node) and y.requires_grad:
                seed = _direction(ct, y, nested)
                seeds[y] = seeds[y] + seed if y in seeds else seed
        found = reverse_sweep(seeds, self.variables, create_graph=nested) if seeds else {}
        self._expect(bool(found) or not seeds)
        return [_derivative(found.get(x), x, nested) for x in self.variables]

    def push(self, tangents: Sequence[Any], nested: bool) -> list[Any]:
        """Sweep on from a tangent of each variable, or None, to one of each result."""
        moving: dict[Node, Any] = {
            x: _direction(t, x, nested) for x, t in zip(self.variables, tangents) if t is not None
        }
        nodes = [y for y in self.results if isinstance(y, Node)]
        found = dict(zip(nodes, forward_sweep(nodes, moving, create_graph=nested)))
        self._expect(not moving or any(t is not None for t in found.values()))
        return [_derivative(found.get(y) if isinstance(y, Node) else None, y, nested) for y in self.results]


def _direction(t: Any, x: Node, nested: bool) -> Any:
    """Prepare a tangent or cotangent of x for a sweep on arrays, or on nodes."""
    if nested and isinstance(t, Node):
        return t if t.dtype == x.dtype else astype(t, x.dtype)
    t = np.asarray(array_of(t), x.dtype)
    return Tensor(t) if nested else t


def _derivative(ct: Any, x: Any, nested: bool) -> Any:
    """Hand out what a sweep found for x: 0 where no path leads, and an array that nobody else holds."""
    if ct is None:
        return np.zeros_like(array_of(x))
    return ct if nested else np.array(array_of(ct))


def numbered(argnums: Any, option: str = "argnums") -> int | tuple[int, ...]:
    """Take the position of an argument, or of several in a list or tuple.

    Raises
    ------
    DtypeError
        Something else.
    """
    wanted = "the position of an argument, or of several"
    if is_sequence(argnums):
        return tuple([whole(i, option, wanted) for i in argnums])
    return whole(argnums, option, wanted)


def chosen(argnums: int | Sequence[int], count: int) -> int | tuple[int, ...]:
    """Count argnums from the front, or refuse them.

    Raises
    ------
    OptionError
        There is no such argument, or one is given twice.
    """
    if not isinstance(argnums, int):
        return places(argnums, count)
    return argnums if 0 <= argnums < count else places((argnums,), count)[0]


def places(numbers: Sequence[int], count: int, option: str = "argnums") -> tuple[int, ...]:
    """Count several positional arguments from the front, or refuse them, as in `chosen`."""
    found = tuple([i + count if i < 0 else i for i in numbers])
    if len(set(found)) < len(found) or any(not 0 <= i < count for i in found):
        raise OptionError(f"{option}={numbers}: wanted different ones of the {count} positional arguments")
    return found


def record(
    f: Function,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    argnums: int | Sequence[int],
    has_aux: bool = False,
    beside: Sequence[Any] = (),
) -> Recorded:
    """Call f with variables in place of the arguments to differentiate by.

    What comes `beside`, tangents, decides with the arguments whether the derivative is recorded.

    Raises
    ------
    OptionError
        `has_aux` is set, and f returns no pair.
    DtypeError
        An array to differentiate by holds integers, booleans or complex numbers, or something in the
        arguments or the result is no array at all; the message says where it stands.
    """
    nested = is_nested(args) or is_nested(beside)
    replaced = list(args)
    variables: list[Tensor] = []
    parts = []
    for i in (argnums,) if isinstance(argnums, int) else argnums:
        x = args[i]
        if type(x) is np.ndarray and x.dtype.kind == "f":  # as most are: in short
            replaced[i] = variable = Tensor(x, requires_grad=True)
            variables.append(variable)
            parts.append(LEAF)
            continue
        leaves, part = flatten(x)
        fresh = _variables(f, i, leaves, part)
        replaced[i] = part.unflatten(fresh)
        variables += fresh
        parts.append(part)
    structure = (
        parts[0] if isinstance(argnums, int) else Structure(tuple, tuple(range(len(parts))), tuple(parts))
    )
    outside, by = transforms(), Transform(variables)
    for transform in outside:
        transform.takes_derivatives = True
    out, aux = apart(f, (*outside, by), None, *replaced, **kwargs), None
    if has_aux:
        out, aux = _pair(out)
        aux = aux if nested else _plain(aux)
    if isinstance(out, Node):
        return Recorded(by, variables, structure, [out], LEAF, aux, nested)
    results, arrangement = flatten(out)
    for y, path in zip(results, arrangement.paths("result")):
        if not isinstance(y, Node) and plain_array(y).dtype.kind not in REAL:
            raise DtypeError(
                f"the function returned {path} = {y!r:.60}, which is no array of real numbers; with "
                "has_aux=True it may return anything beside its value"
            )
    return Recorded(by, variables, structure, results, arrangement, aux, nested)


def _variables(f: Function, argument: int, leaves: list[Any], structure: Structure) -> list[Tensor]:
    """Make the variables of one argument; what stands in a dict or a named tuple is called by its key."""
    variables = []
    for i, (x, name) in enumerate(zip(leaves, structure.names())):
        try:
            variables.append(_variable(x, name))
        except DtypeError as error:
            where = structure.paths(parameter(f, argument))[i]
            if np.asarray(x).dtype.kind in f"c{REAL}":
                raise DtypeError(f"{where}: {error}") from None
            raise DtypeError(
                f"{where} is {x!r:.60}, which is no array of real numbers; keep it out of the arguments to "
                "differentiate by"
            ) from None
    return variables


def parameter(f: Function, i: int) -> str:
    """What f calls its positional argument i."""
    try:
        names = [
            p.name for p in inspect.signature(f).parameters.values() if p.kind <= p.POSITIONAL_OR_KEYWORD
        ]
    except (TypeError, ValueError):
        names = []
    return names[i] if i < len(names) else f"args[{i}]"


def _pair(out: Any) -> Any:
    if isinstance(out, tuple) and len(out) == 2:
        return out
    raise OptionError(
        f"has_aux=True: the function returned {told(out)}; a tuple of two, (value, aux), is wanted"
    )


def _plain(tree: Any) -> Any:
    """Turn the tensors of a container into arrays, and leave everything else as it is."""
    leaves, structure = flatten(tree)
    return structure.unflatten([np.array(x.value) if isinstance(x, Node) else x for x in leaves])


def told(out: Any) -> str:
    """Describe for a message what may be anything."""
    if isinstance(out, CONTAINERS):
        return f"a {name_of(type(out))} of {len(out)}"
    return describe(out) if isinstance(out, Node | np.ndarray) else f"{out!r:.60}"


def fitting(misfit: str, tree: Any, structure: Structure, likes: Sequence[Any], root: str) -> list[Any]:
    """Take a tangent or cotangent apart, and see that each array fits the one it belongs to."""
    leaves = structure.leaves_of(tree, root)
    for i, (t, x) in enumerate(zip(leaves, likes)):
        value = array_of(t)
        if value.dtype.kind not in REAL:
            raise DtypeError(f"{structure.paths(root)[i]} is {t!r:.60}, which is no array of real numbers")
        if value.shape != array_of(x).shape:
            at = "" if structure.kind is None else f", at {structure.paths(root)[i]}"
            raise ShapeError(misfit.format(describe(t), describe(x)) + at)
    return leaves
