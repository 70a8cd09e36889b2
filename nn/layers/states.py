"""The parameters of layers as plain arrays: nested for transforms, or flat by name for files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.graph.dispatch import as_operand, plain_array
from autograd_core.graph.node import Array
from autograd_core.wording.errors import DataError, DtypeError, GraphError, ShapeError, describe
from autograd_core.wording.identifiers import printable
from nn.layers.layer import Layer

__all__ = [
    "Params",
    "assign",
    "check_form",
    "fixed",
    "frozen",
    "gradients",
    "held",
    "load",
    "params",
    "penalised",
    "steered",
]

Params = list[dict[str, Any]]


def params(layers: Sequence[Layer]) -> Params:
    """Take the arrays of all parameters out, one dict for each layer."""
    return [{name: p.data for name, p in layer.named_parameters().items()} for layer in layers]


def gradients(layers: Sequence[Layer]) -> Params:
    """Take the gradients of all parameters out, one dict for each layer."""
    return [{name: _gradient(p) for name, p in layer.named_parameters().items()} for layer in layers]


def frozen(layers: Sequence[Layer]) -> list[tuple[str, ...]]:
    """List the names of the parameters of each layer that training leaves as they are."""
    return [fixed(layer.named_parameters()) for layer in layers]


def fixed(named: Mapping[str, ag.Tensor]) -> tuple[str, ...]:
    """List the names of those that training leaves as they are."""
    return tuple(name for name, parameter in named.items() if not parameter.requires_grad)


def held(new: Params, old: Params, fixed: Sequence[Sequence[str]]) -> Params:
    """Put the old values of frozen parameters in the place of new ones: a rule may move them by itself.

    Examples
    --------
    >>> held([{"W": 1.0, "b": 2.0}], [{"W": 3.0, "b": 4.0}], [["b"]])
    [{'W': 1.0, 'b': 4.0}]
    """
    return [
        {name: before[name] if name in names else value for name, value in own.items()}
        for own, before, names in zip(new, old, fixed, strict=True)
    ]


def steered(layers: Sequence[Layer]) -> Params:
    """Take the gradients out as a rule takes them: zeros for frozen parameters, which have none."""
    return [
        {
            name: _gradient(p) if p.requires_grad else np.zeros_like(p.data)
            for name, p in layer.named_parameters().items()
        }
        for layer in layers
    ]


def assign(layers: Sequence[Layer], new: Params) -> None:
    """Give all parameters new values, in the form of `params`.

    Raises
    ------
    ShapeError, DtypeError
        It has another form; nothing was changed.
    """
    check_form("assign", layers, new)
    changes = [
        (parameter, as_operand(own[name]))
        for layer, own in zip(layers, new, strict=True)
        for name, parameter in layer.named_parameters().items()
    ]
    for parameter, value in changes:
        if value.shape != parameter.shape:
            raise ShapeError(f"assign: a value of shape {value.shape} for {describe(parameter)}")
        if value.dtype != parameter.dtype:
            name = printable(parameter.name)
            raise DtypeError(f"assign: a value of dtype {value.dtype} for {name} of dtype {parameter.dtype}")
    for parameter, value in changes:
        parameter.data = value


def penalised(layers: Sequence[Layer], params: Sequence[Mapping[str, Any]]) -> list[Any]:
    """List those of some parameters, one dict for each layer, that a weight penalty is on."""
    return [
        own[name]
        for layer, own in zip(layers, params, strict=True)
        for name in layer.penalised
        if name in own
    ]


def check_form(caller: str, layers: Sequence[Layer], new: Params) -> None:
    """Refuse parameters that are not one dict for each layer, with its parameters by name.

    Raises
    ------
    ShapeError
    """
    if not isinstance(new, Sequence):
        hint = "; load_state_dict takes them by name" if isinstance(new, Mapping) else ""
        raise ShapeError(
            f"{caller}: parameters are a {type(new).__name__}, but a list with a dict for each layer is "
            f"wanted, as params() returns it{hint}"
        )
    wanted = [[*layer.named_parameters()] for layer in layers]
    found = [sorted(map(str, x)) if isinstance(x, Mapping) else f"a {type(x).__name__}" for x in new]
    if found != [sorted(names) for names in wanted]:
        raise ShapeError(f"{caller}: parameters {found!r:.200} for layers that have {wanted}")


def load(wanted: Mapping[str, ag.Tensor], state: Mapping[str, Any]) -> None:
    """Give named parameters the values of a flat mapping, if all of it fits.

    Raises
    ------
    DataError
        A name is missing or foreign, a shape or dtype differs, or a value is not finite.
    """
    if not isinstance(state, Mapping):
        raise DataError(
            f"a state is a mapping of names to arrays, as state_dict() returns it, not a "
            f"{type(state).__name__}; assign takes what params() returns"
        )
    missing = [name for name in wanted if name not in state]
    foreign = [printable(name) for name in state if name not in wanted]
    if missing or foreign:
        told = [
            f"{', '.join(names)} {what}"
            for names, what in ((missing, "missing"), (foreign, "foreign"))
            if names
        ]
        raise DataError(f"state of another network: {'; '.join(told)}; wanted {', '.join(wanted)}")
    values = {name: _checked(parameter, state[name]) for name, parameter in wanted.items()}
    for name, parameter in wanted.items():
        parameter.data = values[name]


def _checked(parameter: ag.Tensor, value: Any) -> Array:
    """Copy the value of a parameter, if it can be one."""
    new = np.array(plain_array(value))
    if new.shape != parameter.shape or new.dtype != parameter.dtype:
        raise DataError(
            f"{describe(parameter)} and dtype {parameter.dtype} cannot take a value of shape {new.shape} "
            f"and dtype {new.dtype}"
        )
    if not np.isfinite(new).all():
        raise DataError(f"the value for {describe(parameter)} holds {new[~np.isfinite(new)][0]}")
    return new


def _gradient(parameter: ag.Tensor) -> Array:
    if not parameter.requires_grad:
        raise GraphError(f"{describe(parameter)} is frozen (requires_grad is False): it has no gradient")
    if parameter.grad is None:
        raise GraphError(
            f"{describe(parameter)} has no gradient; did the cost depend on it, and was backward() called?"
        )
    return parameter.grad  # type: ignore[no-any-return]
