"""The record of a declared operation, the registry of them, and how one goes to other processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from autograd_core.wording.errors import GraphError
from autograd_core.wording.notation import Notation

__all__ = ["PRIMITIVES", "Declaration", "Kind", "Primitive", "Rule"]

Rule = Callable[..., Any]
Kind = Literal["pointwise", "linear", "bilinear", "general"]


class Declaration(NamedTuple):
    """What was written to declare an operation, ``by(*given, **options)(forward)``: it can be said again."""

    by: Callable[..., Callable[[Rule], Any]]
    given: tuple[Any, ...]
    options: Mapping[str, Any]
    forward: Rule


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
    home : tuple of str
        Module and name of the function that declares it.
    partials : tuple
        Of a pointwise operation: ``partial(out, *args, **params)``, or a number where it is constant.
    differentiable : bool
        Whether a derivative flows to any argument; not so for comparisons.
    declaration : Declaration or None
        Of what is declared outside this package.
    formula : function or None
        What equations say in its place: ``formula(*args, **params)`` of other operations; see `stated`.
    fused : function or None
        What a program that may round otherwise computes in place of the forward.
    """

    name: str
    kind: Kind
    forward: Rule
    vjps: Sequence[Rule | None]
    jvps: Sequence[Rule | None]
    notation: Notation
    flops: Callable[..., int]
    home: tuple[str, str]
    partials: tuple[Rule | float | None, ...] = ()
    differentiable: bool = True
    declaration: Declaration | None = None
    formula: Rule | None = None
    fused: Rule | None = None

    def __repr__(self) -> str:
        return f"<primitive {self.name}, {self.kind}>"

    def __reduce__(self) -> Any:
        """Pickle by name what every process has, and what a user has declared as what was written."""
        if self.declaration is not None:
            return _declared_again, tuple(self.declaration)
        if PRIMITIVES.get(self.name) is self:
            return _registered, (self.name,)
        raise GraphError(f"{self.name} was not declared, so no process knows it; pickle its function instead")

    def __copy__(self) -> Primitive:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Primitive:
        return self


PRIMITIVES: dict[str, Primitive] = {}


def _registered(name: str) -> Primitive:
    return PRIMITIVES[name]


def _declared_again(*declaration: Any) -> Primitive:
    by, given, options, forward = declaration
    return by(*given, **options)(forward).primitive  # type: ignore[no-any-return]
