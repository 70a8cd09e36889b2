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
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_core.graph.declared import (
    checked,
    forward_of,
    operand_names,
    own,
    partials_of,
    rules_of,
    takes_params,
    titled,
)
from autograd_core.graph.dispatch import as_operand, dispatched
from autograd_core.graph.node import Array
from autograd_core.graph.operation import PRIMITIVES, Declaration, Kind, Primitive, Rule
from autograd_core.wording.arguments import function, whole
from autograd_core.wording.errors import OptionError
from autograd_core.wording.notation import SPELL_IT, Notation, applied

__all__ = [
    "PRIMITIVES",
    "Each",
    "Joint",
    "Primitive",
    "Rule",
    "as_operand",
    "bilinear",
    "linear",
    "pointwise",
    "primitive",
    "times",
]


def pointwise(
    *partials: Rule | float | None,
    notation: Notation | None = None,
    flops: int = 1,
    ufunc: np.ufunc | None = None,
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
    ufunc : NumPy ufunc, optional
        The forward, where NumPy has it: called without the detour over the function declared.

    Raises
    ------
    OptionError
        Another operation has that name.

    Examples
    --------
    >>> import autograd_core as ag
    >>> @ag.pointwise(lambda y, x: 3.0 * x * x)
    ... def cube(x):
    ...     return x * x * x
    >>> ag.grad(cube)(2.0)
    array(12.)
    """
    given, flops = partials_of(partials), whole(flops, "pointwise: flops")
    options = {"notation": notation, "flops": flops, "ufunc": ufunc}

    def declare(forward: Rule) -> Rule:
        operands = 0 if takes_params(forward, len(given)) else len(given)
        roles = [f"its partial derivative by argument {i}, in vjp and jvp," for i in range(len(given))]
        seen = [
            checked(forward, role, p, _of_first, spread=True, number=True) for role, p in zip(roles, given)
        ]
        rules = tuple([times(partial, operands) for partial in seen])
        return _enter(
            Declaration(pointwise, given, options, forward),
            "pointwise",
            rules,
            rules,
            notation,
            lambda out, *_, **__: flops * out.size,
            given,
            ufunc,
        )

    return declare


def linear(adjoint: Rule, notation: Notation | None = None) -> Callable[[Rule], Rule]:
    """Declare a linear map of one array, through its adjoint ``adjoint(ct, x, **params)``.

    The adjoint may read the shape of ``x``, never its entries.

    Raises
    ------
    OptionError
        Another operation has that name.

    Examples
    --------
    >>> import autograd_core as ag
    >>> @ag.linear(lambda ct, x: upside_down(ct))
    ... def upside_down(x):
    ...     return x[::-1]
    >>> ag.grad(lambda x: ag.sum(upside_down(x) * np.array([1.0, 2.0])))(np.zeros(2))
    array([2., 1.])
    """
    rules_of("linear: adjoint", [adjoint])

    def declare(forward: Rule) -> Rule:
        seen = checked(forward, "its adjoint, the vjp for argument 0,", adjoint, lambda _ct, x: x.shape)

        def vjp(ct: Any, _out: Any, x: Any, **params: Any) -> Any:
            return seen(ct, x, **params)

        def jvp(t: Any, _out: Any, _x: Any, **params: Any) -> Any:
            return apply(t, **params)

        made = Declaration(linear, (adjoint, notation), {}, forward)
        apply: Rule = _enter(made, "linear", (vjp,), (jvp,), notation, lambda *_, **__: 0)
        return apply

    return declare


def bilinear(
    left: Rule,
    right: Rule,
    notation: Notation | None = None,
    flops: Callable[..., int] | None = None,
) -> Callable[[Rule], Rule]:
    """Declare a map linear in each of two arrays, through both adjoints ``adjoint(ct, a, b, **params)``.

    Raises
    ------
    OptionError
        Another operation has that name.

    Examples
    --------
    >>> import autograd_core as ag
    >>> @ag.bilinear(lambda ct, a, b: ct * b, lambda ct, a, b: ct * a)
    ... def area(a, b):
    ...     return a * b
    >>> ag.grad(area, argnums=(0, 1))(2.0, 3.0)
    (array(3.), array(2.))
    """
    rules_of("bilinear: adjoints", [left, right])
    count = _counting(flops)

    def declare(forward: Rule) -> Rule:
        apply: Rule
        jvps = (
            lambda t, _out, _a, b, **params: apply(t, b, **params),
            lambda t, _out, a, _b, **params: apply(a, t, **params),
        )
        plainly = not takes_params(forward, 2)
        vjps = (
            _without_result(checked(forward, _VJP.format(0), left, lambda _ct, a, _b: a.shape), plainly),
            _without_result(checked(forward, _VJP.format(1), right, lambda _ct, _a, b: b.shape), plainly),
        )
        made = Declaration(bilinear, (left, right, notation, flops), {}, forward)
        apply = _enter(made, "bilinear", vjps, jvps, notation, count)
        return apply

    return declare


def primitive(
    *,
    vjps: Sequence[Rule | None],
    jvps: Sequence[Rule | None],
    notation: Notation | None = None,
    flops: Callable[..., int] | None = None,
    fused: Rule | None = None,
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
    fused : function, optional
        What a program that may round otherwise computes in place of the forward: the same for less.

    Raises
    ------
    OptionError
        Another operation has that name.

    Examples
    --------
    >>> import autograd_core as ag
    >>> @ag.primitive(vjps=[lambda ct, y, x: ct * y], jvps=[lambda t, y, x: t * y])
    ... def growth(x):
    ...     return np.exp(x)
    >>> ag.grad(growth)(0.0)
    array(1.)
    """
    options = {"vjps": vjps, "jvps": jvps, "notation": notation, "flops": flops, "fused": fused}
    count = _counting(flops)
    if isinstance(vjps, Each):  # the engine's own, for any number of arguments
        return lambda forward: _enter(
            Declaration(primitive, (), options, forward), "general", vjps, jvps, notation, count
        )
    pulls, pushes = rules_of("primitive: vjps", vjps), rules_of("primitive: jvps", jvps)
    if len(pulls) != len(pushes):
        raise OptionError(
            f"primitive: {len(pulls)} vjps and {len(pushes)} jvps, wanted one of each for every argument; "
            "None where nothing flows"
        )

    def declare(forward: Rule) -> Rule:
        seen = tuple([checked(forward, _VJP.format(i), f, _shape_of(i)) for i, f in enumerate(pulls)])
        pushed = [checked(forward, _JVP.format(i), f, _of_second, spread=True) for i, f in enumerate(pushes)]
        made = Declaration(primitive, (), options, forward)
        return _enter(made, "general", seen, tuple(pushed), notation, count, fused=fused)

    return declare


_VJP, _JVP = "its vjp rule for argument {}", "its jvp rule for argument {}"


def _of_first(out: Any, *_: Any, **__: Any) -> tuple[int, ...]:
    return out.shape  # type: ignore[no-any-return]


def _of_second(_t: Any, out: Any, *_: Any) -> tuple[int, ...]:
    return out.shape  # type: ignore[no-any-return]


def _shape_of(i: int) -> Callable[..., tuple[int, ...]]:
    return lambda _ct, _out, *args: args[i].shape


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


class Joint(Each):
    """The JVP rules of an operation that is linear in all arguments at once: ``together`` is it itself."""

    def __init__(self, rule: Rule, together: Rule) -> None:
        super().__init__(rule)
        self.together = together


def _counting(flops: Callable[..., int] | None) -> Callable[..., int]:
    return _one_each if flops is None else function(flops, "flops")


def _one_each(out: Array, *_: Any, **__: Any) -> int:
    return int(out.size)


def _without_result(adjoint: Rule, positional_only: bool) -> Rule:
    """The rule of a bilinear operation, whose adjoints do not read the result."""
    if positional_only:  # spelt out because matrix products are called so often
        return lambda ct, _out, a, b: adjoint(ct, a, b)
    return lambda ct, _out, a, b, **params: adjoint(ct, a, b, **params)


def times(partial: Rule | float | None, arguments: int) -> Rule | None:
    """The rule of a pointwise operation: multiply by the partial derivative.

    With one or two arguments and no parameter, as most have, the call is spelt out: it is a hot one.
    """
    if partial is None:
        return None
    if partial == 1:
        return _SAME.get(arguments) or (lambda ct, *_, **__: ct)
    if partial == -1:
        return lambda ct, *_, **__: -ct
    if not callable(partial):
        return lambda ct, *_, **__: ct * partial
    if arguments == 1:
        computed = getattr(partial, "computed", None)
        if computed is not None:  # on arrays at once, without looking at each operand
            return lambda ct, out, x: ct * (computed if type(x) is np.ndarray else partial)(out, x)
        return lambda ct, out, x: ct * partial(out, x)
    if arguments == 2:
        return lambda ct, out, a, b: ct * partial(out, a, b)
    return lambda ct, out, *args, **params: ct * partial(out, *args, **params)


_SAME: dict[int, Rule] = {1: lambda ct, _out, _x: ct, 2: lambda ct, _out, _a, _b: ct}


def _called(name: str, module: str) -> Notation:
    """A call by name; that NumPy's function of the name is the same is known of this package alone."""

    def refused(*_: str, **__: str) -> str:
        raise OptionError(f"source: nothing says how {name} is written in NumPy; {SPELL_IT}")

    found = applied(name)
    return found if module.startswith("autograd_core.") else found._replace(numpy=refused)


def _enter(
    declaration: Declaration,
    kind: Kind,
    vjps: Sequence[Rule | None],
    jvps: Sequence[Rule | None],
    notation: Notation | None,
    flops: Callable[..., int],
    partials: tuple[Rule | float | None, ...] = (),
    ufunc: np.ufunc | None = None,
    fused: Rule | None = None,
) -> Rule:
    """Register a declaration and return the function that people call."""
    forward = declaration.forward
    name, home = titled(forward)
    known = PRIMITIVES.get(name)
    if known is not None and known.home != home:  # running the same cell again may declare it anew
        raise OptionError(f"primitive {name!r} is already declared in {known.home[0]}; choose another name")
    if not isinstance(notation, Notation | None):
        raise OptionError(f"{name}: notation is {notation!r:.60}, wanted a Notation")
    if not isinstance(ufunc, np.ufunc | None):
        raise OptionError(f"{name}: ufunc is {ufunc!r:.60}, wanted a ufunc of NumPy")
    differentiable = isinstance(vjps, Each) or any(vjps)
    operation = Primitive(
        name,
        kind,
        ufunc or forward_of(forward),
        vjps,
        jvps,
        notation or _called(name, home[0]),
        flops,
        home,
        partials,
        differentiable,
        None if own(home) else declaration,
        fused=fused,
    )
    PRIMITIVES[name] = operation
    apply = _function(operation, forward) if own(home) else _through(_Call(operation))
    return _presented(apply, operation, forward)


def _function(operation: Primitive, forward: Rule) -> Rule:
    """The function that applies an operation, under the name of what it declares."""
    rules = operation.vjps
    names = () if isinstance(rules, Each) else operand_names(forward, len(rules))
    return _presented(dispatched(operation, takes_params(forward, len(rules)), names), operation, forward)


def _presented(apply: Rule, operation: Primitive, forward: Rule) -> Rule:
    apply = functools.wraps(forward)(apply)
    apply.__name__ = getattr(forward, "__name__", operation.name)
    apply.primitive = operation  # type: ignore[attr-defined]
    return apply


class _Call:
    """The function that applies a user's operation, made anew where the operation arrives."""

    def __init__(self, operation: Primitive) -> None:
        assert operation.declaration is not None
        self._operation = operation
        self.function = _function(operation, operation.declaration.forward)

    def __reduce__(self) -> Any:
        return _Call, (self._operation,)


def _through(call: _Call) -> Rule:
    """A function that names nothing of this package: cloudpickle would take copies of it along."""
    return lambda *args, **params: call.function(*args, **params)
